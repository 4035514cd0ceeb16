"""Hypothesis strategies: the wire objects that a crosswalk takes, and neutral objects of all kinds.

Drawing is what property tests spend their time on, so everything comes from pools: ready samples, the simplest first,
and one live strategy for all others. A record draws a few of its attributes, each with one choice that names the
attribute and its value together; now and then it draws them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from leadlens.crosswalk import Crosswalk, Field, Path, Rest, Row, Variant, join_path, parse_path, row_wire
from leadlens.model import JSON
from leadlens.strategies import _values, _wires
from leadlens.strategies._json import schema_pool
from leadlens.strategies._pools import ABSENT, Drawn, Pool

__all__ = ["anything", "fitting", "values", "wires"]

_NAMES = Pool(["zz_unknown", "unknown key", "ünknown", "$odd", "x.y", "0"])
_THINGS = Pool([1, "a", True, {"a": 1}, [1], 0, ""])
_COUNTS = Pool([1, 2, 3])


def wires(crosswalk: Crosswalk, *, unknown: bool = False) -> st.SearchStrategy[dict[str, JSON]]:
    """Return the strategy of wire objects that the crosswalk decodes; with ``unknown`` there are keys nobody knows."""

    @st.composite
    def draw_wire(draw: st.DrawFn) -> dict[str, JSON]:
        wire = _wires.plan(crosswalk).draw(Drawn(draw))
        if unknown:
            _add_unknown(Drawn(draw), list(_objects(crosswalk, wire)))
        return wire

    return draw_wire()


def values(crosswalk: Crosswalk) -> st.SearchStrategy[Any]:
    """Return the strategy of neutral objects of the crosswalk's class, many of which its wire can say exactly."""

    @st.composite
    def draw_value(draw: st.DrawFn) -> Any:
        return _values.plan(crosswalk).draw(Drawn(draw))

    return draw_value()


def anything(cls: type) -> st.SearchStrategy[Any]:
    """Return the strategy of all objects of a neutral class."""

    @st.composite
    def draw_value(draw: st.DrawFn) -> Any:
        pool = _values.wide(cls)
        return Drawn(draw).choose(pool) if pool.live is None else pool.live(Drawn(draw))

    return draw_value()


def fitting(schema: JSON) -> st.SearchStrategy[JSON]:
    """Return the strategy of JSON values that fit the schema of a codec."""
    pool = schema_pool(schema)

    @st.composite
    def draw_wire(draw: st.DrawFn) -> JSON:
        return Drawn(draw).choose(pool)

    return draw_wire()


def _add_unknown(chooser: Drawn, objects: list[tuple[dict[str, JSON], Rest | None]]) -> None:
    for _ in range(chooser.choose(_COUNTS)):
        node, rest = chooser.choose(Pool(objects))
        name = chooser.choose(_NAMES)
        if rest is None or (rest.pattern and not _wires.fits(rest, name)):
            node[name] = chooser.choose(_THINGS)


def _objects(crosswalk: Crosswalk, wire: JSON) -> Iterator[tuple[dict[str, JSON], Rest | None]]:
    """Yield every wire object that the crosswalk reads into, with the row that takes its free keys."""
    claims = {parse_path(path) for row in crosswalk.rows for path in row_wire(row)}
    free = dict(_rests(crosswalk.rows, ""))
    nodes = {path[:size] for path in (*claims, *free) for size in range(len(path))} | {(), *free}
    for path in sorted(nodes, key=repr):
        found = _wires.look(wire, path)
        if found.__class__ is dict:
            yield found, free.get(path)
    yield from _nested(crosswalk.rows, "", wire)


def _rests(rows: tuple[Row, ...], base: str) -> Iterator[tuple[Path, Rest]]:
    for row in rows:
        if isinstance(row, Rest):
            yield parse_path(join_path(base, row.wire)), row
        elif isinstance(row, Variant):
            for arm in row.cases:
                yield from _rests(arm.rows, join_path(base, row.wire))


def _nested(rows: tuple[Row, ...], base: str, wire: JSON) -> Iterator[tuple[dict[str, JSON], Rest | None]]:
    """Yield the objects inside nested records; of a variant only inside the case that the wire tells."""
    for row in rows:
        if isinstance(row, Variant):
            here = join_path(base, row.wire)
            arm = next((arm for arm in row.cases if _wires.meets(wire, arm, here)), None)
            yield from _nested(arm.rows, here, wire) if arm is not None else ()
        elif isinstance(row, Field) and row.codec.record is not None and row.access != "write":
            found = _wires.look(wire, parse_path(join_path(base, row.wire[0])))
            for item in found if found.__class__ is list else [found]:
                if item is not ABSENT and item.__class__ is dict and _is_read(row, item):
                    yield from _objects(row.codec.record, item)


def _is_read(row: Field, item: dict[str, JSON]) -> bool:
    return row.codec.skip is None or item.get(row.codec.skip) is not None
