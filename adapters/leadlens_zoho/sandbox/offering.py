"""``PATCH /settings/fields/{id}?module=``: a picklist gets more options, from v6 on.

Source: docs/api/v7/update-custom-fields.html, *Sample input to add a new option to the picklist field* (the options
that are given are added; the call stands since v6), which names DUPLICATE_DATA for an option that is there. Of what
the call can change, options are emulated, and nothing else. Not recorded [?]: several fields in a call on one field
(refused here), options of stages and pipelines (refused here: they have calls of their own).
"""

from __future__ import annotations

from typing import Any, Final

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.asking import CRM_V6, ID, allow, needed, wrong
from leadlens_zoho.sandbox.dress import refused
from leadlens_zoho.sandbox.fields import MODULES, OPTIONS, Field, ids_of
from leadlens_zoho.sandbox.making import CHOSEN, bad, fields_asked, fields_of, names_of, refusal

_AT: Final = "$.fields[0]"


def update(world: World, request: Request) -> Reply:
    """Add options to one field."""
    allow(request, "module")
    module = needed(request, "module")
    if module not in MODULES:
        raise wrong("module")
    number = request.args["id"]
    field = next((one for one in fields_of(world, module).values() if _number(module, one) == number), None)
    if field is None:
        raise refused("INVALID_DATA", "the id given seems to be invalid", unclear="field id", resource_path_index=2)
    given = fields_asked(request)
    if len(given) > 1:
        raise bad("fields", "$.fields")
    _offer(world, module, field, _asked(field, given[0]))
    done = {"code": "SUCCESS", "details": {"id": number}, "message": "field updated", "status": "success"}
    return Reply(200, {"fields": [done]})


def _number(module: str, field: Field) -> str:
    return field.number or ids_of(module)[field.name]


def _asked(field: Field, item: Any) -> list[str]:
    if not isinstance(item, dict):
        raise bad("fields", _AT, expected_data_type="jsonobject")
    for key in item:
        if key not in {"id", "pick_list_values"}:
            raise bad(key, f"{_AT}.{key}")
    if field.kind not in CHOSEN:
        raise bad("pick_list_values", f"{_AT}.pick_list_values")
    return names_of(item.get("pick_list_values"), f"{_AT}.pick_list_values")


def _offer(world: World, module: str, field: Field, names: list[str]) -> None:
    there = list(field.options or OPTIONS.get(field.name, ()))
    for place, name in enumerate(names):
        if name.casefold() in {one.casefold() for one in there}:
            at = f"{_AT}.pick_list_values[{place}].display_value"
            raise refusal("DUPLICATE_DATA", "duplicate data", api_name="display_value", json_path=at)
    record: Record = {"module": module, "name": field.name, "options": [*there, *names]}
    where = {"module": module, "name": field.name}
    known = next((n for n, one in world.store.iterate("offered") if where.items() <= one.items()), None)
    if known is None:
        world.store.create("offered", world.store.next_id("offered"), record)
    else:
        world.store.replace("offered", known, record)


ROUTES = (
    Route("PATCH", f"{CRM_V6}/settings/fields/{ID}", "update_field", update),
)  # fmt: skip
