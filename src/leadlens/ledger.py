"""The durable record of what was begun: an intent is on the disk before its call leaves, its outcome after.

One SQLite file (WAL, synchronous FULL). A key names one intent for ever: the same key with the same request gives the
first outcome again; with another request it is refused. Every change is also an event, chained by hashes.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs

from leadlens.access import Veiled
from leadlens.decoding import dumps, loads
from leadlens.errors import LeadlensError, UsageError
from leadlens.model import JSON

_MODE = 0o600
_SMALLEST = 512
"""The size of SQLite's smallest page."""
State: TypeAlias = Literal["planned", "sending", "done"]
_TABLES = """
CREATE TABLE IF NOT EXISTS intent (
    key TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL,
    state TEXT NOT NULL, sent_wall REAL, outcome BLOB
) STRICT;
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, state TEXT NOT NULL, body BLOB NOT NULL, hash TEXT NOT NULL
) STRICT;
"""


class LedgerError(LeadlensError):
    """The ledger's file is damaged, or not a ledger: nothing is sent on its word."""


@attrs.frozen
class Intent:
    """One thing that was asked for: its state, when its call was about to leave (Unix seconds), and its outcome."""

    key: str
    account: str
    kind: str
    state: State
    sent_wall: float | None = None
    outcome: JSON = attrs.field(default=None, repr=False)


class Ledger:
    """A ledger in a file, made if it is not there. Thread-safe; a key is worked on by one thread at a time."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        _make(self.path)
        self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30.0)
        self._lock = threading.RLock()
        self._keys: dict[str, threading.Lock] = {}
        self._open()

    def _open(self) -> None:
        try:
            for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                self._db.execute(f"PRAGMA {setting}")
            self._db.executescript(_TABLES)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise LedgerError(f"{self.path.name} is no ledger: {error}") from None
        _make_private(self.path)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def held(self, key: str) -> Iterator[None]:
        """Let one thread at a time work on a key."""
        with self._lock:
            lock = self._keys.setdefault(key, threading.Lock())
        with lock:
            yield

    def begin(self, key: str, account: str, kind: str, request: JSON) -> Intent:
        """Return the intent of a key, made if it is new.

        Raises :class:`UsageError` when the key stands for another request: a key is never used twice.
        """
        digest = hashlib.sha256(dumps([account, kind, request])).hexdigest()
        del request  # tracebacks show what is still there
        with self._transaction():
            row = self._row(key)
            if row is None:
                self._db.execute(
                    "INSERT INTO intent VALUES (?, ?, ?, ?, 'planned', NULL, NULL)", (key, account, kind, digest)
                )
                self._event(key, "planned", Veiled(body=digest.encode()))
            elif row["digest"] != digest:
                raise UsageError("this idempotency key was used for another request; every request needs its own")
        return self.get(key)

    def sending(self, key: str, wall: float) -> None:
        """Write down that the first write of an intent is about to leave."""
        self._move(key, "sending", ("planned", "sending"), wall, Veiled(body=None))

    def refused(self, key: str) -> None:
        """Write down that nothing was done: the same key may be sent again."""
        self._move(key, "planned", ("planned", "sending"), None, Veiled(body=None))

    def done(self, key: str, outcome: JSON) -> None:
        """Write down what came of it."""
        kept, outcome = Veiled(body=dumps(outcome)), None
        self._move(key, "done", ("sending",), None, kept)

    def get(self, key: str) -> Intent:
        """Return an intent; raises :class:`UsageError` for a key that is not there."""
        row = self._row(key)
        if row is None:
            raise UsageError("the ledger has no such key")
        outcome = None if row["outcome"] is None else loads(row["outcome"])
        return Intent(key, row["account"], row["kind"], row["state"], row["sent_wall"], outcome)

    def check(self) -> None:
        """Raise :class:`LedgerError` unless every event is as it was written, and the last of each key is its state."""
        with self._lock:
            before, last = "", {}
            for key, state, body, kept in self._db.execute("SELECT key, state, body, hash FROM event ORDER BY number"):
                before = _chained(before, key, state, body)
                last[key] = state
                if before != kept:
                    raise LedgerError(f"{self.path.name} was changed outside leadlens (event of {key!r})")
            if last != dict(self._db.execute("SELECT key, state FROM intent")):
                raise LedgerError(f"{self.path.name} was changed outside leadlens (a state without its event)")

    def _move(self, key: str, state: State, before: tuple[str, ...], wall: float | None, outcome: Veiled) -> None:
        marks = ", ".join("?" * len(before))
        sql = f"UPDATE intent SET state = ?, sent_wall = coalesce(?, sent_wall), outcome = ? WHERE key = ? AND state IN ({marks})"  # noqa: E501, S608  # placeholders only
        with self._transaction():
            if self._db.execute(sql, (state, wall, outcome["body"], key, *before)).rowcount != 1:
                raise LedgerError(f"{key!r} is not in a state that can become {state}")
            self._event(key, state, outcome)

    def _event(self, key: str, state: str, outcome: Veiled) -> None:
        row = self._db.execute("SELECT hash FROM event ORDER BY number DESC LIMIT 1").fetchone()
        body = Veiled(body=outcome["body"] or b"")
        chained = _chained(row[0] if row else "", key, state, body["body"])
        into = "INSERT INTO event (key, state, body, hash) VALUES (?, ?, ?, ?)"
        self._db.execute(into, (key, state, body["body"], chained))

    def _row(self, key: str) -> dict[str, Any] | None:
        with self._used():
            found = self._db.execute("SELECT * FROM intent WHERE key = ?", (key,))
            row = found.fetchone()
        return None if row is None else {column[0]: value for column, value in zip(found.description, row, strict=True)}

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._used():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _used(self) -> Iterator[None]:
        """Let one thread at a time use the file; what SQLite says of it is a :class:`LedgerError`."""
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise LedgerError(f"{self.path.name} cannot be used: {error}") from None


def _make(path: Path) -> None:
    """Make the file if it is not there; refuse one that SQLite would take for empty, or that is no file at all.

    A file of one byte is one that SQLite writes over. It is told by its size: opening it here would, when it is closed
    again, let go of the locks that other connections of this process have on it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        there = path.stat()
    except OSError as error:
        raise LedgerError(f"{path.name} cannot be opened: {error.strerror}") from None
    if not stat.S_ISREG(there.st_mode) or 0 < there.st_size < _SMALLEST:
        raise LedgerError(f"{path.name} is no ledger: it is something else, and stays as it is")


def _make_private(path: Path) -> None:
    """See to it that nobody else reads a ledger, nor what SQLite keeps beside it."""
    for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        try:
            if stat.S_IMODE(part.stat().st_mode) != _MODE:
                part.chmod(_MODE)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise LedgerError(f"{part.name} is open to others: {error.strerror}") from None


def _chained(before: str, key: str, state: str, body: bytes) -> str:
    return hashlib.sha256(b"\0".join((before.encode(), key.encode(), state.encode(), body))).hexdigest()
