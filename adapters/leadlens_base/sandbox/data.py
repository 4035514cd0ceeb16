"""What a Base account has from the beginning: people, pipelines, sources, reasons, tags, custom fields."""

from __future__ import annotations

import random
from typing import Final

from leadlens.emulation.vendor import World
from leadlens_base.sandbox.fields import define
from leadlens_base.sandbox.metadata import ME, kept, tagged

_DAY: Final = 86_400.0
_USERS: Final = (
    ("Sandra Box", "sandra@example.com", "admin", "active"),
    ("Jürgen Müller", "juergen@example.com", "user", "active"),
    ("Aiko Tanaka", "aiko@example.com", "user", "active"),
    ("Łukasz Wójcik", "lukasz@example.com", "user", "active"),
    ("Noor Haddad", "noor@example.com", "user", "inactive"),
)
_PIPELINES: Final = (
    ("Sales Pipeline", ("Incoming", "Qualified", "Quote", "Closure")),
    ("Partner Programme", ("Introduced", "Agreement")),
    ("Renewals", ("Due", "Negotiation")),
)
_ENDS: Final = (("Won", "won", 100), ("Unqualified", "unqualified", 0), ("Lost", "lost", 0))
_OVER: Final = frozenset(("won", "unqualified", "lost"))
SOURCES: Final = ("Website", "Trade fair", "Referral", "Newsletter", "Cold call")
_DEAL_SOURCES: Final = ("Existing customer", "Referral", "Website", "Trade fair")
_REASONS: Final = {
    "loss_reason": ("Price", "Competitor", "No budget", "Timing"),
    "lead_unqualified_reason": ("Not reachable", "No interest", "Duplicate", "Too small"),
    "deal_unqualified_reason": ("Out of scope", "No decision maker"),
}
TAGS: Final = ("demo", "vip", "trade fair 2025", "newsletter", "à rappeler", "重要")
REGIONS: Final = ("North", "South", "East", "West")
PRODUCTS: Final = ("Ovens", "Mixers", "Display cases", "Service")


def setup(world: World, drawn: random.Random) -> None:
    """Make what every account has, a year before anything else."""
    now, world.now = world.now, world.now - 365 * _DAY
    kept(world, "account", name="Sandbox Ltd", currency="USD", time_format="24H", timezone="UTC", phone=None)
    for name, email, role, status in _USERS:
        kept(world, "user", name=name, email=email, status=status, confirmed=True, role=role, timezone="UTC")
    for name, stages in _PIPELINES:
        _pipeline(world, name, stages)
    for name in SOURCES:
        kept(world, "lead_source", creator_id=ME, name=name, resource_type="lead")
    for name in _DEAL_SOURCES:
        kept(world, "deal_source", creator_id=ME, name=name, resource_type="deal")
    for kind, names in _REASONS.items():
        for name in names:
            kept(world, kind, creator_id=ME, name=name)
    for resource in ("lead", "contact", "deal"):
        tagged(world, resource, list(TAGS))
    _definitions(world)
    world.now = now


def _pipeline(world: World, name: str, stages: tuple[str, ...]) -> None:
    number = kept(world, "pipeline", name=name, disabled=False)["id"]
    begun = [
        (stage, "in_progress" if at else "incoming", 100 * (at + 1) // (len(stages) + 1))
        for at, stage in enumerate(stages)
    ]
    for position, (stage, category, likelihood) in enumerate((*begun, *_ENDS), 1):
        about = {"category": category, "position": position, "likelihood": likelihood, "active": category not in _OVER}
        kept(world, "stage", name=stage, pipeline_id=number, **about)


def _definitions(world: World) -> None:
    """Define custom fields of every type for leads; contacts and deals have most of them, two of another type."""
    define(world, "lead", "External ID", "string")
    define(world, "lead", "Fax (old)", "phone")
    define(world, "lead", "Ships to", "address")
    define(world, "lead", "Consent given", "datetime")
    define(world, "lead", "Budget", "number")
    for resource in ("lead", "contact"):
        define(world, resource, "Region", "list", *REGIONS)
        define(world, resource, "Interested in", "multi_select_list", *PRODUCTS)
        define(world, resource, "Background", "text")
        define(world, resource, "Newsletter", "bool")
        define(world, resource, "Second e-mail", "email")
        define(world, resource, "Shop", "url", for_contact=False)
        define(world, resource, "Birthday", "date", for_company=False)
        define(world, resource, "Internal code", "string", filterable=False)
    define(world, "contact", "External ID", "string")
    define(world, "contact", "Budget", "string")
    define(world, "contact", "Fax (old)", "string")
    define(world, "deal", "External ID", "string")
    define(world, "deal", "Region", "list", *REGIONS[:3])
    define(world, "deal", "Budget", "number")
