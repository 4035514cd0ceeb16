"""Values of Zoho's fields, by their definition.

Sources: Zoho's own table of field types, with their JSON types and limits (help.zoho.com, *Kaizen #1: fields in CRM*,
2019), and zoho.com/crm/developer/docs/api/v8/insert-records.html.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from leadlens.bounded import by_name, email_of, number_of, several, text_of, whole_of
from leadlens.catalogue import Definition, FieldType
from leadlens.codecs import Codec, Lossy, Unfit, Unsayable, flag, iso_date, iso_offset
from leadlens.composites import custom_value
from leadlens.model import JSON, Ref
from leadlens_zoho.values import ID

TYPES: Final[Mapping[str, FieldType]] = {
    "text": "text", "textarea": "long_text", "email": "email", "phone": "phone", "website": "url",
    "integer": "whole", "bigint": "whole", "double": "number", "currency": "currency", "percent": "percent",
    "date": "date", "datetime": "datetime", "boolean": "boolean", "picklist": "picklist",
    "multiselectpicklist": "multi_select", "lookup": "reference", "ownerlookup": "reference",
    "userlookup": "reference", "autonumber": "text", "string": "text",
}  # fmt: skip
"""Data types in neutral words; ``string`` is what a formula or a roll-up summary may return."""

_INTEGER_DIGITS: Final = 9
_LONG_DIGITS: Final = 18
_DECIMAL_DIGITS: Final = 16


def _text(definition: Definition) -> Codec:
    codec = text_of(definition)

    def write(value: str) -> JSON:
        if value == "":
            raise Unsayable("left_out", "an empty text is nothing in Zoho", "note")
        return codec.encode(value)

    return codec.but(encode=write, same=None, schema=codec.schema | {"minLength": 1})


def _whole(definition: Definition) -> Codec:
    digits = _LONG_DIGITS if definition.wire_type == "bigint" else _INTEGER_DIGITS
    codec = whole_of(10**digits - 1, f"Zoho keeps whole numbers of at most {digits} digits here")
    if definition.wire_type != "bigint":
        return codec
    schema = {"type": "string", "pattern": f"^(0|-?[1-9][0-9]{{0,{digits - 1}}})$"}
    return codec.but(encode=lambda value: str(codec.encode(value)), schema=schema)


def _number(definition: Definition) -> Codec:
    return number_of(definition, digits=_DECIMAL_DIGITS)


def _moment(_: Definition) -> Codec:
    def write(moment: dt.datetime) -> JSON:
        if moment.__class__ is not dt.datetime:
            raise Unsayable("coerced", "Zoho keeps a date and a time here")
        return iso_offset.encode(moment)

    return iso_offset.but(encode=write)


def _day(_: Definition) -> Codec:
    def write(day: dt.date) -> JSON:
        if day.__class__ is not dt.date:
            raise Unsayable("coerced", "Zoho keeps a day here, without a time")
        return iso_date.encode(day)

    return iso_date.but(encode=write)


def _read_lookup(wire: JSON) -> Ref:
    if wire.__class__ is str:
        return Ref(ID.decode(wire))
    if wire.__class__ is not dict:
        raise Unfit("an object of id and name")
    name = wire.get("name")
    return Ref(ID.decode(wire.get("id")), name if name.__class__ is str else None)


def _write_lookup(given: Ref | tuple[Ref, ...]) -> JSON:
    ref = given[0] if given.__class__ is tuple and given else given
    if not isinstance(ref, Ref):
        raise Unsayable("coerced", "Zoho keeps what a record points to: a Ref")
    if ref.id is None:
        raise Unsayable("unmapped_option", "Zoho needs the id of what a record points to, and only its name is known")
    return {"id": ID.encode(ref.id)} | ({} if ref.name is None else {"name": ref.name})


LOOKUP: Final = Codec(
    "an object of id and name", _read_lookup, _write_lookup,
    {
        "type": "object", "properties": {"id": ID.schema, "name": {"type": "string"}}, "required": ["id"],
        "additionalProperties": False,
    },
    lossy=Lossy("narrowed", "a Zoho lookup points to one record; of several the first is kept"),
)  # fmt: skip


def _multi_select(definition: Definition) -> Codec:
    return several(by_name(definition), definition.name)


_CODECS: Final[Mapping[FieldType, Callable[[Definition], Codec]]] = {
    **dict.fromkeys(("text", "long_text", "phone", "url"), _text),
    **dict.fromkeys(("number", "currency", "percent"), _number),
    "email": email_of,
    "whole": _whole, "boolean": lambda _: flag, "date": _day, "datetime": _moment, "picklist": by_name,
    "multi_select": _multi_select, "reference": lambda _: LOOKUP,
}  # fmt: skip


def codec_for(definition: Definition) -> Codec:
    """Return the codec between a field's wire value and its neutral one; of an unknown type they are the same."""
    made: Any = _CODECS.get(definition.type)
    return custom_value if made is None else made(definition)
