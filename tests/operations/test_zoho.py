"""Zoho's conversions through the client, and what the account holds afterwards."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.operations.zoho_account import (
    DEAL,
    VERSIONS,
    box,
    client,
    conversions,
    count,
    held,
    put,
    sent,
)

from leadlens.conversion import (
    Conversion,
    ConvertRequest,
    Existing,
    Match,
    NewCompany,
    NewContact,
    NoRecord,
    Nothing,
    Present,
)
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    AlreadyConvertedError,
    AmbiguousMatchError,
    CredentialsError,
    DuplicateError,
    InvalidRequestError,
    LossError,
    NotFoundError,
    NotPermittedError,
    OutcomeUnknownError,
    TryLaterError,
    UsageError,
    VendorError,
)
from leadlens.model import PersonName, Ref
from leadlens.operations import ConversionQuery
from leadlens.sandbox import Sandbox

CONVERT = "zoho.convert_lead"


def request(lead: str, **more: Any) -> ConvertRequest:
    return ConvertRequest(**{"lead_id": lead, "deal": Nothing(), **more})


def outcome(made: Conversion) -> tuple[str | None, str | None, str | None]:
    return made.contact.id, made.company.id, made.deal.id


# --- what a conversion makes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_convert_makes_contact_company_and_deal(version: str) -> None:
    """On every version the reply's ids are those of the records that are there, and the lead resolves to them."""
    sandbox = box()
    lead = put(sandbox)
    with client(sandbox, version) as zoho:
        made = zoho.convert(request(lead, company=NewCompany(), deal=DEAL))
        found = zoho.resolve(lead)
    assert held(sandbox, "Contacts", made.contact.id)["Last_Name"] == "Daly"
    assert held(sandbox, "Accounts", made.company.id)["Account_Name"] == "Zylker"
    assert held(sandbox, "Deals", made.deal.id)["Deal_Name"] == "Pilot"
    assert conversions(sandbox) == 1
    assert found is not None
    assert outcome(found) == outcome(made)
    assert made.lead_id == found.lead_id == lead
    assert found.converted_at == dt.datetime.fromtimestamp(int(found.converted_at.timestamp()), dt.UTC)  # type: ignore[union-attr]  # it has one


@pytest.mark.parametrize("version", VERSIONS)
def test_no_deal_unless_asked(version: str) -> None:
    """Nothing said about a deal, or none wanted: there is none, and the reply says so."""
    sandbox = box()
    made = client(sandbox, version).convert(request(put(sandbox), company=NewCompany()))
    assert made.deal == NoRecord()
    assert count(sandbox, "Deals") == 0


@pytest.mark.parametrize("version", ["v2.1", "v8"])
def test_company_of_that_name_is_linked(version: str) -> None:
    """Exactly one account of the name: it is linked by its id, none is created."""
    sandbox = box()
    account, lead = put(sandbox, "Accounts", Account_Name="Acme (West), Inc."), put(sandbox)
    made = client(sandbox, version).convert(request(lead, company=Match("Acme (West), Inc.")))
    assert made.company.id == account
    assert (count(sandbox, "Accounts"), count(sandbox, "Contacts")) == (1, 1)
    assert sent(sandbox) == ["search_accounts", "convert_lead"]


@pytest.mark.parametrize("version", ["v2.1", "v8"])
def test_company_of_that_name_is_created(version: str) -> None:
    """No account of the name (204): it is created first, and linked by the id that this brings."""
    sandbox = box()
    lead = put(sandbox)
    made = client(sandbox, version).convert(request(lead, company=Match("Acme")))
    assert held(sandbox, "Accounts", made.company.id)["Account_Name"] == "Acme"
    assert count(sandbox, "Accounts") == 1
    assert sent(sandbox) == ["search_accounts", "create_account", "convert_lead"]


def test_several_companies_of_that_name() -> None:
    """Several accounts of the name: the error names them, and nothing was written."""
    sandbox = box()
    ids = {put(sandbox, "Accounts", Account_Name="Acme") for _ in range(3)}
    lead = put(sandbox)
    with pytest.raises(AmbiguousMatchError) as caught:
        client(sandbox).convert(request(lead, company=Match("Acme")))
    assert set(caught.value.candidates) == ids
    assert sent(sandbox) == ["search_accounts"]
    assert conversions(sandbox) == 0


def test_exact_name_comes_before_others() -> None:
    """Zoho finds names without regard to case; the one that is written exactly so is meant."""
    sandbox = box()
    put(sandbox, "Accounts", Account_Name="ACME")
    account, lead = put(sandbox, "Accounts", Account_Name="Acme"), put(sandbox)
    assert client(sandbox).convert(request(lead, company=Match("Acme"))).company.id == account


def test_lead_is_changed_first() -> None:
    """A name for the contact, and no company, are said on the lead before it is converted."""
    sandbox = box()
    lead = put(sandbox)
    name = NewContact(name=PersonName(first="Eva", last="Doe"))
    made = client(sandbox).convert(request(lead, contact=name, company=Nothing()))
    assert held(sandbox, "Contacts", made.contact.id)["Full_Name"] == "Eva Doe"
    assert made.company == NoRecord()
    assert count(sandbox, "Accounts") == 0
    assert sent(sandbox) == ["update_lead", "convert_lead"]


@pytest.mark.parametrize("version", ["v2.1", "v8"])
def test_existing_contact_company_and_owner(version: str) -> None:
    """Records named by id are linked; the deal has its own owner."""
    sandbox = box()
    contact, account, lead = put(sandbox, "Contacts"), put(sandbox, "Accounts"), put(sandbox)
    user = client(sandbox).choices("user")[-1].ref
    asked = request(lead, contact=Existing(contact), company=Existing(account), contact_owner=user, company_owner=user)
    made = client(sandbox, version).convert(asked)
    assert outcome(made) == (contact, account, None)
    assert (count(sandbox, "Contacts"), count(sandbox, "Accounts")) == (1, 1)


def test_plan_sends_nothing() -> None:
    """A plan tells calls, credits and losses; nothing arrives."""
    sandbox = box()
    plan = client(sandbox).plan(request("5", company=Match("Acme"), deal=DEAL))
    assert [call.name for call in plan.calls] == ["find_company", "create_company", "convert"]
    assert plan.credits == 7
    assert sent(sandbox) == []


def test_loss_is_refused_before_anything_is_sent() -> None:
    """No contact at all is not possible in Zoho."""
    sandbox = box()
    with pytest.raises(LossError):
        client(sandbox).convert(request(put(sandbox), contact=Nothing()))
    assert sent(sandbox) == []


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("read", ["hidden", "shown"])
@pytest.mark.parametrize("detail", ["ids", "objects"])
def test_second_convert(version: str, read: str, detail: str) -> None:
    """A second convert is refused, and the error carries the conversion that is there."""
    sandbox = box(switches={"converted_lead_read": read, "converted_detail": detail})
    lead = put(sandbox)
    zoho = client(sandbox, version)
    made = zoho.convert(request(lead, company=NewCompany(), deal=DEAL))
    with pytest.raises(AlreadyConvertedError) as caught:
        zoho.convert(request(lead, company=NewCompany(), deal=DEAL))
    assert caught.value.conversion is not None
    assert outcome(caught.value.conversion) == outcome(made)
    assert conversions(sandbox) == 1


@pytest.mark.parametrize("refusal", ["400", "202"])
@pytest.mark.parametrize("version", ["v2.1", "v8"])
def test_refusal_inside_data(refusal: str, version: str) -> None:
    """A refusal inside data is one whatever its status: a 202 is no success."""
    sandbox = box(switches={"convert_refusal": refusal})
    lead = put(sandbox)
    with pytest.raises(InvalidRequestError) as caught:
        client(sandbox, version).convert(request(lead, contact=Existing("99")))
    assert caught.value.code == "INVALID_DATA"
    assert conversions(sandbox) == 0
    assert client(sandbox, version).resolve(lead) is None


def test_duplicate_contact() -> None:
    """DUPLICATE_DATA of a conversion names the contact that is there."""
    sandbox = box(switches={"contact_email": "unique"})
    there, lead = put(sandbox, "Contacts", Email="ida@zylker.example"), put(sandbox)
    with pytest.raises(DuplicateError) as caught:
        client(sandbox).convert(request(lead, company=NewCompany()))
    assert caught.value.candidates == (there,)
    assert (conversions(sandbox), count(sandbox, "Accounts")) == (0, 0)


@pytest.mark.parametrize(
    ("rights", "error"),
    [("no_scope", CredentialsError), ("no_permission", NotPermittedError), ("no_privilege", NotPermittedError)],
)
def test_rights(rights: str, error: type[VendorError]) -> None:
    """What the token may not do is refused, and said so."""
    sandbox = box(switches={"rights": rights})
    with pytest.raises(error):
        client(sandbox).convert(request(put(sandbox)))
    assert conversions(sandbox) == 0


def test_locked_lead_is_for_later() -> None:
    """A locked lead can be converted later; the wait ends when patience does."""
    sandbox = box()
    with pytest.raises(TryLaterError) as caught:
        client(sandbox).convert(request(put(sandbox, Locked__s=True)))
    assert caught.value.code == "RECORD_LOCKED"
    assert conversions(sandbox) == 0


def test_no_such_lead() -> None:
    """An id that no lead has."""
    with pytest.raises(NotFoundError):
        client(box()).convert(request("999"))


def test_odd_id() -> None:
    """What cannot be an id never gets into a path."""
    sandbox = box()
    for ask in (client(sandbox).resolve, client(sandbox).preview, lambda text: client(sandbox).get("lead", text)):
        with pytest.raises(UsageError, match="whole number"):
            ask("5/../6")
    assert sent(sandbox) == []


@pytest.mark.parametrize("odd", ["5/../6", "", "5?x=1", "５"])
def test_odd_id_is_refused_before_anything_is_sent(odd: str) -> None:
    """A lead's id that Zoho cannot have is refused, also where every loss is allowed."""
    sandbox = box()
    for policy in ("raise", "report", "ignore"):
        with pytest.raises(UsageError, match="lead_id"):
            client(sandbox).convert(request(odd), on_loss=policy)
    assert sent(sandbox) == []


# --- unknown ---------------------------------------------------------------------------------------------------------

AFTER = ("reset", "truncated", "timeout", "fin", "bad_utf8", "500", "502", "redirect")
LACKS = ("data", "data.0.details", "data.0.details.Contacts", "data.0.details.Deals", "data.0.details.Contacts.id")


@pytest.mark.parametrize("version", ["v2", "v8"])
@pytest.mark.parametrize("what", AFTER)
def test_lost_reply_is_settled(version: str, what: str) -> None:
    """The conversion was committed and its reply lost: the probe finds it, and nothing is sent a second time."""
    sandbox = box(Fault(what=what, operation=CONVERT, when="after", count=1))
    lead = put(sandbox)
    made = client(sandbox, version).convert(request(lead, company=Match("Acme"), deal=DEAL))
    assert held(sandbox, "Deals", made.deal.id)["Deal_Name"] == "Pilot"
    assert held(sandbox, "Leads", lead)["$converted_detail"]["contact"] == made.contact.id
    assert (conversions(sandbox), count(sandbox, "Accounts"), count(sandbox, "Contacts")) == (1, 1, 1)
    assert sent(sandbox).count("convert_lead") == 1


@pytest.mark.parametrize("key", LACKS)
def test_reply_without_what_is_promised_is_settled(key: str) -> None:
    """A 200 without the contact, its id, or the deal that was asked for is no success; the lead tells the ids."""
    sandbox = box(Fault(what="missing", operation=CONVERT, key=key, count=1))
    lead = put(sandbox)
    made = client(sandbox).convert(request(lead, company=NewCompany(), deal=DEAL))
    assert None not in outcome(made)
    assert sent(sandbox).count("convert_lead") == 1
    assert sent(sandbox).count("get_lead") >= 1


@pytest.mark.parametrize("key", ["data.0.Contacts", "data.0.Deals"])
def test_old_reply_without_what_is_promised_is_settled(key: str) -> None:
    """The same for the bare ids of v2."""
    sandbox = box(Fault(what="missing", operation=CONVERT, key=key, count=1))
    made = client(sandbox, "v2").convert(request(put(sandbox), company=NewCompany(), deal=DEAL))
    assert None not in outcome(made)
    assert sent(sandbox).count("convert_lead") == 1


@pytest.mark.parametrize("what", ["lost", "500"])
def test_lost_request_is_sent_once_more(what: str) -> None:
    """Not committed: found nowhere after the quiet period, it is sent again, and what came before it is not."""
    fault = Fault(what=what, operation=CONVERT, count=1, when="before")
    sandbox = box(fault)
    lead = put(sandbox)
    made = client(sandbox).convert(request(lead, company=NewCompany(name="Acme"), deal=DEAL))
    assert held(sandbox, "Accounts", made.company.id)["Account_Name"] == "Acme"
    assert sent(sandbox).count("create_account") == 1
    assert sent(sandbox).count("convert_lead") == 2
    assert (conversions(sandbox), count(sandbox, "Accounts")) == (1, 1)


def test_late_commit_is_waited_out() -> None:
    """The commit comes a minute after the timeout: the quiet period is longer, and one conversion is there."""
    sandbox = box(Fault(what="late_commit", operation=CONVERT, count=1))
    made = client(sandbox).convert(request(put(sandbox), company=NewCompany(), deal=DEAL))
    assert made.contact.id is not None
    assert conversions(sandbox) == 1
    assert sent(sandbox).count("convert_lead") == 1


def test_unknown_is_raised_without_waiting() -> None:
    """With ``wait=False`` the caller is told at once, and can resolve the lead."""
    sandbox = box(Fault(what="reset", operation=CONVERT, count=1))
    lead = put(sandbox)
    zoho = client(sandbox)
    before = sandbox.clock.now()
    with pytest.raises(OutcomeUnknownError) as caught:
        zoho.convert(request(lead, company=NewCompany()), wait=False)
    assert caught.value.step == "convert"
    assert sandbox.clock.now() - before < 60
    assert zoho.resolve(lead) is not None


@pytest.mark.parametrize("what", ["reset", "truncated", "500", "missing"])
@pytest.mark.parametrize("operation", ["create_account", "update_lead"])
def test_unknown_write_before_ends_it(what: str, operation: str) -> None:
    """An account or a change whose fate is unknown ends the conversion: no second write after it."""
    key = "data.0.details.id" if operation == "create_account" else "data"
    sandbox = box(Fault(what=what, operation=f"zoho.{operation}", key=key if what == "missing" else "", count=1))
    lead = put(sandbox)
    asked = NewCompany(name="Acme") if operation == "create_account" else Nothing()
    with pytest.raises(OutcomeUnknownError) as caught:
        client(sandbox).convert(request(lead, company=asked))
    assert caught.value.step == "before"
    assert sent(sandbox) == [operation]
    assert conversions(sandbox) == 0


@pytest.mark.parametrize("operation", ["create_account", "convert_lead"])
@pytest.mark.parametrize("what", ["429", "401", "refused", "dns", "tls"])
def test_refused_for_now_is_sent_again(operation: str, what: str) -> None:
    """Refused before anything was done: sent again, and done once. A token that ended is nothing we can renew here."""
    sandbox = box(Fault(what=what, operation=f"zoho.{operation}", count=1, when="before"))
    lead = put(sandbox)
    asked = request(lead, company=NewCompany(name="Acme"))
    if what == "401":
        with pytest.raises(CredentialsError):
            client(sandbox).convert(asked)
        assert conversions(sandbox) == 0
        return
    client(sandbox).convert(asked)
    assert (conversions(sandbox), count(sandbox, "Accounts")) == (1, 1)


# --- pending ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v2", "v3", "v8"])
def test_scheduled_and_done(version: str) -> None:
    """A 202 with a job: the lead is asked until it is converted; an unknown job does not end the waiting."""
    sandbox = box(Fault(what="202", operation=CONVERT, count=1))
    lead = put(sandbox)
    made = client(sandbox, version).convert(request(lead, company=NewCompany(), deal=DEAL))
    assert None not in outcome(made)
    assert conversions(sandbox) == 1
    assert sent(sandbox).count("convert_lead") == 1
    assert ("get_mass_convert" in sent(sandbox)) == (version == "v8")


def test_scheduled_account_is_unknown() -> None:
    """A 202 for the account before it is not waited for: the caller has the job's id, and nothing is converted."""
    sandbox = box(Fault(what="202", operation="zoho.create_account", count=1))
    with pytest.raises(OutcomeUnknownError) as caught:
        client(sandbox).convert(request(put(sandbox), company=NewCompany(name="Acme")))
    assert caught.value.job_id is not None
    assert conversions(sandbox) == 0


# --- conversions that happened ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_every_conversion_is_listed_once(version: str) -> None:
    """The list has each converted lead of the demo account, with what it became; each page has the newest first."""
    sandbox = Sandbox(vendors=["zoho"])
    found = list(client(sandbox, version).iter_conversions())
    truth = {lead["id"]: lead for _, lead in sandbox.store("zoho").iterate("Leads") if lead.get("$converted")}
    assert len(found) == len(truth) == 40
    for made in found:
        detail = truth[made.lead_id or ""]["$converted_detail"]
        assert outcome(made) == (detail["contact"], detail["account"], detail["deal"])
    times = [made.converted_at for made in found]
    assert times == sorted(times, reverse=True)  # type: ignore[type-var]  # all of them have one


@pytest.mark.parametrize("version", ["v3", "v8"])
def test_beyond_two_thousand(version: str) -> None:
    """Pages are counted to 2,000 conversions; then the token leads on, and none is missed or told twice."""
    sandbox = box()
    for place in range(2_150):
        _converted(sandbox, str(place))
    found = [made.lead_id for made in client(sandbox, version).iter_conversions()]
    assert len(found) == len(set(found)) == 2_150
    assert sent(sandbox).count("list_leads") == 11


def test_no_list_ends_unsaid() -> None:
    """v2 has no token: Zoho refuses the eleventh page, and that is raised rather than taken for the end."""
    sandbox = box()
    for place in range(2_001):
        _converted(sandbox, str(place))
    with pytest.raises(InvalidRequestError):
        list(client(sandbox, "v2").iter_conversions())


def test_stops_without_fetching_more() -> None:
    """Whoever takes one conversion causes one call."""
    sandbox = box()
    for place in range(401):
        _converted(sandbox, str(place))
    next(client(sandbox).iter_conversions())
    assert sent(sandbox) == ["list_leads"]


def _converted(sandbox: Sandbox, contact: str) -> str:
    detail = {"contact": contact, "account": None, "deal": None, "convert_date": "2026-01-01", "converted_by": "1"}
    marks: dict[str, Any] = {"$converted": True, "$converted_detail": detail}
    return put(sandbox, **marks)


def test_conversions_by_what_they_made() -> None:
    """By lead, contact, company, deal and time; what does not fit is left out."""
    sandbox = box()
    zoho = client(sandbox)
    first, second = put(sandbox), put(sandbox, Company="Acme")
    made = zoho.convert(request(first, company=NewCompany(), deal=DEAL))
    sandbox.clock.sleep(3_600)
    later = zoho.convert(request(second, company=NewCompany()))
    between = dt.datetime.fromtimestamp(sandbox.clock.now() - 1_800, dt.UTC)

    def found(**asked: Any) -> list[str | None]:
        return [one.lead_id for one in zoho.iter_conversions(ConversionQuery(**asked))]

    assert found() == [second, first]
    assert found(lead_id=first) == found(contact_id=made.contact.id) == found(deal_id=made.deal.id) == [first]
    assert found(company_id=later.company.id) == found(since=between) == [second]
    assert found(lead_id=first, since=between) == found(contact_id="1") == found(lead_id="5") == []


def test_date_alone_is_no_moment() -> None:
    """Where only a date is told, it is not known when: a settled conversion must not look older than it is."""
    sandbox = box()
    found = client(sandbox).resolve(_converted(sandbox, "7"))
    assert found is not None
    assert (found.contact.id, found.converted_at) == ("7", None)


def test_lead_that_is_not_converted() -> None:
    """Neither the lead with the flag nor the list of converted ones has it."""
    sandbox = box()
    assert client(sandbox).resolve(put(sandbox)) is None
    assert client(sandbox).resolve("12345") is None
    assert sent(sandbox) == ["get_lead", "list_leads"] * 2


# --- preview ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_preview(version: str) -> None:
    """Who has the e-mail address, and the account of the name; before v5 by searches, which is said."""
    sandbox = box()
    contact, account, lead = (
        put(sandbox, "Contacts", Email="IDA@zylker.example"),
        put(sandbox, "Accounts"),
        put(sandbox),
    )
    zoho = client(sandbox, version)
    found = zoho.preview(lead)
    assert [one.id for one in found.contacts] == [contact]
    assert [one.id for one in found.companies] == [account]
    assert ("preview" in zoho._operations.composed) == (version in {"v2", "v2.1", "v3", "v4"})


@pytest.mark.parametrize("version", ["v4", "v8"])
def test_preview_of_nothing(version: str) -> None:
    """Nothing looks like the lead: a 204, which is no error."""
    sandbox = box()
    found = client(sandbox, version).preview(put(sandbox))
    assert (found.contacts, found.companies, found.deals) == ((), (), ())


def test_preview_of_a_converted_lead() -> None:
    """There is nothing to choose any more, and it says so."""
    sandbox = box()
    with pytest.raises(AlreadyConvertedError):
        client(sandbox).preview(_converted(sandbox, "7"))


def test_names_are_what_the_reply_says() -> None:
    """From v3 on the reply names the records too."""
    sandbox = box()
    made = client(sandbox).convert(request(put(sandbox), company=NewCompany(), deal=DEAL))
    assert isinstance(made.company, Present)
    assert (made.contact.name, made.company.name, made.deal.name) == ("Ida Daly", "Zylker", "Pilot")
    assert made.company.record.__class__.__name__ == "Company"
    assert Ref(made.company.id) == Ref(made.company.id, "Zylker")
