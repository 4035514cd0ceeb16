"""Logs a person in: sends them to the CRM's page, takes the code that comes back, and exchanges it for a token.

requests-oauthlib knows the flow (the page's address, the state, the callback); the code is exchanged over the same
link as every other call, within a deadline and without redirects. Nothing is written down here.
"""

from __future__ import annotations

import hmac
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import attrs

from leadlens.access import Access, Consent, Given, Secret, Token, Veiled
from leadlens.errors import OutcomeUnknownError, UsageError, VendorError
from leadlens.http.link import Link, LostError, NotSentError

WAIT = 300.0
"""How many seconds a person has."""
DEADLINE = 30.0
_DONE = b"<!doctype html><title>leadlens</title><p>leadlens has what it needs. You can close this page."


@attrs.frozen
class Page:
    """Where the person's browser goes, the state that has to come back, and where it comes back to."""

    url: str = attrs.field(repr=False)
    state: str = attrs.field(repr=False)
    redirect: str


@attrs.frozen(kw_only=True)
class Login:
    """One login: the CRM, what its account is given, and the link that the code is exchanged over."""

    vendor: str
    access: Access
    consent: Consent
    given: Given = attrs.field(repr=False)
    link: Link

    def page(self, redirect: str) -> Page:
        """Return the page on which a person grants access; ``redirect`` is where it sends the browser then."""
        from requests_oauthlib import OAuth2Session

        place = self.consent.page(self.given)
        self.link.check(place)
        with OAuth2Session(self._client_id, redirect_uri=redirect, scope=self.consent.scope) as session:
            url, state = session.authorization_url(_as_https(place), **self.consent.asked)
        return Page(urlsplit(url)._replace(scheme=urlsplit(place).scheme).geturl(), state, redirect)

    def token(self, page: Page, callback: str) -> Secret:
        """Return the token to keep for the address that the browser was sent back to, or for a pasted code.

        Raises :class:`UsageError` where access was not granted, and :class:`VendorError` with what the CRM answers.
        """
        code = self._code(page, callback.strip())
        parts = {key: self.given[key].reveal() for key in ("client_secret",) if key in self.given}
        form = {"grant_type": "authorization_code", "code": code.reveal(), "redirect_uri": page.redirect, **parts}
        whole = Veiled({**form, "client_id": self._client_id})
        try:
            reply = self.link.post_form(self.consent.token(self.given), whole, {"Accept": "application/json"}, DEADLINE)
        except (NotSentError, LostError) as error:
            why = str(error)
        else:
            return self._kept(self.access.granted(reply))
        raise OutcomeUnknownError(self.vendor, status=0, code="no token", message=why)

    def _code(self, page: Page, callback: str) -> Secret:
        from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

        if not (callback and callback.isascii() and callback.isprintable()):
            raise UsageError("what was pasted is neither a code nor an address")
        if "://" not in callback:
            return Secret(callback)
        client = WebApplicationClient(self._client_id)
        try:
            if told := self.consent.denied(self.given, _said(urlsplit(callback).query)):
                raise UsageError(told)
            found = client.parse_request_uri_response(_as_https(callback), state=page.state)
        except OAuth2Error as error:
            why = f"the CRM did not grant access: {_plain(error.error)}"
        except ValueError:
            why = "what was pasted is no address that the CRM's page sends a browser to"
        else:
            return Secret(found["code"])
        raise UsageError(why)

    def _kept(self, found: Token | VendorError) -> Secret:
        if isinstance(found, VendorError):
            raise found
        kept = found.refresh if self.consent.keeps == "refresh_token" else found.text
        if kept is None:
            raise OutcomeUnknownError(self.vendor, status=200, code="no refresh token")
        return kept

    @property
    def _client_id(self) -> str:
        if not self.given.get("client_id"):
            raise UsageError("logging in needs the client_id of an OAuth application of yours, and its client_secret")
        return str(self.given["client_id"])


def _said(query: str) -> dict[str, str]:
    return dict(parse_qsl(query))


def _plain(word: str | None) -> str:
    """Return the CRM's word for what went wrong, if it is one: whoever made the address could write anything there."""
    return word if word and re.fullmatch("[a-z_]+", word) else "it gave a reason that is no word"


def _as_https(url: str) -> str:
    """Return a URL as oauthlib takes it: it refuses http, which is this machine's own loopback here."""
    return urlsplit(url)._replace(scheme="https").geturl()


class _Quiet(WSGIRequestHandler):
    """A handler that logs nothing, since the address has the code in it, and does not wait for one who says nothing."""

    timeout = 10.0

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingMixIn, WSGIServer):
    """A server of several connections at once: browsers open some that they never use."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Say nothing of a connection that broke off."""


def callback(login: Login, port: int, opened: Callable[[str], None], wait: float = WAIT) -> tuple[Page, str]:
    """Listen on this machine, let ``opened`` send a person to the page, and return it with the address that came back.

    ``port`` 0 takes a free one. Whoever comes without the state of this login is sent away: any page on this machine
    could. Raises :class:`UsageError` when nobody came within ``wait`` seconds.
    """
    back = _Back()
    try:
        server = make_server("127.0.0.1", port, back, server_class=_Server, handler_class=_Quiet)
    except OSError:
        told = f"port {port} of this machine is taken; name another one with which your application is registered"
        raise UsageError(told) from None
    with server:
        page = login.page(f"http://127.0.0.1:{server.server_port}/callback")
        back.state = page.state
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            opened(page.url)
            came = back.came.wait(wait)
        finally:
            server.shutdown()
    if not came:
        raise UsageError(f"nobody came back from the CRM's page within {wait:.0f} seconds")
    return page, back.seen[0]


class _Back:
    """The page that the browser is sent back to: it takes the one address that has the state of this login."""

    def __init__(self) -> None:
        self.state = ""
        self.seen: list[str] = []
        self.came = threading.Event()

    def __call__(self, environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        query = environ["QUERY_STRING"]
        if environ["PATH_INFO"] != "/callback":
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b""]
        if not hmac.compare_digest(_said(query).get("state", "").encode(), self.state.encode()):
            start("400 Bad Request", [("Content-Type", "text/plain")])
            return [b"This is not what leadlens waits for."]
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return self._thanked(query)

    def _thanked(self, query: str) -> Iterator[bytes]:
        """Yield the last page, and let the login go on once it is sent."""
        yield _DONE
        self.seen.append(f"http://127.0.0.1/callback?{query}")
        self.came.set()
