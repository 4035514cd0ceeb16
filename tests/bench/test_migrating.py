"""A migration uses nearly all of the rate that its target permits. No real time passes, so this judges."""

from __future__ import annotations

from tests.bench.migrating import measured


def test_at_least_98_percent_of_the_targets_rate() -> None:
    """Copper's 180 calls a minute, after the first minute, and never a 429."""
    found = measured("base", "copper", 110)
    print(found.line)
    assert found.share is not None
    assert found.share >= 0.98
    assert found.refused == 0
    assert found.leads == found.converts <= found.conversions
