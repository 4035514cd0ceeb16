"""A link over a sandbox in this process: the same answers as over a wire."""

from __future__ import annotations

from typing import Any

import pytest

from leadlens import Sandbox
from leadlens.connecting import connect
from leadlens.emulation.faults import Fault
from leadlens.errors import OutcomeUnknownError, TryLaterError


def client(what: str, **more: Any) -> Any:
    box = Sandbox(vendors=["base"], faults=[Fault(what=what, operation="base.*", **more)])
    return connect("base", sandbox=box)


def test_a_reply_that_comes_twice_answers_one_call() -> None:
    """Each call has its own connection, in process too."""
    found = client("duplicate")
    assert [found.get("lead", str(number)).id for number in range(1, 9)] == [str(number) for number in range(1, 9)]


def test_a_session_that_keeps_its_connection_gets_the_stray() -> None:
    """The fault is there for whoever does not ask for a connection of its own."""
    with Sandbox(vendors=["base"], faults=[Fault(what="duplicate", operation="base.*", nth=1)]) as box:
        session = box.session("base")
        url = box.url("base", "/leads/")
        assert [session.get(f"{url}{number}").json()["data"]["id"] for number in (1, 2, 3)] == [1, 1, 3]
        box.faults.restart()
        close = {"Connection": "close"}
        got = [session.get(f"{url}{number}", headers=close).json()["data"]["id"] for number in (1, 2, 3)]
        assert got == [1, 2, 3]


@pytest.mark.parametrize("what", ["refused", "dns", "tls"])
def test_what_never_left_is_refused(what: str) -> None:
    """The lead is as it was."""
    with pytest.raises(TryLaterError) as caught:
        client(what).call("POST", "/v2/lead_conversions", body={"data": {"lead_id": 1}})
    assert caught.value.code == "not sent"


@pytest.mark.parametrize("what", ["reset", "timeout", "lost", "fin", "drip", "bomb", "truncated", "bad_utf8", "500"])
def test_what_is_lost_is_unknown(what: str) -> None:
    """The lead may have been converted."""
    with pytest.raises(OutcomeUnknownError):
        client(what).call("POST", "/v2/lead_conversions", body={"data": {"lead_id": 1}})
