"""What the strategies draw: wire objects that are taken, values that can be made, and small examples first."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import attrs
import jsonschema_rs
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from tests.made import LEAD, PHONE, TITLE
from tests.test_engine_rows import TARGET

from leadlens import conversion, jsonschema, model
from leadlens._compile import decode
from leadlens.conversion import UpsertRequest
from leadlens.crosswalk import Crosswalk, members
from leadlens.strategies import anything, fitting, values, wires

NEUTRAL = [
    cls
    for module in (model, conversion)
    for cls in vars(module).values()
    if isinstance(cls, type) and attrs.has(cls) and cls.__module__ == module.__name__
]
SCHEMAS: list[Any] = [
    {"type": "string", "pattern": "^[1-9][0-9]{0,18}$"},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "minLength": 3, "maxLength": 5},
    {"type": "integer", "minimum": 5, "maximum": 9},
    {"type": "number", "minimum": 0, "maximum": 1},
    {"type": ["boolean", "null"]},
    {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True},
    {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"], "additionalProperties": False},
    {"anyOf": [{"type": "integer"}, {"type": "null"}, {"type": "array", "minItems": 1, "items": {"type": "boolean"}}]},
    {},
]


@pytest.mark.parametrize("schema", SCHEMAS)
@settings(max_examples=50)
@given(data=st.data())
def test_fitting(schema: Any, data: st.DataObject) -> None:
    """What is drawn for a schema fits it."""
    drawn = data.draw(fitting(schema).filter(lambda wire: not isinstance(wire, tuple)))
    assert jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(drawn)


@pytest.mark.parametrize("crosswalk", [TITLE, LEAD, PHONE, TARGET])
@settings(max_examples=50)
@given(data=st.data())
def test_wires_are_taken(crosswalk: Crosswalk, data: st.DataObject) -> None:
    """Wire objects are built from the rows, so that decode takes each one and finds nothing unknown in it."""
    assert decode(crosswalk, data.draw(wires(crosswalk))).losses == ()


@settings(max_examples=50)
@given(wires(LEAD, unknown=True))
def test_unknown_keys(wire: dict[str, Any]) -> None:
    """With ``unknown`` there are keys that nobody claims."""
    assert {loss.reason for loss in decode(LEAD, wire).losses} == {"unknown_key"}


@pytest.mark.parametrize("member", TARGET.rows[0].cases)  # type: ignore[union-attr]  # the row is a variant
def test_every_case_is_drawn(member: Any) -> None:
    """Each case of a variant has a wire object that tells it."""
    found = find(wires(TARGET), lambda wire: isinstance(decode(TARGET, wire).value.company, member.member))
    assert decode(TARGET, found).value.company.__class__ is member.member


def test_examples_are_small() -> None:
    """The simplest example has nothing in it that it does not need."""
    assert find(wires(LEAD), lambda _: True) == {}
    assert find(wires(LEAD), lambda wire: wire.get("title") is not None) == {"title": "a"}
    assert find(values(LEAD), lambda lead: lead.owner is not None).title is None


def test_records_are_full_now_and_then() -> None:
    """Sometimes every attribute is given."""
    full = find(anything(model.Address), lambda address: None not in attrs.astuple(address))
    assert full.city


@pytest.mark.parametrize("cls", NEUTRAL)
@settings(max_examples=20)
@given(data=st.data())
def test_anything(cls: type, data: st.DataObject) -> None:
    """There are objects of every neutral class, and its validators take them."""
    assert data.draw(anything(cls)).__class__ is cls


@settings(max_examples=50)
@given(anything(UpsertRequest))
def test_validators_are_respected(request: UpsertRequest) -> None:
    """What is to be cleared is never also given."""
    assert not [name for name in request.clear if model.is_given(getattr(request.record, name))]


def test_unions_are_drawn() -> None:
    """A union's members are all drawn."""
    deals = anything(conversion.ConvertRequest).map(attrgetter("deal"))
    for member in members(conversion.ConvertRequest, "deal"):
        assert find(deals, member.__instancecheck__).__class__ is member


def test_schema_is_exact() -> None:
    """The schema of a crosswalk stands alone: keys by their codecs, each of them nullable, no others."""
    assert jsonschema.schema(TITLE) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "made.lead",
        "type": "object",
        "properties": {"Title": {"type": ["string", "null"]}},
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("wire", "fits"),
    [
        ({}, True),
        ({"co": {"id": "7"}}, True),
        ({"co": {"id": None}}, True),
        ({"co": {"name": "Acme"}}, True),
        ({"co": {"id": "7", "name": "Acme"}}, False),
        ({"co": {"id": 7}}, False),
        ({"co": []}, False),
        ({"company": None}, False),
    ],
)
def test_schema_of_cases(wire: Any, fits: bool) -> None:
    """A variant's schema is a choice: each case with its keys, and without those of the others."""
    assert jsonschema_rs.validator_for(jsonschema.schema(TARGET)).is_valid(wire) is fits
