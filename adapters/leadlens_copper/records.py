"""What a lead, a contact, a company and a deal are on Copper's wire (the sample records of developer.copper.com)."""

from __future__ import annotations

from leadlens.codecs import each, first_of, flag, one, text, texts, unix_seconds, whole
from leadlens.composites import amount_and_currency
from leadlens.crosswalk import (
    READ,
    Crosswalk,
    Field,
    absent,
    field,
    ignored,
)
from leadlens.model import (
    Address,
    Company,
    Contact,
    ConvertedFrom,
    CustomField,
    Deal,
    Email,
    Lead,
    Phone,
    Social,
    Website,
)
from leadlens.references import (
    integer_id,
    of_space,
    open_picklist,
    ref_by_both,
    ref_by_id,
    ref_by_id_with_label,
)
from leadlens_copper.crosswalks import DateOrder
from leadlens_copper.values import (
    CONTACT_TYPE,
    CONVERTED_TO,
    CUSTOM_VALUE,
    PERCENT,
    PERSON_NAME,
    PIPELINE,
    PIPELINE_TYPE,
    PRIORITY,
    SOURCE,
    STAGE,
    STATUS,
    USER,
    close_date,
)

# --- parts of records ------------------------------------------------------------------------------------------------

_OTHER = "Copper has no such category and calls it 'other'"
_MAIL_CATEGORY = open_picklist(("work", "personal", "other"), "other", _OTHER)
_PHONE_CATEGORY = open_picklist(("mobile", "work", "home", "other"), "other", _OTHER)
_SOCIAL_CATEGORY = open_picklist(
    ("linkedin", "twitter", "googleplus", "facebook", "youtube", "quora", "foursquare", "klout", "gravatar", "other"),
    "other",
    _OTHER,
)

_SAYS_NOTHING = "Copper needs {} here, not only what it is for"
EMAIL = Crosswalk(
    Email,
    "copper.email",
    field("address", "email", text, required=_SAYS_NOTHING.format("an address")),
    field("category", "category", _MAIL_CATEGORY),
)
PHONE = Crosswalk(
    Phone,
    "copper.phone",
    field("number", "number", text, required=_SAYS_NOTHING.format("a number")),
    field("category", "category", _PHONE_CATEGORY),
)
WEBSITE = Crosswalk(
    Website,
    "copper.website",
    field("url", "url", text, required=_SAYS_NOTHING.format("an address")),
    field("category", "category", _MAIL_CATEGORY),
)
SOCIAL = Crosswalk(
    Social,
    "copper.social",
    field("url", "url", text, required=_SAYS_NOTHING.format("an address")),
    field("category", "category", _SOCIAL_CATEGORY),
)

ADDRESS = Crosswalk(
    Address,
    "copper.address",
    field("street", "street", text),
    field("city", "city", text),
    field("state", "state", text),
    field("postal_code", "postal_code", text),
    field("country", "country", text),
    absent("category", "Copper keeps one address and does not say what it is for", level="note"),
)

CUSTOM_FIELD = Crosswalk(
    CustomField,
    "copper.custom-field",
    field(
        "definition",
        "custom_field_definition_id",
        ref_by_id(integer_id, "definition").but(ids=None),
        required="Copper names custom fields by the id of their definition",
    ),
    field("value", "value", CUSTOM_VALUE, required="a custom field without a value says nothing"),
    *ignored("computed_value", "it repeats the value as text"),
)

CONVERTED_FROM = Crosswalk(
    ConvertedFrom,
    "copper.converted-from",
    field("lead_id", "lead_id", of_space(integer_id, "lead"), required="Copper tells which lead it was"),
    field("converted_at", "converted_timestamp", unix_seconds, required="Copper tells when it was converted"),
)

COMPANY_REF = ref_by_id_with_label(integer_id, "company")
EMAILS = each(EMAIL, key="email")
PHONES = each(PHONE, key="number")
WEBSITES = each(WEBSITE, key="url")
SOCIALS = each(SOCIAL, key="url")
CUSTOM_FIELDS = each(CUSTOM_FIELD, key="custom_field_definition_id", skip="value").but(ids="definition")
CONVERTED_FROMS = each(CONVERTED_FROM, key="lead_id")
ONE_ADDRESS = first_of(ADDRESS, "Copper keeps one address")

NAME_KEYS = ("prefix", "first_name", "middle_name", "last_name", "suffix", "name")
_NEEDS_NAME = "Copper needs a name"
_KEPT_BY_COPPER = (
    field("interactions", "interaction_count", whole, access=READ),
    field("created_at", "date_created", unix_seconds, access=READ),
    field("modified_at", "date_modified", unix_seconds, access=READ),
    absent(("created_by", "modified_by"), "Copper does not tell who created or changed a record"),
    absent("layout", "Copper has one layout for all records of a kind"),
)
_LAST_CONTACTED = field("last_contacted_at", "date_last_contacted", unix_seconds, access=READ)
_NO_IMAGE = absent("image", "Copper keeps no picture of a record")

# --- records ---------------------------------------------------------------------------------------------------------

LEAD = Crosswalk(
    Lead,
    "copper.lead",
    field("id", "id", of_space(integer_id, "lead"), access=READ),
    field("name", NAME_KEYS, PERSON_NAME, required=_NEEDS_NAME),
    field("address", "address", one(ADDRESS)),
    field("owner", "assignee_id", USER),
    field("company_name", "company_name", text),
    field("source", "customer_source_id", SOURCE),
    field("description", "details", text),
    field("emails", "email", first_of(EMAIL, "a Copper lead has one e-mail address")),
    field("value", ("monetary_value", "monetary_unit"), amount_and_currency),
    field("phones", "phone_numbers", PHONES),
    field("socials", "socials", SOCIALS),
    field("status", ("status_id", "status"), ref_by_both(integer_id, "status", "unmapped_option")),
    field("tags", "tags", texts()),
    field("title", "title", text),
    field("websites", "websites", WEBSITES),
    field("custom_fields", "custom_fields", CUSTOM_FIELDS),
    field(
        "converted_to", ("converted_at", "converted_contact_id", "converted_opportunity_id"), CONVERTED_TO, access=READ
    ),
    absent("industry", "a Copper lead has no industry"),
    absent(("employees", "annual_revenue"), "a Copper lead says nothing of the size of the company"),
    absent("rating", "a Copper lead has no rating"),
    absent("unqualified_reason", "Copper keeps no reason why a lead is unqualified"),
    absent("email_opt_out", "Copper keeps no e-mail opt-out"),
    _NO_IMAGE,
    _LAST_CONTACTED,
    *_KEPT_BY_COPPER,
)

CONTACT = Crosswalk(
    Contact,
    "copper.contact",
    field("id", "id", of_space(integer_id, "contact"), access=READ),
    field("name", NAME_KEYS, PERSON_NAME, required=_NEEDS_NAME),
    field("addresses", "address", ONE_ADDRESS),
    field("owner", "assignee_id", USER),
    field("company", ("company_id", "company_name"), COMPANY_REF, echo="company_name"),
    field("contact_type", "contact_type_id", CONTACT_TYPE),
    field("description", "details", text),
    field("emails", "emails", EMAILS),
    field("phones", "phone_numbers", PHONES),
    field("socials", "socials", SOCIALS),
    field("tags", "tags", texts()),
    field("title", "title", text),
    field("websites", "websites", WEBSITES),
    field("custom_fields", "custom_fields", CUSTOM_FIELDS),
    field("converted_from", "leads_converted_from", CONVERTED_FROMS, access=READ),
    absent(("department", "assistant", "reports_to"), "Copper does not keep where a contact stands in the company"),
    absent("vendor", "Copper has no vendors"),
    absent("birthday", "Copper keeps no birthday"),
    absent("industry", "a Copper contact has no industry"),
    absent(("customer_status", "prospect_status"), "Copper tells customers from prospects by the contact type alone"),
    absent("source", "a Copper contact has no source"),
    absent("email_opt_out", "Copper keeps no e-mail opt-out"),
    _NO_IMAGE,
    _LAST_CONTACTED,
    *ignored("date_lead_created", "leadlens keeps when the lead was converted, not when it was created"),
    *_KEPT_BY_COPPER,
)

COMPANY = Crosswalk(
    Company,
    "copper.company",
    field("id", "id", of_space(integer_id, "company"), access=READ),
    field("name", "name", text, required=_NEEDS_NAME),
    field("addresses", "address", ONE_ADDRESS),
    field("owner", "assignee_id", USER),
    field("company_type", "contact_type_id", CONTACT_TYPE),
    field("description", "details", text),
    field("email_domain", "email_domain", text),
    field("phones", "phone_numbers", PHONES),
    field("primary_contact", "primary_contact_id", ref_by_id(integer_id, "contact")),
    field("socials", "socials", SOCIALS),
    field("tags", "tags", texts()),
    field("websites", "websites", WEBSITES),
    field("custom_fields", "custom_fields", CUSTOM_FIELDS),
    absent("emails", "a Copper company has an e-mail domain and no addresses"),
    absent("parent", "Copper knows no parent companies"),
    absent(("number", "site", "ownership", "ticker_symbol", "sic_code"), "Copper keeps no such company data"),
    absent(
        ("industry", "employees", "annual_revenue", "rating"), "Copper says nothing of a company's industry and size"
    ),
    absent(("customer_status", "prospect_status"), "Copper tells customers from prospects by the contact type alone"),
    absent("source", "a Copper company has no source"),
    _NO_IMAGE,
    absent("last_contacted_at", "Copper does not tell when a company was last contacted"),
    *_KEPT_BY_COPPER,
)


def deal(order: DateOrder | None) -> Crosswalk:
    """Return the crosswalk of an opportunity for an account of this date order."""
    return Crosswalk(
        Deal,
        "copper.deal",
        field("id", "id", of_space(integer_id, "deal"), access=READ),
        field("name", "name", text, required=_NEEDS_NAME),
        field("owner", "assignee_id", USER),
        field("close_date", "close_date", close_date(order)),
        field("company", ("company_id", "company_name"), COMPANY_REF, echo="company_name"),
        field("source", "customer_source_id", SOURCE),
        field("description", "details", text),
        field("loss_reason", "loss_reason_id", ref_by_id(integer_id, "loss_reason").but(unmapped="unmapped_option")),
        field("value", ("monetary_value", "monetary_unit"), amount_and_currency),
        field("converted_value", ("converted_value", "converted_unit"), amount_and_currency, access=READ),
        field("pipeline", "pipeline_id", PIPELINE),
        field("stage", "pipeline_stage_id", STAGE),
        field("pipeline_type", "pipeline_type", PIPELINE_TYPE, access=READ),
        field("is_revenue", "pipeline_is_revenue", flag, access=READ),
        field(
            "contact",
            "primary_contact_id",
            ref_by_id(integer_id, "contact"),
            required="a Copper deal needs its contact",
        ),
        field("priority", "priority", PRIORITY),
        field("status", "status", STATUS),
        field("tags", "tags", texts()),
        field("probability", "win_probability", PERCENT),
        field("custom_fields", "custom_fields", CUSTOM_FIELDS),
        field("converted_from", "leads_converted_from", CONVERTED_FROMS, access=READ),
        field("lead_created_at", "date_lead_created", unix_seconds, access=READ),
        field("stage_changed_at", "date_stage_changed", unix_seconds, access=READ),
        absent("expected_revenue", "Copper does not keep the expected revenue"),
        absent("unqualified_reason", "a Copper deal keeps a loss reason only"),
        absent("hot", "Copper has no hot deals; it has a priority"),
        absent(("deal_type", "next_step", "campaign"), "Copper has no such thing on a deal"),
        absent("contact_role", "Copper does not keep the contact's role in a deal"),
        absent("added_at", "Copper keeps one time of creation"),
        absent(
            ("lead_conversion_days", "sales_cycle_days", "overall_sales_days"), "Copper does not keep such durations"
        ),
        _LAST_CONTACTED,
        *_KEPT_BY_COPPER,
    )


def replied(record: Crosswalk, *always: str) -> Crosswalk:
    """Return the crosswalk of a record as Copper's replies hold it; they always have these attributes."""
    told = "Copper's replies always have it"
    rows = (
        row._replace(required=told) if isinstance(row, Field) and row.neutral[0] in always else row
        for row in record.rows
    )
    return Crosswalk(record.model, f"{record.name}-reply", *rows)


_ALWAYS = ("id", "name", "created_at", "modified_at")
LEAD_REPLY = replied(LEAD, *_ALWAYS, "status")
CONTACT_REPLY = replied(CONTACT, *_ALWAYS)
COMPANY_REPLY = replied(COMPANY, *_ALWAYS, "interactions")


def deal_reply(order: DateOrder | None) -> Crosswalk:
    """Return the crosswalk of an opportunity in a reply."""
    return replied(deal(order), *_ALWAYS, "interactions", "pipeline", "stage", "status", "probability")
