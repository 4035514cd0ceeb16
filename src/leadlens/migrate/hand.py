"""The hand that reaches the target: one flow at a time, without waiting, and nothing that the fence forbids.

A flow that would have to wait (no room in the rate limit, a CRM that says later, a job to poll) ends with
:class:`NotNowError`, so that whoever drives the migration decides when to come back. The fence is asked in the last
statement before a write leaves this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

import attrs

from leadlens.adapter import Adapter
from leadlens.client import Client
from leadlens.errors import LeadlensError, RateLimitError, TryLaterError
from leadlens.flow import Call, Flow, Reply
from leadlens.http.link import NotSentError
from leadlens.operations import Operations
from leadlens.settle import quiet_period

_Result = TypeVar("_Result")
Fence = Callable[[], None]
"""Raises unless a write may leave now."""
A_MOMENT = 1.5
"""So many seconds a flow without room comes back later: enough for the few calls of the longest one."""
_IN_FLIGHT = 5.0
"""How many seconds after its intent a write may leave at the latest."""


class NotNowError(LeadlensError):
    """Nothing was sent; come back in ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not now; come back in {seconds:.1f} s")
        self.seconds = seconds


class NoRoomError(NotNowError):
    """Nothing was sent, since the account takes no call now: nothing else could be sent either."""


class SpentError(LeadlensError):
    """As many credits are spent as may be: nothing more is sent, and the run can go on with a higher limit."""


@attrs.define
class Meter:
    """Counts the credits that calls cost, and keeps them below a limit, if there is one."""

    limit: int | None = None
    spent: int = 0

    def take(self, cost: int) -> None:
        """Count a call that is about to leave; raises :class:`SpentError` for one that may not."""
        if self.limit is not None and self.spent + cost > self.limit:
            raise SpentError(f"{self.spent} of {self.limit} credits are spent (--max-credits): nothing more is sent")
        self.spent += cost


class _Impatient:
    """A clock that lets nobody wait."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self.now, self.wall = clock.now, clock.wall

    def sleep(self, seconds: float) -> NoReturn:
        """Raise instead of waiting."""
        raise NotNowError(max(seconds, 0.0))


class _Gated:
    """A link that asks the fence before it sends a write; what the fence forbids was not sent."""

    def __init__(self, link: Any, fence: Fence | None, take: Callable[[Call], None]) -> None:
        self._link, self._fence, self._take = link, fence, take
        self.refused: LeadlensError | None = None

    def send(self, call: Call, headers: Mapping[str, str], within: float) -> Reply:
        """Send a call that may leave."""
        self._ask(call)
        reply: Reply = self._link.send(call, headers, within)
        return reply

    def _ask(self, call: Call) -> None:
        try:
            self._take(call)
            if call.step != "read":
                assert self._fence is not None, "a write without an intent"
                self._fence()
        except LeadlensError as error:
            self.refused = error
            raise NotSentError("the fence is closed") from None


@attrs.frozen
class Hand:
    """Reads from and writes to one account, flow by flow. Times are those of the account's clock."""

    client: Client
    meter: Meter = attrs.field(factory=Meter)

    @property
    def adapter(self) -> Adapter:
        """The CRM."""
        return self.client.adapter

    @property
    def operations(self) -> Operations:
        """What it can be asked."""
        return self.client.operations

    def wall(self) -> float:
        """Return the time of the calendar, in Unix seconds."""
        return self.client.driver.clock.wall()

    def now(self) -> float:
        """Return the time, in seconds that never go back."""
        return self.client.driver.clock.now()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.client.driver.clock.sleep(seconds)

    @property
    def in_flight(self) -> float:
        """How many seconds after its intent a write may leave."""
        return _IN_FLIGHT

    @property
    def quiet(self) -> float:
        """How many seconds after its intent a write whose outcome is unknown may still show."""
        return _IN_FLIGHT + quiet_period(self.client.deadline)

    def check_room(self, call: Call) -> None:
        """Raise :class:`NoRoomError` where the account surely takes no such call now: so that none is announced."""
        driver = self.client.driver
        seconds = driver.governor.room_in(driver.cost(call))
        if seconds > 0:
            raise NoRoomError(seconds)

    def run(self, flow: Flow[_Result], fence: Fence | None = None) -> _Result:
        """Run a flow without waiting.

        Raises :class:`NotNowError` for a read that would have to wait (:class:`NoRoomError` where all would have to),
        what the fence raised for a write that may not leave, and the errors of the CRM.
        """
        driver = self.client.driver
        gate: Any = _Gated(driver.link, fence, lambda call: self.meter.take(driver.cost(call)))
        hasty = attrs.evolve(driver, link=gate, clock=_Impatient(driver.clock), patience=0.0)
        try:
            return hasty.run(flow)
        except TryLaterError as error:
            if gate.refused is not None:
                raise gate.refused from None
            if isinstance(error, RateLimitError) and error.code == "no room":
                raise NoRoomError(A_MOMENT) from None
            raise
