"""Base's demo data: an account that a salesperson would believe."""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from tests.contracts import validator
from tests.sandbox.base_calls import call, data, ids

from leadlens.sandbox import Sandbox

SCHEMAS = {
    "lead": "Lead", "contact": "Contact", "deal": "Deal", "conversion": "Conversion", "note": "Note", "task": "Task",
    "user": "User", "account": "Account", "pipeline": "Pipeline", "stage": "Stage", "tag": "Tag",
}  # fmt: skip
INPUTS = {"lead": "LeadInput", "contact": "ContactInput", "deal": "DealInput"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(vendors=["base"]) as made:
        yield made


def every(sandbox: Sandbox, kind: str) -> list[dict[str, Any]]:
    return [record for _, record in sandbox.store("base").iterate(kind)]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_record_fits_the_contract(sandbox: Sandbox, kind: str) -> None:
    """As if a client had read it."""
    contract = validator("base", SCHEMAS[kind])
    assert every(sandbox, kind)
    assert [text for record in every(sandbox, kind) for text in contract.messages(record, kind)] == []


@pytest.mark.parametrize("kind", INPUTS)
def test_every_record_could_have_been_made_by_a_client(kind: str) -> None:
    """Written back whole, each is accepted: no custom field, owner or stage that is not there."""
    with Sandbox(vendors=["base"]) as sandbox:
        from leadlens_base.sandbox.shapes import FIELDS, NAMES

        for record in every(sandbox, kind)[::7]:
            given = {key: record[key] for key in FIELDS[kind] if key in record}
            assert call(sandbox, "PUT", f"/{NAMES[kind]}/{record['id']}", given).status_code == 200


def test_there_are_a_few_hundred_leads_of_all_sorts(sandbox: Sandbox) -> None:
    """Owners, sources, states, what is missing, and all scripts of the tables."""
    leads = every(sandbox, "lead")
    assert 250 <= len(leads) <= 500
    for key, least in (("owner_id", 4), ("source_id", 5), ("status", 4), ("unqualified_reason_id", 4), ("industry", 4)):
        assert len({lead[key] for lead in leads}) >= least
    for key in ("email", "phone", "mobile", "address", "last_name", "first_name", "organization_name"):
        assert 0.02 < sum(lead[key] is None for lead in leads) / len(leads) < 0.8
    names = "".join(f"{lead['first_name']}{lead['last_name']}{lead['organization_name']}" for lead in leads)
    scripts = {unicodedata.name(char).split()[0] for char in names if char.isalpha()}
    assert scripts >= {"LATIN", "CYRILLIC", "GREEK", "CJK", "ARABIC"}
    assert {"é", "ö", "ł", "ã"} & set(names.lower())


def test_custom_fields_of_every_type_are_used(sandbox: Sandbox) -> None:
    """By some leads each, every choice too."""
    used = Counter(name for lead in every(sandbox, "lead") for name in lead["custom_fields"])
    defined = {one["name"]: one for one in every(sandbox, "custom_field") if one["resource"] == "lead"}
    assert set(used) == set(defined)
    assert min(used.values()) > 10
    regions = {lead["custom_fields"].get("Region") for lead in every(sandbox, "lead")}
    assert regions - {None} == {choice["name"] for choice in defined["Region"]["choices"]}


def test_some_leads_are_somebody_again(sandbox: Sandbox) -> None:
    """By the same e-mail, the same in other letters, by phone alone, or as a contact that was there before."""
    leads, contacts = every(sandbox, "lead"), every(sandbox, "contact")
    emails = Counter(lead["email"] for lead in leads if lead["email"])
    assert sum(count > 1 for count in emails.values()) >= 5
    assert len({mail.lower() for mail in emails}) < len(emails)
    old = {contact["email"] for contact in contacts[:100] if contact["email"] and not contact["is_organization"]}
    converted = {one["individual_id"] for one in every(sandbox, "conversion")}
    old -= {contact["email"] for contact in contacts if contact["id"] in converted}
    assert old & set(emails)
    phones = Counter("".join(lead["phone"].split()) for lead in leads if lead["phone"])
    assert any(count > 1 for count in phones.values())


def test_some_leads_are_converted_and_a_few_of_them_twice(sandbox: Sandbox) -> None:
    """With and without a deal, to people and organizations; not the first lead, on which everybody tries things."""
    done = every(sandbox, "conversion")
    times = Counter(one["lead_id"] for one in done)
    assert 30 <= len(times) <= 60
    assert 1 <= sum(count > 1 for count in times.values()) <= 5
    assert {one["deal_id"] is None for one in done} == {one["individual_id"] is None for one in done} == {True, False}
    assert 1 not in times
    for one in done:
        for key, kind in (("individual_id", "contact"), ("organization_id", "contact"), ("deal_id", "deal")):
            assert one[key] is None or sandbox.store("base").get(kind, one[key])


def test_deals_stand_in_several_pipelines(sandbox: Sandbox) -> None:
    """Won, lost and open ones, in several currencies."""
    stages = {stage["id"]: stage for stage in every(sandbox, "stage")}
    deals = every(sandbox, "deal")
    assert {stages[deal["stage_id"]]["pipeline_id"] for deal in deals} == {1, 2, 3}
    assert {stages[deal["stage_id"]]["category"] for deal in deals} >= {"incoming", "in_progress", "won", "lost"}
    assert len({deal["currency"] for deal in deals}) >= 3


def test_the_first_lead_is_a_plain_one(sandbox: Sandbox) -> None:
    """A person of a firm, with an e-mail and a phone, to which nothing is attached."""
    lead = data(call(sandbox, "GET", "/leads/1"))
    assert all(lead[key] for key in ("first_name", "last_name", "organization_name", "email", "phone"))
    assert ids(call(sandbox, "GET", "/notes?resource_type=lead&resource_id=1")) == []


def test_history_is_in_the_past_and_in_order(sandbox: Sandbox) -> None:
    """Nothing is newer than the clock; older ids are older."""
    made = [lead["created_at"] for lead in every(sandbox, "lead")]
    assert max(made) < "2026-01-05T09:00:00Z"
    assert sum(one > other for one, other in itertools.pairwise(made)) < len(made) / 3


def test_the_seed_decides_the_data() -> None:
    """The same seed makes the same account, another one another."""
    with (
        Sandbox(3, vendors=["base"]) as one,
        Sandbox(3, vendors=["base"]) as same,
        Sandbox(4, vendors=["base"]) as other,
    ):
        assert every(one, "lead") == every(same, "lead") != every(other, "lead")


@pytest.mark.parametrize("seed", range(5))
def test_any_seed_makes_an_account(seed: int) -> None:
    """As many leads, and none without a name."""
    with Sandbox(seed, vendors=["base"]) as sandbox:
        leads = every(sandbox, "lead")
        assert len(leads) == 300
        assert all(lead["last_name"] or lead["organization_name"] for lead in leads)
