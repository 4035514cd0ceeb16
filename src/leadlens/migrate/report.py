"""What came of a migration, as data: derived from the ledger and nothing else. The page shows the same.

Names and values of records are in it only where somebody asked for them: the crosswalk and the lists hold ids.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from leadlens import __version__
from leadlens.migrate.book import Book
from leadlens.migrate.items import FINAL, Item
from leadlens.migrate.plan import Examples
from leadlens.migrate.review import suggestion
from leadlens.model import JSON

EXAMPLES = 5
_COLUMNS = ("kind", "source", "target", "how", "op_id")


def report(book: Book, plan: Mapping[str, Any]) -> dict[str, JSON]:
    """Return the report of a run as plain JSON."""
    items = book.items()
    verified = {item.op_id: book.document(item.op_id, "verified") for item in items}
    return {
        "format": "leadlens-migration-report-1",
        "version": __version__,
        "source": plan["source"],
        "target": plan["target"],
        "plan": {"hash": plan["hash"], "made_at": plan["made_at"], "counts": plan["counts"]},
        "ledger": {"head": book.store.head, "epoch": book.epoch},
        "totals": {"conversions": len(plan["items"]), "moved": len(items), **_states(items)},
        "finished": all(item.state in FINAL for item in items),
        "timeline": _timeline(book),
        "losses": losses(book, items),
        "unmatched": plan["unmatched"],
        "left_behind": plan["left_behind"],
        "verification": _verification(verified, items),
        "review": [_asked(book, item) for item in items if item.state in ("review", "rejected")],
        "skipped": [{"lead": one["lead"], "why": one["why"]} for one in plan["items"] if one["decision"] == "skip"]
        + [{"lead": item.lead, "why": item.reason} for item in items if item.state == "skipped"],
        "crosswalk": crosswalk(book, items),
        "undo": undo_list(book, items),
    }


def _states(items: Iterable[Item]) -> dict[str, int]:
    return dict(Counter(item.state for item in items))


def losses(book: Book, items: Iterable[Item]) -> list[JSON]:
    """Return the declared losses of a run, by field and reason, the most frequent first."""
    found: dict[tuple[str, str, str, str], Examples] = defaultdict(Examples)
    for item in items:
        for loss in dict.fromkeys(
            (re.sub(r"\[\d+\]", "", one.path), one.reason, one.level, one.detail) for one in book.losses(item.op_id)
        ):
            found[loss].add(item.lead, EXAMPLES)
    return [
        {"path": path, "reason": reason, "level": level, "detail": detail, **leads.to_json()}
        for (path, reason, level, detail), leads in sorted(found.items(), key=lambda one: (-one[1].count, one[0]))
    ]


def _verification(verified: Mapping[str, Any], items: Iterable[Item]) -> JSON:
    declared: Counter[str] = Counter()
    added: Counter[str] = Counter()
    for found in verified.values():
        if found is not None:
            declared.update(re.sub(r"\[\d+\]", "", path) for path in found["declared"])
            added.update(found["added"])
    faulty = sum(item.state == "review" and item.reason == "differs" for item in items)
    return {
        "agree": sum(found is not None for found in verified.values()),
        "faulty": faulty,
        "differ_as_declared": dict(declared.most_common()),
        "added_by_the_target": dict(added.most_common()),
    }


def _timeline(book: Book) -> list[JSON]:
    """Return when the writes of a run left, minute by minute."""
    minutes: Counter[int] = Counter()
    for _, name, row in book.history():
        when = row.get("sent_at")
        if name in ("item", "step") and when is not None and row["state"] in ("upserting", "converting", "sending"):
            minutes[int(when // 60) * 60] += 1
    return [{"at": at, "writes": number} for at, number in sorted(minutes.items())]


def _asked(book: Book, item: Item) -> JSON:
    error = book.document(item.op_id, "error") or {}
    return {
        "op_id": item.op_id, "lead": item.lead, "state": item.state, "reason": item.reason,
        "sentence": error.get("sentence"), "faults": error.get("faults", []), "suggestion": suggestion(item),
    }  # fmt: skip


def crosswalk(book: Book, items: Iterable[Item]) -> list[JSON]:
    """Return which record of the source is which in the target."""
    known = {item.op_id: item for item in items}
    rows = [row for row in book.links() if row["op_id"] in known]
    return [
        {
            "kind": row["kind"],
            "source": row["source"],
            "target": row["target"],
            "how": row["how"],
            "op_id": row["op_id"],
        }
        for row in sorted(rows, key=lambda row: (known[row["op_id"]].place, row["kind"]))
    ]


def undo_list(book: Book, items: Iterable[Item]) -> list[JSON]:
    """Return what undoing would remove: only what this run created."""
    made = [row for row in crosswalk(book, items) if row["how"] == "created"]
    order = {"deal": 0, "contact": 1, "company": 2, "lead": 3}
    return sorted(made, key=lambda row: order[row["kind"]])


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a crosswalk as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
