"""The client: intents are honoured or refused before anything is sent, and nothing is ever done twice."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import attrs
import pytest

import leadlens
from leadlens import ConvertRequest, Created, Match, NewDeal, NoRecord, Nothing, Sandbox, VendorDefault
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import Conversion, MatchKey, UpsertRequest, UpsertResult
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    AlreadyConvertedError,
    AmbiguousMatchError,
    LossError,
    NotFoundError,
    OutcomeUnknownError,
    TryLaterError,
    UsageError,
)
from leadlens.http.driver import Sent
from leadlens.model import Company, Contact, Deal, Email, Lead, Money, PersonName
from leadlens.operations import Query
from leadlens.settle import Operation, Settler

LEAD = "1"
PILOT = ConvertRequest(lead_id=LEAD, deal=NewDeal(name="Pilot", value=Money("100", "EUR")))
PLAIN = ConvertRequest(lead_id=LEAD)


def box(**options: Any) -> Sandbox:
    """Return an emulated Base account alone."""
    return Sandbox(vendors=["base"], **options)


def base(sandbox: Sandbox, **options: Any) -> Client:
    return connect("base", sandbox=sandbox, **options)


def conversions(sandbox: Sandbox) -> int:
    """Return how many conversions calls have made, by the sandbox's own truth."""
    return sum(1 for change in sandbox.truth.changes("base", "lead", "converted") if change.sequence)


@pytest.mark.parametrize("name", ["base", "copper", "zoho"])
def test_records_of_each_kind(name: str) -> None:
    """Each kind has a way to get one and to go through all, of its own class."""
    with Sandbox() as sandbox, connect(name, sandbox=sandbox) as client:
        ways: Any = {
            Lead: (client.iter_leads, client.get_lead),
            Contact: (client.iter_contacts, client.get_contact),
            Company: (client.iter_companies, client.get_company),
            Deal: (client.iter_deals, client.get_deal),
        }
        for kind, (every, one) in ways.items():
            found = list(every())
            assert {type(record) for record in found} == {kind}
            assert one(found[0].id).id == found[0].id
            last = Query(ids=(found[-1].id,))
            assert [record.id for record in every(last)] == [found[-1].id]


def test_a_conversion_is_made_and_told() -> None:
    """What was asked for is there: contact, company, and the deal with what the convert itself cannot take."""
    with box() as sandbox, base(sandbox) as client:
        made = client.convert(PILOT)
        assert isinstance(made.deal, Created)
        assert made.open == ()
        deal = client.get("deal", made.deal.id or "")
        assert (deal.name, getattr(deal, "value", None)) == ("Pilot", Money("100", "EUR"))
        assert client.resolve(LEAD) == made
        assert conversions(sandbox) == 1


def test_nothing_is_said_and_no_deal_is_made() -> None:
    """A request that says nothing of a deal makes none; the CRM's own default has to be asked for."""
    with box() as sandbox, base(sandbox) as client:
        assert isinstance(client.convert(PLAIN).deal, NoRecord)
        asked = ConvertRequest(lead_id="2", deal=VendorDefault())
        assert isinstance(client.convert(asked, allow=("reason:defaulted",)).deal, Created)


def test_what_cannot_be_honoured_is_refused_before_the_first_byte() -> None:
    """A loss that is not allowed is raised, and nothing was sent but the reading of the lead."""
    wish = ConvertRequest(lead_id=LEAD, company=Match("Acme"))
    with box() as sandbox, base(sandbox) as client:
        with pytest.raises(LossError, match="Base makes a new company"):
            client.convert(wish)
        assert {entry.method for entry in sandbox.truth.entries()} <= {"GET"}
        assert client.convert(wish, allow=("company",)).company.outcome == "created"


def test_a_plan_sends_nothing() -> None:
    """A plan shows the calls, the losses and what they cost."""
    with box() as sandbox, base(sandbox) as client:
        plan = client.plan(PILOT)
        assert [call.name for call in plan.calls] == ["convert", "deal"]
        assert (plan.requests, plan.credits) == (2, 2)
        assert not sandbox.truth.entries()


def test_a_request_names_its_lead() -> None:
    """Without a lead there is nothing to convert."""
    with box() as sandbox, base(sandbox) as client, pytest.raises(UsageError, match="which lead"):
        client.convert(ConvertRequest())


UNKNOWN = ["reset", "truncated", "500", "502", "fin", "bad_utf8"]


@pytest.mark.parametrize("what", UNKNOWN)
def test_an_unknown_outcome_is_settled(what: str) -> None:
    """After the commit the reply is lost: waiting and probing finds the conversion, and there is one."""
    fault = Fault(what=what, when="after", operation="base.convert_lead", nth=1)
    with box(faults=[fault]) as sandbox, base(sandbox) as client:
        before = sandbox.clock.now()
        made = client.convert(PLAIN)
        assert made.contact.outcome == "created"
        assert conversions(sandbox) == 1
        assert sandbox.clock.now() - before >= 210


def test_an_unknown_outcome_can_be_raised_at_once() -> None:
    """With wait=False the caller decides; settle finds what happened."""
    fault = Fault(what="reset", when="after", operation="base.convert_lead", nth=1)
    with box(faults=[fault]) as sandbox, base(sandbox) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.convert(PLAIN, wait=False)
        assert caught.value.step == "convert"
        assert client.settle(LEAD).lead_id == LEAD
        assert conversions(sandbox) == 1


def test_nobody_sends_again_what_may_be_done() -> None:
    """Where a CRM does not refuse a second conversion, not found is for a person to decide: one POST was sent."""
    fault = Fault(what="lost", operation="base.convert_lead", nth=1)
    with box(faults=[fault]) as sandbox, base(sandbox) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.convert(PLAIN)
        assert caught.value.code == "not_found"
        assert conversions(sandbox) == 0
        assert len(sandbox.truth.entries(operation="base.convert_lead")) == 1


def test_a_late_commit_is_waited_for() -> None:
    """A CRM that commits two minutes after the deadline is found to have done so; there is no second conversion."""
    fault = Fault(what="late_commit", operation="base.convert_lead", nth=1, seconds=120.0)
    with box(faults=[fault]) as sandbox, base(sandbox) as client:
        assert client.convert(PLAIN).contact.outcome == "created"
        assert conversions(sandbox) == 1


def test_a_second_conversion_is_refused_by_us() -> None:
    """Where the CRM would convert a lead again, the conversion that is there is told, and nothing is sent."""
    with box() as sandbox, base(sandbox) as client:
        first = client.convert(PLAIN)
        with pytest.raises(AlreadyConvertedError) as caught:
            client.convert(PILOT)
        assert caught.value.conversion == first
        assert conversions(sandbox) == 1


def settler(found: Any) -> Settler:
    """Return a settler whose probe gives ``found``, or raises it."""

    def run(_: Any) -> Any:
        if isinstance(found, Exception):
            raise found
        return found

    return Settler(run=run, probe=lambda _: iter(()), now=lambda: 0.0, sleep=lambda _: None, quiet=0.0, again=False)  # type: ignore[arg-type, return-value]  # a probe that is never asked


UNSURE = OutcomeUnknownError("base", status=500)
SENT = Operation(kind="convert", request=ConvertRequest(lead_id="1"), sent_at=0.0, sent_wall=1_800_000_000.0)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (AmbiguousMatchError("base", status=200), "several_conversions"),
        (NotFoundError("base", status=404), "probe_failed"),
        (Conversion(converted_at=dt.datetime.fromtimestamp(1_799_999_000, dt.UTC)), "foreign_conversion"),
        (None, "not_found"),
    ],
)
def test_what_a_person_has_to_look_at(found: Any, code: str) -> None:
    """Several conversions, one of before we sent, none where a second is possible: none of these is claimed."""
    with pytest.raises(OutcomeUnknownError) as caught:
        settler(found).settle(SENT, UNSURE)
    assert caught.value.code == code


def test_what_is_found_is_ours() -> None:
    """A conversion of about our time, or of a CRM that does not tell the time, is the one that we sent."""
    recent = Conversion(converted_at=dt.datetime.fromtimestamp(1_799_999_900, dt.UTC))
    assert settler(recent).settle(SENT, UNSURE) is recent
    assert settler(Conversion(id="7")).settle(SENT, UNSURE) == Conversion(id="7")


def test_a_refused_conversion_is_sent_again_by_itself() -> None:
    """429 and a connection that never came about are refusals: the same call goes out again."""
    faults = [
        Fault(what="429", operation="base.convert_lead", nth=1),
        Fault(what="refused", operation="base.convert_lead", nth=2),
    ]
    with box(faults=faults) as sandbox, base(sandbox) as client:
        assert client.convert(PLAIN).contact.outcome == "created"
        assert conversions(sandbox) == 1


def test_patience_ends() -> None:
    """A CRM that refuses for ever is not asked for ever."""
    with box(faults=[Fault(what="refused", operation="base.convert_lead")]) as sandbox, base(sandbox) as client:
        with pytest.raises(TryLaterError, match="did not answer"):
            client.convert(PLAIN)
        assert conversions(sandbox) == 0


def test_a_follow_up_that_fails_stays_open() -> None:
    """The conversion is done and says what is open; settle sends only that, once."""
    with box(faults=[Fault(what="500", operation="base.update_deal", nth=1)]) as sandbox, base(sandbox) as client:
        made = client.convert(PILOT)
        assert [line.partition(":")[0] for line in made.open] == ["deal"]
        done = client.settle(LEAD)
        assert done.open == ()
        assert conversions(sandbox) == 1
        assert getattr(client.get("deal", made.deal.id or ""), "name", None) == "Pilot"


def test_settle_of_nothing() -> None:
    """A lead that was not converted has nothing to settle."""
    with box() as sandbox, base(sandbox) as client, pytest.raises(UsageError, match="has no conversion"):
        client.settle(LEAD)


def test_a_lead_that_is_not_there() -> None:
    """There is no such lead: a refusal, and no conversion to be found for it."""
    with box() as sandbox, base(sandbox) as client, pytest.raises(NotFoundError):
        client.convert(ConvertRequest(lead_id="99999"))


def test_an_unknown_operation_is_settled_by_itself() -> None:
    """The error names the operation, and what came of it is found without another POST."""
    fault = Fault(what="reset", when="after", operation="base.convert_lead", nth=1)
    with box(faults=[fault]) as sandbox, base(sandbox) as client:
        with pytest.raises(OutcomeUnknownError, match="settle") as caught:
            client.convert(PILOT, wait=False)
        assert caught.value.operation is not None
        assert caught.value.operation.lead_id == LEAD
        made = client.settle(caught.value.operation)
        assert isinstance(made, Conversion)
        assert made.deal.outcome == "created"
        assert conversions(sandbox) == 1


def test_what_was_looked_at_is_told() -> None:
    """An outcome that stays unknown says what was looked at; a person who looked too may let it be sent anew."""
    fault = Fault(what="lost", operation="base.convert_lead", nth=1)
    with box(faults=[fault]) as sandbox, base(sandbox) as client:
        with pytest.raises(OutcomeUnknownError, match="had no conversion 210 seconds after") as caught:
            client.convert(PLAIN)
        with pytest.raises(OutcomeUnknownError, match="had no conversion"):
            client.convert(PLAIN)
        assert len(sandbox.truth.entries(operation="base.convert_lead")) == 1
        assert caught.value.operation is not None
        client.release(caught.value.operation)
        assert client.convert(PLAIN).contact.outcome == "created"
        assert conversions(sandbox) == 1


def test_a_released_key_is_sent_anew(tmp_path: Path) -> None:
    """Releasing an operation frees its key too."""
    fault = Fault(what="lost", operation="base.convert_lead", nth=1)
    with box(faults=[fault]) as sandbox, base(sandbox, ledger=tmp_path / "l.db") as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.convert(PLAIN, idempotency_key="k")
        assert caught.value.operation is not None
        client.release(caught.value.operation)
        assert client.convert(PLAIN, idempotency_key="k").contact.outcome == "created"


def test_lists_that_are_behind_do_not_double() -> None:
    """A CRM whose lists are a minute behind converts no lead twice for one process, however many clients it makes."""
    fault = Fault(what="stale_search", operation="*", seconds=59.0)
    with box(faults=[fault]) as sandbox:
        with base(sandbox) as client:
            client.convert(PLAIN)
        with base(sandbox) as client, pytest.raises(AlreadyConvertedError):
            client.convert(PLAIN)
        assert conversions(sandbox) == 1


def test_threads_without_a_key_do_not_double() -> None:
    """Threads that convert one lead at once make one conversion; the others are told of it."""
    found: list[Any] = []

    def work(client: Client) -> None:
        try:
            found.append(client.convert(PLAIN))
        except AlreadyConvertedError as error:
            found.append(error.conversion)

    with box() as sandbox, base(sandbox) as client:
        threads = [threading.Thread(target=work, args=(client,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert conversions(sandbox) == 1
    assert [made.id for made in found] == [found[0].id] * 8


# --- upserts ---------------------------------------------------------------------------------------------------------

ADA = Lead(name=PersonName(first="Ada", last="King"), emails=(Email(address="ada@king.example", category="work"),))
BY_MAIL = UpsertRequest(record=ADA, match=(MatchKey(field="email"),))


def leads(sandbox: Sandbox) -> int:
    """Return how many leads calls have made."""
    return sum(1 for change in sandbox.truth.changes("base", "lead", "created") if change.sequence)


@pytest.mark.parametrize("what", ["reset", "lost"])
def test_an_unknown_upsert_is_settled(what: str) -> None:
    """After its quiet period an upsert is sent once more: it finds what the first one made, or makes it."""
    with box(faults=[Fault(what=what, operation="base.upsert_lead", nth=1)]) as sandbox, base(sandbox) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.upsert(BY_MAIL)
        assert caught.value.operation is not None
        done = client.settle(caught.value.operation)
        assert isinstance(done, UpsertResult)
        assert leads(sandbox) == 1


def test_an_upsert_that_cannot_be_looked_up_is_not_repeated() -> None:
    """Without a query for what it matches by, nobody knows whether it would find what it made."""
    request = attrs.evolve(BY_MAIL, match=(MatchKey(field="organization_name", value="Acme"),))
    with box(faults=[Fault(what="lost", operation="base.upsert_lead")]) as sandbox, base(sandbox) as client:
        with pytest.raises(OutcomeUnknownError, match="might not find by its keys"):
            client.upsert(request, wait=True)
        assert len(sandbox.truth.entries(operation="base.upsert_lead")) == 1


def test_a_second_unknown_upsert_stays_unknown() -> None:
    """It is sent a second time and not a third."""
    with box(faults=[Fault(what="lost", operation="base.upsert_lead")]) as sandbox, base(sandbox) as client:
        with pytest.raises(OutcomeUnknownError, match="unknown again"):
            client.upsert(BY_MAIL, wait=True)
        assert len(sandbox.truth.entries(operation="base.upsert_lead")) == 2


def test_no_upsert_after_a_conversion() -> None:
    """A lead that was converted while its upsert was unknown is not made a second time."""
    with box(faults=[Fault(what="reset", operation="base.upsert_lead", nth=1)]) as sandbox, base(sandbox) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.upsert(BY_MAIL)
        (lead,) = (c for c in sandbox.truth.changes("base", "lead", "created") if c.sequence)
        client.convert(ConvertRequest(lead_id=str(lead.id)))
        assert caught.value.operation is not None
        with pytest.raises(OutcomeUnknownError, match="converted meanwhile"):
            client.settle(caught.value.operation)
        assert leads(sandbox) == 1


def test_a_key_of_an_upsert(tmp_path: Path) -> None:
    """The same key gives the first result again, also after a crash in the middle."""
    fault = Fault(what="reset", operation="base.upsert_lead", nth=1)
    with box(faults=[fault]) as sandbox:
        with base(sandbox, ledger=tmp_path / "l.db") as client, pytest.raises(OutcomeUnknownError):
            client.upsert(BY_MAIL, idempotency_key="u")
        with base(sandbox, ledger=tmp_path / "l.db") as client:
            first = client.upsert(BY_MAIL, idempotency_key="u")
            assert client.upsert(BY_MAIL, idempotency_key="u") == first
            with pytest.raises(UsageError, match="another request"):
                client.upsert(attrs.evolve(BY_MAIL, automations=False), allow=("automations",), idempotency_key="u")
        assert leads(sandbox) == 1


# --- idempotency keys ------------------------------------------------------------------------------------------------


def test_a_key_gives_the_first_outcome_again(tmp_path: Path) -> None:
    """The same key and request: the same conversion, without a call; in the next process too."""
    with box() as sandbox:
        with base(sandbox, ledger=tmp_path / "l.db") as client:
            first = client.convert(PLAIN, idempotency_key="k")
            assert client.convert(PLAIN, idempotency_key="k") == first
        with base(sandbox, ledger=tmp_path / "l.db") as client:
            assert client.convert(PLAIN, idempotency_key="k") == first
        assert conversions(sandbox) == 1


def test_a_key_needs_a_ledger() -> None:
    """Without a ledger a key could not be kept."""
    with box() as sandbox, base(sandbox) as client, pytest.raises(UsageError, match="ledger=FILE"):
        client.convert(PLAIN, idempotency_key="k")


def test_a_crash_before_the_reply_is_settled_by_the_next_process(tmp_path: Path) -> None:
    """The intent was durable before the call left: the next process finds the conversion instead of making another."""
    fault = Fault(what="reset", when="after", operation="base.convert_lead", nth=1)
    with box(faults=[fault]) as sandbox:
        with base(sandbox, ledger=tmp_path / "l.db") as client, pytest.raises(OutcomeUnknownError):
            client.convert(PLAIN, idempotency_key="k", wait=False)
        with base(sandbox, ledger=tmp_path / "l.db") as client:
            assert client.convert(PLAIN, idempotency_key="k").lead_id == LEAD
        assert conversions(sandbox) == 1


def test_a_refusal_frees_the_key(tmp_path: Path) -> None:
    """What was refused was not done: the same key may try again."""
    fault = Fault(what="refused", operation="base.convert_lead")
    with box(faults=[fault]) as sandbox, base(sandbox, ledger=tmp_path / "l.db") as client:
        with pytest.raises(TryLaterError):
            client.convert(PLAIN, idempotency_key="k")
        sandbox.faults.clear()
        assert client.convert(PLAIN, idempotency_key="k").lead_id == LEAD
        assert conversions(sandbox) == 1


def test_threads_share_a_key(tmp_path: Path) -> None:
    """However many threads use one key at once, there is one conversion, and all have its outcome."""
    found: list[Any] = []
    with box() as sandbox, base(sandbox, ledger=tmp_path / "l.db") as client:
        work = [
            threading.Thread(target=lambda: found.append(client.convert(PLAIN, idempotency_key="k"))) for _ in range(8)
        ]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join(30)
        assert conversions(sandbox) == 1
    assert len(found) == 8
    assert len(set(found)) == 1


# --- connecting ------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_named() -> None:
    """Options that an account needs and does not have, or has and does not know, are told."""
    with pytest.raises(UsageError, match="there is no option 'tokn'"):
        connect("base", tokn="x")
    with pytest.raises(leadlens.UnknownAdapterError, match="copper"):
        connect("coper", token="x")


def test_an_account_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of leadlens.toml is connected with what the file says."""
    file = tmp_path / "leadlens.toml"
    file.write_text('[accounts.ours]\nvendor = "base"\nbase_url = "https://base.invalid"\n', "utf-8")
    monkeypatch.setenv("LEADLENS_CONFIG", str(file))
    monkeypatch.setenv("LEADLENS_OURS_TOKEN", "t")
    with connect("ours") as client:
        assert repr(client) == "<leadlens client of Base (Zendesk Sell)>"


def test_a_hook_sees_every_call_and_no_data() -> None:
    """The hook is told the call, its status and how long it took; nothing of the lead."""
    seen: list[Sent] = []
    with box() as sandbox, base(sandbox, hook=seen.append) as client:
        client.convert(ConvertRequest(lead_id=LEAD, deal=Nothing()))
    assert [(sent.name, sent.method, sent.status) for sent in seen][-1] == ("convert", "POST", 200)
    assert all(sent.error is None for sent in seen)


def test_a_call_of_ones_own() -> None:
    """Any endpoint can be called, signed and paced like the others."""
    with box() as sandbox, base(sandbox) as client:
        assert client.call("GET", "/v2/users/self").body["data"]["id"]
        with pytest.raises(NotFoundError):
            client.call("GET", "/v2/nowhere")
