"""``leadlens fields``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import attrs
import click

from leadlens.adapter import RECORDS
from leadlens.catalogue import Catalogue, Choice, Definition
from leadlens.catalogue_file import keep, kept, write_catalogue
from leadlens.cli.account import as_json_option, connected, with_sandbox
from leadlens.cli.fields_draft import draft
from leadlens.cli.fields_schema import schema
from leadlens.cli.output import console, table, wants_json, write_json
from leadlens.client import Client
from leadlens.customfields.mapping import labelled_choices
from leadlens.plain import to_plain

_FLAGS: Final = ("required", "unique", "read_only", "searchable")
_MORE: Final = (
    "`leadlens fields ACCOUNT` takes --kind, -o FILE, --fresh, --sandbox and --json; "
    "`leadlens fields draft` proposes a mapping of two accounts, `leadlens fields schema` describes its file."
)
_SHOWN: Final = 6
"""How many options or names a line shows."""


@click.command("account")
@click.argument("account")
@click.option("--kind", type=click.Choice(RECORDS), help="Only the fields of this kind of records.")
@click.option("-o", "--output", metavar="FILE", help="Save the catalogue as JSON, for other commands to read.")
@click.option("--fresh", is_flag=True, help="Ask the account again, also within an hour of the last time.")
@with_sandbox
@as_json_option
def show(account: str, kind: str | None, output: str | None, fresh: bool, sandbox: str | None, as_json: bool) -> None:
    """Show the fields that ACCOUNT has, its own and the CRM's, and what its records can point to.

    What was read is kept for an hour in the user's cache directory, in a file that only its owner can read: it holds
    the names and e-mail addresses of the account's users. An emulated account is always asked.
    """
    with connected(account, sandbox) as client:
        catalogue = client.catalogue() if sandbox is not None else _of_account(client, account, fresh=fresh)
    if kind is not None:
        chosen = tuple(one for one in catalogue.definitions if one.kind == kind)
        catalogue = attrs.evolve(catalogue, definitions=chosen)
    if output is not None:
        write_catalogue(output, catalogue)
    if wants_json(as_json):
        if output is None or as_json:
            write_json(to_plain(catalogue))
        return
    _show(catalogue)


def _of_account(client: Client, account: str, *, fresh: bool) -> Catalogue:
    """Return the catalogue that was kept, or read it and keep it."""
    found = None if fresh else kept(account, client.adapter.full_name, dt.datetime.now(dt.UTC))
    if found is None:
        found = client.catalogue()
        keep(found)
    return found


def _show(catalogue: Catalogue) -> None:
    screen = console()
    when = catalogue.read_at.strftime("%Y-%m-%d %H:%M UTC")
    of = "" if catalogue.vendor == catalogue.account else f" ({catalogue.vendor})"
    screen.print(f"{catalogue.account}{of}, read at {when}", markup=False)
    for kind in dict.fromkeys(one.kind for one in catalogue.definitions):
        for made in _tables(kind, [one for one in catalogue.definitions if one.kind == kind]):
            screen.print()
            screen.print(made)
    if catalogue.choices:
        screen.print()
        screen.print(table("what records can point to", ("kind", "count", "names"), _choices(catalogue.choices)))
    for line in catalogue.unread:
        screen.print(f"not shown: {line}", markup=False)


def _tables(kind: str, fields: Sequence[Definition]) -> Iterator[Any]:
    """Yield a table of the account's own fields, and one of those that every account has."""
    own = [(one.name, _type(one), one.key, _notes(one, _FLAGS)) for one in fields if one.custom]
    others = [one for one in fields if not one.custom]
    rest = [(one.name, _type(one), one.key, one.attribute or "-", _notes(one, _FLAGS[:-1], 0)) for one in others]
    if own:
        yield table(f"{kind}: {_fields(own)} of the account's own", ("field", "type", "key", "notes"), own)
    if rest:
        heads = ("field", "type", "key", "in leadlens", "notes")
        yield table(f"{kind}: {_fields(rest)} of every account", heads, rest)


def _fields(rows: Sequence[Any]) -> str:
    return "1 field" if len(rows) == 1 else f"{len(rows)} fields"


def _type(field: Definition) -> str:
    name = field.type.replace("_", " ")
    if field.refers_to is not None:
        return f"{name} to {field.refers_to}"
    if field.max_length is not None:
        return f"{name} up to {field.max_length}"
    return name if field.type != "unknown" else f"unknown ({field.wire_type})"


def _notes(field: Definition, flags: Sequence[str], shown: int = _SHOWN) -> str:
    """Return what is to be known of a field, and its options: by name, or how many there are."""
    told = ", ".join(flag.replace("_", " ") for flag in flags if getattr(field, flag))
    names = [option.name for option in field.options if option.active]
    options = _some(names, shown) if shown else f"{len(names)} options" if names else ""
    return "; ".join(filter(None, (told, options)))


def _choices(choices: tuple[Choice, ...]) -> Iterable[tuple[str, str, str]]:
    """Yield a line for each list: what it is of, how many there are, and names; of stages, below their pipelines."""
    labels = labelled_choices(choices)
    for kind in dict.fromkeys(choice.kind for choice in choices):
        unnamed = [choice.ref.id or "" for choice in choices if choice.kind == kind and choice.ref.name is None]
        names = [*labels.get(kind, ()), *unnamed]
        yield kind.replace("_", " "), str(len(names)), _some(names)


def _some(names: Sequence[str], shown: int = _SHOWN) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


class _Fields(click.Group):
    """``fields ACCOUNT`` shows an account; ``fields draft`` and ``fields schema`` are about a mapping."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take a first word that is no subcommand for an account."""
        if args and args[0] not in self.commands:
            return show.name, show, args
        return super().resolve_command(ctx, args)


command = _Fields("fields", {"draft": draft, "schema": schema}, help=f"{show.help}\n\n{_MORE}")
