"""One seeded schedule: an account, some leads, faults at any call, and a caller that wants each lead converted once.

Everything is drawn from the seed, time is virtual, and the sandbox's own truth log says what really happened. The
account is in the mode that is most dangerous for whoever assumes too much: it guards against nothing.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import attrs

from leadlens import Sandbox, recent
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import (
    Conversion,
    ConvertRequest,
    MatchKey,
    NewDeal,
    NoRecord,
    Nothing,
    UpsertRequest,
    UpsertResult,
)
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    AlreadyConvertedError,
    LeadlensError,
    LossError,
    OutcomeUnknownError,
    RefusedError,
)
from leadlens.http.driver import Sent
from leadlens.model import Email, Lead, PersonName
from leadlens.settle import Operation

DEADLINE = 30.0
LATER = 2_000.0
"""Seconds after which nothing is under way any more."""
_BEFORE = ("refused", "dns", "tls", "lost", "429", "401", "503")
_AFTER = ("timeout", "reset", "fin", "truncated", "bad_utf8", "500", "502", "202", "redirect", "drip", "duplicate")
_OTHER = ("late_commit", "stale_search")


@attrs.define
class Run:
    """What one schedule showed: the broken invariants, and a line per event for the trace."""

    seed: int
    broken: list[str] = attrs.field(factory=list)
    trace: list[str] = attrs.field(factory=list)


class Connected(Protocol):
    """Connects to the schedule's account, with its ledger or without."""

    def __call__(self, *, kept: bool) -> Client: ...


Change = Callable[[Client], None]
"""A mutant of the protocol: what is switched off in a client."""


def faults(chance: random.Random, vendor: str) -> list[Fault]:
    """Return up to four faults, each at some call of some operation, before or after its commit."""
    made = []
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4))):
        what = chance.choice((*_BEFORE, *_AFTER, *_OTHER, *_OTHER))
        operation = chance.choice(("*", f"{vendor}.convert_lead", f"{vendor}.convert_lead", f"{vendor}.upsert_*"))
        options: dict[str, Any] = {"nth": chance.randint(1, 6)} if operation == "*" else {"nth": chance.randint(1, 2)}
        if what == "429":
            options["retry_after"] = chance.choice((None, "7", "40", "0", "-1", "soon", "date"))
        if what == "late_commit":
            options["seconds"] = float(chance.choice((5, 60, 119)))
        if what == "stale_search":
            options |= {"seconds": float(chance.choice((5, 30, 59))), "operation": "*", "nth": None, "probability": 0.5}
        made.append(Fault(**{"what": what, "operation": operation, **options}))
    return made


@attrs.frozen
class _Scene:
    """What a schedule plays in: the account, its dice, how to connect to it, and what it has shown so far."""

    vendor: str
    sandbox: Sandbox
    chance: random.Random
    found: Run
    connected: Connected

    def note(self, line: str) -> None:
        """Add a line to the trace."""
        self.found.trace.append(line)

    def broken(self, line: str) -> None:
        """Add a broken invariant."""
        self.found.broken.append(line)


def run(vendor: str, seed: int, folder: Path, change: Change | None = None) -> Run:
    """Run one schedule and hold its invariants."""
    chance, found = random.Random(f"{vendor}:{seed}"), Run(seed)  # to be repeatable, not secret
    plan, calls = faults(chance, vendor), list[Sent]()
    found.trace += [f"{fault.what} at {fault.operation} {fault.nth}" for fault in plan]
    with Sandbox(seed, data="empty", faults=plan, vendors=[vendor]) as sandbox:

        def connected(*, kept: bool) -> Client:
            ledger = folder / f"{vendor}-{seed}.db" if kept else None
            client = connect(vendor, sandbox=sandbox, ledger=ledger, hook=calls.append)
            if change is not None:
                change(client)
            return client

        scene = _Scene(vendor, sandbox, chance, found, connected)
        for number in range(chance.randint(1, 2)):
            _one_lead(scene, number)
        _judge_pauses(scene, plan)
    for left in folder.glob(f"{vendor}-{seed}.db*"):
        left.unlink()
    found.broken += [f"{call.name} outlived its deadline" for call in calls if call.seconds > DEADLINE + 1]
    return found


def _one_lead(scene: _Scene, number: int) -> None:
    chance = scene.chance
    mail = Email(address=f"lead{number}@schedule.example", category="work")
    company = chance.choice((None, "Analytical Engines"))
    lead_id = _upserted(
        scene, Lead(name=PersonName(first="Ada", last="Schedule"), emails=(mail,), company_name=company)
    )
    if lead_id is None:
        return
    deal = Nothing() if chance.random() < 0.5 else NewDeal(name="Pilot", close_date=dt.date(2027, 1, 31))
    request, key = ConvertRequest(lead_id=lead_id, deal=deal), chance.choice((f"key-{number}", f"key-{number}", None))
    outcomes, kept = [], key is not None or chance.random() < 0.5
    for attempt in range(chance.choice((1, 1, 2, 3))):
        if attempt and chance.random() < 0.3:
            _restart(scene, key)
        outcomes.append(_converted(scene, request, key, kept=kept))
    scene.sandbox.faults.clear()
    scene.sandbox.clock.sleep(LATER)
    _judge(scene, lead_id, outcomes)


def _restart(scene: _Scene, key: str | None) -> None:
    """Forget what this process knows. Without a key, only Copper has a witness that is as fast as its writes."""
    recent.forget()
    if key is None and scene.vendor != "copper":
        scene.sandbox.clock.sleep(LATER)
    scene.note("another process")


def _upserted(scene: _Scene, lead: Lead) -> str | None:
    """Return the lead's id; a lead whose upsert stays unknown or is refused is left alone.

    Now and then somebody else converts the lead while the outcome of its upsert is unknown.
    """
    request, rival = UpsertRequest(record=lead, match=(MatchKey(field="email"),)), scene.chance.random() < 0.5
    result: Conversion | UpsertResult | None = None
    with scene.connected(kept=True) as client:
        try:
            result = client.upsert(request, on_loss="report", wait=not rival)
        except OutcomeUnknownError as error:
            scene.note(f"upsert: {error}")
            if rival and error.operation is not None:
                result = _settled_after_a_rival(scene, client, lead, error.operation)
        except LeadlensError as error:
            scene.note(f"upsert: {type(error).__name__}: {error}")
    if len(made := _made(scene, lead)) > 1:
        scene.broken(f"one lead was made {len(made)} times: {', '.join(made)}")
    if not isinstance(result, UpsertResult):
        return None
    scene.note(f"upsert: {result.outcome} {result.id}")
    return result.id


def _settled_after_a_rival(
    scene: _Scene, client: Client, lead: Lead, operation: Operation
) -> Conversion | UpsertResult | None:
    """Convert the lead, if it is there, as another user of the account would; from then on nothing goes wrong."""
    scene.sandbox.faults.clear()
    for lead_id in _made(scene, lead)[:1]:
        with connect(scene.vendor, sandbox=scene.sandbox) as rival:
            rival.convert(ConvertRequest(lead_id=lead_id), on_loss="report")
        scene.note(f"a rival converts {lead_id}")
    try:
        return client.settle(operation)
    except LeadlensError as error:
        scene.note(f"upsert settled: {type(error).__name__}: {error}")
        return None


def _made(scene: _Scene, lead: Lead) -> list[str]:
    """Return the ids of the leads that calls have made with the lead's e-mail address, by the truth log."""
    changes, mail = scene.sandbox.truth.changes(scene.vendor, "lead", "created"), lead.emails[0].address or ""
    return [str(change.id) for change in changes if change.sequence and mail in str(change.record)]


def _judge_pauses(scene: _Scene, plan: list[Fault]) -> None:
    """Hold that no call came before the time that a 429 asked for; with one 429 in the plan it is clear which."""
    asked = [fault.retry_after for fault in plan if fault.what == "429"]
    if len(asked) != 1 or asked[0] not in ("7", "40"):
        return
    entries = [entry for entry in scene.sandbox.truth.entries() if entry.vendor == scene.vendor]
    for one, other in itertools.pairwise(entries):
        if one.fault == "429" and other.at < one.at + float(asked[0]) - 0.01:
            scene.broken("a call came before the time that a 429 asked for")


def _converted(scene: _Scene, request: ConvertRequest, key: str | None, *, kept: bool) -> Conversion | LeadlensError:
    with scene.connected(kept=kept) as client:
        try:
            made = client.convert(request, on_loss="report", idempotency_key=key)
        except LeadlensError as error:
            scene.note(f"convert: {type(error).__name__}: {error}")
            return error
    scene.note(f"convert: {made.contact.outcome} {made.contact.id} {made.deal.outcome}")
    return made


def _judge(scene: _Scene, lead_id: str, outcomes: list[Conversion | LeadlensError]) -> None:
    """Hold what the caller was told against the truth log."""
    changes = [c for c in scene.sandbox.truth.changes(scene.vendor, what="converted") if c.sequence]
    times = sum(str(change.id) == lead_id for change in changes)
    if times > 1:
        scene.broken(f"lead {lead_id} was converted {times} times")
    for number, outcome in enumerate(outcomes):
        others = outcomes[:number] + outcomes[number + 1 :]
        explained = any(not isinstance(other, RefusedError | LossError) for other in others)
        for lie in _lies(outcome, times, lead_id, explained=explained):
            scene.broken(lie)
    told = {outcome.contact.id for outcome in outcomes if isinstance(outcome, Conversion)}
    if len(told) > 1:
        scene.broken(f"one key gave several outcomes: {sorted(map(str, told))}")


def _lies(outcome: Conversion | LeadlensError, times: int, lead_id: str, *, explained: bool) -> list[str]:
    """Return what was told wrongly; ``explained`` tells that another attempt may have done what this one did not."""
    if isinstance(outcome, Conversion):
        if times != 1 or isinstance(outcome.contact, NoRecord):
            return [f"lead {lead_id} is told to be converted, and was {times} times"]
    elif isinstance(outcome, AlreadyConvertedError):
        if times != 1:
            return [f"lead {lead_id} is told to be converted already, and was {times} times"]
    elif isinstance(outcome, RefusedError | LossError):
        if times and not explained:
            return [f"the conversion of lead {lead_id} is told to be refused, and was done"]
    elif not isinstance(outcome, OutcomeUnknownError):
        return [f"an error of no known kind: {type(outcome).__name__}"]
    return []
