"""Values of own fields: as the CRM's records have them, and as the rows of a mapping do.

A record read without its account's definitions holds them as the wire does; the vendor's codec makes of that what the
field's type says. Rows name options by their names alone, since ids belong to one account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from leadlens.adapter import Adapter
from leadlens.catalogue import Definition
from leadlens.codecs import Codec, Doubt, Lossy, Unfit, Unsayable
from leadlens.composites import custom_value
from leadlens.customfields.pairs import FAMILY
from leadlens.model import JSON, Address, Ref

CodecOf: TypeAlias = Callable[[Definition], Codec]
"""What gives the codec of a vendor's custom values, by their definition."""


def codec_of(adapter: Adapter) -> CodecOf:
    """Return what gives the codecs of a CRM's custom values; of a CRM without any, values stay as they are."""
    return adapter.custom_codec or (lambda _: custom_value)


_PLAIN: Mapping[str, tuple[type, ...]] = {
    "text": (str,), "whole": (int,), "number": (Decimal, int), "date": (dt.date,), "datetime": (dt.datetime,),
    "boolean": (bool,), "option": (Ref,), "options": (tuple,), "any": (Address,),
}  # fmt: skip


def read_value(definition: Definition, value: JSON, codecs: CodecOf) -> Any:
    """Return a record's value as the rows have it; raises :class:`Unfit` or ``Doubt`` for one that is not of the type.

    A value that is of the type already, as a program may give it, is taken as it is.
    """
    family = FAMILY[definition.type]
    known = value.__class__ in _PLAIN.get(family, ()) and not _is_wire(value)
    wire = list(value) if value.__class__ is tuple else value
    return _READ.get(family, _as_is)(definition, value if known else codecs(definition).decode(wire))


def _is_wire(value: JSON) -> bool:
    """Tell whether these are several options as the wire names them."""
    return value.__class__ is tuple and any(item.__class__ is not Ref for item in value)


def read_attribute(definition: Definition, value: Any) -> Any:
    """Return what a neutral attribute says, as the rows have it; raises :class:`Unfit` where its type is another."""
    family = FAMILY[definition.type]
    if family == "option":
        return value if isinstance(value, str) else _name(definition, value)
    if family == "number" and value.__class__ is int:
        return Decimal(value)
    if family not in _PLAIN or value.__class__ not in _PLAIN[family]:
        raise Unfit(f"a {definition.type} value")
    return value


def write_value(definition: Definition, said: JSON, codecs: CodecOf) -> tuple[JSON, Lossy | None]:
    """Return what the rows wrote as the target's records have it, and what that loses.

    Raises ``Unsayable`` where they cannot have it.
    """
    value, codec = _WRITE.get(FAMILY[definition.type], _as_is)(definition, said), codecs(definition)
    wire = codec.encode(value)
    try:
        lost = codec.lossy if codec.decode(wire) != value else None
    except (Unfit, Doubt):
        raise Unsayable("coerced", "it cannot hold this value as it is") from None
    return tuple(wire) if wire.__class__ is list else wire, lost


def attribute_value(definition: Definition, said: JSON) -> Any:
    """Return what the rows wrote as a neutral attribute has it: options by their names."""
    family = FAMILY[definition.type]
    return said if family == "option" else _WRITE.get(family, _as_is)(definition, said)


def _as_is(_: Definition, value: Any) -> Any:
    return value


def _name(definition: Definition, ref: Any) -> str:
    if ref.__class__ is not Ref:
        raise Unfit("an option")
    listed = next((option.name for option in definition.options if option.id == ref.id and ref.id is not None), None)
    if (found := listed or ref.name or ref.id) is None:
        raise Unfit("an option with its name or id")
    return str(found)


def _names(definition: Definition, refs: Any) -> tuple[str, ...]:
    return tuple(_name(definition, ref) for ref in refs)


def _decimal(_: Definition, value: Any) -> Decimal:
    return Decimal(value)


def _instant(_: Definition, value: Any) -> dt.datetime:
    found: dt.datetime = value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)
    return found.astimezone(dt.UTC)


_READ: Mapping[str, Callable[[Definition, Any], Any]] = {
    "number": _decimal, "datetime": _instant, "option": _name, "options": _names,
}  # fmt: skip


def _ref(definition: Definition, name: str) -> Ref:
    return Ref(next((option.id for option in definition.options if option.name == name), None), name)


_WRITE: Mapping[str, Callable[[Definition, Any], Any]] = {
    "number": lambda _, said: Decimal(repr(said)) if said.__class__ is float else Decimal(said),
    "date": lambda _, said: dt.date.fromisoformat(said),
    "datetime": lambda _, said: dt.datetime.fromisoformat(said),
    "option": _ref,
    "options": lambda definition, names: tuple(_ref(definition, name) for name in names),
}
