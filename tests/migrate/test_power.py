"""The power is lost at any moment of a migration: what was written down is there, and so is what announced a write."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from tests.migrate.power import recorded, tried
from tests.migrate.traced import needs_strace

STATES = {100: 100, 2_000: 300, 50_000: 10_000}[settings().max_examples]
NORMAL = "import leadlens.store as k; k._SETTINGS = (*k._SETTINGS, 'synchronous = NORMAL')"
"""With this setting SQLite loses what it said was written: it stands here so that the judge is seen to judge."""


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "migration", tmp_path / "disk"
    one.mkdir()
    other.mkdir()
    return one, other


@needs_strace
def test_nothing_that_was_written_is_lost(folders: tuple[Path, Path]) -> None:
    """Whatever of the rest reached the disk: the ledger opens, is whole, and knows every write that left."""
    done = recorded(folders[0], 2)
    found = list(tried(done, STATES, folders[1]))
    assert len(found) >= STATES * 0.9
    assert [line for line in found if line] == []


@needs_strace
def test_a_ledger_that_does_not_wait_for_the_disk_is_caught(folders: tuple[Path, Path]) -> None:
    """Without FULL a write can have left that the ledger knows nothing of."""
    done = recorded(folders[0], 2, NORMAL)
    assert [line for line in tried(done, 100, folders[1]) if line]
