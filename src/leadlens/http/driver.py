"""Runs flows for one account: one call at a time, paced, signed, within deadlines, and never twice by accident.

Every call ends as *done* (its reply goes into the flow), *refused* or *unknown* (an error is thrown into it). Only
what is refused for now, or what reads, is sent again.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from leadlens.errors import (
    CredentialsError,
    LeadlensError,
    OutcomeUnknownError,
    RateLimitError,
    RedirectedError,
    TryLaterError,
    VendorError,
)
from leadlens.flow import Call, Flow, Reply, Wait
from leadlens.http.account import Account
from leadlens.http.auth import Credentials
from leadlens.http.clock import Clock
from leadlens.http.link import Link, LostError, NotSentError
from leadlens.http.pacing import LONGEST_PAUSE, Governor, NoRoomError
from leadlens.http.told import retry_after

_Result = TypeVar("_Result")
FIRST_PAUSE = 1.0
LONGEST_BACKOFF = 30.0
UNREACHABLE_TRIES = 5
"""So often a call is tried that does not leave this machine: a name or a certificate is seldom right the next time."""
UNREADABLE_TRIES = 3
"""So often something is read whose replies come and are not understood."""
_REDIRECTS = range(300, 400)
_SERVER_ERRORS = range(500, 600)
_SUCCESSFUL = range(200, 300)
_UNAUTHORIZED = 401


@attrs.frozen
class Sent:
    """One call as a hook sees it: no header, no value of query or body, no id of a record; seconds from sending on."""

    name: str
    step: str
    method: str
    status: int | None
    seconds: float
    error: str | None


Hook = Callable[[Sent], None]


@attrs.frozen
class _Try:
    """What one sending came to: the reply if one came, the error if it is one, the age of its token.

    ``since`` is when it was let in, ``seconds`` how long it took from then on.
    """

    age: int = 0
    reply: Reply | None = None
    error: VendorError | None = None
    since: float = 0.0
    seconds: float = 0.0


@attrs.frozen(kw_only=True)
class Driver:
    """Carries out the flows of one account.

    ``deadline`` is how many seconds one call may take from sending to reply, ``patience`` how many seconds after it was
    asked for a call may still be sent, again or for the first time: it bounds what is waited for (room in the rate
    limit, a CRM that says later). ``hook`` is told of every call that was tried; what it raises is ignored, so that it
    cannot lose an outcome. ``account`` is what is shared with other clients, kept as long as this one uses it.
    """

    vendor: str
    link: Link
    credentials: Credentials
    governor: Governor
    classify: Callable[[Reply], VendorError | None]
    cost: Callable[[Call], int]
    clock: Clock
    rest: Callable[[Reply, float], float] = lambda _reply, _wall: 0.0
    deadline: float = 30.0
    patience: float = 300.0
    hook: Hook | None = None
    account: Account | None = None

    def run(self, flow: Flow[_Result]) -> _Result:
        """Run a flow to its end and return its result; raises what the flow does not handle.

        An error of this library comes without the frames it went through: they hold what was asked for. One that the
        flow itself finds in a reply is of the step of that call.
        """
        try:
            return self._run(flow)
        except LeadlensError as error:
            problem = error
        finally:
            flow.close()
        _strip(problem)
        raise problem

    def _run(self, flow: Flow[_Result]) -> _Result:
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
                    problem = error
                else:
                    asked = flow.send(reply)
                    continue
                asked = flow.throw(problem)
        except StopIteration as done:
            result: _Result = done.value
            return result
        except VendorError as error:
            if error.step is None and isinstance(asked, Call):
                error.step = asked.step
            raise

    def carry(self, call: Call) -> Reply:
        """Send one call until it is done, refused or unknown, and return the reply."""
        until, pause, tries, renewed = self.clock.now() + self.patience, FIRST_PAUSE, 0, False
        while True:
            tried = self._once(call, until)
            if tried.error is None:
                assert tried.reply is not None
                return tried.reply
            error = tried.error
            if _is_spent(tried) and not renewed:
                renewed = True
                try:
                    if self.credentials.spent(tried.age, self.deadline):
                        continue
                except VendorError as refused:
                    error = refused
            error.step, error.sent_at = call.step, tried.since or None
            tries += 1
            wait = _wait_for(call, error, pause, tries)
            if wait is None or self.clock.now() + wait > until:
                raise error
            self._hold(error, wait)
            pause = min(pause * 2, LONGEST_BACKOFF)

    def _hold(self, error: VendorError, wait: float) -> None:
        """Wait before a call is sent again; when the CRM had too many, every call of the account waits."""
        if isinstance(error, RateLimitError):
            self.governor.pause(wait)
        else:
            self.clock.sleep(wait)

    def _once(self, call: Call, until: float) -> _Try:
        """Send a call once, tell the hook, and return what came of it."""
        tried = self._judged(self._send(call, until))
        if self.hook is not None:
            status = None if tried.reply is None else tried.reply.status
            told = None if tried.error is None else type(tried.error).__name__
            with contextlib.suppress(Exception):
                self.hook(Sent(call.name, call.step, call.method, status, tried.seconds, told))
        return tried

    def _send(self, call: Call, until: float) -> _Try:
        age, since, start = 0, 0.0, math.inf
        reply: Reply | None = None
        error: VendorError | None = None
        try:
            age, headers = self.credentials.headers(self.deadline)
            with self.governor.admitted(self.cost(call), until) as since:
                start = self.clock.now()
                reply = self.link.send(call, headers, self.deadline)
        except NotSentError as reason:
            error = TryLaterError(self.vendor, status=0, code="not sent", message=str(reason))
        except LostError as reason:
            error = OutcomeUnknownError(self.vendor, status=0, code="no reply", message=str(reason))
        except NoRoomError:
            error = RateLimitError(self.vendor, status=0, code="no room")
        except VendorError as refused:  # of the token endpoint
            error = refused
        return _Try(age, reply, error, since, max(self.clock.now() - start, 0.0))

    def _judged(self, tried: _Try) -> _Try:
        """Take from a reply what it says: which error it is, and what it asks of the account's next calls."""
        reply = tried.reply
        if reply is None:
            return tried
        error = self._error(reply)
        if reply.status != _UNAUTHORIZED:
            self.credentials.accepted(tried.age)
        if isinstance(error, RateLimitError):
            self.governor.refused(tried.since)
        else:
            self.governor.answered()
        if (seconds := self.rest(reply, self.clock.wall())) > 0:
            self.governor.pause(seconds)
        return attrs.evolve(tried, error=error)

    def _error(self, reply: Reply) -> VendorError | None:
        if reply.status in _REDIRECTS:
            return RedirectedError(self.vendor, status=reply.status, code="redirect", request_id=reply.request_id)
        error = self.classify(reply)
        if error is not None:
            error.retry_after = retry_after(reply, self.clock.wall())
        return error


def _is_spent(tried: _Try) -> bool:
    """Tell whether the CRM refused the token of a call that was sent."""
    return tried.reply is not None and isinstance(tried.error, CredentialsError) and tried.reply.status == _UNAUTHORIZED


def _wait_for(call: Call, error: VendorError, pause: float, tries: int) -> float | None:
    """Return how long to wait before sending again; None where that must not be done, or would not help."""
    if not _may_repeat(call, error) or tries >= _most_tries(error):
        return None
    return min(max(error.retry_after or 0.0, pause), LONGEST_PAUSE)


def _may_repeat(call: Call, error: VendorError) -> bool:
    """Tell whether a call may be sent again: what was refused for now, and what only reads."""
    if isinstance(error, TryLaterError):
        return error.code != "no room"
    return isinstance(error, OutcomeUnknownError) and call.step == "read"


def _most_tries(error: VendorError) -> float:
    if isinstance(error, TryLaterError):
        return float("inf") if error.status else UNREACHABLE_TRIES
    if error.status in _SUCCESSFUL:
        return UNREADABLE_TRIES
    return float("inf") if error.status == 0 or error.status in _SERVER_ERRORS else 1


def _strip(error: BaseException) -> None:
    """Take the frames from an error, and what it was raised instead of; what it was raised *from* stays, without."""
    error.__traceback__ = error.__context__ = None
    if error.__cause__ is not None:
        _strip(error.__cause__)
