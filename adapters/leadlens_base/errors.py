"""Base's errors: an envelope of one or several, each with a code and often with the field.

Sources: developer.zendesk.com/api-reference/sales-crm/errors (the envelope, the codes, ``logref`` as the X-Request-Id)
and …/sales-crm/rate-limits (429, without a header that tells when to retry). Third-party: 409 when an upsert matches
several records, and the rate limit that arrives as a 404 about ``/429.json`` (zendesk/basecrm-ruby, issue 81). The
token endpoint answers as RFC 6749 says.

What is refused and what is done is a closed list: an error that is not in the tables may or may not have been done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeAlias

from leadlens.errors import (
    AmbiguousMatchError,
    CredentialsError,
    DuplicateError,
    InvalidRequestError,
    NotFoundError,
    NotPermittedError,
    OutcomeUnknownError,
    RateLimitError,
    VendorError,
)
from leadlens.model import JSON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadlens.flow import Reply

Kind: TypeAlias = type[VendorError]
Entry: TypeAlias = Mapping[str, JSON]

ERRORS: Final[Mapping[str, Kind]] = {
    "already_exists": DuplicateError,
    "blank": InvalidRequestError,
    "incorrect_path": NotFoundError,
    "incorrect_payload": InvalidRequestError,
    "incorrect_value": InvalidRequestError,
    "insufficient_scope": NotPermittedError,
    "invalid_header": InvalidRequestError,
    "invalid_param": InvalidRequestError,
    "invalid_payload": InvalidRequestError,
    "invalid_type": InvalidRequestError,
    "invalid_user_agent": InvalidRequestError,
    "missing": InvalidRequestError,
    "not_found": NotFoundError,
    "rate_limit_exceeded": RateLimitError,
    "server_error": OutcomeUnknownError,
    "temporarily_unavailable": OutcomeUnknownError,
    "unauthorized": CredentialsError,
    "unknown": InvalidRequestError,
}
"""What to do about each code; ``unknown`` is an attribute that the resource does not have."""

TOKEN_ERRORS: Final[Mapping[str, Kind]] = {
    "access_denied": CredentialsError,
    "invalid_client": CredentialsError,
    "invalid_grant": CredentialsError,
    "invalid_request": InvalidRequestError,
    "invalid_scope": InvalidRequestError,
    "unauthorized_client": CredentialsError,
    "unsupported_grant_type": InvalidRequestError,
}
"""The token endpoint's."""

BY_STATUS: Final[Mapping[int, Kind]] = {
    401: CredentialsError,
    403: NotPermittedError,
    404: NotFoundError,
    429: RateLimitError,
}
"""What an error whose code says no more than *invalid*, or is not known, means at these statuses."""

WITHOUT_ENVELOPE: Final[Mapping[int, Kind]] = {
    status: kind for status, kind in BY_STATUS.items() if status != HTTPStatus.NOT_FOUND
}
"""These refuse whatever the body; a 404 without Base's envelope may be somebody else's."""

REPLIES: Final[Mapping[str, type]] = {"data": dict, "items": list, "access_token": str}
"""The keys by which a successful reply is known."""

_SUCCESSFUL = range(200, 300)
_REFUSED = range(400, 500)
_RATE_LIMIT_PATH = "/429.json"
_CODE = re.compile(r"[a-z][a-z0-9_]{1,63}", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_INDEX = re.compile(r"[0-9]{1,6}", re.ASCII)


def classify(reply: Reply) -> VendorError | None:
    """Return the error that a reply is, or None when its envelope speaks of success.

    Of several errors the first with a known code stands for all: each of them refuses the whole request.
    """
    entries = list(_entries(reply.body))
    entry = next((entry for entry in entries if _code(entry) in ERRORS), entries[0] if entries else None)
    kind = _kind(entry, reply)
    return None if kind is None else _error(kind, entry or {}, reply)


def _entries(body: JSON) -> Iterator[Entry]:
    errors = body.get("errors") if isinstance(body, dict) else None
    for item in errors if isinstance(errors, list) else ():
        error = item.get("error") if isinstance(item, dict) else None
        if isinstance(error, dict) and isinstance(error.get("code"), str):
            yield error


def _kind(entry: Entry | None, reply: Reply) -> Kind | None:
    status = reply.status
    if status in _SUCCESSFUL:
        return None if _is_success(reply) else OutcomeUnknownError
    if status not in _REFUSED:
        return OutcomeUnknownError
    if status == HTTPStatus.NOT_FOUND and any(_RATE_LIMIT_PATH in text for text in _texts(reply.body)):
        return RateLimitError
    return _kind_of_body(reply) if entry is None else _kind_of_entry(entry, status)


def _is_success(reply: Reply) -> bool:
    body = reply.body
    if not isinstance(body, dict):
        return reply.status == HTTPStatus.NO_CONTENT and body is None
    return "errors" not in body and any(isinstance(body.get(key), kind) for key, kind in REPLIES.items())


def _kind_of_entry(entry: Entry, status: int) -> Kind:
    if status == HTTPStatus.CONFLICT:
        return AmbiguousMatchError
    kind = ERRORS.get(entry["code"])
    if kind is None or kind is InvalidRequestError:
        return BY_STATUS.get(status, kind or OutcomeUnknownError)
    return kind


def _kind_of_body(reply: Reply) -> Kind:
    token_error = _token_error(reply.body)
    kind = TOKEN_ERRORS.get(token_error) if token_error else None
    return kind or WITHOUT_ENVELOPE.get(reply.status, OutcomeUnknownError)


def _token_error(body: JSON) -> str | None:
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, str) and error in TOKEN_ERRORS else None


def _error(kind: Kind, entry: Entry, reply: Reply) -> VendorError:
    return kind(
        "base",
        status=reply.status,
        code=_code(entry) or _token_error(reply.body),
        path=_path(entry.get("field")),
        request_id=_request_id(reply),
        message=_message(entry, reply.body),
        retry_after=reply.retry_after,
    )


def _code(entry: Entry) -> str | None:
    """Return the code if it looks like one: it is shown, so it must not be free text."""
    code = entry.get("code")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None


def _path(field: JSON) -> str | None:
    """Return the JSON pointer ``/data/last_name`` as ``$.data.last_name``.

    It ends before a key that is not a plain name, such as the free name of a custom field.
    """
    if not isinstance(field, str) or not field:
        return None
    path = "$"
    for key in field.removeprefix("/").split("/"):
        if _INDEX.fullmatch(key):
            path += f"[{key}]"
        elif _NAME.fullmatch(key):
            path += f".{key}"
        else:
            break
    return None if path == "$" else path


def _request_id(reply: Reply) -> str | None:
    """Return ``meta.logref``, which repeats the header X-Request-Id."""
    meta = reply.body.get("meta") if isinstance(reply.body, dict) else None
    logref = meta.get("logref") if isinstance(meta, dict) else None
    return logref if isinstance(logref, str) and logref else reply.request_id


def _message(entry: Entry, body: JSON) -> str | None:
    root = body if isinstance(body, dict) else {}
    said = (entry.get("message"), entry.get("details"), root.get("error_description"))
    return ": ".join(text for text in said if isinstance(text, str) and text) or None


def _texts(body: JSON) -> Iterator[str]:
    """Yield the texts where a path can stand: at the root, in ``meta`` and in the errors."""
    meta = body.get("meta") if isinstance(body, dict) else None
    for place in (body, meta, *_entries(body)):
        yield from (value for value in place.values() if isinstance(value, str)) if isinstance(place, dict) else ()
