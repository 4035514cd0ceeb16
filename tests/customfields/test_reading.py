"""Reading a mapping file: what it may say, and a line for everything that it may not."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import jsonschema_rs
import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from tests.tenants import COPPER, DECIDED, ZOHO, sample

from leadlens import read_mapping
from leadlens.customfields.lines import lines_of
from leadlens.customfields.reading import parse_mapping
from leadlens.customfields.schema import mapping_schema
from leadlens.errors import MappingError
from leadlens.tenant.draft import drafted

HEAD = '[source]\nvendor = "copper"\naccount = "a"\n[target]\nvendor = "zoho"\naccount = "b"\n'


def refused(text: str) -> tuple[str, ...]:
    """Return the problems of a text."""
    with pytest.raises(MappingError) as caught:
        parse_mapping(text)
    return caught.value.problems


def test_what_is_kept_of_the_accounts_reads_back() -> None:
    """The file alone holds all that its use needs: definitions, options and choices, with ids, names and types."""
    mapping = sample()
    wanted = {one.name: one for one in COPPER.definitions if one.kind == "lead" and one.custom}
    assert mapping.source.definitions["lead"] == wanted
    theirs = [one for one in ZOHO.definitions if one.kind == "lead" and not one.read_only]
    assert list(mapping.target.definitions["lead"].values()) == theirs
    stage = mapping.source.choices["stage"]["Sales: Qualified"]
    assert (stage.ref.id, stage.ref.name) == ("987790", "Qualified")


def test_a_bare_text_is_where_it_goes() -> None:
    """The shortest line says the name there."""
    rule = next(rule for rule in sample().kinds["lead"].fields if rule.label == "Referral")
    assert (rule.verdict, rule.said, rule.line) == ("to", "Referred by", 12)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[source\n", "mapping.toml:1: this is no TOML"),
        ('[lead.fields]\n"A" = { to = "B"\n', "mapping.toml:2: this is no TOML"),
        (HEAD + '[led.fields]\n"A" = "B"\n', "mapping.toml:7: led means nothing here; did you mean 'lead'?"),
        (HEAD + '[lead.field]\n"A" = "B"\n', "lead.field means nothing here; did you mean 'fields'?"),
        (HEAD + '[lead.fields]\n"A" = { too = "B" }\n', "mapping.toml:8: lead.fields.A.too means nothing here"),
        (HEAD + '[lead.fields]\n"A" = { }\n', "mapping.toml:8: 'A': say one of to, create, leave_out"),
        (HEAD + '[lead.fields]\n"A" = { to = "B", leave_out = "x" }\n', "'A': say only one of to and leave_out"),
        (HEAD + '[lead.fields]\n"A" = { to = 5 }\n', "'A': to is a text"),
        (HEAD + '[lead.fields]\n"A" = { to = "B", doubtful = true }\n', "'A': doubtful is a text"),
        (HEAD + '[lead.fields]\n"A" = { to = "B", merge = "yes" }\n', "'A': merge is true or false"),
        (HEAD + '[lead.fields]\n"A" = 5\n', "mapping.toml:8: 'A': expected { to ="),
        (HEAD + "lead = 5\n", "mapping.toml:7: target.lead means nothing here"),
        (HEAD.replace('vendor = "zoho"\n', ""), "mapping.toml:4: target.vendor must be given"),
        ("lead = 5\n" + HEAD, "mapping.toml:1: lead is a section: [lead]"),
        (HEAD + '[drafted.source.lead]\n"A" = 5\n', "mapping.toml:8: what was kept of a definition was changed"),
        (HEAD + '[drafted.source.lead]\n"A" = { kind = "x", size = 5 }\n', "what was kept of a definition was changed"),
        (HEAD + '[drafted.source.choices.user]\n"A" = { mail = "x" }\n', "what was kept of a choice was changed"),
        (HEAD + '[drafted.source.choices.user]\n"A" = { id = 5 }\n', "what was kept of a choice was changed"),
        (HEAD + "[drafted.sauce.lead]\n", "mapping.toml:7: drafted.sauce means nothing here; did you mean 'source'?"),
        (HEAD + "[drafted.source.led]\n", "drafted.source.led means nothing here; did you mean 'lead'?"),
        (HEAD + '[lead.fields]\n"A" = { to = “B” }\n', "mapping.toml:8: this is no TOML: quotes are straight here"),
    ],
)  # fmt: skip
def test_what_is_no_mapping_is_told_with_its_line(text: str, told: str) -> None:
    """A typo, a wrong form or a missing part is one clear line, with what would be right."""
    assert any(told in problem for problem in refused(text)), refused(text)


def test_all_mistakes_are_told_at_once() -> None:
    """Whoever edits a file learns everything in one go, in the order of the lines."""
    problems = refused(HEAD + '[lead.fields]\n"A" = 5\n"B" = { }\n')
    assert [re.match(r"mapping\.toml:(\d+)", problem)[1] for problem in problems] == ["8", "9"]  # type: ignore[index]  # None would fail too


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    """Messages have the file's name; what is no text or too large is refused."""
    file = tmp_path / "acme.toml"
    file.write_text(HEAD, encoding="utf-8")
    assert read_mapping(file).source.account == "a"
    file.write_bytes(b"\xff")
    with pytest.raises(MappingError, match=r"acme\.toml:1: a mapping file is text in UTF-8"):
        read_mapping(file)
    file.write_bytes(b" " * (16 * 2**20 + 1))
    with pytest.raises(MappingError, match=r"acme\.toml: a mapping file has at most"):
        read_mapping(file)


@given(st.text(max_size=60) | st.text(alphabet='[]={}".\nab ', max_size=60))
def test_whatever_the_text_a_mapping_comes_of_it_or_one_error(text: str) -> None:
    """No input at all ends in another exception, and no error is without a word."""
    problems: tuple[str, ...] = ("there was none",)
    try:
        parse_mapping(text)
    except MappingError as error:
        problems = error.problems
    assert all(problems)


# --- lines -----------------------------------------------------------------------------------------------------------


def test_lines_are_those_of_the_file() -> None:
    """Every key of a table, dotted or quoted, has the line that it stands on."""
    text = '# x\n[a]\nb.c = 1\n"d e" = 2\n\n[a."f.g"] # y\n"h=i" = "[z]"\n'
    found = lines_of(text)
    assert found["a",] == 2
    assert found["a", "b"] == found["a", "b", "c"] == 3
    assert found["a", "d e"] == 4
    assert found["a", "f.g"] == 6
    assert found["a", "f.g", "h=i"] == 7


@given(st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=5))
def test_every_key_that_is_written_is_found(said: dict[str, str]) -> None:
    """Whatever a label holds, its line is known."""
    text = tomlkit.dumps({"lead": {"fields": said}})
    assert tomllib.loads(text) == {"lead": {"fields": said}}
    found = lines_of(text)
    for number, name in enumerate(said, 2):
        assert found["lead", "fields", name] == number


# --- the schema ------------------------------------------------------------------------------------------------------


def test_the_schema_takes_what_is_written_and_what_is_decided() -> None:
    """An editor that checks by the schema complains neither about a draft nor about a person's work."""
    fits = jsonschema_rs.Draft202012Validator(mapping_schema())
    for text in (drafted(COPPER, ZOHO).text, DECIDED):
        assert [error.message for error in fits.iter_errors(tomllib.loads(text))] == []


@pytest.mark.parametrize("line", ['"A" = { too = "B" }', '"A" = { to = "B", create = "C" }', '"A" = 5', '"A" = {}'])
def test_the_schema_refuses_what_reading_refuses(line: str) -> None:
    """Two verdicts, none, or a typo show in the editor already."""
    text = HEAD + "[lead.fields]\n" + line
    assert refused(text)
    assert not jsonschema_rs.Draft202012Validator(mapping_schema()).is_valid(tomllib.loads(text))


@pytest.mark.parametrize(
    "data",
    [
        'id = 5, type = "text"', 'type = "texxt"', 'id = "5"', 'type = "text", key = [1]', 'type = ["text"]',
        'type = "text", max_length = "long"', 'type = "number", decimals = -3', 'type = "text", required = "yes"',
        'type = "picklist", options = ["a"]', 'type = "picklist", options = { a = 1 }', 'type = "text", kind = "deal"',
        'type = "text", attribute = "emial"', 'type = "text", max_length = true',
    ],
)  # fmt: skip
def test_what_is_kept_is_what_a_draft_has_written(data: str) -> None:
    """A fact of another type, or one that nobody knows, is told when the file is read, and not when it is used."""
    (line,) = refused(HEAD + f'[drafted.source.lead]\n"A" = {{ {data} }}\n')
    assert line == "mapping.toml:8: what was kept of a definition was changed; draft the mapping again"
