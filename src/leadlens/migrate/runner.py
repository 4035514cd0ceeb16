"""Carries a plan out: opens the ledger, moves the items until all are final, waits in between, and stops when told."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import attrs

from leadlens import __version__
from leadlens.decoding import dumps
from leadlens.errors import LeadlensError, OutcomeUnknownError, TryLaterError
from leadlens.migrate import plan as plans
from leadlens.migrate.advance import advance
from leadlens.migrate.book import Book
from leadlens.migrate.hand import Hand, NotNowError, SpentError
from leadlens.migrate.items import FINAL, Item, Run, State
from leadlens.migrate.origin import Origin
from leadlens.migrate.verify import Verified, Verifier
from leadlens.migrate.work import MOST_TRIES, EpochError, Work
from leadlens.model import JSON

MOST_EPOCHS = 6
"""So often a run begins anew what was sent once and did not arrive, before a person has to look."""
LONGEST_SLEEP = 5.0
"""A runner looks up at least so often, so that it can be stopped."""


_Read = TypeVar("_Read")


class TimedOutError(LeadlensError):
    """Something was asked for so often that it is given up."""


@attrs.frozen
class Progress:
    """Where a run is: how many items are in each state, how many seconds it has taken, and what is lost so far.

    ``lost`` tells by field in how many conversions.
    """

    counts: Mapping[State, int]
    seconds: float
    lost: Mapping[str, int] = attrs.field(factory=dict)

    @property
    def done(self) -> int:
        """How many items are final."""
        return sum(number for state, number in self.counts.items() if state in FINAL)

    @property
    def total(self) -> int:
        """How many items there are."""
        return sum(self.counts.values())

    @property
    def left(self) -> float | None:
        """How many seconds it takes yet, at the rate so far; None before anything is done."""
        return None if not self.done or not self.seconds else self.seconds / self.done * (self.total - self.done)


def open_run(book: Book, plan: Mapping[str, Any], at: float) -> None:
    """Enter a plan into a ledger, or go on with it."""
    mapping = hashlib.sha256(dumps(plan["rules"])).hexdigest()
    run = Run(
        id=plan["hash"][:16],
        source=plan["source"],
        target=plan["target"],
        plan=plan["hash"],
        mapping=mapping,
        policy="only-lock",
        version=__version__,
    )
    book.open_run(run, (_entered(run, item) for item in _moved(plan)), _documents(plan), at)


def _moved(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (item for item in plan["items"] if item["decision"] != "skip")


def _entered(run: Run, item: Mapping[str, Any]) -> Item:
    decision = item["decision"]
    asks = decision == "review"
    return Item(
        op_id=item["op_id"],
        run=run.id,
        place=item["place"],
        decision="replay" if decision == "link" else decision,
        lead=item["lead"],
        contact=item["contact"],
        company=item["company"],
        deal=item["deal"],
        state="review" if asks else "planned",
        reason="planned" if asks else None,
    )


def _documents(plan: Mapping[str, Any]) -> Iterator[tuple[str, str, JSON]]:
    for item in _moved(plan):
        yield item["op_id"], "conversion", item["conversion"]
        yield item["op_id"], "matches", item["matches"]
        if item["decision"] == "review":
            yield item["op_id"], "error", {"kind": "Review", "sentence": item["why"]}


def work(book: Book, plan: Mapping[str, Any], origin: Origin, target: Hand) -> Work:
    """Return what the moves of a plan's items need."""
    rules = plans.rules_of(plan)
    maker = rules.maker(origin.adapter, target)
    target.meter.limit, target.meter.spent = (
        rules.max_credits,
        0 if book.run is None else book.remembered("credits") or 0,
    )
    verifier = Verifier(book, target, maker)
    return Work(book=book, origin=origin, hand=target, maker=maker, verifier=verifier, account=plan["target"])


@attrs.define
class Runner:
    """Moves a run to its end.

    ``limit`` lets it move so many items only, ``rate`` so many writes a minute at most; ``stop`` tells when it is to
    end early, ``told`` is told where it is.
    """

    work: Work
    limit: int | None = None
    rate: float | None = None
    stop: Callable[[], bool] = lambda: False
    told: Callable[[Progress], None] = lambda _: None

    def run(self) -> Progress:
        """Go on until all items are final, only a person can help, or it is told to stop."""
        book, hand, epochs = self.work.book, self.work.hand, 1
        began = hand.now()
        while not self.stop():
            self.told(Progress(book.counts(), hand.now() - began, book.lost))
            ready = book.ready(hand.wall(), within=self.limit)
            if not ready:
                due = book.next_due(within=self.limit)
                if due is None:
                    break
                hand.sleep(min(max(due - hand.wall(), 0.0), LONGEST_SLEEP))
                continue
            try:
                back = advance(self.work, ready)
                self._count()
            except SpentError:
                self._count()
                raise
            except EpochError:
                epochs += 1
                if epochs > MOST_EPOCHS:
                    break
                book.begin_epoch()
                continue
            if back is not None and back > hand.wall():
                hand.sleep(min(back - hand.wall(), LONGEST_SLEEP))
            elif back is not None and self.rate is not None:
                hand.sleep(60.0 / self.rate)
        return Progress(book.counts(), hand.now() - began, book.lost)

    def _count(self) -> None:
        """Write down what was spent, where that is limited: a later run goes on counting."""
        meter = self.work.hand.meter
        if meter.limit is not None:
            self.work.book.remember("credits", meter.spent)


def verify(work: Work, *, sample: int | None = None) -> JSON:
    """Compare what the ledger says with the target: counts, relationships, and the fields of a sample or of all."""
    book = work.book
    total = sum(book.counts().values())
    every = max(total // sample, 1) if sample else 1
    faults: list[JSON] = []
    checked = declared = agree = 0
    for some in book.parts(last_first=True):
        done = [item for item in some if item.state != "skipped" and book.links(item.op_id)]
        _patiently(work, functools.partial(work.verifier.expect, done, work.hand.client.driver.run))
        for item in done:
            fields = checked % every == 0
            found = _patiently(work, functools.partial(_compared, work, item, fields=fields))
            checked += 1
            declared += len(found.declared)
            agree += not found.faults
            faults += [{"op_id": item.op_id, "lead": item.lead, **attrs.asdict(fault)} for fault in found.faults]
    left = {state: number for state, number in book.counts().items() if state not in ("verified", "skipped")}
    return {
        "conversions": total, "checked": checked, "agree": agree, "declared": declared, "faults": faults[::-1],
        "open": left,
    }  # fmt: skip


def _compared(work: Work, item: Item, *, fields: bool) -> Verified:
    found = work.verifier.item(item, work.bundle(item), fields=fields)
    work.forget(item)
    return found


def _patiently(work: Work, read: Callable[[], _Read]) -> _Read:
    """Read until there is an answer: this moves no item, and nothing hangs on its time."""
    for tries in range(MOST_TRIES):
        try:
            return read()
        except NotNowError as not_now:
            work.hand.sleep(not_now.seconds)
        except (OutcomeUnknownError, TryLaterError):
            if tries == MOST_TRIES - 1:
                raise
            work.hand.sleep(min(2.0**tries, 30.0))
    raise TimedOutError("the target had no room for a call for too long")
