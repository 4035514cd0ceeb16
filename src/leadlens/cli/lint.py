"""``leadlens lint``."""

from __future__ import annotations

from pathlib import Path

import click

from leadlens import registry
from leadlens.cli.output import wants_json, write_json
from leadlens.crosswalk import Crosswalk
from leadlens.lint import Problem, lint_file, problems


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="JSON even on a terminal.")
@click.pass_context
def command(ctx: click.Context, file: Path | None, as_json: bool) -> None:
    """Check crosswalks: neutral totality, guards, picklists, and codecs against their own domain.

    FILE is a Python file that declares crosswalks; without it, all installed adapters are checked.
    """
    crosswalks, found = lint_file(file) if file else _installed()
    if wants_json(as_json):
        write_json({"crosswalks": [c.name for c in crosswalks], "problems": [_plain(p) for p in found]})
    else:
        for problem in found:
            click.echo(str(problem))
        click.echo(f"{len(crosswalks)} crosswalks, {len(found)} problems")
    if found:
        ctx.exit(2)


def _installed() -> tuple[list[Crosswalk], list[Problem]]:
    every = [registry.get(name) for name in registry.names()]
    variants = [adapter.at(v) for adapter in every for v in adapter.variants]
    crosswalks = list({id(c): c for a in [*every, *variants] for c in a.crosswalks.values()}.values())
    return crosswalks, list(problems(crosswalks))


def _plain(problem: Problem) -> dict[str, str]:
    return {"where": problem.where, "message": problem.message}
