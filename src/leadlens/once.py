"""Writes that happen once: a conversion, an upsert; settled where their outcome is unknown, kept in the ledger.

What is refused may be asked for again. What is unknown is waited out, looked up and decided (:mod:`leadlens.settle`).
With a ledger, the intent is on the disk before the first call leaves, so that the next process settles what this one
left behind.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

import attrs

from leadlens.adapter import Adapter
from leadlens.conversion import Conversion, ConvertRequest, UpsertRequest, UpsertResult, VendorDefault
from leadlens.errors import (
    AlreadyConvertedError,
    NotFoundError,
    OutcomeUnknownError,
    PendingError,
    RefusedError,
    UsageError,
    VendorError,
)
from leadlens.flow import Call
from leadlens.http.driver import Driver
from leadlens.ledger import Intent, Ledger, digest
from leadlens.model import JSON
from leadlens.operations import Converted, Operations, complete, convert, finish
from leadlens.plain import from_plain, to_plain
from leadlens.recent import Recent, recent
from leadlens.resending import check_resending
from leadlens.settle import Operation, Settler, unknown, was_before

Outcome: TypeAlias = Converted | UpsertResult


@attrs.frozen(kw_only=True)
class Once:
    """What a write needs that must not happen twice. ``quiet`` is how long an unknown outcome is waited out.

    ``account`` tells the account from others. ``converts_once`` tells that it refuses a second conversion of a lead.
    """

    adapter: Adapter
    operations: Operations
    driver: Driver
    quiet: float
    account: str
    converts_once: bool
    ledger: Ledger | None = None

    def operation(
        self, request: ConvertRequest | UpsertRequest, calls: tuple[Call, ...] = (), key: str | None = None
    ) -> Operation:
        """Return the operation that a request is, as if it were sent now."""
        kind: Literal["convert", "upsert"] = "convert" if isinstance(request, ConvertRequest) else "upsert"
        now, wall = self.driver.clock.now(), self.driver.clock.wall()
        return Operation(
            kind=kind,
            step=kind,
            request=request,
            calls=calls,
            key=key,
            account=self.account,
            sent_at=now,
            sent_wall=wall,
        )

    def is_begun(self, key: str | None) -> bool:
        """Tell whether something was sent under a key already: then it is looked up and settled, or told again."""
        return key is not None and self.ledger is not None and self.ledger.is_begun(key)

    def do(self, operation: Operation, *, wait: bool) -> Outcome:
        """Carry an operation out; under a key, return the outcome that it stands for."""
        if operation.key is not None and self.ledger is None:
            raise UsageError("an idempotency key needs a ledger: connect(…, ledger=FILE)")
        if self.ledger is not None and operation.key is None and operation.kind == "convert":
            operation = attrs.evolve(operation, key=f"~{uuid.uuid4().hex}")
        with self._held(operation):
            if operation.key is not None and self.ledger is not None:
                return self._under_key(operation, operation.key, self.ledger, wait=wait)
            self._refuse_second(operation)
            return self._noted(operation, lambda: self._sent(operation, wait=wait, again=True))

    def settle(self, operation: Operation) -> Outcome:
        """Go on with an operation of unknown outcome: wait out what is left of the quiet period, look, decide."""
        self._check_ours(operation)
        with self._held(operation):
            if operation.key is not None and self.ledger is not None:
                return self._under_key(operation, operation.key, self.ledger, wait=True)
            self._check_open(operation)
            return self._noted(operation, lambda: self._settled(operation, self._interrupted(), again=True))

    def release(self, operation: Operation) -> None:
        """Take the word of a person who has looked that an operation was not done: it may be sent anew."""
        self._check_ours(operation)
        with self._held(operation):
            self.recent.is_free(operation.lead_id or "")
            if operation.key is not None and self.ledger is not None:
                self.ledger.refused(operation.key)

    def finish(self, lead_id: str) -> Converted | None:
        """Send the calls after a lead's conversion that are open; None where nothing is known to be."""
        found = self.recent.unfinished(lead_id) or self._unfinished(lead_id)
        if found is None:
            return None
        done, key = found
        left = [one for call, _ in done.open for one in self.driver.run(finish(call))]
        done = Converted(done.conversion, tuple(left))
        self.recent.is_unfinished(lead_id, done, key)
        if key is not None and self.ledger is not None:
            self.ledger.done(key, _plain(done))
        return done

    @property
    def recent(self) -> Recent:
        """What this process knows of the account's leads."""
        assert self.driver.account is not None
        return recent(self.driver.account)

    @contextmanager
    def _held(self, operation: Operation) -> Iterator[None]:
        """Let nobody else work on the lead, nor on the key: no thread, and no process with the same ledger."""
        with self.recent.held(operation.lead_id):
            if operation.key is None or self.ledger is None:
                yield
                return
            with self.ledger.held(operation.key, self.account, operation.lead_id):
                yield

    def _check_ours(self, operation: Operation) -> None:
        if operation.account != self.account:
            raise UsageError(f"this operation is one of {operation.account}, and not of {self.account}")

    def _check_open(self, operation: Operation) -> None:
        """Refuse a conversion that was settled or released meanwhile: it is not open, and must not be sent."""
        lead_id = operation.lead_id
        open_ = None if lead_id is None else self.recent.open(lead_id)
        if lead_id is not None and (open_ is None or open_.token != operation.token):
            raise UsageError("this operation is not open any more; resolve(lead_id) says what became of its lead")

    def _noted(self, operation: Operation, work: Callable[[], Outcome]) -> Outcome:
        """Do the work of an operation; until its outcome is known, its lead counts as one that may be converted."""
        lead_id = operation.lead_id
        if lead_id is None:
            return work()
        self.recent.is_open(lead_id, operation)
        try:
            done = work()
        except OutcomeUnknownError as error:
            self.recent.is_open(lead_id, error.operation or operation)
            raise
        except (RefusedError, UsageError):
            self.recent.is_free(lead_id)
            raise
        assert isinstance(done, Converted)
        self.recent.is_converted(lead_id, done.told)
        self.recent.is_unfinished(lead_id, done, operation.key)
        return done

    # --- with the ledger ---

    def _under_key(self, operation: Operation, key: str, ledger: Ledger, *, wait: bool) -> Outcome:
        request = digest(self.account, operation.kind, to_plain(operation.request))
        intent = ledger.begin(key, self.account, operation.kind, operation.lead_id, request)
        if intent.state == "done":
            return self._kept(intent)
        if intent.state == "planned":
            self._refuse_second(operation)
        try:
            if intent.state == "sending":
                left = self._left_behind(operation, intent)
                done = self._noted(left, lambda: self._settled(left, self._interrupted(), again=True))
            else:
                done = self._noted(operation, lambda: self._sent(operation, wait=wait, again=True))
        except RefusedError:
            ledger.refused(key)
            raise
        ledger.done(key, _plain(done))
        return done

    def _kept(self, intent: Intent) -> Outcome:
        if intent.kind == "upsert":
            return from_plain(intent.outcome, UpsertResult)
        done = _converted(intent.outcome)
        self.recent.is_unfinished(intent.lead or "", done, intent.key)
        return done

    def _unfinished(self, lead_id: str) -> tuple[Converted, str | None] | None:
        """Return what the ledger knows to be open after a lead's conversion."""
        if self.ledger is None:
            return None
        known = [intent for intent in self.ledger.about(self.account, lead_id) if intent.state == "done"]
        found = [(_converted(intent.outcome), intent.key) for intent in known]
        return next(((done, key) for done, key in found if done.open), None)

    def _left_behind(self, operation: Operation, intent: Intent) -> Operation:
        """Return the operation as an earlier attempt sent it, which told nothing of its outcome.

        Its call may have left as long after the intent was written as a call may wait to be let in.
        """
        wall = intent.sent_wall or self.driver.clock.wall()
        since = max(self.driver.clock.wall() - wall, 0.0)
        sent_at = self.driver.clock.now() - since + self.driver.patience
        return attrs.evolve(operation, sent_wall=wall, sent_at=sent_at)

    def _interrupted(self) -> OutcomeUnknownError:
        return OutcomeUnknownError(self.adapter.name, status=0, code="interrupted")

    # --- sending and settling ---

    def _sent(self, operation: Operation, *, wait: bool, again: bool) -> Outcome:
        """Send an operation; ``again`` tells that it may be sent once more where that cannot double anything."""
        known = dict(operation.known)
        if operation.key is not None and self.ledger is not None:
            self.ledger.sending(operation.key, self.driver.clock.wall())
        try:
            if operation.kind == "upsert":
                return self._upserted(operation, first=again)
            return self._converted(operation, known, first=again)
        except OutcomeUnknownError as error:
            operation = self._unknown(operation, error, known)
            if not wait or operation.step not in ("convert", "upsert"):
                raise
            cause = error
        return self._settled(operation, cause, again=again)

    def _unknown(self, operation: Operation, error: OutcomeUnknownError, known: dict[str, str]) -> Operation:
        """Put the operation into its error: how far it came, and when the call left that nobody knows the end of."""
        now, wall = self.driver.clock.now(), self.driver.clock.wall()
        sent_at = now if error.sent_at is None else error.sent_at
        error.operation = attrs.evolve(
            operation, known=known, step=error.step or operation.kind, sent_at=sent_at, sent_wall=wall - (now - sent_at)
        )
        return error.operation

    def _settled(self, operation: Operation, cause: VendorError, *, again: bool) -> Outcome:
        """Return what came of an operation, or send it once more where nothing did and nothing can be doubled."""
        settler = self.settler(again=again and self.converts_once)
        if operation.step == "before":
            settler.wait(operation)
        elif operation.kind == "upsert":
            if not again:
                raise unknown(cause, "unknown_twice", "it was sent a second time, and is unknown again", operation)
            settler.wait(operation)
            check_resending(self.operations, self.driver.run, operation, cause)
        else:
            found = settler.settle(operation, cause)
            if found is not None:
                return self.driver.run(complete(self.operations, operation.calls, found, operation.known))
        return self._sent(self._next(operation), wait=True, again=False)

    def _next(self, operation: Operation) -> Operation:
        """Return the operation to be sent once more; calls whose ids are known already are left out."""
        calls = operation.calls
        if operation.known and operation.step != "before":
            calls = tuple(call for call in calls if call.step in ("convert", "after"))
        return attrs.evolve(operation, calls=calls, sent_at=self.driver.clock.now(), step=operation.kind)

    def settler(self, *, again: bool) -> Settler:
        """Return what settles a conversion of this account."""
        return Settler(
            run=self.driver.run,
            probe=self.operations.find_conversion,
            now=self.driver.clock.now,
            sleep=self.driver.clock.sleep,
            quiet=self.quiet,
            again=again,
        )

    def _upserted(self, operation: Operation, *, first: bool) -> UpsertResult:
        """Send an upsert. What is accepted for later, and a refusal after an unknown first time, tell nothing."""
        assert isinstance(operation.request, UpsertRequest)
        try:
            return self.driver.run(self.operations.upsert(operation.request).flow)
        except PendingError as accepted:
            problem: VendorError = accepted
        except RefusedError as refused:
            if first:
                raise
            problem = refused
        told = "it was accepted for later" if isinstance(problem, PendingError) else "sent again, it was refused"
        raise unknown(problem, "not_told", told, operation)

    # --- conversions ---

    def _converted(self, operation: Operation, known: dict[str, str], *, first: bool) -> Converted:
        """Send the calls of a conversion. What is converted already, after a first attempt of ours, is that attempt."""
        lead_id = operation.lead_id or ""
        try:
            return self.driver.run(convert(self.operations, operation.calls, lead_id, known))
        except (AlreadyConvertedError, NotFoundError) as error:
            if error.step != "convert":
                raise
            problem: VendorError = error
        found = self._conversion_behind(lead_id, problem)
        if found is None:
            raise problem
        if not first and not was_before(found, operation):
            return self.driver.run(complete(self.operations, operation.calls, found, known))
        raise _already(self.adapter.name, found, problem)

    def _conversion_behind(self, lead_id: str, error: VendorError) -> Conversion | None:
        """Return the conversion that a refusal speaks of; a 404 may hide one too."""
        try:
            return self.driver.run(self.operations.find_conversion(lead_id))
        except VendorError:
            if isinstance(error, AlreadyConvertedError):
                return None
            raise

    def _refuse_second(self, operation: Operation) -> None:
        """Raise :class:`AlreadyConvertedError` for a converted lead, where the CRM itself may convert it again."""
        lead_id = operation.lead_id
        if lead_id is None:
            return
        before = self.recent.open(lead_id)
        if before is not None and before.step == "before":
            self.settler(again=False).wait(before)
            before = None
        if self.converts_once:
            return
        found = self.recent.converted(lead_id) or self._found_before(lead_id, before, operation)
        if found is not None:
            raise _already(self.adapter.name, found)

    def _found_before(self, lead_id: str, before: Operation | None, operation: Operation) -> Conversion | None:
        """Return the conversion of a lead; where an earlier one of ours is open, only after its quiet period."""
        for intent in [] if self.ledger is None else self.ledger.about(self.account, lead_id):
            if intent.state == "done":
                return _converted(intent.outcome).conversion
            if intent.state == "sending" and intent.key != operation.key and before is None:
                before = self._left_behind(operation, intent)
        if before is None:
            return self.driver.run(self.operations.find_conversion(lead_id))
        whatever = ConvertRequest(lead_id=lead_id, deal=VendorDefault())  # of another request only the lead is known
        return self.settler(again=False).settle(attrs.evolve(before, request=whatever), self._interrupted())


def _plain(done: Outcome) -> JSON:
    """Return an outcome for the ledger; of a conversion with the calls that are open."""
    if not isinstance(done, Converted):
        return to_plain(done)
    return {"conversion": to_plain(done.conversion), "open": [[call.to_json(), why] for call, why in done.open]}


def _converted(outcome: JSON) -> Converted:
    open_ = tuple((Call(**call), why) for call, why in outcome["open"])
    return Converted(from_plain(outcome["conversion"], Conversion), open_)


def _already(vendor: str, found: Conversion, cause: VendorError | None = None) -> AlreadyConvertedError:
    facts: dict[str, Any] = {"status": 0, "code": "found"}
    if cause is not None:
        facts = {"status": cause.status, "code": cause.code, "request_id": cause.request_id}
    known = AlreadyConvertedError(vendor, **facts)
    known.conversion = found
    return known
