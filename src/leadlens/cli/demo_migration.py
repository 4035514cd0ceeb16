"""The demo's migration: a Base account into Copper and Zoho CRM, killed once in the middle, gone on with, read back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from leadlens import registry
from leadlens.connecting import connect
from leadlens.errors import LeadlensError
from leadlens.files import replace
from leadlens.http.driver import Sent
from leadlens.migrate import plan as plans
from leadlens.migrate import report as reports
from leadlens.migrate import runner
from leadlens.migrate.book import Book
from leadlens.migrate.hand import Hand
from leadlens.migrate.items import State
from leadlens.migrate.origin import LiveOrigin
from leadlens.migrate.report_page import page
from leadlens.migrate.work import Work
from leadlens.model import JSON
from leadlens.sandbox import Sandbox

SOURCE, TARGETS, KILLED = "base", ("copper", "zoho"), "zoho"
"""From where to where, and which of the two is killed once."""
_SEED = 7


class DemoError(LeadlensError):
    """The run that was to be killed ended otherwise."""


@attrs.frozen(kw_only=True)
class Moved:
    """One migration: what was planned and done, how often a lead was converted, what was read back, and its report.

    ``killed`` is the number of the convert whose reply nobody read, since its run was killed; ``converted`` how often
    each lead of the target was converted, by the emulated CRM's own log.
    """

    target: str
    planned: Mapping[str, int]
    killed: int | None
    counts: Mapping[State, int]
    converted: Mapping[int, int]
    verified: Mapping[str, Any]
    report: Path

    def to_json(self) -> dict[str, JSON]:
        """Return it as plain JSON."""
        names = ("conversions", "checked", "agree", "declared", "faults", "open")
        killed = None if self.killed is None else {"signal": "SIGKILL", "at_convert": self.killed}
        found = {name: self.verified[name] for name in names}
        return {
            "source": SOURCE, "target": self.target, "planned": dict(self.planned), "killed": killed,
            "counts": dict(self.counts), "converted": len(self.converted), "twice": self.twice, "verified": found,
            "report": str(self.report),
        }  # fmt: skip

    @property
    def twice(self) -> int:
        """How many leads were converted more than once."""
        return sum(times > 1 for times in self.converted.values())


@attrs.frozen
class Place:
    """A folder with emulated accounts in a file, and the plan, the ledger and the report of one migration."""

    folder: Path
    target: str

    @property
    def report(self) -> Path:
        """Where the page goes."""
        return self.folder / f"{SOURCE}-to-{self.target}.html"

    @property
    def plan(self) -> Path:
        """Where the plan is."""
        return self.folder / f"{self.target}.plan.json"

    @contextmanager
    def accounts(self, hook: Callable[[Sent], None] | None = None) -> Iterator[tuple[Sandbox, LiveOrigin, Hand]]:
        """Open the emulated accounts, as they were left."""
        with (
            Sandbox(_SEED, db=self.folder / "accounts.db") as sandbox,
            connect(SOURCE, sandbox=sandbox) as here,
            connect(self.target, sandbox=sandbox, hook=hook) as there,
        ):
            yield sandbox, LiveOrigin(Hand(here)), Hand(there)

    @contextmanager
    def opened(self, origin: LiveOrigin, target: Hand) -> Iterator[Work]:
        """Open the plan with its ledger, as ``leadlens migrate apply`` does."""
        made = plans.load(self.plan)
        book = Book(self.folder / f"{self.target}.ledger")
        try:
            runner.open_run(book, made, target.wall())
            yield runner.work(book, made, origin, target)
        finally:
            book.close()


def move(folder: Path, target: str, tell: Callable[[str, str], None]) -> Moved:
    """Migrate all conversions; one of the targets by a process that is killed in the middle."""
    place = Place(folder, target)
    plan = planned(place)
    tell(target, f"planned: {words(plan['counts'])}")
    killed = _killed(place, plan) if target == KILLED else None
    if killed is not None:
        title = registry.get(target).title
        tell(target, f"killed at convert {killed} (SIGKILL): {title} had done it, and nobody had read the reply")
    with place.accounts() as (sandbox, origin, there):
        with place.opened(origin, there) as work:
            counts = runner.Runner(work).run().counts
            found = runner.verify(work)
            replace(place.report, page(reports.report(work.book, plan)).encode())
        changes = sandbox.truth.changes(target, what="converted")
        converted = Counter(change.id for change in changes if change.sequence)
    return Moved(
        target=target, planned=plan["counts"], killed=killed, counts=counts, converted=converted, verified=found,
        report=place.report,
    )  # fmt: skip


def planned(place: Place) -> Mapping[str, Any]:
    """Plan the migration, and keep the plan."""
    with place.accounts() as (_, origin, there):
        here, goal = plans.label(origin.hand, SOURCE), plans.label(there, place.target)
        plan = plans.make(origin, there, source=here, goal=goal, rules=plans.Rules())
    replace(place.plan, plans.written(plan))
    found: Mapping[str, Any] = plan
    return found


def words(counts: Mapping[Any, int]) -> str:
    """Return counts in words."""
    return ", ".join(f"{number} {name}" for name, number in counts.items())


def _killed(place: Place, plan: Mapping[str, Any]) -> int:
    """Let another process carry the plan out until it is killed, half-way; return at which convert."""
    half = int(plan["counts"]["replay"]) // 2
    command = [sys.executable, "-m", "leadlens.cli.demo_migration", str(place.folder), place.target, str(half)]
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True)  # noqa: S603  # ourselves
    if done.returncode != -signal.SIGKILL:
        raise DemoError(f"the run that was to be killed ended by itself, with {done.returncode}")
    return half


def run_until_killed(folder: str, target: str, converts: int) -> None:
    """Carry a plan out until the reply to its last convert has come, and die before anybody has read it."""
    place, seen = Place(Path(folder), target), Counter[str]()

    def die(sent: Sent) -> None:
        seen[sent.step] += 1
        if seen["convert"] == converts:
            os.kill(os.getpid(), signal.SIGKILL)

    with place.accounts(die) as (_, origin, there), place.opened(origin, there) as work:
        runner.Runner(work).run()


if __name__ == "__main__":
    run_until_killed(sys.argv[1], sys.argv[2], int(sys.argv[3]))
