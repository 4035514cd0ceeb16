"""What values a write takes: categories, nested objects, days. Source: introduction/appendix.html and the samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, integer, many, maybe, problems, text


def ident(value: Any) -> bool:
    """Accept a record id."""
    return integer(value) and value > 0


def one_of(*options: str) -> Check:
    """Accept one of some words."""
    return lambda value: isinstance(value, str) and value in options


def between(low: int, high: int) -> Check:
    """Accept a whole number within bounds."""
    return lambda value: integer(value) and low <= value <= high


def either(*checks: Check) -> Check:
    """Accept what any of the checks accepts."""
    return lambda value: any(check(value) for check in checks)


def closed(fields: Mapping[str, Check], required: Iterable[str] = ()) -> Check:
    """Accept an object that has only these keys, with fitting values, and the required ones."""
    needed = tuple(required)
    return lambda value: isinstance(value, dict) and next(problems(value, fields, needed), None) is None


def ident_or_digits(value: Any) -> bool:
    """Accept an id, or its digits as a text, as a company's ``primary_contact_id`` is in the published sample."""
    return ident(value) or (isinstance(value, str) and re.fullmatch(r"[1-9]\d{0,17}", value, re.ASCII) is not None)


def day(value: Any) -> bool:
    """Accept ``1/23/2026`` or ``23/1/2026``; which of them is right is the account's business."""
    return isinstance(value, str) and re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", value, re.ASCII) is not None


def https(value: Any) -> bool:
    """Accept an https address."""
    return (
        isinstance(value, str) and re.fullmatch(r"https://[^\s/?#\"<>\\^`{|}\[\]]+[^\s\"<>\\^`{|}]*", value) is not None
    )


_HTTPS: Final = re.compile(r"https://[^\s/?#\"<>\\^`{|}\[\]]+[^\s\"<>\\^`{|}]*")
ADDRESS_KEYS: Final = ("street", "city", "state", "postal_code", "country")
_PHONES: Final = one_of("mobile", "work", "home", "other")
_PLACES: Final = one_of("work", "personal", "other")
_NETWORKS: Final = one_of(
    "linkedin", "twitter", "googleplus", "facebook", "youtube", "quora", "foursquare", "klout", "gravatar", "other"
)

ADDRESS: Final = closed(dict.fromkeys(ADDRESS_KEYS, maybe(text)))
EMAIL: Final = closed({"email": text, "category": maybe(_PLACES)}, ("email",))
PHONE: Final = closed({"number": text, "category": maybe(_PHONES)}, ("number",))
WEBSITE: Final = closed({"url": text, "category": maybe(_PLACES)}, ("url",))
SOCIAL: Final = closed({"url": text, "category": maybe(_NETWORKS)}, ("url",))
RELATED: Final = closed(
    {
        "id": maybe(ident),
        "type": maybe(one_of("lead", "person", "company", "opportunity", "project", "task")),
    }
)
TEXTS: Final = many(text)
