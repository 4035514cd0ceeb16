"""``leadlens demo``."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import click

from leadlens import registry
from leadlens.adapter import Adapter
from leadlens.cli.output import console, table, write_json
from leadlens.matrix import cells
from leadlens.model import JSON
from leadlens.translation import Translation, translate

KIND = "convert-request"
LEAD_IN_TARGET = "7001"
_MOST_LOSSES = 4


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


@click.command()
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a screen.")
def command(as_json: bool) -> None:
    """Translate the vendors' documented conversions into each other, and show calls, losses and fidelity.

    No account, no network. Always a screen for people, unless --json is given.
    """
    journeys = list(_journeys())
    if as_json:
        write_json([_plain(journey) for journey in journeys])
    else:
        _show(journeys)


def _journeys() -> Iterator[Journey]:
    adapters = [adapter for adapter in map(registry.get, registry.names()) if KIND in adapter.samples]
    for source in adapters:
        for target in adapters:
            if source is not target:
                payload = source.samples[KIND]
                yield Journey(
                    source, target, translate(KIND, payload, source=source, target=target, lead_id=LEAD_IN_TARGET)
                )


def _plain(journey: Journey) -> dict[str, JSON]:
    kept, of = journey.survives
    pair = {"source": journey.source.name, "target": journey.target.name}
    return {**pair, **journey.done.to_json(), "fidelity": {"survive": kept, "fields": of}}


def _show(journeys: list[Journey]) -> None:
    screen = console()
    screen.print(
        "[bold]One lead, three CRMs:[/] the conversions that Copper, Zoho and Base document, said to each other."
    )
    heads = ("from → to", "the calls that carry it out", "what does not arrive", "fidelity")
    screen.print(table("", heads, [_row(journey) for journey in journeys]))
    screen.print(
        "Fidelity: how many of the request's fields arrive at all between the two (all: [bold]leadlens matrix[/])."
    )
    screen.print("Ids belong to one account: stages and owners arrive once they are mapped ([bold]--ids FILE[/]).")
    screen.print("Yours: [bold]leadlens translate convert-request --from copper --to zoho --lead-id ID FILE[/]")


def _row(journey: Journey) -> tuple[str, str, str, str]:
    calls = "\n".join(f"{call.method} {call.path}" for call in journey.done.calls or ())
    kept, of = journey.survives
    return f"{journey.source.name} → {journey.target.name}", calls, _lost(journey.done), f"{kept} of {of}"


def _lost(done: Translation) -> str:
    real = [loss for loss in done.losses if loss.level == "loss"]
    lines = [f"{loss.path}: {loss.reason}" for loss in real[:_MOST_LOSSES]]
    if len(real) > _MOST_LOSSES:
        lines.append(f"and {len(real) - _MOST_LOSSES} more, each with its reason")
    return "\n".join(lines) or "nothing"
