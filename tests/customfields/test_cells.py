"""A mapping in the matrix: its fields are judged by the rows that translate, as all others are."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from tests.tenants import DECIDED, sample

from leadlens.cli import BAD_INPUT, DONE, run
from leadlens.customfields.cells import mapping_cells
from leadlens.customfields.mapping import AccountMapping
from leadlens.matrix_page import page
from leadlens.testing.accounts import mappings


def verdicts(mapping: AccountMapping) -> dict[str, tuple[str, str]]:
    """Return verdict and reason by field of a lead."""
    return {
        cell.field: (cell.verdict, cell.reason) for cell in mapping_cells(mapping) if cell.kind in ("lead", "choices")
    }


def test_each_field_has_the_verdict_of_its_row() -> None:
    """Exact, normalised or lossy by trial; none in the words of the person who left it out."""
    found = verdicts(sample())
    assert found["custom_fields.Newsletter"] == ("exact", "into Newsletter")
    assert found["custom_fields.Fax code"] == ("none", "left out on purpose: nobody has a fax any more")
    assert found["custom_fields.Product interest"][0] == "lossy", "one of its options is left out"
    assert found["status"] == ("normalised", "2 of 2 have a counterpart")
    assert found["user"] == ("lossy", "1 of 2 have a counterpart")


def test_what_is_open_arrives_nowhere() -> None:
    """An undecided field has no place, and a guess is called one."""
    text = DECIDED.replace('"Est. budget" = { to = "Budget" }', '"Est. budget" = { undecided = "hm" }')
    assert verdicts(sample(text))["custom_fields.Est. budget"] == ("none", "nobody has decided about it")
    text = DECIDED.replace('{ to = "Newsletter" }', '{ to = "Newsletter", doubtful = "61 %" }')
    assert verdicts(sample(text))["custom_fields.Newsletter"] == ("exact", "into Newsletter; a guess: 61 %")


@settings(max_examples=int(settings().max_examples * 0.05))
@given(mappings())
def test_every_field_of_any_mapping_has_a_cell(mapping: AccountMapping) -> None:
    """And the page takes them all."""
    cells = list(mapping_cells(mapping))
    fields = [f"custom_fields.{rule.label}" for rule in mapping.kinds["lead"].fields]
    assert [cell.field for cell in cells] == [*fields, *mapping.choices]
    assert page([cell.to_json() for cell in cells], version="1") if cells else True


def test_the_command_shows_them(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The pair is the mapping's, the built-in fields stand beside the accounts' own."""
    from pathlib import Path

    from tests.tenants import COPPER, ZOHO, kept

    from leadlens import registry
    from leadlens.customfields.mapping import side
    from leadlens.customfields.scope import relevant

    monkeypatch.chdir(str(tmp_path))
    sides = relevant(side(COPPER), side(ZOHO), registry.get("copper"), registry.get("zoho"))
    Path("m.toml").write_text(DECIDED + kept(*sides), encoding="utf-8")
    assert run(["matrix", "--mapping", "m.toml", "--kind", "lead", "--format", "json"]) == DONE
    found = {cell["field"]: cell["verdict"] for cell in json.loads(capsys.readouterr().out)}
    assert found["custom_fields.Newsletter"] == "exact"
    assert "phones" in found
    assert "custom_fields" not in found, "each stands for itself now"
    assert run(["matrix", "--mapping", "m.toml", "--format", "html"]) == DONE
    assert "custom_fields.Fax code" in capsys.readouterr().out
    assert run(["matrix", "--mapping", "m.toml", "--to", "base"]) == BAD_INPUT
    assert "m.toml is about copper and zoho@v8, not base" in capsys.readouterr().err
