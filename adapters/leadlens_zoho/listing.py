"""All that a Zoho account has, kind by kind, as Zoho writes it (zoho.com/crm/developer/docs/api/v8/get-records.html).

A list shows the fields that it is asked for, so all that the account has are asked for. Files are listed record by
record, also for converted leads. No page tells how many there are in all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from leadlens._compile import decode
from leadlens.catalogue import Choice
from leadlens.errors import InputError, NotFoundError
from leadlens.flow import Flow
from leadlens.model import JSON, About
from leadlens.operations import ConversionQuery, Item, Page, answered, read
from leadlens_zoho import choosing
from leadlens_zoho.asking import MODULES, PAGE, Place, fields_of, listed, rows
from leadlens_zoho.crosswalks import crosswalks
from leadlens_zoho.noting import NOTE_FIELDS
from leadlens_zoho.versions import Version, since

_ACTIVITIES: Final[Mapping[str, str]] = {"task": "Tasks", "call": "Calls", "meeting": "Events"}
_SINCE_V5: Final = ("note", *_ACTIVITIES, "attachment")
_FILE_FIELDS: Final = (
    "File_Name", "Size", "Parent_Id", "Owner", "Created_By", "Created_Time", "Modified_By", "Modified_Time",
)  # fmt: skip
FILES_OF: Final = 50
"""Of how many records a page tells the files; each takes a call."""


def kinds(version: Version) -> tuple[str, ...]:
    """Return what can be listed in full at a version."""
    every = (*choosing.KINDS, "definition", *MODULES, "conversion", *_SINCE_V5)
    return every if since(version, "v5") else every[: -len(_SINCE_V5)]


def unlisted(version: Version) -> Mapping[str, str]:
    """Return what cannot be listed at a version, and why."""
    mails = {"message": "Zoho lists e-mails record by record, and only their subjects"}
    old = "leadlens lists it from v5 of Zoho's API on; take zoho@v8"
    return mails if since(version, "v5") else mails | dict.fromkeys(_SINCE_V5, old)


def every(version: Version, kind: str, place: str | None) -> Flow[Page]:
    """Return a page of all that the account has of a kind."""
    if kind in choosing.KINDS:
        pairs = yield from choosing.told(version, kind)
        return Page(tuple(Item(_identity(choice), raw, choice) for raw, choice in pairs))
    if kind == "definition":
        return (yield from _definitions(version, place or next(iter(MODULES))))
    if kind == "conversion":
        return (yield from _conversions(version, place))
    if kind == "attachment":
        return (yield from _files(version, place))
    if kind == "note":
        return (yield from _page(version, kind, "Notes", Place(fields=NOTE_FIELDS) if place is None else place))
    if kind in _ACTIVITIES:
        return (yield from _page(version, kind, _ACTIVITIES[kind], place))
    at = (yield from _all_fields(version, MODULES[kind])) if place is None else Place.of(place)
    wires, following = yield from listed(version, kind, at, {"converted": "both"} if kind == "lead" else {})
    return Page(tuple(_item(kind, wire) for wire in wires), following)


def _identity(choice: Choice) -> str:
    """Return what tells a choice from others of its kind: its id, or its name, below the pipeline that it is in."""
    name = choice.ref.id or choice.ref.name or ""
    return name if choice.within is None else f"{choice.within.name}: {name}"


def _all_fields(version: Version, module: str) -> Flow[Place]:
    """Return the first page of a list that shows every field of the account's; up to v2.1 it does so by itself."""
    if not since(version, "v3"):
        return Place()
    names = yield from fields_of(version, module)
    marks = ("$converted", "$converted_detail") if module == "Leads" else ()
    return Place(fields=(*names, *marks))


def _page(version: Version, kind: str, module: str, place: Place | str | None) -> Flow[Page]:
    """Return a page of notes, tasks, calls or meetings."""
    if place is None:
        place = yield from _all_fields(version, module)
    at = Place.of(place) if isinstance(place, str) else place
    asked: dict[str, JSON] = {"fields": ",".join(at.fields), **at.query, "per_page": PAGE}
    reply = yield read(f"list_{kind}", "GET", f"/crm/{version}/{module}", query=asked)
    with answered("zoho", reply):
        return Page(tuple(_item(kind, wire) for wire in rows(reply)), at.after(reply))


def _item(kind: str, wire: Any) -> Item:
    found: Any = None
    if kind in crosswalks():
        try:
            found = decode(crosswalks()[kind], wire).value
        except InputError:
            found = None
    return Item(str(wire["id"]), wire, found)


def _definitions(version: Version, kind: str) -> Flow[Page]:
    """Return the fields of one module."""
    asked = {"module": MODULES[kind]}
    reply = yield read("list_definitions", "GET", f"/crm/{version}/settings/fields", query=asked)
    rest = list(MODULES)[list(MODULES).index(kind) + 1 :]
    with answered("zoho", reply):
        items = tuple(Item(f"{kind}.{wire['api_name']}", wire) for wire in rows(reply, "fields"))
    return Page(items, rest[0] if rest else None)


def _conversions(version: Version, place: str | None) -> Flow[Page]:
    from leadlens_zoho.operations import conversions  # it needs what is listed here

    page = yield from conversions(version, ConversionQuery(), place)
    return Page(tuple(Item(made.lead_id or "", None, made) for made in page.items), page.next)


# --- files -----------------------------------------------------------------------------------------------------------


def _files(version: Version, place: str | None) -> Flow[Page]:
    """Return the files of a page of records; ``place`` holds the kind and where its page is."""
    kind, _, at = (place or next(iter(MODULES))).partition(" ")
    where = Place.of(at) if at else Place(fields=("Created_Time",))
    asked: dict[str, JSON] = {"converted": "both"} if kind == "lead" else {}
    records, following = yield from listed(version, kind, where, asked, FILES_OF)
    found: list[Item] = []
    for record in records:
        found += yield from _files_of(version, kind, record["id"])
    if following is not None:
        return Page(tuple(found), f"{kind} {following}")
    rest = list(MODULES)[list(MODULES).index(kind) + 1 :]
    return Page(tuple(found), rest[0] if rest else None)


def _files_of(version: Version, kind: str, identity: str) -> Flow[list[Item]]:
    path = f"/crm/{version}/{MODULES[kind]}/{identity}/Attachments"
    found: list[Item] = []
    for page in range(1, 1_000_000):
        asked: dict[str, JSON] = {"fields": ",".join(_FILE_FIELDS), "page": page, "per_page": PAGE}
        try:
            reply = yield read("list_files", "GET", path, query=asked)
        except NotFoundError:
            break
        with answered("zoho", reply):
            found += [_item("attachment", wire) for wire in rows(reply)]
            if reply.body is None or not reply.body["info"]["more_records"]:
                break
    about = About(kind=kind, id=identity)
    return [
        item if item.neutral is None else attrs.evolve(item, neutral=attrs.evolve(item.neutral, about=about))
        for item in found
    ]
