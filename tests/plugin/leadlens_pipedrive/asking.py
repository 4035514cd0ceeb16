"""How records are asked for in Pipedrive: by id, by ids, page by page (v2 by cursor, v1's leads by an offset)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from leadlens._compile import decode
from leadlens.errors import NotFoundError, UsageError
from leadlens.flow import Flow
from leadlens.model import JSON, Record
from leadlens.operations import answered, read
from leadlens_pipedrive.crosswalks import crosswalks

PAGE: Final = 100
"""So many records a page, and so many ids at once (reference: at most 100 of ``ids``)."""
RESOURCES: Final[Mapping[str, str]] = {"contact": "persons", "company": "organizations", "deal": "deals"}
KINDS: Final = ("lead", *RESOURCES)
LEADS: Final = "/api/v1/leads"
Wire: TypeAlias = dict[str, Any]


def resource(kind: str) -> str:
    """Return where records of a kind are; raises :class:`UsageError` for a kind that there is not."""
    if kind not in KINDS:
        raise UsageError(f"there is no kind {kind!r}; there are {', '.join(KINDS)}")
    return LEADS if kind == "lead" else f"/api/v2/{RESOURCES[kind]}"


def checked(kind: str, identity: str) -> str:
    """Return an id; raises :class:`UsageError` for what cannot be one in Pipedrive."""
    form = "[0-9A-Za-z-]{1,64}" if kind == "lead" else "[1-9][0-9]{0,18}"
    if not isinstance(identity, str) or not re.fullmatch(form, identity):
        told = (
            "a text of letters, digits and hyphens" if kind == "lead" else "a whole number, given as a text of digits"
        )
        raise UsageError(f"an id of a {kind} of Pipedrive's is {told}")
    return identity


def record(kind: str, wire: Wire) -> Record:
    """Return a record as leadlens reads it."""
    found: Record = decode(crosswalks()[kind], wire).value
    return found


def one(kind: str, identity: str, asked: Mapping[str, JSON] | None = None) -> Flow[Wire]:
    """Return one record as Pipedrive has it; one that is marked as deleted is not there."""
    path = f"{resource(kind)}/{checked(kind, identity)}"
    reply = yield read(f"get_{kind}", "GET", path, query=asked)
    with answered("pipedrive", reply):
        wire: Wire = reply.body["data"]
        gone = wire.get("is_deleted") is True
    if gone:
        raise NotFoundError("pipedrive", status=reply.status, code="deleted")
    return wire


def page(name: str, path: str, asked: Mapping[str, JSON], cursor: str | None) -> Flow[tuple[list[Wire], str | None]]:
    """Return a page of a list of v2, or the items of a page of a search, and the cursor of the next one."""
    at = {} if cursor is None else {"cursor": cursor}
    reply = yield read(name, "GET", path, query={**asked, "limit": PAGE, **at})
    with answered("pipedrive", reply):
        found = reply.body["data"]
        wires = [entry["item"] for entry in found["items"]] if isinstance(found, dict) else list(found)
        return wires, (reply.body.get("additional_data") or {}).get("next_cursor")


def every(name: str, path: str, asked: Mapping[str, JSON]) -> Flow[list[Wire]]:
    """Return all pages of a list of v2."""
    found: list[Wire] = []
    cursor: str | None = None
    while True:
        wires, cursor = yield from page(name, path, asked, cursor)
        found += wires
        if cursor is None:
            return found


def by_ids(kind: str, ids: Iterable[int]) -> Flow[dict[int, Wire]]:
    """Return the persons, organizations or deals with these ids, as far as they are there."""
    found: dict[int, Wire] = {}
    wanted = sorted(set(ids))
    for at in range(0, len(wanted), PAGE):
        some = wanted[at : at + PAGE]
        asked = {"ids": ",".join(map(str, some)), **with_lead(kind)}
        wires, _ = yield from page(f"list_{kind}", resource(kind), asked, None)
        found |= {wire["id"]: wire for wire in wires}
    return found


def moment(instant: dt.datetime) -> str:
    """Return a time as filters take it: whole seconds of UTC (a fraction is refused [third-party])."""
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def with_lead(kind: str) -> dict[str, JSON]:
    """Return what makes a deal tell which lead it came from."""
    return {"include_fields": "source_lead_id"} if kind == "deal" else {}


# --- leads -----------------------------------------------------------------------------------------------------------


def whole(wires: list[Wire]) -> Flow[list[Wire]]:
    """Return leads with the persons and organizations that they point to."""
    persons = yield from by_ids("contact", (w["person_id"] for w in wires if w.get("person_id") is not None))
    firms = yield from by_ids("company", (w["organization_id"] for w in wires if w.get("organization_id") is not None))
    return [
        {
            **wire,
            **_part("person", persons.get(wire.get("person_id") or 0)),
            **_part("organization", firms.get(wire.get("organization_id") or 0)),
        }
        for wire in wires
    ]


_PARTS: Final = {
    "person": ("id", "name", "first_name", "last_name", "emails", "phones", "job_title"),
    "organization": ("id", "name"),
}


def _part(name: str, wire: Wire | None) -> Wire:
    return {} if wire is None else {name: {key: wire[key] for key in _PARTS[name] if key in wire}}


def leads_from(place: str | None, asked: Mapping[str, JSON]) -> Flow[tuple[list[Wire], str | None]]:
    """Return a page of leads, archived ones after the others; ``place`` is where it begins."""
    shelf, _, start = (place or ":0").partition(":")
    if shelf not in ("", "archived") or not start.isdigit():
        raise UsageError("place is what the page before named as its next")
    path = f"{LEADS}/archived" if shelf else LEADS
    reply = yield read("list_lead", "GET", path, query={**asked, "limit": PAGE, "start": int(start)})
    with answered("pipedrive", reply):
        wires: list[Wire] = list(reply.body["data"])
        at = reply.body["additional_data"]["pagination"]
        if at["more_items_in_collection"]:
            return wires, f"{shelf}:{int(start) + len(wires)}"
    return wires, None if shelf else "archived:0"


def all_leads(asked: Mapping[str, JSON]) -> Flow[list[Wire]]:
    """Return all leads that meet a filter."""
    found: list[Wire] = []
    place: str | None = None
    while True:
        wires, place = yield from leads_from(place, asked)
        found += wires
        if place is None:
            return found
