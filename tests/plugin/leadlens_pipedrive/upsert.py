"""Pipedrive's upserts, which it does not have: a search by one field, and a record that is created where none matches.

The search is that of ``GET /api/v2/{resource}/search`` with ``exact_match``; a lead is found by its own custom fields,
or by the name, e-mail address or telephone number of its person.
"""

from __future__ import annotations

from typing import Final

from leadlens.codecs import Codec, Lossy, Unfit, Unsayable, text
from leadlens.conversion import MatchKey, UpsertRequest, UpsertResult
from leadlens.crosswalk import (
    EVERYTHING_ELSE,
    Absent,
    CallTemplate,
    Crosswalk,
    Field,
    Guards,
    Ignored,
    Row,
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
from leadlens.model import JSON, Company, Contact, Deal, Lead, PersonName, Record
from leadlens_pipedrive.records import COMPANY, CONTACT, DEAL, LEAD

# --- what to match by ------------------------------------------------------------------------------------------------

FIELDS: Final = {
    Lead: {"name": "name", "email": "email", "phone": "phone"},
    Contact: {"name": "name", "email": "email", "phone": "phone"},
    Company: {"name": "name"},
    Deal: {"name": "title"},
}
"""The fields that Pipedrive's searches look in, by neutral name; those of a lead are its person's."""


def own_value(name: str, record: Record) -> str | None:
    """Return what a record itself has in a field to match by."""
    if name == "name":
        said = record.name
        return said.display if isinstance(said, PersonName) else said
    several = getattr(record, {"email": "emails", "phone": "phones"}[name], ())
    return next((getattr(one, "address", None) or getattr(one, "number", None) for one in several), None)


def _read_match(term: JSON, fields: JSON, record: Record) -> tuple[MatchKey, ...] | None:
    if term is None and fields is None:
        return None
    back = {wire: neutral for neutral, wire in FIELDS[record.__class__].items()}
    for place, wire in enumerate((term, fields)):
        if wire.__class__ is not str:
            raise Unfit("a text to search for and where", place=place)
    name = back.get(fields)
    if name is None:
        return (MatchKey(field=fields, value=term),)
    return (MatchKey(field=name, value=None if term == own_value(name, record) else term),)


def _write_match(keys: tuple[MatchKey, ...], record: Record) -> tuple[JSON, JSON]:
    known, key = FIELDS[record.__class__], keys[0]
    if key.field not in known:
        raise Unsayable("absent", "Pipedrive's search takes a name, an e-mail address or a telephone number")
    wanted = own_value(key.field, record) if key.value is None else key.value
    if wanted.__class__ is not str or not wanted:
        raise Unsayable("coerced", "the record has no text to match by")
    return wanted, known[key.field]


MATCH: Final = Codec(
    "a text to search for and where", _read_match, _write_match,
    ({"type": "string", "minLength": 2}, {"type": "string", "enum": ["name"]}),
    lossy=Lossy("narrowed", "Pipedrive's search takes one key at a time; only the first counts"),
)  # fmt: skip

# --- request and reply -----------------------------------------------------------------------------------------------

_BODY = "upsert.body"
_VERSION, _RESOURCE, _FIND = "upsert.path.version", "upsert.path.resource", "find.path.resource"


def _place(key: str) -> str:
    """Return where a key of a lead stands in the calls that write it: two of them are about what it belongs to."""
    own, _, rest = key.partition(".")
    return f"{own}.body.{rest}" if own in ("person", "organization") else f"{_BODY}.{key}" if key else _BODY


def _apart(row: Row) -> Row:
    if isinstance(row, Field):
        return row._replace(wire=tuple(map(_place, row.wire)))
    if isinstance(row, Absent) or row.wire is None:
        return row
    return row._replace(wire=_place(row.wire))


def _placeholder(name: str) -> Codec:
    return Codec(f"the place of {name}", text.decode, lambda _: f"{{{name}}}", {"type": "string"})


def _full_name(name: PersonName) -> JSON:
    return name.display


_WRITTEN = ("title", "person_id", "organization_id")
LEAD_ROWS: tuple[Row, ...] = (
    *(_apart(row) for row in LEAD.rows if not isinstance(row, Ignored) or row.wire not in _WRITTEN),
    derived(f"{_BODY}.title", "name", Codec("a full name", text.decode, _full_name, {"type": "string"})),
    derived(f"{_BODY}.person_id", "name", _placeholder("contact_id")),
    derived(f"{_BODY}.organization_id", "company_name", _placeholder("company_id")),
)
"""A lead in three calls. Its title, which Pipedrive needs and leadlens does not know, repeats the person's name."""

_CLEARED = cleared("clear", _BODY, LEAD, CONTACT, COMPANY, DEAL)
_CLEARABLE: Final = {
    Lead: ("source",),
    Contact: ("company",),
    Company: (),
    Deal: ("contact", "company", "probability", "close_date"),
}
"""What can be null in an update: the reference says so of these, or it is a plain reference."""


def _resource(version: str, resource: str, found_by: str | None = None) -> Guards:
    return {_VERSION: version, _RESOURCE: resource, _FIND: found_by or resource}


UPSERT_REQUEST = Crosswalk(
    UpsertRequest,
    "pipedrive.upsert-request",
    variant(
        "record",
        "",
        case(Lead, _resource("v1", "leads", "persons"), *LEAD_ROWS),
        case(Contact, _resource("v2", "persons"), *under(_BODY, CONTACT.rows)),
        case(Company, _resource("v2", "organizations"), *under(_BODY, COMPANY.rows)),
        case(Deal, _resource("v2", "deals"), *under(_BODY, DEAL.rows)),
    ),
    field(
        "match", ("find.query.term", "find.query.fields"), MATCH, beside="record",
        required="say by what an existing record is to be found",
    ),
    constant(None, "find.query.exact_match", True),
    _CLEARED._replace(
        keys={
            model: {name: wires for name, wires in keys.items() if name in _CLEARABLE[model]}
            for model, keys in _CLEARED.keys.items()
        }
    ),
    absent("automations", "Pipedrive does not let the request choose whether automations run"),
    calls=(
        CallTemplate(
            "find", "read", "GET", "/api/v2/{resource}/search",
            "find the record that matches exactly; if several do, stop and ask",
        ),
        CallTemplate(
            "person", "before", "POST", "/api/v2/persons",
            "create the person that the lead is about, since the lead only points to it",
            when="no person has that name and e-mail address yet",
        ),
        CallTemplate(
            "organization", "before", "POST", "/api/v2/organizations",
            "create the organization that the lead is about, since the lead only points to it",
            when="no organization has that name yet",
        ),
        CallTemplate(
            "upsert", "upsert", "POST", "/api/{version}/{resource}",
            "create the record; one that matches is changed instead (PATCH)", always=("body",),
            given={"version": "v1", "resource": "leads"},
        ),
    ),
)  # fmt: skip

_ONE_KIND = "the reply is read as a lead's"
UPSERT_REPLY = Crosswalk(
    UpsertResult,
    "pipedrive.upsert-reply",
    variant(
        "record",
        "",
        case(Lead, {}, *under("data", LEAD.rows)),
        *(refuse(model, _ONE_KIND, to=Lead()) for model in (Contact, Company, Deal)),
    ),
    constant("outcome", None, "unknown", "Pipedrive's reply does not say whether the record was there before"),
    constant(None, "success", True),
    *ignored("additional_data", "Pipedrive leaves it empty here"),
    absent(EVERYTHING_ELSE, "Pipedrive's reply is the record and nothing else"),
    author="vendor",
)
