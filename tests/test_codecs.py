"""Codecs: pairs of inverse functions, each exact on its own domain and strict about everything else."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.made import unfit, unsayable

from leadlens.codecs import (
    Codec,
    Unfit,
    decimal_text,
    each,
    first_of,
    flag,
    iso_date,
    iso_offset,
    iso_z,
    number,
    one,
    text,
    texts,
    unix_seconds,
    whole,
)
from leadlens.crosswalk import Crosswalk, field
from leadlens.model import Website

FEW = max(100, settings().max_examples // 10)
ODD: list[Any] = ["", "x", "5", 0, 1, -1, 5, 1.0, 1.5, Decimal("0.1"), True, False, [], [1], {}, {"a": 1}, b"x", (1,)]


# --- what is its own value -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codec", "kind", "good"), [(text, str, ["", "a"]), (flag, bool, [True, False]), (whole, int, [0, -5, 2**70])]
)
def test_plain_values_are_themselves(codec: Codec, kind: type, good: list[Any]) -> None:
    """Text, yes-or-no and whole numbers are their own neutral values; nothing else is taken for them."""
    for value in good:
        assert codec.encode(codec.decode(value)) == value
    for value in ODD:
        if value.__class__ is not kind:
            assert unfit(codec, value) == codec.name
            assert unsayable(codec, value)[0] == "coerced"


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wire", "amount"),
    [
        (5, "5"),
        (-5, "-5"),
        (0.1, "0.1"),
        (1e22, "1E+22"),
        (Decimal("0.12345678901234567890"), "0.12345678901234567890"),
    ],
)
def test_a_number_is_exactly_what_it_says(wire: Any, amount: str) -> None:
    """A JSON number is the Decimal of its digits, and is written as the plainest number that says the same."""
    assert number.decode(wire) == Decimal(amount)
    assert number.encode(Decimal(amount)) == wire


@pytest.mark.parametrize("wire", ["5", True, None, [], {}])
def test_what_is_no_number_is_refused(wire: Any) -> None:
    """A text or a truth value is no number."""
    assert unfit(number, wire) == "a number"


@pytest.mark.parametrize(
    ("amount", "kind"), [("5.00", int), ("1E+3", int), ("0.5", float), ("0.1234567890123456789", Decimal)]
)
def test_numbers_are_written_as_plainly_as_they_can(amount: str, kind: type) -> None:
    """A whole amount is an int, a short one a float, any other a Decimal: all of them exactly the amount."""
    wire = number.encode(Decimal(amount))
    assert wire.__class__ is kind
    assert Decimal(str(wire)) == Decimal(amount)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1E+301", "1E-301", "sNaN"])
def test_numbers_beyond_all_use_cannot_be_written(amount: str) -> None:
    """What is not finite or of absurd size cannot be written as a number or as a text."""
    for codec in (number, decimal_text):
        assert unsayable(codec, Decimal(amount))[0] == "coerced"


@settings(max_examples=FEW)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40, places=20))
def test_any_amount_comes_back(amount: Decimal) -> None:
    """Any amount of ordinary size comes back exactly, as a number and as a text."""
    assert number.decode(number.encode(amount)) == amount
    assert decimal_text.decode(decimal_text.encode(amount)) == amount
    assert "E" not in decimal_text.encode(amount)


@pytest.mark.parametrize("wire", ["0", "1000", "-5.25", "0.10", "1e5", "1E-5", 5, 0.5, "007"])
def test_a_decimal_text_is_read(wire: Any) -> None:
    """An amount as text is read, and as a number too, since replies differ."""
    assert decimal_text.decode(wire) == Decimal(str(wire))


NO_DECIMALS = "|x|1,000|1_000| 5|5 |5\n|+5|5.|.5|١٢|１２|NaN|Infinity|1e400|1e|--5|0x10|1e999999999999999999999"


@pytest.mark.parametrize("wire", [*NO_DECIMALS.split("|"), "1e-999999999999999999999", True, [], {}])
def test_what_is_no_decimal_text_is_refused(wire: Any) -> None:
    """Spaces, separators, other scripts' digits and absurd sizes are refused: a price is never guessed."""
    assert "number" in unfit(decimal_text, wire)


# --- times -----------------------------------------------------------------------------------------------------------

THEN = dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC)
TIMES = (unix_seconds, iso_z, iso_offset)


@pytest.mark.parametrize(
    ("codec", "wire"),
    [(unix_seconds, 1769851800), (iso_z, "2026-01-31T09:30:00Z"), (iso_offset, "2026-01-31T09:30:00+00:00")],
)
def test_times_are_read_and_written(codec: Codec, wire: Any) -> None:
    """A time is an aware instant, and is written in the CRM's own form."""
    assert codec.decode(wire) == THEN
    assert codec.decode(wire).tzinfo is dt.UTC
    assert codec.encode(THEN) == wire
    assert codec.encode(THEN.astimezone(dt.timezone(dt.timedelta(hours=-7)))) == wire


@pytest.mark.parametrize(
    "wire",
    [
        "2026-01-31T09:30:00Z",
        "2026-01-31T10:30:00+01:00",
        "2026-01-31 09:30:00",
        "2026-01-31T09:30",
        "20260131T093000Z",
    ],
)
def test_iso_times_come_in_several_forms(wire: str) -> None:
    """A time may carry any offset; without one it is UTC."""
    for codec in (iso_z, iso_offset):
        assert codec.decode(wire) == THEN


NO_TIMES = "|x|yesterday|31.1.2026|2026-13-01T00:00:00Z|0001-01-01T00:00:00+23:59|9999-12-31T23:59:59-23:59"


@pytest.mark.parametrize("wire", [*NO_TIMES.split("|"), 5, 1.5, True, [], {}])
def test_what_is_no_iso_time_is_refused(wire: Any) -> None:
    """What is no time, or lies outside the calendar, is refused."""
    for codec in (iso_z, iso_offset):
        assert unfit(codec, wire) == "a date and time such as 2026-01-31T09:30:00Z"


@pytest.mark.parametrize("wire", [-1, 253_402_300_800, 10**30, 1769851800.0, "1769851800", True, [], {}])
def test_what_is_no_unix_time_is_refused(wire: Any) -> None:
    """A unix time is a whole number of seconds from 1970 to 9999; milliseconds are no seconds."""
    assert unfit(unix_seconds, wire) == "seconds since 1970 as a whole number"
    assert unfit(unix_seconds, 253_402_300_799_000) == "seconds since 1970 as a whole number"


def test_times_before_1970_have_no_unix_seconds() -> None:
    """A time before 1970 cannot be written as seconds since 1970."""
    assert unsayable(unix_seconds, THEN.replace(year=1969)) == ("coerced", "times before 1970 cannot be written here")
    assert unix_seconds.encode(dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) == 0


@settings(max_examples=FEW)
@given(st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59), timezones=st.just(dt.UTC)))  # noqa: DTZ001  # the zone is given beside
def test_times_are_kept_to_the_second(instant: dt.datetime) -> None:
    """Any time comes back to the second; its fraction is a declared loss of level note."""
    for codec in TIMES:
        assert codec.decode(codec.encode(instant)) == instant.replace(microsecond=0)
        assert codec.lossy is not None
        assert (codec.lossy.reason, codec.lossy.level) == ("truncated", "note")


def test_early_years_have_four_digits() -> None:
    """A year before 1000 is written with four digits."""
    early = dt.datetime(7, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    assert iso_z.encode(early) == "0007-01-02T03:04:05Z"
    assert iso_z.decode(iso_z.encode(early)) == early


@pytest.mark.parametrize(
    "wire", ["", "x", "31.1.2026", "2026-02-30", "2026-01-31T00:00:00Z", "1/31/2026", 5, True, [], {}]
)
def test_what_is_no_date_is_refused(wire: Any) -> None:
    """A date is a day of the calendar in its ISO form."""
    assert unfit(iso_date, wire) == "a date such as 2026-01-31"


@settings(max_examples=FEW)
@given(st.dates())
def test_any_date_comes_back(date: dt.date) -> None:
    """Any date comes back."""
    assert iso_date.decode(iso_date.encode(date)) == date


# --- lists and nested records ----------------------------------------------------------------------------------------


def test_texts_are_a_tuple() -> None:
    """A list of texts is a tuple for us; what is no text is refused with its place."""
    assert texts().decode(["a", ""]) == ("a", "")
    assert texts().encode(("a", "")) == ["a", ""]
    assert texts("a list of tags").decode([]) == ()
    assert unfit(texts("a list of tags"), "a") == "a list of tags"
    with pytest.raises(Unfit) as caught:
        texts().decode(["a", 5])
    assert (str(caught.value), caught.value.path) == ("text", "[1]")


def test_nested_records_are_the_engines() -> None:
    """A nested record is read and written by the compiled crosswalk, never by the codec alone."""
    site = Crosswalk(Website, "acme.site", field("url", "u", text), field("category", "c", text))
    for codec, shape in (
        (one(site), "one"),
        (each(site, key="u"), "each"),
        (first_of(site, "Acme keeps one"), "first"),
    ):
        assert (codec.record, codec.shape) == (site, shape)
        with pytest.raises(AssertionError):
            codec.decode({})
        with pytest.raises(AssertionError):
            codec.encode(Website())


def test_a_codec_can_be_varied() -> None:
    """A codec with other facts is another codec; new functions make its quick ones void."""
    other = unix_seconds.but(name="x")
    assert (other.name, other.weigh, unix_seconds.name) == ("x", unix_seconds.weigh, "seconds since 1970")
    assert (unix_seconds.but(encode=str).weigh, unix_seconds.but(encode=str).quick) == (None, unix_seconds.quick)
    assert unix_seconds.but(decode=str).quick is None
