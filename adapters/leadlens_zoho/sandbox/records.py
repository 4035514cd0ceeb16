"""Zoho's records: their shape, how they are made, inserting and reading one.

Sources: zoho.com/crm/developer/docs/api/v8/insert-records.html, get-records.html. Ids are 19 digits, in JSON as texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from leadlens.emulation.clock import iso_offset
from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.dress import refused, refused_item

CRM: Final = r"/crm/{version:v2|v2\.1|v3|v4|v5|v6|v7|v8}"
ID: Final = "{id:[0-9]{1,19}}"
MANDATORY: Final[Mapping[str, tuple[str, ...]]] = {
    "Leads": ("Last_Name",),
    "Contacts": ("Last_Name",),
    "Accounts": ("Account_Name",),
    "Deals": ("Deal_Name", "Stage"),
}
SINGULAR: Final = {"Leads": "lead", "Contacts": "contact", "Accounts": "account", "Deals": "deal"}


def made(world: World, module: str, given: Mapping[str, Any]) -> Record:
    """Make and keep a record of a module from what is known about it."""
    number = world.store.next_id(module)
    now = iso_offset(world.now)
    stamps = {"Created_Time": now, "Modified_Time": now, "Created_By": me(world), "Modified_By": me(world)}
    record = {"id": str(number), "Owner": me(world), "Tag": [], **given, **stamps}
    record |= full_name(module, record)
    world.store.create(module, number, record)
    return record


def full_name(module: str, record: Record) -> dict[str, str]:
    """Return the name that Zoho makes of a person's parts."""
    if module not in {"Leads", "Contacts"}:
        return {}
    return {"Full_Name": " ".join(part for part in (record.get("First_Name"), record.get("Last_Name")) if part)}


def me(world: World) -> Record:
    """Return the user whose token it is, as records name users."""
    _, user = next(world.store.iterate("user"))
    return {"id": user["id"], "name": user["full_name"], "email": user["email"]}


def tags(world: World, names: list[str]) -> list[Record]:
    """Return tags by name; those that are not there yet are made."""
    return [_tag(world, name) for name in names]


def _tag(world: World, name: str) -> Record:
    found = world.store.find("tag", "name", name)
    if found:
        return found[0][1]
    number = world.store.next_id("tag")
    tag = {"id": str(number), "name": name, "color_code": None}
    world.store.create("tag", number, tag)
    return tag


def number_of(given: Any) -> int | None:
    """Return an id that came as a text or as a number; None for anything else."""
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= 19:
        return int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) and given > 0 else None


def items(request: Request, most: int) -> list[dict[str, Any]]:
    """Return the objects in ``data``, of which there may be from 1 to ``most``."""
    data = request.json_object().get("data")
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise refused("INVALID_DATA", "body", unclear="data", expected_data_type="jsonarray", api_name="data")
    if not 1 <= len(data) <= most:
        raise refused("LIMIT_EXCEEDED" if data else "INVALID_DATA", f"data takes 1 to {most} records", unclear="data")
    return data


def insert(world: World, request: Request, module: str) -> Reply:
    """``POST /Leads``: each record stands for itself; 201 when all are added, 207 when some, 400 when none."""
    done = [_inserted(world, module, item, index) for index, item in enumerate(items(request, 100))]
    added = sum(item["code"] == "SUCCESS" for item in done)
    return Reply(201 if added == len(done) else 207 if added else 400, {"data": done})


def _inserted(world: World, module: str, item: dict[str, Any], index: int) -> dict[str, Any]:
    try:
        with world.store.attempt():
            return _added(world, module, item, index)
    except Refusal as refusal:
        found: dict[str, Any] = refusal.reply.body["data"][0]
        return found


def _added(world: World, module: str, item: dict[str, Any], index: int) -> dict[str, Any]:
    for name in MANDATORY[module]:
        if item.get(name) in (None, ""):  # what is given may not be hashable
            path = f"$.data[{index}].{name}"
            raise refused_item("MANDATORY_NOT_FOUND", "required field not found", api_name=name, json_path=path)
    given = {key: value for key, value in item.items() if key not in {"id", "Tag", "Owner"}}
    named = [tag.get("name", "") for tag in item.get("Tag", [])]
    record = made(world, module, given | {"Tag": tags(world, named)})
    shown = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")
    details = {key: record[key] for key in shown}
    return {"code": "SUCCESS", "details": details, "message": "record added", "status": "success"}


def get(world: World, request: Request, module: str) -> Reply:
    """``GET /Leads/{id}``: 204 when it is not there, a converted lead unless ``converted=true`` [third-party]."""
    record = world.store.get(module, int(request.args["id"]))
    if record is None:
        return Reply(204)
    asked = request.param("converted", "false")
    if asked != "both" and record.get("$converted", False) != (asked == "true") and module == "Leads":
        return Reply(204)
    return Reply(200, {"data": [record]})


ROUTES = tuple(
    route
    for module, name in SINGULAR.items()
    for route in (
        Route("GET", f"{CRM}/{module}/{ID}", f"get_{name}", partial(get, module=module)),
        Route("POST", f"{CRM}/{module}", f"create_{name}", partial(insert, module=module)),
    )
)
