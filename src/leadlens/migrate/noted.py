"""Where the notes of a conversion go in the target, and which of them are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leadlens.migrate.hand import Hand
from leadlens.migrate.origin import Bundle, every_note
from leadlens.model import About, Note

_MAIN = ("contact", "company", "deal")


def places(bundle: Bundle, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[int, Note, About]]:
    """Yield each note that goes along, with its number, and the record that it goes to.

    A lead's notes go to the contact, as the CRMs do it themselves. What is about a record that was there before, or
    that another conversion made, stays with that one.
    """
    for number, note in enumerate(bundle.notes):
        kind = None if note.about is None else note.about.kind
        if kind == "lead":
            kind = next((name for name in _MAIN if name in rows), None)
        row = rows.get(kind or "")
        if row is not None and row["how"] == "created":
            yield number, note, About(kind=kind, id=row["target"])


def is_there(hand: Hand, note: Note, about: About) -> bool:
    """Tell whether a record of the target has a note of this text."""
    ask = hand.operations.notes_of
    return ask is not None and any(_same(note, other) for other in hand.run(every_note(ask, about)))


def missing(hand: Hand, bundle: Bundle, rows: Mapping[str, Mapping[str, Any]]) -> int:
    """Return how many notes are not where they belong."""
    if hand.operations.create_note is None:
        return 0
    return sum(not is_there(hand, note, about) for _, note, about in places(bundle, rows))


def _same(note: Note, other: Note) -> bool:
    return (note.text or "").split() == (other.text or "").split()
