"""Copper's OAuth (introduction/oauth/flow.html): the page that grants access and the token endpoint.

The code reaches ``redirect_uri`` as a POST; access tokens do not expire.
"""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qsl

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.vendor import World


def authorize(world: World, request: Request) -> Reply:
    """Show a page whose button sends a code, and the ``state`` that was given, to ``redirect_uri``.

    Its looks are ours: Copper publishes none. Nothing is asked, and nothing is refused.
    """
    fields = {"code": world.token("code"), "state": request.param("state", "") or ""}
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(text)}">' for name, text in fields.items())
    to = escape(request.param("redirect_uri", "") or "")
    page = f'<!DOCTYPE html><form method="post" action="{to}">{hidden}<button>Allow</button></form>'
    return Reply(200, headers={"Content-Type": "text/html; charset=utf-8"}, raw=page.encode("utf-8", "replace"))


def token(world: World, request: Request) -> Reply:
    """Give an access token for any code but an empty one and ``expired``; refusals are those of RFC 6749."""
    given = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    if given.get("grant_type") != "authorization_code":
        return Reply(400, {"error": "unsupported_grant_type"})
    if given.get("code", "") in {"", "expired"}:
        return Reply(400, {"error": "invalid_grant"})
    granted = {"access_token": world.token("access"), "token_type": "Bearer", "scope": "developer/v1/all"}
    return Reply(200, granted)


ROUTES = (
    Route("GET", "/oauth/authorize", "authorize", authorize, open=True),
    Route("POST", "/oauth/token", "create_token", token, open=True),
)
