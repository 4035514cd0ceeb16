"""Writing a note in Zoho, and the notes of one record (zoho/crm-oas, the vendor's own description of v8)."""

from __future__ import annotations

from typing import Final

import attrs

from leadlens._compile import decode, encode
from leadlens.errors import OutcomeUnknownError, UsageError
from leadlens.flow import Call, Flow
from leadlens.model import JSON, About, Note
from leadlens.operations import Item, Page, PlannedNote, answered, read
from leadlens_zoho.asking import PAGE, Place, checked, module, rows
from leadlens_zoho.crosswalks import crosswalks
from leadlens_zoho.versions import Version, since

NOTE_FIELDS: Final = (
    "Note_Title", "Note_Content", "Parent_Id", "Owner", "Created_By", "Created_Time", "Modified_By", "Modified_Time",
)  # fmt: skip


def create_note(version: Version, note: Note) -> PlannedNote:
    """Plan a note; Zoho sets its author and its time itself."""
    encoded = encode(crosswalks(_with_notes(version))["note"], note)
    path, body = f"/crm/{version}/Notes", {"data": [encoded.wire]}
    call = Call("create_note", "upsert", "POST", path, body=body, why="write the note")
    return PlannedNote(_written(note, call), (call,), encoded.losses)


def _with_notes(version: Version) -> Version:
    if not since(version, "v5"):
        raise UsageError("leadlens reads and writes Zoho's notes from v5 of the API on; take zoho@v8")
    return version


def _written(note: Note, call: Call) -> Flow[Note]:
    """Return the note with what the reply tells of it."""
    reply = yield call
    with answered("zoho", reply):
        details = reply.body["data"][0]["details"]
        told: Note = decode(crosswalks()["note"], {key: details.get(key) for key in _TOLD}).value
    if told.id is None:
        raise OutcomeUnknownError("zoho", status=reply.status, code="incomplete")
    return attrs.evolve(told, title=note.title, text=note.text, about=note.about)


_TOLD: Final = ("id", "Created_By", "Created_Time", "Modified_Time")


def notes_of(version: Version, about: About, place: str | None) -> Flow[Page]:
    """Return a page of the notes of one record."""
    at = Place(fields=NOTE_FIELDS) if place is None else Place.of(place)
    path = f"/crm/{_with_notes(version)}/{module(about.kind or '')}/{checked(about.id or '')}/Notes"
    asked: dict[str, JSON] = {"fields": ",".join(at.fields), **at.query, "per_page": PAGE}
    reply = yield read("notes_of", "GET", path, query=asked)
    with answered("zoho", reply):
        wires = rows(reply)
        notes = [decode(crosswalks()["note"], wire).value for wire in wires]
        items = (Item(w["id"], w, attrs.evolve(n, about=about)) for w, n in zip(wires, notes, strict=True))
        return Page(tuple(items), at.after(reply))
