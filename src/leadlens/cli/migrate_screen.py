"""Where a migration is, on one line of a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

from leadlens.migrate.items import FINAL
from leadlens.migrate.runner import Progress

_LOST = 2
"""So many of the fields that lose something are named."""


class Screen:
    """Shows where a run is, a few times a second."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._last = quiet or not sys.stderr.isatty(), 0.0

    def __call__(self, at: Progress) -> None:
        """Show it."""
        if self._quiet or time.monotonic() - self._last < 0.3:
            return
        self._last = time.monotonic()
        left = "" if at.left is None else f", about {time_left(at.left)} left"
        rate = at.done / at.seconds * 60 if at.seconds else 0.0
        states = ", ".join(f"{number} {state}" for state, number in at.counts.items() if state in FINAL)
        sys.stderr.write(f"\r\x1b[K{at.done} of {at.total} ({rate:.0f} a minute{left}): {states}{_lost(at.lost)}")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if not self._quiet:
            sys.stderr.write("\n")


def _lost(lost: Mapping[str, int]) -> str:
    """Say in a few words what is lost so far, the most frequent first."""
    first = sorted(lost, key=lambda path: (-lost[path], path))[:_LOST]
    told = ", ".join(f"{path} {lost[path]}" for path in first)
    return f"; lost: {told}{f' and {len(lost) - _LOST} more' if len(lost) > _LOST else ''}" if lost else ""


def time_left(seconds: float) -> str:
    """Say how long something takes, in seconds or minutes."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
