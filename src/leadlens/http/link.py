"""Sends one call over ``requests`` and reads its reply, within a deadline. Nothing here is sent twice.

No redirect is followed, no proxy or ``.netrc`` of the environment is used, and a reply is read up to the decoding
limits. What raises here shows no frame in which ``requests`` holds the headers or the body.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

from leadlens.access import Veiled
from leadlens.decoding import MAX_BYTES, dumps, loads
from leadlens.errors import InputError, UsageError
from leadlens.flow import Call, Reply
from leadlens.http.clock import Clock
from leadlens.http.wire import CONNECT_SECONDS, Attempt, noted, session, tame

_CHUNK = 65_536
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_NO_SPACE = re.compile(r"[\x21-\x5b\x5d-\x7e]+")
_PATH = re.compile(r"/[^\x00-\x1f\x7f\\#]*")
_LATE = "the deadline passed"


class NotSentError(Exception):
    """The request never left this machine: nothing was done. ``str()`` says why, without a URL."""


class LostError(Exception):
    """The request may have arrived, and no complete reply came back. ``str()`` says what happened."""


class Link:
    """Sends calls to one base URL. Thread-safe, as its session is used for nothing but sending."""

    def __init__(self, base_url: str, clock: Clock, over: requests.Session | None = None) -> None:
        self.clock = clock
        self._over = over is not None
        self._session = tame(over if over is not None else session())
        self.move(base_url)

    def move(self, base_url: str) -> None:
        """Send calls to another base URL from now on; raises :class:`UsageError` for one that is not safe."""
        self.check(base_url)
        self.base_url = base_url.rstrip("/")

    def check(self, url: str) -> None:
        """Raise :class:`UsageError` for a URL that nothing may be sent to."""
        parts = _parts(url)
        inside = parts.hostname in _LOOPBACK or self._over
        if parts.scheme != "https" and not (parts.scheme == "http" and inside):
            raise UsageError("a base URL begins with https:// (http:// is for this machine alone)")

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(self, call: Call, headers: Mapping[str, str], within: float) -> Reply:
        """Send one call and return the reply.

        ``within`` is how many seconds it may take in all. Raises :class:`NotSentError` when nothing left,
        :class:`LostError` when no complete reply came back in time, and :class:`UsageError` for a call that cannot be
        put into HTTP.
        """
        if not _PATH.fullmatch(call.path):
            raise UsageError("a path begins with / and has no control characters, backslash or fragment")
        kind = {} if call.body is None else {"Content-Type": "application/json"}
        whole = Veiled({**headers, **kind})
        return self._exchange(
            self._prepared(
                whole,
                lambda: requests.Request(
                    call.method,
                    self.base_url + call.path,
                    dict(whole),
                    params={name: _plain(value) for name, value in call.query.items()},
                    data=None if call.body is None else dumps(call.body),
                ),
            ),
            within,
        )

    def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str], within: float) -> Reply:
        """Send a form to a URL of the same vendor's (its token endpoint); see :meth:`send`."""
        self.check(url)
        request = self._prepared(headers, lambda: requests.Request("POST", url, dict(headers), data=dict(form)))
        return self._exchange(request, within)

    def _prepared(self, headers: Mapping[str, str], make: Callable[[], requests.Request]) -> requests.PreparedRequest:
        """Return a request with nothing in it that HTTP cannot carry; raises UsageError without frames that show it."""
        for name in headers:
            if not _PRINTABLE.fullmatch(headers[name]):
                raise UsageError(f"the header {name} cannot hold this value: only printable ASCII is sent")
        try:
            return self._session.prepare_request(make())
        except (requests.RequestException, ValueError, TypeError) as error:
            what = type(error).__name__
        raise UsageError(f"the call cannot be put into HTTP or JSON ({what})")

    def _exchange(self, request: requests.PreparedRequest, within: float) -> Reply:
        """Send and read; what is raised has no frame below this one, nor an error that has."""
        attempt, until = Attempt(), self.clock.now() + within
        problem: BaseException
        try:
            return self._sent(request, within, until, attempt)
        except LostError as error:
            problem = error
        except Exception as error:  # noqa: BLE001  # whatever it is, what counts is whether something left
            problem = self._failure(error, attempt)
        except BaseException as error:  # noqa: BLE001  # raised again, below
            problem = error
        problem.__context__ = problem.__cause__ = None
        raise problem.with_traceback(None)

    def _sent(self, request: requests.PreparedRequest, within: float, until: float, attempt: Attempt) -> Reply:
        with noted(attempt, None if self._over else within):
            answer = self._session.send(
                request,
                timeout=(min(CONNECT_SECONDS, within), within),
                allow_redirects=False,
                stream=True,
            )
            attempt.left = True
            with contextlib.closing(answer):
                return _read(answer, lambda: attempt.late or self.clock.now() > until)

    def _failure(self, error: Exception, attempt: Attempt) -> Exception:
        """Return what an error comes to; over a session that is not ours, its kind must tell whether anything left."""
        what = type(error).__name__
        left = attempt.left or (self._over and not _never_left(error))
        return (LostError if left else NotSentError)(_LATE if attempt.late else what)


def _parts(url: str) -> Any:
    try:
        parts = urlsplit(url)
        odd = parts.username is not None or parts.password is not None or parts.query or parts.fragment
        bad = odd or not parts.hostname or parts.port == 0
    except ValueError:
        bad = True
    if bad or not _NO_SPACE.fullmatch(url):
        raise UsageError("a base URL is https://host or https://host/prefix, without user, query or fragment")
    return parts


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _never_left(error: Exception) -> bool:
    """Tell, for a transport that notes nothing, whether the error says that no connection came about."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return True
    reason = getattr(error.args[0], "reason", error.args[0]) if error.args else None
    return isinstance(reason, NewConnectionError | NameResolutionError)


def _read(answer: requests.Response, late: Callable[[], bool]) -> Reply:
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise LostError("the reply is in an encoding that was not asked for")
    data = bytearray()
    part = getattr(answer.raw, "read1", answer.raw.read)  # what has arrived, where urllib3 can tell
    for chunk in iter(lambda: part(_CHUNK, decode_content=True), b""):
        data += chunk
        if len(data) > MAX_BYTES:
            raise LostError(f"the reply is larger than {MAX_BYTES} bytes")
        if late():
            break
    if late():
        raise LostError(_LATE)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Reply(answer.status_code, headers, _decoded(bytes(data)))


def _decoded(data: bytes) -> Any:
    """Return the JSON value; what is none stays text, which no list of known replies has."""
    if not data:
        return None
    try:
        return loads(data)
    except InputError:
        return data[:1000].decode("utf-8", "replace")
