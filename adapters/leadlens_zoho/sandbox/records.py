"""Single records: insert, update, delete, read.

Sources: zoho.com/crm/developer/docs/api/v8/insert-records.html, update-specific-record.html, update-records.html,
get-records.html; delete: zoho/crm-oas. Third-party: a converted lead is not found unless asked for (switch
``converted_lead_read``). Unknown [?]: whether a converted lead takes writes (switch ``converted_lead_write``), whether
an e-mail must be unique among contacts (switch ``contact_email``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, TypeAlias

from leadlens.emulation.messages import Refusal, Reply, Request, header_text
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.asking import CRM, ID, WRITES, allow, choice, fields_asked, items, triggers
from leadlens_zoho.sandbox.dress import refused, refused_item
from leadlens_zoho.sandbox.fields import FIELDS, MODULE_IDS
from leadlens_zoho.sandbox.making import fields_of
from leadlens_zoho.sandbox.shape import (
    approved_fits,
    converted_fits,
    is_converted,
    made,
    repoint,
    rewritten,
    same,
    shown,
)
from leadlens_zoho.sandbox.values import bad, checked, missing, number_of, stage_fits

Item: TypeAlias = dict[str, Any]
SINGULAR: Final = {"Leads": "lead", "Contacts": "contact", "Accounts": "account", "Deals": "deal"}


def insert(world: World, request: Request, module: str) -> Reply:
    """``POST /Leads``: each record stands for itself; 201 when all are added, 207 when some, 400 when none."""
    allow(request)
    triggers(request)
    given = items(request, 100, also=WRITES)
    calls = [partial(_inserted, world, module, item, f"$.data[{n}]") for n, item in enumerate(given)]
    return several(world, calls, lambda done: 201)


def several(world: World, calls: Iterable[Callable[[], Item]], good: Callable[[list[Item]], int]) -> Reply:
    """Carry out one call for each record: what one is refused for is its own answer and undoes nothing else.

    The status is 207 when some are refused and 400 when all are.
    """
    unclear: list[str] = []
    done = [_attempted(world, call, unclear) for call in calls]
    well = sum(item["code"] == "SUCCESS" for item in done)
    status = good(done) if well == len(done) else 207 if well else 400
    return Reply(status, {"data": done}, {"X-Sandbox-Unclear": header_text(", ".join(unclear))} if unclear else {})


def _attempted(world: World, call: Callable[[], Item], unclear: list[str]) -> Item:
    try:
        with world.store.attempt():
            return call()
    except Refusal as refusal:
        if "X-Sandbox-Unclear" in refusal.reply.headers:
            unclear.append(refusal.reply.headers["X-Sandbox-Unclear"])
        body: Item = refusal.reply.body
        found: Item = body["data"][0] if "data" in body else body
        return found


def _inserted(world: World, module: str, item: dict[str, Any], base: str) -> dict[str, Any]:
    return told(added(world, module, item, base), "record added")


def added(world: World, module: str, item: dict[str, Any], base: str) -> Record:
    """Check and make a record."""
    given = checked(world, module, item, base)
    for name, field in fields_of(world, module).items():
        if field.required and given.get(name) is None:
            raise missing(name, f"{base}.{name}")
    if module == "Deals":
        stage_fits(given, base)
    unique(world, module, given, base, None)
    return made(world, module, given)


def told(record: Record, message: str) -> dict[str, Any]:
    """Return what a write says about a record."""
    shown_ = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")
    details = {key: record[key] for key in shown_}
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}


def unique(world: World, module: str, given: Record, base: str, own: int | None) -> None:
    """Refuse a value that another record has, in a field without duplicates."""
    for name, field in FIELDS[module].items():
        strict = module == "Contacts" and name == "Email" and world.switches["contact_email"] == "unique"
        if not (field.unique or strict):
            continue
        for number, other in same(world.store, module, name, given.get(name)):
            if number != own:
                raise _duplicate(module, name, other, f"{base}.{name}")


def _duplicate(module: str, name: str, other: Record, path: str) -> Refusal:
    place = {"api_name": module, "id": MODULE_IDS[module]}
    found = {"id": other["id"], "Owner": other["Owner"], "module": place}
    return refused_item("DUPLICATE_DATA", "duplicate data", api_name=name, json_path=path, duplicate_record=found)


def update(world: World, request: Request, module: str) -> Reply:
    """``PUT /Leads/{id}``: what is given is written, null empties, what is absent stays."""
    allow(request)
    triggers(request)
    item = items(request, 1, also=WRITES)[0]
    number = int(request.args["id"])
    if "id" in item and number_of(item.pop("id")) != number:
        raise bad("id", "$.data[0].id")
    return Reply(200, {"data": [told(updated(world, module, number, item, "$.data[0]"), "record updated")]})


def update_many(world: World, request: Request, module: str) -> Reply:
    """``PUT /Leads``: up to 100 records, each with its id; 207 when some are refused, 400 when all are."""
    allow(request)
    triggers(request)
    given = items(request, 100, also=WRITES)
    calls = [partial(_updated, world, module, item, f"$.data[{n}]") for n, item in enumerate(given)]
    return several(world, calls, lambda done: 200)


def _updated(world: World, module: str, item: dict[str, Any], base: str) -> dict[str, Any]:
    if "id" not in item:
        raise missing("id", f"{base}.id")
    number = number_of(item.pop("id"))
    if number is None:
        raise bad("id", f"{base}.id")
    return told(updated(world, module, number, item, base), "record updated")


def updated(world: World, module: str, number: int, item: dict[str, Any], base: str) -> Record:
    """Check and write what is given of a record."""
    before = world.store.get(module, number)
    if before is None:
        raise bad("id", f"{base}.id", "the id given seems to be invalid")
    writable(world, before)
    given = checked(world, module, item, base)
    record = {**before, **given}
    if module == "Deals" and {"Stage", "Pipeline"} & set(given):
        stage_fits(record, base)
        record["Probability"] = given.get("Probability")
    unique(world, module, given, base, number)
    return rewritten(world, module, number, record, before)


def writable(world: World, record: Record) -> None:
    """Refuse to write a locked record, and a converted lead if the switch says so."""
    if record.get("Locked__s"):
        raise refused("RECORD_LOCKED", "record is locked", unclear="locked record")
    if is_converted(record) and world.switches["converted_lead_write"] == "refused":
        raise refused("CANNOT_PERFORM_ACTION", "the lead is converted", unclear="converted lead")


def delete(world: World, request: Request, module: str) -> Reply:
    """``DELETE /Leads/{id}``: whoever named the record names nothing then; its notes and attachments go with it."""
    allow(request, "wf_trigger")
    choice(request, "wf_trigger", ("true", "false"), "true")
    number = int(request.args["id"])
    record = world.store.get(module, number)
    if record is None:
        raise bad("id", "$.data[0].id", "the id given seems to be invalid")
    writable(world, record)
    world.store.delete(module, number)
    repoint(world, module, record["id"], None)
    for kind in ("Notes", "attachment", "deal_role"):
        for found, _ in world.store.find(kind, "parent", f"{module}:{number}"):
            world.store.delete(kind, found)
    done = {"code": "SUCCESS", "details": {"id": str(number)}, "message": "record deleted", "status": "success"}
    return Reply(200, {"data": [done]})


def get(world: World, request: Request, module: str) -> Reply:
    """``GET /Leads/{id}``: 204 when it is not there, a converted lead unless ``converted=true`` [third-party]."""
    lead = ("converted",) if module == "Leads" else ()
    allow(request, "fields", "approved", "cvid", "territory_id", "include_child", *lead)
    known = fields_of(world, module)
    names = fields_asked(request, known, required=False)
    usual = "false" if world.switches["converted_lead_read"] == "hidden" else "both"
    asked = choice(request, "converted", ("true", "false", "both"), usual)
    approved = choice(request, "approved", ("true", "false", "both"), "both")
    record = world.store.get(module, int(request.args["id"]))
    if record is None or (lead and not converted_fits(record, asked)) or not approved_fits(record, approved):
        return Reply(204)
    return Reply(200, {"data": [shown(module, record, names, known)]})


ROUTES = tuple(
    route
    for module, name in SINGULAR.items()
    for route in (
        Route("GET", f"{CRM}/{module}/{ID}", f"get_{name}", partial(get, module=module)),
        Route("POST", f"{CRM}/{module}", f"create_{name}", partial(insert, module=module)),
        Route("PUT", f"{CRM}/{module}", f"update_{name}s", partial(update_many, module=module)),
        Route("PUT", f"{CRM}/{module}/{ID}", f"update_{name}", partial(update, module=module)),
        Route("DELETE", f"{CRM}/{module}/{ID}", f"delete_{name}", partial(delete, module=module)),
    )
)
