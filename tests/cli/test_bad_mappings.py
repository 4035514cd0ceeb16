"""Files that a person broke by hand: one clear message with file and line, exit code 2, and nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.tenants import COPPER, DECIDED, ZOHO, kept

from leadlens import registry
from leadlens.cli import BAD_INPUT, DONE, run
from leadlens.customfields.mapping import side
from leadlens.customfields.scope import relevant
from leadlens.sandbox import Sandbox

DEEP = "a = " + "[" * 5000 + "]" * 5000


@pytest.fixture
def good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Work in an empty folder; give a decided mapping's text."""
    monkeypatch.chdir(tmp_path)
    return DECIDED + kept(*relevant(side(COPPER), side(ZOHO), registry.get("copper"), registry.get("zoho")))


def said(command: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that must refuse the file, and return what it says."""
    assert run(command) == BAD_INPUT
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    return told.out + told.err


CHANGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "m.toml:1: source.vendor must be given"),
    "binary": (lambda _: b"a\nb\xff\x00", "m.toml:2: a mapping file is text in UTF-8"),
    "too deep": (lambda _: DEEP.encode(), "m.toml: this is no mapping: its lists or tables lie too deep"),
    "half": (lambda text: text + b'\n"x" = "', "this is no TOML: Unterminated string"),
    "twice": (lambda text: text + b"\n[lead.fields]\n", "this is said twice"),
    "many lines": (
        lambda text: text + b"\n[lead.field]\n" + b"".join(b"x%d = 1\n" % n for n in range(10_000)),
        "did you mean 'fields'?",
    ),
    "a section": (lambda text: text.replace(b"[lead.fields]", b"[lead.feilds]"), "did you mean 'fields'?"),
    "too large": (lambda text: text + b"#" * 2**24, "m.toml: a mapping file has at most 16777216 bytes"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_each_command_says_what_is_wrong(good: str, capsys: pytest.CaptureFixture[str], what: str) -> None:
    """Lint, translate, matrix, upsert, convert and the next draft alike."""
    change, told = CHANGES[what]
    broken = change(good.encode())
    Path("m.toml").write_bytes(broken)
    Path("lead.json").write_text(json.dumps({"name": "Ana"}), encoding="utf-8")
    account = ["--sandbox", "box.db"]
    with Sandbox(db="box.db", data="empty") as box:
        before = box.truth.entries()
    for command in (
        ["lint", "m.toml"],
        ["translate", "lead", "--from", "copper", "--to", "zoho", "--mapping", "m.toml", "lead.json"],
        ["matrix", "--mapping", "m.toml"],
        ["upsert", "zoho", "lead", "lead.json", "--mapping", "m.toml", *account],
        ["convert", "zoho", "5", "--mapping", "m.toml", *account],
        ["lint", "m.toml", "--create", "--target", "zoho", "--yes", *account],
    ):
        assert told in said(command, capsys), command
    with Sandbox(db="box.db") as box:
        assert box.truth.entries() == before
    assert told in said(["fields", "draft", "copper", "zoho", "--sandbox", "-o", "m.toml"], capsys)
    assert Path("m.toml").read_bytes() == broken


def test_a_vendor_that_nobody_knows_is_told_with_its_line(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And what may be meant."""
    Path("m.toml").write_text(good.replace('vendor = "copper"', 'vendor = "coper"', 1), encoding="utf-8")
    line = next(n for n, text in enumerate(good.split("\n"), 1) if text.startswith("vendor"))
    assert f"m.toml:{line}: source.vendor: no adapter is named 'coper'; did you mean 'copper'?" in said(
        ["lint", "m.toml"], capsys
    )


def test_what_an_editor_of_windows_adds_is_no_mistake(good: str) -> None:
    """A mark of the encoding, and other ends of lines."""
    Path("m.toml").write_bytes(b"\xef\xbb\xbf" + good.replace("\n", "\r\n").encode())
    assert run(["lint", "m.toml"]) == DONE
