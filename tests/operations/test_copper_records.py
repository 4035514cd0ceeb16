"""Copper's records through a client: reading, searching, upserting, and what the account has set up."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests.operations.copper_account import (
    client,
    convert_raw,
    fed,
    new_lead,
    operations_called,
    put,
    sandbox,
)

from leadlens.client import Client, connect
from leadlens.conversion import MatchKey, UpsertRequest, UpsertResult
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    AmbiguousMatchError,
    InvalidRequestError,
    LossError,
    NotFoundError,
    OutcomeUnknownError,
    UsageError,
    VendorError,
)
from leadlens.flow import Reply
from leadlens.model import Company, Contact, CustomField, Deal, Email, Lead, Money, PersonName, Phone, Record, Ref
from leadlens.operations import Choice, Query
from leadlens.sandbox import Sandbox
from leadlens_copper.operations import operations

__all__ = ["client", "sandbox"]

COPPER = operations()
SCORE, INDUSTRY, NOTES = Ref("100765"), Ref("100767"), Ref("100766")
"""A number, a dropdown and a long text: custom fields of the account; the last cannot be searched."""
NAME, EMAIL, PHONE = MatchKey(field="name"), MatchKey(field="email"), MatchKey(field="phone")


def mail(address: str) -> dict[str, str]:
    return {"email": address, "category": "work"}


def new_person(sandbox: Sandbox, name: str = "Bo Li", address: str = "bo@x.example", **more: Any) -> str:
    return str(put(sandbox, "/people", name=name, emails=[mail(address)], **more)["id"])


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


# --- upserts of leads ------------------------------------------------------------------------------------------------


def lead(name: str = "Ana Souza", address: str | None = "ana@padaria.example", **more: Any) -> Lead:
    emails = (Email(address=address, category="work"),) if address else ()
    return Lead(name=PersonName(full=name), emails=emails, **more)


def upsert(client: Client, record: Record, *match: MatchKey, **more: Any) -> UpsertResult:
    return client.upsert(UpsertRequest(record=record, match=match, **more))


def test_lead_is_created_or_updated_in_one_call(sandbox: Sandbox, client: Client) -> None:
    """Copper does not tell which; the hint is a guess, and says so."""
    first = upsert(client, lead(), EMAIL)
    assert (first.outcome, first.hint) == ("unknown", "looks created: it was never changed since")
    second = upsert(client, lead(title="CEO"), EMAIL)
    assert (second.outcome, second.id, second.hint) == (
        "unknown",
        first.id,
        "looks updated: it was changed after its creation",
    )
    kept = sandbox.store("copper").get("lead", int(first.id or 0))
    assert kept is not None
    assert (sandbox.store("copper").count("lead"), kept["title"]) == (1, "CEO")
    assert operations_called(sandbox) == ["upsert_lead", "upsert_lead"]


def test_lead_is_matched_by_name_or_custom_field(sandbox: Sandbox, client: Client) -> None:
    """A key's own value counts where it differs from the record's."""
    first = upsert(client, lead(custom_fields=(CustomField(definition=SCORE, value=4),)), NAME)
    again = upsert(
        client, lead("Ana Other", custom_fields=(CustomField(definition=SCORE, value=4),)), MatchKey(definition=SCORE)
    )
    renamed = upsert(client, lead("Ana Third"), MatchKey(field="name", value="Ana Other"))
    assert first.id == again.id == renamed.id


@pytest.mark.parametrize("clash", ["sentence", "list"])
@pytest.mark.parametrize(("count", "told"), [(2, 2), (30, 30), (31, 0)])
def test_several_leads_are_told_and_none_is_changed(clash: str, count: int, told: int) -> None:
    """Up to thirty by their ids; of more Copper does not tell them."""
    with Sandbox(data="empty", switches={"copper.upsert_clash": clash}) as sandbox:
        made = [new_lead(sandbox) for _ in range(count)]
        with pytest.raises(AmbiguousMatchError) as caught:
            upsert(connect("copper", sandbox=sandbox), lead(title="CEO"), EMAIL)
        assert caught.value.candidates == (tuple(made) if told else ())
        assert sandbox.truth.changes("copper", "lead", "updated") == []


def test_lead_loses_nothing_unsaid(sandbox: Sandbox, client: Client) -> None:
    """What Copper has no place for is refused before anything is sent."""
    for record, more in ((lead(industry="x"), {}), (lead(), {"automations": False}), (lead(address=None), {})):
        with pytest.raises(LossError):
            upsert(client, record, EMAIL, **more)
    assert operations_called(sandbox) == []


@pytest.mark.parametrize(
    "what", ["reset", "timeout", "fin", "truncated", "500", "502", "202", "late_commit", "redirect"]
)
def test_lost_reply_to_an_upsert_is_never_followed_by_another(sandbox: Sandbox, client: Client, what: str) -> None:
    """It is raised; whoever asks again decides that himself."""
    sandbox.faults.add(Fault(what=what, operation="copper.upsert_lead"))
    with pytest.raises(OutcomeUnknownError) as caught:
        upsert(client, lead(), EMAIL)
    assert (caught.value.step, operations_called(sandbox)) == ("upsert", ["upsert_lead"])
    sandbox.clock.sleep(100)
    assert sandbox.store("copper").count("lead") == 1


@pytest.mark.parametrize("what", ["refused", "429"])
def test_upsert_that_was_not_taken_is_sent_again(sandbox: Sandbox, client: Client, what: str) -> None:
    """Nothing was done by then."""
    sandbox.faults.add(Fault(what=what, operation="copper.upsert_lead", nth=1))
    assert upsert(client, lead(), EMAIL).id is not None
    assert sandbox.store("copper").count("lead") == 1


def test_lead_without_an_id_is_no_result(sandbox: Sandbox, client: Client) -> None:
    """The lead was written, and nobody can say which it is."""
    sandbox.faults.add(Fault(what="missing", operation="copper.upsert_lead", key="id"))
    with pytest.raises(OutcomeUnknownError):
        upsert(client, lead(), EMAIL)


# --- upserts that are composed ---------------------------------------------------------------------------------------


def contact(name: str = "Bo Li", address: str | None = "bo@x.example", **more: Any) -> Contact:
    emails = (Email(address=address, category="work"),) if address else ()
    return Contact(name=PersonName(full=name), emails=emails, **more)


def test_contact_is_found_by_its_address(sandbox: Sandbox, client: Client) -> None:
    """In any case, and among several addresses; the outcome is known since the search is ours."""
    made = upsert(client, contact(), EMAIL)
    assert (made.outcome, made.matched_by) == ("created", None)
    again = upsert(client, contact("Bo Lee", "BO@x.example", title="CEO"), EMAIL)
    assert (again.outcome, again.id, again.matched_by) == ("updated", made.id, "email")
    kept = sandbox.store("copper").get("person", int(made.id or 0))
    assert kept is not None
    assert (kept["name"], kept["title"], sandbox.store("copper").count("person")) == ("Bo Lee", "CEO", 1)
    assert operations_called(sandbox) == [
        "get_person_by_email",
        "create_person",
        "get_person_by_email",
        "update_person",
    ]


def test_keys_count_in_order(sandbox: Sandbox, client: Client) -> None:
    """The first key that finds anything decides."""
    first, second = new_person(sandbox), new_person(sandbox, "Cy Oh", "cy@x.example")
    assert upsert(client, contact("Cy Oh", "new@x.example"), EMAIL, NAME).id == second
    assert upsert(client, contact("Cy Oh"), EMAIL, NAME).id == first
    with pytest.raises(AmbiguousMatchError) as caught:
        upsert(client, contact("Cy Oh", None), NAME)
    assert caught.value.candidates == (first, second)


def test_contact_is_found_by_phone_and_custom_field(sandbox: Sandbox, client: Client) -> None:
    """Their own values, or those of the key."""
    field = CustomField(definition=SCORE, value=4)
    made = upsert(client, contact(phones=(Phone(number="123", category="work"),), custom_fields=(field,)), PHONE)
    for key in (
        PHONE,
        MatchKey(definition=SCORE),
        MatchKey(field="phone", value="123"),
        MatchKey(definition=SCORE, value=4),
    ):
        assert (
            upsert(client, contact(phones=(Phone(number="123", category="work"),), custom_fields=(field,)), key).id
            == made.id
        )


def test_company_and_deal_are_found_by_their_exact_name(sandbox: Sandbox, client: Client) -> None:
    """None creates, one updates, several are an error with their ids; nothing is written then."""
    person = new_person(sandbox)
    deal = {"contact": Ref(person), "value": Money(Decimal(7))}
    for kind, resource, record in (
        ("company", "companies", Company(name="Acme")),
        ("opportunity", "opportunities", Deal(name="Acme", **deal)),
    ):
        more = {} if kind == "company" else {"primary_contact_id": int(person)}
        put(sandbox, f"/{resource}", name="Acme Ltd", **more)
        first, second = upsert(client, record, NAME), upsert(client, record, NAME)
        assert (first.outcome, second.outcome, second.id) == ("created", "updated", first.id)
        twin = put(sandbox, f"/{resource}", name="Acme", **more)["id"]
        changes = len(sandbox.truth.changes("copper", kind))
        with pytest.raises(AmbiguousMatchError) as caught:
            upsert(client, record, NAME)
        assert sorted(caught.value.candidates) == sorted([str(first.id), str(twin)])
        assert len(sandbox.truth.changes("copper", kind)) == changes


def test_match_beyond_the_first_page_is_seen(sandbox: Sandbox, client: Client) -> None:
    """A loose search fills pages with others."""
    twins = [put(sandbox, "/companies", name="Acme")["id"] for _ in range(2)]
    for number in range(200):
        put(sandbox, "/companies", name=f"Acme {number}")
    with pytest.raises(AmbiguousMatchError) as caught:
        upsert(client, Company(name="Acme"), NAME)
    assert sorted(caught.value.candidates) == [str(one) for one in twins]


def test_absent_stays_and_cleared_goes(sandbox: Sandbox, client: Client) -> None:
    """An update writes what is given and null for what is to be cleared; a creation needs no nulls."""
    first = upsert(client, contact(title="CEO", description="d"), EMAIL, clear=("tags",))
    upsert(client, contact(address=None), NAME, clear=("title",))
    kept = sandbox.store("copper").get("person", int(first.id or 0))
    assert kept is not None
    assert (kept["title"], kept["details"], len(kept["emails"])) == (None, "d", 1)


def test_composed_upsert_loses_nothing_unsaid(sandbox: Sandbox, client: Client) -> None:
    """What Copper has no place for is refused before anything is read or sent."""
    requests = (
        UpsertRequest(record=contact(department="x"), match=(EMAIL,)),
        UpsertRequest(record=contact(), match=(EMAIL,), automations=False),
        UpsertRequest(record=contact(address=None), match=(NAME,), clear=("department",)),
        UpsertRequest(record=Deal(name="D"), match=(NAME,)),
        UpsertRequest(record=Deal(name="D", contact=Ref("5")), match=(NAME,), clear=("next_step",)),
        UpsertRequest(record=Contact(emails=(Email(address="a@x.example"),)), match=(EMAIL,), clear=("name",)),
    )
    paths = []
    for request in requests:
        with pytest.raises(LossError) as caught:
            client.upsert(request)
        paths.append({loss.path for loss in caught.value.losses})
    assert paths == [
        {"record.department"},
        {"automations"},
        {"clear"},
        {"record.contact"},
        {"clear"},
        {"record.name", "clear"},
    ]
    assert operations_called(sandbox) == []


def test_what_cannot_be_matched_by_is_said(client: Client) -> None:
    """Which key, and which would do."""
    told = (
        (contact(), (), "say what to match"),
        (contact(address=None), (EMAIL,), "no email"),
        (Company(name="X"), (EMAIL,), "by name, phone"),
        (Deal(name="D", contact=Ref("5")), (PHONE,), "by name or"),
        (Company(name="X"), (MatchKey(definition=SCORE),), "no value"),
        (Company(name="X"), (MatchKey(definition=SCORE, value=("a",)),), "custom field"),
        (Company(name="X"), (NAME, PHONE), "no phone"),
    )
    for record, match, said in told:
        with pytest.raises(UsageError, match=said):
            upsert(client, record, *match)


def test_contact_that_is_there_keeps_its_company(sandbox: Sandbox, client: Client) -> None:
    """The update page says so, and the plan notes it; a new contact goes where it is said."""
    company = str(put(sandbox, "/companies", name="X")["id"])
    new_person(sandbox)
    request = UpsertRequest(record=contact(company=Ref(company)), match=(EMAIL,))
    planned = COPPER.upsert(request)
    assert [(loss.path, loss.level) for loss in planned.losses] == [("record.company", "note")]
    assert [(call.name, call.step) for call in planned.calls] == [("fetch_by_email", "read")]
    found = client.upsert(request).record
    assert isinstance(found, Contact)
    assert found.company is None
    created = upsert(client, contact("Cy", "cy@x.example", company=Ref(company)), EMAIL).record
    assert isinstance(created, Contact)
    assert created.company == Ref(company)


WRITES = ("reset", "timeout", "fin", "truncated", "500", "502", "202", "late_commit", "missing")


@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("kind", ["person", "company", "opportunity"])
def test_lost_reply_to_a_write_is_never_followed_by_another(
    sandbox: Sandbox, client: Client, kind: str, what: str, *, there: bool
) -> None:
    """Neither the same one nor a second look and another write; what was done is done once."""
    person = int(new_person(sandbox, "Ed", "ed@x.example"))
    records = {
        "person": (contact(), "/people", {"emails": [mail("bo@x.example")]}, EMAIL),
        "company": (Company(name="Bo Li"), "/companies", {}, NAME),
        "opportunity": (
            Deal(name="Bo Li", contact=Ref(str(person))),
            "/opportunities",
            {"primary_contact_id": person},
            NAME,
        ),
    }
    record, path, more, key = records[kind]
    if there:
        put(sandbox, path, name="Bo Li", **more)
    before = len(operations_called(sandbox))
    write = f"{'update' if there else 'create'}_{kind}"
    sandbox.faults.add(Fault(what=what, operation=f"copper.{write}", key="id"))
    with pytest.raises(OutcomeUnknownError) as caught:
        upsert(client, record, key)
    sandbox.clock.sleep(100)
    writes = [name for name in operations_called(sandbox)[before:] if name == write]
    assert (len(writes), caught.value.step) == (1, "upsert")
    assert sandbox.store("copper").count(kind) == (2 if kind == "person" else 1)


@pytest.mark.parametrize("what", ["refused", "429"])
def test_write_that_was_not_taken_is_sent_again(sandbox: Sandbox, client: Client, what: str) -> None:
    """Nothing was done by then."""
    sandbox.faults.add(Fault(what=what, operation="copper.create_company", nth=1))
    assert upsert(client, Company(name="X"), NAME).outcome == "created"
    assert sandbox.store("copper").count("company") == 1


def test_search_that_fails_writes_nothing(sandbox: Sandbox, client: Client) -> None:
    """*Unknown* is not *none*."""
    sandbox.faults.add(Fault(what="500", operation="copper.search_companies"))
    with pytest.raises(VendorError):
        upsert(client, Company(name="X"), NAME)
    assert sandbox.store("copper").count("company") == 0


def test_address_in_use_is_refused_where_the_search_is_behind(sandbox: Sandbox, client: Client) -> None:
    """Copper keeps an address with one person, so that no twin comes of a contact that was looked for by name."""
    new_person(sandbox)
    with pytest.raises(InvalidRequestError):
        upsert(client, contact("Other"), NAME)
    assert sandbox.store("copper").count("person") == 1


def test_person_of_another_address_is_no_match() -> None:
    """It is not written over."""
    other = {"id": 5, "name": "Cy", "emails": [mail("cy@x.example")]}
    for body in (other, {"id": 5, "name": "Cy"}, {"name": "Cy", "emails": [mail("bo@x.example")]}, None, []):
        flow = COPPER.upsert(UpsertRequest(record=contact(), match=(EMAIL,))).flow
        with pytest.raises(OutcomeUnknownError):
            fed(flow, Reply(200, {}, body))


def test_update_that_answers_with_another_record_is_unknown() -> None:
    """The id must be that of the match."""
    flow = COPPER.upsert(UpsertRequest(record=Company(name="X"), match=(NAME,))).flow
    with pytest.raises(OutcomeUnknownError):
        fed(flow, Reply(200, {}, [{"id": 5, "name": "X"}]), Reply(200, {}, {"id": 6, "name": "X"}))


def test_what_is_composed_is_said() -> None:
    """Only leads have an upsert of Copper's own."""
    assert {"upsert contact", "upsert company", "upsert deal", "preview", "conversions"} <= COPPER.composed.keys()
