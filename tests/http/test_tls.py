"""TLS: only a certificate that is right for the host is spoken to; before that, nothing has left."""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path

import pytest
from tests.http import servers
from tests.http.certificates import of_server, self_signed
from tests.http.servers import reply, says
from tests.http.test_link import READ, WRITE

from leadlens.http import wire
from leadlens.http.clock import SystemClock
from leadlens.http.link import Link, LostError, NotSentError


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a self-signed certificate for localhost."""
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the certificate as if an authority had signed it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificate)
    monkeypatch.setattr(wire, "trust", lambda: context)


def test_a_self_signed_certificate_means_that_nothing_left(certificate: Path) -> None:
    """Nobody vouches for it: the handshake fails, and the server has seen no request."""
    with servers.serving(says(reply()), context=of_server(certificate)) as server:
        with pytest.raises(NotSentError, match="SSLError"):
            Link(f"https://localhost:{server.port}", SystemClock()).send(WRITE, {}, 3.0)
        assert server.requests == []


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_host_means_that_nothing_left(certificate: Path) -> None:
    """It is trusted, and for localhost: 127.0.0.1 is another name."""
    with servers.serving(says(reply()), context=of_server(certificate)) as server:
        with pytest.raises(NotSentError, match="SSLError"):
            Link(f"https://127.0.0.1:{server.port}", SystemClock()).send(WRITE, {}, 3.0)
        assert server.requests == []


@pytest.mark.usefixtures("trusted")
def test_calls_go_over_tls(certificate: Path) -> None:
    """A trusted certificate for the right host."""
    with servers.serving(says(reply(b'{"a": 1}')), context=of_server(certificate)) as server:
        link = Link(f"https://localhost:{server.port}", SystemClock())
        assert [link.send(WRITE, {}, 3.0).body for _ in range(3)] == [{"a": 1}] * 3
        assert server.connections == 3


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"])
def test_a_slow_drip_over_tls_ends_at_the_deadline(certificate: Path, head: bytes) -> None:
    """The connection below the encryption is cut."""
    with servers.serving(servers.drips(head), context=of_server(certificate)) as server:
        start = time.monotonic()
        with pytest.raises(LostError, match="the deadline passed"):
            Link(f"https://localhost:{server.port}", SystemClock()).send(WRITE, {}, 0.5)
        assert time.monotonic() - start < 1.5


def test_a_handshake_that_drips_ends_at_the_deadline() -> None:
    """The beginning of a handshake record, byte by byte: nothing of ours has left when the time is over."""

    def act(connection: socket.socket) -> None:
        """Never called: a handshake is no request."""

    class Slow(ssl.SSLContext):
        def wrap_socket(self, sock: socket.socket, *_: object, **__: object) -> ssl.SSLSocket:
            sock.recv(65_536)
            sock.sendall(b"\x16\x03\x03\x3f\xff")
            while True:
                sock.sendall(b"\x00")
                time.sleep(0.05)

    with servers.serving(act, context=Slow(ssl.PROTOCOL_TLS_SERVER)) as server:
        start = time.monotonic()
        with pytest.raises(NotSentError):
            Link(f"https://localhost:{server.port}", SystemClock()).send(WRITE, {}, 0.6)
        assert time.monotonic() - start < 1.6


def test_http_on_the_tls_port_means_that_nothing_left() -> None:
    """A server without TLS where https was expected."""

    def plain(connection: socket.socket) -> None:
        connection.sendall(reply())

    with servers.serving(plain) as server, pytest.raises(NotSentError):
        Link(f"https://localhost:{server.port}", SystemClock()).send(READ, {}, 1.0)


def test_the_environment_does_not_change_whom_we_trust(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither authorities nor a file for session keys are taken from it."""
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(certificate))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    wire.trust.cache_clear()
    with servers.serving(says(reply()), context=of_server(certificate)) as server, pytest.raises(NotSentError):
        Link(f"https://localhost:{server.port}", SystemClock()).send(READ, {}, 3.0)
    assert not (tmp_path / "keys").exists()
    assert wire.trust().verify_mode is ssl.CERT_REQUIRED
    assert wire.trust().check_hostname
