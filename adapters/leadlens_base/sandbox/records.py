"""Base's leads, contacts and deals: how they are made and changed, and their plain calls.

Source: …/sales-crm/resources/{leads, contacts, deals}. Whether deleting a record changes others is not recorded [?]:
here it does not. An update of custom fields leaves those alone that it does not name [?], null clears one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Handler, Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox.deals import deal_view, followed
from leadlens_base.sandbox.dress import Trouble, answer, not_found, refused
from leadlens_base.sandbox.filters import LISTS, found_by
from leadlens_base.sandbox.metadata import ID, ME, tagged
from leadlens_base.sandbox.paging import asked, collection, one_of, page_of, shown
from leadlens_base.sandbox.payloads import attributes_of, rules
from leadlens_base.sandbox.shapes import FIELDS, NAMES, USUAL


def made(world: World, kind: str, given: Mapping[str, Any]) -> Record:
    """Make and keep a record of a kind from what is known about it; everything else is null or empty.

    ``given`` may hold an ``id`` from the store.
    """
    number = given["id"] if "id" in given else world.store.next_id(kind)
    now = iso_utc(world.now)
    record: Record = {"id": number, "creator_id": ME, **dict.fromkeys(FIELDS[kind]), **USUAL[kind]}
    record |= {key: value for key, value in given.items() if value is not None}
    record |= {"owner_id": record["owner_id"] or ME, "created_at": now, "updated_at": now}
    record = _settled(world, kind, record, {})
    world.store.create(kind, number, record)
    return record


def changed(world: World, kind: str, record: Record, given: Mapping[str, Any]) -> Record:
    """Write some attributes of a record."""
    custom = {**record["custom_fields"], **given.get("custom_fields", {})}
    after = {**record, **given, "custom_fields": custom, "updated_at": iso_utc(world.now)}
    after["owner_id"] = after["owner_id"] or record["owner_id"]
    after = _settled(world, kind, after, record)
    world.store.replace(kind, record["id"], after)
    return after


def _settled(world: World, kind: str, record: Record, before: Record) -> Record:
    """Bring a record into the form in which it is kept: no tag twice, no custom field that is null."""
    tags = list(dict.fromkeys(record["tags"] or []))
    tagged(world, kind, tags)
    custom = {name: value for name, value in (record["custom_fields"] or {}).items() if value is not None}
    record |= {"tags": tags, "custom_fields": custom}
    return followed(world, record, before) if kind == "deal" else record


def _checked(world: World, kind: str, record: Mapping[str, Any]) -> None:
    found = list(rules(world, kind, {**dict.fromkeys(FIELDS[kind]), **USUAL[kind], **record}))
    if found:
        raise refused(world, kind, found)


def new_of(world: World, request: Request, kind: str, more: Mapping[str, Any]) -> Record:
    """Make the record that a request describes."""
    given = {**more, **attributes_of(world, request, kind)}
    _checked(world, kind, given)
    return made(world, kind, given)


def change_of(world: World, request: Request, kind: str, record: Record) -> Record:
    """Change a record as a request says; an individual stays one, and an organization (…/resources/contacts)."""
    given = attributes_of(world, request, kind)
    if given.get("is_organization", record.get("is_organization")) != record.get("is_organization"):
        raise refused(world, kind, [Trouble("/data/is_organization", "incorrect_value", "It is set at creation only.")])
    _checked(world, kind, {**record, **given})
    return changed(world, kind, record, given)


def find(world: World, request: Request, kind: str) -> Record:
    """Return the record that the path names; refuses one that is not there, or a converted lead if that is set."""
    record = world.store.get(kind, int(request.args["id"]))
    if record is None or (kind == "lead" and is_hidden(world, record["id"])):
        raise not_found(world, kind)
    return record


def is_hidden(world: World, lead: int) -> bool:
    """Say whether a lead is out of sight since its conversion: by the switch ``converted_lead`` [?]."""
    return world.switches["converted_lead"] == "gone" and bool(world.store.find("conversion", "lead_id", str(lead)))


def create(world: World, request: Request, kind: str) -> Reply:
    """``POST /leads`` and the like; 200 or 201 is not recorded [?]: the switch ``created``."""
    asked(world, request, {})
    return shown(world, kind, new_of(world, request, kind, {}), int(world.switches["created"]))


def get(world: World, request: Request, kind: str) -> Reply:
    """``GET /leads/{id}`` and the like."""
    found = asked(world, request, {"includes": one_of("associated_contacts")} if kind == "deal" else {})
    return shown(world, kind, deal_view(world, find(world, request, kind), found))


def update(world: World, request: Request, kind: str) -> Reply:
    """``PUT /leads/{id}`` and the like: what is not given stays."""
    asked(world, request, {})
    return shown(world, kind, change_of(world, request, kind, find(world, request, kind)))


def delete(world: World, request: Request, kind: str) -> Reply:
    """``DELETE /leads/{id}`` and the like."""
    asked(world, request, {})
    world.store.delete(kind, find(world, request, kind)["id"])
    return answer(world, 204, None)


def list_(world: World, request: Request, kind: str) -> Reply:
    """``GET /leads`` and the like: those that meet all filters, in the order of their ids unless told otherwise."""
    found = asked(world, request, LISTS[kind])
    records = (
        deal_view(world, record, found)
        for record in found_by(world, kind, found)
        if kind != "lead" or not is_hidden(world, record["id"])
    )
    return collection(world, page_of(world, request, records, found), kind)


_CALLS: tuple[tuple[str, str, str, Any], ...] = (
    ("POST", "", "create", create),
    ("GET", f"/{ID}", "get", get),
    ("PUT", f"/{ID}", "update", update),
    ("DELETE", f"/{ID}", "delete", delete),
)


def _handler(of: Any, kind: str) -> Handler:
    return partial(of, kind=kind)


ROUTES = (
    *(
        Route(method, f"/v2/{path}{rest}", f"{verb}_{kind}", _handler(of, kind))
        for kind, path in NAMES.items()
        for method, rest, verb, of in _CALLS
    ),
    *(Route("GET", f"/v2/{path}", f"list_{path}", _handler(list_, kind), search=True) for kind, path in NAMES.items()),
)
