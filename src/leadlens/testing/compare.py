"""What differs between two neutral values, found without asking the engine; and what only one side writes."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

from leadlens.crosswalk import Access, Crosswalk, Field, Row, Variant
from leadlens.loss import covers
from leadlens.model import Ref

_NUMBERS = (int, float, Decimal)


def difference(left: Any, right: Any, *, lost: frozenset[str] = frozenset(), labels: bool = False) -> list[str]:
    """Return the neutral paths at which two values differ: ``deal.pipeline``, ``phones[1].number``.

    Different members of a union are one difference, at the union's path; tuples of different length differ at the
    tuple's path; references that name different things differ in their ids, or else their names.
    ``lost`` holds paths of items that are known to be lost: the others are then compared in order.
    With ``labels`` the names of references count too.
    """
    return list(_differ(left, right, "", lost, labels))


@functools.cache
def _names(cls: type) -> tuple[str, ...]:
    """Return the names of a neutral class's attributes; none of any other class."""
    return tuple(a.name for a in attrs.fields(cls)) if attrs.has(cls) else ()


def _differ(left: Any, right: Any, path: str, lost: frozenset[str], labels: bool) -> Iterator[str]:
    if left is right:
        return
    if left.__class__ is Ref and right.__class__ is Ref and not labels:
        yield from () if left == right else (f"{path}.{'name' if left.id == right.id else 'id'}",)
    elif left.__class__ is right.__class__ and _names(left.__class__):
        for name in _names(left.__class__):
            one, other = getattr(left, name), getattr(right, name)
            if one is not other:
                yield from _differ(one, other, f"{path}.{name}" if path else name, lost, labels)
    elif isinstance(left, tuple | list) and isinstance(right, tuple | list):
        yield from _differ_in_items(list(left), list(right), path, lost, labels)
    elif isinstance(left, dict) and isinstance(right, dict):
        for key in {**left, **right}:
            yield from _differ(left.get(key, Ellipsis), right.get(key, Ellipsis), f"{path}.{key}", lost, labels)
    elif not _same_scalar(left, right):
        yield path


def _differ_in_items(left: list[Any], right: list[Any], path: str, lost: frozenset[str], labels: bool) -> Iterator[str]:
    ways = [
        [found for place, item in zip(places, right, strict=True)
         for found in _differ(left[place], item, f"{path}[{place}]", lost, labels)]
        for places in _kept(len(left), len(right), path, lost)
    ]  # fmt: skip
    yield from min(ways, key=len, default=[path])


def _kept(before: int, after: int, path: str, lost: frozenset[str]) -> Iterator[tuple[int, ...]]:
    """Yield the ways to choose the places of the items that are left, leaving out only items known to be lost."""
    for gone in itertools.combinations([n for n in range(before) if f"{path}[{n}]" in lost], max(before - after, 0)):
        kept = tuple(place for place in range(before) if place not in gone)
        if len(kept) == after:
            yield kept


def _same_scalar(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, _NUMBERS) and isinstance(right, _NUMBERS):
        return bool(left == right)
    return left.__class__ is right.__class__ and bool(left == right)


def same_json(left: Any, right: Any) -> bool:
    """Compare JSON by type too, all the way down: True is not 1, and 1 is not 1.0."""
    if left.__class__ is not right.__class__:
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same_json(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same_json, left, right))
    return bool(left == right)


def changed(left: Any, right: Any, path: str = "$") -> Iterator[str]:
    """Yield what became of each part of a JSON value that is not the same in another."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in {**left, **right}:
            yield from changed(left.get(key, "(nothing)"), right.get(key, "(nothing)"), f"{path}.{key}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for place, (before, after) in enumerate(zip(left, right, strict=True)):
            yield from changed(before, after, f"{path}[{place}]")
    elif not same_json(left, right):
        yield f"{path}: {left!r} → {right!r}"


# --- paths that only one side writes ---------------------------------------------------------------------------------


def within(path: str, prefixes: frozenset[str] | set[str]) -> bool:
    """Tell whether a path, its list places left out, is one of ``prefixes`` or below one."""
    bare = re.sub(r"\[\d+\]", "", path)
    return any(covers(prefix, bare) for prefix in prefixes)


@functools.cache
def unreadable(crosswalk: Crosswalk) -> frozenset[str]:
    """Return the neutral paths that are written and never read back."""
    return frozenset(_of_access(crosswalk.rows, "", "write"))


@functools.cache
def read_only(crosswalk: Crosswalk) -> frozenset[str]:
    """Return the neutral paths that are read and that a client may not write."""
    return frozenset(_of_access(crosswalk.rows, "", "read"))


def _of_access(rows: tuple[Row, ...], prefix: str, access: Access) -> Iterator[str]:
    for row in rows:
        if isinstance(row, Field):
            for name in row.neutral:
                if row.access == access:
                    yield prefix + name
                elif row.codec.record is not None:
                    yield from _of_access(row.codec.record.rows, f"{prefix}{name}.", access)
        elif isinstance(row, Variant):
            for arm in row.cases:
                yield from _of_access(arm.rows, f"{prefix}{row.neutral}.", access)


def brief(value: Any) -> str:
    """Return the source of a value, with nothing in it that was not given."""
    if attrs.has(value.__class__):
        given = {a.name: getattr(value, a.name) for a in attrs.fields(value.__class__)}
        defaults = {a.name: a.default for a in attrs.fields(value.__class__)}
        said = (f"{name}={brief(item)}" for name, item in given.items() if item is None or item != defaults[name])
        return f"{value.__class__.__name__}({', '.join(x for x in said if not x.endswith('=None'))})"
    if isinstance(value, tuple):
        return f"({', '.join(map(brief, value))}{',' * (len(value) == 1)})"
    return repr(value)
