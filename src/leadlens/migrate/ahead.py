"""Reads many records of an account in one call, for those who are about to ask for them one by one.

What is not found here, or not in time, proves nothing: lists may be behind. Whoever asked then reads it by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import attrs

from leadlens.conversion import Conversion, NoRecord, Outcome, Present
from leadlens.errors import OutcomeUnknownError, TryLaterError, UsageError
from leadlens.flow import Flow
from leadlens.migrate.hand import Hand
from leadlens.model import Company, Contact, ConvertedTo, Deal, Record, Ref
from leadlens.operations import ConversionQuery, Page, Query

MOST: Final = 100
"""So many ids every CRM takes in one call."""
FEW: Final = 2
"""Fewer are as well read one by one."""
Run = Callable[[Flow[Any]], Any]


@attrs.define
class Ahead:
    """Records that were read together, and conversions; ``run`` carries out the flows."""

    hand: Hand
    run: Run
    records: dict[tuple[str, str], Record] = attrs.field(factory=dict)
    conversions: dict[str, list[Conversion]] = attrs.field(factory=dict)
    _place: str | None = None
    _listed_to: float | None = None

    def anew(self) -> Ahead:
        """Return one without records, which goes on in the list of conversions where this one is."""
        return attrs.evolve(self, records={})

    def read(self, kind: str, ids: Iterable[str | None]) -> None:
        """Read the records of a kind that have these ids; a lead is looked for among those that were converted."""
        wanted = [one for one in dict.fromkeys(ids) if one is not None and (kind, one) not in self.records]
        if len(wanted) < FEW:
            return
        for at in range(0, len(wanted), MOST):
            some = tuple(wanted[at : at + MOST])
            try:
                found = self.run(_every(self.hand, kind, some))
            except (OutcomeUnknownError, TryLaterError):
                return
            self.records |= {(kind, one.id): one for one in found}

    def conversion(self, lead_id: str) -> Conversion | None:
        """Return the one conversion of a lead of the target that was read, if one alone was."""
        lead: Any = self.records.get(("lead", lead_id))
        if lead is not None and lead.converted_to is not None:
            return self._told(lead_id, lead.converted_to)
        made = self.conversions.get(lead_id, [])
        return made[0] if len(made) == 1 else None

    def _told(self, lead_id: str, into: ConvertedTo) -> Conversion | None:
        """Return the conversion that a lead tells, where its contact agrees: it may remember several, or none."""
        contact: Any = self.records.get(("contact", "" if into.contact is None else into.contact.id or ""))
        remembered = () if contact is None else contact.converted_from
        if contact is None or (remembered and sum(come.lead_id == lead_id for come in remembered) != 1):
            return None
        return Conversion(
            lead_id=lead_id, contact=_outcome(Contact, into.contact), company=_outcome(Company, into.company),
            deal=_outcome(Deal, into.deal), converted_at=into.converted_at, converted_by=into.converted_by,
        )  # fmt: skip

    def list_conversions(self, since: float) -> None:
        """Read the list of conversions, newest first, down to a time in Unix seconds, going on where it was left.

        For a CRM whose leads do not tell what became of them: its list has each conversion of a lead, and none of a
        lead that was made since is older.
        """
        while self._listed_to is None or (self._place is not None and self._listed_to >= since):
            try:
                page: Page = self.run(self.hand.operations.conversions(ConversionQuery(), self._place))
            except (OutcomeUnknownError, TryLaterError):
                self.conversions.clear()
                return
            for made in page.items:
                known = self.conversions.setdefault(made.lead_id, [])
                if all(made.id != other.id for other in known):
                    known.append(made)
            times = [made.converted_at.timestamp() for made in page.items if made.converted_at is not None]
            self._listed_to, self._place = min(times, default=0.0), page.next


def _outcome(kind: type[Any], ref: Ref | None) -> Outcome:
    return NoRecord() if ref is None else Present(record=kind(id=ref.id))


def _every(hand: Hand, kind: str, ids: tuple[str, ...]) -> Flow[list[Record]]:
    query = Query(ids=ids, converted=True if kind == "lead" else None)
    try:
        return (yield from _paged(hand, kind, query))
    except UsageError:  # this CRM shows converted leads as all others
        return (yield from _paged(hand, kind, attrs.evolve(query, converted=None)))


def _paged(hand: Hand, kind: str, query: Query) -> Flow[list[Record]]:
    found: list[Record] = []
    place: str | None = None
    while True:
        page: Page = yield from hand.operations.search(kind, query, place)
        found += page.items
        place = page.next
        if place is None:
            return found
