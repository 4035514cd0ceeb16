"""What every move of an item needs: the ledger, both accounts, the fence, announcing a write, and waiting it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from leadlens.errors import (
    CredentialsError,
    LeadlensError,
    NotPermittedError,
    OutcomeUnknownError,
    PendingError,
    TryLaterError,
    VendorError,
)
from leadlens.flow import Call, Flow
from leadlens.loss import Loss
from leadlens.migrate.book import Book, Item, State, StepRow
from leadlens.migrate.hand import Fence, Hand, NotNowError, SpentError
from leadlens.migrate.origin import KINDS, Bundle, Origin
from leadlens.migrate.steps import Maker, digest
from leadlens.migrate.verify import Verifier
from leadlens.store import FencedError, LedgerError, Row

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
LONGEST_ADVICE = 120.0
"""No Retry-After is followed for longer than this many seconds."""
MOST_TRIES = 12
"""So often something is tried that is refused for now, or read without an answer, before a person has to look."""
STOPS = (CredentialsError, NotPermittedError, SpentError, FencedError, LedgerError)
"""What stops the whole migration: nothing would go better with the next item."""


class LateError(LeadlensError):
    """The time in which a write may leave is over: nothing was sent."""


class EpochError(LeadlensError):
    """The item goes on in the next epoch only, since it was sent once in this one."""


class GaveUpError(LeadlensError):
    """Something was sent too often without an outcome."""


@attrs.frozen
class Sent:
    """What came of a write: its result, or None where nothing was sent, or where nobody knows."""

    result: Any = None
    known: bool = False


@attrs.define(slots=False)
class Work:
    """What the moves of a run share. ``only_lock`` tells that no other process can write for this migration."""

    book: Book
    origin: Origin
    hand: Hand
    maker: Maker
    verifier: Verifier
    account: str
    only_lock: bool = True
    _seen: dict[str, float] = attrs.field(factory=dict)

    # --- what is known of an item ---

    def bundle(self, item: Item) -> Bundle:
        """Return the conversion as it was read of the source."""
        return Bundle.of_json(self.book.document(item.op_id, "source"))

    def links(self, bundle: Bundle) -> dict[str, dict[str, str]]:
        """Return what the conversion's records became in the target, as far as that is known."""
        found: dict[str, dict[str, str]] = {}
        for kind in KINDS[1:]:
            record = bundle.record(kind)
            row = None if record is None else self.book.link(kind, record.id or "")
            if record is not None and row is not None:
                found[kind] = {record.id or "": row["target"]}
        return found

    def matches(self, item: Item) -> dict[str, str]:
        """Return what the plan found in the target already, by kind."""
        return self.book.document(item.op_id, "matches") or {}

    def step_of(self, item: Item, number: int) -> StepRow | None:
        """Return a step of an item, or None."""
        return next((step for step in self.book.steps(item.op_id) if step.number == number), None)

    # --- ends, and coming back ---

    def later(self, item: Item, error: VendorError) -> None:
        """Come back to an item later; after too many times, let a person look."""
        if item.tries + 1 >= MOST_TRIES:
            self.review(item, "no_answer", error)
            return
        pause = max(min(FIRST_PAUSE * 2**item.tries, LONGEST_PAUSE), min(error.retry_after or 0.0, LONGEST_ADVICE))
        self.book.postpone(item, self.hand.wall() + pause, tries=item.tries + 1)

    def reject(self, item: Item, error: LeadlensError) -> None:
        """End an item that the target refuses; one that is converted already is left to a person instead."""
        if self.book.document(item.op_id, "outcome") is not None:
            self.review(item, "refused_after", error)
            return
        reason = type(error).__name__.removesuffix("Error").lower()
        self.book.move(item, "rejected", reason=reason, documents={"error": told(error)}, due=None)

    def review(self, item: Item, reason: str, error: LeadlensError | None = None, **more: Any) -> None:
        """Leave an item to a person, with what is known."""
        documents = {"error": {**told(error), **more, "state": item.state}}
        self.book.move(item, "review", reason=reason, documents=documents, due=None)

    def waits_for(self, item: Item, bundle: Bundle) -> float | None:
        """Return how long to wait for an earlier conversion that makes a record which this one shares."""
        for kind in KINDS[1:]:
            record = bundle.record(kind)
            if record is None or self.book.link(kind, record.id or "") is not None:
                continue
            due = self.book.awaited(kind, record.id or "", item.place)
            if due is not None:
                return max(due - self.hand.wall(), FIRST_PAUSE)
        return None

    # --- writes ---

    def fence(self, item: Item, send_by: float | None) -> Fence:
        """Return what is asked in the last statement before a write leaves: still ours, as announced, and in time."""
        began, until = self.hand.now(), self.hand.in_flight

        def ask() -> None:
            self.book.fence()
            there = self.book.item(item.op_id)
            if (there.state, there.epoch) != (item.state, item.epoch):
                raise FencedError("the item is not as it was left: another runner has it")
            if self.hand.now() - began > until or self.hand.wall() > (send_by or 0.0):
                raise LateError("it may not leave any more")

        return ask

    def settled(self, name: str, settle_at: float | None) -> None:
        """Come back when the quiet period is over, by the calendar and by our own clock."""
        self._seen.setdefault(name, self.hand.now())
        left = max((settle_at or 0.0) - self.hand.wall(), self._seen[name] + self.hand.quiet - self.hand.now())
        if left > 0:
            raise NotNowError(left)

    def once(self, item: Item, action: str) -> None:
        """Raise :class:`EpochError` when an action was sent in this epoch already."""
        if item.sent_epoch == self.book.epoch and item.action == action:
            raise EpochError(f"{action} was sent in this epoch")

    def announce(self, item: Item, state: State, action: str, call: Call) -> Item:
        """Write down that the upsert or the convert of an item is about to leave."""
        self.once(item, action)
        self._seen[f"{item.op_id}:{action}"] = self.hand.now()
        times = self._times()
        return self.book.move(
            item, state, action=action, digest=digest(call), sent_epoch=self.book.epoch, due=None, **times
        )

    def _times(self) -> dict[str, Any]:
        now = self.hand.wall()
        return {"sent_at": now, "send_by": now + self.hand.in_flight, "settle_at": now + self.hand.quiet}

    def send(self, item: Item, flow: Flow[Any], back: State) -> Sent:
        """Send an announced upsert or convert.

        What was definitely not done brings the item back to the state before; what nobody knows makes it ``unknown``;
        what the target refuses ends it.
        """
        try:
            return Sent(self.hand.run(flow, self.fence(item, item.send_by)), known=True)
        except (NotNowError, LateError) as not_now:
            self.book.move(item, back, sent_epoch=0, due=self.hand.wall() + getattr(not_now, "seconds", 0.0))
        except TryLaterError as refused:
            self.later(self.book.move(item, back, sent_epoch=0), refused)
        except (CredentialsError, NotPermittedError, SpentError):
            self.book.move(item, back, sent_epoch=0)
            raise
        except (OutcomeUnknownError, PendingError):
            self.book.move(item, "unknown")
        return Sent()

    def write(
        self, item: Item, number: int, flow: Flow[Any], call: Call, done: Callable[[Any], tuple[str, list[Row]]]
    ) -> None:
        """Make a write that is no convert and no upsert of the lead: its step row is durable before, its outcome after.

        ``done`` gives what is kept of the result: a text, and links. An unknown outcome leaves the step ``sending``.
        """
        step = self._announced(item, number, call)
        with self._refusals(item, step):
            result = self.hand.run(flow, self.fence(item, step.send_by))
            kept, links = done(result)
            self.book.step(item, attrs.evolve(step, state="done", result=kept), links=links)

    @contextmanager
    def _refusals(self, item: Item, step: StepRow) -> Iterator[None]:
        try:
            yield
        except LateError:
            self.book.step(item, attrs.evolve(step, state="refused", tries=step.tries - 1))
        except (NotNowError, TryLaterError):
            self.book.step(item, attrs.evolve(step, state="refused", tries=step.tries - 1))
            raise
        except (OutcomeUnknownError, PendingError):
            pass  # it stays announced: looked for or written again, as its kind allows
        except (FencedError, LedgerError):
            raise
        except LeadlensError:
            self.book.step(item, attrs.evolve(step, state="refused"))
            raise

    def _announced(self, item: Item, number: int, call: Call) -> StepRow:
        before = self.step_of(item, number)
        step = StepRow(
            op_id=item.op_id, number=number, name=call.name, state="sending", epoch=self.book.epoch,
            digest=digest(call), tries=1 if before is None else before.tries + 1, **self._times(),
        )  # fmt: skip
        if step.tries > MOST_TRIES:
            raise GaveUpError(f"{call.name} was sent {MOST_TRIES} times without an outcome")
        self._seen[f"{item.op_id}:{number}"] = self.hand.now()
        self.book.step(item, step)
        return step

    def again(self, step: StepRow) -> None:
        """Come back when a write that may simply be made again has had its time."""
        left = (step.send_by or 0.0) + self.hand.client.deadline - self.hand.wall()
        if left > 0:
            raise NotNowError(left)

    def kept_losses(self, link: Row) -> list[Loss]:
        """Declare that a record which another source record or somebody else made stays as it is."""
        rows = self.book.linked_to(link["kind"], link["target"])
        ours = any(row["source"] == link["source"] and row["how"] == "created" for row in rows)
        if link["how"] != "linked" or ours:
            return []
        return [Loss(link["kind"], "instead", "the target has it already, and it stays as it is there")]


def link(kind: str, source: str | None, op_id: str, target: str | None, how: str) -> Row:
    """Return the row that says what a record of the source became."""
    return {"kind": kind, "source": source or "", "op_id": op_id, "target": target or "", "how": how}


def told(error: LeadlensError | None) -> dict[str, Any]:
    """Return an error without a value of anybody's: its kind, its sentence, and the CRM's codes."""
    if error is None:
        return {}
    codes = {"status": error.status, "code": error.code} if isinstance(error, VendorError) else {}
    return {"kind": type(error).__name__, "sentence": str(error), **codes}
