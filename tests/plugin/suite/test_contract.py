"""The contract, its documented payloads, the emulated account and what the adapter sends: none contradicts another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from leadlens_pipedrive import ADAPTER
from leadlens_pipedrive.sandbox import SANDBOX
from openapi_spec_validator import validate
from suite.contract import DOCUMENT, OPERATIONS, SPECS, misfits, of_reply, of_request, operation_of, schema

from leadlens import Sandbox, connect, encode
from leadlens.conversion import ConvertRequest, MatchKey, NewCompany, NewContact, NewDeal, UpsertRequest
from leadlens.exchange import to_calls
from leadlens.model import About, Email, Lead, Money, Note, PersonName
from leadlens.strategies import values

SOME = settings(max_examples=settings().max_examples // 5)
EXCHANGES = sorted((SPECS / "exchanges").glob("*.json"))


def test_the_contract_is_one() -> None:
    """It is OpenAPI, and every operation says where it is documented."""
    validate(DOCUMENT)
    assert all(operation["description"] for _, _, operation in OPERATIONS.values())


@pytest.mark.parametrize("path", EXCHANGES, ids=lambda path: path.stem)
def test_documented_payloads_fit(path: Path) -> None:
    """What Pipedrive's own pages show fits the contract."""
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert told["source"]
    if "request" in told:
        assert misfits(of_request(told["operation"]) or "", told["request"]) == []
    if "reply" in told:
        assert misfits(of_reply(told["operation"], told["status"]), told["reply"]) == []


def test_the_sandbox_has_every_operation() -> None:
    """The emulated account answers the calls of the contract, and no others; leads also without ``/api``."""
    there = {(r.method, _bare(r.path), r.operation) for r in SANDBOX.routes if not r.path.startswith("/v1/")}
    assert {(method, path) for method, path, _ in there} == {
        (method, _bare(path)) for method, path, _ in OPERATIONS.values()
    }
    assert {operation for *_, operation in there} == set(OPERATIONS)


def _bare(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


@pytest.mark.parametrize("data", ["demo", "empty"])
def test_a_day_of_calls_fits(data: Any) -> None:
    """Whatever the adapter sends and the emulated account answers fits the contract, call by call."""
    with Sandbox(data=data, vendors=["pipedrive"]) as sandbox, connect(ADAPTER.name, sandbox=sandbox) as client:
        wrong, link = [], client.driver.link
        send = link.send

        def sent(call: Any, *more: Any) -> Any:
            reply = send(call, *more)
            operation = operation_of(call.method, call.path)
            place = of_request(operation)
            wrong.extend(misfits(place, call.body) if place else [])
            wrong.extend(misfits(of_reply(operation, str(reply.status) if reply.status < 400 else "4XX"), reply.body))
            known = {one["name"] for one in OPERATIONS[operation][2]["parameters"]}
            wrong.extend(f"{operation}: {name}" for name in call.query if name not in known)
            return reply

        link.send = sent  # type: ignore[assignment]  # it looks on
        lead = Lead(
            name=PersonName(first="Ada", last="Lovelace"),
            emails=(Email(address="ada@example.com", category="personal"),),
            company_name="Analytical",
            value=Money(100, "EUR"),
        )
        made = client.upsert(UpsertRequest(record=lead, match=(MatchKey(field="email"),)), on_loss="report")
        assert made.outcome == "created"
        assert (
            client.upsert(UpsertRequest(record=lead, match=(MatchKey(field="email"),)), on_loss="report").id == made.id
        )
        new: Any = {"contact": NewContact(name=PersonName(last="King")), "company": NewCompany(name="Difference")}
        deal = NewDeal(name="Pilot", value=Money(250, "EUR"))
        done = client.convert(ConvertRequest(lead_id=made.id, deal=deal, **new))
        assert client.resolve(made.id or "") is not None
        for kind in ("lead", "contact", "company", "deal"):
            list(client.iter_records(kind))
            client.definitions(kind)
        for kind in client.operations.choice_kinds:
            client.choices(kind)
        about = About(kind="deal", id=done.deal.id)
        client.create_note(Note(text="a < b\nc", about=about))
        assert [one.text for one in client.iter_notes_of("deal", done.deal.id or "")] == ["a < b\nc"]
        client.delete("deal", done.deal.id or "")
        assert wrong == []


@pytest.mark.parametrize(
    ("kind", "name"), [("contact", "AddPerson"), ("company", "AddOrganization"), ("deal", "AddDeal")]
)
def test_what_is_written_fits(kind: str, name: str) -> None:
    """What the mapping writes of any record fits the contract, unless it says that something required is missing."""

    @SOME
    @given(values(ADAPTER.crosswalk(kind)))
    def holds(record: Any) -> None:
        encoded = encode(ADAPTER.crosswalk(kind), record)
        if not any(loss.reason == "required" for loss in encoded.losses):
            assert misfits(schema(name), encoded.wire) == []

    holds()


@SOME
@given(values(ADAPTER.crosswalk("lead")))
def test_what_is_written_of_a_lead_fits(lead: Lead) -> None:
    """The calls that write any lead with a name fit the contract: the person, the organization, the lead itself."""
    encoded = encode(ADAPTER.crosswalk("upsert-request"), UpsertRequest(record=lead))
    calls = to_calls(ADAPTER.crosswalk("upsert-request"), encoded.wire, {})
    names = {"person": "AddPerson", "organization": "AddOrganization", "upsert": "AddLead"}
    lacking = [loss for loss in encoded.losses if loss.reason == "required" and loss.path != "match"]
    if lead.name is not None and lead.name.display is not None and not lacking:
        for call in calls:
            ids = {"{contact_id}": 1, "{company_id}": 2}
            body = {
                key: ids.get(value, value) if isinstance(value, str) else value
                for key, value in (call.body or {}).items()
            }
            assert call.name not in names or misfits(schema(names[call.name]), body) == []
