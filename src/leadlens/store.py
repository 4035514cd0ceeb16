"""Rows on the disk before anything happens: one SQLite file, every change of it chained by hashes.

This module alone knows that it is SQLite; the tables are plain SQL. A change and its event are one transaction,
``synchronous=FULL``. :meth:`Store.check` plays the events again and compares every row with what they say, so that a
bit that turned anywhere is found before anything is done on its word.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from leadlens.decoding import dumps, loads
from leadlens.errors import InputError, LeadlensError
from leadlens.seen_head import SeenHead

Row: TypeAlias = dict[str, Any]
_SMALLEST = 512
"""The size of SQLite's smallest page."""
_SOME = 1_000
"""So many events are read at a time."""
_SETTINGS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF")


class LedgerError(LeadlensError):
    """The ledger's file is damaged, or not a ledger: nothing is sent on its word."""


class BusyError(LeadlensError):
    """Another process works with this ledger: nothing is done beside it."""


class FencedError(LeadlensError):
    """Another runner has taken over, or a row is not as it was left: nothing more is done here."""


@attrs.frozen
class Table:
    """A table: its columns with their SQL types, and which of them are its key."""

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    indexed: tuple[tuple[str, ...], ...] = ()

    @property
    def sql(self) -> str:
        """Return the statements that make it, in SQL that PostgreSQL takes too."""
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        made = [f"CREATE TABLE IF NOT EXISTS {self.name} ({columns}, PRIMARY KEY ({', '.join(self.key)}))"]
        for names in self.indexed:
            name = f"{self.name}_by_{'_'.join(names)}"
            made.append(f"CREATE INDEX IF NOT EXISTS {name} ON {self.name} ({', '.join(names)})")
        return ";\n".join(made) + ";\n"

    def digest(self, values: Sequence[Any]) -> tuple[str, bytes]:
        """Return what stands for the key of a row, and for the whole of it.

        A number among the times is a float, as the database keeps it; JSON reads one of many digits exactly.
        """
        pairs = zip(self.columns, values, strict=True)
        plain = {name: _plain(self.columns[name], value) for name, value in pairs}
        key = repr([plain[name] for name in self.key])
        return key, hashlib.sha256(repr(list(plain.values())).encode()).digest()


def _plain(kind: str, value: Any) -> Any:
    is_time = kind.startswith("DOUBLE") and isinstance(value, int | Decimal)
    return float(value) if is_time else int(value) if isinstance(value, bool) else value


EVENT = Table("event", {"number": "BIGINT", "body": "TEXT NOT NULL", "hash": "TEXT NOT NULL"}, ("number",))


class Store:
    """The tables of a file, made if it is not there. Thread-safe; held by one process at a time unless told otherwise.

    Where one process holds it, how far it came is remembered beside it. Raises :class:`BusyError` where another process
    holds it, and :class:`LedgerError` for a file that is damaged, read-only, an older copy or something else.
    """

    def __init__(self, path: str | Path, tables: Sequence[Table], *, alone: bool = True) -> None:
        self.path = Path(path)
        self._tables = {table.name: table for table in tables}
        self._guard = threading.RLock()
        self._held: int | None = None
        self.turn = 0
        self._seen: SeenHead | None = None
        with self._told():
            self._make()
            if alone:
                self._hold()
            self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30.0)
        try:
            with self._told():
                self._prepare()
                if alone:
                    self._check_seen()
        except BaseException:
            self.close()
            raise

    def _make(self) -> None:
        """Make the file for its owner alone; what is there, and is something else, is left as it is.

        A file that is there is not opened here: to close it again would let go of the locks that SQLite has on it for
        other connections of this process. One that is too small for a database, SQLite would take for an empty one.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        there = self.path.stat()
        if not stat.S_ISREG(there.st_mode) or 0 < there.st_size < _SMALLEST:
            raise LedgerError(f"{self.path.name} is no ledger: it is something else")

    def _make_private(self) -> None:
        """See to it that nobody else reads it, nor what SQLite keeps beside it."""
        for part in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self.path.with_name(self.path.name + part).chmod(0o600)

    def _hold(self) -> None:
        import fcntl  # not on Windows, where nothing else of this module needs it

        place = self.path.with_name(self.path.name + ".lock")
        self._held = os.open(place, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._held)
            self._held = None
            raise BusyError(f"{self.path.name}: another process works with this ledger; wait until it ends") from None

    def _prepare(self) -> None:
        try:
            for setting in _SETTINGS:
                self._db.execute(f"PRAGMA {setting}")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
                raise
            raise LedgerError(f"{self.path.name} is no ledger: it is something else") from None
        self._make_private()
        known = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if known and not known >= {EVENT.name, *self._tables}:
            raise LedgerError(f"{self.path.name} is no ledger of this kind")
        if not known:
            self._make_tables()
        row = self._db.execute("SELECT number, hash FROM event ORDER BY number DESC LIMIT 1").fetchone()
        self._last: tuple[int, str] = row or (0, "")

    def _make_tables(self) -> None:
        """Make all tables or, should the machine stop here, none."""
        made = "".join(table.sql for table in (EVENT, *self._tables.values()))
        self._db.executescript(f"BEGIN IMMEDIATE;\n{made}COMMIT;")

    def _check_seen(self) -> None:
        """Raise :class:`LedgerError` for a ledger that has been further than it is."""
        self._seen = SeenHead(self.path)
        seen = self._seen.read()
        if seen is not None:
            row = self._db.execute("SELECT hash FROM event WHERE number = ?", seen[:1]).fetchone()
            if row is None or row[0] != seen[1]:
                raise LedgerError(
                    f"{self.path.name} is an older copy of the ledger that was here, or another one: what was done"
                    " since is not in it, and nothing is sent on its word. Put the newest one back, or begin anew with"
                    f" another ledger ({self._seen.path.name} remembers event {seen[0]})"
                )
        if self._last[0]:
            self._seen.write(*self._last)

    def close(self) -> None:
        """Close the file and let others have it."""
        if hasattr(self, "_db"):
            self._db.close()
        if self._seen is not None:
            self._seen.close()
            self._seen = None
        if self._held is not None:
            os.close(self._held)
            self._held = None

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what the file system or SQLite objects to in one sentence."""
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except (sqlite3.Error, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
        else:
            return
        raise LedgerError(f"{self.path.name} cannot be used as a ledger: {why}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all that is written inside, or nothing. One inside another is all or nothing of that one."""
        with self._guard, self._told():
            if self._db.in_transaction:
                with self._part():
                    yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self.turn += 1
            before = self._last
            row = self._db.execute("SELECT number, hash FROM event ORDER BY number DESC LIMIT 1").fetchone()
            self._last = row or (0, "")
            try:
                yield
                self._db.execute("COMMIT")
                if self._seen is not None and self._last[0]:
                    self._seen.write(*self._last)
            except BaseException:
                self._last = before
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is open: until it ends nobody else can write. ``turn`` is its number."""
        return self._db.in_transaction

    @contextmanager
    def _part(self) -> Iterator[None]:
        before = self._last
        self._db.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._last = before
            if self._db.in_transaction:  # a full disk has ended it already
                self._db.execute("ROLLBACK TO part")
                self._db.execute("RELEASE part")
            raise
        self._db.execute("RELEASE part")

    # --- writing, inside a transaction ---

    def add(self, name: str, row: Row) -> None:
        """Add a row; raises :class:`FencedError` when its key is there already."""
        marks = ", ".join("?" * len(row))
        try:
            self._db.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))  # noqa: S608  # names of ours
        except sqlite3.IntegrityError:
            raise FencedError(f"the ledger has this {name} already") from None
        self._event(name, row)

    def change(self, name: str, key: Row, expected: Row, values: Row) -> Row:
        """Change the one row of a key that is as expected, and return it; raises :class:`FencedError` otherwise."""
        sets = ", ".join(f"{column} = ?" for column in values)
        where = " AND ".join(f"{column} = ?" for column in (*key, *expected))
        columns = self._tables[name].columns
        sql = f"UPDATE {name} SET {sets} WHERE {where} RETURNING {', '.join(columns)}"  # noqa: S608  # names of ours
        found = self._db.execute(sql, (*values.values(), *key.values(), *expected.values())).fetchall()
        if len(found) != 1:
            raise FencedError(f"the {name} is not as it was left: another runner has it")
        row = dict(zip(columns, found[0], strict=True))
        self._event(name, row)
        return row

    def put(self, name: str, row: Row) -> None:
        """Add a whole row, or write it over the one that has its key."""
        key = self._tables[name].key
        sets = ", ".join(f"{column} = excluded.{column}" for column in row if column not in key)
        sql = (
            f"INSERT INTO {name} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"  # noqa: S608  # names of ours
            f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"
        )
        self._db.execute(sql, tuple(row.values()))
        self._event(name, row)

    def _event(self, name: str, row: Row) -> None:
        number, before = self._last
        body = dumps([name, row]).decode()
        chained = _chained(before, number + 1, body)
        self._db.execute("INSERT INTO event (number, body, hash) VALUES (?, ?, ?)", (number + 1, body, chained))
        self._last = (number + 1, chained)

    # --- reading ---

    def one(self, name: str, key: Row) -> Row | None:
        """Return the row of a key, or None."""
        found = self.rows(name, key)
        return found[0] if found else None

    def rows(
        self, name: str, where: Row | None = None, *, order: str = "", among: tuple[str, Sequence[Any]] | None = None
    ) -> list[Row]:
        """Return the rows that have these values; ``among`` names a column and the values that it may have."""
        parts = [f"{column} = ?" for column in where or {}]
        values = list((where or {}).values())
        if among is not None:
            parts.append(f"{among[0]} IN ({', '.join('?' * len(among[1]))})")
            values += among[1]
        sql = f"SELECT {', '.join(self._tables[name].columns)} FROM {name}"  # noqa: S608  # names of ours
        sql += f" WHERE {' AND '.join(parts)}" if parts else ""
        sql += f" ORDER BY {order}" if order else ""
        with self._guard, self._told():
            found = self._db.execute(sql, values).fetchall()
        return [dict(zip(self._tables[name].columns, row, strict=True)) for row in found]

    def each(self, name: str, column: str, where: Row) -> Iterator[Any]:
        """Yield one column of the rows that have these values, without holding all of them."""
        sql = f"SELECT {column} FROM {name} WHERE {' AND '.join(f'{key} = ?' for key in where)}"  # noqa: S608  # names of ours
        with self._guard, self._told():
            for (value,) in self._db.execute(sql, tuple(where.values())):
                yield value

    def some(
        self, name: str, columns: Sequence[str], where: str, values: Sequence[Any], order: str, most: int
    ) -> list[tuple[Any, ...]]:
        """Return columns of at most so many rows that meet a condition in SQL, in order."""
        sql = f"SELECT {', '.join(columns)} FROM {name} WHERE {where} ORDER BY {order} LIMIT {most}"  # noqa: S608  # names of ours
        with self._guard, self._told():
            return self._db.execute(sql, values).fetchall()

    def counts(self, name: str, columns: Sequence[str], where: Row | None = None) -> list[tuple[Any, ...]]:
        """Return how many rows there are for each combination of columns: their values, and the number."""
        named = ", ".join(columns)
        sql = f"SELECT {named}, count(*) FROM {name}"  # noqa: S608  # names of ours
        sql += f" WHERE {' AND '.join(f'{column} = ?' for column in where)}" if where else ""
        with self._guard, self._told():
            return self._db.execute(
                f"{sql} GROUP BY {named} ORDER BY {named}", tuple((where or {}).values())
            ).fetchall()

    @property
    def events(self) -> Iterator[tuple[int, str, Row]]:
        """Yield the events in their order: number, table and row."""
        for number, body, _ in self._written():
            name, row = loads(body)
            yield number, name, row

    def _written(self) -> Iterator[tuple[int, str, str]]:
        """Yield the events as they are in the file, some at a time."""
        last = 0
        while True:
            with self._guard, self._told():
                found = self._db.execute(
                    "SELECT number, body, hash FROM event WHERE number > ? ORDER BY number LIMIT ?", (last, _SOME)
                ).fetchall()
            yield from found
            if len(found) < _SOME:
                return
            last = found[-1][0]

    @property
    def head(self) -> str:
        """Return the hash of the last event: it stands for all that was ever written."""
        return self._last[1]

    def check(self) -> None:
        """Raise :class:`LedgerError` unless every event is as it was written, and every row as the events say.

        What the events say of each row is kept beside in a temporary table, as a digest: a ledger of any size takes
        the same memory.
        """
        with self._guard, self._told():
            if self._db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise self._changed("SQLite finds it damaged")
            self._db.execute(
                "CREATE TEMP TABLE said (name TEXT, key TEXT, digest BLOB, PRIMARY KEY (name, key)) WITHOUT ROWID"
            )
            try:
                self._replay()
                for table in self._tables.values():
                    self._compare(table)
            finally:
                self._db.execute("DROP TABLE temp.said")

    def _replay(self) -> None:
        """Hold the chain of events, and note for each row what the last event of it says."""
        before, expected = "", 1
        said: list[tuple[str, str, bytes]] = []
        for number, body, kept in self._written():
            before = _chained(before, expected, body)
            if number != expected or before != kept:
                raise self._changed(f"event {expected} is not as it was written")
            expected += 1
            said.append(self._said(number, body))
            if len(said) == _SOME:
                self._db.executemany("INSERT OR REPLACE INTO said VALUES (?, ?, ?)", said)
                said.clear()
        self._db.executemany("INSERT OR REPLACE INTO said VALUES (?, ?, ?)", said)

    def _said(self, number: int, body: str) -> tuple[str, str, bytes]:
        try:
            name, row = loads(body)
        except InputError:
            raise self._changed(f"event {number} cannot be read") from None
        table = self._tables[name]
        return name, *table.digest([row.get(column) for column in table.columns])

    def _compare(self, table: Table) -> None:
        """Hold the rows of a table against what the events say of each."""
        there = 0
        for row in self._db.execute(f"SELECT {', '.join(table.columns)} FROM {table.name}"):  # noqa: S608  # names of ours
            key, digest = table.digest(row)
            told = self._db.execute("SELECT digest FROM said WHERE name = ? AND key = ?", (table.name, key)).fetchone()
            if told is None or told[0] != digest:
                raise self._changed(f"a row of {table.name!r} is not what its events say")
            there += 1
        if there != self._db.execute("SELECT count(*) FROM said WHERE name = ?", (table.name,)).fetchone()[0]:
            raise self._changed(f"a row of {table.name!r} is not what its events say")

    def _changed(self, what: str) -> LedgerError:
        return LedgerError(f"{self.path.name} was changed outside leadlens ({what}); nothing is sent on its word")


def _chained(before: str, number: int, body: str) -> str:
    return hashlib.sha256(f"{before}\0{number}\0{body}".encode()).hexdigest()
