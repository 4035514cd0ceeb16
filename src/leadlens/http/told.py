"""What a reply says about when to come back (RFC 9110, Retry-After: seconds, or a date)."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

from leadlens.flow import Reply


def retry_after(reply: Reply, wall: float) -> float | None:
    """Return the seconds that Retry-After asks for; None where it says nothing that can be meant.

    A date counts from the reply's own Date, so that the CRM's clock may be wrong; without one, from ``wall``, our
    calendar in seconds since 1970. One that has passed is 0.0.
    """
    if reply.retry_after is not None:
        return reply.retry_after
    until = _instant(reply.headers.get("retry-after", ""))
    if until is None:
        return None
    since = _instant(reply.headers.get("date", ""))
    return max(until - (wall if since is None else since), 0.0)


def _instant(text: str) -> float | None:
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=found.tzinfo or dt.UTC).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def skew(reply: Reply, wall: float) -> float | None:
    """Return how many seconds the clock of whoever sent a reply is ahead of ours; None where it does not tell."""
    told = _instant(reply.headers.get("date", ""))
    return None if told is None else told - wall
