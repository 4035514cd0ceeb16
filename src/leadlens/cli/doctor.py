"""``leadlens doctor``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click

from leadlens.cli.account import as_json_option, connected, with_sandbox
from leadlens.cli.output import console, table, wants_json, write_json
from leadlens.client import Client
from leadlens.errors import LeadlensError, UsageError

_PATIENCE = 0.5
_KINDS = ("user", "pipeline", "stage", "status", "source")


@click.command()
@click.argument("account")
@with_sandbox
@as_json_option
@click.pass_context
def command(ctx: click.Context, account: str, sandbox: str | None, as_json: bool) -> None:
    """Check ACCOUNT: credentials, what can be read, what the account has, and what its CRM cannot do."""
    with connected(account, sandbox, patience=_PATIENCE) as client:
        found = list(_findings(client))
    if wants_json(as_json):
        write_json([{"check": check, "ok": ok, "told": told} for check, ok, told in found])
    else:
        rows = [("✓" if ok else "✗", check, told) for check, ok, told in found]
        console().print(table(f"{account}", ("", "check", ""), rows))
    if not all(ok for _, ok, _ in found):
        ctx.exit(1)


def _findings(client: Client) -> Iterator[tuple[str, bool, str]]:
    yield _tried("leads", lambda: f"{len(client.search('lead', _all()).items)} on the first page", client)
    yield _tried("conversions", lambda: _some(client), client)
    for kind in _KINDS:
        try:
            yield kind, True, f"{len(client.choices(kind))}"
        except UsageError as error:
            yield kind, True, str(error)
        except LeadlensError as error:
            yield kind, False, str(error)
    again = "refused" if client.adapter.converts_once else "not known: an unknown conversion needs a person to look"
    yield "a second convert", True, again
    for told in client.composed.values():
        yield "composed", True, told


def _all() -> Any:
    from leadlens.operations import Query

    return Query()


def _some(client: Client) -> str:
    found = next(client.iter_conversions(), None)
    return "none yet" if found is None else f"the newest is of lead {found.lead_id}"


def _tried(check: str, work: Callable[[], str], _client: Client) -> tuple[str, bool, str]:
    try:
        return check, True, work()
    except LeadlensError as error:
        return check, False, str(error)
