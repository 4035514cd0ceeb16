"""The sandbox in process: sessions, isolation, repeatability, restart."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
import requests

import leadlens
from leadlens.emulation.clock import VirtualClock
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.wsgi import Application, read_request
from leadlens.sandbox import Sandbox
from leadlens.sandbox.transport import Transport, session


def work(sandbox: Sandbox) -> list[tuple[int, bytes, dict[str, str]]]:
    """Do a few things with each vendor and return all that came back."""
    calls: list[tuple[str, str, str, Any]] = [
        ("copper", "GET", "/leads/8894157", None),
        ("copper", "POST", "/leads/8894157/convert", {"details": {"person": {}, "opportunity": {"name": "A"}}}),
        ("zoho", "POST", "/Leads/3652397000007566544/actions/convert", {"data": [{}]}),
        ("zoho", "GET", "/nothing", None),
        ("base", "POST", "/lead_conversions", {"data": {"lead_id": 1}}),
        ("base", "GET", "/leads/99", None),
    ]
    replies = [sandbox.session(v).request(m, sandbox.url(v, path), json=body) for v, m, path, body in calls]
    return [(reply.status_code, reply.content, dict(reply.headers)) for reply in replies]


def test_the_public_name_is_the_sandbox() -> None:
    """It is loaded when first asked for."""
    assert leadlens.Sandbox is Sandbox


def test_the_same_seed_and_calls_give_the_same_bytes() -> None:
    """Headers too; another seed gives other data."""
    with Sandbox(seed=3) as one, Sandbox(seed=3) as same, Sandbox(seed=4) as other:
        first = work(one)
        assert first == work(same)
        assert first != work(other)
        assert [entry.to_json() for entry in one.truth] == [entry.to_json() for entry in same.truth]
        one.reset()
        assert work(one) == first


def test_sandboxes_know_nothing_of_each_other() -> None:
    """What is converted in one is open in the other."""
    with Sandbox() as one, Sandbox() as other:
        url = one.url("copper", "/leads/8894157")
        assert one.session("copper").post(f"{url}/convert", json={"details": {}}).status_code == 200
        assert one.session("copper").get(url).status_code == 404
        assert other.session("copper").get(url).status_code == 200


def test_no_socket_is_opened_and_no_other_place_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a name is resolved."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with Sandbox() as sandbox:
        assert all(headers["X-Sandbox"] == "1" for _, _, headers in work(sandbox))
        for place in ("https://api.copper.com/", "http://sandbox.invalid/copper", "https://sandbox.invalid.example/"):
            with pytest.raises(requests.exceptions.ConnectionError, match=r"reaches https://sandbox\.invalid only"):
                sandbox.session().get(place)


def test_an_unknown_prefix_says_where_the_crms_are() -> None:
    """And that it is the sandbox that says so."""
    with Sandbox() as sandbox:
        reply = sandbox.session().get(f"{sandbox.origin}/hubspot/v3")
        assert (reply.status_code, reply.headers["X-Sandbox"]) == (404, "1")
        assert reply.json()["base_urls"] == [sandbox.url(name) for name in ("base", "copper", "zoho")]


def test_empty_data_has_no_leads_but_what_every_account_has() -> None:
    """Users, pipelines and definitions are there."""
    with Sandbox(data="empty") as sandbox:
        assert [sandbox.store(v).count(k) for v, k in (("copper", "lead"), ("zoho", "Leads"), ("base", "lead"))] == [
            0
        ] * 3
        assert [
            sandbox.store(v).count(k) for v, k in (("copper", "pipeline"), ("zoho", "user"), ("base", "pipeline"))
        ] == [3, 2, 3]


def test_a_file_survives_a_restart(tmp_path: Path) -> None:
    """Records, ids, log and time go on where they were; nothing is loaded twice."""
    file = tmp_path / "state.db"
    with Sandbox(db=file) as sandbox:
        before = work(sandbox)
        entries, leads = sandbox.truth.entries(), sandbox.store("base").count("lead")
        made = sandbox.session("base").post(sandbox.url("base", "/leads"), json={"data": {"last_name": "A"}})
    with Sandbox(db=file) as again:
        assert again.truth.entries()[:-1] == entries
        assert again.store("base").count("lead") == leads + 1
        more = again.session("base").post(again.url("base", "/leads"), json={"data": {"last_name": "B"}}).json()
        assert more["data"]["id"] == made.json()["data"]["id"] + 1
        assert again.truth.entries()[-1].at == again.truth.entries()[-2].at + 1
    assert before[0][0] == 200


def test_bodies_of_every_kind_arrive() -> None:
    """Text, bytes, a form, a file and a generator."""
    seen: list[bytes] = []

    class Echo(Application):
        def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
            seen.append(read_request(environ).body)
            start_response("200 OK", [])
            return [b""]

    with Sandbox() as sandbox, Path(__file__).open("rb") as file:
        made = session(Transport(Echo(sandbox.engine), sandbox.origin, VirtualClock()), {})
        for data in ("ä", b"b", {"c": "d"}, iter([b"e", b"f"]), file):
            made.post(sandbox.origin, data=data)
    assert seen[:4] == ["ä".encode(), b"b", b"c=d", b"ef"]
    assert seen[4] == Path(__file__).read_bytes()


def test_control_is_there_only_when_asked_for() -> None:
    """Truth log, clock, faults and reset."""
    with Sandbox() as sandbox:
        assert sandbox.session().get(f"{sandbox.origin}/_sandbox/truth").status_code == 404
    with Sandbox(control=True) as sandbox:
        client, root = sandbox.session("base"), f"{sandbox.origin}/_sandbox"
        client.get(sandbox.url("base", "/leads/1"))
        entries = client.get(f"{root}/truth?vendor=base").json()["entries"]
        assert [(entry["operation"], entry["changes"]) for entry in entries] == [("base.get_lead", [])]
        now = client.get(f"{root}/clock").json()["now"]
        assert client.post(f"{root}/clock", json={"advance": 60}).json() == {"now": now + 60, "virtual": True}
        assert client.put(f"{root}/faults", json={"faults": [{"what": "500"}]}).json() == {"faults": 1}
        assert client.get(sandbox.url("base", "/leads/1")).status_code == 500
        for path, body in (("clock", {"advance": "x"}), ("clock", {"advance": -1}), ("clock", [])):
            assert client.post(f"{root}/{path}", json=body).status_code == 400
        assert client.put(f"{root}/faults", json={"faults": [{"what": "x"}]}).status_code == 400
        assert client.post(f"{root}/reset").json() == {"reset": True}
        assert client.get(f"{root}/truth").json() == {"entries": []}
        assert client.get(f"{root}/nothing").json()["controls"][0] == "GET /_sandbox/truth"


def test_a_reply_without_a_body_has_no_type() -> None:
    """204 has neither Content-Type nor Content-Length."""
    with Sandbox() as sandbox:
        reply = sandbox.session("zoho").get(sandbox.url("zoho", "/Leads/1"))
        assert (reply.status_code, reply.content) == (204, b"")
        assert "Content-Type" not in reply.headers


def test_the_last_of_repeated_parameters_counts() -> None:
    """A reply of an unknown status has a reason all the same."""
    request = Request("GET", "/", (("a", "1"), ("a", "2")))
    assert (request.param("a"), request.param("b", "c"), Reply(299).reason) == ("2", "c", "Unknown")


def test_records_can_be_put_in_directly() -> None:
    """As if they had been there from the beginning: in the store, and in no entry of the truth log."""
    with Sandbox(data="empty") as sandbox:
        with sandbox.world("zoho") as world:
            world.store.create("Leads", 5, {"id": "5", "Last_Name": "Daly"})
        assert sandbox.session("zoho").get(sandbox.url("zoho", "/Leads/5")).json()["data"][0]["Last_Name"] == "Daly"
        assert [change.sequence for change in sandbox.truth.changes("zoho", "Leads")] == [0]
