"""The ledger's file: chained, fenced, held by one process; damage and refusals are told, and nothing is sent then."""

from __future__ import annotations

import random
import sqlite3
import stat
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import settings
from tests.migrate.accounts import Migration, migration

from leadlens.migrate.book import Book
from leadlens.migrate.items import AT_ONCE, Item, Run
from leadlens.migrate.tables import ITEM
from leadlens.store import BusyError, FencedError, LedgerError, Store

FLIPS = {100: 60, 2_000: 500, 50_000: 2_000}[settings().max_examples]
RUN = Run(id="r", source="a", target="b", plan="p", mapping="m", policy="o", version="1")


def items(number: int) -> list[Item]:
    return [Item(op_id=f"op{at}", run="r", place=at, decision="replay", lead=str(at)) for at in range(number)]


@pytest.fixture
def book(tmp_path: Path) -> Any:
    made = Book(tmp_path / "ledger.db")
    made.open_run(RUN, items(3), [("op0", "matches", {})], 1.0)
    yield made
    made.close()


def test_only_its_owner_reads_it(book: Book) -> None:
    """It holds what people said of themselves."""
    assert stat.S_IMODE(book.store.path.stat().st_mode) == 0o600


def test_times_are_kept_exactly(book: Book) -> None:
    """Also one with more digits than JSON usually has: nothing was changed by writing it down."""
    item = book.move(book.item("op0"), "source_read", due=1_795_290_000.1234567)
    assert book.item("op0").due == item.due == 1_795_290_000.1234567
    book.store.check()


def test_a_second_process_is_turned_away(book: Book) -> None:
    """One process at a time works with a ledger."""
    with pytest.raises(BusyError, match="another process"):
        Book(book.store.path)


def test_who_was_taken_over_writes_nothing(book: Book) -> None:
    """A new epoch fences off the old one, whatever it was about to do."""
    item = book.item("op0")
    other = Book(book.store.path, alone=False)
    other.open_run(RUN, [], [], 2.0)
    with pytest.raises(FencedError):
        book.move(item, "source_read")
    with pytest.raises(FencedError):
        book.fence()
    assert other.move(other.item("op0"), "source_read").epoch == other.epoch
    with pytest.raises(FencedError):
        other.move(item, "source_read")
    other.close()


def test_a_state_that_cannot_follow_is_refused(book: Book) -> None:
    """An upserted lead was not converted; a lead that is only planned was not either."""
    with pytest.raises(LedgerError, match="cannot become converted"):
        book.move(book.item("op0"), "converted")
    assert book.item("op0").state == "planned"


def test_a_lead_of_the_target_belongs_to_one_conversion(book: Book) -> None:
    """Over all runs of the ledger."""
    claim = {"account": "b", "lead": "7"}
    for op_id in ("op0", "op1"):
        item = book.move(book.move(book.item(op_id), "source_read"), "upserting")
        if op_id == "op0":
            book.move(item, "upserted", claim={**claim, "op_id": op_id})
        else:
            with pytest.raises(FencedError, match="another conversion"):
                book.move(item, "upserted", claim={**claim, "op_id": op_id})
            assert book.item(op_id).state == "upserting"


@pytest.mark.parametrize("name", ["source", "target"])
def test_other_accounts_are_refused(book: Book, name: str) -> None:
    """A ledger belongs to one pair of accounts."""
    with pytest.raises(LedgerError, match="belongs to a migration"):
        book.open_run(attrs.evolve(RUN, id="s", **{name: "other"}), [], [], 2.0)


@pytest.mark.parametrize("name", ["plan", "mapping", "policy", "version"])
def test_a_run_goes_on_by_its_own_rules_only(book: Book, name: str) -> None:
    """Neither a plan, a mapping, a policy nor a version may change under it."""
    with pytest.raises(LedgerError, match=name):
        book.open_run(attrs.evolve(RUN, **{name: "other"}), [], [], 2.0)


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    """Neither a text nor another program's database is written to."""
    (tmp_path / "text").write_text("hello " * 1_000, encoding="utf-8")
    with pytest.raises(LedgerError, match="is no ledger: it is something else"):
        Book(tmp_path / "text")
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("CREATE TABLE t (x)")
    db.close()
    with pytest.raises(LedgerError, match="no ledger of this kind"):
        Book(tmp_path / "other.db")


def test_a_full_disk_sends_nothing(tmp_path: Path) -> None:
    """What cannot be announced does not leave; later the run goes on."""
    with migration("base", "zoho", tmp_path) as moved:
        work = moved.open()
        db = work.book.store._db
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0] + 8}")
        from leadlens.migrate.runner import Runner

        with pytest.raises(LedgerError, match="full"):
            Runner(work).run()
        before = len(moved.writes())
        with pytest.raises(LedgerError, match="full"):
            Runner(work).run()
        assert len(moved.writes()) == before
        work.book.close()
        assert moved.run().counts == {"verified": 40}
        converted = [c.id for c in moved.sandbox.truth.changes("zoho", what="converted") if c.sequence]
        assert len(converted) == len(set(converted)) == 36


def test_a_ledger_that_cannot_be_written_sends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read-only is told at once."""
    with migration("base", "zoho", tmp_path, only=["40"]) as moved:
        moved.open()
        moved.book.close()
        connect = sqlite3.connect

        def read_only(path: Any, **options: Any) -> Any:
            return connect(f"file:{path}?mode=ro", uri=True, **options)

        monkeypatch.setattr(sqlite3, "connect", read_only)
        before = len(moved.sandbox.truth.entries("zoho"))
        with pytest.raises(LedgerError, match="readonly"):
            moved.open()
        assert len(moved.sandbox.truth.entries("zoho")) == before


def test_an_older_copy_put_back_sends_nothing(tmp_path: Path) -> None:
    """It does not know what was done since: it is told from the newest one, which goes on."""
    with migration("base", "zoho", tmp_path, only=["8", "16"]) as moved:
        turns = iter(range(100))
        moved.run(stop=lambda: next(turns) > 4)
        _alone(moved)
        older = moved.ledger.read_bytes()
        assert moved.run().counts == {"verified": 2}
        _alone(moved)
        newest, sent = moved.ledger.read_bytes(), len(moved.sandbox.truth.entries("zoho"))
        moved.ledger.write_bytes(older)
        with pytest.raises(LedgerError, match="older copy"):
            moved.run()
        moved.ledger.unlink()
        with pytest.raises(LedgerError, match="begin anew with another ledger"):
            moved.run()
        assert len(moved.sandbox.truth.entries("zoho")) == sent
        moved.ledger.write_bytes(newest)
        assert moved.run().counts == {"verified": 2}


def test_a_ledger_may_be_further_than_what_is_remembered(tmp_path: Path) -> None:
    """A crash may come between the two, and a machine that loses its power may lose what is remembered."""
    path = tmp_path / "ledger.db"
    head = tmp_path / "ledger.db.head"
    for number, lost in enumerate((None, b"", b"\0" * 85)):
        book = Book(path)
        book.open_run(RUN, items(1) if not number else [], [], 1.0)
        book.close()
        before = head.read_bytes() if lost is None else lost
        book = Book(path)
        book.open_run(RUN, [], [], 2.0)
        book.close()
        head.write_bytes(before)
    Book(path).close()
    assert head.read_bytes().endswith(b"\n")
    assert stat.S_IMODE(head.stat().st_mode) == 0o600


def _content(path: Path) -> Any:
    """Return all that a ledger says, or None where it cannot be read."""
    db = sqlite3.connect(path)
    try:
        db.text_factory = bytes
        names = sorted(row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))
        return [(name, db.execute(f"SELECT * FROM {name.decode()} ORDER BY 1, 2").fetchall()) for name in names]
    except (sqlite3.Error, UnicodeDecodeError):
        return None
    finally:
        db.close()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ledger with a run that was stopped half-way."""
    folder = tmp_path_factory.mktemp("finished")
    with migration("base", "zoho", folder) as moved:
        turns = iter(range(1_000))
        moved.run(stop=lambda: next(turns) > 40)
        return _alone(moved)


def _alone(moved: Migration) -> Path:
    with sqlite3.connect(moved.ledger) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    return moved.ledger


def test_every_flipped_bit_that_matters_is_noticed(finished: Path, tmp_path: Path) -> None:
    """A bit that changes what the ledger says, anywhere in it, stops everything before anything is sent."""
    whole, said = finished.read_bytes(), _content(finished)
    drawn, noticed, harmless = random.Random("flips"), 0, 0
    broken = tmp_path / "broken.db"
    while noticed < FLIPS:
        at = drawn.randrange(len(whole) * 8)
        data = bytearray(whole)
        data[at // 8] ^= 1 << at % 8
        broken.write_bytes(data)
        changed = _content(broken) != said
        try:
            Book(broken).close()
        except LedgerError:
            noticed += 1
        else:
            assert not changed, f"bit {at} changed what the ledger says, and nobody noticed"
            harmless += 1
        for rest in tmp_path.glob("broken.db-*"):
            rest.unlink()
    assert noticed == FLIPS


def test_a_part_of_a_transaction_can_fail_alone(book: Book) -> None:
    """What it wrote is gone, the rest is there, and the chain of events is whole."""
    with book.at_once():
        moved = book.move(book.item("op0"), "source_read", documents={"note": 1})
        claim = {"account": "b", "lead": "7", "op_id": "op0"}
        upserting = book.move(moved, "upserting")
        book.move(upserting, "upserted", claim=claim)
        other = book.move(book.move(book.item("op1"), "source_read"), "upserting")
        with pytest.raises(FencedError, match="another conversion"):
            book.move(other, "upserted", claim={**claim, "op_id": "op1"})
    assert book.item("op0").state == "upserted"
    assert book.item("op1").state == "upserting"
    book.store.check()


def _both(book: Book) -> None:
    with book.at_once():
        book.move(book.item("op1"), "source_read")
        book.move(book.item("op2"), "converted")


def test_a_transaction_that_fails_leaves_nothing(book: Book) -> None:
    """Neither in the file nor in what the process remembers of it."""
    assert book.counts() == {"planned": 3}
    with pytest.raises(LedgerError, match="cannot become"):
        _both(book)
    assert book.item("op1").state == book.known("op1").state == "planned"
    assert book.counts() == {"planned": 3}
    book.store.check()


def test_what_is_brought_on_together_stays_together(tmp_path: Path) -> None:
    """No further item begins before those at work are done; they are read back when they are many, or all."""
    book = Book(tmp_path / "many.db")
    book.open_run(RUN, items(AT_ONCE + 5), [], 1.0)
    first = book.ready(0.0)
    assert first == [f"op{at}" for at in range(AT_ONCE)]
    assert book.ready(0.0, within=3) == ["op0", "op1", "op2"]
    for op_id in first[1:]:
        item = book.move(book.item(op_id), "source_read")
        book.move(book.move(item, "completing"), "completed")
    assert book.ready(0.0) == ["op0"]
    book.postpone(book.item("op0"), 60.0, tries=0)
    assert book.ready(0.0) == [f"op{at}" for at in range(AT_ONCE, AT_ONCE + 5)]
    item = book.move(book.move(book.item("op100"), "source_read"), "completing")
    assert book.ready(0.0)[-1] == "op100", "what is to be completed waits for what is to be converted"
    book.move(item, "completed")
    assert book.ready(0.0) == [*first[1:], "op100", "op101", "op102", "op103", "op104"], "many are read back"
    book.close()


def test_the_tables_are_plain_sql() -> None:
    """Their statements hold nothing that only SQLite knows."""
    assert ITEM.sql.startswith("CREATE TABLE IF NOT EXISTS item (op_id TEXT NOT NULL")
    assert not {"STRICT", "PRAGMA", "AUTOINCREMENT", "ROWID", "BLOB"} & set(ITEM.sql.split())
    assert Store.__doc__
