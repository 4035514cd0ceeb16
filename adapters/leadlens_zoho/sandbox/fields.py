"""The fields of the four modules: standard ones as in the field list of the vendor's own SDK (v8), and custom ones.

The custom fields are those of this account, one of every type; they are examples and no part of the vendor's product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

MODULES: Final = ("Leads", "Contacts", "Accounts", "Deals")
MODULE_IDS: Final = {
    module: str(3652397000000002175 + 2 * place) for place, module in enumerate(("Leads", "Accounts", "Contacts"))
} | {"Deals": "3652397000000002183"}
LAYOUT_IDS: Final = {module: str(3652397000000091055 + 2 * place) for place, module in enumerate(MODULES)}


@attrs.frozen
class Field:
    """One field. ``look_up`` is the module that a ``lookup`` leads to; empty for one that is not emulated.

    ``label``, ``number`` (its id) and ``options`` are those of a field that was made by a call (``making``).
    """

    name: str
    kind: str
    length: int | None = None
    required: bool = False
    unique: bool = False
    custom: bool = False
    look_up: str = ""
    label: str = ""
    number: str = ""
    options: tuple[str, ...] = ()

    @property
    def read_only(self) -> bool:
        """Whether only the vendor writes it."""
        return self.kind.startswith("own_")


_STANDARD: Final = {
    "Leads": """
        Last_Name text 80 required; Company text 200; Salutation picklist; First_Name text 40; Email email 100
        Secondary_Email email 100; Phone phone 30; Mobile phone 30; Fax phone 30; Lead_Source picklist
        Skype_ID text 50; Twitter text 50; Designation text 100; Website website 255; Lead_Status picklist
        Industry picklist; Rating picklist; No_of_Employees integer; Annual_Revenue currency; Email_Opt_Out boolean
        Street text 250; City text 100; State text 100; Zip_Code text 30; Country text 100
        Full_Name own_text; Lead_Conversion_Time own_number; Converted__s own_flag; Converted_Date_Time own_time
        Converted_Account own_lookup; Converted_Contact own_lookup; Converted_Deal own_lookup""",
    "Contacts": """
        Last_Name text 80 required; Salutation picklist; First_Name text 40; Email email 100
        Secondary_Email email 100; Phone phone 50; Mobile phone 30; Fax phone 30; Lead_Source picklist
        Skype_ID text 50; Twitter text 50; Account_Name lookup Accounts; Vendor_Name lookup -
        Reporting_To lookup Contacts; Title text 100; Department text 50; Assistant text 50; Asst_Phone phone 30
        Home_Phone phone 30; Other_Phone phone 30; Date_of_Birth date; Email_Opt_Out boolean
        Mailing_Street text 250; Mailing_City text 100; Mailing_State text 100; Mailing_Zip text 30
        Mailing_Country text 100; Other_Street text 250; Other_City text 100; Other_State text 100
        Other_Zip text 30; Other_Country text 100; Full_Name own_text""",
    "Accounts": """
        Account_Name text 200 required; Account_Number bigint; Account_Site text 80; Account_Type picklist
        Ownership picklist; Phone phone 30; Fax phone 30; Website website 255; Ticker_Symbol text 30
        Industry picklist; Rating picklist; SIC_Code integer; Employees integer; Annual_Revenue currency
        Parent_Account lookup Accounts; Billing_Street text 250; Billing_City text 100; Billing_State text 100
        Billing_Code text 30; Billing_Country text 100; Shipping_Street text 250; Shipping_City text 100
        Shipping_State text 100; Shipping_Code text 30; Shipping_Country text 100""",
    "Deals": """
        Deal_Name text 120 required; Account_Name lookup Accounts; Contact_Name lookup Contacts
        Campaign_Source lookup -; Stage stage required; Pipeline pipeline; Type picklist; Next_Step text 100
        Lead_Source picklist; Reason_For_Loss__s picklist; Amount currency; Closing_Date date
        Probability percent_whole; Expected_Revenue own_number; Lead_Conversion_Time own_number
        Sales_Cycle_Duration own_number; Overall_Sales_Duration own_number""",
}
_EVERYWHERE: Final = """
    Owner ownerlookup; Layout layout; Tag tags; Currency text 10; Exchange_Rate double; Description textarea 32000
    Created_By own_lookup; Modified_By own_lookup; Created_Time own_time; Modified_Time own_time
    Last_Activity_Time own_time; Locked__s own_flag; Record_Status__s own_text"""
_CUSTOM: Final = {
    "Customer_Number": ("text 40 unique", "Leads Contacts"),
    "Legacy_Number": ("bigint", "Leads Contacts Accounts"),
    "Lead_Score": ("integer", "Leads Contacts"),
    "Distance_Km": ("double", "Leads Accounts"),
    "Budget": ("currency", "Leads Deals"),
    "Discount": ("percent", "Leads Deals"),
    "Trial_Start": ("date", "Leads Contacts Deals"),
    "Next_Call": ("datetime", "Leads Contacts"),
    "Newsletter": ("boolean", "Leads Contacts"),
    "Segment": ("picklist", "Leads Accounts Deals"),
    "Interests": ("multiselectpicklist", "Leads Contacts Deals"),
    "Billing_Email": ("email 100", "Leads Accounts"),
    "Second_Phone": ("phone 30", "Leads Contacts"),
    "LinkedIn": ("website 255", "Leads Contacts"),
    "Remarks": ("textarea 2000", "Leads Contacts"),
    "Referred_By": ("lookup Contacts", "Leads Contacts"),
    "Account_Manager": ("userlookup", "Leads Accounts"),
    "Shoe_Size": ("text 20", "Leads"),
    "Lead_Number": ("own_autonumber", "Leads"),
}

OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Salutation": ("Mr.", "Mrs.", "Ms.", "Dr.", "Prof."),
    "Lead_Source": ("Advertisement", "Cold Call", "Employee Referral", "Online Store", "Partner", "Trade Show",
                    "Web Download", "Chat"),
    "Lead_Status": ("Attempted to Contact", "Contact in Future", "Contacted", "Junk Lead", "Lost Lead",
                    "Not Contacted", "Pre-Qualified", "Not Qualified"),
    "Industry": ("Communications", "Consulting", "Education", "Finance", "Healthcare", "Manufacturing", "Retail",
                 "Technology", "Transport", "Food and Beverage"),
    "Rating": ("Acquired", "Active", "Market Failed", "Project Cancelled", "Shut Down"),
    "Account_Type": ("Analyst", "Competitor", "Customer", "Distributor", "Partner", "Prospect", "Supplier"),
    "Ownership": ("Private", "Public", "Subsidiary", "Partnership", "Government"),
    "Type": ("Existing Business", "New Business"),
    "Reason_For_Loss__s": ("Expectation Mismatch", "Price", "Unqualified Customer", "Lack of response"),
    "Segment": ("Small", "Mid-market", "Enterprise", "Público", "官公庁"),
    "Interests": ("Hardware", "Software", "Training", "Support", "Wartung"),
}  # fmt: skip
"""The options of picklists, as the vendor's standard lists begin, and of the custom ones."""

PIPELINES: Final[Mapping[str, Mapping[str, int]]] = {
    "Standard (Standard)": {
        "Qualification": 10, "Needs Analysis": 20, "Value Proposition": 40, "Identify Decision Makers": 60,
        "Proposal/Price Quote": 75, "Negotiation/Review": 90, "Closed Won": 100, "Closed Lost": 0,
    },
    "Renewals": {"Renewal Due": 50, "Terms Sent": 70, "Closed Won": 100, "Closed Lost": 0},
    "Partner Sales": {"Referral": 20, "Joint Proposal": 55, "Closed Won": 100, "Closed Lost to Competition": 0},
}  # fmt: skip
"""The stages of each pipeline of Deals with their probabilities in percent; the first pipeline is the default one."""

ROLES: Final = ("Developer/Evaluator", "Purchasing", "Decision Maker", "Executive Sponsor", "Economic Decision Maker",
                "Engineering Lead", "Product Management")  # fmt: skip
CHECKED: Final[Mapping[str, str]] = {
    "Leads": "Email", "Contacts": "Email", "Accounts": "Account_Name", "Deals": "Deal_Name",
}  # fmt: skip
"""The field by which an upsert finds a record when nothing is said (…/docs/api/v8/upsert-records.html)."""
NAMED: Final = {"Leads": "Full_Name", "Contacts": "Full_Name", "Accounts": "Account_Name", "Deals": "Deal_Name"}

CARRIED: Final[Mapping[str, Mapping[str, str]]] = {
    "Contacts": {
        "First_Name": "First_Name", "Last_Name": "Last_Name", "Salutation": "Salutation", "Email": "Email",
        "Secondary_Email": "Secondary_Email", "Phone": "Phone", "Mobile": "Mobile", "Fax": "Fax",
        "Designation": "Title", "Lead_Source": "Lead_Source", "Skype_ID": "Skype_ID", "Twitter": "Twitter",
        "Email_Opt_Out": "Email_Opt_Out", "Street": "Mailing_Street", "City": "Mailing_City",
        "State": "Mailing_State", "Zip_Code": "Mailing_Zip", "Country": "Mailing_Country",
        "Description": "Description",
    },
    "Accounts": {
        "Company": "Account_Name", "Phone": "Phone", "Fax": "Fax", "Website": "Website", "Industry": "Industry",
        "Rating": "Rating", "Annual_Revenue": "Annual_Revenue", "No_of_Employees": "Employees",
        "Street": "Billing_Street", "City": "Billing_City", "State": "Billing_State", "Zip_Code": "Billing_Code",
        "Country": "Billing_Country",
    },
    "Deals": {"Lead_Source": "Lead_Source"},
}  # fmt: skip
"""Where a conversion writes the lead's standard fields; a custom field goes to the one of the same name and type."""


def _parsed(text: str, *, custom: bool = False) -> Iterator[Field]:
    for line in text.replace("\n", ";").split(";"):
        if words := line.split():
            yield _field(words[0], words[1:], custom=custom)


def _field(name: str, words: list[str], *, custom: bool) -> Field:
    kind, *more = words
    length = next((int(word) for word in more if word.isdigit()), None)
    look_up = next((word for word in more if word in MODULES), "")
    return Field(name, kind, length, "required" in more, "unique" in more, custom, look_up)


def _of(module: str) -> dict[str, Field]:
    own = "\n".join(f"{name} {kind}" for name, (kind, modules) in _CUSTOM.items() if module in modules.split())
    found = [*_parsed(_STANDARD[module]), *_parsed(_EVERYWHERE), *_parsed(own, custom=True)]
    return {field.name: field for field in found}


FIELDS: Final[Mapping[str, Mapping[str, Field]]] = {module: _of(module) for module in MODULES}


def carried(module: str) -> dict[str, str]:
    """Return the lead's fields that a conversion copies to a module, and their names there."""
    leads, there = FIELDS["Leads"], FIELDS[module]
    same = {name: name for name, field in leads.items() if field.custom and there.get(name) == field}
    return {**CARRIED[module], **same}


def checked_fields(module: str) -> list[str]:
    """Return the fields that may find a record in an upsert: the vendor's own first, then the account's unique ones."""
    return [CHECKED[module], *(field.name for field in FIELDS[module].values() if field.unique)]


def ids_of(module: str) -> dict[str, str]:
    """Return the ids of a module's fields."""
    first = 3652397000000002400 + 200 * MODULES.index(module)
    return {name: str(first + place) for place, name in enumerate(FIELDS[module])}
