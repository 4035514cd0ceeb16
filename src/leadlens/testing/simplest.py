"""Makes a case smaller by hand: Hypothesis chooses from pools of samples, and gets stuck between two of them."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import attrs

_TRIES = 1_000
_PLAIN: dict[type, Any] = {
    str: "a", int: 1, float: 1.5, Decimal: Decimal(1), dt.date: dt.date(2026, 1, 31),
    dt.datetime: dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC),
}  # fmt: skip


def simplest(value: Any, is_broken: Callable[[Any], bool]) -> Any:
    """Return a smaller value that is still broken, as small as single steps lead to."""
    left = _TRIES
    while left:
        for candidate in _smaller(value):
            left -= 1
            if is_broken(candidate):
                value = candidate
                break
            if not left:
                return value
        else:
            return value
    return value


def _smaller(value: Any) -> Iterator[Any]:
    """Yield values that are one step smaller, the greatest steps first."""
    if attrs.has(value.__class__):
        yield from _of_object(value)
    elif isinstance(value, tuple | list):
        yield from (_replaced(value, place) for place in range(len(value)))
        yield from (_replaced(value, place, less) for place, item in enumerate(value) for less in _smaller(item))
    elif isinstance(value, dict):
        yield from ({k: v for k, v in value.items() if k != key} for key in value)
        yield from ({**value, key: less} for key, item in value.items() for less in _smaller(item))
    elif value.__class__ in _PLAIN and value != _PLAIN[value.__class__]:
        yield _PLAIN[value.__class__]


def _replaced(value: Any, place: int, *by: Any) -> Any:
    return value.__class__([*value[:place], *by, *value[place + 1 :]])


def _of_object(value: Any) -> Iterator[Any]:
    fields = [field for field in attrs.fields(value.__class__) if getattr(value, field.name) != field.default]
    for field in fields:
        yield from _changed(value, field.name, field.default) if field.default is not attrs.NOTHING else ()
    for field in fields:
        for less in _smaller(getattr(value, field.name)):
            yield from _changed(value, field.name, less)


def _changed(value: Any, name: str, now: Any) -> Iterator[Any]:
    """Yield the object with one attribute changed, if it can be that."""
    with contextlib.suppress(ValueError, TypeError):
        yield attrs.evolve(value, **{name: now})
