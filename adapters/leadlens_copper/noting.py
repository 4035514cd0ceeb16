"""Writing a note in Copper, and the notes of one record (activities; creating and searching are third-party)."""

from __future__ import annotations

import attrs

from leadlens._compile import decode, encode
from leadlens.errors import OutcomeUnknownError
from leadlens.flow import Call, Flow
from leadlens.model import About, Note
from leadlens.operations import Item, Page, PlannedNote, answered, read
from leadlens_copper.crosswalks import crosswalks
from leadlens_copper.notes import ABOUT
from leadlens_copper.reading import BASE, PAGE, number

NOTES = ({"id": 0, "category": "user"},)


def create_note(note: Note) -> PlannedNote:
    """Plan a note; Copper takes its author and its time as they are given."""
    encoded = encode(crosswalks()["note"], note)
    call = Call("create_note", "upsert", "POST", f"{BASE}/activities", body=encoded.wire, why="write the note")
    return PlannedNote(_written(call), (call,), encoded.losses)


def _written(call: Call) -> Flow[Note]:
    reply = yield call
    with answered("copper", reply):
        made: Note = decode(crosswalks()["note"], reply.body).value
    if made.id is None:
        raise OutcomeUnknownError("copper", status=reply.status, code="incomplete", request_id=reply.request_id)
    return made


def notes_of(about: About, place: str | None) -> Flow[Page]:
    """Return a page of the notes of one record."""
    at = int(place or 1)
    known = attrs.evolve(about, id=str(number(about.id or "")))
    asked = {"parent": encode(ABOUT, known).wire, "activity_types": list(NOTES)}
    body = {**asked, "page_size": PAGE, "page_number": at}
    reply = yield read("notes_of", "POST", f"{BASE}/activities/search", body=body)
    with answered("copper", reply):
        items = [Item(str(wire["id"]), wire, decode(crosswalks()["note"], wire).value) for wire in reply.body]
    return Page(tuple(items), str(at + 1) if len(items) >= PAGE else None)
