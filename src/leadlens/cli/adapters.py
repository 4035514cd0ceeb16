"""``leadlens adapters``: which are installed, and the skeleton of a new one."""

from __future__ import annotations

from pathlib import Path

import click

from leadlens import registry, skeleton
from leadlens.adapter import Adapter
from leadlens.cli.output import wants_json, write_json
from leadlens.errors import UsageError
from leadlens.model import JSON


@click.group()
def command() -> None:
    """Show the installed adapters, or begin a new one."""


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="JSON even on a terminal.")
def list_(*, as_json: bool) -> None:
    """Show the installed adapters, their kinds, and whether an account can be reached."""
    found = [registry.get(name) for name in registry.names()]
    if wants_json(as_json):
        write_json([_plain(one) for one in found])
        return
    for one in found:
        click.echo(f"{one.name}: {one.title}{'' if one.operations else ' (translates only)'}")


def _plain(adapter: Adapter) -> JSON:
    live = adapter.operations is not None
    return {"name": adapter.name, "title": adapter.title, "kinds": list(adapter.crosswalks), "live": live}


@command.command()
@click.argument("name")
@click.option("--title", help="The name of the CRM as people write it.")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER", help="Where to (leadlens-NAME)."
)
def new(name: str, title: str | None, into: Path | None) -> None:
    """Write the skeleton of an adapter for another CRM: a distribution of its own, with passing tests.

    docs/another-crm.md shows the way from there.
    """
    if name in registry.names():
        raise UsageError(f"{name!r}: an adapter of that name is installed; give another name")
    folder = into or Path(f"leadlens-{name}")
    for path in skeleton.write(name, title or name.capitalize(), folder):
        click.echo(str(path))
