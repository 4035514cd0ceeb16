"""Documents and calls, as far as they can be listed; they are put in from Python.

Sources: …/sales-crm/resources/documents; developers.futuresimple.com/docs/rest/reference/calls. Whether the documents
and calls of a lead go over to what a conversion made of it is not recorded [?]: here they stay.
"""

from __future__ import annotations

from typing import Any, Final

from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox.dress import invalid_param
from leadlens_base.sandbox.metadata import ME
from leadlens_base.sandbox.paging import PAGE, an_id, asked, collection, ids, one_of, page_of

_OWNERS: Final = ("lead", "contact", "sales_account", "deal")


def _kinds(given: str) -> frozenset[str]:
    """Read kinds of records with commas between them."""
    found = frozenset(given.split(","))
    if not found <= {*_OWNERS}:
        raise ValueError(f"some of {', '.join(_OWNERS)}")
    return found


_DOCUMENTS: Final = {"page": PAGE["page"], "per_page": PAGE["per_page"], "resource_type": _kinds, "resource_id": ids}
_CALLS: Final = {**PAGE, "ids": ids, "resource_type": one_of("lead", "contact"), "resource_id": an_id}


def put(world: World, kind: str, given: Record) -> Record:
    """Keep a ``document`` or a ``call``."""
    number, now = world.store.next_id(kind), iso_utc(world.now)
    usual = _document(number, now) if kind == "document" else _call(now)
    record = {"id": number, **usual, **given}
    world.store.create(kind, number, record)
    return record


def _document(number: int, now: str) -> Record:
    url = f"https://files.example/documents/{number}?signature={number * 7919:x}&expires=5400"
    return {
        "resource_type": "lead", "resource_id": 1, "creator_id": ME, "name": f"document-{number}.pdf",
        "content_type": "application/pdf", "size": 20_480, "download_url": url, "created_at": now, "updated_at": now,
    }  # fmt: skip


def _call(now: str) -> Record:
    return {
        "user_id": ME, "summary": None, "recording_url": None, "outcome_id": None, "duration": 60,
        "phone_number": None, "incoming": False, "missed": False, "resource_type": None, "resource_id": None,
        "associated_deal_ids": [], "made_at": now, "updated_at": now, "external_id": None,
    }  # fmt: skip


def documents(world: World, request: Request) -> Reply:
    """``GET /documents``: those of the records that are named; without a name it is refused."""
    found = asked(world, request, _DOCUMENTS)
    for name in ("resource_type", "resource_id"):
        if name not in found:
            raise invalid_param(world, name, "missing")
    every = (
        record
        for _, record in world.store.iterate("document")
        if record["resource_type"] in found["resource_type"] and record["resource_id"] in found["resource_id"]
    )
    return collection(world, page_of(world, request, every, found), "document")


def calls(world: World, request: Request) -> Reply:
    """``GET /calls``: the last made first."""
    found = asked(world, request, _CALLS)
    every = [record for _, record in world.store.iterate("call") if _wanted(record, found)]
    every.sort(key=lambda record: (record["made_at"], record["id"]), reverse=True)
    return collection(world, page_of(world, request, every, found), "call")


def _wanted(record: Record, found: dict[str, Any]) -> bool:
    plain = all(record[key] == found[key] for key in ("resource_type", "resource_id") if key in found)
    return plain and record["id"] in found.get("ids", (record["id"],))


ROUTES = (
    Route("GET", "/v2/documents", "list_documents", documents, search=True),
    Route("GET", "/v2/calls", "list_calls", calls, search=True),
)
