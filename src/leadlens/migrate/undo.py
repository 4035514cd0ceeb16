"""Takes back what a run created, and only that: what was linked or changed by others since stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from leadlens.errors import LeadlensError, NotFoundError
from leadlens.migrate.book import Book
from leadlens.migrate.crossing import has_tags, marker
from leadlens.migrate.hand import Hand
from leadlens.migrate.origin import read_record
from leadlens.migrate.report import undo_list
from leadlens.model import JSON


@attrs.frozen
class Undone:
    """What became of one record: ``removed``, ``gone`` already, or ``kept`` with the reason."""

    kind: str
    id: str
    outcome: str
    why: str = ""


def candidates(book: Book) -> list[JSON]:
    """Return what the run created, in the order in which it can be removed."""
    return undo_list(book, book.items())


def undo(book: Book, hand: Hand, rows: Iterable[Mapping[str, Any]]) -> list[Undone]:
    """Remove records one by one; one that no longer shows our mark is somebody's, and stays."""
    return [_one(book, hand, row) for row in rows]


def _one(book: Book, hand: Hand, row: Mapping[str, Any]) -> Undone:
    kind, identity = row["kind"], row["target"]
    run = hand.client.driver.run
    try:
        there: Any = run(read_record(hand, kind, identity))
    except NotFoundError:
        there = None
    if there is None:
        return Undone(kind, identity, "gone", "the target no longer has it")
    if not has_tags(hand.adapter, kind):
        return Undone(kind, identity, "kept", "the target has no tags by which it would be known as ours")
    if marker(row["op_id"]) not in there.tags:
        return Undone(kind, identity, "kept", "it does not show our mark any more")
    book.fence()
    try:
        run(hand.operations.delete(kind, identity))
    except LeadlensError as error:
        return Undone(kind, identity, "kept", str(error))
    return Undone(kind, identity, "removed")
