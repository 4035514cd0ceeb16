"""Writes the notes of a conversion onto the records that it made, each once."""

from __future__ import annotations

from collections.abc import Mapping

from leadlens.migrate.items import NOTES, Item, StepRow
from leadlens.migrate.noted import is_there, places
from leadlens.migrate.origin import Bundle
from leadlens.migrate.work import EpochError, Work, Write


def write(work: Work, item: Item, bundle: Bundle, steps: Mapping[int, StepRow]) -> Write | None:
    """Return the write of the next note that is not there yet.

    A note is looked for unless nothing can have written it: the record that it goes to was made in this process.
    """
    if not bundle.notes or work.hand.operations.create_note is None:
        return None
    rows = {row["kind"]: row for row in work.book.links(item.op_id)}
    for place, note, about in places(bundle, rows):
        number = NOTES + place
        step = steps.get(number)
        if step is not None and step.state == "done":
            continue
        if step is not None and step.state == "sending":
            work.settled(item.op_id, str(number), step.settle_at)
        is_new = step is None and work.known(item).lead_made is not None
        if not is_new and is_there(work.hand, note, about):
            continue
        if step is not None and step.state == "sending" and step.epoch == work.book.epoch:
            raise EpochError("a note was sent in this epoch")
        planned = work.maker.note(note, about)
        return Write(
            item=item, flow=planned.flow, call=planned.calls[0], number=number, done=lambda _, made: (made.id or "", [])
        )
    return None
