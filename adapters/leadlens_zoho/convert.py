"""Zoho's convert request and reply, and its conversion options, per API version.

Sources: zoho.com/crm/developer/docs/api/{v2 … v8}/convert-lead.html. Up to v2.1 records are named by bare ids, from v3
on by objects; ``move_attachments_to`` came with v5 and ``add_to_existing_record`` with v6 (third-party knowledge).
"""

from __future__ import annotations

import re

from leadlens.codecs import Codec, Unfit, Unsayable, each, flag, iso_date, one, text
from leadlens.composites import display_name, shared_owner
from leadlens.conversion import (
    Conversion,
    ConversionOptions,
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
    VendorExtras,
)
from leadlens.crosswalk import (
    EVERYTHING_ELSE,
    GONE,
    NULL,
    PRESENT,
    CallTemplate,
    Crosswalk,
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
from leadlens.model import JSON, Company, Contact, Deal, Ref
from leadlens.references import (
    by_id_alone,
    of_space,
    picklist,
    ref_by_id,
)
from leadlens_zoho.records import COMPANY, CONTACT, DEAL, DEAL_FIELDS
from leadlens_zoho.values import ID, PERSON_NAME, PIPELINE, STAGE, TAG_NAMES
from leadlens_zoho.versions import Version, since

_ITEM = "convert.body.data[0]"
_LEAD = "lead.body.data[0]"
_CRITERIA = "find_company.query.criteria"
_NEW_COMPANY = "create_company.body.data[0].Account_Name"
_CONTACTS_ADVICE = "Zoho links an existing contact by its id alone"


def _id_key(version: Version, name: str) -> str:
    """Return the key of an id: bare until v2.1, inside an object from v3 on."""
    return f"{_ITEM}.{name}.id" if since(version, "v3") else f"{_ITEM}.{name}"


# --- finding a company by its name -----------------------------------------------------------------------------------


def _read_company_name(criteria: JSON, created: JSON) -> str:
    found = re.fullmatch(r"\(Account_Name:equals:(.*)\)", criteria, re.DOTALL) if criteria.__class__ is str else None
    if found is None:
        raise Unfit("(Account_Name:equals:NAME)")
    name = re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL)
    if created is not None and created != name:
        raise Unfit("the same name in the search and in the new account")
    return name


def _write_company_name(name: str) -> tuple[JSON, JSON]:
    if not name.isprintable():
        raise Unsayable("coerced", "Zoho finds an account by a name of one line")
    return "(Account_Name:equals:" + re.sub(r"([(),\\])", r"\\\1", name) + ")", name


COMPANY_NAME = Codec(
    "the name to find an account by", _read_company_name, _write_company_name,
    (
        {
            "type": "string",
            "pattern": r"^\(Account_Name:equals:[A-Za-z ]{1,9}\)$",
            "examples": ["(Account_Name:equals:Acme)"],
        },
        {"type": "null"},
    ),
)  # fmt: skip


def _company(version: Version) -> Variant:
    account = _id_key(version, "Accounts")
    return variant(
        "company",
        "",
        case(
            Match,
            {_CRITERIA: PRESENT, account: "{company_id}"},
            field("name", (_CRITERIA, _NEW_COMPANY), COMPANY_NAME),
            constant("exact", None, True, "Zoho finds an account by its exact name only"),
        ),
        case(
            NewCompany,
            {_CRITERIA: GONE, _NEW_COMPANY: PRESENT, account: "{company_id}"},
            field("name", _NEW_COMPANY, text),
        ),
        case(
            Existing,
            {_CRITERIA: GONE, _NEW_COMPANY: GONE, account: PRESENT},
            field("id", account, of_space(ID, "company")),
        ),
        case(Nothing, {account: GONE, f"{_LEAD}.Company": NULL}),
        case(VendorDefault, {account: GONE, f"{_LEAD}.Company": GONE}),
    )


def _contact(version: Version) -> Variant:
    contact = _id_key(version, "Contacts")
    parts = tuple(f"{_LEAD}.{key}" for key in ("Salutation", "First_Name", "Last_Name"))
    return variant(
        "contact",
        "",
        case(Existing, {contact: PRESENT}, field("id", contact, of_space(ID, "contact"))),
        case(
            NewContact,
            {contact: GONE, parts: PRESENT},
            field("name", parts, PERSON_NAME),
            absent("contact_type", "Zoho has no types of contacts"),
        ),
        case(VendorDefault, {contact: GONE, parts: GONE}),
        refuse(Match, _CONTACTS_ADVICE),
        refuse(Nothing, "Zoho always makes or links a contact"),
    )


# --- the deal --------------------------------------------------------------------------------------------------------

_ROLE = ref_by_id(ID, "contact_role")


def _read_role(inside: JSON, above: JSON) -> Ref | None:
    """Read the role where the list of keys has it (beside ``Deals``) and where the sample has it (inside)."""
    wire = inside if inside is not None else above
    return None if wire is None else _ROLE.decode(wire)


def _write_role(role: Ref) -> tuple[JSON, JSON]:
    return _ROLE.encode(role), None


CONTACT_ROLE = Codec(
    "the id of a contact role", _read_role, _write_role, (ID.schema, {"type": "null"}),
    ids="contact_role", unmapped="unmapped_option",
)  # fmt: skip


_NOT_OF_A_NEW_DEAL = (
    *ignored(("Account_Name", "Contact_Name"), "a conversion ties the deal to its own account and contact"),
    *ignored("Layout", "leadlens does not choose the layout of a new deal"),
    *ignored("Reason_For_Loss__s", "a new deal is not lost"),
    *ignored("Exchange_Rate", "Zoho keeps it for itself"),
)


def _deal(version: Version) -> Variant:
    deals = f"{_ITEM}.Deals"
    pipeline = "Zoho needs the pipeline of the deal" if since(version, "v5") else None
    return variant(
        "deal",
        "",
        case(
            NewDeal,
            {deals: PRESENT},
            field("name", f"{deals}.Deal_Name", text, required="Zoho needs a name for the deal"),
            field("close_date", f"{deals}.Closing_Date", iso_date, required="Zoho needs the closing date of the deal"),
            field("stage", f"{deals}.Stage", STAGE, required="Zoho needs the stage of the deal"),
            field("pipeline", f"{deals}.Pipeline", PIPELINE, required=pipeline),
            field("contact_role", (f"{deals}.Contact_Role", f"{_ITEM}.Contact_Role"), CONTACT_ROLE),
            *under(deals, (*DEAL_FIELDS, *_NOT_OF_A_NEW_DEAL)),
        ),
        case(Nothing, {deals: GONE}),
        instead(
            VendorDefault, to=lambda _: Nothing(), reason="Zoho makes no deal unless it is asked for one", level="note"
        ),
        refuse(Existing, "Zoho cannot convert into an existing deal"),
    )


# --- owners, attachments, extras -------------------------------------------------------------------------------------

OWNERS = shared_owner(ref_by_id(ID, "user"), "Zoho gives the contact and the account one owner")


_EXTRAS = tuple(f"{place}add_to_existing_record" for place in ("", "Accounts.", "Contacts."))
"""Zoho's page has the key per module, its own clients at the top."""


def _read_extras(*wires: JSON) -> VendorExtras | None:
    given = {key: wire for key, wire in zip(_EXTRAS, wires, strict=True) if wire is not None}
    if not all(wire.__class__ is bool for wire in given.values()):
        raise Unfit("true or false")
    return VendorExtras(vendor="zoho", values=given) if given else None


def _write_extras(extras: VendorExtras) -> tuple[JSON, ...]:
    said = extras.values
    known = extras.vendor == "zoho" and said and said.keys() <= set(_EXTRAS)
    if not known or not all(value.__class__ is bool for value in said.values()):
        raise Unsayable("absent", "these keys are none that Zoho knows")
    return tuple(said.get(key) for key in _EXTRAS)


EXTRAS = Codec("keys of Zoho's own", _read_extras, _write_extras, tuple({"type": "boolean"} for _ in _EXTRAS))
ATTACHMENTS = picklist({"Contacts": "contact", "Accounts": "company", "Deals": "deal"})


def _later_rows(version: Version) -> tuple[Row, ...]:
    """Return the rows for what came with later versions."""
    target = f"{_ITEM}.move_attachments_to"
    attachments = (
        field("attachments_to", f"{target}.api_name", ATTACHMENTS),
        *ignored(f"{target}.id", "the kind of record says where the attachments go"),
    )
    extras = field("not_portable", tuple(f"{_ITEM}.{key}" for key in _EXTRAS), EXTRAS)
    too_old = f"Zoho {version} cannot do this; later versions can"
    return (
        *(attachments if since(version, "v5") else [absent("attachments_to", too_old)]),
        extras if since(version, "v6") else absent("not_portable", too_old),
    )


# --- the request -----------------------------------------------------------------------------------------------------


def _calls(version: Version) -> tuple[CallTemplate, ...]:
    base = f"/crm/{version}"
    return (
        CallTemplate(
            "find_company", "read", "GET", f"{base}/Accounts/search",
            "find the account that has this name; if several have it, stop and ask",
        ),
        CallTemplate(
            "create_company", "before", "POST", f"{base}/Accounts",
            "create the account, since Zoho's convert links accounts by id alone",
            when="no account has that name yet",
        ),
        CallTemplate(
            "lead", "before", "PUT", f"{base}/Leads/{{lead_id}}",
            "change the lead first, since Zoho makes the contact and the account from it",
        ),
        CallTemplate(
            "convert", "convert", "POST", f"{base}/Leads/{{lead_id}}/actions/convert",
            "convert the lead", always=("body.data[0]",),
        ),
    )  # fmt: skip


def convert_request(version: Version) -> Crosswalk:
    """Return the crosswalk of ``POST /Leads/{id}/actions/convert`` and the calls that prepare it."""
    return Crosswalk(
        ConvertRequest,
        f"zoho.{version}.convert-request",
        field("lead_id", "convert.path.lead_id", of_space(ID, "lead"), required="say which lead is to be converted"),
        _contact(version),
        _company(version),
        _deal(version),
        field(("contact_owner", "company_owner"), _id_key(version, "assign_to"), OWNERS),
        field("rename_company", f"{_ITEM}.overwrite", flag),
        field("notify_lead_owner", f"{_ITEM}.notify_lead_owner", flag),
        field("notify_owner", f"{_ITEM}.notify_new_entity_owner", flag),
        field("contact_tags", f"{_ITEM}.carry_over_tags.Contacts", TAG_NAMES),
        field("company_tags", f"{_ITEM}.carry_over_tags.Accounts", TAG_NAMES),
        field("deal_tags", f"{_ITEM}.carry_over_tags.Deals", TAG_NAMES),
        *_later_rows(version),
        calls=_calls(version),
    )


# --- the reply -------------------------------------------------------------------------------------------------------

_NAME_AND_ID = "Zoho's reply gives the id and the name of the new records, and nothing more"
_ALWAYS = "Zoho's reply always gives the id and the name"
_CONVERTED: dict[str, Crosswalk] = {
    "Contacts": Crosswalk(
        Contact,
        "zoho.converted-contact",
        field("id", "id", of_space(ID, "contact"), required=_ALWAYS),
        field("name", "name", display_name("Zoho's reply gives the name as one text"), required=_ALWAYS),
        absent(EVERYTHING_ELSE, _NAME_AND_ID),
    ),
    "Accounts": Crosswalk(
        Company,
        "zoho.converted-company",
        field("id", "id", of_space(ID, "company"), required=_ALWAYS),
        field("name", "name", text, required=_ALWAYS),
        absent(EVERYTHING_ELSE, _NAME_AND_ID),
    ),
    "Deals": Crosswalk(
        Deal,
        "zoho.converted-deal",
        field("id", "id", of_space(ID, "deal"), required=_ALWAYS),
        field("name", "name", text, required=_ALWAYS),
        absent(EVERYTHING_ELSE, _NAME_AND_ID),
    ),
}


_NOT_TOLD = "Zoho does not tell whether the record was created or linked"
_IDS_ONLY = "Zoho's reply in this version gives the ids of the new records, and nothing more"
_BARE = {
    "Contacts": by_id_alone(Contact, ID, "contact", _IDS_ONLY),
    "Accounts": by_id_alone(Company, ID, "company", _IDS_ONLY),
    "Deals": by_id_alone(Deal, ID, "deal", _IDS_ONLY),
}


def _outcome(neutral: str, module: str, version: Version) -> Variant:
    bare = not since(version, "v3")
    key = f"data[0].{module}" if bare else f"data[0].details.{module}"
    codec = _BARE[module] if bare else one(_CONVERTED[module])
    return variant(
        neutral,
        "",
        case(Present, {key: PRESENT}, field("record", key, codec, required=_ALWAYS)),
        case(NoRecord, {key: GONE}),
        instead(Created, to=lambda made: Present(record=made.record), reason=_NOT_TOLD, level="note"),
        instead(Linked, to=lambda made: Present(record=made.record), reason=_NOT_TOLD, level="note"),
    )


def convert_reply(version: Version) -> Crosswalk:
    """Return the crosswalk of a successful reply to a convert."""
    said = {"code": "SUCCESS", "message": "The record has been converted successfully", "status": "success"}
    constants = [constant(None, f"data[0].{key}", value) for key, value in said.items()] if since(version, "v3") else []
    return Crosswalk(
        Conversion,
        f"zoho.{version}.convert-reply",
        _outcome("contact", "Contacts", version),
        _outcome("company", "Accounts", version),
        _outcome("deal", "Deals", version),
        *constants,
        absent(("id", "lead_id"), "Zoho's reply names the new records only"),
        absent(("converted_at", "converted_by"), "Zoho's reply does not say when and by whom"),
        absent("open", "what is still to be sent is no part of Zoho's reply"),
        author="vendor",
    )


OPTIONS = Crosswalk(
    ConversionOptions,
    "zoho.conversion-options",
    field("contacts", "__conversion_options.Contacts", each(CONTACT, key="id")),
    field("companies", "__conversion_options.Accounts", each(COMPANY, key="id")),
    field("deals", "__conversion_options.Deals", each(DEAL, key="id")),
    *ignored(
        (
            "__conversion_options.module_preference",
            "__conversion_options.preference_field_matched_value",
            "__conversion_options.modules_with_multiple_layouts",
        ),
        "it says how Zoho's own screen arranges the candidates",
    ),
    author="vendor",
)
