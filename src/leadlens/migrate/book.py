"""The ledger of migrations: runs, items, steps, claims, and which record became which.

Everything is durable before the call that it announces. An item is one conversion of the source; its state says how far
it has come, and what may be done next follows from it alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import attrs

from leadlens.decoding import dumps, loads
from leadlens.errors import UsageError
from leadlens.loss import Loss
from leadlens.migrate.items import (
    AT_ONCE,
    FINAL,
    LOOKED_FOR,
    NEXT,
    NOTES,
    RECORDS,
    STAGES,
    Item,
    Run,
    State,
    StepRow,
)
from leadlens.migrate.tables import TABLES
from leadlens.model import JSON
from leadlens.store import FencedError, LedgerError, Row, Store

_MADE = ("lead", "created")
_KEPT = 1_000
"""So many items and links a process remembers at most."""


class Book:
    """The ledger of migrations in a file. One process works with it at a time, unless ``alone`` is False.

    ``lost`` counts by field in how many conversions something is lost, as far as the open run has come.
    """

    def __init__(self, path: str | Path, *, alone: bool = True) -> None:
        self.store = Store(path, TABLES, alone=alone)
        self.epoch = 0
        self.run: Run | None = None
        self.lost: Counter[str] = Counter()
        self._first = self._until = 0
        self._begun = False
        self._states: Counter[State] | None = None
        self._fenced = 0
        self._items: dict[str, Item] = {}
        self._links: dict[tuple[str, str], Row | None] = {}
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
        self._first, self._until, self._begun = 0, 0, False
        self._unlearn()
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
        """Raise :class:`FencedError` unless this is still the runner of the run: it is until a transaction ends."""
        if self.store.is_writing and self._fenced == self.store.turn:
            return
        row = self.store.one("run", {"id": self._run.id})
        if row is None or row["epoch"] != self.epoch:
            raise FencedError("another runner has taken this migration over")
        self._fenced = self.store.turn if self.store.is_writing else 0

    # --- items ---

    def item(self, op_id: str) -> Item:
        """Return an item."""
        row = self.store.one("item", {"op_id": op_id})
        if row is None:
            raise UsageError(f"the ledger has no {op_id!r}")
        return Item(**row)

    def known(self, op_id: str) -> Item:
        """Return an item as this process has last seen it: whoever writes on its word is fenced if it has changed."""
        return self._items.get(op_id) or self.item(op_id)

    def items(self, states: Sequence[State] = ()) -> list[Item]:
        """Return the items of the run in their order, of some states if given."""
        return list(self.each(states))

    def each(self, states: Sequence[State] = ()) -> Iterator[Item]:
        """Yield the items of the run in their order, of some states if given, some at a time."""
        for some in self.parts(states):
            yield from some

    def parts(self, states: Sequence[State] = (), *, last_first: bool = False) -> Iterator[list[Item]]:
        """Yield the items of the run some at a time, in their order or the other way round."""
        columns = [attribute.name for attribute in attrs.fields(Item)]
        among = f" AND state IN ({', '.join('?' * len(states))})" if states else ""
        order, beyond, at = ("place DESC", "<", 2**62) if last_first else ("place", ">", -1)
        while True:
            where, given = f"run = ? AND place {beyond} ?{among}", (self._run.id, at, *states)
            found = self.store.some("item", columns, where, given, order, AT_ONCE)
            if not found:
                return
            some = [Item(**dict(zip(columns, row, strict=True))) for row in found]
            yield some
            at = some[-1].place

    def ready(self, now: float, *, within: int | None = None) -> list[str]:
        """Return some items that can go on now, the first of the run, and of the first ``within`` alone if given.

        Those whose sources are still to be read come first, then what is written and converted, in the run's order,
        then what is to be completed; and no others until these are done, so that there are many of each at a time.
        What is to be read back waits until it is many, or all that there is.
        """
        at_work = self._at_work(now, within, self._until)
        if not at_work:
            at_work = self._at_work(now, within, None)
            self._until = at_work[-1][2] + 1 if at_work else 0
        back: list[tuple[str, State, int]] = []
        if not at_work or self.counts().get("completed", 0) >= AT_ONCE:
            back = self._some_ready(now, within, "state = 'completed'")
        return [op_id for op_id, *_ in (*back, *sorted(at_work, key=lambda one: STAGES.get(one[1], 1)))]

    def _at_work(self, now: float, within: int | None, until: int | None) -> list[tuple[str, State, int]]:
        """Return what can go on and is not to be read back, of the places before ``until``."""
        return self._some_ready(
            now, within, "state <> 'completed'" + ("" if until is None else f" AND place < {until}")
        )

    def _some_ready(self, now: float, within: int | None, condition: str) -> list[tuple[str, State, int]]:
        where, given = self._waiting(within)
        where += f" AND (due IS NULL OR due <= ?) AND {condition}"
        found = self.store.some("item", ("op_id", "state", "place"), where, (*given, now), "place", AT_ONCE)
        return [(op_id, state, place) for op_id, state, place in found]

    def next_due(self, *, within: int | None = None) -> float | None:
        """Return when the next item can go on; None where all are final."""
        found = self.store.some("item", ("due",), *self._waiting(within), "due", 1)
        return None if not found else found[0][0] or 0.0

    def _waiting(self, within: int | None) -> tuple[str, tuple[Any, ...]]:
        """Return the condition, and its values, for what is not final."""
        where = f"run = ? AND place >= ? AND state NOT IN ({', '.join('?' * len(FINAL))})"
        first = self.store.some("item", ("place",), where, (self._run.id, self._first, *FINAL), "place", 1)
        self._first = first[0][0] if first else self._first
        given = (self._run.id, self._first, *FINAL)
        return (where, given) if within is None else (where + " AND place < ?", (*given, within))

    @property
    def has_begun(self) -> bool:
        """Whether the first leads of the run were all made by it, so that no other ledger began with this plan.

        One that did would have begun with the same ones.
        """
        if not self._begun:
            where = "run = ? AND target IS NOT NULL"
            found = self.store.some("item", ("op_id",), where, (self._run.id,), "place", LOOKED_FOR)
            made = [row for (op_id,) in found for row in self.links(op_id) if (row["kind"], row["how"]) == _MADE]
            self._begun = len(made) == LOOKED_FOR
        return self._begun

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
        if state != item.state and state not in (*NEXT[item.state], *FINAL[1:]):
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
        moved = self._items[item.op_id] = Item(**row)
        if len(self._items) > _KEPT:
            self._items.clear()
        if self._states is not None:
            self._states.update({item.state: -1, state: 1} if item.state != state else {})
        return moved

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Write down all that is written inside, or nothing."""
        try:
            with self.store.transaction():
                yield
        except BaseException:
            self._unlearn()
            raise

    def _unlearn(self) -> None:
        """Forget what this process knows of the file beside what is in it."""
        self._states, self._fenced = None, 0
        self._items.clear()
        self._links.clear()

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
        self.store.put("document", {"op_id": op_id, "name": name, "body": dumps(body).decode()})

    def _link(self, link: Row) -> None:
        self._links.pop((link["kind"], link["source"]), None)
        self.store.put("link", link)

    def _losses(self, op_id: str, losses: Iterable[Loss]) -> set[str]:
        """Write down further losses; return the fields that lost nothing before."""
        losses = tuple(losses)
        if not losses:
            return set()
        there = self.losses(op_id)
        every = tuple(dict.fromkeys((*there, *losses)))
        if every != there:
            told = [[loss.path, loss.reason, loss.detail, loss.level, loss.kind] for loss in every]
            self._document(op_id, "losses", told)
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
        with self.store.transaction():
            self.fence()
            there = self.item(item.op_id)
            if (there.epoch, there.state) != (item.epoch, item.state):
                raise FencedError("the item is not as it was left: another runner has it")
            self.store.put("step", attrs.asdict(step))
            for link in links:
                self._link(link)

    # --- what became of what ---

    def link(self, kind: str, source: str) -> Row | None:
        """Return what a record of the source became, as the item tells that made it, or else one that linked it."""
        key = (kind, source)
        if key not in self._links:
            if len(self._links) > _KEPT:
                self._links.clear()
            rows = self.store.rows("link", {"kind": kind, "source": source})
            self._links[key] = min(rows, key=lambda row: row["how"] != "created", default=None)
        return self._links[key]

    def links(self, op_id: str | None = None) -> list[Row]:
        """Return all links, or those of an item."""
        return self.store.rows("link", None if op_id is None else {"op_id": op_id}, order="kind, source")

    def linked_to(self, kind: str, target: str) -> list[Row]:
        """Return the links to a record of the target."""
        return self.store.rows("link", {"kind": kind, "target": target})

    # --- what there is to tell ---

    def counts(self) -> dict[State, int]:
        """Return how many items are in each state."""
        if self._states is None:
            found = self.store.counts("item", ("state",), {"run": self._run.id})
            self._states = Counter({cast("State", state): number for state, number in found})
        return {state: self._states[state] for state in sorted(self._states) if self._states[state]}

    def history(self) -> Iterator[tuple[int, str, Row]]:
        """Yield everything that was ever written, in its order."""
        yield from self.store.events


def _lost_paths(losses: Iterable[Loss]) -> set[str]:
    """Return the fields of which something is lost, whichever of several items it is."""
    return {re.sub(r"\[\d+\]", "", loss.path) for loss in losses if loss.level == "loss"}
