"""translate: input that is not what it claims to be, numbers, and anything at all."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.payloads import (
    REQUESTS,
    VENDORS,
    body,
    every_kind,
    every_pair,
    every_vendor,
    go,
    leaves,
    payload,
    put,
    said,
    spelled,
)

from leadlens import registry
from leadlens.adapter import KINDS
from leadlens.decoding import dumps, loads
from leadlens.errors import InputError, LeadlensError
from leadlens.strategies import wires
from leadlens.translation import Translation

FOREIGN = [pair for pair in itertools.product(VENDORS, VENDORS) if pair[0] != pair[1]]
FEW = max(25, settings().max_examples // 80)


# --- input that is not what it claims to be --------------------------------------------------------------------------

NOT_JSON = {
    "empty": b"",
    "blank": b" \n",
    "cut short": b'{"name": "Ada"',
    "single quotes": b"{'name': 'Ada'}",
    "trailing comma": b'{"name": "Ada",}',
    "NaN": b'{"monetary_value": NaN}',
    "Infinity": b'{"monetary_value": Infinity}',
    "minus Infinity": b'{"monetary_value": -Infinity}',
    "latin-1": '{"name": "Zoë"}'.encode("latin-1"),
    "a lone surrogate": b'{"name": "\\ud83d"}',
    "a lone surrogate in a key": b'{"\\ud83d": 1}',
    "depth 65": b'{"name": ' + b"[" * 64 + b"]" * 64 + b"}",
    "more than 8 MiB": b'{"name": "' + b"a" * (8 * 1024 * 1024) + b'"}',
    "a number of 401 digits": b'{"monetary_value": ' + b"1" * 401 + b"}",
    "1e400": b'{"monetary_value": 1e400}',
    "an exponent without end": b'{"monetary_value": 1e999999999999999999999}',
    "two values": b"{} {}",
}


@pytest.mark.parametrize("name", NOT_JSON)
@every_kind
def test_what_is_not_json_is_refused(kind: str, name: str) -> None:
    """What is not JSON, or beyond the limits, is one input error at ``$`` that says what would fit."""
    with pytest.raises(InputError) as caught:
        go(kind, "copper", "zoho", NOT_JSON[name])
    assert caught.value.path == ("$.name" if name == "a lone surrogate" else "$")  # it alone has a place
    assert caught.value.expected
    assert str(caught.value) == f"{caught.value.path}: expected {caught.value.expected}"


@pytest.mark.parametrize("value", [None, [], [{}], "text", 5, 1.5, True], ids=repr)
@every_kind
@every_vendor
def test_what_is_no_object_is_refused(vendor: str, kind: str, value: Any) -> None:
    """Every kind is an object; anything else at the top is refused there."""
    with pytest.raises(InputError) as caught:
        go(kind, vendor, "copper", json.dumps(value))
    assert caught.value.path == "$"


@pytest.mark.parametrize(("vendor", "claimed"), FOREIGN)
@every_kind
def test_another_crms_payload_is_refused(vendor: str, claimed: str, kind: str) -> None:
    """One CRM's payload given as another's is an input error that says what was expected; it is never half read."""
    for wire in (payload(vendor, kind), body(vendor, kind)):
        with pytest.raises(InputError) as caught:
            go(kind, claimed, "copper", wire)
        assert caught.value.expected


def test_a_request_is_told_by_its_path() -> None:
    """A request to a path that is none of the kind's says which are."""
    for wire in ({"method": "GET", "path": "/developer_api/v1/leads/5/convert"}, {"method": "POST", "path": "/x"}):
        with pytest.raises(InputError, match=r"\$\.path: expected POST /developer_api/v1/leads/\{lead_id\}/convert"):
            go("convert-request", "copper", "zoho", wire)


FREE = {"custom_fields", "Tier", "Full_Name", "message", "links"}
"""Keys that hold anything, or repeat for people what other keys say."""


@every_vendor
@every_kind
def test_a_value_of_the_wrong_type_is_refused_where_it_stands(vendor: str, kind: str) -> None:
    """An object where a text, number or flag belongs is an input error that names the place and what would fit."""
    wire = body(vendor, kind)
    for place in leaves(wire):
        if FREE.isdisjoint(place):
            for wrong in ({"zz": 1}, [[5]]):
                with pytest.raises(InputError) as caught:
                    go(kind, vendor, "copper", put(wire, place, wrong))
                near = (caught.value.path, caught.value.path.rpartition(".")[0])
                assert spelled(place).startswith(near)
                assert caught.value.expected


@pytest.mark.parametrize(
    ("vendor", "kind", "wire", "path"),
    [
        ("copper", "lead", {"name": 5}, "$.name"),
        ("copper", "lead", {"email": "ada@example.test"}, "$.email"),
        ("copper", "lead", {"email": {"email": 5}}, "$.email.email"),
        ("copper", "lead", {"phone_numbers": {"number": "1"}}, "$.phone_numbers"),
        ("copper", "lead", {"phone_numbers": [{"number": "1"}, {"number": 2}]}, "$.phone_numbers[1].number"),
        ("copper", "lead", {"phone_numbers": [5]}, "$.phone_numbers[0]"),
        ("copper", "lead", {"tags": ["a", 5]}, "$.tags[1]"),
        ("copper", "lead", {"assignee_id": 7.0}, "$.assignee_id"),
        ("copper", "lead", {"assignee_id": True}, "$.assignee_id"),
        ("copper", "lead", {"assignee_id": ""}, "$.assignee_id"),
        ("copper", "lead", {"interaction_count": 1.5}, "$.interaction_count"),
        ("copper", "lead", {"interaction_count": True}, "$.interaction_count"),
        ("copper", "lead", {"date_created": 1489018784.0}, "$.date_created"),
        ("copper", "lead", {"date_created": -1}, "$.date_created"),
        ("copper", "lead", {"date_created": 10**12}, "$.date_created"),
        ("copper", "lead", {"monetary_value": "1000"}, "$.monetary_value"),
        ("copper", "lead", {"monetary_value": True}, "$.monetary_value"),
        ("copper", "deal", {"close_date": "2026-01-31"}, "$.close_date"),
        ("copper", "deal", {"close_date": "13/13/2026"}, "$.close_date"),
        ("copper", "deal", {"win_probability": 101}, "$.win_probability"),
        ("copper", "deal", {"win_probability": 5.5}, "$.win_probability"),
        ("copper", "deal", {"status": "open"}, "$.status"),
        ("copper", "deal", {"priority": "Urgent"}, "$.priority"),
        ("copper", "convert-request", {"details": {"company": {"id": 5, "name": "x"}}}, "$.details.company"),
        ("copper", "convert-request", {"details": {"company": {"name": 5}}}, "$.details.company.name"),
        ("copper", "convert-request", {"details": []}, "$.details"),
        ("copper", "convert-request", {"details": {"opportunity": "x"}}, "$.details.opportunity"),
        ("zoho", "lead", {"Last_Name": 5}, "$.Last_Name"),
        ("zoho", "lead", {"Tag": ["fair"]}, "$.Tag[0]"),
        ("zoho", "lead", {"Owner": "5"}, "$.Owner"),
        ("zoho", "lead", {"Created_Time": "yesterday"}, "$.Created_Time"),
        ("zoho", "lead", {"Email_Opt_Out": 1}, "$.Email_Opt_Out"),
        ("zoho", "lead", {"No_of_Employees": 7.0}, "$.No_of_Employees"),
        ("zoho", "lead", {"$converted": "yes", "Last_Name": "A"}, "$.$converted"),
        ("zoho", "lead", {"$converted": True, "$converted_detail": 5, "Last_Name": "A"}, "$.$converted_detail"),
        ("zoho", "deal", {"Closing_Date": "31.1.2026"}, "$.Closing_Date"),
        ("zoho", "deal", {"Amount": "1000"}, "$.Amount"),
        ("zoho", "convert-request", {"data": {}}, "$.data"),
        ("zoho", "convert-request", {"data": ["x"]}, "$.data[0]"),
        ("zoho", "convert-request", {"data": []}, "$.data"),
        ("zoho", "convert-request", {"data": [None]}, "$.data[0]"),
        ("zoho", "convert-request", {"data": [{"overwrite": "yes"}]}, "$.data[0].overwrite"),
        ("zoho", "convert-request", {"data": [{"carry_over_tags": {"Deals": "x"}}]}, "$.data[0].carry_over_tags.Deals"),
        ("zoho", "convert-reply", {"data": [{"code": "DUPLICATE_DATA", "details": {}}]}, "$.data[0].code"),
        ("zoho", "upsert-request", {"data": [{"Last_Name": "A"}], "trigger": "x"}, "$.trigger"),
        ("base", "lead", {"first_name": "A", "address": "x"}, "$.address"),
        ("base", "lead", {"first_name": "A", "custom_fields": []}, "$.custom_fields"),
        ("base", "lead", {"first_name": "A", "created_at": 5}, "$.created_at"),
        ("base", "contact", {"is_organization": True, "first_name": "A"}, "$.is_organization"),
        ("base", "deal", {"value": "1,000"}, "$.value"),
        ("base", "deal", {"value": "1_000"}, "$.value"),
        ("base", "deal", {"value": " 12 "}, "$.value"),
        ("base", "deal", {"value": "١٢"}, "$.value"),
        ("base", "deal", {"value": "NaN"}, "$.value"),
        ("base", "deal", {"value": "Infinity"}, "$.value"),
        ("base", "convert-request", {"data": {"create_deal": "yes"}}, "$.data.create_deal"),
        ("base", "convert-request", {"data": {"create_deal": 1}}, "$.data.create_deal"),
        ("base", "convert-request", {"data": [{}]}, "$.data"),
        ("base", "convert-reply", {"data": {"id": 5}, "meta": {"type": "lead"}}, "$.meta.type"),
    ],
)
def test_wrong_values_are_refused_where_they_stand(vendor: str, kind: str, wire: Any, path: str) -> None:
    """Each wrong value is one input error whose path leads to it."""
    with pytest.raises(InputError) as caught:
        go(kind, vendor, "zoho", wire)
    assert caught.value.path == path
    assert caught.value.expected


@every_vendor
@every_kind
def test_null_is_the_same_as_absent(vendor: str, kind: str) -> None:
    """A null where a value may stand is read as if the key were absent, or refused with its path; it never crashes."""
    wire = body(vendor, kind)
    for place in leaves(wire):
        for error in crosses(kind, vendor, put(wire, place, None)):
            assert isinstance(error, InputError)
            assert error.path.startswith("$")


def test_unknown_keys_are_reported_at_any_depth() -> None:
    """A key that nobody knows is a loss with its wire path, also inside lists and nested objects."""
    wire = {
        "name": "A",
        "zz": 1,
        "email": {"email": "a@example.test", "zy": 2},
        "phone_numbers": [{"number": "1"}, {"number": "2", "zx": 3}],
    }
    done = go("lead", "copper", "base", wire)
    found = {loss.path for loss in done.losses if loss.kind == "wire_only"}
    assert found == {"$.zz", "$.email.zy", "$.phone_numbers[1].zx"}
    assert {loss.reason for loss in done.losses if loss.kind == "wire_only"} == {"unknown_key"}


def test_unknown_parts_of_a_request_are_reported() -> None:
    """Query parameters and further keys of a request that no row reads are losses, not silence."""
    wire = {
        "method": "post",
        "path": "https://api.copper.com/developer_api/v1/leads/5/convert?trace=1",
        "query": {"dry": True},
        "headers": {"X": "1"},
        "body": {"details": {"zz": 1}},
    }
    done = go("convert-request", "copper", "zoho", wire)
    found = {loss.path for loss in done.losses if loss.reason == "unknown_key"}
    assert found == {"$.query.trace", "$.query.dry", "$.headers", "$.details.zz"}


def test_a_second_record_is_reported() -> None:
    """Of a request for several records the first is translated, and the others are reported."""
    done = go("upsert-request", "zoho", "base", {"data": [{"Last_Name": "A"}, {"Last_Name": "B"}]})
    assert ("$.data[1]", "unknown_key") in {(loss.path, loss.reason) for loss in done.losses}


def test_of_repeated_keys_the_last_wins() -> None:
    """Of repeated keys the last wins, as JSON readers do."""
    assert go("lead", "zoho", "base", '{"Last_Name": "A", "Last_Name": "B"}').body["last_name"] == "B"


# --- numbers ---------------------------------------------------------------------------------------------------------

EXACT = [
    "0.1",
    "1000",
    "1234567890123456.78",
    "0.12345678901234567890",
    "12345678901234567890",
    "100000000000000000000.5",
]


@pytest.mark.parametrize("digits", EXACT)
@every_pair
def test_amounts_arrive_digit_by_digit(digits: str, source: str, target: str) -> None:
    """An amount arrives with every digit, through numbers and through texts, in either direction."""
    key = {"copper": "monetary_value", "zoho": "Amount", "base": "value"}
    name = {"copper": "name", "zoho": "Deal_Name", "base": "name"}[source]
    spelled_out = f'"{digits}"' if source == "base" else digits
    done = go("deal", source, target, f'{{"{name}": "A", "{key[source]}": {spelled_out}}}')
    written = re.search(rf'"{key[target]}":"?([^,"}}]+)', dumps(done.body).decode())
    assert written is not None
    assert written[1] == digits
    assert said(done, "value") == []


@pytest.mark.parametrize("digits", ["1e300", "123456789012345678901234567890", "-0.000000000000000000012345"])
def test_custom_values_arrive_digit_by_digit(digits: str) -> None:
    """A number in a custom field arrives exactly, however long it is."""
    wire = f'{{"name": "A", "custom_fields": [{{"custom_field_definition_id": 1, "value": {digits}}}]}}'
    done = go("lead", "copper", "copper", wire, ids="keep")
    written = re.search(r'"value":([^,}]+)', dumps(done.body).decode())
    assert written is not None
    assert loads(written[1]) == loads(digits)


@pytest.mark.parametrize("digits", ["1e350", "1e-350", "1" * 320])
def test_a_number_beyond_all_use_is_reported(digits: str) -> None:
    """An amount of absurd size is reported as a loss, never written as another number."""
    done = go("lead", "copper", "copper", f'{{"name": "A", "monetary_value": {digits}}}', ids="keep")
    assert said(done, "value") == [("coerced", "loss", "differs")]
    assert "monetary_value" not in done.body


# --- anything at all -------------------------------------------------------------------------------------------------

TEXTS = st.sampled_from(
    ["", "a", "0", "5", "2026-01-31", "1/2/2026", "{deal_id}", "NaN", "9" * 25, "😀", "\x00", "SUCCESS"]
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
)
_SAID = (
    "data details calls method path query body losses meta id name person company opportunity properties match email "
    "phone_numbers Owner Tag Deals Accounts lead_id create_deal custom_fields address $converted $converted_detail "
    "items zz Zz ö"
)
KEYS = st.sampled_from(sorted(_SAID.split(" ")))
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)


def crosses(kind: str, source: str, wire: Any, **options: Any) -> list[LeadlensError]:
    """Translate to every CRM; return the errors, all of which must be leadlens's own."""
    errors = []
    for target in VENDORS:
        try:
            dumps(go(kind, source, target, wire, **options).to_json())
        except LeadlensError as error:
            errors.append(error)
    return errors


@settings(max_examples=FEW * 4)
@given(ANYTHING, st.sampled_from(KINDS), st.sampled_from([*VENDORS, "zoho@v2"]), st.sampled_from([None, "keep"]))
def test_any_json_translates_or_is_refused(wire: Any, kind: str, source: str, ids: Any) -> None:
    """Any JSON value at all is translated or refused with a leadlens error; no other exception comes out."""
    crosses(kind, source, wire, ids=ids)


@st.composite
def bent_wires(draw: st.DrawFn, kind: str, source: str) -> Any:
    """Draw a wire object of the source in which a few values were replaced by anything."""
    wire = draw(wires(registry.get(source).crosswalk(kind), unknown=draw(st.booleans())))
    for _ in range(draw(st.integers(0, 2))):
        places = leaves(wire)
        if places:
            wire = put(wire, places[draw(st.integers(0, len(places) - 1))], draw(ANYTHING))
    return as_request(wire) if kind in REQUESTS else wire


def as_request(wire: Any) -> Any:
    """Return the main call's body of an exchange."""
    main = wire.get("convert", wire.get("upsert"))
    return main.get("body", {}) if isinstance(main, dict) else {}


@pytest.mark.parametrize("source", [*VENDORS, "zoho@v2"])
@every_kind
def test_a_bent_payload_translates_or_is_refused(kind: str, source: str) -> None:
    """A payload with wrong values in it is translated or refused with a leadlens error, and nothing else is raised."""

    @settings(max_examples=FEW)
    @given(bent_wires(kind, source), st.sampled_from([None, "keep"]))
    def check(wire: Any, ids: Any) -> None:
        crosses(kind, source, wire, ids=ids)

    check()


PRIVATE = "Xq7private"
SECRETS: st.SearchStrategy[Any] = st.sampled_from(
    [PRIVATE, [PRIVATE], {"name": PRIVATE}, {"id": PRIVATE}, f"{PRIVATE}@x.test", f"1{PRIVATE}"]
)


@st.composite
def personal_wires(draw: st.DrawFn, kind: str, source: str) -> Any:
    """Draw a wire object of the source in which some values were replaced by something personal, in any shape."""
    wire = draw(bent_wires(kind, source))
    for place in leaves(wire):
        if draw(st.integers(0, 1)) and place:
            wire = put(wire, place, draw(SECRETS))
    return wire


@pytest.mark.parametrize("source", VENDORS)
@every_kind
def test_no_error_quotes_a_personal_value(kind: str, source: str) -> None:
    """No text of an error, of losses neither, holds a value of the payload: it may be personal."""

    @settings(max_examples=FEW)
    @given(personal_wires(kind, source))
    def check(wire: Any) -> None:
        for error in crosses(kind, source, wire, on_loss="raise"):
            assert PRIVATE not in str(error)
            assert PRIVATE not in repr(error.__context__ or "")

    check()


def test_json_errors_quote_nothing() -> None:
    """An error about broken JSON tells line and column, not what stands there."""
    with pytest.raises(InputError) as caught:
        go("lead", "copper", "zoho", f'{{"name": "{PRIVATE}", "x": {PRIVATE}}}')
    assert PRIVATE not in str(caught.value)
    assert "line 1, column" in str(caught.value)


def test_a_translation_does_not_show_bodies() -> None:
    """The repr of a translation and of its calls leaves bodies out: they hold personal data."""
    record = go("lead", "copper", "zoho")
    request = go("convert-request", "copper", "zoho")
    assert "Lovelace" not in repr(record)
    assert "Lovelace" not in repr(request)
    assert attrs.fields(Translation).body.repr is False
