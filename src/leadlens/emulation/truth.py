"""What was really committed, by which call: append-only, written in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from leadlens.decoding import loads
from leadlens.emulation.database import Database

LOADED = 0
"""The sequence of what was there from the beginning."""


@attrs.frozen
class Change:
    """One record that a call changed. ``record`` is its new state, None when it is gone; ``at`` in Unix seconds."""

    sequence: int
    at: float
    vendor: str
    kind: str
    id: int
    what: str
    record: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON, without the record."""
        return {"kind": self.kind, "id": self.id, "what": self.what, "at": self.at}


@attrs.frozen
class Entry:
    """One call that arrived, or was kept from arriving by a fault, and what it committed.

    ``operation`` is ``vendor.operation``; ``status`` is what the vendor meant to answer, None when it never got so far;
    ``fault`` names what was done to the call.
    """

    sequence: int
    at: float
    vendor: str
    operation: str
    method: str
    path: str
    status: int | None
    fault: str | None
    changes: tuple[Change, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the entry as JSON."""
        plain = {a.name: getattr(self, a.name) for a in attrs.fields(Entry) if a.name != "changes"}
        return {**plain, "changes": [change.to_json() for change in self.changes]}


_CHANGE = [attribute.name for attribute in attrs.fields(Change)][:-1]
_CALL = [attribute.name for attribute in attrs.fields(Entry)][:-1]


@attrs.define
class TruthLog:
    """Reads the log. ``settle`` is called before: it carries out commits that have come due."""

    database: Database
    settle: Callable[[], None]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def entries(self, vendor: str | None = None, operation: str | None = None, after: int = 0) -> list[Entry]:
        """Return the calls in their order, of one vendor or operation (``copper.convert_lead``) if given."""
        with self.database.lock:
            self.settle()
            by_call: dict[int, list[Change]] = {}
            for change in self._changes("sequence > ?", after):
                by_call.setdefault(change.sequence, []).append(change)
            rows = self.database.all("SELECT * FROM calls WHERE sequence > ? ORDER BY sequence", after)
        found = [Entry(**dict(zip(_CALL, row, strict=True)), changes=tuple(by_call.get(row[0], ()))) for row in rows]
        return [e for e in found if vendor in {None, e.vendor} and operation in {None, e.operation}]

    def changes(self, vendor: str | None = None, kind: str | None = None, what: str | None = None) -> list[Change]:
        """Return all changes in their order, those of the loaded data included (``sequence`` 0)."""
        with self.database.lock:
            self.settle()
            found = list(self._changes("sequence >= ?", LOADED))
        return [c for c in found if vendor in {None, c.vendor} and kind in {None, c.kind} and what in {None, c.what}]

    def _changes(self, where: str, value: int) -> Iterator[Change]:
        sql = f"SELECT sequence, at, vendor, kind, id, what, body FROM changes WHERE {where} ORDER BY number"  # noqa: S608  # a text of ours
        for *head, body in self.database.all(sql, value):
            yield Change(**dict(zip(_CHANGE, head, strict=True)), record=None if body is None else loads(body))


def log_call(database: Database, entry: Entry) -> None:
    """Write down a call."""
    row = (entry.sequence, entry.at, entry.vendor, entry.operation, entry.method, entry.path, entry.status, entry.fault)
    database.execute("INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *row)
