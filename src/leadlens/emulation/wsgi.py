"""The sandbox as a WSGI application: HTTP in and out, and faults as far as they act on the connection."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NoReturn, TypeAlias
from urllib.parse import parse_qsl

import attrs

from leadlens.decoding import MAX_BYTES
from leadlens.emulation.engine import Engine, Outcome, finished
from leadlens.emulation.faults import Fault
from leadlens.emulation.messages import Reply, Request

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
IN_PROCESS: Final = "leadlens.in_process"
"""Set in the environ by a transport that wants connection faults raised as :class:`Broken`."""

CUT: Final = frozenset(("refused", "dns", "tls", "lost", "timeout", "late_commit", "reset"))
"""Nothing arrives."""

HANGS: Final = frozenset(("lost", "timeout", "late_commit"))
"""Nothing arrives for a long time."""

_SHAPED: Final = frozenset(("fin", "drip", "duplicate", "late"))


class Broken(Exception):  # noqa: N818  # what happens to a connection, not to a program
    """Raised in process: the client gets no whole reply. ``reply`` is what the vendor would have sent."""

    def __init__(self, fault: Fault, reply: Reply) -> None:
        super().__init__(fault.what)
        self.fault = fault
        self.reply = reply


@attrs.define(eq=False)
class Application:
    """``/NAME/…`` is the vendor's; ``/_sandbox/…`` goes to ``control`` if there is one."""

    engine: Engine
    control: Callable[[Request], Reply] | None = None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = read_request(environ)
        _, name, *rest = request.path.split("/", 2)
        vendor = self.engine.vendors.get(name)
        if vendor is None:
            return _send(self._elsewhere(name, request), start_response)
        request.path = "/" + "".join(rest)
        outcome = self.engine.call(vendor, request)
        if outcome.fault is not None and outcome.fault.what in CUT | _SHAPED:
            return _break(outcome, outcome.fault, environ, start_response)
        return _send(outcome.reply, start_response)

    def _elsewhere(self, name: str, request: Request) -> Reply:
        if name == "_sandbox" and self.control is not None:
            return finished(self.control(request), self.engine.clock.now())
        bases = [f"{self.engine.origin}/{v.name}{v.bases['']}" for v in self.engine.vendors.values()]
        reply = Reply(
            404, {"error": "no CRM of the sandbox is here", "base_urls": bases}, {"X-Sandbox-Unclear": "prefix"}
        )
        return finished(reply, self.engine.clock.now())


def read_request(environ: Environ) -> Request:
    """Return the request that a WSGI environ describes; of a body, no more than would be decoded, and a byte."""
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")
    query = environ.get("QUERY_STRING", "")
    pairs = tuple(parse_qsl(query, keep_blank_values=True)) if query else ()
    return Request(environ["REQUEST_METHOD"], path, pairs, headers, _body(environ))


def _body(environ: Environ) -> bytes:
    length = environ.get("CONTENT_LENGTH") or ""
    most = MAX_BYTES + 1
    if environ.get("wsgi.input_terminated"):
        return bytes(environ["wsgi.input"].read(most))
    if not length.isdigit() or length == "0":
        return b""
    return bytes(environ["wsgi.input"].read(min(int(length), most)))


def _head(reply: Reply, length: int) -> tuple[str, list[tuple[str, str]]]:
    headers = {"Content-Type": "application/json", **reply.headers, "Content-Length": str(length)}
    if reply.status in {204, 304}:
        headers = {name: value for name, value in headers.items() if not name.startswith("Content-")}
    return f"{reply.status} {reply.reason}", list(headers.items())


def _send(reply: Reply, start_response: StartResponse) -> Iterable[bytes]:
    payload = reply.payload()
    start_response(*_head(reply, len(payload)))
    return [payload]


def _break(outcome: Outcome, fault: Fault, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Do to the connection of a server what the fault says; in process, leave it to the transport."""
    if environ.get(IN_PROCESS):
        raise Broken(fault, outcome.reply)
    if fault.what in CUT:
        if fault.what in HANGS:
            time.sleep(fault.seconds)
        _reset(environ.get("werkzeug.socket"))
    payload = outcome.reply.payload()
    status, headers = _head(outcome.reply, len(payload))
    if fault.what == "late":
        time.sleep(fault.seconds)
    start_response(status, headers)
    if fault.what == "fin":
        return _fin(payload, environ.get("werkzeug.socket"))
    return {"drip": _drip, "duplicate": _twice}.get(fault.what, _whole)(payload, fault, status, headers)


def _reset(connection: socket.socket | None) -> NoReturn:
    """Drop the connection with a reset where the server lets us have its socket."""
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(connection.detach())
    raise ConnectionResetError("a fault of the plan")


_Head: TypeAlias = list[tuple[str, str]]


def _fin(payload: bytes, connection: socket.socket | None) -> Iterator[bytes]:
    yield payload[: len(payload) // 2]
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("a fault of the plan")


def _whole(payload: bytes, fault: Fault, status: str, headers: _Head) -> Iterator[bytes]:  # noqa: ARG001  # one form for all
    yield payload


def _drip(payload: bytes, fault: Fault, status: str, headers: _Head) -> Iterator[bytes]:  # noqa: ARG001  # see above
    for at in range(len(payload)):
        time.sleep(fault.seconds)
        yield payload[at : at + 1]


def _twice(payload: bytes, fault: Fault, status: str, headers: _Head) -> Iterator[bytes]:  # noqa: ARG001  # see above
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    yield payload
    yield "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + payload
