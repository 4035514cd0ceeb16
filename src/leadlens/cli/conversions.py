"""``leadlens conversions``."""

from __future__ import annotations

import datetime as dt
import itertools
import sys

import click

from leadlens.cli.account import as_json_option, connected, plain_conversion, with_sandbox
from leadlens.cli.output import console, table, wants_json
from leadlens.conversion import Conversion
from leadlens.decoding import dumps
from leadlens.operations import ConversionQuery


@click.command()
@click.argument("account")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only those of this day and later (UTC).")
@click.option("--lead-id", metavar="ID", help="Only those of this lead.")
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@with_sandbox
@as_json_option
def command(
    account: str,
    since: dt.datetime | None,
    lead_id: str | None,
    limit: int | None,
    sandbox: str | None,
    as_json: bool,
) -> None:
    """List the conversions of ACCOUNT, newest first: a table for people, one JSON object a line for programs."""
    query = ConversionQuery(lead_id=lead_id, since=since.replace(tzinfo=dt.UTC) if since else None)
    with connected(account, sandbox) as client:
        found = itertools.islice(client.iter_conversions(query), limit)
        if wants_json(as_json):
            for made in found:
                sys.stdout.buffer.write(dumps(plain_conversion(made)) + b"\n")
            return
        rows = [_row(made) for made in found]
    console().print(table(f"{len(rows)} conversion(s)", ("when", "lead", "contact", "company", "deal"), rows))


def _row(made: Conversion) -> tuple[str, str, str, str, str]:
    when = made.converted_at.isoformat(" ", "minutes") if made.converted_at else ""
    return when, made.lead_id or "", made.contact.id or "-", made.company.id or "-", made.deal.id or "-"
