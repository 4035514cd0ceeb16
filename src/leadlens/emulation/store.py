"""A vendor's records: JSON objects by kind and id."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, TypeAlias

import attrs

from leadlens.decoding import dumps, loads
from leadlens.emulation.database import Database

Record: TypeAlias = dict[str, Any]
What: TypeAlias = Literal["created", "updated", "deleted", "converted"]
Marks: TypeAlias = Callable[[Record], Iterable[str]]
"""Under which texts a record is to be found; a text is compared as it is, so fold its case here and in the look-up."""


@attrs.frozen
class Ids:
    """How a vendor numbers: from ``start``, by ``step``; kinds with the same ``counter`` share one series."""

    start: int
    step: int = 1
    counter: str = ""


@attrs.frozen
class Layout:
    """What a vendor declares about its kinds: their ids and look-ups (``{"person": {"email": function}}``)."""

    ids: Mapping[str, Ids]
    marks: Mapping[str, Mapping[str, Marks]] = attrs.field(factory=dict)


@attrs.define
class Store:
    """One vendor's records. ``as_of`` gives what a search sees that is behind by some seconds; it takes no writes."""

    database: Database
    vendor: str
    layout: Layout
    as_of: float | None = None

    def next_id(self, kind: str) -> int:
        """Return a new id; it is never given again, unless the call is rolled back."""
        ids = self.layout.ids[kind]
        name = ids.counter or kind
        row = self.database.one("SELECT next FROM counters WHERE vendor = ? AND name = ?", self.vendor, name)
        found: int = ids.start if row is None else row[0]
        self._count_on(name, found + ids.step)
        return found

    def create(self, kind: str, number: int, record: Record) -> None:
        """Keep a new record under an id from :meth:`next_id`, or one of your own; raises KeyError for a used id."""
        self._writable()
        body = dumps(record)
        try:
            self.database.execute("INSERT INTO records VALUES (?, ?, ?, ?)", self.vendor, kind, number, body)
        except sqlite3.IntegrityError:
            raise KeyError(f"{kind} {number} was used before") from None
        self._reserve(kind, number)
        self._mark(kind, number, record)
        self._changed(kind, number, "created", body)

    def get(self, kind: str, number: int) -> Record | None:
        """Return a record (a copy of your own), or None."""
        if self.as_of is not None:
            return next((record for found, record in self._past(kind) if found == number), None)
        sql = "SELECT body FROM records WHERE vendor = ? AND kind = ? AND id = ?"
        row = self._row(sql, kind, number)
        return None if row is None or row[0] is None else loads(row[0])

    def replace(self, kind: str, number: int, record: Record, what: What = "updated") -> None:
        """Write a record anew; raises KeyError when it is not there."""
        self._writable()
        body = dumps(record)
        self._write(kind, number, body)
        self._unmark(kind, number)
        self._mark(kind, number, record)
        self._changed(kind, number, what, body)

    def delete(self, kind: str, number: int, what: What = "deleted") -> None:
        """Take a record away; its id stays used. Raises KeyError when it is not there."""
        self._writable()
        self._write(kind, number, None)
        self._unmark(kind, number)
        self._changed(kind, number, what, None)

    def iterate(self, kind: str, *, newest_first: bool = False) -> Iterator[tuple[int, Record]]:
        """Yield ids and records in the order of ids, which is that of creation."""
        if self.as_of is not None:
            past = list(self._past(kind))
            yield from reversed(past) if newest_first else past
            return
        order = "DESC" if newest_first else "ASC"
        sql = f"SELECT id, body FROM records WHERE vendor = ? AND kind = ? AND body NOT NULL ORDER BY id {order}"  # noqa: S608  # two words of ours
        for number, body in self.database.all(sql, self.vendor, kind):
            yield number, loads(body)

    def find(self, kind: str, name: str, value: str) -> list[tuple[int, Record]]:
        """Return the records that the declared look-up ``name`` finds under ``value``, in the order of ids."""
        if self.as_of is not None:
            marks = self.layout.marks[kind][name]
            return [(number, record) for number, record in self._past(kind) if value in set(marks(record))]
        assert name in self.layout.marks.get(kind, {}), f"{self.vendor} declares no look-up {kind}.{name}"
        sql = """SELECT r.id, r.body FROM marks m JOIN records r USING (vendor, kind, id)
            WHERE m.vendor = ? AND m.kind = ? AND m.name = ? AND m.value = ? ORDER BY r.id"""
        return [(number, loads(body)) for number, body in self.database.all(sql, self.vendor, kind, name, value)]

    def count(self, kind: str) -> int:
        """Return how many records of a kind there are."""
        if self.as_of is not None:
            return sum(1 for _ in self._past(kind))
        sql = "SELECT count(*) FROM records WHERE vendor = ? AND kind = ? AND body NOT NULL"
        found: int = self.database.one(sql, self.vendor, kind)[0]
        return found

    def was(self, kind: str, number: int) -> Record | None:
        """Return the last state of a record, also of one that was taken away."""
        sql = """SELECT body FROM changes WHERE vendor = ? AND kind = ? AND id = ? AND body NOT NULL
            ORDER BY number DESC LIMIT 1"""
        row = self._row(sql, kind, number)
        return None if row is None else loads(row[0])

    def attempt(self) -> AbstractContextManager[None]:
        """Undo what is written inside the ``with`` when it raises: for one item of several."""
        return self.database.attempt()

    def _row(self, sql: str, kind: str, number: int) -> Any:
        with contextlib.suppress(OverflowError):  # no id has more than 64 bits
            return self.database.one(sql, self.vendor, kind, number)
        return None

    def _writable(self) -> None:
        assert self.as_of is None, "a search writes nothing"

    def _write(self, kind: str, number: int, body: bytes | None) -> None:
        sql = "UPDATE records SET body = ? WHERE vendor = ? AND kind = ? AND id = ? AND body NOT NULL"
        if not self.database.execute(sql, body, self.vendor, kind, number).rowcount:
            raise KeyError(f"there is no {kind} {number}")

    def _reserve(self, kind: str, number: int) -> None:
        """See to it that the series does not come to an id of the caller's own."""
        ids = self.layout.ids[kind]
        name = ids.counter or kind
        row = self.database.one("SELECT next FROM counters WHERE vendor = ? AND name = ?", self.vendor, name)
        if number >= (ids.start if row is None else row[0]):
            self._count_on(name, number + ids.step)

    def _count_on(self, name: str, following: int) -> None:
        self.database.execute("INSERT OR REPLACE INTO counters VALUES (?, ?, ?)", self.vendor, name, following)

    def _mark(self, kind: str, number: int, record: Record) -> None:
        for name, marks in self.layout.marks.get(kind, {}).items():
            for value in set(marks(record)):
                sql = "INSERT INTO marks VALUES (?, ?, ?, ?, ?)"
                self.database.execute(sql, self.vendor, kind, name, value, number)

    def _unmark(self, kind: str, number: int) -> None:
        sql = "DELETE FROM marks WHERE vendor = ? AND kind = ? AND id = ?"
        self.database.execute(sql, self.vendor, kind, number)

    def _changed(self, kind: str, number: int, what: What, body: bytes | None) -> None:
        sql = "INSERT INTO changes (sequence, at, vendor, kind, id, what, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
        db = self.database
        db.execute(sql, db.call, db.at, self.vendor, kind, number, what, body)

    def _past(self, kind: str) -> Iterator[tuple[int, Record]]:
        sql = """SELECT c.id, c.body FROM changes c WHERE c.vendor = ? AND c.kind = ? AND c.body NOT NULL
            AND c.number = (SELECT max(d.number) FROM changes d
                WHERE d.vendor = c.vendor AND d.kind = c.kind AND d.id = c.id AND d.at <= ?) ORDER BY c.id"""
        for number, body in self.database.all(sql, self.vendor, kind, self.as_of):
            yield number, loads(body)
