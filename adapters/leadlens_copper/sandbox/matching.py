"""Which company a conversion means: by id, by name, by what resembles it, or a new one (leads/convert-a-lead.html)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.emulation.messages import Refusal, Reply
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import customs
from leadlens_copper.sandbox.dress import invalid
from leadlens_copper.sandbox.records import emails, folded, made, shown

_FROM_LEAD: Final = ("address", "assignee_id", "websites")


def company_of(world: World, lead: Record, asked: Mapping[str, Any] | None) -> Record | None:
    """Return the company of a conversion, or None; an empty name means none."""
    if asked is None or not asked:
        name = lead["company_name"] if world.switches["company_left_out"] == "lead" else None
        return _by_name(world, lead, name, exact=True) if name else None
    if ("id" in asked) is ("name" in asked) or ("id" in asked and "exact_match" in asked):
        raise invalid("company takes either id, or name and exact_match")
    if "id" in asked:
        found = world.store.get("company", asked["id"])
        if found is None:
            raise invalid("company id")
        return found
    return _by_name(world, lead, asked["name"], exact=asked.get("exact_match", False)) if asked["name"] else None


def _by_name(world: World, lead: Record, name: str, *, exact: bool) -> Record:
    same = world.store.find("company", "name", name)
    if same:
        return same[0][1]
    similar = [] if exact else [record for _, record in world.store.find("company", "folded", folded(name))]
    if similar and world.switches["fuzzy_company"] == "candidates":
        raise Refusal(Reply(200, {"companies": [shown(record, world) for record in similar]}))
    if similar and world.switches["fuzzy_company"] == "first":
        return similar[0]
    return _new(world, lead, name)


def _new(world: World, lead: Record, name: str) -> Record:
    """Make the company; its domain is that of the lead's e-mail, its type the account's first, as in the sample."""
    domains = [email.rpartition("@")[2] for email in emails(lead)]
    types = [number for number, _ in world.store.iterate("contact_type")]
    given = {
        **{key: lead[key] for key in _FROM_LEAD},
        "name": name,
        "contact_type_id": types[0] if types else None,
        "email_domain": domains[0] if domains else None,
        "tags": lead["tags"] if world.switches["carried_tags"] == "all" else [],
    }
    return made(world, "company", given, customs.values(lead))
