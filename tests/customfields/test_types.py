"""What becomes of a value in a field of another type: one table, total, and with a word for everything that is lost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlens.bounded import by_id, by_name, several, text_of
from leadlens.catalogue import Definition, FieldType, Option
from leadlens.codecs import Doubt, iso_date, number
from leadlens.customfields.types import TYPES, WAYS, convert_value, typed, untyped
from leadlens.model import Address, Ref

FEW = max(100, settings().max_examples // 10)
NOON = dt.datetime(2026, 1, 31, 12, 30, 15, tzinfo=dt.timezone(dt.timedelta(hours=-13)))
RED, GREEN = Option(name="Red", id="1"), Option(name="Green", id="2")
OPTIONS = (RED, GREEN, Option(name="Yes", id="3"), Option(name="5", id="4"), Option(name="Blue", id="6", active=False))

TEXTS = st.text(max_size=30) | st.sampled_from(["5", "-1.50", "yes", "No", "2026-01-31", "Red; green", "a@b.example"])
DECIMALS = st.decimals(allow_nan=True) | st.sampled_from(list(map(Decimal, ["5", "0.125", "1E+400", "1E+299", "1"])))
MOMENTS = st.datetimes(timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=14)), NOON.tzinfo]))
REFS = st.builds(Ref, st.none() | st.sampled_from("129"), st.none() | st.sampled_from(["Red", "red", "Blue", "x", ""]))
PLACES = st.builds(Address, street=st.none() | st.text(max_size=9), city=st.none() | st.just("Lyon"))
VALUES: dict[FieldType, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("text", "long_text", "url", "email", "phone"), TEXTS),
    **dict.fromkeys(("number", "percent", "currency"), DECIMALS),
    "whole": st.integers(),
    "date": st.dates(),
    "datetime": MOMENTS,
    "boolean": st.booleans(),
    "address": PLACES,
    "picklist": REFS,
    "multi_select": st.lists(REFS, max_size=4).map(tuple),
    "reference": REFS | st.lists(REFS, min_size=1, max_size=3).map(tuple),
    "unknown": TEXTS | DECIMALS | st.floats() | st.booleans() | REFS | st.just({"a": 1}) | st.tuples(REFS, TEXTS),
}
CLASSES: dict[FieldType, tuple[type, ...]] = {
    **dict.fromkeys(("text", "long_text", "url", "email", "phone"), (str,)),
    **dict.fromkeys(("number", "percent", "currency"), (Decimal,)),
    "whole": (int,), "date": (dt.date,), "datetime": (dt.datetime,), "boolean": (bool,), "address": (Address,),
    "picklist": (Ref,), "multi_select": (tuple,), "reference": (Ref, tuple),
}  # fmt: skip
PAIRS = [(source, target) for source in TYPES for target in TYPES]


def field(kind: FieldType, **more: Any) -> Definition:
    """Return a definition of this type, with options where it needs them."""
    options = OPTIONS if kind in ("picklist", "multi_select") else ()
    given = {"kind": "lead", "id": "7", "name": "F", "key": "F", "wire_type": "any", "options": options}
    return Definition(**{**given, "type": kind, **more})


def told(value: Any, source: FieldType, to: Definition) -> tuple[Any, str | None, str | None]:
    """Return the value, and reason and level of its loss."""
    found, loss = convert_value(value, source, to)
    return (found, None, None) if loss is None else (found, loss.reason, loss.level)


def test_the_table_has_every_pair() -> None:
    """Each type of the catalogue is there, and has a way for each kind of value."""
    assert set(WAYS) == set(TYPES)
    assert len({frozenset(ways) for ways in WAYS.values()}) == 1


@pytest.mark.parametrize(("source", "target"), PAIRS)
@settings(max_examples=max(20, FEW // 10))
@given(data=st.data())
def test_every_pair_gives_a_value_of_the_target_or_a_reason(
    source: FieldType, target: FieldType, data: st.DataObject
) -> None:
    """A value that arrives is of the target's class and fits its bounds; one that changes or is gone has a loss."""
    value = data.draw(VALUES[source])
    bounds = {"max_length": data.draw(st.none() | st.integers(1, 9)), "decimals": data.draw(st.none() | st.just(2))}
    to = field(target, **bounds)
    found, loss = convert_value(value, source, to)
    if found is not None and target != "unknown":
        assert found.__class__ in CLASSES[target]
        assert found.__class__ is not str or to.max_length is None or len(found) <= to.max_length
        allowed = {Ref(option.id, option.name) for option in OPTIONS if option.active}
        if target in ("picklist", "multi_select"):
            assert set(found if isinstance(found, tuple) else (found,)) <= allowed
    if loss is None:
        assert target == source == "unknown" or found is None or _is_same(value, found)
    else:
        assert loss.path == "custom_fields[F]"
        assert loss.kind == "differs"
        assert loss.detail
    if found is None:
        assert loss is None or loss.level == "loss"
        assert loss is not None or value in ((), Address())


def _is_same(value: Any, found: Any) -> bool:
    """Tell whether a value is still what it was: an option by its name, a number by its amount."""
    if isinstance(value, float):
        return bool(Decimal(repr(value)) == found)
    if isinstance(value, tuple) and isinstance(found, tuple):
        left, right = (list(dict.fromkeys(map(_name, refs))) for refs in (value, found))
        return left == right
    if isinstance(value, tuple) and len(value) == 1:
        return bool(value[0] == found)
    return bool(_name(value) == _name(found))


def _name(value: Any) -> Any:
    if not isinstance(value, Ref):
        return value.casefold() if isinstance(value, str) else value
    known = next((option.name for option in OPTIONS if option.id == value.id), None)
    return ((value.name if value.name is not None else known) or "").casefold()


@pytest.mark.parametrize("kind", TYPES)
def test_nothing_becomes_nothing(kind: FieldType) -> None:
    """None says nothing, and so nothing is lost."""
    for target in TYPES:
        assert convert_value(None, kind, field(target)) == (None, None)


EXAMPLES: list[tuple[Any, FieldType, Definition, Any, str | None, str | None]] = [
    ("abc", "text", field("long_text"), "abc", None, None),
    ("abcdef", "long_text", field("text", max_length=3), "abc", "truncated", "loss"),
    ("a@b.example", "text", field("email"), "a@b.example", None, None),
    ("a b", "text", field("email"), None, "coerced", "loss"),
    ("a@b.example", "text", field("email", max_length=5), None, "truncated", "loss"),
    ("https://x.example/a", "text", field("url", max_length=17), None, "truncated", "loss"),
    ("+49 30 5550123", "phone", field("phone", max_length=9), None, "truncated", "loss"),
    (Decimal("1.50"), "currency", field("text"), "1.50", "coerced", "note"),
    (5, "whole", field("currency"), Decimal(5), None, None),
    (Decimal("2.5"), "number", field("whole"), 2, "truncated", "loss"),
    (Decimal("2.125"), "number", field("percent", decimals=2), Decimal("2.13"), "truncated", "loss"),
    (Decimal("-2.125"), "number", field("percent", decimals=2), Decimal("-2.13"), "truncated", "loss"),
    ("12.5", "text", field("number"), Decimal("12.5"), "coerced", "note"),
    ("12,5", "text", field("number"), None, "coerced", "loss"),
    ("12.5", "text", field("whole"), 12, "truncated", "loss"),
    (True, "boolean", field("number"), Decimal(1), "coerced", "note"),
    (Decimal("NaN"), "number", field("text"), None, "coerced", "loss"),
    (Decimal("1E+301"), "number", field("currency"), None, "coerced", "loss"),
    (Ref("4", "5"), "picklist", field("whole"), 5, "coerced", "note"),
    (NOON, "datetime", field("date"), dt.date(2026, 2, 1), "truncated", "loss"),
    (
        dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14))),
        "datetime",
        field("date"),
        dt.date(1, 1, 1),
        "truncated",
        "loss",
    ),
    (dt.date(2026, 1, 31), "date", field("datetime"), dt.datetime(2026, 1, 31, tzinfo=dt.UTC), "coerced", "note"),
    ("2026-01-31", "text", field("date"), dt.date(2026, 1, 31), "coerced", "note"),
    ("2026-01-31T12:30:15-13:00", "text", field("date"), dt.date(2026, 2, 1), "truncated", "loss"),
    ("2026-01-31T12:30:15-13:00", "text", field("datetime"), NOON, "coerced", "note"),
    ("2026-01-31T12:30:15", "text", field("datetime"), None, "coerced", "loss"),
    ("31.1.2026", "text", field("date"), None, "coerced", "loss"),
    (dt.date(2026, 1, 31), "date", field("text"), "2026-01-31", "coerced", "note"),
    ("Yes", "text", field("boolean"), True, "coerced", "note"),
    ("maybe", "text", field("boolean"), None, "coerced", "loss"),
    (0, "whole", field("boolean"), False, "coerced", "note"),
    (7, "whole", field("boolean"), None, "coerced", "loss"),
    (True, "boolean", field("picklist"), Ref("3", "Yes"), "coerced", "note"),
    (False, "boolean", field("picklist"), None, "unmapped_option", "loss"),
    (True, "boolean", field("text"), "true", "coerced", "note"),
    (Ref("99", "Red"), "picklist", field("picklist"), Ref("1", "Red"), None, None),
    (Ref("1", "Purple"), "picklist", field("picklist"), None, "unmapped_option", "loss"),
    (Ref("2"), "picklist", field("picklist"), Ref("2", "Green"), None, None),
    (Ref("6", "Blue"), "picklist", field("picklist"), None, "unmapped_option", "loss"),
    (Ref("1", "Red"), "picklist", field("text"), "Red", "coerced", "note"),
    (Ref("1"), "picklist", field("text"), None, "unmapped_option", "loss"),
    (" red ", "text", field("picklist"), Ref("1", "Red"), "coerced", "note"),
    (Ref("1", "Red"), "picklist", field("multi_select"), (Ref("1", "Red"),), "coerced", "note"),
    ((Ref("8", "Red"), Ref("9", "Green")), "multi_select", field("picklist"), Ref("1", "Red"), "narrowed", "loss"),
    ((Ref("8", "Red"),), "multi_select", field("picklist"), Ref("1", "Red"), "coerced", "note"),
    ((Ref("8", "Red"), Ref("9", "x")), "multi_select", field("multi_select"), (Ref("1"),), "unmapped_option", "loss"),
    ((Ref("8", "x"),), "multi_select", field("multi_select"), None, "unmapped_option", "loss"),
    ((), "multi_select", field("picklist"), None, None, None),
    ((Ref(None, "a"), Ref(None, "b")), "multi_select", field("text"), "a; b", "coerced", "note"),
    ((Ref(None, "a"), Ref("2")), "multi_select", field("text"), "a", "unmapped_option", "loss"),
    ("Red; green", "text", field("multi_select"), (Ref("1"), Ref("2")), "coerced", "note"),
    ("Red; pink", "text", field("multi_select"), (Ref("1"),), "unmapped_option", "loss"),
    (Ref("77", "Ada"), "reference", field("reference"), Ref("77", "Ada"), None, None),
    ((Ref("77"),), "reference", field("reference"), Ref("77"), None, None),
    (Ref("77", "Ada"), "reference", field("text"), "Ada", "narrowed", "loss"),
    (Ref("77", "Red"), "reference", field("picklist"), Ref("1", "Red"), "narrowed", "loss"),
    ("Ada", "text", field("reference"), None, "coerced", "loss"),
    (Address(street="1 Rue", city="Lyon"), "address", field("text"), "1 Rue, Lyon", "narrowed", "loss"),
    (Address(), "address", field("text"), None, None, None),
    ("1 Rue, Lyon", "text", field("address"), Address(street="1 Rue, Lyon"), "coerced", "loss"),
    ("x", "unknown", field("text"), "x", None, None),
    (0.5, "unknown", field("number"), Decimal("0.5"), None, None),
    ({"a": 1}, "unknown", field("unknown"), {"a": 1}, None, None),
    ({"a": 1}, "unknown", field("text"), None, "coerced", "loss"),
    ("x", "text", field("unknown"), None, "coerced", "loss"),
    ("5", "number", field("whole"), 5, "coerced", "note"),
    ("x", "text", field("text", read_only=True), None, "read_only", "loss"),
]


@pytest.mark.parametrize(("value", "source", "to", "found", "reason", "level"), EXAMPLES)
def test_examples(value: Any, source: FieldType, to: Definition, found: Any, reason: Any, level: Any) -> None:
    """What arrives, and what is told about it."""
    assert told(value, source, to) == (found, reason, level)


def test_a_sentence_names_the_field_and_what_it_has() -> None:
    """People can act on it: the field, its options, how many are left out; never the value."""
    _, loss = convert_value((Ref(None, "Red"), Ref(None, "Secret")), "multi_select", field("multi_select"))
    assert loss is not None
    assert loss.detail == "1 of 2 options are left out: 'F' has no such option; it has Red, Green, Yes, 5"
    many = field("picklist", options=tuple(Option(name=f"o{n}") for n in range(11)))
    _, loss = convert_value("Secret", "text", many)
    assert loss is not None
    assert loss.detail.endswith("it has o0, o1, o2, o3, o4, o5, o6, o7 and 3 more")


def test_the_path_is_where_the_field_is_held() -> None:
    """A field of the CRM's own is known by its attribute."""
    own = attrs.evolve(field("whole"), custom=False, attribute="employees")
    _, loss = convert_value("many", "text", own)
    assert loss is not None
    assert (loss.path, loss.reason) == ("employees", "coerced")


@settings(max_examples=FEW)
@given(st.sampled_from(TYPES), st.sampled_from(TYPES), st.data())
def test_a_second_time_nothing_is_lost(source: FieldType, target: FieldType, data: st.DataObject) -> None:
    """What has arrived is of the target's type: it stays as it is, but for what reads and takes no type."""
    to = field(target, max_length=data.draw(st.none() | st.integers(1, 9)))
    found, _ = convert_value(data.draw(VALUES[source]), source, to)
    again, loss = convert_value(found, target, to)
    assert again is found or again == found  # what is no number equals nothing, itself included
    assert loss is None


# --- between records, which are untyped, and neutral values ----------------------------------------------------------


def test_typed_and_untyped() -> None:
    """A value goes through the codec of its definition; several options are a tuple for both."""
    colours = field("multi_select")
    codec = several(by_id(colours), colours.name)
    assert typed((1, 2), codec, colours) == ((Ref("1"), Ref("2")), None)
    assert untyped((Ref("1"), Ref("2")), codec, colours) == ((1, 2), None)
    held, loss = untyped((Ref("1"), Ref("9")), codec, colours)
    assert (held, loss and loss.reason) == ((1,), "unmapped_option")


def test_what_does_not_fit_its_definition_is_told() -> None:
    """A value that is none of its type, or can be read in two ways, is left out; nothing is raised."""
    day = field("date")
    value, loss = typed("yesterday", iso_date, day)
    assert value is None
    assert loss is not None
    assert (loss.reason, loss.detail) == ("coerced", "this is no value of 'F': expected a date such as 2026-01-31")

    def doubtful(_: Any) -> Any:
        raise Doubt("it can be either")

    value, loss = typed("1/2/2026", iso_date.but(decode=doubtful), day)
    assert (value, loss and loss.reason, loss and loss.detail) == (None, "ambiguous", "it can be either")


def test_what_its_definition_cannot_hold_is_told() -> None:
    """The codec's own loss, if something is lost; or why it cannot be written."""
    short = field("text", max_length=3)
    assert untyped("abc", text_of(short), short) == ("abc", None)
    held, loss = untyped("abcd", text_of(short), short)
    assert (held, loss and loss.reason, loss and loss.path) == ("abc", "truncated", "custom_fields[F]")
    assert untyped(Decimal(5), number, field("number")) == (5, None)
    held, loss = untyped(Ref("1", "Pink"), by_name(field("picklist")), field("picklist"))
    assert (held, loss and loss.reason) == (None, "unmapped_option")
