"""``leadlens upsert``."""

from __future__ import annotations

from typing import Any

import click

from leadlens.cli.account import as_json_option, connected, interruptible, with_sandbox
from leadlens.cli.mapping_option import with_mapping
from leadlens.cli.output import console, read_bytes, saying, table, wants_json, write_json
from leadlens.conversion import MatchKey, UpsertRequest, UpsertResult
from leadlens.customfields.mapping import AccountMapping
from leadlens.decoding import loads
from leadlens.errors import UsageError
from leadlens.model import Company, Contact, Deal, Lead, Ref
from leadlens.plain import from_plain, to_plain

_KINDS: dict[str, Any] = {"lead": Lead, "contact": Contact, "company": Company, "deal": Deal}


@click.command()
@click.argument("account")
@click.argument("kind", type=click.Choice(list(_KINDS)))
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option(
    "--by", "keys", multiple=True, metavar="FIELD|custom:NAME", help="What to match by, in order. Repeatable."
)
@click.option("--clear", multiple=True, metavar="FIELD", help="A field to empty. Repeatable.")
@click.option("--no-automations", is_flag=True, help="Ask the CRM to run none of its rules.")
@click.option("--allow", multiple=True, metavar="PATH|reason:CODE", help="What may be lost. Repeatable.")
@with_mapping
@with_sandbox
@as_json_option
def command(
    account: str,
    kind: str,
    file: str,
    keys: tuple[str, ...],
    clear: tuple[str, ...],
    no_automations: bool,
    allow: tuple[str, ...],
    mapping: AccountMapping | None,
    sandbox: str | None,
    as_json: bool,
) -> None:
    """Update the one record of ACCOUNT that matches, or create it. FILE holds the record as neutral JSON."""
    request = _request(kind, read_bytes(file), keys or ("email",), clear, no_automations=no_automations)
    with connected(account, sandbox, kept=True) as client, interruptible(client):
        result = client.upsert(request, allow=allow, mapping=mapping)
    with saying(f"The {kind} is written: {result.outcome}, id {result.id}."):
        _show(result, as_json=as_json)


def _show(result: UpsertResult, *, as_json: bool) -> None:
    if wants_json(as_json):
        write_json({"outcome": result.outcome, "id": result.id, "hint": result.hint, "record": to_plain(result.record)})
        return
    console().print(table("", ("outcome", "id", ""), [(result.outcome, result.id or "", result.hint or "")]))


def _request(
    kind: str, data: bytes, keys: tuple[str, ...], clear: tuple[str, ...], *, no_automations: bool
) -> UpsertRequest:
    record = from_plain(loads(data), _KINDS[kind])
    try:
        return UpsertRequest(
            record=record,
            match=tuple(map(_key, keys)),
            clear=clear,
            automations=False if no_automations else None,
        )
    except ValueError as error:
        raise UsageError(str(error)) from None


def _key(said: str) -> MatchKey:
    if not said.startswith("custom:"):
        return MatchKey(field=said)
    name = said.removeprefix("custom:")
    return MatchKey(definition=Ref(name) if name.isdigit() else Ref(None, name))
