"""Crosswalk → wire objects that its ``decode`` takes, built row by row, never by trial."""

from __future__ import annotations

import contextlib
import copy
import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from leadlens.codecs import Codec, Doubt, Unfit
from leadlens.crosswalk import (
    GONE,
    NULL,
    PRESENT,
    Case,
    Constant,
    Crosswalk,
    Derived,
    Field,
    Ignored,
    Path,
    Rest,
    Row,
    Variant,
    join_path,
    parse_path,
    row_wire,
    same_literal,
)
from leadlens.model import JSON
from leadlens.strategies._json import ANY_JSON, schema_pool
from leadlens.strategies._pools import ABSENT, Chooser, Pool, Slot, Slots, either, made_by, single

_NULL = Pool([(None,)])
_GIVEN = Pool((True, True, True, None, ABSENT, ABSENT))
_SOME_TEXT = Pool(["a", "b"])


def look(wire: JSON, path: Path) -> JSON:
    """Return what stands at a path: None for null and nothing, ABSENT where the last key is not there."""
    for place, part in enumerate(path):
        if isinstance(part, int):
            wire = wire[part] if wire.__class__ is list and len(wire) > part else None
        elif wire.__class__ is dict:
            wire = wire.get(part, ABSENT if place == len(path) - 1 else None)
        else:
            return ABSENT
    return wire


def put(wire: JSON, path: Path, value: JSON) -> None:
    """Set what stands at a path, making the objects and lists around it."""
    for part, below in zip(path, (*path[1:], ""), strict=True):
        if isinstance(part, int):
            wire.extend({} for _ in range(part + 1 - len(wire)))
        if len(path) == 1:
            wire[part] = value
            return
        child = wire[part] if isinstance(part, int) else wire.get(part)
        if child.__class__ not in (dict, list):
            child = [] if isinstance(below, int) else {}
            wire[part] = child
        wire, path = child, path[1:]


def drop(wire: JSON, path: Path) -> None:
    """Remove the key at a path, if it is there."""
    if look(wire, path) is not ABSENT:
        look(wire, path[:-1]).pop(path[-1], None)


class _Free:
    """The place of the keys that a ``rest`` row takes."""

    def __init__(self, row: Rest, path: Path, claims: set[Path]) -> None:
        self.path = path
        self.fits = re.compile(row.pattern).match
        self.known = {claim[len(path)] for claim in claims if len(claim) > len(path) and claim[: len(path)] == path}

    def put(self, wire: JSON, extra: dict[str, JSON]) -> None:
        """Add the keys that the row takes."""
        for key, value in extra.items():
            if key not in self.known and self.fits(key):
                put(wire, (*self.path, key), value)


def value_pool(codec: Codec, schema: JSON) -> Pool:
    """Return the pool of what one wire key of a codec holds (null left out)."""
    if codec.record is None:
        return schema_pool(schema)
    inner = plan(codec.record)
    if codec.shape != "each":
        return made_by(codec.record.name, inner.draw)
    sizes = Pool((1, 2, 0, 3, 2))
    item = made_by(codec.record.name, inner.draw)
    return made_by(codec.name, lambda chooser: [chooser.choose(item) for _ in range(chooser.choose(sizes))])


def field_pool(model: type, row: Field) -> Pool:
    """Return the pool of what the wire keys of a row hold together, as tuples; some of them null or absent.

    Keys that do not go together (a name to match by, and nothing that has it) are left out.
    """
    schemas = row.codec.schema if isinstance(row.codec.schema, tuple) else (row.codec.schema,)
    pools = [value_pool(row.codec, schema) for schema in schemas]
    if len(pools) == 1:
        return either(pools[0].but(single), _NULL)

    def make(chooser: Chooser) -> Any:
        given = [chooser.choose(_GIVEN) for _ in pools]
        found = tuple(chooser.choose(p) if there is True else there for p, there in zip(pools, given, strict=True))
        return found if _go_together(row, found, *beside) else ABSENT

    beside = () if row.beside is None else (getattr(attrs.fields(model), row.beside).default,)
    return made_by(repr(row.wire), make, 24)


def _go_together(row: Field, found: tuple[JSON, ...], *beside: Any) -> bool:
    wires = [None if wire is ABSENT else wire for wire in found]
    with contextlib.suppress(Doubt):
        try:
            row.codec.decode(*wires, *beside)
        except Unfit:
            return False
    return True


# --- rows ----------------------------------------------------------------------------------------------------------


class _Key:
    """The place of one wire key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, wire: JSON, value: JSON) -> None:
        """Set the key."""
        put(wire, self.path, value)


class _Rows:
    """Rows that are read together: those of a crosswalk, or of one case of a variant."""

    def __init__(self, model: type, rows: Iterable[Row], base: str, claims: set[Path]) -> None:
        self.model = model
        self.solid: dict[Path, Pool] = {}
        self.variants: list[_Cases] = []
        self.slots = Slots([slot for row in rows for slot in self._row(row, base, claims)])

    def _row(self, row: Row, base: str, claims: set[Path]) -> Iterator[Slot]:
        if isinstance(row, Variant):
            self.variants.append(_Cases(row, base, claims))
        elif isinstance(row, Rest):
            path = parse_path(join_path(base, row.wire))
            yield Slot((_Free(row, path, claims),), schema_pool(row.codec.schema).but(single))
        elif isinstance(row, Field):
            yield Slot(tuple(map(_Key, self._solid(row, base))), field_pool(self.model, row))
        elif isinstance(row, Constant | Derived | Ignored) and row.wire is not None:
            yield Slot((_Key(parse_path(join_path(base, row.wire))),), _said(row))

    def _solid(self, row: Field, base: str) -> list[Path]:
        """Remember the pools of the row's keys, for guards that want one to be there; return the paths."""
        paths = [parse_path(join_path(base, key)) for key in row.wire]
        schemas = row.codec.schema if isinstance(row.codec.schema, tuple) else (row.codec.schema,)
        self.solid |= {path: value_pool(row.codec, schema) for path, schema in zip(paths, schemas, strict=True)}
        return paths

    def fill(self, chooser: Chooser, wire: JSON) -> None:
        """Put some of the rows' keys into the wire object."""
        for key, value in self.slots.draw(chooser):
            key.put(wire, value)
        for cases in self.variants:
            cases.fill(chooser, wire)


def _said(row: Constant | Derived | Ignored) -> Pool:
    if isinstance(row, Constant):
        return Pool([(row.value,), (row.value,), (None,)])
    return either((schema_pool(row.codec.schema) if isinstance(row, Derived) else ANY_JSON).but(single), _NULL)


# --- variants ------------------------------------------------------------------------------------------------------


def meets(wire: JSON, arm: Case, here: str) -> bool:
    """Tell whether the wire object meets every guard of a case."""
    return all(_meets(wire, _paths(key, here), condition) for key, condition in arm.guards.items())


def _paths(key: str | tuple[str, ...], here: str) -> list[Path]:
    return [parse_path(join_path(here, name)) for name in ((key,) if isinstance(key, str) else key)]


def _meets(wire: JSON, paths: list[Path], condition: object) -> bool:
    found = [look(wire, path) for path in paths]
    if condition is PRESENT:
        return any(value is not None and value is not ABSENT for value in found)
    if condition is GONE:
        return all(value is None or value is ABSENT for value in found)
    return all(value is None if condition is NULL else same_literal(value, condition) for value in found)


class _Cases:
    """A variant: one case is chosen, its rows are filled, and its guards are met."""

    def __init__(self, row: Variant, base: str, claims: set[Path]) -> None:
        self.here = join_path(base, row.wire)
        self.arms = [(arm, _Rows(arm.member, arm.rows, self.here, claims)) for arm in row.cases]
        self.places = Pool(range(len(self.arms)))

    def fill(self, chooser: Chooser, wire: JSON) -> None:
        """Fill the chosen case; where an earlier case takes what came of it, fill that one instead."""
        place, first = chooser.choose(self.places), -1
        before = copy.deepcopy(wire)
        while first != place:
            place = place if first == -1 else first
            wire.clear()
            wire.update(copy.deepcopy(before))
            self._fill(chooser, wire, place)
            first = next(i for i, (arm, _) in enumerate(self.arms) if meets(wire, arm, self.here))

    def _fill(self, chooser: Chooser, wire: JSON, place: int) -> None:
        arm, rows = self.arms[place]
        rows.fill(chooser, wire)
        for key, condition in arm.guards.items():
            paths = _paths(key, self.here)
            if condition is PRESENT and not _meets(wire, paths, PRESENT):
                path = paths[0] if len(paths) == 1 else chooser.choose(Pool(paths))
                put(wire, path, self._something(chooser, rows, path))
            elif condition is GONE and not _meets(wire, paths, GONE):
                for path in paths:
                    drop(wire, path)
            elif condition is not PRESENT and condition is not GONE:
                put(wire, paths[0], None if condition is NULL else condition)

    def _something(self, chooser: Chooser, rows: _Rows, path: Path) -> JSON:
        if path in rows.solid:
            return chooser.choose(rows.solid[path])
        is_node = any(key[: len(path)] == path for key in rows.solid)
        return {} if is_node else chooser.choose(_SOME_TEXT)


# --- whole objects ---------------------------------------------------------------------------------------------------


class WirePlan:
    """How the wire objects of one crosswalk are drawn; made once."""

    def __init__(self, crosswalk: Crosswalk) -> None:
        claims = {parse_path(path) for row in crosswalk.rows for path in row_wire(row)}
        self.rows = _Rows(crosswalk.model, crosswalk.rows, "", claims)
        told = _guarded(crosswalk.rows, "")
        always = {parse_path(p) for row in crosswalk.rows if not isinstance(row, Variant) for p in row_wire(row)}
        nodes = {path[:size] for path in always for size in range(1, len(path))}
        hollow = [p for p in sorted(nodes, key=repr) if not any(p[:size] in told for size in range(1, len(p) + 1))]
        lists = {path[:-1] for path in nodes if path[-1] == 0}
        found: list[tuple[Path, JSON]] = [(path, [] if path in lists else {}) for path in hollow]
        found += [(path, None) for path in hollow]
        self.hollow = Pool([((), None)] * 5 * len(found) + found)

    def draw(self, chooser: Chooser) -> dict[str, JSON]:
        """Draw a wire object."""
        wire: dict[str, JSON] = {}
        self.rows.fill(chooser, wire)
        path, empty = chooser.choose(self.hollow) if self.hollow.samples else ((), None)
        if path and look(wire, path) in (ABSENT, None):
            put(wire, path, copy.deepcopy(empty))
        return wire


@functools.cache
def plan(crosswalk: Crosswalk) -> WirePlan:
    """Return how the wire objects of a crosswalk are drawn."""
    return WirePlan(crosswalk)


def _guarded(rows: Iterable[Row], base: str) -> set[Path]:
    """Return the paths whose presence tells a case."""
    found: set[Path] = set()
    for row in rows:
        if isinstance(row, Variant):
            here = join_path(base, row.wire)
            for arm in row.cases:
                found |= {path for key in arm.guards for path in _paths(key, here)} | _guarded(arm.rows, here)
    return found


def fits(row: Rest, name: str) -> bool:
    """Tell whether a ``rest`` row takes a key of this name."""
    return re.match(row.pattern, name) is not None
