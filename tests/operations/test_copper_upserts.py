"""Upserts in a Copper account: its own for leads, and those that are a search and a write."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.operations.copper_account import (
    COPPER,
    client,
    fed,
    mail,
    new_lead,
    new_person,
    operations_called,
    put,
    sandbox,
)

from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import MatchKey, UpsertRequest, UpsertResult
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    AmbiguousMatchError,
    InvalidRequestError,
    LossError,
    OutcomeUnknownError,
    UsageError,
    VendorError,
)
from leadlens.flow import Reply
from leadlens.model import Company, Contact, CustomField, Deal, Email, Lead, Money, PersonName, Phone, Record, Ref
from leadlens.sandbox import Sandbox

__all__ = ["client", "sandbox"]

SCORE = Ref("100765")
"""A custom field of the account: a number."""
NAME, EMAIL, PHONE = MatchKey(field="name"), MatchKey(field="email"), MatchKey(field="phone")


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
    for kind, resource, record in (
        ("company", "companies", Company(name="Acme")),
        ("opportunity", "opportunities", Deal(name="Acme", contact=Ref(person), value=Money(Decimal(7)))),
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
    records: dict[str, tuple[Record, str, dict[str, Any], MatchKey]] = {
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
    bodies: list[Any] = [other, {"id": 5, "name": "Cy"}, {"name": "Cy", "emails": [mail("bo@x.example")]}, None, []]
    for body in bodies:
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
