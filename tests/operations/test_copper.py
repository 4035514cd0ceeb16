"""Copper's conversions through a client: what it says and what the account's own log says."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests.operations.copper_account import (
    PILOT,
    client,
    conversions_made,
    convert,
    convert_raw,
    new_lead,
    operations_called,
    put,
    sandbox,
)

from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import (
    ConvertRequest,
    Existing,
    Match,
    NewDeal,
    NoRecord,
    Nothing,
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
)
from leadlens.model import Deal, Money, Ref
from leadlens.sandbox import Sandbox

__all__ = ["client", "sandbox"]


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
        client.convert(ConvertRequest(lead_id=new_lead(sandbox), deal=PILOT), allow=["reason:defaulted"], wait=False)
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
