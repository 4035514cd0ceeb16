"""Puts the account of a published Copper exchange into a sandbox: what its request and its reply speak of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.contracts import properties

from leadlens.emulation.vendor import World

Wire = dict[str, Any]
REFERS = {
    "assignee_id": "user",
    "contact_type_id": "contact_type",
    "customer_source_id": "customer_source",
    "loss_reason_id": "loss_reason",
    "primary_contact_id": "person",
    "company_id": "company",
}
KINDS = {
    "leads": "lead",
    "people": "person",
    "companies": "company",
    "opportunities": "opportunity",
    "projects": "project",
    "tasks": "task",
    "activities": "activity",
    "webhooks": "webhook",
    "users": "user",
    "account": "account",
    "lead_statuses": "lead_status",
    "customer_sources": "customer_source",
    "contact_types": "contact_type",
    "pipelines": "pipeline",
    "custom_field_definitions": "definition",
}
LISTS = ("tags", "custom_fields", "phone_numbers", "socials", "websites", "emails", "leads_converted_from")
SET_UP = ("definition", "pipeline", "customer_source", "contact_type", "loss_reason")
ELSEWHERE = 4_000_000_001


def nodes(value: Any) -> Iterator[Wire]:
    """Yield every object within a JSON value."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from nodes(each)


def clear(world: World, *kinds: str) -> None:
    """Take away all records of some kinds."""
    for kind in kinds:
        for number, _ in list(world.store.iterate(kind)):
            world.store.delete(kind, number)


def keep(world: World, kind: str, record: Wire) -> None:
    """Put a record in, unless it is there."""
    if world.store.was(kind, record["id"]) is None:
        world.store.create(kind, record["id"], record)
    elif world.store.get(kind, record["id"]) is None:
        world.store.database.execute(
            "DELETE FROM records WHERE vendor = 'copper' AND kind = ? AND id = ?", kind, record["id"]
        )
        world.store.create(kind, record["id"], record)


def whole(kind: str, record: Wire) -> Wire:
    """Return a published record with the keys that older samples lack."""
    known = properties("copper", kind.capitalize())
    usual: Wire = {**{key: [] for key in LISTS}, "converted_at": None, "related_resource": None, "email_domain": None}
    begun = {key: value for key, value in {**usual, **record}.items() if key in known}
    return {**begun, "_followed": False, "_interacted": record.get("date_last_contacted")}


def refer(world: World, *said: Any) -> None:
    """Put in the entries and records that ids of an exchange stand for."""
    for node in (found for value in said for found in nodes(value)):
        for key, kind in REFERS.items():
            number = int(node[key]) if node.get(key) else 0
            if number and world.store.get(kind, number) is None:
                keep(world, kind, _stand_in(kind, number, node))
        if "status_id" in node:
            keep(world, "lead_status", _status(node))
        if node.get("pipeline_id"):
            _pipeline(world, node)
        related = node.get("related_resource") or {}
        if related.get("id") and world.store.get(related["type"], related["id"]) is None:
            keep(world, related["type"], whole(related["type"], {"id": related["id"], "name": "Related"}))


def _stand_in(kind: str, number: int, node: Wire) -> Wire:
    name = (node.get("company_name") if kind == "company" else None) or f"{kind} {number}"
    entry: Wire = {"id": number, "name": name}
    if kind == "user":
        return {**entry, "email": f"user{number}@example.com"}
    if kind == "person":
        entry |= {"company_id": node.get("company_id"), "company_name": node.get("company_name")}
    return whole(kind, entry) if kind in {"person", "company"} else entry


def _status(node: Wire) -> Wire:
    return {"id": node["status_id"], "name": node["status"], "order": 9, "is_default": False}


def _pipeline(world: World, node: Wire) -> None:
    number = node["pipeline_id"]
    kind, revenue = node.get("pipeline_type", "opportunity"), node.get("pipeline_is_revenue", False)
    known = world.store.get("pipeline", number)
    if known is None:
        keep(world, "pipeline", {"id": number, "name": "Sales", "stages": [], "type": kind, "is_revenue": revenue})
        known = world.store.get("pipeline", number)
    assert known is not None
    stage = node.get("pipeline_stage_id") if "id" in node else number
    if stage and stage not in {each["id"] for each in known["stages"]}:
        chance = node.get("win_probability", 5) or 5
        known["stages"].append({"id": stage, "name": f"Stage {stage}", "win_probability": chance})
        world.store.replace("pipeline", number, known)


def define(world: World, request: Any, reply: Any) -> None:
    """Put in the custom field definitions that an exchange names, with the types that its values show."""
    seen: dict[int, list[Any]] = {}
    asked: dict[int, Wire] = {}
    for node in nodes(request):
        if "custom_field_definition_id" in node:
            asked[node["custom_field_definition_id"]] = node
    for node in [*nodes(request), *nodes(reply)]:
        if "custom_field_definition_id" in node:
            seen.setdefault(node["custom_field_definition_id"], []).append(node.get("value"))
    for number, values in seen.items():
        plain = {"id": number, "name": f"Field {number}", "available_on": list(KINDS.values())[:6]}
        kind = _type(values, asked.get(number, {}))
        flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
        options = [{"id": one, "name": f"Option {one}"} for one in dict.fromkeys(flat) if type(one) is int]
        extra = {"options": [*options, {"id": ELSEWHERE, "name": "Elsewhere"}]}
        choice = extra if kind in {"Dropdown", "MultiSelect"} else {}
        keep(world, "definition", {**plain, "data_type": kind, "is_filterable": True, **choice})


def _type(values: list[Any], asked: Wire) -> str:
    given = [value for value in values if value is not None]
    shown = given[1:] if "value" in asked or "minimum_value" in asked else given
    if any(isinstance(value, bool) for value in given):
        return "Checkbox"
    if any(isinstance(value, str) for value in given):
        return "Text"
    if isinstance(asked.get("value"), list) and any(isinstance(value, int) for value in shown):
        return "Dropdown"
    if any(isinstance(value, list) for value in given):
        return "MultiSelect"
    if asked.get("allow_empty"):
        return "Dropdown"
    return "Date" if any(isinstance(value, int) and value > 10**9 for value in given) else "Float"


def decoy(kind: str, request: Wire) -> Wire:
    """Return a record that none of the published criteria may find."""
    place = dict.fromkeys(("street", "city", "state", "postal_code", "country"), "Elsewhere")
    plain: Wire = {
        **dict.fromkeys(
            ("email", "monetary_value", "close_date", "due_date", "date_stage_changed", "title", "first_name")
        ),
        **dict.fromkeys((*REFERS, "status_id", "pipeline_id", "pipeline_stage_id"), ELSEWHERE),
        "id": ELSEWHERE,
        "name": "Nobody",
        "status": "Abandoned",
        "priority": "Low",
        "address": place,
        "tags": ["decoy"],
        "interaction_count": 77,
        "date_created": 1,
        "date_modified": 1,
        "custom_fields": [
            {"custom_field_definition_id": asked["custom_field_definition_id"], "value": _other(asked)}
            for asked in request.get("custom_fields", ())
        ],
    }
    return whole(kind, plain)


def _other(asked: Wire) -> Any:
    if asked["custom_field_definition_id"] in (10, 12):
        return [ELSEWHERE]
    if asked["custom_field_definition_id"] == 3:
        return ELSEWHERE
    return False if isinstance(asked.get("value"), bool) else -1
