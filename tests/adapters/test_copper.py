"""Copper (developer.copper.com): what its payloads mean, how the others say them, and how it says the others'."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests.adapters.validation import CALL, NOTE, UNSUPPORTED, Expected, refuses, validate_all

from leadlens import (
    Contact,
    ConvertRequest,
    Created,
    Existing,
    Lead,
    Match,
    MatchKey,
    Money,
    NewContact,
    NewDeal,
    Nothing,
    Present,
    Ref,
    UpsertRequest,
    VendorDefault,
    decode,
    registry,
)
from leadlens.model import Company, CustomField, Deal, Email, PersonName, Phone

COPPER = "/developer_api/v1/leads/77/convert"
ZOHO = "/crm/v8/Leads/77/actions/convert"
BASE = "/v2/lead_conversions"
NO_DEAL = {"data": {"lead_id": 77, "create_deal": False}}


def details(**parts: Any) -> dict[str, Any]:
    return {"details": parts}


DOCUMENTED_CONVERSION = details(
    person={"name": "John Doe"},
    opportunity={"name": "Demo Project", "pipeline_id": 213214, "pipeline_stage_id": 12345, "monetary_value": 1000},
)
DOCUMENTED_CONVERSION_DEAL = NewDeal(
    name="Demo Project", pipeline=Ref("213214"), stage=Ref("12345"), value=Money(Decimal(1000))
)
DOCUMENTED_CONVERSION_WRITE: dict[str, Expected] = {
    "copper": [CALL("POST", COPPER, DOCUMENTED_CONVERSION)],
    "zoho": [
        CALL("PUT", "/crm/v8/Leads/77", {"data": [{"First_Name": "John", "Last_Name": "Doe"}]}),
        CALL("POST", ZOHO, {"data": [{"Deals": {"Deal_Name": "Demo Project", "Amount": 1000}}]}),
        UNSUPPORTED("deal.pipeline", "unmapped_option"),
        UNSUPPORTED("deal.pipeline", "required"),
        UNSUPPORTED("deal.stage", "unmapped_option"),
        UNSUPPORTED("deal.stage", "required"),
        UNSUPPORTED("deal.close_date", "required"),
        NOTE("contact.name", "coerced"),
    ],
    "base": [
        CALL("PUT", "/v2/leads/77", {"data": {"first_name": "John", "last_name": "Doe"}}),
        CALL("POST", BASE, {"data": {"lead_id": 77, "create_deal": True}}),
        CALL("PUT", "/v2/deals/{deal_id}", {"data": {"name": "Demo Project", "value": "1000", "stage_id": 12345}}),
        UNSUPPORTED("deal.pipeline", "absent"),
        NOTE("contact.name", "coerced"),
    ],
}


def test_documented_conversion() -> None:
    """Copper's documented sample: a person by name, and a deal by name, pipeline, stage and value."""
    validate_all(
        "convert-request",
        DOCUMENTED_CONVERSION,
        source="copper",
        read=ConvertRequest(contact=NewContact(name=PersonName(full="John Doe")), deal=DOCUMENTED_CONVERSION_DEAL),
        write=DOCUMENTED_CONVERSION_WRITE,
    )


def test_company_by_id() -> None:
    """A company named by its id is linked; Base links none that is there."""
    wire = details(company={"id": 9607580})
    validate_all(
        "convert-request",
        wire,
        source="copper",
        read=ConvertRequest(company=Existing("9607580")),
        write={
            "copper": [CALL("POST", COPPER, wire)],
            "zoho": [CALL("POST", ZOHO, {"data": [{"Accounts": {"id": "9607580"}}]})],
            "zoho@v2.1": [CALL("POST", "/crm/v2.1/Leads/77/actions/convert", {"data": [{"Accounts": "9607580"}]})],
            "zoho@v3": [CALL("POST", "/crm/v3/Leads/77/actions/convert", {"data": [{"Accounts": {"id": "9607580"}}]})],
            "base": [CALL("POST", BASE, NO_DEAL), UNSUPPORTED("company", "absent")],
        },
    )


COMPANY_BY_EXACT_NAME = details(company={"name": "Dunder Mifflin", "exact_match": True})
COMPANY_BY_EXACT_NAME_WRITE: dict[str, Expected] = {
    "copper": [CALL("POST", COPPER, COMPANY_BY_EXACT_NAME)],
    "zoho": [
        CALL("GET", "/crm/v8/Accounts/search", query={"criteria": "(Account_Name:equals:Dunder Mifflin)"}),
        CALL("POST", "/crm/v8/Accounts", {"data": [{"Account_Name": "Dunder Mifflin"}]}),
        CALL("POST", ZOHO, {"data": [{"Accounts": {"id": "{company_id}"}}]}),
    ],
    "zoho@v2": [
        CALL("GET", "/crm/v2/Accounts/search", query={"criteria": "(Account_Name:equals:Dunder Mifflin)"}),
        CALL("POST", "/crm/v2/Accounts", {"data": [{"Account_Name": "Dunder Mifflin"}]}),
        CALL("POST", "/crm/v2/Leads/77/actions/convert", {"data": [{"Accounts": "{company_id}"}]}),
    ],
    "base": [
        CALL("PUT", "/v2/leads/77", {"data": {"organization_name": "Dunder Mifflin"}}),
        CALL("POST", BASE, NO_DEAL),
        UNSUPPORTED("company", "instead"),
    ],
}


def test_company_by_exact_name() -> None:
    """An exact name links the company that has it, or creates it: on Zoho by finding or creating the account first."""
    validate_all(
        "convert-request",
        COMPANY_BY_EXACT_NAME,
        source="copper",
        read=ConvertRequest(company=Match("Dunder Mifflin")),
        write=COMPANY_BY_EXACT_NAME_WRITE,
    )


def test_special_characters_of_a_search() -> None:
    """Brackets and commas in a name are escaped in Zoho's search criteria."""
    validate_all(
        "convert-request",
        details(company={"name": "Miller, Son (UK)", "exact_match": True}),
        source="copper",
        write={
            "zoho": [
                CALL(
                    "GET",
                    "/crm/v8/Accounts/search",
                    query={"criteria": r"(Account_Name:equals:Miller\, Son \(UK\))"},
                ),
                CALL("POST", "/crm/v8/Accounts", {"data": [{"Account_Name": "Miller, Son (UK)"}]}),
                CALL("POST", ZOHO, {"data": [{"Accounts": {"id": "{company_id}"}}]}),
            ],
        },
    )


COMPANY_BY_FUZZY_NAME = details(company={"name": "Dunder Mifflin"})
COMPANY_BY_FUZZY_NAME_WRITE: dict[str, Expected] = {
    "copper": [CALL("POST", COPPER, COMPANY_BY_FUZZY_NAME)],
    "zoho": [
        CALL("GET", "/crm/v8/Accounts/search", query={"criteria": "(Account_Name:equals:Dunder Mifflin)"}),
        CALL("POST", "/crm/v8/Accounts", {"data": [{"Account_Name": "Dunder Mifflin"}]}),
        CALL("POST", ZOHO, {"data": [{"Accounts": {"id": "{company_id}"}}]}),
        UNSUPPORTED("company.exact", "narrowed"),
    ],
    "base": [
        CALL("PUT", "/v2/leads/77", {"data": {"organization_name": "Dunder Mifflin"}}),
        CALL("POST", BASE, NO_DEAL),
        UNSUPPORTED("company", "instead"),
        UNSUPPORTED("company.exact", "instead"),
    ],
}


def test_company_by_fuzzy_name() -> None:
    """Without ``exact_match`` Copper compares names loosely; no other CRM does."""
    validate_all(
        "convert-request",
        COMPANY_BY_FUZZY_NAME,
        source="copper",
        read=ConvertRequest(company=Match("Dunder Mifflin", exact=False)),
        write=COMPANY_BY_FUZZY_NAME_WRITE,
    )


def test_no_company() -> None:
    """An empty name means no company; the others make none of a lead that names none."""
    wire = details(company={"name": ""})
    validate_all(
        "convert-request",
        wire,
        source="copper",
        read=ConvertRequest(company=Nothing()),
        write={
            "copper": [CALL("POST", COPPER, wire)],
            "zoho": [
                CALL("PUT", "/crm/v8/Leads/77", {"data": [{"Company": None}]}),
                CALL("POST", ZOHO, {"data": [{}]}),
            ],
            "base": [CALL("PUT", "/v2/leads/77", {"data": {"organization_name": None}}), CALL("POST", BASE, NO_DEAL)],
        },
    )


def test_nothing_said() -> None:
    """Without a company Copper goes by the lead's company name, the others by other rules: worth a note. No deal."""
    validate_all(
        "convert-request",
        details(),
        source="copper",
        read=ConvertRequest(contact=VendorDefault(), company=VendorDefault(), deal=Nothing()),
        write={
            "copper": [CALL("POST", COPPER, details())],
            "zoho": [CALL("POST", ZOHO, {"data": [{}]}), NOTE("contact", "defaulted"), NOTE("company", "defaulted")],
            "base": [CALL("POST", BASE, NO_DEAL), NOTE("company", "defaulted"), NOTE("contact", "defaulted")],
        },
    )


def test_base_needs_a_last_name() -> None:
    """Base makes a contact only of a lead that has a last name; with the lead at hand that is known."""
    with_last, without = Lead(name=PersonName(last="Doe")), Lead(company_name="Acme")
    validate_all(
        "convert-request", details(), source="copper", lead=with_last, write={"base": [CALL("POST", BASE, NO_DEAL)]}
    )
    validate_all(
        "convert-request",
        details(),
        source="copper",
        lead=without,
        write={"base": [CALL("POST", BASE, NO_DEAL), UNSUPPORTED("contact", "required")]},
    )


def test_id_and_name_exclude_each_other() -> None:
    """A company is named by its id or by its name, never by both."""
    refuses(
        "convert-request",
        details(company={"id": 1, "name": "Acme"}),
        source="copper",
        path="$.details.company",
        because="Existing",
    )


@pytest.mark.parametrize(
    ("person", "path", "because"),
    [
        ({"name": 5}, "$.details.person.name", "text"),
        ({"assignee_id": []}, "$.details.person.assignee_id", "an id"),
        ("John", "$.details.person", "an object"),
    ],
)
def test_wrong_types_are_refused(person: object, path: str, because: str) -> None:
    """What is of the wrong type is refused, with its path and what would fit."""
    refuses("convert-request", {"details": {"person": person}}, source="copper", path=path, because=because)


def test_the_wrapper_is_needed() -> None:
    """The body is always wrapped in ``details``: without it nothing is a convert request of Copper."""
    refuses("convert-request", {"person": {"name": "John Doe"}}, source="copper", path="$", because="Copper")


OWNER_PER_TARGET = details(person={"assignee_id": 5}, opportunity={"name": "Pilot", "assignee_id": 6})
OWNER_PER_TARGET_WRITE: dict[str, Expected] = {
    "copper": [CALL("POST", COPPER, OWNER_PER_TARGET)],
    "zoho@v2": [
        CALL(
            "POST",
            "/crm/v2/Leads/77/actions/convert",
            {"data": [{"assign_to": "5", "Deals": {"Deal_Name": "Pilot", "Owner": {"id": "6"}}}]},
        ),
        UNSUPPORTED("company_owner", "coerced"),
        UNSUPPORTED("deal.close_date", "required"),
        UNSUPPORTED("deal.stage", "required"),
    ],
    "zoho": [
        CALL(
            "POST", ZOHO, {"data": [{"assign_to": {"id": "5"}, "Deals": {"Deal_Name": "Pilot", "Owner": {"id": "6"}}}]}
        ),
        UNSUPPORTED("company_owner", "coerced"),
        UNSUPPORTED("deal.close_date", "required"),
        UNSUPPORTED("deal.stage", "required"),
        UNSUPPORTED("deal.pipeline", "required"),
    ],
    "base": [
        CALL("POST", BASE, {"data": {"lead_id": 77, "owner_id": 5, "create_deal": True}}),
        CALL("PUT", "/v2/deals/{deal_id}", {"data": {"name": "Pilot", "owner_id": 6}}),
        UNSUPPORTED("company_owner", "coerced"),
    ],
}


def test_owner_per_target() -> None:
    """Copper sets the owner of the person and of the opportunity; Zoho and Base give contact and company one owner."""
    validate_all(
        "convert-request",
        OWNER_PER_TARGET,
        source="copper",
        read=ConvertRequest(contact_owner=Ref("5"), deal=NewDeal(name="Pilot", owner=Ref("6"))),
        write=OWNER_PER_TARGET_WRITE,
    )


IDS_BELONG_TO_AN_ACCOUNT = details(person={"assignee_id": 5}, company={"id": 9})
IDS_BELONG_TO_AN_ACCOUNT_WRITE: dict[str, Expected] = {
    "zoho": [
        CALL("POST", ZOHO, {"data": [{}]}),
        UNSUPPORTED("contact_owner", "foreign_id"),
        UNSUPPORTED("company.id", "foreign_id"),
    ]
}
IDS_BELONG_TO_AN_ACCOUNT_WRITE_2: dict[str, Expected] = {
    "zoho": [
        CALL(
            "POST",
            ZOHO,
            {"data": [{"assign_to": {"id": "3652397000000186017"}, "Accounts": {"id": "3652397000000624046"}}]},
        ),
        UNSUPPORTED("company_owner", "coerced"),
    ]
}


def test_ids_belong_to_an_account() -> None:
    """Without an id map no id of the source's account is sent; with one its counterpart is."""
    validate_all(
        "convert-request", IDS_BELONG_TO_AN_ACCOUNT, source="copper", ids=None, write=IDS_BELONG_TO_AN_ACCOUNT_WRITE
    )
    validate_all(
        "convert-request",
        IDS_BELONG_TO_AN_ACCOUNT,
        source="copper",
        ids={"user": {"5": "3652397000000186017"}, "company": {"9": "3652397000000624046"}},
        write=IDS_BELONG_TO_AN_ACCOUNT_WRITE_2,
    )


# --- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text", "day"),
    [
        ("copper@month-first", "1/2/2017", "2017-01-02"),
        ("copper@day-first", "1/2/2017", "2017-02-01"),
        ("copper", "1/23/2017", "2017-01-23"),
        ("copper", "23/1/2017", "2017-01-23"),
        ("copper", "2/2/2017", "2017-02-02"),
    ],
)
def test_close_date_follows_the_account(source: str, text: str, day: str) -> None:
    """Copper writes closing dates month first or day first, by account setting; some can be read only in one way."""
    read = decode(registry.get(source).crosswalk("deal"), {"close_date": text})
    assert read.value == Deal(close_date=dt.date.fromisoformat(day))
    assert read.losses == ()


def test_ambiguous_close_date() -> None:
    """A closing date that can be either is left out and reported, never guessed."""
    validate_all(
        "deal",
        {"name": "Pilot", "primary_contact_id": 5, "close_date": "1/2/2017"},
        source="copper",
        read=Deal(name="Pilot", contact=Ref("5")),
        write={
            "base": [{"name": "Pilot", "contact_id": 5}, UNSUPPORTED("close_date", "ambiguous")],
            "copper": [{"name": "Pilot", "primary_contact_id": 5}, UNSUPPORTED("close_date", "ambiguous")],
        },
    )


def test_impossible_date() -> None:
    """A day that the calendar does not have is refused."""
    refuses(
        "deal", {"close_date": "13/13/2017"}, source="copper", path="$.close_date", because="a date of the calendar"
    )
    refuses("deal", {"close_date": "2017-01-23"}, source="copper", path="$.close_date", because="1/23/2017")


CLOSE_DATE_WRITTEN_BY_ACCOUNT_DEAL: dict[str, Any] = {
    "Deal_Name": "Pilot",
    "Closing_Date": "2026-01-23",
    "Stage": "New",
    "Pipeline": "Standard",
}
CLOSE_DATE_WRITTEN_BY_ACCOUNT_MADE = CALL("POST", COPPER, details(opportunity={"name": "Pilot"}))
CLOSE_DATE_WRITTEN_BY_ACCOUNT_BY_NAME = [
    UNSUPPORTED("deal.stage", "unmapped_option"),
    UNSUPPORTED("deal.pipeline", "unmapped_option"),
]
CLOSE_DATE_WRITTEN_BY_ACCOUNT_WRITE: dict[str, Expected] = {
    "copper": [
        CLOSE_DATE_WRITTEN_BY_ACCOUNT_MADE,
        *CLOSE_DATE_WRITTEN_BY_ACCOUNT_BY_NAME,
        UNSUPPORTED("deal.close_date", "ambiguous"),
    ],
    "copper@month-first": [
        CLOSE_DATE_WRITTEN_BY_ACCOUNT_MADE,
        CALL("PUT", "/developer_api/v1/opportunities/{deal_id}", {"close_date": "1/23/2026"}),
        *CLOSE_DATE_WRITTEN_BY_ACCOUNT_BY_NAME,
    ],
    "copper@day-first": [
        CLOSE_DATE_WRITTEN_BY_ACCOUNT_MADE,
        CALL("PUT", "/developer_api/v1/opportunities/{deal_id}", {"close_date": "23/1/2026"}),
        *CLOSE_DATE_WRITTEN_BY_ACCOUNT_BY_NAME,
    ],
}


def test_close_date_written_by_account() -> None:
    """Writing a closing date needs the account's order too: the follow-up call has it, or it is reported."""
    validate_all(
        "convert-request",
        {"data": [{"Deals": CLOSE_DATE_WRITTEN_BY_ACCOUNT_DEAL}]},
        source="zoho",
        write=CLOSE_DATE_WRITTEN_BY_ACCOUNT_WRITE,
    )


# --- upsert ----------------------------------------------------------------------------------------------------------

UPSERT = "/developer_api/v1/leads/upsert"
MY_LEAD = {"name": "My Lead", "email": {"email": "mylead@gmail.test", "category": "work"}}
MY_NEUTRAL_LEAD = Lead(name=PersonName(full="My Lead"), emails=(Email(address="mylead@gmail.test", category="work"),))


DOCUMENTED_UPSERT: dict[str, Any] = {
    "properties": MY_LEAD,
    "match": {"field_name": "email", "field_value": "mylead@gmail.test"},
}
DOCUMENTED_UPSERT_ZOHO_LEAD: dict[str, Any] = {"First_Name": "My", "Last_Name": "Lead", "Email": "mylead@gmail.test"}
DOCUMENTED_UPSERT_BASE_LEAD: dict[str, Any] = {"first_name": "My", "last_name": "Lead", "email": "mylead@gmail.test"}
DOCUMENTED_UPSERT_WRITE: dict[str, Expected] = {
    "copper": [CALL("PUT", UPSERT, DOCUMENTED_UPSERT)],
    "zoho": [
        CALL(
            "POST", "/crm/v8/Leads/upsert", {"data": [DOCUMENTED_UPSERT_ZOHO_LEAD], "duplicate_check_fields": ["Email"]}
        ),
        NOTE("record.name", "coerced"),
    ],
    "base": [
        CALL("POST", "/v2/leads/upsert", {"data": DOCUMENTED_UPSERT_BASE_LEAD}, {"email": "mylead@gmail.test"}),
        NOTE("record.name", "coerced"),
    ],
}


def test_documented_upsert() -> None:
    """Copper's documented sample: match by e-mail, update or create."""
    validate_all(
        "upsert-request",
        DOCUMENTED_UPSERT,
        source="copper",
        read=UpsertRequest(record=MY_NEUTRAL_LEAD, match=(MatchKey(field="email"),)),
        write=DOCUMENTED_UPSERT_WRITE,
    )


UPSERT_BY_NAME: dict[str, Any] = {
    "properties": {"name": "My Lead"},
    "match": {"field_name": "name", "field_value": "My Lead"},
}
UPSERT_BY_NAME_WRITE: dict[str, Expected] = {
    "copper": [CALL("PUT", UPSERT, UPSERT_BY_NAME)],
    "zoho": [
        CALL("POST", "/crm/v8/Leads/upsert", {"data": [{"First_Name": "My", "Last_Name": "Lead"}]}),
        UNSUPPORTED("match", "absent"),
    ],
    "base": [
        CALL("POST", "/v2/leads/upsert", {"data": {"first_name": "My", "last_name": "Lead"}}),
        UNSUPPORTED("match", "absent"),
        UNSUPPORTED("match", "required"),
    ],
}


def test_upsert_by_name() -> None:
    """Copper matches leads by name; Zoho has no such unique field, and Base no filter for the whole name."""
    validate_all(
        "upsert-request",
        UPSERT_BY_NAME,
        source="copper",
        read=UpsertRequest(record=Lead(name=PersonName(full="My Lead")), match=(MatchKey(field="name"),)),
        write=UPSERT_BY_NAME_WRITE,
    )


UPSERT_BY_CUSTOM_FIELD: dict[str, Any] = {
    "properties": MY_LEAD,
    "match": {"field_name": "custom", "field_value": {"custom_field_definition_id": 178384, "value": 1}},
}
UPSERT_BY_CUSTOM_FIELD_WRITE: dict[str, Expected] = {
    "copper": [CALL("PUT", UPSERT, UPSERT_BY_CUSTOM_FIELD)],
    "base": [
        CALL(
            "POST",
            "/v2/leads/upsert",
            {"data": {"first_name": "My", "last_name": "Lead", "email": "mylead@gmail.test"}},
        ),
        UNSUPPORTED("match", "unmapped_option"),
        UNSUPPORTED("match", "required"),
    ],
}


def test_upsert_by_custom_field() -> None:
    """Copper names a custom field by the id of its definition, others by a name: the definition must be mapped."""
    validate_all(
        "upsert-request",
        UPSERT_BY_CUSTOM_FIELD,
        source="copper",
        read=UpsertRequest(record=MY_NEUTRAL_LEAD, match=(MatchKey(definition=Ref("178384"), value=1),)),
        write=UPSERT_BY_CUSTOM_FIELD_WRITE,
    )


def test_other_match_fields_are_refused() -> None:
    """Copper matches by e-mail, name or custom field and by nothing else."""
    wire = {"properties": {}, "match": {"field_name": "phone", "field_value": "1"}}
    refuses("upsert-request", wire, source="copper", path="$.match.field_name", because="email, name or custom")


def test_clearing_with_null() -> None:
    """A null in an update clears the field, on every CRM."""
    wire = {
        "properties": {"name": "My Lead", "title": None},
        "match": {"field_name": "email", "field_value": "a@b.test"},
    }
    record = Lead(name=PersonName(full="My Lead"))
    request = UpsertRequest(record=record, match=(MatchKey(field="email", value="a@b.test"),), clear=("title",))
    base = {"first_name": "My", "last_name": "Lead", "title": None}
    validate_all(
        "upsert-request",
        wire,
        source="copper",
        read=request,
        write={
            "copper": [CALL("PUT", UPSERT, wire)],
            "base": [CALL("POST", "/v2/leads/upsert", {"data": base}, {"email": "a@b.test"})],
        },
    )


def test_a_name_cannot_be_cleared() -> None:
    """A Copper lead always has a name and a status: asking to clear them is reported, not sent."""
    validate_all(
        "upsert-request",
        {
            "method": "POST",
            "path": "/v2/leads/upsert",
            "query": {"email": "a@b.test"},
            "body": {"data": {"status": None}},
        },
        source="base",
        read=UpsertRequest(match=(MatchKey(field="email", value="a@b.test"),), clear=("status",)),
        write={
            "copper": [
                CALL("PUT", UPSERT, {"properties": {}, "match": {"field_name": "email", "field_value": "a@b.test"}}),
                UNSUPPORTED("clear", "absent"),
                UNSUPPORTED("record.name", "required"),
            ]
        },
    )


# --- records and replies ---------------------------------------------------------------------------------------------


LEAD_RECORD: dict[str, Any] = {
    "name": "Ann Lee",
    "first_name": "Ann",
    "last_name": "Lee",
    "email": {"email": "ann@example.test", "category": "work"},
    "phone_numbers": [{"number": "1", "category": "mobile"}, {"number": "2", "category": "work"}],
    "monetary_value": 100.5,
    "monetary_unit": "EUR",
    "status_id": 208231,
    "status": "New",
    "tags": ["tag 1"],
}
LEAD_RECORD_READ = Lead(
    name=PersonName(first="Ann", last="Lee"),
    emails=(Email(address="ann@example.test", category="work"),),
    phones=(Phone(number="1", category="mobile"), Phone(number="2", category="work")),
    value=Money(Decimal("100.5"), "EUR"),
    status=Ref("208231", "New"),
    tags=("tag 1",),
)
LEAD_RECORD_WRITE: dict[str, Expected] = {
    "copper": [LEAD_RECORD],
    "zoho": [
        {
            "First_Name": "Ann",
            "Last_Name": "Lee",
            "Email": "ann@example.test",
            "Phone": "2",
            "Mobile": "1",
            "Lead_Status": "New",
            "Tag": [{"name": "tag 1"}],
        },
        UNSUPPORTED("value", "absent"),
    ],
    "base": [
        {
            "first_name": "Ann",
            "last_name": "Lee",
            "email": "ann@example.test",
            "phone": "2",
            "mobile": "1",
            "status": "New",
            "tags": ["tag 1"],
        },
        UNSUPPORTED("value", "absent"),
    ],
}


def test_lead_record() -> None:
    """A lead with e-mail, telephones, value and source, told to the others: what has no place there is named."""
    validate_all("lead", LEAD_RECORD, source="copper", read=LEAD_RECORD_READ, write=LEAD_RECORD_WRITE)


CUSTOM_FIELDS_BY_DEFINITION: dict[str, Any] = {
    "name": "A",
    "custom_fields": [{"custom_field_definition_id": 100764, "value": "L"}],
}
CUSTOM_FIELDS_BY_DEFINITION_FIELD = CustomField(definition=Ref("100764"), value="L")
CUSTOM_FIELDS_BY_DEFINITION_WRITE: dict[str, Expected] = {
    "copper": [CUSTOM_FIELDS_BY_DEFINITION],
    "zoho": [{"Last_Name": "A"}, UNSUPPORTED("custom_fields[0]", "unmapped_option")],
    "base": [{"last_name": "A"}, UNSUPPORTED("custom_fields", "unmapped_option")],
}
CUSTOM_FIELDS_BY_DEFINITION_WRITE_2: dict[str, Expected] = {
    "zoho": [{"Last_Name": "A", "Shirt_Size": "L"}],
    "base": [{"last_name": "A", "custom_fields": {"Shirt_Size": "L"}}],
}


def test_custom_fields_by_definition() -> None:
    """Copper names custom fields by the id of their definition, others by a name: the map says which is which."""
    validate_all(
        "lead",
        CUSTOM_FIELDS_BY_DEFINITION,
        source="copper",
        read=Lead(name=PersonName(full="A"), custom_fields=(CUSTOM_FIELDS_BY_DEFINITION_FIELD,)),
        write=CUSTOM_FIELDS_BY_DEFINITION_WRITE,
    )
    validate_all(
        "lead",
        CUSTOM_FIELDS_BY_DEFINITION,
        source="copper",
        ids={"definition": {"100764": {"id": "1", "name": "Shirt_Size"}}},
        write=CUSTOM_FIELDS_BY_DEFINITION_WRITE_2,
    )


def test_several_options_are_ids() -> None:
    """Copper keeps several options of a field by their ids; names of options cannot be written."""
    lead = {"last_name": "A", "custom_fields": {"Sizes": ["S", "L"]}}
    validate_all(
        "lead",
        lead,
        source="base",
        ids={"definition": {"Sizes": {"id": "184997", "name": "Sizes"}}},
        write={
            "copper": [{"name": "A", "last_name": "A"}, UNSUPPORTED("custom_fields[0]", "unmapped_option")],
        },
    )


def test_unset_custom_fields_say_nothing() -> None:
    """Copper's replies list every definition, null where it is unset."""
    wire = {"name": "A", "custom_fields": [{"custom_field_definition_id": 1, "value": None}]}
    validate_all(
        "lead", wire, source="copper", read=Lead(name=PersonName(full="A")), write={"base": [{"last_name": "A"}]}
    )


CONVERSION_REPLY: dict[str, Any] = {
    "person": {"id": 27140359, "name": "My Contact"},
    "company": {"id": 13349319, "name": "Noemail"},
    "opportunity": None,
}
CONVERSION_REPLY_V3: dict[str, Any] = {
    "code": "SUCCESS",
    "details": {
        "Contacts": {"id": "27140359", "name": "My Contact"},
        "Accounts": {"id": "13349319", "name": "Noemail"},
        "Deals": None,
    },
    "message": "The record has been converted successfully",
    "status": "success",
}
CONVERSION_REPLY_WRITE: dict[str, Expected] = {
    "zoho": [{"data": [CONVERSION_REPLY_V3]}],
    "zoho@v2": [
        {"data": [{"Contacts": "27140359", "Accounts": "13349319", "Deals": None}]},
        UNSUPPORTED("contact.record", "narrowed"),
        UNSUPPORTED("company.record", "narrowed"),
    ],
}


def test_conversion_reply() -> None:
    """Copper's reply holds full records and does not tell what was created and what was linked."""
    validate_all("convert-reply", CONVERSION_REPLY, source="copper", write=CONVERSION_REPLY_WRITE)
    read = decode(registry.get("copper").crosswalk("convert-reply"), CONVERSION_REPLY).value
    assert read.contact == Present(record=Contact(id="27140359", name=PersonName(full="My Contact")))
    assert read.company == Present(record=Company(id="13349319", name="Noemail"))
    assert not isinstance(read.contact, Created)
    assert (read.deal.outcome, read.deal.id) == ("none", None)
