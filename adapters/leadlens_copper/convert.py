"""Copper's convert request and reply (developer.copper.com/leads/convert-a-lead.html)."""

from __future__ import annotations

from leadlens.codecs import flag, one, text, texts
from leadlens.composites import amount_and_currency, display_name
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
    PRESENT,
    CallTemplate,
    Crosswalk,
    Variant,
    absent,
    case,
    field,
    instead,
    refuse,
    variant,
)
from leadlens.references import integer_id, of_space
from leadlens_copper.crosswalks import DateOrder
from leadlens_copper.records import (
    COMPANY_REPLY,
    CONTACT_REPLY,
    CUSTOM_FIELDS,
    deal_reply,
)
from leadlens_copper.values import (
    CONTACT_TYPE,
    PERCENT,
    PIPELINE,
    PRIORITY,
    SOURCE,
    STAGE,
    USER,
    close_date,
)

# --- convert ---------------------------------------------------------------------------------------------------------


def _matched_by_name(wanted: NewCompany) -> Match | VendorDefault:
    return Match(wanted.name) if wanted.name else VendorDefault()


def _nothing(_: object) -> Nothing:
    return Nothing()


def _present(made: Created | Linked) -> Present:
    return Present(record=made.record)


_BY_EMAIL = "Copper finds the contact by the lead's e-mail address; another one cannot be named"
_OPPORTUNITY = "convert.body.details.opportunity"


def convert_request(order: DateOrder | None) -> Crosswalk:
    """Return the crosswalk of ``POST /leads/{id}/convert`` and the update of the new opportunity that completes it."""
    return Crosswalk(
        ConvertRequest,
        "copper.convert-request",
        field("lead_id", "convert.path.lead_id", of_space(integer_id, "lead"), required="say which lead to convert"),
        variant(
            "contact",
            "convert.body.details.person",
            case(
                NewContact,
                {("name", "contact_type_id"): PRESENT},
                field("name", "name", display_name("Copper takes the name as one text and finds its parts itself")),
                field("contact_type", "contact_type_id", CONTACT_TYPE),
            ),
            case(VendorDefault, {("name", "contact_type_id"): GONE}),
            refuse(Existing, _BY_EMAIL),
            refuse(Match, _BY_EMAIL),
            refuse(Nothing, "Copper always makes or finds a contact"),
        ),
        variant(
            "company",
            "convert.body.details.company",
            case(VendorDefault, {"id": GONE, "name": GONE}),
            case(Existing, {"id": PRESENT, "name": GONE}, field("id", "id", of_space(integer_id, "company"))),
            case(Nothing, {"id": GONE, "name": ""}),
            case(
                Match,
                {"id": GONE, "name": PRESENT},
                field("name", "name", text),
                field("exact", "exact_match", flag, missing=False),
            ),
            instead(NewCompany, to=_matched_by_name, reason="Copper links a company that has that name", level="note"),
        ),
        variant(
            "deal",
            "",
            case(
                NewDeal,
                {_OPPORTUNITY: PRESENT},
                field("name", f"{_OPPORTUNITY}.name", text, required="Copper needs a name for the deal"),
                field("pipeline", f"{_OPPORTUNITY}.pipeline_id", PIPELINE, defaulted="Copper takes its own pipeline"),
                field("stage", f"{_OPPORTUNITY}.pipeline_stage_id", STAGE, defaulted="Copper takes the first stage"),
                field("value", (f"{_OPPORTUNITY}.monetary_value", "deal.body.monetary_unit"), amount_and_currency),
                field("owner", f"{_OPPORTUNITY}.assignee_id", USER),
                field("close_date", "deal.body.close_date", close_date(order)),
                field("probability", "deal.body.win_probability", PERCENT),
                field("priority", "deal.body.priority", PRIORITY),
                field("source", "deal.body.customer_source_id", SOURCE),
                field("description", "deal.body.details", text),
                field("tags", "deal.body.tags", texts()),
                field("custom_fields", "deal.body.custom_fields", CUSTOM_FIELDS),
                absent("contact_role", "Copper does not keep the contact's role in a deal"),
                absent("hot", "Copper has no hot deals; it has a priority"),
                absent(("deal_type", "next_step", "campaign"), "Copper has no such thing on a deal"),
            ),
            case(Nothing, {_OPPORTUNITY: GONE}),
            instead(VendorDefault, to=_nothing, reason="Copper makes no deal unless it is asked for one", level="note"),
            refuse(Existing, "Copper cannot convert into an existing deal"),
        ),
        field("contact_owner", "convert.body.details.person.assignee_id", USER),
        absent("company_owner", "Copper's convert does not set the owner of the company"),
        absent("rename_company", "Copper's convert does not rename companies"),
        absent(("notify_lead_owner", "notify_owner"), "Copper's convert sends no notifications on request"),
        absent(("contact_tags", "company_tags", "deal_tags"), "Copper does not let a request choose what tags follow"),
        absent("attachments_to", "Copper does not let the request choose where attachments go"),
        absent("not_portable", "these keys belong to another CRM"),
        calls=(
            CallTemplate(
                "convert", "convert", "POST", "/developer_api/v1/leads/{lead_id}/convert",
                "convert the lead", always=("body.details",),
            ),
            CallTemplate(
                "deal", "after", "PUT", "/developer_api/v1/opportunities/{deal_id}",
                "complete the new deal with what Copper's convert does not take", when="the conversion made a deal",
            ),
        ),
    )  # fmt: skip


_NOT_TOLD = "Copper does not tell whether the record was created or linked"


def _outcome(neutral: str, key: str, record: Crosswalk) -> Variant:
    return variant(
        neutral,
        "",
        case(Present, {key: PRESENT}, field("record", key, one(record))),
        case(NoRecord, {key: GONE}),
        instead(Created, to=_present, reason=_NOT_TOLD, level="note"),
        instead(Linked, to=_present, reason=_NOT_TOLD, level="note"),
    )


def convert_reply(order: DateOrder | None) -> Crosswalk:
    """Return the crosswalk of the reply to a convert: three full records."""
    return Crosswalk(
        Conversion,
        "copper.convert-reply",
        _outcome("contact", "person", CONTACT_REPLY),
        _outcome("company", "company", COMPANY_REPLY),
        _outcome("deal", "opportunity", deal_reply(order)),
        absent(("id", "lead_id"), "Copper's reply names the new records only"),
        absent(("converted_at", "converted_by"), "Copper's reply does not say when and by whom"),
        absent("open", "what is still to be sent is no part of Copper's reply"),
        author="vendor",
    )
