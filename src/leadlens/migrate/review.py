"""What a person has to decide: the original, what went wrong, what could be done; and the decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leadlens.errors import UsageError
from leadlens.migrate.book import Book
from leadlens.migrate.items import Item, State
from leadlens.migrate.origin import KINDS, Bundle
from leadlens.migrate.work import Work, link
from leadlens.model import JSON
from leadlens.store import Row

_SUGGESTIONS: Mapping[str, str] = {
    "planned": "make the plan anew with what it asks for, or skip this conversion",
    "several_conversions": "the target has converted the lead more than once: look at both, keep one, link the ids",
    "foreign_conversion": "somebody else has converted the lead: link what it became, or skip this conversion",
    "not_found": "look the lead up in the target: retry if it is not converted, link its records if it is",
    "differs": "look at the fields: retry after correcting the mapping, or accept what is there",
    "other_shape": "the target made other records than the source has: link them, or accept what is there",
    "refused_after": "it is converted, and the target refuses something after it: correct the original and replay it",
    "lead_claimed": "another conversion has this lead of the target already: skip one of them",
    "source_gone": "the source no longer has a record that the conversion names: skip it, or bring the record back",
    "no_answer": "the target gave no answer so often that nothing more is tried by itself: retry later",
}
_BACK: Mapping[str, State] = {"differs": "completing", "other_shape": "completing", "not_found": "upserted"}


def suggestion(item: Item) -> str:
    """Return what could be done about an item."""
    if item.state == "rejected":
        return "correct the record in rejected.jsonl and replay it, or skip this conversion"
    return _SUGGESTIONS.get(item.reason or "", "look at it, then retry, link or skip")


def queue(book: Book) -> list[JSON]:
    """Return what waits for a decision, each with its original, its error and a suggestion."""
    return [
        {
            "op_id": item.op_id, "lead": item.lead, "state": item.state, "reason": item.reason,
            "error": book.document(item.op_id, "error"), "suggestion": suggestion(item),
            "original": book.document(item.op_id, "source") or {"conversion": book.document(item.op_id, "conversion")},
        }
        for item in book.items(("review", "rejected"))
    ]  # fmt: skip


def retry(book: Book, op_id: str) -> None:
    """Let an item go on from where it surely was; never from before a write that may have been made."""
    item = _waiting(book, op_id)
    if item.reason == "planned":
        raise UsageError(f"{op_id} cannot be done as it was planned; plan anew with what it asks for")
    if item.reason == "differs":
        book.reopen(item)
    book.move(item, _state_before(book, item), tries=0, due=None, reason=None)


def _state_before(book: Book, item: Item) -> State:
    if (back := _BACK.get(item.reason or "")) is not None:
        return back
    if book.document(item.op_id, "outcome") is not None or item.decision != "replay":
        return "completing" if book.document(item.op_id, "source") is not None else "planned"
    if item.action == "convert":
        return "unknown"
    return "upserted" if item.target else "planned"


def skip(book: Book, op_id: str, why: str) -> None:
    """Leave a conversion out for good, with a reason."""
    if not why.strip():
        raise UsageError("say why it is skipped: --reason TEXT")
    book.move(_waiting(book, op_id), "skipped", reason=why, due=None)


def accept(book: Book, op_id: str, why: str) -> None:
    """Take what the target has for what was wanted: every fault becomes a declared loss, with a reason."""
    from leadlens.loss import Loss

    item = _waiting(book, op_id)
    faults = (book.document(op_id, "error") or {}).get("faults", [])
    if item.reason != "differs" or not why.strip():
        raise UsageError("only what differs can be accepted, and with a reason: --reason TEXT")
    found = [Loss(fault["path"], "left_out", f"accepted as it is in the target: {why}") for fault in faults]
    book.move(item, "completed", losses=found, tries=0, due=None, reason=None)


def link_to(work: Work, op_id: str, ids: Mapping[str, str]) -> None:
    """Say which records of the target a conversion became; they are then completed and verified."""
    book, item = work.book, _waiting(work.book, op_id)
    if unknown := set(ids) - set(KINDS):
        raise UsageError(f"{', '.join(sorted(unknown))}: link a {', '.join(KINDS)}")
    bundle = Bundle.of_json(book.document(op_id, "source"))
    rows: list[Row] = []
    for kind, target in ids.items():
        record = bundle.record(kind)
        if record is None:
            raise UsageError(f"the conversion has no {kind}")
        rows.append(link(kind, record.id, op_id, target, "linked"))
    losses = [loss for row in rows for loss in work.kept_losses(row)]
    more: dict[str, Any] = {"target": ids["lead"]} if "lead" in ids else {}
    book.move(item, "completing", links=rows, losses=losses, tries=0, due=None, reason=None, **more)


def replay(work: Work, lines: Iterable[Mapping[str, Any]]) -> int:
    """Take corrected originals of rejected items, and let them go on; return how many. Other lines are left alone."""
    number = 0
    for line in lines:
        if line.get("state") != "rejected" and line.get("reason") != "refused_after":
            continue
        item = _waiting(work.book, str(line.get("op_id")))
        bundle = Bundle.of_json(line["original"])
        state: State = "upserted" if item.target and item.decision == "replay" else "source_read"
        if work.book.document(item.op_id, "outcome") is not None:
            state = "completing"
        losses = work.maker.losses(bundle, item.decision)
        documents = {"source": bundle.to_json()}
        work.book.move(item, state, documents=documents, losses=losses, tries=0, due=None, reason=None)
        work.forget(item)
        number += 1
    return number


def _waiting(book: Book, op_id: str) -> Item:
    item = book.item(op_id)
    if item.state not in ("review", "rejected"):
        raise UsageError(f"{op_id} is {item.state}; only what is in review or rejected waits for a decision")
    return item
