"""The fields of a Zoho account: ``GET /settings/fields`` (zoho/crm-oas, the vendor's own description of v8).

The same call stands in all versions since v2; whether its replies differ before v8 is unknown [?].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.builtin import attributes
from leadlens.catalogue import Definition, FieldType, Option
from leadlens.errors import UsageError
from leadlens.flow import Call, Flow
from leadlens.model import JSON
from leadlens.operations import answered, read
from leadlens_zoho.asking import MODULES, module, rows
from leadlens_zoho.crosswalks import crosswalks
from leadlens_zoho.custom import TYPES
from leadlens_zoho.versions import Version, since

_KINDS: Final = {name: kind for kind, name in MODULES.items()}
_TEXTS: Final = frozenset(("text", "long_text", "email", "phone", "url"))
_NUMBERS: Final = frozenset(("number", "currency", "percent"))
_COMPUTED: Final = frozenset(("formula", "rollup_summary"))
_NONE: Final = "-None-"
"""The option that stands for no option."""


def definitions(version: Version, kind: str) -> Flow[tuple[Definition, ...]]:
    """Return the fields of a kind of records; those that the account hides are not among them."""
    path, asked = f"/crm/{version}/settings/fields", {"module": module(kind)}
    reply = yield read("list_definitions", "GET", path, query=asked)
    held = attributes(crosswalks(version)[kind])
    with answered("zoho", reply):
        shown = [wire for wire in rows(reply, "fields") if wire.get("visible") is not False]
        return tuple(_definition(kind, wire, held) for wire in shown)


def _definition(kind: str, wire: Mapping[str, Any], held: Mapping[str, str]) -> Definition:
    name, own, sort = wire["api_name"], wire.get("custom_field") is True, _type(wire)
    options = [option for option in wire.get("pick_list_values") or () if option["actual_value"] != _NONE]
    return Definition(
        kind=kind,
        id=None,
        name=wire.get("display_label") or wire.get("field_label") or name,
        key=name,
        type=sort,
        wire_type=wire["data_type"],
        options=tuple(_option(option) for option in options),
        custom=own,
        attribute=None if own else held.get(name),
        required=wire.get("system_mandatory") is True,
        unique=bool(wire.get("unique")),
        read_only=_is_read_only(wire),
        searchable=wire.get("searchable") is True or wire.get("filterable") is True,
        max_length=wire.get("length") if sort in _TEXTS else None,
        decimals=wire.get("decimal_place") if sort in _NUMBERS else None,
        refers_to=_refers_to(wire),
    )


def _type(wire: Mapping[str, Any]) -> FieldType:
    """Return the neutral type of a field; a computed one is of the type that it returns."""
    name = wire["data_type"]
    if name in _COMPUTED:
        name = (wire.get(name) or {}).get("return_type")
    return TYPES.get(name, "unknown")


def _option(wire: Mapping[str, Any]) -> Option:
    return Option(name=wire["actual_value"], active=wire.get("type") != "unused")


def _is_read_only(wire: Mapping[str, Any]) -> bool:
    computed = wire["data_type"] in _COMPUTED or wire["data_type"] == "autonumber"
    return computed or wire.get("read_only") is True or wire.get("field_read_only") is True


def _refers_to(wire: Mapping[str, Any]) -> str | None:
    if wire["data_type"] in ("ownerlookup", "userlookup"):
        return "user"
    found = ((wire.get("lookup") or {}).get("module") or {}).get("api_name")
    return None if found is None else _KINDS.get(found, found)


# --- making a field --------------------------------------------------------------------------------------------------

_MADE_AS: Final[Mapping[FieldType, str]] = {
    "text": "text", "long_text": "textarea", "url": "website", "email": "email", "phone": "phone",
    "whole": "integer", "number": "double", "currency": "currency", "percent": "percent", "date": "date",
    "datetime": "datetime", "boolean": "boolean", "picklist": "picklist", "multi_select": "multiselectpicklist",
}  # fmt: skip
"""The type with which a field is made (docs/api/v8/create-custom-field.html; pages of v6 and v7 say the same)."""


def define(version: Version, definition: Definition) -> Flow[None]:
    """Make a field of the account's own: ``POST /settings/fields?module=`` (docs/api/v8/create-custom-field.html)."""
    if not since(version, "v6"):
        raise UsageError(f"Zoho makes fields from v6 on; this account is used with {version}")
    if definition.type not in _MADE_AS:
        raise UsageError(f"Zoho has no field of the type {definition.type}; {definition.name!r} cannot be made there")
    wire: dict[str, JSON] = {"field_label": definition.name, "data_type": _MADE_AS[definition.type]}
    if definition.options:
        options = [{"display_value": option.name, "actual_value": option.name} for option in definition.options]
        wire["pick_list_values"] = options
    asked, body = {"module": module(definition.kind)}, {"fields": [wire]}
    path = f"/crm/{version}/settings/fields"
    reply = yield Call("define", "before", "POST", path, asked, body, why="make the field")
    with answered("zoho", reply):
        if rows(reply, "fields")[0]["code"] != "SUCCESS":
            raise KeyError("code")


def offer(version: Version, definition: Definition, names: tuple[str, ...]) -> Flow[None]:
    """Add options to a picklist that is there: ``PATCH /settings/fields/{id}`` (docs/api/v7/update-custom-fields.html).

    The page's sample adds the options that it names and keeps the others; the call stands since v6. A field of a global
    picklist shares its options with others, and is left alone.
    """
    if not since(version, "v6"):
        raise UsageError(f"Zoho changes fields from v6 on; this account is used with {version}")
    asked = {"module": module(definition.kind)}
    path = f"/crm/{version}/settings/fields"
    reply = yield read("list_definitions", "GET", path, query=asked)
    with answered("zoho", reply):
        found = [wire for wire in rows(reply, "fields") if wire["api_name"] == definition.key]
        known = {option["actual_value"] for wire in found for option in wire.get("pick_list_values") or ()}
        number = str(found[0]["id"]) if found else ""
    if not number or found[0]["data_type"] not in ("picklist", "multiselectpicklist"):
        raise UsageError(f"{definition.name!r} is no picklist of this account any more; draft the mapping again")
    if found[0].get("global_picklist"):
        told = f"{definition.name!r} shares its options with other fields (a global picklist); add them in Zoho"
        raise UsageError(f"{told}, then draft the mapping again")
    new: list[JSON] = [{"display_value": name, "actual_value": name} for name in names if name not in known]
    if not new:
        return
    body: JSON = {"fields": [{"pick_list_values": new}]}
    reply = yield Call("offer", "before", "PATCH", f"{path}/{number}", asked, body, why="add the options")
    with answered("zoho", reply):
        if rows(reply, "fields")[0]["code"] != "SUCCESS":
            raise KeyError("code")
