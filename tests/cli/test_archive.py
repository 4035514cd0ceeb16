"""``leadlens archive``, as people run it, on a sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.terminal import on_terminal

from leadlens.cli import BAD_INPUT, DONE, REFUSED, run
from leadlens.migrate.archive import Archive


@pytest.fixture
def box(tmp_path: Path) -> str:
    return str(tmp_path / "box.db")


def test_programs_are_told_what_is_there(capsys: pytest.CaptureFixture[str], box: str, tmp_path: Path) -> None:
    """Piped, the command prints the manifest; nothing of the records."""
    assert run(["archive", "base", str(tmp_path / "a"), "--sandbox", box]) == DONE
    seen = capsys.readouterr()
    told = json.loads(seen.out)
    assert (told["vendor"], told["account"], told["directory"]) == ("base", "base", str(tmp_path / "a"))
    assert told["kinds"]["lead"]["records"] == Archive(tmp_path / "a").count("lead") == 300
    assert "@" not in seen.out
    assert seen.err == ""


def test_people_see_how_far_it_is_and_what_is_there(box: str, tmp_path: Path) -> None:
    """On a terminal: progress while it runs, and a table at the end that says what was checked and what is missing."""
    seen = on_terminal("archive", "base", str(tmp_path / "a"), "--sandbox", box, streams=("stdout", "stderr"))
    assert seen.code == DONE
    for words in ("holds all of base", "lead", "300", "second listing", "not archived: message"):
        assert words in seen.screen


def test_a_kind_can_be_left_out(capsys: pytest.CaptureFixture[str], box: str, tmp_path: Path) -> None:
    """--without names it; one that is none is refused before anything is fetched."""
    assert run(["archive", "base", str(tmp_path / "a"), "--without", "attachment", "--sandbox", box]) == DONE
    assert json.loads(capsys.readouterr().out)["left_out"] == ["attachment"]
    assert run(["archive", "base", str(tmp_path / "b"), "--without", "files", "--sandbox", box]) == BAD_INPUT
    assert "lists no 'files'" in capsys.readouterr().err
    assert not (tmp_path / "b").exists()


def test_a_stopped_run_says_how_to_go_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, box: str, tmp_path: Path
) -> None:
    """Ctrl-C ends it without a traceback; the same command finishes it, and is refused when it is whole."""
    from leadlens import Client

    page, left = Client.page, iter(range(20))

    def stopped(self: Client, *given: Any) -> Any:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return page(self, *given)

    arguments = ["archive", "base", str(tmp_path / "a"), "--sandbox", box]
    with monkeypatch.context() as patched:
        patched.setattr(Client, "page", stopped)
        assert run(arguments) == REFUSED
    seen = capsys.readouterr()
    assert "the same command goes on from there" in seen.err
    assert "Traceback" not in seen.err
    assert run(arguments) == DONE
    assert Archive(tmp_path / "a").count("lead") == 300
    capsys.readouterr()
    assert run(arguments) == BAD_INPUT
    assert "holds a whole archive" in capsys.readouterr().err


@pytest.fixture
def unwritable(tmp_path: Path) -> Path:
    place = tmp_path / "file"
    place.write_text("")
    return place


def test_a_place_that_is_none_is_said(capsys: pytest.CaptureFixture[str], unwritable: Path, box: str) -> None:
    """A file where the directory should be is bad usage."""
    assert run(["archive", "base", str(unwritable), "--sandbox", box]) == BAD_INPUT
    assert "is a file" in capsys.readouterr().err
