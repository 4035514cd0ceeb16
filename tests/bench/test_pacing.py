"""The governor reaches nearly all that a CRM permits, and never more. No real time passes, so this judges."""

from __future__ import annotations

import pytest
from tests.bench.pacing import CASES, line, reached


@pytest.mark.parametrize("vendor", CASES)
def test_at_least_98_percent_of_the_permitted_rate(vendor: str) -> None:
    """For the vendor's window, with calls of 0.2 to 0.6 seconds."""
    found = reached(vendor)
    print(line(found))
    assert found.share >= 0.98
    assert found.most <= found.window.calls
