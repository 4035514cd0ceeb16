"""Brings items on, one state or one write at a time: no threads, no waiting, at most one write to the target a call.

What is to be done follows from the ledger alone. A write is announced there first; what comes back is written down
before anything else happens. An outcome that nobody knows is waited out, looked for, and only then decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from leadlens.errors import LeadlensError, OutcomeUnknownError, PendingError, TryLaterError
from leadlens.migrate import converts, leads, records
from leadlens.migrate.book import FINAL, Item, State
from leadlens.migrate.hand import NoRoomError, NotNowError
from leadlens.migrate.work import LONGEST_PAUSE, STOPS, EpochError, Work

Move = Callable[[Work, Item], bool]
"""Brings an item on; tells whether a write was sent."""


def advance(work: Work, op_ids: Iterable[str]) -> float | None:
    """Bring items on until one write was sent or nothing more can be done now.

    Returns when to come back, in the account's Unix seconds: at once after a write; None when all are final. That the
    account takes no call for now is not written down, since nothing has changed. Raises :class:`EpochError` when only a
    new epoch helps, and what stops the whole migration: a fence, a ledger that cannot be written, credentials.
    """
    times: list[float] = []
    stuck = False
    for op_id in op_ids:
        item = work.book.item(op_id)
        try:
            if (item.due or 0.0) <= work.hand.wall() and _go(work, item):
                return work.hand.wall()
        except NoRoomError as full:
            return work.hand.wall() + full.seconds
        except EpochError:
            stuck = True
            item = work.book.item(op_id)
            work.book.postpone(item, work.hand.wall() + LONGEST_PAUSE, tries=item.tries)
            continue
        item = work.book.item(op_id)
        if item.state not in FINAL:
            times.append(item.due or work.hand.wall())
    if stuck and not times:
        raise EpochError("what is left goes on in the next epoch")
    return min(times, default=None)


def _go(work: Work, item: Item) -> bool:
    """Bring one item on until a write, an end, or a time to wait for; tell whether a write was sent."""
    while item.state not in FINAL and (item.due or 0.0) <= work.hand.wall():
        try:
            if MOVES[item.state](work, item):
                return True
        except NoRoomError:
            raise
        except NotNowError as not_now:
            fresh = work.book.item(item.op_id)
            work.book.postpone(fresh, work.hand.wall() + not_now.seconds, tries=fresh.tries)
        except (*STOPS, EpochError):
            raise
        except (OutcomeUnknownError, PendingError, TryLaterError) as error:
            work.later(work.book.item(item.op_id), error)
        except LeadlensError as error:
            work.reject(work.book.item(item.op_id), error)
        item = work.book.item(item.op_id)
    return False


def settle(work: Work, item: Item) -> bool:
    """Decide about a write whose outcome nobody knows: after a crash, or without a reply that can be understood."""
    if item.state != "unknown":
        item = work.book.move(item, "unknown")
    return converts.settle_convert(work, item) if item.action == "convert" else leads.settle_lead(work, item)


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
