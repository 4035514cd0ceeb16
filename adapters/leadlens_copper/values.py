"""Codecs of single values on Copper's wire (Developer API v1, developer.copper.com)."""

from __future__ import annotations

import datetime as dt
import re

from leadlens.codecs import Codec, Doubt, Lossy, Unfit, Unsayable, text, unix_seconds, whole_percent
from leadlens.composites import custom_value, named_parts
from leadlens.model import (
    JSON,
    ConvertedTo,
    Ref,
)
from leadlens.references import integer_id, picklist, ref_by_id
from leadlens_copper.crosswalks import DateOrder

# --- values ----------------------------------------------------------------------------------------------------------

PERSON_NAME = named_parts("prefix", "first", "middle", "last", "suffix", "full")
USER = ref_by_id(integer_id, "user")
SOURCE = ref_by_id(integer_id, "source").but(unmapped="unmapped_option")
CONTACT_TYPE = ref_by_id(integer_id, "contact_type").but(unmapped="unmapped_option")
PIPELINE = ref_by_id(integer_id, "pipeline").but(unmapped="unmapped_option")
STAGE = ref_by_id(integer_id, "stage").but(unmapped="unmapped_option")


def _read_converted(at: JSON, contact: JSON, deal: JSON) -> ConvertedTo | None:
    if at is None and contact is None and deal is None:
        return None
    when = None if at is None else unix_seconds.decode(at)
    return ConvertedTo(contact=_ref(contact), deal=_ref(deal), converted_at=when)


def _ref(wire: JSON) -> Ref | None:
    return None if wire is None else Ref(integer_id.decode(wire))


def _write_converted(into: ConvertedTo) -> tuple[JSON, JSON, JSON]:
    at = None if into.converted_at is None else unix_seconds.encode(into.converted_at)
    ids = [None if r is None or r.id is None else integer_id.encode(r.id) for r in (into.contact, into.deal)]
    return at, ids[0], ids[1]


CONVERTED_TO = Codec(
    "when and into what it was converted", _read_converted, _write_converted,
    (unix_seconds.schema, integer_id.schema, integer_id.schema),
    lossy=Lossy("narrowed", "Copper keeps the contact, the deal and the time of a conversion, and nothing more"),
)  # fmt: skip


def close_date(order: DateOrder | None) -> Codec:
    """Return the codec of ``close_date`` (``1/23/2017``); without an order most dates are ambiguous."""

    def read(wire: JSON) -> dt.date:
        match = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", wire) if wire.__class__ is str else None
        if match is None:
            raise Unfit("a date such as 1/23/2017")
        first, second, year = map(int, match.groups())
        if order is None and first <= 12 and second <= 12 and first != second:
            raise Doubt("the date can be month first or day first; say copper@month-first or copper@day-first")
        day_first = order == "day-first" or (order is None and first > 12)
        try:
            return dt.date(year, second, first) if day_first else dt.date(year, first, second)
        except ValueError:
            raise Unfit(f"a date of the calendar, {order or 'month-first'}") from None

    def write(date: dt.date) -> str:
        if order is None and date.day != date.month:
            told = "Copper accounts write dates month first or day first; say copper@month-first or copper@day-first"
            raise Unsayable("ambiguous", told)
        parts = (date.day, date.month) if order == "day-first" else (date.month, date.day)
        return f"{parts[0]}/{parts[1]}/{date.year:04}"

    shape = {"month-first": r"^(1[0-2]|[1-9])/(1[0-9]|2[0-8]|[1-9])/20[0-9][0-9]$"}
    day_first = r"^(1[0-9]|2[0-8]|[1-9])/(1[0-2]|[1-9])/20[0-9][0-9]$"
    pattern = shape["month-first"] if order == "month-first" else day_first
    examples = ["31/1/2026", "2/2/2026"] if order == "day-first" else ["1/31/2026", "2/2/2026"]
    return Codec("a date", read, write, {"type": "string", "pattern": pattern, "examples": examples})


def _write_custom(value: JSON) -> JSON:
    if value.__class__ is tuple and any(item.__class__ is not int for item in value):
        raise Unsayable("unmapped_option", "Copper keeps several options by their ids, and only their names are known")
    return custom_value.encode(value)


CUSTOM_VALUE = custom_value.but(encode=_write_custom)


def _write_pipeline_type(kind: str) -> str:
    if kind not in ("opportunity", "project", "item"):
        raise Unsayable("unmapped_option", "Copper's pipelines are of opportunities, projects or items")
    return kind


PIPELINE_TYPE = Codec(
    "text", text.decode, _write_pipeline_type, {"type": "string", "enum": ["opportunity", "project", "item"]}
)
STATUS = picklist({"Open": "open", "Won": "won", "Lost": "lost", "Abandoned": "abandoned"})
PRIORITY = picklist({"None": "none", "Low": "low", "Medium": "medium", "High": "high"})


PERCENT = whole_percent("Copper keeps whole percents")
