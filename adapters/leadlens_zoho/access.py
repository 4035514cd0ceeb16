"""How a Zoho CRM account is reached (zoho.com/crm/developer/docs/api: "OAuth", "Multi DC", "API limits"; v2 to v8)."""

from __future__ import annotations

from collections.abc import Mapping

from leadlens.access import Access, Consent, Given, Grant, Option, Secret, Token
from leadlens.errors import OutcomeUnknownError, UsageError, VendorError
from leadlens.flow import Call, Reply
from leadlens_zoho.errors import classify

ACCOUNTS = {
    "com": "https://accounts.zoho.com",
    "eu": "https://accounts.zoho.eu",
    "in": "https://accounts.zoho.in",
    "com.au": "https://accounts.zoho.com.au",
    "jp": "https://accounts.zoho.jp",
    "com.cn": "https://accounts.zoho.com.cn",
    "sa": "https://accounts.zoho.sa",
    "ca": "https://accounts.zohocloud.ca",
}
"""Where tokens come from, by data centre."""
APIS = {
    "com": "https://www.zohoapis.com",
    "eu": "https://www.zohoapis.eu",
    "in": "https://www.zohoapis.in",
    "com.au": "https://www.zohoapis.com.au",
    "jp": "https://www.zohoapis.jp",
    "com.cn": "https://www.zohoapis.com.cn",
    "sa": "https://www.zohoapis.sa",
    "ca": "https://www.zohoapis.ca",
}
"""Where the API is, until a token says so itself (``api_domain``)."""
_PARTS = ("refresh_token", "client_id", "client_secret")


def base_url(given: Given) -> str:
    """Return where the API is."""
    return str(given.get("base_url") or _of_centre(given, APIS))


def _of_centre(given: Given, places: Mapping[str, str]) -> str:
    centre = given["data_center"]
    if centre not in places:
        raise UsageError(f"Zoho has no data centre {centre!r}; there are {', '.join(places)}")
    return places[centre]


def _accounts(given: Given) -> str:
    return str(given.get("accounts_url") or _of_centre(given, ACCOUNTS))


def sign(given: Given, token: Secret | None) -> Mapping[str, str]:
    """Return the headers of a call."""
    bearer = token or given.get("access_token") or Secret("")
    plain = {"Accept": "application/json", "User-Agent": "leadlens"}
    return {**plain, "Authorization": f"Zoho-oauthtoken {bearer.reveal()}"}


def grant(given: Given) -> Grant | None:
    """Return how a token is asked for."""
    if "refresh_token" not in given:
        return None
    form = {"grant_type": "refresh_token", **{key: given[key] for key in _PARTS if key in given}}
    return Grant(f"{_accounts(given)}/oauth/v2/token", form)


def granted(reply: Reply) -> Token | VendorError:
    """Return the token; errors come with status 200 too."""
    body = reply.body if isinstance(reply.body, dict) else {}
    token, lasts, domain = body.get("access_token"), body.get("expires_in"), body.get("api_domain")
    if reply.status != 200 or not isinstance(token, str):
        return classify(reply) or OutcomeUnknownError("zoho", status=reply.status)
    seconds = float(lasts) if isinstance(lasts, int) else None
    refresh = body.get("refresh_token")
    kept = Secret(refresh) if isinstance(refresh, str) else None
    return Token(Secret(token), seconds, domain if isinstance(domain, str) else None, kept)


def cost(call: Call) -> int:
    """Return the credits of a call: five for a conversion, one for ten records of an upsert, else one."""
    if call.step == "convert":
        return 5
    rows = call.body.get("data") if isinstance(call.body, dict) else None
    return max(1, -(-len(rows) // 10)) if call.step == "upsert" and isinstance(rows, list) else 1


def rest(reply: Reply, wall: float) -> float:
    """Return how long to wait when a reply says that nothing is left.

    X-API-CREDITS-REMAINING comes once half of a day's credits are used, and leaves paid ones out ("API limits", v8):
    at nothing left it is worth trying again. X-RATELIMIT-REMAINING and X-RATELIMIT-RESET (Unix milliseconds) have been
    seen in third-party code only [?].
    """
    if reply.headers.get("x-api-credits-remaining", "").strip() == "0":
        return NO_CREDITS
    if reply.headers.get("x-ratelimit-remaining", "").strip() != "0":
        return 0.0
    reset = reply.headers.get("x-ratelimit-reset", "").strip()
    return max(int(reset) / 1000 - wall, 0.0) if reset.isascii() and reset.isdigit() and len(reset) < 20 else NO_CREDITS


SCOPE = "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL,ZohoCRM.users.READ,ZohoCRM.org.READ,ZohoCRM.coql.READ"
"""What is asked for: the records and their metadata ("Scopes", v8)."""


def _denied(given: Given, said: Mapping[str, str]) -> str | None:
    """Return why a callback is for another data centre: ``location`` names it, with ``us`` for com ("Multi DC", v8)."""
    centre = {"us": "com", "au": "com.au", "cn": "com.cn"}.get(said.get("location", ""), said.get("location"))
    if centre is None or centre == given["data_center"] or "accounts_url" in given:
        return None
    return f"this person's account is in the data centre {centre!r}: set data_center to it and log in again"


NO_CREDITS = 60.0
"""Seconds to wait when nothing is left and nobody says until when."""
ACCESS = Access(
    options=(
        Option("refresh_token", "the refresh token, from the API console or leadlens login", secret=True),
        Option("client_id", "the client's id, from the API console"),
        Option("client_secret", "the client's secret", secret=True),
        Option("access_token", "an access token instead of the three; it ends after an hour", secret=True),
        Option("data_center", "the account's data centre: com, eu, in, com.au, jp, com.cn, sa or ca", default="com"),
        Option("base_url", "where the API is, if not where the data centre says"),
        Option("accounts_url", "where tokens come from, if not where the data centre says"),
    ),
    base_url=base_url,
    sign=sign,
    grant=grant,
    granted=granted,
    complete=(_PARTS, ("access_token",)),
    concurrent=10,
    cost=cost,
    rest=rest,
    consent=Consent(
        page=lambda given: f"{_accounts(given)}/oauth/v2/auth",
        token=lambda given: f"{_accounts(given)}/oauth/v2/token",
        scope=SCOPE,
        keeps="refresh_token",
        asked={"access_type": "offline", "prompt": "consent"},
        denied=_denied,
    ),
    hosts=tuple(place.removeprefix("https://") for place in APIS.values()),
)
