"""The page for authors of adapters is true: the skeleton that it begins with installs and passes, and its code runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.wheels import unpacked

from leadlens.cli import BAD_INPUT, DONE, run

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "another-crm.md").read_text(encoding="utf-8")
_EDIT = re.compile(r"^```diff (\S+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
FEW = """
from hypothesis import settings
settings.register_profile("few", max_examples=10, deadline=None)
settings.load_profile("few")
"""


def blocks(info: str) -> list[str]:
    """Return the code of the page that is marked so."""
    return re.findall(rf"^```{info}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def python(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python beside an installed distribution."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(place), os.environ.get("PYTHONPATH", ""))))}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, env=env)


def begun(folder: Path) -> Path:
    """Carry out the first command of the page; return the folder that it wrote."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in blocks("sh")[0].splitlines():
            assert run(shlex.split(line)[1:]) == DONE
    return folder / "leadlens-acme"


def edited(tree: Path) -> Path:
    """Carry out the page's changes."""
    for file, block in _EDIT.findall(TEXT):
        lines = block.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in " -")
        new = "".join(line[1:] for line in lines if line[0] in " +")
        path = tree / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return tree


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the page's adapter is installed, with all of the page's changes."""
    folder = tmp_path_factory.mktemp("acme")
    return unpacked(edited(begun(folder)), folder / "wheel")


@pytest.mark.parametrize("changed", [False, True], ids=["as it was written", "with the page's changes"])
def test_the_skeleton_passes(changed: bool, tmp_path: Path) -> None:
    """What the command writes builds, installs, and passes its own tests; and so does what the page makes of it."""
    tree = edited(begun(tmp_path)) if changed else begun(tmp_path)
    place = unpacked(tree, tmp_path / "wheel")
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "conftest.py").write_text(FEW, encoding="utf-8")
    (tests / "test_acme.py").write_text((tree / "tests" / "test_acme.py").read_text(encoding="utf-8"), encoding="utf-8")
    done = python(place, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tests}", str(tests))
    assert done.returncode == 0, done.stdout[-3_000:]
    assert re.search(r"^\d\d passed", done.stdout, re.MULTILINE)
    linted = python(
        place, "-m", "ruff", "check", "--no-cache", "--isolated", "--select=E,F,W", "--line-length=120", str(tree)
    )
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("source", blocks("python acme"))
def test_python_of_the_page(source: str, acme: Path) -> None:
    """Every example holds, its asserts included."""
    assert "assert" in source or "raises" in source
    done = python(acme, "-c", source)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [line for block in blocks("sh acme") for line in block.splitlines()])
def test_commands_of_the_page(line: str, acme: Path) -> None:
    """The installed adapter is one of leadlens' own from then on."""
    done = python(acme, "-m", *shlex.split(line))
    assert done.returncode == 0, done.stderr
    assert "acme" in done.stdout


def test_the_two_lines_are_those_of_pipedrive() -> None:
    """The test that the page shows is the one that Pipedrive's adapter has."""
    shown = [line for line in blocks("python")[-1].splitlines() if "import" in line]
    own = (ROOT / "tests" / "plugin" / "suite" / "test_conformance.py").read_text(encoding="utf-8").splitlines()
    assert shown
    assert set(shown) <= set(own)


@pytest.mark.parametrize(
    "arguments", [["Acme CRM"], ["acme", "--title", 'A "quote"'], ["acme", "--into", "."], ["base"]]
)
def test_what_cannot_be_begun(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that is none of a package or is taken, a title that fits no text, a folder that is there: no file."""
    monkeypatch.chdir(tmp_path)
    assert run(["adapters", "new", *arguments]) == BAD_INPUT
    assert capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    """The installed adapters are listed, for people and as JSON."""
    assert run(["adapters", "list", "--json"]) == DONE
    assert '"name": "base"' in capsys.readouterr().out
