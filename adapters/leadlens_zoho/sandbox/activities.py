"""Tasks, calls and meetings, as far as they can be listed; they are put in from Python.

Source: zoho.com/crm/developer/docs/api/v8/get-records.html, which names these modules beside the four; their fields by
the field list of the vendor's own SDK (v8) [third-party].
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from leadlens.emulation.clock import iso_offset
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.asking import CRM_V5, allow, choice, needed, wrong
from leadlens_zoho.sandbox.lists import page
from leadlens_zoho.sandbox.shape import me

_SHARED: Final = "Owner Description What_Id Who_Id Created_Time Modified_Time Created_By Modified_By Tag"
_OWN: Final = {
    "Tasks": "Subject Due_Date Status Priority Closed_Time Remind_At",
    "Calls": "Subject Call_Type Call_Start_Time Call_Duration Call_Purpose Call_Result",
    "Events": "Event_Title Start_DateTime End_DateTime Venue All_day",
}
MODULES: Final = tuple(_OWN)
NAMES: Final = {module: (*own.split(), *_SHARED.split()) for module, own in _OWN.items()}


def fields(module: str) -> list[Record]:
    """Return the fields of a module, as ``GET /settings/fields`` tells them."""
    first = 3652397000000300000 + 1000 * MODULES.index(module)
    return [
        {"id": str(first + place), "api_name": name, "field_label": name.replace("_", " "),
         "display_label": name.replace("_", " "), "data_type": "text", "custom_field": False, "visible": True}
        for place, name in enumerate(NAMES[module])
    ]  # fmt: skip


def put(world: World, module: str, given: Record) -> Record:
    """Keep a task, a call or a meeting."""
    number, now, by = world.store.next_id(module), iso_offset(world.now), me(world)
    stamps = {"Created_Time": now, "Modified_Time": now, "Created_By": by, "Modified_By": by, "Owner": by, "Tag": []}
    record = {"id": str(number), **dict.fromkeys(NAMES[module]), **stamps, **given}
    world.store.create(module, number, record)
    return record


def listed(world: World, request: Request, module: str) -> Reply:
    """``GET /Tasks`` and the like; 204 when there are none."""
    allow(request, "fields", "ids", "page", "page_token", "per_page", "sort_by", "sort_order")
    order = choice(request, "sort_order", ("asc", "desc"), "desc")
    names = needed(request, "fields").split(",")
    for name in names:
        if name not in ("id", *NAMES[module]):
            raise wrong("fields", api_name=name)
    found = [record for _, record in world.store.iterate(module, newest_first=order == "desc")]
    data, info = page(world, request, found)
    shown: list[dict[str, Any]] = [{"id": one["id"]} | {name: one[name] for name in names} for one in data]
    return Reply(200, {"data": shown, "info": info}) if shown else Reply(204)


ROUTES = tuple(
    Route("GET", f"{CRM_V5}/{module}", f"list_{module.lower()}", partial(listed, module=module), search=True)
    for module in MODULES
)
