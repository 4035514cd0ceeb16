"""What cannot be meant on the command line: one line, exit code 2, and nothing sent; and output that breaks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from leadlens import ConvertRequest, accounts, registry
from leadlens.access import Secret
from leadlens.cli import BAD_INPUT, COMMANDS, DONE, UNKNOWN, _group, run
from leadlens.cli.given import NotEmpty
from leadlens.cli.output import UntoldError, saying
from leadlens.errors import InputError
from leadlens.model import Lead
from leadlens.plain import from_plain


@pytest.fixture
def box(tmp_path: Path) -> str:
    return str(tmp_path / "box.db")


@pytest.mark.parametrize("empty", ["", " "])
@pytest.mark.parametrize(
    "option",
    ["company", "company-id", "contact-id", "deal", "value", "stage", "owner", "tag", "allow", "request", "sandbox"],
)
def test_an_option_that_says_nothing(option: str, empty: str, box: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A variable that is not set is not an option that was left out: the lead stays as it is."""
    assert run(["convert", "base", "1", "--sandbox", box, f"--{option}", empty]) == BAD_INPUT
    seen = capsys.readouterr()
    assert f"Invalid value for '--{option}': it is empty" in seen.err
    assert seen.out == ""
    assert not Path(box).exists()


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["convert", "base", ""], "LEAD_ID"),
        (["convert", "", "1"], "ACCOUNT"),
        (["resolve", "base", ""], "LEAD_ID"),
        (["conversions", "base", "--lead-id", ""], "--lead-id"),
        (["upsert", "base", "lead", "--by", ""], "--by"),
        (["upsert", "base", "lead", ""], "[FILE|-]"),
        (["translate", "lead", "--from", "base", "--to", ""], "--to"),
        (["archive", "base", ""], "DIR"),
        (["migrate", "plan", "base", ""], "TARGET"),
        (["migrate", "apply", ""], "PLAN"),
        (["migrate", "review", "plan.json", "--reason", ""], "--reason"),
    ],
)
def test_an_argument_that_says_nothing(arguments: list[str], name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, on every command."""
    assert run(arguments) == BAD_INPUT
    assert f"Invalid value for '{name}': it is empty" in capsys.readouterr().err


def test_no_command_takes_an_empty_text() -> None:
    """Every option and argument that is a text or a file refuses it, also of a command that is new."""
    group = _group()

    def params(command: click.Command) -> list[click.Parameter]:
        below = command.commands.values() if isinstance(command, click.Group) else ()
        return command.params + [param for one in below for param in params(one)]

    for name in COMMANDS:
        for param in params(group.get_command(None, name)):
            assert not isinstance(param.type, click.Path | type(click.STRING)), (name, param.name)
    assert NotEmpty(click.STRING).convert("x", None, None) == "x"


@pytest.mark.parametrize("place", ["folder", "missing/box.db", "/dev/null"])
def test_a_sandbox_that_cannot_be_kept_there(place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder, a place in no folder, a device: one line that names it."""
    (tmp_path / "folder").mkdir()
    file = str(tmp_path / place)
    for arguments in (["resolve", "base", "1"], ["doctor", "base"]):
        assert run([*arguments, "--sandbox", file]) == BAD_INPUT
        assert f"leadlens: {file} cannot hold a sandbox: " in capsys.readouterr().err


@pytest.mark.parametrize("port", ["70000", "-1", "x"])
def test_a_port_that_is_none(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused before a browser opens."""
    assert run(["login", "base", "--port", port]) == BAD_INPUT
    assert "'--port'" in capsys.readouterr().err


@pytest.mark.parametrize("body", ["[]", "5", "null", '"x"', "[{}]"])
def test_a_request_that_is_no_object(body: str, box: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The path and what belongs there."""
    file = tmp_path / "request.json"
    file.write_text(body)
    assert run(["convert", "base", "1", "--request", str(file), "--sandbox", box]) == BAD_INPUT
    assert "--request $: expected an object: a ConvertRequest as neutral JSON" in capsys.readouterr().err
    assert run(["upsert", "base", "lead", str(file), "--sandbox", box]) == BAD_INPUT
    assert "$: expected an object: a Lead as neutral JSON" in capsys.readouterr().err
    with pytest.raises(InputError):
        from_plain([], ConvertRequest)
    assert from_plain({}, Lead) == Lead()


def test_a_configuration_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file that was named is the one that is meant, not another one that happens to be there."""
    monkeypatch.chdir(tmp_path)
    Path("leadlens.toml").write_text('[accounts.base]\nvendor = "base"\n')
    for missing in ("elsewhere.toml", str(tmp_path)):
        monkeypatch.setenv("LEADLENS_CONFIG", missing)
        assert run(["resolve", "base", "1"]) == BAD_INPUT
        assert f"LEADLENS_CONFIG names no file: {missing}" in capsys.readouterr().err
    monkeypatch.setenv("LEADLENS_CONFIG", "")
    assert accounts.find() == Path("leadlens.toml")


def test_an_option_that_is_no_secret_can_be_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a text then, as if the file had it."""
    file = tmp_path / "leadlens.toml"
    file.write_text('[accounts.b]\nvendor = "base"\nbase_url = { env = "PLACE" }\ntoken = { env = "TOKEN" }\n')
    monkeypatch.setenv("PLACE", "https://base.example")
    monkeypatch.setenv("TOKEN", "t-1")
    access: Any = registry.get("base").access
    given = accounts.get("b", file).given(access())
    assert (given["base_url"], given["token"]) == ("https://base.example", Secret("t-1"))


# --- output that breaks ----------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a Linux device")
@pytest.mark.parametrize("form", [["--json"], []])
def test_a_conversion_that_cannot_be_told_was_done(form: list[str], box: str) -> None:
    """A full disk is no bad input: it is said that the lead is converted, and the exit code asks to look."""
    command = [sys.executable, "-m", "leadlens", "convert", "base", "1", "--sandbox", box, *form]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
    assert done.returncode == UNKNOWN
    assert done.stderr.startswith("leadlens: Lead 1 is converted. This could not be written to the output: No space")
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert run(["resolve", "base", "1", "--sandbox", box]) == DONE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a Linux device")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["upsert", "base", "lead", "-"], "The lead is written: created, id 301."),
        (["doctor", "base", "--probe", "--yes"], "The probe has written to the account. done again"),
    ],
)
def test_other_writes_that_cannot_be_told_were_done(arguments: list[str], said: str, box: str) -> None:
    """The same of an upsert and a probe."""
    record = '{"name": {"last": "Xu"}, "emails": [{"address": "xu@example.com"}]}'
    command = [sys.executable, "-m", "leadlens", *arguments, "--sandbox", box]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, input=record, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=120
        )
    assert done.returncode == UNKNOWN
    assert f"leadlens: {said}" in done.stderr


def test_whoever_stops_reading_early_has_what_they_wanted() -> None:
    """A closed pipe stays what it is on every command."""
    with pytest.raises(BrokenPipeError), saying("It is done."):
        raise BrokenPipeError


def test_what_was_not_told_is_an_error_of_its_own(tmp_path: Path) -> None:
    """It says what was done, and why nobody was told."""
    there = os.dup(1)
    try:
        told = r"It is done\. This could not be written to the output: gone"
        with pytest.raises(UntoldError, match=told), saying("It is done."):
            raise OSError("gone")
    finally:
        os.dup2(there, 1)
        os.close(there)
