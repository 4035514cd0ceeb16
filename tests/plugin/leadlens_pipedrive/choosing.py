"""What a Pipedrive account has of its own: users, pipelines, stages, marketing channels, and the fields of its records.

Sources: developers.pipedrive.com/docs/api/v1/{Users, Pipelines, Stages, DealFields, PersonFields, OrganizationFields};
users by v1, the others by v2. Leads inherit the custom fields of deals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from leadlens.builtin import built_in
from leadlens.catalogue import Choice, Definition, FieldType, Option
from leadlens.errors import UsageError
from leadlens.flow import Flow
from leadlens.model import Ref
from leadlens.operations import answered, read
from leadlens_pipedrive.asking import Wire, every, resource
from leadlens_pipedrive.crosswalks import crosswalks

CHOICES: Final = ("user", "pipeline", "stage", "source")
_FIELDS_OF: Final[Mapping[str, str]] = {
    "lead": "dealFields", "deal": "dealFields", "contact": "personFields", "company": "organizationFields",
}  # fmt: skip
_TYPES: Final[Mapping[str, FieldType]] = {
    "varchar": "text", "varchar_auto": "text", "text": "long_text", "int": "whole", "double": "number",
    "monetary": "currency", "date": "date", "boolean": "boolean", "phone": "phone", "enum": "picklist",
    "set": "multi_select", "address": "address", "user": "reference", "org": "reference", "people": "reference",
}  # fmt: skip
_FOUND_BY: Final = frozenset(("address", "varchar", "text", "varchar_auto", "double", "monetary", "phone"))
"""What the searches look into (docs of ``GET /persons/search``, parameter ``fields``)."""


def choices(kind: str) -> Flow[tuple[Choice, ...]]:
    """Return all things of one kind that the account's records can point to."""
    if kind not in CHOICES:
        raise UsageError(f"Pipedrive has no {kind!r} to choose from; there are {', '.join(CHOICES)}")
    if kind == "user":
        reply = yield read("list_user", "GET", "/api/v1/users")
        with answered("pipedrive", reply):
            return tuple(_user(wire) for wire in reply.body["data"])
    if kind == "source":
        fields = yield from every("list_source", "/api/v2/dealFields", {})
        options = next((field.get("options") or () for field in fields if field["field_code"] == "channel"), ())
        return tuple(Choice(kind, Ref(str(option["id"]), option["label"])) for option in options)
    wires = yield from every(f"list_{kind}", f"/api/v2/{kind}s", {})
    return tuple(_stage_or_pipeline(kind, wire) for wire in wires if wire.get("is_deleted") is not True)


def _user(wire: Wire) -> Choice:
    active = wire.get("active_flag") is not False and wire.get("is_deleted") is not True
    return Choice("user", Ref(str(wire["id"]), wire.get("name")), None, wire.get("email"), active)


def _stage_or_pipeline(kind: str, wire: Wire) -> Choice:
    within = wire.get("pipeline_id")
    return Choice(kind, Ref(str(wire["id"]), wire.get("name")), None if within is None else Ref(str(within)))


def definitions(kind: str) -> Flow[tuple[Definition, ...]]:
    """Return the fields of a kind of records: the CRM's own, and the account's."""
    resource(kind)
    wires = yield from every("list_definitions", f"/api/v2/{_FIELDS_OF[kind]}", {})
    own = (_definition(kind, wire) for wire in wires if wire.get("is_custom_field"))
    return (*built_in(kind, crosswalks()[kind]), *own)


def _definition(kind: str, wire: Wire) -> Definition:
    return Definition(
        kind=kind,
        id=wire["field_code"],
        name=wire["field_name"],
        key=wire["field_code"],
        type=_TYPES.get(wire["field_type"], "unknown"),
        wire_type=wire["field_type"],
        options=tuple(Option(name=one["label"], id=str(one["id"])) for one in wire.get("options") or ()),
        searchable=wire["field_type"] in _FOUND_BY,
    )
