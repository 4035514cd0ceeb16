"""Subscriptions as plain records; the sandbox opens no connection, so nothing is ever delivered.

Sources: webhooks/overview.html, webhooks/create-new-subscription.html, webhooks/update-a-subscription.html; listing,
reading and deleting are third-party.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, flag, text
from leadlens.emulation.clock import unix
from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.asking import knows
from leadlens_copper.sandbox.dress import error, invalid, not_found
from leadlens_copper.sandbox.records import ID, PREFIX
from leadlens_copper.sandbox.shapes import https, one_of
from leadlens_copper.sandbox.writing import fits

AT_MOST: Final = 100
"""Subscriptions that an account may have."""


def _pairs(value: Any) -> bool:
    return isinstance(value, dict) and all(map(text, value.values()))


_UPDATE: Final[Mapping[str, Check]] = {
    "target": text,
    "secret": _pairs,
    "headers": _pairs,
    "custom_field_computed_values": flag,
}
_CREATE: Final[Mapping[str, Check]] = {
    **_UPDATE,
    "type": one_of("lead", "person", "company", "opportunity", "project", "task", "activity_log"),
    "event": one_of("new", "update", "delete"),
}


def create(world: World, request: Request) -> Reply:
    """``POST /webhooks``: at most 100, to https addresses only."""
    given = request.json_object()
    fits(given, _CREATE, ("target", "type", "event"))
    _reachable(given)
    if world.store.count("webhook") >= AT_MOST:
        raise invalid(f"an account has at most {AT_MOST} subscriptions")
    number = world.store.next_id("webhook")
    extra = {"secret": None, "headers": None, "custom_field_computed_values": False}
    record = {"id": number, **extra, **given, "created_at": unix(world.now)}
    world.store.create("webhook", number, record)
    return Reply(200, record)


def _reachable(given: Mapping[str, Any]) -> None:
    if "target" in given and not https(given["target"]):
        raise Refusal(error(422, "Invalid input: Invalid URI For External Request"), "target")


def _there(world: World, request: Request) -> Record:
    found = world.store.get("webhook", int(request.args["id"]))
    if found is None:
        raise not_found("subscription id")
    return found


def listed(world: World, request: Request) -> Reply:
    """``GET /webhooks``."""
    return Reply(200, [record for _, record in world.store.iterate("webhook")])


def get(world: World, request: Request) -> Reply:
    """``GET /webhooks/{id}``."""
    return Reply(200, _there(world, request))


def update(world: World, request: Request) -> Reply:
    """``PUT /webhooks/{id}``: all but type and event."""
    record, given = _there(world, request), request.json_object()
    fits(given, _UPDATE)
    _reachable(given)
    record |= given
    world.store.replace("webhook", record["id"], record)
    return Reply(200, record)


def delete(world: World, request: Request) -> Reply:
    """``DELETE /webhooks/{id}``."""
    number = _there(world, request)["id"]
    world.store.delete("webhook", number)
    return Reply(200, {"id": number})


ROUTES = (
    Route("POST", f"{PREFIX}/webhooks", "create_webhook", knows(create)),
    Route("GET", f"{PREFIX}/webhooks", "list_webhooks", knows(listed), search=True),
    Route("GET", f"{PREFIX}/webhooks/{ID}", "get_webhook", knows(get)),
    Route("PUT", f"{PREFIX}/webhooks/{ID}", "update_webhook", knows(update)),
    Route("DELETE", f"{PREFIX}/webhooks/{ID}", "delete_webhook", knows(delete)),
)
