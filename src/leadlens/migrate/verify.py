"""Reads back what the target has, and compares it with the source: relationships first, then every field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from leadlens.conversion import Conversion, NoRecord
from leadlens.errors import AmbiguousMatchError
from leadlens.migrate import noted as notes
from leadlens.migrate.ahead import FEW, Ahead, Run
from leadlens.migrate.book import Book
from leadlens.migrate.comparing import additions, differences, undeclared
from leadlens.migrate.crossing import has_tags, marker
from leadlens.migrate.hand import Hand
from leadlens.migrate.items import Item
from leadlens.migrate.origin import KINDS, Bundle, read_record
from leadlens.migrate.steps import Maker
from leadlens.model import JSON
from leadlens.settle import SKEW
from leadlens.store import Row


@attrs.frozen
class Fault:
    """Something that is not as it was in the source, and that no loss declares."""

    path: str
    sentence: str


@attrs.frozen(kw_only=True)
class Verified:
    """What the comparison of one conversion showed: paths that differ as declared, that were added, and the faults."""

    declared: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    def to_json(self) -> JSON:
        """Return it as plain JSON."""
        faults = [attrs.asdict(fault) for fault in self.faults]
        return {"declared": list(self.declared), "added": list(self.added), "faults": faults}


@attrs.define
class Verifier:
    """Compares conversions of the ledger with what the target has."""

    book: Book
    hand: Hand
    maker: Maker
    _ahead: Ahead | None = attrs.field(default=None, kw_only=True)
    _reading: tuple[tuple[str, ...], Ahead] | None = attrs.field(default=None, kw_only=True)

    def expect(self, items: Sequence[Item], run: Run | None = None) -> None:
        """Read together what :meth:`item` is about to be asked for; ``run`` carries out the flows.

        Where a CRM lists conversions and its leads do not tell them, the list is read from its newest on as far as is
        needed, so that calls one after another go from the last items of a run to the first.
        """
        ahead = self._begun(tuple(item.op_id for item in items), run)
        self._ahead = None
        rows = [row for item in items for row in self.book.links(item.op_id)]
        for kind in KINDS:
            ahead.read(kind, (row["target"] for row in rows if row["kind"] == kind))
        leads = [item for item in items if item.target is not None]
        told = any(ahead.conversion(item.target or "") is not None for item in leads)
        if len(leads) >= FEW and not told and "conversions" not in self.hand.operations.composed:
            ahead.list_conversions(min(item.sent_at or 0.0 for item in leads) - SKEW)
        self._ahead = ahead

    def _begun(self, op_ids: tuple[str, ...], run: Run | None) -> Ahead:
        """Return what has been read for these items so far: there may have been no room for all of it at once."""
        if self._reading is None or self._reading[0] != op_ids:
            before = None if self._reading is None else self._reading[1]
            anew = Ahead(self.hand, run or self.hand.run) if before is None or run is None else before.anew()
            self._reading = op_ids, anew
        return self._reading[1]

    def item(self, item: Item, bundle: Bundle, *, fields: bool = True) -> Verified:
        """Compare one conversion; without ``fields`` its relationships alone.

        What was read ahead may be behind: a fault counts only when it is there in what is read for this one alone.
        """
        found = self._compared(item, bundle, fields=fields)
        if found.faults and self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            try:
                found = self._compared(item, bundle, fields=fields)
            finally:
                self._ahead = ahead
        return found

    def _compared(self, item: Item, bundle: Bundle, *, fields: bool) -> Verified:
        rows = {row["kind"]: row for row in self.book.links(item.op_id)}
        kinds = [kind for kind in KINDS if bundle.record(kind) is not None and (kind != "lead" or item.target)]
        if not self.hand.adapter.keeps_leads:
            kinds = [kind for kind in kinds if kind != "lead"]  # it was taken away, and a loss says so
        there = {kind: self._read(kind, rows[kind]["target"]) for kind in kinds if kind in rows}
        faults = [Fault(kind, "it has no counterpart in the target") for kind in kinds if kind not in rows]
        faults += [Fault(kind, "the target no longer has it") for kind, record in there.items() if record is None]
        if not faults:
            faults += self._relationships(item, bundle, rows, there)
        if faults or not fields:
            return Verified(faults=tuple(faults))
        return self._fields(item, bundle, rows, there)

    def _read(self, kind: str, identity: str) -> Any:
        found = None if self._ahead is None else self._ahead.records.get((kind, identity))
        return self.hand.run(read_record(self.hand, kind, identity)) if found is None else found

    def _conversion(self, lead_id: str) -> Conversion | None:
        found = None if self._ahead is None else self._ahead.conversion(lead_id)
        return self.hand.run(self.hand.operations.find_conversion(lead_id)) if found is None else found

    def _relationships(
        self, item: Item, bundle: Bundle, rows: Mapping[str, Any], there: Mapping[str, Any]
    ) -> list[Fault]:
        made: Conversion | None = None
        if item.target:
            try:
                made = self._conversion(item.target)
            except AmbiguousMatchError:
                return [Fault("conversion", "the target has converted the lead more than once")]
            if made is None:
                return [Fault("conversion", "the target has not converted the lead")]
        return [
            Fault(kind, "the target's conversion is tied to another one, or to none")
            for kind in KINDS[1:]
            if bundle.record(kind) is not None
            and not _tied(kind, item, rows[kind], made, there, tagged=has_tags(self.hand.adapter, kind))
        ]

    def _fields(self, item: Item, bundle: Bundle, rows: Mapping[str, Any], there: Mapping[str, Any]) -> Verified:
        losses = self.book.losses(item.op_id)
        ids = self._ids(bundle)
        links = {kind: {row["source"]: row["target"]} for kind, row in rows.items()}
        differ: list[str] = []
        added: list[str] = []
        for kind, record in there.items():
            if rows[kind]["how"] == "linked":
                continue
            seen = self.maker.crossing.seen(kind, bundle.record(kind) or record, links)
            source, losses = seen.record, (*losses, *seen.losses)
            marks = set(self.maker.marks(kind, bundle, item.op_id))
            bare = attrs.evolve(record, tags=tuple(tag for tag in record.tags if tag not in marks))
            table = {**ids, "source": ids.get("deal_source", {})} if kind == "deal" else ids
            differ += differences(source, bare, table, kind)
            added += additions(source, bare, kind)
            differ += self._remembered(kind, record, marks)
        silent = undeclared(differ, losses)
        missing = notes.missing(self.hand, bundle, rows)
        if missing:
            return Verified(faults=(Fault("note", f"{missing} of the notes are not in the target"),))
        faults = tuple(Fault(path, "it is not what the source says, and no loss declares it") for path in silent)
        declared = tuple(path for path in differ if path not in silent)
        return Verified(declared=declared, added=tuple(added), faults=faults)

    @staticmethod
    def _remembered(kind: str, record: Any, marks: set[str]) -> list[str]:
        """Return what was to be remembered by tags and is not; a lead's are those of before its conversion."""
        if kind == "lead":
            return []
        return [f"{kind}.tags" for mark in marks if mark not in record.tags]

    def _ids(self, bundle: Bundle) -> dict[str, Any]:
        """Return the id map, with what the records of the source became."""
        ids: dict[str, Any] = {**self.maker.crossing.ids, **dict.fromkeys(self.maker.crossing.spaces)}
        for kind in KINDS[1:]:
            record: Any = bundle.record(kind)
            row = None if record is None else self.book.link(kind, record.id)
            if row is not None:
                ids[kind] = {record.id: {"id": row["target"]}}
        return ids


def _tied(kind: str, item: Item, row: Row, made: Conversion | None, there: Mapping[str, Any], *, tagged: bool) -> bool:
    """Tell whether a record belongs to the conversion.

    It is the conversion's own outcome, or what its contact or deal names. What no conversion made shows our mark; what
    was there before stays as it was, and a loss says so. Without tags only the ledger tells that it is ours.
    """
    if made is None:
        return row["how"] == "linked" or not tagged or marker(item.op_id) in there[kind].tags
    outcome = getattr(made, kind)
    if outcome.id == row["target"]:
        return True
    if isinstance(outcome, NoRecord) and kind == "deal":
        return marker(item.op_id) in there[kind].tags
    named = [getattr(record, kind, None) for name, record in there.items() if name in ("contact", "deal")]
    return any(ref is not None and ref.id == row["target"] for ref in named)
