"""Copper's records through a client: reading, searching, and what the account has set up."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.operations.copper_account import (
    COPPER,
    client,
    convert_raw,
    fed,
    mail,
    new_lead,
    new_person,
    operations_called,
    put,
    sandbox,
)

from leadlens.catalogue import Choice
from leadlens.client import Client
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
    UsageError,
)
from leadlens.flow import Reply
from leadlens.model import Company, Contact, CustomField, Deal, Lead, Ref
from leadlens.operations import Query
from leadlens.sandbox import Sandbox

__all__ = ["client", "sandbox"]

SCORE, NOTES = Ref("100765"), Ref("100766")
"""A number and a long text: custom fields of the account; the latter cannot be searched."""


def ids(client: Client, kind: str, **query: Any) -> list[str | None]:
    return [record.id for record in client.iter_records(kind, Query(**query))]


# --- reading ---------------------------------------------------------------------------------------------------------


def test_every_kind_is_read(sandbox: Sandbox, client: Client) -> None:
    """Each as its own class, with its id and name; another kind's id is not found."""
    company = put(sandbox, "/companies", name="X")["id"]
    person = new_person(sandbox)
    deal = put(sandbox, "/opportunities", name="D", primary_contact_id=int(person), company_id=company)["id"]
    found = [("lead", new_lead(sandbox), Lead), ("contact", person, Contact)]
    for kind, identity, model in [*found, ("company", str(company), Company), ("deal", str(deal), Deal)]:
        record = client.get(kind, identity)
        assert isinstance(record, model)
        assert record.id == identity
        with pytest.raises(NotFoundError):
            client.get(kind, "1")


def test_converted_lead_is_not_found(sandbox: Sandbox, client: Client) -> None:
    """Its conversion is."""
    lead = new_lead(sandbox)
    convert_raw(sandbox, lead)
    with pytest.raises(NotFoundError):
        client.get("lead", lead)
    assert client.resolve(lead) is not None


def test_kinds_and_conditions_that_do_not_exist_are_named(client: Client) -> None:
    """The message says what there is."""
    for call in (client.get, lambda kind, _: client.search(kind, Query())):
        with pytest.raises(UsageError, match="lead, contact, company, deal"):
            call("person", "1")
    for kind, query in (
        ("company", Query(email="a@x.example")),
        ("deal", Query(phone="1")),
        ("contact", Query(converted=True)),
    ):
        with pytest.raises(UsageError, match="cannot search"):
            client.search(kind, query)
    with pytest.raises(UsageError, match="whole numbers"):
        client.search("lead", Query(ids=("x",)))
    with pytest.raises(UsageError, match="first 100,000"):
        client.search("lead", Query(), "501")


@pytest.mark.parametrize("what", ["reset", "500", "truncated", "bad_utf8", "429", "503"])
def test_reading_is_repeated_until_it_succeeds(sandbox: Sandbox, client: Client, what: str) -> None:
    """Reads may be sent again."""
    lead = new_lead(sandbox)
    sandbox.faults.add(Fault(what=what, operation="copper.get_lead", nth=1))
    sandbox.faults.add(Fault(what=what, operation="copper.search_leads", nth=1))
    assert client.get("lead", lead).id == lead
    assert ids(client, "lead") == [lead]


@pytest.mark.parametrize("body", [None, [], {}, {"id": 6, "name": "Ann"}, {"name": "Ann"}, "x", {"id": 5, "emails": 3}])
def test_another_record_than_asked_for_is_no_answer(body: Any) -> None:
    """Nor is what is no record."""
    with pytest.raises(OutcomeUnknownError):
        fed(COPPER.get("contact", "5"), Reply(200, {}, body))


# --- searching -------------------------------------------------------------------------------------------------------


def test_searches_meet_all_conditions_exactly(sandbox: Sandbox, client: Client) -> None:
    """Copper's own search by name is loose."""
    ann, anna = new_lead(sandbox, name="Ann"), new_lead(sandbox, name="Ann Bell", email=mail("BELL@x.example"))
    call = put(sandbox, "/leads", name="Cy", phone_numbers=[{"number": "(1) 23", "category": "work"}])
    put(sandbox, "/leads", name="Di", custom_fields=[{"custom_field_definition_id": 100765, "value": 4}])
    assert ids(client, "lead", name="Ann") == [ann]
    assert ids(client, "lead", email="bell@X.example") == [anna]
    assert ids(client, "lead", phone="123") == [str(call["id"])]
    assert [
        record.id for record in client.iter_records("lead", Query(custom=CustomField(definition=SCORE, value=4)))
    ] == [str(call["id"] + 1)]
    assert sorted(map(str, ids(client, "lead", ids=(ann, anna)))) == sorted([ann, anna])
    assert ids(client, "lead", name="Ann", email="bell@x.example") == []
    with pytest.raises(InvalidRequestError):
        ids(client, "lead", custom=CustomField(definition=NOTES, value=1))
    with pytest.raises(UsageError, match="custom field"):
        ids(client, "lead", custom=CustomField(definition=Ref(None, "Score"), value=1))


def test_converted_leads_are_found_when_asked_for(sandbox: Sandbox, client: Client) -> None:
    """By itself Copper shows the others."""
    gone, there = new_lead(sandbox), new_lead(sandbox, name="Bo")
    convert_raw(sandbox, gone)
    assert ids(client, "lead") == ids(client, "lead", converted=False) == [there]
    assert ids(client, "lead", converted=True) == [gone]


@pytest.mark.parametrize("kind", ["lead", "contact", "company", "deal"])
def test_records_changed_since_are_found(sandbox: Sandbox, client: Client, kind: str) -> None:
    """Where the search has no such condition, the older ones are left out here."""
    company, person = put(sandbox, "/companies", name="X"), new_person(sandbox)
    made = [
        company,
        {"id": person},
        put(sandbox, "/opportunities", name="D", primary_contact_id=int(person)),
        {"id": new_lead(sandbox)},
    ]
    assert all(one["id"] for one in made)
    sandbox.clock.sleep(1000)
    now = dt.datetime.fromtimestamp(sandbox.clock.now(), dt.UTC)
    assert (len(ids(client, kind)), ids(client, kind, modified_since=now)) == (1, [])
    paths = {"lead": "leads", "contact": "people", "company": "companies", "deal": "opportunities"}
    path = f"/{paths[kind]}/{ids(client, kind)[0]}"
    assert sandbox.session("copper").put(sandbox.url("copper", path), json={"tags": ["new"]}).ok
    assert len(ids(client, kind, modified_since=now)) == 1


def test_pages_are_fetched_as_they_are_needed(sandbox: Sandbox, client: Client) -> None:
    """Two hundred a page; every record once; whoever stops early has caused no further call."""
    made = {new_lead(sandbox, name=f"N{number}") for number in range(401)}
    before = len(operations_called(sandbox))
    records = client.iter_records("lead")
    first = {next(records).id for _ in range(200)}
    assert len(operations_called(sandbox)) == before + 1
    rest = [record.id for record in records]
    assert (first | set(rest), len(rest)) == (made, 201)
    assert len(operations_called(sandbox)) == before + 3
    page = client.search("lead", Query())
    assert (page.total, page.next, len(page.items)) == (401, "2", 200)
    assert client.search("lead", Query(), page.next).items[0].id not in first
    assert client.search("lead", Query(name="N1")).total is None


@pytest.mark.parametrize("body", [None, {}, {"success": True}, [None], [{}], [{"name": "Ann"}]])
def test_what_is_no_list_of_records_is_no_answer(body: Any) -> None:
    """It does not pass for an empty page."""
    with pytest.raises(OutcomeUnknownError):
        fed(COPPER.search("lead", Query(), None), Reply(200, {}, body))


def test_total_is_not_relied_on() -> None:
    """Only third parties have seen the header; without it, or with nonsense in it, nothing is told."""
    one = {"id": 1, "name": "Ann"}
    for headers, total in (({}, None), ({"x-pw-total": "many"}, None), ({"x-pw-total": "7"}, 7)):
        page, _ = fed(COPPER.search("lead", Query(), None), Reply(200, headers, [one]))
        assert (page.total, page.next) == (total, None)
    page, _ = fed(COPPER.search("lead", Query(), None), Reply(200, {"x-pw-total": "200"}, [one] * 200))
    assert page.next == "2"


# --- what the account has --------------------------------------------------------------------------------------------


def test_choices_are_those_of_the_account(sandbox: Sandbox, client: Client) -> None:
    """Names and ids; a stage tells its pipeline."""
    counts = {"user": 5, "pipeline": 3, "stage": 12, "status": 4, "source": 6, "contact_type": 4}
    assert {kind: len(client.choices(kind)) for kind in counts} == counts
    assert client.choices("status")[0] == Choice("status", Ref("208231", "New"))
    stage = client.choices("stage")[0]
    assert (stage.ref.id, stage.ref.name, stage.within) == ("987790", "Qualified", Ref("213214", "Sales"))
    with pytest.raises(UsageError, match="contact_type"):
        client.choices("role")


def test_users_come_from_all_pages() -> None:
    """A full page has another one behind it."""
    full = [{"id": number, "name": "U"} for number in range(200)]
    found, calls = fed(COPPER.choices("user"), Reply(200, {}, full), Reply(200, {}, full[:3]))
    assert (len(found), [call.body for call in calls]) == (
        203,
        [{"page_size": 200, "page_number": 1}, {"page_size": 200, "page_number": 2}],
    )


@pytest.mark.parametrize("kind", ["user", "stage", "status"])
@pytest.mark.parametrize("body", [None, {}, [None], [{}], [{"id": None, "name": "x"}], [{"name": "x"}], ["x"]])
def test_odd_lists_are_no_answer(kind: str, body: Any) -> None:
    """They do not pass for an account without any."""
    with pytest.raises(OutcomeUnknownError):
        fed(COPPER.choices(kind), Reply(200, {}, body))
