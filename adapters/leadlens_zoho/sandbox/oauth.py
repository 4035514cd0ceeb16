"""Zoho's token endpoint: ``POST /oauth/v2/token`` (…/docs/api/v8/refresh.html). Its errors come with status 200."""

from __future__ import annotations

from urllib.parse import parse_qsl

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.vendor import World


def token(world: World, request: Request) -> Reply:
    """Give an access token for any refresh token but an empty one and ``expired``."""
    given = dict(request.query) | dict(parse_qsl(request.body.decode("utf-8", "replace")))
    if given.get("refresh_token", "") in {"", "expired"} or given.get("grant_type") != "refresh_token":
        return Reply(200, {"error": "invalid_code"})
    granted = {"access_token": f"1000.{world.token('access')}", "expires_in": 3600, "token_type": "Bearer"}
    return Reply(200, {**granted, "api_domain": world.url})


ROUTES = (Route("POST", "/oauth/v2/token", "create_token", token, open=True),)
