"""However calls fail, no lead is converted twice, nothing is lost, and nobody is lied to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from tests.simulation import mutants
from tests.simulation.schedule import run

VENDORS = ("base", "copper", "zoho")
SCHEDULES = {100: 40, 2_000: 300, 50_000: 100_000}[settings().max_examples]
"""By profile: quick, ci and deep."""
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("vendor", VENDORS)
def test_every_schedule_holds(vendor: str, part: int, tmp_path: Path) -> None:
    """No schedule breaks an invariant; a failing one is told with its seed and what happened."""
    for seed in range(part, SCHEDULES, PARTS):
        found = run(vendor, seed, tmp_path)
        assert not found.broken, "\n".join([f"seed {seed}:", *found.broken, *found.trace])


def test_the_same_seed_gives_the_same_trace(tmp_path: Path) -> None:
    """A seed tells the whole story."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for seed in range(20):
        assert run("base", seed, tmp_path / "a").trace == run("base", seed, tmp_path / "b").trace


@pytest.mark.parametrize("name", mutants.ALL)
def test_every_mutant_is_caught(name: str, tmp_path: Path) -> None:
    """With one rule of the protocol switched off, some schedule within 1,000 breaks an invariant."""
    vendor, change = mutants.ALL[name]
    caught = (seed for seed in range(1_000) if run(vendor, seed, tmp_path, change).broken)
    assert next(caught, None) is not None
