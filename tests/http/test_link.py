"""One call over real sockets: what comes back, what is lost, what never left, and that nothing else happens."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.http import servers
from tests.http.servers import reply, resets, says

from leadlens.decoding import MAX_BYTES
from leadlens.errors import UsageError, VendorError
from leadlens.flow import Call, Reply
from leadlens.http import wire
from leadlens.http.clock import SystemClock
from leadlens.http.link import Link, LostError, NotSentError
from leadlens_base.errors import classify as base
from leadlens_copper.errors import classify as copper
from leadlens_zoho.errors import classify as zoho

WRITE = Call("convert_lead", "convert", "POST", "/leads/1/convert", {"a": True, "b": 2}, {"lead": 1})
READ = Call("get_lead", "read", "GET", "/leads/1")


def send(act: servers.Act, call: Call = WRITE, within: float = 3.0) -> Reply:
    with servers.serving(act) as server:
        link = Link(server.url, SystemClock())
        try:
            return link.send(call, {"Authorization": "Bearer t"}, within)
        finally:
            link.close()


def lost(act: servers.Act, call: Call = WRITE, within: float = 3.0) -> str:
    with pytest.raises(LostError) as caught:
        send(act, call, within)
    return str(caught.value)


def test_a_call_goes_out_as_it_is_and_its_reply_comes_back() -> None:
    """Method, path, query, headers and body are those of the call; header names come back in lower case."""
    with servers.serving(says(reply(b'{"id": 12345678901234567890}', "201 Created", "X-Request-Id: r1"))) as server:
        found = Link(server.url + "/v2/", SystemClock()).send(WRITE, {"Authorization": "Bearer t"}, 3.0)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v2/leads/1/convert?a=true&b=2 HTTP/1.1\r\n")
    assert b"Authorization: Bearer t" in head
    assert b"Content-Type: application/json" in head
    assert body == b'{"lead":1}'
    assert (found.status, found.body, found.request_id) == (201, {"id": 12345678901234567890}, "r1")


def test_a_call_without_a_body_has_no_content_type() -> None:
    """A GET sends no body and says nothing of one."""
    with servers.serving(says(reply(b""))) as server:
        assert Link(server.url, SystemClock()).send(READ, {}, 3.0).body is None
    assert b"content-type" not in server.requests[0].lower()


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (resets(), "ConnectionError"),
        (says(b"", close=True), "ConnectionError"),
        (says(b"nonsense\r\n\r\n", close=True), "ConnectionError"),
        (says(reply(b'{"id":', length=50), close=True), "ProtocolError"),
        (says(reply(b'{"id":', length=50)), "the deadline passed"),
        (says(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a"', close=True), "ProtocolError"),
        (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}", close=True), "ProtocolError"),
        (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", close=True), "ProtocolError"),
        (says(reply(b"no gzip at all", "200 OK", "Content-Encoding: gzip")), "DecodeError"),
        (says(reply(b"{}", "200 OK", "Content-Encoding: br")), "encoding"),
        (says(reply(b"{}", "200 OK", "Content-Length: 3")), "InvalidHeader"),
        (says(reply(b'"' + b"x" * (MAX_BYTES - 1) + b'"')), "larger"),
        (says(reply(gzip.compress(b" " * 64 * 1024 * 1024), "200 OK", "Content-Encoding: gzip")), "larger"),
        (says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), "ConnectionError"),
    ],
    ids=[
        "reset", "fin", "no-http", "fin-mid-body", "stall-mid-body", "cut-chunk", "bad-chunk", "no-last-chunk",
        "bad-gzip", "encoding", "two-lengths", "8MiB+1", "bomb", "200-headers",
    ],
)  # fmt: skip
def test_a_reply_that_is_not_whole_is_lost(act: servers.Act, told: str) -> None:
    """Whatever happens to a reply after the request left, the outcome is unknown, never refused and never done."""
    assert told in lost(act, within=1.0)


def test_a_body_of_exactly_the_limit_is_read() -> None:
    """8 MiB is allowed."""
    body = b'"' + b"x" * (MAX_BYTES - 2) + b'"'
    assert send(says(reply(body))).body == "x" * (MAX_BYTES - 2)


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": {"id": 1, "name": "\xff"}}',
        b'{"data": {"id": NaN}}',
        b'{"data": ' + b"[" * 64 + b"]" * 64 + b"}",
        b'{"data": {"id": 1}',
        b"<html>502 Bad Gateway</html>",
        b'"data"',
    ],
    ids=["utf-8", "nan", "depth-65", "cut", "html", "string"],
)
@pytest.mark.parametrize("classify", [base, copper, zoho])
def test_what_is_no_json_of_ours_is_no_success(body: bytes, classify: Any) -> None:
    """Such a body stays text, which no adapter takes for success."""
    found = send(says(reply(body)))
    assert isinstance(found.body, str)
    assert isinstance(classify(found), VendorError)


def test_gzip_is_read() -> None:
    """It is the one encoding that is asked for."""
    with servers.serving(says(reply(gzip.compress(b'{"a": 1}'), "200 OK", "Content-Encoding: gzip"))) as server:
        assert Link(server.url, SystemClock()).send(READ, {}, 3.0).body == {"a": 1}
    assert b"accept-encoding: gzip\r\n" in server.requests[0].lower()


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-A: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
    ],
    ids=["status", "headers", "length", "until-close", "chunked"],
)
def test_a_slow_drip_ends_at_the_deadline(head: bytes) -> None:
    """However little comes however often, a call ends at its deadline and at most a second later."""
    start = time.monotonic()
    assert lost(servers.drips(head), within=0.5) == "the deadline passed"
    assert 0.4 < time.monotonic() - start < 1.5


def test_a_flood_of_interim_replies_ends_at_the_deadline() -> None:
    """100 Continue without end is a drip like any other."""
    start = time.monotonic()
    assert lost(servers.drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), within=0.5) == "the deadline passed"
    assert time.monotonic() - start < 1.5


def test_a_request_that_nobody_reads_ends_at_the_deadline() -> None:
    """A body that does not fit into the buffers of a server that reads nothing: it may have arrived in part."""
    listener = socket.create_server(("127.0.0.1", 0))
    big = attrs.evolve(WRITE, body={"x": "y" * 30_000_000})
    start = time.monotonic()
    with pytest.raises(LostError):
        Link(f"http://127.0.0.1:{listener.getsockname()[1]}", SystemClock()).send(big, {}, 0.5)
    assert time.monotonic() - start < 1.5
    listener.close()


def test_a_refused_connection_means_that_nothing_left() -> None:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSentError, match="ConnectionError"):
        Link(f"http://127.0.0.1:{port}", SystemClock()).send(WRITE, {}, 3.0)


def test_an_unknown_name_means_that_nothing_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that does not resolve, asked of no resolver."""

    def fails(*_: object, **__: object) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(NotSentError, match="ConnectionError"):
        Link("https://nowhere.invalid", SystemClock()).send(WRITE, {}, 3.0)


def test_a_resolver_that_hangs_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing left, and the connection that comes later is closed unused."""
    go, closed = threading.Event(), threading.Event()
    real = socket.getaddrinfo

    class Told(socket.socket):
        def close(self) -> None:
            super().close()
            closed.set()

    def hangs(*args: Any, **keys: Any) -> Any:
        go.wait(10)
        return real(*args, **keys)

    with servers.serving(says(reply())) as server:
        monkeypatch.setattr(socket, "getaddrinfo", hangs)
        monkeypatch.setattr("urllib3.util.connection.socket.socket", Told)
        start = time.monotonic()
        with pytest.raises(NotSentError):
            Link(server.url, SystemClock()).send(WRITE, {}, 0.4)
        assert time.monotonic() - start < 1.4
        go.set()
        assert closed.wait(5)
        assert server.requests == []


def test_a_deadline_that_passes_while_connecting_means_that_nothing_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection comes about and the time is over: then the request is not sent at all."""
    real = wire._soon

    def slowly(connect: Any, seconds: float) -> socket.socket:
        made = real(connect, seconds)
        time.sleep(0.5)
        return made

    monkeypatch.setattr(wire, "_soon", slowly)
    with servers.serving(says(reply())) as server:
        with pytest.raises(NotSentError, match="the deadline passed"):
            Link(server.url, SystemClock()).send(WRITE, {}, 0.3)
        assert server.requests == []


# --- connections -----------------------------------------------------------------------------------------------------


def test_a_late_duplicate_is_never_the_answer_to_the_next_call() -> None:
    """A server that sends its reply again later: every call has its own connection, so it gets its own answer."""
    number = iter(range(1, 1_000))

    def twice(connection: socket.socket) -> None:
        data = reply(b'{"n": %d}' % next(number))
        connection.sendall(data)
        time.sleep(0.01)
        connection.sendall(data)

    with servers.serving(twice) as server:
        link = Link(server.url, SystemClock())
        answers = [link.send(WRITE, {}, 3.0).body for _ in range(20)]
        assert answers == [{"n": n} for n in range(1, 21)]
        assert server.connections == 20


@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_a_server_that_closes_after_each_reply_makes_no_outcome_unknown(pause: float) -> None:
    """It promises to keep the connection and closes it: the next write is not sent into the void."""
    with servers.serving(says(reply(b"{}", "200 OK", "Connection: keep-alive"), close=True)) as server:
        link = Link(server.url, SystemClock())
        for _ in range(10):
            assert link.send(WRITE, {}, 3.0).status == 200
            time.sleep(pause)
        assert len(server.requests) == 10


def test_nothing_is_sent_twice() -> None:
    """A reset after each request: as many requests as calls, whatever the method."""
    with servers.serving(resets()) as server:
        link = Link(server.url, SystemClock())
        for method in ("GET", "PUT", "POST", "DELETE", "HEAD"):
            with pytest.raises(LostError):
                link.send(attrs.evolve(WRITE, method=method), {}, 3.0)
        assert [data.split(b" ")[0] for data in server.requests] == [b"GET", b"PUT", b"POST", b"DELETE", b"HEAD"]


def test_many_threads_share_a_link() -> None:
    """200 calls from 16 threads: each gets the answer to its own request."""

    def own(connection: socket.socket) -> None:
        connection.sendall(reply(b'{"port": %d}' % connection.getpeername()[1]))

    with servers.serving(own) as server, ThreadPoolExecutor(16) as pool:
        link = Link(server.url, SystemClock())
        found = list(pool.map(lambda _: link.send(READ, {}, 10.0).body, range(200)))
    ports = [body["port"] for body in found if isinstance(body, dict)]
    assert len(ports) == 200
    assert server.connections == 200


def test_a_head_has_a_length_and_no_body() -> None:
    """Its length is that of what a GET would bring."""
    assert send(says(reply(b"", length=500)), attrs.evolve(READ, method="HEAD")).body is None


def test_no_descriptor_is_left_open() -> None:
    """A handle on each connection is kept for the deadline's sake, and let go with the call."""
    with servers.serving(says(reply())) as server:
        link = Link(server.url, SystemClock())
        link.send(READ, {}, 3.0)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(20):
            link.send(READ, {}, 3.0)
        time.sleep(0.1)
        assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2


# --- the environment -------------------------------------------------------------------------------------------------


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[servers.Server]:
    """Proxies for everything, a .netrc for everybody."""
    with servers.serving(says(reply(b'{"by": "proxy"}'))) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        (tmp_path / ".netrc").write_text(
            "machine 127.0.0.1 login ada password from-netrc\ndefault login a password b\n"
        )
        (tmp_path / ".netrc").chmod(0o600)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        yield proxy


def test_the_environment_does_not_redirect_or_sign_calls(environment: servers.Server) -> None:
    """Proxies and .netrc are ignored."""
    with servers.serving(says(reply(b'{"by": "server"}'))) as server:
        assert Link(server.url, SystemClock()).send(READ, {}, 3.0).body == {"by": "server"}
    assert environment.connections == 0
    assert b"authorization" not in server.requests[0].lower()


def test_no_cookie_is_kept() -> None:
    """What one reply sets is not sent with the next call."""
    with servers.serving(says(reply(b"{}", "200 OK", "Set-Cookie: session=1; Path=/"))) as server:
        link = Link(server.url, SystemClock())
        link.send(READ, {}, 3.0)
        link.send(READ, {}, 3.0)
    assert b"cookie" not in server.requests[1].lower()


# --- what cannot be meant --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://api.getbase.com", "ftp://api.getbase.com", "https://", "https://user@host", "https://u:p@host",
        "https://host?x=1", "https://host#x", "https://[::1", "https://host:99999", "https://host:0", "api.getbase.com",
        "https://ho st", "https://host\\@evil.example", "https://host\n", "https://@host", "", "http://127.0.0.1.evil.example",
    ],
)  # fmt: skip
def test_a_base_url_that_is_not_safe_is_refused(url: str) -> None:
    """TLS, without user, query or fragment; http on this machine alone."""
    with pytest.raises(UsageError, match="base URL"):
        Link(url, SystemClock())


@pytest.mark.parametrize("url", ["https://api.getbase.com/", "http://localhost:1", "http://[::1]:1/x", "https://h:444"])
def test_a_base_url_that_is_safe_is_taken(url: str) -> None:
    """A prefix and a port are allowed."""
    assert Link(url, SystemClock()).base_url == url.rstrip("/")


@pytest.mark.parametrize("path", ["", "@evil.example/", ".evil.example/", "//x\\y", "/x\r\nX: y", "/a#b", "x"])
def test_a_path_cannot_lead_elsewhere(path: str) -> None:
    """It begins with a slash, and the host is over by then."""
    with pytest.raises(UsageError, match="path begins with /"):
        Link("https://api.getbase.com", SystemClock()).send(attrs.evolve(READ, path=path), {}, 1.0)


@pytest.mark.parametrize("value", ["a\r\nX: y", "ł@example.com", "tab\t", "\x00"])
def test_a_header_that_cannot_be_sent_is_named_and_not_shown(value: str) -> None:
    """Only printable ASCII is sent in headers; the value is not in the error."""
    with pytest.raises(UsageError, match="X-Mail") as caught:
        Link("https://api.getbase.com", SystemClock()).send(READ, {"X-Mail": value}, 1.0)
    assert value not in str(caught.value)


def test_a_body_that_is_no_json_is_refused_before_it_is_sent() -> None:
    """The error neither shows it nor leads to it."""
    bad = attrs.evolve(WRITE, body={"x": object()})
    with pytest.raises(UsageError, match="JSON") as caught:
        Link("https://api.getbase.com", SystemClock()).send(bad, {}, 1.0)
    assert caught.value.__context__ is None


def test_what_interrupts_a_call_shows_no_frame_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of a call: the frames with headers and body are gone from the traceback."""
    link = Link("http://127.0.0.1:1", SystemClock())

    def interrupted(*_: object, **__: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(link._session, "send", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        link.send(WRITE, {}, 1.0)
    names = [entry.name for entry in caught.traceback]
    assert names[-1] == "_exchange"
