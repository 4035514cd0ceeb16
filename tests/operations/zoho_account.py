"""A client on an empty account of Zoho's sandbox, and what the tests beside put there and look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import MatchKey, NewDeal, UpsertRequest
from leadlens.emulation.faults import Fault
from leadlens.model import Company, Contact, Email, Lead, PersonName, Ref
from leadlens.sandbox import Sandbox
from leadlens_zoho.sandbox.shape import made

VERSIONS = ("v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8")
DEAL = NewDeal(
    name="Pilot",
    close_date=dt.date(2026, 3, 1),
    stage=Ref(None, "Qualification"),
    pipeline=Ref(None, "Standard (Standard)"),
)
LEAST: Mapping[str, dict[str, Any]] = {
    "Leads": {"First_Name": "Ida", "Last_Name": "Daly", "Company": "Zylker", "Email": "ida@zylker.example"},
    "Contacts": {"Last_Name": "Daly"},
    "Accounts": {"Account_Name": "Zylker"},
    "Deals": {"Deal_Name": "Pilot", "Stage": "Qualification"},
}


def box(*faults: Fault, switches: Mapping[str, str] | None = None, **more: Any) -> Sandbox:
    """Return a sandbox with an empty account."""
    chosen = {f"zoho.{name}": option for name, option in (switches or {}).items()}
    return Sandbox(data="empty", vendors=["zoho"], faults=faults, switches=chosen, **more)


def client(sandbox: Sandbox, version: str = "v8") -> Client:
    """Return a client of the sandbox's account."""
    return connect(f"zoho@{version}", sandbox=sandbox)


def put(sandbox: Sandbox, module: str = "Leads", **more: Any) -> str:
    """Put a record into the account, as if it had been there, and return its id."""
    with sandbox.world("zoho") as world:
        number: str = made(world, module, LEAST[module] | more)["id"]
        return number


def count(sandbox: Sandbox, module: str) -> int:
    """Return how many records a module has."""
    return sum(1 for _ in sandbox.store("zoho").iterate(module))


def held(sandbox: Sandbox, module: str, number: str | None) -> dict[str, Any]:
    """Return a record as the account holds it."""
    found = sandbox.store("zoho").get(module, int(number or 0))
    assert found is not None
    return found


def conversions(sandbox: Sandbox) -> int:
    """Return how many conversions were committed."""
    return len(sandbox.truth.changes("zoho", "Leads", "converted"))


def sent(sandbox: Sandbox) -> list[str]:
    """Return the operations of the calls that arrived, in order."""
    return [entry.operation.removeprefix("zoho.") for entry in sandbox.truth.entries("zoho")]


def lead(email: str | None, last: str = "Daly") -> UpsertRequest:
    """Return the upsert of a lead by its e-mail address."""
    emails = () if email is None else (Email(address=email),)
    return UpsertRequest(
        record=Lead(name=PersonName(last=last), company_name="Zylker", emails=emails), match=(MatchKey(field="email"),)
    )


def contact(email: str) -> UpsertRequest:
    """Return the upsert of a contact by its e-mail address."""
    named = Contact(name=PersonName(last="Daly"), emails=(Email(address=email),))
    return UpsertRequest(record=named, match=(MatchKey(field="email"),))


def company(name: str) -> UpsertRequest:
    """Return the upsert of a company by its name."""
    return UpsertRequest(record=Company(name=name), match=(MatchKey(field="name"),))
