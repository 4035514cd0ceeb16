"""``leadlens demo``."""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from leadlens import registry
from leadlens.adapter import Adapter
from leadlens.cli.account import outcome_rows, plain_conversion
from leadlens.cli.output import console, table, write_json
from leadlens.client import Client, Plan
from leadlens.connecting import connect
from leadlens.conversion import Conversion, ConvertRequest, NewDeal
from leadlens.files import replace
from leadlens.flow import Call
from leadlens.matrix import cells
from leadlens.model import JSON, Lead, Money, Ref
from leadlens.translation import Translation, translate

if TYPE_CHECKING:
    from leadlens.cli.demo_migration import Moved

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
@click.option("--no-open", is_flag=True, help="Name the migration's reports, and open none of them.")
def command(as_json: bool, no_open: bool) -> None:
    """Convert leads in emulated accounts of all CRMs, and migrate one account into the two others.

    The migration is killed in the middle, goes on, and is read back. No account, no network. Always a screen for
    people, unless --json is given; on a terminal with a browser the reports of the migration are opened.
    """
    if as_json:
        found = {"live": [_plain_live(live) for live in _lives()], "pairs": [_plain(one) for one in _journeys()]}
        write_json({**found, "migrations": [moved.to_json() for moved in _moves(lambda *_: None)]})
        return
    _show(list(_lives()), list(_journeys()))
    reports = _show_moves()
    if sys.stdout.isatty() and not no_open and _has_browser():
        _open(reports)


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
    titles = ("from → to", "the calls that carry it out", "what does not arrive", "fidelity")
    screen.print(table("", titles, [_row(journey) for journey in journeys]))
    screen.print("Fidelity: how many of the request's fields arrive (all, with reasons: [bold]leadlens matrix[/]).")


def _moves(tell: Callable[[str, str], None]) -> Iterator[Moved]:
    """Migrate a Base account into the others; only the reports are kept."""
    from leadlens.cli import demo_migration

    kept = Path(tempfile.mkdtemp(prefix="leadlens-demo-"))
    with tempfile.TemporaryDirectory() as folder:
        for target in demo_migration.TARGETS:
            moved = demo_migration.move(Path(folder), target, tell)
            report = kept / moved.report.name
            replace(report, moved.report.read_bytes())
            yield attrs.evolve(moved, report=report)


def _show_moves() -> list[Path]:
    """Show how the migrations go, and return their reports."""
    screen = console()

    def tell(target: str, text: str) -> None:
        screen.print(f" base → {target:7} {text}", markup=False, soft_wrap=True)

    screen.print("[bold]Moved for good:[/] all conversions of a Base account, into Copper and into Zoho CRM.")
    reports = []
    for moved in _moves(tell):
        for line in _outcome(moved):
            tell(moved.target, line)
        reports.append(moved.report)
    for report in reports:
        screen.print(f"Report: {report}", markup=False, soft_wrap=True)
    screen.print("Yours: [bold]leadlens migrate plan[/], [bold]leadlens convert ACCOUNT LEAD_ID --plan[/].")
    return reports


def _outcome(moved: Moved) -> Iterator[str]:
    """Say what came of a migration."""
    found, waits = moved.verified, moved.counts.get("review", 0)
    again = f"{moved.twice} converted twice" if moved.twice else "none converted twice"
    left = f"; {waits} left to a person, as planned" if waits else ""
    yield f"moved {moved.counts.get('verified', 0)}: {len(moved.converted)} leads converted, {again}{left}"
    faults = f"{len(found['faults'])} faults"
    yield f"read back: {found['agree']} of {found['checked']} agree in every field, {faults}, all losses declared"


def _has_browser() -> bool:
    """Tell whether there is a browser with a window of its own, or one that the user has named."""
    return sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")))


def _open(reports: Iterable[Path]) -> None:
    import webbrowser

    for report in reports:
        webbrowser.open(report.as_uri())


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
