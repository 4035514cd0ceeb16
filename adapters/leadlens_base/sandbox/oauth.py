"""Base's OAuth: the page that grants access, ``/oauth2/token``, ``/oauth2/revoke``; refusals are those of RFC 6749."""

from __future__ import annotations

from html import escape
from typing import Final
from urllib.parse import parse_qsl, urlencode

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.vendor import World
from leadlens_base.sandbox.dress import digest

_SECRETS: Final = {"authorization_code": "code", "refresh_token": "refresh_token", "password": "password"}
_KNOWN: Final = frozenset(
    ("grant_type", "redirect_uri", "username", "scope", "client_id", "client_secret", *_SECRETS.values())
)


def authorize(world: World, request: Request) -> Reply:
    """Show a page whose link leads to ``redirect_uri`` with a code, or a token after ``#``, and the ``state`` given.

    Its looks are ours: the pages show none. Nothing is asked, and nothing is refused.
    """
    implicit = request.param("response_type") == "token"
    given = (
        {"access_token": world.token("access"), "token_type": "bearer"} if implicit else {"code": world.token("code")}
    )
    state = {"state": text} if (text := request.param("state")) else {}
    where = request.param("redirect_uri", "") or ""
    mark = "#" if implicit else "&" if "?" in where else "?"
    link = escape(where + mark + urlencode({**given, **state}, errors="replace"))
    page = f'<!DOCTYPE html><a href="{link}">Allow</a>'
    return Reply(200, headers={"Content-Type": "text/html; charset=utf-8"}, raw=page.encode("utf-8", "replace"))


def token(world: World, request: Request) -> Reply:
    """Give an access token for any code, refresh token or password but an empty one and ``expired``."""
    given = _form(request)
    unknown = sorted(set(given) - _KNOWN)
    if unknown:
        reply = Reply(400, {"error": "invalid_request", "error_description": f"unknown parameter {unknown[0]}"})
        return reply.with_headers(X_Sandbox_Unclear="a form key")
    secret = _SECRETS.get(given.get("grant_type", ""))
    if secret is None:
        return Reply(400, {"error": "unsupported_grant_type"})
    if given.get(secret, "") in {"", "expired"}:
        return Reply(400, {"error": "invalid_grant"})
    granted = {"access_token": world.token("access"), "token_type": "bearer", "refresh_token": world.token("refresh")}
    return Reply(200, {**granted, "expires_in": 86400, "scope": "read write"})


def revoke(world: World, request: Request) -> Reply:
    """Take a token back: from now on it is refused. One that was never given is no error (RFC 7009)."""
    mark = digest(_form(request).get("token", ""))
    if not world.store.find("revoked_token", "token", mark):
        number = world.store.next_id("revoked_token")
        world.store.create("revoked_token", number, {"token": mark})
    return Reply(200)


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))


ROUTES = (
    Route("GET", "/oauth2/authorize", "authorize", authorize, open=True),
    Route("POST", "/oauth2/token", "create_token", token, open=True),
    Route("POST", "/oauth2/revoke", "revoke_token", revoke, open=True),
)
