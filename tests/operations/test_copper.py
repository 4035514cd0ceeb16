"""Copper's conversions through a client: what it says and what the account's own log says."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from tests.contracts import SPECS
from tests.operations.copper_account import (
    client,
    conversions_made,
    convert_raw,
    fed,
    new_lead,
    operations_called,
    put,
    sandbox,
)

from leadlens.client import Client, connect
from leadlens.conversion import (
    Conversion,
    ConvertRequest,
    Existing,
    Match,
    NewDeal,
    NoRecord,
    Nothing,
    Present,
    VendorDefault,
)
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    AlreadyConvertedError,
    AmbiguousMatchError,
    CredentialsError,
    InvalidRequestError,
    LossError,
    NotFoundError,
    OutcomeUnknownError,
    UsageError,
)
from leadlens.flow import Call, Reply
from leadlens.model import Deal, Money, Ref
from leadlens.operations import ConversionQuery
from leadlens.sandbox import Sandbox
from leadlens_copper.operations import operations

__all__ = ["client", "sandbox"]

PILOT = NewDeal(name="Pilot")
COPPER = operations()


def asked(lead: str, **more: Any) -> ConvertRequest:
    return ConvertRequest(lead_id=lead, **more)


def convert(client: Client, lead: str, **more: Any) -> Conversion:
    """Convert with a deal in the account's own pipeline and stage, which is a loss that is meant here."""
    return client.convert(asked(lead, **{"deal": PILOT, **more}), allow=["reason:defaulted"])


# --- conversions that go well ----------------------------------------------------------------------------------------


def test_conversion_tells_contact_company_and_deal(sandbox: Sandbox, client: Client) -> None:
    """The ids, the lead and the time are those of the account's own log."""
    lead = new_lead(sandbox)
    made = convert(client, lead)
    truth = sandbox.store("copper").was("lead", int(lead))
    assert truth is not None
    assert (made.lead_id, made.contact.outcome, made.deal.outcome) == (lead, "present", "present")
    assert made.contact.id == str(truth["converted_contact_id"])
    assert made.deal.id == str(truth["converted_opportunity_id"])
    assert made.company.name == "Padaria"
    assert made.converted_at == dt.datetime.fromtimestamp(truth["converted_at"], dt.UTC)
    assert len(conversions_made(sandbox)) == 1


def test_no_deal_is_made_unless_it_is_asked_for(sandbox: Sandbox, client: Client) -> None:
    """Nothing said, nothing made; and Copper's own default makes none either."""
    for deal in (Nothing(), VendorDefault()):
        assert convert(client, new_lead(sandbox), deal=deal).deal == NoRecord()
    assert sandbox.store("copper").count("opportunity") == 0


def test_company_is_the_one_that_is_named(sandbox: Sandbox, client: Client) -> None:
    """By id, by exact name, a new one by name, or none; never one that resembles the name."""
    known = put(sandbox, "/companies", name="Padaria")["id"]
    people = iter("abcd")

    def company(target: Any) -> str | None:
        mail = {"email": f"{next(people)}@x.example", "category": "work"}
        return convert(client, new_lead(sandbox, email=mail), company=target, deal=Nothing()).company.id

    assert company(Existing(str(known))) == str(known)
    assert company(Match("Padaria")) == str(known)
    assert company(Match("Padaria Ltd")) not in (None, str(known))
    assert company(Nothing()) is None
    assert sandbox.store("copper").count("company") == 2


def test_follow_up_completes_the_deal(sandbox: Sandbox, client: Client) -> None:
    """What Copper's convert does not take is written to the new opportunity."""
    made = convert(
        client, new_lead(sandbox), deal=NewDeal(name="Pilot", value=Money(7), probability=Decimal(30), tags=("a",))
    )
    deal = sandbox.store("copper").get("opportunity", int(made.deal.id or 0))
    assert deal is not None
    assert (deal["monetary_value"], deal["win_probability"], deal["tags"]) == (7, 30, ["a"])
    assert made.open == ()


def test_date_order_of_the_account_is_used(sandbox: Sandbox) -> None:
    """A close date is refused before anything is sent unless the order is known; then it is written that way."""
    deal = NewDeal(name="Pilot", close_date=dt.date(2026, 3, 4))
    lead = new_lead(sandbox)
    with pytest.raises(LossError):
        convert(connect("copper", sandbox=sandbox), lead, deal=deal)
    assert conversions_made(sandbox) == []
    made = convert(connect("copper@month-first", sandbox=sandbox), lead, deal=deal)
    kept = sandbox.store("copper").get("opportunity", int(made.deal.id or 0))
    assert kept is not None
    assert kept["close_date"] == "3/4/2026"
    for variant, expected in (("month-first", dt.date(2026, 3, 4)), ("day-first", dt.date(2026, 4, 3))):
        read = connect(f"copper@{variant}", sandbox=sandbox).get("deal", made.deal.id or "")
        assert isinstance(read, Deal)
        assert read.close_date == expected


def test_refusal_leaves_the_lead(sandbox: Sandbox, client: Client) -> None:
    """A company that is not there is refused; nothing is converted, and it is no unknown outcome."""
    lead = new_lead(sandbox)
    with pytest.raises(InvalidRequestError):
        convert(client, lead, company=Existing("1"))
    assert conversions_made(sandbox) == []
    assert client.resolve(lead) is None


# --- what nobody has recorded ----------------------------------------------------------------------------------------


def test_candidates_of_a_fuzzy_match_are_no_conversion(sandbox: Sandbox, client: Client) -> None:
    """A reply without a person is unknown; the probe finds nothing, and nothing is sent a second time."""
    put(sandbox, "/companies", name="Padaria Ltd")
    lead = new_lead(sandbox)
    with pytest.raises(OutcomeUnknownError) as caught:
        convert(client, lead, company=Match("Padaria", exact=False))
    assert (caught.value.code, conversions_made(sandbox)) == ("not_found", [])
    assert operations_called(sandbox).count("convert_lead") == 1
    assert client.resolve(lead) is None


@pytest.mark.parametrize("second", ["again", "404"])
def test_lead_converted_before_is_told(second: str) -> None:
    """Where Copper says that the lead is gone, the error carries the conversion; where it does not, it was done."""
    with Sandbox(data="empty", switches={"copper.second_convert": second}) as sandbox:
        client = connect("copper", sandbox=sandbox)
        lead = new_lead(sandbox)
        first = convert_raw(sandbox, lead)
        if second == "404":
            with pytest.raises(AlreadyConvertedError) as caught:
                convert(client, lead)
            assert caught.value.conversion is not None
            assert caught.value.conversion.contact.id == str(first["person"]["id"])
        else:
            convert_raw(sandbox, lead, opportunity={"name": "Again"})
            with pytest.raises(AmbiguousMatchError) as several:
                client.resolve(lead)
            assert several.value.code == "several conversions"


def test_unknown_lead_is_not_found(sandbox: Sandbox, client: Client) -> None:
    """A lead that nobody knows is no converted one."""
    with pytest.raises(NotFoundError) as caught:
        convert(client, "999")
    assert not isinstance(caught.value, AlreadyConvertedError)
    assert client.resolve("999") is None


@pytest.mark.parametrize("option", ["moved", "kept", "filled"])
def test_company_of_a_known_contact_is_read_from_the_deal(option: str) -> None:
    """A contact that stays in its own company does not hide that of the conversion."""
    with Sandbox(data="empty", switches={"copper.matched_person": option}) as sandbox:
        client = connect("copper", sandbox=sandbox)
        old = put(sandbox, "/companies", name="Old")["id"]
        mail = [{"email": "ana@padaria.example", "category": "work"}]
        put(sandbox, "/people", name="Ana", emails=mail, company_id=old)
        lead = new_lead(sandbox)
        made = convert(client, lead)
        found = client.resolve(lead)
        assert found is not None
        assert (found.contact.id, found.company.id, found.deal.id) == (made.contact.id, made.company.id, made.deal.id)
        assert found.company.id != str(old)


# --- faults around the conversion ------------------------------------------------------------------------------------

AFTER = ("reset", "timeout", "fin", "truncated", "bad_utf8", "500", "502", "202", "late_commit", "redirect", "bomb")


@pytest.mark.parametrize("what", AFTER)
def test_conversion_whose_reply_is_lost_is_found(sandbox: Sandbox, client: Client, what: str) -> None:
    """Whatever becomes of the reply: one conversion, one convert sent, the right ids, and the deal completed."""
    sandbox.faults.add(Fault(what=what, operation="copper.convert_lead"))
    lead = new_lead(sandbox)
    made = convert(client, lead, deal=NewDeal(name="Pilot", probability=Decimal(30)))
    assert operations_called(sandbox).count("convert_lead") == 1
    [truth] = conversions_made(sandbox)
    assert truth.record is not None
    assert made.contact.id == str(truth.record["converted_contact_id"])
    assert made.deal.id == str(truth.record["converted_opportunity_id"])
    assert made.company.name == "Padaria"
    deal = sandbox.store("copper").get("opportunity", int(made.deal.id or 0))
    assert deal is not None
    assert deal["win_probability"] == 30


@pytest.mark.parametrize("key", ["person", "person.id", "opportunity", "opportunity.id", "company.id"])
def test_reply_without_what_is_promised_is_no_success(sandbox: Sandbox, client: Client, key: str) -> None:
    """It is unknown at once without waiting; with waiting the probe tells the ids."""
    sandbox.faults.add(Fault(what="missing", operation="copper.convert_lead", key=key))
    with pytest.raises(OutcomeUnknownError) as caught:
        client.convert(asked(new_lead(sandbox), deal=PILOT), allow=["reason:defaulted"], wait=False)
    assert caught.value.step == "convert"
    other = new_lead(sandbox, email={"email": "b@x.example", "category": "work"})
    made = convert(client, other)
    assert (made.lead_id, made.contact.outcome, made.deal.outcome) == (other, "present", "present")
    assert len(conversions_made(sandbox)) == 2


def test_convert_that_never_arrived_is_not_sent_again(sandbox: Sandbox, client: Client) -> None:
    """A person has to look: that Copper refuses a second conversion is not recorded."""
    sandbox.faults.add(Fault(what="lost", operation="copper.convert_lead"))
    with pytest.raises(OutcomeUnknownError) as caught:
        convert(client, new_lead(sandbox))
    assert (caught.value.code, conversions_made(sandbox)) == ("not_found", [])
    assert operations_called(sandbox).count("convert_lead") == 1


@pytest.mark.parametrize("what", ["refused", "dns", "tls", "429"])
def test_convert_that_was_not_taken_is_sent_again(sandbox: Sandbox, client: Client, what: str) -> None:
    """Nothing was done, so that sending again is safe."""
    sandbox.faults.add(Fault(what=what, operation="copper.convert_lead", nth=1))
    assert convert(client, new_lead(sandbox)).deal.outcome == "present"
    assert len(conversions_made(sandbox)) == 1


def test_bad_credentials_convert_nothing(sandbox: Sandbox, client: Client) -> None:
    """401 is a refusal, and no new key can be had."""
    sandbox.faults.add(Fault(what="401", operation="copper.convert_lead"))
    with pytest.raises(CredentialsError):
        convert(client, new_lead(sandbox))
    assert conversions_made(sandbox) == []


@pytest.mark.parametrize("what", ["reset", "500", "truncated", "429"])
def test_probe_is_sent_until_it_answers(sandbox: Sandbox, client: Client, what: str) -> None:
    """Reads are safe to repeat."""
    sandbox.faults.add(Fault(what="reset", operation="copper.convert_lead"))
    sandbox.faults.add(*(Fault(what=what, operation=f"copper.{read}", nth=1) for read in ("search_leads", "get_lead")))
    assert convert(client, new_lead(sandbox)).deal.outcome == "present"
    assert len(conversions_made(sandbox)) == 1


@pytest.mark.parametrize("what", ["reset", "500", "422"])
def test_follow_up_that_fails_stays_open(sandbox: Sandbox, client: Client, what: str) -> None:
    """The conversion is told, with what is open; settling sends it again."""
    deal = NewDeal(name="Pilot", probability=Decimal(30))
    if what == "422":
        deal = NewDeal(name="Pilot", source=Ref("1"))
    else:
        sandbox.faults.add(Fault(what=what, operation="copper.update_opportunity", nth=1))
    made = convert(client, new_lead(sandbox), deal=deal)
    assert len(made.open) == 1
    again = client.settle(made.lead_id or "")
    assert len(again.open) == (1 if what == "422" else 0)
    assert len(conversions_made(sandbox)) == 1


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


# --- all conversions -------------------------------------------------------------------------------------------------


def test_conversions_come_newest_first_in_pages(sandbox: Sandbox, client: Client) -> None:
    """Each as the account has it; a page costs three searches, however many conversions are on it."""
    leads = [new_lead(sandbox, email={"email": f"p{n}@x.example", "category": "work"}) for n in range(210)]
    order = [*leads[100:], *leads[:100]]
    made = {
        one: convert_raw(sandbox, one, **({"opportunity": {"name": "D"}} if n % 2 else {}))
        for n, one in enumerate(order)
    }
    new_lead(sandbox)
    before = len(operations_called(sandbox))
    pages = client.iter_conversions()
    first = next(pages)
    assert operations_called(sandbox)[before:] == [
        *["search_leads"] * 2,
        *["search_leads", "search_people", "search_opportunities"],
    ]
    found = [first, *pages]
    assert [each.lead_id for each in found] == order[::-1]
    for each in found:
        raw = made[each.lead_id or ""]
        assert each.contact.id == str(raw["person"]["id"])
        assert each.company.id == str(raw["company"]["id"])
        assert each.deal.id == (str(raw["opportunity"]["id"]) if raw["opportunity"] else None)


def test_conversions_are_found_by_what_they_made(sandbox: Sandbox, client: Client) -> None:
    """By lead, contact, company, deal and time, at once too; what is not there has none."""
    first = convert(client, new_lead(sandbox))
    sandbox.clock.sleep(1000)
    second = convert(client, new_lead(sandbox, email=None, company_name="Other"))

    def leads(**query: Any) -> list[str | None]:
        return [each.lead_id for each in client.iter_conversions(ConversionQuery(**query))]

    for one in (first, second):
        assert leads(lead_id=one.lead_id) == [one.lead_id]
        assert leads(contact_id=one.contact.id) == [one.lead_id]
        assert leads(company_id=one.company.id) == [one.lead_id]
        assert leads(deal_id=one.deal.id) == [one.lead_id]
    assert leads(since=second.converted_at) == [second.lead_id]
    assert leads(contact_id=first.contact.id, deal_id=second.deal.id) == []
    assert leads(contact_id="1") == leads(deal_id="1") == leads(company_id="1") == leads(lead_id="1") == []
    assert leads(lead_id=new_lead(sandbox)) == []


def test_conversions_of_the_demo_account_are_all_told() -> None:
    """As many as the account has converted."""
    with Sandbox(vendors=["copper"]) as sandbox:
        found = list(connect("copper", sandbox=sandbox).iter_conversions())
        assert {each.lead_id for each in found} == {str(change.id) for change in conversions_made(sandbox)}
        times = [each.converted_at for each in found]
        assert times == sorted(times, reverse=True)  # type: ignore[type-var]  # all of them have one


# --- preview ---------------------------------------------------------------------------------------------------------


def test_preview_finds_the_person_and_the_companies_of_that_name(sandbox: Sandbox, client: Client) -> None:
    """The e-mail address in any case; the company's name exactly, though the search is loose."""
    mail = [{"email": "ANA@padaria.example", "category": "work"}]
    known = put(sandbox, "/people", name="Somebody", emails=mail)["id"]
    same = [put(sandbox, "/companies", name="Padaria")["id"] for _ in range(2)]
    put(sandbox, "/companies", name="Padaria Ltd")
    found = client.preview(new_lead(sandbox))
    assert [contact.id for contact in found.contacts] == [str(known)]
    assert [company.id for company in found.companies] == [str(one) for one in same]
    assert found.deals == ()
    bare = client.preview(new_lead(sandbox, email=None, company_name=None))
    assert (bare.contacts, bare.companies) == ((), ())
    assert "preview" in COPPER.composed
