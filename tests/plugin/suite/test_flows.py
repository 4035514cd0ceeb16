"""What Pipedrive does otherwise than the others: jobs, deals that become leads, persons that are there already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from leadlens_pipedrive.conversions import lead_of

from leadlens import Client, Sandbox, connect
from leadlens.conversion import ConvertRequest, Existing, NewDeal, NoRecord, Nothing, UpsertRequest, UpsertResult
from leadlens.errors import AlreadyConvertedError, AmbiguousMatchError, LossError, NotFoundError, OutcomeUnknownError
from leadlens.flow import Call
from leadlens.model import Company, Contact, Email, Lead, Money, PersonName, Phone, Ref
from leadlens.operations import Query

ADA = Lead(
    name=PersonName(first="Ada", last="Lovelace"),
    emails=(Email(address="ada@example.com", category="work"),),
    company_name="Analytical",
    value=Money(100, "EUR"),
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty", vendors=["pipedrive"]) as box:
        yield box


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with connect("pipedrive", sandbox=sandbox) as made:
        yield made


def create(client: Client, record: Any) -> UpsertResult:
    """Write a record as new."""
    planned = client.operations.create
    assert planned is not None
    return client.driver.run(planned(record).flow)


def test_a_convert_is_waited_for(sandbox: Sandbox, client: Client) -> None:
    """The job is asked after until the deal is there; the deal is of the lead's own person and organization."""
    lead = create(client, ADA)
    made = client.convert(ConvertRequest(lead_id=lead.id, deal=NewDeal(name="Pilot", stage=Ref("3"))))
    assert made.deal.record is not None
    assert (made.contact.outcome, made.company.outcome, made.deal.outcome) == ("linked", "linked", "created")
    deal: Any = client.get("deal", made.deal.id or "")
    assert (deal.name, deal.stage, deal.value) == ("Pilot", Ref("3"), Money(100, "EUR"))
    assert [one.lead_id for one in deal.converted_from] == [lead.id]
    operations = [entry.operation for entry in sandbox.truth.entries("pipedrive")]
    assert operations.count("pipedrive.get_lead_conversion_status") > 1
    with pytest.raises(NotFoundError):
        client.get("lead", lead.id or "")
    with pytest.raises(AlreadyConvertedError):
        client.convert(ConvertRequest(lead_id=lead.id, deal=NewDeal()))


def test_no_deal_is_refused_before_anything_is_sent(sandbox: Sandbox, client: Client) -> None:
    """Pipedrive cannot convert without a deal, and says so from the plan."""
    lead = create(client, ADA)
    before = len(sandbox.truth.entries("pipedrive"))
    with pytest.raises(LossError):
        client.convert(ConvertRequest(lead_id=lead.id, deal=Nothing()))
    assert not [entry for entry in sandbox.truth.entries("pipedrive")[before:] if entry.changes]


def test_another_company_and_no_contact(client: Client) -> None:
    """What the deal is to be tied to is given to the lead first."""
    lead = create(client, ADA)
    other = create(client, Company(name="Difference"))
    request = ConvertRequest(lead_id=lead.id, contact=Nothing(), company=Existing(other.id or ""), deal=NewDeal())
    made = client.convert(request)
    assert made.company.id == other.id
    assert isinstance(made.contact, NoRecord)


def test_a_job_that_is_rejected_is_no_success(client: Client) -> None:
    """A lead that is gone when its job begins leaves the outcome unknown, with Pipedrive's own word as the code."""
    lead = create(client, ADA)
    driver, send = client.driver, client.driver.link.send

    def late(call: Call, *more: Any) -> Any:
        reply = send(call, *more)
        if call.name == "convert":
            send(Call("delete", "after", "DELETE", f"/api/v1/leads/{lead.id}"), *more)
        return reply

    driver.link.send = late  # type: ignore[assignment]  # somebody deletes it meanwhile
    with pytest.raises(OutcomeUnknownError) as caught:
        client.convert(ConvertRequest(lead_id=lead.id, deal=NewDeal()), wait=False)
    assert caught.value.code == "rejected"


def test_a_deal_becomes_a_lead_again(client: Client) -> None:
    """The other way is a job as well; the deal is gone, and the lead has its value."""
    made = client.convert(ConvertRequest(lead_id=create(client, ADA).id, deal=NewDeal(name="Pilot")))
    identity = client.driver.run(lead_of(made.deal.id or ""))
    lead: Any = client.get("lead", identity)
    assert (lead.value, lead.company_name) == (Money(100, "EUR"), "Analytical")
    with pytest.raises(NotFoundError):
        client.get("deal", made.deal.id or "")


def test_persons_and_organizations_are_made_once(client: Client) -> None:
    """A second lead of the same person and company points to them; what the person lacks is added."""
    create(client, ADA)
    create(client, attrs.evolve(ADA, phones=(Phone(number="12", category="mobile"),)))
    (person,) = client.iter_records("contact")
    assert isinstance(person, Contact)
    assert [phone.number for phone in person.phones] == ["12"]
    assert len(list(client.iter_records("company"))) == 1
    assert len(list(client.iter_records("lead"))) == 2


def test_two_organizations_of_one_name_are_nobodys_guess(client: Client) -> None:
    """Where several organizations have the name, a person has to say which."""
    for _ in range(2):
        create(client, Company(name="Analytical"))
    with pytest.raises(AmbiguousMatchError) as caught:
        create(client, ADA)
    assert len(caught.value.candidates) == 2


def test_only_a_company(client: Client) -> None:
    """A lead of a company alone has its name as the title; it is found among all leads."""
    made = create(client, Lead(company_name="Analytical"))
    assert [one.id for one in client.search("lead", Query()).items] == [made.id]
    assert client.plan_upsert(UpsertRequest(record=Lead(company_name="Analytical"))).calls
