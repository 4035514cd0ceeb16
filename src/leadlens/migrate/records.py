"""The records of a conversion: completed by what they were in the source, or made where no conversion makes them."""

from __future__ import annotations

from typing import Any

from leadlens.conversion import UpsertResult
from leadlens.errors import DuplicateError, InvalidRequestError
from leadlens.migrate import notes
from leadlens.migrate.book import RECORDS, Item, StepRow
from leadlens.migrate.hand import NotNowError
from leadlens.migrate.leads import marked
from leadlens.migrate.origin import Bundle
from leadlens.migrate.work import EpochError, Work, link
from leadlens.operations import Page, Query
from leadlens.settle import SEARCH_LAG
from leadlens.store import Row

IN_ORDER = ("company", "contact", "deal")
"""Each may name the ones before it."""


def begin(work: Work, item: Item) -> bool:
    """Go on to the records: ``converted`` → ``completing``."""
    work.book.move(item, "completing")
    return False


def complete(work: Work, item: Item) -> bool:
    """Write the records, one a call, each announced by its step: ``completing`` → ``completed``."""
    bundle = work.bundle(item)
    if item.decision != "replay" and (wait := work.waits_for(item, bundle)) is not None:
        raise NotNowError(wait)
    for number, kind in enumerate(IN_ORDER, RECORDS):
        step = work.step_of(item, number)
        if bundle.record(kind) is None or (step is not None and step.state == "done"):
            continue
        if _write(work, item, number, kind, bundle, step):
            return True
    if notes.write(work, item, bundle):
        return True
    work.book.move(item, "completed", tries=0, due=None)
    return False


def _write(work: Work, item: Item, number: int, kind: str, bundle: Bundle, step: StepRow | None) -> bool:
    """Write one record of a conversion; tell whether something was sent."""
    record: Any = bundle.record(kind)
    row = work.book.link(kind, record.id)
    if row is None:
        return _make(work, item, number, kind, bundle, step)
    if row["op_id"] != item.op_id or row["how"] == "linked":
        _share(work, item, kind, record, row["target"])
        return False
    if step is not None and step.state == "sending":
        work.again(step)
    planned = work.maker.completion(kind, bundle, item.op_id, work.links(bundle))
    work.write(item, number, planned.flow, planned.calls[0], lambda made: (made.id or "", []))
    return True


def _share(work: Work, item: Item, kind: str, record: Any, target: str) -> None:
    """Write down that a record is one which is there already."""
    if work.book.store.one("link", {"kind": kind, "source": record.id, "op_id": item.op_id}) is None:
        row = link(kind, record.id, item.op_id, target, "linked")
        work.book.move(item, item.state, links=[row], losses=work.kept_losses(row))


def _make(work: Work, item: Item, number: int, kind: str, bundle: Bundle, step: StepRow | None) -> bool:
    """Make a record that no conversion makes; look for it first, and never send it twice in an epoch."""
    record: Any = bundle.record(kind)
    if step is not None and step.state == "sending":
        work.settled(f"{item.op_id}:{number}", step.settle_at)
    since = None if step is None else step.sent_at
    found = work.hand.run(marked(work.hand, kind, record, item.op_id, since=since))
    if found:
        work.book.move(item, item.state, links=[link(kind, record.id, item.op_id, found[0].id, "created")])
        return False
    there = work.matches(item).get(kind) or (_by_mail(work, record) if kind == "contact" else None)
    if there is not None:
        _share(work, item, kind, record, there)
        return False
    if step is not None and step.state == "sending" and step.epoch == work.book.epoch:
        raise EpochError(f"{kind} was sent in this epoch")
    planned = work.maker.creation(kind, bundle, item.op_id, work.links(bundle))

    def done(made: UpsertResult) -> tuple[str, list[Row]]:
        return made.id or "", [link(kind, record.id, item.op_id, made.id, "created")]

    try:
        work.write(item, number, planned.flow, planned.calls[0], done)
    except (DuplicateError, InvalidRequestError):
        if kind != "contact" or not work.maker.by_mail or item.tries:
            raise
        # It may be there already, and the search does not show it yet.
        work.book.postpone(item, work.hand.wall() + SEARCH_LAG, tries=1)
    return True


def _by_mail(work: Work, record: Any) -> str | None:
    """Return the contact that has the e-mail address already, where the target has one for each."""
    mail = next((one.address for one in record.emails if one.address), None)
    if mail is None or not work.maker.by_mail:
        return None
    page: Page = work.hand.run(work.hand.operations.search("contact", Query(email=mail), None))
    return page.items[0].id if page.items else None


def check(work: Work, item: Item) -> bool:
    """Read back what the target has, and compare it with the source: ``completed`` → ``verified``."""
    found = work.verifier.item(item, work.bundle(item))
    if found.faults:
        work.review(item, "differs", None, faults=found.to_json()["faults"])
    else:
        work.book.move(item, "verified", documents={"verified": found.to_json()}, due=None)
    return False
