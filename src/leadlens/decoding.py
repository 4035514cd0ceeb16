"""Bytes to JSON values and back, with limits and exact numbers.

orjson reads everything first. Where its floats could have lost digits, or its limits differ from ours, the strict
reader of the standard library takes the same bytes again.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

import orjson

from leadlens.errors import InputError

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 400
_TOO_LARGE = Decimal(10) ** MAX_DIGITS
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _shapes(zeros: str, others: str) -> bytes:
    """Return the table that maps bytes to what they are in a number: ``0``, ``e``, quote, or blank."""
    known = dict.fromkeys(zeros, "0") | dict.fromkeys(others, "e") | {'"': '"'}
    return bytes(ord(known.get(chr(byte), " ")) for byte in range(256))


_DIGITS = _shapes("0123456789.", "")
_EXPONENTS = _shapes("0123456789", "eE")
_LONG = b"0" * 16


def loads(data: bytes | str) -> Any:
    """Return the JSON value of ``data``; numbers are exact (int, float of at most 15 digits, else Decimal).

    Raises :class:`InputError` for what is not JSON, for NaN and Infinity, bad UTF-8, more than 8 MiB, nesting beyond
    64 levels and numbers beyond 400 digits. Of repeated keys the last wins.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > MAX_BYTES:
        raise InputError("$", f"at most {MAX_BYTES} bytes of JSON, not {len(raw)}")
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _check_depth(raw)
    if _has_inexact_number(raw) and _has_inexact_number(_without_texts(raw)):
        return _strict(raw)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _strict(raw)


def _has_inexact_number(raw: bytes) -> bool:
    """Tell whether a number may have more digits than a float, or an exponent; text right after a quote is none.

    Two translations and plain searches: a regular expression would take longer than reading the whole JSON.
    """
    digits = raw.translate(_DIGITS)
    return b" " + _LONG in digits or digits.startswith(_LONG) or b"0e" in raw.translate(_EXPONENTS)


def dumps(value: Any, *, indent: bool = False) -> bytes:
    """Return ``value`` as JSON, compact or indented; numbers are written digit by digit, never through a float.

    Raises :class:`InputError` for text that cannot be written as UTF-8.
    """
    option = orjson.OPT_INDENT_2 if indent else None
    try:
        return orjson.dumps(value, _exact, option)
    except orjson.JSONEncodeError:
        _no_lone_surrogates(value)
        return orjson.dumps(_spelled(value), _exact, option)


def _spelled(value: Any) -> Any:
    """Return ``value`` with its whole numbers of more than 64 bits spelled out, which orjson does not write itself."""
    if isinstance(value, dict):
        return {key: _spelled(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(inner) for inner in value]
    return orjson.Fragment(str(value)) if value.__class__ is int else value


def _exact(value: object) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f") if -MAX_DIGITS < value.adjusted() < MAX_DIGITS else str(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def _check_depth(raw: bytes) -> None:
    """Refuse deep nesting before any recursive reader sees it."""
    depth = 0
    for bracket in _without_texts(raw).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise InputError("$", f"JSON nested at most {MAX_DEPTH} levels deep")


def _without_texts(raw: bytes) -> bytes:
    """Return JSON with its texts blanked, also one that never ends.

    Nothing in here is tried twice (``++``, ``*+``), so that no input takes more than its length in time and memory.
    """
    return re.sub(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', b"", raw, flags=re.DOTALL)


def _strict(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("$", f"UTF-8 text (byte {error.start} is not)") from None
    try:
        value = json.loads(text, parse_float=_number, parse_int=_integer, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise InputError("$", f"JSON (line {error.lineno}, column {error.colno}: {error.msg})") from None
    _no_lone_surrogates(value)
    return value


def _number(text: str) -> float | Decimal:
    _short(text)
    try:
        exact = Decimal(text)
    except InvalidOperation:
        exact = _TOO_LARGE
    if not -MAX_DIGITS < exact.adjusted() < MAX_DIGITS:
        raise InputError("$", f"numbers between 10^-{MAX_DIGITS} and 10^{MAX_DIGITS}")
    return float(text) if len(exact.as_tuple().digits) <= 15 and Decimal(repr(float(text))) == exact else exact


def _integer(text: str) -> int:
    _short(text)
    return int(text)


def _short(text: str) -> None:
    if len(text) > MAX_DIGITS:
        raise InputError("$", f"numbers of at most {MAX_DIGITS} digits")


def _no_constant(name: str) -> NoReturn:
    raise InputError("$", f"a number ({name} is not JSON)")


def _no_lone_surrogates(value: object) -> None:
    """Refuse text that cannot be written as UTF-8 again (the standard reader lets lone surrogates through)."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        path = _lone_surrogate(value, "$")
        raise InputError(path or "$", "text without lone surrogates") from None


def _lone_surrogate(value: object, path: str) -> str | None:
    if isinstance(value, str):
        return path if any("\ud800" <= sign <= "\udfff" for sign in value) else None
    if isinstance(value, dict):
        inner = [(key, path) for key in value] + [(one, f"{path}.{key}") for key, one in value.items()]
    elif isinstance(value, list | tuple):
        inner = [(one, f"{path}[{place}]") for place, one in enumerate(value)]
    else:
        return None
    return next((found for one, at in inner if (found := _lone_surrogate(one, at)) is not None), None)
