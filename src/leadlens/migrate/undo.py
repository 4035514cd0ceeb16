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
    if (why := _not_ours(book, hand, row, there)) is not None:
        return Undone(kind, identity, "kept", why)
    book.fence()
    try:
        run(hand.operations.delete(kind, identity))
    except LeadlensError as error:
        return Undone(kind, identity, "kept", str(error))
    return Undone(kind, identity, "removed")


def _not_ours(book: Book, hand: Hand, row: Mapping[str, Any], there: Any) -> str | None:
    """Return why a record is not known to be ours: neither our mark nor the lead that the run made is on it."""
    if has_tags(hand.adapter, row["kind"]):
        return None if marker(row["op_id"]) in there.tags else "it does not show our mark any more"
    lead_id = book.item(row["op_id"]).target
    if any(one.lead_id == lead_id for one in getattr(there, "converted_from", ()) if lead_id is not None):
        return None
    return "the target has no tags by which it would be known as ours"
