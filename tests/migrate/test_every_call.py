"""A migration is killed at any of its calls to the operating system, and goes on as if nothing had been."""

from __future__ import annotations

from pathlib import Path

from hypothesis import settings
from tests.migrate.every_call import tried, undisturbed
from tests.migrate.traced import needs_strace

KILLS = {100: 3, 2_000: 6, 50_000: 400}[settings().max_examples]


@needs_strace
def test_killed_at_every_call(tmp_path: Path) -> None:
    """Before and after every byte that is written, sent or read: each record is there once."""
    every, wanted = undisturbed(tmp_path)
    assert wanted["Leads", "converted"] == 1
    done = list(tried(every, KILLS))
    assert sum(trial.killed for trial in done) >= KILLS * 0.8
    assert [trial for trial in done if trial.made != wanted] == []
