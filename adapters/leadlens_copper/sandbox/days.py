"""Days as Copper writes them: month or day first, by the account's setting, without leading zeros."""

from __future__ import annotations

from datetime import UTC, datetime

from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.dress import invalid


def plain(world: World, text: str) -> str:
    """Return a day as the account writes it; raises what refuses one that is none."""
    found = _read(world, text)
    if found is None:
        raise invalid("close_date is no day")
    return written(world, found)


def written(world: World, instant: datetime) -> str:
    """Return an instant's day as the account writes it."""
    first, second = instant.month, instant.day
    if world.switches["close_date"] == "day_first":
        first, second = second, first
    return f"{first}/{second}/{instant.year}"


def unix_day(world: World, text: str) -> int:
    """Return the beginning of a day, in Unix seconds UTC."""
    found = _read(world, text)
    assert found is not None, "what is kept was read before"
    return int(found.timestamp())


def _read(world: World, text: str) -> datetime | None:
    first, second, year = map(int, text.split("/"))
    if world.switches["close_date"] == "day_first":
        first, second = second, first
    try:
        return datetime(year, first, second, tzinfo=UTC)
    except ValueError:
        return None
