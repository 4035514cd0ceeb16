"""The ledger: a key stands for one request, an intent is durable before its call, and damage is noticed."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from leadlens.errors import UsageError
from leadlens.ledger import Ledger, digest
from leadlens.store import LedgerError

REQUEST = digest("eu", "convert", {"lead_id": "5"})
LEAD = "5"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "made/ledger.db")


def test_an_intent_goes_its_way(ledger: Ledger) -> None:
    """Planned, sending, done: each state is there for whoever opens the file next, with its outcome."""
    assert ledger.begin("k", "eu", "convert", LEAD, REQUEST).state == "planned"
    ledger.sending("k", 100.5)
    again = Ledger(ledger.path)
    assert (again.get("k").state, again.get("k").sent_wall) == ("sending", 100.5)
    ledger.done("k", {"id": "7"})
    found = again.begin("k", "eu", "convert", LEAD, REQUEST)
    assert (found.state, found.outcome, found.sent_wall) == ("done", {"id": "7"}, 100.5)
    again.check()
    again.close()


def test_what_was_refused_can_be_sent_again(ledger: Ledger) -> None:
    """A refusal leads back to planned; an outcome is for ever."""
    ledger.begin("k", "eu", "convert", LEAD, REQUEST)
    ledger.sending("k", 1.0)
    ledger.refused("k")
    assert ledger.get("k").state == "planned"
    ledger.sending("k", 2.0)
    ledger.done("k", None)
    with pytest.raises(LedgerError, match="'k' is done and cannot become sending"):
        ledger.sending("k", 3.0)
    assert ledger.get("k").state == "done"


@pytest.mark.parametrize(
    ("account", "kind", "request_"),
    [("us", "convert", {"lead_id": "5"}), ("eu", "upsert", {"lead_id": "5"}), ("eu", "convert", {"lead_id": "6"})],
)
def test_a_key_is_never_used_twice(ledger: Ledger, account: str, kind: str, request_: dict[str, str]) -> None:
    """The same key with another account, kind or request is refused."""
    ledger.begin("k", "eu", "convert", LEAD, REQUEST)
    with pytest.raises(UsageError, match="used for another request"):
        ledger.begin("k", account, kind, LEAD, digest(account, kind, request_))


def test_an_unknown_key(ledger: Ledger) -> None:
    """A key that is not there is told."""
    with pytest.raises(UsageError, match="no such key"):
        ledger.get("x")


def test_the_file_is_for_its_owner_alone(ledger: Ledger) -> None:
    """The ledger holds ids and names: nobody else reads it, not even a file that others made. It is written through."""
    ledger.path.chmod(0o644)
    Ledger(ledger.path).close()
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ledger.path.parent.stat().st_mode) == 0o700
    assert ledger._store._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert ledger._store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


DAMAGE = [
    "UPDATE intent SET state = 'planned' WHERE key = 'a'",
    "UPDATE intent SET outcome = '{\"id\": \"99\"}' WHERE key = 'a'",
    "UPDATE intent SET digest = 'x' WHERE key = 'b'",
    "UPDATE event SET body = 'x' WHERE number = 2",
    "UPDATE event SET hash = 'x' WHERE number = 3",
    "DELETE FROM intent WHERE key = 'b'",
    "DELETE FROM event WHERE number = 4",
]


@pytest.mark.parametrize("change", DAMAGE)
def test_damage_is_noticed(ledger: Ledger, change: str) -> None:
    """A state, an outcome or an event that was changed outside is found by a check, and by whoever opens the file."""
    for key in ("a", "b"):
        ledger.begin(key, "eu", "convert", LEAD, REQUEST)
    ledger.sending("a", 1.0)
    ledger.done("a", {"id": "41"})
    ledger.check()
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute(change)
    other.close()
    with pytest.raises(LedgerError, match="was changed outside"):
        ledger.check()
    with pytest.raises(LedgerError, match="was changed outside"):
        Ledger(ledger.path)


def test_a_time_of_many_digits_is_no_damage(ledger: Ledger) -> None:
    """The calendar of this machine counts more digits than a JSON number keeps by itself."""
    ledger.begin("k", "eu", "convert", LEAD, REQUEST)
    ledger.sending("k", 1795284000.1234567)
    ledger.check()
    Ledger(ledger.path).close()


def test_what_is_known_of_a_lead(ledger: Ledger) -> None:
    """Whoever converts a lead under another key learns what was begun with it, in the same account."""
    ledger.begin("a", "eu", "convert", LEAD, REQUEST)
    ledger.begin("b", "us", "convert", LEAD, digest("us", "convert", {}))
    assert [intent.key for intent in ledger.about("eu", LEAD)] == ["a"]


def test_processes_wait_for_each_other(ledger: Ledger) -> None:
    """While one process works on a lead another one that uses the file waits, and goes on when the first has died."""
    script = (
        "import sys, time; from leadlens.ledger import Ledger\n"
        "with Ledger(sys.argv[1]).held('k1', 'eu', '5'):\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(ledger.path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        inside = threading.Event()

        def work() -> None:
            with ledger.held("k2", "eu", "5"):
                inside.set()

        thread = threading.Thread(target=work)
        thread.start()
        assert not inside.wait(0.5)
        with ledger.held("k3", "eu", "6"):
            assert not inside.is_set()
        other.kill()
    assert inside.wait(10)
    thread.join()


def test_another_file_is_no_ledger(tmp_path: Path) -> None:
    """A file that is no ledger is refused, not overwritten."""
    file = tmp_path / "notes.txt"
    for size in (1, 15, 511, 512, 5000):
        text = ("something else entirely " * 250)[:size]
        file.write_text(text, "utf-8")
        file.chmod(0o644)
        with pytest.raises(LedgerError, match=r"notes\.txt is no ledger"):
            Ledger(file)
        assert file.read_text("utf-8") == text
        assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_what_is_no_file_is_no_ledger(tmp_path: Path) -> None:
    """A folder, a device: each is refused and stays as it is."""
    before = Path("/dev/null").stat().st_mode
    for place in (tmp_path, Path("/dev/null")):
        with pytest.raises(LedgerError, match="is no ledger: it is something else"):
            Ledger(place)
    assert Path("/dev/null").stat().st_mode == before


def test_what_is_kept_beside_it_is_for_its_owner_too(ledger: Ledger) -> None:
    """The newest rows are there before they are in the file itself."""
    ledger.begin("k", "eu", "convert", "5", "x")
    beside = [ledger.path.with_name(ledger.path.name + part) for part in ("-wal", "-shm")]
    for file in beside:
        file.chmod(0o644)
    Ledger(ledger.path).close()
    assert [stat.S_IMODE(file.stat().st_mode) for file in beside] == [0o600, 0o600]


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="Linux lists its locks")
def test_another_ledger_of_the_same_file_lets_go_of_nothing(ledger: Ledger) -> None:
    """Whoever closes a file loses all locks that its process has on it: another process could take away its rows."""

    def locks() -> int:
        held = f":{ledger.path.stat().st_ino} "
        return sum(held in line and f" {os.getpid()} " in line for line in Path("/proc/locks").read_text().splitlines())

    ledger.begin("k", "eu", "convert", "5", "x")
    before = locks()
    other = Ledger(ledger.path)
    assert locks() >= before > 0
    other.close()
    assert locks() == before


def test_one_thread_at_a_time_works_on_a_key(ledger: Ledger) -> None:
    """While a key is held, others wait for it; other keys do not."""
    order: list[str] = []
    inside, go = threading.Event(), threading.Event()

    def first() -> None:
        with ledger.held("k"):
            inside.set()
            go.wait(5)
            order.append("first")

    def second() -> None:
        with ledger.held("k"):
            order.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    inside.wait(5)
    threads[1].start()
    with ledger.held("other"):
        order.append("other")
    go.set()
    for thread in threads:
        thread.join(5)
    assert order == ["other", "first", "second"]


def test_a_failed_step_changes_nothing(ledger: Ledger) -> None:
    """A step that cannot be taken leaves no event behind."""
    ledger.begin("k", "eu", "convert", LEAD, REQUEST)
    with pytest.raises(LedgerError):
        ledger.done("k", {"id": "7"})
    ledger.check()
    assert ledger.get("k").state == "planned"
