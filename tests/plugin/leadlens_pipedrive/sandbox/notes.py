"""Notes, which have API v1 alone (developers.pipedrive.com/docs/api/v1/Notes).

What is shown of a note are the keys of the vendor's own model (client-nodejs, ``GetNotesResponse200``). Whether the
HTML comes back as it was sent is not recorded [?]; here it does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, anything, integer, text
from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_pipedrive.sandbox import leads
from leadlens_pipedrive.sandbox.dress import answer, refused
from leadlens_pipedrive.sandbox.reading import body_of, by_start, query_of
from leadlens_pipedrive.sandbox.records import ME

ON: Final = {"lead_id": "lead", "deal_id": "deal", "person_id": "person", "org_id": "organization"}
_PINS: Final = ("lead", "deal", "person", "organization")
_SHAPE: Final[Mapping[str, Check]] = {
    "content": text, "lead_id": text, "deal_id": integer, "person_id": integer, "org_id": integer,
    "user_id": integer, "add_time": text, **{f"pinned_to_{one}_flag": anything for one in _PINS},
}  # fmt: skip
_QUERY: Final = ("user_id", *ON, "start", "limit", "sort")


def made(world: World, given: Record) -> Record:
    """Make and keep a note."""
    number, now = world.store.next_id("note"), iso_utc(world.now).replace("T", " ").removesuffix("Z")
    record: Record = {
        "id": number, "active_flag": True, "add_time": now, "update_time": now, "user_id": ME,
        "last_update_user_id": None, **dict.fromkeys(ON), **{f"pinned_to_{one}_flag": False for one in _PINS}, **given,
    }  # fmt: skip
    world.store.create("note", number, record)
    return record


def moved(world: World, lead_id: str, deal_id: int) -> None:
    """Give the notes of a lead to its deal: what belongs to a lead is transferred when it is converted."""
    for number, record in list(world.store.iterate("note")):
        if record["lead_id"] == lead_id:
            world.store.replace("note", number, {**record, "lead_id": None, "deal_id": deal_id})


def create(world: World, request: Request) -> Reply:
    """``POST /notes``: it needs a content, and at least one record that is there."""
    given = body_of(world, request, _SHAPE, required=("content",))
    on = [key for key in ON if given.get(key) is not None]
    if not on:
        raise refused("A note must be on a lead, a deal, a person or an organization")
    if given.get("lead_id") is not None:
        leads.found(world, given["lead_id"])
    for key in ("deal_id", "person_id", "org_id"):
        if key in on and (world.store.get(ON[key], given[key]) or {"is_deleted": True})["is_deleted"]:
            raise refused(f"Parameter '{key}' does not name a {ON[key]}")
    return answer(made(world, given))


def list_(world: World, request: Request) -> Reply:
    """``GET /notes``: those of one record or of all; the order is by id here, whichever way is asked for."""
    asked = query_of(request, _QUERY)
    down = asked.get("sort", "id ASC").upper().endswith("DESC")
    return by_start(asked, reversed(list(_matching(world, asked))) if down else _matching(world, asked))


def _matching(world: World, asked: Mapping[str, str]) -> Iterator[Record]:
    wanted: dict[str, Any] = {key: asked[key] for key in ("user_id", *ON) if key in asked}
    for _, record in world.store.iterate("note"):
        if all(str(record[key]) == value for key, value in wanted.items()):
            yield record


ROUTES: Final = (
    Route("POST", "/api/v1/notes", "add_note", create),
    Route("GET", "/api/v1/notes", "get_notes", list_, search=True),
)
