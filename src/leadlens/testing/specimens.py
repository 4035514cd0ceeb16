"""Records for trying flows: one of each kind with every plain attribute, completed by what a CRM needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from leadlens.client import Client
from leadlens.conversion import MatchKey, UpsertRequest, UpsertResult
from leadlens.loss import Loss
from leadlens.model import Address, Company, Contact, Deal, Email, Lead, Money, PersonName, Phone, Record, Ref, Website

_HOME: Final = Address(street="12 St James's Square", city="London", postal_code="SW1Y 4JH", country="United Kingdom")
_MAIL: Final = (Email(address="ada@suite.example", category="work"),)
_PHONE: Final = (Phone(number="+44 20 7946 0001", category="work"),)
_SITE: Final = (Website(url="https://suite.example", category="work"),)
_NAME: Final = PersonName(first="Ada", last="Lovelace")

RECORDS: Final[Mapping[str, Record]] = {
    "lead": Lead(
        name=_NAME, title="Countess", company_name="Analytical Engines", description="met in Turin", emails=_MAIL,
        phones=_PHONE, websites=_SITE, address=_HOME, tags=("fair",),
    ),
    "contact": Contact(
        name=_NAME, title="Countess", description="met in Turin", emails=_MAIL, phones=_PHONE, websites=_SITE,
        addresses=(attrs.evolve(_HOME, category="main"),), tags=("fair",),
    ),
    "company": Company(
        name="Analytical Engines", description="makes engines", phones=_PHONE, websites=_SITE,
        addresses=(attrs.evolve(_HOME, category="main"),), tags=("fair",),
    ),
    "deal": Deal(
        name="Pilot", value=Money(Decimal(1250), "EUR"), close_date=dt.date(2027, 3, 31), description="one engine",
        tags=("fair",),
    ),
}  # fmt: skip
CHANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    "lead": {"title": "Lady"},
    "contact": {"title": "Lady"},
    "company": {"description": "made engines"},
    "deal": {"description": "two engines"},
}
"""What an update says."""

_GRACE: Final[Mapping[str, Any]] = {
    "name": PersonName(first="Grace", last="Hopper"),
    "emails": (Email(address="grace@suite.example", category="work"),),
}
OTHERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "lead": {
        "name": PersonName(first="Grace", last="Hopper"),
        "emails": (Email(address="grace@suite.example", category="work"),),
    },
    "contact": {
        "name": PersonName(first="Grace", last="Hopper"),
        "emails": (Email(address="grace@suite.example", category="work"),),
    },
    "company": {"name": "Difference & Söhne"},
    "deal": {"name": "Series"},
}
"""What makes another record of each, which no CRM takes for the first."""


def written(client: Client, kind: str, **changes: Any) -> tuple[Record, UpsertResult, tuple[Loss, ...]]:
    """Write the record of a kind as new; return it as it was said, the result, and what was lost."""
    record = completed(client, attrs.evolve(RECORDS[kind], **changes))
    create = client.operations.create
    if create is not None:
        planned = create(record)
        return record, client.driver.run(planned.flow), planned.losses
    request = UpsertRequest(record=record, match=(MatchKey(field="name" if kind in ("company", "deal") else "email"),))
    losses = client.plan_upsert(request).losses
    return record, client.upsert(request, on_loss="report"), losses


def completed(client: Client, record: Any) -> Any:
    """Return a record with what this CRM says that it needs."""
    return attrs.evolve(record, **{name: supplied(client, name, record) for name in needs(client, record)})


def needs(client: Client, record: Record) -> list[str]:
    """Return the attributes that this CRM requires of a record and that are not given."""
    create = client.operations.create
    plan: Any = create(record) if create is not None else client.plan_upsert(UpsertRequest(record=record))
    named = (loss.path.removeprefix("record.") for loss in plan.losses if loss.reason == "required")
    return [name for name in named if hasattr(record, name)]


def supplied(client: Client, name: str, record: Any) -> Any:
    """Return something of the account's that an attribute can point to, or a value that it can have."""
    if name in ("contact", "company"):
        there = next(client.iter_records(name), None)
        return Ref(there.id if there is not None else written(client, name)[1].id)
    if name == "close_date":
        return dt.date(2027, 3, 31)
    if name == "name":
        return "Pilot" if isinstance(record, Deal) or not hasattr(record, "emails") else _NAME
    choices = [choice for choice in client.choices(name) if choice.active]
    return choices[0].ref
