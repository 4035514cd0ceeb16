"""The documents are true: their examples run, and what they name is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import leadlens
from leadlens.cli import COMMANDS
from leadlens.sandbox import Sandbox
from leadlens.sandbox.server import serving

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("source", blocks("README.md", "python"))
def test_python_examples_run(source: str) -> None:
    """Every Python example of the README runs, its asserts included."""
    exec(compile(source, "README.md", "exec"), {})


@pytest.mark.parametrize("source", blocks("README.md", "python sandbox"))
def test_programs_are_aimed_at_the_sandbox(source: str) -> None:
    """Every example that calls the server of ``leadlens sandbox`` runs against one, unchanged but for its port."""
    with Sandbox() as sandbox, serving(sandbox) as origin:
        assert "http://127.0.0.1:8765" in source
        exec(compile(source.replace("http://127.0.0.1:8765", origin), "README.md", "exec"), {})
        assert sandbox.truth.entries()[-1].status == 200


@pytest.mark.parametrize("session", blocks("README.md", "console"))
def test_console_examples_print_what_they_show(session: str, tmp_path: Path) -> None:
    """Every console example of the README prints exactly what it shows."""
    command = f"{shlex.quote(sys.executable)} -m leadlens"
    for line, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE):
        run = re.sub(r"^leadlens\b", command, line)
        done = subprocess.run(run, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stdout == shown


def test_every_command_is_documented() -> None:
    """The README names every command."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"leadlens {name}" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_named_files_exist(document: str) -> None:
    """Every file that a document names in backticks or links is in the tree."""
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w./-]+\.(?:py|toml|md))`", text)) | set(re.findall(r"\]\(([\w./-]+)\)", text))
    missing = [
        name
        for name in sorted(named)
        if not (ROOT / name).exists()
        and not list((ROOT / "src/leadlens").rglob(name))
        and not list((ROOT / "adapters").rglob(name))
    ]
    assert [name for name in missing if "VENDOR" not in name and name != "leadlens.toml"] == []


def test_public_names_can_be_imported() -> None:
    """Every name of ``leadlens.__all__`` is there, and nothing else that is public is promised."""
    assert [name for name in leadlens.__all__ if not hasattr(leadlens, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = leadlens.nonsense


def test_the_ci_runs_the_readme_line() -> None:
    """The line that CI looks for stands in the README exactly once."""
    lines = [
        line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if "bin/python -m pytest" in line
    ]
    assert len(lines) == 1
