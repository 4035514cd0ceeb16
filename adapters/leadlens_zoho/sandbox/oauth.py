"""Zoho's token endpoint: ``POST /oauth/v2/token`` (…/docs/api/v8/refresh.html). Its errors come with status 200.

Parameters are taken from the query, a form, or a multipart form. The reply of a refresh token used too often is
third-party; how often is that (10 times in 10 minutes) is only counted with the switch ``refresh_limit``.
"""

from __future__ import annotations

from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.vendor import World

_TIMES, _WINDOW = 10, 600


def token(world: World, request: Request) -> Reply:
    """Give an access token for any refresh token but an empty one and ``expired``, and likewise for a code."""
    given = dict(request.query) | _form(request)
    grant = given.get("grant_type", "")
    if grant not in {"refresh_token", "authorization_code"}:
        return Reply(200, {"error": "invalid_code"}, {"X-Sandbox-Unclear": "grant_type"})
    for name in ("client_id", "client_secret"):
        if given.get(name) == "expired":
            return _error("invalid_client" if name == "client_id" else "invalid_client_secret", name)
    secret = given.get("refresh_token" if grant == "refresh_token" else "code", "")
    if secret in {"", "expired"}:
        return _error("invalid_code", "refresh_token or code")
    if world.switches["refresh_limit"] == "on" and not _counted(world, secret):
        told = {"error": "Access Denied", "error_description": "You have made too many requests continuously."}
        return Reply(400, told)
    granted = {"access_token": f"1000.{world.token('access')}", "expires_in": 3600, "token_type": "Bearer"}
    if grant == "authorization_code":
        granted["refresh_token"] = f"1000.{world.token('refresh')}"
    return Reply(200, {**granted, "api_domain": world.url})


def _error(code: str, unclear: str) -> Reply:
    return Reply(200, {"error": code}, {"X-Sandbox-Unclear": unclear})


def _form(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return dict(parse_qsl(request.body.decode("utf-8", "replace")))
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body)
    parts = [part for part in message.walk() if not part.is_multipart()]
    return {str(part.get_param("name", "", "content-disposition")): _text(part) for part in parts}


def _text(part: Message) -> str:
    found = part.get_payload(decode=True)
    return found.decode("utf-8", "replace").strip() if isinstance(found, bytes) else ""


def _counted(world: World, secret: str) -> bool:
    """Count a use of a refresh token; false when it was used too often lately."""
    recent = [grant for _, grant in world.store.iterate("grant") if grant["of"] == secret]
    if sum(grant["at"] > world.now - _WINDOW for grant in recent) >= _TIMES:
        return False
    world.store.create("grant", world.store.next_id("grant"), {"of": secret, "at": world.now})
    return True


ROUTES = (Route("POST", "/oauth/v2/token", "create_token", token, open=True),)
