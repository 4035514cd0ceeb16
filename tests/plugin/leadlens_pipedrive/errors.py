"""Pipedrive's errors: ``{"success": false, "error", "error_info", "code"?}``.

Sources: pipedrive.readme.io/docs/core-api-concepts-responses (the form), …-http-status-codes (what each status means),
…-rate-limiting (429), marketplace-oauth-and-api-proxy-status-codes (the token endpoint, and 401 and 403 of the proxy).
What is refused is a closed list: any other error may or may not have been done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from leadlens.errors import (
    CredentialsError,
    InvalidRequestError,
    NotFoundError,
    NotPermittedError,
    OutcomeUnknownError,
    RateLimitError,
    VendorError,
)

if TYPE_CHECKING:
    from leadlens.flow import Reply

BY_STATUS: Final[Mapping[int, type[VendorError]]] = {
    400: InvalidRequestError,
    401: CredentialsError,
    402: NotPermittedError,
    403: NotPermittedError,
    404: NotFoundError,
    405: InvalidRequestError,
    410: NotFoundError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitError,
}
"""What an answer in Pipedrive's form means at these statuses."""
WITHOUT_FORM: Final = frozenset((401, 403, 429))
"""These refuse whatever the body: they come before the API itself is reached."""
TOKEN_ERRORS: Final = frozenset(("invalid_client", "invalid_grant", "unauthorized_client", "access_denied"))
"""The token endpoint's words for credentials that will not do (RFC 6749, section 5.2)."""
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,63}", re.ASCII)


def classify(reply: Reply) -> VendorError | None:
    """Return the error that a reply is, or None when it speaks of success."""
    body = reply.body if isinstance(reply.body, dict) else {}
    if 200 <= reply.status < 300 and (body.get("success") is True or isinstance(body.get("access_token"), str)):
        return None
    kind = OutcomeUnknownError if reply.status < 300 else _kind(reply.status, body)
    code = body.get("code") or body.get("error")
    return kind(
        "pipedrive",
        status=reply.status,
        code=code if isinstance(code, str) and _CODE.fullmatch(code) else None,
        request_id=reply.request_id,
        message=_message(body),
        retry_after=reply.retry_after,
    )


def _kind(status: int, body: Mapping[str, object]) -> type[VendorError]:
    said = body.get("error")
    if status == 400 and isinstance(said, str) and said in TOKEN_ERRORS:
        return CredentialsError
    in_form = body.get("success") is False or status in WITHOUT_FORM
    return BY_STATUS.get(status, OutcomeUnknownError) if in_form else OutcomeUnknownError


def _message(body: Mapping[str, object]) -> str | None:
    said = (body.get("error"), body.get("error_info"))
    return ": ".join(text for text in said if isinstance(text, str) and text) or None
