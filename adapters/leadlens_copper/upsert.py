"""Copper's upsert of a lead (developer.copper.com/leads/upsert-a-lead.html and …-by-custom-field.html)."""

from __future__ import annotations

from leadlens.codecs import Codec, Lossy, Unfit, Unsayable
from leadlens.composites import custom_value
from leadlens.conversion import (
    MatchKey,
    UpsertRequest,
    UpsertResult,
)
from leadlens.crosswalk import (
    EVERYTHING_ELSE,
    CallTemplate,
    Crosswalk,
    absent,
    case,
    cleared,
    constant,
    field,
    refuse,
    variant,
)
from leadlens.model import (
    JSON,
    Company,
    Contact,
    Deal,
    Lead,
    Ref,
)
from leadlens.references import integer_id
from leadlens_copper.records import LEAD, LEAD_REPLY

# --- upsert ----------------------------------------------------------------------------------------------------------


def _own_value(name: str, lead: Lead) -> JSON:
    if name == "email":
        return lead.emails[0].address if lead.emails else None
    return lead.name.display if lead.name is not None else None


def _read_match(name: JSON, wanted: JSON, lead: Lead) -> tuple[MatchKey, ...] | None:
    if name is None:
        return None
    if name == "custom":
        return (_read_custom_match(wanted, lead),)
    if name not in ("email", "name"):
        raise Unfit("email, name or custom")
    if wanted.__class__ is not str:
        raise Unfit("text to match by")
    same = wanted == _own_value(name, lead)
    return (MatchKey(field=name, value=None if same else wanted),)


def _read_custom_match(wanted: JSON, lead: Lead) -> MatchKey:
    if wanted.__class__ is not dict or wanted.keys() != {"custom_field_definition_id", "value"}:
        raise Unfit("an object of custom_field_definition_id and value")
    definition = Ref(integer_id.decode(wanted["custom_field_definition_id"]))
    own = next((f.value for f in lead.custom_fields if f.definition == definition), None)
    value = custom_value.decode(wanted["value"])
    return MatchKey(definition=definition, value=None if own == value and own.__class__ is value.__class__ else value)


def _write_match(keys: tuple[MatchKey, ...], lead: Lead) -> tuple[JSON, JSON]:
    key = keys[0]
    if key.definition is not None:
        return "custom", _write_custom_match(key, key.definition, lead)
    if key.field not in ("email", "name"):
        raise Unsayable("absent", "Copper matches by e-mail, by name or by a custom field")
    wanted = key.value if key.value is not None else _own_value(key.field, lead)
    if wanted.__class__ is not str:
        raise Unsayable("coerced", f"the lead has no {key.field} to match by")
    return key.field, wanted


def _write_custom_match(key: MatchKey, definition: Ref, lead: Lead) -> JSON:
    own = next((f.value for f in lead.custom_fields if f.definition == definition), None)
    wanted = key.value if key.value is not None else own
    if wanted is None or definition.id is None:
        raise Unsayable("coerced", "the lead has no value of that custom field to match by")
    if wanted.__class__ is tuple:
        raise Unsayable("coerced", "Copper matches by one value, not by several")
    return {"custom_field_definition_id": integer_id.encode(definition.id), "value": custom_value.encode(wanted)}


_ONE_VALUE: JSON = {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]}
_WANTED: JSON = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"custom_field_definition_id": integer_id.schema, "value": _ONE_VALUE},
            "required": ["custom_field_definition_id", "value"],
            "additionalProperties": False,
        },
    ],
    "examples": ["ann@example.test", "Ann", {"custom_field_definition_id": 178384, "value": 1}],
}
MATCH = Codec(
    "what to match by", _read_match, _write_match,
    ({"type": "string", "enum": ["email", "name", "custom"]}, _WANTED),
    lossy=Lossy("narrowed", "Copper matches by one key only"),
)  # fmt: skip

_LEADS_ONLY = "Copper has an upsert for leads alone"
_OTHERS = (
    refuse(Contact, _LEADS_ONLY, to=Lead()),
    refuse(Company, _LEADS_ONLY, to=Lead()),
    refuse(Deal, _LEADS_ONLY, to=Lead()),
)

_NEVER_NULL = ("name", "status", "custom_fields")
"""A lead always has these."""
_CLEARED = cleared("clear", "upsert.body.properties", LEAD)
_CLEARABLE = {name: keys for name, keys in _CLEARED.keys[Lead].items() if name not in _NEVER_NULL}

UPSERT_REQUEST = Crosswalk(
    UpsertRequest,
    "copper.upsert-request",
    variant("record", "upsert.body.properties", case(Lead, {}, *LEAD.rows), *_OTHERS),
    field(
        "match",
        ("upsert.body.match.field_name", "upsert.body.match.field_value"),
        MATCH,
        beside="record",
        required="Copper needs to know what to match by",
    ),
    _CLEARED._replace(keys={Lead: _CLEARABLE}),
    absent("automations", "Copper does not let the request choose whether automations run"),
    calls=(
        CallTemplate(
            "upsert", "upsert", "PUT", "/developer_api/v1/leads/upsert",
            "update the lead that matches, or create it", always=("body.properties",),
        ),
    ),
)  # fmt: skip

UPSERT_REPLY = Crosswalk(
    UpsertResult,
    "copper.upsert-reply",
    variant("record", "", case(Lead, {}, *LEAD_REPLY.rows), *_OTHERS),
    constant("outcome", None, "unknown", "Copper does not tell whether it created or updated"),
    absent(EVERYTHING_ELSE, "Copper's reply is the lead and nothing else"),
    author="vendor",
)
