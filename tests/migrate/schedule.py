"""One seeded schedule of a migration: an account that fails as accounts do, runners that crash, pause and take over.

Everything is drawn from the seed and time is virtual. The target guards against nothing, and its own truth log says
what really happened. Runners are not kept apart by the file's lock here: epochs alone have to do.
"""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from leadlens import Sandbox, registry
from leadlens.adapter import Adapter
from leadlens.catalogue import Choice
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import Conversion, Created, NoRecord
from leadlens.emulation.faults import Fault
from leadlens.errors import LeadlensError
from leadlens.flow import Call
from leadlens.migrate import plan as plans
from leadlens.migrate import runner
from leadlens.migrate.advance import advance
from leadlens.migrate.book import Book
from leadlens.migrate.crossing import marker
from leadlens.migrate.hand import A_MOMENT, Hand
from leadlens.migrate.items import FINAL
from leadlens.migrate.origin import Bundle
from leadlens.migrate.steps import digest
from leadlens.migrate.work import EpochError, Work
from leadlens.model import About, Company, Contact, Deal, Email, Lead, Money, Note, PersonName, Ref
from leadlens.store import FencedError

LATER = 2_000.0
"""Seconds after which nothing is under way any more."""
BEFORE = ("refused", "dns", "tls", "lost", "429", "401", "503")
AFTER = ("timeout", "reset", "fin", "truncated", "bad_utf8", "500", "502", "202", "redirect", "drip", "duplicate")
OTHER = ("late_commit", "stale_search")
OPERATIONS = {
    "base": ("create_lead", "convert_lead", "create_contact", "create_deal", "update_*", "list_*", "get_*"),
    "copper": ("create_lead", "convert_lead", "create_*", "update_*", "search_*", "get_*"),
    "zoho": ("create_lead", "convert_lead", "create_*", "update_*", "search_*", "get_*", "list_*"),
}
MOST_TURNS = 4_000
MOODS = ((0.0, 0.0, 0.0), (0.06, 0.5, 0.7), (0.5, 0.0, 0.1), (0.5, 1.0, 1.0))
"""How often a runner pauses before a write, whether its clocks stand still then, and whether another one runs."""


class KilledError(BaseException):
    """The process is gone."""


@attrs.frozen
class TellingOrigin:
    """A source that is told what it has."""

    adapter: Adapter
    bundles: tuple[Bundle, ...]

    def conversions(self, since: dt.datetime | None = None) -> Iterator[Conversion]:
        yield from (bundle.conversion for bundle in self.bundles)

    def expect(self, conversions: Sequence[Conversion]) -> None:
        pass

    def bundle(self, made: Conversion) -> Bundle:
        return next(bundle for bundle in self.bundles if bundle.conversion.id == made.id)

    def choices(self, kind: str) -> tuple[Choice, ...]:
        return ()

    def left_behind(self) -> dict[str, int | None]:
        return {}


def doubled(chance: random.Random) -> tuple[Bundle, ...]:
    """Return two conversions of one lead, the second of which has its records made one by one, and one of another."""
    firm, other = Company(id="900", name="Firm"), Company(id="901", name="Firm Two")
    first, second = _bundle(chance, 0, 0, firm), _bundle(chance, 1, 1, other)
    bare = Contact(id="501", name=PersonName(first="Bo", last="Twice"), company=Ref("901", "Firm Two"))
    deal = Deal(id="701", name="Oven 1", value=Money("5"), close_date=dt.date(2026, 5, 1), contact=Ref("501"))
    made = attrs.evolve(
        second.conversion, lead_id="100", deal=Created(record=Deal(id="701")), company=Created(record=Company(id="901"))
    )
    again = attrs.evolve(second, conversion=made, lead=first.lead, contact=bare, company=other, deal=deal)
    return first, again, _bundle(chance, 2, 2, Company(id="902", name="Firm Three"), deals=1.0)


def bundles(chance: random.Random, number: int) -> tuple[Bundle, ...]:
    """Return conversions of every shape that each CRM can make; some share their company."""
    firms = [Company(id=str(900 + at), name=f"Firm {at}") for at in range(2)]
    same = chance.random() < 0.4
    return tuple(_bundle(chance, at, 0 if same else at, chance.choice((None, *firms))) for at in range(number))


def _bundle(chance: random.Random, at: int, who: int, company: Company | None, deals: float = 0.6) -> Bundle:
    name = PersonName(first="Ada", last=f"Schedule{who}")
    mail = (Email(address=f"ada{who}@schedule.example", category="work"),) if chance.random() < 0.8 else ()
    ref = None if company is None else Ref(company.id, company.name)
    contact = Contact(id=str(500 + at), name=name, emails=mail, company=ref)
    deal = None
    if chance.random() < deals:
        day, contact_ref = dt.date(2026, 5, 1), Ref(contact.id)
        deal = Deal(id=str(700 + at), name=f"Oven {at}", value=Money("1200"), close_date=day, contact=contact_ref)
    lead = Lead(id=str(100 + at), name=name, emails=mail, company_name=None if company is None else company.name)
    made = Conversion(
        id=str(at + 1), lead_id=lead.id, contact=Created(record=Contact(id=contact.id)),
        company=NoRecord() if company is None else Created(record=Company(id=company.id)),
        deal=NoRecord() if deal is None else Created(record=Deal(id=deal.id)),
        converted_at=dt.datetime(2025, 3, 1 + at, tzinfo=dt.UTC), converted_by=Ref("7"),
    )  # fmt: skip
    about = About(kind="contact", id=contact.id)
    notes = (Note(id=str(800 + at), text=f"Called {at}.", about=about),) if chance.random() < 0.3 else ()
    return Bundle(conversion=made, lead=lead, contact=contact, company=company, deal=deal, notes=notes)


def faults(chance: random.Random, vendor: str) -> list[Fault]:
    """Return up to five faults, each at some call of some operation; sometimes two that go ill together."""
    made = []
    convert = f"{vendor}.convert_lead"
    if chance.random() < 0.25:
        if vendor == "copper" and chance.random() < 0.5:
            search = Fault(
                what="stale_search", operation="copper.search_leads", probability=0.8, seconds=400.0, count=30
            )
            return [search, Fault(what=chance.choice(AFTER), operation=convert, nth=1)]
        return [Fault(what="late_commit", operation=convert, nth=nth, seconds=119.0) for nth in (1, 2)]
    for _ in range(chance.choice((0, 1, 2, 2, 3, 4, 5))):
        what = chance.choice((*BEFORE, *AFTER, *OTHER, *OTHER))
        operation = chance.choice(("convert_lead", "convert_lead", "create_lead", *OPERATIONS[vendor]))
        options: dict[str, Any] = {"nth": chance.randint(1, 3), "operation": f"{vendor}.{operation}"}
        if what == "late_commit":
            options["seconds"] = float(chance.choice((5, 60, 119)))
        if what == "stale_search":
            behind = (30, 59, 400) if vendor == "copper" else (5, 30, 59)
            options = {"operation": "*", "probability": 0.5, "seconds": float(chance.choice(behind)), "count": 8}
        made.append(Fault(what=what, **options))
    return made


@attrs.define
class Run:
    """What one schedule showed: the broken invariants, a line per event, and which faults struck where."""

    seed: int
    broken: list[str] = attrs.field(factory=list)
    trace: list[str] = attrs.field(factory=list)
    struck: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    states: Counter[str] = attrs.field(factory=Counter)


Change = Callable[[Work], None]
"""A mutant of the protocol: what is switched off in a runner."""


@attrs.define
class LaggingClock:
    """A runner's own clock: that of the sandbox, less the time for which its machine was frozen."""

    clock: Any
    lag: float = 0.0

    def now(self) -> float:
        return float(self.clock.now()) - self.lag

    wall = now

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(max(seconds, 0.0))


@attrs.define
class WatchedLink:
    """A link that holds every write against the ledger on the disk, and kills its process where it is told to."""

    link: Any
    world: Schedule
    runner: Runner
    kill: tuple[int, str] | None = None
    sent: int = 0

    def send(self, call: Call, headers: Any, within: float) -> Any:
        if call.step == "read":
            return self.link.send(call, headers, within)
        self.sent += 1
        self.world.held(call, self.runner)
        if self.kill == (self.sent, "before"):
            raise KilledError
        began = self.world.sandbox.clock.now()
        reply = self.link.send(call, headers, within)
        if self.world.sandbox.clock.now() - began > within + 2:
            self.world.found.broken.append(f"{call.name} outlived its deadline")
        if self.kill == (self.sent, "after"):
            raise KilledError
        return reply

    def close(self) -> None:
        self.link.close()


@attrs.define(eq=False)
class Runner:
    """One process: its ledger, its client, its clock."""

    world: Schedule
    client: Client
    clock: LaggingClock
    work: Work

    def turn(self) -> None:
        """Do what a runner does between two looks at the clock."""
        book, hand = self.work.book, self.work.hand
        ready = book.ready(hand.wall())
        if not ready:
            due = book.next_due()
            if due is not None:
                hand.sleep(min(max(due - hand.wall(), 0.0), 60.0))
            return
        try:
            back = advance(self.work, ready)
        except EpochError:
            book.begin_epoch()
        else:
            if back is not None and back > hand.wall():
                hand.sleep(min(back - hand.wall(), A_MOMENT))


@attrs.define
class Schedule:
    """The world of one seed."""

    vendor: str
    seed: int
    folder: Path
    change: Change | None = None
    given: list[Fault] | None = None
    calm: bool = False
    alone: bool = False
    chance: random.Random = attrs.field(init=False)
    found: Run = attrs.field(init=False)
    restless: float = attrs.field(init=False)
    frozen: float = attrs.field(init=False)
    crowded: float = attrs.field(init=False)
    beyond: bool = False
    sandbox: Any = attrs.field(init=False, default=None)
    origin: Any = attrs.field(init=False, default=None)
    plan: Any = attrs.field(init=False, default=None)
    runners: list[Runner] = attrs.field(factory=list)
    sends: Counter[tuple[str, int]] = attrs.field(factory=Counter)
    pausing: bool = False
    started: int = 0
    gone: set[str] = attrs.field(factory=set)
    merged: set[str] = attrs.field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.chance = random.Random(f"{self.vendor}:{self.seed}")  # to be repeatable, not secret
        self.restless, self.frozen, self.crowded = self.chance.choice(MOODS)
        self.found = Run(self.seed)

    @property
    def ledger(self) -> Path:
        return self.folder / f"{self.vendor}-{self.seed}.db"

    def run(self) -> Run:
        """Run the schedule and hold its invariants."""
        plan_of_faults = faults(self.chance, self.vendor) if self.given is None else self.given
        self.beyond = any(fault.what == "stale_search" and fault.seconds > 60 for fault in plan_of_faults)
        self.found.trace += [f"{fault.what} at {fault.operation} {fault.nth}" for fault in plan_of_faults]
        with Sandbox(self.seed, data="empty", vendors=[self.vendor], limits=True) as self.sandbox:
            self.origin = TellingOrigin(
                registry.get("copper" if self.vendor == "base" else "base"),
                self._bundles(),
            )
            with self._client()[0] as client:
                self.plan = plans.make(
                    self.origin, Hand(client), source="told", goal=f"{self.vendor} there", rules=self._rules()
                )
            self.sandbox.faults.add(*plan_of_faults)
            self._move()
            self._judge()
        return self.found

    def _bundles(self) -> tuple[Bundle, ...]:
        if self.given is None:
            return bundles(self.chance, self.chance.randint(1, 3))
        return doubled(self.chance)[: 1 if self.alone else None]

    def _rules(self) -> plans.Rules:
        defaults = {"deal.stage": "Qualification", "deal.pipeline": "Standard (Standard)"}
        return plans.Rules(defaults=defaults if self.vendor == "zoho" else {})

    def _client(self) -> tuple[Client, LaggingClock]:
        client = connect(self.vendor, sandbox=self.sandbox)
        clock = LaggingClock(self.sandbox.clock)
        client._driver = attrs.evolve(client._driver, clock=clock)
        return client, clock

    def start(self) -> Runner | None:
        """Start a runner; it takes over from those that are there."""
        client, clock = self._client()
        book = Book(self.ledger, alone=False)
        book.store._db.execute("PRAGMA synchronous = OFF")  # no power is lost here, and disks are slow
        work = runner.work(book, self.plan, self.origin, Hand(client))
        one = Runner(self, client, clock, work)
        kill = (
            None
            if self.calm or self.chance.random() < 0.5
            else (self.chance.choice((1, 1, 1, 2, 3, 5)), self.chance.choice(("before", "after")))
        )
        link: Any = WatchedLink(client._driver.link, self, one, kill)
        client._driver = attrs.evolve(client._driver, link=link)
        if self.change is not None:
            self.change(work)
        if not self.calm:
            self._pauses(one)
        runner.open_run(book, self.plan, work.hand.wall())
        self.runners.append(one)
        self.started += 1
        self.found.trace.append(f"start {len(self.runners)} in epoch {book.epoch}")
        return one

    def _pauses(self, one: Runner) -> None:
        """Let a runner be stopped, or its machine frozen, in the moment before the fence is asked."""
        made = one.work.fence

        def fence(item: Any, send_by: Any) -> Callable[[], None]:
            ask = made(item, send_by)

            def asked() -> None:
                if not self.pausing and self.chance.random() < self.restless:
                    self._pause(one)
                ask()

            return asked

        one.work.fence = fence  # type: ignore[method-assign]  # a process that is paused

    def _pause(self, one: Runner) -> None:
        frozen, others = self.chance.random() < self.frozen, self.chance.random() < self.crowded
        began, self.pausing = self.sandbox.clock.now(), True
        self.found.trace.append(f"pause{' frozen' if frozen else ''}{' while another runs' if others else ''}")
        self.runners.remove(one)
        try:
            if others:
                self._drive(self.chance.randint(20, 120), to_a_crash=self.chance.random() < 0.7)
            else:
                self.sandbox.clock.sleep(float(self.chance.choice((3, 60, 600, 600))))
        finally:
            self.runners.append(one)
            self.pausing = False
        if frozen:
            one.clock.lag += self.sandbox.clock.now() - began

    def _move(self) -> None:
        self._drive(MOST_TURNS)

    def _drive(self, turns: int, *, to_a_crash: bool = False) -> None:
        """Let runners take their turns until all items are final, or until one crashes."""
        for _ in range(turns):
            more = len(self.runners) < 2 and self.started < 8 and not self.calm
            if not self.runners or (more and self.chance.random() < 0.02):
                self.start()
            one = self.chance.choice(self.runners)
            if one.work.book.next_due() is None:
                return
            try:
                one.turn()
            except (KilledError, FencedError) as end:
                self.found.trace.append(type(end).__name__)
                if one in self.runners:
                    self.runners.remove(one)
                if to_a_crash and isinstance(end, KilledError):
                    return
            except LeadlensError as error:
                self.found.trace.append(f"stopped: {error}")
                self.runners.remove(one)
            if not self.calm and self.chance.random() < self.restless / 2:
                self._merge()
        if turns == MOST_TURNS:
            self.found.broken.append("it does not come to an end")

    def _merge(self) -> None:
        """Let somebody merge two of our leads: the first has the tags of both, and the second is gone."""
        kind = {"base": "lead", "copper": "lead", "zoho": "Leads"}[self.vendor]
        with self.sandbox.world(self.vendor) as world:
            open_ = [
                (number, lead)
                for number, lead in world.store.iterate(kind)
                if not self._is_converted(world, number, lead)
            ]
            if len(open_) < 2:
                return
            (first, kept), (second, gone) = open_[:2]
            key = "Tag" if self.vendor == "zoho" else "tags"
            world.store.replace(kind, first, {**kept, key: [*kept[key], *gone[key]]})
            world.store.delete(kind, second)
        self.gone.add(str(second))
        self.merged |= {str(first), str(second)}
        self.found.trace.append(f"merged {second} into {first}")

    def _is_converted(self, world: Any, number: int, lead: Any) -> bool:
        if self.vendor == "base":
            return bool(world.store.find("conversion", "lead_id", str(number)))
        return bool(lead.get("converted_at") or lead.get("$converted") or lead.get("Converted__s"))

    # --- invariants ---

    def held(self, call: Call, one: Runner) -> None:
        """I6: the ledger on the disk has announced exactly this call; I7: each once an epoch."""
        with sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True) as db:
            told = digest(call)
            item = db.execute(
                "SELECT op_id, action, epoch FROM item WHERE digest = ? AND state IN ('upserting', 'converting')",
                (told,),
            ).fetchone()
            step = db.execute(
                "SELECT op_id, number, epoch FROM step WHERE digest = ? AND state = 'sending'", (told,)
            ).fetchone()
        db.close()
        if item is None and step is None:
            self.found.broken.append(f"{call.name} left without an intent")
        self.found.trace.append(f"send {call.name}")

    def _judge(self) -> None:
        self.sandbox.faults.clear()
        self.sandbox.clock.sleep(LATER)
        self.runners.clear()
        self.calm, self.change = True, None
        one = self.start()
        assert one is not None
        before = self._written()
        for _ in range(300):
            if one.work.book.next_due() is None:
                break
            one.turn()
        else:
            self.found.broken.append("a calm run does not come to an end")
        if before != self._written():
            self.found.trace.append("the last run still had something to do")
        again = self._written()
        Runner.turn(one)
        if again != self._written():
            self.found.broken.append("a finished run writes")
        self._items(one.work.book)
        self._truth(one.work.book)
        one.work.book.close()

    def _written(self) -> int:
        return sum(bool(entry.changes) for entry in self.sandbox.truth.entries(self.vendor))

    def _items(self, book: Book) -> None:
        items = book.items()
        self.found.states.update(item.state for item in items)
        targets = Counter(item.target for item in items if item.target)
        self.found.broken += [
            f"lead {target} is that of {count} conversions" for target, count in targets.items() if count > 1
        ]
        for item in items:
            error = book.document(item.op_id, "error")
            self.found.trace.append(f"{item.op_id}: {item.state} {item.reason} {error}")
            if item.state not in FINAL:
                self.found.broken.append(f"{item.op_id} is {item.state}")
            if item.state == "rejected" and item.target not in self.gone:
                self.found.broken.append(f"{item.op_id} is rejected: {error}")
            if item.state == "review" and item.reason == "not_found" and self._converted()[item.target or ""]:
                self.found.broken.append(f"{item.op_id} is told not to be converted, and is")
        try:
            book.store.check()
        except LeadlensError as error:
            self.found.broken.append(str(error))

    def _converted(self) -> Counter[str]:
        changes = self.sandbox.truth.changes(self.vendor, what="converted")
        return Counter(str(change.id) for change in changes if change.sequence)

    def _truth(self, book: Book) -> None:
        converted = self._converted()
        self.found.broken += [
            f"lead {lead} was converted {times} times" for lead, times in converted.items() if times > 1
        ]
        known = {item.target: item for item in book.items() if item.target}
        for lead in converted:
            if lead not in known or known[lead].state not in ("verified", "review"):
                self.found.broken.append(f"lead {lead} was converted, and the ledger does not know it")
        for item in book.items():
            made = [
                c
                for c in self.sandbox.truth.changes(self.vendor, what="created")
                if c.kind in ("lead", "Leads") and marker(item.op_id) in str(c.record)
            ]
            if len(made) > 1 and not self.beyond and not {str(change.id) for change in made} & self.merged:
                self.found.broken.append(f"{item.op_id} has {len(made)} leads")
            if item.state == "verified" and item.decision == "replay" and converted[item.target or ""] != 1:
                self.found.broken.append(f"{item.op_id} is verified and was not converted")
        for entry in self.sandbox.truth.entries(self.vendor):
            if entry.fault:
                self.found.struck[entry.fault, entry.operation] += 1
            if entry.status == 429 and entry.fault is None:
                self.found.broken.append(f"{entry.operation} was above the rate limit")


def run(vendor: str, seed: int, folder: Path, change: Change | None = None, **options: Any) -> Run:
    """Run one schedule."""
    return Schedule(vendor, seed, folder, change, **options).run()
