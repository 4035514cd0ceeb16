"""Codecs of custom fields: exact on what their definition holds, and a declared loss beyond it, on every CRM."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlens import registry
from leadlens.catalogue import Definition, FieldType, Option
from leadlens.codecs import Codec, Doubt, Unfit, Unsayable
from leadlens.customfields.types import TYPES, untyped
from leadlens.decoding import dumps, loads
from leadlens.loss import REASONS
from leadlens.model import Address, Ref
from leadlens.strategies import anything, fitting
from leadlens_base.custom import TYPES as BASE
from leadlens_copper.custom import TYPES as COPPER
from leadlens_zoho.custom import TYPES as ZOHO

FEW = max(100, settings().max_examples // 10)
WIRES = {"copper": COPPER, "zoho": ZOHO, "base": BASE}
KNOWN = {"copper": True, "zoho": False, "base": True}
"""Whether the CRM knows its options by an id."""
NEUTRAL: dict[FieldType, type | tuple[type, ...]] = {
    "text": str, "long_text": str, "url": str, "email": str, "phone": str, "whole": int, "number": Decimal,
    "percent": Decimal, "currency": Decimal, "date": dt.date, "datetime": dt.datetime, "boolean": bool,
    "address": Address, "picklist": Ref, "multi_select": tuple, "reference": (Ref, tuple),
}  # fmt: skip
ODD: list[Any] = ["x", 5, 1.5, True, None, [], {}, [1], {"a": 1}, Decimal("0.5"), dt.date(2026, 1, 1), Ref(), Address()]


def definition(vendor: str, wire_type: str, **more: Any) -> Definition:
    """Return a definition of one of a vendor's types, bounded as its kind can be."""
    kind = WIRES[vendor].get(wire_type, "unknown")
    names = ("Red", "Grün", "官公庁", "5")
    options = tuple(Option(name=name, id=str(at) if KNOWN[vendor] else None) for at, name in enumerate(names, 7))
    bounds: dict[str, Any] = {"options": options} if kind in ("picklist", "multi_select") else {}
    if kind in ("text", "long_text", "url", "email", "phone"):
        bounds["max_length"] = 12
    if kind in ("number", "percent", "currency"):
        bounds["decimals"] = 2
    given = {"kind": "lead", "id": "1", "name": "F", "key": "F", "type": kind, "wire_type": wire_type}
    return Definition(**{**given, **bounds, **more})


def codec(vendor: str, field: Definition) -> Codec:
    """Return the codec that the vendor's adapter gives."""
    found = registry.get(vendor).custom_codec
    assert found is not None
    return found(field)


def cases() -> Iterator[tuple[str, str]]:
    for vendor, types in WIRES.items():
        for name in types:
            yield vendor, name


CASES = list(cases())


def test_every_documented_type_is_there() -> None:
    """The types of the three vendors' pages, each in neutral words; together they are all that there are."""
    assert set(COPPER) == {
        "String", "Text", "Dropdown", "Date", "Checkbox", "Float", "URL", "Percentage", "Currency", "Connect",
        "MultiSelect",
    }  # fmt: skip
    assert set(BASE) - {"boolean"} == {
        "address", "bool", "date", "datetime", "email", "list", "multi_select_list", "number", "phone", "string",
        "text", "url",
    }  # fmt: skip
    assert {*COPPER.values(), *BASE.values(), *ZOHO.values(), "unknown"} == set(TYPES)
    assert set(NEUTRAL) | {"unknown"} == set(TYPES)


@pytest.mark.parametrize(("vendor", "wire_type"), CASES)
@settings(max_examples=FEW)
@given(data=st.data())
def test_what_the_wire_says_comes_back(vendor: str, wire_type: str, data: st.DataObject) -> None:
    """A value of the schema is read as its neutral type, written as the schema has it, and read the same again."""
    field = definition(vendor, wire_type)
    made = codec(vendor, field)
    wire = data.draw(fitting(made.schema))
    value = made.decode(loads(dumps(wire)))
    assert isinstance(value, NEUTRAL[field.type])
    assert (value.__class__ is bool) is (field.type == "boolean")
    written = loads(dumps(made.encode(value)))
    again = made.decode(written)
    if not _is_lossy(field, value, again):
        assert again == value
    assert made.encode(again) == made.encode(value), "settled"


def _is_lossy(field: Definition, value: Any, again: Any) -> bool:
    """Tell whether something beyond the field's bounds was lost, and told."""
    if field.type == "datetime":
        return bool(value.microsecond and value.replace(microsecond=0) == again)
    if field.type in ("number", "percent", "currency"):
        return bool(abs(value - again) <= Decimal("0.005"))
    return False


@pytest.mark.parametrize(("vendor", "wire_type"), CASES)
@settings(max_examples=FEW)
@given(data=st.data())
def test_what_is_lost_is_told(vendor: str, wire_type: str, data: st.DataObject) -> None:
    """Whatever neutral value is written: what comes back is the same, or there is a loss with its sentence."""
    field = definition(vendor, wire_type)
    made = codec(vendor, field)
    value = data.draw(_wide(field.type))
    held, loss = untyped(value, made, field)
    wire = loads(dumps(list(held) if isinstance(held, tuple) else held))
    if loss is None:
        back = made.decode(wire)
        linked = (value,) if isinstance(value, Ref) and isinstance(back, tuple) else value
        assert back == linked or (field.type == "picklist" and back.name.casefold() == value.name.casefold())
    else:
        assert loss.reason in REASONS
        assert loss.detail
        assert held is None or made.decode(wire) is not None


OPTIONS = st.builds(Ref, st.sampled_from([None, "7", "8", "99"]), st.sampled_from([None, "Red", "red", "Pink", "5"]))
MORE: dict[FieldType, st.SearchStrategy[Any]] = {
    "picklist": OPTIONS,
    "multi_select": st.lists(OPTIONS, min_size=1, max_size=4).map(tuple),
    "reference": anything(Ref) | st.builds(Ref, st.integers(1, 2**62).map(str)),
}


def _wide(kind: FieldType) -> st.SearchStrategy[Any]:
    hint = NEUTRAL[kind]
    return MORE[kind] if kind in MORE else anything(hint) if isinstance(hint, type) else st.nothing()


@pytest.mark.parametrize(("vendor", "wire_type"), CASES)
def test_odd_values_are_refused_by_name(vendor: str, wire_type: str) -> None:
    """What is no value of the type is Unfit, Doubt or Unsayable: nothing else is raised."""
    made = codec(vendor, definition(vendor, wire_type))
    for odd in ODD:
        for way, accepted in ((made.decode, (Unfit, Doubt)), (made.encode, (Unsayable,))):
            with contextlib.suppress(*accepted):
                way(odd)


@pytest.mark.parametrize("vendor", WIRES)
def test_an_unknown_type_stays_as_it_is(vendor: str) -> None:
    """A type that leadlens does not know has the untyped values of before."""
    made = codec(vendor, definition(vendor, "subform"))
    for value in ("x", 5, True, {"a": 1}):
        assert made.decode(value) == made.encode(value) == value
    assert made.encode(made.decode([1, 2])) == [1, 2]


# --- what the vendors document ---------------------------------------------------------------------------------------


def test_copper_days() -> None:
    """The published samples are midnights on the Pacific coast; a day is the same in every zone from -10 to +13."""
    day = codec("copper", definition("copper", "Date"))
    samples = {1515744000: (2018, 1, 12), 1518595200: (2018, 2, 14), 1511942400: (2017, 11, 29)}
    for wire, parts in samples.items():
        assert day.decode(wire) == dt.date(*parts)
    for hours in range(-10, 14):
        local = dt.datetime(2026, 1, 31, tzinfo=dt.timezone(dt.timedelta(hours=hours)))
        assert day.decode(int(local.timestamp())) == dt.date(2026, 1, 31)
        written = dt.datetime.fromtimestamp(day.encode(dt.date(2026, 1, 31)), local.tzinfo)
        assert written.date() == dt.date(2026, 1, 31)
    with pytest.raises(Unsayable, match="before 1970"):
        day.encode(dt.date(1969, 12, 31))
    with pytest.raises(Unsayable, match="without a time"):
        day.encode(dt.datetime(2026, 1, 31, tzinfo=dt.UTC))


def test_copper_options_and_connections() -> None:
    """Options go by id, and their names are known by the definition; connected records are a list of ids."""
    colour = codec("copper", definition("copper", "Dropdown"))
    assert [(r.id, r.name) for r in (colour.decode(7), colour.decode(99))] == [("7", "Red"), ("99", None)]
    assert [colour.encode(ref) for ref in (Ref("7"), Ref("99", "Red"), Ref(None, "red"), Ref("8", "Red"))] == [7] * 4
    with pytest.raises(Unsayable, match="'F' has no such option; it has Red, Grün, 官公庁, 5"):
        colour.encode(Ref("7", "Pink"))
    connected = codec("copper", definition("copper", "Connect"))
    assert connected.decode([5, 6]) == (Ref("5"), Ref("6"))
    assert connected.encode(Ref("5")) == connected.encode((Ref("5"),)) == [5]
    with pytest.raises(Unsayable, match="only a name"):
        connected.encode(Ref(None, "Acme"))


def test_zoho_numbers_and_lookups() -> None:
    """Long numbers are texts of digits; a lookup is an object of id and name, and needs its id."""
    long = codec("zoho", definition("zoho", "bigint"))
    assert long.decode("123456789012345678") == long.decode(123456789012345678) == 123456789012345678
    assert long.encode(-5) == "-5"
    with pytest.raises(Unsayable, match="at most 18 digits"):
        long.encode(10**18)
    short = codec("zoho", definition("zoho", "integer"))
    assert short.decode(5.0) == 5
    with pytest.raises(Unsayable, match="at most 9 digits"):
        short.encode(10**9)
    lookup = codec("zoho", definition("zoho", "lookup"))
    assert lookup.decode({"id": "5", "name": "Ada", "email": "a@b.example"}) == Ref("5", "Ada")
    assert lookup.encode(Ref("5", "Ada")) == {"id": "5", "name": "Ada"}
    assert lookup.encode((Ref("5"), Ref("6"))) == {"id": "5"}
    with pytest.raises(Unsayable, match="only its name is known"):
        lookup.encode(Ref(None, "Ada"))


def test_base_reads_what_its_page_shows() -> None:
    """The page of custom fields has texts for numbers, months first and options as objects; all are read."""
    assert codec("base", definition("base", "number")).decode("123.45") == Decimal("123.45")
    assert codec("base", definition("base", "date")).decode("4/27/2016") == dt.date(2016, 4, 27)
    option = codec("base", definition("base", "list"))
    assert option.decode({"id": 1, "name": "Red"}) == option.decode("Red") == Ref("7", "Red")
    several = codec("base", definition("base", "multi_select_list"))
    assert several.decode([{"id": 1, "name": "Red"}, "5"]) == (Ref("7"), Ref("10"))
    with pytest.raises(Doubt, match="no zone"):
        codec("base", definition("base", "datetime")).decode("4/28/2016 6:00")
    with pytest.raises(Unfit, match="a date"):
        codec("base", definition("base", "date")).decode("27/4/2016")


LOSSES: list[tuple[str, str, Any, str, str]] = [
    ("copper", "String", "x" * 13, "truncated", "'F' holds 12 characters; the rest is cut off"),
    ("zoho", "website", "x" * 13, "truncated", "'F' holds 12 characters; a longer value is left out"),
    ("zoho", "email", "nobody", "coerced", "'F' takes an e-mail address, and this text is none"),
    ("zoho", "double", Decimal(10**16), "coerced", "'F' holds 16 digits before the point"),
    ("zoho", "double", 5, "coerced", "'F' takes a Decimal"),
    ("zoho", "currency", Decimal("1.005"), "truncated", "'F' holds 2 places after the point; the number is rounded"),
    ("copper", "Date", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "coerced", "Copper keeps a day here, without a time"),
    ("zoho", "date", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "coerced", "Zoho keeps a day here, without a time"),
    ("zoho", "datetime", dt.date(2026, 1, 1), "coerced", "Zoho keeps a date and a time here"),
    ("base", "datetime", dt.date(2026, 1, 1), "coerced", "Base keeps a date and a time here"),
    ("base", "address", Address(city="Lyon", category="home"), "narrowed",
     "Base does not keep what this address is for"),
    ("zoho", "lookup", (Ref("5"), Ref("6")), "narrowed",
     "a Zoho lookup points to one record; of several the first is kept"),
    ("base", "list", "Red", "coerced", "'F' takes an option: Ref(id=…) or Ref(name=…)"),
    ("base", "multi_select_list", Ref("7"), "coerced", "'F' takes several options: a tuple of Ref"),
]  # fmt: skip


@pytest.mark.parametrize(("vendor", "wire_type", "value", "reason", "detail"), LOSSES)
def test_losses_in_words(vendor: str, wire_type: str, value: Any, reason: str, detail: str) -> None:
    """A loss names the field, or what the CRM keeps."""
    field = definition(vendor, wire_type)
    _, loss = untyped(value, codec(vendor, field), field)
    assert loss is not None
    assert (loss.reason, loss.detail) == (reason, detail)


def test_without_bounds_nothing_is_cut() -> None:
    """A definition that tells neither length nor places holds all."""
    for wire_type, value in (("text", "x" * 9999), ("double", Decimal("0.123456789"))):
        field = definition("zoho", wire_type, max_length=None, decimals=None)
        assert untyped(value, codec("zoho", field), field)[1] is None


def test_an_option_that_is_no_longer_offered() -> None:
    """It is read, since records still have it, and not written."""
    field = definition("zoho", "picklist", options=(Option(name="Old", active=False), Option(name="New")))
    made = codec("zoho", field)
    assert made.decode("Old") == Ref(None, "Old")
    with pytest.raises(Unsayable, match="it has New"):
        made.encode(Ref(None, "Old"))
    assert made.schema == {"enum": ["New"]}
