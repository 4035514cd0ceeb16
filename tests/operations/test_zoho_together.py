"""Writes that go to Zoho in one call come to what each would have come to by itself."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from tests.operations.zoho_account import box, client, count, held, put, sent

from leadlens.emulation.faults import Fault
from leadlens.errors import InvalidRequestError, OutcomeUnknownError, TryLaterError
from leadlens.flow import Call, Reply
from leadlens.model import About, Company, Contact, Email, Note, PersonName
from leadlens.sandbox import Sandbox
from leadlens.together import Together, joint
from leadlens_zoho.together import TOGETHER, join, key, split

GOOD, BAD = "right@made.example", "no address"


def contact(mail: str, last: str = "Daly") -> Contact:
    return Contact(name=PersonName(last=last), emails=(Email(address=mail),))


def carried_out(sandbox: Sandbox, planned: list[Any]) -> list[Any]:
    """Send the writes in one call, and return what came of each."""
    calls = [one.calls[0] for one in planned]
    with client(sandbox) as zoho:
        found: list[Any] = zoho.driver.run(joint(TOGETHER, [one.flow for one in planned], join(calls)))
        return found


def test_new_records_are_made_in_one_call() -> None:
    """Each with its own id, in the order in which they were given."""
    with box() as sandbox, client(sandbox) as zoho:
        create = zoho.operations.create
        assert create is not None
        made = carried_out(sandbox, [create(Company(name=f"Firm {at}")) for at in range(100)])
        assert [held(sandbox, "Accounts", one.id)["Account_Name"] for one in made] == [
            f"Firm {at}" for at in range(100)
        ]
        assert {one.outcome for one in made} == {"created"}
        assert sent(sandbox) == ["create_account"]


def test_one_that_is_refused_undoes_no_other() -> None:
    """It ends in its own error; the others are written."""
    with box() as sandbox, client(sandbox) as zoho:
        create = zoho.operations.create
        assert create is not None
        found = carried_out(sandbox, [create(contact(mail)) for mail in (GOOD, BAD, GOOD)])
        assert [one.__class__.__name__ for one in found] == ["UpsertResult", "InvalidRequestError", "UpsertResult"]
        assert found[1].step == "upsert"
        assert count(sandbox, "Contacts") == 2


def test_all_refused_are_told_each() -> None:
    """Zoho answers 400 then."""
    with box() as sandbox, client(sandbox) as zoho:
        create = zoho.operations.create
        assert create is not None
        found = carried_out(sandbox, [create(contact(BAD)), create(contact(BAD))])
        assert [one.__class__ for one in found] == [InvalidRequestError, InvalidRequestError]
        assert not count(sandbox, "Contacts")


def test_records_that_are_there_are_updated_in_one_call() -> None:
    """Each by its id; what an update does not say stays."""
    with box() as sandbox, client(sandbox) as zoho:
        update = zoho.operations.update
        assert update is not None
        there = [put(sandbox, "Contacts", Last_Name=f"Person{at}", Phone="+1 555 0100") for at in range(3)]
        found = carried_out(sandbox, [update(number, contact(GOOD, "Changed")) for number in there])
        assert [one.id for one in found] == there
        now = [held(sandbox, "Contacts", number) for number in there]
        assert [(one["Last_Name"], one["Phone"]) for one in now] == [("Changed", "+1 555 0100")] * 3
        assert sent(sandbox) == ["update_contacts"]


def test_notes_go_together_too() -> None:
    """Each on the record that it is about."""
    with box() as sandbox, client(sandbox) as zoho:
        create = zoho.operations.create_note
        assert create is not None
        there = [put(sandbox, "Contacts", Last_Name=f"Person{at}") for at in range(2)]
        notes = [create(Note(text=f"on {one}", about=About(kind="contact", id=one))) for one in there]
        assert len({key(one.calls[0]) for one in notes}) == 1
        found = carried_out(sandbox, notes)
        assert [note.text for note in found] == [f"on {one}" for one in there]


@pytest.mark.parametrize(("what", "error"), [("429", TryLaterError), ("timeout", OutcomeUnknownError)])
def test_what_befalls_the_call_befalls_each(what: str, error: type[Exception]) -> None:
    """Refused for now, or unknown: it is told of every write."""
    with box(Fault(what=what, operation="zoho.create_account", nth=1)) as sandbox, client(sandbox) as zoho:
        zoho._driver = attrs.evolve(zoho._driver, patience=0.0)
        create = zoho.operations.create
        assert create is not None
        planned = [create(Company(name=name)) for name in ("A", "B")]
        found = zoho.driver.run(joint(TOGETHER, [one.flow for one in planned], join([p.calls[0] for p in planned])))
        assert all(isinstance(one, error) for one in found)
        assert len(found) == 2


def test_a_reply_that_does_not_tell_of_all_tells_of_none() -> None:
    """Which of them it speaks of nobody knows."""
    bodies: tuple[Any, ...] = ({"data": [{}]}, {"data": None}, "text", None)
    for body in bodies:
        with pytest.raises(OutcomeUnknownError):
            split(Reply(201, {}, body), 2)


def test_what_goes_by_itself_has_no_key() -> None:
    """A convert, a search, a body of two records."""
    calls = [
        Call("convert", "convert", "POST", "/crm/v8/Leads/5/actions/convert", {}, {"data": [{}]}),
        Call("find", "read", "GET", "/crm/v8/Leads/search"),
        Call("create", "upsert", "POST", "/crm/v8/Leads", {}, {"data": [{}, {}]}),
        Call("update", "after", "PUT", "/crm/v8/Leads", {}, {"data": [{}]}),
    ]
    assert [key(call) for call in calls] == [None] * 4


def test_writes_with_other_rules_do_not_go_together() -> None:
    """What stands beside the records in a body holds for all of them."""
    made = Call("upsert", "upsert", "POST", "/crm/v8/Leads/upsert", {}, {"data": [{}], "trigger": []})
    assert key(made) != key(attrs.evolve(made, body={"data": [{}]}))
    assert key(made) == key(attrs.evolve(made, body={"data": [{"Last_Name": "B"}], "trigger": []}))


def test_a_flow_of_two_calls_cannot_go_together() -> None:
    """It would lose its second one: that is an error of whoever joins them."""

    def twice(call: Call) -> Any:
        yield call
        yield call

    def run(flow: Any) -> Any:
        next(flow)
        flow.send(Reply(200, {}, {"data": [1]}))

    call = Call("create", "upsert", "POST", "/crm/v8/Leads", {}, {"data": [{}]})
    whole = Together(most=1, key=lambda _: "", join=lambda calls: calls[0], split=lambda reply, _: [reply])
    with pytest.raises(Exception, match="has made two"):
        run(joint(whole, [twice(call)], call))
