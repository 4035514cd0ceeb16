"""From a conversion of the source to a lead of the target: read, looked for, written, claimed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from leadlens.conversion import Conversion, UpsertResult
from leadlens.errors import AmbiguousMatchError, UsageError
from leadlens.flow import Flow
from leadlens.migrate.crossing import has_tags, marker
from leadlens.migrate.hand import Hand
from leadlens.migrate.items import Item
from leadlens.migrate.origin import Bundle, MissingError
from leadlens.migrate.steps import Key
from leadlens.migrate.work import Work, Write, link
from leadlens.model import CustomField, Lead, PersonName, Record
from leadlens.operations import Page, Query
from leadlens.settle import SKEW
from leadlens.store import FencedError

MOST_REPEATS = 5
"""So often a lead that was not written is written again in a later epoch, before a person has to look."""


def expect_sources(work: Work, items: list[Item]) -> None:
    """Read together what the next moves of these items ask the source for."""
    work.origin.expect([_planned(work, item) for item in items])


def _planned(work: Work, item: Item) -> Conversion:
    return Bundle.of_json({"conversion": work.book.document(item.op_id, "conversion")}).conversion


def read_source(work: Work, item: Item) -> None:
    """Read the conversion and its records of the source: ``planned`` → ``source_read``."""
    try:
        bundle = work.origin.bundle(_planned(work, item))
    except MissingError as gone:
        work.review(item, "source_gone", gone)
        return
    losses = work.maker.losses(bundle, item.decision)
    work.book.move(item, "source_read", documents={"source": bundle.to_json()}, losses=losses, tries=0, due=None)
    work.known(item).bundle = bundle


def write_lead(work: Work, item: Item) -> Write | None:
    """Write the lead: → ``upserted``. It is looked for before, unless nobody can have written it yet.

    What another ledger has converted is adopted as a lead and goes to review as somebody else's conversion.
    """
    if item.decision != "replay":
        work.book.move(item, "completing")
        return None
    bundle = work.bundle(item)
    work.once(item, "upsert")
    if item.action is not None or not work.book.has_begun:
        there = find_lead(work, item, bundle)
        if there is None and item.action is None:
            there = find_lead(work, item, bundle, converted=True)
        if there is not None:
            how = "linked" if item.action is None else "created"
            written(work, work.book.move(item, "upserting", action="upsert"), bundle, there, how)
            return None
    planned = work.maker.lead(bundle, item.op_id)

    def done(item: Item, made: UpsertResult) -> None:
        written(work, item, bundle, made.record)
        if made.outcome == "created":
            work.known(item).lead_made = work.hand.now()

    return Write(item=item, flow=planned.flow, call=planned.calls[0], done=done, action="upsert")


def settle_lead(work: Work, item: Item) -> None:
    """Find out whether the lead was written: ``unknown`` → ``upserted``, or back to be written in the next epoch."""
    work.settled(item.op_id, "upsert", item.settle_at)
    bundle = work.bundle(item)
    there = find_lead(work, item, bundle)
    if there is None and item.tries >= MOST_REPEATS:
        work.review(item, "not_found")
    elif there is None:
        work.book.move(item, "source_read", tries=item.tries + 1)
    else:
        written(work, item, bundle, there)


def written(work: Work, item: Item, bundle: Bundle, lead: Record, how: str = "created") -> None:
    """Write down the lead, and claim it: no other conversion of any run may convert it."""
    assert bundle.lead is not None, "a replay has a lead"
    claim = {"account": work.account, "lead": lead.id, "op_id": item.op_id}
    row = link("lead", bundle.lead.id, item.op_id, lead.id, how)
    try:
        work.book.move(item, "upserted", target=lead.id, claim=claim, links=[row], tries=0, due=None)
    except FencedError as error:
        work.book.fence()
        work.review(work.book.item(item.op_id), "lead_claimed", error)


def find_lead(work: Work, item: Item, bundle: Bundle, *, converted: bool = False) -> Record | None:
    """Return the lead of this operation if the target has it: as its searches show leads, or of the converted ones."""
    try:
        found = work.hand.run(
            marked(work.hand, "lead", bundle.lead, item.op_id, work.maker.key, converted=converted or None)
        )
    except UsageError:
        if converted:  # this CRM shows converted leads as all others
            return None
        raise
    if len(found) > 1:
        raise AmbiguousMatchError(work.hand.adapter.name, status=200, code="several of ours")
    return found[0] if found else None


def marked(
    hand: Hand,
    kind: str,
    record: Any,
    op_id: str,
    key: Key | None = None,
    since: float | None = None,
    *,
    converted: bool | None = None,
) -> Flow[list[Record]]:
    """Return the records of the target that are ours, looked for by the key, else by e-mail and by name.

    They have our mark. Where the target has no tags, ours is what has our key, or the same name and was written since
    we first tried, at ``since``.
    """
    tag, tagged = marker(op_id), has_tags(hand.adapter, kind)
    found: dict[str, Record] = {}

    def is_ours(one: Any) -> bool:
        if tagged or (key is not None and kind == "lead"):
            return tag in one.tags or (not tagged and key is not None and key.is_on(one, op_id))
        return since is not None and _name(one) == _name(record) and _written_since(one, since)

    for query in _looks(kind, record, op_id, key):
        place: str | None = None
        while True:
            page: Page = yield from hand.operations.search(kind, attrs.evolve(query, converted=converted), place)
            found |= {one.id: one for one in page.items if is_ours(one)}
            place = page.next
            if place is None:
                break
        if found:
            break
    return list(found.values())


def _name(record: Any) -> str | None:
    name: str | None = record.name.display if isinstance(record.name, PersonName) else record.name
    return name


def _written_since(record: Any, since: float) -> bool:
    when = record.modified_at or record.created_at
    return when is None or when.timestamp() >= since - SKEW


def _looks(kind: str, record: Any, op_id: str, key: Key | None) -> Iterator[Query]:
    """Yield by what a record is looked for, the surest first."""
    if key is not None and kind == "lead":
        yield Query(custom=CustomField(definition=key.definition, value=key.value(op_id)))
        return
    mails = (
        [mail.address for mail in getattr(record, "emails", ()) if mail.address] if kind in ("lead", "contact") else []
    )
    if mails:
        yield Query(email=mails[0])
    name = _name(record)
    if name:
        yield Query(name=name)
    if isinstance(record, Lead) and not mails and not name:
        yield Query()
