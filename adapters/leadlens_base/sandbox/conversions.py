"""Base's conversions (developer.zendesk.com/api-reference/sales-crm/resources/lead-conversions).

New records every time, a deal unless it is declined, and the lead stays [third-party].
"""

from __future__ import annotations

from typing import Any, Final

from leadlens.emulation.checking import flag, integer
from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox.dress import invalid, not_found
from leadlens_base.sandbox.records import ID, SHARED, data_of, made, me

_INPUT: Final = {"lead_id": integer, "owner_id": integer, "create_deal": flag}


def convert(world: World, request: Request) -> Reply:
    """Make an individual if the lead has a last name, an organization if it names one, and by default a deal."""
    given = data_of(world, request, "lead_conversion", _INPUT)
    if "lead_id" not in given:
        raise invalid(world, "lead_conversion", "/data/lead_id", "missing")
    lead = world.store.get("lead", given["lead_id"])
    if lead is None:
        raise invalid(world, "lead_conversion", "/data/lead_id", "incorrect_value")
    before = world.store.find("conversion", "lead", str(lead["id"]))
    if before and world.switches["second_convert"] == "refused":
        raise invalid(world, "lead_conversion", "/data/lead_id", "incorrect_value")
    if before and world.switches["second_convert"] == "same":
        return Reply(200, shown(world, before[0][1]))
    return Reply(200, shown(world, _converted(world, lead, given)))


def _converted(world: World, lead: Record, given: dict[str, Any]) -> Record:
    owner: int = given.get("owner_id") or lead["owner_id"]
    shared = {key: lead[key] for key in SHARED} | {"owner_id": owner}
    organization = individual = deal = None
    if lead["organization_name"]:
        named = {"name": lead["organization_name"], "is_organization": True}
        nobody = {"first_name": None, "last_name": None, "title": None}
        organization = made(world, "contact", shared | nobody | named)["id"]
    if lead["last_name"]:
        individual = made(world, "contact", shared | {"contact_id": organization})["id"]
    if given.get("create_deal", True):
        deal = _deal(world, lead, owner, individual, organization)
    number = world.store.next_id("conversion")
    record = {
        "id": number,
        "lead_id": lead["id"],
        "individual_id": individual,
        "organization_id": organization,
        "deal_id": deal,
        "creator_id": me(world),
        "created_at": iso_utc(world.now),
    }
    world.store.create("conversion", number, record)
    world.store.replace("lead", lead["id"], lead, what="converted")
    return record


def _deal(world: World, lead: Record, owner: int, individual: int | None, organization: int | None) -> int:
    """Make the deal, named after the organization or the person [?], in the first stage."""
    name = lead["organization_name"] or " ".join(part for part in (lead["first_name"], lead["last_name"]) if part)
    stage = next(number for number, _ in world.store.iterate("stage"))
    given = {
        "name": name,
        "owner_id": owner,
        "contact_id": individual or organization,
        "organization_id": organization,
        "stage_id": stage,
        "source_id": lead["source_id"],
    }
    number: int = made(world, "deal", given)["id"]
    return number


def shown(world: World, record: Record) -> dict[str, Any]:
    """Return a conversion in its envelope, with links to what it made."""
    places = (("individual", "contacts"), ("organization", "contacts"), ("deal", "deals"))
    links = {
        name: f"{world.url}/v2/{place}/{record[f'{name}_id']}" if record[f"{name}_id"] else None
        for name, place in places
    }
    return {"data": record, "meta": {"type": "lead_conversion", "links": links}}


def get(world: World, request: Request) -> Reply:
    """``GET /lead_conversions/{id}``."""
    record = world.store.get("conversion", int(request.args["id"]))
    if record is None:
        raise not_found(world, "lead_conversion")
    return Reply(200, shown(world, record))


def list_(world: World, request: Request) -> Reply:
    """``GET /lead_conversions``: newest first, by ``lead_id`` if given; the first page only."""
    wanted = request.param("lead_id")
    found = [
        shown(world, record)
        for _, record in world.store.iterate("conversion", newest_first=True)
        if wanted is None or str(record["lead_id"]) == wanted
    ]
    items = found[:25]
    return Reply(200, {"items": items, "meta": {"type": "collection", "count": len(items), "links": {}}})


ROUTES = (
    Route("POST", "/v2/lead_conversions", "convert_lead", convert),
    Route("GET", f"/v2/lead_conversions/{ID}", "get_lead_conversion", get),
    Route("GET", "/v2/lead_conversions", "list_lead_conversions", list_, search=True),
)
