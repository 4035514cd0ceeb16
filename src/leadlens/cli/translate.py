"""``leadlens translate``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any

import click

from leadlens.adapter import KINDS
from leadlens.cli.mapping_option import with_mapping
from leadlens.cli.output import read_bytes, show_losses, write_json
from leadlens.decoding import MAX_BYTES, dumps, loads
from leadlens.errors import InputError, LeadlensError
from leadlens.ids import Ids, parse_ids
from leadlens.model import JSON, Lead
from leadlens.translation import Translation, read_lead, translator

if TYPE_CHECKING:
    from leadlens.customfields.mapping import AccountMapping  # not loaded for a payload without a mapping


@click.command()
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option(
    "--from", "source", required=True, metavar="CRM", help="Whose form the input has: copper, zoho@v2, base …"
)
@click.option("--to", "target", required=True, metavar="CRM", help="Whose form is wanted.")
@click.option("--lead-id", metavar="ID", help="The lead in the target, for a convert request.")
@click.option(
    "--ids", metavar="keep|FILE", help="Keep ids (they are the target's already), or map them by a JSON file."
)
@click.option("--lead", "lead_file", metavar="FILE", help="The lead as the source's record, where its data decides.")
@with_mapping
@click.option("--on-loss", type=click.Choice(["report", "raise", "ignore"]), default="report", show_default=True)
@click.option(
    "--allow", multiple=True, metavar="PATH|reason:CODE", help="Losses that may pass under raise. Repeatable."
)
@click.option("--lines", is_flag=True, help="One JSON value a line, in and out.")
def command(
    kind: str,
    file: str,
    source: str,
    target: str,
    lead_id: str | None,
    ids: str | None,
    lead_file: str | None,
    mapping: AccountMapping | None,
    on_loss: Any,
    allow: tuple[str, ...],
    lines: bool,
) -> None:
    """Translate KIND from one CRM's form into another's; JSON on standard output, losses among it.

    KIND is lead, contact, company, deal, convert-request, convert-reply, upsert-request or upsert-reply. Requests come
    as a bare body, as {"method", "path", "query", "body"}, or as what translate printed.
    """
    work = translator(
        kind,
        source=source,
        target=target,
        lead_id=lead_id,
        ids=_ids(ids),
        lead=_lead(source, lead_file),
        mapping=mapping,
        on_loss=on_loss,
        allow=allow,
    )
    if lines:
        _stream(work, file)
        return
    done = work(loads(read_bytes(file)))
    write_json(done.to_json())
    if on_loss != "ignore":
        show_losses(done.losses)


def _ids(option: str | None) -> Ids:
    if option is None or option == "keep":
        return "keep" if option else None
    try:
        return parse_ids(loads(read_bytes(option)))
    except InputError as error:
        raise InputError(f"--ids {error.path}", error.expected) from None


def _lead(source: str, option: str | None) -> Lead | None:
    if option is None:
        return None
    try:
        return read_lead(source, read_bytes(option))
    except InputError as error:
        raise InputError(f"--lead {error.path}", error.expected) from None


def _stream(work: Callable[[JSON | bytes], Translation], name: str) -> None:
    """Translate line by line; stops at the first line that does not fit, naming it."""
    with click.open_file(name, "rb") as file:
        for number, line in enumerate(_watched(file), start=1):
            if line.strip():
                sys.stdout.buffer.write(dumps(_one(work, line, number).to_json()) + b"\n")
    sys.stdout.buffer.flush()


def _one(work: Callable[[JSON | bytes], Translation], line: bytes, number: int) -> Translation:
    try:
        return work(line)
    except LeadlensError as error:
        sys.stdout.buffer.flush()
        error.args = (f"line {number}: {error}",)
        raise


def _watched(file: IO[Any]) -> Iterator[bytes]:
    """Yield lines, with their count on a terminal."""
    lines = iter(lambda: file.readline(MAX_BYTES + 1), b"")
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield from lines
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} translated"), TimeElapsedColumn())
    from leadlens.cli.output import console

    with Progress(*columns, console=console(error=True)) as progress:
        task, count = progress.add_task("", total=None), 0
        for count, line in enumerate(lines, start=1):
            yield line
            if count % 1000 == 0:
                progress.update(task, completed=count)
        progress.update(task, completed=count)
