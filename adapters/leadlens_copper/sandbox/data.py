"""What a Copper account has from the beginning, and a few leads to try."""

from __future__ import annotations

import random

from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.records import made

_DEFINITIONS = (
    ("Campaign", "String", ["lead", "person", "company", "opportunity"]),
    ("Score", "Float", ["lead", "person"]),
)
_STAGES = ("Qualified", "Proposal", "Negotiation")
_PEOPLE = (
    ("Ana Souza", "Padaria Souza", "ana@padaria.example"),
    ("Jürgen Groß", "Groß Logistik GmbH", "j.gross@gross-logistik.example"),
    ("佐藤 花子", "さくら商事", "hanako@sakura.example"),
)


def setup(world: World, drawn: random.Random) -> None:  # the kit's form
    """Make custom field definitions and a pipeline."""
    for name, kind, where in _DEFINITIONS:
        number = world.store.next_id("definition")
        plain = {"id": number, "name": name, "data_type": kind, "available_on": where, "is_filterable": True}
        world.store.create("definition", number, plain)
    number = world.store.next_id("pipeline")
    stages = [{"id": 987790 + at, "name": name, "win_probability": 20 * at} for at, name in enumerate(_STAGES)]
    world.store.create("pipeline", number, {"id": number, "name": "Sales", "stages": stages})


def demo(world: World, drawn: random.Random) -> None:
    """Make a few leads."""
    for name, company, email in _PEOPLE:
        given = {
            "name": name,
            "company_name": company,
            "email": {"email": email, "category": "work"},
            "monetary_value": drawn.randrange(500, 50_000, 100),
            "tags": ["demo"],
        }
        made(world, "lead", given)
