"""What Pipedrive does otherwise than the others: jobs, deals that become leads, persons that are there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from leadlens_pipedrive.conversions import lead_of

from leadlens import Client, Sandbox, connect
from leadlens.conversion import (
    Conversion,
    ConvertRequest,
    Existing,
    Match,
    NewCompany,
    NewContact,
    NewDeal,
    NoRecord,
    Nothing,
    UpsertRequest,
    UpsertResult,
)
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    AlreadyConvertedError,
    AmbiguousMatchError,
    InvalidRequestError,
    LossError,
    NotFoundError,
    OutcomeUnknownError,
    UsageError,
)
from leadlens.flow import Call
from leadlens.model import About, Company, Contact, Email, Lead, Money, Note, PersonName, Phone, Ref
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
    assert (made.contact.outcome, made.company.outcome, made.deal.outcome) == ("present", "present", "created")
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


NEW: dict[str, Any] = {
    "contact": NewContact(name=PersonName(first="Augusta", last="King")),
    "company": NewCompany(name="Difference"),
}


def known(client: Client, made: Conversion) -> tuple[Any, Any, Any]:
    """Return the names of what a conversion's deal is tied to, and the deal's own."""
    deal: Any = client.get("deal", made.deal.id or "")
    person, firm = client.get_contact(deal.contact.id), client.get_company(deal.company.id)
    assert (made.contact.id, made.company.id) == (person.id, firm.id)
    return person.name and person.name.display, firm.name, deal.name


def test_a_new_contact_and_a_new_company(client: Client) -> None:
    """They are made first, and given to the lead; who asks for them again by their names gets the same ones."""
    for number in (1, 2):
        lead = create(client, attrs.evolve(ADA, title=None, company_name=f"Analytical {number}"))
        made = client.convert(ConvertRequest(lead_id=lead.id, deal=NewDeal(name="Pilot"), **NEW))
        assert known(client, made) == ("Augusta King", "Difference", "Pilot")
    assert len(list(client.iter_records("contact", Query(name="Augusta King")))) == 1
    assert len(list(client.iter_records("company", Query(name="Difference")))) == 1
    (first, *_) = client.iter_contacts(Query(name="Ada Lovelace"))
    assert first.emails == ADA.emails, "the lead's own person stays as it is"


@pytest.mark.parametrize("side", ["contact", "company"])
def test_one_new_record(client: Client, side: str) -> None:
    """The other one stays the lead's own."""
    lead = create(client, ADA)
    made = client.convert(ConvertRequest(lead_id=lead.id, deal=NewDeal(name="Pilot"), **{side: NEW[side]}))
    wanted = {"contact": ("Augusta King", "Analytical"), "company": ("Ada Lovelace", "Difference")}[side]
    assert known(client, made) == (*wanted, "Pilot")


def test_a_new_company_without_a_name_is_the_leads_own(client: Client) -> None:
    """That is what the plan says."""
    plan = client.plan(ConvertRequest(lead_id="a", company=NewCompany(), deal=NewDeal(name="x")))
    assert [call.name for call in plan.calls] == ["convert", "deal"]
    assert "company" in {loss.path for loss in plan.losses}


def test_a_new_contact_without_a_name_is_not_sent(client: Client) -> None:
    """Pipedrive makes no person of nothing."""
    with pytest.raises(LossError, match=r"contact\.name: say whom the deal is about"):
        client.convert(ConvertRequest(lead_id="a", contact=NewContact(), deal=NewDeal(name="x")))


@pytest.mark.parametrize("operation", ["add_person", "add_organization", "update_lead"])
@pytest.mark.parametrize("what", ["reset", "500", "truncated"])
def test_what_is_made_before_is_made_once(sandbox: Sandbox, client: Client, operation: str, what: Any) -> None:
    """A reply that never comes is no reason to make a second one: what was made is looked for before that."""
    lead = create(client, ADA)
    sandbox.faults.add(Fault(what=what, operation=f"pipedrive.{operation}", nth=1))
    request = ConvertRequest(lead_id=lead.id, deal=NewDeal(name="Pilot"), **NEW)
    with pytest.raises(OutcomeUnknownError) as caught:
        client.convert(request)
    assert (caught.value.step, caught.value.operation is not None) == ("before", True)
    assert caught.value.operation is not None
    made: Any = client.settle(caught.value.operation)
    assert known(client, made) == ("Augusta King", "Difference", "Pilot")
    made_there = [change for change in sandbox.truth.changes("pipedrive", what="created") if change.sequence]
    assert sorted(change.kind for change in made_there).count("person") == 2, "the lead's own, and the new one"
    assert sorted(change.kind for change in made_there).count("organization") == 2
    assert len(sandbox.truth.changes("pipedrive", what="converted")) == 1


def test_several_of_one_name_stop_the_conversion(sandbox: Sandbox, client: Client) -> None:
    """Nobody guesses which is meant; nothing was changed."""
    lead = create(client, ADA)
    for _ in range(2):
        create(client, Company(name="Difference"))
    create(client, Company(name="DIFFERENCE"))
    before = len(sandbox.truth.changes("pipedrive"))
    with pytest.raises(AmbiguousMatchError) as caught:
        client.convert(ConvertRequest(lead_id=lead.id, company=Match("Difference"), deal=NewDeal(name="Pilot")))
    assert len(caught.value.candidates) == 2
    assert len(sandbox.truth.changes("pipedrive")) == before
    made = client.convert(ConvertRequest(lead_id=lead.id, company=Match("DIFFERENCE"), deal=NewDeal(name="Pilot")))
    assert client.get_company(made.company.id or "").name == "DIFFERENCE"


def beside(client: Client, change: Callable[[Call, Any], Any]) -> None:
    """Let something happen at each call of a client: ``change`` returns the reply in place of the one that came."""
    send = client.driver.link.send

    def sent(call: Call, *more: Any) -> Any:
        return change(call, send(call, *more))

    client.driver.link.send = sent  # type: ignore[assignment]  # it stands between


def test_a_job_that_is_rejected_is_refused(sandbox: Sandbox, client: Client) -> None:
    """A lead that is gone when its job begins is not converted: Pipedrive says so, and so is it told, with its word."""
    lead, other = create(client, ADA), connect("pipedrive", sandbox=sandbox)

    def late(call: Call, reply: Any) -> Any:
        if call.name == "convert":
            other.delete("lead", lead.id or "")
        return reply

    beside(client, late)
    with pytest.raises(InvalidRequestError) as caught:
        client.convert(ConvertRequest(lead_id=lead.id, deal=NewDeal()))
    assert (caught.value.code, caught.value.step) == ("rejected", "convert")
    assert not sandbox.truth.changes("pipedrive", what="converted")


def _failed(call: Call, reply: Any) -> Any:
    """Say that a job has failed, whatever it did."""
    if call.name != "conversion_status" or reply.body["data"]["status"] != "completed":
        return reply
    return attrs.evolve(reply, body={**reply.body, "data": {**reply.body["data"], "status": "failed"}})


def test_a_job_that_fails_is_refused_only_without_its_deal(client: Client) -> None:
    """A deal that names the lead is believed more than the word of the job."""
    lead = create(client, ADA)
    beside(client, _failed)
    made = client.convert(ConvertRequest(lead_id=lead.id, deal=NewDeal(name="Pilot")))
    assert made.deal.outcome == "created"


def test_a_question_that_is_refused_says_nothing_of_the_job(sandbox: Sandbox, client: Client) -> None:
    """Who may not ask after the job does not know what became of it."""
    lead = create(client, ADA)
    sandbox.faults.add(Fault(what="429", operation="pipedrive.get_lead_conversion_status", every=1))
    with pytest.raises(OutcomeUnknownError) as caught:
        client.convert(ConvertRequest(lead_id=lead.id, deal=NewDeal()), wait=False)
    assert caught.value.step == "convert"


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


def test_notes_are_text_and_follow_the_lead(sandbox: Sandbox, client: Client) -> None:
    """Pipedrive keeps HTML; what is written as text comes back as that text, and is the deal's after the convert."""
    lead = create(client, ADA)
    said = "She said <b>yes</b> & more;\nthen &amp; <br> again"
    made = client.create_note(Note(text=said, about=About(kind="lead", id=lead.id)))
    assert (made.text, made.about) == (said, About(kind="lead", id=lead.id))
    ((_, kept),) = sandbox.store("pipedrive").iterate("note")
    assert kept["content"] == "She said &lt;b&gt;yes&lt;/b&gt; &amp; more;<br>then &amp;amp; &lt;br&gt; again"
    done = client.convert(ConvertRequest(lead_id=lead.id, deal=NewDeal(name="Pilot")))
    assert [one.text for one in client.iter_notes_of("deal", done.deal.id or "")] == [said]
    assert [one.about for one in client.iter_notes()] == [About(kind="deal", id=done.deal.id)]


@pytest.mark.parametrize(
    ("about", "told"),
    [(About(kind="task", id="1"), LossError), (About(kind="deal", id="5"), InvalidRequestError), (None, LossError)],
)
def test_a_note_needs_its_record(client: Client, about: Any, told: type[Exception]) -> None:
    """One that is on nothing, or on what is not there, is refused."""
    with pytest.raises(told):
        client.create_note(Note(text="x", about=about))


def test_a_reply_without_an_id_is_unknown(sandbox: Sandbox, client: Client) -> None:
    """A note may have been written: nobody sends it again."""
    lead = create(client, ADA)
    sandbox.faults.add(Fault(what="missing", operation="pipedrive.add_note", nth=1, key="data.id"))
    with pytest.raises(OutcomeUnknownError):
        client.create_note(Note(text="x", about=About(kind="lead", id=lead.id)))
    assert len(list(client.iter_notes_of("lead", lead.id or ""))) == 1


def test_places_and_kinds_that_cannot_be(client: Client) -> None:
    """They are wrong usage."""
    with pytest.raises(UsageError, match="Pipedrive keeps notes on lead, deal, contact, company"):
        list(client.iter_notes_of("task", "1"))
    with pytest.raises(UsageError, match="place is what the page before named"):
        client.page("note", "x")


def test_only_a_company(client: Client) -> None:
    """A lead of a company alone has its name as the title; it is found among all leads."""
    made = create(client, Lead(company_name="Analytical"))
    assert [one.id for one in client.search("lead", Query()).items] == [made.id]
    assert client.plan_upsert(UpsertRequest(record=Lead(company_name="Analytical"))).calls
