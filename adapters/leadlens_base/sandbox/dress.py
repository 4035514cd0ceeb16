"""How Base says yes and no, and whom it lets in (developer.zendesk.com/api-reference/sales-crm: errors, responses, …).

Every reply has an ``X-Request-Id``, a UUID; that of a refusal is also its ``logref``.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from typing import Any, Final

import attrs

from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.vendor import Dress, World

_HEADERS: Final = {"Content-Type": "application/json; charset=utf-8", "Content-Language": "en"}

_NO_USER_AGENT: Final = {"refused": "invalid_param", "named": "invalid_user_agent"}


@attrs.frozen
class Trouble:
    """What is wrong with one attribute; ``field`` is a JSON pointer into the request."""

    field: str
    code: str
    details: str = ""


_SAYS: Final = {
    "unknown": "there is no such attribute",
    "missing": "it must be given",
    "blank": "it must not be empty",
    "invalid_type": "the value is of another type",
    "incorrect_value": "the value is not allowed or not known",
    "already_exists": "there are several",
}


def answer(world: World, status: int, body: Any) -> Reply:
    """Return a reply with the headers that all of them have."""
    return Reply(status, body, {**_HEADERS, "X-Request-Id": _logref(world)})


def _logref(world: World) -> str:
    return str(uuid.UUID(hex=world.token("logref")))


def error(world: World, status: int, code: str, message: str, details: str = "") -> Reply:
    """Return the envelope of one error that is not about an attribute."""
    return _envelope(world, status, [{"code": code, "message": message, "details": details or message}])


def _envelope(world: World, status: int, errors: list[dict[str, str]]) -> Reply:
    meta = {"type": "errors", "http_status": f"{status} {Reply(status).reason}", "logref": _logref(world), "links": {}}
    each = [{"error": detail, "meta": {"type": "error", "links": {}}} for detail in errors]
    return answer(world, status, {"errors": each, "meta": meta})


def not_found(world: World, resource: str) -> Refusal:
    """Return the refusal for a record that is not there."""
    reply = error(world, 404, "not_found", f"The {resource} was not found")
    return Refusal(reply, f"{resource} id")


def refused(world: World, resource: str, troubles: Iterable[Trouble], status: int = 422) -> Refusal:
    """Return the refusal of attributes, an error for each."""
    found = list(troubles)
    errors = [
        {
            "resource": resource,
            "field": trouble.field,
            "code": trouble.code,
            "message": f"{trouble.field}: {_SAYS[trouble.code]}",
            "details": trouble.details or f"The attribute {trouble.field} was refused: {_SAYS[trouble.code]}.",
        }
        for trouble in found
    ]
    return Refusal(_envelope(world, status, errors), ", ".join(f"{one.field} {one.code}" for one in found))


def invalid(world: World, resource: str, field: str, code: str) -> Refusal:
    """Return the refusal of one attribute."""
    return refused(world, resource, [Trouble(field, code)])


def invalid_param(world: World, name: str, why: str) -> Refusal:
    """Return the refusal of a query parameter (form: a reply quoted on support.zendesk.com, post 4408867921690)."""
    details = f"The query parameter {name!r} was refused: {why}"
    reply = error(world, 400, "invalid_param", "A query parameter is not valid", details)
    return Refusal(reply, f"query {name}: {why}")


def digest(token: str) -> str:
    """Return under what a token is remembered; nothing is to be read from it."""
    return hashlib.blake2b(token.encode(), digest_size=16).hexdigest()


def authenticate(world: World, request: Request) -> None:
    """Take any bearer token but an empty one, ``expired`` and revoked ones; a User-Agent is mandatory.

    What a request without User-Agent is told is not recorded [?]: the switch ``no_user_agent``.
    """
    code = _NO_USER_AGENT.get(world.switches["no_user_agent"])
    if code and not request.headers.get("user-agent"):
        reply = error(world, 400, code, "The header User-Agent is missing")
        raise Refusal(reply, "User-Agent")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token.strip() in {"", "expired"} or _is_revoked(world, token.strip()):
        reply = error(world, 401, "unauthorized", "The access token is missing or invalid")
        raise Refusal(reply.with_headers(WWW_Authenticate="Bearer"), "credentials")


def _is_revoked(world: World, token: str) -> bool:
    return bool(world.store.find("revoked_token", "token", digest(token)))


def _too_many(world: World, request: Request, form: str) -> Reply:
    """Answer 429; in the form ``404`` as some clients have seen it [third-party: zendesk/basecrm-ruby, issue 81]."""
    if "404" in {form, world.switches["too_many"]}:
        return error(world, 404, "not_found", "The resource /429.json was not found")
    return error(world, 429, "rate_limit_exceeded", "Too many requests")


def _failed(world: World, request: Request, status: str) -> Reply:
    code = "temporarily_unavailable" if status == "503" else "server_error"
    return error(world, int(status), code, "The server could not answer")


DRESS = Dress(
    route=lambda world, request, unclear: error(world, 404, "not_found", "There is no such resource"),
    method=lambda world, request, unclear: error(world, 404, "not_found", "The resource does not take this method"),
    body=lambda world, request, unclear: error(world, 400, "invalid_payload", "The payload is not valid JSON", unclear),
    too_many=_too_many,
    failed=_failed,
    expired=lambda world, request, unclear: error(world, 401, "unauthorized", "The access token has expired"),
    scheduled=lambda world, request, unclear: Reply(202, {"meta": {"type": "scheduled"}}),
)
