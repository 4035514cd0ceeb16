"""Pipedrive's searches by a term (v2: ``/persons/search`` and so on): without regard to case, whole or in parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_pipedrive.sandbox.dress import answer, refused
from leadlens_pipedrive.sandbox.reading import KEY, by_cursor, query_of

_FIELDS: Final = {
    "person": ("custom_fields", "email", "notes", "phone", "name"),
    "organization": ("address", "custom_fields", "name", "notes"),
    "deal": ("custom_fields", "notes", "title"),
    "lead": ("custom_fields", "notes", "title"),
}
_QUERY: Final = (
    "term", "fields", "exact_match", "limit", "cursor", "include_fields", "organization_id", "person_id", "status",
)  # fmt: skip
_PLACES: Final = {"person": "persons", "organization": "organizations", "deal": "deals", "lead": "leads"}


def search(world: World, request: Request, *, kind: str) -> Reply:
    """Return the items that have the term in one of the fields."""
    found = query_of(request, _QUERY)
    term, exact = found.get("term", ""), found.get("exact_match", "false") in ("true", "1")
    if len(term) < (1 if exact else 2):
        raise refused("Parameter 'term' is too short")
    fields = found["fields"].split(",") if "fields" in found else list(_FIELDS[kind])
    if unknown := [name for name in fields if name not in _FIELDS[kind]]:
        raise refused(f"Parameter 'fields' has no {unknown[0]}")
    page = by_cursor(found, _matching(world, kind, term.casefold(), fields, exact=exact), lambda one: _item(kind, one))
    return answer({"items": page.body["data"]}, page.body["additional_data"])


def _matching(world: World, kind: str, term: str, fields: list[str], *, exact: bool) -> Iterator[Record]:
    for _, record in world.store.iterate(kind):
        if record.get("is_deleted") or (kind == "deal" and record["is_archived"]):
            continue
        texts = [text.casefold() for name in fields for text in _texts(record, name)]
        if any(text == term if exact else term in text for text in texts):
            yield record


def _texts(record: Record, name: str) -> list[str]:
    if name in ("email", "phone"):
        return [one["value"] for one in record[f"{name}s"]]
    if name == "custom_fields":
        return [str(value) for value in _customs(record).values() if value is not None]
    value = record.get(name)
    if name == "address":
        return [value["value"]] if value and value.get("value") else []
    return [value] if isinstance(value, str) else []


def _customs(record: Record) -> Mapping[str, Any]:
    return (
        record["custom_fields"] if "custom_fields" in record else {k: v for k, v in record.items() if KEY.fullmatch(k)}
    )


def _item(kind: str, record: Record) -> Record:
    item = {"id": record["id"], "type": kind, "custom_fields": _texts(record, "custom_fields"), "notes": []}
    if kind == "person":
        item |= {"name": record["name"], "emails": _texts(record, "email"), "phones": _texts(record, "phone")}
    elif kind == "organization":
        item |= {"name": record["name"], "address": (record["address"] or {}).get("value")}
    else:
        item |= {"title": record["title"]}
    return {"result_score": 1.0, "item": item}


ROUTES: Final = tuple(
    Route("GET", f"/api/v2/{place}/search", f"search_{place}", partial(search, kind=kind), search=True)
    for kind, place in _PLACES.items()
)
