"""An empty Copper account, leads in it, and flows fed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import Conversion, ConvertRequest, NewDeal
from leadlens.emulation.truth import Change
from leadlens.errors import VendorError
from leadlens.flow import Call, Flow, Reply
from leadlens.sandbox import Sandbox
from leadlens_copper.operations import operations

COPPER = operations()
PILOT = NewDeal(name="Pilot")
LEAD = {"name": "Ana Souza", "email": {"email": "ana@padaria.example", "category": "work"}, "company_name": "Padaria"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty", vendors=["copper"]) as made:
        yield made


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return connect("copper", sandbox=sandbox)


def put(sandbox: Sandbox, path: str, **body: Any) -> Any:
    """Send a call past the client, and return its reply."""
    reply = sandbox.session("copper").post(sandbox.url("copper", path), json=body)
    assert reply.ok, reply.text
    return reply.json()


def new_lead(sandbox: Sandbox, **more: Any) -> str:
    return str(put(sandbox, "/leads", **{**LEAD, **more})["id"])


def convert_raw(sandbox: Sandbox, lead: str, **details: Any) -> Any:
    return put(sandbox, f"/leads/{lead}/convert", details={"person": {}, **details})


def conversions_made(sandbox: Sandbox) -> list[Change]:
    """Return what the account itself says it converted."""
    return sandbox.truth.changes("copper", "lead", "converted")


def operations_called(sandbox: Sandbox) -> list[str]:
    return [entry.operation.removeprefix("copper.") for entry in sandbox.truth]


def fed(flow: Flow[Any], *replies: Reply | VendorError) -> tuple[Any, list[Call]]:
    """Feed a flow with replies and errors; return its result, and the calls that it made."""
    calls: list[Call] = []
    left = list(replies)
    try:
        asked = next(flow)
        while True:
            assert isinstance(asked, Call)
            calls.append(asked)
            assert left, f"no reply is left for {asked.method} {asked.path}"
            answer = left.pop(0)
            asked = flow.throw(answer) if isinstance(answer, VendorError) else flow.send(answer)
    except StopIteration as done:
        assert not left, "the flow ended before all replies were used"
        return done.value, calls


def convert(client: Client, lead: str, **more: Any) -> Conversion:
    """Convert with a deal in the account's own pipeline and stage, which is a loss that is meant here."""
    return client.convert(ConvertRequest(lead_id=lead, **{"deal": PILOT, **more}), allow=["reason:defaulted"])


def mail(address: str) -> dict[str, str]:
    return {"email": address, "category": "work"}


def new_person(sandbox: Sandbox, name: str = "Bo Li", address: str = "bo@x.example", **more: Any) -> str:
    return str(put(sandbox, "/people", name=name, emails=[mail(address)], **more)["id"])
