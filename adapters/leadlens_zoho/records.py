"""What a lead, a contact, a company and a deal are on Zoho's wire (modules Leads, Contacts, Accounts, Deals)."""

from __future__ import annotations

from leadlens.codecs import Codec, Unsayable, flag, iso_date, iso_offset, text, whole
from leadlens.composites import amount_and_currency
from leadlens.crosswalk import READ, Crosswalk, Row, absent, derived, field, ignored, rest
from leadlens.model import JSON, Company, Contact, Deal, Lead, PersonName, joined_name
from leadlens.references import of_space, option
from leadlens_zoho.values import (
    ADDRESS,
    AMOUNT,
    COMPANY_ADDRESSES,
    COMPANY_PHONES,
    COMPANY_TYPE,
    CONTACT_ADDRESSES,
    CONTACT_PHONES,
    CONVERTED_TO,
    CUSTOM_FIELDS,
    CUSTOM_NAME,
    DIGITS,
    EMAILS,
    ID,
    INDUSTRY,
    LEAD_PHONES,
    LOSS_REASON,
    PERCENT,
    PERSON_NAME,
    PIPELINE,
    RATING,
    SOCIALS,
    SOURCE,
    STAGE,
    STATUS,
    TAGS,
    WEBSITE,
    lookup,
)


def _display(name: PersonName) -> JSON:
    try:
        _, first, last = PERSON_NAME.encode(name)
    except Unsayable:
        return None
    return joined_name((first, last))


FULL_NAME = Codec("a full name", text.decode, _display, {"type": "string"})

_STATE_OF_THE_PAGE = (
    "$currency_symbol", "$state", "$status", "$process_flow", "$approved", "$editable", "$followed", "$in_merge",
    "$orchestration", "$approval_state", "$approval", "$review_process", "$review", "$field_states",
    "$sharing_permission", "$photo_id", "$upcoming_activity", "$pathfinder", "$canvas_id", "$layout_id",
    "$zia_owner_assignment", "$zia_visions", "$wizard_connection_path", "$has_more", "$locked_for_me", "$taxable",
)  # fmt: skip
_VISITS = (
    "Visitor_Score", "Average_Time_Spent_Minutes", "Days_Visited", "First_Visited_Time", "First_Visited_URL",
    "Last_Visited_Time", "Number_Of_Chats", "Referrer",
)  # fmt: skip
_CONSENT = (
    "Unsubscribed_Mode", "Unsubscribed_Time", "Data_Source", "Data_Processing_Basis", "Data_Processing_Basis_Details",
)  # fmt: skip

_ANY: tuple[Row, ...] = (
    field("owner", "Owner", lookup("user")),
    field("tags", "Tag", TAGS),
    field("description", "Description", text),
    field("layout", "Layout", lookup("layout")),
    field("last_contacted_at", "Last_Activity_Time", iso_offset, access=READ),
    field("created_at", "Created_Time", iso_offset, access=READ),
    field("created_by", "Created_By", lookup("user"), access=READ),
    field("modified_at", "Modified_Time", iso_offset, access=READ),
    field("modified_by", "Modified_By", lookup("user"), access=READ),
    rest("custom_fields", "", CUSTOM_FIELDS, pattern=CUSTOM_NAME),
    absent("interactions", "Zoho does not count interactions"),
    *ignored(_STATE_OF_THE_PAGE, "it describes Zoho's own screens and processes, not the record"),
    *ignored(("Change_Log_Time__s", "Locked__s", "Record_Status__s", "Exchange_Rate"), "Zoho keeps it for itself"),
)
_PEOPLE_AND_COMPANIES: tuple[Row, ...] = (
    field("image", "Record_Image", text, access=READ),
    *ignored(("Territories", "Enrich_Status__s", "Last_Enriched_Time__s"), "it belongs to a feature of Zoho alone"),
)
_PEOPLE: tuple[Row, ...] = (
    field("name", ("Salutation", "First_Name", "Last_Name"), PERSON_NAME, required="Zoho needs a last name"),
    derived("Full_Name", "name", FULL_NAME, access=READ),
    field("emails", ("Email", "Secondary_Email"), EMAILS),
    field("socials", ("Twitter", "Skype_ID"), SOCIALS),
    field("email_opt_out", "Email_Opt_Out", flag),
    *ignored(_VISITS, "it counts visits to a website that Zoho watches"),
    *ignored(_CONSENT, "it records consent in Zoho's own terms; move it with care"),
)

LEAD = Crosswalk(
    Lead,
    "zoho.lead",
    field("id", "id", of_space(ID, "lead"), access=READ, required="Zoho's replies always give the id"),
    *_PEOPLE,
    field("title", "Designation", text),
    field("company_name", "Company", text),
    field("phones", ("Phone", "Mobile", "Fax"), LEAD_PHONES),
    field("websites", "Website", WEBSITE),
    field("address", ("Street", "City", "State", "Zip_Code", "Country"), ADDRESS),
    field("industry", "Industry", INDUSTRY),
    field("employees", "No_of_Employees", whole),
    field("annual_revenue", ("Annual_Revenue", "Currency"), amount_and_currency),
    field("rating", "Rating", RATING),
    field("status", "Lead_Status", STATUS),
    field("source", "Lead_Source", SOURCE),
    field("converted_to", ("$converted", "$converted_detail"), CONVERTED_TO, access=READ),
    absent("value", "a Zoho lead has no value of its own; give it to the deal"),
    absent("unqualified_reason", "Zoho keeps no reason why a lead is unqualified"),
    *ignored(
        ("Converted__s", "Converted_Date_Time", "Converted_Account", "Converted_Contact", "Converted_Deal"),
        "it repeats what $converted_detail says",
    ),
    *ignored("Lead_Conversion_Time", "it is a number for Zoho's own reports"),
    *_PEOPLE_AND_COMPANIES,
    *_ANY,
)

_MAILING = ("Mailing_Street", "Mailing_City", "Mailing_State", "Mailing_Zip", "Mailing_Country")
_OTHER = ("Other_Street", "Other_City", "Other_State", "Other_Zip", "Other_Country")

CONTACT = Crosswalk(
    Contact,
    "zoho.contact",
    field("id", "id", of_space(ID, "contact"), access=READ, required="Zoho's replies always give the id"),
    *_PEOPLE,
    field("title", "Title", text),
    field("department", "Department", text),
    field("company", "Account_Name", lookup("company")),
    field("phones", ("Phone", "Mobile", "Fax", "Home_Phone", "Other_Phone", "Asst_Phone"), CONTACT_PHONES),
    field("addresses", (*_MAILING, *_OTHER), CONTACT_ADDRESSES),
    field("birthday", "Date_of_Birth", iso_date),
    field("assistant", "Assistant", text),
    field("reports_to", "Reporting_To", lookup("contact")),
    field("vendor", "Vendor_Name", lookup("vendor")),
    field("source", "Lead_Source", SOURCE),
    absent("websites", "a Zoho contact has no website"),
    absent("contact_type", "Zoho has no types of contacts"),
    absent("industry", "in Zoho the industry belongs to the account"),
    absent(("customer_status", "prospect_status"), "Zoho does not keep whether a contact is a customer"),
    absent("converted_from", "Zoho keeps the conversion on the lead, not on the contact"),
    *ignored("Reports_To", "it repeats what Reporting_To says"),
    *ignored("Currency", "a contact holds no amount"),
    *_PEOPLE_AND_COMPANIES,
    *_ANY,
)

_BILLING = ("Billing_Street", "Billing_City", "Billing_State", "Billing_Code", "Billing_Country")
_SHIPPING = ("Shipping_Street", "Shipping_City", "Shipping_State", "Shipping_Code", "Shipping_Country")

COMPANY = Crosswalk(
    Company,
    "zoho.company",
    field("id", "id", of_space(ID, "company"), access=READ, required="Zoho's replies always give the id"),
    field("name", "Account_Name", text, required="Zoho needs the name of the account"),
    field("phones", ("Phone", "Fax"), COMPANY_PHONES),
    field("websites", "Website", WEBSITE),
    field("addresses", (*_BILLING, *_SHIPPING), COMPANY_ADDRESSES),
    field("parent", "Parent_Account", lookup("company")),
    field("number", "Account_Number", DIGITS),
    field("site", "Account_Site", text),
    field("company_type", "Account_Type", COMPANY_TYPE),
    field("ownership", "Ownership", option("ownership")),
    field("industry", "Industry", INDUSTRY),
    field("employees", "Employees", whole),
    field("annual_revenue", ("Annual_Revenue", "Currency"), amount_and_currency),
    field("rating", "Rating", RATING),
    field("ticker_symbol", "Ticker_Symbol", text),
    field("sic_code", "SIC_Code", DIGITS),
    absent("emails", "a Zoho account has no e-mail address"),
    absent("email_domain", "a Zoho account has no e-mail domain"),
    absent("socials", "a Zoho account has no social networks"),
    absent("primary_contact", "in Zoho the contacts point to their account"),
    absent(("customer_status", "prospect_status"), "Zoho tells customers by the type of the account alone"),
    absent("source", "a Zoho account has no source"),
    *_PEOPLE_AND_COMPANIES,
    *_ANY,
)

# What a deal is, and what the Deals object of a conversion takes beside its mandatory keys: the same rows.
DEAL_FIELDS: tuple[Row, ...] = (
    field("value", ("Amount", "Currency"), amount_and_currency),
    field("probability", "Probability", PERCENT),
    field("deal_type", "Type", option("deal_type")),
    field("next_step", "Next_Step", text),
    field("campaign", "Campaign_Source", lookup("campaign")),
    field("source", "Lead_Source", SOURCE),
    field("owner", "Owner", lookup("user")),
    field("description", "Description", text),
    field("tags", "Tag", TAGS),
    rest("custom_fields", "", CUSTOM_FIELDS, pattern=CUSTOM_NAME),
    absent("priority", "Zoho has no priority of deals"),
    absent("hot", "Zoho has no hot deals"),
)
_OF_ANY_ONLY = tuple(row for row in _ANY if getattr(row, "neutral", None) not in
                     (("owner",), ("tags",), ("description",), "custom_fields"))  # fmt: skip

DEAL = Crosswalk(
    Deal,
    "zoho.deal",
    field("id", "id", of_space(ID, "deal"), access=READ, required="Zoho's replies always give the id"),
    field("name", "Deal_Name", text, required="Zoho needs a name for the deal"),
    field("stage", "Stage", STAGE, required="Zoho needs the stage of a deal"),
    field("pipeline", "Pipeline", PIPELINE),
    field("close_date", "Closing_Date", iso_date),
    *DEAL_FIELDS,
    field("company", "Account_Name", lookup("company")),
    field("contact", "Contact_Name", lookup("contact")),
    field("expected_revenue", "Expected_Revenue", AMOUNT, access=READ),
    field("loss_reason", "Reason_For_Loss__s", LOSS_REASON),
    field("lead_conversion_days", "Lead_Conversion_Time", whole, access=READ),
    field("sales_cycle_days", "Sales_Cycle_Duration", whole, access=READ),
    field("overall_sales_days", "Overall_Sales_Duration", whole, access=READ),
    absent("converted_value", "Zoho keeps one amount, in the deal's currency"),
    absent("status", "in Zoho the stage says whether a deal is open, won or lost"),
    absent("unqualified_reason", "a Zoho deal keeps a loss reason only"),
    absent("contact_role", "Zoho keeps the role on the tie between contact and deal, not on the deal"),
    absent(("pipeline_type", "is_revenue"), "Zoho has one type of pipeline"),
    absent("converted_from", "Zoho keeps the conversion on the lead, not on the deal"),
    absent(("lead_created_at", "stage_changed_at", "added_at"), "Zoho keeps no such time on a deal"),
    *ignored("Territory", "it belongs to a feature of Zoho alone"),
    *_OF_ANY_ONLY,
)
