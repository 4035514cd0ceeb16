"""How a Copper account is reached (developer.copper.com, "Authentication" and "Rate limits", Developer API v1)."""

from __future__ import annotations

from collections.abc import Mapping

from leadlens.access import Access, Consent, Given, Option, Secret, Token, Window
from leadlens.errors import OutcomeUnknownError, VendorError
from leadlens.flow import Reply
from leadlens_copper.errors import classify

HOST = "https://api.copper.com"


def base_url(given: Given) -> str:
    """Return where the API is."""
    found: str = given["base_url"]
    return found


def sign(given: Given, _token: Secret | None) -> Mapping[str, str]:
    """Return the headers of a call: those of an API key and its user, or a bearer token (which does not expire)."""
    plain = {"Accept": "application/json", "User-Agent": "leadlens"}
    if "access_token" in given:
        return {**plain, "Authorization": f"Bearer {given['access_token'].reveal()}"}
    key = given["token"].reveal() if "token" in given else ""
    mail = given.get("email", "")
    return {**plain, "X-PW-AccessToken": key, "X-PW-Application": "developer_api", "X-PW-UserEmail": mail}


def granted(reply: Reply) -> Token | VendorError:
    """Return the token that a code was exchanged for."""
    token = reply.body.get("access_token") if isinstance(reply.body, dict) else None
    if reply.status == 200 and isinstance(token, str):
        return Token(Secret(token))
    return classify(reply) or OutcomeUnknownError("copper", status=reply.status)


LOGIN = "https://app.copper.com"
"""Where a person logs in; with ``base_url`` set, that is used instead."""


def _login_at(given: Given) -> str:
    return LOGIN if given["base_url"] == HOST else str(given["base_url"])


ACCESS = Access(
    options=(
        Option("token", "the API key, from Settings → Integrations → API Keys", secret=True),
        Option("email", "the e-mail address of the user that the key belongs to"),
        Option("access_token", "an OAuth token instead of the key and the e-mail address", secret=True),
        Option("client_id", "the OAuth application's id, for leadlens login"),
        Option("client_secret", "the OAuth application's secret, for leadlens login", secret=True),
        Option("redirect_uri", "the HTTPS address that the OAuth application is registered with, for leadlens login"),
        Option("base_url", "where the API is", default=HOST),
    ),
    base_url=base_url,
    sign=sign,
    grant=lambda _: None,
    granted=granted,
    complete=(("token", "email"), ("access_token",)),
    windows=(Window(180, 60.0),),
    consent=Consent(
        page=lambda given: f"{_login_at(given)}/oauth/authorize",
        token=lambda given: f"{_login_at(given)}/oauth/token",
        scope="developer/v1/all",
        keeps="access_token",
        loopback=False,
    ),
)
