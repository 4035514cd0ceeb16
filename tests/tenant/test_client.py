"""A client takes requests in another account's terms, by a mapping."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.tenants import sample, settled

import leadlens
from leadlens.client import Client
from leadlens.conversion import ConvertRequest, MatchKey, NewDeal, UpsertRequest
from leadlens.customfields.mapping import AccountMapping
from leadlens.customfields.reading import parse_mapping
from leadlens.errors import LossError, MappingError, UsageError
from leadlens.model import CustomField, Deal, Email, Lead, PersonName, Ref
from leadlens.tenant.draft import drafted

NEWSLETTER, SCORE = "Newsletter", "Score"


@pytest.fixture
def accounts() -> Iterator[tuple[Client, Client]]:
    """Give a Copper and a Zoho account."""
    with leadlens.Sandbox(seed=7) as box:
        yield leadlens.connect("copper", sandbox=box), leadlens.connect("zoho", sandbox=box)


@pytest.fixture
def mapping(accounts: tuple[Client, Client]) -> AccountMapping:
    """Give a mapping from the one to the other."""
    return parse_mapping(settled(drafted(*(client.catalogue() for client in accounts)).text))


def own(client: Client, name: str, value: Any) -> CustomField:
    """Return a value of an own field of a lead, by the name that people see."""
    definition = next(d for d in client.definitions("lead") if d.name == name and d.custom)
    return CustomField(definition=Ref(definition.id), value=value)


def _upsert(*fields: CustomField, **more: Any) -> UpsertRequest:
    lead = Lead(
        name=PersonName(first="Ada", last="Byron"), company_name="Acme", emails=(Email(address="ada@acme.example"),),
        custom_fields=fields, **more,
    )  # fmt: skip
    return UpsertRequest(record=lead, match=(MatchKey(field="email"),))


def test_an_upsert_speaks_of_the_source(accounts: tuple[Client, Client], mapping: AccountMapping) -> None:
    """What Copper calls by ids stands in Zoho under its names, with the target's values."""
    copper, zoho = accounts
    request = _upsert(own(copper, NEWSLETTER, True), own(copper, SCORE, 12))
    made = zoho.upsert(request, mapping=mapping)
    assert made.outcome == "created"
    there = zoho.get("lead", made.id or "")
    values = {item.definition.name: item.value for item in there.custom_fields}
    assert values["Newsletter"] is True
    assert values["Lead_Score"] == 12
    assert zoho.plan_upsert(request, mapping=mapping).calls


def test_what_the_mapping_does_not_know_is_raised_before_a_call(
    accounts: tuple[Client, Client], mapping: AccountMapping
) -> None:
    """A field that nobody thought of stops the upsert; one that is left out on purpose does not."""
    copper, zoho = accounts
    stranger = CustomField(definition=Ref("1"), value="x")
    with pytest.raises(LossError, match=r"custom_fields\[0\]: the mapping does not know this custom field"):
        zoho.upsert(_upsert(stranger), mapping=mapping)
    left = own(copper, "Campaign", "spring")
    (loss,) = (x for x in zoho.plan_upsert(_upsert(left), mapping=mapping).losses if x.reason == "left_out")
    assert loss.detail == "Campaign: left out on purpose: nobody needs it there"
    assert zoho.upsert(_upsert(left), mapping=mapping).outcome == "created"


def test_a_conversion_speaks_of_the_source(accounts: tuple[Client, Client], mapping: AccountMapping) -> None:
    """The stage of the deal is the target's, in the pipeline that has it there."""
    _, zoho = accounts
    lead_id = next(record.id for record in zoho.iter_records("lead") if getattr(record, "company_name", None))
    stage = next(rule for rule in mapping.choices["stage"] if rule.said == "Renewals: Renewal Due")
    known = mapping.source.choices["stage"][stage.label]
    deal = NewDeal(name="Pilot", stage=known.ref, close_date=dt.date(2026, 12, 1))
    plan = zoho.plan(ConvertRequest(lead_id=lead_id, deal=deal), mapping=mapping)
    assert "'Stage': 'Renewal Due', 'Pipeline': 'Renewals'" in repr([call.to_json() for call in plan.calls])
    made = zoho.convert(
        ConvertRequest(lead_id=lead_id, deal=deal), mapping=mapping, allow=("deal", "reason:required", "contact")
    )
    assert made.deal.outcome != "none"
    assert made.deal.id is not None
    there = zoho.get("deal", made.deal.id)
    assert isinstance(there, Deal)
    assert (there.pipeline, there.stage) == (Ref(None, "Renewals"), Ref(None, "Renewal Due"))


def test_a_mapping_that_is_not_decided_stops_everything(accounts: tuple[Client, Client]) -> None:
    """A fresh draft cannot be used for a call that writes."""
    draft = drafted(*(client.catalogue() for client in accounts)).mapping
    with pytest.raises(MappingError, match=re.escape("mapping.toml:")):
        accounts[1].upsert(_upsert(), mapping=draft)


def test_a_mapping_to_another_crm_is_refused(accounts: tuple[Client, Client]) -> None:
    """The mapping into Zoho is not for Copper's account."""
    with pytest.raises(UsageError, match=r"mapping\.toml maps to zoho@v8, not to copper"):
        accounts[0].upsert(_upsert(), mapping=sample())
