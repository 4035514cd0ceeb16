"""The demo account: some hundred leads with a history, made from the small tables of :mod:`.people` by a seed."""

from __future__ import annotations

import random
from typing import Any, Final

from leadlens.emulation.clock import iso_utc
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox import activities, files
from leadlens_base.sandbox.conversions import converted
from leadlens_base.sandbox.data import PRODUCTS, REGIONS, SOURCES, TAGS
from leadlens_base.sandbox.people import LANDS, Land, spelled
from leadlens_base.sandbox.records import made

LEADS: Final = 300
_DAY: Final = 86_400.0
_OWNERS: Final = (1, 2, 3, 4)
_STATUSES: Final = ("New", "New", "New", "Working", "Working", "Unqualified", "On hold")
_TITLES: Final = ("Owner", "Purchasing", "Head of Sales", "Geschäftsführer", "Gérante", "店長")
_INDUSTRIES: Final = ("Bakery", "Catering", "Retail", "Hospitality", None)
_CURRENCIES: Final = ("USD", "USD", "EUR", "JPY", "PLN")


def demo(world: World, drawn: random.Random) -> None:
    """Make leads of the last ten months, older customers and their deals; convert some; leave notes and tasks.

    Lead 1 is a plain one that nobody has touched: a person of a firm, with an e-mail, a phone and a tag.
    """
    start = world.now
    customers = _customers(world, drawn, start)
    leads: list[Record] = []
    for at in range(LEADS):
        world.now = start - (300 - 290 * at / LEADS) * _DAY - drawn.randrange(80_000)
        again = at > 20 and at % 9 == 0
        leads.append(_duplicate(world, drawn, leads, customers) if again else _lead(world, drawn, at))
    for at, lead in enumerate(leads[5:], 5):
        if at % 6 == 0:
            _about(world, drawn, lead)
    world.now = start - 8 * _DAY
    for lead in leads[7::8]:
        world.now += 0.1 * _DAY
        converted(world, lead, {"create_deal": drawn.random() < 0.7})
    for lead in leads[39:200:80]:  # converted twice: nothing keeps anybody from it
        converted(world, lead, {})
    world.now = start - 3 * _DAY
    _left(world, leads)
    world.now = start


def _left(world: World, leads: list[Record]) -> None:
    """Leave a document on some leads, contacts and deals, and some calls."""
    for at, lead in enumerate(leads[::25]):
        files.put(world, "document", {"resource_id": lead["id"], "name": f"Angebot {at}.pdf", "size": 1000 * at})
        files.put(world, "call", {"resource_type": "lead", "resource_id": lead["id"], "phone_number": lead["phone"]})
    for kind in ("contact", "deal"):
        for number, _ in list(world.store.iterate(kind))[::20]:
            files.put(world, "document", {"resource_type": kind, "resource_id": number})


def _person(drawn: random.Random, land: Land) -> dict[str, str]:
    first, latin_first = spelled(drawn.choice(land.firsts.split()))
    last, latin_last = spelled(drawn.choice(land.lasts.split()))
    trade, latin_trade = spelled(drawn.choice(land.trades.split()))
    plain = "".join(char for char in f"{latin_trade}-{latin_last}".lower() if char.isalnum() or char == "-")
    return {
        "first_name": first,
        "last_name": last,
        "firm": land.firm.format(trade=trade, last=last),
        "domain": f"{plain}.{land.code.lower()}.example",
        "handle": "".join(char for char in f"{latin_first}.{latin_last}".lower() if char.isalnum() or char in ".-"),
    }


def _phone(drawn: random.Random, land: Land) -> str:
    return f"+{land.dial} {drawn.randrange(10, 99)} 555 {drawn.randrange(10_000):04}"


def _address(drawn: random.Random, land: Land) -> Record:
    city, code, state = drawn.choice(land.places)
    line = land.street.format(drawn.randrange(1, 200))
    return {"line1": line, "city": city, "postal_code": code, "state": state, "country": land.code}


def _lead(world: World, drawn: random.Random, at: int) -> Record:
    land = LANDS[0] if at == 0 else drawn.choice(LANDS)
    person = _person(drawn, land)
    given: Record = {
        "first_name": person["first_name"],
        "last_name": person["last_name"],
        "organization_name": person["firm"],
        "email": f"{person['handle']}@{person['domain']}",
        "phone": _phone(drawn, land),
        "tags": [TAGS[0]],
    }
    if at:
        given |= _more(drawn, land, person) | {"custom_fields": _custom(drawn, land, person)}
        given |= drawn.choice(_LACKS)
    return made(world, "lead", given)


_LACKS: Final[tuple[dict[str, Any], ...]] = (
    {}, {}, {}, {}, {}, {"first_name": None, "last_name": None}, {"organization_name": None}, {"first_name": None},
    {"email": None}, {"phone": None, "mobile": None}, {"address": None, "custom_fields": {}},
)  # fmt: skip
"""What is not known of a lead, as often as not."""


def _more(drawn: random.Random, land: Land, person: dict[str, str]) -> Record:
    status = drawn.choice(_STATUSES)
    return {
        "owner_id": drawn.choice(_OWNERS),
        "status": status,
        "unqualified_reason_id": drawn.randrange(1, 5) if status == "Unqualified" else None,
        "source_id": drawn.choice((None, *range(1, len(SOURCES) + 1))),
        "title": drawn.choice(_TITLES),
        "industry": drawn.choice(_INDUSTRIES),
        "website": drawn.choice((None, f"https://{person['domain']}/")),
        "mobile": drawn.choice((None, _phone(drawn, land))),
        "linkedin": drawn.choice((None, f"https://linkedin.example/{person['handle']}")),
        "description": drawn.choice(
            (None, "Asked for a catalogue.", "Möchte im Herbst umbauen.", "来月また電話する。")
        ),
        "address": _address(drawn, land),
        "tags": drawn.sample(TAGS, drawn.randrange(4)),
    }


def _custom(drawn: random.Random, land: Land, person: dict[str, str]) -> Record:
    """Return values of some custom fields, of every type over all leads."""
    every: Record = {
        "External ID": f"{land.code}-{drawn.randrange(100_000):05}",
        "Region": drawn.choice(REGIONS),
        "Interested in": drawn.sample(PRODUCTS, drawn.randrange(1, 4)),
        "Budget": drawn.choice((500, 1250.5, 18_000, 0)),
        "Newsletter": drawn.random() < 0.5,
        "Birthday": f"19{drawn.randrange(50, 99)}-{drawn.randrange(1, 13):02}-{drawn.randrange(1, 29):02}",
        "Consent given": iso_utc(1_750_000_000 + drawn.randrange(10_000_000)),
        "Second e-mail": f"office@{person['domain']}",
        "Fax (old)": _phone(drawn, land),
        "Shop": f"https://shop.{person['domain']}/",
        "Ships to": _address(drawn, land),
        "Background": "Family firm since 1921.\nThird generation; « très fidèle ».",
        "Internal code": f"{drawn.randrange(16**4):04X}",
    }
    return {name: every[name] for name in drawn.sample(sorted(every), drawn.randrange(2, 9))}


def _duplicate(world: World, drawn: random.Random, leads: list[Record], customers: list[Record]) -> Record:
    """Make a lead that is somebody again: the same e-mail, in other letters, by phone only, or an old customer's."""
    known = next(lead for lead in reversed(leads) if lead["email"] and lead["last_name"] and drawn.random() < 0.3)
    same = {key: known[key] for key in ("first_name", "last_name", "organization_name", "email", "phone")}
    customer = drawn.choice(customers)
    other: dict[str, Any] = drawn.choice(
        (
            {},
            {"email": known["email"].upper(), "organization_name": (known["organization_name"] or "").upper() or None},
            {"email": None, "phone": "".join((known["phone"] or "").split()) or None},
            {"email": customer["email"], "last_name": customer["last_name"], "first_name": None},
        )
    )
    return made(
        world, "lead", same | other | {"owner_id": drawn.choice(_OWNERS), "source_id": 1, "tags": ["newsletter"]}
    )


def _customers(world: World, drawn: random.Random, start: float) -> list[Record]:
    """Make older organizations with people and deals, and return the people."""
    people = []
    stages = [stage for _, stage in world.store.iterate("stage")]
    for at in range(40):
        world.now = start - (360 - at) * _DAY
        land = LANDS[at % len(LANDS)]
        person = _person(drawn, land)
        about = {"owner_id": drawn.choice(_OWNERS), "address": _address(drawn, land), "tags": drawn.sample(TAGS, 1)}
        firm = {"name": person["firm"], "is_organization": True, "phone": _phone(drawn, land)}
        organization = made(world, "contact", about | firm | {"customer_status": "current"})
        for _ in range(drawn.randrange(1, 3)):
            names = {key: person[key] for key in ("first_name", "last_name")}
            mail = {"email": f"{person['handle']}@{person['domain']}", "contact_id": organization["id"]}
            people.append(made(world, "contact", about | names | mail | {"custom_fields": {"Region": "North"}}))
            person = person | _person(drawn, land) | {"firm": person["firm"], "domain": person["domain"]}
        _deals(world, drawn, people[-1], stages)
    return people


def _deals(world: World, drawn: random.Random, person: Record, stages: list[Record]) -> None:
    for product in drawn.sample(PRODUCTS, drawn.randrange(3)):
        stage = drawn.choice(stages)
        given = {
            "name": f"{product} — {person['last_name']}",
            "owner_id": person["owner_id"],
            "contact_id": person["id"],
            "value": f"{drawn.randrange(100, 90_000)}.{drawn.choice(('00', '50', '99'))}",
            "currency": drawn.choice(_CURRENCIES),
            "stage_id": stage["id"],
            "source_id": drawn.randrange(1, 5),
            "hot": drawn.random() < 0.2,
            "loss_reason_id": drawn.randrange(1, 5) if stage["category"] == "lost" else None,
            "unqualified_reason_id": 1 if stage["category"] == "unqualified" else None,
            "estimated_close_date": f"2026-{drawn.randrange(1, 13):02}-{drawn.randrange(1, 29):02}",
            "custom_fields": {"Region": drawn.choice(REGIONS[:3]), "Budget": drawn.randrange(100)},
        }
        made(world, "deal", given)


def _about(world: World, drawn: random.Random, lead: Record) -> None:
    """Leave a note on a lead, and sometimes a task."""
    place = {"resource_type": "lead", "resource_id": lead["id"]}
    activities.written(world, "note", place | {"content": drawn.choice(_NOTES)})
    if drawn.random() < 0.4:
        due = iso_utc(world.now + drawn.randrange(1, 20) * _DAY)
        activities.written(world, "task", place | {"content": "Follow up", "due_date": due})


_NOTES: Final = ("Called back, busy.", "Hat nach Preisen gefragt.", "メールを送った。", "Wants a demo. :-)")
