"""What ``requests`` calls instead of a network: the sandbox's WSGI application, in this process, with no sockets."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPResponse
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError, ProtocolError

from leadlens.emulation.clock import Clock, VirtualClock
from leadlens.emulation.faults import Fault
from leadlens.emulation.messages import Reply
from leadlens.emulation.wsgi import CUT, HANGS, IN_PROCESS, Application, Broken

_FOREVER = 60.0


class Transport(BaseAdapter):
    """Carries requests for ``origin`` to the application and refuses all others; one per session.

    What the fault plan does to a connection is raised as ``requests`` raises it for a real one. After the fault
    ``duplicate`` the next request of the session is answered with the reply that was sent twice, and after a ``late``
    one that nobody waited for, with that: as on a connection that is used again, unless one of the two says
    ``Connection: close``.
    """

    def __init__(self, app: Application, origin: str, clock: Clock) -> None:
        super().__init__()
        self._app = app
        self._clock = clock
        self._place = urlsplit(origin)
        self._stray: Reply | None = None

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002  # the signature of requests
        timeout: Any = None,
        verify: Any = True,  # noqa: ARG002  # the signature of requests
        cert: Any = None,  # noqa: ARG002  # the signature of requests
        proxies: Any = None,  # noqa: ARG002  # the signature of requests
    ) -> requests.Response:
        """Carry out one request. Raises ``requests.exceptions.ConnectionError`` for any other place."""
        parts = urlsplit(request.url or "")
        if (parts.scheme, parts.netloc) != (self._place.scheme, self._place.netloc):
            message = f"the sandbox reaches {self._place.scheme}://{self._place.netloc} only, not {parts.netloc!r}"
            raise requests.exceptions.ConnectionError(message, request=request)
        try:
            status, headers, payload = self._call(request, parts.path, parts.query)
            body: Any = io.BytesIO(payload)
        except Broken as broken:
            if broken.fault.what in CUT:
                self._cut(request, broken.fault, timeout)
            if broken.fault.what == "late" and not self._wait(broken.fault.seconds, timeout):
                self._stray = broken.reply
                raise requests.exceptions.ReadTimeout("Read timed out.", request=request) from None
            status, headers, body = self._damaged(broken)
        if request.headers.get("Connection", "").lower() == "close":
            self._stray = None
        if self._stray is not None and not isinstance(body, _Kept):
            status, headers, body = _as_sent(self._stray)
            self._stray = None
        return _response(request, status, headers, body, self)

    def close(self) -> None:
        """Nothing is held open."""

    def _call(self, request: requests.PreparedRequest, path: str, query: str) -> tuple[str, Mapping[str, str], bytes]:
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            head.extend((status, dict(headers)))

        payload = b"".join(self._app(_environ(request, path, query, self._place.netloc), start_response))
        return head[0], head[1], payload

    def _cut(self, request: requests.PreparedRequest, fault: Fault, timeout: Any) -> NoReturn:
        if fault.what in HANGS:
            self._wait(fault.seconds, timeout)
            raise requests.exceptions.ReadTimeout("Read timed out.", request=request)
        raise _connection_error(fault.what, request)

    def _wait(self, seconds: float, timeout: Any) -> bool:
        """Let time pass, as long as the client waits; false when that was too short."""
        limit = timeout[1] if isinstance(timeout, tuple) else timeout
        patience = _FOREVER if limit is None else float(limit)
        if isinstance(self._clock, VirtualClock):
            self._clock.advance(min(seconds, patience))
        return limit is None or seconds <= patience

    def _damaged(self, broken: Broken) -> tuple[str, Mapping[str, str], Any]:
        """Return what arrives of a reply that is cut short, comes in drops, or comes twice."""
        status, headers, _ = _as_sent(broken.reply)
        payload = broken.reply.payload()
        if broken.fault.what == "fin":
            return status, headers, io.BytesIO(payload[: len(payload) // 2])
        if broken.fault.what == "drip":
            return status, headers, _Drops(payload, self._clock, broken.fault.seconds)
        if broken.fault.what == "late":
            return status, headers, io.BytesIO(payload)
        self._stray = broken.reply
        return status, headers, _Kept(payload)


class _Kept(io.BytesIO):
    """A body of which a second copy is still under way."""


class _Drops(io.RawIOBase):
    """A body that comes byte by byte, with a pause before each."""

    def __init__(self, payload: bytes, clock: Clock, pause: float) -> None:
        super().__init__()
        self._payload, self._clock, self._pause, self._at = payload, clock, pause, 0

    def readable(self) -> bool:
        """Say so."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, after the pauses that they take."""
        end = len(self._payload) if size < 0 else min(self._at + size, len(self._payload))
        for _ in range(self._at, end):
            self._clock.sleep(self._pause)
        part, self._at = self._payload[self._at : end], end
        return part

    def read1(self, size: int = -1) -> bytes:
        """Return the next byte alone, as a socket gives what has arrived."""
        return self.read(min(size, 1) if size >= 0 else 1)


def session(transport: Transport, headers: Mapping[str, str]) -> requests.Session:
    """Return a session that has no way out but the transport."""
    made = requests.Session()
    made.trust_env = False
    made.headers.update(headers)
    for scheme in ("https://", "http://"):
        made.mount(scheme, transport)
    return made


def _environ(request: requests.PreparedRequest, path: str, query: str, host: str) -> dict[str, Any]:
    body = request.body or b""
    data = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else _joined(body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": host,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(data),
        IN_PROCESS: True,
    }
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        environ["HTTP_" + name.upper().replace("-", "_")] = text
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(len(data))
    return environ


def _joined(body: Any) -> bytes:
    if hasattr(body, "read"):
        found = body.read()
        return found.encode() if isinstance(found, str) else bytes(found)
    parts: Iterable[bytes | str] = body
    return b"".join(part.encode() if isinstance(part, str) else part for part in parts)


def _as_sent(reply: Reply) -> tuple[str, Mapping[str, str], Any]:
    payload = reply.payload()
    headers = {"Content-Type": "application/json", **reply.headers, "Content-Length": str(len(payload))}
    return f"{reply.status} {reply.reason}", headers, io.BytesIO(payload)


def _response(
    request: requests.PreparedRequest, status: str, headers: Mapping[str, str], body: Any, transport: Transport
) -> requests.Response:
    code, _, reason = status.partition(" ")
    response = requests.Response()
    response.status_code = int(code)
    response.reason = reason
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.url = request.url or ""
    response.request = request
    response.raw = HTTPResponse(
        body,
        headers,
        status=int(code),
        reason=reason,
        preload_content=False,
        request_method=request.method,
    )
    response.connection = transport  # type: ignore[assignment]  # what its stubs expect is the transport of a network
    return response


def _connection_error(what: str, request: requests.PreparedRequest) -> requests.exceptions.RequestException:
    connection = HTTPSConnection("sandbox.invalid")
    if what == "tls":
        return requests.exceptions.SSLError("certificate verify failed: a fault of the plan", request=request)
    reason: Exception
    if what == "dns":
        reason = NameResolutionError("sandbox.invalid", connection, OSError(-2, "Name or service not known"))  # type: ignore[arg-type]  # only its text is used
    elif what == "refused":
        reason = NewConnectionError(connection, "Failed to establish a new connection: [Errno 111] Connection refused")
    else:
        reason = ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
    return requests.exceptions.ConnectionError(reason, request=request)
