"""The credentials of one account: headers for each call, and a fresh token when the old one is spent."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

from leadlens.access import Access, Given, Secret, Token
from leadlens.errors import CredentialsError, OutcomeUnknownError, VendorError
from leadlens.http.clock import Clock
from leadlens.http.link import Link, LostError, NotSentError

EARLY = 60.0
"""A token is renewed this many seconds before it ends."""


class Credentials:
    """Signs calls; renews the token once however many threads find it spent."""

    def __init__(self, access: Access, given: Given, link: Link, clock: Clock, vendor: str) -> None:
        self._access, self._given, self._link, self._clock, self._vendor = access, given, link, clock, vendor
        self._token: Token | None = None
        self._ends = float("inf")
        self._age = 0
        self._lock = threading.Lock()

    def headers(self, within: float) -> tuple[int, Mapping[str, str]]:
        """Return the headers of a call, and the age of the token in them for :meth:`spent`."""
        with self._lock:
            if self._clock.now() >= self._ends - EARLY or (self._token is None and self._grants()):
                self._renew(within)
            token = None if self._token is None else self._token.text
            return self._age, self._access.sign(self._given, token)

    def spent(self, age: int, within: float) -> bool:
        """Renew the token that a call of this age was refused with; tell whether a call may be sent again."""
        if not self._grants():
            return False
        with self._lock:
            if age == self._age:
                self._renew(within)
            return True

    def _grants(self) -> bool:
        return self._access.grant(self._given) is not None

    def _renew(self, within: float) -> None:
        grant = self._access.grant(self._given)
        assert grant is not None
        form = {name: value.reveal() if isinstance(value, Secret) else value for name, value in grant.form.items()}
        try:
            reply = self._link.post_form(grant.url, form, {"Accept": "application/json"}, within)
        except (NotSentError, LostError) as error:
            told = f"no token: the account server could not be reached ({error})"
            raise CredentialsError(self._vendor, status=0, code=None, message=told) from None
        found = self._access.granted(reply)
        if isinstance(found, OutcomeUnknownError):
            raise CredentialsError(self._vendor, status=reply.status, message=found.message)
        if isinstance(found, VendorError):
            raise found
        self._accept(found)

    def _accept(self, token: Token) -> None:
        if token.base_url is not None:
            self._follow(token.base_url)
        self._token, self._age = token, self._age + 1
        self._ends = float("inf") if token.seconds is None else self._clock.now() + token.seconds

    def _follow(self, base_url: str) -> None:
        """Go where the vendor's reply sends this account, if that is one of the vendor's own hosts."""
        host = urlsplit(base_url).hostname or ""
        here = urlsplit(self._link.base_url)
        if host != here.hostname and host not in self._access.hosts:
            raise CredentialsError(self._vendor, status=200, code="api_domain")
        self._link.move(base_url)
