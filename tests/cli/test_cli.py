"""The command line as a whole: commands, help, exit codes, and streams that are closed, full or gone."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

import leadlens
from leadlens import cli
from leadlens.cli import BAD_INPUT, COMMANDS, DONE, REFUSED, UNKNOWN, exit_code, run
from leadlens.errors import (
    AlreadyConvertedError,
    DeclarationError,
    InputError,
    LossError,
    OutcomeUnknownError,
    RateLimitError,
    UnknownAdapterError,
    UsageError,
)

COMMAND = [sys.executable, "-m", "leadlens"]
LEAD = b'{"name": "Ada Lovelace"}'
TRANSLATE = ["translate", "lead", "--from", "copper", "--to", "base"]


def shell(*arguments: str, given: bytes = b"", **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as people do."""
    return subprocess.run([*COMMAND, *arguments], input=given, capture_output=True, check=False, timeout=60, **options)


# --- commands and their help -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command has a help page with its usage, a sentence and a word on every option; it exits with 0."""
    assert run([name, "--help"]) == DONE
    out = capsys.readouterr().out
    assert out.startswith(f"Usage: leadlens {name}")
    group: Any = cli._group()
    command = group.get_command(click.Context(group), name)
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[0] in out


def test_the_group_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The help of leadlens lists every command with its sentence."""
    assert run(["--help"]) == DONE
    out = " ".join(capsys.readouterr().out.split())
    for name, sentence in COMMANDS.items():
        assert f"{name} {sentence}" in out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """--version tells the version."""
    assert run(["--version"]) == DONE
    assert capsys.readouterr().out.strip() == f"leadlens, version {leadlens.__version__}"


def test_commands_are_loaded_when_they_are_called() -> None:
    """Help of one command does not load another one."""
    code = (
        "import sys; from leadlens.cli import run; run(['lint', '--help']); print('leadlens.cli.demo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_the_package_can_be_run() -> None:
    """``python -m leadlens`` and the installed command are the same."""
    assert shell("--version").stdout.decode().strip() == f"leadlens, version {leadlens.__version__}"
    installed = Path(sys.executable).with_name("leadlens")
    if installed.exists():
        done = subprocess.run([str(installed), "--version"], capture_output=True, check=True)
        assert done.stdout == shell("--version").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nosuch"],
        ["--nosuch"],
        ["translate"],
        ["translate", "lead"],
        ["translate", "nosuch", "--from", "copper", "--to", "zoho"],
        ["translate", "lead", "--from", "copper"],
        ["translate", "lead", "--from", "copper", "--to", "zoho", "a", "b"],
        [*TRANSLATE, "--on-loss", "explode"],
        [*TRANSLATE, "--ids"],
        ["matrix", "--format", "xml"],
        ["matrix", "--kind", "leads"],
        ["lint", "/nowhere/at/all.py"],
        ["demo", "--nosuch"],
    ],
)
def test_bad_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Bad usage exits with 2, says what is wrong on standard error, and prints nothing on standard output."""
    assert run(arguments) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert "Usage: leadlens" in err or err.startswith("Error: ")
    assert "Traceback" not in err


# --- exit codes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (DeclarationError("x"), 2),
        (UnknownAdapterError("x"), 2),
        (InputError("$", "x"), 2),
        (LossError([]), 1),
        (AlreadyConvertedError("base", status=422), 1),
        (RateLimitError("zoho", status=429), 1),
        (OutcomeUnknownError("copper", status=500), 3),
        (leadlens.LeadlensError("x"), 1),
    ],
)
def test_each_error_has_its_exit_code(error: leadlens.LeadlensError, code: int) -> None:
    """0 done, 1 refused or lossy under raise, 2 bad usage or input, 3 unknown outcome."""
    assert exit_code(error) == code
    assert (DONE, REFUSED, BAD_INPUT, UNKNOWN) == (0, 1, 2, 3)


@pytest.mark.parametrize("error", [UsageError("say it otherwise"), OutcomeUnknownError("base", status=500)])
def test_an_error_is_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error of a command is one line on standard error, and its exit code."""
    monkeypatch.setattr("leadlens.cli.translate.read_bytes", lambda _: (_ for _ in ()).throw(error))
    assert run(TRANSLATE) == exit_code(error)  # type: ignore[arg-type]  # both are leadlens's
    assert capsys.readouterr() == ("", f"leadlens: {error}\n")


def test_an_interrupt_exits_with_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Control-C ends a command without a traceback."""

    def interrupt(_: str) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr("leadlens.cli.translate.read_bytes", interrupt)
    assert run(TRANSLATE) == REFUSED
    assert "Traceback" not in capsys.readouterr().err


def test_without_click_the_command_says_what_to_install() -> None:
    """Without its extra, the command line says what to install."""
    code = "import sys; sys.modules['click'] = None; from leadlens.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "leadlens: the command line needs more; install leadlens[cli]"


def test_main_exits_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """The installed command exits with the code of its run."""
    monkeypatch.setattr(sys, "argv", ["leadlens", "nosuch"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == BAD_INPUT


# --- files and streams -----------------------------------------------------------------------------------------------


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    """A file that is not there is one line that names it, and exit code 2, streamed or not."""
    for more in ([], ["--lines"]):
        done = shell(*TRANSLATE, str(tmp_path / "no.json"), *more)
        assert (done.returncode, done.stdout) == (BAD_INPUT, b"")
        assert done.stderr.decode() == f"leadlens: {tmp_path / 'no.json'}: No such file or directory\n"


def test_a_directory_is_bad_input(tmp_path: Path) -> None:
    """A directory in place of a file is one line that names it, and exit code 2, for every option that takes a file."""
    for arguments in (
        [*TRANSLATE, str(tmp_path)],
        [*TRANSLATE, str(tmp_path), "--lines"],
        [*TRANSLATE, "--ids", str(tmp_path)],
        [*TRANSLATE, "--lead", str(tmp_path)],
    ):
        done = shell(*arguments, given=LEAD)
        assert (done.returncode, done.stdout) == (BAD_INPUT, b"")
        assert done.stderr.decode() == f"leadlens: {tmp_path}: Is a directory\n"
    assert shell("lint", str(tmp_path)).returncode == BAD_INPUT


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_bad_input(tmp_path: Path) -> None:
    """A file that may not be read is one line, and exit code 2."""
    secret = tmp_path / "secret.json"
    secret.write_bytes(LEAD)
    secret.chmod(0)
    assert shell(*TRANSLATE, str(secret)).returncode == BAD_INPUT


EVERY = [
    TRANSLATE,
    [*TRANSLATE, "--lines"],
    ["matrix", "--format", "md"],
    ["matrix"],
    ["demo"],
    ["demo", "--json"],
    ["lint"],
]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", EVERY, ids=" ".join)
def test_a_full_disk_is_one_line(arguments: list[str]) -> None:
    """Output that cannot be written is one line and exit code 2, never a traceback."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], input=LEAD, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert done.returncode == BAD_INPUT
    assert done.stderr.decode() == "leadlens: standard input or output: No space left on device\n"


@pytest.mark.parametrize("arguments", EVERY, ids=" ".join)
def test_a_reader_that_stops_reading_is_no_error(arguments: list[str]) -> None:
    """Whoever closes the pipe has what they wanted: no message, no traceback, exit code 0."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write((LEAD + b"\n") * 10_000 if "--lines" in arguments else LEAD)
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == DONE


def closed(descriptor: int, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line with one of its standard streams closed."""
    pipe = subprocess.PIPE
    streams: dict[str, Any] = {"input": LEAD, "stdout": pipe, "stderr": pipe}
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {descriptor}{"<" if descriptor == 0 else ">"}&-', "sh", *COMMAND, *arguments],
        check=False, timeout=60, **streams,
    )  # fmt: skip


@pytest.mark.parametrize("arguments", [*EVERY, ["--help"]], ids=" ".join)
def test_a_closed_output_is_one_line(arguments: list[str]) -> None:
    """With standard output closed there is nothing to do: one line and exit code 2."""
    done = closed(1, *arguments)
    assert (done.returncode, done.stderr) == (BAD_INPUT, b"leadlens: standard output is closed\n")


def test_a_closed_error_stream_does_not_matter() -> None:
    """With standard error closed, output and exit code are what they were."""
    assert closed(2, *TRANSLATE).stdout == shell(*TRANSLATE, given=LEAD).stdout
    assert closed(2, *TRANSLATE).returncode == DONE
    assert closed(2, *TRANSLATE, "/nowhere").returncode == BAD_INPUT


def test_a_closed_input_is_empty() -> None:
    """A closed standard input is an empty one."""
    done = closed(0, *TRANSLATE)
    assert (done.returncode, done.stdout) == (BAD_INPUT, b"")
    assert done.stderr.startswith(b"leadlens: $: expected JSON")


def test_missing_streams_in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Streams that do not exist at all, as in windowed programs, end no command with a traceback."""
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        assert run(["--version"]) == BAD_INPUT
    assert capsys.readouterr().err == "leadlens: standard output is closed\n"
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", None)
        patch.setattr(sys, "stdin", None)
        patch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
        assert run(TRANSLATE) == BAD_INPUT
        opened: list[Any] = [sys.stdin, sys.stderr]
    for stream in opened:
        stream.close()
