"""Zoho's errors, judged by the body of a reply: the status alone misleads.

Sources: the possible errors of zoho.com/crm/developer/docs/api/{v2 … v8}/convert-lead.html and upsert-records.html; the
vendor's own description of v8 (zoho/crm-oas, third-party) for further codes and for what ``details`` hold, and its
v8.0/record, getRecords, for those of pages: DISCRETE_PAGINATION_LIMIT_EXCEEDED (more than 2,000 records by number),
PAGINATION_LIMIT_EXCEEDED (100,000 by token), EXPIRED_VALUE and TOKEN_BOUND_DATA_MISMATCH (tokens);
help.zoho.com, Kaizen #25 and #203, for the codes of editions, licences and limits. The accounts server's errors are
third-party: they were seen in recorded replies, most of them with HTTP 200.

What is refused and what is done is a closed list: an error that is not in the tables may or may not have been done.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeAlias

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
    TryLaterError,
    VendorError,
)
from leadlens.flow import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from leadlens.model import JSON

Kind: TypeAlias = type[VendorError]

ERRORS: Final[Mapping[str, Kind]] = {
    "ALREADY_SCHEDULED": TryLaterError,
    "AMBIGUITY_DURING_PROCESSING": InvalidRequestError,
    "AUTHENTICATION_FAILED": CredentialsError,
    "AUTHENTICATION_FAILURE": CredentialsError,
    "AUTHORIZATION_FAILED": NotPermittedError,
    "CANNOT_PERFORM_ACTION": InvalidRequestError,
    "CANNOT_PROCESS": InvalidRequestError,
    "CONVERTED_RECORD": AlreadyConvertedError,
    "DATA_MISMATCH": InvalidRequestError,
    "DEPENDENT_FIELD_MISSING": InvalidRequestError,
    "DISCRETE_PAGINATION_LIMIT_EXCEEDED": InvalidRequestError,
    "DUPLICATE_DATA": DuplicateError,
    "EXPECTED_FIELD_MISSING": InvalidRequestError,
    "EXPIRED_VALUE": InvalidRequestError,
    "FEATURE_NOT_SUPPORTED": NotPermittedError,
    "ID_ALREADY_CONVERTED": AlreadyConvertedError,
    "INTERNAL_ERROR": OutcomeUnknownError,
    "INTERNAL_SERVER_ERROR": OutcomeUnknownError,
    "INVALID_DATA": InvalidRequestError,
    "INVALID_MODULE": InvalidRequestError,
    "INVALID_QUERY": InvalidRequestError,
    "INVALID_REQUEST_METHOD": InvalidRequestError,
    "INVALID_TOKEN": CredentialsError,
    "INVALID_URL_PATTERN": NotFoundError,
    "LICENSE_LIMIT_EXCEEDED": NotPermittedError,
    "LIMIT_EXCEEDED": InvalidRequestError,
    "LIMIT_REACHED": InvalidRequestError,
    "MANDATORY_NOT_FOUND": InvalidRequestError,
    "MAPPING_MISMATCH": InvalidRequestError,
    "NOT_ALLOWED": InvalidRequestError,
    "NOT_APPROVED": TryLaterError,
    "NOT_REVIEWED": TryLaterError,
    "NOT_SUPPORTED": InvalidRequestError,
    "NO_PERMISSION": NotPermittedError,
    "OAUTH_SCOPE_MISMATCH": CredentialsError,
    "PAGINATION_LIMIT_EXCEEDED": InvalidRequestError,
    "PATTERN_NOT_MATCHED": InvalidRequestError,
    "RECORD_IN_BLUEPRINT": InvalidRequestError,
    "RECORD_LOCKED": TryLaterError,
    "REQUIRED_PARAM_MISSING": InvalidRequestError,
    "RESOURCE_NOT_FOUND": NotFoundError,
    "STORAGE_SPACE_EXCEEDED": NotPermittedError,
    "TOKEN_BOUND_DATA_MISMATCH": InvalidRequestError,
    "TOO_MANY_REQUESTS": RateLimitError,
    "UNSUPPORTED_VERSION": InvalidRequestError,
}
"""What to do about each code; RESOURCE_NOT_FOUND and INVALID_URL_PATTERN speak of the address, INVALID_DATA of both."""

TOKEN_ERRORS: Final[Mapping[str, Kind]] = {
    "Access Denied": RateLimitError,
    "access_denied": CredentialsError,
    "invalid_client": CredentialsError,
    "invalid_client_secret": CredentialsError,
    "invalid_code": CredentialsError,
    "invalid_grant": CredentialsError,
    "invalid_redirect_uri": CredentialsError,
    "unauthorized_client": CredentialsError,
}
"""The accounts server's: ``Access Denied`` is its word for too many tokens in too short a time."""

BY_STATUS: Final[Mapping[int, Kind]] = {
    401: CredentialsError,
    403: NotPermittedError,
    404: NotFoundError,
    429: RateLimitError,
}
"""What an error whose code says no more than *invalid* means at these statuses."""

WITHOUT_CODE: Final[Mapping[int, Kind]] = {
    status: kind for status, kind in BY_STATUS.items() if status != HTTPStatus.NOT_FOUND
}
"""These refuse whatever the body; a 404 without a code may be somebody else's."""

REPLIES: Final = frozenset(
    (
        "__conversion_options",
        "access_token",
        "contact_roles",
        "data",
        "fields",
        "layouts",
        "org",
        "pipeline",
        "tags",
        "users",
    )
)
"""The keys by which a successful reply is known."""

BY_CERTAINTY: Final[tuple[Kind, ...]] = (OutcomeUnknownError, PendingError, VendorError)
"""The least certain first."""

_SUCCESSFUL = range(200, 300)
_REFUSED = range(400, 500)
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,63}", re.ASCII)
_PATH = re.compile(r"\$(?:(?:\.[A-Za-z_$][\w$]{0,63}|\[\d{1,6}\])(?=[.\[]|\Z))+", re.ASCII)
_PLACES = ("expected_fields", "ambiguity_due_to")


def classify(reply: Reply) -> VendorError | None:
    """Return the error that a reply is, or None when its envelope speaks of success.

    A reply in which some records (or, where fields are made, ``fields``) were accepted and others refused is None too:
    see :func:`classify_item`. When all were refused, the least certain of their errors stands for all.
    """
    body = reply.body
    if isinstance(body, dict) and isinstance(body.get("code"), str):
        return _judge(body, None, reply)
    for key in ("data", "fields"):
        if isinstance(body, dict) and isinstance(body.get(key), list) and body[key]:
            return _least_certain([_judge(item, index, reply) for index, item in enumerate(body[key])])
    if isinstance(body, dict) and isinstance(body.get("error"), str):
        return _error(_token_kind(body["error"], reply.status), body, None, reply)
    kind = _kind_without_code(reply)
    return None if kind is None else _error(kind, body, None, reply)


def classify_item(item: JSON, index: int, status: int) -> VendorError | None:
    """Return the error of one item of ``data``, or None when it was accepted; a 207 mixes both."""
    return _judge(item, index, Reply(status))


def _judge(entry: JSON, index: int | None, reply: Reply) -> VendorError | None:
    kind = _kind(entry, reply.status)
    return None if kind is None else _error(kind, entry, index, reply)


def _least_certain(errors: Sequence[VendorError | None]) -> VendorError | None:
    refused = [error for error in errors if error is not None]
    if len(refused) < len(errors):
        return None
    found = min(refused, key=_certainty)
    if len(refused) > 1:
        found.items = tuple(refused)
    return found


def _certainty(error: VendorError) -> int:
    return next(rank for rank, kind in enumerate(BY_CERTAINTY) if isinstance(error, kind))


def _kind(entry: JSON, status: int) -> Kind | None:
    """Return the class of an entry, None for success; records that were read and v2's conversions have no code."""
    if not isinstance(entry, dict) or not _is_final(status):
        return OutcomeUnknownError
    code = entry.get("code")
    if status in _SUCCESSFUL and entry.get("status") != "error":
        if code is None or code == "SUCCESS":
            return None
        if code == "SCHEDULED":
            return PendingError if _job(entry) else OutcomeUnknownError
    if not isinstance(code, str):
        return WITHOUT_CODE.get(status, OutcomeUnknownError)
    return _kind_of_code(code, entry, status)


def _kind_of_code(code: str, entry: Mapping[str, JSON], status: int) -> Kind:
    kind = ERRORS.get(code)
    if code == "INVALID_DATA" and "resource_path_index" in _details(entry):
        return NotFoundError
    if kind is InvalidRequestError or (kind is None and entry.get("status") == "error"):
        return BY_STATUS.get(status, kind or OutcomeUnknownError)
    return kind or WITHOUT_CODE.get(status, OutcomeUnknownError)


def _token_kind(error: str, status: int) -> Kind:
    if not _is_final(status):
        return OutcomeUnknownError
    return TOKEN_ERRORS.get(error) or WITHOUT_CODE.get(status, OutcomeUnknownError)


def _kind_without_code(reply: Reply) -> Kind | None:
    body, status = reply.body, reply.status
    if status == HTTPStatus.NO_CONTENT and body is None:
        return None
    if status in _SUCCESSFUL and isinstance(body, dict) and not REPLIES.isdisjoint(body):
        return None
    return WITHOUT_CODE.get(status, OutcomeUnknownError)


def _is_final(status: int) -> bool:
    return status in _SUCCESSFUL or status in _REFUSED


def _error(kind: Kind, entry: JSON, index: int | None, reply: Reply) -> VendorError:
    body = entry if isinstance(entry, dict) else {}
    return kind(
        "zoho",
        status=reply.status,
        code=_code(body),
        path=_path(_details(body), index),
        request_id=reply.request_id,
        message=_text(body.get("message")) or _text(body.get("error_description")),
        candidates=_duplicates(_details(body)) if issubclass(kind, DuplicateError) else (),
        retry_after=reply.retry_after,
        job_id=_job(body) if kind is PendingError else None,
    )


def _details(entry: Mapping[str, JSON]) -> Mapping[str, JSON]:
    details = entry.get("details")
    return details if isinstance(details, dict) else {}


def _code(entry: Mapping[str, JSON]) -> str | None:
    """Return the code if it is a known one or looks like one: it is shown, so it must not be free text."""
    code, error = entry.get("code"), entry.get("error")
    if isinstance(code, str):
        return code if _CODE.fullmatch(code) else None
    return error if isinstance(error, str) and error in TOKEN_ERRORS else None


def _path(details: Mapping[str, JSON], index: int | None) -> str | None:
    """Return the field as ``json_path`` has it, else by its names, else the item: ``$.data[0].Deals.Stage``."""
    root = "$" if index is None else f"$.data[{index}]"
    for place in _places(details):
        json_path = _PATH.match(_text(place.get("json_path")) or "")
        if json_path is not None:
            return json_path[0]
        names = [name for name in (_text(place.get("parent_api_name")), _text(place.get("api_name"))) if name]
        if names and (by_name := _PATH.fullmatch(".".join((root, *names)))) is not None:
            return by_name[0]
    return None if index is None else root


def _places(details: Mapping[str, JSON]) -> Iterator[Mapping[str, JSON]]:
    yield details
    for key in _PLACES:
        several = details.get(key)
        yield from (place for place in several if isinstance(place, dict)) if isinstance(several, list) else ()


def _duplicates(details: Mapping[str, JSON]) -> tuple[str, ...]:
    """Return the id of the record that is there; v2 puts it straight into ``details``."""
    record = details.get("duplicate_record")
    found = _id(record.get("id") if isinstance(record, dict) else details.get("id"))
    return () if found is None else (found,)


def _job(entry: Mapping[str, JSON]) -> str | None:
    return _id(_details(entry).get("job_id"))


def _id(value: JSON) -> str | None:
    """Return an id as text; Zoho writes 18 or 19 digits, as a string or as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 < value < 10**20 else None
    return _text(value)


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) and value else None
