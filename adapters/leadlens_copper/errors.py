"""Copper's errors: a status and a message, which is a text or an object of field errors.

Sources: developer.copper.com, webhooks/create-new-subscription.html (422 with a text),
opportunities/bulk-create-opportunities.html (the refusal of a record, the refusal of too many, 429),
leads/upsert-a-lead.html (422 with the ids of the matching leads, without them when there are more than 30; the body
itself is not shown). Third-party: 404 with ``Resource not found``. The bodies of 401, 403 and 429 are not recorded, so
their status decides. The token endpoint answers as RFC 6749 says.

What is refused and what is done is a closed list: an answer that is not on it may or may not have been done.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeAlias

from leadlens.errors import (
    AmbiguousMatchError,
    CredentialsError,
    InvalidRequestError,
    NotFoundError,
    NotPermittedError,
    OutcomeUnknownError,
    RateLimitError,
    VendorError,
)
from leadlens.flow import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leadlens.model import JSON

Kind: TypeAlias = type[VendorError]

BY_STATUS: Final[Mapping[int, Kind]] = {401: CredentialsError, 403: NotPermittedError, 429: RateLimitError}
"""These refuse whatever the body."""

IN_COPPERS_SHAPE: Final[Mapping[int, Kind]] = {
    400: InvalidRequestError,
    404: NotFoundError,
    422: InvalidRequestError,
}
"""These refuse when the body is Copper's own; otherwise it may be somebody else's."""

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

MAX_CANDIDATES: Final = 30
"""Copper lists no more matching leads than these."""

ID_KEYS: Final = frozenset(
    ("candidates", "ids", "lead_ids", "leads", "matches", "matching_ids", "matching_lead_ids", "matching_leads")
)
"""Under which of these the ids of matching leads stand is not recorded."""

_SUCCESSFUL = range(200, 300)
_ID_DIGITS = 19
_PLACES = ("message", "error", "errors", "details", "data")
_CODE = re.compile(r"[a-z][a-z0-9_]{1,63}", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_SEVERAL = re.compile(r"\b(?:more than|multiple|several|too many|ambiguous)\b", re.IGNORECASE)
_MATCH = re.compile(r"\b(?:match\w*|found)\b", re.IGNORECASE)
_ID_LIST = re.compile(r"\b\d{1,19}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)\d{1,19})+\b", re.ASCII)


def classify(reply: Reply) -> VendorError | None:
    """Return the error that a reply is, or None when it speaks of success.

    A bulk reply in which some records were accepted is None too: see :func:`classify_item`.
    """
    kind = _kind(reply)
    if kind is None:
        return _all_refused(reply)
    return _error(kind, reply.body, "$", reply)


def classify_item(item: JSON, index: int, status: int) -> VendorError | None:
    """Return the error of one item of a bulk reply, or None when the record was accepted.

    The items come in the order of the request, so the path ``$[3].name`` is the name of the fourth record.
    """
    kind: Kind | None
    if status in _SUCCESSFUL and isinstance(item, dict):
        kind = InvalidRequestError if _is_refusal(item) else None
    else:
        kind = _kind_of_error(item, status)
    return None if kind is None else _error(kind, item, f"$[{index}]", Reply(status))


def _all_refused(reply: Reply) -> VendorError | None:
    items = reply.body if isinstance(reply.body, list) else []
    if not items or not all(isinstance(item, dict) and _is_refusal(item) for item in items):
        return None
    error = _error(InvalidRequestError, items[0], "$[0]", reply)
    error.items = tuple(_error(InvalidRequestError, item, f"$[{at}]", reply) for at, item in enumerate(items))
    return error


def _kind(reply: Reply) -> Kind | None:
    """Return the class of a reply. Successful ones have no envelope: they are the record, or a list."""
    body, status = reply.body, reply.status
    if status not in _SUCCESSFUL:
        return _kind_of_error(body, status)
    if isinstance(body, dict):
        return OutcomeUnknownError if body.get("success") is False or "error" in body else None
    return None if isinstance(body, list) else OutcomeUnknownError


def _kind_of_error(body: JSON, status: int) -> Kind:
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status == HTTPStatus.UNPROCESSABLE_ENTITY and _is_ambiguous(body):
        return AmbiguousMatchError
    token_error = _token_error(body)
    if status == HTTPStatus.BAD_REQUEST and token_error is not None:
        return TOKEN_ERRORS[token_error]
    return IN_COPPERS_SHAPE.get(status, OutcomeUnknownError) if _is_coppers(body, status) else OutcomeUnknownError


def _is_coppers(body: JSON, status: int) -> bool:
    """Say whether a body has Copper's shape; ``{"error": …}`` is documented with 422 only."""
    if not isinstance(body, dict):
        return False
    return _is_refusal(body) or (status == HTTPStatus.UNPROCESSABLE_ENTITY and isinstance(body.get("error"), str))


def _is_refusal(body: Mapping[str, JSON]) -> bool:
    return body.get("success") is False and isinstance(body.get("message"), str | dict)


def _token_error(body: JSON) -> str | None:
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, str) and error in TOKEN_ERRORS else None


def _error(kind: Kind, body: JSON, root: str, reply: Reply) -> VendorError:
    message = body.get("message") if isinstance(body, dict) else None
    field, code = _field_error(message)
    return kind(
        "copper",
        status=reply.status,
        code=code or _token_error(body),
        path=f"{root}.{field}" if field else (root if root != "$" else None),
        request_id=reply.request_id,
        message=_message(body),
        candidates=_candidates(body) if kind is AmbiguousMatchError else (),
        retry_after=reply.retry_after,
    )


def _field_error(message: JSON) -> tuple[str | None, str | None]:
    """Return the first field of ``{"name": [{"error": "invalid"}]}`` and its error, where they are plain names."""
    for field, errors in message.items() if isinstance(message, dict) else ():
        if _NAME.fullmatch(field):
            first = errors[0] if isinstance(errors, list) and errors else None
            code = first.get("error") if isinstance(first, dict) else None
            return field, code if isinstance(code, str) and _CODE.fullmatch(code) else None
    return None, None


def _message(body: JSON) -> str | None:
    said = body if isinstance(body, dict) else {}
    for key in ("message", "error_description", "error"):
        value = said.get(key)
        if isinstance(value, dict) and value:
            return _as_text(value)
        if isinstance(value, str) and value:
            return value
    return None


def _as_text(value: JSON) -> str | None:
    try:
        return json.dumps(value, default=str)
    except (RecursionError, ValueError):
        return None


def _is_ambiguous(body: JSON) -> bool:
    return bool(_listed(body)) or any(_tells_of_several(place) for place in _places(body))


def _tells_of_several(place: JSON) -> bool:
    return isinstance(place, str) and _SEVERAL.search(place) is not None and _MATCH.search(place) is not None


def _candidates(body: JSON) -> tuple[str, ...]:
    """Return the ids of the matching leads, from wherever they stand."""
    ids = _listed(body) or next(filter(None, (_told(place) for place in _places(body))), [])
    return tuple(ids) if len(ids) <= MAX_CANDIDATES else ()


def _listed(body: JSON) -> list[str]:
    """Return the first list of at least two ids, bare or of records, that stands by itself or under a key for ids."""
    for place in _places(body):
        lists = [value for key, value in place.items() if key in ID_KEYS] if isinstance(place, dict) else [place]
        for one in lists:
            ids = [_record_id(item) for item in one] if isinstance(one, list) else []
            if len(ids) > 1 and (found := [each for each in ids if each is not None]) == ids:
                return found
    return []


def _told(place: JSON) -> list[str]:
    """Return the ids of a text about several matches: ``Multiple leads found: 8894157, 8894159``."""
    found = _ID_LIST.search(place) if isinstance(place, str) and _tells_of_several(place) else None
    return [] if found is None else re.findall(r"[0-9]+", found[0])


def _places(body: JSON) -> Iterator[JSON]:
    yield body
    if isinstance(body, dict):
        yield from (body[key] for key in _PLACES if key in body)
        yield from _field_errors(body.get("message"))


def _field_errors(message: JSON) -> Iterator[JSON]:
    """Yield the errors of ``{"match": [{"error": "ambiguous", "ids": [1, 2]}]}``; they may hold the ids [?]."""
    for errors in message.values() if isinstance(message, dict) else ():
        yield from errors if isinstance(errors, list) else ()


def _record_id(item: JSON) -> str | None:
    value = item.get("id") if isinstance(item, dict) else item
    if isinstance(value, str):
        return value if value.isascii() and value.isdigit() and len(value) <= _ID_DIGITS else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**_ID_DIGITS else None
