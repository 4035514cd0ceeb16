"""What a lead, a contact, a company and a deal are on Pipedrive's wire: the object inside ``data``.

Persons, organizations and deals are those of API v2, leads those of v1, which v2 does not have
(developers.pipedrive.com/docs/api/v1/Leads). A lead of Pipedrive's is about a person, an organization or both, which
have its name, e-mail addresses and telephone numbers. What stands here is a lead with the two themselves under
``person`` and ``organization``: ``asking`` puts it together, ``writing`` takes it apart into the calls that write it.
"""

from __future__ import annotations

from leadlens.codecs import each, iso_date, iso_z, number, text
from leadlens.crosswalk import READ, Crosswalk, Row, absent, field, ignored, rest
from leadlens.model import Company, Contact, Deal, Email, Lead, Phone
from leadlens.references import integer_id, of_space
from leadlens_pipedrive.values import (
    ADDRESS,
    CHANNEL,
    COMPANY_ID,
    CONTACT_ID,
    CUSTOM_FIELDS,
    FIELD_KEY,
    LEAD_ID,
    LEAD_VALUE,
    LOSS_REASON,
    MAIL_LABEL,
    MONEY,
    PERSON_NAME,
    PIPELINE,
    SOURCE_LEAD,
    STAGE,
    STATUS,
    USER,
)

# --- parts of records ------------------------------------------------------------------------------------------------

_ORDER = "the first of the list is the main one; leadlens keeps their order"
EMAIL = Crosswalk(
    Email,
    "pipedrive.email",
    field("address", "value", text, required="Pipedrive needs the address here, not only what it is for"),
    field("category", "label", MAIL_LABEL),
    *ignored("primary", _ORDER),
)
PHONE = Crosswalk(
    Phone,
    "pipedrive.phone",
    field("number", "value", text, required="Pipedrive needs the number here, not only what it is for"),
    field("category", "label", text),
    *ignored("primary", _ORDER),
)

_KEPT_BY_ID = "Pipedrive's labels are options of the account's own, and leadlens carries tags as texts"
_ANY: tuple[Row, ...] = (
    field("owner", "owner_id", USER),
    absent("tags", "Pipedrive has no tags; its labels are options that an account defines"),
    absent(("created_by", "modified_by"), "Pipedrive does not tell who made or changed the record"),
    absent("layout", "Pipedrive has one layout for all records of a kind"),
    absent("interactions", "Pipedrive does not count interactions on the record"),
    absent("last_contacted_at", "Pipedrive keeps the last contact with the activities"),
    *ignored("label_ids", _KEPT_BY_ID),
    *ignored("visible_to", "who may see a record is a matter of the account"),
)
_OWN = field("custom_fields", "custom_fields", CUSTOM_FIELDS)
_GONE = ignored("is_deleted", "what is deleted is not shown")
_NO_STATUSES = absent(("customer_status", "prospect_status"), "Pipedrive keeps no such status")
_NAME = ("first_name", "last_name", "name")  # the last one is the one that is required


def _beneath(base: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{base}.{key}" for key in keys)


# --- the lead --------------------------------------------------------------------------------------------------------


LEAD = Crosswalk(
    Lead,
    "pipedrive.lead",
    field("id", "id", of_space(LEAD_ID, "lead"), access=READ),
    field("name", _beneath("person", _NAME), PERSON_NAME),
    field("emails", "person.emails", each(EMAIL, key="value")),
    field("phones", "person.phones", each(PHONE, key="value")),
    field("title", "person.job_title", text, access=READ),
    field("company_name", "organization.name", text),
    field("value", "value", LEAD_VALUE),
    field("source", "channel", CHANNEL),
    field("owner", "owner_id", USER),
    rest("custom_fields", "", CUSTOM_FIELDS, pattern=FIELD_KEY),
    field("created_at", "add_time", iso_z, access=READ),
    field("created_by", "creator_id", USER, access=READ),
    field("modified_at", "update_time", iso_z, access=READ),
    absent("address", "a Pipedrive lead has no address; its organization has one"),
    absent(("description", "rating", "status", "unqualified_reason"), "its leads are open or archived, and no more"),
    absent(("websites", "socials", "industry", "employees", "annual_revenue"), "Pipedrive has no such field itself"),
    absent("email_opt_out", "Pipedrive keeps consent with its marketing app"),
    absent("image", "a Pipedrive lead has no picture"),
    absent("converted_to", "Pipedrive takes a lead away when it is converted; the deal names it"),
    *(row for row in _ANY if getattr(row, "neutral", None) in (("tags",), ("layout",), ("interactions",),
                                                                ("last_contacted_at",))),
    absent("modified_by", "Pipedrive does not tell who changed a lead"),
    *ignored("title", "Pipedrive names a lead; leadlens knows it by its person or organization"),
    *ignored("label_ids", _KEPT_BY_ID),
    *ignored(("person_id", "organization_id"), "the person and the organization themselves are read in their place"),
    *ignored("expected_close_date", "it is that of the deal that the lead may become"),
    *ignored(("is_archived", "was_seen", "visible_to"), "how the inbox of leads shows it"),
    *ignored(("source_name", "origin", "origin_id", "channel_id"), "leadlens has one source of a lead: its channel"),
    *ignored(("next_activity_id", "cc_email", "source_deal_id"), "leadlens has no place for it"),
    *ignored(("person.id", "organization.id"), "the lead names them by person_id and organization_id"),
)  # fmt: skip

# --- the others ------------------------------------------------------------------------------------------------------

_SYNCED = "included if contact sync is enabled, and never written"
CONTACT = Crosswalk(
    Contact,
    "pipedrive.contact",
    field("id", "id", of_space(integer_id, "contact"), access=READ),
    field("name", _NAME, PERSON_NAME, required="Pipedrive needs the name of a person"),
    field("company", "org_id", COMPANY_ID),
    field("emails", "emails", each(EMAIL, key="value")),
    field("phones", "phones", each(PHONE, key="value")),
    field("title", "job_title", text, access=READ),
    field("description", "notes", text, access=READ),
    field("birthday", "birthday", iso_date, access=READ),
    field("addresses", "postal_address", ADDRESS, access=READ),
    field("created_at", "add_time", iso_z),
    field("modified_at", "update_time", iso_z, access=READ),
    absent(("department", "assistant", "reports_to", "vendor"), "Pipedrive keeps no such field of a person"),
    absent(("websites", "socials", "industry", "contact_type", "source"), "Pipedrive has no such fields of its own"),
    absent("email_opt_out", "Pipedrive keeps consent with its marketing app"),
    absent("converted_from", "in Pipedrive the deal names the lead"),
    absent("image", "Pipedrive keeps pictures apart from the person"),
    _NO_STATUSES,
    _OWN,
    *ignored(("picture_id", "im", "marketing_status", "doi_status"), "leadlens has no place for it"),
    *_GONE,
    *_ANY,
)

COMPANY = Crosswalk(
    Company,
    "pipedrive.company",
    field("id", "id", of_space(integer_id, "company"), access=READ),
    field("name", "name", text, required="Pipedrive needs the name of an organization"),
    field("addresses", "address", ADDRESS),
    field("created_at", "add_time", iso_z),
    field("modified_at", "update_time", iso_z, access=READ),
    absent(
        ("emails", "phones", "websites", "socials", "email_domain"),
        "a Pipedrive organization is reached by its persons",
    ),
    absent(("description", "number", "site", "company_type", "ownership"), "Pipedrive has no such fields of its own"),
    absent(("industry", "employees", "annual_revenue", "rating", "source"), "Pipedrive has no such fields of its own"),
    absent(("ticker_symbol", "sic_code"), "Pipedrive has no such fields of its own"),
    absent("primary_contact", "in Pipedrive the persons point to their organization"),
    absent("parent", "Pipedrive keeps relations of organizations apart"),
    absent("image", "Pipedrive keeps no picture of an organization"),
    _NO_STATUSES,
    _OWN,
    *_GONE,
    *_ANY,
)

# What a deal is, and what completes the deal that a conversion made: the same rows.
DEAL_FIELDS: tuple[Row, ...] = (
    field("value", ("value", "currency"), MONEY),
    field("close_date", "expected_close_date", iso_date),
    field("probability", "probability", number),
    field("owner", "owner_id", USER),
    _OWN,
    absent("tags", "Pipedrive has no tags; its labels are options that an account defines"),
    absent(("priority", "hot"), "Pipedrive has no priority of deals"),
    absent(
        ("contact_role", "description", "deal_type", "next_step", "campaign"), "Pipedrive has no such field of a deal"
    ),
)
_SHARED = {("owner",), ("tags",)}

DEAL = Crosswalk(
    Deal,
    "pipedrive.deal",
    field("id", "id", of_space(integer_id, "deal"), access=READ),
    field("name", "title", text, required="Pipedrive needs a title for the deal"),
    field("contact", "person_id", CONTACT_ID),
    field("company", "org_id", COMPANY_ID),
    field("pipeline", "pipeline_id", PIPELINE),
    field("stage", "stage_id", STAGE),
    *DEAL_FIELDS,
    field("status", "status", STATUS),
    field("loss_reason", "lost_reason", LOSS_REASON),
    field("source", "channel", CHANNEL, access=READ),
    field("converted_from", "source_lead_id", SOURCE_LEAD, access=READ),
    field("stage_changed_at", "stage_change_time", iso_z, access=READ),
    field("created_at", "add_time", iso_z, access=READ),
    field("modified_at", "update_time", iso_z, access=READ),
    absent(("converted_value", "expected_revenue"), "Pipedrive keeps one value of a deal"),
    absent("unqualified_reason", "Pipedrive keeps one reason, why a deal was lost"),
    absent(("pipeline_type", "is_revenue"), "Pipedrive has one type of pipeline"),
    absent(("lead_created_at", "added_at"), "Pipedrive keeps when the deal was made"),
    absent(
        ("lead_conversion_days", "sales_cycle_days", "overall_sales_days"), "Pipedrive does not keep such durations"
    ),
    *ignored(("close_time", "won_time", "lost_time", "archive_time"), "leadlens has no place for when a deal ended"),
    *ignored(("is_archived", "origin", "origin_id", "channel_id"), "leadlens has no place for it"),
    *ignored(("arr", "mrr", "acv"), "it comes of the deal's products"),
    *_GONE,
    *(row for row in _ANY if getattr(row, "neutral", None) not in _SHARED),
)
