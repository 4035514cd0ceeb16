"""Ids of Base's records, where they go into a path or a filter."""

from __future__ import annotations

import re

from leadlens.errors import UsageError


def checked(identity: str) -> str:
    """Return an id; raises :class:`UsageError` for what cannot be one in Base, or is one in another spelling."""
    if not isinstance(identity, str) or not re.fullmatch("[1-9][0-9]{0,18}", identity):
        raise UsageError("an id of Base's is a whole number, given as a text of digits, such as '1203'")
    return identity
