"""What is read of the source: its conversions, and the records of each."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import attrs

from leadlens.adapter import Adapter
from leadlens.catalogue import Catalogue, Choice
from leadlens.conversion import Conversion
from leadlens.decoding import dumps, loads
from leadlens.errors import LeadlensError, NotFoundError
from leadlens.flow import Flow
from leadlens.migrate.ahead import Ahead
from leadlens.migrate.hand import Hand
from leadlens.migrate.source import LEFT_BEHIND, Source
from leadlens.model import JSON, About, Company, Contact, Deal, Lead, Note, Record
from leadlens.operations import ConversionQuery, Page, Query
from leadlens.plain import from_plain, to_plain

KINDS: tuple[str, ...] = ("lead", "contact", "company", "deal")
_CLASSES: dict[str, Any] = {"lead": Lead, "contact": Contact, "company": Company, "deal": Deal}


class MissingError(LeadlensError):
    """The source no longer has a record that one of its conversions names."""


@attrs.frozen(kw_only=True)
class Bundle:
    """One conversion of the source, with the records that it names."""

    conversion: Conversion
    lead: Lead | None = None
    contact: Contact | None = None
    company: Company | None = None
    deal: Deal | None = None
    notes: tuple[Note, ...] = ()

    def record(self, kind: str) -> Record | None:
        """Return the record of a kind."""
        found: Record | None = getattr(self, kind)
        return found

    @property
    def digest(self) -> str:
        """Return what stands for all that it says; what the CRM counts by itself does not belong to it."""
        plain = {kind: _kept(self.record(kind)) for kind in KINDS}
        notes = [to_plain(note) for note in self.notes]
        return hashlib.sha256(dumps([_plain_conversion(self.conversion), plain, notes])).hexdigest()

    def to_json(self) -> JSON:
        """Return it as plain JSON."""
        plain = {kind: to_plain(record) for kind in KINDS if (record := self.record(kind)) is not None}
        notes = {"notes": [to_plain(note) for note in self.notes]} if self.notes else {}
        return {"conversion": to_plain(_bare(self.conversion)), **plain, **notes}

    @staticmethod
    def of_json(data: JSON) -> Bundle:
        """Return the bundle of plain JSON."""
        records = {kind: from_plain(data[kind], _CLASSES[kind]) for kind in KINDS if kind in data}
        notes = tuple(from_plain(note, Note) for note in data.get("notes", ()))
        return Bundle(conversion=from_plain(data["conversion"], Conversion), notes=notes, **records)


def _bare(made: Conversion) -> Conversion:
    """Return a conversion whose outcomes hold ids and no further data of the records."""
    changes: dict[str, Any] = {}
    for kind in KINDS[1:]:
        outcome = getattr(made, kind)
        if outcome.record is not None:
            changes[kind] = attrs.evolve(outcome, record=_CLASSES[kind](id=outcome.id))
    return attrs.evolve(made, **changes)


_COUNTED = ("interactions", "last_contacted_at", "modified_at", "modified_by", "image")


def _kept(record: Record | None) -> JSON:
    if record is None:
        return None
    plain = to_plain(record)
    return {name: value for name, value in plain.items() if name not in _COUNTED}


def _plain_conversion(made: Conversion) -> JSON:
    return [made.id, made.lead_id, *(getattr(made, kind).id for kind in KINDS[1:]), to_plain(made).get("converted_at")]


def key_of(source: str, target: str, made: Conversion) -> str:
    """Return the id of the operation that migrates a conversion: the same in every run between two accounts."""
    parts = (source, target, made.lead_id, made.id or [getattr(made, kind).id for kind in ("contact", "deal")])
    return hashlib.sha256(dumps(parts)).hexdigest()[:16]


class Origin(Protocol):
    """Where conversions come from."""

    @property
    def adapter(self) -> Adapter:
        """The CRM."""

    def conversions(self, since: dt.datetime | None = None) -> Iterator[Conversion]:
        """Yield the conversions."""

    def expect(self, conversions: Sequence[Conversion]) -> None:
        """Read together, where that takes fewer calls, what :meth:`bundle` is about to be asked for."""

    def bundle(self, made: Conversion) -> Bundle:
        """Return a conversion with its records; raises :class:`MissingError` for a record that is gone."""

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """Return what the account has to point to."""

    def catalogue(self) -> Catalogue:
        """Return the fields of all records, and what they can point to."""

    def left_behind(self) -> dict[str, int | None]:
        """Return how many things there are of each kind that is not moved; None where nobody counts them."""


_Read: TypeAlias = Flow[Record | None]


MANY = 20
"""From so many conversions on, all notes of the account are read once, and not those of each record."""


@attrs.define
class LiveOrigin:
    """An account that is read while it is migrated.

    What is expected is read together, and so is every note of the account, once: one that is written later is moved by
    the next run.
    """

    hand: Hand
    _ahead: dict[tuple[str, str], Record] = attrs.field(factory=dict)
    _expected: set[tuple[str | None, str | None]] = attrs.field(factory=set)
    _notes: dict[tuple[str | None, str | None], list[str]] | None = None

    @property
    def adapter(self) -> Adapter:
        """The CRM."""
        return self.hand.adapter

    def conversions(self, since: dt.datetime | None = None) -> Iterator[Conversion]:
        """Yield the conversions, as the CRM lists them."""
        yield from self.hand.client.iter_conversions(ConversionQuery(since=since))

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """Return what the account has to point to."""
        return self.hand.client.choices(kind)

    def catalogue(self) -> Catalogue:
        """Return the fields of all records, and what they can point to."""
        return self.hand.client.catalogue()

    def expect(self, conversions: Sequence[Conversion]) -> None:
        """Read the records of these conversions, by the hundred."""
        ahead = Ahead(self.hand, self.hand.client.driver.run)
        for kind in KINDS:
            ahead.read(kind, (_id_of(made, kind) for made in conversions))
        self._ahead, self._expected = ahead.records, {(made.id, made.lead_id) for made in conversions}
        if self._notes is None and len(conversions) >= MANY and self._lists_notes:
            self._notes = self._every_note()

    def bundle(self, made: Conversion) -> Bundle:
        """Return a conversion with its records: as they were expected, once, else each read anew."""
        key = (made.id, made.lead_id)
        ahead = self._ahead if key in self._expected else {}
        self._expected.discard(key)
        records: dict[str, Any] = {"lead": self._record("lead", made.lead_id or "", ahead)}
        for kind in KINDS[1:]:
            identity = getattr(made, kind).id
            records[kind] = None if identity is None else self._record(kind, identity, ahead)
        return Bundle(conversion=_bare(made), notes=self._notes_on(records), **records)

    def left_behind(self) -> dict[str, int | None]:
        """Return how many things there are of each kind that is not moved; None where nobody counts them."""
        client = self.hand.client
        return {kind: client.count(kind) for kind in LEFT_BEHIND if kind in client.kinds} | dict.fromkeys(
            kind for kind in client.unlisted if kind in LEFT_BEHIND
        )

    def _notes_on(self, records: dict[str, Any]) -> tuple[Note, ...]:
        """Return the notes of all records of a conversion, each once."""
        there = {kind: record.id for kind, record in records.items() if record is not None}
        if self._notes is not None:
            kept = (loads(text) for key in there.items() for text in self._notes.get(key, ()))
            return _in_order(from_plain(plain, Note) for plain in kept)
        ask = self.hand.operations.notes_of
        if ask is None:
            return ()
        run = self.hand.client.driver.run
        abouts = (About(kind=kind, id=identity) for kind, identity in there.items())
        return _in_order(note for about in abouts for note in run(every_note(ask, about)))

    @property
    def _lists_notes(self) -> bool:
        return self.hand.operations.notes_of is not None and "note" in self.hand.client.kinds

    def _every_note(self) -> dict[tuple[str | None, str | None], list[str]]:
        """Return all notes of the account as JSON, by the kind and the id of what they are about."""
        found: dict[tuple[str | None, str | None], list[str]] = {}
        place: str | None = None
        while True:
            page = self.hand.client.page("note", place)
            for note in (item.neutral for item in page.items):
                if note is not None and note.about is not None:
                    found.setdefault((note.about.kind, note.about.id), []).append(dumps(to_plain(note)).decode())
            place = page.next
            if place is None:
                return found

    def _record(self, kind: str, identity: str, ahead: Mapping[tuple[str, str], Record]) -> Record:
        found = ahead.get((kind, identity)) or self.hand.client.driver.run(read_record(self.hand, kind, identity))
        if found is None:
            raise MissingError(f"the source has no {kind} {identity} any more, which a conversion names")
        return found


def _id_of(made: Conversion, kind: str) -> str | None:
    identity: str | None = made.lead_id if kind == "lead" else getattr(made, kind).id
    return identity


def _in_order(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return notes, each once, in the order of their ids: however they were read, they are the same ones."""
    found = {note.id or "": note for note in notes}
    return tuple(found[identity] for identity in sorted(found, key=lambda one: (len(one), one)))


@attrs.define
class KeptOrigin:
    """A source that is read from an archive."""

    source: Source
    _notes: dict[tuple[str | None, str | None], list[Note]] | None = None

    @property
    def adapter(self) -> Adapter:
        """The CRM that it is of."""
        return self.source.adapter

    def conversions(self, since: dt.datetime | None = None) -> Iterator[Conversion]:
        """Yield the conversions."""
        for made in self.source.iter_conversions():
            if since is None or made.converted_at is None or made.converted_at >= since:
                yield made

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """Return what the account had to point to."""
        return self.source.choices(kind)

    def catalogue(self) -> Catalogue:
        """Return the fields of all records, and what they could point to."""
        return self.source.catalogue()

    def left_behind(self) -> dict[str, int | None]:
        """Return how many things there are of each kind that is not moved."""
        return {kind: self.source.count(kind) for kind in LEFT_BEHIND if kind in self.source.kinds}

    def expect(self, conversions: Sequence[Conversion]) -> None:
        """Do nothing: an archive is read where it is."""

    def bundle(self, made: Conversion) -> Bundle:
        """Return a conversion with its records."""
        ids = {"lead": made.lead_id, **{kind: getattr(made, kind).id for kind in KINDS[1:]}}
        records: dict[str, Any] = {kind: self._record(kind, one) for kind, one in ids.items() if one is not None}
        notes = [note for kind, record in records.items() for note in self._about(kind, record.id)]
        return Bundle(conversion=_bare(made), notes=_in_order(notes), **records)

    def _record(self, kind: str, identity: str) -> Record:
        try:
            return self.source.get(kind, identity)
        except NotFoundError:
            raise MissingError(f"the archive has no {kind} {identity}, which a conversion names") from None

    def _about(self, kind: str, identity: str | None) -> list[Note]:
        if self._notes is None:
            self._notes = {}
            for note in self.source.iter_notes() if "note" in self.source.kinds else ():
                if note.about is not None:
                    self._notes.setdefault((note.about.kind, note.about.id), []).append(note)
        return self._notes.get((kind, identity), [])


def every_note(ask: Callable[[About, str | None], Flow[Page]], about: About) -> Flow[list[Note]]:
    """Return the notes of one record, page after page."""
    found: list[Note] = []
    place: str | None = None
    while True:
        page: Page = yield from ask(about, place)
        found += [item.neutral for item in page.items if item.neutral is not None]
        place = page.next
        if place is None:
            return found


def read_record(hand: Hand, kind: str, identity: str) -> _Read:
    """Return one record, a converted lead too; None where the CRM has it no more."""
    try:
        return (yield from hand.operations.get(kind, identity))
    except NotFoundError:
        if kind != "lead":
            return None
    asked = Query(ids=(identity,), converted=True)
    page: Page = yield from hand.operations.search(kind, asked, None)
    found: Record | None = page.items[0] if page.items else None
    return found
