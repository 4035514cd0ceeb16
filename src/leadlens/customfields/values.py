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
from leadlens.codecs import Codec, Unfit
from leadlens.composites import custom_value
from leadlens.customfields.pairs import ADDRESS, FAMILY, held, said
from leadlens.customfields.types import typed, untyped
from leadlens.loss import Loss
from leadlens.model import JSON, Address, Ref

CodecOf: TypeAlias = Callable[[Definition], Codec]
"""What gives the codec of a vendor's custom values, by their definition."""


def codec_of(adapter: Adapter) -> CodecOf:
    """Return what gives the codecs of a CRM's custom values; of a CRM without any, values stay as they are."""
    return adapter.custom_codec or (lambda _: custom_value)


_CLASSES: Mapping[str, tuple[type, ...]] = {
    "text": (str,), "whole": (int,), "number": (Decimal, int), "date": (dt.date,), "datetime": (dt.datetime,),
    "boolean": (bool,), "option": (Ref,), "options": (tuple,), "address": (Address,),
}  # fmt: skip


def read_value(definition: Definition, value: JSON, codecs: CodecOf) -> tuple[Any, Loss | None]:
    """Return a record's value as the rows have it; None and the loss where it is not what the field's type says.

    A value that is of the type already, as a program may give it, is taken as it is.
    """
    family, loss = FAMILY[definition.type], None
    if value.__class__ not in _CLASSES.get(family, ()) or _is_wire(value):
        value, loss = typed(value, codecs(definition), definition)
    if value is None:
        return None, loss
    try:
        return _exactly(family, said(definition, value)), loss
    except Unfit as unfit:
        return None, Loss("", "coerced", f"this is no value of {definition.name!r}: expected {unfit}")


def _is_wire(value: JSON) -> bool:
    """Tell whether these are several options as the wire names them."""
    return value.__class__ is tuple and any(item.__class__ is not Ref for item in value)


def _exactly(family: str, value: Any) -> Any:
    if family == "number":
        return Decimal(value)
    if family == "datetime":
        aware: dt.datetime = value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC)
    return value


def read_attribute(definition: Definition, value: Any) -> Any:
    """Return what a neutral attribute says, as the rows have it; raises :class:`Unfit` where its type is another."""
    family = FAMILY[definition.type]
    if family == "option" and isinstance(value, str):
        return value
    if value.__class__ not in _CLASSES.get(family, ()):
        raise Unfit(f"a {definition.type} value")
    return _exactly(family, said(definition, value))


def write_value(definition: Definition, wire: JSON, codecs: CodecOf) -> tuple[JSON, Loss | None]:
    """Return what the rows wrote as the target's records have it, and what that loses; None where they cannot."""
    return untyped(held(definition, _neutral(definition, wire)), codecs(definition), definition)


def attribute_value(definition: Definition, wire: JSON) -> Any:
    """Return what the rows wrote as a neutral attribute has it: options by their names."""
    return _neutral(definition, wire)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "address": ADDRESS.decode,
    "number": lambda wire: Decimal(repr(wire)) if wire.__class__ is float else Decimal(wire),
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
}


def _neutral(definition: Definition, wire: JSON) -> Any:
    read = _READ.get(FAMILY[definition.type])
    return wire if read is None else read(wire)
