"""What every move of an item needs: the ledger, both accounts, the fence, announcing a write, and waiting it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from leadlens.migrate.ahead import Ahead
from leadlens.migrate.book import Book
from leadlens.migrate.hand import Fence, Hand, NotNowError, SpentError
from leadlens.migrate.items import AT_ONCE, Item, State, StepRow
from leadlens.migrate.origin import KINDS, Bundle, Origin
from leadlens.migrate.steps import Maker, digest
from leadlens.migrate.verify import Verifier
from leadlens.model import Record
from leadlens.store import FencedError, LedgerError, Row

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
LONGEST_ADVICE = 120.0
"""No Retry-After is followed for longer than this many seconds."""
MOST_TRIES = 12
"""So often something is tried that is refused for now, or read without an answer, before a person has to look."""
_REMEMBERED = 3 * AT_ONCE
STOPS = (CredentialsError, NotPermittedError, SpentError, FencedError, LedgerError)
"""What stops the whole migration: nothing would go better with the next item."""


class LateError(LeadlensError):
    """The time in which a write may leave is over: nothing was sent."""


class EpochError(LeadlensError):
    """The item goes on in the next epoch only, since it was sent once in this one."""


class GaveUpError(LeadlensError):
    """Something was sent too often without an outcome."""


@attrs.frozen(kw_only=True)
class Write:
    """A write that an item is ready for, before anything of it is announced.

    It is the ``action`` of the item, ``upsert`` or ``convert``, and ``done`` writes down what came of it; or else its
    step of a ``number``, and ``done`` gives what is kept of the result: a text, and links. ``refused`` tells whether it
    has taken care of a refusal. ``before`` is the item as it was before the write was announced.
    """

    item: Item
    flow: Flow[Any]
    call: Call
    done: Callable[[Item, Any], tuple[str, list[Row]] | None]
    action: str | None = None
    number: int = 0
    step: StepRow | None = None
    refused: Callable[[Item, LeadlensError], bool] = lambda _item, _error: False
    before: Item | None = None

    @property
    def send_by(self) -> float | None:
        """When it may leave at the latest."""
        return self.item.send_by if self.step is None else self.step.send_by


_ACTIONS: Mapping[str, tuple[State, State]] = {
    "upsert": ("upserting", "source_read"),
    "convert": ("converting", "upserted"),
}
"""The state that announces an action, and the one before it."""


@attrs.define
class Known:
    """What this process remembers of an item while it brings it on. Nothing hangs on it but reads that are spared.

    ``lead_made`` is when the target told that it made the lead, by our own clock; ``there`` are, by kind, the records
    that its conversion made, as they were read since; ``fine`` the steps that need no write.
    """

    bundle: Bundle | None = None
    matches: dict[str, str] | None = None
    lead_made: float | None = None
    there: dict[str, Record] | None = None
    fine: set[int] = attrs.field(factory=set)


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
    _seen: dict[str, dict[str, float]] = attrs.field(factory=dict)
    _known: dict[str, Known] = attrs.field(factory=dict)
    _reading: tuple[tuple[str, ...], Ahead] | None = None

    def ahead(self, items: Sequence[Item]) -> Ahead:
        """Return what has been read ahead for these items: there may have been no room for all of it at once."""
        op_ids = tuple(item.op_id for item in items)
        if self._reading is None or self._reading[0] != op_ids:
            self._reading = op_ids, Ahead(self.hand, self.hand.run)
        return self._reading[1]

    # --- what is known of an item ---

    def bundle(self, item: Item) -> Bundle:
        """Return the conversion as it was read of the source."""
        known = self.known(item)
        if known.bundle is None:
            known.bundle = Bundle.of_json(self.book.document(item.op_id, "source"))
        return known.bundle

    def known(self, item: Item) -> Known:
        """Return what this process remembers of an item."""
        found = self._known.get(item.op_id)
        if found is None:
            found = self._known[item.op_id] = Known()
            if len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]
        return found

    def forget(self, item: Item) -> None:
        """Forget what was remembered of an item that is done, or that somebody else has changed."""
        self._known.pop(item.op_id, None)
        self._seen.pop(item.op_id, None)

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
        known = self.known(item)
        if known.matches is None:
            known.matches = self.book.document(item.op_id, "matches") or {}
        return known.matches

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

    def settled(self, op_id: str, what: str, settle_at: float | None) -> None:
        """Come back when the quiet period of an action or a step is over, by the calendar and by our own clock."""
        seen = self._seen.setdefault(op_id, {}).setdefault(what, self.hand.now())
        left = max((settle_at or 0.0) - self.hand.wall(), seen + self.hand.quiet - self.hand.now())
        if left > 0:
            raise NotNowError(left)

    def once(self, item: Item, action: str) -> None:
        """Raise :class:`EpochError` when an action was sent in this epoch already."""
        if item.sent_epoch == self.book.epoch and item.action == action:
            raise EpochError(f"{action} was sent in this epoch")

    def announce(self, write: Write, call: Call) -> Write:
        """Write down that a write is about to leave, with the call that it leaves in."""
        now = self.hand.wall()
        times: dict[str, Any] = {
            "sent_at": now, "send_by": now + self.hand.in_flight, "settle_at": now + self.hand.quiet,
        }  # fmt: skip
        self._seen.setdefault(write.item.op_id, {})[write.action or str(write.number)] = self.hand.now()
        if write.action is not None:
            self.once(write.item, write.action)
            state, _ = _ACTIONS[write.action]
            times |= {"action": write.action, "digest": digest(call), "sent_epoch": self.book.epoch, "due": None}
            return attrs.evolve(write, before=write.item, item=self.book.move(write.item, state, **times))
        step = self._announced(write, call, times)
        self.book.step(write.item, step)
        return attrs.evolve(write, step=step)

    def _announced(self, write: Write, call: Call, times: Mapping[str, Any]) -> StepRow:
        before = self.step_of(write.item, write.number)
        step = StepRow(
            op_id=write.item.op_id, number=write.number, name=call.name, state="sending", epoch=self.book.epoch,
            digest=digest(call), tries=1 if before is None else before.tries + 1, **times,
        )  # fmt: skip
        if step.tries > MOST_TRIES:
            raise GaveUpError(f"{call.name} was sent {MOST_TRIES} times without an outcome")
        return step

    def record(self, write: Write, outcome: Any) -> None:
        """Write down what came of a write: its result, or the error that it ended in.

        What was definitely not done brings the item back to before it; what nobody knows stays announced, and an
        upsert or a convert becomes ``unknown``. Raises what is not the write's own to decide.
        """
        if isinstance(outcome, LedgerError | FencedError):
            raise outcome
        if not isinstance(outcome, LeadlensError):
            told = write.done(write.item, outcome)
            if write.step is not None:
                kept, links = told or ("", [])
                self.book.step(write.item, attrs.evolve(write.step, state="done", result=kept), links=links)
        elif write.action is None:
            self._record_step(write, outcome)
        else:
            self._record_action(write, outcome)

    def _record_action(self, write: Write, error: LeadlensError) -> None:
        item, back = write.item, _ACTIONS[write.action or ""][1]
        assert write.before is not None, "it was announced"
        unsent: dict[str, Any] = {"sent_epoch": 0, "action": write.before.action, "sent_at": write.before.sent_at}
        if isinstance(error, NotNowError | LateError):
            self.book.move(item, back, **unsent, due=self.hand.wall() + getattr(error, "seconds", 0.0))
        elif isinstance(error, TryLaterError):
            self.later(self.book.move(item, back, **unsent), error)
        elif isinstance(error, CredentialsError | NotPermittedError | SpentError):
            self.book.move(item, back, **unsent)
            raise error
        elif isinstance(error, OutcomeUnknownError | PendingError):
            self.book.move(item, "unknown")
        elif not write.refused(item, error):
            raise error

    def _record_step(self, write: Write, error: LeadlensError) -> None:
        step = write.step
        assert step is not None, "it was announced"
        if isinstance(error, OutcomeUnknownError | PendingError):
            return  # it stays announced: looked for or written again, as its kind allows
        spared = isinstance(error, LateError | NotNowError | TryLaterError)
        self.book.step(write.item, attrs.evolve(step, state="refused", tries=step.tries - spared))
        if not isinstance(error, LateError) and not write.refused(write.item, error):
            raise error

    def again(self, step: StepRow) -> None:
        """Come back when a write that may simply be made again has had its time."""
        left = (step.send_by or 0.0) + self.hand.client.deadline - self.hand.wall()
        if left > 0:
            raise NotNowError(left)

    def kept_losses(self, link: Row) -> list[Loss]:
        """Declare that a record which another source record or somebody else made stays as it is."""
        if link["how"] != "linked":
            return []
        rows = self.book.linked_to(link["kind"], link["target"])
        if any(row["source"] == link["source"] and row["how"] == "created" for row in rows):
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
