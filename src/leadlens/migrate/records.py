"""The records of a conversion: completed by what they were in the source, or made where no conversion makes them."""

from __future__ import annotations

from typing import Any

from leadlens.conversion import UpsertResult
from leadlens.errors import DuplicateError, InvalidRequestError, LeadlensError
from leadlens.flow import Call
from leadlens.migrate import notes
from leadlens.migrate.comparing import says
from leadlens.migrate.hand import NotNowError
from leadlens.migrate.items import RECORDS, Item, StepRow
from leadlens.migrate.leads import marked
from leadlens.migrate.origin import Bundle
from leadlens.migrate.work import EpochError, Work, Write, link
from leadlens.model import Record
from leadlens.operations import Page, Query
from leadlens.settle import SEARCH_LAG
from leadlens.store import Row

IN_ORDER = ("company", "contact", "deal")
"""Each may name the ones before it."""


def expect_made(work: Work, items: list[Item]) -> None:
    """Read together what the conversions of these items made, so that only what is missing there is written.

    A CRM that takes many writes in one call takes fewer calls if everything is written.
    """
    if work.hand.operations.together is not None:
        return
    ahead = work.ahead(items)
    made = {item.op_id: _made(work, item) for item in items}
    for kind in IN_ORDER:
        ahead.read(kind, (there.get(kind) for there in made.values()))
    for item in items:
        known = made[item.op_id].items()
        work.known(item).there = {
            kind: ahead.records[kind, target] for kind, target in known if (kind, target) in ahead.records
        }


def _made(work: Work, item: Item) -> dict[str, str]:
    rows = work.book.links(item.op_id)
    return {row["kind"]: row["target"] for row in rows if row["how"] == "created"}


def begin(work: Work, item: Item) -> None:
    """Go on to the records: ``converted`` → ``completing``."""
    work.book.move(item, "completing")


def complete(work: Work, item: Item) -> Write | None:
    """Return the next write of a record, each announced by its step: ``completing`` → ``completed``."""
    bundle = work.bundle(item)
    if item.decision != "replay" and (wait := work.waits_for(item, bundle)) is not None:
        raise NotNowError(wait)
    steps = {step.number: step for step in work.book.steps(item.op_id)}
    for number, kind in enumerate(IN_ORDER, RECORDS):
        step = steps.get(number)
        if bundle.record(kind) is None or (step is not None and step.state == "done"):
            continue
        if (write := _write(work, item, number, kind, bundle, step)) is not None:
            return write
    if (write := notes.write(work, item, bundle, steps)) is not None:
        return write
    work.book.move(item, "completed", tries=0, due=None)
    return None


def _write(work: Work, item: Item, number: int, kind: str, bundle: Bundle, step: StepRow | None) -> Write | None:
    """Return the write of one record of a conversion, unless it is there as it should be."""
    record: Any = bundle.record(kind)
    row = work.book.link(kind, record.id)
    if row is None:
        return _make(work, item, number, kind, bundle, step)
    if row["op_id"] != item.op_id or row["how"] == "linked":
        _share(work, item, kind, record, row["target"])
        return None
    if step is not None and step.state == "sending":
        work.again(step)
    known = work.known(item)
    if number in known.fine:
        return None
    planned = work.maker.completion(kind, bundle, item.op_id, work.links(bundle))
    if step is None and _is_there(work, planned.calls[0], row["target"], (known.there or {}).get(kind)):
        known.fine.add(number)
        return None
    return Write(
        item=item, flow=planned.flow, call=planned.calls[0], number=number, done=lambda _, made: (made.id or "", [])
    )


def _is_there(work: Work, call: Call, target: str, there: Record | None) -> bool:
    """Tell whether a record, as it was read since it was made, has all that a call would write onto it."""
    update = work.hand.operations.update
    return there is not None and update is not None and says(update(target, there).calls[0].body, call.body)


def _share(work: Work, item: Item, kind: str, record: Any, target: str) -> None:
    """Write down that a record is one which is there already."""
    if work.book.store.one("link", {"kind": kind, "source": record.id, "op_id": item.op_id}) is None:
        row = link(kind, record.id, item.op_id, target, "linked")
        work.book.move(item, item.state, links=[row], losses=work.kept_losses(row))


def _make(work: Work, item: Item, number: int, kind: str, bundle: Bundle, step: StepRow | None) -> Write | None:
    """Return the write of a record that no conversion makes; what may have been written before is looked for."""
    record: Any = bundle.record(kind)
    if step is not None and step.state == "sending":
        work.settled(item.op_id, str(number), step.settle_at)
    if step is not None or not work.book.has_begun:
        since = None if step is None else step.sent_at
        found = work.hand.run(marked(work.hand, kind, record, item.op_id, since=since))
        if found:
            work.book.move(item, item.state, links=[link(kind, record.id, item.op_id, found[0].id, "created")])
            return None
    there = work.matches(item).get(kind) or (_by_mail(work, record) if kind == "contact" else None)
    if there is not None:
        _share(work, item, kind, record, there)
        return None
    if step is not None and step.state == "sending" and step.epoch == work.book.epoch:
        raise EpochError(f"{kind} was sent in this epoch")
    planned = work.maker.creation(kind, bundle, item.op_id, work.links(bundle))

    def done(_: Item, made: UpsertResult) -> tuple[str, list[Row]]:
        return made.id or "", [link(kind, record.id, item.op_id, made.id, "created")]

    def refused(item: Item, error: LeadlensError) -> bool:
        """Wait for a contact that may be there already, and that the search does not show yet."""
        late = isinstance(error, DuplicateError | InvalidRequestError) and kind == "contact" and work.maker.by_mail
        if not late or item.tries:
            return False
        work.book.postpone(item, work.hand.wall() + SEARCH_LAG, tries=1)
        return True

    return Write(item=item, flow=planned.flow, call=planned.calls[0], number=number, done=done, refused=refused)


def _by_mail(work: Work, record: Any) -> str | None:
    """Return the contact that has the e-mail address already, where the target has one for each."""
    mail = next((one.address for one in record.emails if one.address), None)
    if mail is None or not work.maker.by_mail:
        return None
    page: Page = work.hand.run(work.hand.operations.search("contact", Query(email=mail), None))
    return page.items[0].id if page.items else None


def expect_back(work: Work, items: list[Item]) -> None:
    """Read together what these items have become in the target, as it is by now."""
    work.verifier.expect(items)


def check(work: Work, item: Item) -> None:
    """Read back what the target has, and compare it with the source: ``completed`` → ``verified``."""
    found = work.verifier.item(item, work.bundle(item))
    if found.faults:
        work.review(item, "differs", None, faults=found.to_json()["faults"])
    else:
        work.book.move(item, "verified", documents={"verified": found.to_json()}, due=None)
