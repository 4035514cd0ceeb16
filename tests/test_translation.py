"""translate: eight kinds, from every CRM to every CRM, in every form that scripts rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests import contracts
from tests.payloads import (
    LEAD_IN_TARGET,
    LEADS,
    PAIRS,
    REQUESTS,
    VENDORS,
    body,
    calls_of,
    every_kind,
    every_pair,
    every_vendor,
    go,
    payload,
    real,
    said,
)

from leadlens import registry, translate
from leadlens.adapter import KINDS, Adapter
from leadlens.decoding import dumps, loads
from leadlens.errors import InputError, UnknownAdapterError, UsageError
from leadlens.loss import REASONS

BODIES = [kind for kind in KINDS if kind not in REQUESTS]
ROOTS = {"copper": "/developer_api/v1/", "zoho": "/crm/v8/", "base": "/v2/"}
STEPS = {"read", "before", "convert", "upsert", "after"}
CALL_KEYS = ["name", "step", "method", "path", "query", "body", "why", "when"]
LOSS_KEYS = ["path", "reason", "detail", "level", "kind"]
SCHEMAS = {
    "copper": {"lead": "Lead", "contact": "Person", "company": "Company", "deal": "Opportunity"},
    "zoho": {"lead": "Lead", "contact": "Contact", "company": "Account", "deal": "Deal"},
    "base": {"lead": "Lead", "contact": "Contact", "company": "Contact", "deal": "Deal"},
}


# --- the payloads of this file ---------------------------------------------------------------------------------------


@every_vendor
@every_kind
def test_the_payloads_are_the_vendors(vendor: str, kind: str) -> None:
    """What these tests translate has the vendor's keys and types (records are cut short)."""
    wire = payload(vendor, kind)
    if kind in REQUESTS:
        found = contracts.check_call(vendor, wire["method"], wire["path"], wire["query"], wire["body"])
    elif kind in SCHEMAS[vendor]:
        found = contracts.validator(vendor, SCHEMAS[vendor][kind]).messages(wire, "$")
    elif vendor == "copper" and kind == "convert-reply":
        parts = zip(("Person", "Company", "Opportunity"), wire.values(), strict=True)
        found = [told for name, part in parts for told in contracts.validator(vendor, name).messages(part, "$")]
    else:
        name = {"convert-reply": "ConvertReply", "upsert-reply": "UpsertReply"}[kind]
        found = contracts.validator(vendor, name).messages(wire, "$")
    assert [told for told in found if "is a required property" not in told] == []


# --- what comes out --------------------------------------------------------------------------------------------------


@every_pair
@pytest.mark.parametrize("kind", REQUESTS)
def test_a_request_becomes_calls_and_losses(kind: str, source: str, target: str) -> None:
    """A request's output is ``calls`` and ``losses``; a call has its keys in order, a step, a path and a reason."""
    out = go(kind, source, target).to_json()
    assert list(out) == ["calls", "losses"]
    assert out["calls"]
    for call in out["calls"]:
        assert list(call) == CALL_KEYS
        assert call["step"] in STEPS
        assert call["method"] in {"GET", "POST", "PUT"}
        assert call["path"].startswith(ROOTS[target])
        assert isinstance(call["query"], dict)
        assert isinstance(call["why"], str)
        assert call["why"]
        assert call["when"] is None or call["when"]


@every_pair
@pytest.mark.parametrize("kind", BODIES)
def test_a_record_or_reply_becomes_a_body_and_losses(kind: str, source: str, target: str) -> None:
    """A record's and a reply's output is ``body`` and ``losses``."""
    done = go(kind, source, target)
    out = done.to_json()
    assert list(out) == ["body", "losses"]
    assert done.calls is None
    assert isinstance(out["body"], dict)
    assert out["body"]


@every_pair
@every_kind
def test_a_loss_is_five_texts(kind: str, source: str, target: str) -> None:
    """A loss is path, reason, detail, level and kind, in this order; the detail is a sentence."""
    for loss in go(kind, source, target).to_json()["losses"]:
        assert list(loss) == LOSS_KEYS
        assert all(isinstance(text, str) and text for text in loss.values())
        assert loss["reason"] in REASONS
        assert loss["level"] in {"loss", "note"}
        assert len(loss["detail"].split()) > 2


@every_pair
@every_kind
@pytest.mark.parametrize("ids", [None, "keep"])
def test_the_kind_of_a_loss_follows_from_its_reason(kind: str, source: str, target: str, ids: Any) -> None:
    """An unknown key is wire_only, what is required or defaulted is needs, every other loss is differs."""
    of_reason = {"unknown_key": "wire_only", "required": "needs", "defaulted": "needs"}
    odd = [x for x in go(kind, source, target, ids=ids).losses if x.kind != of_reason.get(x.reason, "differs")]
    assert odd == []


@every_pair
@every_kind
def test_paths_are_neutral(kind: str, source: str, target: str) -> None:
    """A loss's path is in neutral words; only an unknown key has its wire path, from ``$``."""
    for loss in go(kind, source, target).losses:
        assert loss.path.startswith("$") == (loss.kind == "wire_only")


@every_pair
@every_kind
def test_what_comes_out_is_json(kind: str, source: str, target: str) -> None:
    """The output can be written as JSON and read again, and says the same."""
    out = go(kind, source, target).to_json()
    assert dumps(loads(dumps(out))) == dumps(out)


@every_vendor
@every_kind
def test_a_crm_keeps_what_it_said_itself(vendor: str, kind: str) -> None:
    """Said to the same CRM with the ids kept, nothing is lost but what the CRM writes alone."""
    named = f"{vendor}@month-first" if vendor == "copper" else vendor
    done = go(kind, named, named, payload(vendor, kind), ids="keep")
    assert {loss.reason for loss in real(done)} <= {"read_only", "required"}


@every_vendor
def test_a_convert_names_the_lead_of_the_target(vendor: str) -> None:
    """The convert call is about the lead given by lead_id, in its path or its body, and never about the source's."""
    for source in VENDORS:
        text = json.dumps(go("convert-request", source, vendor).to_json()["calls"])
        assert LEAD_IN_TARGET in text
        assert LEADS[source] not in text


def test_copper_to_base_is_told_step_by_step() -> None:
    """One intent becomes the calls that carry it out, in the order in which they are sent, each with its reason."""
    given = {"details": {"person": {"name": "Ada Lovelace"}, "opportunity": {"name": "Pilot", "monetary_value": 1000}}}
    done = go("convert-request", "copper", "base", given)
    assert done.calls is not None
    assert [(call.step, call.method, call.path) for call in done.calls] == [
        ("before", "PUT", f"/v2/leads/{LEAD_IN_TARGET}"),
        ("convert", "POST", "/v2/lead_conversions"),
        ("after", "PUT", "/v2/deals/{deal_id}"),
    ]
    lead, convert, deal = done.calls
    assert lead.body == {"data": {"first_name": "Ada", "last_name": "Lovelace"}}
    assert convert.body == {"data": {"lead_id": int(LEAD_IN_TARGET), "create_deal": True}}
    assert deal.body == {"data": {"name": "Pilot", "value": "1000"}}
    assert (lead.when, convert.when) == (None, None)
    assert deal.when is not None
    assert "deal" in deal.when


def test_a_company_by_name_on_zoho_is_found_or_made_first() -> None:
    """Zoho links accounts by id alone: find, make if there is none, then convert with the id that these will tell."""
    done = go("convert-request", "copper", "zoho", {"details": {"company": {"name": "Acme (UK)"}}})
    calls = calls_of(done)
    assert [(call.step, call.when is None) for call in calls.values()] == [
        ("read", True),
        ("before", False),
        ("convert", True),
    ]
    assert calls["find_company"].query == {"criteria": r"(Account_Name:equals:Acme \(UK\))"}
    assert calls["find_company"].body is None
    assert calls["create_company"].body == {"data": [{"Account_Name": "Acme (UK)"}]}
    assert calls["convert"].body == {"data": [{"Accounts": {"id": "{company_id}"}}]}
    assert calls["convert"].query == {}


@every_vendor
def test_no_company_is_said_everywhere(vendor: str) -> None:
    """Wanting no company survives between all three CRMs, though each says it elsewhere."""
    given = {
        "copper": {"details": {"company": {"name": ""}}},
        "base": {
            "calls": [
                {"method": "PUT", "path": "/v2/leads/5", "body": {"data": {"organization_name": None}}},
                {"method": "POST", "path": "/v2/lead_conversions", "body": {"data": {"lead_id": 5}}},
            ]
        },
        "zoho": {
            "calls": [
                {"method": "PUT", "path": "/crm/v8/Leads/5", "body": {"data": [{"Company": None}]}},
                {"method": "POST", "path": "/crm/v8/Leads/5/actions/convert", "body": {"data": [{}]}},
            ]
        },
    }
    for target in VENDORS:
        done = go("convert-request", vendor, target, given[vendor])
        assert said(done, "company") == []
        again = go("convert-request", target, "copper", done.to_json())
        assert calls_of(again)["convert"].body["details"]["company"] == {"name": ""}


# --- what goes in ----------------------------------------------------------------------------------------------------


@every_pair
@pytest.mark.parametrize("kind", REQUESTS)
def test_a_request_may_be_a_bare_body(kind: str, source: str, target: str) -> None:
    """A bare body says what the whole request says, as far as the path does not say more."""
    whole = go(kind, source, target)
    if source == "base" and kind == "upsert-request":
        pytest.skip("Base says in the query what to match by, so that a bare body says less")
    assert go(kind, source, target, body(source, kind)) == whole


@every_pair
@pytest.mark.parametrize("kind", REQUESTS)
def test_a_request_may_be_a_list_of_calls(kind: str, source: str, target: str) -> None:
    """A request in a list of calls says what it says alone."""
    assert go(kind, source, target, {"calls": [payload(source, kind)]}) == go(kind, source, target)


@every_pair
@every_kind
def test_what_was_printed_can_be_given_back(kind: str, source: str, target: str) -> None:
    """Translate's own output is input again: said to the same CRM once more, it comes out as it was."""
    done = go(kind, source, target)
    again = go(kind, target, target, done.to_json(), ids="keep")
    assert again.calls == done.calls
    assert again.body == done.body


@every_kind
def test_decoded_bytes_and_text_are_the_same(kind: str) -> None:
    """A payload may be decoded JSON, or JSON as bytes or text."""
    wire = payload("zoho", kind)
    results = [go(kind, "zoho", "base", given) for given in (wire, json.dumps(wire), json.dumps(wire).encode())]
    assert results[0] == results[1] == results[2]


@every_kind
def test_the_payload_is_left_alone(kind: str) -> None:
    """Translating changes nothing in the payload that it was given."""
    for source, target in PAIRS:
        wire = payload(source, kind)
        go(kind, source, target, wire)
        assert wire == payload(source, kind)


@pytest.mark.parametrize(
    ("vendor", "envelope"),
    [("zoho", {"data": [...]}), ("zoho", {"data": [...], "info": {"count": 1}}), ("base", {"data": ..., "meta": {}})],
)
@pytest.mark.parametrize("kind", ["lead", "contact", "company", "deal"])
def test_a_record_may_stand_in_its_replys_envelope(vendor: str, envelope: dict[str, Any], kind: str) -> None:
    """A record in the envelope of the vendor's reply is read as if it stood alone."""
    record = payload(vendor, kind)
    wire = {**envelope, "data": [record] if isinstance(envelope["data"], list) else record}
    assert go(kind, vendor, "copper", wire) == go(kind, vendor, "copper", record)


@pytest.mark.parametrize("records", [[], [{"Last_Name": "A"}, {"Last_Name": "B"}], None, {"Last_Name": "A"}])
def test_an_envelope_holds_one_record(records: Any) -> None:
    """An envelope with no record, or with several, is refused with its path: nothing is dropped in silence."""
    with pytest.raises(InputError, match=r"^\$\.data: expected a list of one record$"):
        go("lead", "zoho", "base", {"data": records})


def test_paths_of_errors_go_through_the_envelope() -> None:
    """An error in an enveloped record, or in printed output, names the place in the input that was given."""
    for wire, at in (
        ({"data": [{"Last_Name": 5}]}, "$.data[0].Last_Name"),
        ({"body": {"Last_Name": 5}, "losses": []}, "$.body.Last_Name"),
        ({"body": {"data": [{"Last_Name": 5}]}, "losses": []}, "$.body.data[0].Last_Name"),
    ):
        with pytest.raises(InputError) as caught:
            go("lead", "zoho", "base", wire)
        assert caught.value.path.startswith(at.rpartition(".")[0])


# --- adapters and their variants -------------------------------------------------------------------------------------


def test_adapters_may_be_given_as_objects() -> None:
    """Source and target are names or adapters."""
    adapter = registry.get("copper")
    assert isinstance(adapter, Adapter)
    assert go("lead", "copper", "base") == translate(
        "lead", payload("copper", "lead"), source=adapter, target=registry.get("base"), lead_id=LEAD_IN_TARGET
    )


@pytest.mark.parametrize(
    ("name", "meant"), [("coper", "copper"), ("Zoho", "zoho"), ("bases", "base"), ("ZOHO", "zoho")]
)
def test_an_unknown_crm_is_suggested(name: str, meant: str) -> None:
    """An unknown CRM is a usage error that says which one is meant."""
    for pair in ((name, "base"), ("base", name)):
        with pytest.raises(UnknownAdapterError, match=f"did you mean '{meant}'"):
            go("lead", *pair, {"name": "A"})


@pytest.mark.parametrize("name", ["zoho@v9", "zoho@", "copper@v2", "base@v2", "zoho@V8", "zoho@v2@v3"])
def test_an_unknown_variant_is_refused(name: str) -> None:
    """An unknown version or setting is a usage error that says which there are."""
    with pytest.raises(UsageError, match="; there are "):
        go("lead", name, "base", {})


@pytest.mark.parametrize("kind", ["leads", "", "deal ", "convert", "conversion"])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    """An unknown kind is a usage error that says which there are."""
    with pytest.raises(UsageError, match="there are lead, contact, company, deal, note, attachment, convert-request"):
        translate(kind, {}, source="copper", target="zoho")


@pytest.mark.parametrize("version", ["v2", "v2.1"])
def test_zoho_names_records_by_bare_ids_at_first(version: str) -> None:
    """Until v2.1 Zoho's convert names records by bare ids."""
    given = {"details": {"person": {"assignee_id": 1376581}, "company": {"id": 9607580}}}
    done = go("convert-request", "copper", f"zoho@{version}", given, ids="keep")
    call = calls_of(done)["convert"]
    assert call.path == f"/crm/{version}/Leads/{LEAD_IN_TARGET}/actions/convert"
    assert call.body == {"data": [{"Accounts": "9607580", "assign_to": "1376581"}]}
    assert go("convert-request", f"zoho@{version}", "copper", call.body, ids="keep").calls is not None


@pytest.mark.parametrize("version", ["v3", "v4", "v5", "v6", "v7", "v8"])
def test_zoho_names_records_by_objects_later(version: str) -> None:
    """From v3 on Zoho's convert names records by objects, and v8 is the default."""
    given = {"details": {"company": {"id": 9607580}}}
    call = calls_of(go("convert-request", "copper", f"zoho@{version}", given, ids="keep"))["convert"]
    assert call.path == f"/crm/{version}/Leads/{LEAD_IN_TARGET}/actions/convert"
    assert call.body == {"data": [{"Accounts": {"id": "9607580"}}]}
    if version == "v8":
        assert calls_of(go("convert-request", "copper", "zoho", given, ids="keep"))["convert"] == call


@pytest.mark.parametrize(("version", "fits"), [("v2", True), ("v2.1", True), ("v3", False), ("v8", False)])
def test_the_body_of_another_version_is_refused(version: str, fits: bool) -> None:
    """A bare id is no reference from v3 on, an object is none before: the error names the place."""
    for item, good in (
        ({"Accounts": "3652397000000624046"}, fits),
        ({"Accounts": {"id": "3652397000000624046"}}, not fits),
    ):
        if good:
            go("convert-request", f"zoho@{version}", "copper", {"data": [item]})
            continue
        with pytest.raises(InputError) as caught:
            go("convert-request", f"zoho@{version}", "copper", {"data": [item]})
        assert caught.value.path == "$.data[0].Accounts"


def test_a_request_to_another_version_is_refused() -> None:
    """A request whose path has another version than the adapter says so, with the paths that fit."""
    wire = {"method": "POST", "path": "/crm/v2/Leads/5/actions/convert", "body": {"data": [{}]}}
    go("convert-request", "zoho@v2", "base", wire)
    with pytest.raises(InputError, match=r"^\$\.path: expected .*POST /crm/v8/Leads/\{lead_id\}/actions/convert"):
        go("convert-request", "zoho", "base", wire)


def test_the_replies_of_zohos_versions_differ() -> None:
    """v2's reply gives bare ids without a code, v8's objects with a code: each is read by its own version."""
    short = {"data": [{"Contacts": "3652397000007603014", "Accounts": "3652397000000624046", "Deals": None}]}
    done = go("convert-reply", "zoho@v2", "zoho", short, ids="keep")
    assert done.body["data"][0]["code"] == "SUCCESS"
    assert done.body["data"][0]["details"]["Contacts"]["id"] == "3652397000007603014"
    back = go("convert-reply", "zoho", "zoho@v2", ids="keep")
    assert back.body["data"][0]["Contacts"] == "3652397000007603014"
    assert [loss.path for loss in back.losses if loss.level == "loss"] == [
        "contact.record",
        "company.record",
        "deal.record",
    ]


@pytest.mark.parametrize(("version", "knows"), [("v4", False), ("v5", True), ("v8", True)])
def test_where_attachments_go_came_with_v5(version: str, knows: bool) -> None:
    """Attachments can be sent to a record from v5 on; before, it is reported."""
    given = {"data": [{"move_attachments_to": {"api_name": "Deals"}}]}
    done = go("convert-request", "zoho", f"zoho@{version}", given)
    assert (calls_of(done)["convert"].body == given) == knows
    assert said(done, "attachments_to") == ([] if knows else [("absent", "loss", "differs")])


def test_coppers_dates_need_the_accounts_order() -> None:
    """Copper's close_date is ambiguous unless the account's date order is named."""
    wire = {"name": "A", "close_date": "1/2/2026"}
    assert said(go("deal", "copper", "base", wire), "close_date") == [("ambiguous", "loss", "differs")]
    for order, day in (("month-first", "2026-01-02"), ("day-first", "2026-02-01")):
        done = go("deal", f"copper@{order}", "base", wire)
        assert done.body["estimated_close_date"] == day
        assert said(done, "close_date") == []
