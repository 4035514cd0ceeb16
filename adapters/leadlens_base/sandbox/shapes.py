"""What leads, contacts and deals are made of: their attributes, what these refer to, and what they are when not given.

Source: …/sales-crm/resources/contacts, and the attribute lists of the vendor's own clients (zendesk/basecrm-ruby)
[third-party].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, flag, many, maybe, obj, text
from leadlens_base.sandbox.values import an_id, currency, day_or_moment, decimal, moment, one_of, percentage

ADDRESSES: Final = ("address", "billing_address", "shipping_address")
"""Attributes that are addresses; their keys are checked one by one."""

_TEXTS: Final = (
    "first_name", "last_name", "title", "description", "industry", "website", "email", "phone", "mobile", "fax",
    "twitter", "facebook", "linkedin", "skype",
)  # fmt: skip
SHARED: Final[Mapping[str, Check]] = {
    "owner_id": maybe(an_id),
    **dict.fromkeys(_TEXTS, maybe(text)),
    "address": maybe(obj),
    "tags": maybe(many(text)),
    "custom_fields": obj,
}
"""What leads and contacts have in common; a conversion copies it."""

FIELDS: Final[Mapping[str, Mapping[str, Check]]] = {
    "lead": {
        **SHARED,
        "organization_name": maybe(text),
        "status": maybe(text),
        "source_id": maybe(an_id),
        "unqualified_reason_id": maybe(an_id),
    },
    "contact": {
        **SHARED,
        "name": maybe(text),
        "is_organization": flag,
        "contact_id": maybe(an_id),
        "parent_organization_id": maybe(an_id),
        "customer_status": one_of("none", "current", "past"),
        "prospect_status": one_of("none", "current", "lost"),
        "billing_address": maybe(obj),
        "shipping_address": maybe(obj),
    },
    "deal": {
        "owner_id": maybe(an_id),
        "name": text,
        "value": maybe(decimal),
        "currency": maybe(currency),
        "contact_id": an_id,
        "stage_id": an_id,
        "source_id": maybe(an_id),
        "hot": flag,
        "loss_reason_id": maybe(an_id),
        "unqualified_reason_id": maybe(an_id),
        "estimated_close_date": maybe(day_or_moment),
        "customized_win_likelihood": maybe(percentage),
        "last_stage_change_at": maybe(moment),
        "added_on": maybe(moment),
        "tags": maybe(many(text)),
        "custom_fields": obj,
    },
}
USUAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "lead": {"status": "New"},
    "contact": {"is_organization": False, "customer_status": "none", "prospect_status": "none"},
    "deal": {"currency": "USD", "hot": False, "organization_id": None, "last_stage_change_by_id": None},
}
"""What is not null or empty when it is not given, and what only the account itself writes."""

REFERS: Final[Mapping[str, Mapping[str, str]]] = {
    "lead": {"owner_id": "user", "source_id": "lead_source", "unqualified_reason_id": "lead_unqualified_reason"},
    "contact": {"owner_id": "user", "contact_id": "contact", "parent_organization_id": "contact"},
    "deal": {
        "owner_id": "user",
        "contact_id": "contact",
        "stage_id": "stage",
        "source_id": "deal_source",
        "loss_reason_id": "loss_reason",
        "unqualified_reason_id": "deal_unqualified_reason",
    },
}
"""The kind of record that an attribute names; one that is not there is refused."""

NAMES: Final[Mapping[str, str]] = {"lead": "leads", "contact": "contacts", "deal": "deals"}
