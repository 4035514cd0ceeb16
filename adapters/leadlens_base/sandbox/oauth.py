"""Base's token endpoint: ``POST /oauth2/token``; refusals are those of RFC 6749."""

from __future__ import annotations

from urllib.parse import parse_qsl

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.vendor import World

_SECRETS = {"authorization_code": "code", "refresh_token": "refresh_token", "password": "password"}


def token(world: World, request: Request) -> Reply:
    """Give an access token for any code, refresh token or password but an empty one and ``expired``."""
    given = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    secret = _SECRETS.get(given.get("grant_type", ""))
    if secret is None:
        return Reply(400, {"error": "unsupported_grant_type"})
    if given.get(secret, "") in {"", "expired"}:
        return Reply(400, {"error": "invalid_grant"})
    granted = {"access_token": world.token("access"), "token_type": "bearer", "refresh_token": world.token("refresh")}
    return Reply(200, {**granted, "expires_in": 86400, "scope": "read write"})


ROUTES = (Route("POST", "/oauth2/token", "create_token", token, open=True),)
