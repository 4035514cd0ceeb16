"""Zoho's upsert (zoho.com/crm/developer/docs/api/v8/upsert-records.html), for leads, contacts, accounts and deals."""

from __future__ import annotations

from collections.abc import Mapping

from leadlens.codecs import Codec, Doubt, Lossy, Unfit, Unsayable, iso_offset
from leadlens.conversion import MatchKey, UpsertRequest, UpsertResult
from leadlens.crosswalk import (
    EVERYTHING_ELSE,
    CallTemplate,
    Crosswalk,
    absent,
    case,
    cleared,
    constant,
    derived,
    field,
    ignored,
    refuse,
    under,
    variant,
)
from leadlens.model import JSON, Company, Contact, Deal, Lead, Record, Ref
from leadlens.references import of_space, picklist
from leadlens_zoho.records import COMPANY, CONTACT, DEAL, LEAD
from leadlens_zoho.values import ID, lookup
from leadlens_zoho.versions import Version

# --- what to match by ------------------------------------------------------------------------------------------------

_KEYS = {
    "Email": "email",
    "Phone": "phone",
    "Mobile": "mobile",
    "Account_Name": "name",
    "Deal_Name": "name",
    "id": "id",
}


def _api_name(key: MatchKey, record: Record) -> str | None:
    if key.definition is not None:
        return key.definition.name
    if key.field == "name":
        return {Company: "Account_Name", Deal: "Deal_Name"}.get(record.__class__)
    return next((wire for wire, neutral in _KEYS.items() if neutral == key.field), None)


def _read_match(wire: JSON, record: Record) -> tuple[MatchKey, ...]:
    if wire.__class__ is not list or not all(name.__class__ is str for name in wire):
        raise Unfit("a list of field names")
    return tuple(_read_key(name, record) for name in wire)


def _read_key(name: str, record: Record) -> MatchKey:
    key = MatchKey(field=_KEYS.get(name))
    return key if key.field and _api_name(key, record) == name else MatchKey(definition=Ref(None, name))


def _write_match(keys: tuple[MatchKey, ...], record: Record) -> JSON:
    names = [name for key in keys if (name := _api_name(key, record)) is not None]
    if not names:
        raise Unsayable("absent", "Zoho has no such field to match by")
    return names


MATCH = Codec(
    "a list of field names", _read_match, _write_match,
    {"type": "array", "minItems": 1, "items": {"type": "string", "enum": ["Email", "Phone", "Legacy_Id"]}},
    lossy=Lossy("narrowed", "Zoho matches by the record's own values of its own fields"),
)  # fmt: skip


_AUTOMATIONS = ("workflow", "approval", "blueprint")


def _read_trigger(wire: JSON) -> bool:
    if wire.__class__ is not list or not all(name.__class__ is str for name in wire):
        raise Unfit("a list of automations")
    if wire and set(wire) != set(_AUTOMATIONS):
        raise Doubt("only some automations are asked for; all or none of them can be carried over")
    return bool(wire)


def _write_trigger(automations: bool) -> JSON:
    return list(_AUTOMATIONS) if automations else []


TRIGGER = Codec(
    "a list of automations", _read_trigger, _write_trigger,
    {"type": "array", "uniqueItems": True, "items": {"type": "string", "enum": list(_AUTOMATIONS)}},
)  # fmt: skip

# --- request ---------------------------------------------------------------------------------------------------------

_MODULES = {"Leads": LEAD, "Contacts": CONTACT, "Accounts": COMPANY, "Deals": DEAL}
_ITEM = "upsert.body.data[0]"
_NEVER_NULL = ("name", "owner", "stage")
"""Last_Name, Account_Name, Deal_Name, Owner and Stage: a record always has these."""
_CLEARED = cleared("clear", _ITEM, *_MODULES.values())


def _clearable(keys: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: wires for name, wires in keys.items() if name not in _NEVER_NULL}


def upsert_request(version: Version) -> Crosswalk:
    """Return the crosswalk of ``POST /{module}/upsert`` for one record."""
    return Crosswalk(
        UpsertRequest,
        f"zoho.{version}.upsert-request",
        variant(
            "record",
            "",
            *(
                case(record.model, {"upsert.path.module": module}, *under(_ITEM, record.rows))
                for module, record in _MODULES.items()
            ),
        ),
        field("match", "upsert.body.duplicate_check_fields", MATCH, beside="record"),
        _CLEARED._replace(keys={model: _clearable(keys) for model, keys in _CLEARED.keys.items()}),
        field("automations", "upsert.body.trigger", TRIGGER),
        *ignored("upsert.body.process", "leadlens asks for all of Zoho's processes or for none"),
        *ignored("upsert.body.lar_id", "leadlens names the owner instead of a rule that chooses one"),
        calls=(
            CallTemplate(
                "upsert", "upsert", "POST", f"/crm/{version}/{{module}}/upsert",
                "update the record that matches, or create it",
                always=("body.data[0]",), given={"module": "Leads"},
            ),
        ),
    )  # fmt: skip


# --- reply -----------------------------------------------------------------------------------------------------------

_ONE_KIND = "Zoho's reply does not say what kind of record it is about; it is read as a lead's"
_ALWAYS = "Zoho's reply always gives it"
_WRITTEN = Crosswalk(
    Lead,
    "zoho.written-lead",
    field("id", "id", of_space(ID, "lead"), required=_ALWAYS),
    field("created_at", "Created_Time", iso_offset, required=_ALWAYS),
    field("modified_at", "Modified_Time", iso_offset, required=_ALWAYS),
    field("created_by", "Created_By", lookup("user"), required=_ALWAYS),
    field("modified_by", "Modified_By", lookup("user"), required=_ALWAYS),
    *ignored("$approval_state", "it describes Zoho's own processes, not the record"),
    absent(EVERYTHING_ELSE, "Zoho's reply gives the id and who wrote the record when"),
)


def _read_matched(wire: JSON) -> str:
    if wire.__class__ is not str:
        raise Unfit("the name of a field")
    return _KEYS.get(wire, wire)


def _write_matched(name: str) -> JSON:
    return next((wire for wire, neutral in _KEYS.items() if neutral == name), name)


MATCHED = Codec("the name of a field", _read_matched, _write_matched, {"type": "string", "enum": ["Email", "Phone"]},
                lossy=Lossy("coerced", "Zoho names the field in its own words", "note"))  # fmt: skip
OUTCOME = picklist({"insert": "created", "update": "updated"})


def _said(outcome: str) -> JSON:
    return {"created": "record added", "updated": "record updated"}.get(outcome)


MESSAGE = Codec("a message", str, _said, {"type": "string"})

UPSERT_REPLY = Crosswalk(
    UpsertResult,
    "zoho.upsert-reply",
    constant(None, "data[0].code", "SUCCESS"),
    variant(
        "record",
        "",
        case(Lead, {}, *under("data[0].details", _WRITTEN.rows)),
        *(refuse(model, _ONE_KIND, to=Lead()) for model in (Contact, Company, Deal)),
    ),
    field("outcome", "data[0].action", OUTCOME, required=_ALWAYS),
    derived("data[0].message", "outcome", MESSAGE),
    field("matched_by", "data[0].duplicate_field", MATCHED),
    constant(None, "data[0].status", "success"),
    absent(("candidates", "too_many"), "Zoho refuses an ambiguous upsert instead of listing candidates"),
    author="vendor",
)
