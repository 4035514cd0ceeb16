"""What a Copper account has set up from the beginning: users, lists, pipelines, custom field definitions.

Ids and names of lead statuses, customer sources, contact types and pipelines are those of the published samples.
"""

from __future__ import annotations

import random
from typing import Final

from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World

_ALL: Final = ("lead", "person", "company", "opportunity", "project", "task")
_SALES: Final = ("lead", "person", "company", "opportunity")
_USERS: Final = (
    ("Sam Sales", "sales@example.com", "Sales"),
    ("Inês Carvalho", "ines@example.com", "Sales"),
    ("Björn Lindqvist", "bjorn@example.com", "Sales"),
    ("王小明", "xiaoming@example.com", "Asia"),
    ("Nadia El-Amin", "nadia@example.com", "Partners"),
)
_NAMED: Final = {
    "customer_source": ("Email", "Cold Call", "Advertising", "Trade Fair", "Referral", "Web Form"),
    "contact_type": ("Potential Customer", "Current Customer", "Uncategorized", "Other"),
    "loss_reason": ("Price", "Features", "Competitor", "No Budget", "No Answer"),
}
_STATUSES: Final = ("New", "Open", "Unqualified", "Junk")
_PIPELINES: Final = (
    (
        "Sales",
        False,
        "Qualified 5, Follow-up 10, Presentation 20, Contract Sent 40, Negotiation 80",
    ),
    ("Business Development", True, "First Meeting 10, Partner Meeting 25, Negotiation 50, Term Sheet 75"),
    ("Renewals", True, "Due 60, Offer Sent 75, Signature 95"),
)
_DEFINITIONS: Final = (
    ("Campaign", "String", _SALES, ()),
    ("Score", "Float", ("lead", "person"), ()),
    ("Notes on Needs", "Text", _ALL, ()),
    ("Industry", "Dropdown", _SALES, ("Bakery", "Logistics", "Software", "Health", "Construction", "Retail")),
    ("Interests", "MultiSelect", ("lead", "person", "task"), ("Starter", "Team", "Enterprise", "Training", "Support")),
    ("Decision By", "Date", ("lead", "opportunity", "project"), ()),
    ("Newsletter", "Checkbox", ("lead", "person"), ()),
    ("Portal", "URL", ("lead", "company"), ()),
    ("Discount", "Percentage", ("lead", "opportunity"), ()),
    ("Annual Budget", "Currency", _SALES, ()),
    ("Customer Number", "String", ("lead", "company"), ()),
    ("Parent Company", "Connect", ("company",), ()),
    ("Fiscal Year End", "Date", ("company",), ()),
)
_PLAIN_TEXT: Final = frozenset(("Text", "URL", "Connect"))


def setup(world: World, drawn: random.Random) -> None:
    """Make the account."""
    number = world.store.next_id("account")
    settings = {"setting_team_permissions_enabled": True, "setting_enable_leads": True}
    zone = {"primary_timezone": "America/New_York", "settings": settings}
    world.store.create("account", number, {"id": number, "name": "Sandbox Trading", **zone})
    _users(world)
    for kind, names in _NAMED.items():
        for name in names:
            _keep(world, kind, {"name": name})
    for order, name in enumerate(_STATUSES, 1):
        _keep(world, "lead_status", {"name": name, "order": order, "is_default": order == 1})
    for name, revenue, stages in _PIPELINES:
        more = {"stages": _stages(world, stages), "type": "opportunity", "is_revenue": revenue}
        _keep(world, "pipeline", {"name": name, **more})
    for definition in _DEFINITIONS:
        _define(world, *definition)


def _keep(world: World, kind: str, given: Record) -> None:
    number = world.store.next_id(kind)
    world.store.create(kind, number, {"id": number, **given})


def _users(world: World) -> None:
    teams = {team: number for number, team in enumerate(dict.fromkeys(team for _, _, team in _USERS), 1)}
    for name, email, team in _USERS:
        _keep(world, "user", {"name": name, "email": email, "groups": [{"id": teams[team], "name": team}]})


def _stages(world: World, line: str) -> list[Record]:
    pairs = [stage.rpartition(" ") for stage in line.split(", ")]
    return [{"id": world.store.next_id("stage"), "name": name, "win_probability": int(p)} for name, _, p in pairs]


def _define(world: World, name: str, kind: str, where: tuple[str, ...], options: tuple[str, ...]) -> None:
    """Make a definition; long texts, addresses and connections are no filters."""
    given: Record = {
        "name": name,
        "canonical_name": None,
        "data_type": kind,
        "available_on": list(where),
        "is_filterable": kind not in _PLAIN_TEXT,
    }
    if options:
        ranked = enumerate(options, 1)
        given["options"] = [{"id": world.store.next_id("option"), "name": one, "rank": rank} for rank, one in ranked]
    if kind == "Currency":
        given["currency"] = "USD"
    if kind == "Connect":
        given |= {"connected_id": None, "relationship_type": "company"}
    _keep(world, "definition", given)
