"""Values of Copper's custom fields, by their definition (developer.copper.com, custom-fields/general/*.html).

The page of best practices says that custom dates are written ``mm/dd/yyyy``; every published sample has Unix seconds,
and so it is here. Those samples are at 08:00 UTC, midnight on the Pacific coast: a day is its beginning in some zone
of the account's, and no reply says in which. So what lies from 13 hours before to 11 hours after a day's midnight in
UTC is read as that day, and 10:00 UTC is written, which is the same day in every zone from -10 to +13 hours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from leadlens.bounded import by_id, number_of, several, text_of
from leadlens.catalogue import Definition, FieldType
from leadlens.codecs import Codec, Unfit, Unsayable, flag
from leadlens.composites import custom_value
from leadlens.model import JSON, Ref
from leadlens.references import integer_id

TYPES: Final[Mapping[str, FieldType]] = {
    "String": "text", "Text": "long_text", "Float": "number", "Currency": "currency", "Percentage": "percent",
    "Checkbox": "boolean", "Date": "date", "Dropdown": "picklist", "MultiSelect": "multi_select", "URL": "url",
    "Connect": "reference",
}  # fmt: skip
"""The types of the page ``list-custom-field-definitions`` in neutral words."""
TEXT_LENGTH: Final = 255
"""A text field holds so many characters (the sample of leads/create-a-new-lead.html)."""

_DAY: Final = 86_400
_BEFORE: Final = 13 * 3_600
_WRITTEN_AT: Final = 10 * 3_600
_EPOCH: Final = dt.date(1970, 1, 1)
_LAST: Final = ((dt.date.max - _EPOCH).days + 1) * _DAY - _BEFORE - 1


def _read_day(wire: JSON) -> dt.date:
    if wire.__class__ is not int or not 0 <= wire <= _LAST:
        raise Unfit("a day as seconds since 1970")
    return _EPOCH + dt.timedelta(days=(wire + _BEFORE) // _DAY)


def _write_day(day: dt.date) -> int:
    if day.__class__ is not dt.date:
        raise Unsayable("coerced", "Copper keeps a day here, without a time")
    if day < _EPOCH:
        raise Unsayable("coerced", "days before 1970 cannot be written here")
    return (day - _EPOCH).days * _DAY + _WRITTEN_AT


DAY: Final = Codec(
    "a day as seconds since 1970", _read_day, _write_day, {"type": "integer", "minimum": 0, "maximum": _LAST}
)


def _read_connected(wire: JSON) -> tuple[Ref, ...]:
    if wire.__class__ is not list:
        raise Unfit("a list of ids")
    return tuple(Ref(integer_id.decode(one)) for one in wire)


def _write_connected(refs: tuple[Ref, ...] | Ref) -> list[JSON]:
    given = (refs,) if refs.__class__ is Ref else refs
    if given.__class__ is not tuple or any(ref.__class__ is not Ref for ref in given):
        raise Unsayable("coerced", "Copper connects records: a Ref, or a tuple of them")
    if any(ref.id is None for ref in given):
        raise Unsayable("unmapped_option", "Copper connects records by their ids, and only a name is known")
    return [integer_id.encode(ref.id) for ref in given]


CONNECTED: Final = Codec(
    "a list of ids", _read_connected, _write_connected, {"type": "array", "items": integer_id.schema}, empty=[]
)
"""The records that a Connect field points to, as a list of ids [unknown: no value of one was ever published]."""


def _multi_select(definition: Definition) -> Codec:
    return several(by_id(definition), definition.name)


_CODECS: Final[Mapping[FieldType, Callable[[Definition], Codec]]] = {
    "text": text_of, "long_text": text_of, "url": text_of, "number": number_of, "currency": number_of,
    "percent": number_of, "boolean": lambda _: flag, "date": lambda _: DAY, "picklist": by_id,
    "multi_select": _multi_select, "reference": lambda _: CONNECTED,
}  # fmt: skip


def codec_for(definition: Definition) -> Codec:
    """Return the codec between a field's wire value and its neutral one; of an unknown type they are the same."""
    made: Any = _CODECS.get(definition.type)
    return custom_value if made is None else made(definition)
