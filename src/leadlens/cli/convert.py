"""``leadlens convert``."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import attrs
import click

from leadlens.cli.account import as_json_option, connected, interruptible, outcome_rows, plain_conversion, with_sandbox
from leadlens.cli.mapping_option import with_mapping
from leadlens.cli.output import console, read_bytes, saying, show_losses, table, wants_json, write_json
from leadlens.client import Plan
from leadlens.conversion import ConvertRequest, Existing, Match, NewDeal, Nothing
from leadlens.customfields.mapping import AccountMapping
from leadlens.decoding import loads
from leadlens.errors import AlreadyConvertedError, InputError, UsageError
from leadlens.model import Money, Ref
from leadlens.plain import from_plain


@click.command()
@click.argument("account")
@click.argument("lead_id")
@click.option("--request", "file", metavar="FILE", help="The request as neutral JSON; other options change it.")
@click.option("--deal", metavar="NAME", help="Make a deal of this name.")
@click.option("--value", metavar="AMOUNT", help="The deal's value.")
@click.option("--currency", metavar="CODE", help="The currency of --value, such as EUR.")
@click.option("--stage", metavar="STAGE", help="The deal's stage: its id, or its name where the CRM takes names.")
@click.option("--pipeline", metavar="PIPELINE", help="The deal's pipeline, by id or name.")
@click.option("--close-date", type=click.DateTime(["%Y-%m-%d"]), help="When the deal should close.")
@click.option("--no-deal", is_flag=True, help="Make no deal (the default).")
@click.option("--company", metavar="NAME", help="Link the company of exactly this name, or make it.")
@click.option("--company-id", metavar="ID", help="Link this company.")
@click.option("--no-company", is_flag=True, help="Make and link no company.")
@click.option("--contact-id", metavar="ID", help="Link this contact.")
@click.option("--owner", metavar="ID", help="Who owns what is made.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag of the lead to carry over. Repeatable.")
@click.option("--allow", multiple=True, metavar="PATH|reason:CODE", help="What may be lost. Repeatable.")
@with_mapping
@click.option("--plan", "only_plan", is_flag=True, help="Show what would be sent and lost, and send nothing.")
@with_sandbox
@as_json_option
def command(
    account: str,
    lead_id: str,
    file: str | None,
    allow: tuple[str, ...],
    mapping: AccountMapping | None,
    only_plan: bool,
    sandbox: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Convert LEAD_ID of ACCOUNT, once.

    ACCOUNT is a name of leadlens.toml, or copper, zoho or base with --sandbox. What the CRM cannot do is refused before
    anything is sent, unless --allow names it. An outcome that nobody can know exits with 3 and says how to go on.
    """
    request = _wanted(_read(file, lead_id), options)
    with connected(account, sandbox, kept=True) as client:
        if only_plan:
            _show_plan(client.plan(request, mapping=mapping), as_json=as_json)
            return
        try:
            with interruptible(client):
                made = client.convert(request, allow=allow, mapping=mapping)
        except AlreadyConvertedError as error:
            if error.conversion is not None:
                _show(error.conversion, f"{lead_id} was converted before:", as_json=as_json)
            raise
    with saying(f"Lead {lead_id} is converted."):
        _show(made, f"Lead {lead_id} is converted.", as_json=as_json)


def _read(file: str | None, lead_id: str) -> ConvertRequest:
    if file is None:
        return ConvertRequest(lead_id=lead_id)
    try:
        return attrs.evolve(from_plain(loads(read_bytes(file)), ConvertRequest), lead_id=lead_id)
    except InputError as error:
        raise InputError(f"--request {error.path}", error.expected) from None


def _wanted(request: ConvertRequest, options: dict[str, Any]) -> ConvertRequest:
    """Return the request as the options change it; raises :class:`UsageError` for two that exclude each other."""
    _one_of(options, "deal", "no_deal")
    _one_of(options, "company", "company_id", "no_company")
    changes: dict[str, Any] = {"deal": _deal(request, options)}
    if options["company"] is not None:
        changes["company"] = Match(options["company"])
    if options["company_id"] is not None:
        changes["company"] = Existing(options["company_id"])
    if options["no_company"]:
        changes["company"] = Nothing()
    if options["contact_id"] is not None:
        changes["contact"] = Existing(options["contact_id"])
    if options["owner"] is not None:
        changes |= {"contact_owner": Ref(options["owner"]), "company_owner": Ref(options["owner"])}
    if options["tags"]:
        changes["contact_tags"] = options["tags"]
    return attrs.evolve(request, **changes)


def _one_of(options: dict[str, Any], *names: str) -> None:
    given = [f"--{name.replace('_', '-')}" for name in names if options[name]]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other")


def _deal(request: ConvertRequest, options: dict[str, Any]) -> Any:
    details: dict[str, Any] = {
        "value": _money(options["value"], options["currency"]),
        "stage": _choice(options["stage"]),
        "pipeline": _choice(options["pipeline"]),
        "close_date": options["close_date"].date() if options["close_date"] else None,
        "owner": Ref(options["owner"]) if None not in (options["owner"], options["deal"]) else None,
    }
    given: Any = {name: value for name, value in details.items() if value is not None}
    if options["no_deal"]:
        if given:
            raise UsageError("--no-deal excludes the options of a deal")
        return Nothing()
    before = request.deal if isinstance(request.deal, NewDeal) else None
    if options["deal"] is not None:
        return attrs.evolve(before or NewDeal(), name=options["deal"], **given)
    if given and before is None:
        raise UsageError("the options of a deal need --deal NAME")
    return attrs.evolve(before, **given) if before is not None else request.deal


def _money(value: str | None, currency: str | None) -> Money | None:
    if value is None:
        if currency is not None:
            raise UsageError("--currency needs --value")
        return None
    try:
        return Money(Decimal(value), currency)
    except InvalidOperation:
        raise UsageError(f"--value: expected an amount such as 1250.50, not {value!r}") from None


def _choice(said: str | None) -> Ref | None:
    if said is None:
        return None
    return Ref(said) if said.isdigit() else Ref(None, said)


def _show(made: Any, title: str, *, as_json: bool) -> None:
    if wants_json(as_json):
        write_json(plain_conversion(made))
        return
    screen = console()
    screen.print(table(title, ("", "outcome", "id", "name"), outcome_rows(made)))
    for line in made.open:
        screen.print(f"still open: {line}")


def _show_plan(plan: Plan, *, as_json: bool) -> None:
    if wants_json(as_json):
        losses = [attrs.asdict(loss) for loss in plan.losses]
        calls = [call.to_json() for call in plan.calls]
        write_json({"calls": calls, "losses": losses, "requests": plan.requests, "credits": plan.credits})
        return
    rows = [(call.step, f"{call.method} {call.path}", call.why + (f" (if {call.when})" if call.when else ""))
            for call in plan.calls]  # fmt: skip
    console().print(table("This would be sent:", ("step", "call", "why"), rows))
    show_losses(plan.losses)
