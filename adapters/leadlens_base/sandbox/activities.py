"""Notes and tasks, and how they go over to what a conversion made of their lead.

Source: …/resources/{notes, tasks}, by the attribute lists of the vendor's own clients [third-party], and the page
…/resources/lead-conversions: all activities of a lead are attached to the new contacts and/or deal, asynchronously,
with minimal delay. How long that is and to which of them is not recorded [?]: here :data:`DELAY`, and the individual
or else the organization, or what the switch ``activities`` says. The call after that time which looks at notes or
tasks finds them there, and the truth log has the change under it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from leadlens.emulation.checking import Check, flag, many, maybe, text
from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Handler, Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox.dress import Trouble, not_found, refused
from leadlens_base.sandbox.metadata import ID, ME
from leadlens_base.sandbox.paging import (
    PAGE,
    Reader,
    an_id,
    asked,
    collection,
    ids,
    one_of,
    order,
    page_of,
    shown,
)
from leadlens_base.sandbox.paging import (
    flag as read_flag,
)
from leadlens_base.sandbox.payloads import data_of
from leadlens_base.sandbox.values import an_id as is_id
from leadlens_base.sandbox.values import moment, seconds
from leadlens_base.sandbox.values import one_of as is_one_of

DELAY: Final = 2.0
"""Seconds between a conversion and the move of its lead's activities."""

_RESOURCES: Final = ("lead", "contact", "deal")
_INPUT: Final[Mapping[str, Mapping[str, Check]]] = {
    "note": {
        "resource_type": is_one_of(*_RESOURCES),
        "resource_id": is_id,
        "content": text,
        "is_important": flag,
        "tags": many(text),
    },
    "task": {
        "resource_type": maybe(is_one_of(*_RESOURCES)),
        "resource_id": maybe(is_id),
        "owner_id": is_id,
        "content": text,
        "due_date": maybe(moment),
        "remind_at": maybe(moment),
        "completed": flag,
    },
}
_USUAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "note": {"is_important": False, "tags": [], "type": "regular"},
    "task": {
        "resource_type": None,
        "resource_id": None,
        "owner_id": ME,
        "due_date": None,
        "remind_at": None,
        "completed": False,
        "completed_at": None,
        "overdue": False,
    },
}
_SHARED: Final[Mapping[str, Reader]] = {
    **PAGE,
    "ids": ids,
    "creator_id": an_id,
    "resource_type": one_of(*_RESOURCES),
    "resource_id": an_id,
}
_LISTS: Final[Mapping[str, Mapping[str, Reader]]] = {
    "note": {**_SHARED, "sort_by": order("id", "resource_type", "resource_id", "content", "created_at", "updated_at")},
    "task": {
        **_SHARED,
        "owner_id": an_id,
        **dict.fromkeys(("completed", "overdue", "remind"), read_flag),
        "type": one_of("floating", "related"),
        "sort_by": order("id", "due_date", "remind_at", "completed", "content", "created_at", "updated_at"),
    },
}
_PLAIN: Final = frozenset(("creator_id", "resource_type", "resource_id", "owner_id", "completed", "overdue"))


def written(world: World, kind: str, given: Mapping[str, Any]) -> Record:
    """Make and keep a note or a task."""
    number = world.store.next_id(kind)
    now = iso_utc(world.now)
    record: Record = {"id": number, "creator_id": ME, **_USUAL[kind], **given, "created_at": now, "updated_at": now}
    world.store.create(kind, number, _finished(world, kind, record))
    return record


def _finished(world: World, kind: str, record: Record) -> Record:
    if kind == "task":
        done = record["completed"]
        record["completed_at"] = (record["completed_at"] or iso_utc(world.now)) if done else None
    return record


def hand_over(world: World, conversion: Record) -> None:
    """See to it that what is attached to a converted lead moves, if anything is."""
    place = _place(world.switches["activities"], conversion)
    lead = f"lead:{conversion['lead_id']}"
    if place and any(world.store.find(kind, "resource", lead) for kind in _INPUT):
        due = {"due": world.now + DELAY, "lead": lead, "resource_type": place[0], "resource_id": place[1]}
        world.store.create("hand_over", world.store.next_id("hand_over"), due)


def _place(wanted: str, conversion: Record) -> tuple[str, int] | None:
    contact = conversion["individual_id"] or conversion["organization_id"]
    if wanted == "deal" and conversion["deal_id"]:
        return "deal", conversion["deal_id"]
    return ("contact", contact) if contact else None


def _move(world: World) -> None:
    """Carry out the moves that have come due; a search that lags behind changes nothing."""
    if world.store.as_of is not None:
        return
    for number, move in list(world.store.iterate("hand_over")):
        if move["due"] > world.now:
            continue
        there = {key: move[key] for key in ("resource_type", "resource_id")}
        for kind in _INPUT:
            for at, record in world.store.find(kind, "resource", move["lead"]):
                world.store.replace(kind, at, record | there)
        world.store.delete("hand_over", number)


def _view(world: World, kind: str, record: Record) -> Record:
    if kind == "task" and not record["completed"] and record["due_date"]:
        return record | {"overdue": seconds(record["due_date"]) < world.now}
    return record


def _checked(world: World, kind: str, record: Mapping[str, Any]) -> None:
    found = [Trouble(f"/data/{key}", "missing") for key in _needed(kind) if record.get(key) in {None, ""}]
    place = record.get("resource_type"), record.get("resource_id")
    if not found and place != (None, None) and (None in place or world.store.get(*place) is None):  # type: ignore[arg-type]  # not None here
        found.append(Trouble("/data/resource_id", "incorrect_value"))
    if record.get("owner_id") is not None and world.store.get("user", record["owner_id"]) is None:
        found.append(Trouble("/data/owner_id", "incorrect_value"))
    if found:
        raise refused(world, kind, found)


def _needed(kind: str) -> tuple[str, ...]:
    return ("resource_type", "resource_id", "content") if kind == "note" else ("content",)


def create(world: World, request: Request, kind: str) -> Reply:
    """``POST /notes`` and ``/tasks``: a note is attached to something, a task may be."""
    asked(world, request, {})
    _move(world)
    given = data_of(world, request, kind, _INPUT[kind])
    _checked(world, kind, given)
    return shown(world, kind, _view(world, kind, written(world, kind, given)), int(world.switches["created"]))


def _found(world: World, request: Request, kind: str) -> Record:
    asked(world, request, {})
    _move(world)
    record = world.store.get(kind, int(request.args["id"]))
    if record is None:
        raise not_found(world, kind)
    return record


def get(world: World, request: Request, kind: str) -> Reply:
    """``GET /notes/{id}`` and ``/tasks/{id}``."""
    return shown(world, kind, _view(world, kind, _found(world, request, kind)))


def update(world: World, request: Request, kind: str) -> Reply:
    """``PUT /notes/{id}`` and ``/tasks/{id}``: what is not given stays."""
    record = _found(world, request, kind)
    after = record | data_of(world, request, kind, _INPUT[kind]) | {"updated_at": iso_utc(world.now)}
    _checked(world, kind, after)
    world.store.replace(kind, record["id"], _finished(world, kind, after))
    return shown(world, kind, _view(world, kind, after))


def list_(world: World, request: Request, kind: str) -> Reply:
    """``GET /notes`` and ``/tasks``."""
    found = asked(world, request, _LISTS[kind])
    _move(world)
    views = (_view(world, kind, record) for _, record in world.store.iterate(kind))
    return collection(world, page_of(world, request, _matching(views, found), found), kind)


def _matching(views: Iterator[Record], found: Mapping[str, Any]) -> Iterator[Record]:
    for record in views:
        plain = all(record[key] == value for key, value in found.items() if key in _PLAIN)
        if plain and record["id"] in found.get("ids", (record["id"],)) and _is_as_asked(record, found):
            yield record


def _is_as_asked(record: Record, found: Mapping[str, Any]) -> bool:
    related = "related" if record["resource_type"] else "floating"
    return found.get("type", related) == related and (
        "remind" not in found or found["remind"] == (record["remind_at"] is not None)
    )


def _handler(of: Any, kind: str) -> Handler:
    return partial(of, kind=kind)


ROUTES = tuple(
    route
    for kind in _INPUT
    for route in (
        Route("POST", f"/v2/{kind}s", f"create_{kind}", _handler(create, kind)),
        Route("GET", f"/v2/{kind}s/{ID}", f"get_{kind}", _handler(get, kind)),
        Route("PUT", f"/v2/{kind}s/{ID}", f"update_{kind}", _handler(update, kind)),
        Route("GET", f"/v2/{kind}s", f"list_{kind}s", _handler(list_, kind), search=True),
    )
)
