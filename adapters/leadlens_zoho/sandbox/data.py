"""What a Zoho CRM account has from the beginning, and a few leads to try."""

from __future__ import annotations

import random

from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.records import made, tags

_USERS = (("Patricia Boyle", "patricia@example.com"), ("Samuel Okafor", "samuel@example.com"))
_PEOPLE = (
    ("Paul", "Daly", "Zylker"),
    ("Ñuria", "Peña", "Construcciones Peña"),
    ("伟", "李", "上海贸易"),
)


def setup(world: World, drawn: random.Random) -> None:  # the kit's form
    """Make the users."""
    for name, email in _USERS:
        number = world.store.next_id("user")
        world.store.create("user", number, {"id": str(number), "full_name": name, "email": email, "status": "active"})


def demo(world: World, drawn: random.Random) -> None:
    """Make a few leads."""
    for first, last, company in _PEOPLE:
        given = {"First_Name": first, "Last_Name": last, "Company": company, "Tag": tags(world, ["tag1"])}
        made(world, "Leads", {**given, "No_of_Employees": drawn.randrange(5, 500)})
