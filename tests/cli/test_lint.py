"""``leadlens lint``."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from tests.cli.terminal import on_terminal

from leadlens import registry
from leadlens.cli import BAD_INPUT, DONE, run

GOOD = textwrap.dedent("""\
    from leadlens.codecs import text
    from leadlens.crosswalk import Crosswalk, field
    from leadlens.model import Website

    WEBSITE = Crosswalk(
        Website,
        "acme.website",
        field("url", "address", text),
        field("category", "use", text),
    )
    """)


def lint(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, list[object]]]:
    """Return exit code and JSON."""
    code = run(["lint", *arguments])
    out, err = capsys.readouterr()
    assert err == ""
    found: dict[str, list[object]] = json.loads(out)
    assert list(found) == ["crosswalks", "problems"]
    return code, found


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.py"
    path.write_text(GOOD)
    return path


def test_the_installed_adapters_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file all installed crosswalks are checked, of every version too; they are clean."""
    code, found = lint(capsys)
    assert (code, found["problems"]) == (DONE, [])
    every = [crosswalk.name for name in registry.names() for crosswalk in registry.get(name).crosswalks.values()]
    assert set(every) <= set(map(str, found["crosswalks"]))
    assert {"zoho.v2.convert-request", "zoho.v8.convert-request"} <= set(map(str, found["crosswalks"]))


def test_a_good_file_is_clean(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of good rows exits with 0 and lists its crosswalks."""
    assert lint(capsys, str(rows)) == (DONE, {"crosswalks": ["acme.website"], "problems": []})


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('"url"', '"ulr"', 5, "acme.website: Website has no 'ulr'; did you mean 'url'?"),
        ('field("category", "use", text),\n', "\n", 5, "acme.website: nothing is said about category of Website"),
        ("WEBSITE = ", "WEBSITE == ", 5, "NameError: name 'WEBSITE' is not defined"),
        ("WEBSITE = ", "WEBSITE = = ", 5, "invalid syntax"),
        ("WEBSITE = ", "import nosuchmodule\nWEBSITE = ", 5, "ModuleNotFoundError"),
    ],
)
def test_a_bad_file_is_told_with_its_line(
    rows: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, line: int, message: str
) -> None:
    """A file that cannot be declared exits with 2: file, line and what is meant."""
    rows.write_text(GOOD.replace(old, new))
    code, found = lint(capsys, str(rows))
    assert code == BAD_INPUT
    (problem,) = found["problems"]
    assert isinstance(problem, dict)
    assert problem["where"] == f"{rows}:{line}"
    assert message in problem["message"]


def test_rows_that_do_not_work_are_told(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows that can be declared and do not work exit with 2."""
    rows.write_text(GOOD.replace('"address", text', '"address", text.but(encode=lambda url: url[1:], same=None)'))
    code, found = lint(capsys, str(rows))
    assert code == BAD_INPUT
    assert found["crosswalks"] == ["acme.website"]
    assert found["problems"]


def test_a_file_without_crosswalks_is_told(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that declares nothing exits with 2."""
    rows.write_text("x = 5\n")
    code, found = lint(capsys, str(rows))
    assert (code, found["problems"]) == (BAD_INPUT, [{"where": str(rows), "message": "the file declares no crosswalk"}])


def test_a_terminal_gets_lines(rows: Path) -> None:
    """On a terminal there is a line per problem and a line of counts; with --json it is JSON there too."""
    seen = on_terminal("lint", str(rows), streams=("stdout",))
    assert (seen.screen, seen.code) == ("1 crosswalks, 0 problems\n", DONE)
    rows.write_text(GOOD.replace('"url"', '"ulr"'))
    bad = on_terminal("lint", str(rows), streams=("stdout",), width=400)
    assert bad.code == BAD_INPUT
    assert bad.screen.splitlines() == [
        f"{rows}:5: acme.website: Website has no 'ulr'; did you mean 'url'?",
        "0 crosswalks, 1 problems",
    ]
    assert json.loads(on_terminal("lint", "--json", str(rows), streams=("stdout",)).screen)["crosswalks"] == []
