"""A lead becomes a deal, and a deal a lead: jobs that are asked after (API v2, in beta).

Source: developers.pipedrive.com/docs/api/v1/Leads#convertLeadToDeal, #getLeadConversionStatus, Deals#convertDealToLead:
the states of a job, what the body takes, and that what was converted is marked as deleted. What becomes of a second job
for the same lead is not recorded [?], a switch.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

import attrs

from leadlens.emulation.checking import Check, integer
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_pipedrive.sandbox import leads, notes, records
from leadlens_pipedrive.sandbox.dress import answer, not_found, refused
from leadlens_pipedrive.sandbox.reading import KEY, body_of, query_of

SECONDS: Final = 3.0
"""So long a job takes here; half of that it has not begun."""
_HEADER: Final = "x-sandbox-job"
_INPUT: Final[dict[str, Check]] = {"stage_id": integer, "pipeline_id": integer}
_CONVERSION: Final = "{conversion:[0-9a-f-]{36}}"


def to_deal(world: World, request: Request) -> Reply:
    """``POST /leads/{id}/convert/deal``: begin the job."""
    if _HEADER in request.headers:
        return _run(world, request, _lead_to_deal)
    _, lead = leads.found(world, request.args["id"])
    body_of(world, request, _INPUT)
    return _begun(world, request, lead["id"])


def to_lead(world: World, request: Request) -> Reply:
    """``POST /deals/{id}/convert/lead``: begin the job."""
    if _HEADER in request.headers:
        return _run(world, request, _deal_to_lead)
    deal = records.there(world, "deal", request.args["id"])
    body_of(world, request, {})
    if deal["person_id"] is None and deal["org_id"] is None:
        raise refused("A deal without a person and an organization cannot become a lead")
    return _begun(world, request, str(deal["id"]))


def _begun(world: World, request: Request, of: str) -> Reply:
    number = world.store.next_id("job")
    identity = str(uuid.UUID(hex=world.token("conversion")))
    job = {"id": identity, "of": of, "began": world.now, "status": "not_started", "result": {}}
    world.store.create("job", number, job)
    headers = {**request.headers, _HEADER: f"{number}:{world.token('job')}"}
    world.store.replace("job", number, {**job, "key": world.token("job")})
    world.later(attrs.evolve(request, headers=headers), SECONDS)
    return answer({"conversion_id": identity})


def _run(world: World, request: Request, work: Any) -> Reply:
    """Carry a job out; what is gone by then, or was converted already where that is refused, is rejected."""
    number, _, key = request.headers[_HEADER].partition(":")
    job = world.store.get("job", int(number)) if number.isdigit() else None
    if job is None or job["key"] != key or job["status"] != "not_started":
        raise not_found("Conversion")
    result = work(world, request)
    status = "rejected" if result is None else "completed"
    world.store.replace("job", int(number), {**job, "status": status, "result": result or {}})
    return answer({"conversion_id": job["id"]})


def _lead_to_deal(world: World, request: Request) -> dict[str, Any] | None:
    there = world.store.find("lead", "id", request.args["id"])
    if there:
        at, lead = there[0]
        world.store.delete("lead", at, what="converted")
    else:
        before = world.store.find("job", "of", request.args["id"])
        number = next((at for at in range(1, 10**6) if leads.lead_id(world.seed, at) == request.args["id"]), 0)
        gone = world.store.was("lead", number) if world.switches["second_job"] == "again" and len(before) > 1 else None
        if gone is None:
            return None
        lead = gone
    deal = deal_of(world, lead, request.json_object() if request.body else {})
    notes.moved(world, lead["id"], deal["id"])
    return {"deal_id": deal["id"]}


def deal_of(world: World, lead: Record, asked: Record) -> Record:
    """Make the deal of a lead: its title, value and fields, and what it points to."""
    money = lead["value"] or {"amount": 0, "currency": "USD"}
    place = {
        "stage_id": asked.get("stage_id"),
        "pipeline_id": None if asked.get("stage_id") else asked.get("pipeline_id"),
    }
    given = {
        **place, "title": lead["title"], "value": money["amount"], "currency": money["currency"],
        "person_id": lead["person_id"], "org_id": lead["organization_id"], "owner_id": lead["owner_id"],
        "expected_close_date": lead["expected_close_date"], "channel": lead["channel"],
        "custom_fields": {key: value for key, value in lead.items() if KEY.fullmatch(key)},
        "source_lead_id": lead["id"],
    }  # fmt: skip
    return records.made(world, "deal", given)


def _deal_to_lead(world: World, request: Request) -> dict[str, Any] | None:
    deal = world.store.get("deal", int(request.args["id"]))
    if deal is None or deal["is_deleted"]:
        return None
    world.store.replace("deal", deal["id"], {**deal, "is_deleted": True}, what="converted")
    given = {
        "title": deal["title"], "person_id": deal["person_id"], "organization_id": deal["org_id"],
        "owner_id": deal["owner_id"], "value": {"amount": deal["value"], "currency": deal["currency"]},
        "expected_close_date": deal["expected_close_date"], "source_deal_id": deal["id"], **deal["custom_fields"],
    }  # fmt: skip
    return {"lead_id": leads.made(world, given)["id"]}


def status(world: World, request: Request) -> Reply:
    """``GET …/convert/status/{conversion_id}``: the state, and behind the end what was made."""
    query_of(request, ())
    for _, job in world.store.find("job", "of", request.args["id"]):
        if job["id"] == request.args["conversion"]:
            running = job["status"] == "not_started" and world.now >= job["began"] + SECONDS / 2
            told = "running" if running else job["status"]
            return answer({"conversion_id": job["id"], "status": told, **job["result"]})
    raise not_found("Conversion")


ROUTES: Final = (
    Route("POST", f"/api/v2/leads/{leads.LEAD_ID}/convert/deal", "convert_lead_to_deal", to_deal),
    Route("GET", f"/api/v2/leads/{leads.LEAD_ID}/convert/status/{_CONVERSION}", "get_lead_conversion_status", status),
    Route("POST", f"/api/v2/deals/{records.ID}/convert/lead", "convert_deal_to_lead", to_lead),
    Route("GET", f"/api/v2/deals/{records.ID}/convert/status/{_CONVERSION}", "get_deal_conversion_status", status),
)
