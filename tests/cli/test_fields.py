"""``leadlens fields``, as people run it: on a terminal, piped, saved, and of an account that was read before."""

from __future__ import annotations

import datetime as dt
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.terminal import on_terminal

from leadlens import Sandbox
from leadlens.catalogue import Catalogue, Definition
from leadlens.catalogue_file import kept_at, read_catalogue
from leadlens.cli import BAD_INPUT, DONE, run
from leadlens.cli.fields import _show
from leadlens.plain import from_plain
from leadlens.sandbox.server import serving

VENDORS = ("copper", "zoho", "base")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run the command and return its JSON."""
    assert run(["fields", *arguments]) == DONE, capsys.readouterr().err
    out = capsys.readouterr().out
    return json.loads(out) if out else None


@pytest.mark.parametrize("vendor", VENDORS)
def test_piped_it_is_a_catalogue(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON that reads as the catalogue; an emulated account is not kept."""
    found = from_plain(told(capsys, vendor, "--sandbox"), Catalogue)
    assert found.account == vendor
    assert {one.kind for one in found.definitions} == {"lead", "contact", "company", "deal"}
    assert not kept_at(vendor).exists()


def test_of_one_kind_and_into_a_file(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    """--kind leaves the fields of one kind; -o saves what was asked for, and prints it on request."""
    file = home / "base.json"
    assert told(capsys, "base", "--sandbox", "--kind", "deal", "-o", str(file)) is None
    assert {one.kind for one in read_catalogue(file).definitions} == {"deal"}
    assert read_catalogue(file).choices
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    both = told(capsys, "base", "--sandbox", "--kind", "deal", "-o", str(file), "--json")
    assert from_plain(both, Catalogue) == read_catalogue(file)


def test_a_file_that_cannot_be_written(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    """It is named; there is no traceback."""
    assert run(["fields", "base", "--sandbox", "-o", str(home / "none" / "a.json")]) == BAD_INPUT
    assert "No such file or directory" in capsys.readouterr().err


def test_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown accounts and kinds are bad usage, each with what there is."""
    assert run(["fields", "nobody"]) == BAD_INPUT
    assert "nobody" in capsys.readouterr().err
    assert run(["fields", "base", "--kind", "note", "--sandbox"]) == BAD_INPUT
    assert "'lead', 'contact', 'company', 'deal'" in capsys.readouterr().err


SCREENS = {
    "copper": ["lead: 11 fields of the account's own", "text up to 255", "searchable; Bakery, Logistics, Software",
               "reference to company", "contact type"],
    "zoho": ["lead: 19 fields of the account's own", "unique", "Small, Mid-market", "required", "reference to user",
             "8 options", "Standard (Standard): Qualification, "],
    "base": ["company: 10 fields of the account's own", "multi select", "North, South, East, West"],
}  # fmt: skip


@pytest.mark.parametrize("vendor", VENDORS)
def test_on_a_terminal_it_is_tables(vendor: str) -> None:
    """A table of own fields and one of all others by kind, and what records can point to; nothing is cut off."""
    seen = on_terminal("fields", vendor, "--sandbox", streams=("stdout",), width=120)
    assert seen.code == DONE
    for text in SCREENS[vendor]:
        assert text in seen.screen
    assert "what records can point to" in seen.screen
    assert "…" not in seen.screen
    assert "@" not in seen.screen.partition("\n")[2], "addresses of users are for programs"
    titles = [line for line in seen.screen.splitlines() if "fields of" in line]
    assert [line.partition(":")[0] for line in titles[::2]] == ["lead", "contact", "company", "deal"]


def test_one_kind_on_a_terminal() -> None:
    """Only that kind's tables."""
    seen = on_terminal("fields", "base", "--sandbox", "--kind", "deal", streams=("stdout",))
    assert "deal: 3 fields" in seen.screen
    assert "lead:" not in seen.screen


def test_what_a_screen_tells(capsys: pytest.CaptureFixture[str]) -> None:
    """A type that leadlens does not know by its own name, what the account did not show, and no empty tables."""
    rows = Definition(kind="lead", id=None, name="[Rows]", key="Rows", type="unknown", wire_type="subform")
    when = dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC)
    _show(Catalogue(vendor="zoho@v8", account="sales", read_at=when, definitions=(rows,), unread=("tag: [no]",)))
    seen = capsys.readouterr().out
    assert seen.startswith("sales (zoho@v8), read at 2026-01-31 09:30 UTC")
    for text in ("lead: 1 field of the account's own", "[Rows]", "unknown (subform)", "not shown: tag: [no]"):
        assert text in seen
    assert "every account" not in seen
    assert "point to" not in seen


# --- of an account that was read before ------------------------------------------------------------------------------


@pytest.fixture
def account(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Give a sandbox that is served, as the account ``sales`` of a leadlens.toml."""
    with Sandbox(vendors=["base"]) as sandbox, serving(sandbox) as origin:
        file = home / "leadlens.toml"
        file.write_text(f'[accounts.sales]\nvendor = "base"\nbase_url = "{origin}/base"\ntoken = {{ env = "T" }}\n')
        monkeypatch.setenv("LEADLENS_CONFIG", str(file))
        monkeypatch.setenv("T", "a-secret-token")
        yield sandbox


def test_an_account_is_asked_once_an_hour(
    account: Sandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time it is not asked; with --fresh it is. What is kept holds no secret."""
    first = told(capsys, "sales")
    asked = len(account.truth.entries())
    assert asked > 10
    assert told(capsys, "sales", "--kind", "lead")["read_at"] == first["read_at"]
    assert len(account.truth.entries()) == asked
    assert "a-secret-token" not in kept_at("sales").read_text()
    assert stat.S_IMODE(kept_at("sales").stat().st_mode) == 0o600
    told(capsys, "sales", "--fresh")
    assert len(account.truth.entries()) == 2 * asked


def test_what_is_kept_is_all_of_it(account: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """--kind of one time does not narrow what the next time shows."""
    told(capsys, "sales", "--kind", "lead")
    assert {one["kind"] for one in told(capsys, "sales")["definitions"]} == {"lead", "contact", "company", "deal"}


def test_a_file_that_was_spoilt_is_read_anew(account: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """A broken cache is no error."""
    told(capsys, "sales")
    kept_at("sales").write_text("{")
    assert told(capsys, "sales")["account"] == "sales"
