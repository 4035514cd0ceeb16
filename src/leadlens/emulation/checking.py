"""Strict reading of what a client sent: a table of keys and checks, and what does not fit it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

import attrs

Check: TypeAlias = Callable[[Any], bool]


@attrs.frozen
class Problem:
    """One key that does not fit: not known, of another type, or not given."""

    key: str
    reason: Literal["unknown", "type", "missing"]


def problems(value: Mapping[str, Any], fields: Mapping[str, Check], required: Iterable[str] = ()) -> Iterator[Problem]:
    """Yield what of an object does not fit the table, in the order of the object, then what is missing."""
    for key, inner in value.items():
        if key not in fields:
            yield Problem(key, "unknown")
        elif not fields[key](inner):
            yield Problem(key, "type")
    yield from (Problem(key, "missing") for key in required if value.get(key) in (None, ""))  # a list cannot be hashed


def text(value: Any) -> bool:
    """Accept a text."""
    return isinstance(value, str)


def flag(value: Any) -> bool:
    """Accept true and false."""
    return isinstance(value, bool)


def integer(value: Any) -> bool:
    """Accept a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def number(value: Any) -> bool:
    """Accept any number."""
    from decimal import Decimal

    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def obj(value: Any) -> bool:
    """Accept an object."""
    return isinstance(value, dict)


def anything(value: Any) -> bool:  # noqa: ARG001  # a check of the same form as the others
    """Accept all."""
    return True


def maybe(check: Check) -> Check:
    """Accept null too."""
    return lambda value: value is None or check(value)


def many(check: Check) -> Check:
    """Accept a list of what the check accepts."""
    return lambda value: isinstance(value, list) and all(map(check, value))
