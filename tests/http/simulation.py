"""A CRM that counts calls in rolling windows, and a governor's callers, as events on a virtual clock."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import attrs

from leadlens.access import Window
from leadlens.http.link import LostError, NotSentError
from leadlens.http.pacing import Governor, NoRoomError


@attrs.define
class Trip:
    """One call: how long until its reply, when within that time the CRM counts it, what it costs, what comes of it."""

    latency: float
    fraction: float = 0.5
    cost: int = 1
    outcome: str = "reply"


@attrs.define
class Events:
    """A clock on which things are due; whoever sleeps lets them happen."""

    instant: float = 0.0
    due: list[tuple[float, int, Callable[[], None]]] = attrs.field(factory=list)
    number: Any = attrs.field(factory=itertools.count)

    def now(self) -> float:
        return self.instant

    wall = now

    def at(self, when: float, what: Callable[[], None]) -> None:
        heapq.heappush(self.due, (when, next(self.number), what))

    def sleep(self, seconds: float) -> None:
        until = self.instant + seconds
        while self.due and self.due[0][0] <= until:
            self.step()
        self.instant = max(until, self.instant)

    def step(self) -> None:
        when, _, what = heapq.heappop(self.due)
        self.instant = max(when, self.instant)
        what()


class Waiting(threading.Condition):
    """A condition in which waiting means that the next thing happens."""

    def __init__(self, events: Events) -> None:
        super().__init__()
        self.events = events

    def wait(self, timeout: float | None = None) -> bool:
        before = self.events.instant
        if self.events.due:
            self.events.step()
        elif timeout is not None:
            self.events.instant = before + timeout
        return True


@attrs.define
class World:
    """A governor, and when the CRM counted which cost."""

    events: Events
    governor: Governor
    counted: list[tuple[float, int]] = attrs.field(factory=list)
    admitted: int = 0
    judge: Callable[[float], bool] | None = None
    refused: int = 0

    def go(self, trip: Trip, patience: float = 1e9) -> None:
        """Have a call admitted, and let its reply come when it is due."""
        stack = ExitStack()
        try:
            since = stack.enter_context(self.governor.admitted(trip.cost, self.events.now() + patience))
        except NoRoomError:
            return
        self.admitted += 1
        sent = self.events.now()
        end = sent + trip.latency
        seen = sent + trip.fraction * (trip.latency + (120.0 if trip.outcome == "lost" else 0.0))
        if trip.outcome != "unsent":
            self.counted.append((seen, trip.cost))
        self.events.at(end, lambda: self._end(stack, trip, seen, since))

    def _end(self, stack: ExitStack, trip: Trip, seen: float, since: float) -> None:
        error = {"lost": LostError(), "unsent": NotSentError()}.get(trip.outcome)
        try:
            with stack:
                if error is not None:
                    raise error
        except (LostError, NotSentError):
            return
        if self.judge is not None and not self.judge(seen):
            self.refused += 1
            self.governor.refused(since)
        else:
            self.governor.answered()


def world(*windows: Window, concurrent: int = 10, judge: Callable[[float], bool] | None = None) -> World:
    """Return a world at time 0 with a fresh governor."""
    events = Events()
    governor = Governor(windows, concurrent, events)
    governor._changed = Waiting(events)
    return World(events, governor, judge=judge)


def most(counted: list[tuple[float, int]], seconds: float) -> int:
    """Return the largest cost that a rolling window of so many seconds, ends included, ever held."""
    held: deque[tuple[float, int]] = deque()
    total = found = 0
    for at, cost in sorted(counted):
        held.append((at, cost))
        total += cost
        while held[0][0] < at - seconds:
            total -= held.popleft()[1]
        found = max(found, total)
    return found
