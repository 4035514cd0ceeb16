"""The ledger: a key stands for one request, an intent is durable before its call, and damage is noticed."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

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
    file.write_text("something else entirely " * 100, "utf-8")
    with pytest.raises(LedgerError, match=r"notes\.txt is no ledger"):
        Ledger(file)
    assert file.read_text("utf-8").startswith("something else")


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
