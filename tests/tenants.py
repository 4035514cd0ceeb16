"""Accounts with fields of their own, made up; and random ones with a mapping between them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from hypothesis import strategies as st

from leadlens import registry
from leadlens.catalogue import Catalogue, Choice, Definition, FieldType, Option
from leadlens.customfields.mapping import AccountMapping, KindRules, Rule, Side, side
from leadlens.customfields.pairs import FAMILY, fit
from leadlens.customfields.reading import parse_mapping
from leadlens.customfields.scope import relevant
from leadlens.model import Ref
from leadlens.tenant.drafting import write_draft
from leadlens.tenant.proposing import Draft

READ_AT = dt.datetime(2026, 11, 21, 18, 0, tzinfo=dt.UTC)


def definition(kind: str, name: str, sort: FieldType, **facts: Any) -> Definition:
    """Return a definition of an account's own; its key is its name unless told otherwise."""
    known = {"id": None, "key": name, "wire_type": sort}
    return Definition(kind=kind, name=name, type=sort, **(known | facts))


def options(*names: str, first: int | None = None) -> tuple[Option, ...]:
    """Return options of these names, with ids from ``first`` on where the CRM has ids."""
    return tuple(
        Option(name=name, id=None if first is None else str(first + place)) for place, name in enumerate(names)
    )


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


# --- random accounts -------------------------------------------------------------------------------------------------

_TYPES: tuple[FieldType, ...] = (*FAMILY, *(("picklist", "multi_select") * 4))
_WORDS = (
    "Budget",
    "Größe",
    "class",
    "1st call",
    "a.b[0]",
    "Öffnung",
    "x",
    "X",
    'quoted "name"',
    "予算",
    "Est_Budget__c",
)
_OPTIONS = ("Gold", "Silver", "gold", "a; b", "", "é", "1", "true")


@st.composite
def definitions(draw: st.DrawFn, kind: str, name: str, vendor: str) -> Definition:
    """Draw a definition of any type, as the CRM has them: Copper knows options by their ids."""
    sort = draw(st.sampled_from(_TYPES))
    known = draw(st.lists(st.sampled_from(_OPTIONS[:4] + _OPTIONS[5:]), min_size=1, max_size=4, unique=True))
    first = 500 if vendor == "copper" else draw(st.sampled_from([None, 500]))
    return definition(
        kind,
        name,
        sort,
        options=options(*known, first=first) if FAMILY[sort] in ("option", "options") else (),
        max_length=draw(st.sampled_from([None, 3, 255])) if FAMILY[sort] == "text" else None,
        decimals=draw(st.sampled_from([None, 0, 2])) if FAMILY[sort] == "number" else None,
    )


@st.composite
def _side(draw: st.DrawFn, vendor: str, account: str) -> Side:
    names = draw(st.lists(st.sampled_from(_WORDS), min_size=1, max_size=6, unique=True))
    made = {name: draw(definitions("lead", name, vendor)) for name in names}
    return Side(vendor=vendor, account=account, definitions=_only_leads(made), choices={})


def _only_leads(made: dict[str, Definition]) -> dict[str, dict[str, Definition]]:
    return {"lead": made, "contact": {}, "company": {}, "deal": {}}


def _rule(label: str, verdict: Any, said: str, **facts: Any) -> Rule:
    return Rule(label=label, line=1, verdict=verdict, said=said, **facts)


@st.composite
def _option_rules(draw: st.DrawFn, source: Definition, target: Definition) -> tuple[Rule, ...]:
    names = [option.name for option in target.options]
    rules = []
    for option in source.options:
        to = draw(st.sampled_from([*names, None]))
        verdict, said = ("leave_out", "not sold any more") if to is None else ("to", to)
        rules.append(_rule(option.name, verdict, said, merge=True))
    return tuple(rules)


@st.composite
def mappings(draw: st.DrawFn, *, create: bool = True) -> AccountMapping:
    """Draw two accounts and a mapping that a person may have made: everything that fits may go anywhere."""
    vendors = st.sampled_from(["copper", "zoho", "base"])
    source, target = draw(vendors.flatmap(lambda v: _side(v, "old"))), draw(vendors.flatmap(lambda v: _side(v, "new")))
    free = dict(target.definitions["lead"])
    rules, said = [], {}
    for label, one in source.definitions["lead"].items():
        fitting = [name for name, other in free.items() if fit(one, other).fits]
        choice = draw(st.sampled_from([*fitting, *(["create"] if create else []), "leave_out"]))
        if choice in fitting:
            other = free.pop(choice)
            rules.append(_rule(label, "to", choice))
            if FAMILY[one.type] in ("option", "options") and FAMILY[other.type] in ("option", "options"):
                said[label] = draw(_option_rules(one, other))
        elif choice == "create" and FAMILY[one.type] not in ("any", "reference"):
            rules.append(_rule(label, "create", f"new {label}"))
        else:
            rules.append(_rule(label, "leave_out", "nobody uses it"))
    kinds = {kind: KindRules(kind=kind, line=1) for kind in ("contact", "company", "deal")}
    kinds["lead"] = KindRules(kind="lead", line=1, fields=tuple(rules), options=said)
    return AccountMapping(file="mapping.toml", source=source, target=target, kinds=kinds, choices={})
