"""The three answers: what is done, refused and unknown, what is sent again and what never is, and for how long."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import attrs
import pytest
from tests.http.drivers import Answer, scripted
from tests.http.test_link import READ, WRITE

from leadlens.errors import (
    CredentialsError,
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
    PendingError,
    RateLimitError,
    TryLaterError,
    UsageError,
    VendorError,
)
from leadlens.flow import Call, Flow, Reply, Step, Wait
from leadlens.http.driver import UNREACHABLE_TRIES, UNREADABLE_TRIES, Driver, Sent
from leadlens.http.link import LostError, NotSentError
from leadlens.http.pacing import LONGEST_PAUSE

DONE = Reply(200, {}, {"data": {"id": 1}})
BUSY = Reply(429, {}, {"errors": [{"error": {"code": "rate_limit_exceeded"}}]})
UNAUTHORIZED = Reply(401, {}, {"errors": [{"error": {"code": "unauthorized"}}]})
INVALID = Reply(422, {}, {"errors": [{"error": {"code": "blank", "field": "/data/last_name"}}]})
MISSING = Reply(404, {}, {"errors": [{"error": {"code": "not_found"}}]})
BROKEN = Reply(500, {}, None)
HTML = Reply(200, {}, "<html>")
FAR = Reply(429, {"retry-after": "99999"}, None)
STEPS: tuple[Step, ...] = ("before", "convert", "upsert", "after")


def step(name: Step) -> Call:
    return attrs.evolve(WRITE, step=name)


def fails(script: list[Answer], call: Call, error: type[VendorError], **given: Any) -> tuple[VendorError, Any]:
    driver, link, _ = scripted(script, **given)
    with pytest.raises(error) as caught:
        driver.carry(call)
    assert type(caught.value) is error
    assert caught.value.step == call.step
    return caught.value, link


@pytest.mark.parametrize("call", [READ, *map(step, STEPS)])
def test_what_is_done_is_returned(call: Call) -> None:
    """Once, at once."""
    driver, link, told = scripted([DONE])
    assert driver.carry(call) is DONE
    assert len(link.sent) == 1
    assert link.clock.slept == []
    assert told == [Sent(call.name, call.step, call.method, 200, 0.25, None)]


@pytest.mark.parametrize("call", [READ, *map(step, STEPS)])
@pytest.mark.parametrize(("reply", "error"), [(INVALID, InvalidRequestError), (MISSING, NotFoundError)])
def test_what_is_refused_for_good_is_not_sent_again(call: Call, reply: Reply, error: type[VendorError]) -> None:
    """A documented refusal, for reads and writes alike."""
    _, link = fails([reply, DONE], call, error)
    assert len(link.sent) == 1


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(
    "answer",
    [LostError("the deadline passed"), BROKEN, HTML, Reply(502, {}, "<html>"), Reply(503), Reply(204, {}, "x"),
     Reply(202), Reply(200), Reply(418), Reply(404, {}, "<html>"), Reply(101), Reply(304)],
)  # fmt: skip
def test_an_unknown_write_is_never_sent_again(name: Step, answer: Answer) -> None:
    """Whatever it was that came, or did not come: one request, one error."""
    driver, link, _ = scripted([answer, DONE])
    with pytest.raises(OutcomeUnknownError):
        driver.carry(step(name))
    assert len(link.sent) == 1
    assert link.clock.slept == []


@pytest.mark.parametrize("name", STEPS)
def test_a_write_is_sent_again_only_where_nothing_was_done(name: Step) -> None:
    """It never left, or the CRM had too many; then it is done."""
    driver, link, told = scripted([NotSentError("ConnectionError"), BUSY, NotSentError("SSLError"), DONE])
    assert driver.carry(step(name)) is DONE
    assert len(link.sent) == 4
    errors = ["TryLaterError", "RateLimitError", "TryLaterError", None]
    assert [(one.status, one.error) for one in told] == list(zip([None, 429, None, 200], errors, strict=True))


@pytest.mark.parametrize("answer", [LostError("x"), BROKEN, Reply(503, {"retry-after": "3"}), HTML])
def test_an_unknown_read_is_sent_again(answer: Answer) -> None:
    """It changes nothing."""
    driver, link, _ = scripted([answer, DONE])
    assert driver.carry(READ) is DONE
    assert len(link.sent) == 2


def test_a_read_that_goes_on_failing_ends_with_patience() -> None:
    """Longer pauses each time, never past the end of patience."""
    error, link = fails([BROKEN], READ, OutcomeUnknownError)
    assert error.status == 500
    assert link.clock.slept[:6] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]
    assert sum(link.clock.slept) <= 300


def test_a_read_that_is_not_understood_is_tried_three_times() -> None:
    """It may have been cut; it is not worth five minutes."""
    _, link = fails([HTML], READ, OutcomeUnknownError)
    assert len(link.sent) == UNREADABLE_TRIES


@pytest.mark.parametrize("status", [304, 404, 410, 418])
def test_a_read_that_is_answered_by_somebody_else_is_not_tried_again(status: int) -> None:
    """A reply of no shape of the CRM's: most likely a wrong place."""
    driver, link, _ = scripted([Reply(status, {}, "<html>")])
    with pytest.raises(OutcomeUnknownError):
        driver.carry(READ)
    assert len(link.sent) == 1


@pytest.mark.parametrize("call", [READ, WRITE])
def test_a_place_that_cannot_be_reached_is_tried_five_times(call: Call) -> None:
    """A wrong name does not become right in five minutes."""
    error, link = fails([NotSentError("ConnectionError")], call, TryLaterError)
    assert (error.status, error.code, error.message) == (0, "not sent", "ConnectionError")
    assert len(link.sent) == UNREACHABLE_TRIES


def test_a_pending_write_is_neither_done_nor_sent_again() -> None:
    """Zoho's job: it is polled, by whoever knows how."""
    body = {"data": [{"code": "SCHEDULED", "details": {"job_id": "1"}, "status": "success"}]}
    error, link = fails([Reply(202, {}, body)], WRITE, PendingError, vendor="zoho")
    assert error.job_id == "1"
    assert len(link.sent) == 1


# --- too many --------------------------------------------------------------------------------------------------------


def waited(*script: Answer) -> float:
    """Return how long a call with these answers waited before it was done."""
    driver, link, _ = scripted([*script, DONE])
    driver.carry(WRITE)
    total: float = sum(link.clock.slept)
    return total


@pytest.mark.parametrize(
    ("header", "waits"),
    [("7", 7.0), ("0", 1.0), ("-5", 1.0), ("soon", 1.0), ("99999", LONGEST_PAUSE), ("9" * 500, LONGEST_PAUSE),
     ("Mon, 05 Jan 2026 12:00:30 GMT", 30.0), ("Mon, 05 Jan 2026 11:00:00 GMT", 1.0)],
)  # fmt: skip
def test_retry_after_is_kept_within_reason(header: str, waits: float) -> None:
    """At least a second, at most two minutes; what cannot be meant is left to ourselves."""
    headers = {"retry-after": header, "date": "Mon, 05 Jan 2026 12:00:00 GMT"}
    assert waited(Reply(429, headers, None)) == pytest.approx(waits, abs=0.3)


def test_without_retry_after_pauses_double() -> None:
    """1, 2, 4, 8 seconds."""
    assert waited(BUSY, BUSY, BUSY, BUSY) == pytest.approx(15, abs=1)


def test_retry_after_0_does_not_make_us_hammer() -> None:
    """A CRM that says 0 each time is asked less and less often."""
    _, link = fails([Reply(429, {"retry-after": "0"}, None)], WRITE, RateLimitError)
    assert len(link.sent) < 20


def test_too_many_ends_with_patience() -> None:
    """Two waits of two minutes, and no third."""
    _, link = fails([FAR], WRITE, RateLimitError)
    assert len(link.sent) == 3


def test_too_many_holds_up_every_call_of_the_account() -> None:
    """Not only the one that was told."""
    driver, link, _ = scripted([Reply(429, {"retry-after": "50"}, None), DONE])
    driver = attrs.evolve(driver, patience=20.0)
    with pytest.raises(RateLimitError):
        driver.carry(WRITE)
    driver.governor.pause(50.0)
    driver = attrs.evolve(driver, patience=300.0)
    driver.carry(READ)
    assert sum(link.clock.slept) >= 49


def test_no_room_before_the_end_of_patience_ends_at_once() -> None:
    """It is known from the beginning: nobody waits for it, and nothing spins."""
    driver, link, told = scripted([DONE], vendor="copper")
    for _ in range(180):
        with driver.governor.admitted(1, link.clock.now() + 1):
            pass
    impatient = attrs.evolve(driver, patience=10.0)
    before = link.clock.now()
    with pytest.raises(RateLimitError) as caught:
        impatient.carry(WRITE)
    assert (caught.value.status, caught.value.code) == (0, "no room")
    assert link.clock.now() == before
    assert link.sent == []
    assert [one.error for one in told] == ["RateLimitError"]


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({}, 0.0),
        ({"x-api-credits-remaining": "1"}, 0.0),
        ({"x-api-credits-remaining": "0"}, 60.0),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "9999999999999"}, 0.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800001010250"}, 10.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, 0.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999999"}, LONGEST_PAUSE),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "tomorrow"}, 60.0),
        ({"x-ratelimit-remaining": "0"}, 60.0),
    ],
)
def test_zoho_is_left_alone_when_nothing_is_left(headers: dict[str, str], waits: float) -> None:
    """Its headers tell what remains; the next call waits, the one that was told does not."""
    driver, link, _ = scripted([Reply(200, headers, {"data": [{"id": "1"}]})], vendor="zoho")
    driver.carry(READ)
    assert link.clock.slept == []
    driver.carry(READ)
    assert sum(link.clock.slept) == pytest.approx(waits)


# --- tokens ----------------------------------------------------------------------------------------------------------


def granted(text: str) -> Reply:
    return Reply(200, {}, {"access_token": text, "expires_in": 3600})


def test_a_401_renews_once_and_no_more() -> None:
    """The call is sent with the new token; refused again, that is that."""
    error, link = fails(
        [UNAUTHORIZED], WRITE, CredentialsError, tokens=[granted("a1"), granted("a2")], refresh_token="r"
    )
    assert error.status == 401
    assert [headers["Authorization"] for _, headers in link.sent] == ["Bearer a1", "Bearer a2"]
    assert len(link.forms) == 2


def test_a_401_without_anything_to_renew_is_final() -> None:
    """A personal token."""
    _, link = fails([UNAUTHORIZED, DONE], WRITE, CredentialsError)
    assert len(link.sent) == 1


def test_a_401_by_expiry_is_not_seen_by_the_caller() -> None:
    """Renewed, sent again, done."""
    driver, link, told = scripted([UNAUTHORIZED, DONE], tokens=[granted("a1"), granted("a2")], refresh_token="r")
    assert driver.carry(WRITE) is DONE
    assert [one.status for one in told] == [401, 200]
    assert len(link.forms) == 2


def test_a_401_of_the_token_endpoint_is_not_a_401_of_the_call() -> None:
    """Asking it again with the same secret would not help."""
    refused = Reply(401, {}, {"error": "invalid_client"})
    error, link = fails([DONE], WRITE, CredentialsError, tokens=[refused], refresh_token="r")
    assert error.code == "invalid_client"
    assert link.sent == []
    assert len(link.forms) == 1


def test_a_renewal_after_a_401_may_fail_too() -> None:
    """For good: said at once. For now: waited for."""
    gone = Reply(400, {}, {"error": "invalid_grant"})
    error, link = fails([UNAUTHORIZED], WRITE, CredentialsError, tokens=[granted("a1"), gone], refresh_token="r")
    assert error.code == "invalid_grant"
    assert len(link.sent) == 1
    tokens: list[Answer] = [granted("a1"), LostError("x"), granted("a2")]
    driver, link, _ = scripted([UNAUTHORIZED, UNAUTHORIZED, DONE], tokens=tokens, refresh_token="r")
    with pytest.raises(CredentialsError):
        driver.carry(WRITE)


def test_an_account_server_that_cannot_be_reached_is_tried_again() -> None:
    """Nothing of the call was sent, so it may wait."""
    driver, link, told = scripted([DONE], tokens=[NotSentError("x"), granted("a1")], refresh_token="r")
    assert driver.carry(WRITE) is DONE
    assert [one.error for one in told] == ["TryLaterError", None]
    assert len(link.sent) == 1


# --- flows -----------------------------------------------------------------------------------------------------------


def test_a_flow_waits_sends_and_returns() -> None:
    """Waits go by the clock."""

    def flow() -> Flow[int]:
        yield Wait(5.0)
        reply = yield READ
        assert isinstance(reply, Reply)
        return reply.status

    driver, link, _ = scripted([DONE])
    assert driver.run(flow()) == 200
    assert link.clock.slept == [5.0]


def test_a_flow_may_handle_an_error_and_go_on() -> None:
    """The error is thrown in where the call was asked for."""

    def flow() -> Flow[str]:
        try:
            yield WRITE
        except InvalidRequestError as error:
            yield READ
            return f"handled {error.step}"
        return "done"

    driver, link, _ = scripted([INVALID, DONE])
    assert driver.run(flow()) == "handled convert"
    assert len(link.sent) == 2


def test_what_a_flow_raises_comes_without_its_frames() -> None:
    """They hold what was asked for. The cause stays, without frames too."""

    def flow(personal: str) -> Generator[Call, Any, None]:
        try:
            yield attrs.evolve(WRITE, body={"x": personal})
        except VendorError as error:
            raise OutcomeUnknownError("base", status=0, code="later") from error

    driver, _, _ = scripted([INVALID])
    with pytest.raises(OutcomeUnknownError) as caught:
        driver.run(flow("Ada"))
    assert [entry.name for entry in caught.traceback][1:] == ["run"]
    assert isinstance(caught.value.__cause__, InvalidRequestError)
    assert caught.value.__cause__.__traceback__ is None


def test_what_a_flow_raises_instead_of_another_error_leads_nowhere() -> None:
    """``from None`` hides the other error from a traceback, and keeps it: it is let go."""

    def flow() -> Flow[None]:
        try:
            yield WRITE
        except VendorError:
            raise UsageError("that cannot be") from None

    driver, _, _ = scripted([INVALID])
    with pytest.raises(UsageError) as caught:
        driver.run(flow())
    assert caught.value.__context__ is None


def test_what_is_not_ours_keeps_its_frames() -> None:
    """A mistake in the program is for its programmer."""

    def flow() -> Flow[None]:
        yield READ
        raise ZeroDivisionError

    driver, _, _ = scripted([DONE])
    with pytest.raises(ZeroDivisionError) as caught:
        driver.run(flow())
    assert caught.traceback[-1].name == "flow"


def test_a_hook_that_raises_loses_nothing() -> None:
    """What was done is done, whatever the hook thinks."""

    def hook(_: Sent) -> None:
        raise ZeroDivisionError

    driver, _, _ = scripted([DONE])
    assert attrs.evolve(driver, hook=hook).carry(WRITE) is DONE
    assert attrs.evolve(driver, hook=None).carry(WRITE) is DONE


def test_a_timeout_of_the_system_is_not_taken_for_a_full_window() -> None:
    """TimeoutError is what sockets raise too; a call may have left then, so nothing is concluded from it."""
    driver, link, _ = scripted([TimeoutError()])
    with pytest.raises(TimeoutError):
        driver.carry(WRITE)
    assert len(link.sent) == 1


def test_the_headers_of_a_call_do_not_show() -> None:
    """The driver holds them in a frame."""
    driver, link, _ = scripted([DONE])
    driver.carry(WRITE)
    assert "Bearer" not in repr(link.sent[0][1])
    assert isinstance(driver, Driver)
