"""How Copper says no, and whom it lets in.

Sources: webhooks/create-new-subscription.html (the envelope); 404 ``Resource not found`` third-party. The bodies of
401, 429 and 5xx are not recorded: the envelope is assumed.
"""

from __future__ import annotations

from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.vendor import Dress, World


def error(status: int, message: object) -> Reply:
    """Return Copper's envelope of an error."""
    return Reply(status, {"success": False, "status": status, "message": message})


def not_found(unclear: str = "") -> Refusal:
    """Return the refusal for a record that is not there."""
    return Refusal(error(404, "Resource not found"), unclear)


def invalid(what: str) -> Refusal:
    """Return the refusal of an input."""
    return Refusal(error(422, f"Invalid input: {what}"), what)


def authenticate(world: World, request: Request) -> None:  # the kit's form
    """Take any token but an empty one and ``expired``, by the three headers or as a bearer."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    by_header = request.headers.get("x-pw-application") == "developer_api" and request.headers.get("x-pw-useremail")
    token = (
        bearer.strip() if scheme.lower() == "bearer" else request.headers.get("x-pw-accesstoken") if by_header else ""
    )
    if not token or token == "expired":  # noqa: S105  # a word of the sandbox
        raise Refusal(error(401, "Invalid API key"), "credentials")


DRESS = Dress(
    route=lambda world, request, unclear: error(404, "Resource not found"),
    method=lambda world, request, unclear: error(404, "Resource not found"),
    body=lambda world, request, unclear: error(422, "Invalid input: malformed JSON"),
    too_many=lambda world, request, form: error(429, "Rate limit exceeded"),
    failed=lambda world, request, status: error(int(status), "Something went wrong"),
    expired=lambda world, request, unclear: error(401, "Invalid API key"),
    scheduled=lambda world, request, unclear: Reply(202, {"success": True}),
)
