"""Two emulated accounts in one sandbox, a plan between them, and its ledger."""

from __future__ import annotations

import contextlib
import importlib
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from leadlens import Sandbox
from leadlens.connecting import connect
from leadlens.emulation.messages import Refusal
from leadlens.migrate import plan as plans
from leadlens.migrate import runner
from leadlens.migrate.book import Book
from leadlens.migrate.choosing import Only
from leadlens.migrate.hand import Hand
from leadlens.migrate.origin import LiveOrigin
from leadlens.migrate.work import Work

KEPT = {"copper.unrecorded_keys": "kept"}
"""With Copper's usual switch the parts of names are forgotten; with this one they have to arrive."""
PAIRS = [(a, b) for a in ("base", "copper", "zoho") for b in ("base", "copper", "zoho") if a != b]


@attrs.define
class Migration:
    """A plan between two accounts of a sandbox, and what carries it out."""

    sandbox: Sandbox
    origin: LiveOrigin
    target: Hand
    plan: Any
    ledger: Path
    book: Book = attrs.field(init=False)

    def open(self, *, alone: bool = True) -> Work:
        """Open the ledger as a new process does."""
        self.book = Book(self.ledger, alone=alone)
        runner.open_run(self.book, self.plan, self.target.wall())
        return runner.work(self.book, self.plan, self.origin, self.target)

    def run(self, **options: Any) -> runner.Progress:
        """Run to the end, in a process of its own, so to say."""
        work = self.open()
        try:
            return runner.Runner(work, **options).run()
        finally:
            self.book.close()

    def writes(self) -> list[Any]:
        """Return the calls to the target that changed something, by the truth log."""
        return [entry for entry in self.sandbox.truth.entries(self.target.adapter.name) if entry.changes]


@contextmanager
def migration(
    source: str, target: str, folder: Path, *, rules: plans.Rules | None = None, conversions: int | None = None,
    only: Iterable[str] | None = None, seed: int = 7, **options: Any,
) -> Iterator[Migration]:  # fmt: skip
    """Give a planned migration between the demo accounts of a sandbox."""
    options = {"switches": KEPT, **options}
    with Sandbox(seed, **options) as sandbox:
        if conversions is not None:
            convert_more(sandbox, source, conversions)
        with connect(source, sandbox=sandbox) as here, connect(target, sandbox=sandbox) as there:
            yield planned(sandbox, Hand(here), Hand(there), folder, rules=rules, only=only)


def planned(
    sandbox: Sandbox, here: Hand, there: Hand, folder: Path, *, rules: plans.Rules | None = None,
    only: Iterable[str] | None = None, known: Any = None,
) -> Migration:  # fmt: skip
    """Return a migration between two accounts that is planned and not begun."""
    origin = LiveOrigin(here)
    plan = plans.make(
        origin, there, source=plans.label(here, here.adapter.name), goal=plans.label(there, there.adapter.name),
        rules=rules or plans.Rules(), only=Only.of(only or ()), known=known,
    )  # fmt: skip
    return Migration(sandbox, origin, there, plan, folder / "ledger.db")


def convert_more(sandbox: Sandbox, vendor: str, wanted: int) -> None:
    """Convert leads of the demo account as the account itself does, until it has so many conversions."""
    drawn = random.Random(f"more:{vendor}")
    with sandbox.world(vendor) as world:
        _MORE[vendor](world, drawn, wanted)


def _base(world: Any, drawn: random.Random, wanted: int) -> None:
    converted = importlib.import_module("leadlens_base.sandbox.conversions").converted
    there = {record["lead_id"] for _, record in world.store.iterate("conversion")}
    count = sum(1 for _ in world.store.iterate("conversion"))
    for number, lead in list(world.store.iterate("lead")):
        if number not in there and count < wanted:
            converted(world, lead, {"create_deal": drawn.random() < 0.6})
            count += 1


def _copper(world: Any, drawn: random.Random, wanted: int) -> None:
    converted = importlib.import_module("leadlens_copper.sandbox.convert").converted
    count = sum(lead["converted_at"] is not None for _, lead in world.store.iterate("lead"))
    for _, lead in list(world.store.iterate("lead")):
        if lead["converted_at"] is None and count < wanted:
            asked = {"opportunity": {"name": f"Oven for {lead['name']}"}} if drawn.random() < 0.6 else {}
            converted(world, lead, {"person": {}, **asked})
            count += 1


def _zoho(world: Any, drawn: random.Random, wanted: int) -> None:
    module = importlib.import_module("leadlens_zoho.sandbox.conversion")
    converted = importlib.import_module("leadlens_zoho.sandbox.shape").is_converted
    leads = list(world.store.iterate("Leads"))
    count = sum(map(converted, (lead for _, lead in leads)))
    deal = {"Pipeline": "Standard (Standard)", "Stage": "Qualification", "Closing_Date": "2026-03-01"}
    for number, lead in leads:
        if not converted(lead) and count < wanted:
            made = {**deal, "Deal_Name": f"Oven {lead['Last_Name']}"} if drawn.random() < 0.6 else None
            with contextlib.suppress(Refusal), world.store.attempt():  # a customer's number that a contact has already
                module.carry_out(world, number, lead, module.Plan(deal=made))
                count += 1


_MORE = {"base": _base, "copper": _copper, "zoho": _zoho}
