"""Brings items on, one state or one write at a time: no threads, no waiting, at most one write to the target a call.

What is to be done follows from the ledger alone. A write is announced there first; what comes back is written down
before anything else happens. An outcome that nobody knows is waited out, looked for, and only then decided. What the
target takes together is one write, announced for each item.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from leadlens.errors import LeadlensError, OutcomeUnknownError, PendingError, TryLaterError
from leadlens.migrate import converts, leads, records
from leadlens.migrate.hand import Fence, NoRoomError, NotNowError
from leadlens.migrate.items import FINAL, LOOKED_FOR, Item, State
from leadlens.migrate.work import LONGEST_PAUSE, STOPS, EpochError, Work, Write
from leadlens.together import joint

Move = Callable[[Work, Item], Write | None]
"""Brings an item on; returns the write that it is ready for, if it comes to one."""


def advance(work: Work, op_ids: Iterable[str]) -> float | None:
    """Bring items on until one write was sent or nothing more can be done now.

    Returns when to come back, in the account's Unix seconds: at once after a write; None when all are final. That the
    account takes no call for now is not written down, since nothing has changed. Raises :class:`EpochError` when only a
    new epoch helps, and what stops the whole migration: a fence, a ledger that cannot be written, credentials.
    """
    asked = list(op_ids)
    times: list[float] = []
    stuck = False
    for at, op_id in enumerate(asked):
        try:
            item = _together(work, work.book.known(op_id), asked[at:])
            if (write := _go(work, item)) is not None:
                _send(work, [write, *_alike(work, write, asked[at + 1 :])])
                return work.hand.wall()
        except NoRoomError as full:
            return work.hand.wall() + full.seconds
        except EpochError:
            stuck = True
            _put_off(work, op_id)
            continue
        item = work.book.known(op_id)
        if item.state not in FINAL:
            times.append(item.due or work.hand.wall())
    if stuck and not times:
        raise EpochError("what is left goes on in the next epoch")
    return min(times, default=None)


def _put_off(work: Work, op_id: str) -> None:
    item = work.book.known(op_id)
    work.book.postpone(item, work.hand.wall() + LONGEST_PAUSE, tries=item.tries)


def _is_due(work: Work, item: Item) -> bool:
    return item.state not in FINAL and (item.due or 0.0) <= work.hand.wall()


# --- moves that send nothing -----------------------------------------------------------------------------------------


def _go(work: Work, item: Item) -> Write | None:
    """Bring one item on until a write, an end, a time to wait for, or a move that is made for many together."""
    while _is_due(work, item) and item.state not in TOGETHER:
        write = _moved(work, item)
        if write is not None:
            return write
        item = work.book.known(item.op_id)
    return None


def _moved(work: Work, item: Item) -> Write | None:
    """Make one move, and write down what stands in its way."""
    write: Write | None = None
    try:
        write = MOVES[item.state](work, item)
    except LeadlensError as error:
        _stopped(work, item, error)
    if write is None and (now := work.book.known(item.op_id)).state in FINAL:
        work.forget(now)
    return write


def _stopped(work: Work, item: Item, error: LeadlensError) -> None:
    """Write down what an error means for an item; raises what is not the item's own."""
    fresh = work.book.known(item.op_id)
    if isinstance(error, (NoRoomError, EpochError, *STOPS)):
        raise error
    if isinstance(error, NotNowError):
        work.book.postpone(fresh, work.hand.wall() + error.seconds, tries=fresh.tries)
    elif isinstance(error, OutcomeUnknownError | PendingError | TryLaterError):
        work.later(fresh, error)
    else:
        work.reject(fresh, error)


def _together(work: Work, item: Item, op_ids: Sequence[str]) -> Item:
    """Make the first move of all items that are where this one is, as far as one call can read for many of them."""
    if item.state not in TOGETHER or not _is_due(work, item):
        return item
    there = [one for one in map(work.book.known, op_ids) if one.state == item.state and _is_due(work, one)]
    TOGETHER[item.state](work, there)
    full: NoRoomError | None = None
    with work.book.at_once():
        for one in there:
            try:
                _moved(work, one)
            except NoRoomError as error:
                full = error
                break
    if full is not None:
        raise full
    return work.book.known(item.op_id)


# --- writes ----------------------------------------------------------------------------------------------------------


def _alike(work: Work, first: Write, op_ids: Iterable[str]) -> list[Write]:
    """Return the writes of further items in the same state that the target takes in one call with this one."""
    together = work.hand.operations.together
    key = None if together is None else together.key(first.call)
    found: list[Write] = []
    if together is None or key is None:
        return found
    most = together.most if work.book.has_begun else LOOKED_FOR
    for op_id in op_ids:
        if len(found) + 1 >= most:
            break
        item = work.book.known(op_id)
        if item.state != first.item.state or not _is_due(work, item):
            continue
        try:
            write = _moved(work, item)
        except (NoRoomError, EpochError):  # it has its turn when it is the first
            continue
        if write is not None and together.key(write.call) == key:
            found.append(write)
    return found


def _send(work: Work, writes: list[Write]) -> None:
    """Send writes in one call: announced before, written down after, each for its item."""
    together = work.hand.operations.together
    call, flow = writes[0].call, _results(writes[0])
    if together is not None and len(writes) > 1:
        call = together.join([write.call for write in writes])
        flow = joint(together, [write.flow for write in writes], call)
    work.hand.check_room(call)
    announced: list[Write] = []
    with work.book.at_once():
        announced += [work.announce(write, call) for write in writes]
    asks = [work.fence(write.item, write.send_by) for write in announced]
    outcomes: Sequence[Any]
    try:
        outcomes = work.hand.run(flow, lambda: _all_of(asks))
    except LeadlensError as error:
        outcomes = [error] * len(announced)
    _write_down(work, announced, outcomes)


def _all_of(asks: Iterable[Fence]) -> None:
    for ask in asks:
        ask()


def _results(write: Write) -> Any:
    """Return the flow of one write as one of several."""
    return [(yield from write.flow)]


def _write_down(work: Work, writes: Sequence[Write], outcomes: Sequence[Any]) -> None:
    """Write down what came of each write; what is nobody's own is raised when all is written down."""
    stop: LeadlensError | None = None
    with work.book.at_once():
        for write, outcome in zip(writes, outcomes, strict=True):
            try:
                work.record(write, outcome)
            except LeadlensError as error:
                try:
                    _stopped(work, write.item, error)
                except (NoRoomError, *STOPS) as whole:
                    stop = whole
            if (now := work.book.known(write.item.op_id)).state in FINAL:
                work.forget(now)
    if stop is not None:
        raise stop


def settle(work: Work, item: Item) -> Write | None:
    """Decide about a write whose outcome nobody knows: after a crash, or without a reply that can be understood."""
    if item.state != "unknown":
        item = work.book.move(item, "unknown")
    (converts.settle_convert if item.action == "convert" else leads.settle_lead)(work, item)
    return None


MOVES: Mapping[State, Move] = {
    "planned": leads.read_source,
    "source_read": leads.write_lead,
    "upserting": settle,
    "unknown": settle,
    "upserted": converts.convert,
    "converting": settle,
    "converted": records.begin,
    "completing": records.complete,
    "completed": records.check,
}
TOGETHER: Mapping[State, Callable[[Work, list[Item]], None]] = {
    "planned": leads.expect_sources,
    "converted": records.expect_made,
    "completed": records.expect_back,
}
"""What reads ahead for many items that are about to make the same move, none of which sends anything."""
