"""The sandbox as a server on loopback, and the command that starts it."""

from __future__ import annotations

import itertools
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from leadlens.emulation.clock import RealClock
from leadlens.emulation.faults import Fault
from leadlens.errors import UsageError
from leadlens.sandbox import Sandbox
from leadlens.sandbox.server import bind, is_loopback, serving

CONVERT = "base.convert_lead"
LAST = "Press Ctrl+C to stop."


@contextmanager
def served(*faults: Fault) -> Iterator[tuple[Sandbox, requests.Session]]:
    """Serve a sandbox, with a session of requests that knows nothing of it."""
    with Sandbox(faults=list(faults)) as sandbox, serving(sandbox), requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = "Bearer t"
        yield sandbox, session


def convert(sandbox: Sandbox, session: requests.Session, timeout: float = 10) -> requests.Response:
    url = sandbox.url("base", "/lead_conversions")
    return session.post(url, json={"data": {"lead_id": 1}}, timeout=timeout)


def test_plain_requests_reach_all_three_over_a_socket() -> None:
    """Replies are marked; links point back to the server."""
    with served() as (sandbox, session):
        reply = convert(sandbox, session)
        assert (reply.status_code, reply.headers["X-Sandbox"]) == (200, "1")
        assert reply.json()["meta"]["links"]["deal"].startswith(f"{sandbox.origin}/base/v2/deals/")
        copper = session.get(sandbox.url("copper", "/leads/8894157"), timeout=10)
        assert copper.json()["name"] == "Ana Souza"
        token = {"Authorization": "Zoho-oauthtoken t"}
        zoho = session.get(sandbox.url("zoho@v2.1", "/Leads/3652397000007566544"), headers=token, timeout=10)
        assert zoho.json()["data"][0]["Company"] == "Zylker"
        assert session.get(sandbox.url("zoho", "/Leads/1"), headers=token, timeout=10).status_code == 204


def test_many_clients_at_once_lose_nothing() -> None:
    """Calls are carried out one at a time: each has an id of its own, and all are in the log."""
    with served() as (sandbox, _), ThreadPoolExecutor(8) as pool:
        url, good = sandbox.url("base", "/leads"), {"Authorization": "Bearer t"}
        before = sandbox.store("base").count("lead")
        make = partial(requests.post, json={"data": {"last_name": "A"}}, headers=good, timeout=10)
        ids = [reply.json()["data"]["id"] for reply in pool.map(make, [url] * 40)]
        assert len(set(ids)) == 40
        assert sandbox.store("base").count("lead") == before + 40
        assert [entry.sequence for entry in sandbox.truth] == list(range(1, 41))


def test_a_chunked_body_arrives() -> None:
    """As clients send that do not know its length."""
    with served() as (sandbox, session):
        body = iter([b'{"data": ', b'{"lead_id": 1}}'])
        reply = session.post(sandbox.url("base", "/lead_conversions"), data=body, timeout=10)
        assert reply.status_code == 200


@pytest.mark.parametrize(
    ("what", "error", "committed"),
    [
        ("refused", requests.exceptions.ConnectionError, 0),
        ("reset", requests.exceptions.ConnectionError, 1),
        ("lost", requests.exceptions.ReadTimeout, 0),
        ("timeout", requests.exceptions.ReadTimeout, 1),
        ("fin", requests.exceptions.ChunkedEncodingError, 1),
    ],
)
def test_faults_act_on_the_socket(what: str, error: type[Exception], committed: int) -> None:
    """The client sees it break; the truth log tells what was committed; the next call is served."""
    with served(Fault(what=what, operation=CONVERT, nth=1, seconds=1.0)) as (sandbox, session):
        with pytest.raises(error):
            convert(sandbox, session, timeout=0.3)
        assert sum(change.sequence > 0 for change in sandbox.truth.changes("base", "conversion")) == committed
        assert convert(sandbox, session).status_code == 200


def test_a_reset_is_a_reset() -> None:
    """Not merely an end: the peer's read fails."""
    with served(Fault(what="reset")) as (sandbox, _):
        host, port = sandbox.origin.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 10) as peer:
            peer.sendall(b"GET /base/v2/leads/1 HTTP/1.1\r\nHost: x\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                peer.recv(100)


def test_a_late_reply_is_whole() -> None:
    """It comes after its time, to whoever waits."""
    with served(Fault(what="late", seconds=0.3)) as (sandbox, session):
        before = time.monotonic()
        assert convert(sandbox, session).json()["data"]["lead_id"] == 1
        assert time.monotonic() - before > 0.3


def answered(origin: str, request: str) -> bytes:
    """Send a request and return all that comes until the connection ends."""
    host, port = origin.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as peer:
        peer.sendall(f"{request}\r\n\r\n".encode())
        return b"".join(iter(lambda: peer.recv(65536), b""))


@pytest.mark.parametrize(
    "line",
    [
        "GET / HTTP/1.1", "GET /nothing HTTP/1.1", "OPTIONS /base/v2/leads HTTP/1.1", "NONSENSE /base/v2 HTTP/1.1",
        f"GET /{'a' * 70_000} HTTP/1.1", "POST /base/v2/leads HTTP/1.1\r\nContent-Length: -5",
        "GET /base/v2/leads HTTP/1.1\r\n" + "\r\n".join(f"X-{n}: 1" for n in range(150)),
    ],
    ids=lambda line: line[:30],
)  # fmt: skip
def test_every_reply_is_marked(line: str) -> None:
    """Even those to what is no HTTP; none of them has two dates."""
    with served() as (sandbox, _):
        reply = answered(sandbox.origin, f"{line}\r\nHost: x")
        assert b"\r\nX-Sandbox: 1\r\n" in reply
        assert reply.count(b"\r\nDate: ") <= 1


def test_the_same_seed_and_calls_give_the_same_bytes_over_a_socket() -> None:
    """With a virtual clock: head and body, but for the port; the time of the machine is nowhere."""
    calls = ("GET /base/v2/leads/1", "POST /base/v2/lead_conversions", "GET /nothing", "GET /zoho/crm/v8/org",
             "POST /copper/developer_api/v1/leads/search", "GET /base/v2/leads", "GET /zoho/crm/v8/users")  # fmt: skip
    good = "HTTP/1.1\r\nHost: x\r\nUser-Agent: t\r\nAuthorization: Bearer t"
    heard = []
    for _ in range(2):
        with served(Fault(what="429", probability=0.3)) as (sandbox, _):
            said = [answered(sandbox.origin, f"{call} {good}").replace(sandbox.origin.encode(), b"") for call in calls]
            heard.append([re.sub(rb"Content-Length: \d+", b"", reply) for reply in said])
    assert heard[0] == heard[1]
    assert {b" 200 ", b" 429 "} <= {reply[8:13] for reply in heard[0]}


def test_the_server_calls_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where a webhook asks it to: the only connections are those of its clients."""
    called: list[object] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        called.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    with served() as (sandbox, session):
        session.headers.update(sandbox.vendors["copper"].credentials)
        hook = {"target": "https://example.com/hook", "type": "lead", "event": "new"}
        for path, body in (("/webhooks", hook), ("/leads", {"name": "A"}), ("/leads/8894157/convert", {"details": {}})):
            assert session.post(sandbox.url("copper", path), json=body, timeout=10).status_code == 200
        assert set(called) == {("127.0.0.1", int(sandbox.origin.rpartition(":")[2]))}


def test_what_was_answered_is_there_after_a_kill(tmp_path: Path) -> None:
    """SIGKILL in the middle of calls loses nothing that a client was told, and no id is used twice."""
    file, good = str(tmp_path / "state.db"), {"Authorization": "Bearer t"}
    told: list[int] = []

    def work(url: str) -> None:
        with suppress(requests.RequestException), requests.Session() as session:
            while True:
                made = session.post(url, json={"data": {"last_name": "A"}}, headers=good, timeout=10)
                told.append(made.json()["data"]["id"])

    for _ in range(2):
        with started("--db", file) as (process, origin, _), ThreadPoolExecutor(4) as pool:
            done = [pool.submit(work, f"{origin}/base/v2/leads") for _ in range(4)]
            time.sleep(0.5)
            process.kill()
            assert [each.result() for each in done] == [None] * 4
    assert len(told) == len(set(told)) > 0
    with Sandbox(db=file) as sandbox:
        made = [change.id for change in sandbox.truth.changes("base", "lead", "created") if change.sequence]
        assert set(told) <= set(made)
        assert len(made) == len(set(made)) <= len(told) + 8
        assert all(sandbox.store("base").get("lead", number) for number in made)


def test_a_drip_comes_byte_by_byte() -> None:
    """Slower than the client's timeout for each read alone would notice."""
    with served(Fault(what="drip", seconds=0.001)) as (sandbox, session):
        before = time.monotonic()
        reply = convert(sandbox, session, timeout=0.5)
        assert reply.json()["data"]["lead_id"] == 1
        assert time.monotonic() - before > 0.001 * len(reply.content)


def test_a_duplicate_reply_stands_on_the_same_connection() -> None:
    """Twice the same, byte for byte."""
    with served(Fault(what="duplicate")) as (sandbox, _):
        host, port = sandbox.origin.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 10) as peer:
            head = "GET /base/v2/leads/1 HTTP/1.1\r\nHost: x\r\nUser-Agent: t\r\nAuthorization: Bearer t\r\n"
            peer.sendall(f"{head}Connection: close\r\n\r\n".encode())
            got = b"".join(iter(lambda: peer.recv(65536), b""))
        bodies = re.findall(rb'{"data":{"id":1,.*?"meta":{"type":"lead"}}', got)
        assert len(bodies) == 2
        assert len(set(bodies)) == 1


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.8.8.8", True), ("0.0.0.0", False),
     ("10.0.0.1", False), ("example.com", False)],
)  # fmt: skip
def test_only_loopback_is_served_unless_told(host: str, expected: bool) -> None:
    """Any credential works here, so nobody else may come near."""
    assert is_loopback(host) is expected
    if not expected:
        with Sandbox() as sandbox, pytest.raises(UsageError, match="reached by others"):
            bind(sandbox, host)


PATHS = ("base/v2", "copper/developer_api/v1", "zoho/crm/v8")


@contextmanager
def started(*options: str) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """Run the command on a free port; gives the process, its origin and what it printed until it was ready."""
    run = [sys.executable, "-m", "leadlens", "sandbox", "--port", "0", *options]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [line.rstrip() for line in itertools.takewhile(lambda line: line != f"{LAST}\n", process.stdout)]
        yield process, re.findall(r"http://127\.0\.0\.1:\d+", "".join(lines))[0], lines


@contextmanager
def command(*options: str) -> Iterator[tuple[str, list[str]]]:
    """Run the command until it is interrupted, which it takes well."""
    with started(*options) as (process, origin, lines):
        try:
            yield origin, lines
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0


def test_the_command_prints_urls_credentials_and_lines_that_work(tmp_path: Path) -> None:
    """Each printed curl line, done with requests, is answered with 200; the state survives a restart."""
    file = str(tmp_path / "state.db")
    with command("--db", file, "--control", "--seed", "3") as (origin, lines):
        for path, (shown, curl) in zip(PATHS, (lines[at : at + 2] for at in (2, 5, 8)), strict=True):
            assert shown.endswith(f"  {origin}/{path}")
            program, _, url, *words = shlex.split(curl)
            headers = dict(word.split(": ") for word in words if word != "-H")
            assert (program, requests.get(url, headers=headers, timeout=10).status_code) == ("curl", 200)
        assert len(requests.get(f"{origin}/_sandbox/truth", timeout=10).json()["entries"]) == 3
    with command("--db", file, "--control") as (origin, _):
        assert len(requests.get(f"{origin}/_sandbox/truth", timeout=10).json()["entries"]) == 3


def test_the_command_takes_data_faults_and_switches(tmp_path: Path) -> None:
    """And keeps the truth log to itself unless told."""
    plan = tmp_path / "faults.json"
    plan.write_text('{"faults": [{"what": "503", "operation": "zoho.*"}]}')
    options = ("--data", "empty", "--faults", str(plan), "--switch", "copper.second_convert=404", "--limits")
    with command(*options) as (origin, _):
        good = {"Authorization": "Bearer t"}
        assert requests.get(f"{origin}/base/v2/leads/1", headers=good, timeout=10).status_code == 404
        assert requests.get(f"{origin}/zoho/crm/v8/Leads/1", timeout=10).status_code == 503
        assert requests.get(f"{origin}/_sandbox/truth", timeout=10).status_code == 404


@pytest.mark.parametrize(
    "options", [("--host", "0.0.0.0"), ("--switch", "copper.x=1"), ("--switch", "x"), ("--faults", "/nonexistent")]
)
def test_what_cannot_be_meant_exits_2(options: tuple[str, ...]) -> None:
    """With one line that says why."""
    run = [sys.executable, "-m", "leadlens", "sandbox", "--port", "0", *options]
    done = subprocess.run(run, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr.count("\n"), done.stderr[:10]) == (2, 1, "leadlens: ")


def test_a_taken_port_exits_2() -> None:
    """With its number."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = [sys.executable, "-m", "leadlens", "sandbox", "--port", port]
        done = subprocess.run(run, capture_output=True, text=True, timeout=30, check=False)
        assert (done.returncode, done.stderr.count("\n"), f"port {port}" in done.stderr) == (2, 1, True)


def test_a_server_may_run_on_the_real_clock() -> None:
    """Timestamps are those of the machine."""
    with Sandbox(clock=RealClock()) as sandbox:
        sandbox.session("base").get(sandbox.url("base", "/leads/1"))
        assert abs(sandbox.truth.entries()[0].at - time.time()) < 60
