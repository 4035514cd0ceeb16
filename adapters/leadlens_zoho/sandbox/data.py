"""What a Zoho CRM account has from the beginning."""

from __future__ import annotations

import random

from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.demo import add_user, demo
from leadlens_zoho.sandbox.fields import ROLES
from leadlens_zoho.sandbox.names import USERS

__all__ = ["demo", "setup"]


def setup(world: World, drawn: random.Random) -> None:
    """Make the organisation, the users and the roles of contacts; fields and pipelines are always the same."""
    number = world.store.next_id("org")
    company = {"company_name": "Sandbox Trading", "primary_email": "patricia.boyle@example.com", "mc_status": False}
    money = {"currency": "US Dollar", "iso_code": "USD", "currency_symbol": "$", "currency_locale": "en_US"}
    place = {"time_zone": "Etc/UTC", "country_code": "US", "zgid": "50000001"}
    world.store.create("org", number, {"id": str(number), **company, **money, **place})
    for who in USERS[:2]:
        add_user(world, *who)
    for place_, name in enumerate(ROLES, 1):
        role = world.store.next_id("role")
        world.store.create("role", role, {"id": str(role), "name": name, "sequence_number": place_})
