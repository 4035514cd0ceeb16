"""The one SQLite database of a sandbox: its tables, its lock, its transactions."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from leadlens.errors import UsageError

SCHEMA_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS records (vendor TEXT, kind TEXT, id INTEGER, body BLOB,
    PRIMARY KEY (vendor, kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (vendor TEXT, kind TEXT, name TEXT, value TEXT, id INTEGER,
    PRIMARY KEY (vendor, kind, name, value, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS marks_of_a_record ON marks (vendor, kind, id);
CREATE TABLE IF NOT EXISTS counters (vendor TEXT, name TEXT, next INTEGER, PRIMARY KEY (vendor, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (sequence INTEGER PRIMARY KEY, at REAL, vendor TEXT, operation TEXT, method TEXT,
    path TEXT, status INTEGER, fault TEXT);
CREATE TABLE IF NOT EXISTS changes (number INTEGER PRIMARY KEY, sequence INTEGER, at REAL, vendor TEXT, kind TEXT,
    id INTEGER, what TEXT, body BLOB);
CREATE INDEX IF NOT EXISTS changes_of_a_record ON changes (vendor, kind, id, number);
CREATE INDEX IF NOT EXISTS changes_of_a_call ON changes (sequence);
CREATE TABLE IF NOT EXISTS pending (sequence INTEGER PRIMARY KEY, due REAL, vendor TEXT, request BLOB);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""
_TABLES: Final = ("records", "marks", "counters", "calls", "changes", "pending", "facts")


def _connection(path: str | Path | None) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise UsageError(f"{path} cannot hold a sandbox: {error}") from None


class Database:
    """``:memory:`` or a file that survives a restart. Hold ``lock`` over everything that belongs together.

    Raises :class:`UsageError` for a file that is no sandbox database.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.lock = threading.RLock()
        self._connection = _connection(path)
        try:
            self._prepare(str(path))
        except BaseException:
            self._connection.close()
            raise
        self.sequence: int = self.one("SELECT coalesce(max(sequence), 0) FROM calls")[0]
        self.at = 0.0
        self.call = 0

    def _prepare(self, path: str) -> None:
        try:
            version: int = self.one("PRAGMA user_version")[0]
            foreign = version == 0 and self.one("SELECT count(*) FROM sqlite_master")[0]
        except sqlite3.DatabaseError:
            raise UsageError(f"{path} is no database of a sandbox") from None
        if foreign or version not in {0, SCHEMA_VERSION}:
            raise UsageError(f"{path} is no database of this version's sandbox")
        try:
            self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + _SCHEMA)
            self.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        except sqlite3.Error as error:
            raise UsageError(f"{path} cannot hold a sandbox: {error}") from None

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        """Run one statement."""
        with self.lock:
            return self._connection.execute(sql, values)

    def all(self, sql: str, *values: object) -> list[Any]:
        """Return all rows of a query."""
        with self.lock:
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Any:
        """Return the first row of a query, or None."""
        with self.lock:
            return self._connection.execute(sql, values).fetchone()

    @contextlib.contextmanager
    def transaction(self, call: int, at: float) -> Iterator[None]:
        """Commit everything that is written inside, or nothing; changes belong to that call and time."""
        with self.lock:
            self.call, self.at = call, at
            self._connection.execute("BEGIN")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what is written inside when it raises, and only that; for one item of several in a call."""
        self._connection.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO attempt")
            raise
        finally:
            self._connection.execute("RELEASE attempt")

    def fact(self, name: str) -> str | None:
        """Return what was remembered under a name."""
        row = self.one("SELECT value FROM facts WHERE name = ?", name)
        return None if row is None else str(row[0])

    def remember(self, name: str, value: str) -> None:
        """Remember a text under a name."""
        self.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value)

    def clear(self) -> None:
        """Forget everything: records, ids, calls."""
        with self.lock, self.transaction(0, 0.0):
            for table in _TABLES:
                self.execute(f"DELETE FROM {table}")  # noqa: S608  # names of ours
            self.sequence = 0

    def close(self) -> None:
        """Let the file go."""
        with self.lock:
            self._connection.close()
