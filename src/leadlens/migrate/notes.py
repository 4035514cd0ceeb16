"""Writes the notes of a conversion onto the records that it made, each once."""

from __future__ import annotations

from leadlens.migrate.book import NOTES, Item
from leadlens.migrate.noted import is_there, places
from leadlens.migrate.origin import Bundle
from leadlens.migrate.work import EpochError, Work


def write(work: Work, item: Item, bundle: Bundle) -> bool:
    """Write the next note that is not there yet; tell whether something was sent."""
    if work.hand.operations.create_note is None:
        return False
    rows = {row["kind"]: row for row in work.book.links(item.op_id)}
    for place, note, about in places(bundle, rows):
        number = NOTES + place
        step = work.step_of(item, number)
        if step is not None and step.state == "done":
            continue
        if step is not None and step.state == "sending":
            work.settled(f"{item.op_id}:{number}", step.settle_at)
        if is_there(work.hand, note, about):
            continue
        if step is not None and step.state == "sending" and step.epoch == work.book.epoch:
            raise EpochError("a note was sent in this epoch")
        planned = work.maker.note(note, about)
        work.write(item, number, planned.flow, planned.calls[0], lambda made: (made.id or "", []))
        return True
    return False
