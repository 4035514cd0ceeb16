"""A run that is killed at any moment, on a sandbox that is a server: the next one goes on, and nothing is doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from tests.migrate.accounts import KEPT
from tests.migrate.traced import QUIET

from leadlens import Sandbox
from leadlens.cli import BAD_INPUT, DONE, run
from leadlens.decoding import loads
from leadlens.emulation.clock import RealClock
from leadlens.migrate.book import Book
from leadlens.migrate.items import Item
from leadlens.sandbox.server import serving

KILLS = {100: 3, 2_000: 21, 50_000: 2_001}[settings().max_examples]
SOURCES = {"base": "zoho", "copper": "zoho", "zoho": "base"}
LEAD = {"base": "lead", "copper": "lead", "zoho": "Leads"}


def _process(*arguments: str) -> subprocess.Popen[bytes]:
    code = f"{QUIET}import sys; from leadlens.cli import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "migrate", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _after(calls: int, sandbox: Sandbox, target: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the target has seen so many more calls: a slow machine is killed as far in as a fast one."""
    last = sandbox.truth.entries()[-1].sequence
    while process.poll() is None and len(sandbox.truth.entries(target, after=last)) < calls:
        time.sleep(0.02)


def _waiting(folder: Path) -> list[Item]:
    """Return what the ledger leaves to a person."""
    book = Book(folder / "leadlens-migration.ledger")
    try:
        return [Item(**row) for row in book.store.rows("item") if row["state"] in ("review", "rejected")]
    finally:
        book.close()


def _looked_up(folder: Path, sandbox: Sandbox, target: str, plan: str, *asked: str) -> None:
    """Do as a person does: look each lead up in the CRM, and let it go on where it surely was not converted.

    Copper has no call that tells conversions: there, what is not found is never sent again without somebody's word.
    """
    converted = {str(change.id) for change in sandbox.truth.changes(target, what="converted")}
    waiting = _waiting(folder)
    assert {item.reason for item in waiting} <= {"not_found"}, waiting
    assert not {item.target for item in waiting} & converted, "what was converted was found"
    for item in waiting:
        assert run(["migrate", "review", plan, "--retry", item.op_id, *asked]) == DONE


@pytest.mark.parametrize("target", list(SOURCES))
def test_killed_at_any_moment(target: str, tmp_path: Path) -> None:
    """SIGKILL at random times: every conversion is there once, and the ledger knows each.

    The CRM has the time of day, as CRMs have: what was converted in another year would be somebody else's.
    """
    source = SOURCES[target]
    drawn = random.Random(f"kills:{target}")
    with Sandbox(7, switches=KEPT, clock=RealClock()) as sandbox, serving(sandbox) as url:
        plan = str(tmp_path / "plan.json")
        assert run(["migrate", "plan", source, target, "--sandbox", url, "-o", plan, "--json"]) == DONE
        asked = ("apply", plan, "--sandbox", url)
        killed = 0
        for _ in range(KILLS // len(SOURCES)):
            process = _process(*asked)
            _after(drawn.randrange(120), sandbox, target, process)
            time.sleep(drawn.random() * 0.02)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += process.returncode == -signal.SIGKILL
        assert killed
        _process(*asked).communicate(timeout=240)
        _looked_up(tmp_path, sandbox, target, plan, "--sandbox", url)
        process = _process(*asked)
        _, told = process.communicate(timeout=240)
        assert process.returncode == DONE, (told.decode(), _waiting(tmp_path))
        converted = Counter(change.id for change in sandbox.truth.changes(target, what="converted") if change.sequence)
        wanted = loads(Path(plan).read_bytes())["counts"]
        assert len(converted) == wanted["replay"]
        assert set(converted.values()) == {1}
        made = [change for change in sandbox.truth.changes(target, LEAD[target], "created") if change.sequence]
        assert len(made) == wanted["replay"], "no lead is there twice"


def test_two_runs_at_once(tmp_path: Path) -> None:
    """The second one is told at once, and sends nothing."""
    with Sandbox(7, switches=KEPT) as sandbox, serving(sandbox) as url:
        plan = str(tmp_path / "plan.json")
        assert run(["migrate", "plan", "base", "zoho", "--sandbox", url, "-o", plan, "--json"]) == DONE
        first = _process("apply", plan, "--sandbox", url)
        lock = tmp_path / "leadlens-migration.ledger.lock"
        while not lock.exists() and first.poll() is None:
            time.sleep(0.05)
        first.send_signal(signal.SIGSTOP)
        second = _process("apply", plan, "--sandbox", url)
        _, told = second.communicate(timeout=60)
        assert b"another process works with this ledger" in told
        assert second.returncode not in (DONE, BAD_INPUT)
        first.send_signal(signal.SIGCONT)
        os.kill(first.pid, signal.SIGINT)
        _, told = first.communicate(timeout=120)
        assert b"Traceback" not in told
