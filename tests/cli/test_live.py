"""``convert``, ``resolve``, ``conversions``, ``upsert``, ``doctor`` and ``init``, as people run them, on a sandbox."""

from __future__ import annotations

import io
import json
import re
import stat
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.cli.terminal import on_terminal

from leadlens import ConvertRequest, Sandbox, diagnosis, facts, holding, registry
from leadlens.cli import BAD_INPUT, DONE, REFUSED, UNKNOWN, run
from leadlens.cli.init import example
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import Conversion
from leadlens.emulation.clock import VirtualClock
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    AlreadyConvertedError,
    AmbiguousMatchError,
    CredentialsError,
    InvalidRequestError,
    NotFoundError,
    NotPermittedError,
    OutcomeUnknownError,
    PendingError,
    RateLimitError,
    TryLaterError,
    VendorError,
)
from leadlens.http.clock import SystemClock
from leadlens.sandbox.server import serving


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = DONE) -> Any:
    """Run a command and return its JSON; its exit code is as expected."""
    assert run(list(arguments)) == code, capsys.readouterr().err
    out = capsys.readouterr().out
    return json.loads(out) if out.strip() else None


@pytest.fixture
def box(tmp_path: Path) -> str:
    return str(tmp_path / "box.db")


def test_a_conversion_is_kept_between_commands(capsys: pytest.CaptureFixture[str], box: str) -> None:
    """What one command converts, the next one finds."""
    deal = ("--deal", "Pilot", "--value", "12.50", "--currency", "EUR")
    made = told(capsys, "convert", "base", "1", *deal, "--sandbox", box)
    assert made["contact"]["outcome"] == made["deal"]["outcome"] == "created"
    assert made["open"] == []
    assert told(capsys, "resolve", "base", "1", "--sandbox", box) == made
    assert told(capsys, "conversions", "base", "--lead-id", "1", "--sandbox", box) == made
    assert told(capsys, "resolve", "base", "2", "--sandbox", box) is None


def test_a_plan_sends_nothing(capsys: pytest.CaptureFixture[str], box: str) -> None:
    """--plan shows calls, losses and cost; the lead stays as it is."""
    plan = told(capsys, "convert", "base", "1", "--company", "Acme", "--plan", "--sandbox", box)
    assert [call["name"] for call in plan["calls"]] == ["lead", "convert"]
    assert ("company", "instead") in {(loss["path"], loss["reason"]) for loss in plan["losses"]}
    assert (plan["requests"], plan["credits"]) == (2, 2)
    assert told(capsys, "resolve", "base", "1", "--sandbox", box) is None


def test_what_the_crm_cannot_do_is_refused(capsys: pytest.CaptureFixture[str], box: str) -> None:
    """Exit code 1 before anything is sent; --allow names what may be lost."""
    assert run(["convert", "base", "1", "--contact-id", "5", "--sandbox", box]) == REFUSED
    assert "contact:" in capsys.readouterr().err
    made = told(capsys, "convert", "base", "1", "--company", "Acme", "--allow", "company", "--sandbox", box)
    assert made["company"]["outcome"] == "created"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--deal", "A", "--no-deal"], "--deal and --no-deal exclude each other"),
        (["--company", "A", "--no-company"], "--company and --no-company exclude each other"),
        (["--value", "5"], "the options of a deal need --deal NAME"),
        (["--no-deal", "--stage", "5"], "--no-deal excludes the options of a deal"),
        (["--deal", "A", "--currency", "EUR"], "--currency needs --value"),
        (["--deal", "A", "--value", "much"], "--value: expected an amount such as 1250.50, not 'much'"),
    ],
)
def test_options_that_cannot_be_meant(options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Options that contradict each other are bad usage."""
    assert run(["convert", "base", "1", *options, "--sandbox"]) == BAD_INPUT
    assert message in capsys.readouterr().err


def test_a_request_from_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A request as neutral JSON, which options change; what does not fit is told with its path."""
    file = tmp_path / "request.json"
    deal = {"type": "NewDeal", "name": "Pilot", "value": {"amount": "5"}}
    file.write_text(json.dumps({"deal": deal, "company": {"type": "Nothing"}}), "utf-8")
    more = ("--stage", "5", "--close-date", "2026-12-01", "--owner", "1")
    plan = told(capsys, "convert", "base", "1", "--request", str(file), *more, "--plan", "--sandbox")
    body = plan["calls"][-1]["body"]["data"]
    assert (body["name"], body["value"], body["stage_id"], body["estimated_close_date"]) == (
        "Pilot",
        "5",
        5,
        "2026-12-01",
    )
    file.write_text('{"dael": 5}', "utf-8")
    assert run(["convert", "base", "1", "--request", str(file), "--sandbox"]) == BAD_INPUT
    assert "extra fields found (dael)" in capsys.readouterr().err


def test_an_unknown_outcome_exits_with_three(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When nobody can know what happened, the exit code says so."""
    from leadlens.cli import account
    from leadlens.emulation.faults import Fault

    fault = Fault(what="lost", operation="base.convert_lead", nth=1)
    monkeypatch.setattr(account, "_box", lambda _: Sandbox(faults=[fault], vendors=["base"]))
    assert run(["convert", "base", "1", "--sandbox"]) == UNKNOWN
    shown = capsys.readouterr().err
    assert "waiting a few minutes before looking" in shown
    assert "had no conversion 210 seconds after" in shown


def test_what_a_command_began_is_known_to_the_next(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    """A conversion of a real account that was interrupted is found by the next command: nothing is sent twice."""
    lost, clock = Fault(what="reset", operation="base.convert_lead", nth=1), VirtualClock(time.time())
    with Sandbox(vendors=["base"], faults=[lost], clock=clock) as sandbox, serving(sandbox) as origin:
        monkeypatch.setenv("LEADLENS_BASE_TOKEN", "t")
        monkeypatch.setenv("LEADLENS_BASE_BASE_URL", f"{origin}/base")
        monkeypatch.setattr(SystemClock, "sleep", _is_interrupted)
        assert run(["convert", "base", "1"]) == UNKNOWN
        assert "interrupted" in capsys.readouterr().err
        monkeypatch.setattr(SystemClock, "sleep", lambda _clock, seconds: sandbox.clock.sleep(seconds))
        assert run(["convert", "base", "1"]) == REFUSED
        assert "converted already" in capsys.readouterr().err
        made = [change for change in sandbox.truth.changes("base", "lead", "converted") if change.sequence]
        assert len(made) == 1


def _is_interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_upsert(capsys: pytest.CaptureFixture[str], tmp_path: Path, box: str) -> None:
    """The first upsert creates, the second updates the same record."""
    file = tmp_path / "lead.json"
    record = {
        "name": {"first": "Ada", "last": "Lovelace"},
        "emails": [{"address": "ada@new.example", "category": "work"}],
    }
    file.write_text(json.dumps(record), "utf-8")
    first = told(capsys, "upsert", "base", "lead", str(file), "--sandbox", box)
    again = told(capsys, "upsert", "base", "lead", str(file), "--by", "email", "--sandbox", box)
    assert (first["outcome"], again["outcome"], first["id"]) == ("created", "updated", again["id"])
    assert run(["upsert", "base", "lead", str(file), "--clear", "emails", "--sandbox", box]) == BAD_INPUT
    assert "both set and cleared" in capsys.readouterr().err


def test_a_server_is_reached_by_its_url(capsys: pytest.CaptureFixture[str]) -> None:
    """--sandbox URL uses a running sandbox."""
    with Sandbox(vendors=["base"]) as sandbox, serving(sandbox) as origin:
        made = told(capsys, "convert", "base", "1", "--sandbox", origin)
        assert made["lead_id"] == "1"
        assert sandbox.truth.changes("base", "lead", "converted")


def test_the_doctor_says_what_works(capsys: pytest.CaptureFixture[str]) -> None:
    """Every check has a verdict and a word."""
    found = told(capsys, "doctor", "base", "--sandbox")
    assert {line["check"] for line in found} >= {
        "leads",
        "conversions",
        "user",
        "stage",
        "a second convert",
        "composed",
    }
    assert all(line["ok"] for line in found)


def test_the_doctor_says_what_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    """With spent credentials every check fails, each in one line, and the exit code is 1."""
    with Sandbox(vendors=["base"]) as sandbox, serving(sandbox) as origin:
        pass
    assert run(["doctor", "base", "--sandbox", origin]) == REFUSED
    assert not any(line["ok"] for line in json.loads(capsys.readouterr().out) if line["check"] == "leads")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user's folder for state a place in this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "leadlens" / "facts.json"


def _line(found: Any, check: str) -> str:
    return next(str(line["told"]) for line in found if line["check"] == check)


@pytest.mark.parametrize(
    ("vendor", "switch", "answer"),
    [
        ("base", {"base.second_convert": "refused"}, "refused"),
        ("base", {}, "done"),
        ("copper", {}, None),
    ],
)
def test_the_doctor_tries_a_second_convert(
    vendor: str, switch: dict[str, str], answer: str | None, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A throw-away lead is converted twice, what came of it is removed, and the account's answer is remembered."""
    with Sandbox(vendors=[vendor], switches=switch) as sandbox, serving(sandbox) as origin:
        before = {kind: len(sandbox.truth.changes(vendor, kind, "created")) for kind in ("contact", "person")}
        found = told(capsys, "doctor", vendor, "--probe", "--yes", "--sandbox", origin)
        made = sum(len(sandbox.truth.changes(vendor, kind, "created")) - before[kind] for kind in before)
        gone = sum(len(sandbox.truth.changes(vendor, kind, "deleted")) for kind in before)
        assert made == gone > 0
        said = _line(found, "a second convert")
        kept = json.loads(state.read_text())
        assert stat.S_IMODE(state.stat().st_mode) == 0o600
        (facts,) = kept.values()
        assert said.startswith(facts["second_convert"])
        assert answer in (None, facts["second_convert"])
        again = told(capsys, "doctor", vendor, "--sandbox", origin)
        assert _line(again, "a second convert").startswith("refused" if answer == "refused" else "")


@pytest.mark.parametrize("what", ["429", "401", "500", "dns", "reset"])
def test_the_doctor_takes_no_other_answer_for_a_refusal(
    what: str, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A limit, spent credentials, a lost call say nothing of a second convert: what was known before stays known."""
    with Sandbox(vendors=["base"]) as sandbox, serving(sandbox) as origin:
        with connect("base", token="sandbox", base_url=f"{origin}/base") as client:
            account = diagnosis.identity(client) or ""
        facts.remember(account, facts.SECOND_CONVERT, "done")
        sandbox.faults.add(*(Fault(what=what, operation="base.convert_lead", nth=nth) for nth in (2, 3)))
        found = told(capsys, "doctor", "base", "--probe", "--yes", "--sandbox", origin, code=REFUSED)
        assert _line(found, "a second convert").startswith("not clear")
        assert facts.known(account) == {facts.SECOND_CONVERT: "done"}
        assert _left(sandbox) == []
        twice = sum(one.what == "converted" for one in sandbox.truth.changes("base", "lead") if one.sequence) == 2
        assert _line(found, "left behind").startswith("nothing" if twice else "a second conversion of lead")


def _left(sandbox: Sandbox) -> list[Any]:
    """Return the contacts, companies and deals that came and have not gone."""
    gone = {(one.kind, one.id) for one in sandbox.truth.changes("base", None, "deleted")}
    made = {(one.kind, one.id) for one in sandbox.truth.changes("base", None, "created") if one.sequence}
    return [one for one in made - gone if one[0] not in ("lead", "conversion")]


def _asked_twice(error: VendorError, shown: list[int | VendorError]) -> tuple[str, float]:
    """Return what a second convert that this error answers is taken for, and how long was waited.

    ``shown`` is how many conversions each look finds, or what it raises; the last one stays.
    """
    clock, looks = VirtualClock(), list(shown)
    began = clock.now()

    def look(_: object) -> Any:
        found = looks.pop(0) if len(looks) > 1 else looks[0]
        if isinstance(found, VendorError):
            raise found
        return iter([Conversion(id=str(at)) for at in range(found)])

    def answers(flow: Any) -> None:
        flow.close()
        raise error

    client: Any = SimpleNamespace(
        driver=SimpleNamespace(run=answers, clock=clock),
        operations=None,
        convert=lambda *_, **__: Conversion(id="0"),
        plan=lambda _: SimpleNamespace(calls=()),
        iter_conversions=look,
    )
    answer, made = diagnosis.second_convert(client, "1")
    assert made == (Conversion(id="0"),)
    return answer, clock.now() - began


def _refusal(kind: type[VendorError], status: int = 422, step: str | None = "convert") -> VendorError:
    error = kind("base", status=status)
    error.step = step
    return error


@pytest.mark.parametrize("kind", [AlreadyConvertedError, InvalidRequestError, NotFoundError])
def test_a_refusal_is_confirmed_by_one_conversion(kind: type[VendorError]) -> None:
    """None yet is looked at again for as long as lists are behind; two were a second one after all."""
    assert _asked_twice(_refusal(kind), [1]) == ("refused", 0.0)
    assert _asked_twice(_refusal(kind), [0, 0, 1]) == ("refused", 10.0)
    answer, waited = _asked_twice(_refusal(kind), [0])
    assert (answer, waited >= 60.0) == ("unknown", True)
    assert _asked_twice(_refusal(kind), [2]) == ("unknown", 0.0)
    assert _asked_twice(_refusal(kind), [_refusal(AmbiguousMatchError)]) == ("unknown", 0.0)


@pytest.mark.parametrize(
    "error",
    [
        _refusal(InvalidRequestError, status=0),
        _refusal(NotFoundError, step="before"),
        _refusal(InvalidRequestError, step=None),
        *(_refusal(kind) for kind in (CredentialsError, NotPermittedError, TryLaterError, RateLimitError)),
        *(_refusal(kind) for kind in (PendingError, OutcomeUnknownError)),
    ],
)
def test_what_is_no_refusal_of_the_lead(error: VendorError) -> None:
    """Who asks, how often, what was not answered, and what came at another step, are not about a second convert."""
    assert _asked_twice(error, [1]) == ("unknown", 0.0)


def test_facts_that_cannot_be_written_are_told(
    state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The probe is done and cleared up; that the answer is not kept is one line of it."""
    state.parent.parent.mkdir()
    state.parent.touch()
    with Sandbox(vendors=["base"]) as sandbox, serving(sandbox) as origin:
        found = told(capsys, "doctor", "base", "--probe", "--yes", "--sandbox", origin)
        assert "it cannot be remembered: " in _line(found, "a second convert")
        assert _left(sandbox) == []


def test_what_a_second_convert_made_and_nobody_can_look_up(
    state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lead is named."""
    monkeypatch.setattr(diagnosis, "conversions_of", _refuses)
    with Sandbox(vendors=["base"]) as sandbox, serving(sandbox) as origin:
        sandbox.faults.add(Fault(what="reset", operation="base.convert_lead", nth=2))
        found = told(capsys, "doctor", "base", "--probe", "--yes", "--sandbox", origin, code=REFUSED)
        assert "a second conversion of lead 301 made, which could not be looked up" in _line(found, "left behind")


def test_what_the_doctor_found_is_used(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On an account that is known to refuse a second conversion, one that was lost is sent again by itself."""
    with Sandbox(vendors=["base"], switches={"base.second_convert": "refused"}) as sandbox, serving(sandbox) as origin:
        told(capsys, "doctor", "base", "--probe", "--yes", "--sandbox", origin)
        sandbox.faults.add(Fault(what="lost", operation="base.convert_lead", nth=1))
        with connect("base", token="sandbox", base_url=f"{origin}/base", quiet=0.1) as client:
            assert client.converts_once
            assert client.convert(ConvertRequest(lead_id="1")).contact.outcome == "created"
    with Sandbox(vendors=["base"]) as sandbox, connect("base", sandbox=sandbox) as client:
        assert not client.converts_once


def test_the_doctor_asks_before_it_writes(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    """Without a yes nothing is sent."""
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run(["doctor", "base", "--probe", "--sandbox"]) == REFUSED
    assert not capsys.readouterr().out


def test_a_probe_that_fails_says_what_is_left(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    """A probe that cannot end, and a record that cannot be removed, are told; the exit code is 1."""
    monkeypatch.setattr(Client, "delete", _refuses)
    assert run(["doctor", "base", "--probe", "--yes", "--sandbox"]) == REFUSED
    assert "contact" in _line(json.loads(capsys.readouterr().out), "left behind")
    monkeypatch.setattr(diagnosis, "second_convert", _refuses)
    assert run(["doctor", "base", "--probe", "--yes", "--sandbox"]) == REFUSED
    assert "leadlens probe" in _line(json.loads(capsys.readouterr().out), "a second convert")


def _refuses(*_: object) -> Any:
    raise NotPermittedError("base", status=403)


_REMEMBER = """
import sys
from leadlens import facts
for at in range(20):
    facts.remember(f"{sys.argv[1]}-{at}", facts.SECOND_CONVERT, "refused")
"""


def test_facts_of_several_processes_are_all_kept(state: Path) -> None:
    """Each replaces the file as a whole, with what the others have written."""
    writers = [subprocess.Popen([sys.executable, "-c", _REMEMBER, str(count)]) for count in range(4)]
    assert [writer.wait(timeout=60) for writer in writers] == [0] * 4
    assert len(json.loads(state.read_bytes())) == 80
    assert sorted(one.name for one in state.parent.iterdir()) == ["facts.json", "facts.lock"]


def test_facts_where_there_are_no_locks(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are written all the same."""
    monkeypatch.setattr(holding, "fcntl", None)
    facts.remember("a", "x", "1")
    assert facts.known("a") == {"x": "1"}


def test_facts_that_cannot_be_read_say_nothing(state: Path) -> None:
    """A damaged file of facts makes nobody send anything twice."""
    facts.remember("a", "x", "1")
    facts.remember("a", "y", "2")
    assert facts.known("a") == {"x": "1", "y": "2"}
    for text in ("no json", "[]", '{"a": 5}'):
        state.write_text(text)
        assert facts.known("a") == {}


def test_a_clock_that_differs_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A sandbox in this process has its own time, which is not ours; the doctor says what the CRM says."""
    found = told(capsys, "doctor", "base", "--sandbox")
    assert _line(found, "clock")
    assert _line(found, "limit").startswith("36000 calls")


def test_init_writes_an_example_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The example names every option of every CRM, is private, valid TOML, and never overwritten."""
    file = tmp_path / "leadlens.toml"
    assert run(["init", str(file)]) == DONE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text("utf-8")
    assert text == example()
    assert tomllib.loads(text) == {}
    bare = "\n".join(line.removeprefix("# ") for line in text.splitlines() if re.match(r"# (\[|\w+ = )", line))
    assert set(tomllib.loads(bare)["accounts"]) == {f"my-{name}" for name in registry.names()}
    assert run(["init", str(file)]) == BAD_INPUT
    assert "stays as it is" in capsys.readouterr().err


def test_people_get_tables(box: str) -> None:
    """On a terminal the outcome is a table."""
    seen = on_terminal("convert", "base", "1", "--deal", "Pilot", "--sandbox", box, streams=("stdout",))
    assert "Lead 1 is converted." in seen.screen
    assert "created" in seen.screen
    assert "not converted" in on_terminal("resolve", "base", "2", "--sandbox", box, streams=("stdout",)).screen
    assert "became" in on_terminal("resolve", "base", "1", "--sandbox", box, streams=("stdout",)).screen
    assert (
        "1 conversion(s)"
        in on_terminal("conversions", "base", "--limit", "1", "--sandbox", box, streams=("stdout",)).screen
    )
    assert (
        "This would be sent"
        in on_terminal("convert", "base", "3", "--plan", "--sandbox", box, streams=("stdout", "stderr")).screen
    )
    assert "✓" in on_terminal("doctor", "base", "--sandbox", box, streams=("stdout",)).screen
