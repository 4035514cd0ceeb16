"""One small real payload per vendor and kind, and what tests of translate share.

Every id in the payloads is a number of seven digits or more that stands for nothing else.
"""

from __future__ import annotations

import copy
import itertools
from typing import Any, Final

import pytest

from leadlens import Loss, Translation, translate
from leadlens.adapter import KINDS

VENDORS: Final = ("copper", "zoho", "base")
REQUESTS: Final = ("convert-request", "upsert-request")
PAIRS: Final = list(itertools.product(VENDORS, VENDORS))
LEAD_IN_TARGET: Final = "70017001"
LEADS: Final = {"copper": "8894157", "zoho": "3652397000007566544", "base": "5551001"}
"""The lead of each convert request."""

every_kind = pytest.mark.parametrize("kind", KINDS)
every_pair = pytest.mark.parametrize(("source", "target"), PAIRS)
every_vendor = pytest.mark.parametrize("vendor", VENDORS)

_COPPER: Final[dict[str, Any]] = {
    "lead": {
        "id": 8894157,
        "name": "Ada Lovelace",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "title": "Countess",
        "company_name": "Analytical Engines",
        "details": "met at the fair",
        "email": {"email": "ada@example.test", "category": "work"},
        "phone_numbers": [{"number": "415-555-1234", "category": "work"}],
        "address": {"street": "12 St James's Square", "city": "London", "country": "GB"},
        "monetary_value": 1000,
        "monetary_unit": "GBP",
        "assignee_id": 1376581,
        "customer_source_id": 3312411,
        "status": "New",
        "status_id": 2082311,
        "tags": ["fair"],
        "custom_fields": [{"custom_field_definition_id": 1007641, "value": "gold"}],
        "date_created": 1489018784,
        "interaction_count": 3,
    },
    "contact": {
        "id": 2714035,
        "name": "Ada Lovelace",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "emails": [{"email": "ada@example.test", "category": "work"}],
        "company_id": 9607580,
        "company_name": "Analytical Engines",
        "contact_type_id": 4514921,
        "tags": ["fair"],
    },
    "company": {
        "id": 9607580,
        "name": "Analytical Engines",
        "email_domain": "engines.test",
        "websites": [{"url": "https://engines.test", "category": "work"}],
        "primary_contact_id": 2714035,
    },
    "deal": {
        "id": 2827698,
        "name": "First engine",
        "close_date": "1/23/2017",
        "company_id": 9607580,
        "primary_contact_id": 2714035,
        "pipeline_id": 2132141,
        "pipeline_stage_id": 9877901,
        "monetary_value": 250000,
        "priority": "High",
        "status": "Open",
        "win_probability": 5,
    },
    "convert-request": {
        "method": "POST",
        "path": "/developer_api/v1/leads/8894157/convert",
        "query": {},
        "body": {
            "details": {
                "person": {"name": "Ada Lovelace", "assignee_id": 1376581},
                "company": {"id": 9607580},
                "opportunity": {
                    "name": "First engine",
                    "pipeline_id": 2132141,
                    "pipeline_stage_id": 9877901,
                    "monetary_value": 1000,
                },
            }
        },
    },
    "convert-reply": {
        "person": {"id": 2714035, "name": "Ada Lovelace", "first_name": "Ada", "last_name": "Lovelace"},
        "company": {"id": 9607580, "name": "Analytical Engines"},
        "opportunity": {"id": 2827698, "name": "First engine", "monetary_value": 1000},
    },
    "upsert-request": {
        "method": "PUT",
        "path": "/developer_api/v1/leads/upsert",
        "query": {},
        "body": {
            "properties": {"name": "Ada Lovelace", "email": {"email": "ada@example.test", "category": "work"}},
            "match": {"field_name": "email", "field_value": "ada@example.test"},
        },
    },
    "upsert-reply": {
        "id": 8894157,
        "name": "Ada Lovelace",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "date_created": 1489531171,
        "date_modified": 1512006056,
    },
}

_ZOHO: Final[dict[str, Any]] = {
    "lead": {
        "id": "3652397000007566544",
        "First_Name": "Ada",
        "Last_Name": "Lovelace",
        "Full_Name": "Ada Lovelace",
        "Designation": "Countess",
        "Company": "Analytical Engines",
        "Email": "ada@example.test",
        "Phone": "415-555-1234",
        "City": "London",
        "Annual_Revenue": 12500.5,
        "Lead_Status": "Contacted",
        "Owner": {"id": "3652397000000186017", "name": "Charles Babbage"},
        "Tag": [{"name": "fair"}],
        "Tier": "gold",
        "Created_Time": "2017-03-09T00:19:44+00:00",
    },
    "contact": {
        "id": "3652397000000624640",
        "First_Name": "Ada",
        "Last_Name": "Lovelace",
        "Email": "ada@example.test",
        "Account_Name": {"id": "3652397000000624046", "name": "Analytical Engines"},
        "Date_of_Birth": "1815-12-10",
    },
    "company": {
        "id": "3652397000000624046",
        "Account_Name": "Analytical Engines",
        "Website": "https://engines.test",
        "Billing_City": "London",
        "Employees": 7,
    },
    "deal": {
        "id": "3652397000007603019",
        "Deal_Name": "First engine",
        "Stage": "Qualification",
        "Pipeline": "Standard",
        "Closing_Date": "2026-10-20",
        "Amount": 1000.25,
        "Account_Name": {"id": "3652397000000624046", "name": "Analytical Engines"},
        "Contact_Name": {"id": "3652397000000624640", "name": "Ada Lovelace"},
    },
    "convert-request": {
        "method": "POST",
        "path": "/crm/v8/Leads/3652397000007566544/actions/convert",
        "query": {},
        "body": {
            "data": [
                {
                    "overwrite": True,
                    "notify_lead_owner": True,
                    "Accounts": {"id": "3652397000000624046"},
                    "Contacts": {"id": "3652397000000624640"},
                    "assign_to": {"id": "3652397000000186017"},
                    "Deals": {
                        "Deal_Name": "First engine",
                        "Closing_Date": "2026-10-20",
                        "Stage": "Qualification",
                        "Pipeline": "Standard",
                        "Amount": 20000000,
                        "Contact_Role": "5545974000000006873",
                    },
                    "carry_over_tags": {"Contacts": ["fair"], "Deals": ["fair"]},
                }
            ]
        },
    },
    "convert-reply": {
        "data": [
            {
                "code": "SUCCESS",
                "details": {
                    "Contacts": {"name": "Ada Lovelace", "id": "3652397000007603014"},
                    "Deals": {"name": "First engine", "id": "3652397000007603019"},
                    "Accounts": {"name": "Analytical Engines", "id": "3652397000000624046"},
                },
                "message": "The record has been converted successfully",
                "status": "success",
            }
        ]
    },
    "upsert-request": {
        "method": "POST",
        "path": "/crm/v8/Leads/upsert",
        "query": {},
        "body": {
            "data": [{"Last_Name": "Lovelace", "Email": "ada@example.test"}],
            "duplicate_check_fields": ["Email"],
            "trigger": [],
        },
    },
    "upsert-reply": {
        "data": [
            {
                "code": "SUCCESS",
                "duplicate_field": "Email",
                "action": "update",
                "details": {
                    "id": "3652397000007566544",
                    "Created_Time": "2017-03-09T00:19:44+00:00",
                    "Modified_Time": "2026-03-09T00:19:44+00:00",
                    "Created_By": {"id": "3652397000000186017", "name": "Charles Babbage"},
                },
                "message": "record updated",
                "status": "success",
            }
        ]
    },
}

_BASE: Final[dict[str, Any]] = {
    "lead": {
        "id": 5551001,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "organization_name": "Analytical Engines",
        "title": "Countess",
        "email": "ada@example.test",
        "phone": "415-555-1234",
        "address": {"line1": "12 St James's Square", "city": "London"},
        "status": "New",
        "source_id": 5552002,
        "owner_id": 5553003,
        "tags": ["fair"],
        "custom_fields": {"Tier": "gold"},
        "created_at": "2017-03-09T00:19:44Z",
    },
    "contact": {
        "id": 5554004,
        "is_organization": False,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "contact_id": 5555005,
        "email": "ada@example.test",
        "customer_status": "none",
    },
    "company": {
        "id": 5555005,
        "is_organization": True,
        "name": "Analytical Engines",
        "website": "https://engines.test",
        "industry": "Machines",
    },
    "deal": {
        "id": 5556006,
        "name": "First engine",
        "value": "1000.25",
        "currency": "GBP",
        "stage_id": 5557007,
        "contact_id": 5554004,
        "hot": True,
        "estimated_close_date": "2026-10-20",
    },
    "convert-request": {
        "method": "POST",
        "path": "/v2/lead_conversions",
        "query": {},
        "body": {"data": {"lead_id": 5551001, "owner_id": 5553003, "create_deal": True}},
    },
    "convert-reply": {
        "data": {
            "id": 5558008,
            "lead_id": 5551001,
            "individual_id": 5554004,
            "organization_id": 5555005,
            "deal_id": None,
            "creator_id": 5553003,
            "created_at": "2021-02-17T16:32:56Z",
        },
        "meta": {"type": "lead_conversion"},
    },
    "upsert-request": {
        "method": "POST",
        "path": "/v2/leads/upsert",
        "query": {"email": "ada@example.test"},
        "body": {"data": {"last_name": "Lovelace", "email": "ada@example.test"}},
    },
    "upsert-reply": {
        "data": {
            "id": 5551001,
            "first_name": "Ada",
            "last_name": "Lovelace",
            "created_at": "2017-03-09T00:19:44Z",
            "updated_at": "2017-03-09T00:19:44Z",
        },
        "meta": {"type": "lead"},
    },
}

_ALL: Final[dict[str, dict[str, Any]]] = {"copper": _COPPER, "zoho": _ZOHO, "base": _BASE}


def payload(vendor: str, kind: str) -> Any:
    """Return a copy of a vendor's payload of a kind; requests as one request."""
    return copy.deepcopy(_ALL[vendor][kind])


def body(vendor: str, kind: str) -> Any:
    """Return a copy of the bare body of a vendor's payload of a kind."""
    whole = payload(vendor, kind)
    return whole["body"] if kind in REQUESTS else whole


def go(kind: str, source: str, target: str, given: Any = None, **options: Any) -> Translation:
    """Translate the vendor's own payload, or another one, with a lead in the target."""
    wire = payload(source.partition("@")[0], kind) if given is None else given
    return translate(kind, wire, source=source, target=target, **{"lead_id": LEAD_IN_TARGET, **options})


def said(done: Translation, path: str) -> list[tuple[str, str, str]]:
    """Return reason, level and kind of the losses at a path."""
    return [(loss.reason, loss.level, loss.kind) for loss in done.losses if loss.path == path]


def real(done: Translation) -> list[Loss]:
    return [loss for loss in done.losses if loss.level == "loss"]


def calls_of(done: Translation) -> dict[str, Any]:
    assert done.calls is not None
    return {call.name: call for call in done.calls}


def leaves(node: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the places of everything in a JSON value that is no object and no list."""
    if isinstance(node, dict):
        return [place for key, inner in node.items() for place in leaves(inner, (*at, key))]
    if isinstance(node, list):
        return [place for index, inner in enumerate(node) for place in leaves(inner, (*at, index))]
    return [at]


def put(node: Any, place: tuple[str | int, ...], value: Any) -> Any:
    """Return a copy of a JSON value with another one at a place."""
    whole = copy.deepcopy(node)
    inner = whole
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return whole


def spelled(place: tuple[str | int, ...]) -> str:
    return "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
