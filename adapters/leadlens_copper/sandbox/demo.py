"""A few hundred leads and what surrounds them, drawn by seed from small tables.

Among them are duplicates that matter: an address in other letters, one person twice, an address that three leads share
and one that more than thirty do, companies whose names nearly agree, and people who are already known.
"""

from __future__ import annotations

import random
from typing import Any, Final

from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import names
from leadlens_copper.sandbox.activities import added
from leadlens_copper.sandbox.convert import converted
from leadlens_copper.sandbox.demo_fields import Drawer
from leadlens_copper.sandbox.fields import REQUIRED
from leadlens_copper.sandbox.files import put
from leadlens_copper.sandbox.names import REGIONS
from leadlens_copper.sandbox.records import made
from leadlens_copper.sandbox.writing import accepted

DAY: Final = 86_400
_LEADS: Final = 240
_CONVERTED: Final = 24
_CROWD: Final = 34
"""More leads than an upsert tells the ids of."""

_KNOWN: Final = (
    ("Ana Souza", "Padaria Souza", "ana@padaria.example", 1),
    ("Jürgen Groß", "Groß Logistik GmbH", "j.gross@gross-logistik.example", 2),
    ("佐藤 花子", "さくら商事", "hanako@sakura.example", 4),
    ("Ana Sousa", "Padaria Souza Ltda.", "ANA@padaria.example", 1),
    ("J. Gross", "Gross Logistik", "j.gross@gross-logistik.example", 2),
    ("Juergen Gross", "Groß Logistik", "J.Gross@gross-logistik.example", 2),
    ("Grace Whitfield", "Bluebird Freight", "grace@bluebird.example", 0),
    ("Grace Whitfield", "Whitfield Consulting", "", 0),
    ("Maria Silva", "", "", 1),
    ("Maria Silva", "", "", 1),
)
"""The first leads: name, company, e-mail, region."""


def demo(world: World, drawn: random.Random) -> None:
    """Make the records, the oldest first, and set the clock back to now."""
    now = world.now
    draw = Drawer(world, drawn)
    world.now = now - 700 * DAY
    companies = [_company(draw, line) for line in _companies()]
    people = [_person(draw, drawn.choice(companies)) for _ in range(60)]
    _keep(draw, "person", {"name": "Grace Whitfield", "emails": [{"email": "grace@bluebird.example"}]})
    for name, company, email, at in _KNOWN:
        _lead(draw, at, {"name": name, "company_name": company or None, "email": _email(email)})
    crowd = {"name": "Trade Fair Visitor", "email": _email("visitor@fair.example"), "tags": ["trade fair 2025"]}
    for _ in range(_CROWD):
        _keep(draw, "lead", crowd)
    leads = []
    for _ in range(_LEADS):
        world.now += drawn.randrange(DAY, 2 * DAY)
        leads.append(_lead(draw, draw.region(), {}))
    deals = [_deal(draw, drawn.choice(people)) for _ in range(45)]
    _errands(draw, leads, deals)
    for lead in drawn.sample(leads, _CONVERTED):
        _convert(draw, lead)
    _files(world)
    world.now = now


def _companies() -> list[tuple[str, str, int]]:
    """Return name, domain and region of each company; one of them is nearly the company of several leads."""
    found = [("Groß Logistik GmbH", "gross-logistik.example", 2)]
    for at, region in enumerate(REGIONS):
        for line in region.companies.split(";"):
            name, _, domain = line.partition("|")
            found.append((name, domain, at))
    return found


def _email(address: str) -> dict[str, str] | None:
    return {"email": address, "category": "work"} if address else None


def _keep(draw: Drawer, kind: str, body: dict[str, Any], **more: Any) -> Record:
    given, values = accepted(draw.world, kind, body, REQUIRED[kind])
    return made(draw.world, kind, {**given, **more}, values)


def _company(draw: Drawer, line: tuple[str, str, int]) -> Record:
    name, domain, at = line
    body = {
        "name": name,
        "email_domain": domain,
        "websites": [{"url": f"https://www.{domain}", "category": "work"}],
        "phone_numbers": draw.phones(at),
        "address": draw.address(at),
        "assignee_id": draw.owner(),
        "contact_type_id": draw.some("contact_type"),
        "tags": draw.tags(),
        "custom_fields": draw.customs("company"),
    }
    return {**_keep(draw, "company", body), "region": at}


def _person(draw: Drawer, company: Record) -> Record:
    name, local = draw.name(company["region"])
    domain = company["email_domain"]
    body = {
        "name": name,
        "title": draw.drawn.choice(names.TITLES),
        "company_id": company["id"],
        "emails": [
            {"email": f"{local}.{draw.count()}@{domain}", "category": "work"},
            *([{"email": f"{local}{draw.count()}@mail.example", "category": "personal"}] if draw.chance(0.3) else []),
        ],
        "phone_numbers": draw.phones(company["region"]),
        "address": draw.address(company["region"]),
        "assignee_id": draw.owner(),
        "tags": draw.tags(),
        "socials": draw.socials(local),
        "custom_fields": draw.customs("person"),
    }
    return _keep(draw, "person", body, _followed=draw.chance(0.2))


def _lead(draw: Drawer, at: int, said: dict[str, Any]) -> Record:
    name, local = draw.name(at)
    company, domain = draw.company(at)
    address = _email(f"{local}{draw.count()}@{domain}") if draw.chance(0.9) else None
    body = {
        "name": name,
        "company_name": company if draw.chance(0.85) else None,
        "email": address,
        "title": draw.drawn.choice(names.TITLES) if draw.chance(0.7) else None,
        "phone_numbers": draw.phones(at),
        "websites": [{"url": f"https://{domain}", "category": "work"}] if draw.chance(0.5) else [],
        "socials": draw.socials(local),
        "address": draw.address(at) if draw.chance(0.8) else None,
        "status": draw.drawn.choices(("New", "Open", "Unqualified", "Junk"), (5, 4, 2, 1))[0],
        "assignee_id": draw.owner(),
        "customer_source_id": draw.some("customer_source"),
        "monetary_value": draw.drawn.randrange(500, 50_000, 100) if draw.chance(0.7) else None,
        "details": draw.drawn.choice(names.NEEDS) if draw.chance(0.4) else None,
        "tags": draw.tags(),
        "custom_fields": draw.customs("lead"),
        **said,
    }
    more = {"monetary_unit": "USD" if body["monetary_value"] is not None else None, "_followed": draw.chance(0.2)}
    return _keep(draw, "lead", body, **more, **draw.contacted())


def _deal(draw: Drawer, contact: Record) -> Record:
    pipeline, stage = draw.stage()
    status = draw.drawn.choices(("Open", "Won", "Lost", "Abandoned"), (6, 2, 2, 1))[0]
    body = {
        "name": f"{draw.drawn.choice(names.DEALS)} {contact['company_name'] or contact['name']}",
        "primary_contact_id": contact["id"],
        "company_id": contact["company_id"],
        "assignee_id": draw.owner(),
        "status": status,
        "loss_reason_id": draw.some("loss_reason") if status == "Lost" else None,
        "customer_source_id": draw.some("customer_source"),
        "monetary_value": draw.drawn.randrange(1_000, 90_000, 250),
        "close_date": draw.day(),
        "priority": draw.drawn.choice(("None", "Low", "Medium", "High")),
        "win_probability": stage["win_probability"],
        "tags": draw.tags(),
        "custom_fields": draw.customs("opportunity"),
    }
    place = {
        "pipeline_id": pipeline["id"],
        "pipeline_stage_id": stage["id"],
        "pipeline_type": pipeline["type"],
        "pipeline_is_revenue": pipeline["is_revenue"],
        "date_stage_changed": int(draw.world.now),
        "monetary_unit": "USD",
    }
    return _keep(draw, "opportunity", body, **place)


def _errands(draw: Drawer, leads: list[Record], deals: list[Record]) -> None:
    """Make tasks, projects and activities on leads and opportunities."""
    for lead in draw.drawn.sample(leads, 40):
        on = {"id": lead["id"], "type": "lead"}
        added(
            draw.world, {"parent": on, "type": {"category": "user"}, "details": draw.drawn.choice(names.NEEDS)}, 137658
        )
        body = {"name": draw.drawn.choice(names.ERRANDS), "related_resource": on, "assignee_id": draw.owner()}
        _keep(draw, "task", {**body, "due_date": int(draw.world.now) + 9 * DAY, "custom_fields": draw.customs("task")})
    for deal in draw.drawn.sample(deals, 12):
        on = {"id": deal["id"], "type": "opportunity"}
        body = {"name": f"Rollout {deal['name']}", "related_resource": on, "assignee_id": draw.owner()}
        _keep(draw, "project", {**body, "custom_fields": draw.customs("project")})


def _files(world: World) -> None:
    """Leave a file on some records of each kind."""
    for kind in ("lead", "person", "company", "opportunity"):
        for number, _ in list(world.store.iterate(kind))[::15]:
            put(world, kind, number, f"{kind}-{number}.pdf", 1024)


def _convert(draw: Drawer, lead: Record) -> None:
    """Convert a lead as the account itself does, with an opportunity for every other."""
    asked = {"name": f"{draw.drawn.choice(names.DEALS)} {lead['name']}"} if draw.chance(0.5) else None
    current = draw.world.store.get("lead", lead["id"])
    assert current is not None, "it was made above"
    converted(draw.world, current, {"person": {}, **({"opportunity": asked} if asked else {})})
