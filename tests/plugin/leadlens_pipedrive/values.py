"""Codecs of single values on Pipedrive's wire.

Source: developers.pipedrive.com/docs/api/v1 (persons, organizations and deals by v2, leads by v1), with the models of
the vendor's own clients: client-nodejs 32.2.1, client-php for the fields of a person.
"""

from __future__ import annotations

import re
from typing import Final

from leadlens.codecs import Codec, Lossy, Unfit, Unsayable, number, text
from leadlens.composites import custom_value, named_parts
from leadlens.model import JSON, Address, ConvertedFrom, CustomField, Money, PersonName, Ref
from leadlens.references import integer_id, picklist, ref_by_id, ref_by_name

# --- ids -------------------------------------------------------------------------------------------------------------

_LEAD_ID: Final = "[0-9A-Za-z-]{1,64}"


def _read_lead_id(wire: JSON) -> str:
    if wire.__class__ is str and re.fullmatch(_LEAD_ID, wire):
        return str(wire)
    raise Unfit("the id of a lead: a text such as adf21080-0e10-11eb-879b-05d71fb426ec")


def _write_lead_id(identity: str) -> str:
    if re.fullmatch(_LEAD_ID, identity):
        return identity
    raise Unsayable("id_not_exact", "Pipedrive's leads have ids of letters, digits and hyphens")


LEAD_ID: Final = Codec(
    "the id of a lead", _read_lead_id, _write_lead_id,
    {"type": "string", "pattern": f"^{_LEAD_ID}$", "examples": ["adf21080-0e10-11eb-879b-05d71fb426ec"]},
)  # fmt: skip
"""Leads have UUIDs; the reference calls them texts, and its samples hold shorter ones."""
USER: Final = ref_by_id(integer_id, "user")
CONTACT_ID: Final = ref_by_id(integer_id, "contact")
COMPANY_ID: Final = ref_by_id(integer_id, "company")
STAGE: Final = ref_by_id(integer_id, "stage").but(unmapped="unmapped_option")
PIPELINE: Final = ref_by_id(integer_id, "pipeline").but(unmapped="unmapped_option")
CHANNEL: Final = ref_by_id(integer_id, "source").but(unmapped="unmapped_option")
LOSS_REASON: Final = ref_by_name("loss_reason")
STATUS: Final = picklist({status: status for status in ("open", "won", "lost")})


def _read_source_lead(wire: JSON) -> tuple[ConvertedFrom, ...]:
    return (ConvertedFrom(lead_id=_read_lead_id(wire)),)


def _write_source_lead(leads: tuple[ConvertedFrom, ...]) -> JSON:
    if leads[0].lead_id is None:
        raise Unsayable("narrowed", "Pipedrive keeps which lead a deal came from, and nothing more")
    return _write_lead_id(leads[0].lead_id)


SOURCE_LEAD: Final = Codec(
    "the id of a lead", _read_source_lead, _write_source_lead, LEAD_ID.schema,
    lossy=Lossy("narrowed", "Pipedrive keeps the one lead that a deal came from, by its id"),
)  # fmt: skip

# --- names, e-mail, money --------------------------------------------------------------------------------------------

_PARTED: Final = named_parts("first", "last", "full")


def _write_name(name: PersonName) -> tuple[JSON, JSON, JSON]:
    if name.display is None:
        raise Unsayable("coerced", "a name that is only a form of address says nothing here")
    return None, None, name.display


def _only_split(name: PersonName, left: PersonName | None) -> bool:
    return left is not None and name.prefix is None and left.display == name.display


PERSON_NAME: Final = _PARTED.but(
    encode=_write_name,
    lossy=Lossy("coerced", "Pipedrive takes a name as one text; a form of address is lost", "loss", _only_split,
                "Pipedrive takes a name as one text, and splits it into a first and a last name itself"),
)  # fmt: skip
"""The first and the last name are Pipedrive's own reading of the name, and only read."""


def _read_label(wire: JSON) -> str:
    label: str = text.decode(wire)
    return "personal" if label == "home" else label


def _write_label(category: str) -> str:
    return "home" if category == "personal" else category


MAIL_LABEL: Final = Codec(
    "a label", _read_label, _write_label, {"type": "string"},
    lossy=Lossy("coerced", "Pipedrive's label for a personal address is 'home'", "note"),
)  # fmt: skip


def _currency(money: Money) -> str | None:
    known = money.currency is not None and re.fullmatch("[A-Z]{3}", money.currency) is not None
    return money.currency if known else None


def _read_money(amount: JSON, currency: JSON) -> Money | None:
    if currency is not None and currency.__class__ is not str:
        raise Unfit("a currency code as text", place=1)
    return None if amount is None else Money(number.decode(amount), currency)


def _write_money(money: Money) -> tuple[JSON, JSON]:
    return number.encode(money.amount), _currency(money)


MONEY: Final = Codec(
    "an amount and its currency", _read_money, _write_money,
    (number.schema, {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["EUR", "USD"]}),
    lossy=Lossy("coerced", "Pipedrive takes a currency by its code of three letters"),
)  # fmt: skip


def _read_whole(wire: JSON) -> Money:
    if wire.__class__ is not dict or wire.keys() != {"amount", "currency"} or wire["currency"].__class__ is not str:
        raise Unfit("an object of an amount and a currency")
    return Money(number.decode(wire["amount"]), wire["currency"])


def _write_whole(money: Money) -> JSON:
    if _currency(money) is None:
        raise Unsayable("coerced", "a Pipedrive lead takes an amount only with the code of its currency")
    return {"amount": number.encode(money.amount), "currency": money.currency}


LEAD_VALUE: Final = Codec(
    "an amount with its currency", _read_whole, _write_whole,
    {
        "type": "object",
        "properties": {"amount": number.schema, "currency": {"type": "string", "enum": ["EUR", "USD"]}},
        "required": ["amount", "currency"],
        "additionalProperties": False,
    },
)  # fmt: skip

# --- addresses -------------------------------------------------------------------------------------------------------

_PARTS: Final = {
    "street": "route",
    "city": "locality",
    "state": "admin_area_level_1",
    "postal_code": "postal_code",
    "country": "country",
}
_FURTHER: Final = ("value", "street_number", "subpremise", "sublocality", "admin_area_level_2")


def _joined(*parts: JSON) -> str | None:
    return " ".join(part for part in parts if part) or None


def _read_address(wire: JSON) -> tuple[Address, ...]:
    """Read an address; one that Pipedrive has not split into parts is a street."""
    if wire.__class__ is not dict:
        raise Unfit("an object")
    for key, part in wire.items():
        if key not in (*_PARTS.values(), *_FURTHER) or not (part is None or part.__class__ is str):
            raise Unfit("text for value, route, locality, admin_area_level_1, postal_code and country")
    said = {name: wire.get(key) for name, key in _PARTS.items()}
    said["street"] = _joined(wire.get("street_number"), wire.get("route"), wire.get("subpremise"))
    said["city"] = said["city"] or wire.get("sublocality")
    said["state"] = said["state"] or wire.get("admin_area_level_2")
    if not any(said.values()):
        said["street"] = wire.get("value")
    return (Address(**said),) if any(said.values()) else ()


def _write_address(addresses: tuple[Address, ...]) -> JSON:
    address = addresses[0]
    said = {key: value for name, key in _PARTS.items() if (value := getattr(address, name))}
    if not said:
        raise Unsayable("coerced", "an empty address says nothing", "note")
    return {"value": ", ".join(said.values()), **said}


def _only_label(addresses: tuple[Address, ...], left: tuple[Address, ...] | None) -> bool:
    return len(addresses) == 1 and left is not None and _write_address(addresses) == _write_address(left)


_TEXT: Final = {"type": "string", "minLength": 1}
ADDRESS: Final = Codec(
    "an address in parts", _read_address, _write_address,
    {
        "type": "object",
        "properties": dict.fromkeys(("value", *_PARTS.values()), _TEXT),
        "required": ["value"],
        "additionalProperties": False,
    },
    lossy=Lossy("narrowed", "Pipedrive keeps one address of an organization; further ones are lost", "loss",
                _only_label, "what the address is for, or an empty part of it, is not kept"),
)  # fmt: skip

# --- custom fields ---------------------------------------------------------------------------------------------------

FIELD_KEY: Final = "^[0-9a-f]{40}$"
_NEEDS_KEY: Final = "Pipedrive names a custom field by its key of 40 letters and digits; map its definition"


def _read_custom(wire: JSON) -> tuple[CustomField, ...]:
    if wire.__class__ is not dict:
        raise Unfit("an object of custom fields by key")
    given = ((key, value) for key, value in wire.items() if value is not None)
    return tuple(CustomField(definition=Ref(key), value=custom_value.decode(value)) for key, value in given)


def _write_custom(fields: tuple[CustomField, ...]) -> dict[str, JSON]:
    keyed = {f.definition.id: f.value for f in fields if f.definition.id and re.fullmatch(FIELD_KEY, f.definition.id)}
    if not keyed:
        raise Unsayable("unmapped_option", _NEEDS_KEY)
    said = {key: custom_value.encode(value) for key, value in keyed.items() if value is not None}
    if not said:
        raise Unsayable("left_out", "custom fields without a value say nothing", "note")
    return said


def _only_names(fields: tuple[CustomField, ...], left: tuple[CustomField, ...] | None) -> bool:
    return [(f.definition.id, f.value) for f in fields] == [(f.definition.id, f.value) for f in left or ()]


CUSTOM_FIELDS: Final = Codec(
    "custom fields by key", _read_custom, _write_custom,
    {"type": "object", "additionalProperties": {"type": "string"}}, empty={},
    lossy=Lossy("narrowed", "Pipedrive keeps one value for each custom field that has a key of its own; "
                "others are lost", "loss", _only_names, "Pipedrive names custom fields by key; the name is not kept"),
)  # fmt: skip
