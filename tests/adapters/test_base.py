"""Base (Zendesk Sell, Core API v2): what its payloads mean, how the others say them, and how it says the others'."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests.adapters.validation import CALL, NOTE, UNSUPPORTED, Expected, refuses, validate_all

from leadlens import (
    Company,
    Contact,
    ConvertRequest,
    Created,
    Lead,
    MatchKey,
    Money,
    NewContact,
    NewDeal,
    NoRecord,
    Nothing,
    Ref,
    UpsertRequest,
    VendorDefault,
    decode,
    encode,
    registry,
)
from leadlens.conversion import Conversion, NewCompany
from leadlens.model import Address, CustomField, Deal, Email, PersonName, Phone

COPPER = "/developer_api/v1/leads/77/convert"
ZOHO = "/crm/v8/Leads/77/actions/convert"
BASE = "/v2/lead_conversions"


def data(**keys: Any) -> dict[str, Any]:
    return {"data": keys}


def written(request: ConvertRequest) -> Any:
    """Return the calls that a neutral request becomes, by name."""
    return encode(registry.get("base").crosswalk("convert-request"), request).wire


# --- conversion ------------------------------------------------------------------------------------------------------


def test_documented_conversion() -> None:
    """Base's documented sample: one owner for all that is made, and no deal."""
    validate_all(
        "convert-request",
        data(lead_id=2, owner_id=7, create_deal=False),
        source="base",
        read=ConvertRequest(lead_id="2", contact_owner=Ref("7"), company_owner=Ref("7"), deal=Nothing()),
        write={
            "base": [CALL("POST", BASE, data(lead_id=77, owner_id=7, create_deal=False))],
            "zoho@v2": [CALL("POST", "/crm/v2/Leads/77/actions/convert", {"data": [{"assign_to": "7"}]})],
            "zoho": [CALL("POST", ZOHO, {"data": [{"assign_to": {"id": "7"}}]})],
            "copper": [
                CALL("POST", COPPER, {"details": {"person": {"assignee_id": 7}}}),
                UNSUPPORTED("company_owner", "absent"),
                NOTE("company", "defaulted"),
            ],
        },
    )


A_DEAL_BY_DEFAULT = data(lead_id=2)
A_DEAL_BY_DEFAULT_WRITE: dict[str, Expected] = {
    "base": [CALL("POST", BASE, data(lead_id=77, create_deal=True)), NOTE("deal", "defaulted")],
    "copper": [
        CALL("POST", COPPER, {"details": {"opportunity": {}}}),
        UNSUPPORTED("deal.name", "required"),
        NOTE("deal", "defaulted"),
    ],
    "zoho@v2": [
        CALL("POST", "/crm/v2/Leads/77/actions/convert", {"data": [{"Deals": {}}]}),
        *(UNSUPPORTED(f"deal.{part}", "required") for part in ("name", "close_date", "stage")),
        NOTE("deal", "defaulted"),
    ],
}


def test_a_deal_by_default() -> None:
    """Base makes a deal when nothing is said; elsewhere, and in what is sent to Base, it must be asked for."""
    validate_all(
        "convert-request",
        A_DEAL_BY_DEFAULT,
        source="base",
        read=ConvertRequest(lead_id="2", deal=VendorDefault()),
        write=A_DEAL_BY_DEFAULT_WRITE,
    )


def test_the_deal_gets_the_owner() -> None:
    """Base's one owner owns the deal too: where owners are told apart it is said for the deal as well."""
    validate_all(
        "convert-request",
        data(lead_id=2, owner_id=7, create_deal=True),
        source="base",
        write={
            "copper": [
                CALL("POST", COPPER, {"details": {"person": {"assignee_id": 7}, "opportunity": {"assignee_id": 7}}}),
                UNSUPPORTED("deal.name", "required"),
                UNSUPPORTED("company_owner", "absent"),
                NOTE("deal.owner", "defaulted"),
            ],
        },
    )


@pytest.mark.parametrize(
    ("request_", "wire"),
    [
        (ConvertRequest(lead_id="2"), data(lead_id=2, create_deal=False)),
        (ConvertRequest(lead_id="2", deal=Nothing()), data(lead_id=2, create_deal=False)),
        (ConvertRequest(lead_id="2", deal=NewDeal()), data(lead_id=2, create_deal=True)),
        (ConvertRequest(lead_id="2", deal=VendorDefault()), data(lead_id=2)),
    ],
)
def test_create_deal_is_always_sent(request_: ConvertRequest, wire: dict[str, Any]) -> None:
    """``create_deal`` is true when it is left out, so it is always sent, but for the vendor's own default."""
    assert written(request_) == {"convert": {"body": wire}}


def test_contact_and_company_from_the_lead() -> None:
    """Base makes a contact and a company of the lead's own names: the lead is changed, or cleared, first."""
    request = ConvertRequest(lead_id="2", contact=Nothing(), company=NewCompany(name="Acme"))
    assert written(request)["lead"] == {"body": data(last_name=None, organization_name="Acme")}
    request = ConvertRequest(lead_id="2", contact=NewContact(name=PersonName(full="Ann Lee")), company=Nothing())
    assert written(request)["lead"] == {"body": data(first_name="Ann", last_name="Lee", organization_name=None)}


CALLS_ARE_READ_BACK_CALLS = [
    {"method": "PUT", "path": "/v2/leads/2", "body": data(last_name="Lee", organization_name="Acme")},
    {"method": "POST", "path": "/v2/lead_conversions", "body": data(lead_id=2, create_deal=True)},
    {
        "method": "PUT",
        "path": "/v2/deals/{deal_id}",
        "body": data(name="Pilot", value="10.50", currency="EUR", stage_id=3, estimated_close_date="2026-01-31"),
    },
]
CALLS_ARE_READ_BACK_CONTACT = NewContact(name=PersonName(last="Lee"))
CALLS_ARE_READ_BACK_COMPANY = NewCompany(name="Acme")
CALLS_ARE_READ_BACK_DETAILS: dict[str, Any] = {
    "person": {"name": "Lee"},
    "company": {"name": "Acme", "exact_match": True},
    "opportunity": {"name": "Pilot", "monetary_value": 10.5, "pipeline_stage_id": 3},
}
CALLS_ARE_READ_BACK_WRITE: dict[str, Expected] = {
    "copper@day-first": [
        CALL("POST", COPPER, {"details": CALLS_ARE_READ_BACK_DETAILS}),
        CALL("PUT", "/developer_api/v1/opportunities/{deal_id}", {"monetary_unit": "EUR", "close_date": "31/1/2026"}),
        NOTE("company", "instead"),
        NOTE("deal.pipeline", "defaulted"),
    ],
    "zoho@v3": [
        CALL("POST", "/crm/v3/Accounts", {"data": [{"Account_Name": "Acme"}]}),
        CALL("PUT", "/crm/v3/Leads/77", {"data": [{"Last_Name": "Lee"}]}),
        CALL(
            "POST",
            "/crm/v3/Leads/77/actions/convert",
            {
                "data": [
                    {
                        "Accounts": {"id": "{company_id}"},
                        "Deals": {
                            "Deal_Name": "Pilot",
                            "Closing_Date": "2026-01-31",
                            "Amount": 10.5,
                            "Currency": "EUR",
                        },
                    }
                ]
            },
        ),
        UNSUPPORTED("deal.stage", "unmapped_option"),
        UNSUPPORTED("deal.stage", "required"),
    ],
}


def test_calls_are_read_back() -> None:
    """The three calls of a conversion with names and a deal mean what they were made from."""
    deal = NewDeal(name="Pilot", value=Money(Decimal("10.50"), "EUR"), stage=Ref("3"), close_date=dt.date(2026, 1, 31))
    validate_all(
        "convert-request",
        {"calls": CALLS_ARE_READ_BACK_CALLS},
        source="base",
        read=ConvertRequest(
            lead_id="2", contact=CALLS_ARE_READ_BACK_CONTACT, company=CALLS_ARE_READ_BACK_COMPANY, deal=deal
        ),
        write=CALLS_ARE_READ_BACK_WRITE,
    )


def test_stages_are_mapped() -> None:
    """A stage is an id in Base and a name in Zoho: the id map says which is which."""
    calls = [
        {"method": "POST", "path": "/v2/lead_conversions", "body": data(lead_id=2, create_deal=True)},
        {
            "method": "PUT",
            "path": "/v2/deals/5",
            "body": data(name="Pilot", stage_id=3, estimated_close_date="2026-01-31"),
        },
    ]
    deal = {"Deal_Name": "Pilot", "Closing_Date": "2026-01-31", "Stage": "Proposal"}
    validate_all(
        "convert-request",
        {"calls": calls},
        source="base",
        ids={"stage": {"3": "Proposal"}},
        write={"zoho@v2": [CALL("POST", "/crm/v2/Leads/77/actions/convert", {"data": [{"Deals": deal}]})]},
    )


@pytest.mark.parametrize(
    ("wire", "path", "because"),
    [
        (data(lead_id=2, create_deal="no"), "$.data.create_deal", "false"),
        (data(lead_id=2, create_deal=1), "$.data.create_deal", "false"),
        (data(lead_id=2.5), "$.data.lead_id", "an id"),
        ({"data": [1]}, "$.data", "an object"),
    ],
)
def test_wrong_types_are_refused(wire: dict[str, Any], path: str, because: str) -> None:
    """What is of the wrong type is refused, with its path and what would fit: 1 is not true."""
    refuses("convert-request", wire, source="base", path=path, because=because)


# --- replies ---------------------------------------------------------------------------------------------------------

LINKS = {"individual": "https://api.getbase.com/v2/contacts/3", "organization": None, "deal": None}
REPLY = {
    "data": {
        "id": 1,
        "lead_id": 2,
        "individual_id": 3,
        "organization_id": None,
        "deal_id": None,
        "creator_id": 1,
        "created_at": "2021-02-17T16:32:56Z",
    },
    "meta": {"type": "lead_conversion", "links": LINKS},
}
DONE = Conversion(
    id="1",
    lead_id="2",
    contact=Created(record=Contact(id="3")),
    company=NoRecord(),
    deal=NoRecord(),
    converted_by=Ref("1"),
    converted_at=dt.datetime(2021, 2, 17, 16, 32, 56, tzinfo=dt.UTC),
)


def test_reply_of_ids() -> None:
    """Base's conversion names what it made by id, who made it and when; what it names is always new."""
    validate_all(
        "convert-reply",
        REPLY,
        source="base",
        read=DONE,
        write={
            "base": [REPLY],
            "zoho@v2": [
                {"data": [{"Contacts": "3", "Accounts": None, "Deals": None}]},
                *(UNSUPPORTED(path, "absent") for path in ("id", "lead_id", "converted_at", "converted_by")),
                NOTE("contact", "instead"),
            ],
        },
    )


def test_page_of_conversions() -> None:
    """Conversions come in pages, newest first; the next page is a link."""
    link = "https://api.getbase.com/v2/lead_conversions?cursor=eyJsYXN0X2lkIjo2NTA3ODF9%0A&per_page=25"
    wire = {"items": [REPLY], "meta": {"type": "collection", "count": 1, "links": {"next_page": link}}}
    page = decode(registry.get("base").crosswalk("conversion-list"), wire)
    assert page.losses == ()
    assert page.value.conversions == (DONE,)
    assert (page.value.count, page.value.next_page) == (1, link)


# --- upsert ----------------------------------------------------------------------------------------------------------


UPSERT_BY_FILTERS_QUERY: dict[str, Any] = {"email": "ann@example.test", "custom_fields[Legacy]": "L-1"}
UPSERT_BY_FILTERS_BODY = data(last_name="Lee", email="ann@example.test", custom_fields={"Legacy": "L-1"})
UPSERT_BY_FILTERS_READ = UpsertRequest(
    record=Lead(
        name=PersonName(last="Lee"),
        emails=(Email(address="ann@example.test", category="work"),),
        custom_fields=(CustomField(definition=Ref(None, "Legacy"), value="L-1"),),
    ),
    match=(MatchKey(field="email"), MatchKey(definition=Ref(None, "Legacy"))),
)
UPSERT_BY_FILTERS_WRITE: dict[str, Expected] = {
    "base": [CALL("POST", "/v2/leads/upsert", UPSERT_BY_FILTERS_BODY, UPSERT_BY_FILTERS_QUERY)],
    "zoho": [
        CALL(
            "POST",
            "/crm/v8/Leads/upsert",
            {
                "data": [{"Last_Name": "Lee", "Email": "ann@example.test", "Legacy": "L-1"}],
                "duplicate_check_fields": ["Email", "Legacy"],
            },
        )
    ],
}


def test_upsert_by_filters() -> None:
    """The keys to match by stand in the query, custom fields by their names in brackets."""
    validate_all(
        "upsert-request",
        {
            "method": "POST",
            "path": "/v2/leads/upsert",
            "query": UPSERT_BY_FILTERS_QUERY,
            "body": UPSERT_BY_FILTERS_BODY,
        },
        source="base",
        read=UPSERT_BY_FILTERS_READ,
        write=UPSERT_BY_FILTERS_WRITE,
    )


UPSERT_OF_PEOPLE_AND_ORGANIZATIONS_PERSON: dict[str, Any] = {
    "method": "POST",
    "path": "/v2/contacts/upsert",
    "query": {"email": "a@b.test"},
    "body": data(last_name="Lee"),
}
UPSERT_OF_PEOPLE_AND_ORGANIZATIONS_COMPANY = UPSERT_OF_PEOPLE_AND_ORGANIZATIONS_PERSON | {
    "query": {"name": "Acme"},
    "body": data(is_organization=True, name="Acme"),
}
UPSERT_OF_PEOPLE_AND_ORGANIZATIONS_READ = UpsertRequest(
    record=Contact(name=PersonName(last="Lee")), match=(MatchKey(field="email", value="a@b.test"),)
)
UPSERT_OF_PEOPLE_AND_ORGANIZATIONS_WRITE: dict[str, Expected] = {
    "base": [CALL("POST", "/v2/contacts/upsert", data(is_organization=False, last_name="Lee"), {"email": "a@b.test"})]
}
UPSERT_OF_PEOPLE_AND_ORGANIZATIONS_WRITE_2: dict[str, Expected] = {
    "base": [CALL("POST", "/v2/contacts/upsert", data(is_organization=True, name="Acme"), {"name": "Acme"})]
}


def test_upsert_of_people_and_organizations() -> None:
    """Contacts are one resource; ``is_organization`` tells people from organizations."""
    validate_all(
        "upsert-request",
        UPSERT_OF_PEOPLE_AND_ORGANIZATIONS_PERSON,
        source="base",
        read=UPSERT_OF_PEOPLE_AND_ORGANIZATIONS_READ,
        write=UPSERT_OF_PEOPLE_AND_ORGANIZATIONS_WRITE,
    )
    validate_all(
        "upsert-request",
        UPSERT_OF_PEOPLE_AND_ORGANIZATIONS_COMPANY,
        source="base",
        read=UpsertRequest(record=Company(name="Acme"), match=(MatchKey(field="name"),)),
        write=UPSERT_OF_PEOPLE_AND_ORGANIZATIONS_WRITE_2,
    )


def test_filters_that_base_does_not_have() -> None:
    """Base finds leads by no whole name and deals by no e-mail: such a key is reported, not sent."""
    crosswalk = registry.get("base").crosswalk("upsert-request")
    for record, field in ((Lead(name=PersonName(last="Lee")), "name"), (Deal(name="Pilot"), "email")):
        encoded = encode(crosswalk, UpsertRequest(record=record, match=(MatchKey(field=field, value="x"),)))
        assert "query" not in encoded.wire["upsert"]
        assert ("match", "absent") in {(loss.path, loss.reason) for loss in encoded.losses}


def test_clearing_with_null() -> None:
    """A null clears the field; what a deal always has cannot be cleared."""
    wire = {"method": "POST", "path": "/v2/leads/upsert", "query": {"email": "a@b.test"}, "body": data(title=None)}
    validate_all(
        "upsert-request",
        wire,
        source="base",
        read=UpsertRequest(match=(MatchKey(field="email", value="a@b.test"),), clear=("title",)),
        write={"base": [CALL("POST", "/v2/leads/upsert", data(title=None), {"email": "a@b.test"})]},
    )
    deal = Deal(name="Pilot", contact=Ref("5"))
    request = UpsertRequest(record=deal, match=(MatchKey(field="name"),), clear=("stage", "value"))
    encoded = encode(registry.get("base").crosswalk("upsert-request"), request)
    assert encoded.wire["upsert"]["body"] == data(name="Pilot", contact_id=5, value=None, currency=None)
    assert [(loss.path, loss.reason) for loss in encoded.losses] == [("clear", "absent")]


# --- records ---------------------------------------------------------------------------------------------------------


LEAD_RECORD: dict[str, Any] = {
    "first_name": "Ann",
    "last_name": "Lee",
    "organization_name": "Acme",
    "email": "ann@example.test",
    "phone": "1",
    "mobile": "2",
    "address": {"line1": "1 Main St", "city": "Savannah"},
    "status": "New",
    "tags": ["hot"],
    "custom_fields": {"Shirt Size": "L"},
}
LEAD_RECORD_WRITE: dict[str, Expected] = {
    "base": [LEAD_RECORD],
    "copper": [
        {
            "name": "Ann Lee",
            "first_name": "Ann",
            "last_name": "Lee",
            "company_name": "Acme",
            "email": {"email": "ann@example.test", "category": "work"},
            "phone_numbers": [{"number": "1", "category": "work"}, {"number": "2", "category": "mobile"}],
            "address": {"street": "1 Main St", "city": "Savannah"},
            "status": "New",
            "tags": ["hot"],
        },
        UNSUPPORTED("custom_fields[0]", "unmapped_option"),
    ],
}
LEAD_RECORD_SEVERAL = Lead(
    name=PersonName(last="Lee"),
    emails=(Email(address="a@b.test", category="work"), Email(address="c@d.test", category="personal")),
    phones=(Phone(number="1", category="home"), Phone(number="2", category="home")),
)


def test_lead_record() -> None:
    """A Base lead keeps one e-mail address, one number of each kind and one address; further ones are named."""
    validate_all("lead", data(**LEAD_RECORD), source="base", write=LEAD_RECORD_WRITE)
    encoded = encode(registry.get("base").crosswalk("lead"), LEAD_RECORD_SEVERAL)
    assert encoded.wire == {"last_name": "Lee", "email": "a@b.test", "phone": "1"}
    assert {(loss.path, loss.reason) for loss in encoded.losses} == {("emails", "narrowed"), ("phones", "narrowed")}


ORGANIZATIONS_AND_PEOPLE: dict[str, Any] = {
    "is_organization": True,
    "name": "Acme",
    "address": {"city": "Savannah"},
    "billing_address": {"city": "Bern"},
    "customer_status": "current",
}
ORGANIZATIONS_AND_PEOPLE_READ = Company(
    name="Acme",
    addresses=(Address(city="Savannah"), Address(city="Bern", category="billing")),
    customer_status="current",
)
ORGANIZATIONS_AND_PEOPLE_WRITE: dict[str, Expected] = {
    "base": [ORGANIZATIONS_AND_PEOPLE],
    "copper": [
        {"name": "Acme", "address": {"city": "Savannah"}},
        UNSUPPORTED("addresses", "narrowed"),
        UNSUPPORTED("customer_status", "absent"),
    ],
}


def test_organizations_and_people() -> None:
    """An organization is a contact with ``is_organization``; it has a name, and up to three addresses."""
    validate_all(
        "company",
        ORGANIZATIONS_AND_PEOPLE,
        source="base",
        read=ORGANIZATIONS_AND_PEOPLE_READ,
        write=ORGANIZATIONS_AND_PEOPLE_WRITE,
    )
    refuses("contact", ORGANIZATIONS_AND_PEOPLE, source="base", path="$.is_organization", because="false")
    refuses(
        "company",
        ORGANIZATIONS_AND_PEOPLE | {"customer_status": "old"},
        source="base",
        path="$.customer_status",
        because="past",
    )


A_DEALS_VALUE_IS_TEXT: dict[str, Any] = {
    "name": "Pilot",
    "contact_id": 5,
    "value": "10.50",
    "currency": "EUR",
    "hot": True,
}
A_DEALS_VALUE_IS_TEXT_WRITE: dict[str, Expected] = {
    "base": [A_DEALS_VALUE_IS_TEXT],
    "copper": [
        {"name": "Pilot", "primary_contact_id": 5, "monetary_value": 10.5, "monetary_unit": "EUR"},
        UNSUPPORTED("hot", "absent"),
    ],
}


def test_a_deals_value_is_text() -> None:
    """A deal's value is a decimal text, kept to the last digit; a currency has three letters."""
    validate_all(
        "deal",
        A_DEALS_VALUE_IS_TEXT,
        source="base",
        read=Deal(name="Pilot", contact=Ref("5"), value=Money(Decimal("10.50"), "EUR"), hot=True),
        write=A_DEALS_VALUE_IS_TEXT_WRITE,
    )
    encoded = encode(
        registry.get("base").crosswalk("deal"),
        Deal(name="Pilot", contact=Ref("5"), value=Money(Decimal("0.1"), "Euro")),
    )
    assert encoded.wire == {"name": "Pilot", "contact_id": 5, "value": "0.1"}
    assert [(loss.path, loss.reason) for loss in encoded.losses] == [("value", "coerced")]


def test_what_base_keeps_itself() -> None:
    """Ids, creators and times are Base's to write: reading them is fine, writing them is reported."""
    wire = {"id": 1, "last_name": "Lee", "creator_id": 3, "created_at": "2021-02-17T16:32:56Z"}
    validate_all(
        "lead",
        wire,
        source="base",
        write={
            "base": [
                {"last_name": "Lee"},
                *(UNSUPPORTED(path, "read_only") for path in ("id", "created_by", "created_at")),
            ]
        },
    )
