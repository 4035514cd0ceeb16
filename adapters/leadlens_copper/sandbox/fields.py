"""What each kind of record has: what a write takes, what is there when nothing was said, and what an id stands for.

Sources: developer.copper.com, the overview and the samples of each kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, integer, many, maybe, number, obj, text
from leadlens_copper.sandbox import shapes
from leadlens_copper.sandbox.shapes import ident, one_of

_PLAIN: Final[Mapping[str, Check]] = {
    "name": text,
    "assignee_id": maybe(ident),
    "details": maybe(text),
    "tags": maybe(shapes.TEXTS),
    "custom_fields": many(obj),
}
_CARD: Final[Mapping[str, Check]] = {
    **_PLAIN,
    "address": maybe(shapes.ADDRESS),
    "phone_numbers": maybe(many(shapes.PHONE)),
    "socials": maybe(many(shapes.SOCIAL)),
    "websites": maybe(many(shapes.WEBSITE)),
}
NAME_PARTS: Final = ("prefix", "first_name", "middle_name", "last_name", "suffix")
_NAMES: Final[Mapping[str, Check]] = dict.fromkeys(NAME_PARTS, maybe(text))
PRIORITIES: Final = ("None", "Low", "Medium", "High")
OUTCOMES: Final = ("Open", "Won", "Lost", "Abandoned")
PROGRESS: Final = ("Open", "Completed")
_PRIORITY: Final = maybe(one_of(*PRIORITIES))

FIELDS: Final[Mapping[str, Mapping[str, Check]]] = {
    "lead": {
        **_CARD,
        **_NAMES,
        "company_name": maybe(text),
        "customer_source_id": maybe(ident),
        "email": maybe(shapes.EMAIL),
        "monetary_value": maybe(number),
        "monetary_unit": maybe(text),
        "status": text,
        "status_id": ident,
        "title": maybe(text),
    },
    "person": {
        **_CARD,
        **_NAMES,
        "company_id": maybe(ident),
        "contact_type_id": maybe(ident),
        "emails": maybe(many(shapes.EMAIL)),
        "title": maybe(text),
    },
    "company": {
        **_CARD,
        "contact_type_id": maybe(ident),
        "email_domain": maybe(text),
        "primary_contact_id": maybe(shapes.ident_or_digits),
    },
    "opportunity": {
        **_PLAIN,
        "close_date": maybe(shapes.day),
        "company_id": maybe(ident),
        "customer_source_id": maybe(ident),
        "loss_reason_id": maybe(ident),
        "monetary_value": maybe(number),
        "monetary_unit": maybe(text),
        "pipeline_id": maybe(ident),
        "pipeline_stage_id": maybe(ident),
        "primary_contact_id": maybe(ident),
        "priority": _PRIORITY,
        "status": one_of(*OUTCOMES),
        "win_probability": maybe(shapes.between(0, 100)),
    },
    "project": {**_PLAIN, "related_resource": maybe(shapes.RELATED), "status": one_of(*PROGRESS)},
    "task": {
        **_PLAIN,
        "related_resource": maybe(shapes.RELATED),
        "due_date": maybe(integer),
        "reminder_date": maybe(integer),
        "priority": _PRIORITY,
        "status": one_of(*PROGRESS),
    },
}
"""What a write takes, by kind."""

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("lead", "person", "company", "project", "task"), ("name",)),
    "opportunity": ("name", "primary_contact_id"),
}
"""What a new record must have."""

READ_ONLY: Final[Mapping[str, Mapping[str, Any]]] = {
    "lead": {
        "date_last_contacted": None,
        "interaction_count": 0,
        "converted_at": None,
        "converted_contact_id": None,
        "converted_opportunity_id": None,
    },
    "person": {
        "company_name": None,
        "date_last_contacted": None,
        "interaction_count": 0,
        "leads_converted_from": [],
        "date_lead_created": None,
    },
    "company": {"interaction_count": 0},
    "opportunity": {
        "company_name": None,
        "converted_unit": None,
        "converted_value": None,
        "date_last_contacted": None,
        "date_lead_created": None,
        "interaction_count": 0,
        "leads_converted_from": [],
    },
    "project": {},
    "task": {"completed_date": None, "custom_activity_type_id": None},
}
"""What a reply shows besides, and how a record begins."""

USUAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "lead": {"status": None, "status_id": None},
    "person": {},
    "company": {},
    "opportunity": {"status": "Open", "priority": "None"},
    "project": {"status": "Open"},
    "task": {"status": "Open", "priority": "None", "related_resource": {"id": None, "type": None}},
}
"""What a record has when nothing was said, if not null or an empty list."""

LISTS: Final = frozenset(("custom_fields", "emails", "phone_numbers", "socials", "tags", "websites"))
UNRECORDED: Final = frozenset((*NAME_PARTS, "monetary_unit", "status_id"))
"""Keys that replies show; whether a write honours them is not recorded [?]."""

REFERS: Final[Mapping[str, str]] = {
    "assignee_id": "user",
    "company_id": "company",
    "contact_type_id": "contact_type",
    "customer_source_id": "customer_source",
    "loss_reason_id": "loss_reason",
    "pipeline_id": "pipeline",
    "primary_contact_id": "person",
}
"""The kind of record that an id stands for, where a write names one."""

PLURALS: Final[Mapping[str, str]] = {
    "lead": "leads",
    "person": "people",
    "company": "companies",
    "opportunity": "opportunities",
    "project": "projects",
    "task": "tasks",
}
