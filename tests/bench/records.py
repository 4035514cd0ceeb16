"""The shape of both wires, told once; the pydantic and the cattrs classes are made of it.

A class is a mapping of key to type: ``str``, ``int``, ``JSON`` (anything), the name of another class, or a list of one
of these in brackets. Every key may be missing or null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Shape: TypeAlias = str | type | list[Any]
JSON = object

_TEXTS = ("name", "prefix", "first_name", "middle_name", "last_name", "suffix", "title", "company_name", "details")
_KEPT = {"id": int, "interaction_count": int, "date_created": int, "date_modified": int, "date_last_contacted": int}
_ANY: dict[str, Shape] = {
    **_KEPT,
    "assignee_id": int,
    "tags": [str],
    "custom_fields": ["CustomField"],
}
_REACHABLE: dict[str, Shape] = {
    "address": "Address",
    "phone_numbers": ["Phone"],
    "websites": ["Website"],
    "socials": ["Website"],
}
_MONEY: dict[str, Shape] = {"monetary_value": float, "monetary_unit": str}

COPPER: Mapping[str, Mapping[str, Shape]] = {
    "Email": {"email": str, "category": str},
    "Phone": {"number": str, "category": str},
    "Website": {"url": str, "category": str},
    "Address": dict.fromkeys(("street", "city", "state", "postal_code", "country"), str),
    "CustomField": {"custom_field_definition_id": int, "value": JSON, "computed_value": JSON},
    "ConvertedFrom": {"lead_id": int, "converted_timestamp": int},
    "Lead": {
        **dict.fromkeys(_TEXTS, str),
        **_ANY,
        **_REACHABLE,
        **_MONEY,
        "email": "Email",
        "status": str,
        "status_id": int,
        "customer_source_id": int,
        "converted_at": int,
        "converted_contact_id": int,
        "converted_opportunity_id": int,
    },
    "Person": {
        **dict.fromkeys(_TEXTS, str),
        **_ANY,
        **_REACHABLE,
        "emails": ["Email"],
        "company_id": int,
        "contact_type_id": int,
        "leads_converted_from": ["ConvertedFrom"],
    },
    "Company": {
        **dict.fromkeys(("name", "details", "email_domain"), str),
        **_ANY,
        **_REACHABLE,
        "primary_contact_id": int,
        "contact_type_id": int,
    },
    "Opportunity": {
        **dict.fromkeys(("name", "company_name", "details", "close_date", "status", "priority", "pipeline_type"), str),
        **_ANY,
        **_MONEY,
        "converted_value": float,
        "converted_unit": str,
        "company_id": int,
        "primary_contact_id": int,
        "customer_source_id": int,
        "loss_reason_id": int,
        "pipeline_id": int,
        "pipeline_stage_id": int,
        "win_probability": int,
        "date_lead_created": int,
        "date_stage_changed": int,
        "pipeline_is_revenue": bool,
        "leads_converted_from": ["ConvertedFrom"],
    },
    "ConvertReply": {"person": "Person", "company": "Company", "opportunity": "Opportunity"},
}

_LEAD_TEXTS = (
    "Salutation", "First_Name", "Last_Name", "Email", "Secondary_Email", "Twitter", "Designation", "Company", "Phone",
    "Mobile", "Fax", "Website", "Street", "City", "State", "Zip_Code", "Country", "Lead_Status", "Description",
)  # fmt: skip
ZOHO: Mapping[str, Mapping[str, Shape]] = {
    "Named": {"id": str, "name": str},
    "Details": {"Contacts": "Named", "Accounts": "Named", "Deals": "Named"},
    "Converted": {"code": str, "message": str, "status": str, "details": "Details"},
    "ZohoConvertReply": {"data": ["Converted"]},
    "Tag": {"name": str},
    "ZohoLead": {**dict.fromkeys(_LEAD_TEXTS, str), "Owner": "Named", "Tag": ["Tag"]},
}


def classes(make: Callable[[str, dict[str, Any]], type]) -> dict[str, type]:
    """Return a class per shape, made by ``make(name, types)``; types are the classes themselves."""
    made: dict[str, type] = {}
    for name, shape in (COPPER | ZOHO).items():  # type: ignore[operator]  # both are dicts
        made[name] = make(name, {key: _resolved(kind, made) for key, kind in shape.items()})
    return made


def _resolved(kind: Shape, made: Mapping[str, type]) -> Any:
    if isinstance(kind, list):
        return list[_resolved(kind[0], made)]  # type: ignore[misc]  # made at run time
    if isinstance(kind, str):
        return made[kind]
    return Any if kind is JSON else kind
