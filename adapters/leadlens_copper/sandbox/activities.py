"""Activities as plain records: notes, calls, meetings that belong to a record.

Sources: activities/update-an-activity.html; creating, reading, searching and deleting are third-party.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, flag, integer, many, text
from leadlens.emulation.clock import unix
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.accounts import me
from leadlens_copper.sandbox.asking import knows
from leadlens_copper.sandbox.dress import invalid, not_found
from leadlens_copper.sandbox.paging import PAGES, page
from leadlens_copper.sandbox.records import ID, PREFIX
from leadlens_copper.sandbox.shapes import between, closed, ident, one_of
from leadlens_copper.sandbox.writing import fits

_PARENT: Final = closed(
    {"id": ident, "type": one_of("lead", "person", "company", "opportunity", "project", "task")}, ("id", "type")
)
_TYPE: Final = closed({"id": between(0, 2**53), "category": one_of("user", "system")}, ("category",))
_UPDATE: Final[Mapping[str, Check]] = {"activity_date": integer, "details": text}
_CREATE: Final[Mapping[str, Check]] = {**_UPDATE, "parent": _PARENT, "type": _TYPE, "user_id": ident}
_SEARCH: Final[Mapping[str, Check]] = {
    **PAGES,
    "parent": _PARENT,
    "activity_types": many(_TYPE),
    "user_ids": many(ident),
    "minimum_activity_date": integer,
    "maximum_activity_date": integer,
    "full_result": flag,
}


def added(world: World, given: Mapping[str, Any], user: int) -> Record:
    """Keep a new activity."""
    now = unix(world.now)
    record = {
        "id": world.store.next_id("activity"),
        "user_id": user,
        "activity_date": now,
        "old_value": None,
        "new_value": None,
        **given,
        "type": {"id": 0, **given["type"]},
        "date_created": now,
        "date_modified": now,
    }
    world.store.create("activity", record["id"], record)
    return record


def create(world: World, request: Request) -> Reply:
    """``POST /activities``: on a record that is there."""
    given = request.json_object()
    fits(given, _CREATE, ("parent", "type", "details"))
    parent = world.store.get(given["parent"]["type"], given["parent"]["id"])
    if parent is None or parent.get("converted_at"):
        raise invalid("parent is unknown")
    if "user_id" in given and world.store.get("user", given["user_id"]) is None:
        raise invalid("user_id is unknown")
    return Reply(200, added(world, given, me(world, request)["id"]))


def _there(world: World, request: Request) -> Record:
    found = world.store.get("activity", int(request.args["id"]))
    if found is None:
        raise not_found("activity id")
    return found


def get(world: World, request: Request) -> Reply:
    """``GET /activities/{id}``."""
    return Reply(200, _there(world, request))


def update(world: World, request: Request) -> Reply:
    """``PUT /activities/{id}``: its text and date."""
    record, given = _there(world, request), request.json_object()
    fits(given, _UPDATE)
    record |= {**given, "date_modified": unix(world.now)}
    world.store.replace("activity", record["id"], record)
    return Reply(200, record)


def delete(world: World, request: Request) -> Reply:
    """``DELETE /activities/{id}``."""
    number = _there(world, request)["id"]
    world.store.delete("activity", number)
    return Reply(200, {"id": number, "is_deleted": True})


def search(world: World, request: Request) -> Reply:
    """``POST /activities/search``: newest first [?]."""
    asked = request.json_object() if request.body else {}
    fits(asked, _SEARCH)
    found = [record for _, record in world.store.iterate("activity", newest_first=True) if _wanted(record, asked)]
    found.sort(key=lambda record: record["activity_date"], reverse=True)
    return page(asked, found)


def _wanted(record: Record, asked: Mapping[str, Any]) -> bool:
    types = [{"id": 0, **kind} for kind in asked.get("activity_types", ())]
    return (
        record["parent"] == asked.get("parent", record["parent"])
        and ("activity_types" not in asked or record["type"] in types)
        and ("user_ids" not in asked or record["user_id"] in asked["user_ids"])
        and record["activity_date"] >= asked.get("minimum_activity_date", record["activity_date"])
        and record["activity_date"] <= asked.get("maximum_activity_date", record["activity_date"])
    )


ROUTES = (
    Route("POST", f"{PREFIX}/activities", "create_activity", knows(create)),
    Route("POST", f"{PREFIX}/activities/search", "search_activities", knows(search), search=True),
    Route("GET", f"{PREFIX}/activities/{ID}", "get_activity", knows(get)),
    Route("PUT", f"{PREFIX}/activities/{ID}", "update_activity", knows(update)),
    Route("DELETE", f"{PREFIX}/activities/{ID}", "delete_activity", knows(delete)),
)
