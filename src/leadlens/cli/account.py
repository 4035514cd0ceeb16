"""What the commands that take an ACCOUNT share: connecting, also to a sandbox, and how outcomes look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from leadlens import errors, facts
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import Conversion, NoRecord
from leadlens.errors import LeadlensError, OutcomeUnknownError, UsageError
from leadlens.http.driver import Sent
from leadlens.model import JSON
from leadlens.plain import to_plain

_IN_MEMORY = ":memory:"

with_sandbox = click.option(
    "--sandbox",
    is_flag=False,
    flag_value=_IN_MEMORY,
    metavar="[FILE|URL]",
    help="Use an emulated account: in memory, kept in a FILE between commands, or served at a URL.",
)
as_json_option = click.option("--json", "as_json", is_flag=True, help="JSON, also on a terminal.")


@contextmanager
def connected(account: str, sandbox: str | None, *, patience: float = 60.0, kept: bool = False) -> Iterator[Client]:
    """Give a client for an account of leadlens.toml, or for a CRM's emulated account.

    ``kept`` tells that what is begun in a real account is to be known to the next command.
    """
    if sandbox is None:
        with connect(account, patience=patience, hook=_waits, ledger=ledger_file() if kept else None) as client:
            yield client
    elif sandbox.startswith(("http://", "https://")):
        with connect(account, patience=patience, hook=_waits, **_served(account, sandbox)) as client:
            yield client
    else:
        with _box(sandbox) as box, connect(account, sandbox=box, patience=patience, hook=_waits) as client:
            yield client


def ledger_file() -> Path:
    """Return where commands keep what they began, so that the next one knows: in the user's folder for state."""
    return facts.file().with_name("ledger.db")


@contextmanager
def interruptible(client: Client) -> Iterator[None]:
    """Tell an interrupted write for what it is: an outcome that nobody knows."""
    try:
        yield
    except KeyboardInterrupt:
        name = client.adapter.name
    else:
        return
    raise OutcomeUnknownError(name, status=0, code="interrupted", probed="the same command again looks before it sends")


def _waits(sent: Sent) -> None:
    """Say why nothing seems to happen after a conversion whose outcome is unknown."""
    kind = getattr(errors, sent.error or "", LeadlensError)
    if sent.step == "convert" and issubclass(kind, OutcomeUnknownError):
        click.echo(f"Nobody knows yet what came of the {sent.name}: waiting a few minutes before looking.", err=True)


@contextmanager
def connected_to(accounts: Sequence[tuple[str, str | None]], *, patience: float = 60.0) -> Iterator[tuple[Client, ...]]:
    """Give clients for several accounts; those of one sandbox file, or in memory, share one sandbox."""
    with ExitStack() as stack:
        boxes: dict[str, Any] = {}
        clients = []
        for account, sandbox in accounts:
            if sandbox is None or sandbox.startswith(("http://", "https://")):
                clients.append(stack.enter_context(connected(account, sandbox, patience=patience)))
                continue
            if sandbox not in boxes:
                boxes[sandbox] = stack.enter_context(_box(sandbox))
            clients.append(
                stack.enter_context(connect(account, sandbox=boxes[sandbox], patience=patience, hook=_waits))
            )
        yield tuple(clients)


def _served(account: str, url: str) -> dict[str, Any]:
    """Return the options of an account at a sandbox server; every credential works there."""
    vendor = account.partition("@")[0]
    secret = {"copper": "token", "zoho": "access_token", "base": "token"}.get(vendor, "token")
    mail = {"email": "sandbox@leadlens.example"} if vendor == "copper" else {}
    return {"base_url": f"{url.rstrip('/')}/{vendor}", secret: "sandbox", **mail}


def _box(file: str) -> Any:
    try:
        from leadlens.sandbox import Sandbox
    except ImportError:
        raise UsageError("the sandbox needs more; install leadlens[sandbox]") from None
    return Sandbox(db=None if file == _IN_MEMORY else file)


def outcome_rows(conversion: Conversion) -> list[tuple[str, str, str, str]]:
    """Return a row per target: what it is, what became of it, its id and name."""
    rows = []
    for target in ("contact", "company", "deal"):
        outcome = getattr(conversion, target)
        there = not isinstance(outcome, NoRecord)
        rows.append(
            (target, outcome.outcome, (outcome.id or "") if there else "", (outcome.name or "") if there else "")
        )
    return rows


def plain_conversion(conversion: Conversion) -> dict[str, JSON]:
    """Return a conversion as JSON for programs: every target with its outcome, id and name."""
    targets = {
        target: {"outcome": outcome, "id": identity or None, "name": name or None}
        for target, outcome, identity, name in outcome_rows(conversion)
    }
    whole = to_plain(conversion)
    assert isinstance(whole, dict)
    facts = {key: whole.get(key) for key in ("id", "lead_id", "converted_at", "converted_by")}
    return {**facts, **targets, "open": list(conversion.open)}
