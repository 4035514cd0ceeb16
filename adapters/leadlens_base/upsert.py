"""Base's upsert of leads, contacts, organizations and deals: filters in the query, the record in the body."""

from __future__ import annotations

import re
from collections.abc import Mapping

from leadlens.codecs import Codec, Lossy, Unfit, Unsayable
from leadlens.composites import custom_value
from leadlens.conversion import MatchKey, UpsertRequest, UpsertResult
from leadlens.crosswalk import (
    EVERYTHING_ELSE,
    CallTemplate,
    Crosswalk,
    absent,
    case,
    cleared,
    constant,
    field,
    ignored,
    refuse,
    under,
    variant,
)
from leadlens.model import JSON, Company, Contact, Deal, Lead, PersonName, Record, Ref
from leadlens_base.records import COMPANY, CONTACT, DEAL, LEAD, LEAD_REPLY

# --- what to match by ------------------------------------------------------------------------------------------------

_CUSTOM = re.compile(r"custom_fields\[(.+)\]", re.DOTALL)
_FIELDS = ("email", "phone", "mobile", "name")
_TEXT, _ID = ".*", "[1-9][0-9]*"
_PERSON = dict.fromkeys(("first_name", "last_name", "email", "phone", "mobile"), _TEXT)
_CONTACT = _PERSON | {"name": _TEXT, "creator_id": _ID, "owner_id": _ID, "contact_id": _ID}
_FILTERS: dict[type, dict[str, str]] = {
    Lead: _PERSON | {"organization_name": _TEXT, "status": _TEXT, "creator_id": _ID, "owner_id": _ID, "source_id": _ID},
    Contact: _CONTACT,
    Company: _CONTACT,
    Deal: {"name": _TEXT}
    | dict.fromkeys(("creator_id", "owner_id", "contact_id", "organization_id", "source_id", "stage_id"), _ID),
}
"""The filters of Base's lists, which its upserts share; a lead has none for the whole name."""


def _own_value(field_name: str, record: Record) -> JSON:
    if field_name == "name":
        name = record.name
        return name.display if isinstance(name, PersonName) else name
    if field_name == "email":
        emails = getattr(record, "emails", ())
        return emails[0].address if emails else None
    wanted = "mobile" if field_name == "mobile" else "work"
    return next((phone.number for phone in getattr(record, "phones", ()) if phone.category == wanted), None)


def _own_custom(name: str, record: Record) -> JSON:
    return next((f.value for f in record.custom_fields if f.definition.name == name), None)


def _kept_value(given: JSON, own: JSON) -> JSON:
    return None if given == own and given.__class__ is own.__class__ else given


def _read_key(key: str, wire: JSON, record: Record) -> MatchKey:
    if custom := _CUSTOM.fullmatch(key):
        value = _kept_value(custom_value.decode(wire), _own_custom(custom[1], record))
        return MatchKey(definition=Ref(None, custom[1]), value=value)
    if wire.__class__ is not str:
        raise Unfit("text", f".{key}")
    if key in _FIELDS:
        return MatchKey(field=key, value=_kept_value(wire, _own_value(key, record)))
    return MatchKey(field=key, value=wire)


def _read_match(wire: JSON, record: Record) -> tuple[MatchKey, ...] | None:
    if wire.__class__ is not dict:
        raise Unfit("an object of filters")
    return tuple(_read_key(key, value, record) for key, value in wire.items() if value is not None) or None


def _write_custom_key(definition: Ref, value: JSON, record: Record) -> tuple[str, JSON]:
    if not definition.name:
        raise Unsayable("unmapped_option", "Base matches custom fields by name, and only an id is known")
    wanted = _own_custom(definition.name, record) if value is None else value
    if wanted.__class__ is tuple:
        raise Unsayable("coerced", "Base matches by one value, not by several")
    return f"custom_fields[{definition.name}]", wanted


def _write_field_key(name: str | None, value: JSON, record: Record) -> tuple[str, JSON]:
    form = _FILTERS[record.__class__].get(name or "")
    if name is None or form is None:
        raise Unsayable("absent", "Base has no such filter to match by")
    wanted = _own_value(name, record) if value is None else value
    if wanted is not None and (wanted.__class__ is not str or re.fullmatch(form, wanted, re.DOTALL) is None):
        raise Unsayable("coerced", "Base cannot match by such a value")
    return name, wanted


def _write_key(key: MatchKey, record: Record) -> tuple[str, JSON]:
    if key.definition is not None:
        name, wanted = _write_custom_key(key.definition, key.value, record)
    else:
        name, wanted = _write_field_key(key.field, key.value, record)
    if wanted is None:
        raise Unsayable("coerced", "the record has no value to match by")
    return name, wanted


def _write_match(keys: tuple[MatchKey, ...], record: Record) -> JSON:
    return dict(_write_key(key, record) for key in keys)


MATCH = Codec(
    "an object of filters", _read_match, _write_match,
    {
        "type": "object",
        "properties": {"email": {"type": "string"}, "custom_fields[Legacy]": {"type": "string"}},
        "additionalProperties": False,
    },
    lossy=Lossy("narrowed", "Base takes each filter once, a field's or a custom field's"),
)  # fmt: skip

# --- request and reply -----------------------------------------------------------------------------------------------

_ITEM = "upsert.body.data"
_RESOURCE, _IS_ORGANIZATION = "upsert.path.resource", f"{_ITEM}.is_organization"

_NEVER_NULL = {
    Lead: ("tags", "custom_fields"),
    Contact: ("customer_status", "prospect_status", "tags", "custom_fields"),
    Company: ("name", "customer_status", "prospect_status", "tags", "custom_fields"),
    Deal: ("name", "contact", "stage", "hot", "tags", "custom_fields"),
}
"""A record always has these; tags are an empty list, and custom fields are emptied one by one."""
_CLEARED = cleared("clear", _ITEM, LEAD, CONTACT, COMPANY, DEAL)


def _clearable(model: type, keys: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: wires for name, wires in keys.items() if name not in _NEVER_NULL.get(model, ())}


UPSERT_REQUEST = Crosswalk(
    UpsertRequest,
    "base.upsert-request",
    variant(
        "record",
        "",
        case(Lead, {_RESOURCE: "leads"}, *under(_ITEM, LEAD.rows)),
        case(Company, {_RESOURCE: "contacts", _IS_ORGANIZATION: True}, *under(_ITEM, COMPANY.rows)),
        case(Contact, {_RESOURCE: "contacts"}, *under(_ITEM, CONTACT.rows)),
        case(Deal, {_RESOURCE: "deals"}, *under(_ITEM, DEAL.rows)),
    ),
    field("match", "upsert.query", MATCH, beside="record", required="Base needs at least one filter to match by"),
    _CLEARED._replace(keys={model: _clearable(model, keys) for model, keys in _CLEARED.keys.items()}),
    absent("automations", "Base does not let the request choose whether automations run"),
    calls=(
        CallTemplate(
            "upsert", "upsert", "POST", "/v2/{resource}/upsert",
            "update the record that matches, or create it", always=("body.data",), given={"resource": "leads"},
        ),
    ),
)  # fmt: skip

_ONE_KIND = "the reply is read as a lead's"

UPSERT_REPLY = Crosswalk(
    UpsertResult,
    "base.upsert-reply",
    variant(
        "record",
        "",
        case(Lead, {}, *under("data", LEAD_REPLY.rows)),
        *(refuse(model, _ONE_KIND, to=Lead()) for model in (Contact, Company, Deal)),
    ),
    constant("outcome", None, "unknown", "Base tells by the status of the reply whether it created or updated"),
    constant(None, "meta.type", "lead"),
    *ignored("meta.links", "links to related resources"),
    absent(EVERYTHING_ELSE, "Base's reply is the record and nothing else"),
    author="vendor",
)
