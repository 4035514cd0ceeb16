"""The connections under ``requests``: one for each call, cut at the deadline, silent, and never used again.

A connection that is kept can hand the late duplicate of one reply to the next call as its answer, and can have been
closed by the other end just before a write leaves, which makes the write's outcome unknown. So none is kept: a call
costs a handshake more, and its reply is its own. A connection notes when its first byte is about to leave.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import attrs
import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError

CONNECT_SECONDS = 10.0


@attrs.define
class Attempt:
    """One call on its way: whether its first byte may have left, and a second handle on the connection it uses."""

    left: bool = False
    late: bool = False
    over: bool = False
    line: socket.socket | None = None
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def hold(self, connection: socket.socket) -> None:
        """Keep a handle on the connection that :meth:`cut` can use while others read, write or shake hands on it."""
        with self.lock:
            self.line = socket.fromfd(connection.fileno(), connection.family, connection.type)
        if self.late:
            self.cut()

    def leave(self) -> None:
        """Note that the first byte is about to leave; raises OSError when the deadline has passed before that."""
        with self.lock:
            if self.late:
                raise TimeoutError("the deadline passed")
            self.left = True

    def cut(self) -> None:
        """End the connection: the deadline has passed."""
        with self.lock:
            self.late = not self.over
            if self.line is not None and self.late:
                with contextlib.suppress(OSError):
                    self.line.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Let the connection go."""
        with self.lock:
            self.over = True
            if self.line is not None:
                self.line.close()


_under_way = threading.local()


@contextlib.contextmanager
def noted(attempt: Attempt, within: float | None) -> Iterator[None]:
    """Let this thread's connection know the attempt, and cut it when the deadline has passed: slow drips end there.

    None is for what has no connection.
    """
    _under_way.attempt = attempt
    watch = threading.Timer(within or 0.0, attempt.cut)
    watch.daemon = True
    if within is not None:
        watch.start()
    try:
        yield
    finally:
        watch.cancel()
        attempt.end()
        del _under_way.attempt


class _Noting:
    """What our connections add to those of urllib3; ``debuglevel`` is our own, so that no switch makes them print."""

    debuglevel = 0

    def _new_conn(self) -> socket.socket:
        """Connect within the time for it, however long names and several addresses take."""
        connection: Any = self
        try:
            made = _soon(super()._new_conn, connection.timeout)  # type: ignore[misc]  # mixed into a connection
        except TimeoutError:
            raise ConnectTimeoutError(connection, "no connection in time") from None
        _under_way.attempt.hold(made)
        return made

    def send(self, data: Any) -> None:
        """Connect if need be, then note and send."""
        connection: Any = self
        if connection.sock is None:
            connection.connect()
        _under_way.attempt.leave()
        super().send(data)  # type: ignore[misc]  # see above


def _soon(connect: Callable[[], socket.socket], seconds: float) -> socket.socket:
    """Return the socket of ``connect``; raises TimeoutError when it takes longer, and closes what comes then."""
    lock, ended, given_up = threading.Lock(), threading.Event(), threading.Event()
    found: list[socket.socket | BaseException] = []

    def work() -> None:
        try:
            made: socket.socket | BaseException = connect()
        except BaseException as error:  # noqa: BLE001  # raised again by the thread that waits
            made = error
        with lock:
            found.append(made)
            ended.set()
            if given_up.is_set() and isinstance(made, socket.socket):
                made.close()

    threading.Thread(target=work, daemon=True).start()
    ended.wait(seconds)
    with lock:
        if not found:
            given_up.set()
            raise TimeoutError
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


class _Connection(_Noting, HTTPConnection):
    """A plain connection that notes when it sends."""


class _SafeConnection(_Noting, HTTPSConnection):
    """A TLS connection that notes when it sends."""


class _Once:
    """A pool that keeps nothing."""

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.close()


class _Pool(_Once, urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(_Once, urllib3.HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


class _Adapter(HTTPAdapter):
    """The transport of real connections; it never retries."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of connections that note when they send."""
        super().init_poolmanager(*args, **kwargs, ssl_context=trust())
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002  # the form of requests
        """Check certificates, with the authorities that are loaded already: that takes longer than the handshake."""
        conn.cert_reqs = "CERT_REQUIRED"


@functools.cache
def trust() -> ssl.SSLContext:
    """Return what certificates are checked with: the authorities of ``requests``, and nothing of the environment."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


def session() -> requests.Session:
    """Return a session for one account, with no retries."""
    made = requests.Session()
    for scheme in ("https://", "http://"):
        made.mount(scheme, _Adapter(max_retries=0))
    return made


def tame(found: requests.Session) -> requests.Session:
    """Make a session take nothing from the environment, keep no cookie and not so much as look at a redirect.

    Left alone, ``requests`` reads the whole body of a redirect, without limit, even where it does not follow it.
    """
    found.trust_env = False
    found.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    found.get_redirect_target = lambda _: None  # type: ignore[method-assign, assignment]  # see the docstring
    found.headers.update({"Accept-Encoding": "gzip", "Connection": "close"})
    return found


def _of_others(_record: logging.LogRecord) -> bool:
    """Tell that a log record is not of a call of ours: its URL would show what it asks for."""
    return not hasattr(_under_way, "attempt")


for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_of_others)
