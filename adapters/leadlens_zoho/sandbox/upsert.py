"""Upsert: ``POST /Leads/upsert`` (zoho.com/crm/developer/docs/api/v8/upsert-records.html).

Fields are tried in the order given, else the vendor's own first, then the account's unique ones. Unknown [?]: what
happens when several records match (switch ``upsert_several``), and whether a converted lead matches (here it does not).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.asking import CRM, WRITES, allow, items, triggers
from leadlens_zoho.sandbox.dress import refused, refused_item
from leadlens_zoho.sandbox.fields import MODULE_IDS, checked_fields
from leadlens_zoho.sandbox.records import SINGULAR, added, several, told, updated
from leadlens_zoho.sandbox.shape import same


def upsert(world: World, request: Request, module: str) -> Reply:
    """Create or update up to 100 records, each for itself; 201 when all are new, 207 when some are refused."""
    allow(request)
    triggers(request)
    given = items(request, 100, also=(*WRITES, "duplicate_check_fields"))
    by = _by(request, module)
    calls = [partial(_one, world, module, item, by, f"$.data[{n}]") for n, item in enumerate(given)]
    return several(world, calls, lambda done: 201 if all(item["action"] == "insert" for item in done) else 200)


def _by(request: Request, module: str) -> list[str]:
    known, path = checked_fields(module), "$.duplicate_check_fields"
    given = request.json_object().get("duplicate_check_fields", known)
    if not isinstance(given, list) or not given or not all(isinstance(name, str) for name in given):
        details: dict[str, Any] = {
            "expected_data_type": "jsonarray",
            "api_name": "duplicate_check_fields",
            "json_path": path,
        }
        raise refused("INVALID_DATA", "invalid data", unclear=path, **details)
    for place, name in enumerate(given):
        if name not in known:
            where: dict[str, Any] = {"api_name": "duplicate_check_fields", "json_path": f"{path}[{place}]"}
            raise refused("INVALID_DATA", "the field is not unique", unclear=f"{path}[{place}]", **where)
    return given


def _one(world: World, module: str, item: dict[str, Any], by: list[str], base: str) -> dict[str, Any]:
    name, found = _found(world, module, item, by)
    if found is None:
        return told(added(world, module, item, base), "record added") | {"action": "insert", "duplicate_field": None}
    record = updated(world, module, found, item, base)
    return told(record, "record updated") | {"action": "update", "duplicate_field": name}


def _found(world: World, module: str, item: dict[str, Any], by: list[str]) -> tuple[str | None, int | None]:
    for name in by:
        value = item.get(name)
        matches = same(world.store, module, name, value) if isinstance(value, str) else []
        if len(matches) > 1 and world.switches["upsert_several"] == "refused":
            raise refused_item("DUPLICATE_DATA", "duplicate data", **_first(module, name, matches[0][1]))
        if matches:
            return name, matches[-1 if world.switches["upsert_several"] == "newest" else 0][0]
    return None, None


def _first(module: str, name: str, record: Record) -> dict[str, Any]:
    place = {"api_name": module, "id": MODULE_IDS[module]}
    return {"api_name": name, "duplicate_record": {"id": record["id"], "Owner": record["Owner"], "module": place}}


ROUTES = tuple(
    Route("POST", f"{CRM}/{module}/upsert", f"upsert_{name}", partial(upsert, module=module))
    for module, name in SINGULAR.items()
)
