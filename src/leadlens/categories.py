"""Codecs of lists whose items have wire keys of their own, one per category (``Phone``, ``Mobile``, ``Fax``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from leadlens._build import builder
from leadlens.codecs import Codec, Lossy, Unfit
from leadlens.composites import address_parts
from leadlens.model import JSON, Address

_TEXT = {"type": "string"}


def by_category(
    cls: type[Any],
    attribute: str,
    slots: Mapping[str, str],
    detail: str,
    *,
    open_to_all: tuple[str, ...] = (),
) -> Codec:
    """Return the codec of a list whose items have one wire key per category.

    ``slots`` maps wire key to category, in wire order; the row names the same keys. An item takes its category's slot;
    one of no or another category takes the first free slot of ``open_to_all``; what finds none is lost, and ``detail``
    says so.
    """
    categories, make = tuple(slots.values()), builder(cls)
    place_of = {category: place for place, category in enumerate(categories)}

    def read(*wires: JSON) -> tuple[Any, ...] | None:
        found = []
        for place, wire in enumerate(wires):
            if wire is not None:
                if wire.__class__ is not str:
                    raise Unfit("text", place=place)
                found.append(make(wire, categories[place]))
        return tuple(found) or None

    def write(items: tuple[Any, ...]) -> tuple[JSON, ...]:
        saying = tuple(item for item in items if getattr(item, attribute) is not None)
        held = place_by_category(saying, categories, open_to_all)
        return tuple([getattr(held.get(category), attribute, None) for category in categories])

    def keeps(items: tuple[Any, ...]) -> bool:
        last = -1
        for item in items:
            place = place_of.get(item.category, -1)
            if place <= last or getattr(item, attribute) is None:
                return False
            last = place
        return True

    def only_labels(items: tuple[Any, ...], left: tuple[Any, ...] | None) -> bool:
        return sorted(_said(items)) == sorted(_said(left or ()))

    def _said(these: tuple[Any, ...]) -> list[str]:
        return [said for item in these if (said := getattr(item, attribute)) is not None]

    labels = "what each is for, their order, or an empty one is not kept exactly"
    lossy = Lossy("narrowed", detail, "loss", only_labels, labels)
    codec = Codec("texts by category", read, write, tuple(_TEXT for _ in slots), lossy=lossy, keeps=keeps)
    return codec if len(slots) > 1 else _single(codec)


def _single(codec: Codec) -> Codec:
    """Return a codec over one wire key for one that was made for a tuple of one."""
    return codec.but(encode=lambda value: codec.encode(value)[0], schema=codec.schema[0])


def place_by_category(
    items: tuple[Any, ...], categories: tuple[Any, ...], open_to_all: tuple[Any, ...]
) -> dict[Any, Any]:
    """Return which item takes which category's place; items that find no place are left out."""
    held: dict[Any, Any] = {}
    others = []
    for item in items:
        if item.category not in categories:
            others.append(item)
        elif item.category not in held:
            held[item.category] = item
    for item in others:
        free = next((c for c in open_to_all if c not in held), None)
        if free is not None or (None in open_to_all and None not in held):
            held[free] = item
    return held


def addresses_by_category(parts: tuple[str, ...], categories: tuple[str | None, ...], detail: str) -> Codec:
    """Return the codec of several addresses with keys of their own: all of the first category, then the next.

    An address takes the place of its category, one of an unknown category the first free place; the rest is lost.
    """
    size = len(parts)
    places = [address_parts(*parts, category=category) for category in categories]

    def read(*wires: JSON) -> tuple[Address, ...] | None:
        found = []
        for start, codec in zip(range(0, len(wires), size), places, strict=True):
            try:
                found.append(codec.decode(*wires[start : start + size]))
            except Unfit as error:
                raise Unfit(str(error), place=start + error.place) from None
        return tuple(address for address in found if address is not None) or None

    def write(addresses: tuple[Address, ...]) -> tuple[JSON, ...]:
        saying = tuple(address for address in addresses if _bare(address) != Address())
        held = place_by_category(saying, categories, categories)
        return tuple(getattr(held.get(c), part, None) for c in categories for part in parts)

    def only_labels(addresses: tuple[Address, ...], left: tuple[Address, ...] | None) -> bool:
        def said(these: tuple[Address, ...]) -> list[str]:
            return sorted(repr(bare) for address in these if (bare := _bare(address)) != Address())

        return said(addresses) == said(left or ())

    schema = tuple(_TEXT for _ in categories for _ in parts)
    lossy = Lossy(
        "narrowed", detail, "loss", only_labels, "what each address is for, or an empty one, is not kept exactly"
    )
    return Codec("addresses in parts", read, write, schema, lossy=lossy)


def _bare(address: Address) -> Address:
    return attrs.evolve(address, category=None)
