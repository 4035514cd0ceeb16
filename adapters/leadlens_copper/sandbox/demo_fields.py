"""Draws single fields of the demo data."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any, Final

from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import customs, days, names
from leadlens_copper.sandbox.names import REGIONS

_DAY: Final = 86_400


class Drawer:
    """Draws from the tables; the same seed draws the same."""

    def __init__(self, world: World, drawn: random.Random) -> None:
        self.world, self.drawn = world, drawn
        kinds = ("customer_source", "contact_type", "loss_reason", "user", "pipeline")
        self._ids = {kind: [number for number, _ in world.store.iterate(kind)] for kind in kinds}
        self._pipelines = [made for _, made in world.store.iterate("pipeline")]
        wanted = ("lead", "person", "company", "opportunity", "project", "task")
        self._definitions = {kind: list(customs.definitions(world, kind).values()) for kind in wanted}
        self._count = 0

    def count(self) -> int:
        """Return the next number, so that addresses differ."""
        self._count += 1
        return self._count

    def chance(self, share: float) -> bool:
        """Say yes in that share of cases."""
        return self.drawn.random() < share

    def region(self) -> int:
        """Return the place of a region in the table; the first ones are more frequent."""
        return self.drawn.choices(range(len(REGIONS)), [12, 6, 8, 4, 5, 4, 3, 2, 2, 3])[0]

    def name(self, at: int) -> tuple[str, str]:
        """Return a whole name, and the same for an e-mail address."""
        region = REGIONS[at]
        given, family = (self._pair(line) for line in (region.given, region.family))
        first, second = (family, given) if region.surname_first else (given, family)
        return f"{first[0]} {second[0]}", f"{given[1]}.{family[1]}"

    def _pair(self, line: str) -> tuple[str, str]:
        native, _, latin = self.drawn.choice(line.split(" ")).partition("=")
        return native, (latin or native).lower().replace("'", "")

    def company(self, at: int) -> tuple[str, str]:
        """Return a company's name, at times written otherwise, and its domain."""
        name, _, domain = self.drawn.choice(REGIONS[at].companies.split(";")).partition("|")
        return (name.upper() if self.chance(0.05) else name), domain

    def address(self, at: int) -> dict[str, str | None]:
        """Return a postal address."""
        city, state, code = self.drawn.choice(REGIONS[at].places.split(";")).split("|")
        street = self.drawn.choice(names.STREETS)
        return {
            "street": street,
            "city": city,
            "state": state or None,
            "postal_code": code,
            "country": REGIONS[at].country,
        }

    def phones(self, at: int) -> list[dict[str, str]]:
        """Return none to three telephone numbers."""
        kinds = self.drawn.sample(("work", "mobile", "home"), self.drawn.choices(range(4), (2, 5, 2, 1))[0])
        calling = REGIONS[at].calling
        return [{"number": f"{calling} 555 {self.drawn.randrange(10_000):04}", "category": kind} for kind in kinds]

    def socials(self, local: str) -> list[dict[str, str]]:
        """Return a profile or none."""
        url = f"https://www.linkedin.com/in/{local.replace('.', '-')}"
        return [{"url": url, "category": "linkedin"}] if self.chance(0.3) else []

    def tags(self) -> list[str]:
        """Return none to three tags."""
        return self.drawn.sample(names.TAGS, self.drawn.choices(range(4), (4, 4, 2, 1))[0])

    def owner(self) -> int | None:
        """Return a user, or nobody."""
        return self.drawn.choice(self._ids["user"]) if self.chance(0.85) else None

    def some(self, kind: str) -> int:
        """Return an id out of one of the account's lists."""
        return self.drawn.choice(self._ids[kind])

    def stage(self) -> tuple[Record, Record]:
        """Return a pipeline and one of its stages."""
        pipeline = self.drawn.choice(self._pipelines)
        return pipeline, self.drawn.choice(pipeline["stages"])

    def day(self) -> str:
        """Return a day of the coming months as the account writes it."""
        at = self.world.now + self.drawn.randrange(10, 200) * _DAY
        return days.written(self.world, datetime.fromtimestamp(int(at), UTC))

    def contacted(self) -> dict[str, Any]:
        """Return the notes of a record's last interaction, or none."""
        if self.chance(0.5):
            return {}
        at = int(self.world.now) + self.drawn.randrange(_DAY)
        return {"interaction_count": self.drawn.randrange(1, 9), "date_last_contacted": at, "_interacted": at}

    def customs(self, kind: str) -> list[dict[str, Any]]:
        """Return values of some of a kind's custom fields."""
        chosen = [definition for definition in self._definitions[kind] if self.chance(0.45)]
        return [{"custom_field_definition_id": each["id"], "value": self._value(each)} for each in chosen]

    def _value(self, definition: Record) -> Any:
        options = [option["id"] for option in definition.get("options", ())]
        kind = definition["data_type"]
        if kind == "Dropdown":
            return self.drawn.choice(options)
        if kind == "MultiSelect":
            return sorted(self.drawn.sample(options, self.drawn.randrange(1, 4)))
        draws: dict[str, Any] = {
            "String": f"{self.drawn.choice(names.CAMPAIGNS)} {self.drawn.randrange(100)}",
            "Text": self.drawn.choice(names.NEEDS),
            "Float": self.drawn.randrange(0, 1000) / 8,
            "Currency": self.drawn.randrange(1_000, 500_000, 500),
            "Percentage": self.drawn.randrange(0, 41),
            "Checkbox": self.chance(0.6),
            "Date": (int(self.world.now) // _DAY + self.drawn.randrange(5, 90)) * _DAY,
            "URL": f"https://portal.example/{self.drawn.randrange(10_000)}",
            "Connect": None,
        }
        return draws[kind]
