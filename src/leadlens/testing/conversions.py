"""What an adapter must do with conversions: what was asked, once, told truly, whatever becomes of the reply."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from leadlens import recent
from leadlens.client import Client
from leadlens.conversion import (
    Conversion,
    ConvertRequest,
    MatchKey,
    NewDeal,
    NoRecord,
    Nothing,
    UpsertRequest,
    VendorDefault,
)
from leadlens.emulation.faults import AFTER, BEFORE, EITHER, Fault
from leadlens.errors import (
    AlreadyConvertedError,
    LeadlensError,
    LossError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
)
from leadlens.flow import Call, Flow, Reply
from leadlens.loss import REASONS
from leadlens.model import Company, Lead, Ref
from leadlens.operations import convert
from leadlens.testing.intents import INTENTS, THERE, Intent, facts, mail, records, unexplained, with_ids
from leadlens.testing.records import copies, uneven
from leadlens.testing.specimens import written
from leadlens.testing.subject import LATER, Scene, Subject

_ALL_BUT_REQUIRED = tuple(f"reason:{reason}" for reason in REASONS if reason != "required")
_KINDS = ("contact", "company", "deal")


# --- what was asked --------------------------------------------------------------------------------------------------


def intents_come_true(subject: Subject) -> Iterator[str]:
    """What a caller wants of a conversion is then true of the records, or the plan has said before that it is not."""
    with subject.scene() as scene:
        client = scene.client
        there = client.upsert(UpsertRequest(record=Company(name=THERE), match=(MatchKey(field="name"),)), **_REPORT)
        owner = client.choices("user")[-1].ref.id or ""
        for number, intent in enumerate(INTENTS):
            found = tried(client, intent, number, there.id or "", owner)
            yield from (f"intent {intent.name!r}: {told}" for told in found)
        yield from scene.audit()


_REPORT: Any = {"on_loss": "report"}


def tried(client: Client, intent: Intent, number: int, company_id: str, owner_id: str) -> Iterator[str]:
    """Carry out one intent; yield what is not as it was wanted, and was not said before.

    ``company_id`` is that of a company that is there, ``owner_id`` that of a user; ``number`` tells leads apart.
    """
    lead = attrs.evolve(intent.lead, emails=mail(number))
    wanted = UpsertRequest(record=lead, match=(MatchKey(field="email"),))
    if _lacks(client.plan_upsert(wanted).losses):
        try:
            client.upsert(wanted, allow=_ALL_BUT_REQUIRED)
        except LossError:
            return
        yield "the lead lacks what this CRM requires, and it is written all the same"
    lead_id = client.upsert(wanted, on_loss="report").id or ""
    wish = complete(client, attrs.evolve(with_ids(intent.request, company_id, owner_id), lead_id=lead_id), lead)
    plan = client.plan(wish, lead=lead)
    try:
        made = client.convert(wish, lead=lead, on_loss="report")
    except RefusedError as error:
        if not _lacks(plan.losses) or error.step != "before":
            yield f"the conversion is refused at step {error.step!r}, and the plan said of nothing that it is required"
        elif client.resolve(lead_id) is not None:
            yield "the conversion is told as refused, and it was done"
        return
    try:
        after = records(client, made)
    except NotFoundError:
        told = ", ".join(f"{kind} {getattr(made, kind).id}" for kind in _KINDS if getattr(made, kind).id is not None)
        yield f"the convert tells {told}, and not each of them is there as such"
        return
    yield from unexplained(list(facts(intent, wish, after)), plan.losses)
    if (again := client.resolve(lead_id)) is None:
        yield "the lead was converted, and find_conversion does not find it"
    else:
        yield from _other(made, again, "find_conversion")


def _lacks(losses: Any) -> bool:
    return any(loss.reason == "required" for loss in losses)


def _other(made: Conversion, found: Conversion, where: str) -> Iterator[str]:
    """Yield what another witness tells otherwise than the reply to the convert did."""
    for kind in _KINDS:
        one, other = getattr(made, kind), getattr(found, kind)
        if one.id != other.id:
            yield f"the convert tells {kind} {one.id}, and {where} {kind} {other.id}"


def complete(client: Client, wish: ConvertRequest, lead: Lead) -> ConvertRequest:
    """Return the wish with what this CRM cannot do without in a new deal."""
    if not isinstance(wish.deal, NewDeal):
        return wish
    lost = [loss.path for loss in client.plan(wish, lead=lead).losses if loss.reason == "required"]
    missing = {path.removeprefix("deal."): _missing(client, path.removeprefix("deal.")) for path in lost if "." in path}
    return attrs.evolve(wish, deal=attrs.evolve(wish.deal, **missing))


def _missing(client: Client, name: str) -> Any:
    if name == "close_date":
        return dt.date(2027, 1, 1)
    if name == "name":
        return "Pilot"
    choice = next(iter(client.choices(name)))
    return Ref(None, choice.ref.name) if choice.ref.name is not None else choice.ref


def silence_makes_no_deal(subject: Subject) -> Iterator[str]:
    """Who says nothing of a deal gets none; who says that there is to be none, either."""
    with subject.scene() as scene:
        for number, request in enumerate((ConvertRequest(), ConvertRequest(deal=Nothing()))):
            asked = attrs.evolve(request, lead_id=_lead(scene, number))
            if any(loss.path == "deal" and loss.level == "loss" for loss in scene.client.plan(asked).losses):
                continue  # it says before that it cannot
            made = scene.client.convert(asked, **_REPORT)
            if not isinstance(made.deal, NoRecord) or list(scene.client.iter_records("deal")):
                yield f"{request!r} made a deal, and nobody wanted one"
        yield from scene.audit()


def _lead(scene: Scene, number: int = 0, *, company: bool = True) -> str:
    """Return the id of a lead with the e-mail address of this number; one that names a company or not."""
    lead = attrs.evolve(INTENTS[0].lead, emails=mail(number))
    lead = lead if company else attrs.evolve(lead, company_name=None)
    request = UpsertRequest(record=lead, match=(MatchKey(field="email"),))
    return scene.client.upsert(request, on_loss="report").id or ""


def defaults_are_told(subject: Subject) -> Iterator[str]:
    """What the CRM makes where nothing is said of a deal is what the adapter says that it makes."""
    with subject.scene() as scene:
        request = ConvertRequest(lead_id=_lead(scene), deal=VendorDefault())
        said, notes = subject.adapter.resolve(request)
        made = scene.client.convert(request, **_REPORT)
        if isinstance(said.deal, VendorDefault):
            yield "resolve leaves the CRM's default for the deal as it is: it says what that is"
        elif isinstance(said.deal, Nothing) != isinstance(made.deal, NoRecord):
            told = "none" if isinstance(said.deal, Nothing) else "a deal"
            yield f"where nothing is said, the CRM makes {told} by the adapter's words, and it was: {made.deal.outcome}"
        if not any(note.path == "deal" for note in notes):
            yield "resolve replaces the CRM's default for the deal without a note"


_SEVERAL = 210
"""More conversions than fit on a page."""


def conversions_are_listed(subject: Subject) -> Iterator[str]:
    """Every conversion is listed, once, and is what the convert told; a lead that was not converted has none."""
    with subject.scene() as scene:
        client = scene.client
        first = _lead(scene)
        change = scene.last(first)
        leads = [first, *copies(scene, change.kind, change.record or {}, _SEVERAL)]
        made: dict[str, Conversion] = {}
        for lead_id in leads:
            try:
                made[lead_id] = client.convert(ConvertRequest(lead_id=lead_id), **_REPORT)
            except AlreadyConvertedError:
                yield "a lead that was not converted is told to have a conversion: it is another one's"
                return
        alone = _lead(scene, 1)
        scene.sandbox.clock.sleep(LATER)
        listed = list(itertools.islice(client.iter_conversions(), 2 * len(leads)))
        yield from uneven("iter_conversions()", leads, [one.lead_id for one in listed])
        for one in listed:
            if one.lead_id in made:
                yield from _other(made[one.lead_id], one, "the list of conversions")
        if client.resolve(alone) is not None:
            yield "a lead that was not converted is told to have a conversion: it is another one's"
        yield from scene.audit()


def missing_leads_are_told(subject: Subject) -> Iterator[str]:
    """A lead that is not there has no conversion and cannot be converted."""
    with subject.scene() as scene:
        client = scene.client
        lead_id = written(client, "lead")[1].id or ""
        client.delete("lead", lead_id)
        if client.resolve(lead_id) is not None:
            yield "a lead that was deleted has a conversion"
        try:
            client.convert(ConvertRequest(lead_id=lead_id), **_REPORT)
        except (RefusedError, OutcomeUnknownError):
            pass
        else:
            yield "a lead that was deleted is told to be converted"
        try:
            client.get("lead", lead_id)
        except NotFoundError:
            yield from scene.audit()
            return
        yield "get of a lead that was deleted does not raise NotFoundError"


# --- three answers ---------------------------------------------------------------------------------------------------

_FAULTS = (*sorted(BEFORE), *sorted(EITHER), *sorted(AFTER - {"bomb", "drip", "missing"}), "late_commit")


def answers_are_true(subject: Subject) -> Iterator[str]:
    """Whatever becomes of a convert's reply: it is done once, and told as done, refused or unknown as it was."""
    operation = converting(subject)
    for what in _FAULTS:
        fault = Fault(what=what, operation=operation, nth=1)
        yield from (f"with the fault {what!r} at the convert, {told}" for told in _answered(subject, fault))


def replies_without_a_key_are_true(subject: Subject) -> Iterator[str]:
    """A reply to a convert that lacks a key is told as what it still says, or as unknown."""
    operation, whole = converting(subject), converted_reply(subject)
    for key in _keys(whole, ""):
        fault = Fault(what="missing", operation=operation, nth=1, key=key)
        found = _answered(subject, fault, company=False)
        yield from (f"with a reply that lacks {key!r}, {told}" for told in found)


def converting(subject: Subject) -> str:
    """Return the sandbox's name of the operation that converts a lead, as its truth log tells."""
    with subject.scene() as scene:
        scene.client.convert(ConvertRequest(lead_id=_lead(scene)), **_REPORT)
        scene.sandbox.clock.sleep(LATER)
        found = [e.operation for e in scene.entries if any(c.what == "converted" for c in e.changes)]
        if not found:
            raise AssertionError("the sandbox's truth log tells no conversion: replace the lead with what='converted'")
        return found[-1]


def converted_reply(subject: Subject) -> Any:
    """Return the body of the CRM's reply to a convert."""
    with subject.scene() as scene:
        client, request = scene.client, ConvertRequest(lead_id=_lead(scene))
        flow = convert(client.operations, client.plan(request).calls, request.lead_id or "")
        return next(reply.body for call, reply in exchanged(client, flow) if call.step == "convert")


def exchanged(client: Client, flow: Flow[Any]) -> Iterator[tuple[Call, Reply]]:
    """Run a flow, and yield each of its calls with the reply."""
    asked: Any = next(flow)
    with contextlib.suppress(StopIteration):
        while True:
            if isinstance(asked, Call):
                reply = client.driver.carry(asked)
                yield asked, reply
                asked = flow.send(reply)
            else:
                client.driver.clock.sleep(asked.seconds)
                asked = next(flow)


def _keys(body: Any, prefix: str) -> Iterator[str]:
    """Yield the path of every key of a JSON value, ``data.0.id``."""
    items = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in items:
        yield f"{prefix}{key}"
        yield from _keys(value, f"{prefix}{key}.")


def _answered(subject: Subject, fault: Fault, *, company: bool = True) -> Iterator[str]:
    """Yield what is told falsely when a fault strikes the first convert of a lead, and when it is converted again."""
    with subject.scene() as scene:
        lead_id = _lead(scene, company=company or not _can_do_without(scene))
        scene.sandbox.faults.add(fault)
        told = _told(lambda: scene.client.convert(ConvertRequest(lead_id=lead_id), **_REPORT))
        scene.sandbox.faults.clear()
        scene.sandbox.clock.sleep(LATER)
        yield from _lies(scene, lead_id, told)
        if isinstance(told, OutcomeUnknownError) and told.operation is not None:
            operation = told.operation
            told = _told(lambda: scene.client.settle(operation))
            yield from (f"once it is settled, {lie}" for lie in _lies(scene, lead_id, told))
        recent.forget()
        again = _told(lambda: scene.client.convert(ConvertRequest(lead_id=lead_id), **_REPORT))
        scene.sandbox.clock.sleep(LATER)
        yield from (f"when it is asked for again, {lie}" for lie in _lies(scene, lead_id, again))
        yield from scene.audit()


def _can_do_without(scene: Scene) -> bool:
    """Tell whether a lead can be written that names no company."""
    bare = attrs.evolve(INTENTS[0].lead, emails=mail(0), company_name=None)
    return not _lacks(scene.client.plan_upsert(UpsertRequest(record=bare, match=(MatchKey(field="email"),))).losses)


def _told(work: Callable[[], Any]) -> Any:
    """Return what something gives, or the error that it raises."""
    try:
        return work()
    except LeadlensError as error:
        return error


def _lies(scene: Scene, lead_id: str, told: Any) -> Iterator[str]:
    """Yield what is not true of an answer, by the truth log."""
    times = scene.conversions(lead_id)
    if times > 1:
        sent = sum(sent.step == "convert" or sent.name == "convert" for sent in scene.sent)
        yield f"the lead was converted {times} times: the convert was sent {sent} times"
    if isinstance(told, Conversion):
        if not times:
            yield "the conversion is told as done, and nothing was converted: an error was called success"
        yield from _not_there(scene, told)
    elif isinstance(told, AlreadyConvertedError):
        if not times:
            yield "the lead is told to be converted already, and it was not"
    elif isinstance(told, RefusedError):
        if times:
            yield f"the conversion is told as refused ({type(told).__name__} at {told.status}), and it was done"
    elif not isinstance(told, OutcomeUnknownError):
        yield f"the answer is neither done, refused nor unknown: {type(told).__name__}: {told}"


def _not_there(scene: Scene, made: Conversion) -> Iterator[str]:
    """Yield the records that an answer names and that the conversion did not make or link."""
    known = {str(change.id) for change in scene.sandbox.truth.changes(scene.name) if change.record is not None}
    for kind in _KINDS:
        identity = getattr(made, kind).id
        if identity is not None and identity not in known:
            yield f"the answer names {kind} {identity}, which is not there"
    if not any(getattr(made, kind).id for kind in _KINDS):
        yield "the answer is a conversion that made nothing at all"
