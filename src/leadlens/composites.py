"""Codecs that several vendors need: names in parts, addresses in parts, values of custom fields."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable
from decimal import Decimal

import attrs

from leadlens._build import builder
from leadlens._weigh import weigh_parts
from leadlens.codecs import EXACT, LOST, Codec, Lossy, Unfit, Unsayable, as_is, number, read_number, text
from leadlens.model import JSON, Address, Money, PersonName, Ref, joined_name

_TEXT = {"type": "string"}
ADDRESS_PARTS = ("street", "city", "state", "postal_code", "country")
"""The parts of an address, in the order of the neutral class."""


def texts_only(wires: tuple[JSON, ...]) -> None:
    """Raise Unfit unless every wire value that is there is a text."""
    for place, wire in enumerate(wires):
        if wire is not None and wire.__class__ is not str:
            raise Unfit("text", place=place)


def split_name(full: str) -> tuple[str | None, str]:
    """Return the first and the last name of a display name: the last word is the last name."""
    first, _, last = full.rpartition(" ")
    return first or None, last


def _only_joins(full: str, first: str | None, middle: str | None, last: str | None, suffix: str | None) -> bool:
    """Tell whether a full name only repeats its parts; most people have two, and joining those is quick."""
    if first and last and not middle and not suffix:
        return full == f"{first} {last}"
    return full == joined_name((first, middle, last, suffix))


def _name_builder(*given: str) -> Callable[..., PersonName]:
    """Return a function that makes a name of parts that are known to be texts or None."""
    if "full" not in given:
        return builder(PersonName, *given)
    parts = ", ".join(part if part in given else "None" for part in ("first", "middle", "last", "suffix"))
    full = f"None if full is None or _only_joins(full, {parts}) else full"
    return builder(PersonName, *given, full=full, using=(_only_joins,))


_NAME = tuple(a.name for a in attrs.fields(PersonName))


def named_parts(*parts: str, detail: str = "the CRM keeps other parts of a name") -> Codec:
    """Return the codec of a person's name over one wire key per part (``full``, ``prefix``, ``first`` …).

    Without a key for ``full``, a name that is known only as a whole is split at its last space, and reported.
    """
    has_full, left_out = "full" in parts, tuple(name for name in _NAME if name not in parts)
    said_in, size = operator.attrgetter(*parts), len(parts)
    quick = _name_builder(*parts)

    def read(*wires: JSON) -> PersonName | None:
        texts_only(wires)
        return None if wires.count(None) == size else quick(*wires)

    def write(name: PersonName) -> tuple[JSON, ...]:
        said: tuple[JSON, ...] = said_in(name)
        if has_full:
            said = tuple(name.display if part == "full" else text for part, text in zip(parts, said, strict=True))
        elif name.full is not None and name.from_parts is None and {"first", "last"} <= set(parts):
            first, last = split_name(name.full)
            said = tuple({"first": first, "last": last}.get(part, text) for part, text in zip(parts, said, strict=True))
        if said.count(None) == len(said):
            raise Unsayable("coerced", "an empty name says nothing", "note")
        return said

    def same_display(name: PersonName, left: PersonName | None) -> bool:
        return left is not None and left.prefix == name.prefix and left.display == name.display

    anew = "the name is split into its parts anew: the last word becomes the last name"
    lossy = Lossy("coerced", detail, "loss", same_display, anew) if left_out else None
    dropped = [f"VALUE.{part}" for part in left_out if part != "full"]
    weigh = weigh_parts(
        parts,
        unusual="VALUE.full is not None",
        exact=" and ".join(f"{part} is None" for part in dropped) or "True",
        lost=" or ".join(dropped) or "True",
    )
    schema = tuple(_TEXT for _ in parts)
    return Codec("a name in parts", read, write, schema, lossy=lossy, weigh=weigh if lossy else None, quick=quick)


_full_name: Callable[[str], PersonName] = builder(PersonName, "full")
_parts_of = operator.attrgetter("prefix", "first", "middle", "last", "suffix")


def display_name(detail: str) -> Codec:
    """Return the codec of a person's name that the wire holds as one text; ``detail`` says so to people."""

    def read(wire: JSON) -> PersonName:
        return _full_name(text.decode(wire))

    def write(name: PersonName) -> str:
        if name.display is None:
            raise Unsayable("coerced", "a name that is only a form of address says nothing here")
        return name.display

    def weigh(name: PersonName) -> tuple[str, int] | None:
        if name.first and name.last and not (name.middle or name.suffix) and name.full is None:
            return f"{name.first} {name.last}", LOST
        display = name.display
        return None if display is None else (display, EXACT if _parts_of(name).count(None) == 5 else LOST)

    return Codec("a name", read, write, _TEXT, lossy=Lossy("coerced", detail, "note"), weigh=weigh)


def address_parts(*parts: str, category: str | None = None, detail: str = "") -> Codec:
    """Return the codec of one address over one wire key per part; ``category`` is what its keys say it is for."""
    said_in, size = operator.attrgetter(*parts), len(parts)
    quick = builder(Address, *parts, category=repr(category))

    def read(*wires: JSON) -> Address | None:
        texts_only(wires)
        return None if wires.count(None) == size else quick(*wires)

    def write(address: Address) -> tuple[JSON, ...]:
        said: tuple[JSON, ...] = said_in(address)
        if said.count(None) == len(said):
            raise Unsayable("coerced", "an empty address says nothing", "note")
        return said

    lossy = Lossy("coerced", detail or "what the address is for is not kept", "note")
    weigh = weigh_parts(parts, exact=f"VALUE.category == {category!r}")
    return Codec(
        "an address in parts", read, write, tuple(_TEXT for _ in parts), lossy=lossy,
        weigh=weigh if set(parts) == set(ADDRESS_PARTS) else None, quick=quick,
    )  # fmt: skip


def shared_owner(codec: Codec, detail: str) -> Codec:
    """Return the codec of one owner on the wire for the contact and the company; ``codec`` is that of the reference."""

    def read(wire: JSON) -> tuple[Ref, Ref]:
        owner = codec.decode(wire)
        return owner, owner

    def write(contact: Ref | None, company: Ref | None) -> JSON:
        return codec.encode(contact if contact is not None else company)

    return codec.but(decode=read, encode=write, lossy=Lossy("coerced", detail))


# --- money -----------------------------------------------------------------------------------------------------------


_quick_money = builder(
    Money, "amount", "currency", using=(Decimal, read_number), unless="amount is None",
    amount="Decimal(amount) if amount.__class__ is int else read_number(amount)",
)  # fmt: skip


def _read_money(amount: JSON, currency: JSON) -> Money | None:
    if currency is not None and currency.__class__ is not str:
        raise Unfit("a currency code as text", place=1)
    money: Money | None = _quick_money(amount, currency)
    return money


def _write_money(money: Money) -> tuple[JSON, JSON]:
    return number.encode(money.amount), money.currency


amount_and_currency = Codec(
    "an amount and its currency", _read_money, _write_money, (number.schema, _TEXT), quick=_quick_money
)


# --- values of custom fields -----------------------------------------------------------------------------------------


def _read_custom(wire: JSON) -> JSON:
    return tuple(wire) if wire.__class__ is list else wire


_TYPED = (dt.date, dt.datetime, Address, Ref)


def _write_custom(value: JSON) -> JSON:
    for one in value if value.__class__ is tuple else (value,):
        if one.__class__ in _TYPED:
            raise Unsayable("coerced", "a date, an address or an option can be written here by its definition alone")
    return list(value) if value.__class__ is tuple else value


custom_value = Codec(
    "any value",
    _read_custom,
    _write_custom,
    {
        "anyOf": [
            {"type": "string"},
            {"type": "integer"},
            {"type": "boolean"},
            {"type": "array", "items": {"type": "integer"}},
        ]
    },
    quick=as_is,
)
