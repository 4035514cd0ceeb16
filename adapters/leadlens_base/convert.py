"""Base's conversions: the request with the calls around it, the reply, and the list (Core API v2, lead_conversions)."""

from __future__ import annotations

from collections.abc import Callable

from leadlens.codecs import Codec, Unsayable, each, iso_z, text, whole
from leadlens.composites import shared_owner
from leadlens.conversion import (
    Conversion,
    ConversionPage,
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
    Outcome,
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
    derived,
    field,
    ignored,
    instead,
    refuse,
    under,
    variant,
)
from leadlens.model import JSON, Company, Contact, Deal
from leadlens.references import by_id_alone, integer_id, of_space
from leadlens_base.records import DEAL_FIELDS
from leadlens_base.values import NAME_FOR_CONTACT, USER

_BODY = "convert.body.data"
_FIRST, _LAST = "lead.body.data.first_name", "lead.body.data.last_name"
_COMPANY = "lead.body.data.organization_name"
_ALWAYS_NEW = "Base always makes a new {} and links none that is there"

OWNERS = shared_owner(USER, "Base gives everything that a conversion makes one owner")


def _named(wanted: Match) -> NewCompany:
    return NewCompany(name=wanted.name)


CONVERT_REQUEST = Crosswalk(
    ConvertRequest,
    "base.convert-request",
    field("lead_id", f"{_BODY}.lead_id", of_space(integer_id, "lead"), required="say which lead is to be converted"),
    variant(
        "contact",
        "",
        case(Nothing, {_LAST: NULL}),
        case(
            NewContact,
            {_LAST: PRESENT},
            field("name", (_FIRST, _LAST), NAME_FOR_CONTACT),
            absent("contact_type", "Base has no types of contacts"),
        ),
        case(VendorDefault, {_LAST: GONE}),
        refuse(Existing, _ALWAYS_NEW.format("contact")),
        refuse(Match, _ALWAYS_NEW.format("contact")),
    ),
    variant(
        "company",
        "",
        case(Nothing, {_COMPANY: NULL}),
        case(NewCompany, {_COMPANY: PRESENT}, field("name", _COMPANY, text)),
        case(VendorDefault, {_COMPANY: GONE}),
        instead(Match, to=_named, reason="Base makes a new company, even if one has that name"),
        refuse(Existing, _ALWAYS_NEW.format("company")),
    ),
    variant(
        "deal",
        "",
        case(Nothing, {f"{_BODY}.create_deal": False}),
        case(
            NewDeal,
            {f"{_BODY}.create_deal": True},
            field("name", "deal.body.data.name", text, defaulted="Base names the deal after the lead"),
            *under("deal.body.data", DEAL_FIELDS),
        ),
        case(VendorDefault, {f"{_BODY}.create_deal": GONE}),
        refuse(Existing, "Base cannot convert into an existing deal", to=Nothing()),
    ),
    field(("contact_owner", "company_owner"), f"{_BODY}.owner_id", OWNERS),
    absent("rename_company", "Base renames no companies"),
    absent(("notify_lead_owner", "notify_owner"), "Base's convert sends no notifications on request"),
    absent(("contact_tags", "company_tags", "deal_tags"), "Base does not let the request choose which tags go along"),
    absent("attachments_to", "Base moves what belongs to the lead by itself"),
    absent("not_portable", "these keys belong to another CRM"),
    calls=(
        CallTemplate(
            "lead", "before", "PUT", "/v2/leads/{lead_id}",
            "change the lead first, since Base makes the contact and the company from its names",
        ),
        CallTemplate(
            "convert", "convert", "POST", "/v2/lead_conversions",
            "convert the lead", always=("body.data",),
        ),
        CallTemplate(
            "deal", "after", "PUT", "/v2/deals/{deal_id}",
            "complete the new deal, since Base's convert takes no fields of it",
            when="the conversion made a deal",
        ),
    ),
)  # fmt: skip


# --- the reply -------------------------------------------------------------------------------------------------------


_IDS_ONLY = "Base's conversion gives the ids of the new records, and nothing more"


def _link(resource: str, space: str) -> Codec:
    def write(outcome: Outcome, ids: Callable[[str, str], str | None] | None) -> JSON:
        identity = outcome.id or ""
        try:
            own = identity if ids is None else ids(space, identity) or ""
            return f"https://api.getbase.com/v2/{resource}/{integer_id.encode(own)}"
        except Unsayable:
            return None

    return Codec("a link", str, write, {"type": "string"}, ids=space)


def _created(made: Linked | Present) -> Created:
    return Created(record=made.record)


def _outcome(neutral: str, key: str, codec: Codec) -> Variant:
    return variant(
        neutral,
        "",
        case(Created, {f"data.{key}": PRESENT}, field("record", f"data.{key}", codec)),
        case(NoRecord, {f"data.{key}": GONE}),
        instead(Linked, to=_created, reason="what a Base conversion names is always new"),
        instead(Present, to=_created, reason="what a Base conversion names is always new"),
    )


CONVERT_REPLY = Crosswalk(
    Conversion,
    "base.convert-reply",
    field("id", "data.id", of_space(integer_id, "conversion"), required="Base's conversions have an id"),
    field("lead_id", "data.lead_id", of_space(integer_id, "lead"), required="Base's conversions name the lead"),
    _outcome("contact", "individual_id", by_id_alone(Contact, integer_id, "contact", _IDS_ONLY)),
    _outcome("company", "organization_id", by_id_alone(Company, integer_id, "company", _IDS_ONLY)),
    _outcome("deal", "deal_id", by_id_alone(Deal, integer_id, "deal", _IDS_ONLY)),
    field("converted_by", "data.creator_id", USER, required="Base's conversions name who made them"),
    absent("open", "what is still to be sent is no part of a conversion of Base's"),
    field("converted_at", "data.created_at", iso_z, required="Base's conversions have a time"),
    constant(None, "meta.type", "lead_conversion"),
    derived("meta.links.individual", "contact", _link("contacts", "contact")),
    derived("meta.links.organization", "company", _link("contacts", "company")),
    derived("meta.links.deal", "deal", _link("deals", "deal")),
    author="vendor",
)

CONVERSION_LIST = Crosswalk(
    ConversionPage,
    "base.conversion-list",
    field("conversions", "items", each(CONVERT_REPLY, key="data")),
    constant(None, "meta.type", "collection"),
    field("count", "meta.count", whole, required="Base counts the items of a page"),
    field("next_page", "meta.links.next_page", text),
    *ignored(("meta.links.self", "meta.links.first_page", "meta.links.prev_page"), "a page is left forwards only"),
    author="vendor",
)
