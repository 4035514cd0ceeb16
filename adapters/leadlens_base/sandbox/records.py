"""Base's leads, contacts and deals: their shape, how they are made, and plain reading and creating.

Source: …/sales-crm/resources/contacts, and the attribute lists of the vendor's own clients (zendesk/basecrm-ruby).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from leadlens.emulation.checking import Check, flag, integer, many, maybe, obj, problems, text
from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox.dress import invalid, not_found

ID: Final = "{id:[0-9]{1,18}}"
_TEXTS: Final = (
    "first_name", "last_name", "title", "description", "industry", "website", "email", "phone", "mobile", "fax",
    "twitter", "facebook", "linkedin", "skype",
)  # fmt: skip
SHARED: Final[Mapping[str, Check]] = {
    "owner_id": maybe(integer),
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
        "source_id": maybe(integer),
        "unqualified_reason_id": maybe(integer),
    },
    "contact": {
        **SHARED,
        "name": maybe(text),
        "is_organization": flag,
        "contact_id": maybe(integer),
        "customer_status": text,
        "prospect_status": text,
    },
    "deal": {
        "owner_id": maybe(integer),
        "name": text,
        "value": maybe(text),
        "currency": maybe(text),
        "contact_id": maybe(integer),
        "stage_id": integer,
        "source_id": maybe(integer),
        "hot": flag,
        "loss_reason_id": maybe(integer),
        "estimated_close_date": maybe(text),
        "customized_win_likelihood": maybe(integer),
        "tags": maybe(many(text)),
        "custom_fields": obj,
    },
}
_USUAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "lead": {"status": "New"},
    "contact": {"is_organization": False, "customer_status": "none", "prospect_status": "none"},
    "deal": {"value": None, "currency": "USD", "hot": False, "organization_id": None, "last_stage_change_at": None},
}


def made(world: World, kind: str, given: Mapping[str, Any]) -> Record:
    """Make and keep a record of a kind from what is known about it; everything else is null or empty."""
    number = world.store.next_id(kind)
    now = iso_utc(world.now)
    record = {"id": number, "creator_id": me(world), **dict.fromkeys(FIELDS[kind]), **_USUAL[kind]}
    record |= {key: value for key, value in given.items() if value is not None}
    record |= {"tags": record["tags"] or [], "custom_fields": record["custom_fields"] or {}}
    record |= {"owner_id": record["owner_id"] or me(world), "created_at": now, "updated_at": now}
    world.store.create(kind, number, record)
    return record


def me(world: World) -> int:
    """Return the id of the user whose token it is: the first."""
    return next(number for number, _ in world.store.iterate("user"))


def data_of(world: World, request: Request, kind: str, fields: Mapping[str, Check]) -> dict[str, Any]:
    """Return what stands in the request's ``data``; refuses keys that it does not take and values of another type."""
    given = request.json_object().get("data")
    if not isinstance(given, dict):
        raise invalid(world, kind, "/data", "missing")
    for problem in problems(given, fields):
        raise invalid(world, kind, f"/data/{problem.key}", "unknown" if problem.reason == "unknown" else "invalid_type")
    return given


def shown(kind: str, record: Record, status: int = 200) -> Reply:
    """Return a record in its envelope."""
    return Reply(status, {"data": record, "meta": {"type": kind}})


def create_lead(world: World, request: Request) -> Reply:
    """``POST /leads``: a last name or an organization name is required."""
    given = data_of(world, request, "lead", FIELDS["lead"])
    if not given.get("last_name") and not given.get("organization_name"):
        raise invalid(world, "lead", "/data/last_name", "blank")
    return shown("lead", made(world, "lead", given))


def get(world: World, request: Request, kind: str) -> Reply:
    """``GET /leads/{id}`` and the like; a converted lead stays."""
    record = world.store.get(kind, int(request.args["id"]))
    if record is None:
        raise not_found(world, kind)
    return shown(kind, record)


ROUTES = (
    Route("POST", "/v2/leads", "create_lead", create_lead),
    *(Route("GET", f"/v2/{kind}s/{ID}", f"get_{kind}", partial(get, kind=kind)) for kind in FIELDS),
)
