"""How Zoho says no, and whom it lets in (zoho.com/crm/developer/docs/api/v5/convert-lead.html, possible errors)."""

from __future__ import annotations

from typing import Any

from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.vendor import Dress, World


def failure(code: str, message: str, **details: Any) -> dict[str, Any]:
    """Return one error, for the root or for an item of ``data``."""
    return {"code": code, "details": details, "message": message, "status": "error"}


def error(status: int, code: str, message: str, **details: Any) -> Reply:
    """Return an error of the whole request, at the root."""
    return Reply(status, failure(code, message, **details))


def refused(code: str, message: str, *, unclear: str = "", status: int = 400, **details: Any) -> Refusal:
    """Return the refusal of the whole request, at the root."""
    return Refusal(error(status, code, message, **details), unclear)


def refused_item(code: str, message: str, *, unclear: str = "", **details: Any) -> Refusal:
    """Return the refusal of the one item of ``data``."""
    return Refusal(Reply(400, {"data": [failure(code, message, **details)]}), unclear)


def authenticate(world: World, request: Request) -> None:
    """Take any token but an empty one and ``expired``; the switch ``rights`` says what its user may do."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "zoho-oauthtoken" or token.strip() in {"", "expired"}:
        raise refused("INVALID_TOKEN", "invalid oauth token", status=401, unclear="credentials")
    rights, writes = world.switches["rights"], request.method != "GET"
    if rights == "no_scope":
        raise refused("OAUTH_SCOPE_MISMATCH", "Unauthorized", status=401, unclear="the token has no such scope")
    if rights == "no_permission" and writes:
        raise refused("NO_PERMISSION", "Permission denied to create", status=403, unclear="the user may only read")
    if rights == "no_privilege" and writes:
        message = "User does not have sufficient privilege to create records"
        raise refused("AUTHORIZATION_FAILED", message, unclear="the user may only read")


def _failed(world: World, request: Request, status: str) -> Reply:  # the kit's form
    return error(int(status), "INTERNAL_ERROR", "Internal Server Error")


def _scheduled(world: World, request: Request, unclear: str) -> Reply:  # the kit's form
    job = str(3652397000007900000 + world.sequence)
    item = {"code": "SCHEDULED", "details": {"job_id": job}, "message": "scheduled", "status": "success"}
    return Reply(202, {"data": [item]})


DRESS = Dress(
    route=lambda world, request, unclear: error(
        404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one"
    ),
    method=lambda world, request, unclear: error(
        400, "INVALID_REQUEST_METHOD", "The http request method type is not a valid one"
    ),
    body=lambda world, request, unclear: error(400, "INVALID_DATA", "the body is not valid JSON"),
    too_many=lambda world, request, form: error(429, "TOO_MANY_REQUESTS", "Too many requests; try again later"),
    failed=_failed,
    expired=lambda world, request, unclear: error(401, "INVALID_TOKEN", "invalid oauth token"),
    scheduled=_scheduled,
)
