"""``POST /settings/fields?module=``: an account gets a new field, from v6 on.

Sources: docs/api/v6 to v8, create-custom-field.html (``field_label`` and ``data_type`` are mandatory, a label is
unique); help.zoho.com, Kaizen 205 (options have ``display_value`` and ``actual_value``; the reply); statuses and
refusals: zoho/crm-oas, fields of v8. Not recorded [?]: how an api name follows from a label (here its words with
underscores), how many fields a call takes (five, as an update), what becomes of the others when one is refused
(nothing is made), lengths that are not given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from leadlens.emulation.checking import integer, text
from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.asking import CRM_V6, allow, needed, wrong
from leadlens_zoho.sandbox.dress import failure, refused
from leadlens_zoho.sandbox.fields import FIELDS, MODULES, Field

_MOST: Final = 5
_LENGTHS: Final[Mapping[str, int | None]] = {
    "text": 255, "textarea": 2000, "email": 100, "phone": 30, "website": 255, "integer": None, "bigint": None,
    "double": None, "currency": None, "percent": None, "date": None, "datetime": None, "boolean": None,
    "picklist": None, "multiselectpicklist": None,
}  # fmt: skip
"""The types that are made here, with the length of a text when none is given."""
CHOSEN: Final = ("picklist", "multiselectpicklist")
_KEYS: Final = ("field_label", "data_type", "length", "pick_list_values")
_OPTION: Final = ("display_value", "actual_value")


def fields_of(world: World, module: str) -> Mapping[str, Field]:
    """Return the fields of a module by api name, with all options: those of every account, and those that were made."""
    made = [record for _, record in world.store.iterate("field") if record["module"] == module]
    offered = [record for _, record in world.store.iterate("offered") if record["module"] == module]
    if not made and not offered:
        return FIELDS[module]
    found = {**FIELDS[module], **{record["name"]: _field(record) for record in made}}
    for record in offered:
        found[record["name"]] = attrs.evolve(found[record["name"]], options=tuple(record["options"]))
    return found


def _field(record: Record) -> Field:
    plain = {key: record[key] for key in ("name", "kind", "length", "label", "number")}
    return Field(**plain, custom=True, options=tuple(record["options"]))


def create(world: World, request: Request) -> Reply:
    """Make one to five fields, or none."""
    allow(request, "module")
    module = needed(request, "module")
    if module not in MODULES:
        raise wrong("module")
    with world.store.attempt():
        made = [_made(world, module, item, f"$.fields[{place}]") for place, item in enumerate(fields_asked(request))]
    done = [
        {"code": "SUCCESS", "details": {"id": one}, "message": "field created", "status": "success"} for one in made
    ]
    return Reply(201, {"fields": done})


def fields_asked(request: Request) -> list[Any]:
    """Return the fields of a request: one to five."""
    body = request.json_object()
    for key in body:
        if key != "fields":
            raise refused("INVALID_DATA", "invalid data", unclear=f"$.{key}", api_name=key, json_path=f"$.{key}")
    if "fields" not in body:
        raise refused("MANDATORY_NOT_FOUND", "required field not found", api_name="fields", json_path="$.fields")
    found = body["fields"]
    if not isinstance(found, list) or not found:
        raise refused("INVALID_DATA", "invalid data", unclear="fields", api_name="fields", json_path="$.fields")
    if len(found) > _MOST:
        where = [{"api_name": "fields", "json_path": "$.fields"}]
        raise refusal("LIMIT_EXCEEDED", "too many fields", limit=_MOST, limit_due_to=where)
    return found


def refusal(code: str, message: str, **details: Any) -> Refusal:
    """Return a refusal of a field."""
    return Refusal(Reply(400, {"fields": [failure(code, message, **details)]}), str(details.get("json_path", "")))


def bad(name: str, path: str, **more: Any) -> Refusal:
    """Return the refusal of what does not fit, with its place."""
    return refusal("INVALID_DATA", "invalid data", api_name=name, json_path=path, **more)


def _made(world: World, module: str, item: Any, base: str) -> str:
    """Check and make one field; return its id."""
    if not isinstance(item, dict):
        raise bad("fields", base, expected_data_type="jsonobject")
    for key in item:
        if key not in _KEYS:
            raise bad(key, f"{base}.{key}")
    for key in ("field_label", "data_type"):
        if item.get(key) is None:
            details = {"api_name": key, "json_path": f"{base}.{key}"}
            raise refusal("MANDATORY_NOT_FOUND", "required field not found", **details)
    label, kind = item["field_label"], item["data_type"]
    if not text(label) or not label.strip():
        raise bad("field_label", f"{base}.field_label", expected_data_type="text")
    if not text(kind) or kind not in _LENGTHS:
        raise bad("data_type", f"{base}.data_type")
    known = fields_of(world, module)
    if any(label.casefold() == _label(field).casefold() for field in known.values()):
        where = {"api_name": "field_label", "json_path": f"{base}.field_label"}
        raise refusal("DUPLICATE_DATA", "duplicate data", **where)
    number = world.store.next_id("field")
    record: Record = {
        "module": module, "label": label, "name": _api_name(label, known), "kind": kind, "number": str(number),
        "length": _length(item, kind, base), "options": _options(item, kind, base),
    }  # fmt: skip
    world.store.create("field", number, record)
    return str(number)


def _label(field: Field) -> str:
    return field.label or field.name.replace("__s", "").replace("_", " ")


def _api_name(label: str, known: Mapping[str, Field]) -> str:
    words = re.findall(r"[A-Za-z0-9]+", label)
    name = "_".join(words)
    if not re.match("[A-Za-z]", name):
        name = f"Field_{name}".rstrip("_")
    name = found = name[0].upper() + name[1:]
    place = 0
    while found in known:
        place += 1
        found = f"{name}_{place}"
    return found


def _length(item: Mapping[str, Any], kind: str, base: str) -> int | None:
    given, most = item.get("length"), _LENGTHS[kind]
    if given is None or most is None:
        return most
    if not integer(given) or not 1 <= given <= (32_000 if kind == "textarea" else most):
        raise bad("length", f"{base}.length")
    return int(given)


def _options(item: Mapping[str, Any], kind: str, base: str) -> list[str]:
    given, path = item.get("pick_list_values"), f"{base}.pick_list_values"
    if kind not in CHOSEN:
        if given is not None:
            raise bad("pick_list_values", path)
        return []
    return names_of(given, path)


def names_of(given: Any, path: str) -> list[str]:
    """Return the names of options that are given to a field."""
    if not isinstance(given, list) or not given:
        raise bad("pick_list_values", path, expected_data_type="jsonarray")
    for place, option in enumerate(given):
        if not isinstance(option, dict) or set(option) != set(_OPTION) or not all(map(text, option.values())):
            raise bad("pick_list_values", f"{path}[{place}]", expected_data_type="jsonobject")
    names = [option["actual_value"] for option in given]
    if len(set(names)) < len(names) or not all(name.strip() for name in names):
        raise bad("actual_value", path)
    return names


ROUTES = (
    Route("POST", f"{CRM_V6}/settings/fields", "create_fields", create),
)  # fmt: skip
