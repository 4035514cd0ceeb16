"""``leadlens resolve``."""

from __future__ import annotations

import click

from leadlens.cli.account import as_json_option, connected, outcome_rows, plain_conversion, with_sandbox
from leadlens.cli.output import console, table, wants_json, write_json


@click.command()
@click.argument("account")
@click.argument("lead_id")
@with_sandbox
@as_json_option
def command(account: str, lead_id: str, sandbox: str | None, as_json: bool) -> None:
    """Say what LEAD_ID of ACCOUNT became: contact, company and deal, or that it was not converted."""
    with connected(account, sandbox) as client:
        found = client.resolve(lead_id)
    if wants_json(as_json):
        write_json(None if found is None else plain_conversion(found))
    elif found is None:
        click.echo(f"Lead {lead_id} was not converted.")
    else:
        console().print(table(f"Lead {lead_id} became", ("", "outcome", "id", "name"), outcome_rows(found)))
