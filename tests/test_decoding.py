"""Bytes to JSON values and back: exact numbers, and limits that every input keeps."""

from __future__ import annotations

import contextlib
import json
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlens.decoding import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, dumps, loads
from leadlens.errors import InputError

FEW = max(100, settings().max_examples // 10)
_BROKEN = (
    """{|[|"|tru|nul|{]|[1,]|{"a":1,}|{'a':1}|{a:1}|01|1.|.5|+1|-|1 2|{} []|"\\x"|[1 2]|{"a" 1}|1e|1e+|--1|True|None"""
)
NOT_JSON = ["", " ", "\n", '"\x01"', "\ufeff{}", "// c\n1", *_BROKEN.split("|")]
NUMBERS = st.integers(-(10**40), 10**40) | st.decimals(allow_nan=False, allow_infinity=False, places=None)


def refusal(data: bytes | str, path: str = "$") -> str:
    """Return what was expected instead of ``data``."""
    with pytest.raises(InputError) as caught:
        loads(data)
    assert caught.value.path == path
    return caught.value.expected


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "digits",
    [
        "0",
        "-1",
        "0.1",
        "1.5",
        "123456789012345",
        "1234567890123456",
        "9007199254740993",
        "9223372036854775808",
        "18446744073709551616",
        "12345678901234567890",
        "-12345678901234567890",
        "1" * MAX_DIGITS,
        "0.12345678901234567",
        "123456789.12345678",
        "1.00000000000000000001",
        "100000000000000000000.5",
        "0." + "1" * (MAX_DIGITS - 2),
    ],
)
@pytest.mark.parametrize("around", ["{}", "[{}]", '{{"a":{}}}', '{{"a":{},"b":"x"}}', '["1",{}]'])
def test_numbers_come_back_digit_by_digit(digits: str, around: str) -> None:
    """A plain number is written as it was read, whatever its length and wherever it stands."""
    text = around.format(digits)
    assert dumps(loads(text)).decode() == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e399", 10**399),
        ("-1E399", -(10**399)),
        ("0.1e400", 10**399),
        ("1e-5", Decimal("0.00001")),
        ("12e2", 1200),
        ("1.5E+3", 1500),
        ("1e-399", Decimal("1e-399")),
    ],
)
def test_exponents_are_read_exactly(text: str, value: Any) -> None:
    """A number with an exponent has the value that it says, to the last digit, and is written as a number again."""
    assert Decimal(str(loads(text))) == value
    again = dumps(loads(text)).decode()
    assert Decimal(again) == value
    json.loads(again)


@pytest.mark.parametrize(
    "text", ["1e400", "-1E400", "1e-400", "10e399", "1e999999999999999999999", "1e-99999999999999999999"]
)
def test_numbers_beyond_the_limit_are_refused(text: str) -> None:
    """A number that is too large or too small is refused; it never becomes infinity or zero."""
    assert refusal(text) == "numbers between 10^-400 and 10^400"


@pytest.mark.parametrize("text", ["1" * 401, "-" + "1" * 401, "0." + "1" * 400, "1" * 100_000])
def test_numbers_of_too_many_digits_are_refused(text: str) -> None:
    """A number of more than 400 characters is refused, quickly."""
    assert refusal(text) == "numbers of at most 400 digits"


@settings(max_examples=FEW)
@given(NUMBERS)
def test_any_number_keeps_its_value(number: int | Decimal) -> None:
    """Any number within the limits keeps its exact value through reading, writing and reading."""
    text = str(number)
    if isinstance(number, Decimal) and not (abs(number.adjusted()) < MAX_DIGITS and len(text) <= MAX_DIGITS):
        return
    once = loads(text)
    assert Decimal(str(once)) == number
    assert loads(dumps(once)) == once
    assert Decimal(str(loads(dumps(once)))) == number


@settings(max_examples=FEW)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_what_its_digits_say(number: float) -> None:
    """The value of a float's digits is kept, as a float where it has 15 digits at most."""
    value = loads(repr(number))
    assert Decimal(str(value)) == Decimal(repr(number))
    assert isinstance(value, float | Decimal)


def test_a_float_stays_a_float_and_a_whole_number_an_int() -> None:
    """The kind of a number is kept: 7 is an int, 7.0 and 7e0 are none."""
    assert loads("7").__class__ is int
    assert loads("7.0").__class__ is float
    assert loads("7e0").__class__ is float
    assert loads("7.0000000000000000").__class__ is not int


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "[NaN]", '{"a": -Infinity}'])
def test_what_is_no_number_is_refused(word: str) -> None:
    """NaN and the infinities are no JSON; the error says so."""
    assert "is not JSON" in refusal(word)


# --- text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [b"\xff", b'"\xff"', b'{"a": "\xe9"}', b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"\xf0\x9f"']
)
def test_bad_utf8_is_refused(data: bytes) -> None:
    """Bytes that are no UTF-8 are refused with the place of the first one."""
    assert refusal(data).startswith("UTF-8 text (byte ")


LONE = {
    r'"\ud800"': "$",
    r'"\udfff"': "$",
    r'{"\ud800": 1}': "$",
    r'[0, ["a\ud83d"]]': "$[1][0]",
    r'{"a": "\ude00\ud83d"}': "$.a",
}


@pytest.mark.parametrize("text", LONE)
def test_lone_surrogates_are_refused(text: str) -> None:
    """Text that could not be written as UTF-8 again is refused where it stands, in keys too, and is not written."""
    assert refusal(text, LONE[text]) == "text without lone surrogates"
    with pytest.raises(InputError, match="expected text without lone surrogates") as caught:
        dumps(json.loads(text))
    assert caught.value.path == LONE[text]
    assert refusal('"\ud800"') == "UTF-8 text (byte 1 is not)"


def test_surrogate_pairs_are_text() -> None:
    """An escaped pair is one character."""
    assert loads(r'"\ud83d\ude00"') == "😀"


@settings(max_examples=FEW)
@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    """Any text that is UTF-8 comes back as it was, escaped or not."""
    assert loads(json.dumps(text)) == text
    assert loads(json.dumps(text, ensure_ascii=False)) == text
    assert loads(dumps(text)) == text


@pytest.mark.parametrize("text", ["1234567890123456", "a1e5", "1e400", "[" * 100, '"[', "\\", '\\"[{', "NaN", "." * 20])
def test_digits_and_brackets_in_texts_mean_nothing(text: str) -> None:
    """What looks like a number or a bracket inside a text is text."""
    wire = {text: [text, {"k": text}]}
    assert loads(json.dumps(wire)) == wire
    deep = [wire] * 40
    assert loads(json.dumps(deep)) == deep


# --- JSON ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", NOT_JSON)
def test_what_is_not_json_is_refused_with_its_place(text: str) -> None:
    """What is not JSON is refused with line and column, by whichever reader."""
    assert refusal(text).startswith("JSON (line ")
    assert refusal(text.encode()) == refusal(text)


def test_the_error_quotes_nothing() -> None:
    """An error about broken JSON does not repeat the input."""
    assert "secret" not in refusal('{"a": secret}')
    assert "secret" not in refusal('{"a": "secret}')


def test_of_repeated_keys_the_last_wins() -> None:
    """Of repeated keys the last wins, on both readers."""
    assert loads('{"a": 1, "a": 2}') == {"a": 2}
    assert loads('{"a": 1e5, "a": 12345678901234567890}') == {"a": 12345678901234567890}


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=FEW)
@given(JSONS, st.booleans())
def test_any_json_comes_back(value: Any, indent: bool) -> None:
    """Any JSON value is read as the standard library reads it, and comes back from both ways of writing."""
    assert loads(json.dumps(value)) == json.loads(json.dumps(value))
    assert loads(dumps(value, indent=indent)) == value


@settings(max_examples=FEW)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789.eE-tfn \\u', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Any bytes are a JSON value or one input error; nothing else is raised."""
    try:
        value = loads(data)
    except InputError as error:
        expected = error.expected
    else:
        assert loads(dumps(value)) == value
        expected = "nothing"
    assert expected


# --- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_nesting_ends_at_64(opening: str, closing: str) -> None:
    """64 levels are read, 65 are refused before any reader could overflow, a million too."""
    each = opening.count("[") + opening.count("{")
    levels = MAX_DEPTH // each
    assert loads(opening * levels + "1" + closing * levels) is not None
    told = "JSON nested at most 64 levels deep"
    assert refusal(opening * levels + "[]" + closing * levels) == told
    assert refusal(opening * 1_000_000) == told


def test_wide_is_not_deep() -> None:
    """Many brackets beside each other are no depth."""
    wide: list[Any] = [[{}]] * 100_000
    assert loads(json.dumps(wide)) == wide
    assert loads('["' + "[" * 100_000 + '"]') == ["[" * 100_000]


def test_closing_brackets_do_not_make_room() -> None:
    """Brackets that close nothing do not let later ones nest deeper."""
    assert refusal("]" * 10 + "[" * 100).startswith(("JSON (line ", "JSON nested"))


def test_8_mib_are_the_limit() -> None:
    """Exactly 8 MiB are read, one byte more is refused; characters count as their bytes."""
    assert len(loads(b'"' + b"a" * (MAX_BYTES - 2) + b'"')) == MAX_BYTES - 2
    assert refusal(b'"' + b"a" * (MAX_BYTES - 1) + b'"') == f"at most {MAX_BYTES} bytes of JSON, not {MAX_BYTES + 1}"
    assert refusal('"' + "é" * (MAX_BYTES // 2) + '"') == f"at most {MAX_BYTES} bytes of JSON, not {MAX_BYTES + 2}"


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 64 + b"]" * 64 + b'"' + b"a" * MAX_BYTES,
        b"[]" * 70 + b'"\\' * (MAX_BYTES // 2 - 1000),
        b"[]" * 70 + b'"' + b"\\" * (MAX_BYTES - 1000),
        b"[" + b"[]," * 70 + b'"' + b"[a" * (MAX_BYTES // 2 - 1000) + b'"]',
        b"[" + b"[]," * 70 + b"1" * (MAX_BYTES - 1000) + b"]",
        b"[" + b"[]," * 70 + b"1." * (MAX_BYTES // 2 - 1000) + b"]",
    ],
    ids=["a long text", "escaped quotes", "escapes", "brackets in a text", "one number", "points"],
)
def test_no_input_takes_more_than_its_length(data: bytes) -> None:
    """The limits are checked in memory of the input's own size, whatever its shape (and in linear time)."""
    cut = data[:MAX_BYTES]
    tracemalloc.start()
    try:
        with contextlib.suppress(InputError):
            loads(cut)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * MAX_BYTES


# --- writing ---------------------------------------------------------------------------------------------------------


def test_what_is_no_json_is_not_written() -> None:
    """A value that JSON does not have is a type error, also beside a long number."""
    for value in ({1, 2}, object(), {"a": object()}, [10**30, object()], {5: 1}):
        with pytest.raises(TypeError):
            dumps(value)


def test_tuples_are_lists() -> None:
    """Tuples are written as lists, also beside a long number."""
    assert dumps((1, (2,))) == b"[1,[2]]"
    assert dumps((10**30, ({"a": (1,)},))) == b'[%d,[{"a":[1]}]]' % 10**30


def test_indented_output_says_the_same() -> None:
    """Indented output has line breaks and the same value."""
    value = {"a": [1, Decimal("0.12345678901234567890"), 10**30]}
    assert b"\n" in dumps(value, indent=True)
    assert dumps(loads(dumps(value, indent=True))) == dumps(value)


@pytest.mark.parametrize("number", [Decimal("1e500"), Decimal("1e-500"), Decimal(0), Decimal("-0.0"), Decimal("1E+2")])
def test_decimals_of_any_size_are_numbers(number: Decimal) -> None:
    """A Decimal is written as a JSON number of its value, with an exponent only beyond all use."""
    text = dumps(number).decode()
    assert Decimal(text) == number
    assert json.loads(f"[{text}]")
