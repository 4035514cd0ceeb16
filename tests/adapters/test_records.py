"""What every key of a record means: each has a value of its own, so that none can stand for another.

The laws hold of a mapping that confuses two keys both ways; these records do not. ``written`` is what a client writes;
``kept`` are the keys that the CRM keeps itself, which are read and never written.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest

from leadlens import Company, Contact, Deal, Lead, Money, Ref, decode, encode, registry
from leadlens.crosswalk import Field, row_wire
from leadlens.model import (
    Address,
    ConvertedFrom,
    ConvertedTo,
    CustomField,
    Email,
    PersonName,
    Phone,
    Social,
    Website,
)


@attrs.frozen
class Full:
    """A record with every key that a CRM documents and leadlens reads, and what it means."""

    vendor: str
    kind: str
    written: dict[str, Any]
    kept: dict[str, Any]
    means: Any

    @property
    def crosswalk(self) -> Any:
        """The crosswalk that reads it."""
        return registry.get(self.vendor).crosswalk(self.kind)


def at(second: int) -> dt.datetime:
    return dt.datetime(2026, 1, 31, 9, 30, second, tzinfo=dt.UTC)


def unix(second: int) -> int:
    return 1_769_851_800 + second


def iso(second: int) -> str:
    return f"2026-01-31T09:30:{second:02}Z"


def offset(second: int) -> str:
    return f"2026-01-31T09:30:{second:02}+00:00"


def a_place(street: str, category: str | None = None) -> Address:
    return Address(street=street, city="Ulm", state="BW", postal_code="89073", country="Germany", category=category)


# --- Copper ----------------------------------------------------------------------------------------------------------

C_PLACE = {"street": "Way 1", "city": "Ulm", "state": "BW", "postal_code": "89073", "country": "Germany"}
C_NAME = {
    "prefix": "Dr", "first_name": "Ann", "middle_name": "B", "last_name": "Lee", "suffix": "PhD",
    "name": "Ann B Lee PhD",
}  # fmt: skip
C_ANY = {
    "details": "Calls at noon", "assignee_id": 11, "tags": ["a", "b"],
    "custom_fields": [{"custom_field_definition_id": 12, "value": "L"}],
}  # fmt: skip
C_KEPT = {"interaction_count": 4, "date_created": unix(1), "date_modified": unix(2)}
C_REACHED = {
    "phone_numbers": [{"number": "1", "category": "work"}, {"number": "2", "category": "mobile"}],
    "websites": [{"url": "w.test", "category": "work"}],
    "socials": [{"url": "in/ann", "category": "linkedin"}],
    "address": C_PLACE,
}
ANY: dict[str, Any] = {
    "owner": Ref("11"),
    "tags": ("a", "b"),
    "custom_fields": (CustomField(definition=Ref("12"), value="L"),),
    "created_at": at(1),
    "modified_at": at(2),
}
C_MEANS: dict[str, Any] = ANY | {"description": "Calls at noon", "interactions": 4}
C_PERSON: dict[str, Any] = {
    "name": PersonName(prefix="Dr", first="Ann", middle="B", last="Lee", suffix="PhD"),
    "title": "Head",
    "last_contacted_at": at(3),
}
MEANS_REACHED: dict[str, Any] = {
    "phones": (Phone(number="1", category="work"), Phone(number="2", category="mobile")),
    "websites": (Website(url="w.test", category="work"),),
    "socials": (Social(url="in/ann", category="linkedin"),),
}
COPPER = (
    Full(
        "copper", "lead",
        C_NAME | C_ANY | C_REACHED | {
            "title": "Head", "company_name": "Acme", "email": {"email": "a@b.test", "category": "work"},
            "monetary_value": 7, "monetary_unit": "EUR", "status_id": 13, "status": "New", "customer_source_id": 14,
        },
        C_KEPT | {
            "id": 5, "date_last_contacted": unix(3),
            "converted_at": unix(4), "converted_contact_id": 15, "converted_opportunity_id": 16,
        },
        Lead(
            **C_MEANS, **C_PERSON, **MEANS_REACHED, id="5", company_name="Acme", address=a_place("Way 1"),
            emails=(Email(address="a@b.test", category="work"),), value=Money(Decimal(7), "EUR"),
            status=Ref("13", "New"), source=Ref("14"),
            converted_to=ConvertedTo(contact=Ref("15"), deal=Ref("16"), converted_at=at(4)),
        ),
    ),
    Full(
        "copper", "contact",
        C_NAME | C_ANY | C_REACHED | {
            "title": "Head", "company_id": 13, "contact_type_id": 14,
            "emails": [{"email": "a@b.test", "category": "work"}, {"email": "a@c.test", "category": "personal"}],
        },
        C_KEPT | {
            "id": 5, "date_last_contacted": unix(3), "company_name": "Acme",
            "leads_converted_from": [{"lead_id": 15, "converted_timestamp": unix(4)}],
        },
        Contact(
            **C_MEANS, **C_PERSON, **MEANS_REACHED, id="5", company=Ref("13", "Acme"), contact_type=Ref("14"),
            addresses=(a_place("Way 1"),),
            emails=(Email(address="a@b.test", category="work"), Email(address="a@c.test", category="personal")),
            converted_from=(ConvertedFrom(lead_id="15", converted_at=at(4)),),
        ),
    ),
    Full(
        "copper", "company",
        C_ANY | C_REACHED | {
            "name": "Acme", "email_domain": "acme.test", "primary_contact_id": 13, "contact_type_id": 14,
        },
        C_KEPT | {"id": 5},
        Company(
            **C_MEANS, **MEANS_REACHED, id="5", name="Acme", email_domain="acme.test", primary_contact=Ref("13"),
            company_type=Ref("14"), addresses=(a_place("Way 1"),),
        ),
    ),
    Full(
        "copper@month-first", "deal",
        C_ANY | {
            "name": "Pilot", "company_id": 13, "primary_contact_id": 14, "monetary_value": 7, "monetary_unit": "EUR",
            "pipeline_id": 15, "pipeline_stage_id": 16, "status": "Won", "loss_reason_id": 17, "priority": "High",
            "win_probability": 40, "close_date": "2/3/2026", "customer_source_id": 18,
        },
        C_KEPT | {
            "id": 5, "company_name": "Acme", "converted_value": 8, "converted_unit": "USD",
            "pipeline_type": "opportunity", "pipeline_is_revenue": True,
            "leads_converted_from": [{"lead_id": 19, "converted_timestamp": unix(4)}],
            "date_lead_created": unix(5), "date_stage_changed": unix(6), "date_last_contacted": unix(3),
        },
        Deal(
            **C_MEANS, id="5", name="Pilot", company=Ref("13", "Acme"), contact=Ref("14"),
            value=Money(Decimal(7), "EUR"), converted_value=Money(Decimal(8), "USD"), pipeline=Ref("15"),
            stage=Ref("16"), status="won", loss_reason=Ref("17"), priority="high", probability=Decimal(40),
            close_date=dt.date(2026, 2, 3), source=Ref("18"), pipeline_type="opportunity", is_revenue=True,
            converted_from=(ConvertedFrom(lead_id="19", converted_at=at(4)),), lead_created_at=at(5),
            stage_changed_at=at(6), last_contacted_at=at(3),
        ),
    ),
)  # fmt: skip

# --- Zoho ------------------------------------------------------------------------------------------------------------


def z(identity: str, name: str | None = None) -> dict[str, str]:
    return {"id": identity} | ({} if name is None else {"name": name})


Z_ANY = {
    "Owner": z("11", "Ada"), "Tag": [{"name": "a"}, {"name": "b"}], "Description": "Calls at noon",
    "Layout": z("13", "Standard"), "Size": "L",
}  # fmt: skip
Z_KEPT = {
    "Last_Activity_Time": offset(3), "Created_Time": offset(1), "Created_By": z("14", "Bob"),
    "Modified_Time": offset(2), "Modified_By": z("15", "Cem"),
}  # fmt: skip
Z_MEANS: dict[str, Any] = ANY | {
    "owner": Ref("11", "Ada"), "description": "Calls at noon", "layout": Ref("13", "Standard"),
    "custom_fields": (CustomField(definition=Ref(None, "Size"), value="L"),), "last_contacted_at": at(3),
    "created_by": Ref("14", "Bob"), "modified_by": Ref("15", "Cem"),
}  # fmt: skip
Z_PERSON = {
    "Salutation": "Dr", "First_Name": "Ann", "Last_Name": "Lee", "Email": "a@b.test", "Secondary_Email": "a@c.test",
    "Twitter": "@ann", "Skype_ID": "ann.s", "Email_Opt_Out": True, "Lead_Source": "Fair",
}  # fmt: skip
Z_MEANS_PERSON: dict[str, Any] = {
    "name": PersonName(prefix="Dr", first="Ann", last="Lee"),
    "emails": (Email(address="a@b.test", category="work"), Email(address="a@c.test", category="other")),
    "socials": (Social(url="@ann", category="twitter"), Social(url="ann.s", category="skype")),
    "email_opt_out": True,
    "image": "i.png",
    "title": "Head",
    "source": Ref(None, "Fair"),
}


def parts(prefix: str, street: str, code: str) -> dict[str, str]:
    place = {"Street": street, "City": "Ulm", "State": "BW", code: "89073", "Country": "Germany"}
    return {f"{prefix}{key}": value for key, value in place.items()}


NUMBERS = {"Phone": "1", "Mobile": "2", "Fax": "3"}
THREE = (Phone(number="1", category="work"), Phone(number="2", category="mobile"), Phone(number="3", category="fax"))
ZOHO = (
    Full(
        "zoho", "lead",
        Z_ANY | Z_PERSON | NUMBERS | parts("", "Way 1", "Zip_Code") | {
            "Designation": "Head", "Company": "Acme", "Website": "w.test", "Industry": "Tools", "No_of_Employees": 9,
            "Annual_Revenue": 7, "Currency": "EUR", "Rating": "Hot", "Lead_Status": "New",
        },
        Z_KEPT | {
            "id": "5", "Record_Image": "i.png", "$converted": True,
            "$converted_detail": {
                "contact": "21", "account": "22", "deal": "23", "convert_date": offset(4), "converted_by": "24",
            },
        },
        Lead(
            **Z_MEANS, **Z_MEANS_PERSON, id="5", company_name="Acme", phones=THREE, address=a_place("Way 1"),
            websites=(Website(url="w.test", category="work"),), industry="Tools", employees=9,
            annual_revenue=Money(Decimal(7), "EUR"), rating="Hot", status=Ref(None, "New"),
            converted_to=ConvertedTo(
                contact=Ref("21"), company=Ref("22"), deal=Ref("23"), converted_at=at(4), converted_by=Ref("24")
            ),
        ),
    ),
    Full(
        "zoho", "contact",
        Z_ANY | Z_PERSON | NUMBERS | parts("Mailing_", "Way 1", "Zip") | parts("Other_", "Way 2", "Zip") | {
            "Title": "Head", "Department": "Sales", "Account_Name": z("16", "Acme"), "Home_Phone": "4",
            "Other_Phone": "5", "Asst_Phone": "6", "Date_of_Birth": "1990-02-03", "Assistant": "Eve",
            "Reporting_To": z("17", "Dan"), "Vendor_Name": z("18", "Bolts"),
        },
        Z_KEPT | {"id": "5", "Record_Image": "i.png"},
        Contact(
            **Z_MEANS, **Z_MEANS_PERSON, id="5", department="Sales", company=Ref("16", "Acme"),
            phones=(
                *THREE, Phone(number="4", category="home"), Phone(number="5", category="other"),
                Phone(number="6", category="assistant"),
            ),
            addresses=(a_place("Way 1", "mailing"), a_place("Way 2", "other")), birthday=dt.date(1990, 2, 3),
            assistant="Eve", reports_to=Ref("17", "Dan"), vendor=Ref("18", "Bolts"),
        ),
    ),
    Full(
        "zoho", "company",
        Z_ANY | parts("Billing_", "Way 1", "Code") | parts("Shipping_", "Way 2", "Code") | {
            "Account_Name": "Acme", "Phone": "1", "Fax": "3", "Website": "w.test", "Parent_Account": z("16", "Top"),
            "Account_Number": 31, "Account_Site": "Main", "Account_Type": "Customer", "Ownership": "Private",
            "Industry": "Tools", "Employees": 9, "Annual_Revenue": 7, "Currency": "EUR", "Rating": "Hot",
            "Ticker_Symbol": "ACM", "SIC_Code": 32,
        },
        Z_KEPT | {"id": "5", "Record_Image": "i.png"},
        Company(
            **Z_MEANS, id="5", name="Acme", phones=(THREE[0], THREE[2]), image="i.png",
            websites=(Website(url="w.test", category="work"),), parent=Ref("16", "Top"), number="31", site="Main",
            addresses=(a_place("Way 1", "billing"), a_place("Way 2", "shipping")), company_type=Ref(None, "Customer"),
            ownership="Private", industry="Tools", employees=9, annual_revenue=Money(Decimal(7), "EUR"), rating="Hot",
            ticker_symbol="ACM", sic_code="32",
        ),
    ),
    Full(
        "zoho", "deal",
        Z_ANY | {
            "Deal_Name": "Pilot", "Stage": "Won", "Pipeline": "Standard", "Closing_Date": "2026-02-03", "Amount": 7,
            "Currency": "EUR", "Probability": 40, "Type": "New Business", "Next_Step": "Call",
            "Campaign_Source": z("16", "Spring"), "Lead_Source": "Fair", "Account_Name": z("17", "Acme"),
            "Contact_Name": z("18", "Ann"), "Reason_For_Loss__s": "Price",
        },
        Z_KEPT | {
            "id": "5", "Expected_Revenue": 6, "Lead_Conversion_Time": 1, "Sales_Cycle_Duration": 2,
            "Overall_Sales_Duration": 3,
        },
        Deal(
            **Z_MEANS, id="5", name="Pilot", stage=Ref(None, "Won"), pipeline=Ref(None, "Standard"),
            close_date=dt.date(2026, 2, 3), value=Money(Decimal(7), "EUR"), probability=Decimal(40),
            deal_type="New Business", next_step="Call", campaign=Ref("16", "Spring"), source=Ref(None, "Fair"),
            company=Ref("17", "Acme"), contact=Ref("18", "Ann"), expected_revenue=Money(Decimal(6)),
            loss_reason=Ref(None, "Price"), lead_conversion_days=1, sales_cycle_days=2, overall_sales_days=3,
        ),
    ),
)  # fmt: skip

# --- Base ------------------------------------------------------------------------------------------------------------


def b_place(street: str) -> dict[str, str]:
    return {"line1": street, "city": "Ulm", "state": "BW", "postal_code": "89073", "country": "Germany"}


B_ANY = {"owner_id": 11, "tags": ["a", "b"], "custom_fields": {"Size": "L"}}
B_KEPT = {"id": 5, "created_at": iso(1), "creator_id": 12, "updated_at": iso(2)}
B_MEANS: dict[str, Any] = ANY | {
    "id": "5", "created_by": Ref("12"), "custom_fields": (CustomField(definition=Ref(None, "Size"), value="L"),),
}  # fmt: skip
B_REACHED = {
    "description": "Calls at noon", "industry": "Tools", "email": "a@b.test", "phone": "1", "mobile": "2", "fax": "3",
    "website": "w.test", "twitter": "@ann", "facebook": "ann.f", "linkedin": "in/ann", "skype": "ann.s",
    "address": b_place("Way 1"),
}  # fmt: skip
NETWORKS = {"twitter": "@ann", "facebook": "ann.f", "linkedin": "in/ann", "skype": "ann.s"}
B_MEANS_REACHED: dict[str, Any] = {
    "description": "Calls at noon",
    "industry": "Tools",
    "emails": (Email(address="a@b.test", category="work"),),
    "phones": THREE,
    "websites": (Website(url="w.test", category="work"),),
    "socials": tuple(Social(url=url, category=network) for network, url in NETWORKS.items()),
}
B_STATUSES = {"customer_status": "past", "prospect_status": "lost"}
B_PLACES = {"billing_address": b_place("Way 2"), "shipping_address": b_place("Way 3")}
B_MEANS_PLACES = (a_place("Way 1"), a_place("Way 2", "billing"), a_place("Way 3", "shipping"))
BASE = (
    Full(
        "base", "lead",
        B_ANY | B_REACHED | {
            "first_name": "Ann", "last_name": "Lee", "title": "Head", "organization_name": "Acme", "status": "New",
            "source_id": 13, "unqualified_reason_id": 14,
        },
        B_KEPT,
        Lead(
            **B_MEANS, **B_MEANS_REACHED, name=PersonName(first="Ann", last="Lee"), title="Head", company_name="Acme",
            address=a_place("Way 1"), status=Ref(None, "New"), source=Ref("13"), unqualified_reason=Ref("14"),
        ),
    ),
    Full(
        "base", "contact",
        B_ANY | B_REACHED | B_PLACES | B_STATUSES | {
            "first_name": "Ann", "last_name": "Lee", "title": "Head", "contact_id": 13, "is_organization": False,
        },
        B_KEPT,
        Contact(
            **B_MEANS, **B_MEANS_REACHED, name=PersonName(first="Ann", last="Lee"), title="Head", company=Ref("13"),
            addresses=B_MEANS_PLACES, customer_status="past", prospect_status="lost",
        ),
    ),
    Full(
        "base", "company",
        B_ANY | B_REACHED | B_PLACES | B_STATUSES | {
            "name": "Acme", "parent_organization_id": 13, "is_organization": True,
        },
        B_KEPT,
        Company(
            **B_MEANS, **B_MEANS_REACHED, name="Acme", parent=Ref("13"), addresses=B_MEANS_PLACES,
            customer_status="past", prospect_status="lost",
        ),
    ),
    Full(
        "base", "deal",
        B_ANY | {
            "name": "Pilot", "contact_id": 13, "value": "7", "currency": "EUR", "stage_id": 14,
            "estimated_close_date": "2026-02-03", "customized_win_likelihood": 40, "hot": True, "source_id": 15,
            "loss_reason_id": 16, "unqualified_reason_id": 17, "last_stage_change_at": iso(4), "added_on": iso(5),
        },
        B_KEPT | {"organization_id": 18, "last_activity_at": iso(3)},
        Deal(
            **B_MEANS, name="Pilot", contact=Ref("13"), company=Ref("18"), value=Money(Decimal(7), "EUR"),
            stage=Ref("14"), close_date=dt.date(2026, 2, 3), probability=Decimal(40), hot=True, source=Ref("15"),
            loss_reason=Ref("16"), unqualified_reason=Ref("17"), stage_changed_at=at(4), added_at=at(5),
            last_contacted_at=at(3),
        ),
    ),
)  # fmt: skip

EVERY = [pytest.param(full, id=f"{full.vendor}-{full.kind}") for full in (*COPPER, *ZOHO, *BASE)]


@pytest.mark.parametrize("full", EVERY)
def test_every_key_means_one_thing(full: Full) -> None:
    """A full record is read key by key as the CRM documents it."""
    assert decode(full.crosswalk, full.written | full.kept).value == full.means


@pytest.mark.parametrize("full", EVERY)
def test_what_a_crm_keeps_itself_is_not_written(full: Full) -> None:
    """Of a full record all is written that a client may write, and nothing else."""
    assert encode(full.crosswalk, full.means).wire == full.written


@pytest.mark.parametrize("full", EVERY)
def test_no_key_is_forgotten_here(full: Full) -> None:
    """The full records have every key that a row reads."""
    read = {key for row in full.crosswalk.rows if isinstance(row, Field) for key in row_wire(row)}
    assert read <= (full.written | full.kept).keys()
