"""What can be asked of a CRM, as flows: generators that yield calls and receive replies.

Nothing here does I/O; a driver carries flows out. An adapter offers :class:`Operations`. What is the same on every
CRM stands here: sending the calls of a conversion one after the other, with the ids that the earlier ones brought.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from leadlens.catalogue import Choice, Definition
from leadlens.conversion import Conversion, ConversionOptions, MatchKey, NoRecord, UpsertRequest, UpsertResult
from leadlens.errors import (
    InputError,
    OutcomeUnknownError,
    PendingError,
    RefusedError,
    TryLaterError,
    UsageError,
    VendorError,
)
from leadlens.flow import Call, Flow, Reply
from leadlens.loss import Loss
from leadlens.model import JSON, About, CustomField, Note, PersonName, Record
from leadlens.together import Together

RecordKind: TypeAlias = str
"""``lead``, ``contact``, ``company`` or ``deal``."""

Ids: TypeAlias = Mapping[str, str]
_PLACE = re.compile(r"\{(\w+)\}")


@attrs.frozen(kw_only=True)
class Query:
    """Which records are wanted: all conditions at once. Nothing given means all of them.

    ``name`` is compared exactly, ``email`` without regard to case. ``custom`` is one custom field and its value.
    ``converted`` asks for leads that were, or were not, converted; None for those that the CRM shows by itself.
    """

    ids: tuple[str, ...] = ()
    email: str | None = attrs.field(default=None, repr=False)
    name: str | None = attrs.field(default=None, repr=False)
    phone: str | None = attrs.field(default=None, repr=False)
    custom: CustomField | None = attrs.field(default=None, repr=False)
    converted: bool | None = None
    modified_since: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class ConversionQuery:
    """Which conversions are wanted: of a lead, into a contact, company or deal, since a time."""

    lead_id: str | None = None
    contact_id: str | None = None
    company_id: str | None = None
    deal_id: str | None = None
    since: dt.datetime | None = None


@attrs.frozen
class Page:
    """One page: what is on it (records, conversions, items), where the next is (None: nowhere), the total if told."""

    items: tuple[Any, ...] = attrs.field(repr=False)
    next: str | None = None
    total: int | None = None


@attrs.frozen
class Item:
    """One thing of an account: its id, all of it as the CRM writes it, and as leadlens reads it.

    ``neutral`` is None for a kind of thing that leadlens only keeps, and for one that it cannot read.
    """

    id: str
    raw: JSON = attrs.field(repr=False)
    neutral: Any = attrs.field(default=None, repr=False)


@attrs.frozen
class Planned:
    """An upsert before anything is sent: its flow, the calls that it surely makes, and what would be lost."""

    flow: Flow[UpsertResult]
    calls: tuple[Call, ...]
    losses: tuple[Loss, ...]


@attrs.frozen
class PlannedBatch:
    """Several upserts before anything is sent. The flow returns, in their order, a result or the error of each."""

    flow: Flow[tuple[UpsertResult | VendorError, ...]]
    calls: tuple[Call, ...]
    losses: tuple[Loss, ...]


@attrs.frozen
class PlannedNote:
    """A note before anything is sent: its flow, which returns it as it was written, its call, what would be lost."""

    flow: Flow[Note]
    calls: tuple[Call, ...]
    losses: tuple[Loss, ...]


@attrs.frozen(kw_only=True)
class Operations:
    """What one CRM at one version can be asked, each as a flow.

    - ``converted(reply, lead_id)``: the conversion that the reply to a convert tells; raises
      :class:`OutcomeUnknownError` where it lacks what the CRM promises.
    - ``learn(call, reply)``: ids for the calls after this one, by the names of their places (``company_id``); raises
      :class:`AmbiguousMatchError` where several records match.
    - ``ids_are_numbers``: whether an id that a call before has brought is a number in the body of the next one.
    - ``wanted(call, ids)``: whether a conditional call is still to be sent.
    - ``pending(error, lead_id)``: the conversion that the CRM accepted to carry out later, once it is there; raises
      :class:`OutcomeUnknownError` when waiting gives out. A refusal leaves it unknown too, since what is refused may be
      the question alone; where the CRM says that the conversion itself was not done, its ``step`` is ``convert``. None
      where the CRM has no such thing.
    - ``find_conversion(lead_id)``: the conversion that happened to a lead, or None; reads only, with every witness
      that the CRM has, and raises :class:`AmbiguousMatchError` when there are several. Where a witness says that there
      is no such lead, :class:`NotFoundError` may say so: then nothing must be sent.
    - ``conversions(query, place)``: a page of conversions, newest first; ``place`` is the page's ``next``.
    - ``preview(lead_id)``: what the CRM would find to convert into.
    - ``get(kind, id)``: one record; raises :class:`NotFoundError`.
    - ``search(kind, query, place)``: a page of records.
    - ``upsert(request)``: how the one record that matches is updated, or a new one created.
    - ``create(record)``, ``update(id, record)``: how one record is written without being looked for; what an update
      does not say stays. None where the CRM cannot be written to so.
    - ``batch(requests)``: the same for several, with a result for each; None where the CRM takes one at a time.
    - ``together``: how several writes go in one call; None where each goes by itself.
    - ``delete(kind, id)``: take one record away; raises :class:`NotFoundError`.
    - ``choices(kind)``: the account's users, pipelines, stages, statuses, sources, contact types or contact roles;
      ``choice_kinds`` are the kinds that this CRM has.
    - ``definitions(kind)``: the fields of a kind of records, the account's own and the CRM's.
    - ``every(kind, place)``: a page of :class:`Item`, all that the account has of a kind, with every field; converted
      leads too, where the CRM shows them. The kinds are those of ``kinds``.
    - ``kinds``: what can be listed in full, in an order in which it can be put back; ``unlisted``: what not, and why.
    - ``create_note(note)``: how a note is written on the record that it is about; each time it is sent makes one.
    - ``notes_of(about, place)``: a page of the notes of one record.
    - ``define(definition)``: make a field of the account's own like this one; None where the CRM has no public call.
    - ``offer(definition, names)``: add options to a picklist that is there; those that it has by now are passed over.
      None where the CRM has no public call that surely keeps the others: ``unoffered`` then says why.
    - ``composed``: by operation, a sentence that says so where the CRM has no such call and others stand in for it.
    - ``unrecorded``: what of a record this CRM is sent although nobody has recorded whether it keeps it, as the losses
      that it would be. ``name.parts`` are those of a name that stays the same as a whole.
    """

    converted: Callable[[Reply, str], Conversion]
    learn: Callable[[Call, Reply], Ids]
    wanted: Callable[[Call, Ids], bool]
    find_conversion: Callable[[str], Flow[Conversion | None]]
    conversions: Callable[[ConversionQuery, str | None], Flow[Page]]
    preview: Callable[[str], Flow[ConversionOptions]]
    get: Callable[[RecordKind, str], Flow[Record]]
    search: Callable[[RecordKind, Query, str | None], Flow[Page]]
    upsert: Callable[[UpsertRequest], Planned]
    delete: Callable[[RecordKind, str], Flow[None]]
    choices: Callable[[str], Flow[tuple[Choice, ...]]]
    choice_kinds: tuple[str, ...]
    definitions: Callable[[RecordKind], Flow[tuple[Definition, ...]]]
    composed: Mapping[str, str] = attrs.field(factory=dict)
    unrecorded: tuple[Loss, ...] = ()
    every: Callable[[str, str | None], Flow[Page]] | None = None
    kinds: tuple[str, ...] = ()
    unlisted: Mapping[str, str] = attrs.field(factory=dict)
    create_note: Callable[[Note], PlannedNote] | None = None
    notes_of: Callable[[About, str | None], Flow[Page]] | None = None
    pending: Callable[[PendingError, str], Flow[Conversion]] | None = None
    batch: Callable[[Sequence[UpsertRequest]], PlannedBatch] | None = None
    create: Callable[[Record], Planned] | None = None
    update: Callable[[str, Record], Planned] | None = None
    together: Together | None = None
    define: Callable[[Definition], Flow[None]] | None = None
    offer: Callable[[Definition, tuple[str, ...]], Flow[None]] | None = None
    ids_are_numbers: bool = False
    unoffered: str = "has no public call to add options to a field"


@attrs.frozen
class Converted:
    """How far a conversion has come: what it made, and the calls after it that are still open, each with its reason."""

    conversion: Conversion
    open: tuple[tuple[Call, str], ...] = ()

    @property
    def told(self) -> Conversion:
        """The conversion, with the calls that are open named in it."""
        return attrs.evolve(self.conversion, open=tuple(f"{call.name}: {why}" for call, why in self.open))


def convert(
    operations: Operations, calls: Iterable[Call], lead_id: str, known: dict[str, str] | None = None
) -> Flow[Converted]:
    """Send the calls of one conversion in order.

    A call before or at the conversion that is refused ends it: nothing was converted. A call after it that fails stays
    open, since the conversion is done. ``known`` are the ids that an earlier attempt has learned; what this one learns
    is added to it, also when it fails.
    """
    ids = {} if known is None else known
    ids["lead_id"] = lead_id
    left = iter(calls)
    for call in left:
        if operations.wanted(call, ids):
            made = yield from _send(operations, call, lead_id, ids)
            if made is not None:
                return (yield from complete(operations, left, made, ids))
    raise UsageError("none of the calls converts the lead")


def complete(operations: Operations, calls: Iterable[Call], made: Conversion, ids: Ids) -> Flow[Converted]:
    """Send the calls after a conversion, with the ids that were known before it and those of what it made."""
    known = {**ids, **ids_of(made)}
    left: list[tuple[Call, str]] = []
    for call in calls:
        if call.step != "after" or not operations.wanted(call, known):
            continue
        if _has_its_ids(call, known):
            left += yield from finish(filled(operations, call, known))
        elif call.when is None:
            left.append((call, "the CRM did not tell the id that it needs"))
    return Converted(made, tuple(left))


def _send(operations: Operations, call: Call, lead_id: str, ids: dict[str, str]) -> Flow[Conversion | None]:
    """Send a call before or at the conversion, and keep the ids that it brings; return the conversion if it was it."""
    try:
        reply = yield filled(operations, call, ids)
        ids.update(operations.learn(call, reply))
        made = operations.converted(reply, lead_id) if call.step == "convert" else None
    except PendingError as accepted:
        if operations.pending is None or call.step != "convert":
            raise _not_told(accepted, accepted.job_id, call.step) from None
        made = yield from _awaited(operations.pending, accepted, lead_id)
    except VendorError as error:
        error.step = error.step or call.step
        raise
    return made


def _awaited(
    pending: Callable[[PendingError, str], Flow[Conversion]], accepted: PendingError, lead_id: str
) -> Flow[Conversion]:
    """Wait for a conversion that was accepted; what goes wrong meanwhile leaves it unknown, but its own refusal."""
    try:
        return (yield from pending(accepted, lead_id))
    except VendorError as error:
        if isinstance(error, RefusedError) and error.step == "convert":
            raise
        raise _not_told(error, accepted.job_id, "convert") from error


def _not_told(error: VendorError, job_id: str | None, step: str) -> OutcomeUnknownError:
    unknown = OutcomeUnknownError(
        error.vendor, status=error.status, code=error.code, request_id=error.request_id, job_id=job_id
    )
    unknown.step, unknown.sent_at = step, error.sent_at
    return unknown


def finish(call: Call) -> Flow[list[tuple[Call, str]]]:
    """Send one call after a conversion; return it with the reason when it is still open."""
    try:
        yield call
    except VendorError as error:
        return [(call, str(error))]
    return []


def one_by_one(operations: Operations) -> Callable[[Sequence[UpsertRequest]], PlannedBatch]:
    """Return how several records are upserted where the CRM takes one at a time."""

    def batch(requests: Sequence[UpsertRequest]) -> PlannedBatch:
        planned = [operations.upsert(request) for request in requests]
        losses = (of_item(loss, at) for at, plan in enumerate(planned) for loss in plan.losses)
        return PlannedBatch(_in_turn(planned), tuple(call for plan in planned for call in plan.calls), tuple(losses))

    return batch


def _in_turn(planned: Sequence[Planned]) -> Flow[tuple[UpsertResult | VendorError, ...]]:
    results: list[UpsertResult | VendorError] = []
    unknown: VendorError | None = None
    for plan in planned:
        if unknown is not None:
            results.append(not_sent(unknown.vendor))
            continue
        try:
            result = yield from plan.flow
        except VendorError as error:
            results.append(error)
            unknown = error if isinstance(error, OutcomeUnknownError) else None
        else:
            results.append(result)
    return tuple(results)


def not_sent(vendor: str) -> TryLaterError:
    """Return the error of a record that was not sent because the outcome of an earlier one is unknown."""
    error = TryLaterError(vendor, status=0, code="not sent")
    error.step = "upsert"
    return error


def of_item(loss: Loss, at: int) -> Loss:
    """Return a loss with its place among several records."""
    return attrs.evolve(loss, path=f"[{at}].{loss.path}")


def of_items(losses: Iterable[Loss], told: Sequence[Callable[[tuple[Loss, ...]], tuple[Loss, ...]]]) -> list[Loss]:
    """Return the losses of several records, each record's with what ``told`` adds to them."""
    apart: list[list[Loss]] = [[] for _ in told]
    for loss in losses:
        place, _, path = loss.path.removeprefix("[").partition("].")
        apart[int(place)].append(attrs.evolve(loss, path=path))
    pairs = enumerate(zip(told, apart, strict=True))
    return [of_item(loss, at) for at, (add, found) in pairs for loss in add(tuple(found))]


def ids_of(conversion: Conversion) -> dict[str, str]:
    """Return the ids of what a conversion made or linked, by the names of their places in later calls."""
    outcomes = {"contact_id": conversion.contact, "company_id": conversion.company, "deal_id": conversion.deal}
    return {name: outcome.id for name, outcome in outcomes.items() if not isinstance(outcome, NoRecord) and outcome.id}


def filled(operations: Operations, call: Call, ids: Ids) -> Call:
    """Return a call with the ids that are known by now in their places."""
    path = _PLACE.sub(lambda found: ids.get(found[1], found[0]), call.path)
    numbers = {name: int(value) for name, value in ids.items() if operations.ids_are_numbers and value.isdecimal()}
    return attrs.evolve(call, path=path, query=_filled(call.query, ids), body=_filled(call.body, {**ids, **numbers}))


def _filled(part: JSON, ids: Mapping[str, str | int]) -> Any:
    if isinstance(part, dict):
        return {key: _filled(value, ids) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, ids) for value in part]
    if isinstance(part, str) and (found := _PLACE.fullmatch(part)):
        return ids.get(found[1], part)
    return part


def _has_its_ids(call: Call, ids: Ids) -> bool:
    return all(name in ids for name in _PLACE.findall(call.path))


def match_queries(request: UpsertRequest) -> tuple[Query, ...]:
    """Return the queries that find what an upsert matches by, as far as they can be asked."""
    found = (_match_query(key, request.record) for key in request.match)
    return tuple(query for query in found if query is not None)


def _match_query(key: MatchKey, record: Any) -> Query | None:
    if key.definition is not None:
        own = next((field.value for field in record.custom_fields if field.definition == key.definition), None)
        return Query(custom=CustomField(definition=key.definition, value=own if key.value is None else key.value))
    wanted = key.value or _own_value(key.field, record)
    queries = {"name": Query(name=wanted), "email": Query(email=wanted), "phone": Query(phone=wanted)}
    return queries.get(key.field or "") if wanted else None


def _own_value(name: str | None, record: Any) -> str | None:
    if name == "name":
        own = getattr(record, "name", None)
        return own.display if isinstance(own, PersonName) else own
    if name == "email":
        return next((email.address for email in getattr(record, "emails", ())), None)
    return next((phone.number for phone in getattr(record, "phones", ())), None)


def read(name: str, method: str, path: str, *, query: Mapping[str, JSON] | None = None, body: JSON = None) -> Call:
    """Return a call that changes nothing."""
    return Call(name, "read", method, path, query or {}, body, why="look it up")


def removal(kind: str, path: str) -> Call:
    """Return the call that takes one record away."""
    return Call(f"delete_{kind}", "after", "DELETE", path, why="take the record away")


@contextlib.contextmanager
def answered(vendor: str, reply: Reply) -> Iterator[None]:
    """Take a reply that is not what the CRM promises for what it is: an unknown outcome."""
    try:
        yield
    except InputError as error:
        raise OutcomeUnknownError(vendor, status=reply.status, code="undocumented", path=error.path) from None
    except (TypeError, LookupError, AttributeError):
        raise OutcomeUnknownError(vendor, status=reply.status, code="undocumented") from None


def always(*_: object) -> bool:
    """Say that a call is to be sent."""
    return True
