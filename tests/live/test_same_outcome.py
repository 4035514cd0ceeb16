"""One request does the same thing on every CRM, or differs exactly as its plan has said before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from leadlens import Sandbox, registry
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import ConvertRequest, MatchKey, NewDeal, NoRecord, UpsertRequest
from leadlens.errors import LossError, RefusedError
from leadlens.loss import REASONS
from leadlens.model import Company, Lead, Ref
from leadlens.sandbox.server import serving
from leadlens.testing.intents import THERE, facts, intents, mail, records, unexplained, with_ids

VENDORS = [name for name in registry.names() if registry.get(name).operations is not None]
INTENTS = list(intents())
_ALL_BUT_REQUIRED = tuple(f"reason:{reason}" for reason in REASONS if reason != "required")


@pytest.fixture(scope="module", params=[(v, way) for v in VENDORS for way in ("in process", "server")], ids=" ".join)
def account(request: pytest.FixtureRequest) -> Iterator[tuple[Client, str, str]]:
    """Give a client of an empty account, the id of a company that is there, and that of a user."""
    vendor, way = request.param
    with Sandbox(data="empty", vendors=[vendor]) as sandbox:
        if way == "in process":
            with connect(vendor, sandbox=sandbox) as client:
                yield client, *_prepared(client)
        else:
            secrets = {"copper": {"token": "t", "email": "a@b.example"}, "zoho": {"access_token": "t"}}
            given: Any = {**secrets.get(vendor, {"token": "t"})}
            with serving(sandbox) as origin, unpaced(vendor, base_url=f"{origin}/{vendor}", **given) as client:
                yield client, *_prepared(client)


def unpaced(vendor: str, **options: Any) -> Client:
    """Return a client that no rate limit holds up: the server's time is real."""
    adapter = registry.get(vendor)
    assert adapter.access is not None
    access = attrs.evolve(adapter.access(), windows=())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "get", lambda _: attrs.evolve(adapter, access=lambda: access))
        return connect(vendor, **options)


def _prepared(client: Client) -> tuple[str, str]:
    made = client.upsert(UpsertRequest(record=Company(name=THERE), match=(MatchKey(field="name"),)), on_loss="report")
    assert made.id is not None
    users = client.choices("user")
    return made.id, users[-1].ref.id or ""


def test_there_are_enough_intents() -> None:
    """At least sixty intents, each once."""
    assert len({intent.name for intent in INTENTS}) == len(INTENTS) >= 60


@pytest.mark.parametrize("number", range(len(INTENTS)), ids=[intent.name for intent in INTENTS])
def test_what_was_wanted_is_there_or_was_said_before(number: int, account: tuple[Client, str, str]) -> None:
    """Every fact that the caller wanted holds, or the plan has named it."""
    client, company_id, owner_id = account
    intent = INTENTS[number]
    lead = attrs.evolve(intent.lead, emails=mail(number))
    wanted = UpsertRequest(record=lead, match=(MatchKey(field="email"),))
    if "required" in {loss.reason for loss in client.plan_upsert(wanted).losses}:
        with pytest.raises(LossError, match="name"):
            client.upsert(wanted, allow=_ALL_BUT_REQUIRED)
        return
    upserted = client.upsert(wanted, on_loss="report")
    wish = attrs.evolve(with_ids(intent.request, company_id, owner_id), lead_id=upserted.id)
    wish = _completed(client, wish)
    plan = client.plan(wish, lead=lead)
    if "required" in {loss.reason for loss in plan.losses} and _refused_before(client, wish, lead):
        assert client.resolve(upserted.id or "") is None
        return
    made = client.resolve(upserted.id or "") or client.convert(wish, lead=lead, on_loss="report")
    found = list(facts(intent, wish, records(client, made)))
    assert unexplained(found, plan.losses) == []
    assert client.resolve(upserted.id or "") is not None


def _refused_before(client: Client, wish: ConvertRequest, lead: Lead) -> bool:
    """Convert; tell whether the CRM refused what its plan said it needs, before anything was converted."""
    try:
        client.convert(wish, lead=lead, on_loss="report")
    except RefusedError as error:
        if error.step == "before":
            return True
        raise
    return False


def _completed(client: Client, wish: ConvertRequest) -> ConvertRequest:
    """Return the wish with what this CRM cannot do without: Zoho needs the stage, pipeline and date of a deal."""
    if client.adapter.name != "zoho" or not isinstance(wish.deal, NewDeal):
        return wish
    missing: dict[str, Any] = {}
    for kind in ("stage", "pipeline"):
        choice = next(iter(client.choices(kind)), None)
        missing[kind] = Ref(None, choice.ref.name) if choice is not None else None
    import datetime as dt

    date = wish.deal.close_date or dt.date(2027, 1, 1)
    return attrs.evolve(wish, deal=attrs.evolve(wish.deal, close_date=date, **missing))


@pytest.mark.parametrize("vendor", VENDORS)
def test_who_says_nothing_of_a_deal_gets_none(vendor: str) -> None:
    """On no CRM does a request that is silent about the deal make one."""
    with Sandbox(data="empty", vendors=[vendor]) as sandbox, connect(vendor, sandbox=sandbox) as client:
        lead = attrs.evolve(INTENTS[0].lead, emails=mail(0))
        upserted = client.upsert(UpsertRequest(record=lead, match=(MatchKey(field="email"),)), on_loss="report")
        made = client.convert(ConvertRequest(lead_id=upserted.id), on_loss="report")
        assert isinstance(made.deal, NoRecord)
        assert not [
            c for c in sandbox.truth.changes(vendor) if c.sequence and c.kind in ("deal", "opportunity", "Deals")
        ]
