"""Copper's token endpoint: ``POST /oauth/token`` (developer.copper.com, OAuth); its tokens do not expire."""

from __future__ import annotations

from urllib.parse import parse_qsl

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.vendor import World


def token(world: World, request: Request) -> Reply:
    """Give an access token for any code but an empty one and ``expired``; refusals are those of RFC 6749."""
    given = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    if given.get("grant_type") != "authorization_code":
        return Reply(400, {"error": "unsupported_grant_type"})
    if given.get("code", "") in {"", "expired"}:
        return Reply(400, {"error": "invalid_grant"})
    granted = {"access_token": world.token("access"), "token_type": "Bearer", "scope": "developer/v1/all"}
    return Reply(200, granted)


ROUTES = (Route("POST", "/oauth/token", "create_token", token, open=True),)
