"""Custom fields: their definitions, what their values may be, and ``GET /{lead|contact|deal}/custom_fields``.

A reply names a value by its field's name. Only definitions that are filterable, and of these only single line texts,
numbers, dropdowns and multi-selects, can be filtered by (…/sales-crm/requests); no reply shows which are. Keys and
types of definitions: …/sales-crm/resources/custom-fields. Its table of value formats has a number as a text, a date
month first and an option as an object; records of the Core API have been seen with ISO dates and names [third-party].
A write may have a number as either, and all values come back as they were written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from leadlens.emulation.checking import Check, flag, many, number, text
from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox.dress import Trouble
from leadlens_base.sandbox.paging import PAGE, asked, collection, page_of
from leadlens_base.sandbox.values import ADDRESS, day, decimal, moment


def _number(value: Any) -> bool:
    return number(value) or decimal(value)


_CHECKS: Final[Mapping[str, Check]] = {
    **dict.fromkeys(("string", "text", "phone", "email", "url", "list"), text),
    "number": _number,
    "bool": flag,
    "date": day,
    "datetime": moment,
    "multi_select_list": many(text),
}
_FILTERED: Final = frozenset(("string", "number", "list", "multi_select_list"))
_SHOWN: Final = ("id", "name", "type", "choices", "for_contact", "for_company", "created_at", "updated_at")


def define(world: World, resource: str, name: str, kind: str, *choices: str, **more: bool) -> None:
    """Keep a definition for leads, contacts or deals; ``filterable`` unless told otherwise, if its type can be.

    Those of contacts are for individuals and organizations, unless ``for_contact`` or ``for_company`` is False.
    """
    number_ = world.store.next_id("custom_field")
    options = [{"id": at, "name": choice} for at, choice in enumerate(choices, 1)]
    now = iso_utc(world.now)
    record: Record = {"id": number_, "resource": resource, "name": name, "type": kind, "choices": options}
    record |= {"filterable": more.get("filterable", True) and kind in _FILTERED, "created_at": now, "updated_at": now}
    if resource == "contact":
        record |= {key: more.get(key, True) for key in ("for_contact", "for_company")}
    world.store.create("custom_field", number_, record)


def definitions(world: World, resource: str) -> dict[str, Record]:
    """Return the definitions of a resource by their names."""
    return {record["name"]: record for _, record in world.store.find("custom_field", "resource", resource)}


def troubles(world: World, resource: str, given: Mapping[str, Any]) -> Iterator[Trouble]:
    """Yield what is wrong with the values of custom fields; null clears one."""
    known = definitions(world, resource) if given else {}
    for name, value in given.items():
        place = f"/data/custom_fields/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in known:
            yield Trouble(place, "unknown")
        elif value is not None:
            yield from _of_value(known[name], value, place)


def _of_value(definition: Record, value: Any, place: str) -> Iterator[Trouble]:
    if definition["type"] == "address":
        yield from address_troubles(value, place)
    elif not _CHECKS[definition["type"]](value):
        yield Trouble(place, "invalid_type", f"A field of type {definition['type']} does not take this value.")
    elif definition["choices"]:
        names = {choice["name"] for choice in definition["choices"]}
        if not names.issuperset(value if isinstance(value, list) else [value]):
            yield Trouble(place, "incorrect_value", "The definition has no such choice.")


def address_troubles(value: Any, place: str) -> Iterator[Trouble]:
    """Yield what is wrong with an address."""
    if not isinstance(value, dict):
        yield Trouble(place, "invalid_type")
        return
    for key, inner in value.items():
        if key not in ADDRESS:
            yield Trouble(f"{place}/{key.replace('~', '~0').replace('/', '~1')}", "unknown")
        elif not ADDRESS[key](inner):
            yield Trouble(f"{place}/{key}", "invalid_type")


def carried(world: World, lead: Record, resource: str, flag_: str = "") -> Record:
    """Return the custom fields of a lead that another resource has too, under the same name and of the same type.

    ``flag_`` is ``for_contact`` or ``for_company``, where a definition of contacts must say so.
    """
    values = lead["custom_fields"]
    if not values:
        return {}
    here, there = definitions(world, "lead"), definitions(world, resource)
    return {
        name: value
        for name, value in values.items()
        if name in there
        and _is_same(here[name], there[name])
        and there[name].get(flag_, True)
        and not list(_of_value(there[name], value, ""))
    }


def _is_same(one: Record, other: Record) -> bool:
    return bool(one["type"] == other["type"])


def equals(definition: Record, value: Any, wanted: str) -> bool:
    """Say whether a value meets a filter: a number by its amount, a multi-select by one of its choices."""
    if isinstance(value, list):
        return wanted in value
    if definition["type"] == "number" and value is not None:
        try:
            return Decimal(str(value)) == Decimal(wanted)
        except InvalidOperation:
            return False
    return bool(value == wanted)


def list_(world: World, request: Request) -> Reply:
    """``GET /{lead|contact|deal}/custom_fields``."""
    found = asked(world, request, PAGE)
    resource = request.args["resource"]
    shown: Iterator[Record] = (
        {key: record[key] for key in _SHOWN if key in record and (key != "choices" or record["choices"])}
        for _, record in world.store.find("custom_field", "resource", resource)
    )
    return collection(world, page_of(world, request, shown, found), "custom_field")


ROUTES = (
    Route("GET", "/v2/{resource:lead|contact|deal}/custom_fields", "list_custom_field_definitions", list_, search=True),
)
