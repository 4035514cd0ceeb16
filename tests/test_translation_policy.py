"""translate: whose lead and whose ids, what the source does when nothing is said, and what to do about losses."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.payloads import (
    LEAD_IN_TARGET,
    LEADS,
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
from leadlens.adapter import KINDS
from leadlens.decoding import dumps
from leadlens.errors import InputError, LossError, UsageError
from leadlens.model import Lead, PersonName
from leadlens.translation import read_lead, translator

# --- whose lead ------------------------------------------------------------------------------------------------------


@every_pair
def test_a_convert_needs_its_lead_in_the_target(source: str, target: str) -> None:
    """Ids belong to an account: without the target's lead a convert request is a usage error that names --lead-id."""
    with pytest.raises(UsageError, match="--lead-id ID"):
        translate("convert-request", payload(source, "convert-request"), source=source, target=target)


@every_vendor
def test_a_bare_body_does_not_name_the_lead(vendor: str) -> None:
    """Where the source names the lead in the path, a bare body lacks it even if ids are kept."""
    wire = body(vendor, "convert-request")
    if vendor == "base":
        del wire["data"]["lead_id"]
    with pytest.raises(UsageError, match=r"does not name the lead.*--lead-id ID"):
        translate("convert-request", wire, source=vendor, target="zoho", ids="keep")


@every_pair
def test_kept_ids_name_the_lead(source: str, target: str) -> None:
    """``ids="keep"`` says that the ids are the target's already, the lead's too."""
    done = translate("convert-request", payload(source, "convert-request"), source=source, target=target, ids="keep")
    assert LEADS[source] in json.dumps([call.to_json() for call in done.calls or ()])


@every_pair
def test_a_mapped_lead_needs_no_lead_id(source: str, target: str) -> None:
    """A lead that the id map knows needs no lead_id; one that it does not know is a usage error."""
    wire = payload(source, "convert-request")
    done = translate(
        "convert-request", wire, source=source, target=target, ids={"lead": {LEADS[source]: LEAD_IN_TARGET}}
    )
    assert LEAD_IN_TARGET in json.dumps([call.to_json() for call in done.calls or ()])
    with pytest.raises(UsageError, match="--lead-id ID"):
        translate("convert-request", wire, source=source, target=target, ids={"lead": {"1": "2"}})


def test_lead_id_counts_more_than_the_map() -> None:
    """What lead_id says is the target's already: it is not mapped again, and no number is needed as text."""
    ids = {"lead": {"5551001": "1", LEAD_IN_TARGET: "2"}}
    for lead_id in (LEAD_IN_TARGET, int(LEAD_IN_TARGET)):
        done = go("convert-request", "base", "copper", ids=ids, lead_id=lead_id)
        assert calls_of(done)["convert"].path == f"/developer_api/v1/leads/{LEAD_IN_TARGET}/convert"
        assert said(done, "lead_id") == []


@pytest.mark.parametrize("lead_id", ["", " ", "abc", "5/../6", "-5", "05", "5.0", "9" * 30])
@pytest.mark.parametrize("target", ["copper", "base"])
def test_an_id_that_no_lead_of_the_target_has_is_refused(lead_id: str, target: str) -> None:
    """A lead_id that cannot be one in the target is a usage error that names --lead-id; no call is made of it."""
    with pytest.raises(UsageError, match="--lead-id ID"):
        go("convert-request", "zoho", target, lead_id=lead_id)


def test_an_empty_lead_id_is_refused_everywhere() -> None:
    """No CRM has a lead with an empty id, and no call has an empty place in its path."""
    with pytest.raises(UsageError, match="--lead-id ID"):
        go("convert-request", "copper", "zoho", lead_id="")


def test_lead_id_is_for_converts_only() -> None:
    """Other kinds need no lead_id."""
    for kind in KINDS:
        if kind != "convert-request":
            translate(kind, payload("copper", kind), source="copper", target="base")


# --- ids belong to an account ----------------------------------------------------------------------------------------


def numbers_in(node: Any) -> set[str]:
    """Return every run of seven or more digits of a JSON value."""
    return set(re.findall(r"\d{7,}", dumps(node).decode()))


@every_pair
@every_kind
def test_no_id_of_the_source_reaches_the_target(kind: str, source: str, target: str) -> None:
    """Without a map, ids of the source's account are left out of what is sent or written, everywhere."""
    done = go(kind, source, target)
    out = done.to_json()
    ours = numbers_in(payload(source, kind)) - {"20000000", "1489018784", "1489531171", "1512006056"}
    assert numbers_in(out.get("calls", out.get("body"))) & ours == set()


@every_pair
@pytest.mark.parametrize("kind", ["lead", "contact", "company", "deal", "convert-request"])
def test_every_id_that_is_left_out_is_reported(kind: str, source: str, target: str) -> None:
    """Where leaving ids out changes what is sent or written, losses say which."""
    kept, left = go(kind, source, target, ids="keep"), go(kind, source, target)
    fewer = [loss.path for loss in real(left) if loss.reason in {"foreign_id", "unmapped_option"}]
    if kept.to_json() != left.to_json():
        assert fewer or kind == "convert-request"


def test_a_map_carries_ids_over() -> None:
    """A map says per space what is what in the target; what it does not name is left out and reported."""
    wire = {"name": "A", "assignee_id": 1376581, "primary_contact_id": 2714035, "pipeline_stage_id": 9877901}
    ids = {"user": {"1376581": "501"}, "stage": {"9877901": {"id": "502", "name": "Won"}}}
    done = go("deal", "copper", "base", wire, ids=ids)
    assert done.body == {"name": "A", "owner_id": 501, "stage_id": 502}
    assert said(done, "contact") == [("foreign_id", "loss", "differs"), ("required", "loss", "needs")]
    named = go("deal", "copper", "zoho", wire, ids=ids)
    assert named.body["Stage"] == "Won"
    assert named.body["Owner"]["id"] == "501"


def test_options_are_mapped_by_name_too() -> None:
    """An option that the source names by its text is found in the map by that text."""
    ids = {"status": {"Contacted": {"id": "77", "name": "Working"}}, "industry": {"Machines": "Engines"}}
    wire = {"Last_Name": "A", "Lead_Status": "Contacted", "Industry": "Machines"}
    done = go("lead", "zoho", "zoho", wire, ids=ids)
    assert done.body == {"Last_Name": "A", "Lead_Status": "Working", "Industry": "Engines"}
    lost = go("lead", "zoho", "zoho", wire, ids={})
    assert said(lost, "status") == said(lost, "industry") == [("unmapped_option", "loss", "differs")]
    assert lost.body == {"Last_Name": "A"}


def test_custom_fields_are_mapped_by_their_definitions() -> None:
    """A custom field goes where its definition is mapped to; others are left out and reported."""
    wire = {"Last_Name": "A", "Tier": "gold", "Colour": "red"}
    done = go("lead", "zoho", "copper", wire, ids={"definition": {"Tier": {"id": "1007641", "name": "Tier"}}})
    assert done.body["custom_fields"] == [{"custom_field_definition_id": 1007641, "value": "gold"}]
    assert [loss.reason for loss in done.losses if loss.path.startswith("custom_fields")] == ["foreign_id"]


@pytest.mark.parametrize("ids", ["kepp", "", "KEEP"])
def test_ids_are_kept_or_a_map(ids: Any) -> None:
    """Any other word than keep is a usage error."""
    with pytest.raises(UsageError, match="ids must be 'keep' or a map"):
        go("lead", "copper", "zoho", ids=ids)


def test_an_id_beyond_the_doubles_is_kept_exactly() -> None:
    """An id given as a number beyond 2^53 arrives digit by digit."""
    for digits in ("9007199254740993", "3652397000000186017", "9223372036854775807"):
        done = go("lead", "copper", "zoho", f'{{"name": "A", "assignee_id": {digits}}}', ids="keep")
        assert done.body["Owner"]["id"] == digits
        back = go("lead", "zoho", "copper", f'{{"Last_Name": "A", "Owner": {{"id": "{digits}"}}}}', ids="keep")
        assert dumps(back.body).decode().count(digits) == 1


@pytest.mark.parametrize("digits", ["9223372036854775808", "9" * 30, "9" * 5000, "12a", "0x10"])
def test_an_id_that_the_target_cannot_have_is_reported(digits: str) -> None:
    """An id that is no number of 64 bits is reported where the target's ids are such numbers, however long it is."""
    done = go("deal", "base", "copper", {"name": "A", "contact_id": digits}, ids="keep")
    assert ("id_not_exact", "loss", "differs") in said(done, "contact")
    assert "primary_contact_id" not in done.body


# --- the source's own default ----------------------------------------------------------------------------------------


def test_bases_default_deal_is_said_to_the_target() -> None:
    """Base makes a deal when nothing is said; the target is asked for one, with a note."""
    wire = {"data": {"lead_id": 5551001}}
    for target in ("copper", "zoho"):
        done = go("convert-request", "base", target, wire)
        assert said(done, "deal")[0] == ("defaulted", "note", "needs")
        text = json.dumps(calls_of(done)["convert"].body)
        assert "opportunity" in text or "Deals" in text
    same = go("convert-request", "base", "base", wire)
    assert calls_of(same)["convert"].body["data"]["create_deal"] is True


@pytest.mark.parametrize("vendor", ["copper", "zoho"])
def test_no_deal_by_default_is_said_to_base(vendor: str) -> None:
    """Copper and Zoho make no deal when nothing is said; Base, which would, is told so."""
    wire: Any = {"details": {"person": {}}} if vendor == "copper" else {"data": [{}]}
    done = go("convert-request", vendor, "base", wire)
    assert calls_of(done)["convert"].body["data"]["create_deal"] is False
    assert real(done) == []


def test_defaults_that_differ_are_noted() -> None:
    """Where nothing said about contact or company means something else on the target, a note says what, on both."""
    done = go("convert-request", "zoho", "copper", {"data": [{}]})
    for path in ("contact", "company"):
        notes = [loss for loss in done.losses if loss.path == path]
        assert [(note.reason, note.level, note.kind) for note in notes] == [("defaulted", "note", "needs")]
        assert "Copper" in notes[0].detail
        assert "Zoho" in notes[0].detail
    same = go("convert-request", "zoho", "zoho", {"data": [{}]})
    assert same.losses == ()


def test_bases_one_owner_is_the_deals_too() -> None:
    """Base gives all that a conversion makes one owner: the target's deal gets it as well, with a note."""
    done = go("convert-request", "base", "copper", ids="keep")
    assert calls_of(done)["convert"].body["details"]["opportunity"]["assignee_id"] == 5553003
    assert said(done, "deal.owner") == [("defaulted", "note", "needs")]


# --- the lead itself -------------------------------------------------------------------------------------------------


def test_what_depends_on_the_lead_is_said_or_decided() -> None:
    """Base makes a contact of a lead with a last name only: without the lead it depends, with it it is decided."""
    wire: dict[str, Any] = {"details": {}}
    assert len([x for x in go("convert-request", "copper", "base", wire).losses if "last name" in x.detail]) == 2
    named = go("convert-request", "copper", "base", wire, lead=Lead(name=PersonName(last="Lovelace")))
    assert [x.reason for x in named.losses if x.path == "contact"] == ["defaulted"]
    for nameless in (Lead(), Lead(name=PersonName(first="Ada"))):
        lost = go("convert-request", "copper", "base", wire, lead=nameless)
        assert ("required", "loss", "needs") in said(lost, "contact")


def test_a_lead_is_read_from_the_sources_record() -> None:
    """read_lead takes a source's record, bare, enveloped or as bytes."""
    record = payload("base", "lead")
    whole = read_lead("base", record)
    assert whole.name == PersonName(first="Ada", last="Lovelace")
    assert read_lead(registry.get("base"), {"data": record}) == read_lead("base", json.dumps(record).encode()) == whole
    with pytest.raises(InputError):
        read_lead("base", {"first_name": 5})
    with pytest.raises(InputError):
        read_lead("zoho", record)


# --- the policy ------------------------------------------------------------------------------------------------------

LOSSY = {"name": "Ada Lovelace", "first_name": "Ada", "last_name": "Lovelace", "assignee_id": 1, "status": "New"}


def test_losses_are_reported_by_default() -> None:
    """By default losses are reported and what can be said is returned."""
    done = translate("lead", LOSSY, source="copper", target="zoho")
    assert sorted({loss.path for loss in real(done)}) == ["owner", "status"]
    assert done == translate("lead", LOSSY, source="copper", target="zoho", on_loss="report")


def test_raise_lists_every_loss() -> None:
    """Under raise one error lists all losses that are not allowed, and no note."""
    with pytest.raises(LossError) as caught:
        go("lead", "copper", "zoho", {**LOSSY, "monetary_value": 5, "zz": 1}, on_loss="raise")
    assert {(x.path, x.reason) for x in caught.value.losses} == {
        ("$.zz", "unknown_key"),
        ("owner", "foreign_id"),
        ("status", "unmapped_option"),
        ("value", "absent"),
    }
    text = str(caught.value)
    assert text.startswith("4 loss(es)")
    assert all(x.path in text and x.detail in text for x in caught.value.losses)


def test_notes_never_raise() -> None:
    """Only losses of level loss raise."""
    done = go("lead", "copper", "zoho", {"name": "Ada King Lovelace"}, on_loss="raise")
    assert [loss.level for loss in done.losses] == ["note"]


def test_ignore_reports_nothing() -> None:
    """Under ignore the result is the same, without its losses."""
    told, silent = go("lead", "copper", "zoho"), go("lead", "copper", "zoho", on_loss="ignore")
    assert silent.losses == ()
    assert silent.body == told.body


@pytest.mark.parametrize(
    ("allow", "left"),
    [
        ((), {"owner", "status", "value"}),
        (("owner",), {"status", "value"}),
        (("own",), {"owner", "status", "value"}),
        (("owner", "status", "value"), set()),
        (("reason:foreign_id",), {"status", "value"}),
        (("reason:foreign_id", "reason:unmapped_option", "reason:absent"), set()),
        (("reason:absent", "owner.id"), {"owner", "status"}),
        ("value", {"owner", "status"}),
    ],
)
def test_losses_may_be_allowed(allow: Any, left: set[str]) -> None:
    """Allowed are neutral paths, each covering what lies below it, and reasons; one text is one entry."""
    options: Any = {"on_loss": "raise", "allow": allow}
    if not left:
        assert real(go("lead", "copper", "zoho", {**LOSSY, "monetary_value": 5}, **options))
        return
    with pytest.raises(LossError) as caught:
        go("lead", "copper", "zoho", {**LOSSY, "monetary_value": 5}, **options)
    assert {loss.path for loss in caught.value.losses} == left


def test_an_allowed_path_covers_what_lies_below() -> None:
    """``deal`` allows ``deal.stage`` and everything else inside the deal."""
    wire = payload("copper", "convert-request")
    with pytest.raises(LossError) as caught:
        go("convert-request", "copper", "zoho", wire, on_loss="raise", allow=["deal"])
    assert all(not loss.path.startswith("deal") for loss in caught.value.losses)


def test_required_is_allowed_by_its_reason() -> None:
    """What the target requires is a loss that can be allowed like any other."""
    wire = {"details": {"opportunity": {"name": "A"}}}
    with pytest.raises(LossError) as caught:
        go("convert-request", "copper", "zoho", wire, on_loss="raise")
    assert {loss.reason for loss in caught.value.losses} == {"required"}
    go("convert-request", "copper", "zoho", wire, on_loss="raise", allow=["reason:required"])


@pytest.mark.parametrize("options", [{"on_loss": "explode"}, {"on_loss": "Raise"}, {"allow": ["reason:foreign"]}])
def test_a_policy_that_does_not_exist_is_refused(options: Any) -> None:
    """A mode or a reason that does not exist is a usage error that lists those which do."""
    with pytest.raises(UsageError, match=r"report, raise, ignore|absent, read_only"):
        go("lead", "copper", "zoho", **options)


def test_a_translator_is_prepared_once() -> None:
    """A translator checks its arguments when it is made, and translates many payloads as translate does."""
    work = translator("deal", source="copper", target="base")
    for wire in (payload("copper", "deal"), {"name": "A"}):
        assert work(wire) == translate("deal", wire, source="copper", target="base")
    good: dict[str, Any] = {"kind": "deal", "source": "copper", "target": "base"}
    wrong: list[dict[str, Any]] = [{"source": "coper"}, {"on_loss": "x"}, {"ids": {"usr": {}}}, {"kind": "x"}]
    for bad in wrong:
        with pytest.raises(UsageError):
            translator(**good | bad)
