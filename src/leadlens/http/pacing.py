"""Keeps an account below its CRM's windows: a slot is free again one window after the *reply* to the call that used it.

However long calls take and however they jitter, no rolling window of the CRM's clock ever sees more calls than allowed;
the rate reached is window / (window + latency). One governor serves all threads of an account, in the order in which
they came. A CRM that refuses all the same (:meth:`Governor.refused`) is asked evenly for a while.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from leadlens.access import Window
from leadlens.http.clock import Clock
from leadlens.http.link import NotSentError

LONGEST_PAUSE = 120.0
"""No CRM's Retry-After holds us longer than this many seconds."""
LATE = 120.0
"""A call without a reply may still be counted by the CRM this many seconds later."""
DRIFT = 1.0005
"""Windows are taken this much longer: clocks that are being set right run by up to 500 in a million too fast."""
LONGEST_GAP = 10.0
EVEN_FOR = 300.0
"""Calls stay evenly spread this many seconds after the last refusal; twice as long each time that it begins anew."""
_USUAL_GAP = 0.2


class NoRoomError(Exception):
    """There is no room in the account's rate limit before the deadline: nothing was sent."""


@attrs.define
class _Slots:
    """The places of one window: when each is free again (in order), how many are in use, how many are fresh."""

    window: Window
    free: deque[float] = attrs.field(factory=deque)
    used: int = 0

    def ready(self, now: float, cost: int) -> float | None:
        """Return how long until ``cost`` places are free; None while that depends on replies."""
        while self.free and self.free[0] <= now:
            self.free.popleft()
        missing = min(cost, self.window.calls) - (self.window.calls - self.used - len(self.free))
        if missing <= 0:
            return 0.0
        if missing > len(self.free):
            return None
        wait = self.free[missing - 1] - now
        # A reply that comes meanwhile can free a place sooner than one that was lost, but not before one window.
        return min(wait, self.window.seconds) if self.used else wait

    def take(self, cost: int) -> None:
        """Use ``cost`` places that are ready."""
        self.used += min(cost, self.window.calls)

    def give_back(self, at: float | None, cost: int) -> None:
        """Let ``cost`` places be free one window from ``at``, or at once when it is None."""
        cost = min(cost, self.window.calls)
        self.used -= cost
        if at is not None:
            self.free.extend([at + self.window.seconds * DRIFT] * cost)
            if len(self.free) > cost and self.free[-cost - 1] > self.free[-1]:
                self.free = deque(sorted(self.free))


class Governor:
    """Admits calls when every window of the account has room, at most ``concurrent`` at once, first come first served.

    Waiting for a reply takes real time; waiting for room goes by the clock.
    """

    def __init__(self, windows: tuple[Window, ...], concurrent: int, clock: Clock) -> None:
        self._slots = [_Slots(window) for window in windows]
        self._even = max((window.seconds / window.calls for window in windows), default=_USUAL_GAP) * DRIFT
        self._concurrent = concurrent
        self._clock = clock
        self._running = 0
        self._paused_until = self._last = self._refused_at = float("-inf")
        self._gap, self._even_for = 0.0, EVEN_FOR
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def admitted(self, cost: int, until: float) -> Iterator[float]:
        """Wait for room, let the call run, and count the window from its reply; gives the time when it was let in.

        Raises :class:`NoRoomError` when there is no room before ``until``.
        """
        since = self._enter(cost, until)
        late: float | None = LATE
        try:
            yield since
            late = 0.0
        except NotSentError:
            late = None
            raise
        finally:
            with self._changed:
                self._running -= 1
                for slots in self._slots:
                    slots.give_back(None if late is None else self._clock.now() + late, cost)
                self._changed.notify_all()

    def room_in(self, cost: int = 1) -> float:
        """Return in how many seconds there is room for a call, as far as that is known: 0.0 for now."""
        with self._changed:
            waits = [slots.ready(self._clock.now(), cost) or 0.0 for slots in self._slots]
            told = max(self._paused_until, self._last + self._gap) - self._clock.now()
            return max([told, 0.0, *waits])

    def pause(self, seconds: float) -> None:
        """Admit nothing for some seconds: the CRM asked for it."""
        with self._changed:
            self._paused_until = max(self._paused_until, self._clock.now() + min(max(seconds, 0.0), LONGEST_PAUSE))

    def refused(self, since: float) -> None:
        """Slow down: the CRM refused a call that its windows allow and that was let in at ``since``.

        First to an even spread, then each time to half of that. Several of one burst count once.
        """
        with self._changed:
            if since <= self._refused_at:
                return
            if not self._gap and self._refused_at != float("-inf"):
                self._even_for *= 2
            self._refused_at = self._clock.now()
            self._gap = min(max(self._gap * 2, self._even), LONGEST_GAP)

    def answered(self) -> None:
        """Speed up again, little by little to an even spread, and to no spread at all after a quiet time."""
        with self._changed:
            self._gap = max(self._gap * 0.97, self._even) if self._gap else 0.0
            if self._clock.now() > self._refused_at + self._even_for:
                self._gap = 0.0

    def _enter(self, cost: int, until: float) -> float:
        me = object()
        with self._changed:
            self._queue.append(me)
            try:
                while (wait := self._wait(me, cost)) != 0.0:
                    left = until - self._clock.now()
                    if left <= 0 or (wait is not None and wait > left):
                        raise NoRoomError
                    self._sleep(wait, left)
            finally:
                self._queue.remove(me)
                self._changed.notify_all()
            self._running += 1
            self._last = self._clock.now()
            for slots in self._slots:
                slots.take(cost)
            return self._last

    def _sleep(self, wait: float | None, left: float) -> None:
        """Wait without holding up the replies that make room."""
        if wait is None:
            self._changed.wait(left)
            return
        self._changed.release()
        try:
            self._clock.sleep(wait)
        finally:
            self._changed.acquire()

    def _wait(self, me: object, cost: int) -> float | None:
        """Return how long until there is room: 0.0 for now, None for when a running call or one before has ended."""
        if self._queue[0] is not me or self._running >= self._concurrent:
            return None
        now = self._clock.now()
        waits = [slots.ready(now, cost) for slots in self._slots]
        if any(wait is None for wait in waits):
            return None
        told = max(self._paused_until, self._last + self._gap) - now
        return max([told, 0.0, *(wait for wait in waits if wait is not None)])
