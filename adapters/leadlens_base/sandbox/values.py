"""The values that Base's attributes take, beyond the kit's plain ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from leadlens.emulation.checking import Check, integer, maybe, text

_DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
LARGEST_ID: Final = 2**63 - 1

ADDRESS: Final[Mapping[str, Check]] = dict.fromkeys(("line1", "city", "postal_code", "state", "country"), maybe(text))


def an_id(value: Any) -> bool:
    """Accept a positive whole number that a record can have."""
    return integer(value) and 0 < value <= LARGEST_ID


def decimal(value: Any) -> bool:
    """Accept an amount: a decimal string."""
    return text(value) and _DECIMAL.fullmatch(value) is not None


def currency(value: Any) -> bool:
    """Accept three capitals."""
    return text(value) and _CURRENCY.fullmatch(value) is not None


def percentage(value: Any) -> bool:
    """Accept a whole number from 0 to 100."""
    return integer(value) and 0 <= value <= 100


def day(value: Any) -> bool:
    """Accept a date that there is, ``2026-01-31``."""
    return text(value) and _DAY.fullmatch(value) is not None and _exists(value)


def moment(value: Any) -> bool:
    """Accept a date and time of ISO 8601 with its offset, ``2026-01-31T09:00:00Z``."""
    found = _TIME.fullmatch(value) if text(value) else None
    return found is not None and _exists(found[1])


def day_or_moment(value: Any) -> bool:
    """Accept either."""
    return day(value) or moment(value)


def _exists(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def seconds(value: str) -> float:
    """Return a moment in Unix seconds."""
    return datetime.fromisoformat(value.upper()).timestamp()


def one_of(*options: str) -> Check:
    """Accept one of some texts."""
    return lambda value: text(value) and value in options
