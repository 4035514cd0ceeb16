"""What callers want of a conversion, and what then is true of the records: facts to look for on any CRM."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

from leadlens.client import Client
from leadlens.conversion import (
    Conversion,
    ConvertRequest,
    Existing,
    Match,
    NewContact,
    NewDeal,
    NoRecord,
    Nothing,
    VendorDefault,
)
from leadlens.loss import Loss, covers
from leadlens.model import Company, Contact, Deal, Email, Lead, Money, PersonName, Ref

OWN = "Analytical Engines"
OTHER = "Difference & Söhne"
THERE = "Fürst Maschinen AG"
"""A company that the account has before the conversion."""


@attrs.frozen
class Intent:
    """One wish: the lead as it is before, and the request (with ``EXISTING`` for the id of the company THERE)."""

    name: str
    lead: Lead
    request: ConvertRequest


EXISTING = Existing("there")
_PERSON = PersonName(first="Ada", last="Lovelace")
_LEADS = {
    "full": Lead(name=_PERSON, company_name=OWN, title="Countess"),
    "no company": Lead(name=_PERSON),
    "no last name": Lead(name=PersonName(first="Ada"), company_name=OWN),
    "other script": Lead(name=PersonName(first="明日香", last="渡辺"), company_name="株式会社山田"),
    "accents": Lead(name=PersonName(first="Zoë", last="Ångström-Nuñez"), company_name="Éclair & Fils"),
}
_DEALS: dict[str, Any] = {
    "no deal": Nothing(),
    "a deal": NewDeal(name="Pilot"),
    "its value": NewDeal(name="Pilot", value=Money(Decimal("1250.50"), "EUR")),
    "its date": NewDeal(name="Pilot", close_date=dt.date(2027, 3, 31)),
    "its words": NewDeal(name="Übergabe 引き渡し", description="met at the fair\nin Turin"),
}
_COMPANIES: dict[str, Any] = {
    "its own company": VendorDefault(),
    "no such company": Nothing(),
    "by name": Match(OTHER),
    "one that is there": Match(THERE),
    "by id": EXISTING,
}


def intents() -> Iterator[Intent]:
    """Yield every intent: leads x companies x deals, thinned, and single wishes."""
    for number, (lead, company, deal) in enumerate(itertools.product(_LEADS, _COMPANIES, _DEALS)):
        if lead == "full" or number % 2:
            request = ConvertRequest(company=_COMPANIES[company], deal=_DEALS[deal])
            yield Intent(f"{lead}, {company}, {deal}", _LEADS[lead], request)
    full = _LEADS["full"]
    renamed = NewContact(name=PersonName(first="Augusta", last="King"))
    yield Intent("another name", full, ConvertRequest(contact=renamed))
    yield Intent("no contact", full, ConvertRequest(contact=Nothing()))
    yield Intent("what the CRM makes of it", full, ConvertRequest(deal=VendorDefault()))
    yield Intent("tags", attrs.evolve(full, tags=("fair", "vip")), ConvertRequest(contact_tags=("fair",)))
    owner = Ref("owner")
    yield Intent("one owner", full, ConvertRequest(contact_owner=owner, company_owner=owner))
    yield Intent("the deal's owner", full, ConvertRequest(deal=NewDeal(name="Pilot", owner=owner)))


INTENTS = tuple(intents())

# --- what is then true -----------------------------------------------------------------------------------------------


@attrs.frozen
class Fact:
    """One thing that should be true: where it stands in the request, what is wanted, and what was found."""

    path: str
    wanted: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.path}: wanted {self.wanted!r}, found {self.found!r}"


@attrs.frozen
class After:
    """The records after a conversion; None where there is none."""

    contact: Contact | None
    company: Company | None
    deal: Deal | None


def records(client: Client, made: Conversion) -> After:
    """Return the records that a conversion names, as the CRM has them."""
    found: dict[str, Any] = {}
    for kind in ("contact", "company", "deal"):
        outcome = getattr(made, kind)
        found[kind] = None if isinstance(outcome, NoRecord) else client.get(kind, outcome.id)
    return After(**found)


def facts(intent: Intent, request: ConvertRequest, after: After) -> Iterator[Fact]:
    """Yield everything that the caller wanted."""
    name = request.contact.name if isinstance(request.contact, NewContact) else intent.lead.name
    wanted = None if isinstance(request.contact, Nothing) else (name.display if name else None)
    yield Fact("contact", wanted, after.contact and after.contact.name and after.contact.name.display)
    yield Fact("company", _company(intent, request), _company_found(request, after))
    if not isinstance(request.deal, VendorDefault):
        yield from _deal(request.deal, after.deal)
    if request.contact_owner is not None:
        yield Fact("contact_owner", request.contact_owner, after.contact and after.contact.owner)
    if request.company_owner is not None:
        yield Fact("company_owner", request.company_owner, after.company and after.company.owner)
    for tag in request.contact_tags:
        yield Fact("contact_tags", True, after.contact is not None and tag in after.contact.tags)


def _company(intent: Intent, request: ConvertRequest) -> Any:
    match request.company:
        case Existing(id=identity):
            return identity
        case Match(name=name):
            return name
        case VendorDefault():
            return intent.lead.company_name
    return None


def _company_found(request: ConvertRequest, after: After) -> Any:
    if after.company is None:
        return None
    return after.company.id if isinstance(request.company, Existing) else after.company.name


def _deal(wanted: Any, found: Deal | None) -> Iterator[Fact]:
    if isinstance(wanted, Nothing):
        yield Fact("deal", None, found and found.name)
        return
    for name in ("name", "close_date", "description", "owner"):
        said = getattr(wanted, name)
        if said is not None:
            yield Fact(f"deal.{name}", said, found and getattr(found, name))
    if wanted.value is not None:
        amount = found.value.amount if found is not None and found.value is not None else None
        yield Fact("deal.value", wanted.value.amount, amount)


def unexplained(found: list[Fact], losses: tuple[Loss, ...]) -> list[str]:
    """Return the facts that do not hold and that no reported loss or note covers."""
    told = [loss.path for loss in losses]
    false = [fact for fact in found if fact.wanted != fact.found]
    return [str(f) for f in false if not any(covers(path, f.path) or covers(f.path, path) for path in told)]


def with_ids(request: ConvertRequest, company_id: str, owner_id: str) -> ConvertRequest:
    """Return the request with the account's own ids in it."""
    owner = Ref(owner_id)
    changes: dict[str, Any] = {}
    if request.company == EXISTING:
        changes["company"] = Existing(company_id)
    changes |= {name: owner for name in ("contact_owner", "company_owner") if getattr(request, name) is not None}
    if isinstance(request.deal, NewDeal) and request.deal.owner is not None:
        changes["deal"] = attrs.evolve(request.deal, owner=owner)
    return attrs.evolve(request, **changes)


def mail(number: int) -> tuple[Email, ...]:
    """Return an address that no other lead has."""
    return (Email(address=f"ada{number}@intents.example", category="work"),)
