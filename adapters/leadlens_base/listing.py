"""All that a Base account has, kind by kind, as Base writes it (developer.zendesk.com, Sales CRM, Core API v2).

A page of Base's counts the records on it and tells no total. Documents are listed for records that are named, so that
a page of them is those of a page of leads, contacts or deals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from leadlens._compile import decode
from leadlens.catalogue import Choice
from leadlens.errors import InputError, UsageError
from leadlens.flow import Flow
from leadlens.model import JSON, About, Ref
from leadlens.operations import Item, Page, answered, read
from leadlens_base.crosswalks import crosswalks
from leadlens_base.paging import PAGE, items, next_page

RECORDS: Final = ("lead", "contact", "company", "deal")
RESOURCES: Final[Mapping[str, str]] = {"lead": "leads", "contact": "contacts", "company": "contacts", "deal": "deals"}
CHOICES: Final[Mapping[str, tuple[str, Mapping[str, JSON]]]] = {
    "user": ("/v2/users", {}),
    "pipeline": ("/v2/pipelines", {}),
    "stage": ("/v2/stages", {}),
    "source": ("/v2/lead_sources", {}),
    "deal_source": ("/v2/deal_sources", {}),
    "loss_reason": ("/v2/loss_reasons", {}),
    "unqualified_reason": ("/v2/lead_unqualified_reasons", {}),
    "deal_unqualified_reason": ("/v2/deal_unqualified_reasons", {}),
    "tag": ("/v2/tags", {"resource_type": "lead"}),
    "contact_tag": ("/v2/tags", {"resource_type": "contact"}),
    "deal_tag": ("/v2/tags", {"resource_type": "deal"}),
}
_PATHS: Final[Mapping[str, str]] = {
    **RESOURCES, "conversion": "lead_conversions", "note": "notes", "task": "tasks", "call": "calls",
}  # fmt: skip
_DEFINED: Final = "definition"
KINDS: Final = (*CHOICES, _DEFINED, *_PATHS, "attachment")
UNLISTED: Final = {"message": "Base lists no e-mails; its texts and visits are not read yet"}
_WITH_FILES: Final = ("lead", "contact", "deal")
_WITH_FIELDS: Final = _WITH_FILES
_ADDRESSES: Final = ("download_url", "recording_url")
_SORTED: Final = (*RECORDS, "note", "task")
"""What takes ``sort_by=id``, so that what comes in between does not move the pages."""


def every(kind: str, place: str | None) -> Flow[Page]:
    """Return a page of all that the account has of a kind."""
    if kind == "attachment":
        return (yield from _files(place))
    if kind == _DEFINED:
        return (yield from _definitions(place or _WITH_FIELDS[0]))
    path, asked = CHOICES[kind] if kind in CHOICES else (f"/v2/{_PATHS[kind]}", _asked(kind))
    wires, following = yield from _listed(f"list_{kind}", path, {**asked, "per_page": PAGE}, place)
    found = tuple(_item(kind, wire) for wire in wires)
    if kind == "note":
        found = yield from _told_apart(found)
    return Page(found, following)


def _asked(kind: str) -> dict[str, JSON]:
    asked: dict[str, JSON] = {"sort_by": "id"} if kind in _SORTED else {}
    return asked | ({"is_organization": kind == "company"} if kind in ("contact", "company") else {})


def _listed(name: str, path: str, asked: dict[str, JSON], place: str | None) -> Flow[tuple[list[Any], str | None]]:
    path, asked = next_page(place, path, asked)
    reply = yield read(name, "GET", path, query=asked)
    with answered("base", reply):
        wires = [wire for wire in reply.body["items"] if wire["data"]["id"]]
        return wires, reply.body["meta"].get("links", {}).get("next_page")


def _definitions(resource: str) -> Flow[Page]:
    """Return the custom fields of leads, contacts or deals; ids of the three are apart."""
    _is_place(resource, _WITH_FIELDS)
    path = f"/v2/{resource}/custom_fields"
    found = yield from items("list_definitions", path, {}, lambda wire: Item(f"{resource}.{wire['id']}", wire))
    rest = _WITH_FIELDS[_WITH_FIELDS.index(resource) + 1 :]
    return Page(tuple(found), rest[0] if rest else None)


def _is_place(kind: str, kinds: tuple[str, ...]) -> None:
    if kind not in kinds:
        raise UsageError("place is what the page before named as its next")


def _item(kind: str, wire: Any) -> Item:
    """Return a thing; an address that opens a file or a recording to whoever has it loses its query."""
    data = wire["data"]
    open_to_all = {key: data[key].partition("?")[0] for key in _ADDRESSES if isinstance(data.get(key), str)}
    return Item(str(data["id"]), {**data, **open_to_all} if open_to_all else data, _neutral(kind, wire))


def _neutral(kind: str, wire: Any) -> Any:
    """Return what leadlens reads of a thing; None where it reads nothing of its kind, or cannot."""
    if kind in CHOICES:
        return choice(kind, wire["data"])
    name = "convert-reply" if kind == "conversion" else kind
    if name not in crosswalks():
        return None
    try:
        return decode(crosswalks()[name], wire if kind == "conversion" else wire["data"]).value
    except InputError:
        return None


def choice(kind: str, data: Mapping[str, Any]) -> Choice:
    """Return a thing that records point to."""
    within = data.get("pipeline_id")
    return Choice(
        kind,
        Ref(str(data["id"]), data.get("name")),
        None if within is None else Ref(str(within)),
        email=data.get("email") if kind == "user" else None,
        active=data.get("status") != "inactive" and data.get("disabled") is not True,
    )


# --- what belongs to a contact that may be a company -----------------------------------------------------------------


def _told_apart(items: tuple[Item, ...]) -> Flow[tuple[Item, ...]]:
    """Return notes with those on a company said to be so, which takes one look at the contacts that they are on."""
    ids = sorted({about.id for item in items if (about := _about(item)) is not None and about.kind == "contact"})
    if not ids:
        return items
    asked: dict[str, JSON] = {"ids": ",".join(ids), "is_organization": True, "per_page": PAGE}
    wires, _ = yield from _listed("list_companies", "/v2/contacts", asked, None)
    companies = {str(wire["data"]["id"]) for wire in wires}
    return tuple(_on_company(item) if _is_on(item, companies) else item for item in items)


def _about(item: Item) -> Any:
    return None if item.neutral is None else item.neutral.about


def _is_on(item: Item, companies: set[str]) -> bool:
    about = _about(item)
    return about is not None and about.kind == "contact" and about.id in companies


def _on_company(item: Item) -> Item:
    about = About(kind="company", id=item.neutral.about.id)
    return attrs.evolve(item, neutral=attrs.evolve(item.neutral, about=about))


# --- files -----------------------------------------------------------------------------------------------------------


def _files(place: str | None) -> Flow[Page]:
    """Return the files of a page of leads, contacts or deals; ``place`` holds the kind and where its page is."""
    kind, _, at = (place or _WITH_FILES[0]).partition(" ")
    _is_place(kind, _WITH_FILES)
    asked: dict[str, JSON] = {"per_page": PAGE, "sort_by": "id"}
    records, following = yield from _listed(f"list_{kind}", f"/v2/{RESOURCES[kind]}", asked, at or None)
    companies = {str(one["data"]["id"]) for one in records if one["data"].get("is_organization")}
    found: list[Item] = []
    if records:
        found = yield from _files_of(kind, [str(one["data"]["id"]) for one in records])
    items = tuple(_on_company(item) if _is_on(item, companies) else item for item in found)
    if following is not None:
        return Page(items, f"{kind} {following}")
    rest = _WITH_FILES[_WITH_FILES.index(kind) + 1 :]
    return Page(items, rest[0] if rest else None)


def _files_of(kind: str, ids: list[str]) -> Flow[list[Item]]:
    asked: dict[str, JSON] = {"resource_type": kind, "resource_id": ",".join(ids), "per_page": PAGE}
    found: list[Item] = []
    place: str | None = None
    while True:
        wires, place = yield from _listed("list_documents", "/v2/documents", asked, place)
        found += [_item("attachment", wire) for wire in wires]
        if place is None:
            return found
