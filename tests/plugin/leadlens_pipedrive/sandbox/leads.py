"""Leads, which have API v1 alone (developers.pipedrive.com/docs/api/v1/Leads).

A lead points to a person, an organization or both. It inherits the custom fields of deals, which stand beside its other
keys and only where they have a value.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from leadlens.emulation.checking import Check, anything, flag, integer, many, maybe, number, text
from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_pipedrive.sandbox.dress import answer, not_found, refused
from leadlens_pipedrive.sandbox.reading import KEY, body_of, by_start, query_of
from leadlens_pipedrive.sandbox.records import ME

LEAD_ID: Final = "{id:[0-9A-Za-z-]{1,64}}"


def _value(value: Any) -> bool:
    """Accept an amount with its currency: both are required."""
    return (
        isinstance(value, dict)
        and value.keys() == {"amount", "currency"}
        and number(value["amount"])
        and text(value["currency"])
    )


_SHAPE: Final[Mapping[str, Check]] = {
    "title": text, "owner_id": integer, "label_ids": many(text), "person_id": maybe(integer),
    "organization_id": maybe(integer), "value": maybe(_value), "expected_close_date": maybe(text), "visible_to": text,
    "was_seen": flag, "channel": maybe(integer), "channel_id": maybe(text),
}  # fmt: skip
_NEW: Final[Mapping[str, Check]] = {**_SHAPE, "origin_id": maybe(text)}
_CHANGED: Final[Mapping[str, Check]] = {**_SHAPE, "is_archived": flag}
_LIST: Final = ("limit", "start", "owner_id", "person_id", "organization_id", "sort")


def lead_id(seed: int, number_: int) -> str:
    """Return the id of a lead: a UUID."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"pipedrive:{seed}:{number_}"))


def made(world: World, given: Record) -> Record:
    """Make and keep a lead."""
    at, now = world.store.next_id("lead"), iso_utc(world.now)
    record: Record = {
        "id": lead_id(world.seed, at), "title": "", "owner_id": ME, "creator_id": ME, "label_ids": [],
        "person_id": None, "organization_id": None, "source_name": "API", "origin": "API", "origin_id": None,
        "channel": None, "channel_id": None, "source_deal_id": None, "is_archived": False, "was_seen": False,
        "value": None, "expected_close_date": None, "next_activity_id": None, "add_time": now, "update_time": now,
        "visible_to": "3", "cc_email": f"company+1+lead{at}@pipedrivemail.com", **given,
    }  # fmt: skip
    world.store.create("lead", at, record)
    return record


def found(world: World, identity: str) -> tuple[int, Record]:
    """Return a lead with the number under which it is kept."""
    there = world.store.find("lead", "id", identity)
    if not there:
        raise not_found("Lead")
    return there[0]


def _given(world: World, request: Request, shape: Mapping[str, Check], required: tuple[str, ...]) -> Record:
    """Return what a lead is given; custom fields are those of deals."""
    fields = {
        one["field_code"]: anything
        for _, one in world.store.find("field", "of", "deal")
        if KEY.fullmatch(one["field_code"])
    }
    return body_of(world, request, {**shape, **fields}, required=required)


def _linked(record: Record) -> Record:
    if record["person_id"] is None and record["organization_id"] is None:
        raise refused("A lead must be linked to a person or an organization")
    return {key: value for key, value in record.items() if value is not None or not KEY.fullmatch(key)}


def create(world: World, request: Request) -> Reply:
    """``POST /leads``: it needs a title, and a person or an organization that is there."""
    given = _given(world, request, _NEW, ("title",))
    _linked({"person_id": None, "organization_id": None, **given})
    return answer(made(world, given), status=201)


def update(world: World, request: Request) -> Reply:
    """``PATCH /leads/{id}``: what is not said stays, null unsets."""
    at, before = found(world, request.args["id"])
    given = _given(world, request, _CHANGED, ())
    record = _linked({**before, "update_time": iso_utc(world.now), **given})
    world.store.replace("lead", at, record)
    return answer(record)


def get(world: World, request: Request) -> Reply:
    """``GET /leads/{id}``: a converted lead is marked as deleted, and not shown [?]."""
    return answer(found(world, request.args["id"])[1])


def remove(world: World, request: Request) -> Reply:
    """``DELETE /leads/{id}``."""
    at, record = found(world, request.args["id"])
    world.store.delete("lead", at)
    return answer({"id": record["id"]})


def list_(world: World, request: Request, *, archived: bool) -> Reply:
    """``GET /leads``: those that are not archived, the oldest first; ``/leads/archived`` the others."""
    asked = query_of(request, _LIST)
    return by_start(asked, _matching(world, asked, archived=archived))


def _matching(world: World, asked: Mapping[str, str], *, archived: bool) -> Iterator[Record]:
    wanted = {key: asked[key] for key in ("owner_id", "person_id", "organization_id") if key in asked}
    for _, record in world.store.iterate("lead"):
        if record["is_archived"] == archived and all(str(record[key]) == value for key, value in wanted.items()):
            yield record


ROUTES: Final = tuple(
    Route(method, f"{prefix}/leads{rest}", operation, handler, search=search)
    for prefix in ("/api/v1", "/v1")
    for method, rest, operation, handler, search in (
        ("POST", "", "add_lead", create, False),
        ("GET", "", "get_leads", partial(list_, archived=False), True),
        ("GET", "/archived", "get_archived_leads", partial(list_, archived=True), True),
        ("GET", f"/{LEAD_ID}", "get_lead", get, False),
        ("PATCH", f"/{LEAD_ID}", "update_lead", update, False),
        ("DELETE", f"/{LEAD_ID}", "delete_lead", remove, False),
    )
)
