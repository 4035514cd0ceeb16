"""A migration by a mapping file: it is held against the accounts before a plan is made, and before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.tenants import settled

from leadlens.cli import BAD_INPUT, DONE, run
from leadlens.customfields.reading import read_mapping
from leadlens.sandbox import Sandbox

ONE_WAITS = 3
SANDBOX = ("--sandbox", "box.db")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """Work in a folder with two accounts in a file and a decided mapping of them."""
    monkeypatch.chdir(tmp_path)
    run(["fields", "draft", "base", "copper", *SANDBOX, "-o", "m.toml"])
    Path("m.toml").write_text(settled(Path("m.toml").read_text(encoding="utf-8")), encoding="utf-8")
    capsys.readouterr()
    return tmp_path


def plan() -> int:
    """Make a plan."""
    return run(["migrate", "plan", "base", "copper", *SANDBOX, "--mapping", "m.toml"])


def rename(name: str, new: str) -> None:
    """Rename a definition in Copper."""
    with Sandbox(db="box.db") as box:
        store = box.store("copper")
        number, wire = next((n, w) for n, w in store.iterate("definition") if w["name"] == name)
        store.replace("definition", number, {**wire, "name": new})


def test_a_plan_is_made_by_a_mapping_that_fits(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And applied: nothing has changed, and the own fields arrive."""
    assert plan() == DONE
    assert json.loads(capsys.readouterr().out)["counts"]["replay"]
    assert run(["migrate", "apply", "plan.json", *SANDBOX, "--limit", "1"]) == ONE_WAITS
    with Sandbox(db="box.db") as box:
        made = [change for change in box.truth.changes("copper", "lead", "created") if change.sequence]
    (record,) = (change.record or {} for change in made)
    assert any(item["value"] is not None for item in record["custom_fields"])


def test_what_has_changed_stops_the_plan_and_the_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A field of the target that is called otherwise now is told with file and line, and nothing is written."""
    assert plan() == DONE
    kept = read_mapping("m.toml").target.definitions["lead"]
    mapped = {rule.said for rule in read_mapping("m.toml").kinds["lead"].fields if rule.verdict == "to"}
    name = next(d.name for label, d in kept.items() if label in mapped and d.custom)
    rename(name, "Quite another name")
    capsys.readouterr()
    with Sandbox(db="box.db") as box:
        before = len(box.truth.changes("copper"))
    for again in (plan, lambda: run(["migrate", "apply", "plan.json", *SANDBOX])):
        assert again() == BAD_INPUT
        told = capsys.readouterr().err
        assert f"'{name}' is called 'Quite another name' now" in told
        assert "m.toml:" in told
    with Sandbox(db="box.db") as box:
        assert len(box.truth.changes("copper")) == before


@pytest.mark.parametrize(
    ("data", "told"), [(b"\xff\xfe", "m.toml:1: a mapping file is text in UTF-8"), (b"[lead", "m.toml:1:")]
)
def test_a_broken_mapping_is_told_with_its_line(
    here: Path, capsys: pytest.CaptureFixture[str], data: bytes, told: str
) -> None:
    """What is no text, or no TOML."""
    Path("m.toml").write_bytes(data)
    assert plan() == BAD_INPUT
    assert told in capsys.readouterr().err


def test_a_mapping_may_begin_with_a_mark_of_its_encoding(here: Path) -> None:
    """As editors of Windows write it."""
    text = Path("m.toml").read_bytes()
    Path("m.toml").write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert plan() == DONE
