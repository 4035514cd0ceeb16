"""Small servers on loopback that do to a connection what a test says, and remember all that came in."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import attrs

Act = Callable[[socket.socket], None]


@attrs.define
class Server:
    """Where it listens, how many connections came, and the requests, whole."""

    port: int
    connections: int = 0
    requests: list[bytes] = attrs.field(factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def serving(act: Act, *, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Server]:
    """Answer every request of every connection with ``act``, until the client closes or ``act`` does."""
    listener = socket.create_server((host, 0))
    found = Server(listener.getsockname()[1])
    open_: list[socket.socket] = []

    def answer(connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            shaken = connection if context is None else context.wrap_socket(connection, server_side=True)
            open_.append(shaken)
            while request := read_request(shaken):
                found.requests.append(request)
                act(shaken)
            shaken.close()

    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                found.connections += 1
                open_.append(connection)
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        for connection in open_:
            with contextlib.suppress(OSError):
                connection.close()


def read_request(connection: socket.socket) -> bytes:
    """Return one request, head and body; empty when the client has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def reply(body: bytes = b"{}", status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """Return a reply with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def says(data: bytes, *, close: bool = False) -> Act:
    """Send some bytes; then close the connection, if asked."""

    def act(connection: socket.socket) -> None:
        connection.sendall(data)
        if close:
            connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    return act


def resets(after: bytes = b"") -> Act:
    """Send some bytes and reset the connection."""

    def act(connection: socket.socket) -> None:
        connection.sendall(after)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return act


def drips(head: bytes, drop: bytes = b"x", pause: float = 0.05) -> Act:
    """Send some bytes, then one more every so often for ever."""
    stop: Any = threading.Event()

    def act(connection: socket.socket) -> None:
        connection.sendall(head)
        while not stop.wait(pause):
            connection.sendall(drop)

    return act
