"""Neutral objects: of any class, and for one crosswalk with the values that its wire says exactly mixed in."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, Literal

import attrs
from hypothesis import strategies as st

from leadlens.codecs import Doubt, Unfit
from leadlens.conversion import Conversion, UpsertRequest
from leadlens.crosswalk import (
    Case,
    Constant,
    Crosswalk,
    Derived,
    Field,
    Ignored,
    Rest,
    Row,
    Variant,
    model_fields,
    row_neutral,
)
from leadlens.model import Company, Contact, Deal, Ref, is_given
from leadlens.strategies._json import ANY_JSON, TEXTS, schema_pool
from leadlens.strategies._pools import ABSENT, Chooser, Pool, Slot, Slots, either, made_by, of, single
from leadlens.strategies._wires import field_pool

# --- wide: whatever the type allows --------------------------------------------------------------------------------

_UTC = dt.UTC
_INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))
_INSTANTS = (
    dt.datetime(2026, 1, 31, 9, 30, tzinfo=_UTC),
    dt.datetime(1970, 1, 1, tzinfo=_UTC),
    dt.datetime(2026, 1, 31, 9, 30, 15, 123456, _UTC),
    dt.datetime(2026, 1, 31, 9, 30, tzinfo=_INDIA),
    dt.datetime(1969, 12, 31, 23, 59, 59, tzinfo=_UTC),
    dt.datetime(999, 1, 1, tzinfo=_UTC),
    dt.datetime(9999, 12, 31, 23, 59, 59, 999999, _UTC),
)
_DAYS = ("2026-01-31", "2024-02-29", "2026-05-05", "1970-01-01", "0001-01-01", "9999-12-31")
_DATES = tuple(map(dt.date.fromisoformat, _DAYS))
_DECIMALS = tuple(
    map(Decimal, ("1", "0", "100.00", "19.99", "-0.5", "50", "0.1000000000000000055511", "12345678901234567.89"))
) + tuple(map(Decimal, ("1E+3", "33.3", "1E+400", "1E-320", "Infinity", "-1")))
_ZONES = st.sampled_from([_UTC, _INDIA, dt.timezone(-dt.timedelta(hours=8))])
_FIRST, _LAST = dt.datetime(2, 1, 1), dt.datetime(9998, 12, 31)  # noqa: DTZ001  # Hypothesis wants them naive
_SCALARS: dict[Any, Pool] = {
    str: of(st.text(max_size=12), *TEXTS),
    int: of(st.integers(-(2**53), 2**53), 1, 0, 42, -1, 2**31, 2**53, -(2**53)),
    bool: Pool([True, False]),
    Decimal: of(st.decimals(allow_nan=False), *_DECIMALS),
    dt.date: of(st.dates(), *_DATES),
    dt.datetime: of(
        st.datetimes(_FIRST, _LAST, timezones=_ZONES), *_INSTANTS
    ),
    Any: ANY_JSON.but(lambda x: tuple(x) if x.__class__ is list else x),
    Ref: of(
        st.builds(Ref, st.none() | st.text(max_size=6), st.none() | st.text(max_size=6)),
        Ref("1"), Ref("42", "Ada"), Ref(None, "Ada"), Ref("x y"), Ref(None, "T_Shirt"), Ref("9007199254740993"),
        Ref(""), Ref(None, ""), Ref("1", ""), Ref("", "Ada"), Ref(),
    ),
}  # fmt: skip
_SIZES = Pool((1, 2, 1, 3))


@functools.cache
def wide(hint: Any) -> Pool:
    """Return the pool of all values of a type (None left out, as it says nothing)."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return either(*(wide(member) for member in arguments if member is not type(None)))
    if origin is Literal:
        return Pool(arguments)
    if origin is tuple:
        return _several(repr(hint), wide(arguments[0]))
    if origin is dict:
        return schema_pool({"type": "object", "title": "free"})
    return made_by(repr(hint), ObjectPlan(hint, _wide_slots(hint)).draw)


def _several(seed: str, item: Pool) -> Pool:
    def make(chooser: Chooser) -> Any:
        items = (chooser.choose(item) for _ in range(chooser.choose(_SIZES)))
        return tuple(x for x in items if x is not ABSENT)

    return made_by(seed, make)


@functools.cache
def _hints(model: type) -> dict[str, Any]:
    return typing.get_type_hints(model)


def _wide_slots(model: type) -> Iterator[Slot]:
    for name in model_fields(model):
        yield Slot((name,), wide(_hints(model)[name]).but(single))


class ObjectPlan:
    """How the objects of one class are drawn: a few attributes at a time, and those without a default always."""

    def __init__(self, model: type, slots: Iterable[Slot]) -> None:
        self.model = model
        self.slots = Slots(slots)
        fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(model)
        self.needed = {a.name: wide(_hints(model)[a.name]) for a in fields if a.default is attrs.NOTHING}
        self.checked = {a.name for a in fields if a.validator is not None}
        self.valid = {
            a.name: _valid(a, self.needed[a.name]) for a in fields if {a.name} & self.checked & {*self.needed}
        }

    def draw(self, chooser: Chooser) -> Any:
        """Draw an object; what its validators refuse is left at its default."""
        given = {name: value for name, value in self.slots.draw(chooser) if value is not None}
        given |= {name: chooser.choose(pool) for name, pool in self.needed.items() if name not in given}
        if self.model is UpsertRequest:
            given |= {"clear": _clearable(given)}
        try:
            return self.model(**given)
        except ValueError:
            return self.model(**{name: given[name] for name in given if name not in self.checked}, **self.valid)


def _valid(attribute: attrs.Attribute[Any], pool: Pool) -> Any:
    """Return the first sample that the attribute's validator takes."""
    assert attribute.validator is not None
    for sample in pool.samples:
        with contextlib.suppress(ValueError):
            attribute.validator(None, attribute, sample)
            return sample
    raise AssertionError(f"no sample is a valid {attribute.name}")


def _clearable(given: dict[str, Any]) -> tuple[str, ...]:
    """Return the names to clear that the record does not give."""
    record = given.get("record", UpsertRequest().record)
    known = model_fields(record.__class__)
    return tuple(n for n in given.get("clear", ()) if n in known and not is_given(getattr(record, n)))


_NAMES = ("title", "owner", "description", "tags", "name", "emails", "value", "id", "stage")

# --- for one crosswalk -----------------------------------------------------------------------------------------------


@functools.cache
def plan(crosswalk: Crosswalk) -> ObjectPlan:
    """Return how the neutral objects of a crosswalk are drawn."""
    return ObjectPlan(crosswalk.model, _row_slots(crosswalk.model, crosswalk.rows))


def _row_slots(model: type, rows: tuple[Row, ...], about: type | None = None) -> Iterator[Slot]:
    """Yield the slots of rows; ``about`` is the class of the record that an outcome holds."""
    for row in rows:
        if isinstance(row, Field) and about is not None:
            yield Slot(row.neutral, either(_exact(model, row, rows), wide(about).but(single)))
        elif isinstance(row, Field):
            yield _field_slot(model, row, rows)
        elif not isinstance(row, Derived | Ignored):
            for name in row_neutral(row):
                yield Slot((name,), _row_pool(model, row, name).but(single))


def _row_pool(model: type, row: Row, name: str) -> Pool:
    if model is UpsertRequest and name == "clear":
        return _several("clear", Pool(_NAMES))
    free = wide(_hints(model)[name])
    if isinstance(row, Constant):
        return either(Pool([row.value] * 4), free)
    if isinstance(row, Rest):
        return either(schema_pool(row.codec.schema).but(_reader(row.codec.decode)), free)
    if isinstance(row, Variant):
        return either(*(_member(arm, _RECORDS.get(name) if model is Conversion else None) for arm in row.arms))
    return free


_RECORDS: dict[str, type] = {"contact": Contact, "company": Company, "deal": Deal}


def _member(arm: Any, about: type | None = None) -> Pool:
    if isinstance(arm, Case):
        inner = ObjectPlan(arm.member, _row_slots(arm.member, arm.rows, about))
    elif about is not None:
        inner = ObjectPlan(arm.member, [Slot(("record",), wide(about).but(single))])
    else:
        return wide(arm.member)
    if about is not None and "record" in inner.needed:
        inner.needed["record"] = wide(about)
    return made_by(f"{arm.member.__name__}{about}", inner.draw)


def _field_slot(model: type, row: Field, rows: tuple[Row, ...]) -> Slot:
    """Return what the row's wire can say exactly, taking turns with whatever the types allow."""
    beside = () if row.beside is None else (row.beside,)
    free = [_alone(place, wide(_hints(model)[name]), row) for place, name in enumerate(row.neutral)]
    return Slot((*beside, *row.neutral), either(_exact(model, row, rows), *free))


def _alone(place: int, pool: Pool, row: Field) -> Pool:
    """Return the pool of one of a row's attributes, the others not given."""
    before, after = place + (row.beside is not None), len(row.neutral) - place - 1
    return pool.but(lambda value: (*[ABSENT] * before, value, *[ABSENT] * after))


def _exact(model: type, row: Field, rows: tuple[Row, ...]) -> Pool:
    if row.codec.record is not None:
        return _nested(row).but(single)
    if row.beside is not None:
        return _beside(model, row, next(other for other in rows if row.beside in row_neutral(other)))
    read = _reader(row.codec.decode)
    exact = field_pool(model, row).but(lambda wires: read(*(None if w is ABSENT else w for w in wires)))
    return exact if len(row.neutral) > 1 else exact.but(single)


def _reader(decode: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``decode`` with ABSENT for what says nothing or can be read in two ways."""

    def read(*wires: Any) -> Any:
        try:
            found = decode(*wires) if any(wire is not None for wire in wires) else None
        except (Doubt, Unfit):
            return ABSENT
        return ABSENT if found is None else found

    return read


def _beside(model: type, row: Field, seen: Row) -> Pool:
    """Return the pool of an attribute together with the one that its codec looks at, as the row ``seen`` reads it."""
    assert row.beside is not None
    wires, read = field_pool(model, row), _reader(row.codec.decode)
    other = either(*map(_member, seen.cases)) if isinstance(seen, Variant) else wide(_hints(model)[row.beside])

    def make(chooser: Chooser) -> Any:
        beside, found = chooser.choose(other), chooser.choose(wires)
        if found is ABSENT:
            return ABSENT
        said = read(*(None if w is ABSENT else w for w in found), beside)
        return beside, *(said if len(row.neutral) > 1 and said is not ABSENT else (said,) * len(row.neutral))

    return made_by(repr(row.wire), make)


def _nested(row: Field) -> Pool:
    assert row.codec.record is not None
    inner = plan(row.codec.record)
    item = made_by(row.codec.record.name, inner.draw)
    return item if row.codec.shape == "one" else _several(row.codec.name, item)
