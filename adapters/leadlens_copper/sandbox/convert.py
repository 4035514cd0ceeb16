"""Copper's conversion: ``POST /leads/{id}/convert`` (leads/convert-a-lead.html).

The person is matched by e-mail, the company by id or name, the opportunity made when asked for; the lead is gone.
Custom fields go wherever their definition is available; tasks, projects and activities go to the person [?].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, flag, maybe, number, obj, text
from leadlens.emulation.clock import unix
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import customs
from leadlens_copper.sandbox.asking import asks_computed, knows
from leadlens_copper.sandbox.crud import COMPUTED
from leadlens_copper.sandbox.deals import stage_of
from leadlens_copper.sandbox.dress import invalid, not_found
from leadlens_copper.sandbox.matching import company_of
from leadlens_copper.sandbox.records import ID, PREFIX, changed, emails, made, parts, shown
from leadlens_copper.sandbox.shapes import ident
from leadlens_copper.sandbox.writing import fits, refers

_DETAILS: Final[Mapping[str, Mapping[str, Check]]] = {
    "person": {"name": text, "contact_type_id": ident, "assignee_id": ident},
    "company": {"id": ident, "name": text, "exact_match": flag},
    "opportunity": {
        "name": text,
        "pipeline_id": ident,
        "pipeline_stage_id": ident,
        "monetary_value": number,
        "assignee_id": ident,
    },
}
_TO_PERSON: Final = (
    "name", "address", "assignee_id", "details", "phone_numbers", "socials", "websites", "title",
    "prefix", "first_name", "middle_name", "last_name", "suffix",
)  # fmt: skip
_FILLED: Final = ("address", "assignee_id", "details", "phone_numbers", "socials", "websites", "title", "tags")


def convert(world: World, request: Request) -> Reply:
    """Turn a lead into a person, a company as asked or as the lead says, and an opportunity if asked."""
    lead = world.store.get("lead", int(request.args["id"]))
    if lead is None or (lead["converted_at"] and world.switches["second_convert"] == "404"):
        raise not_found("lead id")
    details = _details(world, request)
    made_ = converted(world, lead, details)
    computed = asks_computed(request)
    return Reply(200, {key: one and shown(one, world, computed=computed) for key, one in made_.items()})


def converted(world: World, lead: Record, details: Mapping[str, Any]) -> dict[str, Record | None]:
    """Convert a lead, and return what came of it."""
    company = company_of(world, lead, details.get("company"))
    person = _person(world, lead, details.get("person") or {}, company)
    asked = details.get("opportunity")
    opportunity = None if asked is None else _opportunity(world, lead, asked, person, company)
    _handed_over(world, lead, person)
    lead |= {
        "converted_at": unix(world.now),
        "converted_contact_id": person["id"],
        "converted_opportunity_id": opportunity["id"] if opportunity else None,
    }
    world.store.replace("lead", lead["id"], lead, what="converted")
    return {"person": person, "company": company, "opportunity": opportunity}


def _details(world: World, request: Request) -> dict[str, Any]:
    body = request.json_object()
    fits(body, {"details": obj})
    details = body.get("details")
    if not isinstance(details, dict):
        raise invalid("details are missing")
    fits(details, dict.fromkeys(_DETAILS, maybe(obj)))
    for name, fields in _DETAILS.items():
        given = details.get(name)
        fits(given or {}, fields, ("name",) if name == "opportunity" and given is not None else ())
        refers(world, given or {})
        if name == "person" and given and given.get("name", "x").strip() == "":
            raise invalid("name is missing")
    return details


def _person(world: World, lead: Record, asked: Mapping[str, Any], company: Record | None) -> Record:
    """Return the oldest person with the lead's e-mail, or a new one; either remembers the lead."""
    there = [pair for email in emails(lead) for pair in world.store.find("person", "email", email)]
    belongs = {"company_id": company["id"], "company_name": company["name"]} if company else {}
    if not there:
        return _new_person(world, lead, asked, belongs)
    person = there[0][1]
    option = world.switches["matched_person"]
    given: Record = {**belongs} if option != "kept" else {}
    values: Mapping[int, Any] = {}
    if option == "filled":
        given |= {key: lead[key] for key in _FILLED if lead[key] and not person[key]}
        own = customs.values(person)
        values = {number_: v for number_, v in customs.values(lead).items() if own.get(number_) in (None, [], False)}
    return changed(world, "person", person, given | _remembered(world, person, lead), values)


def _new_person(world: World, lead: Record, asked: Mapping[str, Any], belongs: Mapping[str, Any]) -> Record:
    given = {
        **{key: lead[key] for key in _TO_PERSON},
        **asked,
        **(parts(asked["name"]) if "name" in asked else {}),
        **belongs,
        "emails": [lead["email"]] if lead["email"] else [],
        "tags": [] if world.switches["carried_tags"] == "none" else lead["tags"],
        "date_lead_created": lead["date_created"],
        **_remembered(world, {}, lead),
    }
    return made(world, "person", given, customs.values(lead))


def _opportunity(
    world: World, lead: Record, asked: Mapping[str, Any], person: Record, company: Record | None
) -> Record:
    """Make the opportunity; its chance, priority and details begin as in the published sample."""
    strict = world.switches["foreign_stage"] == "refused"
    pipeline, stage = stage_of(world, asked.get("pipeline_id"), asked.get("pipeline_stage_id"), strict=strict)
    given = {
        "name": asked["name"],
        "assignee_id": lead["assignee_id"] if world.switches["opportunity_owner"] == "lead" else None,
        "monetary_unit": lead["monetary_unit"],
        **asked,
        "pipeline_id": pipeline["id"],
        "pipeline_is_revenue": pipeline["is_revenue"],
        "pipeline_stage_id": stage["id"],
        "pipeline_type": pipeline["type"],
        "primary_contact_id": person["id"],
        "customer_source_id": lead["customer_source_id"],
        "details": "",
        "priority": None,
        "win_probability": 0,
        "tags": lead["tags"] if world.switches["carried_tags"] == "all" else [],
        "date_stage_changed": unix(world.now),
        "date_lead_created": lead["date_created"],
        **({"company_id": company["id"], "company_name": company["name"]} if company else {}),
        **_remembered(world, {}, lead),
    }
    return made(world, "opportunity", given, customs.values(lead))


def _remembered(world: World, before: Mapping[str, Any], lead: Record) -> Record:
    entry = {"lead_id": lead["id"], "converted_timestamp": unix(world.now)}
    return {"leads_converted_from": [*before.get("leads_converted_from", []), entry]}


def _handed_over(world: World, lead: Record, person: Record) -> None:
    mark, owner = f"lead {lead['id']}", {"id": person["id"], "type": "person"}
    for kind, link, key in (
        ("task", "related", "related_resource"),
        ("project", "related", "related_resource"),
        ("activity", "parent", "parent"),
    ):
        for number_, record in world.store.find(kind, link, mark):
            world.store.replace(kind, number_, {**record, key: owner})


ROUTES = (Route("POST", f"{PREFIX}/leads/{ID}/convert", "convert_lead", knows(convert, COMPUTED)),)
