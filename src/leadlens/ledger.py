"""The durable record of what was begun: an intent is on the disk before its call leaves, its outcome after.

A key names one intent for ever: the same key with the same request gives the first outcome again; with another request
it is refused. An intent names its lead, so that whoever converts the same lead under another key learns of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from leadlens.access import Veiled
from leadlens.decoding import dumps, loads
from leadlens.errors import UsageError
from leadlens.holding import holds
from leadlens.model import JSON
from leadlens.store import FencedError, LedgerError, Row, Store, Table

State: TypeAlias = Literal["planned", "sending", "done"]
INTENT = Table(
    "intent",
    {
        "key": "TEXT NOT NULL",
        "account": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "lead": "TEXT",
        "digest": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "sent_wall": "DOUBLE PRECISION",
        "outcome": "TEXT",
    },
    ("key",),
    indexed=(("account", "lead"),),
)


@attrs.frozen
class Intent:
    """One thing that was asked for: its state, when its call was about to leave (Unix seconds), and its outcome."""

    key: str
    account: str
    kind: str
    lead: str | None
    state: State
    sent_wall: float | None = None
    outcome: JSON = attrs.field(default=None, repr=False)


def digest(account: str, kind: str, request: JSON) -> str:
    """Return what stands for a request in the ledger, which does not keep the request itself."""
    return hashlib.sha256(dumps([account, kind, request])).hexdigest()


class Ledger:
    """A ledger in a file, made if it is not there, whole or refused. One at a time works on a key and on a lead."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._store = Store(self.path, (INTENT,), alone=False)
        try:
            self._store.check()
        except BaseException:
            self._store.close()
            raise
        self._holds = holds(self.path.with_name(self.path.name + ".hold"))

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    @contextmanager
    def held(self, key: str, account: str = "", lead: str | None = None) -> Iterator[None]:
        """Let one thread of one process at a time work on a key, and on a lead of an account."""
        names = [f"key {key}"] if lead is None else [f"key {key}", f"lead {account} {lead}"]
        with self._holds.held(*names):
            yield

    def begin(self, key: str, account: str, kind: str, lead: str | None, request: str) -> Intent:
        """Return the intent of a key, made if it is new; ``request`` is its :func:`digest`.

        Raises :class:`UsageError` when the key stands for another request: a key is never used twice.
        """
        row = self._store.one("intent", {"key": key})
        if row is None:
            row = {"key": key, "account": account, "kind": kind, "lead": lead, "digest": request}
            row |= {"state": "planned", "sent_wall": None, "outcome": None}
            with self._store.transaction():
                self._store.add("intent", row)
        elif row["digest"] != request:
            raise UsageError("this idempotency key was used for another request; every request needs its own")
        return _intent(row)

    def sending(self, key: str, wall: float) -> None:
        """Write down that the first write of an intent is about to leave."""
        self._move(key, ("planned", "sending"), {"state": "sending", "sent_wall": wall})

    def refused(self, key: str) -> None:
        """Write down that nothing was done: the same key may be sent again."""
        self._move(key, ("planned", "sending"), {"state": "planned"})

    def done(self, key: str, outcome: JSON) -> None:
        """Write down what came of it; of what is done already, what became of it since."""
        told, outcome = (
            Veiled({"state": "done", "outcome": dumps(outcome).decode()}),
            None,
        )  # for tracebacks with locals
        self._move(key, ("sending", "done"), told)

    def get(self, key: str) -> Intent:
        """Return an intent; raises :class:`UsageError` for a key that is not there."""
        row = self._store.one("intent", {"key": key})
        if row is None:
            raise UsageError("the ledger has no such key")
        return _intent(row)

    def is_begun(self, key: str) -> bool:
        """Tell whether the first write under a key has left, whatever came of it."""
        row = self._store.one("intent", {"key": key})
        return row is not None and row["state"] != "planned"

    def about(self, account: str, lead: str) -> list[Intent]:
        """Return what was begun with a lead of an account, under whatever key."""
        return [_intent(row) for row in self._store.rows("intent", {"account": account, "lead": lead})]

    def check(self) -> None:
        """Raise :class:`LedgerError` unless every row is what its events say, and every event as it was written."""
        self._store.check()

    def _move(self, key: str, before: tuple[str, ...], values: Row) -> None:
        with self._store.transaction():
            state = self.get(key).state
            if state not in before:
                raise LedgerError(f"{key!r} is {state} and cannot become {values['state']}")
            try:
                self._store.change("intent", {"key": key}, {"state": state}, values)
            except FencedError:
                raise LedgerError(f"{key!r} is not as it was left") from None


def _intent(row: Row) -> Intent:
    outcome = None if row["outcome"] is None else loads(row["outcome"].encode())
    return Intent(row["key"], row["account"], row["kind"], row["lead"], row["state"], row["sent_wall"], outcome)
