"""No redirect is followed: the other end sees nothing, and the error says that the base URL is likely wrong."""

from __future__ import annotations

import gzip
import socket
import ssl
import time

import attrs
import pytest
from tests.http import servers
from tests.http.certificates import of_server, self_signed
from tests.http.drivers import of_vendor, scripted
from tests.http.servers import reply, says
from tests.http.test_link import READ, WRITE

from leadlens.errors import OutcomeUnknownError, RedirectedError
from leadlens.flow import Reply
from leadlens.http import wire

STATUSES = ("301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect")
PLACES = {
    "host": "http://localhost:{port}/taken",
    "port": "http://127.0.0.1:{port}/taken",
    "userinfo": "http://t:x@127.0.0.1:{port}/taken",
    "scheme-relative": "//127.0.0.1:{port}/taken",
    "broken": "http://[::1:{port}",
    "latin": "http://127.0.0.1:{port}/ÿ",
}


@pytest.mark.parametrize("vendor", ["copper", "zoho", "base"])
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("place", PLACES)
def test_the_other_end_sees_nothing(vendor: str, status: str, place: str) -> None:
    """Neither a connection nor a header nor a body arrives there; the outcome of a write is unknown."""
    with servers.serving(says(reply(b'{"data": {}}'))) as other:
        location = PLACES[place].format(port=other.port)
        with servers.serving(says(reply(b"{}", status, f"Location: {location}"))) as server:
            with pytest.raises(RedirectedError, match="most likely the base URL is wrong") as caught:
                of_vendor(vendor, base_url=server.url).carry(WRITE)
            assert len(server.requests) == 1
        assert other.connections == 0
    assert isinstance(caught.value, OutcomeUnknownError)
    assert (caught.value.status, caught.value.step) == (int(status[:3]), "convert")
    assert location not in str(caught.value)


@pytest.mark.parametrize("vendor", ["copper", "zoho", "base"])
@pytest.mark.parametrize("status", STATUSES)
def test_from_https_to_http_the_other_end_sees_nothing(
    vendor: str, status: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was encrypted is not sent again in the clear."""
    certificate = self_signed(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificate)
    monkeypatch.setattr(wire, "trust", lambda: context)
    with servers.serving(says(reply(b'{"data": {}}'))) as other:
        there = f"Location: http://localhost:{other.port}/"
        with servers.serving(says(reply(b"{}", status, there)), context=of_server(certificate)) as server:
            with pytest.raises(RedirectedError):
                of_vendor(vendor, base_url=f"https://localhost:{server.port}").carry(WRITE)
            assert len(server.requests) == 1
        assert other.connections == 0


def test_a_read_is_not_tried_again_after_a_redirect() -> None:
    """It would lead elsewhere again."""
    driver, link, told = scripted([Reply(302, {"location": "https://elsewhere.example/"})])
    with pytest.raises(RedirectedError):
        driver.carry(READ)
    assert len(link.sent) == 1
    assert [(one.status, one.error) for one in told] == [(302, "RedirectedError")]


def test_the_token_endpoint_is_not_left_either() -> None:
    """A redirect there: the refresh token and the client's secret arrive nowhere else."""
    with servers.serving(says(reply(b'{"access_token": "x"}'))) as other:
        there = f"Location: http://localhost:{other.port}/"
        with servers.serving(says(reply(b"{}", "307 Temporary Redirect", there))) as server:
            driver = of_vendor("base", base_url=server.url, refresh_token="r", client_secret="s")
            with pytest.raises(Exception, match="renew the credentials"):
                driver.carry(WRITE)
            assert [data.split(b" ")[1] for data in server.requests] == [b"/oauth2/token"]
        assert other.connections == 0


def test_the_body_of_a_redirect_is_read_within_limits() -> None:
    """64 MiB out of a few bytes, and drops without end: no more is read of them than of any reply."""
    bomb = gzip.compress(b" " * 64 * 1024 * 1024)
    with servers.serving(says(reply(bomb, "302 Found", "Location: /x", "Content-Encoding: gzip"))) as server:
        with pytest.raises(OutcomeUnknownError) as caught:
            of_vendor("base", base_url=server.url).carry(WRITE)
        assert caught.value.code == "no reply"
    head = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 9999\r\n\r\n"
    with servers.serving(servers.drips(head)) as server:
        start = time.monotonic()
        with pytest.raises(OutcomeUnknownError):
            attrs.evolve(of_vendor("base", base_url=server.url), deadline=0.5).carry(WRITE)
        assert time.monotonic() - start < 1.5


def test_a_location_that_is_no_text_breaks_nothing() -> None:
    """Bytes that are no UTF-8."""

    def act(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 301 Moved\r\nLocation: http://\xff\xfe/\r\nContent-Length: 0\r\n\r\n")

    with servers.serving(act) as server, pytest.raises(RedirectedError):
        of_vendor("base", base_url=server.url).carry(WRITE)
