"""Accounts with fields of their own, made up."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from leadlens import registry
from leadlens.catalogue import Catalogue, Choice, Definition, FieldType
from leadlens.customfields.mapping import AccountMapping, Side, side
from leadlens.customfields.reading import parse_mapping
from leadlens.customfields.scope import relevant
from leadlens.model import Ref
from leadlens.tenant.drafting import write_draft
from leadlens.tenant.proposing import Draft
from leadlens.testing.accounts import definition, options

READ_AT = dt.datetime(2026, 11, 21, 18, 0, tzinfo=dt.UTC)


def _copper(kind: str, identity: int, name: str, sort: FieldType, **facts: Any) -> Definition:
    return definition(kind, name, sort, id=str(identity), key=str(identity), **facts)


COPPER = Catalogue(
    vendor="copper",
    account="old",
    read_at=READ_AT,
    definitions=(
        _copper("lead", 178384, "Est. budget", "currency"),
        _copper("lead", 178385, "Product interest", "picklist", options=options("Gold", "Silver", "Bronze", first=500)),
        _copper("lead", 178386, "Referral", "text", max_length=255),
        _copper("lead", 178387, "Trade shows", "multi_select", options=options("CeBIT", "IFA", first=600)),
        _copper("lead", 178388, "Newsletter", "boolean"),
        _copper("lead", 178389, "First meeting", "date"),
        _copper("lead", 178390, "Fax code", "text"),
        _copper("lead", 178391, "Branch", "picklist", options=options("Shops", "Media", first=700)),
        _copper("deal", 178392, "Contract length", "number"),
        definition("lead", "Status", "picklist", key="status_id", custom=False, attribute="status"),
    ),
    choices=(
        Choice("user", Ref("137658", "Ann Lee"), email="ann@acme.example"),
        Choice("user", Ref("137659", "Bob Ray"), email="bob@acme.example"),
        Choice("status", Ref("208231", "New")),
        Choice("status", Ref("208232", "Unqualified")),
        Choice("pipeline", Ref("1", "Sales")),
        Choice("stage", Ref("987790", "Qualified"), within=Ref("1")),
        Choice("source", Ref("331240", "Email")),
    ),
)

ZOHO = Catalogue(
    vendor="zoho@v8",
    account="new",
    read_at=READ_AT,
    definitions=(
        definition("lead", "Budget", "currency", decimals=2),
        definition(
            "lead", "Product Interest", "picklist", key="Product_Interest",
            options=options("Gold plan", "Silver", "Platinum"),
        ),
        definition("lead", "Referred by", "text", key="Referred_by", max_length=50),
        definition("lead", "Trade Shows", "multi_select", key="Trade_Shows", options=options("CeBIT", "IFA")),
        definition("lead", "Newsletter", "boolean"),
        definition("lead", "First Meeting", "date", key="First_Meeting"),
        definition("lead", "Region", "picklist", options=options("EMEA", "APAC"), required=True),
        definition(
            "lead", "Industry", "picklist", options=options("Retail", "Media"), custom=False, attribute="industry"
        ),
        definition("lead", "Score", "whole", read_only=True),
        definition("deal", "Contract months", "whole", key="Contract_months"),
    ),
    choices=(
        Choice("user", Ref("365239700001", "Ann Lee"), email="ANN@acme.example"),
        Choice("user", Ref("365239700002", "Robert Ray"), email="rob@acme.example"),
        Choice("status", Ref(None, "New")),
        Choice("status", Ref(None, "Not Qualified")),
        Choice("pipeline", Ref(None, "Standard")),
        Choice("stage", Ref(None, "Qualification")),
        Choice("source", Ref(None, "E-mail")),
    ),
)  # fmt: skip

DECIDED = """\
[source]
vendor = "copper"
account = "old"

[target]
vendor = "zoho@v8"
account = "new"

[lead.fields]
"Est. budget" = { to = "Budget" }
"Product interest" = { to = "Product Interest" }
"Referral" = "Referred by"
"Trade shows" = { to = "Trade Shows" }
"Newsletter" = { to = "Newsletter" }
"First meeting" = { to = "First Meeting" }
"Fax code" = { leave_out = "nobody has a fax any more" }
"Branch" = { to = "Industry" }

[lead.options."Product interest"]
"Gold" = { to = "Gold plan" }
"Silver" = { to = "Silver" }
"Bronze" = { leave_out = "no longer sold" }

[lead.options."Trade shows"]
"CeBIT" = "CeBIT"
"IFA" = "IFA"

[lead.options."Branch"]
"Shops" = "Retail"
"Media" = "Media"

[lead.always]
"Region" = "EMEA"

[deal.fields]
"Contract length" = { to = "Contract months" }

[choices.user]
"Ann Lee" = "Ann Lee"
"Bob Ray" = { leave_out = "he left the company" }

[choices.status]
"New" = "New"
"Unqualified" = "Not Qualified"

[choices.stage]
"Sales: Qualified" = "Qualification"

[choices.pipeline]
"Sales" = "Standard"

[choices.source]
"Email" = "E-mail"
"""
"""What a person made of a draft between the two accounts, without what leadlens keeps of them."""


def sample(text: str = DECIDED) -> AccountMapping:
    """Return the mapping of a text between the two accounts."""
    mine, theirs = relevant(side(COPPER), side(ZOHO), registry.get("copper"), registry.get("zoho"))
    return parse_mapping(text + kept(mine, theirs))


def kept(mine: Side, theirs: Side) -> str:
    """Return what leadlens keeps of two accounts, as the file has it."""
    text = write_draft(Draft(fields={}, choices={}), mine, theirs)
    return text[re.search(r"^\[drafted", text, re.MULTILINE).start() :]  # type: ignore[union-attr]  # it is there


def settled(text: str) -> str:
    """Return a draft as somebody left it who takes every guess and leaves out all else."""
    text = re.sub(r', doubtful = "(?:[^"\\]|\\.)*"', "", text)
    text = re.sub(r'undecided = "(?:[^"\\]|\\.)*"', 'leave_out = "nobody needs it there"', text)
    return re.sub(r'^# (".*) = "…"   # one of ([^,\n]*).*$', r'\1 = "\2"', text, flags=re.MULTILINE)
