"""Writing a note in Base, and the notes of one record (…/sales-crm/resources/notes)."""

from __future__ import annotations

import attrs

from leadlens._compile import decode, encode
from leadlens.codecs import Unsayable
from leadlens.errors import OutcomeUnknownError, UsageError
from leadlens.flow import Call, Flow
from leadlens.model import About, Note
from leadlens.operations import Item, Page, PlannedNote, answered, read
from leadlens_base.crosswalks import crosswalks
from leadlens_base.ids import checked
from leadlens_base.notes import ABOUT
from leadlens_base.paging import PAGE, next_page


def create_note(note: Note) -> PlannedNote:
    """Plan a note; Base sets its author and its time itself."""
    encoded = encode(crosswalks()["note"], note)
    call = Call("create_note", "upsert", "POST", "/v2/notes", body={"data": encoded.wire}, why="write the note")
    return PlannedNote(_written(note, call), (call,), encoded.losses)


def _written(note: Note, call: Call) -> Flow[Note]:
    reply = yield call
    with answered("base", reply):
        made: Note = decode(crosswalks()["note"], reply.body["data"]).value
    if made.id is None:
        raise OutcomeUnknownError("base", status=reply.status, code="incomplete")
    return attrs.evolve(made, about=note.about)


def notes_of(about: About, place: str | None) -> Flow[Page]:
    """Return a page of the notes of one record; a company's are told to be so, as they were asked for."""
    try:
        kind, number = ABOUT.encode(attrs.evolve(about, id=checked(about.id or "")))
    except Unsayable as error:
        raise UsageError(str(error)) from None
    asked = {"resource_type": kind, "resource_id": number, "per_page": PAGE, "sort_by": "id"}
    path, query = next_page(place, "/v2/notes", asked)
    reply = yield read("notes_of", "GET", path, query=query)
    with answered("base", reply):
        wires = [item["data"] for item in reply.body["items"]]
        following = reply.body["meta"].get("links", {}).get("next_page")
        found = [decode(crosswalks()["note"], wire).value for wire in wires]
    items = (Item(str(w["id"]), w, attrs.evolve(n, about=about)) for w, n in zip(wires, found, strict=True))
    return Page(tuple(items), following)
