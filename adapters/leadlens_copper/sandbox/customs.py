"""Custom fields: what a definition takes, how values are shown, and which of them another kind of record has.

Sources: custom-fields/general/computed_cf_values.html; the kinds of value from the page on searching by custom field.
An unset checkbox is false and an unset multi-select an empty list, as in the samples; all else is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, anything, flag, integer, many, number, obj, problems, text
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import shapes
from leadlens_copper.sandbox.dress import invalid

_ITEM: Final[Mapping[str, Check]] = {"custom_field_definition_id": shapes.ident, "value": anything}


def _short(value: Any) -> bool:
    return text(value) and len(value) <= 255


TAKES: Final[Mapping[str, Check]] = {
    "String": _short,
    "Text": text,
    "URL": text,
    "Float": number,
    "Currency": number,
    "Percentage": number,
    "Checkbox": flag,
    "Date": integer,
    "Dropdown": shapes.ident,
    "MultiSelect": many(shapes.ident),
    "Connect": many(shapes.ident),
}
"""What a value of each type is; the values of Connect fields are not recorded [?]."""

UNSET: Final[Mapping[str, Any]] = {"Checkbox": False, "MultiSelect": []}
SEARCHED: Final = frozenset(("Dropdown", "Date", "Checkbox", "Float", "Percentage", "Currency", "MultiSelect"))
"""The types that a search takes."""


def definitions(world: World, kind: str) -> dict[int, Record]:
    """Return the definitions that a kind of record has."""
    return {number_: made for number_, made in world.store.iterate("definition") if kind in made["available_on"]}


def read(world: World, kind: str, items: list[Any]) -> dict[int, Any]:
    """Return what a write says of custom fields, by definition; raises what refuses it."""
    known = definitions(world, kind) if items else {}
    return dict(_read(known, item) for item in items)


def _read(known: Mapping[int, Record], item: Any) -> tuple[int, Any]:
    if not obj(item) or "value" not in item or any(problems(item, _ITEM, ("custom_field_definition_id",))):
        raise invalid("custom_fields are made of custom_field_definition_id and value")
    number_, value = item["custom_field_definition_id"], item["value"]
    if number_ not in known:
        raise invalid(f"custom_field_definition_id {number_}")
    if not accepts(known[number_], value):
        raise invalid(f"value of custom field {known[number_]['name']} ({known[number_]['data_type']})")
    return number_, value


def accepts(definition: Record, value: Any) -> bool:
    """Say whether a definition takes a value; null clears any."""
    if value is None:
        return True
    if not TAKES[definition["data_type"]](value):
        return False
    options = {option["id"] for option in definition.get("options", ())}
    if definition["data_type"] in {"Dropdown", "MultiSelect"}:
        return options.issuperset(value if isinstance(value, list) else [value])
    return True


def listed(world: World, kind: str, values: Mapping[int, Any]) -> list[Record]:
    """Return every definition of a kind with its value."""
    return [
        {"custom_field_definition_id": number_, "value": _shown(made, values.get(number_))}
        for number_, made in definitions(world, kind).items()
    ]


def _shown(definition: Record, value: Any) -> Any:
    unset = UNSET.get(definition["data_type"])
    return (list(unset) if isinstance(unset, list) else unset) if value is None else value


def values(record: Record) -> dict[int, Any]:
    """Return the values of a record by definition."""
    return {item["custom_field_definition_id"]: item["value"] for item in record["custom_fields"]}


def computed(world: World, items: Iterable[Record]) -> list[Record]:
    """Return custom fields with ``computed_value``: names in place of option ids, else the value itself."""
    return [{**item, "computed_value": _computed(world, item)} for item in items]


def _computed(world: World, item: Record) -> Any:
    value = item["value"]
    definition = world.store.get("definition", item["custom_field_definition_id"]) or {}
    names = {option["id"]: option["name"] for option in definition.get("options", ())}
    if definition.get("data_type") == "Dropdown":
        return names.get(value)
    if definition.get("data_type") == "MultiSelect":
        return [names[option] for option in value if option in names]
    return value
