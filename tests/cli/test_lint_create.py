"""From a draft of two accounts to a field that was made in the target and carries values, on the sandboxes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from leadlens.cli import BAD_INPUT, DONE, run
from leadlens.cli.lint_mapping import STOPPED
from leadlens.client import Client
from leadlens.customfields.mapping import AccountMapping
from leadlens.customfields.reading import read_mapping
from leadlens.sandbox import Sandbox

FOUND = 2


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Work in an empty folder with the file of an emulated account."""
    monkeypatch.chdir(tmp_path)
    with Sandbox(db="box.db", data="empty", seed=7):
        pass
    return "box.db"


def decide(file: str, *new: str) -> None:
    """Do as a person: what is new is made there, guesses are right, all else is left out."""
    text = Path(file).read_text(encoding="utf-8")
    mine, mark, kept = text.partition("\n# Kept by leadlens")
    assert mark
    head, fields, rest = mine.partition("\n[lead.fields]\n")
    lead, mark_, rest = rest.partition("\n[")
    lead = "\n".join(_new(line, new) for line in lead.split("\n"))
    mine = f"{head}{fields}{lead}{mark_}{rest}"
    mine = re.sub(r"\{ undecided = .*\}", '{ leave_out = "not needed" }', re.sub(r', doubtful = "[^"]*"', "", mine))
    Path(file).write_text(f"{mine}{mark}{kept}", encoding="utf-8")


def _new(line: str, new: tuple[str, ...]) -> str:
    label = line.partition(" =")[0].strip().strip('"')
    return re.sub(r"\{.*\}", f'{{ create = "{label} of old" }}', line) if label in new else line


def drafted(source: str, target: str, box: str, *new: str) -> None:
    """Draft a mapping of two sandboxes and decide it."""
    assert run(["fields", "draft", source, target, "--sandbox", box, "-o", "m.toml"]) == DONE
    decide("m.toml", *new)


def lint(target: str, box: str, *more: str) -> int:
    """Check the mapping against the target."""
    return run(["lint", "m.toml", "--target", target, "--sandbox", box, *more])


def own(mapping: AccountMapping, label: str) -> Any:
    """Return the definition in the target that the file knows under a name."""
    return mapping.target.definitions["lead"][label]


def translated(source: str, target: str, lead: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    """Translate a lead with the mapping."""
    Path("lead.json").write_text(json.dumps(lead), encoding="utf-8")
    capsys.readouterr()
    asked = ["translate", "lead", "--from", source, "--to", target, "--mapping", "m.toml", "lead.json"]
    run([*asked, "--on-loss", "ignore"])
    return json.loads(capsys.readouterr().out)["body"]


def test_from_copper_to_a_field_made_in_zoho(box: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The file is not ready before; then it knows the new api name, is clean, and carries an option."""
    drafted("copper", "zoho", box, "Interests", "Campaign")
    assert lint("zoho", box) == FOUND
    assert "'Interests of old' is still to be made in the target" in capsys.readouterr().out
    assert lint("zoho", box, "--create", "--yes") == DONE, capsys.readouterr()
    assert "made 'Interests of old' of lead" in capsys.readouterr().err
    mapping = read_mapping("m.toml")
    found = own(mapping, "Interests of old")
    assert (found.key, found.type, found.custom) == ("Interests_of_old", "multi_select", True)
    assert own(mapping, "Campaign of old").max_length == 255
    assert run(["lint", "m.toml", "--source", "copper", "--target", "zoho", "--sandbox", box]) == DONE
    mine = mapping.source.definitions["lead"]["Interests"]
    kept = next(rule for rule in mapping.kinds["lead"].options["Interests"] if rule.verdict == "to")
    option = next(option for option in mine.options if option.name == kept.label)
    item = {"custom_field_definition_id": int(mine.key), "value": [int(option.id or 0)]}
    lead = {"name": "Ana Souza", "custom_fields": [item]}
    made = translated("copper", "zoho", lead, capsys)
    assert made["Interests_of_old"] == [kept.said]


def test_from_zoho_to_a_field_made_in_copper(box: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The file knows the new definition's id and those of its options."""
    drafted("zoho", "copper", box, "Segment", "Trial Start")
    assert lint("copper", box, "--create", "--yes") == DONE, capsys.readouterr()
    mapping = read_mapping("m.toml")
    found = own(mapping, "Segment of old")
    with Sandbox(db=box) as sandbox:
        wires = {wire["name"]: wire for _, wire in sandbox.store("copper").iterate("definition")}
    assert found.id == str(wires["Segment of old"]["id"])
    options = {option["name"]: option["id"] for option in wires["Segment of old"]["options"]}
    made = translated("zoho", "copper", {"Last_Name": "Souza", "Company": "A", "Segment": "Small"}, capsys)
    item = {"custom_field_definition_id": int(found.id), "value": options["Small"]}
    assert item in made["custom_fields"]
    assert lint("copper", box, "--create", "--yes") == DONE


def test_nothing_is_made_twice(box: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The older file, which still asks for the field, is refused with the line."""
    drafted("zoho", "copper", box, "Segment")
    older = Path("m.toml").read_text(encoding="utf-8")
    assert lint("copper", box, "--create", "--yes") == DONE
    Path("m.toml").write_text(older, encoding="utf-8")
    assert lint("copper", box, "--create", "--yes") == BAD_INPUT
    assert re.search(r"m\.toml:\d+: the target has a lead field 'Segment of old' by now", capsys.readouterr().err)
    with Sandbox(db=box) as sandbox:
        names = [wire["name"] for _, wire in sandbox.store("copper").iterate("definition")]
    assert names.count("Segment of old") == 1


def test_an_option_is_added_to_a_field_of_zoho(box: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The draft offers it; the file says so before, is clean after, and a value arrives in it."""
    drafted("copper", "zoho", box)
    text = Path("m.toml").read_text(encoding="utf-8")
    part = text.index('[lead.options."Interests"]')
    line = re.compile(r'"Enterprise" += .*').search(text, part)
    assert line is not None
    text = text[: line.start()] + '"Enterprise" = { create = "Enterprise" }  # new' + text[line.end() :]
    Path("m.toml").write_text(text, encoding="utf-8")
    assert lint("zoho", box) == FOUND
    assert "'Enterprise' is still to be made in the target" in capsys.readouterr().out
    assert lint("zoho", box, "--create", "--yes") == DONE, capsys.readouterr()
    assert "made option 'Enterprise' in 'Interests' of lead" in capsys.readouterr().err
    assert '"Enterprise" = { to = "Enterprise" }  # new' in Path("m.toml").read_text(encoding="utf-8")
    mapping = read_mapping("m.toml")
    assert "Training" in [option.name for option in own(mapping, "Interests").options]
    mine = mapping.source.definitions["lead"]["Interests"]
    option = next(option for option in mine.options if option.name == "Enterprise")
    item = {"custom_field_definition_id": int(mine.key), "value": [int(option.id or 0)]}
    made = translated("copper", "zoho", {"name": "Ana Souza", "custom_fields": [item]}, capsys)
    assert made["Interests"] == ["Enterprise"]
    assert lint("zoho", box, "--create", "--yes") == DONE


def test_copper_adds_no_options(box: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said why, with what to do, before anything is sent."""
    drafted("zoho", "copper", box)
    text = Path("m.toml").read_text(encoding="utf-8")
    part = text.index('[lead.options."Interests"]')
    text = text[:part] + re.sub(r'("Wartung" += ).*', r'\1{ create = "Wartung" }', text[part:], count=1)
    Path("m.toml").write_text(text, encoding="utf-8")
    assert lint("copper", box, "--create", "--yes") == BAD_INPUT
    told = capsys.readouterr().err
    assert re.search(r"m\.toml:\d+: Copper replaces all options of a field when it is sent new ones", told)
    assert "add the options of 'Interests' in the CRM, then draft the mapping again" in told


def test_base_makes_no_fields(box: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said before anything is asked, with what to do."""
    drafted("zoho", "base", box, "Segment")
    assert lint("base", box, "--create", "--yes") == BAD_INPUT
    assert "has no public call to make a field; make it in the CRM" in capsys.readouterr().err
    assert "create = " in Path("m.toml").read_text(encoding="utf-8")


def test_a_line_may_be_a_table_of_its_own(box: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its word is changed where it stands."""
    drafted("zoho", "copper", box, "Segment")
    text = Path("m.toml").read_text(encoding="utf-8")
    text = re.sub(r'\n"?Segment"? += \{ create = .*', "", text, count=1)
    own_table = '\n[lead.fields.Segment]\n# as Bob wants it\ncreate = "Segment of old"\n'
    Path("m.toml").write_text(text.replace("\n# Kept by", f"{own_table}\n# Kept by"), encoding="utf-8")
    assert lint("copper", box, "--create", "--yes") == DONE, capsys.readouterr()
    assert own(read_mapping("m.toml"), "Segment of old").type == "picklist"


@pytest.mark.parametrize("broken", ["write", "read"])
def test_nothing_is_made_where_the_file_cannot_say_so(
    box: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """A file that nobody may write is told before; an interrupted write leaves the old file whole."""
    drafted("zoho", "copper", box, "Segment")
    before = Path("m.toml").read_bytes()
    usual = Path.open

    def refuse(self: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        if mode == "r+b" and broken == "write":
            raise PermissionError(13, "Permission denied", str(self))
        return usual(self, mode, *more, **named)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device", "m.toml")

    monkeypatch.setattr(Path, "open", refuse)
    if broken == "read":
        monkeypatch.setattr("leadlens.files.os.fsync", full)
    assert lint("copper", box, "--create", "--yes") == BAD_INPUT
    assert "m.toml" in capsys.readouterr().err
    assert Path("m.toml").read_bytes() == before
    with Sandbox(db=box) as sandbox:
        names = [wire["name"] for _, wire in sandbox.store("copper").iterate("definition")]
    assert ("Segment of old" in names) == (broken == "read")
    assert not list(Path().glob("*m.toml*.new"))


@pytest.mark.parametrize("at", ["call", "file"])
def test_somebody_who_stops_it_is_told_how_things_stand(
    box: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """The file is whole and says what is made; what was under way is unknown, and the same command tells it."""
    drafted("zoho", "copper", box, "Segment", "Trial Start")
    before = Path("m.toml").read_text(encoding="utf-8")
    usual, calls = Client.define, 0

    def stop(self: Client, definition: Any) -> None:
        nonlocal calls
        calls += 1
        usual(self, definition)
        if calls == 2:
            raise KeyboardInterrupt

    def full(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if at == "call":
            patched.setattr(Client, "define", stop)
        else:
            patched.setattr("leadlens.files.os.fsync", full)
        assert lint("copper", box, "--create", "--yes") == STOPPED
    told = capsys.readouterr().err
    assert "stopped: what was made before stands in m.toml; whether '" in told
    text = Path("m.toml").read_text(encoding="utf-8")
    asked = [len(re.findall(r"^[^#\n]*create = ", one, re.MULTILINE)) for one in (before, text)]
    assert asked == [2, 1 if at == "call" else 2]
    assert not list(Path().glob("*.new"))
    assert lint("copper", box, "--create", "--yes") == BAD_INPUT
    assert "by now; say to instead of create, and draft the mapping again" in capsys.readouterr().err
    with Sandbox(db=box) as sandbox:
        names = [wire["name"] for _, wire in sandbox.store("copper").iterate("definition")]
    made = [name for name in names if name.endswith(" of old")]
    for name in made:
        text = text.replace(f'create = "{name}"', f'to = "{name}"')
    Path("m.toml").write_text(text, encoding="utf-8")
    assert run(["fields", "draft", "zoho", "copper", "--sandbox", box, "-o", "m.toml"]) == DONE
    assert lint("copper", box, "--create", "--yes") == DONE, capsys.readouterr()
    assert own(read_mapping("m.toml"), "Segment of old").type == "picklist"
    with Sandbox(db=box) as sandbox:
        names = [wire["name"] for _, wire in sandbox.store("copper").iterate("definition")]
    assert sorted(name for name in names if name.endswith(" of old")) == ["Segment of old", "Trial Start of old"]
