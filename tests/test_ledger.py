"""The ledger: a key stands for one request, an intent is durable before its call, and damage is noticed."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path
from traceback import StackSummary, TracebackException
from typing import Any

import pytest

from leadlens.errors import UsageError
from leadlens.ledger import Ledger, LedgerError

REQUEST = {"lead_id": "5"}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "made/ledger.db")


def test_an_intent_goes_its_way(ledger: Ledger) -> None:
    """Planned, sending, done: each state is there for whoever opens the file next, with its outcome."""
    assert ledger.begin("k", "eu", "convert", REQUEST).state == "planned"
    ledger.sending("k", 100.5)
    again = Ledger(ledger.path)
    assert (again.get("k").state, again.get("k").sent_wall) == ("sending", 100.5)
    ledger.done("k", {"id": "7"})
    found = again.begin("k", "eu", "convert", REQUEST)
    assert (found.state, found.outcome, found.sent_wall) == ("done", {"id": "7"}, 100.5)
    again.check()
    again.close()


def test_what_was_refused_can_be_sent_again(ledger: Ledger) -> None:
    """A refusal leads back to planned; an outcome is for ever."""
    ledger.begin("k", "eu", "convert", REQUEST)
    ledger.sending("k", 1.0)
    ledger.refused("k")
    assert ledger.get("k").state == "planned"
    ledger.sending("k", 2.0)
    ledger.done("k", None)
    with pytest.raises(LedgerError, match="not in a state that can become sending"):
        ledger.sending("k", 3.0)
    assert ledger.get("k").state == "done"


@pytest.mark.parametrize(
    ("account", "kind", "request_"),
    [("us", "convert", REQUEST), ("eu", "upsert", REQUEST), ("eu", "convert", {"lead_id": "6"})],
)
def test_a_key_is_never_used_twice(ledger: Ledger, account: str, kind: str, request_: dict[str, str]) -> None:
    """The same key with another account, kind or request is refused."""
    ledger.begin("k", "eu", "convert", REQUEST)
    with pytest.raises(UsageError, match="used for another request"):
        ledger.begin("k", account, kind, request_)


def test_an_unknown_key(ledger: Ledger) -> None:
    """A key that is not there is told."""
    with pytest.raises(UsageError, match="no such key"):
        ledger.get("x")


def test_the_file_is_for_its_owner_alone(ledger: Ledger) -> None:
    """The ledger holds ids and names: nobody else reads it. It is written through to the disk."""
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ledger.path.parent.stat().st_mode) == 0o700
    assert ledger._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert ledger._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    """What is there already, also beside it, becomes the owner's alone."""
    first = Ledger(tmp_path / "l.db")
    first.begin("k", "eu", "convert", REQUEST)
    beside = [first.path, *(tmp_path / f"l.db-{part}" for part in ("wal", "shm"))]
    for file in beside:
        file.chmod(0o644)
    Ledger(first.path).close()
    assert [stat.S_IMODE(file.stat().st_mode) for file in beside] == [0o600] * 3
    empty = tmp_path / "empty.db"
    empty.touch(0o644)
    Ledger(empty)
    assert stat.S_IMODE(empty.stat().st_mode) == 0o600


def test_a_file_that_stays_open_to_others_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be another user's: nothing is written into it."""
    Ledger(tmp_path / "l.db").close()
    (tmp_path / "l.db").chmod(0o644)

    def refuses(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuses)
    with pytest.raises(LedgerError, match=r"l\.db is open to others: Operation not permitted"):
        Ledger(tmp_path / "l.db")


def test_damage_is_noticed(ledger: Ledger) -> None:
    """A change of an event, or of a state without its event, breaks the chain."""
    for key in ("a", "b"):
        ledger.begin(key, "eu", "convert", REQUEST)
    ledger.sending("a", 1.0)
    ledger.check()
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute("UPDATE intent SET state = 'done' WHERE key = 'b'")
    with pytest.raises(LedgerError, match="a state without its event"):
        ledger.check()
    other.execute("UPDATE intent SET state = 'planned' WHERE key = 'b'")
    ledger.check()
    other.execute("UPDATE event SET body = x'00' WHERE number = 2")
    with pytest.raises(LedgerError, match="event of 'b'"):
        ledger.check()
    other.close()


def test_another_file_is_no_ledger(tmp_path: Path) -> None:
    """A file that is no ledger is refused, not overwritten."""
    file = tmp_path / "notes.txt"
    for size in (1, 15, 511, 512, 5000):
        data = (b"something else entirely " * 250)[:size]
        file.write_bytes(data)
        file.chmod(0o644)
        with pytest.raises(LedgerError, match=r"notes\.txt is no ledger"):
            Ledger(file)
        assert file.read_bytes() == data
        assert stat.S_IMODE(file.stat().st_mode) == 0o644
        assert [one.name for one in tmp_path.iterdir()] == ["notes.txt"]


def test_what_is_no_file_is_no_ledger(tmp_path: Path) -> None:
    """A folder, a device, a place below a file."""
    for place in (tmp_path, Path("/dev/null")):
        with pytest.raises(LedgerError, match="is no ledger: it is something else"):
            Ledger(place)
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match=r"l\.db cannot be opened: (File exists|Not a directory)"):
        Ledger(tmp_path / "file" / "l.db")


def test_what_sqlite_says_is_an_error_of_the_ledgers(ledger: Ledger) -> None:
    """A file that another program holds, and one that is closed: no data is in the error or its frames."""
    ledger.begin("k", "eu", "convert", REQUEST)
    ledger.sending("k", 1.0)
    ledger._db.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for work in (lambda: ledger.done("k", ["canary"]), lambda: ledger.begin("n", "eu", "convert", ["canary"])):
        with pytest.raises(LedgerError, match=r"ledger\.db cannot be used: database is locked") as caught:
            work()
        seen = [frame for frame in _frames(caught.value) if frame.filename.endswith("ledger.py")]
        assert len(seen) > 2
        assert "canary" not in str([frame.locals for frame in seen if "test" not in frame.filename])
    other.close()
    assert ledger.get("k").state == "sending"
    ledger.done("k", {"id": "7"})
    ledger.close()
    with pytest.raises(LedgerError, match="closed database"):
        ledger.get("k")
    with pytest.raises(LedgerError, match="closed database"):
        ledger.begin("k", "eu", "convert", REQUEST)


def _frames(error: BaseException) -> StackSummary:
    return TracebackException.from_exception(error, capture_locals=True).stack


def test_a_failed_commit_is_rolled_back(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next step begins anew, and the state is the one before."""

    class Full:
        """A database whose disk is full when it commits."""

        def __init__(self, real: sqlite3.Connection) -> None:
            self.real = real

        def execute(self, sql: str, *values: Any) -> Any:
            if sql == "COMMIT":
                raise sqlite3.OperationalError("database or disk is full")
            return self.real.execute(sql, *values)

        @property
        def in_transaction(self) -> bool:
            return self.real.in_transaction

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "_db", Full(ledger._db))
        with pytest.raises(LedgerError, match="disk is full"):
            ledger.begin("k", "eu", "convert", REQUEST)
    with pytest.raises(UsageError, match="no such key"):
        ledger.get("k")
    ledger.begin("k", "eu", "convert", REQUEST)
    ledger.check()


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
    ledger.begin("k", "eu", "convert", REQUEST)
    with pytest.raises(LedgerError):
        ledger.done("k", {"id": "7"})
    ledger.check()
    assert ledger.get("k").state == "planned"
