"""The fields of a Copper account: the layout of a kind of records, and the account's own definitions.

Sources: developer.copper.com, custom-fields/general/list-custom-field-definitions.html (types, options, which can be
filtered by) and field-layouts/list-field-layout-by-entity-type.html (which are required). An account that does not
show its layouts still tells its definitions; what is required then is what Copper itself requires.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from leadlens.builtin import built_in
from leadlens.catalogue import Definition, FieldType, Option
from leadlens.errors import NotFoundError, NotPermittedError, UsageError
from leadlens.flow import Call, Flow, Reply
from leadlens.model import JSON
from leadlens.operations import answered, read
from leadlens_copper.crosswalks import crosswalks
from leadlens_copper.custom import TEXT_LENGTH, TYPES
from leadlens_copper.reading import BASE, incomplete, resource

_ENTITIES: Final[Mapping[str, str]] = {
    "lead": "lead", "contact": "person", "company": "company", "deal": "opportunity",
}  # fmt: skip
_CONNECTED: Final = {"lead": "lead", "person": "contact", "company": "company", "opportunity": "deal"}
_WIRE_KEYS: Final[Mapping[str, str]] = {
    "full_name": "name", "primary_organization": "company_id", "related_organization": "company_id",
    "contact_group_id": "contact_type_id", "assignee": "assignee_id", "phones": "phone_numbers",
    "related_contact": "primary_contact_id", "primary_contact": "primary_contact_id", "deal_date": "close_date",
    "stage_id": "pipeline_stage_id", "created_date": "date_created",
}  # fmt: skip
"""What records call a field of a layout, where that is something else."""


def definitions(kind: str) -> Flow[tuple[Definition, ...]]:
    """Return the fields of a kind of records.

    Layouts of opportunities belong to pipelines: a field is required where one of them requires it.
    """
    path = resource(kind)
    layout = yield from _layout(kind, path.rpartition("/")[2])
    reply = yield read("list_definitions", "GET", f"{BASE}/custom_field_definitions")
    with answered("copper", reply):
        wires = [wire for wire in _items(reply) if _ENTITIES[kind] in wire["available_on"]]
        own = tuple(_own(kind, wire, layout) for wire in wires)
    return (*_standard(kind, layout), *own)


def _layout(kind: str, entity: str) -> Flow[dict[str, Mapping[str, Any]]]:
    """Return the fields of the layouts of a kind by the keys that records have for them; empty if none is shown."""
    found: dict[str, Mapping[str, Any]] = {}
    try:
        for asked in (yield from _pipelines(kind)):
            path = f"{BASE}/field_layouts/by_entity/{entity}"
            reply = yield read("field_layout", "GET", path, query=asked)
            with answered("copper", reply):
                for item in _items(reply):
                    key = _WIRE_KEYS.get(item["field_key"], item["field_key"])
                    required = item["required"] is True or (key in found and found[key]["required"])
                    found[key] = {"name": item["field_label"], "required": required}
    except (NotFoundError, NotPermittedError):
        return {}
    return found


def _pipelines(kind: str) -> Flow[list[dict[str, int]]]:
    """Return what to ask for layouts with: nothing, or the id of each pipeline."""
    if kind != "deal":
        return [{}]
    reply = yield read("list_pipeline", "GET", f"{BASE}/pipelines")
    with answered("copper", reply):
        return [{"pipeline_id": pipeline["id"]} for pipeline in _items(reply)]


def _items(reply: Reply) -> list[Any]:
    if not isinstance(reply.body, list):
        raise incomplete(reply, "undocumented")
    return reply.body


def _standard(kind: str, layout: Mapping[str, Mapping[str, Any]]) -> Iterator[Definition]:
    """Yield the fields that every account has, with the labels and the flags of this account's layout."""
    for field in built_in(kind, crosswalks()[kind]):
        told = layout.get(field.key)
        if told is None:
            yield field
        else:
            yield attrs.evolve(field, name=told["name"], required=field.required or told["required"])


def _own(kind: str, wire: Mapping[str, Any], layout: Mapping[str, Mapping[str, Any]]) -> Definition:
    told = layout.get(f"cf_{wire['id']}", {})
    options = sorted(wire.get("options") or (), key=lambda option: option.get("rank", 0))
    return Definition(
        kind=kind,
        id=str(wire["id"]),
        name=wire["name"],
        key=str(wire["id"]),
        type=TYPES.get(wire["data_type"], "unknown"),
        wire_type=wire["data_type"],
        options=tuple(Option(name=option["name"], id=str(option["id"])) for option in options),
        required=told.get("required") is True,
        searchable=wire.get("is_filterable") is True,
        max_length=TEXT_LENGTH if wire["data_type"] == "String" else None,
        refers_to=_CONNECTED.get(wire.get("relationship_type") or ""),
    )


UNOFFERED: Final = (
    "replaces all options of a field when it is sent new ones, and does not promise that those that are there keep the "
    "ids by which records hold them"
)
"""Why options are not added to a field (custom-fields/general/update-an-existing-custom-field-definition.html).

Its sample sends the names of all options, and the reply gives each an id; whether they are the old ones is unknown [?].
"""


# --- making a field --------------------------------------------------------------------------------------------------

_MADE_AS: Final[Mapping[FieldType, str]] = {
    "text": "String", "email": "String", "phone": "String", "long_text": "Text", "url": "URL", "whole": "Float",
    "number": "Float", "currency": "Currency", "percent": "Percentage", "boolean": "Checkbox", "date": "Date",
    "picklist": "Dropdown", "multi_select": "MultiSelect",
}  # fmt: skip
"""The type with which a field is made (custom-fields/general/create-a-new-custom-field-definition.html)."""
_LEAST: Final[Mapping[FieldType, int]] = {"picklist": 1, "multi_select": 2}


def define(definition: Definition) -> Flow[None]:
    """Make a field of the account's own (custom-fields/general/create-a-new-custom-field-definition.html)."""
    body = _made(definition)
    reply = yield Call("define", "before", "POST", f"{BASE}/custom_field_definitions", {}, body, why="make the field")
    with answered("copper", reply):
        str(reply.body["id"])


def _made(definition: Definition) -> dict[str, JSON]:
    if definition.type not in _MADE_AS:
        raise UsageError(f"Copper has no field of the type {definition.type}; {definition.name!r} cannot be made there")
    least = _LEAST.get(definition.type, 0)
    if len(definition.options) < least:
        raise UsageError(f"Copper makes {definition.name!r} with at least {least} options only")
    body: dict[str, JSON] = {
        "name": definition.name,
        "data_type": _MADE_AS[definition.type],
        "available_on": [_ENTITIES[definition.kind]],
        "is_filterable": False,
    }
    if least:
        body["options"] = [{"name": option.name} for option in definition.options]
    return body
