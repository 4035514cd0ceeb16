"""Zoho's errors: each documented one, by its body, becomes the class that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import contracts

from leadlens.errors import (
    AlreadyConvertedError,
    CredentialsError,
    DuplicateError,
    InvalidRequestError,
    NotFoundError,
    NotPermittedError,
    OutcomeUnknownError,
    PendingError,
    RateLimitError,
    RefusedError,
    TryLaterError,
    VendorError,
)
from leadlens.flow import Reply
from leadlens_zoho import errors as zoho

if TYPE_CHECKING:
    from collections.abc import Iterator

Body = dict[str, Any]
PRIVATE: Final = "zebra@example.com"
EXCHANGES: Final = {
    path.name: contracts.document(f"zoho/exchanges/{path.name}")["reply"]
    for path in sorted(contracts.SPECS.glob("zoho/exchanges/*.json"))
}
REPLIED: Final = [name for name, reply in EXCHANGES.items() if reply is not None]


def root(code: str, **details: object) -> Body:
    """Return an error at the root."""
    return {"code": code, "details": details, "message": f"{code} {PRIVATE}", "status": "error"}


def data(*items: Body) -> Body:
    """Return a reply with items."""
    return {"data": list(items)}


def done(**details: object) -> Body:
    """Return an accepted item."""
    return {"code": "SUCCESS", "details": details, "message": "record added", "status": "success"}


class Row(NamedTuple):
    """What one documented reply becomes."""

    status: int
    body: Body
    kind: type[VendorError]
    code: str
    path: str | None = None


DEAL_STAGE: Final = "$.data[0].Deals.Stage"
STAGE: Final = {"api_name": "Stage", "json_path": DEAL_STAGE}
DUPLICATE: Final = {
    "api_name": "Email",
    "json_path": "$.data[0].Email",
    "duplicate_record": {"id": "3652397000007603014"},
}
PLACES: Final = [{"api_name": "id", "json_path": "$.data[0].Accounts.id"}, {"api_name": "name"}]
ROWS: Final = [
    Row(400, root("ID_ALREADY_CONVERTED", resource_path_index=1), AlreadyConvertedError, "ID_ALREADY_CONVERTED"),
    Row(400, root("CONVERTED_RECORD"), AlreadyConvertedError, "CONVERTED_RECORD"),
    Row(400, data(root("DUPLICATE_DATA", **DUPLICATE)), DuplicateError, "DUPLICATE_DATA", "$.data[0].Email"),
    Row(202, data(root("DUPLICATE_DATA", **DUPLICATE)), DuplicateError, "DUPLICATE_DATA", "$.data[0].Email"),
    Row(400, data(root("MANDATORY_NOT_FOUND", **STAGE)), InvalidRequestError, "MANDATORY_NOT_FOUND", DEAL_STAGE),
    Row(202, data(root("MANDATORY_NOT_FOUND", **STAGE)), InvalidRequestError, "MANDATORY_NOT_FOUND", DEAL_STAGE),
    Row(200, data(root("MANDATORY_NOT_FOUND", **STAGE)), InvalidRequestError, "MANDATORY_NOT_FOUND", DEAL_STAGE),
    Row(400, data(root("MAPPING_MISMATCH", **STAGE)), InvalidRequestError, "MAPPING_MISMATCH", DEAL_STAGE),
    Row(400, data(root("INVALID_DATA", api_name="Owner")), InvalidRequestError, "INVALID_DATA", "$.data[0].Owner"),
    Row(400, data(root("INVALID_DATA")), InvalidRequestError, "INVALID_DATA", "$.data[0]"),
    Row(400, root("INVALID_DATA", resource_path_index=1), NotFoundError, "INVALID_DATA"),
    Row(202, root("INVALID_DATA"), InvalidRequestError, "INVALID_DATA"),
    Row(400, root("MANDATORY_NOT_FOUND", api_name="data"), InvalidRequestError, "MANDATORY_NOT_FOUND", "$.data"),
    Row(400, data(root("EXPECTED_FIELD_MISSING", expected_fields=PLACES)), InvalidRequestError,
        "EXPECTED_FIELD_MISSING", "$.data[0].Accounts.id"),
    Row(400, data(root("AMBIGUITY_DURING_PROCESSING", ambiguity_due_to=PLACES)), InvalidRequestError,
        "AMBIGUITY_DURING_PROCESSING", "$.data[0].Accounts.id"),
    Row(400, data(root("DEPENDENT_FIELD_MISSING", parent_api_name="Deals", api_name="Stage")), InvalidRequestError,
        "DEPENDENT_FIELD_MISSING", "$.data[0].Deals.Stage"),
    Row(400, root("CANNOT_PERFORM_ACTION"), InvalidRequestError, "CANNOT_PERFORM_ACTION"),
    Row(400, root("CANNOT_PROCESS"), InvalidRequestError, "CANNOT_PROCESS"),
    Row(400, root("DATA_MISMATCH"), InvalidRequestError, "DATA_MISMATCH"),
    Row(400, root("INVALID_MODULE", resource_path_index=0), InvalidRequestError, "INVALID_MODULE"),
    Row(400, root("INVALID_QUERY"), InvalidRequestError, "INVALID_QUERY"),
    Row(400, root("INVALID_REQUEST_METHOD"), InvalidRequestError, "INVALID_REQUEST_METHOD"),
    Row(400, root("LIMIT_EXCEEDED", param_name="fields"), InvalidRequestError, "LIMIT_EXCEEDED"),
    Row(400, root("DISCRETE_PAGINATION_LIMIT_EXCEEDED", limit=2000), InvalidRequestError,
        "DISCRETE_PAGINATION_LIMIT_EXCEEDED"),
    Row(400, root("PAGINATION_LIMIT_EXCEEDED", param_name="page_token"), InvalidRequestError,
        "PAGINATION_LIMIT_EXCEEDED"),
    Row(400, root("EXPIRED_VALUE", api_name="page_token", json_path="$.query.page_token"), InvalidRequestError,
        "EXPIRED_VALUE", "$.query.page_token"),
    Row(400, root("TOKEN_BOUND_DATA_MISMATCH", param_name="page_token"), InvalidRequestError,
        "TOKEN_BOUND_DATA_MISMATCH"),
    Row(400, root("LIMIT_REACHED"), InvalidRequestError, "LIMIT_REACHED"),
    Row(400, root("NOT_ALLOWED"), InvalidRequestError, "NOT_ALLOWED"),
    Row(400, root("NOT_SUPPORTED"), InvalidRequestError, "NOT_SUPPORTED"),
    Row(400, root("PATTERN_NOT_MATCHED"), InvalidRequestError, "PATTERN_NOT_MATCHED"),
    Row(400, root("REQUIRED_PARAM_MISSING", param="fields"), InvalidRequestError, "REQUIRED_PARAM_MISSING"),
    Row(400, root("UNSUPPORTED_VERSION"), InvalidRequestError, "UNSUPPORTED_VERSION"),
    Row(400, data(root("RECORD_IN_BLUEPRINT")), InvalidRequestError, "RECORD_IN_BLUEPRINT", "$.data[0]"),
    Row(400, root("RECORD_LOCKED"), TryLaterError, "RECORD_LOCKED"),
    Row(400, root("NOT_APPROVED"), TryLaterError, "NOT_APPROVED"),
    Row(400, root("NOT_REVIEWED"), TryLaterError, "NOT_REVIEWED"),
    Row(400, root("ALREADY_SCHEDULED"), TryLaterError, "ALREADY_SCHEDULED"),
    Row(400, root("AUTHORIZATION_FAILED"), NotPermittedError, "AUTHORIZATION_FAILED"),
    Row(400, root("LICENSE_LIMIT_EXCEEDED"), NotPermittedError, "LICENSE_LIMIT_EXCEEDED"),
    Row(400, root("STORAGE_SPACE_EXCEEDED"), NotPermittedError, "STORAGE_SPACE_EXCEEDED"),
    Row(403, root("FEATURE_NOT_SUPPORTED"), NotPermittedError, "FEATURE_NOT_SUPPORTED"),
    Row(403, root("NO_PERMISSION", permissions=["Crm_Implied_View_Leads"]), NotPermittedError, "NO_PERMISSION"),
    Row(401, root("AUTHENTICATION_FAILED"), CredentialsError, "AUTHENTICATION_FAILED"),
    Row(401, root("AUTHENTICATION_FAILURE"), CredentialsError, "AUTHENTICATION_FAILURE"),
    Row(401, root("INVALID_TOKEN"), CredentialsError, "INVALID_TOKEN"),
    Row(401, root("OAUTH_SCOPE_MISMATCH"), CredentialsError, "OAUTH_SCOPE_MISMATCH"),
    Row(404, root("INVALID_URL_PATTERN"), NotFoundError, "INVALID_URL_PATTERN"),
    Row(404, root("RESOURCE_NOT_FOUND"), NotFoundError, "RESOURCE_NOT_FOUND"),
    Row(404, root("INVALID_DATA"), NotFoundError, "INVALID_DATA"),
    Row(429, root("TOO_MANY_REQUESTS"), RateLimitError, "TOO_MANY_REQUESTS"),
    Row(500, root("INTERNAL_ERROR"), OutcomeUnknownError, "INTERNAL_ERROR"),
    Row(500, root("INTERNAL_SERVER_ERROR"), OutcomeUnknownError, "INTERNAL_SERVER_ERROR"),
    Row(500, data(root("INVALID_DATA")), OutcomeUnknownError, "INVALID_DATA", "$.data[0]"),
    Row(200, {"error": "invalid_code"}, CredentialsError, "invalid_code"),
    Row(200, {"error": "invalid_client"}, CredentialsError, "invalid_client"),
    Row(200, {"error": "invalid_client_secret"}, CredentialsError, "invalid_client_secret"),
    Row(200, {"error": "invalid_redirect_uri"}, CredentialsError, "invalid_redirect_uri"),
    Row(400, {"error": "invalid_grant"}, CredentialsError, "invalid_grant"),
    Row(400, {"error": "unauthorized_client"}, CredentialsError, "unauthorized_client"),
    Row(400, {"error": "access_denied"}, CredentialsError, "access_denied"),
    Row(400, {"error": "Access Denied", "error_description": PRIVATE}, RateLimitError, "Access Denied"),
]  # fmt: skip
CONTRACT_CODES: Final = contracts.document("zoho/common.json")["components"]["schemas"]["ErrorCode"]["enum"]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.status} {row.code}" for row in ROWS])
def test_documented_error(row: Row) -> None:
    """A documented error keeps its status, code and field, and its text stays in ``message``."""
    error = zoho.classify(Reply(row.status, {}, row.body))
    assert type(error) is row.kind
    assert (error.vendor, error.status, error.code, error.path) == ("zoho", row.status, row.code, row.path)
    assert PRIVATE not in str(error) + repr(error)


@pytest.mark.parametrize("row", [row for row in ROWS if row.code in CONTRACT_CODES], ids=lambda row: row.code)
def test_rows_are_in_the_vendors_shape(row: Row) -> None:
    """The bodies of these tests fit the contract."""
    assert contracts.validator("zoho", "ErrorReply").messages(row.body, "$") == []


def test_every_code_on_record_has_a_row() -> None:
    """The table knows every code of the contract, and every code of the table is tested."""
    tested = {row.code for row in ROWS}
    assert set(CONTRACT_CODES) <= set(zoho.ERRORS)
    assert tested == set(zoho.ERRORS) | set(zoho.TOKEN_ERRORS)


def test_duplicate_names_the_record_that_is_there() -> None:
    """DUPLICATE_DATA carries the id in ``duplicate_record``, in v2 straight in ``details``, as text or as a number."""
    for details in (DUPLICATE, {"id": "3652397000007603014"}, {"duplicate_record": {"id": 3652397000007603014}}):
        error = zoho.classify(Reply(400, {}, data(root("DUPLICATE_DATA", **details))))
        assert isinstance(error, DuplicateError)
        assert error.candidates == ("3652397000007603014",)


def test_other_errors_have_no_candidates() -> None:
    """An id in the details of another error is not a candidate."""
    error = zoho.classify(Reply(400, {}, data(root("INVALID_DATA", id="3652397000007603014"))))
    assert error is not None
    assert error.candidates == ()


@pytest.mark.parametrize("job", ["1643514000006145007", 1643514000006145007])
@pytest.mark.parametrize("action", ["convert", "mass_convert"])
def test_scheduled_is_pending(job: object, action: str) -> None:
    """SCHEDULED names the job to poll: inside data for a conversion, at the root for a mass conversion."""
    entry = {"code": "SCHEDULED", "details": {"job_id": job}, "message": "scheduled", "status": "success"}
    error = zoho.classify(Reply(202, {}, data(entry) if action == "convert" else entry))
    assert isinstance(error, PendingError)
    assert error.job_id == "1643514000006145007"


def test_scheduled_without_a_job_is_unknown() -> None:
    """What cannot be polled is not pending."""
    error = zoho.classify(Reply(202, {}, data({"code": "SCHEDULED", "details": {}, "status": "success"})))
    assert type(error) is OutcomeUnknownError


def test_mixed_reply_is_judged_item_by_item() -> None:
    """A 207 accepts some records and refuses others: the reply as a whole is no error, its items are."""
    body = data(done(id="1"), root("DUPLICATE_DATA", api_name="Email", duplicate_record={"id": "2"}))
    assert zoho.classify(Reply(207, {}, body)) is None
    assert zoho.classify_item(body["data"][0], 0, 207) is None
    error = zoho.classify_item(body["data"][1], 1, 207)
    assert type(error) is DuplicateError
    assert (error.status, error.path, error.candidates) == (207, "$.data[1].Email", ("2",))


def test_item_keeps_the_place_that_zoho_names() -> None:
    """``json_path`` counts the items itself."""
    error = zoho.classify_item(root("INVALID_DATA", api_name="City", json_path="$.data[3].City"), 3, 202)
    assert error is not None
    assert error.path == "$.data[3].City"


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        (("INVALID_DATA", "DUPLICATE_DATA"), InvalidRequestError),
        (("DUPLICATE_DATA", "INVALID_DATA"), DuplicateError),
        (("DUPLICATE_DATA", "INTERNAL_ERROR"), OutcomeUnknownError),
    ],
)
def test_all_refused(codes: tuple[str, ...], kind: type[VendorError]) -> None:
    """When every item is refused the first stands for all, unless the outcome of one is unknown."""
    assert type(zoho.classify(Reply(400, {}, data(*(root(code) for code in codes))))) is kind


@pytest.mark.parametrize("name", REPLIED)
def test_documented_successes(name: str) -> None:
    """Published replies are no errors; those of v2 have no code."""
    reply = EXCHANGES[name]
    assert zoho.classify(Reply(reply["status"], {}, reply["body"])) is None


def keys_of_replies(file: str) -> Iterator[set[str]]:
    """Yield the keys of every successful reply of a contract."""
    for path in contracts.document(file)["paths"].values():
        for operation in (part for part in path.values() if isinstance(part, dict) and "responses" in part):
            for status, response in operation["responses"].items():
                schema = response.get("content", {}).get("application/json", {}).get("schema", {})
                if status.startswith("2") and "$ref" in schema:
                    yield set(contracts.properties("zoho", schema["$ref"].rpartition("/")[2], file[5:-5]))


@pytest.mark.parametrize("file", contracts.files("zoho"))
def test_every_successful_reply_is_known(file: str) -> None:
    """Every successful reply of the contract has a key by which it is known, or a code."""
    assert all(keys & (zoho.REPLIES | {"code"}) for keys in keys_of_replies(file))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (204, None),
        (200, {"data": [], "info": {}}),
        (200, {"data": [{"id": "1", "Last_Name": "Lovelace"}]}),
        (200, {"__conversion_options": {}}),
        (200, {"access_token": "t", "api_domain": "https://www.zohoapis.eu"}),
        (200, root("SUCCESS") | {"status": "success"}),
    ],
)
def test_success(status: int, body: object) -> None:
    """Records, an empty reply, options, a token and a code of success at the root are no errors."""
    assert zoho.classify(Reply(status, {}, body)) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (100, None),
        (200, None),
        (200, {}),
        (200, []),
        (200, "<html></html>"),
        (200, {"data": ["1"]}),
        (200, {"ok": True}),
        (200, {"error": "upstream timeout"}),
        (200, data({"status": "error"})),
        (200, data(root("SUCCESS"))),
        (302, data(done(id="1"))),
        (304, None),
        (400, None),
        (400, data()),
        (400, data(done(id="1"))),
        (400, data({"id": "1"})),
        (400, root("NOBODY_KNOWS")),
        (404, None),
        (404, "<html></html>"),
        (404, {"code": "NOT_FOUND", "message": "no such host"}),
        (500, {"error": "invalid_code"}),
        (502, "<html></html>"),
        (503, root("TOO_MANY_REQUESTS")),
    ],
)
def test_everything_else_is_unknown(status: int, body: object) -> None:
    """What is refused and what is done is a closed list; the rest may or may not have been done."""
    assert type(zoho.classify(Reply(status, {}, body))) is OutcomeUnknownError


@pytest.mark.parametrize(
    "body", [None, "<html></html>", {"message": "no"}, {"error": "no"}, {"data": []}, root("NEW_ONE")]
)
@pytest.mark.parametrize(("status", "kind"), [(401, CredentialsError), (403, NotPermittedError), (429, RateLimitError)])
def test_these_statuses_refuse_whatever_the_body(status: int, kind: type[VendorError], body: object) -> None:
    """401, 403 and 429 are refusals also without a code that is known."""
    assert type(zoho.classify(Reply(status, {}, body))) is kind


def test_unknown_code_with_404_is_not_found() -> None:
    """A 404 in Zoho's own shape says that there is no such record or route."""
    assert type(zoho.classify(Reply(404, {}, root("NEW_ONE")))) is NotFoundError


def test_retry_after_and_request_id_are_kept() -> None:
    """An error keeps how long to wait, and the id of the request."""
    error = zoho.classify(Reply(429, {"retry-after": "7", "x-request-id": "r-1"}, root("TOO_MANY_REQUESTS")))
    assert error is not None
    assert (error.retry_after, error.request_id) == (7.0, "r-1")


def test_message_keeps_the_vendors_text() -> None:
    """The vendor's text is kept for those who ask for it."""
    error = zoho.classify(Reply(400, {}, {"error": "Access Denied", "error_description": "too many"}))
    assert error is not None
    assert (error.message, error.request_id, error.retry_after) == ("too many", None, None)


@pytest.mark.parametrize(
    ("details", "path"),
    [
        ({"json_path": f"$.data[0].{PRIVATE}"}, "$.data[0]"),
        ({"json_path": PRIVATE, "api_name": "Email"}, "$.data[0].Email"),
        ({"api_name": PRIVATE}, "$.data[0]"),
        ({"json_path": 7, "api_name": ["Email"]}, "$.data[0]"),
    ],
)
def test_path_is_never_free_text(details: Body, path: str) -> None:
    """A path ends before what is not the name of a field."""
    error = zoho.classify(Reply(400, {}, data(root("INVALID_DATA", **details))))
    assert error is not None
    assert error.path == path


FEW = max(100, settings().max_examples // 4)
PRIVATE_TEXTS = st.sampled_from([PRIVATE, f"$.data[0].{PRIVATE}", f"{PRIVATE} $.data"]) | st.text().map(PRIVATE.__add__)
TEXTS = PRIVATE_TEXTS | st.sampled_from([*zoho.ERRORS, *zoho.TOKEN_ERRORS, "SUCCESS", "SCHEDULED", "error", "success"])
KEYS = TEXTS | st.sampled_from(
    ["code", "status", "message", "details", "data", "error", "job_id", "access_token", "id"]
)
DETAILS = st.sampled_from(["json_path", "api_name", "parent_api_name", "expected_fields", "duplicate_record"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | TEXTS
BODIES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | DETAILS, inner, max_size=5)
)
ENTRIES = st.fixed_dictionaries(
    {"code": LEAVES | BODIES}, optional={"details": BODIES, "status": TEXTS, "message": TEXTS}
)
REPLIES = BODIES | ENTRIES | st.fixed_dictionaries({"data": st.lists(ENTRIES | BODIES, max_size=3)})


@settings(max_examples=FEW)
@given(REPLIES, st.integers(100, 599), st.text())
def test_any_body_is_judged(body: object, status: int, retry_after: str) -> None:
    """Any JSON gives None or an error, never an exception, and the error never shows the body's texts."""
    error = zoho.classify(Reply(status, {"retry-after": retry_after}, body))
    if error is None:
        assert 200 <= status < 300
        return
    assert isinstance(error, RefusedError | PendingError | OutcomeUnknownError)
    assert isinstance(error, OutcomeUnknownError) or 200 <= status < 300 or 400 <= status < 500
    assert "zebra" not in str(error) + repr(error)


@settings(max_examples=FEW)
@given(BODIES | ENTRIES, st.integers(0, 99), st.integers(100, 599))
def test_any_item_is_judged(item: object, index: int, status: int) -> None:
    """Any item gives None or an error at its place, never an exception, and the error never shows the item's texts."""
    error = zoho.classify_item(item, index, status)
    assert error is None or "zebra" not in str(error) + repr(error)
