"""How single records are written in Zoho, by their ids (…/docs/api/v8/insert-records.html, update-records.html)."""

from __future__ import annotations

from leadlens._compile import encode
from leadlens.conversion import UpsertResult
from leadlens.errors import OutcomeUnknownError
from leadlens.flow import Call, Flow
from leadlens.model import JSON, Company, Contact, Deal, Lead, Record
from leadlens.operations import Planned, answered
from leadlens_zoho.asking import checked, module
from leadlens_zoho.crosswalks import crosswalks
from leadlens_zoho.errors import classify_item
from leadlens_zoho.versions import Version

_KINDS: dict[type, str] = {Lead: "lead", Contact: "contact", Company: "company", Deal: "deal"}


def create(version: Version, record: Record) -> Planned:
    """Plan a new record; nothing is looked for."""
    kind = _KINDS[record.__class__]
    call = Call("create", "upsert", "POST", f"/crm/{version}/{module(kind)}", why=f"create the {kind}")
    return _planned(version, kind, record, call)


def update(version: Version, identity: str, record: Record) -> Planned:
    """Plan to write what a record says onto the one that has this id; what it does not say stays."""
    kind = _KINDS[record.__class__]
    path = f"/crm/{version}/{module(kind)}/{checked(identity)}"
    return _planned(version, kind, record, Call("update", "after", "PUT", path, why=f"write the {kind}"))


def _planned(version: Version, kind: str, record: Record, call: Call) -> Planned:
    encoded = encode(crosswalks(version)[kind], record)
    body: JSON = {"data": [encoded.wire]}
    call = Call(call.name, call.step, call.method, call.path, {}, body, call.why)
    return Planned(_written(record, call), (call,), encoded.losses)


def _written(record: Record, call: Call) -> Flow[UpsertResult]:
    reply = yield call
    with answered("zoho", reply):
        (item,) = reply.body["data"]
        error = classify_item(item, 0, reply.status)
        identity = None if error is not None else item["details"]["id"]
    if error is not None:
        error.step = call.step
        raise error
    if not isinstance(identity, str):
        raise OutcomeUnknownError("zoho", status=reply.status, code="incomplete")
    made = record.__class__(id=identity)
    return UpsertResult(outcome="updated" if call.step == "after" else "created", record=made)
