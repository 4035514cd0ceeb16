"""The page for those who leave Base is true: its commands are real ones, and its examples run on an archive."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from leadlens.cli import COMMANDS, DONE, _group, run

PAGE = Path(__file__).parent.parent / "docs" / "leaving-base.md"


def blocks(language: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands(source: str) -> list[list[str]]:
    return [shlex.split(line)[1:] for line in source.splitlines() if line.startswith("leadlens ")]


def named() -> Iterator[list[str]]:
    """Yield every command of the page, in blocks and in sentences; ``migrate`` from when the command line has it."""
    yield from (one for one in _all() if one[0] != "migrate" or "migrate" in COMMANDS)


def _all() -> Iterator[list[str]]:
    for block in (*blocks("sh"), *blocks("sh migrate")):
        yield from commands(block)
    for line in re.findall(r"`(leadlens [^`]+)`", PAGE.read_text(encoding="utf-8")):
        yield from commands(line)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory in which the page's commands were run."""
    place = tmp_path_factory.mktemp("leaving")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for block in blocks("sh"):
            for arguments in commands(block):
                assert run(arguments) == DONE, arguments
    return place


@pytest.mark.parametrize("arguments", list(named()), ids=" ".join)
def test_every_command_is_a_real_one(arguments: list[str]) -> None:
    """Each command of the page, and each of its options, is one that the command line has."""
    group: Any = _group()
    context = click.Context(group)
    assert arguments[0] in COMMANDS
    found = group.get_command(context, arguments[0])
    assert found is not None
    name, rest = arguments[0], arguments[1:]
    while isinstance(found, click.Group):
        name, rest = rest[0], rest[1:]
        assert name in found.commands, name
        found = found.commands[name]
    for word in rest:
        if word.startswith("-"):
            assert any(word in option.opts for option in found.params), word
    if rest:  # one that is only named in a sentence lacks its arguments
        with found.make_context(name, list(rest), resilient_parsing=False):
            pass


@pytest.mark.parametrize("source", blocks("python"))
def test_python_examples_run(source: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Python example of the page runs on the archive that its commands made, its asserts included."""
    monkeypatch.chdir(here)
    assert "assert" in source
    exec(compile(source, PAGE.name, "exec"), {})


@pytest.mark.parametrize("source", blocks("sql"))
def test_sql_examples_run(source: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB reads the archive's files as they are, and joins conversions with their leads."""
    import duckdb

    monkeypatch.chdir(here)
    rows = duckdb.execute(source).fetchall()
    assert len(rows) == 5
    assert all(name and status and when for name, status, when, _ in rows)


def test_every_file_reads_in_pandas_and_duckdb(here: Path) -> None:
    """Every file of the archive has as many rows in pandas and in DuckDB as it has lines."""
    import duckdb
    import pandas as pd

    from leadlens.migrate.archive import Archive

    archive = Archive(here / "archive")
    for kind in archive.kinds:
        path = str(here / "archive" / f"{kind}.jsonl.gz")
        assert len(pd.read_json(path, lines=True, dtype=False)) == archive.count(kind), kind
        (count,) = duckdb.execute(f"SELECT count(*) FROM read_json('{path}')").fetchone() or (None,)
        assert count == archive.count(kind), kind


def test_what_the_page_says_is_archived() -> None:
    """Every kind that the page's table names is one that Base lists, or a file of the archive."""
    from leadlens_base.listing import KINDS

    table = re.findall(r"^\| .*? \| (.*?) \| .*? \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    kinds = {kind for cell in table[1:] for kind in re.findall(r"`([\w.]+)`", cell)}
    assert kinds <= {*KINDS, "catalogue.json"}
    assert len(kinds) > 12
