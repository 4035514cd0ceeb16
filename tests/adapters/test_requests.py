"""What every key of a convert means, what is cleared by which keys, and by what an upsert matches.

As in the full records, each key has a value of its own, so that none can stand for another.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest
from tests.adapters.validation import UNSUPPORTED, Expected, refuses, validate_all

from leadlens import (
    Contact,
    ConvertRequest,
    Created,
    Deal,
    Lead,
    Match,
    MatchKey,
    Money,
    NewContact,
    NewDeal,
    Ref,
    UpsertRequest,
    decode,
    encode,
    registry,
)
from leadlens.conversion import Conversion
from leadlens.model import Company, CustomField, PersonName

# --- converts --------------------------------------------------------------------------------------------------------

DEAL = NewDeal(
    name="Pilot",
    value=Money(Decimal(7), "EUR"),
    owner=Ref("11"),
    close_date=dt.date(2026, 2, 3),
    probability=Decimal(40),
    tags=("a", "b", "c"),
)
SIZE = (CustomField(definition=Ref(None, "Size"), value="L"),)
COPPER = {
    "convert": {
        "path": {"lead_id": 77},
        "body": {
            "details": {
                "person": {"assignee_id": 31},
                "opportunity": {
                    "name": "Pilot", "pipeline_id": 15, "pipeline_stage_id": 16, "monetary_value": 7, "assignee_id": 11,
                },
            }
        },
    },
    "deal": {
        "body": {
            "monetary_unit": "EUR", "close_date": "2/3/2026", "win_probability": 40, "priority": "High",
            "customer_source_id": 18, "details": "Calls", "tags": ["a", "b", "c"],
            "custom_fields": [{"custom_field_definition_id": 12, "value": "L"}],
        }
    },
}  # fmt: skip
COPPER_MEANS = ConvertRequest(
    lead_id="77",
    contact_owner=Ref("31"),
    deal=attrs.evolve(
        DEAL,
        pipeline=Ref("15"),
        stage=Ref("16"),
        priority="high",
        source=Ref("18"),
        description="Calls",
        custom_fields=(CustomField(definition=Ref("12"), value="L"),),
    ),
)
ZOHO = {
    "convert": {
        "path": {"lead_id": "77"},
        "body": {
            "data": [
                {
                    "overwrite": True, "notify_lead_owner": False, "notify_new_entity_owner": True,
                    "move_attachments_to": {"api_name": "Contacts"}, "assign_to": {"id": "31"},
                    "carry_over_tags": {"Contacts": ["c"], "Accounts": ["d"], "Deals": ["e"]},
                    "Deals": {
                        "Deal_Name": "Pilot", "Closing_Date": "2026-02-03", "Stage": "Won", "Pipeline": "Standard",
                        "Contact_Role": "19", "Amount": 7, "Currency": "EUR", "Probability": 40, "Type": "New",
                        "Next_Step": "Call", "Campaign_Source": {"id": "20", "name": "Spring"}, "Lead_Source": "Fair",
                        "Owner": {"id": "11"}, "Description": "Calls", "Size": "L",
                        "Tag": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
                    },
                }
            ]
        },
    }
}  # fmt: skip
ZOHO_MEANS = ConvertRequest(
    lead_id="77",
    contact_owner=Ref("31"),
    company_owner=Ref("31"),
    rename_company=True,
    notify_lead_owner=False,
    notify_owner=True,
    attachments_to="contact",
    contact_tags=("c",),
    company_tags=("d",),
    deal_tags=("e",),
    deal=attrs.evolve(
        DEAL,
        pipeline=Ref(None, "Standard"),
        stage=Ref(None, "Won"),
        contact_role=Ref("19"),
        deal_type="New",
        next_step="Call",
        campaign=Ref("20", "Spring"),
        source=Ref(None, "Fair"),
        description="Calls",
        custom_fields=SIZE,
    ),
)
BASE = {
    "convert": {"body": {"data": {"lead_id": 77, "create_deal": True, "owner_id": 31}}},
    "deal": {
        "body": {
            "data": {
                "name": "Pilot", "value": "7", "currency": "EUR", "stage_id": 16, "estimated_close_date": "2026-02-03",
                "customized_win_likelihood": 40, "hot": True, "source_id": 18, "owner_id": 11, "tags": ["a", "b", "c"],
                "custom_fields": {"Size": "L"},
            }
        }
    },
}  # fmt: skip
BASE_MEANS = ConvertRequest(
    lead_id="77",
    contact_owner=Ref("31"),
    company_owner=Ref("31"),
    deal=attrs.evolve(DEAL, stage=Ref("16"), hot=True, source=Ref("18"), custom_fields=SIZE),
)
FULL = {"copper@month-first": (COPPER, COPPER_MEANS), "zoho": (ZOHO, ZOHO_MEANS), "base": (BASE, BASE_MEANS)}


@pytest.mark.parametrize("vendor", FULL)
def test_every_key_of_a_convert_means_one_thing(vendor: str) -> None:
    """A convert that says all that it can, and the calls around it, are read and written key by key."""
    wire, means = FULL[vendor]
    crosswalk = registry.get(vendor).crosswalk("convert-request")
    assert decode(crosswalk, wire).value == means
    assert encode(crosswalk, means).wire == wire


@pytest.mark.parametrize("vendor", ["zoho", "base"])
def test_one_owner_is_the_contacts(vendor: str) -> None:
    """Where a CRM gives contact and company one owner, the contact's counts, and another one of the company is lost."""
    crosswalk = registry.get(vendor).crosswalk("convert-request")
    encoded = encode(crosswalk, ConvertRequest(lead_id="77", contact_owner=Ref("1"), company_owner=Ref("2")))
    read = decode(crosswalk, encoded.wire).value
    assert (read.contact_owner, read.company_owner) == (Ref("1"), Ref("1"))
    assert [(loss.path, loss.reason, loss.level) for loss in encoded.losses] == [("company_owner", "coerced", "loss")]


def test_where_attachments_go_on_zoho() -> None:
    """Zoho names the kinds of records in its own words."""
    crosswalk = registry.get("zoho").crosswalk("convert-request")
    for module, target in {"Contacts": "contact", "Accounts": "company", "Deals": "deal"}.items():
        wire = {
            "convert": {"path": {"lead_id": "77"}, "body": {"data": [{"move_attachments_to": {"api_name": module}}]}}
        }
        assert decode(crosswalk, wire).value.attachments_to == target


def test_a_company_by_name_on_zoho() -> None:
    """An account is found by its name, with parentheses, commas and backslashes escaped, and else made."""
    crosswalk = registry.get("zoho").crosswalk("convert-request")
    wire = encode(crosswalk, ConvertRequest(lead_id="77", company=Match("A, B (C) D\\E", exact=True))).wire
    assert wire["find_company"]["query"] == {"criteria": r"(Account_Name:equals:A\, B \(C\) D\\E)"}
    assert wire["create_company"]["body"] == {"data": [{"Account_Name": "A, B (C) D\\E"}]}
    assert wire["convert"]["body"]["data"][0]["Accounts"] == {"id": "{company_id}"}


def test_a_company_that_zoho_is_not_told_of() -> None:
    """A company named on the lead before its conversion is no intent that leadlens knows; it is refused."""
    calls = [
        {"method": "PUT", "path": "/crm/v8/Leads/77", "body": {"data": [{"Company": "Acme"}]}},
        {"method": "POST", "path": "/crm/v8/Leads/77/actions/convert", "body": {"data": [{}]}},
    ]
    refuses("convert-request", {"calls": calls}, source="zoho", path="$", because="Match or NewCompany or Existing")


def test_a_name_of_one_word_is_a_last_name_on_base() -> None:
    """Base makes a contact only of a lead with a last name, so the only part of a name becomes it."""
    request = ConvertRequest(lead_id="77", contact=NewContact(name=PersonName(first="Ann")))
    wire = encode(registry.get("base").crosswalk("convert-request"), request).wire
    assert wire["lead"] == {"body": {"data": {"last_name": "Ann"}}}


def test_a_company_by_name_is_doubled_on_base() -> None:
    """Base finds no company by its name and makes another one: a loss, and no mere note."""
    request = ConvertRequest(lead_id="77", company=Match("Acme"))
    losses = encode(registry.get("base").crosswalk("convert-request"), request).losses
    assert [(loss.path, loss.reason, loss.level) for loss in losses] == [("company", "instead", "loss")]


def test_links_of_bases_reply() -> None:
    """Base's reply links each new record in its own resource; people and organizations are both contacts."""
    made = Conversion(
        contact=Created(record=Contact(id="1")),
        company=Created(record=Company(id="2")),
        deal=Created(record=Deal(id="3")),
    )
    wire = encode(registry.get("base").crosswalk("convert-reply"), made).wire
    root = "https://api.getbase.com/v2"
    links = {"individual": f"{root}/contacts/1", "organization": f"{root}/contacts/2", "deal": f"{root}/deals/3"}
    assert wire["meta"]["links"] == links


# --- upserts ---------------------------------------------------------------------------------------------------------

CLEARED: dict[str, tuple[Any, tuple[str, ...], dict[str, None], tuple[str, ...]]] = {
    "copper": (
        Lead(),
        ("emails", "name", "status", "value"),
        {"email": None, "monetary_value": None, "monetary_unit": None},
        ("name", "status"),
    ),
    "zoho": (
        Deal(),
        ("name", "next_step", "owner", "stage", "value"),
        {"Next_Step": None, "Amount": None, "Currency": None},
        ("name", "owner", "stage"),
    ),
    "base": (
        Deal(),
        ("close_date", "contact", "hot", "name", "stage", "value"),
        {"estimated_close_date": None, "value": None, "currency": None},
        ("contact", "hot", "name", "stage"),
    ),
}


def record_of(vendor: str, wire: Any) -> Any:
    body = wire["upsert"]["body"]
    return {"copper": lambda: body["properties"], "zoho": lambda: body["data"][0], "base": lambda: body["data"]}[
        vendor
    ]()


@pytest.mark.parametrize("vendor", CLEARED)
def test_what_is_cleared_is_null(vendor: str) -> None:
    """To clear an attribute is to write null under each of its keys; what a record always has cannot be cleared."""
    record, clear, nulls, kept = CLEARED[vendor]
    crosswalk = registry.get(vendor).crosswalk("upsert-request")
    encoded = encode(crosswalk, UpsertRequest(record=record, clear=clear))
    assert record_of(vendor, encoded.wire) == nulls
    told = sorted(loss.detail.partition(" ")[0] for loss in encoded.losses if loss.path == "clear")
    assert told == sorted(kept)


def test_a_contacts_statuses_cannot_be_cleared_on_base() -> None:
    """A Base contact is always a customer or a prospect of some status, none included."""
    crosswalk = registry.get("base").crosswalk("upsert-request")
    encoded = encode(crosswalk, UpsertRequest(record=Contact(), clear=("customer_status", "prospect_status")))
    assert record_of("base", encoded.wire) == {"is_organization": False}


def test_copper_matches_by_the_first_key() -> None:
    """The keys to match by are in the order in which they count; Copper takes one."""
    lead = Lead(name=PersonName(full="Ann"))
    keys = (MatchKey(field="email", value="a@b.test"), MatchKey(field="name"))
    encoded = encode(registry.get("copper").crosswalk("upsert-request"), UpsertRequest(record=lead, match=keys))
    assert encoded.wire["upsert"]["body"]["match"] == {"field_name": "email", "field_value": "a@b.test"}
    assert [(loss.path, loss.reason) for loss in encoded.losses] == [("match", "narrowed")]


def test_zoho_matches_by_fields_that_it_has() -> None:
    """A key of no field of Zoho's is left out, and reported."""
    keys = (MatchKey(field="email"), MatchKey(field="employees"))
    request = UpsertRequest(record=Lead(name=PersonName(last="Lee")), match=keys)
    encoded = encode(registry.get("zoho").crosswalk("upsert-request"), request)
    assert encoded.wire["upsert"]["body"]["duplicate_check_fields"] == ["Email"]
    assert [(loss.path, loss.reason) for loss in encoded.losses] == [("match", "narrowed")]


@pytest.mark.parametrize(("action", "outcome"), [("insert", "created"), ("update", "updated")])
def test_zoho_tells_what_an_upsert_did(action: str, outcome: str) -> None:
    """Zoho's words for what an upsert did are insert and update."""
    wire = {"data": [{"code": "SUCCESS", "action": action, "details": {"id": "5"}, "status": "success"}]}
    assert decode(registry.get("zoho").crosswalk("upsert-reply"), wire).value.outcome == outcome


# --- custom fields ---------------------------------------------------------------------------------------------------


def test_custom_fields_of_base() -> None:
    """Base keeps custom fields by name, several of them; one that is null says nothing."""
    crosswalk = registry.get("base").crosswalk("lead")
    size, colour = (CustomField(definition=Ref(None, name), value=name.upper()) for name in ("size", "colour"))
    wire = {"custom_fields": {"size": "SIZE", "colour": "COLOUR"}}
    assert encode(crosswalk, Lead(custom_fields=(size, colour))).wire == wire
    assert decode(crosswalk, {"custom_fields": {"size": "SIZE", "colour": None}}).value == Lead(custom_fields=(size,))


# --- ids of another account ------------------------------------------------------------------------------------------


def test_definitions_are_mapped_to_coppers() -> None:
    """A custom field arrives under the id that its definition has in Copper; without one it is left out."""
    lead = {"last_name": "A", "custom_fields": {"Size": "L"}}
    written = {"name": "A", "last_name": "A"}
    size = {"custom_fields": [{"custom_field_definition_id": 12, "value": "L"}]}
    ids = {"definition": {"Size": {"id": "12", "name": "Size"}}}
    validate_all("lead", lead, source="base", ids=ids, write={"copper": [written | size]})
    told: Expected = [written, UNSUPPORTED("custom_fields[0]", "foreign_id")]
    validate_all("lead", lead, source="base", ids={}, write={"copper": told})
    other = {"name": "A", "last_name": "A", "custom_fields": [{"custom_field_definition_id": 9, "value": "L"}]}
    validate_all("lead", other, source="copper", ids={}, write={"copper": told})
