"""``leadlens archive``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from leadlens.cli.account import as_json_option, connected, with_sandbox
from leadlens.cli.output import console, table, wants_json, write_json
from leadlens.migrate.archive_writing import Manifest, Progress, archive
from leadlens.plain import to_plain


@click.command()
@click.argument("account")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--without", multiple=True, metavar="KIND", help="Leave a kind out, such as attachment.")
@with_sandbox
@as_json_option
def command(account: str, directory: Path, without: tuple[str, ...], sandbox: str | None, as_json: bool) -> None:
    """Fetch all of ACCOUNT into DIR, as compressed JSON lines: everything that is needed to migrate later without it.

    Run it again to go on where it was stopped. Files are checked when they are opened, and only you may read them.
    """
    try:
        with connected(account, sandbox, patience=600.0) as client, _shown() as progress:
            made = archive(client, directory, account=account, without=without, progress=progress)
    except KeyboardInterrupt:
        click.echo("Stopped. What was fetched is kept: the same command goes on from there.", err=True)
        raise click.Abort from None
    if wants_json(as_json):
        write_json({"directory": str(directory), **_plain(made)})
        return
    rows = [(kind, f"{kept.records:,}", f"{kept.bytes:,}", kept.checked) for kind, kept in made.kinds.items()]
    console().print(table(f"{directory} holds all of {account}", ("", "records", "bytes", "checked against"), rows))
    for kind, why in made.unlisted.items():
        console().print(f"not archived: {kind}: {why}")


def _plain(made: Manifest) -> dict[str, Any]:
    plain: Any = to_plain(made)
    return dict(plain)


@contextlib.contextmanager
def _shown() -> Iterator[Progress | None]:
    """Show how far it has come, if a person looks at it."""
    screen = console(error=True)
    if not screen.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Bars(*columns, console=screen, transient=True) as bars:
        begun: dict[str, Any] = {}

        def told(kind: str, records: int, total: int | None) -> None:
            if kind not in begun:
                begun[kind] = bars.add_task(kind, total=total)
            bars.update(begun[kind], completed=records, total=total)

        yield told
