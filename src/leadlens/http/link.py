"""Sends one call over ``requests`` and reads its reply, within a deadline. Nothing here is sent twice.

No redirect is followed, no proxy or ``.netrc`` of the environment is used, and a reply is read up to the decoding
limits. Whether the request may have reached the CRM is decided by the connection itself: it notes when the first byte
is about to leave.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError

from leadlens.decoding import MAX_BYTES, dumps, loads
from leadlens.errors import InputError, UsageError
from leadlens.flow import Call, Reply
from leadlens.http.clock import Clock

CONNECT_SECONDS = 10.0
_CHUNK = 65_536
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


class NotSentError(Exception):
    """The request never left this machine: nothing was done. ``str()`` says why, without a URL."""


class LostError(Exception):
    """The request may have arrived, and no complete reply came back. ``str()`` says what happened."""


@attrs.define
class _Attempt:
    """One call on its way: whether its first byte may have left, and the socket that it uses."""

    left: bool = False
    tracked: bool = False
    socket: socket.socket | None = None
    late: bool = False

    def cut(self) -> None:
        """End the connection: the deadline has passed."""
        self.late = True
        if self.socket is not None:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)


_under_way = threading.local()


class _Noting:
    """Notes on the attempt that is under way when its first byte is about to leave."""

    def send(self, data: Any) -> None:
        """Connect if need be, then note and send."""
        connection: Any = self
        attempt: _Attempt | None = getattr(_under_way, "attempt", None)
        if attempt is not None:
            attempt.tracked = True
            if connection.sock is None:
                connection.connect()
            attempt.socket, attempt.left = connection.sock, True
        super().send(data)  # type: ignore[misc]  # mixed into a connection


class _Connection(_Noting, HTTPConnection):
    """A plain connection that notes when it sends."""


class _SafeConnection(_Noting, HTTPSConnection):
    """A TLS connection that notes when it sends."""


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


class _Adapter(HTTPAdapter):
    """The transport of real connections; it never retries."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of connections that note when they send."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}


def session() -> requests.Session:
    """Return a session for one account: nothing of the environment, no retries."""
    made = requests.Session()
    made.trust_env = False
    for scheme in ("https://", "http://"):
        made.mount(scheme, _Adapter(max_retries=0, pool_maxsize=32))
    return made


class Link:
    """Sends calls to one base URL. Thread-safe, as its session is used for nothing but sending."""

    def __init__(self, base_url: str, clock: Clock, over: requests.Session | None = None) -> None:
        self.clock = clock
        self._over = over is not None
        self._session = over if over is not None else session()
        self._session.trust_env = False
        self.move(base_url)

    def move(self, base_url: str) -> None:
        """Send calls to another base URL from now on; raises :class:`UsageError` for one that is not safe."""
        parts = urlsplit(base_url)
        if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
            raise UsageError("a base URL is https://host or https://host/prefix, without user, query or fragment")
        inside = parts.hostname in _LOOPBACK or self._over
        if parts.scheme != "https" and not (parts.scheme == "http" and inside):
            raise UsageError("a base URL begins with https:// (http:// is for this machine alone)")
        self.base_url = base_url.rstrip("/")

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(self, call: Call, headers: Mapping[str, str], within: float) -> Reply:
        """Send one call and return the reply.

        ``within`` is how many seconds it may take in all. Raises :class:`NotSentError` when nothing left, and
        :class:`LostError` when no complete reply came back in time.
        """
        body = None if call.body is None else dumps(call.body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        query = {name: _plain(value) for name, value in call.query.items()}
        request = requests.Request(call.method, self.base_url + call.path, {**headers, **kind}, params=query, data=body)
        return self._exchange(request, within)

    def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str], within: float) -> Reply:
        """Send a form to a URL of the same vendor's (its token endpoint); see :meth:`send`."""
        return self._exchange(requests.Request("POST", url, dict(headers), data=dict(form)), within)

    def _exchange(self, request: requests.Request, within: float) -> Reply:
        until = self.clock.now() + within
        attempt = _Attempt()
        with _noted(attempt, within):
            try:
                answer = self._session.send(
                    self._session.prepare_request(request),
                    timeout=(min(CONNECT_SECONDS, within), within),
                    allow_redirects=False,
                    stream=True,
                )
            except requests.RequestException as error:
                raise _failure(error, attempt) from None
            with contextlib.closing(answer):
                return _read(answer, until, self.clock, attempt)


@contextlib.contextmanager
def _noted(attempt: _Attempt, within: float) -> Iterator[None]:
    """Let connections know the attempt, and cut its connection when the deadline has passed: slow drips end there."""
    _under_way.attempt = attempt
    watch = threading.Timer(within, attempt.cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
        _under_way.attempt = None


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _failure(error: requests.RequestException, attempt: _Attempt) -> Exception:
    what = type(error).__name__
    gone = not attempt.left if attempt.tracked else _never_left(error)
    return NotSentError(what) if gone else LostError("the deadline passed" if attempt.late else what)


def _never_left(error: requests.RequestException) -> bool:
    """Tell, for a transport that notes nothing, whether the error says that no connection came about."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return True
    reason = getattr(error.args[0], "reason", error.args[0]) if error.args else None
    return isinstance(reason, NewConnectionError | NameResolutionError)


def _read(answer: requests.Response, until: float, clock: Clock, attempt: _Attempt) -> Reply:
    data = bytearray()
    try:
        for chunk in iter(lambda: answer.raw.read(_CHUNK, decode_content=True), b""):
            data += chunk
            if len(data) > MAX_BYTES:
                raise LostError(f"the reply is larger than {MAX_BYTES} bytes")
            if clock.now() > until:
                raise LostError("the deadline passed while the reply came in")
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise LostError("the deadline passed" if attempt.late else type(error).__name__) from None
    if clock.now() > until:
        raise LostError("the deadline passed while the reply came in")
    _complete(answer, len(data))
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Reply(answer.status_code, headers, _decoded(bytes(data)))


def _complete(answer: requests.Response, size: int) -> None:
    """Refuse a body that is shorter than announced (a length says nothing of a compressed one)."""
    announced = answer.headers.get("content-length", "")
    plain = "content-encoding" not in answer.headers
    if announced.isdigit() and plain and answer.request.method != "HEAD" and size < int(announced):
        raise LostError("the reply was cut short")


def _decoded(data: bytes) -> Any:
    """Return the JSON value; what is none stays text, which no list of known replies has."""
    if not data:
        return None
    try:
        return loads(data)
    except InputError:
        return data[:1000].decode("utf-8", "replace")
