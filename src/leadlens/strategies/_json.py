"""JSON Schema → pool of the JSON values that fit it; the part of the dialect that codecs use."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from leadlens.model import JSON
from leadlens.strategies._pools import Chooser, Pool, Slot, Slots, either, made_by, of, single

TEXTS = (
    "a", "Ada Lovelace", "", "1", "Zoë Müller-Šimić", "other", "007", "-3", " padded ", "Ada B C",
    "true", "null", "a.b[0]", "line\nbreak", '😀 "quoted" \\', "9007199254740993", "x" * 300,
    "email", "name", "work", "custom", "ada@example.com", "2026-01-31", "1.50",
)  # fmt: skip
_DIGITS = ("1", "42", "9007199254740993", "1234567890123456789")
_PATTERNED = (
    *TEXTS, *_DIGITS, "0", "-3", "0.5", "1000.25", "-0.0001", "123456789012.1234", "1/2/2026", "12/11/2026",
    "28/2/2026", "2/28/2026", "5/5/2024", "(Account_Name:equals:Acme)", "(Account_Name:equals:A b)", "https://example.com/a",
)  # fmt: skip
_DATES = ("2026-01-31", "2024-02-29", "1970-01-01", "0001-01-01", "9999-12-31")
_TIMES = (
    "2026-01-31T09:30:00Z", "1970-01-01T00:00:00Z", "2026-01-31T09:30:00+05:30", "2026-07-01T23:59:59-08:00",
    "2026-01-31T09:30:00.123456Z", "2026-01-31T09:30:00+00:00", "1969-12-31T23:59:59Z", "0999-01-01T00:00:00Z",
)  # fmt: skip
_NUMBERS = (
    0, 1, 1000, 0.5, -2.25, 19.99, 2.0, 10**15, 2**53, -7, 1e21, Decimal("0.1000000000000000055511"),
    Decimal("12345678901234567.89"),
)  # fmt: skip
_INTEGERS = (1, 0, 42, -1, 1_769_851_800, 2**31, 2**53, -(2**53), 100, 253_402_300_799, 999_999_999)


def schema_pool(schema: JSON) -> Pool:
    """Return the pool of the JSON values that fit a schema (null left out)."""
    if not schema or schema is True or schema.keys() == {"description"}:
        return ANY_JSON
    if "const" in schema:
        return Pool([schema["const"]])
    if "enum" in schema:
        return Pool(option for option in schema["enum"] if option is not None)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return either(*(schema_pool(s) for s in schema[choice] if s.get("type") != "null"))
    kinds = schema.get("type", "object")
    if isinstance(kinds, list):
        return either(*(schema_pool(schema | {"type": kind}) for kind in kinds if kind != "null"))
    return _BY_TYPE[kinds](schema)


def _strings(schema: JSON) -> Pool:
    low, high = schema.get("minLength", 0), schema.get("maxLength", 10**6)
    if pattern := schema.get("pattern"):
        fits = [text for text in dict.fromkeys(_PATTERNED) if re.search(pattern, text) and low <= len(text) <= high]
        wild = st.from_regex(pattern, alphabet=st.characters(codec="ascii")).filter(lambda text: text[-1:] != "\n")
        return of(wild, *fits)
    if schema.get("format") == "date":
        return of(st.dates().map(dt.date.isoformat), *_DATES)
    if schema.get("format") == "date-time":
        first, last = dt.datetime(1902, 1, 1), dt.datetime(2200, 1, 1)  # noqa: DTZ001  # Hypothesis wants them naive
        years = st.datetimes(first, last, timezones=_ZONES)
        return of(years.map(dt.datetime.isoformat), *_TIMES)
    fits = [text for text in TEXTS if low <= len(text) <= high]
    return of(st.text(min_size=low, max_size=min(high, low + 12)), *fits)


def _bounded(schema: JSON, samples: Iterable[Any]) -> list[Any]:
    low, high = schema.get("minimum", -(10**400)), schema.get("maximum", 10**400)
    return [number for number in samples if low <= number <= high]


def _integers(schema: JSON) -> Pool:
    low, high = schema.get("minimum", -(2**53)), schema.get("maximum", 2**53)
    return of(st.integers(low, high), *_bounded(schema, dict.fromkeys((*_INTEGERS, low, high))))


def _numbers(schema: JSON) -> Pool:
    low, high = schema.get("minimum", -(10**15)), schema.get("maximum", 10**15)
    wild = st.decimals(low, high, places=2).map(_as_json_number)
    return of(wild, *_bounded(schema, _NUMBERS))


def _as_json_number(amount: Decimal) -> JSON:
    """Return a decimal as a JSON reader gives it: a short float, or else exactly."""
    short = float(amount)
    return short if len(amount.as_tuple().digits) <= 15 else amount


def _arrays(schema: JSON) -> Pool:
    item, least = schema_pool(schema.get("items", True)), schema.get("minItems", 0)
    sizes = Pool(size for size in (1, 0, 2, 3) if size >= least)

    def make(chooser: Chooser) -> JSON:
        items = [chooser.choose(item) for _ in range(chooser.choose(sizes))]
        return [x for n, x in enumerate(items) if x not in items[:n]] if schema.get("uniqueItems") else items

    return made_by(repr(schema), make, 8)


def _objects(schema: JSON) -> Pool:
    slots = [Slot((key,), schema_pool(inner).but(single)) for key, inner in schema.get("properties", {}).items()]
    needed = [(slot.names[0], slot.pool) for slot in slots if slot.names[0] in schema.get("required", ())]
    for pattern, inner in schema.get("patternProperties", {}).items():
        slots += [Slot((key,), schema_pool(inner).but(single)) for key in re.findall(r"[A-Za-z_]\w*", pattern)]
    if schema.get("additionalProperties", True) is not False:
        free = schema.get("additionalProperties", True)
        slots += [Slot((key,), schema_pool(free).but(single)) for key in ("Size", "T_Shirt", "Zeta 9")]
    rows = Slots(slots)

    def make(chooser: Chooser) -> JSON:
        return {key: chooser.choose(pool)[0] for key, pool in needed} | dict(rows.draw(chooser))

    return made_by(repr(schema), make, 8)


def _nulls(_: JSON) -> Pool:
    return Pool([None])


def _booleans(_: JSON) -> Pool:
    return Pool([True, False])


_ZONES = st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=5, minutes=30)), dt.timezone(-dt.timedelta(hours=8))])
ANY_JSON = of(st.text(max_size=6) | st.integers(-9, 2**53), "a", 1, True, 0.5, "", False, "Ünï", [1, 2], ["a"])
_BY_TYPE: Mapping[str, Callable[[JSON], Pool]] = {
    "string": _strings, "integer": _integers, "number": _numbers, "boolean": _booleans, "array": _arrays,
    "object": _objects, "null": _nulls,
}  # fmt: skip
