"""What a lead, a contact, a company and a deal are on Base's wire: the object inside ``data``.

Contacts are one resource for people and organizations; ``is_organization`` tells them apart.
"""

from __future__ import annotations

from leadlens.codecs import Codec, Unsayable, flag, iso_z, one, text, texts
from leadlens.crosswalk import READ, Crosswalk, Field, Row, absent, constant, derived, field, ignored
from leadlens.model import JSON, Company, Contact, Deal, Lead, PersonName, joined_name
from leadlens.references import integer_id, of_space, ref_by_id
from leadlens_base.values import (
    ADDRESS,
    ADDRESSES,
    CUSTOM_FIELDS,
    CUSTOMER_STATUS,
    DAY,
    EMAIL,
    LOSS_REASON,
    MONEY,
    ORGANIZATION,
    PERCENT,
    PERSON_NAME,
    PHONES,
    PROSPECT_STATUS,
    SOCIALS,
    SOURCE,
    STAGE,
    STATUS,
    UNQUALIFIED,
    USER,
    WEBSITE,
)


def _display(name: PersonName) -> JSON:
    try:
        first, last = PERSON_NAME.encode(name)
    except Unsayable:
        return None
    return joined_name((first, last))


FULL_NAME = Codec("a full name", text.decode, _display, {"type": "string"})

_ANY: tuple[Row, ...] = (
    field("owner", "owner_id", USER),
    field("tags", "tags", texts()),
    field("custom_fields", "custom_fields", CUSTOM_FIELDS),
    field("created_at", "created_at", iso_z, access=READ),
    field("created_by", "creator_id", USER, access=READ),
    field("modified_at", "updated_at", iso_z, access=READ),
    absent("modified_by", "Base does not tell who changed a record"),
    absent("layout", "Base has one layout for all records of a kind"),
    absent("interactions", "Base does not count interactions on the record"),
)
_NO_IMAGE = (
    absent("image", "Base gives no picture of a record"),
    absent("last_contacted_at", "Base does not keep the last contact on this record"),
)
_REACHED: tuple[Row, ...] = (
    field("description", "description", text),
    field("industry", "industry", text),
    field("emails", "email", EMAIL),
    field("phones", ("phone", "mobile", "fax"), PHONES),
    field("websites", "website", WEBSITE),
    field("socials", ("twitter", "facebook", "linkedin", "skype"), SOCIALS),
)

LEAD = Crosswalk(
    Lead,
    "base.lead",
    field("id", "id", of_space(integer_id, "lead"), access=READ),
    field("name", ("first_name", "last_name"), PERSON_NAME),
    field("title", "title", text),
    field("company_name", "organization_name", text),
    *_REACHED,
    field("address", "address", one(ADDRESS)),
    field("status", "status", STATUS),
    field("source", "source_id", SOURCE),
    field("unqualified_reason", "unqualified_reason_id", UNQUALIFIED),
    absent(("employees", "annual_revenue"), "a Base lead says nothing of the size of the company"),
    absent("value", "a Base lead has no value; give it to the deal"),
    absent("rating", "a Base lead has no rating"),
    absent("email_opt_out", "Base keeps no e-mail opt-out"),
    absent("converted_to", "Base keeps a conversion apart from the lead"),
    *_NO_IMAGE,
    *_ANY,
)

_STATUSES = (
    field("customer_status", "customer_status", CUSTOMER_STATUS),
    field("prospect_status", "prospect_status", PROSPECT_STATUS),
)
_ADDRESSES = field("addresses", ("address", "billing_address", "shipping_address"), ADDRESSES)

CONTACT = Crosswalk(
    Contact,
    "base.contact",
    field("id", "id", of_space(integer_id, "contact"), access=READ),
    constant(None, "is_organization", False),
    field("name", ("first_name", "last_name"), PERSON_NAME, required="Base needs a last name"),
    derived("name", "name", FULL_NAME, access=READ),
    field("title", "title", text),
    field("company", "contact_id", ORGANIZATION),
    *ignored("parent_organization_id", "it repeats what contact_id says"),
    *_REACHED,
    _ADDRESSES,
    *_STATUSES,
    absent(("department", "assistant", "reports_to"), "Base does not keep where a contact stands in the company"),
    absent("vendor", "Base has no vendors"),
    absent("birthday", "Base keeps no birthday"),
    absent("contact_type", "Base has no types of contacts"),
    absent("source", "a Base contact has no source"),
    absent("email_opt_out", "Base keeps no e-mail opt-out"),
    absent("converted_from", "Base keeps a conversion apart from the contact"),
    *_NO_IMAGE,
    *_ANY,
)

COMPANY = Crosswalk(
    Company,
    "base.company",
    field("id", "id", of_space(integer_id, "company"), access=READ),
    constant(None, "is_organization", True),
    field("name", "name", text, required="Base needs the name of an organization"),
    *_REACHED,
    _ADDRESSES,
    field("parent", "parent_organization_id", ORGANIZATION),
    *_STATUSES,
    *ignored(("contact_id", "first_name", "last_name", "title"), "it belongs to people, and this is an organization"),
    absent("email_domain", "Base keeps no e-mail domain"),
    absent("primary_contact", "in Base the contacts point to their organization"),
    absent(("number", "site", "ownership", "ticker_symbol", "sic_code"), "Base keeps no such company data"),
    absent(("company_type", "employees", "annual_revenue", "rating"), "Base says nothing of a company's kind and size"),
    absent("source", "a Base organization has no source"),
    *_NO_IMAGE,
    *_ANY,
)

# What a deal is, and what completes the deal that a conversion made: the same rows.
DEAL_FIELDS: tuple[Row, ...] = (
    field("value", ("value", "currency"), MONEY),
    field("stage", "stage_id", STAGE),
    field("close_date", "estimated_close_date", DAY),
    field("probability", "customized_win_likelihood", PERCENT),
    field("hot", "hot", flag),
    field("source", "source_id", SOURCE),
    field("owner", "owner_id", USER),
    field("tags", "tags", texts()),
    field("custom_fields", "custom_fields", CUSTOM_FIELDS),
    absent("pipeline", "Base takes the pipeline from the stage"),
    absent("priority", "Base has no priority of deals; it has hot ones"),
    absent("contact_role", "Base keeps roles of further contacts only"),
    absent("description", "a Base deal has no description"),
    absent(("deal_type", "next_step", "campaign"), "Base has no such thing on a deal"),
)
_SHARED = {("owner",), ("tags",), ("custom_fields",)}

DEAL = Crosswalk(
    Deal,
    "base.deal",
    field("id", "id", of_space(integer_id, "deal"), access=READ),
    field("name", "name", text, required="Base needs a name for the deal"),
    field("contact", "contact_id", ref_by_id(integer_id, "contact"), required="a Base deal needs its contact"),
    *DEAL_FIELDS,
    field("company", "organization_id", ORGANIZATION, access=READ),
    field("loss_reason", "loss_reason_id", LOSS_REASON),
    field("unqualified_reason", "unqualified_reason_id", UNQUALIFIED),
    field("stage_changed_at", "last_stage_change_at", iso_z),
    field("added_at", "added_on", iso_z),
    field("last_contacted_at", "last_activity_at", iso_z, access=READ),
    absent("converted_value", "Base keeps one value, in the deal's currency"),
    absent("expected_revenue", "Base does not keep the expected revenue"),
    absent("status", "in Base the stage says whether a deal is open, won or lost"),
    absent(("pipeline_type", "is_revenue"), "Base has one type of pipeline"),
    absent("converted_from", "Base keeps a conversion apart from the deal"),
    absent("lead_created_at", "Base does not keep when the lead was created"),
    absent(("lead_conversion_days", "sales_cycle_days", "overall_sales_days"), "Base does not keep such durations"),
    *ignored("added_at", "it repeats what added_on says"),
    *ignored(("last_stage_change_by_id", "dropbox_email", "associated_contacts"), "leadlens has no place for it yet"),
    *(row for row in _ANY if getattr(row, "neutral", None) not in _SHARED),
)

# A lead as Base's replies hold it: these attributes are always there.
_ALWAYS = {"id", "owner", "created_at", "created_by", "modified_at"}
LEAD_REPLY = Crosswalk(
    Lead,
    "base.lead-reply",
    *(
        row._replace(required="Base's replies always have it")
        if isinstance(row, Field) and row.neutral[0] in _ALWAYS
        else row
        for row in LEAD.rows
    ),
)
