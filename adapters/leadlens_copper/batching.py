"""Several upserts in Copper: new opportunities ten to a call (opportunities/bulk-create-opportunities.html, beta).

Copper takes nothing else in bulk: leads, people and companies go one by one, and so do opportunities that are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from leadlens.conversion import UpsertRequest, UpsertResult
from leadlens.errors import OutcomeUnknownError, VendorError
from leadlens.flow import Call, Flow, Reply
from leadlens.model import JSON, Deal
from leadlens.operations import Planned, PlannedBatch, not_sent, of_item
from leadlens_copper.crosswalks import DateOrder
from leadlens_copper.errors import classify_item
from leadlens_copper.reading import BASE, incomplete, record_of
from leadlens_copper.upserting import Write, composed, first_call, matched, update, upsert

MOST: Final = 10
"""How many opportunities a call takes."""

Result: TypeAlias = UpsertResult | VendorError
_Item: TypeAlias = Planned | Write
_Results: TypeAlias = dict[int, Result]


def batch(order: DateOrder | None, requests: Sequence[UpsertRequest]) -> PlannedBatch:
    """Plan several upserts: opportunities are looked for one by one, and the new ones created ten to a call."""
    items: list[_Item] = [
        composed(order, request) if isinstance(request.record, Deal) else upsert(order, request) for request in requests
    ]
    losses = tuple(of_item(loss, at) for at, item in enumerate(items) for loss in item.losses)
    calls = [(first_call(order, item),) if isinstance(item, Write) else item.calls for item in items]
    return PlannedBatch(_batch(order, items), tuple(call for some in calls for call in some), losses)


def _batch(order: DateOrder | None, items: Sequence[_Item]) -> Flow[tuple[Result, ...]]:
    """Write one after the other, and what is new in tens; after an outcome that is unknown nothing more is sent."""
    results: _Results = {}
    new: dict[int, Write] = {}
    for at, item in enumerate(items):
        if isinstance(item, Write) and (len(new) == MOST or _may_be_among(item, new)):
            results |= yield from _create(order, new)
            new = {}
        if _is_unknown(results):
            break
        if isinstance(item, Write) and (yield from _is_new(order, item, at, results)):
            new[at] = item
        elif isinstance(item, Planned):
            results[at] = yield from _caught(item.flow)
    if not _is_unknown(results):
        results |= yield from _create(order, new)
    return tuple(results.get(at) or not_sent("copper") for at in range(len(items)))


def _is_unknown(results: _Results) -> bool:
    return any(isinstance(result, OutcomeUnknownError) and result.step != "read" for result in results.values())


def _may_be_among(write: Write, new: dict[int, Write]) -> bool:
    """Tell whether a deal is looked for as one is that is still to be created: it may then be the same one."""
    return any(look in other.looks for other in new.values() for look in write.looks)


def _caught(flow: Flow[UpsertResult]) -> Flow[Result]:
    try:
        return (yield from flow)
    except VendorError as error:
        error.step = error.step or "upsert"
        return error


def _is_new(order: DateOrder | None, write: Write, at: int, results: _Results) -> Flow[bool]:
    """Tell whether a deal is to be created; keep the result of one that is there, or that cannot be looked for."""
    try:
        match = yield from matched(order, write)
    except VendorError as error:
        error.step = "read"
        results[at] = error
        return False
    if match is not None:
        results[at] = yield from _caught(update(order, write, *match))
    return match is None


def _create(order: DateOrder | None, new: dict[int, Write]) -> Flow[_Results]:
    """Create deals in one call, and return a result for each."""
    if not new:
        return {}
    body: JSON = {"opportunities": [write.body for write in new.values()]}
    try:
        reply = yield Call(
            "create_many", "upsert", "POST", f"{BASE}/opportunities/bulk_create", {}, body, "create them"
        )
    except VendorError as error:
        each = error.items if len(error.items) == len(new) else (error,) * len(new)
        return {at: _at_upsert(one) for at, one in zip(new, each, strict=True)}
    if not isinstance(reply.body, list) or len(reply.body) != len(new):
        return dict.fromkeys(new, _at_upsert(incomplete(reply)))
    pairs = zip(new, reply.body, strict=True)
    return {at: _one(order, reply, item, place) for place, (at, item) in enumerate(pairs)}


def _one(order: DateOrder | None, reply: Reply, item: JSON, place: int) -> Result:
    error = classify_item(item, place, reply.status)
    if error is not None:
        return _at_upsert(error)
    try:
        return UpsertResult(outcome="created", record=record_of(order, "deal", reply, item))
    except OutcomeUnknownError as unclear:
        return _at_upsert(unclear)


def _at_upsert(error: VendorError) -> VendorError:
    error.step = "upsert"
    return error
