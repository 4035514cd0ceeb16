"""A CRM that somebody wrote into a mapping file by hand is told, wherever the file is used."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tenants import DECIDED, sample

from leadlens import read_mapping, translate
from leadlens.cli import BAD_INPUT, run
from leadlens.errors import MappingError
from leadlens.translation import ends_of


def test_the_two_of_a_draft_are_no_strangers() -> None:
    """What was kept of an account is of its CRM."""
    assert [one.name for one in ends_of(sample())] == ["copper", "zoho"]


@pytest.mark.parametrize(
    ("vendor", "told"), [("copper", "4 of the fields kept in {}, such as 'Product Interest'"),
                         ("pipedrive", "1 of the fields kept in {}, such as 'Industry'")],
)  # fmt: skip
def test_another_crm_is_told(vendor: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its values cannot be those of the fields that are kept, or it has nothing that such a field could be."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "plugin")
    with pytest.raises(MappingError) as caught:
        ends_of(sample(DECIDED.replace('vendor = "zoho@v8"', f'vendor = "{vendor}"')))
    way = "name the CRM that the file was drafted for, or draft it again"
    said = f"mapping.toml:6: target.vendor: {vendor} cannot have {told.format('[drafted.target]')}; {way}"
    assert caught.value.problems == (said,)


def test_a_translation_and_lint_tell_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They do not fail in the middle of a record, and show no traceback."""
    file = tmp_path / "m.toml"
    options = '"Grade" = { type = "picklist", options = { "A" = "" } }\n'
    lines = ("[source]", 'vendor = "base"', 'account = "old"', "[target]", 'vendor = "copper"', 'account = "new"')
    file.write_text("\n".join([*lines, "[drafted.target.lead]", options]), encoding="utf-8")
    with pytest.raises(MappingError, match=r"^m\.toml:5: target\.vendor: copper cannot have 1 of the fields"):
        translate("lead", {}, source="base", target="copper", mapping=read_mapping(file))
    assert run(["lint", str(file)]) == BAD_INPUT
    assert "m.toml:5: target.vendor: copper cannot have" in capsys.readouterr().out
