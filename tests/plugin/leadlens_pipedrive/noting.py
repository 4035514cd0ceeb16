"""Writing a note in Pipedrive, and the notes of one record or of all (developers.pipedrive.com/docs/api/v1/Notes)."""

from __future__ import annotations

from collections.abc import Mapping

from leadlens._compile import decode, encode
from leadlens.errors import OutcomeUnknownError, UsageError
from leadlens.flow import Call, Flow
from leadlens.loss import Loss
from leadlens.model import JSON, About, Note
from leadlens.operations import Item, Page, PlannedNote, answered, read
from leadlens_pipedrive.asking import PAGE, checked
from leadlens_pipedrive.crosswalks import crosswalks
from leadlens_pipedrive.notes import KEYS

_NOTES = "/api/v1/notes"
_ON_NOTHING = Loss("about", "required", "Pipedrive needs the record that a note is on", kind="needs")


def create_note(note: Note) -> PlannedNote:
    """Plan a note; Pipedrive sets its author and its time itself, and needs one of four keys for what it is on."""
    encoded = encode(crosswalks()["note"], note)
    call = Call("create_note", "upsert", "POST", _NOTES, body=encoded.wire, why="write the note")
    lacks = () if encoded.wire.keys() & set(KEYS.values()) else (_ON_NOTHING,)
    return PlannedNote(_written(call), (call,), (*encoded.losses, *lacks))


def _written(call: Call) -> Flow[Note]:
    reply = yield call
    with answered("pipedrive", reply):
        made: Note = decode(crosswalks()["note"], reply.body["data"]).value
    if made.id is None:
        raise OutcomeUnknownError("pipedrive", status=reply.status, code="incomplete")
    return made


def notes_of(about: About, place: str | None) -> Flow[Page]:
    """Return a page of the notes of one record."""
    if about.kind not in KEYS:
        raise UsageError(f"Pipedrive keeps notes on {', '.join(KEYS)}")
    return (yield from every_note(place, {KEYS[about.kind]: checked(about.kind, about.id or "")}))


def every_note(place: str | None, asked: Mapping[str, JSON] | None = None) -> Flow[Page]:
    """Return a page of all notes that meet a filter; ``place`` is the number of the first."""
    start = place or "0"
    if not start.isdecimal():
        raise UsageError("place is what the page before named as its next")
    query = {**(asked or {}), "start": int(start), "limit": PAGE, "sort": "id ASC"}
    reply = yield read("list_note", "GET", _NOTES, query=query)
    with answered("pipedrive", reply):
        items = [Item(str(wire["id"]), wire, decode(crosswalks()["note"], wire).value) for wire in reply.body["data"]]
        more = reply.body["additional_data"]["pagination"]["more_items_in_collection"]
    return Page(tuple(items), str(int(start) + len(items)) if more else None)
