"""Pipedrive's conversions: a lead becomes a deal, by a job (API v2: ``POST /leads/{id}/convert/deal``, in beta).

The request has room for a stage or a pipeline. The deal keeps the lead's person and organization, so that another
contact or company is given to the lead first; everything else of the deal is written onto it afterwards.
"""

from __future__ import annotations

from leadlens.codecs import Unsayable, text
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
from leadlens.model import JSON, Deal, Ref
from leadlens.references import by_id_alone, integer_id, of_space
from leadlens_pipedrive.records import DEAL_FIELDS
from leadlens_pipedrive.values import LEAD_ID, PIPELINE, STAGE

_PERSON, _ORGANIZATION = "link.body.person_id", "link.body.organization_id"
_BODY = "convert.body"
_OWN_ONLY = "Pipedrive ties the deal to the lead's own {}; name another one by its id"


def _read_pipeline(wire: JSON, _stage: Ref | None) -> Ref:
    found: Ref = PIPELINE.decode(wire)
    return found


def _write_pipeline(pipeline: Ref, stage: Ref | None) -> JSON:
    if stage is not None:
        raise Unsayable("left_out", "Pipedrive takes the pipeline from the stage", "note")
    return PIPELINE.encode(pipeline)


PIPELINE_ALONE = PIPELINE.but(decode=_read_pipeline, encode=_write_pipeline)


def _side(neutral: str, key: str, new: type, noun: str) -> Variant:
    return variant(
        neutral,
        "",
        case(Existing, {key: PRESENT}, field("id", key, of_space(integer_id, neutral))),
        case(Nothing, {key: NULL}),
        case(VendorDefault, {key: GONE}),
        refuse(new, _OWN_ONLY.format(noun)),
        refuse(Match, _OWN_ONLY.format(noun)),
    )


CONVERT_REQUEST = Crosswalk(
    ConvertRequest,
    "pipedrive.convert-request",
    field("lead_id", "convert.path.lead_id", of_space(LEAD_ID, "lead"), required="say which lead is to be converted"),
    _side("contact", _PERSON, NewContact, "person"),
    _side("company", _ORGANIZATION, NewCompany, "organization"),
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
