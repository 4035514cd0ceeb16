"""Base's errors: each documented code becomes the class that says what to do."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import contracts

from leadlens.errors import (
    AmbiguousMatchError,
    CredentialsError,
    DuplicateError,
    InvalidRequestError,
    NotFoundError,
    NotPermittedError,
    OutcomeUnknownError,
    RateLimitError,
    RefusedError,
    VendorError,
)
from leadlens.flow import Reply
from leadlens_base import errors as base

Body = dict[str, Any]
PRIVATE: Final = "zebra@example.com"
EXCHANGES: Final = {
    path.name: contracts.document(f"base/exchanges/{path.name}")["reply"]
    for path in sorted(contracts.SPECS.glob("base/exchanges/*.json"))
}
REPLIED: Final = [name for name, reply in EXCHANGES.items() if reply is not None]


def entry(code: str, **more: object) -> Body:
    """Return one error."""
    return {"error": {"code": code, "message": f"{code} {PRIVATE}", **more}, "meta": {"type": "error"}}


def envelope(*errors: Body, status: str = "422 Unprocessable Entity", logref: str = "3f5b1c0a") -> Body:
    """Return the envelope of errors."""
    return {"errors": list(errors), "meta": {"type": "errors", "http_status": status, "logref": logref, "links": {}}}


def one(code: str, **more: object) -> Body:
    """Return the envelope of one error."""
    return envelope(entry(code, **more))


class Row(NamedTuple):
    """What one documented reply becomes."""

    status: int
    body: Body
    kind: type[VendorError]
    code: str
    path: str | None = None


NAME: Final = {"resource": "lead", "field": "/data/last_name"}
ROWS: Final = [
    Row(400, one("invalid_param", field="page"), InvalidRequestError, "invalid_param", "$.page"),
    Row(400, one("invalid_header"), InvalidRequestError, "invalid_header"),
    Row(400, one("invalid_user_agent"), InvalidRequestError, "invalid_user_agent"),
    Row(400, one("invalid_payload"), InvalidRequestError, "invalid_payload"),
    Row(422, one("incorrect_payload"), InvalidRequestError, "incorrect_payload"),
    Row(422, one("unknown", **NAME), InvalidRequestError, "unknown", "$.data.last_name"),
    Row(422, one("missing", **NAME), InvalidRequestError, "missing", "$.data.last_name"),
    Row(422, one("already_exists", **NAME), DuplicateError, "already_exists", "$.data.last_name"),
    Row(422, one("blank", **NAME), InvalidRequestError, "blank", "$.data.last_name"),
    Row(422, one("invalid_type", **NAME), InvalidRequestError, "invalid_type", "$.data.last_name"),
    Row(422, one("incorrect_value", **NAME), InvalidRequestError, "incorrect_value", "$.data.last_name"),
    Row(401, one("unauthorized"), CredentialsError, "unauthorized"),
    Row(403, one("insufficient_scope"), NotPermittedError, "insufficient_scope"),
    Row(404, one("not_found", resource="lead"), NotFoundError, "not_found"),
    Row(404, one("incorrect_path"), NotFoundError, "incorrect_path"),
    Row(429, one("rate_limit_exceeded"), RateLimitError, "rate_limit_exceeded"),
    Row(404, one("rate_limit_exceeded"), RateLimitError, "rate_limit_exceeded"),
    Row(404, one("incorrect_path", details="Requested path at '/429.json' was not found using the HTTP method 'GET'."),
        RateLimitError, "incorrect_path"),
    Row(409, one("already_exists"), AmbiguousMatchError, "already_exists"),
    Row(500, one("server_error"), OutcomeUnknownError, "server_error"),
    Row(503, one("temporarily_unavailable"), OutcomeUnknownError, "temporarily_unavailable"),
    Row(400, {"error": "invalid_grant"}, CredentialsError, "invalid_grant"),
    Row(401, {"error": "invalid_client"}, CredentialsError, "invalid_client"),
    Row(400, {"error": "unauthorized_client"}, CredentialsError, "unauthorized_client"),
    Row(400, {"error": "access_denied"}, CredentialsError, "access_denied"),
    Row(400, {"error": "invalid_request"}, InvalidRequestError, "invalid_request"),
    Row(400, {"error": "invalid_scope"}, InvalidRequestError, "invalid_scope"),
    Row(400, {"error": "unsupported_grant_type"}, InvalidRequestError, "unsupported_grant_type"),
]  # fmt: skip
CONTRACT_CODES: Final = contracts.document("base/openapi.json")["components"]["schemas"]["ErrorDetail"]["properties"][
    "code"
]["enum"]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.status} {row.code}" for row in ROWS])
def test_documented_error(row: Row) -> None:
    """A documented error keeps its status, code and field, and its text stays in ``message``."""
    error = base.classify(Reply(row.status, {}, row.body))
    assert type(error) is row.kind
    assert (error.vendor, error.status, error.code, error.path) == ("base", row.status, row.code, row.path)
    assert PRIVATE not in str(error) + repr(error)


@pytest.mark.parametrize("row", [row for row in ROWS if row.code in CONTRACT_CODES], ids=lambda row: row.code)
def test_rows_are_in_the_vendors_shape(row: Row) -> None:
    """The bodies of these tests fit the contract."""
    assert contracts.validator("base", "Error").messages(row.body, "$") == []


def test_every_code_on_record_has_a_row() -> None:
    """The table knows every code of the contract, and every code of the table is tested."""
    assert set(CONTRACT_CODES) <= set(base.ERRORS)
    assert {row.code for row in ROWS} == set(base.ERRORS) | set(base.TOKEN_ERRORS)


def test_conflict_has_no_candidates() -> None:
    """An upsert that matches several records answers 409; nobody has recorded where their ids would stand."""
    error = base.classify(Reply(409, {}, one("conflict")))
    assert type(error) is AmbiguousMatchError
    assert (error.code, error.candidates) == ("conflict", ())


def test_rate_limit_in_the_dress_of_a_404() -> None:
    """A 404 about ``/429.json`` is the rate limit, wherever it names that path; another path is not."""
    for body in ({"path": "/429.json"}, {"meta": {"path": "/v2/429.json"}}, one("not_found", resource="/429.json")):
        assert type(base.classify(Reply(404, {}, body))) is RateLimitError
    assert type(base.classify(Reply(404, {}, one("not_found", details="no '/leads/429'")))) is NotFoundError
    assert type(base.classify(Reply(400, {}, one("invalid_param", details="/429.json")))) is InvalidRequestError


def test_request_id_and_message() -> None:
    """``logref`` repeats the header X-Request-Id, which counts where there is no envelope."""
    error = base.classify(Reply(422, {"x-request-id": "h"}, one("missing", details="last_name is required")))
    assert error is not None
    assert (error.request_id, error.message) == ("3f5b1c0a", f"missing {PRIVATE}: last_name is required")
    error = base.classify(Reply(502, {"x-request-id": "h"}, "<html></html>"))
    assert error is not None
    assert (error.request_id, error.message) == ("h", None)


def test_first_known_error_stands_for_all() -> None:
    """Every error of an envelope refuses the whole request, so the first with a known code speaks."""
    body = envelope(entry("new_one"), entry("already_exists", field="/data/email"), entry("missing"))
    error = base.classify(Reply(422, {}, body))
    assert type(error) is DuplicateError
    assert error.path == "$.data.email"


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("/data/tags/0", "$.data.tags[0]"),
        ("/data/address/line1", "$.data.address.line1"),
        ("email", "$.email"),
        ("/data/custom_fields/Known via", "$.data.custom_fields"),
        (f"/data/{PRIVATE}", "$.data"),
        (PRIVATE, None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_path_is_the_json_pointer(field: object, path: str | None) -> None:
    """A JSON pointer becomes a path, which ends before what is not a plain name."""
    error = base.classify(Reply(422, {}, one("incorrect_value", field=field)))
    assert error is not None
    assert error.path == path


@pytest.mark.parametrize("name", REPLIED)
def test_documented_successes(name: str) -> None:
    """Published replies are no errors."""
    reply = EXCHANGES[name]
    assert base.classify(Reply(reply["status"], {}, reply["body"])) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"data": {"id": 1}, "meta": {"type": "lead"}}),
        (201, {"data": {"id": 1}, "meta": {"type": "lead"}}),
        (200, {"items": [], "meta": {"type": "collection"}}),
        (200, {"access_token": "t", "token_type": "bearer"}),
        (204, None),
    ],
)
def test_success(status: int, body: object) -> None:
    """A record, a page, a token and the empty reply to a deletion are no errors."""
    assert base.classify(Reply(status, {}, body)) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (100, None),
        (200, None),
        (200, {}),
        (200, []),
        (200, "<html></html>"),
        (200, {"data": None}),
        (200, one("missing")),
        (200, {"data": {"id": 1}, **one("missing")}),
        (302, {"data": {"id": 1}}),
        (304, None),
        (400, None),
        (400, {"error": "teapot"}),
        (400, {"errors": ["missing"]}),
        (400, one("new_one")),
        (400, one("server_error")),
        (404, None),
        (404, "<html></html>"),
        (404, {"error": "not found"}),
        (409, None),
        (422, {"message": "no"}),
        (500, one("invalid_param")),
        (502, "<html></html>"),
        (503, {"error": "invalid_grant"}),
    ],
)
def test_everything_else_is_unknown(status: int, body: object) -> None:
    """What is refused and what is done is a closed list; the rest may or may not have been done."""
    assert type(base.classify(Reply(status, {}, body))) is OutcomeUnknownError


@pytest.mark.parametrize("body", [None, "<html></html>", {"error": "no"}, one("new_one"), one("invalid_param")])
@pytest.mark.parametrize(("status", "kind"), [(401, CredentialsError), (403, NotPermittedError), (429, RateLimitError)])
def test_these_statuses_refuse_whatever_the_body(status: int, kind: type[VendorError], body: object) -> None:
    """401, 403 and 429 are refusals also without a code that is known."""
    assert type(base.classify(Reply(status, {}, body))) is kind


def test_unknown_code_with_404_is_not_found() -> None:
    """A 404 in Base's own envelope says that there is no such record or route."""
    assert type(base.classify(Reply(404, {}, one("new_one")))) is NotFoundError


def test_retry_after_and_request_id_are_kept() -> None:
    """An error keeps how long to wait, and the id of the request."""
    error = base.classify(Reply(429, {"retry-after": "7", "x-request-id": "r-1"}))
    assert error is not None
    assert (error.retry_after, error.request_id) == (7.0, "r-1")


FEW = max(100, settings().max_examples // 4)
PRIVATE_TEXTS = st.sampled_from([PRIVATE, f"/data/{PRIVATE}", f"{PRIVATE}/data"]) | st.text().map(PRIVATE.__add__)
TEXTS = PRIVATE_TEXTS | st.sampled_from([*base.ERRORS, *base.TOKEN_ERRORS, "/429.json", "/data/email"])
KEYS = TEXTS | st.sampled_from(
    ["errors", "error", "meta", "code", "field", "message", "details", "logref", "data", "items"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | TEXTS
BODIES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5))
ENTRIES = st.fixed_dictionaries(
    {"error": st.fixed_dictionaries({"code": TEXTS | BODIES}, optional={"field": TEXTS | BODIES})}
)
REPLIES = BODIES | st.fixed_dictionaries({"errors": st.lists(ENTRIES | BODIES, max_size=3)}, optional={"meta": BODIES})


@settings(max_examples=FEW)
@given(REPLIES, st.integers(100, 599), st.text())
def test_any_body_is_judged(body: object, status: int, retry_after: str) -> None:
    """Any JSON gives None or an error, never an exception, and the error never shows the body's texts."""
    error = base.classify(Reply(status, {"retry-after": retry_after}, body))
    if error is None:
        assert 200 <= status < 300
        return
    assert isinstance(error, RefusedError | OutcomeUnknownError)
    assert isinstance(error, OutcomeUnknownError) or 400 <= status < 500
    assert "zebra" not in str(error) + repr(error)
