"""Writes that happen once: a conversion, an upsert; settled where their outcome is unknown, kept under a key.

What is refused may be asked for again. What is unknown is waited out, looked up and decided (:mod:`leadlens.settle`).
With a key, the intent is in the ledger before the first call leaves, so that the next process settles what this one
left behind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import attrs

from leadlens.adapter import Adapter
from leadlens.conversion import Conversion, ConvertRequest, UpsertRequest, UpsertResult
from leadlens.errors import (
    AlreadyConvertedError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    UsageError,
    VendorError,
)
from leadlens.flow import Call
from leadlens.http.driver import Driver
from leadlens.ledger import Intent, Ledger
from leadlens.model import Lead
from leadlens.operations import Converted, Operations, Query, complete, convert, match_queries
from leadlens.plain import from_plain, to_plain
from leadlens.recent import Recent, recent
from leadlens.settle import Operation, Settler, unknown, was_before

Outcome: TypeAlias = Converted | UpsertResult


@attrs.frozen(kw_only=True)
class Once:
    """What a write needs that must not happen twice. ``quiet`` is how long an unknown outcome is waited out.

    ``converts_once`` tells that this account refuses a second conversion of a lead.
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
        return Operation(kind=kind, request=request, sent_at=now, sent_wall=wall, calls=calls, key=key, step=kind)

    def do(self, operation: Operation, *, wait: bool) -> Outcome:
        """Carry an operation out; under a key, return the outcome that it stands for."""
        with self.recent.held(operation.lead_id):
            if operation.key is not None:
                return self._under_key(operation, operation.key, wait=wait)
            self._refuse_second(operation)
            return self._noted(operation, lambda: self._sent(operation, wait=wait, again=True))

    def settle(self, operation: Operation) -> Outcome:
        """Go on with an operation of unknown outcome: wait out what is left of the quiet period, look, decide."""
        with self.recent.held(operation.lead_id):
            if operation.key is not None:
                return self._under_key(operation, operation.key, wait=True)
            return self._noted(operation, lambda: self._settled(operation, self._interrupted(), again=True))

    def release(self, operation: Operation) -> None:
        """Take the word of a person who has looked that an operation was not done: it may be sent anew."""
        self.recent.is_free(operation.lead_id or "")
        if operation.key is not None and self.ledger is not None:
            with self.ledger.held(operation.key):
                self.ledger.refused(operation.key)

    @property
    def recent(self) -> Recent:
        """What this process knows of the account's leads."""
        assert self.driver.account is not None
        return recent(self.driver.account)

    def _noted(self, operation: Operation, work: Callable[[], Outcome]) -> Outcome:
        """Do the work of an operation, and remember what became of its lead."""
        lead_id = operation.lead_id or ""
        try:
            done = work()
        except OutcomeUnknownError as error:
            if lead_id and error.step == "convert":
                self.recent.is_open(lead_id, error.operation or operation)
            raise
        except RefusedError:
            self.recent.is_free(lead_id)
            raise
        if isinstance(done, Converted):
            self.recent.is_converted(lead_id, done.told)
        return done

    # --- with the ledger ---

    def _under_key(self, operation: Operation, key: str, *, wait: bool) -> Outcome:
        ledger = self.ledger
        if ledger is None:
            raise UsageError("an idempotency key needs a ledger: connect(…, ledger=FILE)")
        with ledger.held(key):
            intent = ledger.begin(key, self.account, operation.kind, to_plain(operation.request))
            if intent.state == "done":
                return _kept(intent)
            try:
                if intent.state == "sending":
                    left = self._left_behind(operation, intent)
                    done = self._noted(left, lambda: self._settled(left, self._interrupted(), again=True))
                else:
                    self._refuse_second(operation)
                    done = self._noted(operation, lambda: self._sent(operation, wait=wait, again=True))
            except RefusedError:
                ledger.refused(key)
                raise
            ledger.done(key, to_plain(done.told if isinstance(done, Converted) else done))
            return done

    def _left_behind(self, operation: Operation, intent: Intent) -> Operation:
        """Return the operation as an earlier attempt under its key sent it, which told nothing of its outcome."""
        wall = intent.sent_wall or self.driver.clock.wall()
        since = max(self.driver.clock.wall() - wall, 0.0)
        return attrs.evolve(operation, sent_wall=wall, sent_at=self.driver.clock.now() - since)

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
                return self.driver.run(self.operations.upsert(_upsert(operation)).flow)
            return self._converted(operation, known, first=again)
        except OutcomeUnknownError as error:
            step = error.step or operation.kind
            error.operation = operation = attrs.evolve(operation, known=known, step=step)
            if not wait or step not in ("convert", "upsert"):
                raise
            cause = error
        return self._settled(operation, cause, again=again)

    def _settled(self, operation: Operation, cause: VendorError, *, again: bool) -> Outcome:
        """Return what came of an operation, or send it once more where nothing did and nothing can be doubled."""
        settler = self.settler(again=again and self.converts_once)
        if operation.step == "before":
            settler.wait(operation)
        elif operation.kind == "upsert":
            if not again:
                raise unknown(cause, "unknown_twice", "it was sent a second time, and is unknown again", operation)
            settler.wait(operation)
            self._is_safe_again(operation, cause)
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
        if operation.lead_id is None or self.converts_once:
            return
        found = self.recent.converted(operation.lead_id) or self._found_before(operation.lead_id)
        if found is not None:
            raise _already(self.adapter.name, found)

    def _found_before(self, lead_id: str) -> Conversion | None:
        """Return the conversion of a lead; where an earlier one of ours is open, only after its quiet period."""
        before = self.recent.open(lead_id)
        if before is None:
            return self.driver.run(self.operations.find_conversion(lead_id))
        return self.settler(again=False).settle(before, self._interrupted())

    # --- upserts ---

    def _is_safe_again(self, operation: Operation, cause: VendorError) -> None:
        """Raise unless an upsert surely finds what its first sending may have made."""
        request = _upsert(operation)
        queries = match_queries(request)
        if not queries or len(queries) < len(request.match):
            raise unknown(cause, "not_probed", "what it matches by cannot be looked up", operation)
        if isinstance(request.record, Lead):
            self._not_converted_meanwhile(operation, cause, queries)

    def _not_converted_meanwhile(self, operation: Operation, cause: VendorError, queries: tuple[Query, ...]) -> None:
        """Raise where a lead that matches is converted: an upsert would not find it, and make a second one."""
        for query in queries:
            if self._has_converted(query):
                told = "a lead that matches was converted meanwhile, and another upsert would make a second one"
                raise unknown(cause, "converted_meanwhile", told, operation)

    def _has_converted(self, query: Query) -> bool:
        try:
            asked = attrs.evolve(query, converted=True)
            return bool(self.driver.run(self.operations.search("lead", asked, None)).items)
        except UsageError:  # this CRM does not search by it
            page = self.driver.run(self.operations.search("lead", query, None))
        return any(self.driver.run(self.operations.find_conversion(lead.id)) is not None for lead in page.items)


def _kept(intent: Intent) -> Outcome:
    if intent.kind == "upsert":
        return from_plain(intent.outcome, UpsertResult)
    return Converted(from_plain(intent.outcome, Conversion))


def _upsert(operation: Operation) -> UpsertRequest:
    assert isinstance(operation.request, UpsertRequest)
    return operation.request


def _already(vendor: str, found: Conversion, cause: VendorError | None = None) -> AlreadyConvertedError:
    facts: dict[str, Any] = {"status": 0, "code": "found"}
    if cause is not None:
        facts = {"status": cause.status, "code": cause.code, "request_id": cause.request_id}
    known = AlreadyConvertedError(vendor, **facts)
    known.conversion = found
    return known
