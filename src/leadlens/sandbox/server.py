"""The sandbox as a server on loopback, for programs of any language."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from leadlens.errors import UsageError
from leadlens.sandbox.box import Sandbox


class _Handler(WSGIRequestHandler):
    """Marks every reply and ends its connection, as werkzeug does, and says nothing about itself or each request."""

    protocol_version = "HTTP/1.1"

    def version_string(self) -> str:
        """Return what the header Server says."""
        return "leadlens-sandbox"

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Keep still: the truth log has it all."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin a reply without the machine's time: the application's Date is that of the sandbox's clock."""
        self.send_response_only(code, message)
        self.send_header("Server", self.version_string())

    def end_headers(self) -> None:
        """Mark replies that the application never saw too."""
        sent: list[bytes] = getattr(self, "_headers_buffer", [])
        if sent and not any(line.startswith(b"X-Sandbox:") for line in sent):
            self.send_header("X-Sandbox", "1")
        super().end_headers()


class _Server(ThreadedWSGIServer):
    daemon_threads = True


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a host's name or address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bind(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0, *, anywhere: bool = False) -> BaseWSGIServer:
    """Return a server that listens, its ``serve_forever`` not yet called; port 0 takes a free one.

    The sandbox's ``origin`` becomes the server's address. Raises :class:`UsageError` for an address that others can
    reach, unless ``anywhere``, and OSError when the port is taken.
    """
    if not anywhere and not is_loopback(host):
        raise UsageError(f"{host} can be reached by others, and the sandbox takes any credentials; use 127.0.0.1")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=128) as listening:
        server = _Server(host, port, sandbox.app, handler=_Handler, fd=listening.fileno())
    name = f"[{host}]" if ":" in host else host
    sandbox.origin = sandbox.engine.origin = f"http://{name}:{server.server_address[1]}"
    return server


@contextmanager
def serving(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in a thread for the time of a ``with``; gives the address, such as ``http://127.0.0.1:8765``."""
    server = bind(sandbox, host, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield sandbox.origin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
