"""All that a Copper account has, kind by kind, as Copper writes it (developer.copper.com, Developer API v1).

A search shows its first 100,000 records. Records are listed by the date of their creation, so that a further search
goes on from the last one's; activities go from the newest back. Files are listed record by record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from leadlens._compile import decode
from leadlens.errors import InputError, NotFoundError, UsageError
from leadlens.flow import Flow
from leadlens.model import JSON, About
from leadlens.operations import ConversionQuery, Item, Page, answered, read
from leadlens_copper.conversions import conversions
from leadlens_copper.crosswalks import DateOrder, crosswalks
from leadlens_copper.noting import NOTES
from leadlens_copper.reading import BASE, CHOICES, PAGE, REACH, incomplete, resource, told, total_of

_RECORDS: Final = ("lead", "contact", "company", "deal")
_SEARCHES: Final[Mapping[str, str]] = {
    **{kind: resource(kind) for kind in _RECORDS},
    "project": f"{BASE}/projects",
    "task": f"{BASE}/tasks",
    "note": f"{BASE}/activities",
    "activity": f"{BASE}/activities",
}
KINDS: Final = (*CHOICES, "definition", *_RECORDS, "conversion", "note", "project", "task", "activity", "attachment")
UNLISTED: Final[Mapping[str, str]] = {}
FILES_OF: Final = 50
"""Of how many records a page tells the files; each takes a call."""


def every(order: DateOrder | None, kind: str, place: str | None) -> Flow[Page]:
    """Return a page of all that the account has of a kind."""
    if kind in CHOICES:
        pairs = yield from told(kind)
        return Page(tuple(Item(choice.ref.id or choice.ref.name or "", raw, choice) for raw, choice in pairs))
    if kind == "definition":
        reply = yield read("list_definitions", "GET", f"{BASE}/custom_field_definitions")
        with answered("copper", reply):
            return Page(tuple(Item(str(wire["id"]), wire) for wire in reply.body))
    if kind == "conversion":
        page = yield from conversions(order, ConversionQuery(), place)
        return Page(tuple(Item(made.lead_id or "", None, made) for made in page.items), page.next)
    if kind == "attachment":
        return (yield from _files(order, place))
    wires, following, total = yield from _searched(kind, place, PAGE)
    if kind == "activity":  # notes are activities too, and a kind of their own here
        return Page(tuple(_item(order, kind, wire) for wire in wires if not _is_note(wire)), following)
    return Page(tuple(_item(order, kind, wire) for wire in wires), following, total)


def _is_note(wire: Mapping[str, Any]) -> bool:
    return bool(wire["type"]["category"] == "user" and wire["type"]["id"] == 0)


def _item(order: DateOrder | None, kind: str, wire: Any) -> Item:
    found: Any = None
    if kind in crosswalks(order):
        try:
            found = decode(crosswalks(order)[kind], wire).value
        except InputError:
            found = None
    return Item(str(wire["id"]), wire, found)


def _searched(kind: str, place: str | None, size: int) -> Flow[tuple[list[Any], str | None, int | None]]:
    """Return one page of a search, where the next one is, and the total; ``place`` is a page and a date to go from."""
    number, _, edge = (place or "1").partition(" ")
    at = int(number)
    body = {**_window(kind, edge), "page_size": size, "page_number": at}
    reply = yield read(f"search_{kind}", "POST", f"{_SEARCHES[kind]}/search", body=body)
    with answered("copper", reply):
        if not isinstance(reply.body, list) or not all(wire["id"] for wire in reply.body):
            raise incomplete(reply, "undocumented")
        following = _following(kind, reply.body, at, edge) if len(reply.body) >= size else None
    return reply.body, following, None if edge or (following and " " in following) else total_of(reply)


def _window(kind: str, edge: str) -> dict[str, JSON]:
    if kind in ("note", "activity"):
        asked: dict[str, JSON] = {"activity_types": list(NOTES)} if kind == "note" else {}
        return asked | ({"maximum_activity_date": int(edge)} if edge else {})
    asked = {"sort_by": "date_created", "sort_direction": "asc"}
    asked |= {"include_converted_leads": True} if kind == "lead" else {}
    return asked | ({"minimum_created_date": int(edge)} if edge else {})


def _following(kind: str, wires: list[Any], at: int, edge: str) -> str:
    """Return where the next page is: in this search, or where it ends, in one that begins with its last date."""
    if (at + 1) * len(wires) <= REACH:
        return f"{at + 1} {edge}".strip()
    last = str(wires[-1]["activity_date" if kind in ("note", "activity") else "date_created"])
    if last == edge:
        raise UsageError(f"more than {REACH:,} {kind}s of this account are of one second, and Copper shows no more")
    return f"1 {last}"


# --- files -----------------------------------------------------------------------------------------------------------


def _files(order: DateOrder | None, place: str | None) -> Flow[Page]:
    """Return the files of a page of records; ``place`` holds the kind and where its page is."""
    kind, _, at = (place or _RECORDS[0]).partition(" ")
    records, following, _ = yield from _searched(kind, at or None, FILES_OF)
    found: list[Item] = []
    for record in records:
        found += yield from _files_of(order, kind, record["id"])
    if following is not None:
        return Page(tuple(found), f"{kind} {following}")
    rest = _RECORDS[_RECORDS.index(kind) + 1 :]
    return Page(tuple(found), rest[0] if rest else None)


def _files_of(order: DateOrder | None, kind: str, number: int) -> Flow[list[Item]]:
    """Return the files of a record; one that is gone, as a converted lead is, has none that could be seen."""
    try:
        reply = yield read("list_files", "GET", f"{resource(kind)}/{number}/files")
    except NotFoundError:
        return []
    with answered("copper", reply):
        items = [_item(order, "attachment", wire) for wire in reply.body]
    about = About(kind=kind, id=str(number))
    return [
        item if item.neutral is None else attrs.evolve(item, neutral=attrs.evolve(item.neutral, about=about))
        for item in items
    ]
