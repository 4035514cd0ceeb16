"""The ledger of migrations: runs, items, steps, claims, and which record became which.

Everything is durable before the call that it announces. An item is one conversion of the source; its state says how far
it has come, and what may be done next follows from it alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import attrs

from leadlens.decoding import dumps, loads
from leadlens.errors import UsageError
from leadlens.loss import Loss
from leadlens.migrate.tables import LINK, TABLES
from leadlens.model import JSON
from leadlens.store import FencedError, LedgerError, Row, Store

State: TypeAlias = Literal[
    "planned", "source_read", "upserting", "upserted", "converting", "unknown", "converted", "completing", "completed",
    "verified", "skipped", "rejected", "review",
]  # fmt: skip
FINAL: tuple[State, ...] = ("verified", "skipped", "rejected", "review")
_NEXT: Mapping[State, tuple[State, ...]] = {
    "planned": ("source_read",),
    "source_read": ("upserting", "completing"),
    "upserting": ("upserted", "source_read", "unknown"),
    "upserted": ("converting",),
    "converting": ("converted", "upserted", "unknown"),
    "unknown": ("source_read", "upserted", "converted"),
    "converted": ("completing",),
    "completing": ("completed",),
    "completed": ("verified",),
    "verified": ("completing",),
    "skipped": ("planned",),
    "rejected": ("planned", "completing", "source_read", "upserted", "unknown"),
    "review": ("planned", "completing", "completed", "source_read", "upserted", "converted", "unknown"),
}
"""Which states can follow which; besides, any that is not final can end in ``skipped``, ``rejected`` or ``review``."""

RECORDS, NOTES = 100, 200
"""The numbers of the first step that writes a record, and of the first that writes a note; others come before."""
AT_ONCE = 32
"""So many items are looked at together."""


@attrs.frozen(kw_only=True)
class Run:
    """One plan being carried out: between which accounts, by which mapping and policy, with which version."""

    id: str
    source: str
    target: str
    plan: str
    mapping: str
    policy: str
    version: str


@attrs.frozen(kw_only=True)
class Item:
    """One conversion of the source, as the ledger has it; ids are the source's, but ``target``: the lead there."""

    op_id: str
    run: str
    place: int
    decision: str
    lead: str
    contact: str | None = None
    company: str | None = None
    deal: str | None = None
    state: State = "planned"
    epoch: int = 0
    action: str | None = None
    sent_epoch: int = 0
    sent_at: float | None = None
    send_by: float | None = None
    settle_at: float | None = None
    due: float | None = None
    tries: int = 0
    digest: str | None = None
    target: str | None = None
    reason: str | None = None


@attrs.frozen(kw_only=True)
class StepRow:
    """One write before or after a convert, or without one."""

    op_id: str
    number: int
    name: str
    state: Literal["sending", "done", "refused"]
    epoch: int
    digest: str
    sent_at: float | None = None
    send_by: float | None = None
    settle_at: float | None = None
    tries: int = 0
    result: str | None = None


class Book:
    """The ledger of migrations in a file. One process works with it at a time, unless ``alone`` is False.

    ``lost`` counts by field in how many conversions something is lost, as far as the open run has come.
    """

    def __init__(self, path: str | Path, *, alone: bool = True) -> None:
        self.store = Store(path, TABLES, alone=alone)
        self.epoch = 0
        self.run: Run | None = None
        self.lost: Counter[str] = Counter()
        try:
            self.store.check()
        except BaseException:
            self.store.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self.store.close()

    # --- runs ---

    def open_run(self, run: Run, items: Iterable[Item], documents: Iterable[tuple[str, str, JSON]], at: float) -> None:
        """Begin a run, or go on with it. Raises :class:`LedgerError` where the ledger knows other accounts or rules."""
        known = [Run(**{a.name: row[a.name] for a in attrs.fields(Run)}) for row in self.store.rows("run")]
        for other in known:
            if (other.source, other.target) != (run.source, run.target):
                raise LedgerError(
                    f"{self.store.path.name} belongs to a migration from {other.source} to {other.target}, not from"
                    f" {run.source} to {run.target}; give another --ledger"
                )
        same = next((other for other in known if other.id == run.id), None)
        if same is not None and same != run:
            differs = [a.name for a in attrs.fields(Run) if getattr(same, a.name) != getattr(run, a.name)]
            raise LedgerError(f"this run was begun otherwise ({', '.join(differs)}); plan it anew")
        self.run = run
        if same is None:
            with self.store.transaction():
                self.store.add("run", {**attrs.asdict(run), "epoch": 0, "started": at})
                for item in items:
                    self._enter(item)
                for op_id, name, body in documents:
                    self._document(op_id, name, body)
        self.begin_epoch()
        for body in self.store.each("document", "body", {"name": "losses"}):
            self.lost.update(_lost_paths(Loss(*loss) for loss in loads(body)))

    def _enter(self, item: Item) -> None:
        """Put an item of a plan into the ledger; one that an earlier run left unfinished goes on in this one."""
        row = self.store.one("item", {"op_id": item.op_id})
        if row is None:
            self.store.add("item", attrs.asdict(item))
        else:
            changes: Row = {"run": item.run, "place": item.place, "decision": item.decision}
            if row["state"] in FINAL:
                changes |= {"state": item.state, "tries": 0, "due": None, "reason": None}
                self._reopen(item.op_id)
            self.store.change("item", {"op_id": item.op_id}, {"epoch": row["epoch"]}, changes)

    def _reopen(self, op_id: str) -> None:
        """Let the writes that can simply be made again be made again: what they write has changed."""
        for step in self.steps(op_id):
            if RECORDS <= step.number < NOTES and step.state == "done":
                key = {"op_id": op_id, "number": step.number}
                self.store.change("step", key, {}, {"state": "refused", "tries": 0})

    def reopen(self, item: Item) -> None:
        """Let the records of an item be written again, as its source now says."""
        with self.store.transaction():
            self.fence()
            self._reopen(item.op_id)

    def begin_epoch(self) -> int:
        """Take the run over: whoever had it before can write nothing more."""
        run = self._run
        with self.store.transaction():
            row = self.store.one("run", {"id": run.id})
            assert row is not None, "the run was opened"
            epoch: int = row["epoch"] + 1
            self.store.change("run", {"id": run.id}, {"epoch": row["epoch"]}, {"epoch": epoch})
        self.epoch = epoch
        return epoch

    @property
    def _run(self) -> Run:
        if self.run is None:
            raise UsageError("no run is open")
        return self.run

    def fence(self) -> None:
        """Raise :class:`FencedError` unless this is still the runner of the run."""
        row = self.store.one("run", {"id": self._run.id})
        if row is None or row["epoch"] != self.epoch:
            raise FencedError("another runner has taken this migration over")

    # --- items ---

    def item(self, op_id: str) -> Item:
        """Return an item."""
        row = self.store.one("item", {"op_id": op_id})
        if row is None:
            raise UsageError(f"the ledger has no {op_id!r}")
        return Item(**row)

    def items(self, states: Sequence[State] = ()) -> list[Item]:
        """Return the items of the run in their order, of some states if given."""
        among = ("state", states) if states else None
        return [Item(**row) for row in self.store.rows("item", {"run": self._run.id}, order="place", among=among)]

    def ready(self, now: float, *, within: int | None = None) -> list[str]:
        """Return some items that can go on now, in the run's order; of the first ``within`` alone if given."""
        return self.store.column(
            "item",
            "op_id",
            self._waiting(within) + " AND (due IS NULL OR due <= ?)",
            (*self._given(within), now),
            "place",
            AT_ONCE,
        )

    def next_due(self, *, within: int | None = None) -> float | None:
        """Return when the next item can go on; None where all are final."""
        found = self.store.column("item", "due", self._waiting(within), self._given(within), "due", 1)
        return None if not found else found[0] or 0.0

    @staticmethod
    def _waiting(within: int | None) -> str:
        marks = ", ".join("?" * len(FINAL))
        return f"run = ? AND state NOT IN ({marks})" + ("" if within is None else " AND place < ?")

    def _given(self, within: int | None) -> tuple[Any, ...]:
        return (self._run.id, *FINAL, *(() if within is None else (within,)))

    def awaited(self, kind: str, source: str, place: int) -> float | None:
        """Return when the first item that has this contact, company or deal too goes on; None where all are final."""
        rows = self.store.rows("item", {"run": self._run.id, kind: source}, order="place")
        return next((row["due"] or 0.0 for row in rows if row["place"] < place and row["state"] not in FINAL), None)

    def move(
        self,
        item: Item,
        state: State,
        *,
        documents: Mapping[str, JSON] | None = None,
        losses: Iterable[Loss] | None = None,
        links: Iterable[Row] = (),
        claim: Row | None = None,
        **values: Any,
    ) -> Item:
        """Bring an item to a state, with all that becomes known with it, in one transaction.

        Raises :class:`FencedError` when another runner has it, or another item the lead that is to be claimed.
        """
        if state != item.state and state not in (*_NEXT[item.state], *FINAL[1:]):
            raise LedgerError(f"{item.op_id} is {item.state} and cannot become {state}")
        with self.store.transaction():
            self.fence()
            row = self.store.change(
                "item",
                {"op_id": item.op_id},
                {"epoch": item.epoch, "state": item.state},
                {"state": state, "epoch": self.epoch, **values},
            )
            if claim is not None:
                self._claim(claim)
            for name, body in (documents or {}).items():
                self._document(item.op_id, name, body)
            for link in links:
                self._link(link)
            lost = set() if losses is None else self._losses(item.op_id, losses)
        self.lost.update(lost)
        return Item(**row)

    def postpone(self, item: Item, due: float, *, tries: int) -> Item:
        """Leave an item as it is until a time."""
        return self.move(item, item.state, due=due, tries=tries)

    def _claim(self, claim: Row) -> None:
        there = self.store.one("claim", {"account": claim["account"], "lead": claim["lead"]})
        if there is None:
            self.store.add("claim", claim)
        elif there["op_id"] != claim["op_id"]:
            raise FencedError("this lead of the target belongs to another conversion")

    def _document(self, op_id: str, name: str, body: JSON) -> None:
        row = {"op_id": op_id, "name": name, "body": dumps(body).decode()}
        if self.store.one("document", {"op_id": op_id, "name": name}) is None:
            self.store.add("document", row)
        else:
            self.store.change("document", {"op_id": op_id, "name": name}, {}, {"body": row["body"]})

    def _link(self, link: Row) -> None:
        key = {name: link[name] for name in LINK.key}
        if self.store.one("link", key) is None:
            self.store.add("link", link)
        else:
            self.store.change("link", key, {}, {"target": link["target"], "how": link["how"]})

    def _losses(self, op_id: str, losses: Iterable[Loss]) -> set[str]:
        """Write down further losses; return the fields that lost nothing before."""
        there = self.losses(op_id)
        every = tuple(dict.fromkeys((*there, *losses)))
        if every != there:
            self._document(op_id, "losses", [list(attrs.astuple(loss)) for loss in every])
        return _lost_paths(every) - _lost_paths(there)

    def document(self, op_id: str, name: str) -> JSON:
        """Return what was written down of an item under a name, or None."""
        row = self.store.one("document", {"op_id": op_id, "name": name})
        return None if row is None else loads(row["body"])

    def losses(self, op_id: str) -> tuple[Loss, ...]:
        """Return the losses that were declared for an item."""
        return tuple(Loss(*loss) for loss in self.document(op_id, "losses") or ())

    def remember(self, name: str, body: JSON) -> None:
        """Keep something about the whole run."""
        with self.store.transaction():
            self.fence()
            self._document(f"run {self._run.id}", name, body)

    def remembered(self, name: str) -> JSON:
        """Return what was kept about the whole run, or None."""
        return self.document(f"run {self._run.id}", name)

    # --- steps ---

    def steps(self, op_id: str) -> list[StepRow]:
        """Return the writes of an item, in their order."""
        return [StepRow(**row) for row in self.store.rows("step", {"op_id": op_id}, order="number")]

    def step(self, item: Item, step: StepRow, *, links: Iterable[Row] = ()) -> None:
        """Write a step down: before its call leaves, and with what came of it after."""
        key = {"op_id": step.op_id, "number": step.number}
        with self.store.transaction():
            self.fence()
            there = self.item(item.op_id)
            if (there.epoch, there.state) != (item.epoch, item.state):
                raise FencedError("the item is not as it was left: another runner has it")
            if self.store.one("step", key) is None:
                self.store.add("step", attrs.asdict(step))
            else:
                values = {name: value for name, value in attrs.asdict(step).items() if name not in key}
                self.store.change("step", key, {}, values)
            for link in links:
                self._link(link)

    # --- what became of what ---

    def link(self, kind: str, source: str) -> Row | None:
        """Return what a record of the source became, as the first item that made or linked it tells."""
        found = self.store.rows("link", {"kind": kind, "source": source})
        return found[0] if found else None

    def links(self, op_id: str | None = None) -> list[Row]:
        """Return all links, or those of an item."""
        return self.store.rows("link", None if op_id is None else {"op_id": op_id}, order="kind, source")

    def linked_to(self, kind: str, target: str) -> list[Row]:
        """Return the links to a record of the target."""
        return self.store.rows("link", {"kind": kind, "target": target})

    # --- what there is to tell ---

    def counts(self) -> dict[State, int]:
        """Return how many items are in each state."""
        found = self.store.counts("item", ("state",), {"run": self._run.id})
        return {cast("State", state): number for state, number in found}

    def history(self) -> Iterator[tuple[int, str, Row]]:
        """Yield everything that was ever written, in its order."""
        yield from self.store.events


def _lost_paths(losses: Iterable[Loss]) -> set[str]:
    """Return the fields of which something is lost, whichever of several items it is."""
    return {re.sub(r"\[\d+\]", "", loss.path) for loss in losses if loss.level == "loss"}
