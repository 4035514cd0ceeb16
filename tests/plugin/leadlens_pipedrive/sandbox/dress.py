"""How Pipedrive says yes and no, and whom it lets in.

Source: pipedrive.readme.io/docs/core-api-concepts-{responses, http-status-codes, authentication}.
"""

from __future__ import annotations

from typing import Any

from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.vendor import Dress, World

_INFO = "Please check developers.pipedrive.com for more information about Pipedrive API."


def answer(data: Any, additional: Any = None, status: int = 200) -> Reply:
    """Return a reply that says success."""
    return Reply(status, {"success": True, "data": data, "additional_data": additional})


def error(status: int, message: str, code: str | None = None) -> Reply:
    """Return a reply in the documented form of an error."""
    body = {"success": False, "error": message, "error_info": _INFO, "data": None, "additional_data": None}
    return Reply(status, body if code is None else {**body, "code": code})


def refused(message: str) -> Refusal:
    """Return the refusal of a payload or a parameter; its code is third-party."""
    return Refusal(error(400, message, "ERR_SCHEMA_VALIDATION_FAILED"), message)


def not_found(what: str) -> Refusal:
    """Return the refusal for a record that is not there."""
    return Refusal(error(404, f"{what} not found"), f"{what} id")


def authenticate(world: World, request: Request) -> None:
    """Take any personal or bearer token but an empty one and ``expired``."""
    given = request.headers.get("x-api-token", "")
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = given or (bearer if scheme.lower() == "bearer" else "")
    if token.strip() in {"", "expired"}:
        raise Refusal(error(401, "unauthorized access"), "credentials")


DRESS = Dress(
    route=lambda world, request, unclear: error(404, "Unknown method ."),
    method=lambda world, request, unclear: error(405, "Method not allowed"),
    body=lambda world, request, unclear: error(400, "Invalid JSON in the body"),
    too_many=lambda world, request, form: error(429, "Rate limit exceeded"),
    failed=lambda world, request, status: error(int(status), "Requested service is not available"),
    expired=lambda world, request, unclear: error(401, "unauthorized access"),
    scheduled=lambda world, request, unclear: Reply(202, {"success": True}),
)
