"""Upserts in Copper: its own for leads; for people, companies and opportunities a search, then a write.

Between the search and the write somebody else may write too, and the search itself may be behind: a second record can
come of that, except of contacts by e-mail, since Copper keeps an address with one person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from leadlens._compile import decode, encode
from leadlens.conversion import MatchKey, UpsertRequest, UpsertResult
from leadlens.crosswalk import cleared
from leadlens.errors import AmbiguousMatchError, UsageError
from leadlens.exchange import to_calls
from leadlens.flow import Call, Flow
from leadlens.loss import Loss
from leadlens.model import JSON, Company, Contact, CustomField, Deal, Lead, Record
from leadlens.operations import Planned, Query, answered
from leadlens_copper.crosswalks import DateOrder, crosswalks
from leadlens_copper.reading import criteria, exactly, fetch_by_email, incomplete, name_of, record_of, resource

_KINDS: Final[Mapping[type, str]] = {Contact: "contact", Company: "company", Deal: "deal"}
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "contact": ("email", "name", "phone"),
    "company": ("name", "phone"),
    "deal": ("name",),
}
"""By what a record of a kind is found, besides custom fields."""
_ALWAYS: Final = ("name", "contact")
"""What a record cannot be without, and so cannot be cleared of."""


def upsert(order: DateOrder | None, request: UpsertRequest) -> Planned:
    """Plan an upsert. Raises :class:`UsageError` where there is nothing to match by."""
    if isinstance(request.record, Lead):
        crosswalk = crosswalks(order)["upsert-request"]
        encoded = encode(crosswalk, request)
        calls = to_calls(crosswalk, encoded.wire, {})
        return Planned(_native(order, calls[0]), calls, encoded.losses)
    write = composed(order, request)
    return Planned(_upsert(order, write), (first_call(order, write),), write.losses)


def _native(order: DateOrder | None, call: Call) -> Flow[UpsertResult]:
    reply = yield call
    with answered("copper", reply):
        result: UpsertResult = decode(crosswalks(order)["upsert-reply"], reply.body).value
    if result.id is None:
        raise incomplete(reply)
    return result


@attrs.frozen
class Write:
    """A record to be written: by what it is looked for, what it says, what is cleared, and what would be lost."""

    kind: str
    looks: tuple[tuple[str, Query], ...] = attrs.field(repr=False)
    body: dict[str, JSON] = attrs.field(repr=False)
    empty: dict[str, None]
    losses: tuple[Loss, ...]


def composed(order: DateOrder | None, request: UpsertRequest) -> Write:
    """Return what an upsert of a contact, company or deal writes."""
    kind = _KINDS[request.record.__class__]
    crosswalk = crosswalks(order)[kind]
    encoded = encode(crosswalk, request.record)
    keys = cleared("clear", "", crosswalk).keys[request.record.__class__]
    clearable = {name: wire for name, wire in keys.items() if name not in _ALWAYS}
    empty = {key: None for name in request.clear for key in clearable.get(name, ())}
    looks = tuple((_told(key), _query(kind, key, request.record)) for key in request.match)
    if not looks:
        raise UsageError(f"say what to match the {kind} by: match=(MatchKey(field='name'),)")
    losses = (*(loss.below("record") for loss in encoded.losses), *_further(kind, request, clearable))
    return Write(kind, looks, encoded.wire, empty, losses)


def _further(kind: str, request: UpsertRequest, clearable: Mapping[str, Any]) -> list[Loss]:
    """Return the losses that the record's own crosswalk does not know of."""
    found = [
        Loss("clear", "absent", f"{name} cannot be cleared here") for name in request.clear if name not in clearable
    ]
    if request.automations is not None:
        found.append(Loss("automations", "absent", "Copper does not let the request choose whether automations run"))
    if kind == "contact" and isinstance(request.record, Contact) and request.record.company is not None:
        told = "a contact that is there stays in its company (people/update-a-person.html); a new one gets this one"
        found.append(Loss("record.company", "narrowed", told, "note"))
    return found


def _told(key: MatchKey) -> str:
    return key.field or (key.definition.id if key.definition is not None else None) or "custom"


def _query(kind: str, key: MatchKey, record: Record) -> Query:
    """Return what to search for; raises :class:`UsageError` where that cannot be done."""
    if key.definition is not None:
        return _checked(kind, Query(custom=CustomField(definition=key.definition, value=_custom_value(key, record))))
    if key.field not in _KEYS[kind]:
        raise UsageError(f"Copper finds a {kind} by {', '.join(_KEYS[kind])} or a custom field, not by {key.field!r}")
    value = key.value if key.value is not None else _own_value(key.field, record)
    if not isinstance(value, str) or not value:
        raise UsageError(f"the {kind} has no {key.field} to match by")
    wanted: dict[str, Any] = {key.field or "": value}
    return _checked(kind, Query(**wanted))


def _checked(kind: str, query: Query) -> Query:
    criteria(kind, query)
    return query


def _custom_value(key: MatchKey, record: Record) -> JSON:
    own = next((field.value for field in record.custom_fields if field.definition == key.definition), None)
    value = key.value if key.value is not None else own
    if value is None:
        raise UsageError("the record has no value of that custom field to match by")
    return value


def _own_value(name: str, record: Any) -> str | None:
    if name == "name":
        return name_of(record)
    if name == "email":
        return record.emails[0].address if record.emails else None
    return record.phones[0].number if record.phones else None


def first_call(order: DateOrder | None, write: Write) -> Call:
    """Return the call that an upsert surely makes."""
    call = next(_look(order, write.kind, write.looks[0][1]))
    assert isinstance(call, Call)
    return call


def _look(order: DateOrder | None, kind: str, query: Query) -> Flow[tuple[Record, ...]]:
    if query.email is not None:
        found = yield from fetch_by_email(order, query.email)
        return () if found is None else (found,)
    return (yield from exactly(order, kind, query))


def matched(order: DateOrder | None, write: Write) -> Flow[tuple[str, str] | None]:
    """Look by one key after the other; return the id of the one record of the first that finds any, and that key."""
    for key, query in write.looks:
        found = yield from _look(order, write.kind, query)
        if len(found) > 1:
            several = tuple(record.id or "" for record in found)
            raise AmbiguousMatchError("copper", status=200, code="several matches", candidates=several)
        if found:
            return found[0].id or "", key
    return None


def _upsert(order: DateOrder | None, write: Write) -> Flow[UpsertResult]:
    match = yield from matched(order, write)
    if match is not None:
        return (yield from update(order, write, *match))
    reply = yield Call(
        "create", "upsert", "POST", resource(write.kind), {}, write.body, "create it, since none matches"
    )
    return UpsertResult(outcome="created", record=record_of(order, write.kind, reply, reply.body))


def update(order: DateOrder | None, write: Write, identity: str, key: str) -> Flow[UpsertResult]:
    """Update a record: what is absent stays, a list that is given takes the place of the one that was there."""
    path, why = f"{resource(write.kind)}/{identity}", "update the one that matches"
    reply = yield Call("update", "upsert", "PUT", path, {}, {**write.body, **write.empty}, why)
    record = record_of(order, write.kind, reply, reply.body, identity)
    return UpsertResult(outcome="updated", record=record, matched_by=key)
