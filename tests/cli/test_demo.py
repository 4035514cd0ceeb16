"""``leadlens demo``: one screen that makes the point, on no account at all."""

from __future__ import annotations

import json
import socket
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from tests.cli.terminal import on_terminal
from tests.payloads import VENDORS

from leadlens import registry, translate
from leadlens.cli import DONE, run
from leadlens.cli.demo import KIND, LEAD_IN_TARGET
from leadlens.matrix import cells

PAIRS = [(source, target) for source in sorted(VENDORS) for target in sorted(VENDORS) if source != target]


def shown(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run(["demo", "--json"]) == DONE
    out, err = capsys.readouterr()
    assert err == ""
    found: dict[str, Any] = json.loads(out)
    return found


def journeys(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shown(capsys)["pairs"]
    return found


def test_a_lead_is_converted_on_every_crm(capsys: pytest.CaptureFixture[str]) -> None:
    """Each emulated account has a contact and the deal that was wished for; what it took and what was lost is told."""
    lives = shown(capsys)["live"]
    assert [live["crm"] for live in lives] == list(registry.names())
    for live in lives:
        assert live["conversion"]["contact"]["id"]
        assert live["conversion"]["deal"]["id"]
        assert live["conversion"]["open"] == []
        assert live["calls"]


def test_json_has_every_pair(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json there is an entry for every directed pair: calls, losses and fidelity."""
    found = journeys(capsys)
    assert [(entry["source"], entry["target"]) for entry in found] == PAIRS
    assert all(list(entry) == ["source", "target", "calls", "losses", "fidelity"] for entry in found)


def test_json_is_what_translate_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The calls and losses are translate's own of the vendors' documented payloads."""
    for entry in journeys(capsys):
        adapter = registry.get(entry["source"])
        done = translate(KIND, adapter.samples[KIND], source=adapter, target=entry["target"], lead_id=LEAD_IN_TARGET)
        assert {"calls": entry["calls"], "losses": entry["losses"]} == json.loads(
            json.dumps(done.to_json(), default=str)
        )


def test_fidelity_is_the_matrixs(capsys: pytest.CaptureFixture[str]) -> None:
    """The fidelity counts the matrix's fields that arrive at all."""
    for entry in journeys(capsys):
        source, target = entry["source"], entry["target"]
        crosswalks = registry.get(source).crosswalk(KIND), registry.get(target).crosswalk(KIND)
        verdicts = [cell.verdict for cell in cells(source, target, KIND, *crosswalks)]
        arrive = sum(verdict not in {"none", "lossy"} for verdict in verdicts)
        assert entry["fidelity"] == {"survive": arrive, "fields": len(verdicts)}


def test_it_is_one_screen() -> None:
    """On a terminal of 100 columns it is about 40 lines, none of them too long, and every pair is on it."""
    seen = on_terminal("demo", streams=("stdout",), width=100)
    lines = seen.screen.splitlines()
    assert seen.code == DONE
    assert len(lines) <= 44
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
    ):
        assert words in seen.screen


def test_it_is_a_screen_when_piped_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json it is always a screen for people."""
    monkeypatch.setenv("COLUMNS", "120")
    assert run(["demo"]) == DONE
    out = capsys.readouterr().out
    assert "One wish, three CRMs" in out
    assert " more" in " ".join(out.split())


def test_it_needs_no_network(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is sent anywhere."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket, "socket", refuse)
    assert run(["demo"]) == DONE
    assert capsys.readouterr().out


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
