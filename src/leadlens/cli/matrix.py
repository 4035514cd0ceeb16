"""``leadlens matrix``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from leadlens import __version__, registry
from leadlens.adapter import KINDS
from leadlens.cli.output import console, table, wants_json, write_json
from leadlens.matrix import VERDICTS, Cell, cells, markdown, summary

_STYLE = {"none": "red", "lossy": "yellow", "follow-up": "cyan", "normalised": "blue", "exact": "green"}


@click.command()
@click.option("--from", "source", metavar="CRM", help="Only from this CRM.")
@click.option("--to", "target", metavar="CRM", help="Only to this CRM.")
@click.option("--kind", type=click.Choice(KINDS), help="Only this kind.")
@click.option(
    "--format", "form", type=click.Choice(["table", "md", "json", "html"]), help="Default: table, JSON when piped."
)
def command(source: str | None, target: str | None, kind: str | None, form: str | None) -> None:
    """Show what survives between CRMs: per pair, kind and field exact, normalised, lossy, follow-up or none."""
    found = list(_cells(source, target, kind))
    form = form or ("json" if wants_json(False) else "table")
    if form == "json":
        write_json([cell.to_json() for cell in found])
    elif form == "md":
        click.echo(markdown(found))
    elif form == "html":
        from leadlens.matrix_page import page

        click.echo(page([cell.to_json() for cell in found], version=__version__))
    else:
        _show(found, one_pair=source is not None and target is not None)


def _cells(source: str | None, target: str | None, kind: str | None) -> Iterator[Cell]:
    for origin in (source,) if source else registry.names():
        for goal in (target,) if target else registry.names():
            if origin == goal and not (source and target):
                continue
            for each in (kind,) if kind else KINDS:
                yield from cells(
                    origin, goal, each, registry.get(origin).crosswalk(each), registry.get(goal).crosswalk(each)
                )


def _show(found: list[Cell], *, one_pair: bool) -> None:
    screen = console()
    heads = ("from", "to", "kind", *reversed(VERDICTS))
    rows = [(*key, *(str(counts[verdict]) for verdict in reversed(VERDICTS))) for key, counts in summary(found).items()]
    screen.print(table("How many fields arrive how", heads, rows))
    if one_pair:
        _show_fields(found)
    elif sys.stdout.isatty():
        screen.print("Name a pair with --from and --to for its fields, or use --format html for a page.")


def _show_fields(found: list[Cell]) -> None:
    from rich.text import Text

    worst_first = sorted(found, key=lambda cell: VERDICTS.index(cell.verdict))
    made = table("", ("verdict", "kind", "field", "why"), [])
    for cell in worst_first:
        made.add_row(Text(cell.verdict, style=_STYLE[cell.verdict]), cell.kind, cell.field, Text(cell.reason))
    console().print(made)
