"""``leadlens doctor``."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence

import click

from leadlens import diagnosis, facts
from leadlens.cli.account import as_json_option, connected, with_sandbox
from leadlens.cli.output import console, saying, table, wants_json, write_json
from leadlens.client import Client
from leadlens.conversion import Conversion, Created, MatchKey, Present, UpsertRequest
from leadlens.errors import LeadlensError, NotFoundError, UsageError
from leadlens.model import Email, Lead, PersonName
from leadlens.operations import Query, ids_of
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
    if probe:
        with saying("The probe has written to the account. " + "; ".join(told for _, _, told in found[-2:])):
            _show(account, found, as_json=as_json)
    else:
        _show(account, found, as_json=as_json)
    if not all(ok for _, ok, _ in found):
        ctx.exit(1)


def _show(account: str, found: Sequence[_Finding], *, as_json: bool) -> None:
    if wants_json(as_json):
        write_json([{"check": check, "ok": ok, "told": told} for check, ok, told in found])
        return
    rows = [("✓" if ok else "✗", check, told) for check, ok, told in found]
    console().print(table(f"{account}", ("", "check", ""), rows))


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
    left = list(_what_is_open(client, made_lead.id or "", made)) if answer == "unknown" else []
    left += [told for conversion in made for told in _cleared(client, conversion)]
    known = answer in _ANSWERS
    told = _ANSWERS[answer] + _remembered(client, answer) if known else _NOT_CLEAR
    return [(_SECOND, known, told), ("left behind", not left, "; ".join(left) or "nothing but the converted lead")]


_ANSWERS = {"refused": "refused", "done": "done again: this account guards against nothing"}
_NOT_CLEAR = "not clear: nobody knows how the second one was taken; nothing is remembered of it, and try again later"


def _remembered(client: Client, answer: str) -> str:
    """Remember how the account took a second convert; say whether it is."""
    account = diagnosis.identity(client)
    if account is None:
        return " (a sandbox in this process: not remembered)"
    try:
        facts.remember(account, facts.SECOND_CONVERT, answer)
    except OSError as error:
        return f"; it cannot be remembered: {facts.file()}: {error.strerror or error}"
    return "; remembered"


def _what_is_open(client: Client, lead_id: str, made: Sequence[Conversion]) -> Iterator[str]:
    """Remove what a second convert of unknown outcome made; yield what could not be, or what may still come."""
    try:
        found = diagnosis.conversions_of(client, lead_id)
    except LeadlensError as error:
        yield f"what a second conversion of lead {lead_id} made, which could not be looked up: {error}"
        return
    others = [one for one in found if ids_of(one) not in [ids_of(known) for known in made]]
    if not others:
        yield f"a second conversion of lead {lead_id} may still come: look at it in a few minutes"
    for one in others:
        yield from _cleared(client, one)


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
