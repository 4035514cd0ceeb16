"""Keeps an account below its CRM's windows: a slot is free again one window after the *reply* to the call that used it.

However long calls take and however they jitter, no rolling window of the CRM's clock ever sees more calls than allowed;
the rate reached is window / (window + latency). One governor serves all threads of an account.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from leadlens.access import Window
from leadlens.http.clock import Clock

LONGEST_PAUSE = 120.0
"""No CRM's Retry-After holds us longer than this many seconds."""


@attrs.define
class _Slots:
    """The places of one window: when each is free (a heap), and how many are in use."""

    window: Window
    free: list[float] = attrs.field(factory=list)
    used: int = 0

    def ready(self, now: float, cost: int) -> float | None:
        """Return how long until ``cost`` places are free; None while that depends on replies."""
        fresh = self.window.calls - self.used - len(self.free)
        if fresh >= cost:
            return 0.0
        missing = cost - fresh
        if missing > len(self.free):
            return None
        return max(heapq.nsmallest(missing, self.free)[-1] - now, 0.0)

    def take(self, now: float, cost: int) -> None:
        """Use ``cost`` places that are ready."""
        while self.free and self.free[0] <= now:
            heapq.heappop(self.free)
        self.used += cost

    def give_back(self, now: float, cost: int) -> None:
        """Let ``cost`` places be free one window from now."""
        self.used -= cost
        for _ in range(cost):
            heapq.heappush(self.free, now + self.window.seconds)


class Governor:
    """Admits calls when every window of the account has room, at most ``concurrent`` at once."""

    def __init__(self, windows: tuple[Window, ...], concurrent: int, clock: Clock) -> None:
        self._slots = [_Slots(window) for window in windows]
        self._concurrent = concurrent
        self._clock = clock
        self._running = 0
        self._paused_until = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def admitted(self, cost: int, until: float) -> Iterator[None]:
        """Wait for room, let the call run, and count the window from its reply.

        Raises :class:`TimeoutError` when there is no room before ``until``.
        """
        self._enter(cost, until)
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                for slots in self._slots:
                    slots.give_back(self._clock.now(), cost)
                self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Admit nothing for some seconds: the CRM asked for it."""
        with self._changed:
            self._paused_until = max(self._paused_until, self._clock.now() + min(max(seconds, 0.0), LONGEST_PAUSE))

    def _enter(self, cost: int, until: float) -> None:
        with self._changed:
            while (wait := self._wait(cost)) != 0.0:
                left = until - self._clock.now()
                if left <= 0 or (wait is not None and wait > left):
                    raise TimeoutError("no room in the account's rate limit before the deadline")
                self._sleep(wait, left)
            now = self._clock.now()
            self._running += 1
            for slots in self._slots:
                slots.take(now, cost)

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

    def _wait(self, cost: int) -> float | None:
        """Return how long until there is room: 0.0 for now, None for when a running call has ended."""
        now = self._clock.now()
        if self._running >= self._concurrent:
            return None
        waits = [slots.ready(now, cost) for slots in self._slots]
        if any(wait is None for wait in waits):
            return None
        return max([self._paused_until - now, 0.0, *(wait for wait in waits if wait is not None)])
