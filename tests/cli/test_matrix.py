"""``leadlens matrix`` as table, Markdown, JSON and page."""

from __future__ import annotations

import json
import re

import pytest
from tests.cli.terminal import on_terminal
from tests.payloads import VENDORS

from leadlens.adapter import KINDS
from leadlens.cli import BAD_INPUT, DONE, run
from leadlens.matrix import VERDICTS

KEYS = ["source", "target", "kind", "field", "verdict", "reason"]
PAIR = ["matrix", "--from", "copper", "--to", "zoho"]


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, str]]:
    """Return the matrix's rows in JSON."""
    assert run(["matrix", "--format", "json", *arguments]) == DONE
    out, err = capsys.readouterr()
    assert err == ""
    found: list[dict[str, str]] = json.loads(out)
    return found


def test_json_is_a_list_of_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON the matrix is a list of rows with the keys that scripts rely on, in this order."""
    found = rows(capsys)
    assert found
    for row in found:
        assert list(row) == KEYS
        assert row["verdict"] in VERDICTS
    assert len({tuple(row[key] for key in KEYS[:4]) for row in found}) == len(found)


def test_all_pairs_and_kinds_are_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Without options every directed pair of two CRMs is there, in every kind."""
    found = {(row["source"], row["target"], row["kind"]) for row in rows(capsys)}
    assert found == {(a, b, kind) for a in VENDORS for b in VENDORS if a != b for kind in KINDS}


def test_it_can_be_cut_down(capsys: pytest.CaptureFixture[str]) -> None:
    """--from, --to and --kind leave only their rows; a CRM to itself is there when it is asked for."""
    assert {row["source"] for row in rows(capsys, "--from", "base")} == {"base"}
    assert {row["target"] for row in rows(capsys, "--to", "base")} == {"base"}
    assert {row["kind"] for row in rows(capsys, "--kind", "deal")} == {"deal"}
    same = rows(capsys, "--from", "zoho", "--to", "zoho", "--kind", "lead")
    assert {(row["source"], row["target"]) for row in same} == {("zoho", "zoho")}


def test_versions_may_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A CRM may carry its version; the rows name it as it was asked for, and differ where the versions do."""
    old = rows(capsys, "--from", "zoho@v8", "--to", "zoho@v2", "--kind", "convert-request")
    assert {(row["source"], row["target"]) for row in old} == {("zoho@v8", "zoho@v2")}
    assert {row["field"]: row["verdict"] for row in old}["attachments_to"] == "none"


def test_json_is_the_default_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    """Where standard output is no terminal, the matrix is JSON."""
    assert run(PAIR) == DONE
    assert json.loads(capsys.readouterr().out)[0]["source"] == "copper"


def test_markdown_has_a_table_per_pair_and_kind(capsys: pytest.CaptureFixture[str]) -> None:
    """As Markdown there is a table per pair and kind, with as many rows as the JSON."""
    assert run([*PAIR, "--format", "md"]) == DONE
    out = capsys.readouterr().out
    assert re.findall(r"^## (.*)$", out, re.MULTILINE) == [f"copper → zoho: {kind}" for kind in KINDS]
    table = [line for line in out.splitlines() if line.startswith("| `")]
    assert len(table) == len(rows(capsys, "--from", "copper", "--to", "zoho"))
    assert all(line.count("|") == 4 for line in table)


def test_html_is_one_page(capsys: pytest.CaptureFixture[str]) -> None:
    """As HTML it is one page that holds every row."""
    assert run(["matrix", "--format", "html"]) == DONE
    out = capsys.readouterr().out
    assert out.startswith("<!DOCTYPE html>")
    assert out.rstrip().endswith("</html>")
    assert "times before 1970 cannot be written here" in out


def test_the_table_counts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The table has a row per pair and kind with the number of fields of each verdict."""
    monkeypatch.setenv("COLUMNS", "120")
    assert run(["matrix", "--format", "table"]) == DONE
    out = capsys.readouterr().out
    assert "How many fields arrive how" in out
    assert out.count("convert-request") == 6
    found = rows(capsys, "--from", "base", "--to", "copper", "--kind", "lead")
    counts = [str(sum(row["verdict"] == verdict for row in found)) for verdict in reversed(VERDICTS)]
    line = next(line for line in out.splitlines() if line.split()[:3] == ["base", "copper", "lead"])
    assert line.split()[3:] == counts


def test_the_table_of_one_pair_lists_its_fields(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For one pair the table lists the fields too, the worst first."""
    monkeypatch.setenv("COLUMNS", "200")
    assert run([*PAIR, "--kind", "deal", "--format", "table"]) == DONE
    out = capsys.readouterr().out
    verdicts = re.findall(r"^ ?(none|lossy|follow-up|normalised|exact) +deal ", out, re.MULTILINE)
    assert len(verdicts) == len(rows(capsys, "--from", "copper", "--to", "zoho", "--kind", "deal"))
    assert verdicts == sorted(verdicts, key=VERDICTS.index)


def test_a_terminal_gets_the_table() -> None:
    """On a terminal the matrix is a table that fits it, with a hint where to look further."""
    seen = on_terminal("matrix", "--kind", "lead", streams=("stdout",))
    assert seen.code == DONE
    assert "How many fields arrive how" in seen.screen
    assert "--format html" in seen.screen
    assert max(map(len, seen.screen.splitlines())) <= 100
    one = on_terminal(*PAIR, "--kind", "lead", streams=("stdout",))
    assert "--format html" not in one.screen
    assert "a Zoho lead has no value of its own" in " ".join(one.screen.split())


@pytest.mark.parametrize("arguments", [["--from", "coper"], ["--to", "zoho@v9"], ["--from", "x", "--to", "y"]])
def test_an_unknown_crm_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown CRM exits with 2 and says which is meant or which there are."""
    assert run(["matrix", *arguments]) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert "did you mean" in err or "there are" in err
