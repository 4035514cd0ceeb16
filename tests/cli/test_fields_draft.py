"""``leadlens fields draft`` and ``schema``, ``leadlens lint mapping.toml``, and --mapping."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest
from tests.cli.terminal import on_terminal
from tests.tenants import COPPER, DECIDED, ZOHO, kept, settled

from leadlens import registry
from leadlens.catalogue_file import write_catalogue
from leadlens.cli import BAD_INPUT, DONE, REFUSED, run
from leadlens.customfields.mapping import side
from leadlens.customfields.scope import relevant


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder with the catalogues of two accounts."""
    monkeypatch.chdir(tmp_path)
    write_catalogue("copper.json", COPPER)
    write_catalogue("zoho.json", ZOHO)
    return tmp_path


OFFLINE = ("--source-catalogue", "copper.json", "--target-catalogue", "zoho.json")


def decided() -> str:
    """Return the decided mapping with what is kept of the accounts."""
    return DECIDED + kept(*relevant(side(COPPER), side(ZOHO), registry.get("copper"), registry.get("zoho")))


def test_a_draft_of_two_catalogues(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Offline, to the screen or into a file; drafting again keeps it as it is."""
    assert run(["fields", "draft", *OFFLINE]) == DONE
    printed = capsys.readouterr().out
    assert tomllib.loads(printed)["source"] == {"vendor": "copper", "account": "old"}
    assert run(["fields", "draft", *OFFLINE, "-o", "m.toml", "--html", "m.html"]) == DONE
    assert (here / "m.toml").read_text(encoding="utf-8") == printed
    named = printed.splitlines()[0].removeprefix("#:schema ")
    assert json.loads((here / named).read_text(encoding="utf-8"))["title"] == "leadlens mapping"
    assert "m.toml: 8 lines are settled" in capsys.readouterr().err
    page = (here / "m.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "Please look at these first" in page
    assert "They are personal data" not in page
    assert run(["fields", "draft", *OFFLINE, "-o", "m.toml"]) == DONE
    assert (here / "m.toml").read_text(encoding="utf-8") == printed


def test_a_draft_of_two_accounts_with_their_values(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Values are read where they are asked for, and the page says what they are."""
    arguments = ["fields", "draft", "copper", "base", "--sandbox", "--samples", "2", "-o", "m.toml", "--html", "m.html"]
    assert run(arguments) == DONE
    assert "# e.g. " in (here / "m.toml").read_text(encoding="utf-8")
    assert "They are personal data" in (here / "m.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["copper"], "name two accounts, SOURCE and TARGET"),
        (["copper", "zoho", "--source-catalogue", "copper.json"], "with these catalogues name one account"),
        (["copper", *OFFLINE], "with these catalogues name no account"),
        (["base", "base", "--sandbox"], "source and target are the same account, base; a mapping leads"),
    ],
)
def test_the_accounts_are_named_once(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    """Each account is named or given as a file."""
    assert run(["fields", "draft", *arguments]) == BAD_INPUT
    assert told in capsys.readouterr().err


def test_a_broken_file_is_not_drafted_over(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be read is left as it is."""
    (here / "m.toml").write_text("[lead.fields\n", encoding="utf-8")
    assert run(["fields", "draft", *OFFLINE, "-o", "m.toml"]) == BAD_INPUT
    assert "m.toml:1: this is no TOML" in capsys.readouterr().err
    assert (here / "m.toml").read_text(encoding="utf-8") == "[lead.fields\n"


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """For editors."""
    assert run(["fields", "schema"]) == DONE
    assert json.loads(capsys.readouterr().out)["title"] == "leadlens mapping"


def test_an_account_is_still_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A first word that is no subcommand is an account."""
    assert run(["fields", "base", "--sandbox", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["vendor"] == "base"


@pytest.mark.parametrize("missing", ["rapidfuzz", "tomlkit"])
def test_what_has_to_be_installed_is_said(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """Before anything is read or made; a mapping file that is there is checked and used without it."""
    ready = decided()
    text = ready.replace('{ leave_out = "nobody has a fax any more" }', '{ create = "Fax" }')
    (here / "m.toml").write_text(text, encoding="utf-8")
    monkeypatch.setitem(sys.modules, missing, None)
    for arguments in (["fields", "draft", "copper", "zoho", "--sandbox"],
                      ["lint", "m.toml", "--create", "--target", "zoho", "--yes", "--sandbox"]):  # fmt: skip
        assert run(arguments) == BAD_INPUT
        assert "needs rapidfuzz and tomlkit: pip install 'leadlens[tenant]'" in capsys.readouterr().err
    assert (here / "m.toml").read_text(encoding="utf-8") == text
    (here / "m.toml").write_text(ready, encoding="utf-8")
    (here / "lead.json").write_text('{"name": "Ann"}', encoding="utf-8")
    assert run(["lint", "m.toml"]) == DONE
    assert run(["translate", "lead", "--from", "copper", "--to", "zoho", "--mapping", "m.toml", "lead.json"]) == DONE


@pytest.mark.parametrize("at", [1, 2, 3])
def test_somebody_who_stops_a_draft_has_the_old_files_whole(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """The file, the schema, the page: each is the old one or the new one, and nothing lies about."""
    assert run(["fields", "draft", *OFFLINE, "-o", "m.toml", "--html", "m.html"]) == DONE
    before = {path.name: path.read_bytes() for path in here.iterdir()}
    calls = 0

    def stop(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            raise KeyboardInterrupt

    monkeypatch.setattr("leadlens.files.os.fsync", stop)
    monkeypatch.setattr("leadlens.files.sync", lambda _: None)
    assert run(["fields", "draft", *OFFLINE, "-o", "m.toml", "--html", "m.html"]) == REFUSED
    assert {path.name: path.read_bytes() for path in here.iterdir()} == before


# --- lint ------------------------------------------------------------------------------------------------------------


def lint(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, list[str]]]:
    """Return exit code and JSON."""
    code = run(["lint", *arguments])
    found: dict[str, list[str]] = json.loads(capsys.readouterr().out)
    return code, found


def test_a_decided_mapping_is_sound(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the accounts it is held against what it keeps of them."""
    (here / "m.toml").write_text(decided(), encoding="utf-8")
    assert lint(capsys, "m.toml") == (DONE, {"mapping": "m.toml", "problems": [], "trials": []})


def test_problems_are_told_with_their_lines(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A typo in a name or in the TOML is one line each, and exit code 2."""
    (here / "m.toml").write_text(decided().replace('to = "Budget"', 'to = "Bugdet"'), encoding="utf-8")
    code, found = lint(capsys, "m.toml")
    assert code == BAD_INPUT
    assert found["problems"] == ["m.toml:10: the target's lead has no 'Bugdet'; did you mean 'Budget'?"]
    (here / "m.toml").write_text("[lead.fields\n", encoding="utf-8")
    code, found = lint(capsys, "m.toml")
    assert (code, len(found["problems"])) == (BAD_INPUT, 1)


def test_a_mapping_is_held_against_the_accounts_and_tried(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --source and --target the accounts are read, and a sample of records translated; nothing is sent."""
    run(["fields", "draft", "copper", "zoho", "--sandbox", "box.db", "-o", "m.toml"])
    (here / "m.toml").write_text(settled((here / "m.toml").read_text(encoding="utf-8")), encoding="utf-8")
    capsys.readouterr()
    live = ("m.toml", "--source", "copper", "--target", "zoho", "--sandbox", "box.db", "--sample", "5")
    code, found = lint(capsys, *live)
    assert (code, found["problems"]) == (DONE, [])
    assert [trial["kind"] for trial in found["trials"]] == ["lead", "contact", "company", "deal"]  # type: ignore[index]  # JSON of any shape
    seen = on_terminal("lint", *live, streams=("stdout", "stderr"))
    assert seen.code == DONE
    assert "lead: 5 records translated" in seen.screen
    assert "m.toml: 0 problems" in seen.screen


def test_options_of_mappings_are_for_mappings(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of rows has no accounts."""
    assert run(["lint", "--source", "copper"]) == BAD_INPUT
    assert "--source is for a mapping file" in capsys.readouterr().err
    (here / "m.toml").write_text(decided(), encoding="utf-8")
    assert run(["lint", "m.toml", "--sandbox"]) == BAD_INPUT
    assert "--sandbox needs --source or --target" in capsys.readouterr().err


# --- --mapping -------------------------------------------------------------------------------------------------------


def test_translate_takes_a_mapping(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is left out on purpose is told in the person's words, apart from what nobody thought of."""
    (here / "m.toml").write_text(decided(), encoding="utf-8")
    fields = [{"custom_field_definition_id": 178390, "value": "7"}, {"custom_field_definition_id": 1, "value": "x"}]
    (here / "lead.json").write_text(json.dumps({"last_name": "Lee", "custom_fields": fields}), encoding="utf-8")
    assert run(["translate", "lead", "--from", "copper", "--to", "zoho", "--mapping", "m.toml", "lead.json"]) == DONE
    done = json.loads(capsys.readouterr().out)
    assert done["body"] == {"Last_Name": "Lee", "Region": "EMEA"}
    assert [(loss["reason"], loss["detail"]) for loss in done["losses"]] == [
        ("foreign_id", "the mapping does not know this custom field; draft it again"),
        ("left_out", "Fax code: left out on purpose: nobody has a fax any more"),
    ]


def test_upsert_and_convert_take_a_mapping(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The record and the request speak of the source's account."""
    run(["fields", "draft", "copper", "zoho", "--sandbox", "-o", "m.toml"])
    (here / "m.toml").write_text(settled((here / "m.toml").read_text(encoding="utf-8")), encoding="utf-8")
    lead = {"name": {"last": "Lee"}, "company_name": "Acme", "emails": [{"address": "lee@acme.example"}]}
    (here / "lead.json").write_text(json.dumps({**lead, "status": {"id": "208234"}}), encoding="utf-8")
    capsys.readouterr()
    assert run(["upsert", "zoho", "lead", "lead.json", "--mapping", "m.toml", "--sandbox"]) == DONE
    assert json.loads(capsys.readouterr().out)["outcome"] == "created"
    plan = [
        "convert",
        "zoho",
        "1",
        "--deal",
        "Pilot",
        "--stage",
        "987799",
        "--mapping",
        "m.toml",
        "--plan",
        "--sandbox",
    ]
    assert run(plan) == DONE
    assert "Renewal Due" in capsys.readouterr().out


def test_a_mapping_that_is_not_there_is_bad_usage(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One clear line."""
    assert run(["upsert", "zoho", "lead", "lead.json", "--mapping", "none.toml", "--sandbox"]) == BAD_INPUT
    assert "none.toml: No such file" in capsys.readouterr().err
