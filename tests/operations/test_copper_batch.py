"""Several upserts in a Copper account: new opportunities go ten to a call, and each has its own result."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from tests.operations.copper_account import (
    COPPER,
    client,
    fed,
    new_person,
    operations_called,
    put,
    sandbox,
)

from leadlens.client import Client
from leadlens.conversion import MatchKey, UpsertRequest, UpsertResult
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    AmbiguousMatchError,
    InvalidRequestError,
    LossError,
    OutcomeUnknownError,
    TryLaterError,
)
from leadlens.flow import Reply
from leadlens.model import Company, Deal, Lead, PersonName, Ref
from leadlens.sandbox import Sandbox

__all__ = ["client", "sandbox"]

NAME = MatchKey(field="name")


def deal(name: str, person: str, **more: Any) -> UpsertRequest:
    return UpsertRequest(record=Deal(name=name, contact=Ref(person), **more), match=(NAME,))


def told(results: tuple[Any, ...]) -> list[str]:
    return [result.outcome if isinstance(result, UpsertResult) else type(result).__name__ for result in results]


def writes(sandbox: Sandbox) -> Counter[str]:
    return Counter(name for name in operations_called(sandbox) if "opportunit" in name and "search" not in name)


def test_new_deals_go_ten_to_a_call(sandbox: Sandbox, client: Client) -> None:
    """Those that are there are updated; the results stand in the order of the requests."""
    person = new_person(sandbox)
    there = {put(sandbox, "/opportunities", name=f"D{n}", primary_contact_id=int(person))["id"] for n in (3, 20)}
    before = writes(sandbox)
    results = client.upsert_many(deal(f"D{number}", person) for number in range(24))
    assert told(results) == ["updated" if number in (3, 20) else "created" for number in range(24)]
    assert writes(sandbox) - before == {"bulk_create_opportunities": 3, "update_opportunity": 2}
    kept = dict(sandbox.store("copper").iterate("opportunity"))
    assert (len(kept), len(there)) == (24, 2)
    for number, result in enumerate(results):
        assert isinstance(result, UpsertResult)
        assert kept[int(result.id or 0)]["name"] == f"D{number}"


def test_one_deal_said_twice_is_made_once(sandbox: Sandbox, client: Client) -> None:
    """The second finds the first, which is created before it is looked for."""
    person = new_person(sandbox)
    results = client.upsert_many([deal("A", person), deal("B", person), deal("A", person, description="d")])
    assert told(results) == ["created", "created", "updated"]
    assert sandbox.store("copper").count("opportunity") == 2


def test_all_kinds_keep_their_places(sandbox: Sandbox, client: Client) -> None:
    """Leads and companies go one by one, between the deals."""
    person = new_person(sandbox)
    lead = UpsertRequest(record=Lead(name=PersonName(full="Ann")), match=(NAME,))
    company = UpsertRequest(record=Company(name="X"), match=(NAME,))
    results = client.upsert_many([deal("A", person), lead, deal("B", person), company])
    assert told(results) == ["created", "unknown", "created", "created"]
    assert [type(result.record) for result in results if isinstance(result, UpsertResult)] == [
        Deal,
        Lead,
        Deal,
        Company,
    ]
    assert writes(sandbox) == {"bulk_create_opportunities": 1}


@pytest.mark.parametrize("count", [1, 2])
def test_refused_deal_leaves_the_others(sandbox: Sandbox, client: Client, count: int) -> None:
    """Its error tells its own place, also when all are refused."""
    person = new_person(sandbox)
    bad = [deal(f"Bad {number}", person, source=Ref("1")) for number in range(count)]
    good = [deal("Good", person)] if count == 1 else []
    results = client.upsert_many([*bad, *good])
    assert told(results) == ["InvalidRequestError"] * count + ["created"] * len(good)
    paths = [result.path for result in results if isinstance(result, InvalidRequestError)]
    assert paths == [f"$[{number}].customer_source_id" for number in range(count)]
    assert sandbox.store("copper").count("opportunity") == len(good)


def test_several_matches_are_one_items_error(sandbox: Sandbox, client: Client) -> None:
    """Nothing is guessed, and the others are written."""
    person = new_person(sandbox)
    for _ in range(2):
        put(sandbox, "/opportunities", name="A", primary_contact_id=int(person))
    results = client.upsert_many([deal("A", person), deal("B", person)])
    assert told(results) == ["AmbiguousMatchError", "created"]
    assert isinstance(results[0], AmbiguousMatchError)
    assert len(results[0].candidates) == 2


def test_losses_are_refused_before_anything_is_sent(sandbox: Sandbox, client: Client) -> None:
    """Each with the place of its record."""
    with pytest.raises(LossError) as caught:
        client.upsert_many([deal("A", "5"), deal("B", "5", next_step="x")])
    assert [loss.path for loss in caught.value.losses] == ["[1].record.next_step"]
    assert operations_called(sandbox) == []
    assert client.upsert_many([]) == ()


@pytest.mark.parametrize(
    "what", ["reset", "timeout", "fin", "truncated", "500", "502", "202", "late_commit", "redirect"]
)
def test_nothing_is_sent_after_an_unknown_outcome(sandbox: Sandbox, client: Client, what: str) -> None:
    """Ten are unknown, each of them; the others were not sent and can be tried later."""
    person = new_person(sandbox)
    sandbox.faults.add(Fault(what=what, operation="copper.bulk_create_opportunities"))
    results = client.upsert_many(deal(f"D{number}", person) for number in range(12))
    assert all(isinstance(result, OutcomeUnknownError) and result.step == "upsert" for result in results[:10])
    assert all(isinstance(result, TryLaterError) for result in results[10:])
    sandbox.clock.sleep(100)
    assert (sandbox.store("copper").count("opportunity"), writes(sandbox).total()) == (10, 1)


def test_no_update_and_no_lead_follows_an_unknown_outcome(sandbox: Sandbox, client: Client) -> None:
    """Whatever kind of write it is; it is not even looked for."""
    person = new_person(sandbox)
    put(sandbox, "/opportunities", name="Old", primary_contact_id=int(person))
    sandbox.faults.add(Fault(what="reset", operation="copper.bulk_create_opportunities"))
    lead = UpsertRequest(record=Lead(name=PersonName(full="Ann")), match=(NAME,))
    asked = [*(deal(f"D{number}", person) for number in range(11)), deal("Old", person), lead]
    assert told(client.upsert_many(asked))[10:] == ["TryLaterError"] * 3
    assert operations_called(sandbox)[-1] == "bulk_create_opportunities"


def test_item_without_an_id_is_unknown(sandbox: Sandbox, client: Client) -> None:
    """The others of the call are told; nothing more is sent."""
    person = new_person(sandbox)
    sandbox.faults.add(Fault(what="missing", operation="copper.bulk_create_opportunities", key="1.id"))
    results = client.upsert_many(deal(f"D{number}", person) for number in range(11))
    assert told(results) == ["created", "OutcomeUnknownError", *["created"] * 8, "TryLaterError"]


@pytest.mark.parametrize("what", ["refused", "429"])
def test_call_that_was_not_taken_is_sent_again(sandbox: Sandbox, client: Client, what: str) -> None:
    """Nothing was done by then."""
    person = new_person(sandbox)
    sandbox.faults.add(Fault(what=what, operation="copper.bulk_create_opportunities", nth=1))
    assert told(client.upsert_many([deal("A", person)])) == ["created"]
    assert sandbox.store("copper").count("opportunity") == 1


def test_search_that_fails_is_one_items_error(sandbox: Sandbox, client: Client) -> None:
    """*Unknown* is not *none*: that deal is not written, the others are."""
    person = new_person(sandbox)
    sandbox.faults.add(Fault(what="401", operation="copper.search_opportunities", nth=1))
    assert told(client.upsert_many([deal("A", person), deal("B", person)])) == ["CredentialsError", "created"]


@pytest.mark.parametrize("body", [None, {}, [], [{"id": 1, "name": "A"}], [{"id": 1}] * 3, "x"])
def test_reply_of_another_length_is_unknown(body: Any) -> None:
    """Which result belongs to which record cannot be told."""
    assert COPPER.batch is not None
    none = Reply(200, {}, [])
    flow = COPPER.batch([deal("A", "5"), deal("B", "5")]).flow
    results, calls = fed(flow, none, none, Reply(200, {}, body))
    assert told(results) == ["OutcomeUnknownError"] * 2
    assert len(calls[-1].body["opportunities"]) == 2
