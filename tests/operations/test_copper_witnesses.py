"""What became of a lead of Copper's: who speaks of its conversion, and what a reply to a convert proves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.contracts import SPECS
from tests.operations.copper_account import COPPER, client, convert, convert_raw, fed, new_lead, sandbox

from leadlens.client import Client
from leadlens.conversion import (
    Present,
)
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    AmbiguousMatchError,
    NotFoundError,
    OutcomeUnknownError,
    UsageError,
)
from leadlens.flow import Call, Reply
from leadlens.sandbox import Sandbox

__all__ = ["client", "sandbox"]


# --- the witnesses ---------------------------------------------------------------------------------------------------


def stale(sandbox: Sandbox, *searches: str) -> None:
    """Let searches show what was before the last conversion."""
    for search in searches:
        sandbox.faults.add(Fault(what="stale_search", operation=f"copper.{search}", seconds=5000))


@pytest.mark.parametrize("mail", [True, False])
def test_contact_speaks_where_the_search_is_behind(sandbox: Sandbox, client: Client, *, mail: bool) -> None:
    """The lead is gone, the search still has it: the contact and the deal that remember it decide."""
    lead = new_lead(sandbox, **({} if mail else {"email": None}))
    sandbox.clock.sleep(10_000)
    first = convert_raw(sandbox, lead, opportunity={"name": "Pilot"})
    stale(sandbox, "search_leads")
    found = client.resolve(lead)
    assert found is not None
    assert (found.contact.id, found.deal.id) == (str(first["person"]["id"]), str(first["opportunity"]["id"]))
    assert found.company.id == str(first["company"]["id"])
    assert found.converted_at is not None


def test_deal_is_not_denied_by_a_search_that_is_behind(sandbox: Sandbox, client: Client) -> None:
    """Without a deal in such a search nobody can say that there is none."""
    lead = new_lead(sandbox)
    sandbox.clock.sleep(10_000)
    convert_raw(sandbox, lead, opportunity={"name": "Pilot"})
    stale(sandbox, "search_leads", "search_opportunities")
    with pytest.raises(OutcomeUnknownError) as caught:
        client.resolve(lead)
    assert caught.value.code == "search_behind"


def test_lead_that_was_deleted_is_no_conversion(sandbox: Sandbox, client: Client) -> None:
    """Gone and known to nobody: none. Gone, and still in a search that is behind: nobody can say."""
    lead = new_lead(sandbox)
    sandbox.clock.sleep(10_000)
    reply = sandbox.session("copper").delete(sandbox.url("copper", f"/leads/{lead}"))
    assert reply.ok
    assert client.resolve(lead) is None
    stale(sandbox, "search_leads")
    with pytest.raises(OutcomeUnknownError) as caught:
        client.resolve(lead)
    assert caught.value.code == "contradiction"


def test_records_that_are_gone_do_not_hide_the_conversion(sandbox: Sandbox, client: Client) -> None:
    """The lead tells the ids; the company is the deal's, as long as that is there."""
    lead = new_lead(sandbox)
    made = convert(client, lead)
    session = sandbox.session("copper")
    for path, company in ((f"people/{made.contact.id}", made.company.id), (f"opportunities/{made.deal.id}", None)):
        assert session.delete(sandbox.url("copper", f"/{path}")).ok
        found = client.resolve(lead)
        assert found is not None
        assert (found.contact.id, found.deal.id, found.company.id) == (made.contact.id, made.deal.id, company)


GONE = NotFoundError("copper", status=404)
NONE = Reply(200, {}, [])


def lead(number: int = 5, at: int | None = None, contact: int | None = None, deal: int | None = None) -> Any:
    told = {"converted_at": at, "converted_contact_id": contact, "converted_opportunity_id": deal}
    return {"id": number, "name": "Ann", "email": {"email": "a@x.example", "category": "work"}, **told}


def person(*leads: int, number: int = 7, company: int | None = 8) -> Any:
    remembers = [{"lead_id": one, "converted_timestamp": 1_700_000_000} for one in leads]
    mails = [{"email": "A@x.example", "category": "work"}]
    return {
        "id": number,
        "name": "Ann",
        "emails": mails,
        "company_id": company,
        "company_name": "X" if company else None,
        "leads_converted_from": remembers,
    }


def reply(body: Any) -> Reply:
    return Reply(200, {}, body)


CONVERTED = lead(at=1_700_000_000, contact=7)


@pytest.mark.parametrize(
    ("search", "there", "contact"),
    [
        (CONVERTED, GONE, person(5)),
        (CONVERTED, GONE, person()),
        (CONVERTED, CONVERTED, person()),
        (CONVERTED, lead(), person(5)),
        (lead(), CONVERTED, person(5)),
        (None, CONVERTED, person(5)),
        (CONVERTED, GONE, GONE),
    ],
)
def test_two_witnesses_make_a_conversion(search: Any, there: Any, contact: Any) -> None:
    """The search and the lead, or one of them and the contact."""
    answers = [there if there is GONE else reply(there), contact if contact is GONE else reply(contact)]
    found, _ = fed(COPPER.find_conversion("5"), reply([search] if search else []), *answers)
    assert isinstance(found.contact, Present)
    assert (found.lead_id, found.contact.id, found.deal.id) == ("5", "7", None)
    assert found.company.id == (None if contact is GONE else "8")


@pytest.mark.parametrize(
    ("search", "there", "contact"),
    [
        (CONVERTED, lead(), person()),
        (CONVERTED, lead(), GONE),
        (lead(), CONVERTED, person(6)),
        (CONVERTED, lead(at=1_700_000_000, contact=9), person()),
        (CONVERTED, lead(at=1_700_000_000, contact=7, deal=3), person()),
    ],
)
def test_one_witness_alone_makes_none(search: Any, there: Any, contact: Any) -> None:
    """A contact that does not remember the lead contradicts the one that speaks."""
    with pytest.raises(OutcomeUnknownError) as caught:
        fed(COPPER.find_conversion("5"), reply([search]), reply(there), contact if contact is GONE else reply(contact))
    assert caught.value.code == "contradiction"


def test_lead_that_is_there_is_not_converted() -> None:
    """Both witnesses say so; and a search that does not know it yet does not change that."""
    for search in ([lead()], []):
        found, calls = fed(COPPER.find_conversion("5"), reply(search), reply(lead()))
        assert found is None
        assert [call.step for call in calls] == ["read", "read"]


def test_conversion_without_a_contact_is_a_contradiction() -> None:
    """Copper always makes or finds a contact."""
    with pytest.raises(OutcomeUnknownError):
        fed(COPPER.find_conversion("5"), reply([lead(at=1_700_000_000)]), GONE)


def test_several_deals_of_one_lead_are_several_conversions() -> None:
    """A second conversion of a lead leaves a second set of records."""
    deals = [{"id": n, "name": "D", "leads_converted_from": person(5)["leads_converted_from"]} for n in (1, 2)]
    with pytest.raises(AmbiguousMatchError) as caught:
        fed(COPPER.find_conversion("5"), reply([lead()]), GONE, reply(person(5)), reply(deals))
    assert caught.value.candidates == ("1", "2")
    with pytest.raises(AmbiguousMatchError):
        fed(COPPER.find_conversion("5"), reply([CONVERTED]), GONE, reply(person(5, 5)))


@pytest.mark.parametrize("body", [{}, None, "ok", [lead(6)], [lead(), lead()], [{"name": "Ann"}], [3], [{"id": []}]])
def test_odd_answers_to_the_probe_are_unknown(body: Any) -> None:
    """Another lead, several, or what is no lead at all proves nothing."""
    with pytest.raises(OutcomeUnknownError):
        fed(COPPER.find_conversion("5"), reply(body))


@pytest.mark.parametrize("identity", ["", "x", "../1", "1/convert", "-2", "0", str(2**64)])
def test_what_is_no_id_is_not_sent(identity: str) -> None:
    """Ids are whole numbers; anything else would make another path."""
    with pytest.raises(UsageError):
        fed(COPPER.find_conversion(identity))
    with pytest.raises(UsageError):
        fed(COPPER.get("lead", identity))


DEAL_CALL = Call("convert", "convert", "POST", "/x", {}, {"details": {"opportunity": {"name": "Pilot"}}})


@pytest.mark.parametrize(
    "body", [None, [], {}, {"person": None}, {"person": {}}, {"companies": []}, {"person": {"name": "A"}}]
)
def test_what_is_no_conversion_is_unknown(body: Any) -> None:
    """A reply needs a person with all that Copper's replies have, and the opportunity that was asked for."""
    with pytest.raises(OutcomeUnknownError):
        COPPER.converted(reply(body), "5")
    with pytest.raises(OutcomeUnknownError):
        COPPER.learn(DEAL_CALL, reply(body))


@pytest.mark.parametrize("other", ["company", "opportunity"])
def test_record_without_an_id_is_no_record(other: str) -> None:
    """A company or an opportunity that the reply names has an id too."""
    with pytest.raises(OutcomeUnknownError):
        COPPER.converted(reply({"person": person(5), other: {"name": "X"}}), "5")
    assert COPPER.learn(DEAL_CALL, reply({"person": person(5), "opportunity": {"id": 3}})) == {}


def test_published_sample_is_a_conversion() -> None:
    """The contact of that sample does not remember its lead, so that no time is told."""
    sample = json.loads((SPECS / "copper/exchanges/convert_lead.json").read_bytes())
    made = COPPER.converted(reply(sample["reply"]["body"]), "8894157")
    assert (made.contact.id, made.company.id, made.deal.id) == ("27140359", "13349319", "4417020")
    assert made.converted_at is None
