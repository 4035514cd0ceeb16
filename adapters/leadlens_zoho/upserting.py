"""How records are written in Zoho: one, or a hundred in a call (…/docs/api/v8/upsert-records.html)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

import attrs

from leadlens._compile import Encoded, decode, encode
from leadlens.conversion import UpsertRequest, UpsertResult
from leadlens.errors import AmbiguousMatchError, DuplicateError, OutcomeUnknownError, VendorError
from leadlens.exchange import to_calls
from leadlens.flow import Call, Flow, Reply
from leadlens.operations import Planned, PlannedBatch, answered, not_sent, of_item
from leadlens_zoho.crosswalks import crosswalks
from leadlens_zoho.errors import classify_item
from leadlens_zoho.versions import Version

MOST: Final = 100
"""How many records a call takes."""
_Result: TypeAlias = UpsertResult | VendorError


def upsert(version: Version, request: UpsertRequest) -> Planned:
    """Plan the upsert of one record."""
    encoded, call = _planned(version, request)
    return Planned(_upsert(request, call), (call,), encoded.losses)


def _planned(version: Version, request: UpsertRequest) -> tuple[Encoded, Call]:
    crosswalk = crosswalks(version)["upsert-request"]
    encoded = encode(crosswalk, request)
    return encoded, to_calls(crosswalk, encoded.wire, {})[0]


def _upsert(request: UpsertRequest, call: Call) -> Flow[UpsertResult]:
    try:
        reply = yield call
    except DuplicateError as error:
        raise _ambiguous(error) from None
    with answered("zoho", reply):
        (item,) = reply.body["data"]
    return _result(request, item, reply.status)


def _result(request: UpsertRequest, item: Any, status: int) -> UpsertResult:
    """Return what came of one record, as Zoho's reply tells: created or updated, and its id."""
    with answered("zoho", Reply(status)):
        told: UpsertResult = decode(crosswalks()["upsert-reply"], {"data": [item]}).value
    written = {key: getattr(told.record, key) for key in _TOLD}
    if written["id"] is None:
        raise OutcomeUnknownError("zoho", status=status, code="incomplete")
    return attrs.evolve(told, record=request.record.__class__(**written))


_TOLD: Final = ("id", "created_at", "created_by", "modified_at", "modified_by")


def _ambiguous(error: DuplicateError) -> AmbiguousMatchError:
    """Return a DUPLICATE_DATA as what it is for an upsert: more than one record has these values."""
    found = AmbiguousMatchError(
        error.vendor,
        status=error.status,
        code=error.code,
        path=error.path,
        request_id=error.request_id,
        message=error.message,
        candidates=error.candidates,
    )
    found.step = error.step
    return found


# --- several ---------------------------------------------------------------------------------------------------------


def batch(version: Version, requests: Sequence[UpsertRequest]) -> PlannedBatch:
    """Plan the upsert of several records, in calls of a hundred; those that follow each other and go together do."""
    planned = [_planned(version, request) for request in requests]
    losses = tuple(of_item(loss, at) for at, (encoded, _) in enumerate(planned) for loss in encoded.losses)
    calls = tuple(_joined([call for _, call in planned]))
    return PlannedBatch(_batch(tuple(requests), calls), calls, losses)


def _joined(calls: Sequence[Call]) -> Iterator[Call]:
    for _, alike in itertools.groupby(calls, _apart_from_data):
        together = list(alike)
        for at in range(0, len(together), MOST):
            part = together[at : at + MOST]
            yield attrs.evolve(part[0], body={**part[0].body, "data": [call.body["data"][0] for call in part]})


def _apart_from_data(call: Call) -> tuple[Any, ...]:
    return call.path, {**call.body, "data": None}


def _batch(requests: tuple[UpsertRequest, ...], calls: tuple[Call, ...]) -> Flow[tuple[_Result, ...]]:
    """Send the calls; after one whose outcome is unknown, nothing more is sent."""
    results: list[_Result] = []
    unknown = False
    for call in calls:
        part = requests[len(results) : len(results) + len(call.body["data"])]
        if unknown:
            results += [not_sent("zoho") for _ in part]
            continue
        found = yield from _several(part, call)
        unknown = any(isinstance(one, OutcomeUnknownError) for one in found)
        results += found
    return tuple(results)


def _several(requests: tuple[UpsertRequest, ...], call: Call) -> Flow[list[_Result]]:
    try:
        reply = yield call
    except VendorError as error:
        if len(error.items) == len(requests):
            return [_as_upsert(item, call.step) for item in error.items]
        return [_as_upsert(error, call.step) for _ in requests]
    data = reply.body.get("data") if isinstance(reply.body, dict) else None
    if not isinstance(data, list) or len(data) != len(requests):
        unclear = OutcomeUnknownError("zoho", status=reply.status, code="incomplete")
        return [_as_upsert(unclear, call.step) for _ in requests]
    pairs = zip(requests, data, strict=True)
    return [_one(request, item, at, reply.status, call.step) for at, (request, item) in enumerate(pairs)]


def _one(request: UpsertRequest, item: Any, at: int, status: int, step: str) -> _Result:
    error = classify_item(item, at, status)
    if error is not None:
        return _as_upsert(error, step)
    try:
        return _result(request, item, status)
    except OutcomeUnknownError as unclear:
        return _as_upsert(unclear, step)


def _as_upsert(error: VendorError, step: str) -> VendorError:
    error.step = step
    return _ambiguous(error) if isinstance(error, DuplicateError) else error
