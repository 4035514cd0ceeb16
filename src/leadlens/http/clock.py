"""The time that deadlines, pacing and waiting go by: monotonic, and replaceable in tests and simulations."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since some moment; never goes back."""

    def now(self) -> float:
        """Return the time in seconds."""

    def wall(self) -> float:
        """Return the time of the calendar, in seconds since 1970, to compare with what a CRM says."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""


class SystemClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Return the time in seconds."""
        return time.monotonic()

    def wall(self) -> float:
        """Return the time of the calendar, in seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(max(seconds, 0.0))
