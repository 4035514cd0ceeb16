"""Mass conversion as a job: ``POST`` and ``GET /Leads/actions/mass_convert`` (v4 on).

Sources: zoho.com/crm/developer/docs/api/v5/mass-convert-lead.html, mass-convert-status.html; zoho/crm-oas,
v8.0/mass_convert (details of the errors). Counts only: no reply ever says what became of which lead. Unknown [?]: how
long a job takes (ten seconds here), and how its status is spelled: the page lists small letters and shows capitals
(switch ``job_status``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from leadlens.emulation.checking import anything, flag, obj, problems
from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.asking import CRM_V4, allow, major, needed, wrong
from leadlens_zoho.sandbox.conversion import Plan, carry_out
from leadlens_zoho.sandbox.convert import open_for_conversion, planned
from leadlens_zoho.sandbox.dress import refused
from leadlens_zoho.sandbox.fields import PIPELINES
from leadlens_zoho.sandbox.values import number_of

SECONDS: Final = 10.0
_MOST: Final = 50
_HEADER: Final = "x-sandbox-job"
_KEYS: Final = {
    "ids": anything, "Deals": obj, "assign_to": obj, "carry_over_tags": anything, "related_modules": anything,
    "move_attachments_to": obj, "apply_assignment_threshold": flag, "portal_user_type": anything,
}  # fmt: skip
_DEAL: Final = {"Pipeline": next(iter(PIPELINES)), "Stage": next(iter(PIPELINES[next(iter(PIPELINES))]))}


def start(world: World, request: Request) -> Reply:
    """Take up to 50 leads and answer with the job's id; the conversions happen ten seconds later."""
    allow(request)
    body = request.json_object()
    if _HEADER in request.headers:
        return _run(world, request, body)
    leads = _ids(world, body)
    _plan(world, body, major(request), world.store.get("Leads", leads[0]) or {})
    number = world.store.next_id("job")
    job = {"id": str(number), "leads": leads, "due": world.now + SECONDS, "status": "scheduled", "converted": 0}
    world.store.create("job", number, {**job, "failed": 0, "key": world.token("job")})
    headers = {**request.headers, _HEADER: f"{number}:{world.token('job')}"}
    world.later(attrs.evolve(request, headers=headers), SECONDS)
    details = {"code": "SCHEDULED", "details": {"job_id": str(number)}}
    return Reply(202, {**details, "message": "Mass Convert scheduled successfully", "status": "success"})


def _ids(world: World, body: Mapping[str, Any]) -> list[int]:
    for problem in problems(body, _KEYS):
        raise _bad(problem.key, f"$.{problem.key}")
    if "portal_user_type" in body:
        raise refused("NOT_SUPPORTED", "not supported", unclear="portal_user_type is not emulated")
    given = body.get("ids")
    if not given:
        raise refused("MANDATORY_NOT_FOUND", "required field not found", api_name="ids", json_path="$.ids")
    if not isinstance(given, list):
        raise _bad("ids", "$.ids", expected_data_type="jsonarray")
    if len(given) > _MOST:
        details: dict[str, Any] = {"limit": _MOST, "limit_due_to": [{"api_name": "ids", "json_path": "$.ids"}]}
        raise refused("LIMIT_EXCEEDED", "Limit exceeded for mass convert", unclear="ids", **details)
    return [_lead(world, one, f"$.ids[{place}]") for place, one in enumerate(given)]


def _lead(world: World, given: Any, path: str) -> int:
    number = number_of(given)
    if number is None:
        raise _bad("ids", path, expected_data_type="long")
    if world.store.get("Leads", number) is None:
        raise _bad("ids", path)
    return number


def _bad(name: str, path: str, **details: Any) -> Refusal:
    return refused("INVALID_DATA", "invalid data", unclear=path, **details, api_name=name, json_path=path)


def _plan(world: World, body: Mapping[str, Any], version: float, lead: Record) -> Plan:
    """Return what is to be done with one lead; what is wrong is told at the root."""
    keys = ("Deals", "assign_to", "move_attachments_to")
    item = {key: body[key] for key in keys if key in body}
    if "Deals" in item:
        item["Deals"] = {**_DEAL, **item["Deals"]}
    item["carry_over_tags"] = _tags(body.get("carry_over_tags", {}), lead)
    _related(body.get("related_modules", []))
    try:
        return planned(world, item, max(version, 5.0), "$", ("Deal_Name",))
    except Refusal as refusal:
        refusal.reply = attrs.evolve(refusal.reply, body=refusal.reply.body["data"][0])
        raise


def _tags(given: Any, lead: Record) -> Any:
    """Return the names to carry over: a list names modules, and then all of the lead's tags go there."""
    if not isinstance(given, list):
        return given
    names = [tag["name"] for tag in lead.get("Tag", [])]
    for place, one in enumerate(given):
        if not isinstance(one, dict) or one.get("api_name") not in {"Contacts", "Accounts", "Deals"}:
            raise _bad("api_name", f"$.carry_over_tags[{place}].api_name")
    return {one["api_name"]: names for one in given}


def _related(given: Any) -> None:
    """Take activities to hand over, of which this account has none."""
    if not isinstance(given, list):
        raise _bad("related_modules", "$.related_modules", expected_data_type="jsonarray")
    for place, one in enumerate(given):
        path = f"$.related_modules[{place}]"
        if not isinstance(one, dict) or not {"id", "api_name"} & set(one):
            expected = [{"api_name": key, "json_path": f"{path}.{key}"} for key in ("id", "api_name")]
            message = "Specify Atleast one field"
            raise refused("EXPECTED_FIELD_MISSING", message, unclear=path, expected_fields=expected)
        if one.get("api_name", "Tasks") not in {"Tasks", "Events", "Calls"}:
            raise _bad("api_name", f"{path}.api_name")


def _run(world: World, request: Request, body: Mapping[str, Any]) -> Reply:
    """Convert the leads of a job that has come due, each for itself."""
    number, _, key = request.headers[_HEADER].partition(":")
    job = world.store.get("job", int(number)) if number.isdigit() else None
    if job is None or job["key"] != key or job["due"] > world.now or job["status"] != "scheduled":
        raise refused("INVALID_DATA", "invalid data", unclear=_HEADER)
    done = sum(_converted(world, lead, body, major(request)) for lead in job["leads"])
    status = "completed" if done else "failed"
    job |= {"status": status, "converted": done, "failed": len(job["leads"]) - done}
    world.store.replace("job", int(number), job)
    return Reply(202)


def _converted(world: World, number: int, body: Mapping[str, Any], version: float) -> bool:
    try:
        with world.store.attempt():
            lead = world.store.get("Leads", number)
            if lead is None:
                return False
            open_for_conversion(lead)
            carry_out(world, number, lead, _plan(world, body, version, lead))
            return True
    except Refusal:
        return False


def status(world: World, request: Request) -> Reply:
    """Answer how far a job is, in counts."""
    allow(request, "job_id")
    number = number_of(needed(request, "job_id"))
    job = None if number is None else world.store.get("job", number)
    if job is None:
        raise wrong("job_id")
    total, told = len(job["leads"]), job["status"]
    if told == "scheduled" and job["due"] - world.now <= SECONDS / 2:
        told = "in progress"
    counts = {"Total_Count": total, "Converted_Count": job["converted"], "Failed_Count": job["failed"]}
    counts["Not_Converted_Count"] = total - job["converted"] - job["failed"]
    told = told.upper() if world.switches["job_status"] == "capitals" else told
    return Reply(200, {"data": [{"Status": told, **counts}]})


ROUTES = (
    Route("POST", f"{CRM_V4}/Leads/actions/mass_convert", "mass_convert_leads", start, cost=5),
    Route("GET", f"{CRM_V4}/Leads/actions/mass_convert", "get_mass_convert", status),
)
