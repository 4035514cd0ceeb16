"""``PUT /leads/upsert``: no match creates, one is updated, several are refused (leads/upsert-a-lead.html).

E-mails are compared without regard to case, names exactly [?].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, anything, flag, integer, number, obj, text
from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import customs
from leadlens_copper.sandbox.asking import asks_computed, knows
from leadlens_copper.sandbox.crud import COMPUTED, created, updated
from leadlens_copper.sandbox.dress import error, invalid
from leadlens_copper.sandbox.records import PREFIX, shown
from leadlens_copper.sandbox.shapes import either, ident, one_of
from leadlens_copper.sandbox.writing import fits

MANY: Final = 30
"""With more matches than this their ids are not told."""

_MATCH: Final[Mapping[str, Check]] = {"field_name": one_of("email", "name", "custom"), "field_value": anything}
_CUSTOM: Final[Mapping[str, Check]] = {
    "custom_field_definition_id": ident,
    "value": either(text, flag, integer, number),
}


def upsert(world: World, request: Request) -> Reply:
    """Create or update the lead that matches, in one step; the reply does not say which."""
    body = request.json_object()
    fits(body, {"properties": obj, "match": obj})
    properties, match = body.get("properties"), body.get("match")
    if not isinstance(properties, dict) or not isinstance(match, dict):
        raise invalid("properties and match are missing")
    found = _matching(world, match)
    if len(found) > 1:
        raise _clash(world, [record["id"] for record in found])
    lead = updated(world, "lead", found[0], properties) if found else created(world, "lead", properties)
    return Reply(200, shown(lead, world, computed=asks_computed(request)))


def _matching(world: World, match: Mapping[str, Any]) -> list[Record]:
    fits(match, _MATCH, ("field_name", "field_value"))
    name, value = match["field_name"], match["field_value"]
    if name == "custom":
        found = _by_custom(world, value)
    elif isinstance(value, str):
        found = world.store.find("lead", name, value.casefold() if name == "email" else value)
    else:
        raise invalid("field_value is of the wrong type")
    seen = world.switches["upsert_converted"] == "seen"
    return [record for _, record in found if seen or not record["converted_at"]]


def _by_custom(world: World, asked: Any) -> list[tuple[int, Record]]:
    if not isinstance(asked, dict):
        raise invalid("field_value is of the wrong type")
    fits(asked, _CUSTOM, ("custom_field_definition_id", "value"))
    number_, value = asked["custom_field_definition_id"], asked["value"]
    definition = customs.definitions(world, "lead").get(number_)
    if definition is None or not definition.get("is_filterable"):
        raise invalid(f"custom_field_definition_id {number_} is not a filter of leads")
    return [pair for pair in world.store.iterate("lead") if _same(customs.values(pair[1]).get(number_), value)]


def _same(kept: Any, asked: Any) -> bool:
    if isinstance(kept, list):
        return asked in kept
    return kept is not None and isinstance(kept, bool) is isinstance(asked, bool) and bool(kept == asked)


def _clash(world: World, found: list[int]) -> Refusal:
    """Return the refusal of several matches; that ids are told up to 30 is documented, the body is not [?]."""
    if len(found) > MANY:
        return Refusal(error(422, f"More than {MANY} leads match"), "match")
    if world.switches["upsert_clash"] == "list":
        return Refusal(error(422, {"match": [{"error": "ambiguous", "ids": found}]}), "match")
    return Refusal(error(422, f"Multiple leads match: {', '.join(map(str, found))}"), "match")


ROUTES = (Route("PUT", f"{PREFIX}/leads/upsert", "upsert_lead", knows(upsert, COMPUTED)),)
