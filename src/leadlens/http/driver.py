"""Runs flows for one account: one call at a time, paced, signed, within deadlines, and never twice by accident.

Every call ends as *done* (its reply goes into the flow), *refused* or *unknown* (an error is thrown into it). Only
what is refused for now, or what reads, is sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from leadlens.errors import CredentialsError, OutcomeUnknownError, RateLimitError, TryLaterError, VendorError
from leadlens.flow import Call, Flow, Reply, Wait
from leadlens.http.auth import Credentials
from leadlens.http.clock import Clock
from leadlens.http.link import Link, LostError, NotSentError
from leadlens.http.pacing import Governor

_Result = TypeVar("_Result")
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


@attrs.frozen
class Sent:
    """One call as a hook sees it: no header, no value of query or body, no id of a record."""

    name: str
    step: str
    method: str
    status: int | None
    seconds: float
    error: str | None


Hook = Callable[[Sent], None]


@attrs.frozen(kw_only=True)
class Driver:
    """Carries out the flows of one account.

    ``deadline`` is how many seconds one call may take, ``patience`` how many a call may take with all that it waits
    for: room in the rate limit, tokens, being sent again. ``hook`` is told of every call that was tried.
    """

    vendor: str
    link: Link
    credentials: Credentials
    governor: Governor
    classify: Callable[[Reply], VendorError | None]
    cost: Callable[[Call], int]
    clock: Clock
    deadline: float = 30.0
    patience: float = 300.0
    hook: Hook | None = None

    def run(self, flow: Flow[_Result]) -> _Result:
        """Run a flow to its end and return its result; raises what the flow does not handle.

        An error that the flow itself finds in a reply is of the step of that call.
        """
        asked: Any = None
        try:
            asked = next(flow)
            while True:
                if isinstance(asked, Wait):
                    self.clock.sleep(asked.seconds)
                    asked = flow.send(None)
                    continue
                try:
                    reply = self.carry(asked)
                except VendorError as error:
                    asked = flow.throw(error)
                else:
                    asked = flow.send(reply)
        except StopIteration as done:
            result: _Result = done.value
            return result
        except VendorError as error:
            if error.step is None and isinstance(asked, Call):
                error.step = asked.step
            raise

    def carry(self, call: Call) -> Reply:
        """Send one call until it is done, refused or unknown, and return the reply."""
        until, pause = self.clock.now() + self.patience, FIRST_PAUSE
        renewed = False
        while True:
            age, error = self._once(call, until)
            if isinstance(error, Reply):
                return error
            error.step = call.step
            if isinstance(error, CredentialsError) and error.status == 401 and not renewed:
                renewed = self.credentials.spent(age, self.deadline)
                if renewed:
                    continue
            wait = self._wait_for(call, error, pause)
            if wait is None or self.clock.now() + wait > until:
                raise error
            if isinstance(error, RateLimitError):
                self.governor.pause(wait)
            else:
                self.clock.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE)

    @staticmethod
    def _wait_for(call: Call, error: VendorError, pause: float) -> float | None:
        """Return how long to wait before sending again; None where that must not be done, or would not help."""
        if isinstance(error, TryLaterError):
            return error.retry_after if error.retry_after is not None else pause
        if isinstance(error, OutcomeUnknownError) and call.step == "read":
            return pause
        return None

    def _once(self, call: Call, until: float) -> tuple[int, Reply | VendorError]:
        """Send a call once; return the age of the token, and the reply or the error that came of it."""
        start, reply, error, age = self.clock.now(), None, None, 0
        try:
            age, headers = self.credentials.headers(self.deadline)
            with self.governor.admitted(self.cost(call), until):
                reply = self.link.send(call, headers, self.deadline)
            error = self.classify(reply)
        except NotSentError as reason:
            error = TryLaterError(self.vendor, status=0, code="not sent", message=str(reason))
        except LostError as reason:
            error = OutcomeUnknownError(self.vendor, status=0, code="no reply", message=str(reason))
        except TimeoutError:
            error = RateLimitError(self.vendor, status=0, code="no room")
        except CredentialsError as refused:
            error = refused
        if self.hook is not None:
            took = self.clock.now() - start
            told = type(error).__name__ if error else None
            self.hook(Sent(call.name, call.step, call.method, reply.status if reply else None, took, told))
        if error is not None:
            return age, error
        assert reply is not None
        return age, reply
