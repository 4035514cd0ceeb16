"""One seeded schedule: an account, some leads, faults at any call, and a caller that wants each lead converted once.

Everything is drawn from the seed, time is virtual, and the sandbox's own truth log says what really happened. The
account is in the mode that is most dangerous for whoever assumes too much: it guards against nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from leadlens import Sandbox
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import Conversion, ConvertRequest, MatchKey, NewDeal, NoRecord, Nothing, UpsertRequest
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


Change = Callable[[Client], None]
"""A mutant of the protocol: what is switched off in a client."""


def faults(chance: random.Random, vendor: str) -> list[Fault]:
    """Return up to four faults, each at some call of some operation, before or after its commit."""
    made = []
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4))):
        what = chance.choice((*_BEFORE, *_AFTER, *_OTHER, *_OTHER))
        operation = chance.choice(("*", f"{vendor}.convert_lead", f"{vendor}.convert_lead", f"{vendor}.upsert_*"))
        options: dict[str, Any] = {"nth": chance.randint(1, 6)} if operation == "*" else {"nth": chance.randint(1, 3)}
        if what == "late_commit":
            options["seconds"] = float(chance.choice((5, 60, 119)))
        if what == "stale_search":
            options |= {"seconds": float(chance.choice((5, 30, 59))), "operation": "*", "nth": None, "probability": 0.5}
        made.append(Fault(**{"what": what, "operation": operation, **options}))
    return made


def run(vendor: str, seed: int, folder: Path, change: Change | None = None) -> Run:
    """Run one schedule and hold its invariants."""
    chance, found = random.Random(f"{vendor}:{seed}"), Run(seed)  # to be repeatable, not secret
    plan = faults(chance, vendor)
    found.trace += [f"{fault.what} at {fault.operation} {fault.nth}" for fault in plan]
    with Sandbox(seed, data="empty", faults=plan, vendors=[vendor]) as sandbox:
        ledger = folder / f"{vendor}-{seed}.db"
        calls: list[Sent] = []
        with connect(vendor, sandbox=sandbox, ledger=ledger, hook=calls.append) as client:
            if change is not None:
                change(client)
            for number in range(chance.randint(1, 2)):
                _one_lead(client, sandbox, chance, number, found)
        late = [call.name for call in calls if call.seconds > client.deadline + 1]
        found.broken += [f"{name} outlived its deadline" for name in late]
    return found


def _one_lead(client: Client, sandbox: Sandbox, chance: random.Random, number: int, found: Run) -> None:
    mail = f"lead{number}@schedule.example"
    lead = Lead(
        name=PersonName(first="Ada", last=f"Schedule{number}"),
        emails=(Email(address=mail, category="work"),),
        company_name=chance.choice((None, "Analytical Engines")),
    )
    lead_id = _upserted(client, lead, found)
    if lead_id is None:
        return
    deal = Nothing() if chance.random() < 0.5 else NewDeal(name="Pilot")  # every second one
    request = ConvertRequest(lead_id=lead_id, deal=deal)
    outcomes = [_converted(client, request, f"key-{number}", found) for _ in range(chance.choice((1, 1, 2, 3)))]
    sandbox.faults.clear()
    sandbox.clock.sleep(LATER)
    _judge(sandbox, client.adapter.name, lead_id, outcomes, found)


def _upserted(client: Client, lead: Lead, found: Run) -> str | None:
    """Return the lead's id; a lead whose upsert is unknown or refused is left alone."""
    try:
        result = client.upsert(UpsertRequest(record=lead, match=(MatchKey(field="email"),)), on_loss="report")
    except LeadlensError as error:
        found.trace.append(f"upsert: {type(error).__name__}: {error}")
        return None
    found.trace.append(f"upsert: {result.outcome} {result.id}")
    return result.id


def _converted(client: Client, request: ConvertRequest, key: str, found: Run) -> Conversion | LeadlensError:
    try:
        made = client.convert(request, on_loss="report", idempotency_key=key)
    except LeadlensError as error:
        found.trace.append(f"convert: {type(error).__name__}: {error}")
        return error
    found.trace.append(f"convert: {made.contact.outcome} {made.contact.id} {made.deal.outcome}")
    return made


def _judge(sandbox: Sandbox, vendor: str, lead_id: str, outcomes: list[Conversion | LeadlensError], found: Run) -> None:
    """Hold what the caller was told against the truth log."""
    changes = [c for c in sandbox.truth.changes(vendor, what="converted") if c.sequence and str(c.id) == lead_id]
    if len(changes) > 1:
        found.broken.append(f"lead {lead_id} was converted {len(changes)} times")
    for number, outcome in enumerate(outcomes):
        later = any(not isinstance(other, RefusedError | LossError) for other in outcomes[number + 1 :])
        found.broken += _lies(outcome, len(changes), lead_id, later=later)
    told = {outcome.contact.id for outcome in outcomes if isinstance(outcome, Conversion)}
    if len(told) > 1:
        found.broken.append(f"one key gave several outcomes: {sorted(map(str, told))}")


def _lies(outcome: Conversion | LeadlensError, times: int, lead_id: str, *, later: bool) -> list[str]:
    """Return what was told wrongly; ``later`` tells that another attempt may have done what this one did not."""
    if isinstance(outcome, Conversion):
        if times != 1 or isinstance(outcome.contact, NoRecord):
            return [f"lead {lead_id} is told to be converted, and was {times} times"]
    elif isinstance(outcome, AlreadyConvertedError):
        if times != 1:
            return [f"lead {lead_id} is told to be converted already, and was {times} times"]
    elif isinstance(outcome, RefusedError | LossError):
        if times and not later:
            return [f"the conversion of lead {lead_id} is told to be refused, and was done"]
    elif not isinstance(outcome, OutcomeUnknownError):
        return [f"an error of no known kind: {type(outcome).__name__}"]
    return []
