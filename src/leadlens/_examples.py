"""Examples of what a crosswalk's wire can say, field by field, made from the rows alone."""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import attrs

from leadlens._compile import decoder
from leadlens.codecs import Codec, Unfit
from leadlens.crosswalk import WRITE, Case, Cleared, Constant, Crosswalk, Field, Rest, Row, Variant
from leadlens.errors import UsageError
from leadlens.loss import Loss
from leadlens.model import JSON, CustomField, Ref, is_given

_BY_FORMAT = {
    "date": ("2026-01-31",),
    "date-time": ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.123456Z", "1969-07-20T20:17:40Z"),
}
_BY_TYPE: dict[str, tuple[JSON, ...]] = {
    "string": ("Ab C",),
    "integer": (7,),
    "number": (1000, 0.5),
    "boolean": (True, False),
    "object": ({"id": "7"},),
}


@attrs.frozen
class Example:
    """One neutral field and whole neutral objects in which it, and as little else as possible, is given.

    ``mapped`` tells that its ids or options belong to one account, ``union`` that it is one of several classes.
    """

    path: str
    values: tuple[Any, ...]
    mapped: bool = False
    union: bool = False


Wrap: TypeAlias = Callable[[dict[str, Any]], Any]
"""Makes the whole neutral object around some attributes of one of its parts."""


def examples(crosswalk: Crosswalk) -> Iterator[Example]:
    """Yield examples for every neutral field that the wire can fill."""
    yield from _of_rows(crosswalk.rows, "", lambda given: _make(crosswalk.model, given), crosswalk.rows)


def _of_rows(rows: tuple[Row, ...], prefix: str, wrap: Wrap, every: tuple[Row, ...]) -> Iterator[Example]:
    for row in rows:
        if isinstance(row, Field) and row.access != WRITE:
            yield from _of_field(row, prefix, wrap, every)
        elif isinstance(row, Rest):
            made = tuple(wrap({row.neutral: values}) for values in _free_keys(row))
            yield Example(prefix + row.neutral, made, mapped=True)
        elif isinstance(row, Constant) and row.neutral is not None:
            yield Example(prefix + row.neutral, (wrap({row.neutral: row.value}),))
        elif isinstance(row, Cleared):
            one = ({row.neutral: (name,), row.beside: cls()} for cls, names in row.keys.items() for name in names)
            yield Example(prefix + row.neutral, tuple(map(wrap, one)))
        elif isinstance(row, Variant):
            yield from _of_variant(row, prefix, wrap)


def _free_keys(row: Rest) -> Iterator[tuple[CustomField, ...]]:
    """Yield custom fields with each kind of value that the wire can give them."""
    for value in ("gold", 7, 0.5, True, ["Ab C"], [7]):
        with contextlib.suppress(Unfit):
            (found,) = row.codec.decode({"Tier": value})
            yield (attrs.evolve(found, definition=Ref("7", "Tier")),)


def _of_field(row: Field, prefix: str, wrap: Wrap, every: tuple[Row, ...]) -> Iterator[Example]:
    found = [
        (values, beside)
        for beside in _beside(row.beside, every)
        for wires in (*wire_examples(row.codec), *_alone(row.codec, *beside.values()))
        if (values := _neutral(row, wires, *beside.values())) is not None
    ]
    for place, name in enumerate(row.neutral):
        said = [(values, beside) for values, beside in found if is_given(values[place])]
        if said:
            made = tuple(wrap({**dict(zip(row.neutral, values, strict=True)), **beside}) for values, beside in said)
            yield Example(prefix + name, made, mapped=row.codec.ids is not None)


def _beside(name: str | None, rows: tuple[Row, ...]) -> list[dict[str, Any]]:
    """Return full examples of each record that a row may need to see."""
    if name is None:
        return [{}]
    row = next(row for row in rows if isinstance(row, Variant) and row.neutral == name)
    return [{name: _member(arm)} for arm in row.cases]


def _neutral(row: Field, wires: tuple[JSON, ...], *beside: Any) -> tuple[Any, ...] | None:
    """Return the neutral values of one example, one per attribute."""
    value = _read(row.codec, wires, beside)
    if value is None:
        return None
    return (value,) if len(row.neutral) == 1 else tuple(value)


def _read(codec: Codec, wires: tuple[JSON, ...], beside: tuple[Any, ...]) -> Any:
    if codec.record is None:
        return codec.decode(*wires, *beside)
    notices: list[Loss] = []
    items = [decoder(codec.record)(item, notices, "$") for item in (wires[0] if isinstance(wires[0], list) else wires)]
    return items[0] if codec.shape == "one" else tuple(items)


def wire_examples(codec: Codec) -> tuple[tuple[JSON, ...], ...]:
    """Return examples of the wire values that a codec reads: tuples of one value per key."""
    if codec.record is not None:
        items = _record_examples(codec.record)
        return ((items[:1],), (items,)) if codec.shape == "each" else ((items[0],),)
    schemas = codec.schema if isinstance(codec.schema, tuple) else (codec.schema,)
    columns = [_values(schema, place) for place, schema in enumerate(schemas)]
    if len(columns) == 1:
        return tuple((value,) for value in columns[0])
    return tuple(itertools.islice(itertools.zip_longest(*columns, fillvalue=None), 8))


def _alone(codec: Codec, *beside: Any) -> Iterator[tuple[JSON, ...]]:
    """Yield examples in which one of several wire keys says something alone, as far as the codec reads that."""
    together = wire_examples(codec)[0] if isinstance(codec.schema, tuple) and codec.record is None else ()
    for place, said in enumerate(together):
        wires = tuple(said if i == place else None for i in range(len(together)))
        with contextlib.suppress(Unfit):
            codec.decode(*wires, *beside)
            yield wires


def _values(schema: dict[str, Any], place: int) -> tuple[JSON, ...]:
    if "examples" in schema:
        return tuple(schema["examples"])
    if "enum" in schema:
        return tuple(schema["enum"])
    if "anyOf" in schema:
        return tuple(value for option in schema["anyOf"] for value in _values(option, place))
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    if schema.get("type") == "array":
        return (list(_values(schema["items"], place)),)
    if schema.get("type") == "object" and "properties" in schema:
        return ({name: _values(inner, place)[0] for name, inner in schema["properties"].items()},)
    if schema.get("type") == "null":
        return (None,)
    return _plain_values(schema, place)


def _plain_values(schema: dict[str, Any], place: int) -> tuple[JSON, ...]:
    """Return the usual values of a scalar type, as far as they fit the schema."""
    if "pattern" in schema:
        found: tuple[JSON, ...] = tuple(t for t in (str(7 + place), "Ab C") if re.search(schema["pattern"], t))[:1]
    else:
        low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        usual = _BY_TYPE.get(str(schema.get("type")), ())
        found = tuple(v for v in usual if v.__class__ not in (int, float) or low <= v <= high)
    if not found:
        raise UsageError("a codec's schema needs 'examples' where its type, pattern and limits do not suggest any")
    return found


def _record_examples(record: Crosswalk) -> list[JSON]:
    """Return wire objects with everything in them, more than any CRM has places for."""
    return [_full(record, which) for which in range(9)]


def _full(record: Crosswalk, which: int) -> dict[str, JSON]:
    wire: dict[str, JSON] = {}
    for row in record.rows:
        if isinstance(row, Field) and not any("." in key for key in row.wire):
            found = wire_examples(row.codec)
            wire |= dict(zip(row.wire, found[which % len(found)], strict=True))
    return wire


# --- unions ----------------------------------------------------------------------------------------------------------


def _of_variant(row: Variant, prefix: str, wrap: Wrap) -> Iterator[Example]:
    """Yield the union itself (every member that the wire can say), then each member's own fields."""
    path = prefix + row.neutral
    members = (member for arm in row.cases for member in _members(arm))
    yield Example(path, tuple(wrap({row.neutral: member}) for member in members), union=True)
    for arm in row.cases:
        yield from _of_rows(arm.rows, f"{path}.", _inside(row.neutral, arm, wrap), arm.rows)


def _inside(name: str, arm: Case, wrap: Wrap) -> Wrap:
    """Return how to make the whole object around attributes of one member."""

    def inner(given: dict[str, Any]) -> Any:
        return wrap({name: _make(arm.member, _needed(arm) | given)})

    return inner


def _needed(arm: Case) -> dict[str, Any]:
    """Return the attributes without which the member cannot be made, or told from another one."""
    guarded = {name for key in arm.guards for name in ((key,) if isinstance(key, str) else key)}
    return _required(arm) | _said(row for row in _fields(arm) if guarded & set(row.wire))


def _required(arm: Case) -> dict[str, Any]:
    needed = {a.name for a in attrs.fields(arm.member) if a.default is attrs.NOTHING}
    return _said(row for row in _fields(arm) if needed & set(row.neutral))


def _member(arm: Case) -> Any:
    """Return a member of the union with every attribute that the wire can fill."""
    return _make(arm.member, _said(_fields(arm)))


def _members(arm: Case) -> Iterator[Any]:
    """Yield the full member, and members of which only one row says something."""
    yield _member(arm)
    for row in _fields(arm):
        yield _make(arm.member, _required(arm) | _said([row]))


def _fields(arm: Case) -> list[Field]:
    return [row for row in arm.rows if isinstance(row, Field)]


def _said(rows: Iterable[Field]) -> dict[str, Any]:
    """Return what the first example of each row says."""
    said: dict[str, Any] = {}
    for row in rows:
        values = _neutral(row, wire_examples(row.codec)[0])
        said |= dict(zip(row.neutral, values or (), strict=False))
    return said


def _make(model: type, given: dict[str, Any]) -> Any:
    return model(**{name: value for name, value in given.items() if is_given(value)})
