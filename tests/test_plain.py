"""Neutral objects as plain JSON, and adapters as cattrs converters."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlens import registry
from leadlens.conversion import Conversion, ConvertRequest, Existing, Match, NewDeal, UpsertRequest, UpsertResult
from leadlens.decoding import dumps, loads
from leadlens.errors import InputError, LossError
from leadlens.loss import LossPolicy
from leadlens.model import Address, Company, Contact, CustomField, Deal, Lead, Money, Ref
from leadlens.plain import adapter_converter, from_plain, to_plain
from leadlens.strategies import anything
from leadlens.testing.compare import difference

FEW = max(50, settings().max_examples // 10)
SPECS = Path(__file__).resolve().parent.parent / "specs"
CLASSES = (Lead, Contact, Company, Deal, ConvertRequest, Conversion, UpsertRequest, UpsertResult)


@pytest.mark.parametrize("cls", CLASSES)
@settings(max_examples=FEW)
@given(data=st.data())
def test_plain_json_is_the_whole_object(cls: type, data: st.DataObject) -> None:
    """Whatever is written as plain JSON reads as the same object, to the last label."""
    value = data.draw(anything(cls))
    back: Any = from_plain(orjson.loads(orjson.dumps(to_plain(value))), cls)
    assert not difference(value, back, labels=True)


def test_plain_json_is_plain() -> None:
    """Only what is given stands there; members of a union say which they are; amounts are texts."""
    request = ConvertRequest(
        lead_id="7", company=Existing("5"), contact=Match("Ada"), deal=NewDeal(value=Money("12.50", "EUR"))
    )
    assert to_plain(request) == {
        "lead_id": "7",
        "company": {"id": "5", "type": "Existing"},
        "contact": {"name": "Ada", "type": "Match"},
        "deal": {"value": {"amount": "12.50", "currency": "EUR"}, "type": "NewDeal"},
    }


def test_unknown_keys_are_refused() -> None:
    """A key that no neutral class has is an error, not dropped."""
    with pytest.raises(InputError, match=r"\$: expected a Lead as neutral JSON \(extra fields found \(titel\)\)"):
        from_plain({"titel": "Dr"}, Lead)


@pytest.mark.parametrize(
    ("data", "cls", "path"),
    [
        (5, Lead, "$"),
        ([], Lead, "$"),
        ({"phones": [{"number": "1"}, {"nummer": "2"}]}, Lead, "$.phones[1]"),
        ({"value": {"amount": "twelve"}}, Lead, "$.value.amount"),
        ({"deal": {"type": "NoSuch"}}, ConvertRequest, "$.deal"),
        ({"created_at": "yesterday"}, Lead, "$.created_at"),
    ],
)
def test_what_does_not_fit_is_told_with_its_path(data: Any, cls: type, path: str) -> None:
    """What is no such object is one clear error with its path; the value is not quoted."""
    with pytest.raises(InputError) as caught:
        from_plain(data, cls)
    assert caught.value.path == path
    assert "twelve" not in str(caught.value)


@pytest.mark.parametrize("name", ["copper", "zoho", "base"])
def test_an_adapter_is_a_converter(name: str) -> None:
    """A vendor's record becomes a neutral one and back by cattrs' own two calls."""
    converter = adapter_converter(registry.get(name), policy=LossPolicy("raise", allow=("reason:required",)))
    deal = {"copper": "name", "zoho": "Deal_Name", "base": "name"}[name]
    found = converter.structure({deal: "Pilot"}, Deal)
    assert found == Deal(name="Pilot")
    assert converter.unstructure(found)[deal] == "Pilot"


def test_a_converter_raises_losses_unless_told_otherwise() -> None:
    """Neither call can report a loss, so it is raised; a policy may let it pass."""
    copper, lead = registry.get("copper"), Lead(industry="Wine")
    with pytest.raises(LossError, match="a Copper lead has no industry"):
        adapter_converter(copper).unstructure(lead)
    with pytest.raises(LossError, match=r"\$\.zz"):
        adapter_converter(copper).structure({"name": "Ada", "zz": 1}, Lead)
    assert adapter_converter(copper, policy=LossPolicy("report")).unstructure(lead) == {}


def test_a_converter_refuses_what_is_no_record() -> None:
    """What is not the vendor's record is refused with its path."""
    with pytest.raises(InputError, match=r"\$\.title"):
        adapter_converter(registry.get("copper")).structure({"title": 5}, Lead)


def test_published_records_go_through_a_converter() -> None:
    """Copper's published lead is read and written by cattrs; nothing is lost but what Copper keeps itself."""
    policy = LossPolicy("raise", allow=("reason:read_only",))
    converter = adapter_converter(registry.get("copper"), policy=policy)
    published = orjson.loads((SPECS / "copper/exchanges/get_lead.json").read_bytes())["reply"]["body"]
    assert converter.unstructure(converter.structure(published, Lead))["name"] == published["name"]


# --- typed values of custom fields -----------------------------------------------------------------------------------

TYPED = st.one_of(
    st.dates(), st.datetimes(timezones=st.just(dt.UTC)), st.decimals(allow_nan=False), anything(Address), anything(Ref),
    st.booleans(), st.text(), st.integers(), st.fixed_dictionaries({"id": st.text(), "name": st.text()}),
    st.dictionaries(st.sampled_from(["$date", "$ref", "$json", "$", "a"]), st.text(), max_size=2),
)  # fmt: skip


@settings(max_examples=FEW)
@given(TYPED | st.lists(TYPED).map(tuple))
def test_a_typed_value_is_plain_json_and_back(value: Any) -> None:
    """A date, an amount, an option say what they are; whatever was JSON before looks as it did."""
    lead = Lead(custom_fields=(CustomField(definition=Ref("1"), value=value),))
    back = from_plain(loads(dumps(to_plain(lead))), Lead)
    assert not difference(lead, back, labels=True)
    assert back.custom_fields[0].value.__class__ is value.__class__


def test_typed_values_by_example() -> None:
    """One key with a dollar sign names the type; other JSON stands as it is."""
    values = (dt.date(2026, 1, 31), Decimal("1.50"), (Ref("1", "Red"),), {"id": "5"}, {"$date": "x"}, "2026-01-31")
    plain = [to_plain(CustomField(value=value))["value"] for value in values]
    assert plain == [
        {"$date": "2026-01-31"}, {"$decimal": "1.50"}, [{"$ref": {"id": "1", "name": "Red"}}], {"id": "5"},
        {"$json": {"$date": "x"}}, "2026-01-31",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [{"$date": "today"}, {"$ref": 5}, {"$decimal": "much"}, {"$address": {"zip": "1"}}])
def test_typed_values_that_are_none(value: Any) -> None:
    """A value that is not what its tag says is refused with its place."""
    with pytest.raises(InputError, match=r"\$\.custom_fields\[0\]\.value"):
        from_plain({"custom_fields": [{"value": value}]}, Lead)


def test_a_text_where_an_object_should_be_is_told_in_words() -> None:
    """Not in those of Python."""
    with pytest.raises(InputError) as caught:
        from_plain({"name": "Ann Lee"}, Lead)
    assert str(caught.value) == "$.name: expected a Lead as neutral JSON (expected an object)"
