"""However calls fail, runners crash, pause and take over: nothing is lost, doubled, or told otherwise than it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from tests.migrate import mutants
from tests.migrate.schedule import AFTER, BEFORE, OPERATIONS, OTHER, run

from leadlens.emulation.faults import Fault

VENDORS = ("base", "copper", "zoho")
SCHEDULES = {100: 20, 2_000: 300, 50_000: 20_000}[settings().max_examples]
"""By profile: quick, ci and deep."""
PARTS = 5
_CONVERT = "convert_lead"


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("vendor", VENDORS)
def test_every_schedule_holds(vendor: str, part: int, tmp_path: Path) -> None:
    """No schedule breaks an invariant; a failing one is told with its seed and what happened."""
    for seed in range(part, SCHEDULES, PARTS):
        found = run(vendor, seed, tmp_path)
        assert not found.broken, "\n".join([f"seed {seed}:", *found.broken, *found.trace])


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_same_seed_gives_the_same_trace(vendor: str, tmp_path: Path) -> None:
    """I11: a seed tells the whole story."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    for seed in range(10):
        assert run(vendor, seed, tmp_path / "a").trace == run(vendor, seed, tmp_path / "b").trace


@pytest.mark.parametrize("name", mutants.ALL)
def test_every_mutant_is_caught(name: str, tmp_path: Path) -> None:
    """With one rule of the protocol switched off, some schedule within 1,000 breaks an invariant."""
    vendor, change = mutants.ALL[name]
    caught = (seed for seed in range(1_000) if run(vendor, seed, tmp_path, change).broken)
    assert next(caught, None) is not None


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_fault_at_every_operation(vendor: str, tmp_path: Path) -> None:
    """Each fault strikes each kind of call that a migration makes, alone and in a calm world, and nothing breaks.

    Records are read one by one where one conversion is moved alone.
    """
    number, missed = 0, []
    for operation in OPERATIONS[vendor]:
        for what in (*BEFORE, *AFTER, *OTHER):
            if what == "stale_search" and not operation.startswith(("search", "list")):
                continue
            if what == "late_commit" and operation.startswith(("search", "list", "get")):
                continue
            number += 1
            fault = Fault(what=what, operation=f"{vendor}.{operation}", nth=1)
            alone = operation == "get_*"
            found = run(vendor, 10_000 + number, tmp_path, given=[fault], calm=True, alone=alone)
            assert not found.broken, f"{what} at {operation}: {found.broken}\n" + "\n".join(found.trace)
            if what != "stale_search" and not any(struck == what for struck, _ in found.struck):
                missed.append((what, operation))
    assert not missed, f"{len(missed)} of {number} never struck: {missed}"
