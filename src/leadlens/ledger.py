"""The durable record of what was begun: an intent is on the disk before its call leaves, its outcome after.

One SQLite file (WAL, synchronous FULL). A key names one intent for ever: the same key with the same request gives the
first outcome again; with another request it is refused. Every change is also an event, chained by hashes.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs

from leadlens.decoding import dumps, loads
from leadlens.errors import LeadlensError, UsageError
from leadlens.model import JSON

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
        fresh = not self.path.exists()
        if fresh:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
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
            raise LedgerError(f"{self.path.name} is no ledger: {error}") from None

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
        with self._transaction():
            row = self._row(key)
            if row is None:
                self._db.execute(
                    "INSERT INTO intent VALUES (?, ?, ?, ?, 'planned', NULL, NULL)", (key, account, kind, digest)
                )
                self._event(key, "planned", digest.encode())
            elif row["digest"] != digest:
                raise UsageError("this idempotency key was used for another request; every request needs its own")
        return self.get(key)

    def sending(self, key: str, wall: float) -> None:
        """Write down that the first write of an intent is about to leave."""
        self._move(key, "sending", ("planned", "sending"), wall, None)

    def refused(self, key: str) -> None:
        """Write down that nothing was done: the same key may be sent again."""
        self._move(key, "planned", ("planned", "sending"), None, None)

    def done(self, key: str, outcome: JSON) -> None:
        """Write down what came of it."""
        self._move(key, "done", ("sending",), None, dumps(outcome))

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

    def _move(self, key: str, state: State, before: tuple[str, ...], wall: float | None, outcome: bytes | None) -> None:
        marks = ", ".join("?" * len(before))
        sql = f"UPDATE intent SET state = ?, sent_wall = coalesce(?, sent_wall), outcome = ? WHERE key = ? AND state IN ({marks})"  # noqa: E501, S608  # placeholders only
        with self._transaction():
            if self._db.execute(sql, (state, wall, outcome, key, *before)).rowcount != 1:
                raise LedgerError(f"{key!r} is not in a state that can become {state}")
            self._event(key, state, outcome or b"")

    def _event(self, key: str, state: str, body: bytes) -> None:
        row = self._db.execute("SELECT hash FROM event ORDER BY number DESC LIMIT 1").fetchone()
        chained = _chained(row[0] if row else "", key, state, body)
        self._db.execute("INSERT INTO event (key, state, body, hash) VALUES (?, ?, ?, ?)", (key, state, body, chained))

    def _row(self, key: str) -> dict[str, Any] | None:
        with self._lock:
            found = self._db.execute("SELECT * FROM intent WHERE key = ?", (key,))
            row = found.fetchone()
        return None if row is None else {column[0]: value for column, value in zip(found.description, row, strict=True)}

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _chained(before: str, key: str, state: str, body: bytes) -> str:
    return hashlib.sha256(b"\0".join((before.encode(), key.encode(), state.encode(), body))).hexdigest()
