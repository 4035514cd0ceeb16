"""Where every timestamp of the sandbox comes from: a real clock, or a virtual one that makes runs repeatable."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final, Protocol

import attrs

START: Final = 1_767_603_600.0
"""Where a virtual clock starts: 2026-01-05T09:00:00Z."""


class Clock(Protocol):
    """Seconds since 1970, UTC."""

    def now(self) -> float:
        """Return the time."""

    def tick(self) -> float:
        """Return the time of a new call."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""


@attrs.define
class VirtualClock:
    """Stands still but for ``step`` seconds per call and what :meth:`advance` adds."""

    instant: float = START
    step: float = 1.0

    def now(self) -> float:
        """Return the time."""
        return self.instant

    def tick(self) -> float:
        """Move on by one step and return the time."""
        self.instant += self.step
        return self.instant

    def advance(self, seconds: float) -> None:
        """Move on by hand; raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError("a virtual clock does not go back")
        self.instant += seconds

    sleep = advance


class RealClock:
    """The clock of the machine."""

    def now(self) -> float:
        """Return the time."""
        return time.time()

    tick = now

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def unix(instant: float) -> int:
    """Return an instant in whole Unix seconds."""
    return int(instant)


def iso_utc(instant: float) -> str:
    """Return an instant as ``2026-01-05T09:00:00Z``."""
    return datetime.fromtimestamp(int(instant), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_offset(instant: float) -> str:
    """Return an instant as ``2026-01-05T09:00:00+00:00``."""
    return datetime.fromtimestamp(int(instant), UTC).isoformat(timespec="seconds")
