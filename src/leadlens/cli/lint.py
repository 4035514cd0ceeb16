"""``leadlens lint``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from leadlens import registry
from leadlens.cli.account import with_sandbox
from leadlens.cli.output import wants_json, write_json
from leadlens.crosswalk import Crosswalk
from leadlens.errors import UsageError
from leadlens.lint import Problem, lint_file, problems


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", metavar="ACCOUNT", help="Check a mapping against this account as it is now.")
@click.option("--target", metavar="ACCOUNT", help="Check a mapping against this account as it is now.")
@click.option(
    "--sample",
    default=20,
    show_default=True,
    metavar="N",
    type=click.IntRange(0, 1000),
    help="With --source: translate so many records of each kind, and count what is lost. Nothing is sent.",
)
@click.option("--create", "make", is_flag=True, help="With --target: make the fields that the mapping asks for.")
@click.option("--yes", is_flag=True, help="Make them without asking.")
@with_sandbox
@click.option("--json", "as_json", is_flag=True, help="JSON even on a terminal.")
@click.pass_context
def command(ctx: click.Context, /, file: Path | None, as_json: bool, **options: Any) -> None:
    """Check crosswalks, or a mapping of two accounts.

    FILE is a Python file that declares crosswalks, or a mapping (TOML) as `leadlens fields draft` writes it; without
    it, all installed adapters are checked. A mapping is held against what it keeps of the two accounts, and against
    the accounts themselves where they are named.
    """
    if file is not None and file.suffix == ".toml":
        from leadlens.cli.lint_mapping import lint_mapping

        ctx.exit(lint_mapping(file, as_json=as_json, **options))
    if named := next((name for name in ("source", "target", "sandbox", "make", "yes") if options[name]), None):
        raise UsageError(f"--{'create' if named == 'make' else named} is for a mapping file (TOML)")
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
