"""``leadlens demo``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
import click

from leadlens import registry
from leadlens.adapter import Adapter
from leadlens.cli.account import outcome_rows, plain_conversion
from leadlens.cli.output import console, table, write_json
from leadlens.client import Client, Plan
from leadlens.connecting import connect
from leadlens.conversion import Conversion, ConvertRequest, NewDeal
from leadlens.flow import Call
from leadlens.matrix import cells
from leadlens.model import JSON, Lead, Money, Ref
from leadlens.translation import Translation, translate

KIND = "convert-request"
LEAD_IN_TARGET = "7001"
_MOST_LOSSES = 2


@attrs.frozen
class Journey:
    """One documented conversion, said to another CRM."""

    source: Adapter
    target: Adapter
    done: Translation

    @property
    def survives(self) -> tuple[int, int]:
        """How many of the fields that the source can fill arrive, and of how many."""
        crosswalks = self.source.crosswalk(KIND), self.target.crosswalk(KIND)
        found = list(cells(self.source.name, self.target.name, KIND, *crosswalks))
        return sum(cell.verdict not in ("none", "lossy") for cell in found), len(found)


@attrs.frozen
class Live:
    """One lead converted in an emulated account: what was planned, and what came of it."""

    adapter: Adapter
    lead: Lead
    plan: Plan
    made: Conversion


@click.command()
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a screen.")
def command(as_json: bool) -> None:
    """Convert a lead in emulated accounts of all CRMs, and say documented conversions to each other.

    No account, no network. Always a screen for people, unless --json is given.
    """
    lives, journeys = list(_lives()), list(_journeys())
    if as_json:
        write_json({"live": [_plain_live(live) for live in lives], "pairs": [_plain(one) for one in journeys]})
    else:
        _show(lives, journeys)


def _lives() -> Iterator[Live]:
    from leadlens.sandbox import Sandbox

    with Sandbox(seed=7) as sandbox:
        for name in registry.names():
            adapter = registry.get(name)
            if adapter.operations is not None and name in sandbox.vendors:
                with connect(name, sandbox=sandbox) as client:
                    yield _converted(adapter, client)


def _converted(adapter: Adapter, client: Client) -> Live:
    """Convert the account's first lead with the same wish on every CRM."""
    lead: Any = next(client.iter_records("lead"))
    deal = NewDeal(
        name="Pilot",
        value=Money("1200", "EUR"),
        close_date=dt.date(2027, 3, 31),
        stage=_first(client, "stage"),
        pipeline=_first(client, "pipeline"),
    )
    request = ConvertRequest(lead_id=lead.id, deal=deal)
    return Live(adapter, lead, client.plan(request, lead=lead), client.convert(request, lead=lead, on_loss="report"))


def _first(client: Client, kind: str) -> Ref | None:
    return next((choice.ref for choice in client.choices(kind)), None)


def _journeys() -> Iterator[Journey]:
    adapters = [adapter for adapter in map(registry.get, registry.names()) if KIND in adapter.samples]
    for source in adapters:
        for target in adapters:
            if source is not target:
                payload = source.samples[KIND]
                yield Journey(
                    source, target, translate(KIND, payload, source=source, target=target, lead_id=LEAD_IN_TARGET)
                )


def _plain_live(live: Live) -> dict[str, JSON]:
    calls = [call.to_json() for call in live.plan.calls]
    losses = [attrs.asdict(loss) for loss in live.plan.losses]
    return {"crm": live.adapter.name, "calls": calls, "losses": losses, "conversion": plain_conversion(live.made)}


def _plain(journey: Journey) -> dict[str, JSON]:
    kept, of = journey.survives
    pair = {"source": journey.source.name, "target": journey.target.name}
    return {**pair, **journey.done.to_json(), "fidelity": {"survive": kept, "fields": of}}


def _show(lives: list[Live], journeys: list[Journey]) -> None:
    screen = console()
    screen.print("[bold]One wish, three CRMs:[/] convert a lead with a deal of EUR 1,200, on emulated accounts.")
    heads = ("", "the lead", "became", "the calls that it took", "what cannot be had here")
    screen.print(table("", heads, [_live_row(live) for live in lives]))
    screen.print("[bold]Said to each other:[/] the conversions that their makers document.")
    pairs = ("from → to", "the calls that carry it out", "what does not arrive", "fidelity")
    screen.print(table("", pairs, [_row(journey) for journey in journeys]))
    screen.print("Fidelity: how many of the request's fields arrive (all, with reasons: [bold]leadlens matrix[/]).")
    screen.print("Yours: [bold]leadlens translate[/], and [bold]leadlens convert ACCOUNT LEAD_ID --plan[/].")


def _live_row(live: Live) -> tuple[str, str, str, str, str]:
    made = ", ".join(kind for kind, outcome, _, _ in outcome_rows(live.made) if outcome != "none")
    lost = [f"{loss.path}: {loss.detail}" for loss in live.plan.losses if loss.level == "loss"]
    name = live.lead.name.display if live.lead.name is not None else None
    calls = _short(live.plan.calls)
    return live.adapter.name, name or "", made, calls, "\n".join(lost) or "nothing"


def _row(journey: Journey) -> tuple[str, str, str, str]:
    kept, of = journey.survives
    pair = f"{journey.source.name} → {journey.target.name}"
    return pair, _short(journey.done.calls or ()), _lost(journey.done), f"{kept} of {of}"


def _short(calls: Iterable[Call]) -> str:
    """Return the calls by their methods and the ends of their paths."""
    return "\n".join(f"{call.method} {'/'.join(call.path.split('/')[-2:])}" for call in calls)


def _lost(done: Translation) -> str:
    real = list(dict.fromkeys(loss.path for loss in done.losses if loss.level == "loss"))
    told = ", ".join(real[:_MOST_LOSSES])
    return f"{told} and {len(real) - _MOST_LOSSES} more" if len(real) > _MOST_LOSSES else told or "nothing"
