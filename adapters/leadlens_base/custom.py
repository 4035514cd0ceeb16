"""Values of Base's custom fields, by their definition.

Source: developer.zendesk.com/api-reference/sales-crm/resources/custom-fields, *Custom field type*. Its table shows a
number as ``"123.45"``, a date as ``"4/27/2016"``, a date and time as ``"4/28/2016 6:00"`` and an option as an object of
id and name; records of the Core API have names of options and ISO 8601 in their place [third-party: a reader of these
resources]. Both are read, and a number, a date and an option are written as a number, ISO 8601 and a name: no one of
them can be read in two ways.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from leadlens.bounded import by_name, decimal, number_of, several, text_of
from leadlens.catalogue import Definition, FieldType
from leadlens.codecs import Codec, Doubt, Lossy, Unfit, Unsayable, flag, iso_date, iso_z, number
from leadlens.composites import custom_value
from leadlens.model import JSON, Address, Ref
from leadlens_base.values import ONE_ADDRESS, read_address, write_address

TYPES: Final[Mapping[str, FieldType]] = {
    "string": "text", "text": "long_text", "number": "number", "bool": "boolean", "boolean": "boolean",
    "date": "date", "datetime": "datetime", "list": "picklist", "multi_select_list": "multi_select", "url": "url",
    "email": "email", "phone": "phone", "address": "address",
}  # fmt: skip
"""The types of the page in neutral words; ``boolean`` is third-party."""


def _read_day(wire: JSON) -> dt.date:
    found = re.fullmatch("([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", wire) if wire.__class__ is str else None
    if found is None:
        return iso_date.decode(wire)  # type: ignore[no-any-return]  # a codec's functions are untyped
    month, day, year = map(int, found.groups())
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise Unfit("a date such as 2026-01-31") from None


def _write_day(day: dt.date) -> JSON:
    if day.__class__ is not dt.date:
        raise Unsayable("coerced", "Base keeps a day here, without a time")
    return iso_date.encode(day)


DAY: Final = iso_date.but(decode=_read_day, encode=_write_day)


def _read_moment(wire: JSON) -> dt.datetime:
    if wire.__class__ is str and re.fullmatch("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2}", wire):
        raise Doubt("the time has no zone; Base does not say whose it is")
    return iso_z.decode(wire)  # type: ignore[no-any-return]  # see above


def _write_moment(moment: dt.datetime) -> JSON:
    if moment.__class__ is not dt.datetime:
        raise Unsayable("coerced", "Base keeps a date and a time here")
    return iso_z.encode(moment)


MOMENT: Final = iso_z.but(decode=_read_moment, encode=_write_moment)
NUMBER: Final = number.but(decode=decimal)


def _option(definition: Definition) -> Codec:
    codec = by_name(definition)

    def read(wire: JSON) -> Ref:
        name = wire.get("name") if wire.__class__ is dict else wire
        return codec.decode(name)  # type: ignore[no-any-return]  # see above

    return codec.but(decode=read)


def _write_address(address: Address) -> JSON:
    if address.__class__ is not Address:
        raise Unsayable("coerced", "Base keeps an address here, in its parts")
    return write_address(address)


ADDRESS: Final = Codec(
    "an address", lambda wire: read_address(0, None, wire), _write_address, ONE_ADDRESS,
    lossy=Lossy("narrowed", "Base does not keep what this address is for", "note"),
)  # fmt: skip

_CODECS: Final[Mapping[FieldType, Callable[[Definition], Codec]]] = {
    **dict.fromkeys(("text", "long_text", "email", "phone", "url"), text_of),
    "number": lambda definition: number_of(definition, NUMBER),
    "boolean": lambda _: flag, "date": lambda _: DAY, "datetime": lambda _: MOMENT, "picklist": _option,
    "multi_select": lambda definition: several(_option(definition), definition.name), "address": lambda _: ADDRESS,
}  # fmt: skip


def codec_for(definition: Definition) -> Codec:
    """Return the codec between a field's wire value and its neutral one; of an unknown type they are the same."""
    made: Any = _CODECS.get(definition.type)
    return custom_value if made is None else made(definition)
