"""How single records are written in Base, by their ids (Core API v2: leads, contacts, deals)."""

from __future__ import annotations

from typing import Final

from leadlens._compile import decode, encode
from leadlens.conversion import UpsertResult
from leadlens.errors import OutcomeUnknownError
from leadlens.flow import Call, Flow
from leadlens.model import Company, Contact, Deal, Lead, Record
from leadlens.operations import Planned, answered
from leadlens_base.crosswalks import crosswalks
from leadlens_base.ids import checked

RESOURCES: Final[dict[type, tuple[str, str]]] = {
    Lead: ("lead", "leads"),
    Contact: ("contact", "contacts"),
    Company: ("company", "contacts"),
    Deal: ("deal", "deals"),
}


def create(record: Record) -> Planned:
    """Plan a new record; nothing is looked for."""
    kind, resource = RESOURCES[record.__class__]
    return _planned(record, Call("create", "upsert", "POST", f"/v2/{resource}", why=f"create the {kind}"))


def update(identity: str, record: Record) -> Planned:
    """Plan to write what a record says onto the one that has this id; what it does not say stays."""
    kind, resource = RESOURCES[record.__class__]
    path = f"/v2/{resource}/{checked(identity)}"
    return _planned(record, Call("update", "after", "PUT", path, why=f"write the {kind}"))


def _planned(record: Record, call: Call) -> Planned:
    encoded = encode(crosswalks()[RESOURCES[record.__class__][0]], record)
    body = dict(encoded.wire)
    if call.step == "after":
        body.pop("is_organization", None)  # it is set at creation only
    call = Call(call.name, call.step, call.method, call.path, {}, {"data": body}, call.why)
    return Planned(_written(record, call), (call,), encoded.losses)


def _written(record: Record, call: Call) -> Flow[UpsertResult]:
    reply = yield call
    with answered("base", reply):
        made: Record = decode(crosswalks()[RESOURCES[record.__class__][0]], reply.body["data"]).value
    if made.id is None:
        raise OutcomeUnknownError("base", status=reply.status, code="incomplete")
    return UpsertResult(outcome="updated" if call.step == "after" else "created", record=made)
