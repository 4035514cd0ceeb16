"""Zoho CRM (zoho.com/crm/developer/docs/api, v2 to v8): what its payloads mean and how the others say them."""

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
    Existing,
    Match,
    MatchKey,
    Money,
    NewContact,
    NewDeal,
    NoRecord,
    Nothing,
    Present,
    Ref,
    UpsertRequest,
    UpsertResult,
    VendorDefault,
    VendorExtras,
    decode,
    encode,
    registry,
)
from leadlens.conversion import Conversion, NewCompany
from leadlens.model import Address, ConvertedTo, CustomField, Deal, Email, Lead, PersonName, Phone

COPPER = "/developer_api/v1/leads/77/convert"
BASE = "/v2/lead_conversions"
V8 = "/crm/v8/Leads/77/actions/convert"
V2 = "/crm/v2/Leads/77/actions/convert"
NO_DEAL = {"data": {"lead_id": 77, "create_deal": False}}
DEAL = {
    "Deal_Name": "test",
    "Closing_Date": "2020-10-20",
    "Stage": "Negotiation/Review",
    "Pipeline": "Standard (Standard)",
}


def item(**keys: Any) -> dict[str, Any]:
    return {"data": [keys]}


def request(wire: Any, version: str = "v8") -> Any:
    crosswalk = registry.get(f"zoho@{version}").crosswalk("convert-request")
    return decode(crosswalk, {"convert": {"body": wire}}).value


# --- conversion ------------------------------------------------------------------------------------------------------


DOCUMENTED_CONVERSION = item(
    overwrite=True,
    notify_lead_owner=True,
    notify_new_entity_owner=True,
    Accounts={"id": "3652397000000624046"},
    Contacts={"id": "3652397000000624640"},
    Deals=DEAL | {"Amount": 20000000, "Contact_Role": "5545974000000006873"},
    carry_over_tags={"Contacts": ["tag1", "tag2"], "Accounts": ["tag1"], "Deals": ["tag1"]},
)
DOCUMENTED_CONVERSION_ABSENT = (
    "rename_company",
    "notify_lead_owner",
    "notify_owner",
    "contact_tags",
    "company_tags",
    "deal_tags",
)
DOCUMENTED_CONVERSION_READ = ConvertRequest(
    contact=Existing("3652397000000624640"),
    company=Existing("3652397000000624046"),
    deal=NewDeal(
        name="test",
        close_date=dt.date(2020, 10, 20),
        stage=Ref(None, "Negotiation/Review"),
        pipeline=Ref(None, "Standard (Standard)"),
        value=Money(Decimal(20000000)),
        contact_role=Ref("5545974000000006873"),
    ),
    rename_company=True,
    notify_lead_owner=True,
    notify_owner=True,
    contact_tags=("tag1", "tag2"),
    company_tags=("tag1",),
    deal_tags=("tag1",),
)
DOCUMENTED_CONVERSION_WRITE: dict[str, Expected] = {
    "zoho@v5": [CALL("POST", "/crm/v5/Leads/77/actions/convert", DOCUMENTED_CONVERSION)],
    "zoho": [CALL("POST", V8, DOCUMENTED_CONVERSION)],
    "copper@month-first": [
        CALL(
            "POST",
            COPPER,
            {
                "details": {
                    "company": {"id": 3652397000000624046},
                    "opportunity": {"name": "test", "monetary_value": 20000000},
                }
            },
        ),
        CALL("PUT", "/developer_api/v1/opportunities/{deal_id}", {"close_date": "10/20/2020"}),
        UNSUPPORTED("contact", "absent"),
        UNSUPPORTED("deal.stage", "unmapped_option"),
        UNSUPPORTED("deal.pipeline", "unmapped_option"),
        UNSUPPORTED("deal.contact_role", "absent"),
        *(UNSUPPORTED(path, "absent") for path in DOCUMENTED_CONVERSION_ABSENT),
        NOTE("deal.stage", "defaulted"),
        NOTE("deal.pipeline", "defaulted"),
    ],
    "base": [
        CALL("POST", BASE, {"data": {"lead_id": 77, "create_deal": True}}),
        CALL(
            "PUT",
            "/v2/deals/{deal_id}",
            {"data": {"name": "test", "value": "20000000", "estimated_close_date": "2020-10-20"}},
        ),
        UNSUPPORTED("contact", "absent"),
        UNSUPPORTED("company", "absent"),
        UNSUPPORTED("deal.stage", "unmapped_option"),
        UNSUPPORTED("deal.pipeline", "absent"),
        UNSUPPORTED("deal.contact_role", "absent"),
        *(UNSUPPORTED(path, "absent") for path in DOCUMENTED_CONVERSION_ABSENT),
    ],
}


def test_documented_conversion() -> None:
    """Zoho's documented sample uses nearly every key; what Copper and Base cannot do is named one by one."""
    validate_all(
        "convert-request",
        DOCUMENTED_CONVERSION,
        source="zoho@v5",
        read=DOCUMENTED_CONVERSION_READ,
        write=DOCUMENTED_CONVERSION_WRITE,
    )


def test_ids_are_bare_until_v2_1() -> None:
    """Until v2.1 records and owners are named by bare ids, from v3 on by objects."""
    bare = item(Accounts="3652397000000624046", Contacts="3652397000000624640", assign_to="7")
    objects = item(
        Accounts={"id": "3652397000000624046"}, Contacts={"id": "3652397000000624640"}, assign_to={"id": "7"}
    )
    calls = {
        "zoho@v2": [CALL("POST", V2, bare)],
        "zoho@v2.1": [CALL("POST", "/crm/v2.1/Leads/77/actions/convert", bare)],
        "zoho@v3": [CALL("POST", "/crm/v3/Leads/77/actions/convert", objects)],
        "zoho": [CALL("POST", V8, objects)],
    }
    validate_all("convert-request", bare, source="zoho@v2", write=calls)
    validate_all("convert-request", objects, source="zoho", write=calls)


@pytest.mark.parametrize(
    ("source", "wire", "path"),
    [
        ("zoho@v2", item(Accounts={"id": "1"}), "$.data[0].Accounts"),
        ("zoho@v3", item(Accounts="1"), "$.data[0].Accounts"),
        ("zoho", item(assign_to="1"), "$.data[0].assign_to"),
    ],
)
def test_forms_of_another_version_are_refused(source: str, wire: Any, path: str) -> None:
    """A form that another version uses is refused, with its path."""
    refuses("convert-request", wire, source=source, path=path, because="expected an")


def test_ids_as_numbers() -> None:
    """Clients send ids as JSON numbers too; beyond 2^53 they are kept to the last digit."""
    assert request(item(Accounts={"id": 3652397000000624046})).company == Existing("3652397000000624046")
    assert request(item(Accounts=3652397000000624046), "v2.1").company == Existing("3652397000000624046")


def test_empty_conversion_makes_no_deal() -> None:
    """An empty conversion makes a contact, an account if the lead names a company, and no deal."""
    validate_all(
        "convert-request",
        item(),
        source="zoho",
        read=ConvertRequest(contact=VendorDefault(), company=VendorDefault(), deal=Nothing()),
        write={
            "zoho@v2": [CALL("POST", V2, item())],
            "copper": [
                CALL("POST", COPPER, {"details": {}}),
                NOTE("contact", "defaulted"),
                NOTE("company", "defaulted"),
            ],
            "base": [CALL("POST", BASE, NO_DEAL)],
        },
    )


ONE_OWNER_FOR_CONTACT_AND_ACCOUNT = item(assign_to={"id": "7"}, Deals=DEAL | {"Owner": {"id": "8"}})
ONE_OWNER_FOR_CONTACT_AND_ACCOUNT_WRITE: dict[str, Expected] = {
    "zoho": [CALL("POST", V8, ONE_OWNER_FOR_CONTACT_AND_ACCOUNT)],
    "copper@day-first": [
        CALL(
            "POST",
            COPPER,
            {"details": {"person": {"assignee_id": 7}, "opportunity": {"name": "test", "assignee_id": 8}}},
        ),
        CALL("PUT", "/developer_api/v1/opportunities/{deal_id}", {"close_date": "20/10/2020"}),
        UNSUPPORTED("company_owner", "absent"),
        UNSUPPORTED("deal.stage", "unmapped_option"),
        UNSUPPORTED("deal.pipeline", "unmapped_option"),
    ],
    "base": [
        CALL("POST", BASE, {"data": {"lead_id": 77, "owner_id": 7, "create_deal": True}}),
        CALL(
            "PUT",
            "/v2/deals/{deal_id}",
            {"data": {"name": "test", "estimated_close_date": "2020-10-20", "owner_id": 8}},
        ),
        UNSUPPORTED("deal.stage", "unmapped_option"),
        UNSUPPORTED("deal.pipeline", "absent"),
    ],
}


def test_one_owner_for_contact_and_account() -> None:
    """``assign_to`` owns the contact and the account; the deal's owner stands inside ``Deals``."""
    validate_all(
        "convert-request",
        ONE_OWNER_FOR_CONTACT_AND_ACCOUNT,
        source="zoho",
        write=ONE_OWNER_FOR_CONTACT_AND_ACCOUNT_WRITE,
    )


def test_role_inside_deals_or_beside() -> None:
    """Zoho lists ``Contact_Role`` beside ``Deals`` and shows it inside: both are read, the sample's is written."""
    inside, beside = item(Deals=DEAL | {"Contact_Role": "5"}), item(Deals=DEAL, Contact_Role="5")
    validate_all("convert-request", beside, source="zoho", write={"zoho": [CALL("POST", V8, inside)]})
    assert request(inside) == request(beside)


def test_mandatory_deal_fields() -> None:
    """A deal needs name, closing date and stage, since v5 a pipeline too; what is not given is named."""
    wire = item(Deals={"Deal_Name": "test"})
    missing = [UNSUPPORTED("deal.close_date", "required"), UNSUPPORTED("deal.stage", "required")]
    validate_all(
        "convert-request",
        wire,
        source="zoho",
        write={
            "zoho@v4": [CALL("POST", "/crm/v4/Leads/77/actions/convert", wire), *missing],
            "zoho@v5": [
                CALL("POST", "/crm/v5/Leads/77/actions/convert", wire),
                *missing,
                UNSUPPORTED("deal.pipeline", "required"),
            ],
        },
    )


KEYS_OF_LATER_VERSIONS = item(move_attachments_to={"api_name": "Deals"}, add_to_existing_record=True)
KEYS_OF_LATER_VERSIONS_EXTRAS = VendorExtras(vendor="zoho", values={"add_to_existing_record": True})
KEYS_OF_LATER_VERSIONS_WRITE: dict[str, Expected] = {
    "zoho@v6": [CALL("POST", "/crm/v6/Leads/77/actions/convert", KEYS_OF_LATER_VERSIONS)],
    "zoho@v5": [
        CALL("POST", "/crm/v5/Leads/77/actions/convert", item(move_attachments_to={"api_name": "Deals"})),
        UNSUPPORTED("not_portable", "absent"),
    ],
    "zoho@v2": [
        CALL("POST", V2, item()),
        UNSUPPORTED("attachments_to", "absent"),
        UNSUPPORTED("not_portable", "absent"),
    ],
    "base": [
        CALL("POST", BASE, NO_DEAL),
        UNSUPPORTED("attachments_to", "absent"),
        UNSUPPORTED("not_portable", "absent"),
    ],
}


def test_keys_of_later_versions() -> None:
    """``move_attachments_to`` came with v5 and ``add_to_existing_record`` with v6; older versions cannot do them."""
    validate_all(
        "convert-request",
        KEYS_OF_LATER_VERSIONS,
        source="zoho",
        read=ConvertRequest(attachments_to="deal", not_portable=KEYS_OF_LATER_VERSIONS_EXTRAS),
        write=KEYS_OF_LATER_VERSIONS_WRITE,
    )


def test_adding_to_an_existing_record() -> None:
    """``add_to_existing_record`` stands with the record that it is about, and is no key of any other CRM."""
    wire = item(Contacts={"id": "5", "add_to_existing_record": True})
    validate_all(
        "convert-request",
        wire,
        source="zoho@v6",
        write={
            "zoho": [CALL("POST", V8, wire)],
            "copper": [
                CALL("POST", COPPER, {"details": {}}),
                UNSUPPORTED("contact", "absent"),
                UNSUPPORTED("not_portable", "absent"),
            ],
        },
    )


def test_one_lead_per_call() -> None:
    """A conversion is about one lead: what stands behind it is not read, and reported."""
    validate_all(
        "convert-request",
        {"data": [{}, {"overwrite": True}]},
        source="zoho",
        write={"base": [CALL("POST", BASE, NO_DEAL), UNSUPPORTED("$.data[1]", "unknown_key")]},
    )


def test_keys_of_no_version() -> None:
    """A key that Zoho does not know is reported with its path, inside objects too; a custom field is none."""
    validate_all(
        "convert-request",
        item(Overwrite=True, carry_over_tags={"contacts": ["a"]}, Deals=DEAL | {"Shoe_Size": 45, "shoe_size": 45}),
        source="zoho",
        write={
            "zoho": [
                CALL("POST", V8, item(Deals=DEAL | {"Shoe_Size": 45})),
                UNSUPPORTED("$.data[0].Overwrite", "unknown_key"),
                UNSUPPORTED("$.data[0].carry_over_tags.contacts", "unknown_key"),
                UNSUPPORTED("$.data[0].Deals.shoe_size", "unknown_key"),
            ]
        },
    )


@pytest.mark.parametrize(
    ("wire", "path", "because"),
    [
        ({"data": {}}, "$.data", "a list"),
        ({"data": [5]}, "$.data[0]", "an object"),
        (item(overwrite="true"), "$.data[0].overwrite", "true or false"),
        (item(Deals=DEAL | {"Closing_Date": "20.10.2020"}), "$.data[0].Deals.Closing_Date", "2026-01-31"),
        (item(carry_over_tags={"Contacts": "a"}), "$.data[0].carry_over_tags.Contacts", "a list"),
        (item(move_attachments_to={"api_name": "Tasks"}), "$.data[0].move_attachments_to.api_name", "Contacts"),
    ],
)
def test_wrong_types_are_refused(wire: Any, path: str, because: str) -> None:
    """What is of the wrong type is refused, with its path and what would fit."""
    refuses("convert-request", wire, source="zoho", path=path, because=because)


# --- calls around the conversion -------------------------------------------------------------------------------------


CALLS_ARE_READ_BACK_SEARCH: dict[str, Any] = {
    "method": "GET",
    "path": "/crm/v8/Accounts/search",
    "query": {"criteria": "(Account_Name:equals:A\\(B\\))"},
}
CALLS_ARE_READ_BACK_CREATE: dict[str, Any] = {
    "method": "POST",
    "path": "/crm/v8/Accounts",
    "body": {"data": [{"Account_Name": "A(B)"}]},
}
CALLS_ARE_READ_BACK_CONVERT: dict[str, Any] = {
    "method": "POST",
    "path": V8,
    "body": item(Accounts={"id": "{company_id}"}),
}
CALLS_ARE_READ_BACK_WRITE_2: dict[str, Expected] = {
    "copper": [
        CALL("POST", COPPER, {"details": {"company": {"name": "A(B)", "exact_match": True}}}),
        NOTE("company", "instead"),
    ],
    "base": [CALL("PUT", "/v2/leads/77", {"data": {"organization_name": "A(B)"}}), CALL("POST", BASE, NO_DEAL)],
}


def test_calls_are_read_back() -> None:
    """The calls that find or create an account and link it mean what they were made from."""
    validate_all(
        "convert-request",
        {"calls": [CALLS_ARE_READ_BACK_SEARCH, CALLS_ARE_READ_BACK_CREATE, CALLS_ARE_READ_BACK_CONVERT]},
        source="zoho",
        read=ConvertRequest(lead_id="77", company=Match("A(B)")),
        write={"copper": [CALL("POST", COPPER, {"details": {"company": {"name": "A(B)", "exact_match": True}}})]},
    )
    validate_all(
        "convert-request",
        {"calls": [CALLS_ARE_READ_BACK_CREATE, CALLS_ARE_READ_BACK_CONVERT]},
        source="zoho",
        read=ConvertRequest(lead_id="77", company=NewCompany(name="A(B)")),
        write=CALLS_ARE_READ_BACK_WRITE_2,
    )


CONTACT_NAMED_FIRST_BEFORE: dict[str, Any] = {
    "method": "PUT",
    "path": "/crm/v8/Leads/77",
    "body": {"data": [{"First_Name": "Ann", "Last_Name": "Lee"}]},
}
CONTACT_NAMED_FIRST_WRITE: dict[str, Expected] = {
    "copper": [CALL("POST", COPPER, {"details": {"person": {"name": "Ann Lee"}}}), NOTE("contact.name", "coerced")],
    "base": [
        CALL("PUT", "/v2/leads/77", {"data": {"first_name": "Ann", "last_name": "Lee"}}),
        CALL("POST", BASE, NO_DEAL),
    ],
}


def test_contact_named_first() -> None:
    """Zoho makes the contact from the lead: its name is changed before the conversion."""
    validate_all(
        "convert-request",
        {"calls": [CONTACT_NAMED_FIRST_BEFORE, {"method": "POST", "path": V8, "body": item()}]},
        source="zoho",
        read=ConvertRequest(lead_id="77", contact=NewContact(name=PersonName(first="Ann", last="Lee"))),
        write=CONTACT_NAMED_FIRST_WRITE,
    )


# --- replies ---------------------------------------------------------------------------------------------------------


REPLY_BY_VERSION_CONTACT = "3652397000007603014"
REPLY_BY_VERSION_ACCOUNT = "3652397000000624046"
REPLY_BY_VERSION_V3: dict[str, Any] = {
    "code": "SUCCESS",
    "details": {
        "Contacts": {"name": "Paul Daly", "id": REPLY_BY_VERSION_CONTACT},
        "Deals": None,
        "Accounts": {"name": "Zylker", "id": REPLY_BY_VERSION_ACCOUNT},
    },
    "message": "The record has been converted successfully",
    "status": "success",
}
REPLY_BY_VERSION_BARE: dict[str, Any] = {
    "data": [{"Contacts": REPLY_BY_VERSION_CONTACT, "Deals": None, "Accounts": REPLY_BY_VERSION_ACCOUNT}]
}
REPLY_BY_VERSION_PAUL = Contact(id=REPLY_BY_VERSION_CONTACT, name=PersonName(full="Paul Daly"))
REPLY_BY_VERSION_READ = Conversion(
    contact=Present(record=REPLY_BY_VERSION_PAUL),
    company=Present(record=Company(id=REPLY_BY_VERSION_ACCOUNT, name="Zylker")),
    deal=NoRecord(),
)
REPLY_BY_VERSION_WRITE: dict[str, Expected] = {
    "zoho@v3": [{"data": [REPLY_BY_VERSION_V3]}],
    "zoho@v2": [
        REPLY_BY_VERSION_BARE,
        UNSUPPORTED("contact.record", "narrowed"),
        UNSUPPORTED("company.record", "narrowed"),
    ],
}
REPLY_BY_VERSION_READ_2 = Conversion(
    contact=Present(record=Contact(id=REPLY_BY_VERSION_CONTACT)),
    company=Present(record=Company(id=REPLY_BY_VERSION_ACCOUNT)),
    deal=NoRecord(),
)


def test_reply_by_version() -> None:
    """Until v2.1 the reply gives bare ids, from v3 on ids and names; neither tells what was created."""
    validate_all(
        "convert-reply",
        {"data": [REPLY_BY_VERSION_V3]},
        source="zoho",
        read=REPLY_BY_VERSION_READ,
        write=REPLY_BY_VERSION_WRITE,
    )
    validate_all(
        "convert-reply",
        REPLY_BY_VERSION_BARE,
        source="zoho@v2",
        read=REPLY_BY_VERSION_READ_2,
        write={"zoho@v2.1": [REPLY_BY_VERSION_BARE]},
    )


def test_errors_are_no_replies() -> None:
    """A reply that says anything but success is none, whatever its status."""
    scheduled = {"data": [{"code": "SCHEDULED", "details": {"job_id": "1"}}]}
    refuses("convert-reply", scheduled, source="zoho", path="$.data[0].code", because="SUCCESS")


def test_converted_lead() -> None:
    """A converted lead tells what it became; the ids come as texts or as objects."""
    detail = {
        "contact": "1",
        "account": {"id": "2", "name": "Zylker"},
        "deal": None,
        "convert_date": "2020-10-20T10:00:00+02:00",
    }
    read = decode(
        registry.get("zoho").crosswalk("lead"), {"id": "9", "$converted": True, "$converted_detail": detail}
    ).value
    when = dt.datetime(2020, 10, 20, 8, tzinfo=dt.UTC)
    assert read == Lead(id="9", converted_to=ConvertedTo(contact=Ref("1"), company=Ref("2"), converted_at=when))
    assert read.converted_to.company.name == "Zylker"


def test_conversion_options() -> None:
    """The options hold the contacts, accounts and deals that a lead could be converted into."""
    crosswalk = registry.get("zoho@v6").crosswalk("conversion-options")
    wire = {
        "__conversion_options": {
            "module_preference": {"api_name": "Contacts", "id": "4876876000000002179"},
            "Contacts": [{"id": "5", "Full_Name": "Pat Boyle", "Email": None, "Phone": "98"}],
            "Accounts": [{"id": "6", "Account_Name": "Zylker"}],
        }
    }
    read = decode(crosswalk, wire)
    assert read.value.contacts == (Contact(id="5", phones=(Phone(number="98", category="work"),)),)
    assert read.value.companies == (Company(id="6", name="Zylker"),)
    assert {loss.reason for loss in read.losses} == {"left_out"}


# --- upsert ----------------------------------------------------------------------------------------------------------


UPSERT_BY_FIELDS_IN_ORDER: dict[str, Any] = {
    "data": [{"Last_Name": "Lee", "Email": "ann@example.test", "Phone": "1"}],
    "duplicate_check_fields": ["Email", "Phone"],
    "trigger": [],
}
UPSERT_BY_FIELDS_IN_ORDER_COPPER: dict[str, Any] = {
    "properties": {
        "name": "Lee",
        "last_name": "Lee",
        "email": {"email": "ann@example.test", "category": "work"},
        "phone_numbers": [{"number": "1", "category": "work"}],
    },
    "match": {"field_name": "email", "field_value": "ann@example.test"},
}
UPSERT_BY_FIELDS_IN_ORDER_READ = UpsertRequest(
    record=Lead(
        name=PersonName(last="Lee"),
        emails=(Email(address="ann@example.test", category="work"),),
        phones=(Phone(number="1", category="work"),),
    ),
    match=(MatchKey(field="email"), MatchKey(field="phone")),
    automations=False,
)
UPSERT_BY_FIELDS_IN_ORDER_WRITE: dict[str, Expected] = {
    "zoho@v2": [CALL("POST", "/crm/v2/Leads/upsert", UPSERT_BY_FIELDS_IN_ORDER)],
    "copper": [
        CALL("PUT", "/developer_api/v1/leads/upsert", UPSERT_BY_FIELDS_IN_ORDER_COPPER),
        UNSUPPORTED("match", "narrowed"),
        UNSUPPORTED("automations", "absent"),
    ],
    "base": [
        CALL(
            "POST",
            "/v2/leads/upsert",
            {"data": {"last_name": "Lee", "email": "ann@example.test", "phone": "1"}},
            {"email": "ann@example.test", "phone": "1"},
        ),
        UNSUPPORTED("automations", "absent"),
    ],
}


def test_upsert_by_fields_in_order() -> None:
    """Zoho checks several fields in order; Copper takes one. An empty ``trigger`` asks for no automations."""
    validate_all(
        "upsert-request",
        UPSERT_BY_FIELDS_IN_ORDER,
        source="zoho",
        read=UPSERT_BY_FIELDS_IN_ORDER_READ,
        write=UPSERT_BY_FIELDS_IN_ORDER_WRITE,
    )


def test_some_automations() -> None:
    """``trigger`` may name some automations; all or none can be asked for elsewhere, so some are reported."""
    record = {"Last_Name": "Lee"}
    validate_all(
        "upsert-request",
        {"data": [record], "duplicate_check_fields": ["Email"], "trigger": ["workflow"]},
        source="zoho",
        write={
            "zoho": [
                CALL("POST", "/crm/v8/Leads/upsert", {"data": [record], "duplicate_check_fields": ["Email"]}),
                UNSUPPORTED("automations", "ambiguous"),
            ]
        },
    )


UPSERT_OF_OTHER_MODULES: dict[str, Any] = {
    "method": "POST",
    "path": "/crm/v8/Accounts/upsert",
    "body": {"data": [{"Account_Name": "Zylker"}], "duplicate_check_fields": ["Account_Name"]},
}
UPSERT_OF_OTHER_MODULES_WRITE: dict[str, Expected] = {
    "zoho": [CALL("POST", "/crm/v8/Accounts/upsert", UPSERT_OF_OTHER_MODULES["body"])],
    "base": [
        CALL("POST", "/v2/contacts/upsert", {"data": {"is_organization": True, "name": "Zylker"}}, {"name": "Zylker"})
    ],
    "copper": [
        CALL("PUT", "/developer_api/v1/leads/upsert", {"properties": {}}),
        UNSUPPORTED("record", "absent"),
        UNSUPPORTED("record.name", "required"),
        UNSUPPORTED("match", "coerced"),
        UNSUPPORTED("match", "required"),
    ],
}


def test_upsert_of_other_modules() -> None:
    """The module stands in the path: accounts and deals can be upserted as well as leads; Copper has leads alone."""
    validate_all(
        "upsert-request",
        UPSERT_OF_OTHER_MODULES,
        source="zoho",
        read=UpsertRequest(record=Company(name="Zylker"), match=(MatchKey(field="name"),)),
        write=UPSERT_OF_OTHER_MODULES_WRITE,
    )


UPSERT_REPLY_TELLS_THE_ACTION: dict[str, Any] = {
    "data": [
        {
            "code": "SUCCESS",
            "action": "update",
            "duplicate_field": "Email",
            "details": {
                "id": "5",
                "Created_Time": "2020-10-20T10:00:00+00:00",
                "Modified_Time": "2020-10-21T10:00:00+00:00",
                "Created_By": {"id": "7", "name": "Ada"},
                "Modified_By": {"id": "7", "name": "Ada"},
            },
            "message": "record updated",
            "status": "success",
        }
    ]
}


def test_upsert_reply_tells_the_action() -> None:
    """Zoho tells whether an upsert created or updated, and by which field it matched."""
    record = Lead(
        id="5",
        created_at=dt.datetime(2020, 10, 20, 10, tzinfo=dt.UTC),
        modified_at=dt.datetime(2020, 10, 21, 10, tzinfo=dt.UTC),
        created_by=Ref("7", "Ada"),
        modified_by=Ref("7", "Ada"),
    )
    validate_all(
        "upsert-reply",
        UPSERT_REPLY_TELLS_THE_ACTION,
        source="zoho",
        read=UpsertResult(outcome="updated", record=record, matched_by="email"),
        write={"zoho": [UPSERT_REPLY_TELLS_THE_ACTION]},
    )


# --- records ---------------------------------------------------------------------------------------------------------


LEAD_RECORD: dict[str, Any] = {
    "Salutation": "Dr.",
    "First_Name": "Ann",
    "Last_Name": "Lee",
    "Company": "Acme",
    "Email": "ann@example.test",
    "Phone": "1",
    "Fax": "2",
    "Street": "1 Main St",
    "Zip_Code": "31410",
    "No_of_Employees": 12,
    "Annual_Revenue": 1000000,
    "Currency": "EUR",
    "Tag": [{"name": "hot"}],
    "Shoe_Size": 45,
}
LEAD_RECORD_READ = Lead(
    name=PersonName(prefix="Dr.", first="Ann", last="Lee"),
    company_name="Acme",
    emails=(Email(address="ann@example.test", category="work"),),
    phones=(Phone(number="1", category="work"), Phone(number="2", category="fax")),
    address=Address(street="1 Main St", postal_code="31410"),
    employees=12,
    annual_revenue=Money(Decimal(1000000), "EUR"),
    tags=("hot",),
    custom_fields=(CustomField(definition=Ref(None, "Shoe_Size"), value=45),),
)
LEAD_RECORD_WRITE: dict[str, Expected] = {
    "zoho@v2": [LEAD_RECORD],
    "base": [
        {
            "first_name": "Ann",
            "last_name": "Lee",
            "organization_name": "Acme",
            "email": "ann@example.test",
            "phone": "1",
            "fax": "2",
            "address": {"line1": "1 Main St", "postal_code": "31410"},
            "tags": ["hot"],
            "custom_fields": {"Shoe_Size": 45},
        },
        UNSUPPORTED("name", "coerced"),
        UNSUPPORTED("employees", "absent"),
        UNSUPPORTED("annual_revenue", "absent"),
    ],
}


def test_lead_record() -> None:
    """A lead's parts stand in keys of their own; money goes with the record's currency."""
    validate_all("lead", LEAD_RECORD, source="zoho", read=LEAD_RECORD_READ, write=LEAD_RECORD_WRITE)


DEAL_RECORD: dict[str, Any] = {
    "Deal_Name": "Pilot",
    "Stage": "Proposal",
    "Amount": 10.5,
    "Currency": "EUR",
    "Probability": 40,
    "Contact_Name": {"id": "5", "name": "Ann Lee"},
}
DEAL_RECORD_READ = Deal(
    name="Pilot",
    stage=Ref(None, "Proposal"),
    value=Money(Decimal("10.5"), "EUR"),
    probability=Decimal(40),
    contact=Ref("5"),
)
DEAL_RECORD_WRITE: dict[str, Expected] = {
    "copper": [
        {
            "name": "Pilot",
            "pipeline_stage_id": 3,
            "monetary_value": 10.5,
            "monetary_unit": "EUR",
            "win_probability": 40,
            "primary_contact_id": 9,
        }
    ],
    "base": [
        {
            "name": "Pilot",
            "stage_id": 3,
            "value": "10.5",
            "currency": "EUR",
            "customized_win_likelihood": 40,
            "contact_id": 9,
        }
    ],
}


def test_deal_record() -> None:
    """A deal's stage is a name in Zoho and an id in Copper and Base; a probability has whole percents."""
    validate_all(
        "deal",
        DEAL_RECORD,
        source="zoho",
        ids={"stage": {"Proposal": {"id": "3", "name": "Proposal"}}, "contact": {"5": "9"}},
        read=DEAL_RECORD_READ,
        write=DEAL_RECORD_WRITE,
    )


def test_ids_are_digits() -> None:
    """Zoho's ids are whole numbers: one that is not is reported, not sent."""
    request = ConvertRequest(lead_id="5", contact=Existing("abc"), contact_owner=Ref("x"), company_owner=Ref("x"))
    encoded = encode(registry.get("zoho").crosswalk("convert-request"), request)
    assert encoded.wire == {"convert": {"path": {"lead_id": "5"}, "body": {"data": [{}]}}}
    lost = {(loss.path, loss.reason) for loss in encoded.losses if loss.level == "loss"}
    assert lost == {(path, "id_not_exact") for path in ("contact.id", "contact_owner", "company_owner")}
