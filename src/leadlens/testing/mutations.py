"""Changed wire objects: one claimed leaf says something else, or keys are added that nobody knows."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

import attrs
from hypothesis import strategies as st

from leadlens.codecs import Doubt, Unfit
from leadlens.crosswalk import Crosswalk, Field, Path, Rest, Row, Variant, join_path
from leadlens.strategies import fitting
from leadlens.testing import interpreter
from leadlens.testing.compare import same_json
from leadlens.testing.interpreter.paths import parse_path

Draw: TypeAlias = st.DrawFn | Callable[[st.SearchStrategy[Any]], Any]


@attrs.frozen
class Mutation:
    """A wire object of which one leaf was changed, and which."""

    wire: Any
    told: str


@attrs.frozen
class Additions:
    """A wire object with keys that nobody knows, and their paths as people see them."""

    wire: Any
    paths: tuple[str, ...]


def _clone(wire: Any) -> Any:
    """Return JSON of one's own."""
    if wire.__class__ is dict:
        return {key: _clone(value) for key, value in wire.items()}
    return [_clone(item) for item in wire] if wire.__class__ is list else wire


# --- unknown keys ---------------------------------------------------------------------------------------------------

_NAMES = ("zz_unknown", "unknown key", "ünknown", "$odd", "0")
_SAID: tuple[Any, ...] = (1, "a", True, {"a": 1}, [1], 0, "", None)
_UNKNOWN = st.sampled_from(list(itertools.product(_NAMES, _SAID)))


def unknown_keys(crosswalk: Crosswalk, wire: Any, draw: Draw) -> Additions:
    """Return the wire object with one or two unknown keys somewhere."""
    changed = _clone(wire)
    places = list(_objects(crosswalk, changed, "$"))
    paths: dict[str, None] = {}
    for _ in range(draw(_TWICE) if places else 0):
        shown, node, rest = places[draw(st.integers(0, len(places) - 1))]
        key, said = draw(_UNKNOWN)
        if rest is None or (rest.pattern and not re.match(rest.pattern, key)):
            node[key] = _clone(said)
            paths[f"{shown}.{key}"] = None
    return Additions(changed, tuple(paths))


_TWICE = st.sampled_from([1, 2])


def _objects(crosswalk: Crosswalk, wire: Any, at: str) -> Iterator[tuple[str, dict[str, Any], Rest | None]]:
    """Yield every object that decode reads into, with its path and the row that takes its free keys.

    The named calls of an exchange are leadlens' own; nobody else writes keys there.
    """
    reader = interpreter.Reader(crosswalk, wire, at, "")
    free = interpreter.rests(crosswalk)
    for path in _ordered(crosswalk):
        found = reader.value(path)
        if found.__class__ is dict and (len(path) > 1 or not crosswalk.calls):
            yield reader.where(path), found, free.get(path)
    for _, row, path in _fields(reader, crosswalk.model, crosswalk.rows, ""):
        record, found = row.codec.record, reader.value(path)
        if record is not None and found is not None:
            for below, item in _items(row, found):
                yield from _objects(record, item, reader.where(path) + below)


@functools.cache
def _ordered(crosswalk: Crosswalk) -> tuple[Path, ...]:
    return tuple(sorted(interpreter.objects(crosswalk), key=repr))


def _items(row: Field, found: Any) -> Iterator[tuple[str, Any]]:
    if found.__class__ is not list:
        yield "", found
        return
    for place, item in enumerate(found):
        if row.codec.skip is None or item.get(row.codec.skip) is not None:
            yield f"[{place}]", item


_Found: TypeAlias = tuple[type, Field, Path]


def _fields(reader: interpreter.Reader, model: type, rows: tuple[Row, ...], base: str) -> Iterator[_Found]:
    """Yield the fields that are read, of variants those of the case that the wire tells: class, row and first path."""
    for row in rows:
        if isinstance(row, Field) and row.access != "write":
            yield model, row, parse_path(join_path(base, row.wire[0]))
        elif isinstance(row, Variant):
            here = join_path(base, row.wire)
            arm = next((arm for arm in row.cases if reader.meets(arm, here)), None)
            yield from _fields(reader, arm.member, arm.rows, here) if arm is not None else ()


# --- one leaf -------------------------------------------------------------------------------------------------------


def changed_leaf(crosswalk: Crosswalk, wire: Any, draw: Draw) -> Mutation | None:
    """Return the wire object with one leaf that a row reads saying something else; None without such a leaf.

    One of several keys of a row may say nothing as long as another one is missing: a currency without its amount.
    """
    changed = _clone(wire)
    leaves = list(_leaves(crosswalk, changed))
    if not leaves:
        return None
    leaf = leaves[draw(st.integers(0, len(leaves) - 1))]
    node, key = leaf.holder, leaf.key
    before, after = node[key], draw(_pool(json.dumps(leaf.schema)))
    mute = leaf.is_mute()
    node[key] = _clone(after)
    if says_same(essence(before, leaf.schema), essence(after, leaf.schema)) or (mute and leaf.is_mute()):
        return None
    return Mutation(changed, f"{key!r}: {before!r} → {after!r} in {wire!r}")


def private_leaf(crosswalk: Crosswalk, wire: Any, draw: Draw) -> Any:
    """Return the wire object with a text at one leaf that no error may quote."""
    return spoiled_leaf(crosswalk, wire, draw, _PRIVATE)


def spoiled_leaf(crosswalk: Crosswalk, wire: Any, draw: Draw, wrong: st.SearchStrategy[Any] | None = None) -> Any:
    """Return the wire object with one leaf that is of the wrong kind, for most rows."""
    spoiled = _clone(wire)
    leaves = list(_leaves(crosswalk, spoiled))
    if leaves:
        leaf = leaves[draw(st.integers(0, len(leaves) - 1))]
        leaf.holder[leaf.key] = _clone(draw(_WRONG if wrong is None else wrong))
    return spoiled


PRIVATE = "no such thing"
"""What a spoiled leaf may say: no error quotes it."""
_PRIVATE = st.just(PRIVATE)
_WRONG = st.sampled_from([7.5, PRIVATE, True, [1], {"a": 1}, [], {}, -1])


@functools.cache
def _pool(schema: str) -> st.SearchStrategy[Any]:
    return fitting(json.loads(schema))


@attrs.frozen
class _Leaf:
    """A key that is given and read: the object that holds it, what may stand there, and the other keys of its row."""

    holder: Any
    key: Any
    schema: Any
    model: type
    row: Field
    wires: Callable[[], list[Any]]

    def is_mute(self) -> bool:
        """Tell whether the row says nothing, for want of another key."""
        wires = self.wires()
        if len(wires) == 1 or None not in wires:
            return False
        beside = [] if self.row.beside is None else [attrs.fields_dict(self.model)[self.row.beside].default]
        try:
            return self.row.codec.decode(*wires, *beside) is None
        except (Doubt, Unfit):
            return False


def _leaves(crosswalk: Crosswalk, wire: Any) -> Iterator[_Leaf]:
    """Yield every leaf that is given and read."""
    reader = interpreter.Reader(crosswalk, wire, "$", "")
    for model, row, first in _fields(reader, crosswalk.model, crosswalk.rows, ""):
        if row.codec.record is not None:
            found = reader.value(first)
            for _, item in _items(row, found) if found is not None else ():
                yield from _leaves(row.codec.record, item)
            continue
        base = first[: len(first) - len(parse_path(row.wire[0]))]
        schemas = row.codec.schema if isinstance(row.codec.schema, tuple) else (row.codec.schema,)
        paths = [(*base, *parse_path(key)) for key in row.wire]
        wires = functools.partial(_values_at, reader, paths)
        for path, schema in zip(paths, schemas, strict=True):
            if reader.value(path) is not None and schema != {"type": "null"}:
                yield _Leaf(reader.value(path[:-1]), path[-1], schema, model, row, wires)


def _values_at(reader: interpreter.Reader, paths: list[Path]) -> list[Any]:
    return [reader.value(path) for path in paths]


def essence(wire: Any, schema: Any) -> Any:
    """Return a wire value without the keys that its schema names as left out."""
    if isinstance(wire, list):
        items = [essence(item, schema.get("items", {})) for item in wire]
        return sorted(items, key=repr) if schema.get("uniqueItems") else items
    if not isinstance(wire, dict):
        return wire
    inner = [schema, *schema.get("anyOf", ())]
    left_out = [
        pattern for one in inner for pattern, told in one.get("patternProperties", {}).items() if told is not True
    ]
    known = {key: below for one in inner for key, below in one.get("properties", {}).items()}
    kept = {k: v for k, v in wire.items() if v is not None and not any(re.search(p, k) for p in left_out)}
    return {key: essence(value, known.get(key, {})) for key, value in kept.items()}


def says_same(left: Any, right: Any) -> bool:
    """Tell whether two wire values of one key are spellings of the same thing: a number, a point in time, an id."""
    if same_json(left, right):
        return True
    return any(_equal(meaning, left, right) for meaning in (_number, _instant))


def _equal(meaning: Any, left: Any, right: Any) -> bool:
    return meaning(left) is not None and meaning(left) == meaning(right)


def _number(wire: Any) -> Decimal | None:
    if isinstance(wire, bool) or not isinstance(wire, int | float | str | Decimal):
        return None
    try:
        return Decimal(str(wire))
    except InvalidOperation:
        return None


def _instant(wire: Any) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(wire)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)
