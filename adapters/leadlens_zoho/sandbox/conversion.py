"""What Zoho's conversion does with the lead's data (zoho.com/crm/developer/docs/api/v5/convert-lead.html).

A contact is always made, unless one is given; an account when the lead has a company, unless one is given; a deal only
when asked. Fields go where ``fields.carried`` says, custom ones to the field of the same name and type. Notes go to the
contact [?]. Unknown [?], each with its switch: whether a company of the lead's name is linked (``company_match``),
whether an account is made beside a given contact that has one (``account_beside_contact``), what adding to an existing
record does (``add_to_existing``), what becomes of attachments that no key mentions (``attachments``).
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import attrs

from leadlens.emulation.clock import iso_offset
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.fields import carried
from leadlens_zoho.sandbox.records import unique
from leadlens_zoho.sandbox.shape import made, me, rewritten, same
from leadlens_zoho.sandbox.values import named, tags

Made: TypeAlias = dict[str, Record | None]
_MARK: Final = {"contact": "Contacts", "account": "Accounts", "deal": "Deals"}


@attrs.frozen(kw_only=True)
class Plan:
    """What is asked of a conversion; ``base`` is the JSON path of the request's item."""

    account: Record | None = None
    contact: Record | None = None
    deal: Record | None = None
    role: Record | None = None
    owner: Record | None = None
    tags: dict[str, list[str]] = attrs.field(factory=dict)
    attachments_to: str | None = None
    overwrite: bool = False
    add_to: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    base: str = "$"


def carry_out(world: World, number: int, lead: Record, plan: Plan) -> Made:
    """Make or link account, contact and deal, flag the lead, and return what it became."""
    account = _account(world, lead, plan)
    contact = _contact(world, lead, plan, account)
    deal = _deal(world, lead, plan, contact, account)
    became: Made = {"Contacts": contact, "Deals": deal, "Accounts": account}
    _hand_over(world, number, plan, became)
    _flag(world, number, lead, became)
    _notify(world, lead, plan, became)
    return became


def _copied(lead: Record, module: str) -> Record:
    return {there: lead[here] for here, there in carried(module).items() if lead.get(here) not in (None, "", [])}


def _taken_tags(world: World, lead: Record, plan: Plan, module: str, has: list[Record]) -> list[Record]:
    """Return a record's tags and those of the lead's that are to be carried over."""
    mine = {tag["name"] for tag in lead.get("Tag", [])}
    more = tags(world, module, [name for name in plan.tags.get(module, []) if name in mine])
    return has + [tag for tag in more if tag not in has]


def _new(world: World, lead: Record, plan: Plan, module: str, given: Record) -> Record:
    unique(world, module, given, plan.base, None)
    owner = plan.owner or lead.get("Owner")
    given = {**({"Owner": owner} if owner else {}), **given}
    given["Tag"] = _taken_tags(world, lead, plan, module, given.get("Tag", []))
    return made(world, module, given)


def _account(world: World, lead: Record, plan: Plan) -> Record | None:
    if plan.account:
        return _added_to(world, lead, plan, "Accounts", plan.account)
    if not lead.get("Company"):
        return None
    has = (plan.contact or {}).get("Account_Name")
    if has and world.switches["account_beside_contact"] == "kept":
        return world.store.get("Accounts", int(has["id"]))
    known = same(world.store, "Accounts", "Account_Name", lead["Company"])
    if known and world.switches["company_match"] == "same_name":
        return _added_to(world, lead, plan, "Accounts", known[0][1])
    return _new(world, lead, plan, "Accounts", _copied(lead, "Accounts"))


def _added_to(world: World, lead: Record, plan: Plan, module: str, record: Record, **more: Any) -> Record:
    """Return an existing record: its own data stay, unless the lead's are to be added; tags are carried over."""
    new = {**record, **more, "Tag": _taken_tags(world, lead, plan, module, record.get("Tag", []))}
    if module in plan.add_to:
        copied = {name: value for name, value in _copied(lead, module).items() if name != "Account_Name"}
        kept = {name: value for name, value in new.items() if value not in (None, "", [])}
        fills = world.switches["add_to_existing"] == "fills"
        new = {**new, **copied, **kept} if fills else {**new, **copied}
        unique(world, module, new, plan.base, int(record["id"]))
    return rewritten(world, module, int(record["id"]), new, record) if new != record else record


def _contact(world: World, lead: Record, plan: Plan, account: Record | None) -> Record:
    link = _link(lead, plan, account)
    if plan.contact is None:
        return _new(world, lead, plan, "Contacts", _copied(lead, "Contacts") | link)
    if plan.contact.get("Account_Name") and not (plan.overwrite and plan.account):
        link = {}
    return _added_to(world, lead, plan, "Contacts", plan.contact, **link)


def _link(lead: Record, plan: Plan, account: Record | None) -> Record:
    """Return how the contact names its account: with ``overwrite`` and an account's id, by the lead's company."""
    if account is None:
        return {}
    told = named("Accounts", account)
    if plan.overwrite and plan.account and lead.get("Company"):
        told["name"] = lead["Company"]
    return {"Account_Name": told}


def _deal(world: World, lead: Record, plan: Plan, contact: Record, account: Record | None) -> Record | None:
    """Make the deal; its owner is the one given inside it, else the lead's. The role stands beside the deal."""
    if plan.deal is None:
        return None
    given = {**_copied(lead, "Deals"), "Contact_Name": named("Contacts", contact)}
    given |= {"Account_Name": named("Accounts", account)} if account else {}
    deal = _new(world, lead, attrs.evolve(plan, owner=None), "Deals", given | plan.deal)
    if plan.role:
        number = world.store.next_id("deal_role")
        role = {"id": contact["id"], "Contact_Role": {key: plan.role[key] for key in ("id", "name")}}
        world.store.create("deal_role", number, {**role, "parent": f"Deals:{deal['id']}"})
    return deal


def _hand_over(world: World, number: int, plan: Plan, became: Made) -> None:
    """Give the lead's notes to the contact, and its attachments to whom it was said."""
    contact = became["Contacts"]
    _moved(world, "Notes", number, "Contacts", contact)
    asked = plan.attachments_to or ("Contacts" if world.switches["attachments"] == "contact" else None)
    if asked:
        _moved(world, "attachment", number, asked, became[asked])


def _moved(world: World, kind: str, lead: int, module: str, record: Record | None) -> None:
    if record is None:
        return
    for found, one in world.store.find(kind, "parent", f"Leads:{lead}"):
        world.store.replace(kind, found, {**one, "parent": f"{module}:{record['id']}"})


def _flag(world: World, number: int, lead: Record, became: Made) -> None:
    """Keep the lead, flagged (``$converted_detail``: third-party; switch ``converted_detail``)."""
    plain = world.switches["converted_detail"] == "ids"
    detail: Record = {}
    fields: Record = {}
    for key, module in _MARK.items():
        record = became[module]
        told = named(module, record) if record else None
        detail[key] = told["id"] if told and plain else told
        fields[f"Converted_{key.capitalize()}"] = told
    now, by = iso_offset(world.now), me(world)
    detail |= {"convert_date": now[:10], "converted_by": by["id"] if plain else by}
    fields |= {"Converted__s": True, "Converted_Date_Time": now, "$converted": True, "$converted_detail": detail}
    world.store.replace("Leads", number, {**lead, **fields}, what="converted")


def _notify(world: World, lead: Record, plan: Plan, became: Made) -> None:
    """Keep the e-mails that are sent, for whoever reads the store or the truth log; no call shows them."""
    contact = became["Contacts"] or {}
    owners = {"notify_lead_owner": lead.get("Owner"), "notify_new_entity_owner": contact.get("Owner")}
    for key in plan.notify:
        if owner := owners[key]:
            number = world.store.next_id("notification")
            about = {"lead": lead["id"], "contact": contact["id"]}
            world.store.create("notification", number, {"to": owner["email"], "why": key, **about})
