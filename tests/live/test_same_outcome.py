"""Over a real socket, one request does the same thing on every CRM, or differs exactly as its plan has said before.

In process, ``leadlens.testing.conformance`` holds the same (tests/adapters/test_conformance.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from leadlens import Sandbox, registry
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import MatchKey, UpsertRequest
from leadlens.model import Company
from leadlens.sandbox.server import serving
from leadlens.testing.conversions import tried
from leadlens.testing.intents import INTENTS, THERE

VENDORS = [name for name in registry.names() if registry.get(name).operations is not None]
_SECRETS: dict[str, dict[str, str]] = {
    "copper": {"token": "t", "email": "a@b.example"},
    "zoho": {"access_token": "t"},
    "base": {"token": "t"},
}


@pytest.fixture(scope="module", params=VENDORS)
def account(request: pytest.FixtureRequest) -> Iterator[tuple[Client, str, str]]:
    """Give a client of an empty account, the id of a company that is there, and that of a user."""
    vendor = request.param
    with Sandbox(data="empty", vendors=[vendor]) as sandbox, serving(sandbox) as origin:
        given: Any = _SECRETS[vendor]
        with unpaced(vendor, base_url=f"{origin}/{vendor}", **given) as client:
            yield client, *_prepared(client)


def unpaced(vendor: str, **options: Any) -> Client:
    """Return a client that no rate limit holds up: the server's time is real."""
    adapter = registry.get(vendor)
    assert adapter.access is not None
    access = attrs.evolve(adapter.access(), windows=())
    return connect(attrs.evolve(adapter, access=lambda: access), **options)


def _prepared(client: Client) -> tuple[str, str]:
    made = client.upsert(UpsertRequest(record=Company(name=THERE), match=(MatchKey(field="name"),)), on_loss="report")
    assert made.id is not None
    return made.id, client.choices("user")[-1].ref.id or ""


def test_there_are_enough_intents() -> None:
    """At least sixty intents, each once."""
    assert len({intent.name for intent in INTENTS}) == len(INTENTS) >= 60


@pytest.mark.parametrize("number", range(len(INTENTS)), ids=[intent.name for intent in INTENTS])
def test_what_was_wanted_is_there_or_was_said_before(number: int, account: tuple[Client, str, str]) -> None:
    """Every fact that the caller wanted holds, or the plan has named it."""
    client, company_id, owner_id = account
    assert list(tried(client, INTENTS[number], number, company_id, owner_id)) == []
