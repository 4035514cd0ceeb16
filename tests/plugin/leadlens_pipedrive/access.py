"""How a Pipedrive account is reached.

Sources: pipedrive.readme.io/docs/core-api-concepts-authentication (``x-api-token``), marketplace-oauth-authorization
(the token endpoint, ``api_domain``), core-api-concepts-rate-limiting (20 requests in 2 seconds on the smallest plan).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from leadlens.access import Access, Consent, Given, Grant, Option, Secret, Token, Window
from leadlens.errors import OutcomeUnknownError, VendorError
from leadlens.flow import Reply
from leadlens_pipedrive.errors import classify

HOST: Final = "https://api.pipedrive.com"
OAUTH: Final = "https://oauth.pipedrive.com"
_PARTS: Final = ("refresh_token", "client_id", "client_secret")


def base_url(given: Given) -> str:
    """Return where the API is."""
    found: str = given["base_url"]
    return found


def sign(given: Given, token: Secret | None) -> Mapping[str, str]:
    """Return the headers of a call: a personal token has a header of its own."""
    if token is not None:
        return {"Accept": "application/json", "Authorization": f"Bearer {token.reveal()}"}
    return {"Accept": "application/json", "x-api-token": (given.get("token") or Secret("")).reveal()}


def grant(given: Given) -> Grant | None:
    """Return how an OAuth token is renewed; a personal token stays until it is replaced."""
    if "refresh_token" not in given:
        return None
    form = {"grant_type": "refresh_token", **{key: given[key] for key in _PARTS if key in given}}
    return Grant(f"{_oauth(given)}/oauth/token", form)


def granted(reply: Reply) -> Token | VendorError:
    """Return the renewed token, and where the API of its company is."""
    body = reply.body if isinstance(reply.body, dict) else {}
    token, lasts = body.get("access_token"), body.get("expires_in")
    if reply.status != 200 or not isinstance(token, str):
        return classify(reply) or OutcomeUnknownError("pipedrive", status=reply.status)
    refresh, domain = body.get("refresh_token"), body.get("api_domain")
    return Token(
        Secret(token),
        float(lasts) if isinstance(lasts, int) else None,
        domain if isinstance(domain, str) else None,
        Secret(refresh) if isinstance(refresh, str) else None,
    )


def _oauth(given: Given) -> str:
    """Return where tokens are renewed: a sandbox has that at its own address."""
    own: str = given["base_url"]
    return OAUTH if own == HOST or own.endswith(".pipedrive.com") else own


ACCESS: Final = Access(
    options=(
        Option("token", "the API token, from Personal preferences → API", secret=True),
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
    windows=(Window(20, 2.0),),
    hosts=("*.pipedrive.com",),
    consent=Consent(
        page=lambda given: f"{_oauth(given)}/oauth/authorize",
        token=lambda given: f"{_oauth(given)}/oauth/token",
        scope="",
        keeps="refresh_token",
    ),
)
