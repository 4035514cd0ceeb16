"""How single records are written in Copper, by their ids (developer.copper.com: create and update pages)."""

from __future__ import annotations

from typing import Final

from leadlens._compile import encode
from leadlens.conversion import UpsertResult
from leadlens.flow import Call, Flow
from leadlens.model import Company, Contact, Deal, Lead, Record
from leadlens.operations import Planned
from leadlens_copper.crosswalks import DateOrder, crosswalks
from leadlens_copper.reading import number, record_of, resource

KINDS: Final[dict[type, str]] = {Lead: "lead", Contact: "contact", Company: "company", Deal: "deal"}


def create(order: DateOrder | None, record: Record) -> Planned:
    """Plan a new record; nothing is looked for."""
    kind = KINDS[record.__class__]
    encoded = encode(crosswalks(order)[kind], record)
    call = Call("create", "upsert", "POST", resource(kind), {}, encoded.wire, f"create the {kind}")
    return Planned(_written(order, kind, call, None), (call,), encoded.losses)


def update(order: DateOrder | None, identity: str, record: Record) -> Planned:
    """Plan to write what a record says onto the one that has this id; what it does not say stays."""
    kind = KINDS[record.__class__]
    encoded = encode(crosswalks(order)[kind], record)
    path = f"{resource(kind)}/{number(identity)}"
    call = Call("update", "after", "PUT", path, {}, encoded.wire, f"write the {kind}")
    return Planned(_written(order, kind, call, identity), (call,), encoded.losses)


def _written(order: DateOrder | None, kind: str, call: Call, identity: str | None) -> Flow[UpsertResult]:
    reply = yield call
    record = record_of(order, kind, reply, reply.body, identity)
    return UpsertResult(outcome="created" if identity is None else "updated", record=record)
