"""How Base says no, and whom it lets in (developer.zendesk.com/api-reference/sales-crm/errors, …/requests)."""

from __future__ import annotations

from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.vendor import Dress, World


def error(world: World, status: int, code: str, message: str, *, resource: str = "", field: str = "") -> Reply:
    """Return Base's envelope; the logref is also the request's id."""
    detail: dict[str, str] = {"code": code, "message": message, "details": message}
    detail |= {"resource": resource} if resource else {}
    detail |= {"field": field} if field else {}
    logref = world.token("logref")
    meta = {"type": "errors", "http_status": f"{status} {Reply(status).reason}", "logref": logref}
    body = {"errors": [{"error": detail, "meta": {"type": "error", "links": {}}}], "meta": {**meta, "links": {}}}
    return Reply(status, body, {"X-Request-Id": logref})


def not_found(world: World, resource: str) -> Refusal:
    """Return the refusal for a record that is not there."""
    return Refusal(error(world, 404, "not_found", f"The {resource} was not found", resource=resource), f"{resource} id")


def invalid(world: World, resource: str, field: str, code: str) -> Refusal:
    """Return the refusal of one attribute; ``field`` is a JSON pointer."""
    reply = error(world, 422, code, f"The attribute is not right: {code}", resource=resource, field=field)
    return Refusal(reply, f"{field} {code}")


def authenticate(world: World, request: Request) -> None:
    """Take any bearer token but an empty one and ``expired``; a User-Agent must be given."""
    if not request.headers.get("user-agent"):
        raise Refusal(error(world, 400, "invalid_param", "User-Agent is missing"), "User-Agent")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token.strip() in {"", "expired"}:
        raise Refusal(error(world, 401, "unauthorized", "The access token is missing or invalid"), "credentials")


def _too_many(world: World, request: Request, form: str) -> Reply:  # the kit's form
    """Answer 429; in the form ``404`` as some clients have seen it (third-party: zendesk/basecrm-ruby, issue 81)."""
    if form == "404":
        return error(world, 404, "not_found", "The resource /429.json was not found")
    return error(world, 429, "rate_limit_exceeded", "Too many requests")


def _failed(world: World, request: Request, status: str) -> Reply:  # the kit's form
    code = "temporarily_unavailable" if status == "503" else "server_error"
    return error(world, int(status), code, "The server could not answer")


DRESS = Dress(
    route=lambda world, request, unclear: error(world, 404, "not_found", "There is no such resource"),
    method=lambda world, request, unclear: error(world, 404, "not_found", "The resource does not take this method"),
    body=lambda world, request, unclear: error(world, 400, "invalid_payload", "The payload is not valid JSON"),
    too_many=_too_many,
    failed=_failed,
    expired=lambda world, request, unclear: error(world, 401, "unauthorized", "The access token has expired"),
    scheduled=lambda world, request, unclear: Reply(202, {"meta": {"type": "scheduled"}}),
)
