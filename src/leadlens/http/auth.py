"""The credentials of one account: headers for each call, and a fresh token when the old one is spent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from leadlens.access import Access, Given, Secret, Token, Veiled
from leadlens.errors import CredentialsError, OutcomeUnknownError, RefusedError, TryLaterError, VendorError
from leadlens.flow import Reply
from leadlens.http.clock import Clock
from leadlens.http.link import Link, LostError, NotSentError

EARLY = 60.0
"""A token is renewed this many seconds before it ends, or after half its life if that is later."""
_SERVER_ERRORS = range(500, 600)
_Problem = Callable[[], VendorError]


class Credentials:
    """Signs calls; renews the token once however many threads find it spent.

    ``keep``, where it is set, is given a refresh token that the CRM put in the place of the account's.
    """

    def __init__(self, access: Access, given: Given, link: Link, clock: Clock, vendor: str) -> None:
        self._access, self._link, self._clock, self._vendor = access, link, clock, vendor
        self._given = Veiled(given)
        self._token: Token | None = None
        self._renew_at = float("inf")
        self._age = 0
        self._doubted_until = 0.0
        self._failures = 0
        self._failure: _Problem | None = None
        self.keep: Callable[[Secret], None] | None = None
        self._lock = threading.Lock()
        grant = access.grant(given)
        if grant is not None:
            link.check(grant.url)

    def headers(self, within: float) -> tuple[int, Mapping[str, str]]:
        """Return the headers of a call, and the age of the token in them for :meth:`spent`.

        Raises what the vendor's token endpoint answers: nothing of the call has been sent then.
        """
        failures = self._failures
        with self._lock:
            if self._clock.now() >= self._renew_at or (self._token is None and self._grants()):
                self._renew(within, failures)
            token = None if self._token is None else self._token.text
            return self._age, Veiled(self._access.sign(self._given, token))

    def spent(self, age: int, within: float) -> bool:
        """Renew the token that a call of this age was refused with; tell whether the call may be sent again.

        A token that was renewed for this reason and is refused as well is not renewed again for a minute: that would
        not help, and vendors count renewals.
        """
        if not self._grants():
            return False
        failures = self._failures
        with self._lock:
            if age != self._age:
                return True
            if self._clock.now() < self._doubted_until:
                return False
            self._renew(within, failures)
            self._doubted_until = self._clock.now() + EARLY
            return True

    def accepted(self, age: int) -> None:
        """Take note that a call of this age was not refused for its token."""
        with self._lock:
            if age == self._age:
                self._doubted_until = 0.0

    def _grants(self) -> bool:
        return self._access.grant(self._given) is not None

    def _renew(self, within: float, failures: int) -> None:
        """Ask for a token; a thread that waited while another one failed to get it is told the same."""
        if self._failure is None or failures == self._failures:
            started = self._clock.now()
            reply = self._ask(within)
            found = reply if isinstance(reply, VendorError) else self._access.granted(reply)
            self._failure = None if isinstance(found, Token) else _problem(self._vendor, found)
            if isinstance(found, Token):
                self._accept(found, started)
                return
            self._failures += 1
        assert self._failure is not None
        raise self._failure()

    def _ask(self, within: float) -> Reply | VendorError:
        grant = self._access.grant(self._given)
        assert grant is not None
        form = Veiled(
            (key, value.reveal() if isinstance(value, Secret) else value) for key, value in grant.form.items()
        )
        try:
            return self._link.post_form(grant.url, form, {"Accept": "application/json"}, within)
        except (NotSentError, LostError) as error:
            why = str(error)
        return TryLaterError(self._vendor, status=0, code="no token", message=why)

    def _accept(self, token: Token, started: float) -> None:
        if token.base_url is not None and "base_url" not in self._given:
            self._follow(token.base_url)
        self._token, self._age = token, self._age + 1
        lasts = token.seconds if token.seconds is not None and token.seconds > 0 else float("inf")
        self._renew_at = started + max(lasts - EARLY, lasts / 2)
        if token.refresh is not None:
            self._renewed(token.refresh)

    def _renewed(self, refresh: Secret) -> None:
        """Go on with another refresh token, and have it kept: the old one may be worth nothing any more."""
        if refresh == self._given.get("refresh_token"):
            return
        self._given = Veiled({**self._given, "refresh_token": refresh})
        if self.keep is not None:
            self.keep(refresh)

    def _follow(self, base_url: str) -> None:
        """Go where the vendor's reply sends this account, if that is one of the vendor's own hosts."""
        place, here = urlsplit(base_url).netloc, urlsplit(self._link.base_url).netloc
        if place != here and place not in self._access.hosts:
            raise CredentialsError(self._vendor, status=200, code="api_domain")
        self._link.move(base_url)


def _problem(vendor: str, found: VendorError) -> _Problem:
    """Return what makes the error of a renewal, new for each thread: the call it was for has not been sent."""
    kind = type(found)
    if not isinstance(found, RefusedError):
        unclear = isinstance(found, OutcomeUnknownError) and found.status in _SERVER_ERRORS
        kind = TryLaterError if unclear else CredentialsError
    return lambda: kind(
        vendor, status=found.status, code=found.code, message=found.message, retry_after=found.retry_after
    )
