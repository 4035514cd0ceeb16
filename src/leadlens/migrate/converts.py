"""The convert: once, announced before, and never sent again unless a second one cannot come of it."""

from __future__ import annotations

import datetime as dt

from leadlens.conversion import Conversion, NoRecord
from leadlens.errors import AlreadyConvertedError, AmbiguousMatchError, LeadlensError, NotFoundError
from leadlens.flow import Call, Flow, Reply, alone
from leadlens.migrate.hand import Hand, NotNowError
from leadlens.migrate.items import Item
from leadlens.migrate.origin import KINDS, Bundle
from leadlens.migrate.work import Work, Write, link
from leadlens.operations import Ids, filled, ids_of
from leadlens.settle import SKEW
from leadlens.store import LedgerError, Row

_REFUSED = "refused"
"""The CRM says that the lead is converted already, or gone: it is looked for, and not converted again."""
_NOT_OURS = "not ours"
"""The CRM says to the first convert that was ever sent of a lead that it is converted already: by somebody else."""
NEW = 60.0
"""So many seconds after a lead was made, nobody is asked whether it has been converted."""
MOST_REPEATS = 5
"""So often a write that was not made is made again in a later epoch, before a person has to look."""


def convert(work: Work, item: Item) -> Write | None:
    """Return the next call before the convert, one at a time, and then the convert itself: ``upserted`` → …."""
    bundle, lead_id = work.bundle(item), item.target or ""
    if (wait := work.waits_for(item, bundle)) is not None:
        raise NotNowError(wait)
    work.once(item, "convert")
    plan = work.maker.convert(bundle, lead_id, _targets(work, item, bundle))
    known = {"lead_id": lead_id}
    for number, call in enumerate(plan.calls):
        if not work.hand.operations.wanted(call, known):
            continue
        if call.step == "convert":
            return _convert(work, item, filled(work.hand.operations, call, known), bundle)
        if (write := _before(work, item, number, filled(work.hand.operations, call, known), known)) is not None:
            return write
    raise LedgerError("none of the calls converts the lead")


def _targets(work: Work, item: Item, bundle: Bundle) -> dict[str, dict[str, str]]:
    """Return what the lead is to be converted into: what became of the records, or what the plan found there."""
    links = work.links(bundle)
    for kind, target in work.matches(item).items():
        record = bundle.record(kind)
        if record is not None:
            links.setdefault(kind, {record.id or "": target})
    return links


def _before(work: Work, item: Item, number: int, call: Call, known: dict[str, str]) -> Write | None:
    """Make one call before a convert; return it if it writes. What it brings is added to ``known``."""
    learn = work.hand.operations.learn
    if call.step == "read":
        known |= learn(call, work.hand.run(alone(call)))
        return None
    step = work.step_of(item, number)
    if step is not None and step.state == "done":
        known |= dict(line.split("=", 1) for line in (step.result or "").splitlines())
        return None
    if step is not None and step.state == "sending":
        work.settled(item.op_id, str(number), step.settle_at)

    def done(_: Item, told: Ids) -> tuple[str, list[Row]]:
        return "\n".join(f"{name}={value}" for name, value in told.items()), []

    return Write(item=item, flow=_learned(work.hand, call), call=call, done=done, number=number)


def _learned(hand: Hand, call: Call) -> Flow[Ids]:
    reply: Reply = yield call
    return hand.operations.learn(call, reply)


def _convert(work: Work, item: Item, call: Call, bundle: Bundle) -> Write | None:
    """Return the convert of a lead, if nobody has converted it."""
    first = item.action == "upsert"
    if not (first and _is_open(work, item)):
        there = look(work, item.target or "")
        if there is not None:
            _adopt_or_ask(work, item, there, bundle)
            return None

    def refused(item: Item, error: LeadlensError) -> bool:
        if not isinstance(error, AlreadyConvertedError | NotFoundError):
            return False
        foreign = first and isinstance(error, AlreadyConvertedError)
        work.book.move(item, "unknown", reason=_NOT_OURS if foreign else _REFUSED)
        return True

    return Write(
        item=item, flow=_converted(work.hand, call, item.target or ""), call=call, action="convert", refused=refused,
        done=lambda item, made: _write_down(work, item, made, bundle),
    )  # fmt: skip


def _is_open(work: Work, item: Item) -> bool:
    """Tell whether a lead of which no convert was announced needs no look before its first one.

    A CRM that refuses a second conversion says itself that somebody was faster. Elsewhere a look proves nothing for a
    lead that this process has made moments ago, and it is asked for any other.
    """
    made = work.known(item).lead_made
    return work.hand.client.converts_once or (made is not None and work.hand.now() - made <= NEW)


def settle_convert(work: Work, item: Item) -> None:
    """Find out whether a convert was done; send it again only where a second one cannot come of it."""
    work.settled(item.op_id, "convert", item.settle_at)
    try:
        there = look(work, item.target or "")
    except AmbiguousMatchError as several:
        work.review(item, "several_conversions", several)
        return
    if there is not None:
        _adopt_or_ask(work, item, there, work.bundle(item))
    elif may_repeat(work) and item.reason not in (_REFUSED, _NOT_OURS) and item.tries < MOST_REPEATS:
        work.book.move(item, "upserted", tries=item.tries + 1)
    else:
        work.review(item, "not_found")


def look(work: Work, lead_id: str) -> Conversion | None:
    """Return the conversion of a lead of the target, by every witness that the CRM has."""
    return work.hand.run(work.hand.operations.find_conversion(lead_id))


def may_repeat(work: Work) -> bool:
    """Tell whether a convert that is not found may be sent again: it cannot be done twice, or only we could do it.

    Where the CRM has no call of its own that tells conversions, *not found* is never sure enough.
    """
    told_by_itself = "find_conversion" not in work.hand.operations.composed
    return work.hand.client.converts_once or (work.only_lock and told_by_itself)


def _adopt_or_ask(work: Work, item: Item, made: Conversion, bundle: Bundle) -> None:
    """Take a conversion for ours if it happened while ours was under way; else let a person look."""
    ours = item.sent_at is not None and item.action == "convert" and item.reason != _NOT_OURS
    if not ours or _is_foreign(made, item):
        work.review(item, "foreign_conversion", None, ids=ids_of(made))
        return
    if item.state == "upserted":
        item = work.book.move(item, "converting")
    _write_down(work, item, made, bundle)


def _is_foreign(made: Conversion, item: Item) -> bool:
    """Tell whether a conversion happened when ours cannot have, by more than clocks differ."""
    if made.converted_at is None or item.sent_at is None:
        return False
    early = dt.datetime.fromtimestamp(item.sent_at - SKEW, dt.UTC)
    late = dt.datetime.fromtimestamp((item.settle_at or item.sent_at) + SKEW, dt.UTC)
    return not early <= made.converted_at <= late


def _write_down(work: Work, item: Item, made: Conversion, bundle: Bundle) -> None:
    """Write down what came of a convert: ids, and which records are new."""
    links = [row for kind in KINDS[1:] if (row := _link_of(work, kind, item, made, bundle)) is not None]
    losses = [loss for row in links for loss in work.kept_losses(row)]
    documents = {"outcome": ids_of(made)}
    item = work.book.move(
        item, "converted", documents=documents, links=links, losses=losses, tries=0, due=None, reason=None
    )
    for kind in KINDS[1:]:
        expected, there = bundle.record(kind) is not None, not isinstance(getattr(made, kind), NoRecord)
        if expected != there and not (kind == "company" and expected):
            work.review(item, "other_shape", None, kind=kind, expected=expected)
            return


def _link_of(work: Work, kind: str, item: Item, made: Conversion, bundle: Bundle) -> Row | None:
    record, outcome = bundle.record(kind), getattr(made, kind)
    if record is None or isinstance(outcome, NoRecord):
        return None
    known = work.book.linked_to(kind, outcome.id) or work.matches(item).get(kind) == outcome.id
    return link(
        kind, record.id, item.op_id, outcome.id, "linked" if known or outcome.outcome == "linked" else "created"
    )


def _converted(hand: Hand, call: Call, lead_id: str) -> Flow[Conversion]:
    """Send a convert and return what its reply tells; anything that it lacks leaves it unknown."""
    reply = yield call
    hand.operations.learn(call, reply)
    return hand.operations.converted(reply, lead_id)
