"""Copper's errors: each documented one becomes the class that says what to do."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import contracts

from leadlens.errors import (
    AmbiguousMatchError,
    CredentialsError,
    InvalidRequestError,
    NotFoundError,
    NotPermittedError,
    OutcomeUnknownError,
    RateLimitError,
    RefusedError,
    VendorError,
)
from leadlens.flow import Reply
from leadlens_copper import errors as copper

PRIVATE: Final = "zebra@example.com"
EXCHANGES: Final = {
    path.name: contracts.document(f"copper/exchanges/{path.name}")["reply"]
    for path in sorted(contracts.SPECS.glob("copper/exchanges/*.json"))
}
REPLIED: Final = [name for name, reply in EXCHANGES.items() if reply is not None]
REFUSED_EXCHANGES: Final = {
    "bulk_create_opportunities_item_refused.json": ("invalid", "$[0].name"),
    "bulk_create_opportunities_too_large.json": (None, None),
    "create_webhook_invalid_target.json": (None, None),
    "update_webhook_invalid_target.json": (None, None),
}


def refusal(status: int, message: object) -> dict[str, Any]:
    """Return Copper's body of a refusal."""
    return {"success": False, "status": status, "message": message}


class Row(NamedTuple):
    """What one documented reply becomes."""

    status: int
    body: object
    kind: type[VendorError]
    code: str | None = None
    path: str | None = None
    candidates: tuple[str, ...] = ()


FIELD_ERRORS: Final = {"name": [{"error": "invalid"}], "details": [{"error": "invalid"}]}
COMPANY_ID: Final = "Invalid input: Validation errors: Company Id: Invalid value for Company Id"
TWO: Final = ("8894157", "8894159")
ROWS: Final = [
    Row(422, refusal(422, "Invalid input: Invalid URI For External Request"), InvalidRequestError),
    Row(422, refusal(422, COMPANY_ID), InvalidRequestError),
    Row(422, refusal(422, FIELD_ERRORS), InvalidRequestError, "invalid", "$.name"),
    Row(422, refusal(422, {"tags": ["1", "2"]}), InvalidRequestError, None, "$.tags"),
    Row(422, refusal(422, "Invalid input: priority must be one of 1, 2, 3"), InvalidRequestError),
    Row(422, refusal(422, "Invalid input: tags 1, 2 not found"), InvalidRequestError),
    Row(422, {"error": "Request size too large, limit is 10"}, InvalidRequestError),
    Row(400, refusal(400, "Invalid input"), InvalidRequestError),
    Row(404, refusal(404, "Resource not found"), NotFoundError),
    Row(401, refusal(401, "Unauthorized"), CredentialsError),
    Row(401, None, CredentialsError),
    Row(403, "<html></html>", NotPermittedError),
    Row(429, None, RateLimitError),
    Row(429, {"error": "Too many requests"}, RateLimitError),
    Row(422, refusal(422, "Multiple leads found: 8894157, 8894159"), AmbiguousMatchError, candidates=TWO),
    Row(422, refusal(422, "More than one match (8894157 and 8894159)"), AmbiguousMatchError, candidates=TWO),
    Row(422, refusal(422, "Invalid input: 2 matches, several: [8894157,8894159]"), AmbiguousMatchError, candidates=TWO),
    Row(422, refusal(422, {"ids": [8894157, 8894159]}), AmbiguousMatchError, None, "$.ids", TWO),
    Row(422, {"error": "Multiple matches: 8894157, and 8894159"}, AmbiguousMatchError, candidates=TWO),
    Row(422, {"ids": [8894157, "8894159"]}, AmbiguousMatchError, candidates=TWO),
    Row(422, {"message": "several", "leads": [{"id": 8894157}, {"id": 8894159}]}, AmbiguousMatchError, candidates=TWO),
    Row(422, [8894157, 8894159], AmbiguousMatchError, candidates=TWO),
    Row(422, refusal(422, "More than 30 matches were found"), AmbiguousMatchError),
    Row(422, refusal(422, "Too many matching leads"), AmbiguousMatchError),
    Row(422, {"ids": list(range(1, 32))}, AmbiguousMatchError),
    Row(400, {"error": "invalid_grant", "error_description": PRIVATE}, CredentialsError, "invalid_grant"),
    Row(401, {"error": "invalid_client"}, CredentialsError, "invalid_client"),
    Row(400, {"error": "unauthorized_client"}, CredentialsError, "unauthorized_client"),
    Row(400, {"error": "access_denied"}, CredentialsError, "access_denied"),
    Row(400, {"error": "invalid_request"}, InvalidRequestError, "invalid_request"),
    Row(400, {"error": "invalid_scope"}, InvalidRequestError, "invalid_scope"),
    Row(400, {"error": "unsupported_grant_type"}, InvalidRequestError, "unsupported_grant_type"),
]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.status} {row.kind.__name__} {row.code}" for row in ROWS])
def test_documented_error(row: Row) -> None:
    """A documented error keeps its status, and the code, the field and the ids where Copper gives them."""
    error = copper.classify(Reply(row.status, {}, row.body))
    assert type(error) is row.kind
    assert (error.vendor, error.status, error.code, error.path) == ("copper", row.status, row.code, row.path)
    assert error.candidates == row.candidates
    assert PRIVATE not in str(error) + repr(error)


def test_every_token_error_has_a_row() -> None:
    """Every code of the token endpoint is tested."""
    assert set(copper.TOKEN_ERRORS) <= {row.code for row in ROWS}


@pytest.mark.parametrize("name", REPLIED)
def test_published_replies(name: str) -> None:
    """Published replies are no errors, but for the four that show a refusal."""
    reply = EXCHANGES[name]
    error = copper.classify(Reply(reply["status"], {}, reply["body"]))
    if name not in REFUSED_EXCHANGES:
        assert error is None
        return
    assert type(error) is InvalidRequestError
    assert (error.code, error.path) == REFUSED_EXCHANGES[name]


def test_at_most_thirty_candidates() -> None:
    """Copper lists up to 30 matching leads."""
    error = copper.classify(Reply(422, {}, {"ids": list(range(1, 31))}))
    assert error is not None
    assert error.candidates == tuple(str(number) for number in range(1, 31))


def test_bulk_reply_is_judged_item_by_item() -> None:
    """A bulk reply accepts some records and refuses others: the reply as a whole is no error, its items are."""
    items: list[Any] = [{"id": 1, "name": "Pilot"}, {"success": False, "message": FIELD_ERRORS}]
    assert copper.classify(Reply(200, {}, items)) is None
    assert copper.classify_item(items[0], 0, 200) is None
    error = copper.classify_item(items[1], 1, 200)
    assert type(error) is InvalidRequestError
    assert (error.status, error.code, error.path) == (200, "invalid", "$[1].name")


def test_item_without_a_field_keeps_its_place() -> None:
    """A refused record whose error names no field is still told apart by its place."""
    error = copper.classify_item({"success": False, "message": "Invalid input"}, 2, 200)
    assert type(error) is InvalidRequestError
    assert (error.code, error.path, error.message) == (None, "$[2]", "Invalid input")


def test_item_that_is_no_record_is_unknown() -> None:
    """An item that is neither a record nor a refusal tells nothing."""
    assert type(copper.classify_item("Pilot", 0, 200)) is OutcomeUnknownError
    assert type(copper.classify_item({"id": 1}, 0, 500)) is OutcomeUnknownError


def test_message_is_a_text_or_an_object() -> None:
    """A message that is an object of field errors is kept as text."""
    error = copper.classify(Reply(422, {}, refusal(422, {"name": [{"error": "invalid"}]})))
    assert error is not None
    assert error.message == '{"name": [{"error": "invalid"}]}'


def test_message_beyond_all_limits_is_left_out() -> None:
    """A number or a nesting that cannot be written down costs the message, not the error."""
    nested: list[Any] = []
    for _ in range(10_000):
        nested = [nested]
    for value in (10**5000, nested):
        error = copper.classify(Reply(422, {}, refusal(422, {"name": value})))
        assert type(error) is InvalidRequestError
        assert error.message is None


@pytest.mark.parametrize(
    ("message", "path", "code"),
    [
        ({PRIVATE: [{"error": "invalid"}]}, None, None),
        ({PRIVATE: [], "name": [{"error": PRIVATE}]}, "$.name", None),
        ({"name": "invalid"}, "$.name", None),
        ({"name": []}, "$.name", None),
        ({}, None, None),
    ],
)
def test_path_and_code_are_never_free_text(message: object, path: str | None, code: str | None) -> None:
    """Only the plain name of a field and a plain code are shown."""
    error = copper.classify(Reply(422, {}, refusal(422, message)))
    assert type(error) is InvalidRequestError
    assert (error.path, error.code) == (path, code)


@pytest.mark.parametrize(
    "body", [{}, {"id": 1}, {"person": None, "company": None, "opportunity": None}, [], ["tag"], {"access_token": "t"}]
)
def test_success(body: object) -> None:
    """Copper's successful replies have no envelope: a record, a list, or what the operation has to judge itself."""
    assert copper.classify(Reply(200, {}, body)) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (100, None),
        (200, None),
        (200, "<html></html>"),
        (200, refusal(422, "Invalid input")),
        (200, {"error": "Request size too large, limit is 10"}),
        (204, None),
        (302, {"id": 1}),
        (400, None),
        (400, {"error": "teapot"}),
        (400, {"message": "no"}),
        (404, None),
        (404, "<html></html>"),
        (404, {"status": 404, "error": "Not Found"}),
        (409, refusal(409, "Conflict")),
        (422, None),
        (422, "<html></html>"),
        (422, [8894157]),
        (422, {"message": "no"}),
        (500, refusal(500, "Internal error")),
        (502, "<html></html>"),
        (503, {"ids": [8894157, 8894159]}),
    ],
)
def test_everything_else_is_unknown(status: int, body: object) -> None:
    """What is refused and what is done is a closed list; the rest may or may not have been done."""
    assert type(copper.classify(Reply(status, {}, body))) is OutcomeUnknownError


def test_retry_after_and_request_id_are_kept() -> None:
    """An error keeps how long to wait, and the id of the request."""
    error = copper.classify(Reply(429, {"retry-after": "7", "x-request-id": "r-1"}, None))
    assert error is not None
    assert (error.retry_after, error.request_id) == (7.0, "r-1")


FEW = max(100, settings().max_examples // 4)
PRIVATE_TEXTS = st.sampled_from([PRIVATE, f"Multiple matches: {PRIVATE}, 1, 2"]) | st.text().map(PRIVATE.__add__)
TEXTS = PRIVATE_TEXTS | st.sampled_from([*copper.TOKEN_ERRORS, "invalid", "More than one match: 1, 2"])
KEYS = TEXTS | st.sampled_from(
    [*copper.ID_KEYS, "success", "status", "message", "error", "errors", "details", "data", "id"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | TEXTS
BODIES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5))
REFUSALS = st.fixed_dictionaries({"success": st.just(False), "message": BODIES}, optional={"error": BODIES})
REPLIES = BODIES | REFUSALS | st.lists(REFUSALS | BODIES, max_size=3)


@settings(max_examples=FEW)
@given(REPLIES, st.integers(100, 599), st.text())
def test_any_body_is_judged(body: object, status: int, retry_after: str) -> None:
    """Any JSON gives None or an error, never an exception, and the error never shows the body's texts."""
    error = copper.classify(Reply(status, {"retry-after": retry_after}, body))
    if error is None:
        assert 200 <= status < 300
        return
    assert isinstance(error, RefusedError | OutcomeUnknownError)
    assert isinstance(error, OutcomeUnknownError) or 200 <= status < 300 or 400 <= status < 500
    assert "zebra" not in str(error) + repr(error)


@settings(max_examples=FEW)
@given(BODIES | REFUSALS, st.integers(0, 99), st.integers(100, 599))
def test_any_item_is_judged(item: object, index: int, status: int) -> None:
    """Any item gives None or an error at its place, never an exception, and the error never shows the item's texts."""
    error = copper.classify_item(item, index, status)
    assert error is None or "zebra" not in str(error) + repr(error)
