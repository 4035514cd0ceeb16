"""Lint: it passes what is right, and finds what is planted."""

from __future__ import annotations

import textwrap
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from leadlens import registry
from leadlens._examples import wire_examples
from leadlens.codecs import Codec, Lossy, Unsayable, each, flag, one, text, whole
from leadlens.conversion import ConvertRequest, Existing, Match, NewCompany, Nothing, VendorDefault
from leadlens.crosswalk import (
    EVERYTHING_ELSE,
    GONE,
    PRESENT,
    WRITE,
    Crosswalk,
    Field,
    absent,
    case,
    field,
    refuse,
    variant,
)
from leadlens.errors import UsageError
from leadlens.lint import Problem, lint_file, problems
from leadlens.model import Address, Email, Lead, Phone, Website
from leadlens.references import open_picklist

NAMES = ("copper", "copper@month-first", "zoho", "zoho@v2", "base")


def website(url: Codec = text, category: Codec = text, **options: Any) -> Crosswalk:
    """Return a small crosswalk with these codecs."""
    return Crosswalk(
        Website, "acme.website", field("url", "address", url, **options), field("category", "use", category)
    )


def told(*crosswalks: Crosswalk) -> list[str]:
    return [str(problem) for problem in problems(crosswalks)]


@pytest.mark.parametrize("name", NAMES)
def test_the_installed_crosswalks_are_clean(name: str) -> None:
    """Lint finds nothing in the crosswalks that come with leadlens."""
    assert told(*registry.get(name).crosswalks.values()) == []


def test_a_good_crosswalk_is_clean() -> None:
    """Lint finds nothing in rows that work."""
    assert told(website()) == []
    assert told(website(category=open_picklist(("work", "other"), "other", "Acme knows two kinds of websites"))) == []


def test_a_problem_is_one_line() -> None:
    """A problem says where it is and what to do."""
    assert str(Problem("acme.lead: email", "do this")) == "acme.lead: email: do this"


# --- planted problems ------------------------------------------------------------------------------------------------


def upper(wire: Any) -> Any:
    return text.decode(wire).upper()


def crash(_: Any) -> Any:
    raise KeyError("oops")


def never(_: Any) -> Any:
    raise Unsayable("coerced", "never")


def doubted(_: Any) -> Any:
    raise Unsayable("ambiguous", "the account's setting is not known")


NOT_EXACT = text.but(decode=upper, encode=lambda value: value[::-1], same=None)
DROPS = text.but(encode=lambda value: value[:1], same=None)


@pytest.mark.parametrize(
    ("codec", "message"),
    [
        (NOT_EXACT, "the codec is not exact on its own domain"),
        (DROPS, "the codec is not exact on its own domain"),
        (text.but(encode=never, same=None), "the codec cannot write what it reads: never"),
        (text.but(decode=crash, same=None), "the codec fails on what its own schema describes: KeyError: 'oops'"),
        (text.but(encode=crash, same=None), "the codec fails on what its own schema describes: KeyError: 'oops'"),
        (text.but(schema={"type": "integer"}), "the codec does not read what its own schema describes: expected text"),
        (whole.but(schema={"type": "string"}), "does not read what its own schema describes: expected a whole number"),
        (flag.but(schema={"type": "string", "enum": ["yes"]}), "does not read what its own schema describes"),
    ],
)
def test_a_codec_that_does_not_do_what_it_says_is_found(codec: Codec, message: str) -> None:
    """A codec is tried on what its own schema describes: reading, writing and reading again."""
    found = told(website(codec))
    assert any(line.startswith("acme.website: url: ") and message in line for line in found)


def test_what_depends_on_the_account_is_no_problem() -> None:
    """A codec that cannot write without a setting of the account says so, and is right."""
    assert told(website(text.but(encode=doubted, same=None))) == []


def test_a_declared_loss_is_no_problem() -> None:
    """A codec that says what it loses may lose it."""
    lossy = Lossy("truncated", "Acme keeps the first letter only")
    assert told(website(DROPS.but(lossy=lossy))) == []


def test_a_fault_in_a_nested_record_is_found() -> None:
    """The rows of nested records are checked like others, one record or a list of them."""
    phone = Crosswalk(
        Phone, "acme.phone", field("number", "n", NOT_EXACT), absent("category", "Acme has no kinds of phones")
    )
    email = Crosswalk(
        Email, "acme.email", field("address", "a", DROPS), absent("category", "Acme has no kinds of e-mails")
    )
    lead = Crosswalk(
        Lead,
        "acme.lead",
        field("phones", "phones", each(phone, key="n")),
        field("emails", "email", each(email, key="a")),
        absent(EVERYTHING_ELSE, "Acme keeps phones and e-mails only"),
    )
    found = told(lead)
    assert any(line.startswith("acme.lead: number: the codec is not exact") for line in found)
    assert any(line.startswith("acme.lead: address: the codec is not exact") for line in found)
    city = Crosswalk(
        Address, "acme.city", field("city", "c", NOT_EXACT), absent(EVERYTHING_ELSE, "Acme keeps the city")
    )
    assert told(
        Crosswalk(Lead, "acme.one", field("address", "at", one(city)), absent(EVERYTHING_ELSE, "no more of it"))
    )


def test_a_fault_in_a_union_is_found() -> None:
    """The rows of a union's members are checked like others."""
    crosswalk = Crosswalk(
        ConvertRequest,
        "acme.convert-request",
        variant(
            "company",
            "",
            case(Existing, {"id": PRESENT}, field("id", "id", NOT_EXACT)),
            case(Nothing, {"id": GONE, "none": True}),
            case(VendorDefault, {"id": GONE, "none": GONE}),
            refuse(Match, "Acme cannot match companies"),
            refuse(NewCompany, "Acme makes no companies"),
        ),
        absent(EVERYTHING_ELSE, "Acme converts with a company only"),
    )
    assert any(line.startswith("acme.convert-request: id: the codec is not exact") for line in told(crosswalk))


def test_a_reason_is_a_sentence() -> None:
    """The reason of an absent row is for a salesperson: one or two words are none."""
    crosswalk = Crosswalk(Website, "acme.website", field("url", "address", text), absent("category", "not there"))
    assert told(crosswalk) == ["acme.website: category: the reason of an absent row is a sentence for a salesperson"]


def test_a_write_only_row_is_not_read() -> None:
    """A row that is only written needs a codec that writes."""
    assert told(website(text.but(decode=crash, same=None), access=WRITE)) == []


def test_what_cannot_be_read_again_is_found() -> None:
    """The whole record is tried too: what a row writes, beside what others write, must be readable again."""
    good = registry.get("copper").crosswalk("upsert-request")
    match = next(row for row in good.rows if isinstance(row, Field) and row.neutral == ("match",))
    broken = match.codec.but(encode=lambda *_: (5, 5), lossy=None)
    rows = [row for row in good.rows if row is not match]
    rows.append(field("match", match.wire, broken, beside="record"))
    found = told(Crosswalk(good.model, "acme.upsert-request", *rows, calls=good.calls))
    start = "acme.upsert-request: match: what is written cannot be read again: $.match"
    assert any(line.startswith(start) for line in found)


def test_each_finding_is_told_once() -> None:
    """A fault that several examples show is one finding."""
    found = told(website(NOT_EXACT.but(schema={"type": "string", "enum": ["ab", "cd", "ef"]})))
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[0-9]{9}-[0-9]{3}$"},
        {"type": "integer", "minimum": 100, "maximum": 200},
        {"type": "string", "format": "uuid", "pattern": "^x"},
        {"type": ["string", "null"]},
        {},
        {"const": "x"},
        {"type": "array", "items": {}},
    ],
)
def test_a_schema_that_suggests_nothing_asks_for_examples(schema: dict[str, Any]) -> None:
    """Where a schema does not suggest any value, lint asks for examples and goes on with the next crosswalk."""
    codec = text.but(schema=schema, same=None)
    found = told(website(codec), website(NOT_EXACT))
    assert found[0].startswith("acme.website: UsageError: a codec's schema needs 'examples'")
    assert any("not exact" in line for line in found)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[0-9]$"},
        {"type": "string", "pattern": " C$"},
        {"type": "string", "format": "email"},
        {"type": "string", "examples": ["a", "b"]},
        {"enum": ["a"]},
        {"anyOf": [{"type": "string"}, {"enum": ["x"]}]},
    ],
)
def test_a_schema_suggests_values(schema: dict[str, Any]) -> None:
    """A type, a simple pattern, an enumeration or examples are enough to try a codec."""
    assert told(website(text.but(schema=schema))) == []


def test_an_exact_row_that_loses_in_silence_is_found() -> None:
    """A whole record that reads as something else, without a loss, is a finding."""
    half = text.but(encode=lambda value: value[: len(value) // 2], same=None, record=None)
    found = told(website(half))
    assert any(
        line == "acme.website: url: what is written reads as something else, and no loss is reported" for line in found
    )


# --- files -----------------------------------------------------------------------------------------------------------

GOOD = """
    from leadlens.codecs import text
    from leadlens.crosswalk import Crosswalk, absent, field
    from leadlens.model import Website
    from leadlens.references import picklist

    WEBSITE = Crosswalk(
        Website,
        "acme.website",
        field("url", "address", text),
        field("category", "use", picklist({"Office": "work", "Home": "personal"})),
    )
"""


def lint(tmp_path: Path, source: str | bytes) -> tuple[list[str], list[str], Path]:
    """Lint a file of this source; return its crosswalks, its problems and the file."""
    path = tmp_path / "rows.py"
    path.write_bytes(source if isinstance(source, bytes) else textwrap.dedent(source).encode())
    crosswalks, found = lint_file(path)
    return [crosswalk.name for crosswalk in crosswalks], [str(problem) for problem in found], path


def test_a_good_file_is_clean(tmp_path: Path) -> None:
    """A file of good rows has its crosswalks, each once, and no problems."""
    again = GOOD + '    SAME = WEBSITE\n    BY_KIND = {"website": WEBSITE, "n": 5}\n'
    names, found, _ = lint(tmp_path, again)
    assert (names, found) == (["acme.website"], [])


def test_crosswalks_in_a_mapping_are_found(tmp_path: Path) -> None:
    """Crosswalks may stand in a mapping, as adapters keep them."""
    names, _, _ = lint(tmp_path, GOOD + '    ALL = {"website": WEBSITE}\n    del WEBSITE\n')
    assert names == ["acme.website"]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('field("url"', 'field("urll"', 7, "Website has no 'urll'; did you mean 'url'?"),
        ('field("url", "address", text),', "", 7, "nothing is said about url of Website"),
        ('field("url"', 'field("category"', 7, "'category' is accounted for twice"),
        ('"use"', '"address"', 7, "'address' is claimed by two rows"),
        ('"Home": "personal"', '"Home": "work"', 11, "a picklist must be one to one"),
        ("picklist(", "pickList(", 11, "NameError: name 'pickList' is not defined"),
        ("field(", "feld(", 10, "NameError"),
        ("Website,", "Websites,", 8, "NameError"),
        ("import Crosswalk", "import CrossWalk", 3, "ImportError"),
        ("leadlens.model", "leadlens.modle", 4, "ModuleNotFoundError"),
        ('"acme.website",', '"acme.website" 5,', 9, "invalid syntax"),
        ("WEBSITE = ", "{}['x']\n    WEBSITE = ", 7, "KeyError: 'x'"),
        ("WEBSITE = ", "1 / 0\n    WEBSITE = ", 7, "ZeroDivisionError"),
        ("WEBSITE = ", "None.x\n    WEBSITE = ", 7, "AttributeError"),
        ("WEBSITE = ", "assert False\n    WEBSITE = ", 7, "AssertionError"),
        ("WEBSITE = ", "raise SystemExit(0)\n    WEBSITE = ", 7, "SystemExit"),
        ("WEBSITE = ", "open('/nowhere/at/all')\n    WEBSITE = ", 7, "FileNotFoundError"),
    ],
)
def test_a_bad_file_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    """Whatever a file raises is one problem with the file's own line, and never a traceback."""
    assert old in GOOD
    names, found, path = lint(tmp_path, GOOD.replace(old, new))
    assert names == []
    assert len(found) == 1
    assert found[0].startswith(f"{path}:{line}: ")
    assert message in found[0]


@pytest.mark.parametrize("source", ["", "x = 5", "# nothing"])
def test_a_file_without_crosswalks_is_a_problem(tmp_path: Path, source: str) -> None:
    """A file that declares no crosswalk is not clean: it was probably meant to."""
    names, found, path = lint(tmp_path, source)
    assert (names, found) == ([], [f"{path}: the file declares no crosswalk"])


@pytest.mark.parametrize("source", [b"x = '\xff'\n", b"x = 1\x00\n", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_python_is_a_problem(tmp_path: Path, source: bytes) -> None:
    """A file that is no Python at all is one problem."""
    names, found, path = lint(tmp_path, source)
    assert names == []
    assert len(found) == 1
    assert found[0].startswith(str(path))


def test_a_syntax_error_elsewhere_has_this_files_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A syntax error in a module that the file imports is told at the import."""
    (tmp_path / "broken_rows_module.py").write_text("\n\n\n\ndef (\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    names, found, path = lint(tmp_path, "x = 1\nimport broken_rows_module\n")
    assert names == []
    assert found[0].startswith(f"{path}:2: ")


def test_problems_in_a_files_rows_are_told(tmp_path: Path) -> None:
    """Rows that can be declared and do not work are found in a file too."""
    broken = GOOD.replace('"address", text)', '"address", text.but(encode=lambda url: url[1:], same=None))')
    names, found, _ = lint(tmp_path, broken)
    assert names == ["acme.website"]
    assert any(line.startswith("acme.website: url: the codec is not exact") for line in found)


def test_a_money_codec_with_floats_is_found() -> None:
    """A codec that goes through a float is not exact where it says it is."""
    through_float = Codec(
        "an amount",
        lambda wire: Decimal(str(wire)),
        lambda amount: round(float(amount), 1),
        {"type": "number", "examples": [0.25]},
    )
    assert any("not exact" in line for line in told(website(through_float)))


def test_usage_errors_of_examples_are_leadlens_own() -> None:
    """What asks for examples is a usage error, so that the matrix of such rows fails clearly too."""
    with pytest.raises(UsageError, match="needs 'examples'"):
        wire_examples(text.but(schema={"type": "string", "pattern": "^x{30}$"}))
