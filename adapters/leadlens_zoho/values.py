"""Codecs of single values on Zoho's wire (zoho.com/crm/developer/docs/api, v2 to v8)."""

from __future__ import annotations

import re

from leadlens.categories import addresses_by_category, by_category
from leadlens.codecs import (
    EXACT,
    LOST,
    REFUSED,
    Codec,
    Lossy,
    Unfit,
    Unsayable,
    iso_offset,
    number,
    one,
    text,
    texts,
    whole_percent,
)
from leadlens.composites import address_parts, custom_value, named_parts
from leadlens.crosswalk import Crosswalk, field, ignored
from leadlens.model import JSON, ConvertedTo, CustomField, Email, Money, Phone, Ref, Social, Website
from leadlens.references import option, ref_by_name, text_id

# --- references ------------------------------------------------------------------------------------------------------


def _write_id(identity: str) -> str:
    if not re.fullmatch("[1-9][0-9]*", identity):
        raise Unsayable("id_not_exact", "only whole numbers are ids in Zoho")
    return identity


ID = text_id.but(encode=_write_id)
_NEEDS_ID = "Zoho needs the id of what a record points to"
_ONLY_ID_AND_NAME = "leadlens keeps the id and the name of what a record points to"
_LOOKUP = Crosswalk(
    Ref,
    "zoho.lookup",
    field("id", "id", ID, required=_NEEDS_ID),
    field("name", "name", text),
    *ignored(("Locked__s", "display_label"), _ONLY_ID_AND_NAME),
)
_USER_LOOKUP = Crosswalk(
    Ref,
    "zoho.user-lookup",
    field("id", "id", ID, required=_NEEDS_ID),
    field("name", "name", text),
    *ignored("email", _ONLY_ID_AND_NAME),
)


def lookup(space: str) -> Codec:
    """Return the codec of a reference that Zoho writes as an object of id and name."""
    return one(_USER_LOOKUP if space == "user" else _LOOKUP).but(ids=space)


STATUS = ref_by_name("status")
SOURCE = ref_by_name("source")
STAGE = ref_by_name("stage")
PIPELINE = ref_by_name("pipeline")
LOSS_REASON = ref_by_name("loss_reason")
COMPANY_TYPE = ref_by_name("company_type")
INDUSTRY = option("industry")
RATING = option("rating")

# --- names, addresses, numbers ---------------------------------------------------------------------------------------

PERSON_NAME = named_parts(
    "prefix", "first", "last", detail="Zoho keeps a form of address, a first and a last name; other parts are lost"
)
EMAILS = by_category(
    Email,
    "address",
    {"Email": "work", "Secondary_Email": "other"},
    "Zoho keeps two e-mail addresses; further ones are lost",
    open_to_all=("work", "other"),
)
LEAD_PHONES = by_category(
    Phone,
    "number",
    {"Phone": "work", "Mobile": "mobile", "Fax": "fax"},
    "a Zoho lead keeps one phone, one mobile and one fax number; further ones are lost",
    open_to_all=("work",),
)
CONTACT_PHONES = by_category(
    Phone,
    "number",
    {
        "Phone": "work",
        "Mobile": "mobile",
        "Fax": "fax",
        "Home_Phone": "home",
        "Other_Phone": "other",
        "Asst_Phone": "assistant",
    },
    "a Zoho contact keeps one number of each kind; further ones are lost",
    open_to_all=("work", "other"),
)
COMPANY_PHONES = by_category(
    Phone,
    "number",
    {"Phone": "work", "Fax": "fax"},
    "a Zoho account keeps one phone and one fax number; further ones are lost",
    open_to_all=("work",),
)
SOCIALS = by_category(
    Social,
    "url",
    {"Twitter": "twitter", "Skype_ID": "skype"},
    "Zoho keeps a Twitter and a Skype name; other networks are lost",
)
WEBSITE = by_category(
    Website, "url", {"Website": "work"}, "Zoho keeps one website; further ones are lost", open_to_all=("work",)
)
_PARTS = ("street", "city", "state", "postal_code", "country")
ADDRESS = address_parts(*_PARTS)
CONTACT_ADDRESSES = addresses_by_category(
    _PARTS, ("mailing", "other"), "a Zoho contact keeps a mailing and one other address; further ones are lost"
)
COMPANY_ADDRESSES = addresses_by_category(
    _PARTS, ("billing", "shipping"), "a Zoho account keeps a billing and a shipping address; further ones are lost"
)


def _read_amount(wire: JSON) -> Money:
    return Money(number.decode(wire))


def _write_amount(money: Money) -> JSON:
    return number.encode(money.amount)


AMOUNT = Codec(
    "an amount", _read_amount, _write_amount, number.schema,
    lossy=Lossy("narrowed", "the currency of this amount is not kept apart from the record's", "note"),
)  # fmt: skip


PERCENT = whole_percent("Zoho keeps whole percents").but(decode=number.decode)


def _read_count(wire: JSON) -> str:
    if wire.__class__ is int or (wire.__class__ is str and wire):
        return str(wire)
    raise Unfit("a whole number")


def _write_count(digits: str) -> int:
    if re.fullmatch(r"0|[1-9][0-9]{0,8}", digits) is None:
        raise Unsayable("coerced", "Zoho keeps a whole number here")
    return int(digits)


DIGITS = Codec("a whole number", _read_count, _write_count, {"type": "integer", "minimum": 0, "maximum": 999_999_999})

# --- tags, custom fields, conversion ---------------------------------------------------------------------------------


_OF_A_TAG = {"name", "id", "color_code"}


def _read_tags(wire: JSON) -> tuple[str, ...]:
    if wire.__class__ is not list:
        raise Unfit("a list of tags")
    for place, tag in enumerate(wire):
        if tag.__class__ is not dict or tag.get("name").__class__ is not str:
            raise Unfit("a tag with its name", f"[{place}]")
        if not tag.keys() <= _OF_A_TAG:
            raise Unfit("name, id and color_code of a tag", f"[{place}]")
    return tuple(tag["name"] for tag in wire)


def _write_tags(tags: tuple[str, ...]) -> JSON:
    return [{"name": tag} for tag in tags]


TAGS = Codec(
    "a list of tags", _read_tags, _write_tags, empty=[], schema={
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "patternProperties": {"^(id|color_code)$": {"description": "a tag is carried by its name"}},
            "required": ["name"],
            "additionalProperties": False,
        },
    },
)  # fmt: skip
TAG_NAMES = texts("a list of tag names")


def _read_custom(extra: dict[str, JSON]) -> tuple[CustomField, ...]:
    given = ((name, value) for name, value in extra.items() if value is not None)
    return tuple(CustomField(definition=Ref(None, name), value=custom_value.decode(value)) for name, value in given)


def _write_custom(fields: tuple[CustomField, ...]) -> dict[str, JSON]:
    if any(field.definition.name is None for field in fields):
        raise Unsayable(*_NAMELESS[:3])
    return {field.definition.name: custom_value.encode(field.value) for field in fields}  # type: ignore[misc]  # see above


def _weigh_custom(field: CustomField) -> tuple[dict[str, JSON] | None, int] | None:
    definition = field.definition
    if definition.name is None:
        return None, REFUSED
    if field.value is None:
        return None
    return {definition.name: custom_value.encode(field.value)}, EXACT if definition.id is None else LOST


CUSTOM_NAME = r"^[A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$"
_NAMELESS = Lossy(
    "unmapped_option", "Zoho finds a custom field by its API name, and only an id is known; map its definition"
)
CUSTOM_FIELDS = Codec(
    "custom fields by API name", _read_custom, _write_custom, {"type": "object"},
    lossy=Lossy("narrowed", "Zoho names its custom fields; the id of the definition is not kept", "note"),
    weigh=_weigh_custom, refused=_NAMELESS,
)  # fmt: skip


def _id_of(wire: JSON) -> Ref | None:
    if wire is None:
        return None
    if wire.__class__ is dict:
        return Ref(None if wire.get("id") is None else ID.decode(wire["id"]), wire.get("name"))
    return Ref(ID.decode(wire))


def _read_converted(flag: JSON, detail: JSON) -> ConvertedTo | None:
    if flag is not None and flag.__class__ is not bool:
        raise Unfit("true or false")
    if detail is not None and detail.__class__ is not dict:
        raise Unfit("an object", place=1)
    if not detail:
        return ConvertedTo() if flag is True else None
    if flag is False:
        raise Unfit("$converted true where $converted_detail says into what")
    if unknown := detail.keys() - {"contact", "account", "deal", "convert_date", "converted_by"}:
        raise Unfit(f"no key {min(unknown)!r} here")
    at = detail.get("convert_date")
    return ConvertedTo(
        contact=_id_of(detail.get("contact")),
        company=_id_of(detail.get("account")),
        deal=_id_of(detail.get("deal")),
        converted_at=None if at is None else iso_offset.decode(at),
        converted_by=_id_of(detail.get("converted_by")),
    )


def _write_converted(into: ConvertedTo) -> tuple[JSON, JSON]:
    refs = {"contact": into.contact, "account": into.company, "deal": into.deal, "converted_by": into.converted_by}
    detail: dict[str, JSON] = {key: ID.encode(ref.id) for key, ref in refs.items() if ref is not None and ref.id}
    if into.converted_at is not None:
        detail["convert_date"] = iso_offset.encode(into.converted_at)
    return True, detail or None


def _id_or_object(left_out: str) -> JSON:
    """Return the schema of a record or user that is named by its id or by an object."""
    named = {
        "type": "object",
        "properties": {"id": ID.schema, "name": {"type": "string"}},
        "patternProperties": {left_out: {"description": _ONLY_ID_AND_NAME}},
        "required": ["id", "name"],
        "additionalProperties": False,
    }
    return {"anyOf": [ID.schema, named]}


_RECORD, _USER = _id_or_object("^(Locked__s|display_label)$"), _id_or_object("^(email)$")
_DETAIL: JSON = {
    "type": "object",
    "properties": {
        "contact": _RECORD,
        "account": _RECORD,
        "deal": _RECORD,
        "convert_date": iso_offset.schema,
        "converted_by": _USER,
    },
    "additionalProperties": False,
}
CONVERTED_TO = Codec(
    "whether, when and into what it was converted", _read_converted, _write_converted, ({"type": "boolean"}, _DETAIL),
    lossy=Lossy("narrowed", "Zoho keeps the ids of what a lead became, to the second"),
)  # fmt: skip
