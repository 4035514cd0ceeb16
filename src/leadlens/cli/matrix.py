"""``leadlens matrix``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from leadlens import __version__, registry
from leadlens.adapter import KINDS
from leadlens.cli.mapping_option import with_mapping
from leadlens.cli.output import console, table, wants_json, write_json
from leadlens.customfields.mapping import AccountMapping
from leadlens.errors import UsageError
from leadlens.matrix import VERDICTS, Cell, cells, markdown, summary

_STYLE = {"none": "red", "lossy": "yellow", "follow-up": "cyan", "normalised": "blue", "exact": "green"}


@click.command()
@click.option("--from", "source", metavar="CRM", help="Only from this CRM.")
@click.option("--to", "target", metavar="CRM", help="Only to this CRM.")
@click.option("--kind", type=click.Choice(KINDS), help="Only this kind.")
@with_mapping
@click.option(
    "--format", "form", type=click.Choice(["table", "md", "json", "html"]), help="Default: table, JSON when piped."
)
def command(
    source: str | None, target: str | None, kind: str | None, mapping: AccountMapping | None, form: str | None
) -> None:
    """Show what survives between CRMs: per pair, kind and field exact, normalised, lossy, follow-up or none.

    With a mapping it is about that pair, and shows the accounts' own fields and choices too.
    """
    if mapping is not None:
        source, target = _of_mapping(mapping, source, target)
    mapped = list(_mapped(mapping, kind))
    decided = {(cell.kind, cell.field.partition(".")[0]) for cell in mapped}
    built_in = (cell for cell in _cells(source, target, kind) if (cell.kind, cell.field) not in decided)
    found = [*built_in, *mapped]
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


def _of_mapping(mapping: AccountMapping, source: str | None, target: str | None) -> tuple[str, str]:
    """Return the pair of a mapping; raises :class:`UsageError` where another one was asked for."""
    for given, said in ((source, mapping.source.vendor), (target, mapping.target.vendor)):
        if given is not None and given.partition("@")[0] != said.partition("@")[0]:
            raise UsageError(
                f"{mapping.file} is about {mapping.source.vendor} and {mapping.target.vendor}, not {given}"
            )
    return mapping.source.vendor, mapping.target.vendor


def _mapped(mapping: AccountMapping | None, kind: str | None) -> Iterator[Cell]:
    if mapping is None:
        return
    from leadlens.customfields.cells import mapping_cells

    yield from (cell for cell in mapping_cells(mapping) if kind in (None, cell.kind))


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
