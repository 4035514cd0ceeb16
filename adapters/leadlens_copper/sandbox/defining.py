"""``POST /custom_field_definitions``: an account gets a new custom field.

Source: custom-fields/general/create-a-new-custom-field-definition.html (keys, types, least numbers of options). Not
recorded [?]: a second definition of the same name (taken here, which is the dangerous way), a currency that is not
named (that of the account), which kinds of records are meant where none is named (none), the rank of the options (their
order, from 0 on, as in the sample of an update).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, flag, many, maybe, obj, text
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import customs
from leadlens_copper.sandbox.asking import knows
from leadlens_copper.sandbox.dress import invalid
from leadlens_copper.sandbox.fields import PLURALS
from leadlens_copper.sandbox.records import PREFIX
from leadlens_copper.sandbox.shapes import one_of
from leadlens_copper.sandbox.writing import fits

_TYPES: Final = tuple(kind for kind in customs.TAKES if kind != "Connect")
_TAKES: Final[Mapping[str, Check]] = {
    "name": text,
    "canonical_name": maybe(text),
    "data_type": one_of(*_TYPES),
    "available_on": many(one_of(*PLURALS)),
    "is_filterable": flag,
    "options": many(obj),
    "currency": maybe(text),
}
_LEAST: Final[Mapping[str, int]] = {"Dropdown": 1, "MultiSelect": 2}


def create(world: World, request: Request) -> Reply:
    """``POST /custom_field_definitions``; the records of its kinds show the new field, unset, from now on."""
    given = request.json_object()
    fits(given, _TAKES, ("name", "data_type"))
    kind = given["data_type"]
    if not given["name"].strip():
        raise invalid("name is blank")
    where = list(dict.fromkeys(given.get("available_on", ())))
    number = world.store.next_id("definition")
    key = given.get("canonical_name")
    record: Record = {
        "id": number,
        "name": given["name"],
        "canonical_name": key.lower() if key else None,
        "data_type": kind,
        "available_on": where,
        "is_filterable": given.get("is_filterable", False),
    }
    options = _options(kind, given.get("options", []))
    if options:
        ranked = enumerate(options)
        record["options"] = [{"id": world.store.next_id("option"), "name": one, "rank": rank} for rank, one in ranked]
    if kind == "Currency":
        record["currency"] = given.get("currency") or "USD"
    world.store.create("definition", number, record)
    for each in where:
        _shown_in(world, each)
    return Reply(200, record)


def _options(kind: str, given: list[dict[str, Any]]) -> list[str]:
    if kind not in _LEAST:
        if given:
            raise invalid(f"options of a {kind}")
        return []
    for option in given:
        fits(option, {"name": text}, ("name",))
    names = [option["name"] for option in given]
    if len(names) < _LEAST[kind] or len(set(names)) < len(names) or not all(name.strip() for name in names):
        raise invalid(f"options: at least {_LEAST[kind]}, each with a name of its own")
    return names


def _shown_in(world: World, kind: str) -> None:
    for number, record in list(world.store.iterate(kind)):
        record["custom_fields"] = customs.listed(world, kind, customs.values(record))
        world.store.replace(kind, number, record)


ROUTES = (
    Route("POST", f"{PREFIX}/custom_field_definitions", "create_custom_field_definition", knows(create)),
)  # fmt: skip
