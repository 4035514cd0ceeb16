"""``leadlens demo``: one screen that makes the point, on no account at all."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from tests.cli.terminal import on_terminal
from tests.payloads import VENDORS

from leadlens import registry, translate
from leadlens.cli import DONE, demo_migration, run
from leadlens.cli.demo import KIND, LEAD_IN_TARGET
from leadlens.matrix import cells

PAIRS = [(source, target) for source in sorted(VENDORS) for target in sorted(VENDORS) if source != target]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the demo prints with --json, in an environment that has a browser."""
    browser = _Browser(tmp_path_factory.mktemp("browser"))
    command = [sys.executable, "-m", "leadlens", "demo", "--json"]
    done = subprocess.run(command, env={**os.environ, **browser.environment}, capture_output=True, check=True)
    assert done.stderr == b""
    assert browser.opened() == []
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def no_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the migrations out, which take long."""
    monkeypatch.setattr("leadlens.cli.demo._moves", lambda _: iter(()))


class _Browser:
    """A browser that writes down what it is asked to open."""

    def __init__(self, folder: Path) -> None:
        self._log, script = folder / "opened", folder / "browser"
        script.write_text(f'#!/bin/sh\necho "$1" >> {self._log}\n', encoding="utf-8")
        script.chmod(0o700)
        self.environment = {"BROWSER": f"{script} %s", "TMPDIR": str(folder)}

    def opened(self) -> list[str]:
        return self._log.read_text(encoding="utf-8").split() if self._log.exists() else []


@pytest.mark.parametrize("target", ["copper", "zoho"])
def test_an_account_is_migrated(shown: dict[str, Any], target: str) -> None:
    """All conversions but what the plan leaves to a person are there, each once, and nothing differs undeclared."""
    moved = next(one for one in shown["migrations"] if one["target"] == target)
    asked = moved["planned"].get("review", 0)
    assert sum(moved["planned"].values()) == 40
    assert moved["counts"] == {"verified": 40 - asked} | ({"review": asked} if asked else {})
    assert (moved["converted"], moved["twice"]) == (moved["planned"]["replay"], 0)
    assert (moved["verified"]["agree"], moved["verified"]["faults"]) == (40 - asked, [])
    page = Path(moved["report"]).read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")


def test_one_migration_was_killed_at_its_worst_moment(shown: dict[str, Any]) -> None:
    """Half-way, with SIGKILL, after the CRM had converted a lead and before anybody had read so."""
    copper, zoho = shown["migrations"]
    assert copper["killed"] is None
    assert zoho["killed"] == {"signal": "SIGKILL", "at_convert": zoho["planned"]["replay"] // 2}


def test_a_run_that_is_not_killed_is_no_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told of a kill that was none."""
    monkeypatch.setattr("leadlens.cli.demo_migration.sys.executable", "false")
    with pytest.raises(demo_migration.DemoError, match="ended by itself"):
        demo_migration.move(tmp_path, "zoho", lambda *_: None)


def test_the_run_ends_at_the_reply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CRM has converted so many leads then, and the ledger knows one less."""

    class DeadError(BaseException):
        """Stands for the end of the process."""

    def die(*_: object) -> None:
        raise DeadError

    place = demo_migration.Place(tmp_path, "zoho")
    demo_migration.planned(place)
    monkeypatch.setattr("leadlens.cli.demo_migration.os.kill", die)
    with pytest.raises(DeadError):
        demo_migration.run_until_killed(str(tmp_path), "zoho", 2)
    with place.accounts() as (sandbox, origin, there), place.opened(origin, there) as work:
        made = [change.id for change in sandbox.truth.changes("zoho", what="converted") if change.sequence]
        assert len(made) == 2
        assert len(work.book.items(("converting",))) == 1


def test_a_lead_is_converted_on_every_crm(shown: dict[str, Any]) -> None:
    """Each emulated account has a contact and the deal that was wished for; what it took and what was lost is told."""
    lives = shown["live"]
    assert [live["crm"] for live in lives] == list(registry.names())
    for live in lives:
        assert live["conversion"]["contact"]["id"]
        assert live["conversion"]["deal"]["id"]
        assert live["conversion"]["open"] == []
        assert live["calls"]


def test_json_has_every_pair(shown: dict[str, Any]) -> None:
    """With --json there is an entry for every directed pair: calls, losses and fidelity."""
    found = shown["pairs"]
    assert [(entry["source"], entry["target"]) for entry in found] == PAIRS
    assert all(list(entry) == ["source", "target", "calls", "losses", "fidelity"] for entry in found)


def test_json_is_what_translate_says(shown: dict[str, Any]) -> None:
    """The calls and losses are translate's own of the vendors' documented payloads."""
    for entry in shown["pairs"]:
        adapter = registry.get(entry["source"])
        done = translate(KIND, adapter.samples[KIND], source=adapter, target=entry["target"], lead_id=LEAD_IN_TARGET)
        assert {"calls": entry["calls"], "losses": entry["losses"]} == json.loads(
            json.dumps(done.to_json(), default=str)
        )


def test_fidelity_is_the_matrixs(shown: dict[str, Any]) -> None:
    """The fidelity counts the matrix's fields that arrive at all."""
    for entry in shown["pairs"]:
        source, target = entry["source"], entry["target"]
        crosswalks = registry.get(source).crosswalk(KIND), registry.get(target).crosswalk(KIND)
        verdicts = [cell.verdict for cell in cells(source, target, KIND, *crosswalks)]
        arrive = sum(verdict not in {"none", "lossy"} for verdict in verdicts)
        assert entry["fidelity"] == {"survive": arrive, "fields": len(verdicts)}


def test_it_is_one_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal of 100 columns it is about a screen with every pair, and its reports are opened in a browser."""
    browser = _Browser(tmp_path)
    for name, value in browser.environment.items():
        monkeypatch.setenv(name, value)
    seen = on_terminal("demo", streams=("stdout",), width=100)
    lines = [line for line in seen.screen.splitlines() if not line.startswith("Report: ")]
    assert seen.code == DONE
    assert len(lines) <= 46
    assert max(map(len, lines)) <= 100
    for source, target in PAIRS:
        assert f"{source} → {target}" in seen.screen
    for words in (
        "the calls that carry it out",
        "what does not arrive",
        "fidelity",
        "POST",
        "became",
        "leadlens matrix",
        "killed at convert 18 (SIGKILL)",
        "none converted twice",
        "0 faults",
    ):
        assert words in seen.screen
    reports = re.findall("^Report: (.*)$", seen.screen, re.MULTILINE)
    assert [Path(report).name for report in reports] == ["base-to-copper.html", "base-to-zoho.html"]
    assert sorted(browser.opened()) == [Path(report).as_uri() for report in reports]


@pytest.mark.parametrize(
    ("terminal", "environment", "asked", "opened"),
    [
        (True, {"BROWSER": "some"}, [], True),
        (True, {"DISPLAY": ":0"}, [], True),
        (True, {}, [], False),
        (True, {"BROWSER": "some"}, ["--no-open"], False),
        (False, {"BROWSER": "some"}, [], False),
    ],
)
@pytest.mark.usefixtures("no_moves")
def test_a_browser_is_opened_for_people_alone(
    terminal: bool, environment: dict[str, str], asked: list[str], opened: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, with a browser that has a window or was named, and unless told not to."""
    calls: list[Any] = []
    monkeypatch.setattr("leadlens.cli.demo._open", calls.append)
    monkeypatch.setattr("leadlens.cli.demo.sys", SimpleNamespace(platform="linux", stdout=_Terminal(terminal)))
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run(["demo", *asked]) == DONE
    assert bool(calls) is opened


class _Terminal:
    """An output that may be a terminal."""

    def __init__(self, is_one: bool) -> None:
        self._is_one = is_one

    def isatty(self) -> bool:
        return self._is_one


@pytest.mark.usefixtures("no_moves")
def test_it_is_a_screen_when_piped_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json it is always a screen for people."""
    monkeypatch.setenv("COLUMNS", "120")
    assert run(["demo"]) == DONE
    out = capsys.readouterr().out
    assert "One wish, three CRMs" in out
    assert " more" in " ".join(out.split())


@pytest.mark.usefixtures("no_moves")
def test_it_needs_no_network(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is sent anywhere."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket, "socket", refuse)
    assert run(["demo"]) == DONE
    assert capsys.readouterr().out


@pytest.mark.usefixtures("no_moves")
def test_a_pair_without_a_loss_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where everything arrives, the screen says that nothing is lost."""
    samples: dict[str, Any] = {"zoho": {"data": [{}]}, "base": {"data": {"lead_id": 5, "create_deal": False}}}
    adapters = {name: attrs.evolve(registry.get(name), samples={KIND: wire}) for name, wire in samples.items()}
    monkeypatch.setattr("leadlens.cli.demo.registry", SimpleNamespace(names=lambda: tuple(adapters), get=adapters.get))
    monkeypatch.setattr("leadlens.cli.demo._lives", lambda: iter(()))
    assert run(["demo"]) == DONE
    out = capsys.readouterr().out
    assert "zoho → base" in out
    assert "nothing" in out
