"""``POST /opportunities/bulk_create``: at most 10, each with its own result.

Source: opportunities/bulk-create-opportunities.html.
"""

from __future__ import annotations

from typing import Any, Final

from leadlens.emulation.checking import many, obj, problems
from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.asking import asks_computed, knows
from leadlens_copper.sandbox.crud import COMPUTED, created
from leadlens_copper.sandbox.dress import invalid
from leadlens_copper.sandbox.fields import FIELDS, REQUIRED
from leadlens_copper.sandbox.records import PREFIX, shown
from leadlens_copper.sandbox.writing import fits

LIMIT: Final = 10


def bulk_create(world: World, request: Request) -> Reply:
    """Make what can be made; the results stand in the order of the request."""
    body = request.json_object()
    fits(body, {"opportunities": many(obj)})
    if "opportunities" not in body:
        raise invalid("opportunities is missing")
    if len(body["opportunities"]) > LIMIT:
        raise Refusal(Reply(422, {"error": f"Request size too large, limit is {LIMIT}"}), "opportunities")
    computed = asks_computed(request)
    return Reply(200, [_one(world, item, computed=computed) for item in body["opportunities"]])


def _one(world: World, item: dict[str, Any], *, computed: bool) -> Record:
    try:
        with world.store.attempt():
            return shown(created(world, "opportunity", item), world, computed=computed)
    except Refusal as refusal:
        return {"success": False, "message": _said(item, refusal)}


def _said(item: dict[str, Any], refusal: Refusal) -> dict[str, Any]:
    """Return what is wrong by key, as published; keys other than the name's, and other words, are not recorded [?]."""
    keys = {problem.key for problem in problems(item, FIELDS["opportunity"], REQUIRED["opportunity"])}
    body = refusal.reply.body
    keys = keys or {word for word in str(body["message"]).replace(":", " ").split() if word in item}
    return {key: [{"error": "invalid"}] for key in sorted(keys)} or {"base": [{"error": "invalid"}]}


ROUTES = (
    Route("POST", f"{PREFIX}/opportunities/bulk_create", "bulk_create_opportunities", knows(bulk_create, COMPUTED)),
)
