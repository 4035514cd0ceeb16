"""How a Base account is reached (developer.zendesk.com, Sales CRM, "Authentication", "Rate limits"; Core API v2)."""

from __future__ import annotations

from collections.abc import Mapping

from leadlens.access import Access, Consent, Given, Grant, Option, Secret, Token, Window
from leadlens.errors import OutcomeUnknownError, VendorError
from leadlens.flow import Reply
from leadlens_base.errors import classify

HOST = "https://api.getbase.com"


def base_url(given: Given) -> str:
    """Return where the API is."""
    found: str = given["base_url"]
    return found


def sign(given: Given, token: Secret | None) -> Mapping[str, str]:
    """Return the headers of a call; Base refuses one without User-Agent."""
    bearer = token or given.get("token") or Secret("")
    return {"Accept": "application/json", "User-Agent": "leadlens", "Authorization": f"Bearer {bearer.reveal()}"}


def grant(given: Given) -> Grant | None:
    """Return how an OAuth token is renewed; a personal token does not expire."""
    if "refresh_token" not in given:
        return None
    form = {"grant_type": "refresh_token", **{key: given[key] for key in _PARTS if key in given}}
    return Grant(f"{given['base_url']}/oauth2/token", form)


def granted(reply: Reply) -> Token | VendorError:
    """Return the renewed token."""
    body = reply.body if isinstance(reply.body, dict) else {}
    token, lasts, refresh = body.get("access_token"), body.get("expires_in"), body.get("refresh_token")
    if reply.status != 200 or not isinstance(token, str):
        return classify(reply) or OutcomeUnknownError("base", status=reply.status)
    seconds = float(lasts) if isinstance(lasts, int) else None
    return Token(Secret(token), seconds, refresh=Secret(refresh) if isinstance(refresh, str) else None)


_PARTS = ("refresh_token", "client_id", "client_secret")
ACCESS = Access(
    options=(
        Option("token", "a personal access token, from Settings → OAuth → Access Tokens", secret=True),
        Option("refresh_token", "an OAuth refresh token instead of the personal one", secret=True),
        Option("client_id", "the OAuth application's id"),
        Option("client_secret", "the OAuth application's secret", secret=True),
        Option("base_url", "where the API is", default=HOST),
    ),
    base_url=base_url,
    sign=sign,
    grant=grant,
    granted=granted,
    complete=(("token",), _PARTS),
    windows=(Window(36_000, 3600.0),),
    consent=Consent(
        page=lambda given: f"{given['base_url']}/oauth2/authorize",
        token=lambda given: f"{given['base_url']}/oauth2/token",
        scope="read write profile",
        keeps="refresh_token",
    ),
)
