"""``leadlens doctor``."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import click

from leadlens import diagnosis, facts
from leadlens.cli.account import as_json_option, connected, with_sandbox
from leadlens.cli.output import console, table, wants_json, write_json
from leadlens.client import Client
from leadlens.conversion import Conversion, Created, MatchKey, Present, UpsertRequest
from leadlens.errors import LeadlensError, NotFoundError, UsageError
from leadlens.model import Email, Lead, PersonName
from leadlens.operations import Query
from leadlens.settle import SKEW

_PATIENCE = 0.5
_KINDS = ("user", "pipeline", "stage", "status", "source", "contact_type", "contact_role")
_Finding = tuple[str, bool, str]


@click.command()
@click.argument("account")
@click.option("--probe", is_flag=True, help="Convert a throw-away lead twice, to see how the account takes it.")
@click.option("--yes", is_flag=True, help="Do not ask before --probe writes to the account.")
@with_sandbox
@as_json_option
@click.pass_context
def command(ctx: click.Context, account: str, probe: bool, yes: bool, sandbox: str | None, as_json: bool) -> None:
    """Check ACCOUNT: credentials, clock, limits, what can be read, what the account has, what its CRM cannot do.

    --probe makes a lead, converts it, tries to convert it again, and takes away what came of it. How the account took
    it is remembered: where a second conversion is refused, an unknown one can be sent again without a person's word.
    """
    if probe and not yes:
        click.confirm(f"Make a lead in {account}, convert it twice, and remove what comes of it?", abort=True, err=True)
    with connected(account, sandbox, patience=_PATIENCE) as client:
        found = list(_findings(client, emulated=sandbox is not None))
        if probe:
            found = [finding for finding in found if finding[0] != _SECOND] + _probed(client)
    if wants_json(as_json):
        write_json([{"check": check, "ok": ok, "told": told} for check, ok, told in found])
    else:
        rows = [("✓" if ok else "✗", check, told) for check, ok, told in found]
        console().print(table(f"{account}", ("", "check", ""), rows))
    if not all(ok for _, ok, _ in found):
        ctx.exit(1)


def _findings(client: Client, *, emulated: bool) -> Iterator[_Finding]:
    yield _tried("leads", lambda: f"{len(client.search('lead', Query()).items)} on the first page")
    yield _tried("conversions", lambda: _newest(client))
    yield _clock(client, emulated=emulated)
    for window in diagnosis.windows(client):
        yield "limit", True, f"{window.calls} calls in any {window.seconds:.0f} seconds, which leadlens keeps"
    for kind in _KINDS:
        try:
            yield kind, True, f"{len(client.choices(kind))}"
        except UsageError as error:
            yield kind, True, str(error)
        except LeadlensError as error:
            yield kind, False, str(error)
    again = "refused" if client.converts_once else "not known: an unknown conversion needs a person to look (--probe)"
    yield _SECOND, True, again
    for told in client.composed.values():
        yield "composed", True, told


_SECOND = "a second convert"


def _newest(client: Client) -> str:
    found = next(client.iter_conversions(), None)
    return "none yet" if found is None else f"the newest is of lead {found.lead_id}"


def _clock(client: Client, *, emulated: bool) -> _Finding:
    try:
        ahead = diagnosis.clock_skew(client)
    except LeadlensError as error:
        return "clock", False, str(error)
    if ahead is None:
        return "clock", True, "the CRM does not tell the time"
    if emulated:
        return "clock", True, "a sandbox has a time of its own"
    told = f"the CRM's is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} this machine's"
    return "clock", abs(ahead) < SKEW, told


def _tried(check: str, work: Callable[[], str]) -> _Finding:
    try:
        return check, True, work()
    except LeadlensError as error:
        return check, False, str(error)


# --- the probe -------------------------------------------------------------------------------------------------------


def _probed(client: Client) -> list[_Finding]:
    """Try a second conversion, clear up, and remember what was seen."""
    mark = secrets.token_hex(6)
    lead = Lead(name=PersonName(first="leadlens", last=f"probe {mark}"), emails=(Email(address=f"{mark}@example.com"),))
    try:
        made_lead = client.upsert(UpsertRequest(record=lead, match=(MatchKey(field="email"),)), on_loss="report")
        answer, made = diagnosis.second_convert(client, made_lead.id or "")
    except LeadlensError as error:
        told = f"the probe did not come to an end: {error}; look for the lead 'leadlens probe {mark}'"
        return [(_SECOND, False, told)]
    left = [told for conversion in made for told in _cleared(client, conversion)]
    told = {"refused": "refused", "done": "done again: this account guards against nothing"}.get(answer, "not clear")
    account = diagnosis.identity(client)
    if account is None:
        told += " (a sandbox in this process: not remembered)"
    else:
        facts.remember(account, facts.SECOND_CONVERT, answer)
        told += "; remembered"
    return [(_SECOND, True, told), ("left behind", not left, "; ".join(left) or "nothing but the converted lead")]


def _cleared(client: Client, made: Conversion) -> Iterator[str]:
    """Remove what a probe made; yield what could not be."""
    for kind in ("deal", "contact", "company"):
        outcome = getattr(made, kind)
        if not isinstance(outcome, Created | Present) or outcome.id is None:
            continue
        try:
            client.delete(kind, outcome.id)
        except NotFoundError:
            continue
        except LeadlensError as error:
            yield f"{kind} {outcome.id}: {error}"
