"""By what leads, contacts and deals are found: the same filters for lists and for upserts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox import fields, values
from leadlens_base.sandbox.dress import invalid_param
from leadlens_base.sandbox.paging import PAGE, Reader, an_id, flag, ids, one_of, order, words
from leadlens_base.sandbox.shapes import ADDRESSES, FIELDS

Test: TypeAlias = Callable[[Record], bool]


def _amount(given: str) -> Decimal:
    if not values.decimal(given):
        raise ValueError("an amount")
    return Decimal(given)


_TEXTS: Final = dict.fromkeys(("first_name", "last_name", "email", "phone", "mobile"), words)
_ANY: Final = {"creator_id": an_id, "owner_id": an_id, "custom_fields[]": words}
_PLACE: Final = {f"address[{key}]": words for key in ("city", "country", "postal_code", "state")}
FILTERS: Final[Mapping[str, Mapping[str, Reader]]] = {
    "lead": {**_ANY, **_TEXTS, **_PLACE, "source_id": an_id, "organization_name": words, "status": words},
    "contact": {
        **_ANY,
        **_TEXTS,
        **_PLACE,
        "is_organization": flag,
        "contact_id": an_id,
        "name": words,
        "customer_status": one_of("none", "current", "past"),
        "prospect_status": one_of("none", "current", "lost"),
    },
    "deal": {
        **_ANY,
        **dict.fromkeys(("contact_id", "organization_id", "source_id", "stage_id"), an_id),
        "hot": flag,
        "name": words,
        "value": _amount,
        "estimated_close_date": words,
    },
}
"""The filters of lists; that upserts take the same ones is third-party."""

_UNSORTED: Final = frozenset((*ADDRESSES, "tags", "custom_fields", "value"))
_SORTED: Final = {
    kind: ("id", "creator_id", "created_at", "updated_at", *(key for key in known if key not in _UNSORTED))
    for kind, known in FIELDS.items()
}
LISTS: Final[Mapping[str, Mapping[str, Reader]]] = {
    kind: {
        **filters,
        **PAGE,
        "ids": ids,
        "sort_by": order(*_SORTED[kind]),
        **({"includes": one_of("associated_contacts")} if kind == "deal" else {}),
    }
    for kind, filters in FILTERS.items()
}
"""What each list takes. By which attributes it can be sorted is not recorded [?]: here by every plain one."""

_NOT_FILTERS: Final = frozenset((*PAGE, "sort_by", "includes"))


def found_by(world: World, kind: str, found: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the records that meet all filters, in the order of their ids.

    Whether letters must agree in case is not recorded [?]: the switch ``text_filters``.
    """
    tests = [_test(world, kind, name, wanted) for name, wanted in found.items() if name not in _NOT_FILTERS]
    for _, record in _candidates(world, kind, found):
        if all(test(record) for test in tests):
            yield record


def _candidates(world: World, kind: str, found: Mapping[str, Any]) -> Iterator[tuple[int, Record]]:
    """Return all records, or fewer of which none is left out that can meet the filters."""
    if "email" in found and kind != "deal":
        return iter(world.store.find(kind, "email", found["email"].casefold()))
    return world.store.iterate(kind)


def _test(world: World, kind: str, name: str, wanted: Any) -> Test:
    if name == "ids":
        return lambda record: record["id"] in wanted
    if name == "value":
        return lambda record: record["value"] is not None and Decimal(record["value"]) == wanted
    head, _, rest = name.partition("[")
    if head == "custom_fields":
        return _of_custom_field(world, kind, name, rest[:-1], wanted)
    alike = _alike(world, wanted)
    if head == "address":
        return lambda record: alike((record["address"] or {}).get(rest[:-1]))
    return lambda record: alike(record[name])


def _alike(world: World, wanted: Any) -> Callable[[Any], bool]:
    if not isinstance(wanted, str) or world.switches["text_filters"] == "exact":
        return lambda value: bool(value == wanted)
    folded = wanted.casefold()
    return lambda value: isinstance(value, str) and value.casefold() == folded


def _of_custom_field(world: World, kind: str, parameter: str, name: str, wanted: str) -> Test:
    definition = fields.definitions(world, kind).get(name)
    if definition is None:
        raise invalid_param(world, parameter, "there is no such custom field")
    if not definition["filterable"]:
        raise invalid_param(world, parameter, "the custom field is not filterable")
    return lambda record: fields.equals(definition, record["custom_fields"].get(name), wanted)
