"""Pipedrive's conversions: a lead becomes a deal, by a job (API v2: ``POST /leads/{id}/convert/deal``, in beta).

The request has room for a stage or a pipeline. The deal keeps the lead's person and organization, so that another
contact or company is given to the lead first. One that is named is looked for by exactly that name and made where
nobody has it; so whoever does it again, after an outcome that nobody knows, finds what was made and makes no second
one. Everything else of the deal is written onto it afterwards.
"""

from __future__ import annotations

from typing import Final

from leadlens.codecs import Codec, Unfit, Unsayable, text
from leadlens.conversion import (
    Conversion,
    ConvertRequest,
    Created,
    Existing,
    Linked,
    Match,
    NewCompany,
    NewContact,
    NewDeal,
    NoRecord,
    Nothing,
    Present,
    VendorDefault,
)
from leadlens.crosswalk import (
    GONE,
    NULL,
    PRESENT,
    CallTemplate,
    Crosswalk,
    Instead,
    Refuse,
    Row,
    Variant,
    absent,
    case,
    constant,
    field,
    ignored,
    instead,
    refuse,
    under,
    variant,
)
from leadlens.model import JSON, Deal, PersonName, Ref
from leadlens.references import by_id_alone, integer_id, of_space
from leadlens_pipedrive.records import DEAL_FIELDS
from leadlens_pipedrive.values import LEAD_ID, PERSON_NAME, PIPELINE, STAGE

_BODY = "convert.body"


def _read_pipeline(wire: JSON, _stage: Ref | None) -> Ref:
    found: Ref = PIPELINE.decode(wire)
    return found


def _write_pipeline(pipeline: Ref, stage: Ref | None) -> JSON:
    if stage is not None:
        raise Unsayable("left_out", "Pipedrive takes the pipeline from the stage", "note")
    return PIPELINE.encode(pipeline)


PIPELINE_ALONE = PIPELINE.but(decode=_read_pipeline, encode=_write_pipeline)


_HOW: Final = ("name", "true")
"""Where a search looks, and that it compares the whole text."""


def _read_name(term: JSON, fields: JSON, exact: JSON, made: JSON) -> str:
    if term.__class__ is not str or not term:
        raise Unfit("a name to search for")
    for place, (said, fits) in enumerate(zip((fields, exact, made), (*_HOW, term), strict=True), 1):
        if said is not None and said != fits:
            raise Unfit("the same name in the search and in the new record, and a search for whole names", place=place)
    return str(term)


def _write_name(name: str) -> tuple[JSON, ...]:
    if not name.isprintable() or name != name.strip():
        raise Unsayable("coerced", "Pipedrive finds by a name of one line, without spaces around it")
    return name, *_HOW, name


NAME = Codec(
    "the name to find a record by", _read_name, _write_name,
    (
        {"type": "string", "pattern": "^[A-Za-z]([A-Za-z ]{0,9}[A-Za-z])?$", "examples": ["Acme"]},
        *({"const": said} for said in _HOW), {"type": "null"},
    ),
)  # fmt: skip


def _read_person(*wires: JSON) -> PersonName:
    found: PersonName = PERSON_NAME.decode(None, None, _read_name(*wires))
    return found


def _write_person(name: PersonName) -> tuple[JSON, ...]:
    return _write_name(PERSON_NAME.encode(name)[2])


PERSON = NAME.but(decode=_read_person, encode=_write_person, lossy=PERSON_NAME.lossy)


def _named(noun: str) -> tuple[str, ...]:
    """Return the wire keys of a name: in the search, and in the record that is made where nobody has it."""
    return (*(f"find_{noun}.query.{key}" for key in ("term", "fields", "exact_match")), f"create_{noun}.body.name")


def _side(neutral: str, noun: str, named: type, *rows: Row, others: tuple[Instead | Refuse, ...]) -> Variant:
    """Return what a deal is tied to: the lead's own, another one, one that is ``named``, or nothing."""
    key, find = f"link.body.{noun}_id", f"find_{noun}.query"
    return variant(
        neutral,
        "",
        case(named, {f"{find}.term": PRESENT, key: f"{{{neutral}_id}}"}, *rows),
        case(Existing, {f"{find}.term": GONE, key: PRESENT}, field("id", key, of_space(integer_id, neutral))),
        case(Nothing, {f"{find}.term": GONE, key: NULL}),
        case(VendorDefault, {f"{find}.term": GONE, key: GONE}),
        *others,
    )


CONTACT = _side(
    "contact", "person", NewContact,
    field("name", _named("person"), PERSON, required="say whom the deal is about"),
    absent("contact_type", "Pipedrive has no types of persons"),
    others=(refuse(Match, "name a person by its id, or give a new contact: one who has that name is taken"),),
)  # fmt: skip
_ONE_OF_A_NAME = "Pipedrive ties the deal to the organization that has that name; a new one is made where none has it"
COMPANY = _side(
    "company", "organization", Match,
    field("name", _named("organization"), NAME),
    constant("exact", None, True, "Pipedrive compares the whole name"),
    others=(
        instead(
            NewCompany, to=lambda new: Match(new.name) if new.name else VendorDefault(), reason=_ONE_OF_A_NAME,
            level="note",
        ),
    ),
)  # fmt: skip


def _finding(noun: str, path: str) -> tuple[CallTemplate, ...]:
    return (
        CallTemplate(
            f"find_{noun}", "read", "GET", f"{path}/search",
            f"find the {noun} that has exactly this name; if several have it, stop and ask",
        ),
        CallTemplate(
            f"create_{noun}", "before", "POST", path,
            f"create the {noun}, with this name alone, since Pipedrive ties a deal to what is there",
            when=f"no {noun} has that name yet",
        ),
    )  # fmt: skip


CONVERT_REQUEST = Crosswalk(
    ConvertRequest,
    "pipedrive.convert-request",
    field("lead_id", "convert.path.lead_id", of_space(LEAD_ID, "lead"), required="say which lead is to be converted"),
    CONTACT,
    COMPANY,
    variant(
        "deal",
        "",
        case(
            NewDeal,
            {},
            field("stage", f"{_BODY}.stage_id", STAGE, defaulted="Pipedrive takes the first stage of the pipeline"),
            field("pipeline", f"{_BODY}.pipeline_id", PIPELINE_ALONE, beside="stage"),
            field("name", "deal.body.title", text, defaulted="Pipedrive names the deal after the lead"),
            *under("deal.body", DEAL_FIELDS),
            absent("source", "in Pipedrive the channel of a deal is that of its lead"),
        ),
        instead(VendorDefault, to=lambda _: NewDeal(), reason="Pipedrive always makes a deal", level="note"),
        refuse(Nothing, "Pipedrive turns a lead into a deal, and into nothing else", to=NewDeal()),
        refuse(Existing, "Pipedrive cannot convert into an existing deal", to=NewDeal()),
    ),
    absent(("contact_owner", "company_owner"), "a conversion of Pipedrive's changes no owners"),
    absent("rename_company", "Pipedrive renames no organizations"),
    absent(("notify_lead_owner", "notify_owner"), "Pipedrive's convert sends no notifications on request"),
    absent(("contact_tags", "company_tags", "deal_tags"), "Pipedrive has no tags"),
    absent("attachments_to", "Pipedrive moves what belongs to the lead to the deal"),
    absent("not_portable", "these keys belong to another CRM"),
    calls=(
        *_finding("organization", "/api/v2/organizations"),
        *_finding("person", "/api/v2/persons"),
        CallTemplate(
            "link", "before", "PATCH", "/api/v1/leads/{lead_id}",
            "give the lead its person and organization first, since the deal takes them from it",
        ),
        CallTemplate(
            "convert", "convert", "POST", "/api/v2/leads/{lead_id}/convert/deal",
            "convert the lead", always=("body",),
        ),
        CallTemplate(
            "deal", "after", "PATCH", "/api/v2/deals/{deal_id}",
            "complete the new deal, since Pipedrive's convert takes no fields of it",
            when="the conversion made a deal",
        ),
    ),
)  # fmt: skip

# --- the reply: what the status of a completed job says --------------------------------------------------------------

_ID_ONLY = "Pipedrive's reply gives the id of the deal, and nothing more"
_NOT_TOLD = "Pipedrive's reply names the deal alone; the deal names its person and organization"

CONVERT_REPLY = Crosswalk(
    Conversion,
    "pipedrive.convert-reply",
    field("id", "data.conversion_id", of_space(LEAD_ID, "conversion"), required="it always has an id"),
    constant(None, "data.status", "completed"),
    variant(
        "deal",
        "",
        case(
            Created,
            {"data.deal_id": PRESENT},
            field("record", "data.deal_id", by_id_alone(Deal, integer_id, "deal", _ID_ONLY)),
        ),
        case(NoRecord, {"data.deal_id": GONE}),
        instead(Linked, to=lambda made: Created(record=made.record), reason="a conversion's deal is always new"),
        instead(Present, to=lambda made: Created(record=made.record), reason="a conversion's deal is always new"),
    ),
    absent(("contact", "company"), _NOT_TOLD),
    absent("lead_id", "Pipedrive's reply does not repeat which lead it was"),
    absent(("converted_at", "converted_by"), "Pipedrive does not tell when and by whom a lead was converted"),
    absent("open", "what is still to be sent is no part of Pipedrive's reply"),
    constant(None, "success", True),
    *ignored("data.lead_id", "it is the new lead of a deal that was turned back into one"),
    *ignored("additional_data", "Pipedrive leaves it empty here"),
    author="vendor",
)  # fmt: skip
