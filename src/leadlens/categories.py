"""Codecs of lists whose items have wire keys of their own, one per category (``Phone``, ``Mobile``, ``Fax``)."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from leadlens._build import builder
from leadlens._weigh import weigh_items
from leadlens.codecs import Codec, Lossy, Unfit
from leadlens.composites import address_parts, texts_only
from leadlens.model import JSON, Address

_TEXT = {"type": "string"}


def by_category(
    cls: type,
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
    categories, item, text_of = tuple(slots.values()), builder(cls), operator.attrgetter(attribute)
    place_of = {category: place for place, category in enumerate(categories)}
    open_places = tuple(place_of[category] for category in open_to_all)
    weigh = weigh_items(attribute, categories, others=bool(open_places))

    def read(*wires: JSON) -> tuple[Any, ...] | None:
        texts_only(wires)
        return quick(*wires)

    def quick(*wires: str | None) -> tuple[Any, ...] | None:
        make = item.function
        return tuple([make(wire, categories[i]) for i, wire in enumerate(wires) if wire is not None]) or None

    def write(items: tuple[Any, ...]) -> tuple[JSON, ...]:
        saying = [item for item in items if text_of(item) is not None]
        return tuple([None if item is None else text_of(item) for item in placed(saying, place_of, open_places)])

    def only_labels(items: tuple[Any, ...], left: tuple[Any, ...] | None) -> bool:
        return len(left or ()) == len([item for item in items if text_of(item) is not None])

    labels = "what each is for, their order, or an empty one is not kept exactly"
    lossy = Lossy("narrowed", detail, "loss", only_labels, labels)
    codec = Codec("texts by category", read, write, tuple(_TEXT for _ in slots), lossy=lossy, weigh=weigh, quick=quick)
    return codec if len(slots) > 1 else _single(codec)


def _single(codec: Codec) -> Codec:
    """Return a codec over one wire key for one that was made for a tuple of one."""

    def first(wires: Any) -> Any:
        return None if wires is None else wires[0]

    encode = codec.encode
    return codec.but(
        encode=lambda value: first(encode(value)),
        weigh=codec.weigh,
        quick=codec.quick,
        schema=codec.schema[0],
    )


def placed(items: Iterable[Any], place_of: Mapping[Any, int], open_places: Iterable[int]) -> list[Any]:
    """Return which item takes which place (None: nobody): the first of its category; then others the free open ones."""
    held: list[Any] = [None] * len(place_of)
    others = []
    for item in items:
        place = place_of.get(item.category)
        if place is None:
            others.append(item)
        elif held[place] is None:
            held[place] = item
    if others:
        free = [place for place in open_places if held[place] is None]
        for item, place in zip(others, free, strict=False):
            held[place] = item
    return held


def addresses_by_category(parts: tuple[str, ...], categories: tuple[str | None, ...], detail: str) -> Codec:
    """Return the codec of several addresses with keys of their own: all of the first category, then the next.

    An address takes the place of its category, one of an unknown category the first free place; the rest is lost.
    """
    size, place_of = len(parts), {category: place for place, category in enumerate(categories)}
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
        saying = [address for address in addresses if _bare(address) != Address()]
        held = placed(saying, place_of, place_of.values())
        return tuple([getattr(address, part, None) for address in held for part in parts])

    def only_labels(addresses: tuple[Address, ...], left: tuple[Address, ...] | None) -> bool:
        def said(these: tuple[Address, ...]) -> list[str]:
            return sorted(repr(attrs.astuple(bare)) for address in these if (bare := _bare(address)) != Address())

        return said(addresses) == said(left or ())

    schema = tuple(_TEXT for _ in categories for _ in parts)
    labels = "what each address is for, or an empty one, is not kept exactly"
    lossy = Lossy("narrowed", detail, "loss", only_labels, labels)
    return Codec("addresses in parts", read, write, schema, lossy=lossy)


def _bare(address: Address) -> Address:
    return attrs.evolve(address, category=None)
