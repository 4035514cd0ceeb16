"""Reading, finding and writing Zoho's records through the client, and what the account has to choose from."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.operations.zoho_account import VERSIONS, box, client, company, contact, count, held, lead, put, sent

from leadlens.conversion import UpsertRequest, UpsertResult
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    AmbiguousMatchError,
    DuplicateError,
    InvalidRequestError,
    LossError,
    NotFoundError,
    OutcomeUnknownError,
    TryLaterError,
    UsageError,
    VendorError,
)
from leadlens.model import CustomField, Deal, Email, Lead, PersonName, Ref
from leadlens.operations import Query
from leadlens.sandbox import Sandbox

MODULES = {"lead": "Leads", "contact": "Contacts", "company": "Accounts", "deal": "Deals"}
UPSERT = "zoho.upsert_lead"


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", MODULES)
def test_every_record_is_listed_as_it_is_read(version: str, kind: str) -> None:
    """A list names the fields that it wants, the account's own too, and so shows what reading one record shows."""
    sandbox = Sandbox(vendors=["zoho"])
    zoho = client(sandbox, version)
    listed = {one.id: one for one in zoho.iter_records(kind)}
    truth = {one["id"] for _, one in sandbox.store("zoho").iterate(MODULES[kind]) if not one.get("$converted")}
    assert set(listed) == truth
    for identity in sorted(truth)[:3] + sorted(truth)[-3:]:
        assert zoho.get(kind, identity) == listed[identity]


def test_converted_leads_are_shown_on_request() -> None:
    """Without a word the open ones, with ``converted`` the ones or the others; ``get`` finds both."""
    sandbox = Sandbox(vendors=["zoho"])
    zoho = client(sandbox)
    done = [one.id for one in zoho.iter_records("lead", Query(converted=True))]
    left = [one.id for one in zoho.iter_records("lead", Query(converted=False))]
    assert (len(done), len(left)) == (40, 201)
    found = zoho.get("lead", done[0] or "")
    assert isinstance(found, Lead)
    assert found.converted_to is not None


def test_get_nothing() -> None:
    """A 204 is no record; so is an id of another kind."""
    sandbox = box()
    account = put(sandbox, "Accounts")
    for kind in MODULES:
        if kind != "company":
            with pytest.raises(NotFoundError):
                client(sandbox).get(kind, account)


def test_unknown_kind() -> None:
    """A kind that does not exist is named before anything is sent."""
    sandbox = box()
    for ask in (lambda: client(sandbox).get("note", "1"), lambda: client(sandbox).search("note", Query())):
        with pytest.raises(UsageError, match="note"):
            ask()
    assert sent(sandbox) == []


@pytest.mark.parametrize("version", ["v3", "v8"])
def test_list_beyond_two_thousand(version: str) -> None:
    """Pages are counted to 2,000 records, then the token leads on; the fields are looked up once."""
    sandbox = box()
    with sandbox.world("zoho") as world:
        from leadlens_zoho.sandbox.shape import made

        for place in range(2_201):
            made(world, "Accounts", {"Account_Name": f"Firm {place}"})
    found = [one.id for one in client(sandbox, version).iter_records("company")]
    assert len(found) == len(set(found)) == 2_201
    assert sent(sandbox) == ["list_fields", *["list_accounts"] * 12]


def test_more_fields_than_a_call_takes() -> None:
    """A lead has more fields than the fifty of a call: further calls bring the rest, by the ids of the first."""
    sandbox = box()
    numbers = [put(sandbox, Shoe_Size=str(place)) for place in range(150)]
    found: dict[str | None, Any] = {one.id: one for one in client(sandbox).iter_records("lead")}
    assert set(found) == set(numbers)
    sizes = {f.value for one in found.values() for f in one.custom_fields if f.definition.name == "Shoe_Size"}
    assert sizes == {str(place) for place in range(150)}
    assert sent(sandbox) == ["list_fields", "list_leads", "list_leads", "list_leads"]


@pytest.mark.parametrize("place", ["", "x", "page=a", "page=", "https://elsewhere.invalid/"])
def test_odd_place(place: str) -> None:
    """A place is what a page named as its next, nothing else."""
    sandbox = box()
    with pytest.raises(UsageError, match="place"):
        client(sandbox).search("lead", Query(), place)
    assert sent(sandbox) == []


def test_old_token() -> None:
    """A token holds for a day; after it the list is refused and does not begin anew."""
    sandbox = box()
    for _ in range(2_001):
        put(sandbox)
    zoho = client(sandbox)
    place: str | None = None
    for _ in range(10):
        place = zoho.search("lead", Query(), place).next
    sandbox.clock.sleep(2 * 86_400)
    with pytest.raises(InvalidRequestError):
        zoho.search("lead", Query(), place)


# --- finding ---------------------------------------------------------------------------------------------------------


def _found(sandbox: Sandbox, kind: str, version: str = "v8", **asked: Any) -> list[str | None]:
    return [one.id for one in client(sandbox, version).iter_records(kind, Query(**asked))]


@pytest.mark.parametrize("version", VERSIONS)
def test_search(version: str) -> None:
    """By each condition and by all at once; names exactly, e-mail addresses without regard to case."""
    sandbox = box()
    one = put(sandbox, Email="Ida@Zylker.example", Mobile="+1 (555) 0100", Shoe_Size="41", Newsletter=True)
    two = put(sandbox, First_Name="IDA", Secondary_Email="ida@zylker.example", Email="other@zylker.example")
    put(sandbox, Last_Name="Else", Email="else@zylker.example", Billing_Email="ida@zylker.example")
    size = CustomField(definition=Ref(None, "Shoe_Size"), value="41")
    news = CustomField(definition=Ref(None, "Newsletter"), value=True)
    assert _found(sandbox, "lead", version, name="Ida Daly") == [one]
    assert set(_found(sandbox, "lead", version, email="IDA@zylker.example")) == {one, two}
    assert _found(sandbox, "lead", version, phone="+1 (555) 0100") == [one]
    assert _found(sandbox, "lead", version, custom=size) == _found(sandbox, "lead", version, custom=news) == [one]
    both = {"name": "IDA Daly", "email": "ida@zylker.example"}
    assert _found(sandbox, "lead", version, **both) == [two]
    assert _found(sandbox, "lead", version, **both, custom=size) == []
    assert _found(sandbox, "lead", version, ids=(one, two), name="Ida Daly") == [one]
    assert _found(sandbox, "lead", version, ids=(one, two), custom=size) == [one]


@pytest.mark.parametrize("name", ["Acme (West), Inc.", "back\\slash", "a:b", "Müller & Söhne", "x) or (id:equals:1"])
def test_search_by_odd_names(name: str) -> None:
    """Signs that criteria are made of are kept apart from them."""
    sandbox = box()
    put(sandbox, "Accounts")
    account = put(sandbox, "Accounts", Account_Name=name)
    assert _found(sandbox, "company", name=name) == [account]


def test_search_by_many_ids() -> None:
    """More ids than a call can name: a hundred at a time, and each record once."""
    sandbox = box()
    ids = tuple(put(sandbox, "Accounts") for _ in range(205))
    assert set(_found(sandbox, "company", ids=ids)) == set(ids)
    assert sent(sandbox).count("list_accounts") == 3


def test_search_by_time() -> None:
    """The list is read from the newest change on, and no further than the time that is asked for."""
    sandbox = box()
    for _ in range(450):
        put(sandbox, "Accounts")
    sandbox.clock.sleep(3_600)
    since = dt.datetime.fromtimestamp(sandbox.clock.now() - 60, dt.UTC)
    new = {put(sandbox, "Accounts") for _ in range(3)}
    assert set(_found(sandbox, "company", modified_since=since)) == new
    assert sent(sandbox).count("list_accounts") == 1
    assert _found(sandbox, "company", name="Zylker", modified_since=since + dt.timedelta(hours=1)) == []


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("company", {"email": "a@b.example"}), ("deal", {"phone": "1"}), ("deal", {"converted": True}),
     ("lead", {"custom": CustomField(definition=Ref("5"), value=1)}), ("lead", {"ids": ("1,2",)})],
)  # fmt: skip
def test_search_that_cannot_be_meant(kind: str, asked: dict[str, Any]) -> None:
    """What Zoho has no field for is said, instead of an empty list."""
    with pytest.raises(UsageError):
        _found(box(), kind, **asked)


# --- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_upsert_creates_then_updates(version: str) -> None:
    """Zoho tells which of the two it did, and by which field it found the record."""
    sandbox = box()
    zoho = client(sandbox, version)
    first = zoho.upsert(lead("ida@zylker.example"))
    second = zoho.upsert(lead("ida@zylker.example", "Doe"))
    assert (first.outcome, second.outcome) == ("created", "updated")
    assert (first.matched_by, second.matched_by) == (None, "email")
    assert first.id == second.id
    assert held(sandbox, "Leads", first.id)["Last_Name"] == "Doe"
    assert count(sandbox, "Leads") == 1


@pytest.mark.parametrize(("request_", "module"), [(contact("a@b.example"), "Contacts"), (company("Acme"), "Accounts")])
def test_upsert_of_other_kinds(request_: UpsertRequest, module: str) -> None:
    """The result holds a record of the kind that was asked for, with its id and its times."""
    sandbox = box()
    result = client(sandbox).upsert(request_)
    assert result.record.__class__ is request_.record.__class__
    assert held(sandbox, module, result.id)["Created_Time"][:10] == result.record.created_at.date().isoformat()  # type: ignore[union-attr]  # None would fail too


def test_upsert_that_matches_several() -> None:
    """DUPLICATE_DATA names a record: several match, and nothing is written."""
    sandbox = box(switches={"upsert_several": "refused"})
    ids = [put(sandbox) for _ in range(2)]
    with pytest.raises(AmbiguousMatchError) as caught:
        client(sandbox).upsert(lead("ida@zylker.example"))
    assert caught.value.step == "upsert"
    assert caught.value.code == "DUPLICATE_DATA"
    assert set(caught.value.candidates) <= set(ids)
    assert caught.value.candidates


@pytest.mark.parametrize(("switch", "place"), [("oldest", 0), ("newest", 1)])
def test_upsert_that_matches_several_and_says_nothing(switch: str, place: int) -> None:
    """If Zoho just takes one, the result names the one that was changed, and the other stays as it was."""
    sandbox = box(switches={"upsert_several": switch})
    ids = [put(sandbox) for _ in range(2)]
    result = client(sandbox).upsert(lead("ida@zylker.example", "Doe"))
    assert result.id == ids[place]
    assert held(sandbox, "Leads", ids[1 - place])["Last_Name"] == "Daly"


def test_upsert_loss_is_refused_before_anything_is_sent() -> None:
    """A third e-mail address has no place in Zoho."""
    sandbox = box()
    many = tuple(Email(address=f"{name}@b.example") for name in "xyz")
    asked = UpsertRequest(record=Lead(name=PersonName(last="A"), company_name="B", emails=many))
    with pytest.raises(LossError):
        client(sandbox).upsert(asked)
    assert sent(sandbox) == []


@pytest.mark.parametrize("what", ["reset", "truncated", "timeout", "fin", "bad_utf8", "500", "502", "redirect"])
def test_unknown_upsert_is_never_sent_again(what: str) -> None:
    """The record is there and nobody was told: the caller is, and no second one is made."""
    sandbox = box(Fault(what=what, operation=UPSERT, when="after"))
    with pytest.raises(OutcomeUnknownError) as caught:
        client(sandbox).upsert(lead(None))
    assert caught.value.step == "upsert"
    assert sent(sandbox) == ["upsert_lead"]
    assert count(sandbox, "Leads") == 1


@pytest.mark.parametrize("key", ["data", "data.0.details", "data.0.details.id"])
def test_upsert_reply_without_what_is_promised(key: str) -> None:
    """Without the id it is no success."""
    sandbox = box(Fault(what="missing", operation=UPSERT, key=key))
    with pytest.raises(OutcomeUnknownError):
        client(sandbox).upsert(lead("a@b.example"))
    assert sent(sandbox) == ["upsert_lead"]


def test_upsert_reply_without_its_action() -> None:
    """With the id it was done; what was done is not told, and not guessed."""
    sandbox = box(Fault(what="missing", operation=UPSERT, key="data.0.action"))
    result = client(sandbox).upsert(lead("a@b.example"))
    assert result.outcome == "unknown"
    assert held(sandbox, "Leads", result.id)["Email"] == "a@b.example"


def test_scheduled_upsert_is_unknown() -> None:
    """A 202 with a job that nobody can ask is neither done nor refused: it can be settled."""
    sandbox = box(Fault(what="202", operation=UPSERT))
    with pytest.raises(OutcomeUnknownError, match="accepted for later") as caught:
        client(sandbox).upsert(lead("a@b.example"))
    assert caught.value.operation is not None


@pytest.mark.parametrize("what", ["429", "refused"])
def test_upsert_refused_for_now(what: str) -> None:
    """Sent again, done once."""
    sandbox = box(Fault(what=what, operation=UPSERT, count=2))
    client(sandbox).upsert(lead("a@b.example"))
    assert count(sandbox, "Leads") == 1


# --- several ---------------------------------------------------------------------------------------------------------


def test_batch_is_sent_in_hundreds() -> None:
    """250 records in three calls, of ten, ten and five credits; a result for each, in order."""
    sandbox = box()
    zoho = client(sandbox)
    results = zoho.upsert_many(lead(f"{place}@b.example") for place in range(250))
    assert sent(sandbox) == ["upsert_lead"] * 3
    for place, result in enumerate(results):
        assert isinstance(result, UpsertResult)
        assert held(sandbox, "Leads", result.id)["Email"] == f"{place}@b.example"
    again = zoho.upsert_many([lead("7@b.example"), lead("new@b.example")])
    assert [one.outcome for one in again if isinstance(one, UpsertResult)] == ["updated", "created"]


@pytest.mark.parametrize("version", VERSIONS)
def test_batch_of_several_kinds(version: str) -> None:
    """Kinds and keys that do not go together are sent apart, in order."""
    sandbox = box()
    asked = [lead("a@b.example"), lead("b@b.example"), contact("c@b.example"), company("Acme"), lead("d@b.example")]
    results = client(sandbox, version).upsert_many(asked)
    assert sent(sandbox) == ["upsert_lead", "upsert_contact", "upsert_account", "upsert_lead"]
    kinds = [one.record.__class__ for one in results if isinstance(one, UpsertResult)]
    assert kinds == [one.record.__class__ for one in asked]


def test_batch_with_refused_records() -> None:
    """A 207: each record has its own answer, and where in the call the refusal was."""
    sandbox = box(switches={"upsert_several": "refused"})
    for _ in range(2):
        put(sandbox)
    results = client(sandbox).upsert_many([lead("a@b.example"), lead("ida@zylker.example"), lead("c@b.example")])
    assert [type(one) for one in results] == [UpsertResult, AmbiguousMatchError, UpsertResult]
    refused = results[1]
    assert isinstance(refused, AmbiguousMatchError)
    assert (refused.step, refused.path) == ("upsert", "$.data[1].Email")
    assert refused.candidates


def test_batch_with_all_refused() -> None:
    """A 400: all were refused, each for its own reason."""
    sandbox = box(switches={"upsert_several": "refused"})
    for _ in range(2):
        put(sandbox)
    results = client(sandbox).upsert_many([lead("x" * 120 + "@b.example"), lead("ida@zylker.example")])
    assert [type(one) for one in results] == [InvalidRequestError, AmbiguousMatchError]
    assert [one.path for one in results if isinstance(one, VendorError)] == ["$.data[0].Email", "$.data[1].Email"]


@pytest.mark.parametrize("what", ["reset", "truncated", "500", "missing"])
def test_batch_stops_after_an_unknown_call(what: str) -> None:
    """What was in the call is unknown, what came after it was not sent, what came before it is done."""
    key = {"key": "data"} if what == "missing" else {}
    sandbox = box(Fault(what=what, operation=UPSERT, nth=2, when="after", **key))  # type: ignore[arg-type]  # the options of a fault by name
    results = client(sandbox).upsert_many(lead(f"{place}@b.example") for place in range(250))
    assert [type(one) for one in results[:100]] == [UpsertResult] * 100
    assert [type(one) for one in results[100:200]] == [OutcomeUnknownError] * 100
    assert [type(one) for one in results[200:]] == [TryLaterError] * 50
    assert sent(sandbox) == ["upsert_lead"] * 2
    assert count(sandbox, "Leads") == 200


def test_batch_with_one_item_unclear() -> None:
    """One item of a reply without its id: that record is unknown, the others are done."""
    sandbox = box(Fault(what="missing", operation=UPSERT, key="data.1.details.id"))
    results = client(sandbox).upsert_many(lead(f"{place}@b.example") for place in range(3))
    assert [type(one) for one in results] == [UpsertResult, OutcomeUnknownError, UpsertResult]


def test_batch_losses_name_the_record() -> None:
    """A loss says in which of the records it would be, and nothing is sent."""
    sandbox = box()
    deal = UpsertRequest(record=Deal(name="Pilot", stage=Ref(None, "Qualification"), priority="high"))
    with pytest.raises(LossError) as caught:
        client(sandbox).upsert_many([lead("a@b.example"), deal])
    assert {loss.path for loss in caught.value.losses if loss.level != "note"} == {"[1].record.priority"}
    assert sent(sandbox) == []


def test_batch_of_nothing() -> None:
    """No records, no call."""
    sandbox = box()
    assert client(sandbox).upsert_many([]) == ()
    assert sent(sandbox) == []


def test_duplicate_error_is_a_duplicate() -> None:
    """Who catches duplicates catches ambiguity too."""
    assert issubclass(AmbiguousMatchError, DuplicateError)


# --- choices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_choices(version: str) -> None:
    """What the account has to point to; options of a field by their name, as records have them."""
    sandbox = Sandbox(vendors=["zoho"])
    zoho = client(sandbox, version)
    users = {one["id"] for _, one in sandbox.store("zoho").iterate("user")}
    assert {one.ref.id for one in zoho.choices("user")} == users
    assert zoho.choices("pipeline")[0].ref == Ref(None, "Standard (Standard)")
    stages = {one.ref for one in zoho.choices("stage")}
    deals = [one for one in zoho.iter_records("deal") if isinstance(one, Deal)]
    assert {deal.stage for deal in deals} <= stages
    assert Ref(None, "Contacted") in {one.ref for one in zoho.choices("status")}
    assert Ref(None, "Trade Show") in {one.ref for one in zoho.choices("source")}
    assert "Decision Maker" in {one.ref.name for one in zoho.choices("contact_role")}
    assert all(one.ref.id for one in zoho.choices("contact_role"))
    assert {"tag1", "tag2"} <= {one.ref.name for one in zoho.choices("tag")}


def test_no_tags() -> None:
    """A 204 is an empty list."""
    assert client(box()).choices("deal_tag") == ()


def test_users_are_paged() -> None:
    """More than one page of users."""
    sandbox = box()
    with sandbox.world("zoho") as world:
        from leadlens_zoho.sandbox.demo import add_user

        for place in range(250):
            add_user(world, "Ida", f"Doe{place}", "Standard", "active")
    found = client(sandbox).choices("user")
    assert len({one.ref.id for one in found}) == len(found) >= 250


def test_unknown_choice() -> None:
    """A kind that Zoho does not have is named, with those that it has."""
    with pytest.raises(UsageError, match="contact_role"):
        client(box()).choices("contact_type")
