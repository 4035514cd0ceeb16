"""How much of what a CRM permits the governor reaches, on a virtual clock: ``python -m tests.bench.pacing``.

Measured after the first window's calls, over the calls of ten windows of Copper's and two of Base's: the time that they
must take at least, by the time that they took. Replies take 0.2 to 0.6 seconds.
"""

from __future__ import annotations

import random

import attrs
from tests.http.simulation import Trip, most, world

from leadlens import registry
from leadlens.access import Window

CASES = {"copper": 10, "base": 2}


@attrs.frozen
class Reached:
    """One CRM's window, the share of the permitted rate that was reached, and the most calls in any rolling window."""

    vendor: str
    window: Window
    share: float
    most: int


def reached(vendor: str) -> Reached:
    """Simulate an account that always has a call waiting."""
    access = registry.get(vendor).access
    assert access is not None
    (window,) = access().windows
    chance, made = random.Random(7), world(window, concurrent=access().concurrent)
    count = window.calls * CASES[vendor]
    while made.admitted <= window.calls + count:
        made.go(Trip(0.2 + 0.4 * chance.random(), chance.random()))
    seen = sorted(at for at, _ in made.counted)
    share = window.seconds * CASES[vendor] / (seen[window.calls + count] - seen[window.calls])
    return Reached(vendor, window, share, most(made.counted, window.seconds))


def line(found: Reached) -> str:
    """Return one line of the table."""
    window = f"{found.window.calls} in {found.window.seconds:g} s"
    return f"{found.vendor:8}{window:>18}{found.share:>10.2%}{found.most:>10} at most"


if __name__ == "__main__":
    for name in CASES:
        print(line(reached(name)))
