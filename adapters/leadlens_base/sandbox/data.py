"""What a Base account has from the beginning, and a few leads to try."""

from __future__ import annotations

import random

from leadlens.emulation.vendor import World
from leadlens_base.sandbox.records import made

_STAGES = ("Incoming", "Qualified", "Quote")
_PEOPLE = (
    ("Zoë", "Martin", "Boulangerie Martin"),
    ("Олена", "Шевченко", "Київ Пекарня"),
    (None, None, "Northwind Traders"),
)


def setup(world: World, drawn: random.Random) -> None:  # the kit's form
    """Make a user and the stages of a pipeline."""
    number = world.store.next_id("user")
    world.store.create("user", number, {"id": number, "name": "Sandra Box", "email": "sandra@example.com"})
    for position, name in enumerate(_STAGES, 1):
        number = world.store.next_id("stage")
        world.store.create("stage", number, {"id": number, "name": name, "position": position, "pipeline_id": 1})


def demo(world: World, drawn: random.Random) -> None:
    """Make a few leads."""
    for first, last, organization in _PEOPLE:
        phone = f"+1 555 01{drawn.randrange(100):02}"
        names = {"first_name": first, "last_name": last, "organization_name": organization}
        made(world, "lead", {**names, "phone": phone, "tags": ["demo"]})
