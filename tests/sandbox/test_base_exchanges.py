"""Every documented exchange of Base replays: the same call in the same state gets the same reply."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.contracts import SPECS
from tests.sandbox.base_calls import hold

from leadlens.emulation.clock import VirtualClock
from leadlens.emulation.vendor import World
from leadlens.sandbox import Sandbox
from leadlens_base.sandbox.metadata import kept
from leadlens_base.sandbox.records import made

REAL = "https://api.getbase.com"


def before_convert(world: World) -> None:
    """Make the sample's lead 2, its user 7 and two contacts that were there."""
    for _ in range(2):
        kept(world, "user", name="A", email="a@example.com", status="active", confirmed=True, role="user")
        made(world, "lead", {"last_name": "A", "organization_name": "B"})
        made(world, "contact", {"last_name": "A"})


def before_list(world: World) -> None:
    """Put the sample's conversions there, and older ones: it leads on to a next page, which takes more than 25."""
    sample = exchange("list_lead_conversions")["reply"]["body"]["items"]
    for item in sample:
        number = item["data"]["id"]
        world.store.create("conversion", number + 24, item["data"])
    for number in range(1, 25):
        world.store.create("conversion", number, sample[1]["data"])


STATES = {"convert_lead": before_convert, "list_lead_conversions": before_list}


def exchange(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SPECS / "base" / "exchanges" / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", sorted(path.stem for path in (SPECS / "base" / "exchanges").glob("*.json")))
def test_an_exchange_replays(name: str) -> None:
    """To the byte of its JSON, but for the host in links, and the sample list's own cut after two of 25."""
    sample = exchange(name)
    told = sample["reply"]["body"]
    first = told.get("data") or told["items"][0]["data"]
    clock = VirtualClock(datetime.fromisoformat(first["created_at"]).timestamp(), step=0)
    with Sandbox(data="empty", vendors=["base"], clock=clock) as sandbox:
        with sandbox.world("base") as world:
            STATES[name](world)
        request = sample["request"]
        url = f"{sandbox.root('base')}{request['path']}"
        reply = sandbox.session("base").request(request["method"], url, params=request["query"], json=request["body"])
        hold(reply, request["method"], request["body"])
        assert reply.status_code == sample["reply"]["status"]
        given = json.loads(reply.text.replace(sandbox.root("base"), REAL))
    if name == "list_lead_conversions":
        given, told = cut(given), cut(told)
    assert given == told


def cut(page: dict[str, Any]) -> dict[str, Any]:
    """Keep what a page can have in common with the sample: its first items, and how it leads on."""
    parts = urlsplit(page["meta"]["links"]["next_page"])
    onward = {"place": parts[:3], "query": sorted(parse_qs(parts.query)), "size": parse_qs(parts.query)["per_page"]}
    return {"items": page["items"][:2], "type": page["meta"]["type"], "onward": onward}
