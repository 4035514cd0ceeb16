"""Copper's conversion: ``POST /leads/{id}/convert`` (leads/convert-a-lead.html).

The person is matched by e-mail, the company by id or name, the opportunity made when asked for; the lead is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, flag, integer, maybe, number, obj, problems, text
from leadlens.emulation.clock import unix
from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.dress import invalid, not_found
from leadlens_copper.sandbox.records import ID, PREFIX, folded, made

_DETAILS: Final[Mapping[str, Mapping[str, Check]]] = {
    "person": {"name": text, "contact_type_id": maybe(integer), "assignee_id": maybe(integer)},
    "company": {"id": maybe(integer), "name": maybe(text), "exact_match": flag},
    "opportunity": {
        "name": text,
        "pipeline_id": maybe(integer),
        "pipeline_stage_id": maybe(integer),
        "monetary_value": maybe(number),
        "assignee_id": maybe(integer),
    },
}
_TO_PERSON: Final = (
    "name", "address", "assignee_id", "company_name", "details", "phone_numbers", "socials", "websites", "tags",
    "title", "custom_fields",
)  # fmt: skip
_TO_COMPANY: Final = ("address", "assignee_id")


def convert(world: World, request: Request) -> Reply:
    """Turn a lead into a person, a company as asked or as the lead says, and an opportunity if asked."""
    number_ = int(request.args["id"])
    lead = world.store.get("lead", number_)
    if lead is None or (lead.get("converted_at") and world.switches["second_convert"] == "404"):
        raise not_found("lead id")
    details = _details(request)
    company = _company(world, lead, details.get("company"))
    person = _person(world, lead, details.get("person") or {}, company)
    opportunity = _opportunity(world, lead, details.get("opportunity"), person, company)
    lead |= {
        "converted_at": unix(world.now),
        "converted_contact_id": person["id"],
        "converted_opportunity_id": opportunity["id"] if opportunity else None,
    }
    world.store.replace("lead", number_, lead, what="converted")
    return Reply(200, {"person": person, "company": company, "opportunity": opportunity})


def _details(request: Request) -> dict[str, Any]:
    body = request.json_object()
    details = body.get("details")
    _fits(body, {"details": obj})
    if not isinstance(details, dict):
        raise invalid("details are missing")
    _fits(details, dict.fromkeys(_DETAILS, maybe(obj)))
    for name, fields in _DETAILS.items():
        _fits(details.get(name) or {}, fields, ("name",) if name == "opportunity" and details.get(name) else ())
    return details


def _fits(given: Mapping[str, Any], fields: Mapping[str, Check], required: Iterable[str] = ()) -> None:
    for problem in problems(given, fields, required):
        raise invalid(f"{problem.key} is {'of the wrong type' if problem.reason == 'type' else problem.reason}")


def _company(world: World, lead: Record, asked: Mapping[str, Any] | None) -> Record | None:
    """Return the company by id or name; without either, the lead's own company name decides [?: from the sample]."""
    asked = {key: value for key, value in (asked or {}).items() if value is not None}
    if "id" in asked and "name" in asked:
        raise invalid("company takes an id or a name, not both")
    if "id" in asked:
        found = world.store.get("company", asked["id"])
        if found is None:
            raise invalid("company id")
        return found
    name = asked.get("name", lead["company_name"])
    if not name:
        return None
    exact = asked.get("exact_match", False) or "name" not in asked
    return _by_name(world, lead, name, exact=exact)


def _by_name(world: World, lead: Record, name: str, *, exact: bool) -> Record:
    same = world.store.find("company", "name", name)
    if same:
        return same[0][1]
    similar = [] if exact else [record for _, record in world.store.find("company", "folded", folded(name))]
    if similar and world.switches["fuzzy_company"] == "candidates":
        raise Refusal(Reply(200, {"companies": similar}))
    if similar and world.switches["fuzzy_company"] == "first":
        return similar[0]
    return made(world, "company", {key: lead[key] for key in _TO_COMPANY} | {"name": name})


def _person(world: World, lead: Record, asked: Mapping[str, Any], company: Record | None) -> Record:
    """Return the oldest person with the lead's e-mail, or a new one; either remembers the lead."""
    email = lead["email"]
    there = world.store.find("person", "email", email["email"].casefold()) if email else []
    if there:
        number_, person = there[0]
    else:
        person = made(world, "person", {key: lead[key] for key in _TO_PERSON} | {"emails": [email] if email else []})
        number_ = person["id"]
        person |= {key: value for key, value in asked.items() if value is not None}
        person |= {"company_id": company["id"], "company_name": company["name"]} if company else {}
    return _remembered(world, "person", number_, person, lead)


def _opportunity(
    world: World, lead: Record, asked: Mapping[str, Any] | None, person: Record, company: Record | None
) -> Record | None:
    if asked is None:
        return None
    pipeline, stage = _stage(world, asked)
    given = {
        "name": asked["name"],
        "assignee_id": asked.get("assignee_id") or lead["assignee_id"],
        "monetary_value": asked.get("monetary_value"),
        "pipeline_id": pipeline,
        "pipeline_stage_id": stage,
        "primary_contact_id": person["id"],
        "customer_source_id": lead["customer_source_id"],
        **({"company_id": company["id"], "company_name": company["name"]} if company else {}),
    }
    made_ = made(world, "opportunity", given)
    return _remembered(world, "opportunity", made_["id"], made_, lead)


def _stage(world: World, asked: Mapping[str, Any]) -> tuple[int, int]:
    """Return the pipeline and its stage; by default the first of each."""
    pipelines = dict(world.store.iterate("pipeline"))
    pipeline = asked.get("pipeline_id") or next(iter(pipelines))
    if pipeline not in pipelines:
        raise invalid("pipeline_id")
    stages = [stage["id"] for stage in pipelines[pipeline]["stages"]]
    stage = asked.get("pipeline_stage_id") or stages[0]
    if stage not in stages:
        raise invalid("pipeline_stage_id")
    return pipeline, stage


def _remembered(world: World, kind: str, number_: int, record: Record, lead: Record) -> Record:
    entry = {"lead_id": lead["id"], "converted_timestamp": unix(world.now)}
    record = {**record, "leads_converted_from": [*record.get("leads_converted_from", []), entry]}
    world.store.replace(kind, number_, record)
    return record


ROUTES = (Route("POST", f"{PREFIX}/leads/{ID}/convert", "convert_lead", convert),)
