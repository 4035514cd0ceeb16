"""Codecs of single values on Base's wire (Zendesk Sell Core API v2, developer.zendesk.com/api-reference/sales-crm)."""

from __future__ import annotations

import datetime as dt
import re

from leadlens.categories import by_category, placed
from leadlens.codecs import Codec, Lossy, Unfit, Unsayable, decimal_text, iso_date, text, whole_percent
from leadlens.composites import custom_value, named_parts
from leadlens.crosswalk import Crosswalk, absent, field
from leadlens.model import JSON, Address, CustomField, Email, Money, PersonName, Phone, Ref, Social, Website
from leadlens.references import (
    integer_id,
    picklist,
    ref_by_id,
    ref_by_name,
)

USER = ref_by_id(integer_id, "user")
ORGANIZATION = ref_by_id(integer_id, "company")
STATUS = ref_by_name("status")
SOURCE = ref_by_id(integer_id, "source").but(unmapped="unmapped_option")
STAGE = ref_by_id(integer_id, "stage").but(unmapped="unmapped_option")
LOSS_REASON = ref_by_id(integer_id, "loss_reason").but(unmapped="unmapped_option")
UNQUALIFIED = ref_by_id(integer_id, "unqualified_reason").but(unmapped="unmapped_option")

CUSTOMER_STATUS = picklist({status: status for status in ("none", "current", "past")})
PROSPECT_STATUS = picklist({status: status for status in ("none", "current", "lost")})

PERSON_NAME = named_parts("first", "last", detail="Base keeps a first and a last name; other parts are lost")


def _read_last_first(first: JSON, last: JSON) -> PersonName | None:
    return PERSON_NAME.decode(first, last)  # type: ignore[no-any-return]  # a codec's functions are untyped


def _write_with_last(name: PersonName) -> tuple[JSON, JSON]:
    first, last = PERSON_NAME.encode(name)
    if last is None:
        return None, name.display
    return first, last


NAME_FOR_CONTACT = PERSON_NAME.but(decode=_read_last_first, encode=_write_with_last)
"""A name that makes a contact: Base makes none of a lead without a last name, so the only part there is becomes it."""

EMAIL = by_category(
    Email, "address", {"email": "work"}, "Base keeps one e-mail address; further ones are lost", open_to_all=("work",)
)
PHONES = by_category(
    Phone,
    "number",
    {"phone": "work", "mobile": "mobile", "fax": "fax"},
    "Base keeps one phone, one mobile and one fax number; further ones are lost",
    open_to_all=("work",),
)
WEBSITE = by_category(
    Website, "url", {"website": "work"}, "Base keeps one website; further ones are lost", open_to_all=("work",)
)
SOCIALS = by_category(
    Social,
    "url",
    {"twitter": "twitter", "facebook": "facebook", "linkedin": "linkedin", "skype": "skype"},
    "Base keeps Twitter, Facebook, LinkedIn and Skype; other networks are lost",
)

# --- addresses -------------------------------------------------------------------------------------------------------

ADDRESS = Crosswalk(
    Address,
    "base.address",
    field("street", "line1", text),
    field("city", "city", text),
    field("state", "state", text),
    field("postal_code", "postal_code", text),
    field("country", "country", text),
    absent("category", "a Base lead keeps one address and does not say what it is for", level="note"),
)
_KEYS = {"line1": "street", "city": "city", "state": "state", "postal_code": "postal_code", "country": "country"}
_PLACES = {"address": None, "billing_address": "billing", "shipping_address": "shipping"}
_CATEGORIES = tuple(_PLACES.values())


def read_address(place: int, category: str | None, wire: JSON) -> Address:
    """Return an address of the wire; ``place`` is that of its key in the row."""
    if wire.__class__ is not dict:
        raise Unfit("an object", place=place)
    for part, value in wire.items():
        if part not in _KEYS or not (value is None or value.__class__ is str):
            raise Unfit("text for line1, city, state, postal_code and country", place=place)
    return Address(category=category, **{_KEYS[part]: value for part, value in wire.items()})


def _read_addresses(*wires: JSON) -> tuple[Address, ...] | None:
    given = ((place, wire) for place, wire in enumerate(wires) if wire is not None)
    return tuple(read_address(place, _CATEGORIES[place], wire) for place, wire in given) or None


def _write_addresses(addresses: tuple[Address, ...]) -> tuple[JSON, ...]:
    saying = [address for address in addresses if write_address(address)]
    held = placed(saying, {category: place for place, category in enumerate(_CATEGORIES)}, (0,))
    return tuple([None if address is None else write_address(address) for address in held])


def write_address(address: Address) -> dict[str, JSON]:
    """Return what an address says as an object of its parts."""
    said = {key: getattr(address, part) for key, part in _KEYS.items()}
    return {key: value for key, value in said.items() if value is not None}


def _only_labels(addresses: tuple[Address, ...], left: tuple[Address, ...] | None) -> bool:
    return [said for a in addresses if (said := write_address(a))] == [write_address(a) for a in left or ()]


_PARTS = {key: {"type": "string"} for key in _KEYS}
ONE_ADDRESS = {"type": "object", "properties": _PARTS, "additionalProperties": False}
ADDRESSES = Codec(
    "addresses", _read_addresses, _write_addresses, (ONE_ADDRESS, ONE_ADDRESS, ONE_ADDRESS),
    lossy=Lossy("narrowed", "Base keeps a main, a billing and a shipping address; further ones are lost", "loss",
                _only_labels, "what each address is for, or an empty one, is not kept exactly"),
)  # fmt: skip

# --- numbers, dates, custom fields -----------------------------------------------------------------------------------


def _read_money(amount: JSON, currency: JSON) -> Money | None:
    if currency is not None and currency.__class__ is not str:
        raise Unfit("a currency code as text", place=1)
    return None if amount is None else Money(decimal_text.decode(amount), currency)


def _write_money(money: Money) -> tuple[JSON, JSON]:
    known = money.currency is not None and re.fullmatch(r"[A-Z]{3}", money.currency) is not None
    return decimal_text.encode(money.amount), money.currency if known else None


MONEY = Codec(
    "an amount and its currency", _read_money, _write_money,
    (decimal_text.schema, {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["EUR", "USD"]}),
    lossy=Lossy("coerced", "Base takes a currency by its code of three letters"),
)  # fmt: skip


PERCENT = whole_percent("Base keeps whole percents")


def _read_day(wire: JSON) -> dt.date:
    """Read a day; some replies give it with a time behind it."""
    if wire.__class__ is str and wire[10:11] in ("T", " "):
        return iso_date.decode(wire[:10])  # type: ignore[no-any-return]  # a codec's functions are untyped
    return iso_date.decode(wire)  # type: ignore[no-any-return]  # see above


DAY = iso_date.but(decode=_read_day)


def _read_custom(wire: JSON) -> tuple[CustomField, ...]:
    if wire.__class__ is not dict:
        raise Unfit("an object of custom fields by name")
    given = ((name, value) for name, value in wire.items() if value is not None)
    return tuple(CustomField(definition=Ref(None, name), value=custom_value.decode(value)) for name, value in given)


def _write_custom(fields: tuple[CustomField, ...]) -> JSON:
    named = [field for field in fields if field.definition.name is not None]
    if not named:
        raise Unsayable("unmapped_option", "custom fields are needed by their names, and only an id is known")
    said = {field.definition.name: custom_value.encode(field.value) for field in named if field.value is not None}
    if not said:
        raise Unsayable("left_out", "custom fields without a value say nothing", "note")
    return said


def _only_ids(fields: tuple[CustomField, ...], left: tuple[CustomField, ...] | None) -> bool:
    return [(f.definition.name, f.value) for f in fields] == [(f.definition.name, f.value) for f in left or ()]


CUSTOM_FIELDS = Codec(
    "custom fields by name", _read_custom, _write_custom,
    {"type": "object", "additionalProperties": {"type": "string"}}, ids="definition", empty={},
    lossy=Lossy("narrowed", "Base keeps one value for each custom field that has a name; others are lost", "loss",
                _only_ids, "Base names its custom fields; the id of the definition is not kept"),
)  # fmt: skip
