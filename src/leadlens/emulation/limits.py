"""Rate limits, off unless asked for, on whichever clock the sandbox has."""

from __future__ import annotations

from collections import deque

import attrs


@attrs.frozen
class Limit:
    """At most ``amount`` per ``seconds`` (a rolling window), or at the same time when ``seconds`` is 0.

    Each call costs what its route says, 1 by default. ``each`` says what is counted apart: all of the ``account``, or
    each ``token``.
    """

    amount: int
    seconds: float
    each: str = "account"


@attrs.define
class Meter:
    """Counts against one limit. Within a window the oldest call is forgotten when it is ``seconds`` old."""

    limit: Limit
    _seen: dict[str, deque[tuple[float, int]]] = attrs.field(factory=dict)

    def wait(self, key: str, cost: int, at: float, running: int) -> float | None:
        """Return None and count the call, or the seconds until it would be let through (0: unknown)."""
        if not self.limit.seconds:
            return None if running <= self.limit.amount else 0.0
        window = self._seen.setdefault(key, deque())
        while window and window[0][0] <= at - self.limit.seconds:
            window.popleft()
        if sum(spent for _, spent in window) + cost > self.limit.amount:
            return window[0][0] + self.limit.seconds - at if window else self.limit.seconds
        window.append((at, cost))
        return None
