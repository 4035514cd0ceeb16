"""Checks of what callers give: each :class:`UsageError` says which argument is wrong, and what would be right.

What cannot be meant is refused here, before the first call: found later, it would break off what is half done.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from leadlens.conversion import ConvertRequest, MatchKey, UpsertRequest
from leadlens.decoding import dumps
from leadlens.errors import UsageError
from leadlens.loss import LossPolicy, Mode
from leadlens.model import Lead
from leadlens.plain import to_plain

_T = TypeVar("_T")


def text(name: str, value: Any, example: str) -> str:
    """Return a text that is not empty and can be written."""
    if not isinstance(value, str) or not value or not _is_utf8(value):
        raise UsageError(f"{name}: expected a text that is not empty, such as {example}")
    return value


def _is_utf8(value: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def one_of(name: str, value: Any, kind: type[_T]) -> _T:
    """Return an object of a class of leadlens."""
    if not isinstance(value, kind):
        raise UsageError(f"{name}: expected a {kind.__name__}, not a {type(value).__name__}")
    return value


def seconds(name: str, value: Any, *, more: bool = False) -> float:
    """Return a number of seconds: 0 or more, or with ``more`` more than that."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or value < 0 or (more and value == 0):
        raise UsageError(f"{name}: expected a number of seconds, {'more than 0' if more else '0 or more'}")
    return float(value)


def policy(on_loss: Mode, allow: Any) -> LossPolicy:
    """Return what is to be done about losses; a text in place of a list is one entry."""
    if not isinstance(allow, Iterable):
        raise UsageError('allow: expected a list of paths and reason:CODE, such as ["deal.stage"]')
    entries = (allow,) if isinstance(allow, str) else tuple(allow)
    if not all(isinstance(entry, str) for entry in entries):
        raise UsageError('allow: expected texts in the list, such as "deal.stage"')
    return LossPolicy(on_loss, entries)


def key(value: Any) -> str | None:
    """Return an idempotency key, if there is one."""
    return None if value is None else text("idempotency_key", value, "'order-1203'")


def file(name: str, value: Any) -> Path:
    """Return the path of a file that is there, or can be."""
    if not isinstance(value, str | Path) or not str(value) or Path(value).is_dir():
        raise UsageError(f"{name}: expected the path of a file")
    return Path(value)


def lead_of(request: Any, lead: Any = None) -> str:
    """Return which lead a conversion is of; ``lead``, where it is given, must be that one."""
    asked = one_of("request", request, ConvertRequest).lead_id
    if asked is None:
        raise UsageError("say which lead to convert: ConvertRequest(lead_id=…)")
    text("lead_id", asked, "'1203'")
    dumps(to_plain(request))  # what cannot be written is found before the first call
    if lead is not None and one_of("lead", lead, Lead).id not in (None, asked):
        raise UsageError("lead: it is another lead than the request's, going by its id")
    return asked


def upsert(request: Any) -> UpsertRequest:
    """Return the request of an upsert."""
    match = one_of("request", request, UpsertRequest).match
    if not isinstance(match, tuple | list) or not all(isinstance(one, MatchKey) for one in match):
        raise UsageError('match: expected a tuple of keys, such as (MatchKey(field="email"),)')
    dumps(to_plain(request))
    found: UpsertRequest = request
    return found


def sandbox(value: Any) -> Any:
    """Return a sandbox."""
    if not all(hasattr(value, name) for name in ("clock", "root", "session", "app")):
        raise UsageError(f"sandbox: expected a leadlens.Sandbox, not a {type(value).__name__}")
    return value
