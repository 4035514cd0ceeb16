"""Codecs: pairs of inverse functions between one wire value (or several) and one neutral value.

A codec knows nothing of records or vendors. ``decode`` raises :class:`Unfit` for a wire value of the wrong kind or
:class:`Doubt` for one that can be read in two ways; ``encode`` raises :class:`Unsayable` for a neutral value that the
wire cannot say. Neither ever sees None: the engine handles what is absent (codecs over several wire keys see None for
the absent ones).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import attrs

from leadlens._build import Memory
from leadlens.loss import Level, Reason
from leadlens.model import JSON

if TYPE_CHECKING:
    from leadlens.crosswalk import Crosswalk

Shape = Literal["value", "one", "first", "each"]

EXACT, MILD, LOST, REFUSED = range(4)
"""What a weighed value is on the wire: itself; the same but for a label; less than it was; not sayable at all."""


class Unfit(Exception):  # noqa: N818  # a signal between codec and engine, not an error that users see
    """The wire value is of the wrong kind; ``str()`` says what would fit.

    ``path`` says where below the row's key; ``place`` which of the row's keys, where it has several.
    """

    def __init__(self, expected: str, path: str = "", *, place: int = 0) -> None:
        super().__init__(expected)
        self.path = path
        self.place = place


class Doubt(Exception):  # noqa: N818  # see Unfit
    """The wire value can be read in more than one way; ``str()`` says which."""


class Unsayable(Exception):  # noqa: N818  # see Unfit
    """The wire cannot say this neutral value. The level is ``note`` for a value that says nothing itself."""

    def __init__(self, reason: Reason, detail: str, level: Level = "loss") -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.level: Level = level


class Lossy(NamedTuple):
    """What a codec may lose on the way to the wire: the reason, a sentence for people, and how much it matters.

    ``mild`` tells, of the value and what is left of it, that only a label changed; that is a note, in its own words.
    """

    reason: Reason
    detail: str
    level: Level = "loss"
    mild: Callable[[Any, Any], bool] | None = None
    mild_detail: str = ""


@attrs.frozen(eq=False)
class Codec:
    """A pair of inverse value functions.

    ``schema`` is the JSON Schema of the wire values that ``decode`` takes (a tuple of them for several keys). The
    neutral values that ``decode`` makes of them are the domain on which the codec is exact, unless ``lossy`` says what
    is lost beyond it. ``same`` names the Python type of a wire value that is its own neutral value. ``ids`` names the
    space of the account's own ids that the value comes from, and ``unmapped`` what it is called when it has no
    counterpart. ``record`` is the crosswalk of a nested record, read by ``shape``; ``key`` tells list items apart.
    ``empty`` is what the vendor itself writes where there is nothing. ``weigh`` is a quick way to settle the common
    values of a lossy codec: it returns the wire values and what becomes of the value (EXACT, MILD, LOST, REFUSED), or
    None, and the value is settled; of a rest it weighs a single item. ``refused`` is what ``encode`` says of those that
    are REFUSED. ``quick`` is ``decode``, or a dict that says the same, for wire values that are known to be of the
    schema's types and ranges (``pattern`` and ``format`` are not looked at); arrays come as tuples.
    """

    name: str
    decode: Callable[..., Any]
    encode: Callable[..., Any]
    schema: JSON
    same: type | None = None
    lossy: Lossy | None = None
    ids: str | None = None
    unmapped: Reason = "foreign_id"
    record: Crosswalk | None = None
    shape: Shape = "value"
    key: str | None = None
    skip: str | None = None
    empty: JSON = None
    weigh: Callable[[Any], Any] | None = None
    refused: Lossy | None = None
    quick: Callable[..., Any] | Mapping[Any, Any] | None = None

    def but(self, **changes: Any) -> Codec:
        """Return this codec with some of its facts changed; other functions make its quick ones void."""
        if "encode" in changes or "decode" in changes:
            changes = {"weigh": None} | changes
        if "decode" in changes:
            changes = {"quick": None} | changes
        return attrs.evolve(self, **changes)


def exactly(kind: type, name: str, schema: JSON) -> Codec:
    """Return the codec of a wire value that is its own neutral value."""

    def check(wire: Any) -> Any:
        if wire.__class__ is not kind:
            raise Unfit(name)
        return wire

    def write(value: Any) -> Any:
        if value.__class__ is not kind:
            raise Unsayable("coerced", f"only {name} can be written here")
        return value

    return Codec(name, check, write, schema, same=kind)


def as_is(wire: Any) -> Any:
    """Return a wire value that is its own neutral value."""
    return wire


text = exactly(str, "text", {"type": "string"})
flag = exactly(bool, "true or false", {"type": "boolean"})
whole = exactly(int, "a whole number", {"type": "integer", "minimum": -(2**53), "maximum": 2**53})


# --- numbers ---------------------------------------------------------------------------------------------------------


def read_number(wire: JSON) -> Decimal:
    """Return a JSON number as a Decimal."""
    if wire.__class__ is int or wire.__class__ is Decimal:
        return Decimal(wire)
    if wire.__class__ is float:
        return Decimal(repr(wire))
    raise Unfit("a number")


def write_number(amount: Decimal) -> JSON:
    """Return a Decimal as the plainest JSON number that says exactly it."""
    if not amount.is_finite() or abs(amount.adjusted()) > 300:
        raise Unsayable("coerced", "only a finite number of ordinary size can be written here")
    if amount == (integer := int(amount)):
        return integer
    short = float(amount)
    return short if Decimal(repr(short)) == amount else amount


number = Codec("a number", read_number, write_number, {"type": "number"})


def _read_decimal(wire: JSON) -> Decimal:
    if wire.__class__ is str and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?", wire) is None:
        raise Unfit("a decimal number as text")
    amount = Decimal(wire) if wire.__class__ is str else read_number(wire)
    if not amount.is_finite() or abs(amount.adjusted()) > 300:
        raise Unfit("a finite decimal number of ordinary size")
    return amount


def _write_decimal(amount: Decimal) -> str:
    write_number(amount)
    return format(amount, "f")


decimal_text = Codec(
    "a decimal number as text",
    _read_decimal,
    _write_decimal,
    {"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,4})?$"},
)


def _read_percent(wire: JSON) -> Decimal:
    if wire.__class__ is not int or not 0 <= wire <= 100:
        raise Unfit("a whole number from 0 to 100")
    return Decimal(wire)


def _write_percent(percent: Decimal) -> int:
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise Unsayable("coerced", "a probability lies between 0 and 100 percent")
    return int(percent)


def whole_percent(detail: str) -> Codec:
    """Return the codec of a percentage that the wire keeps as a whole number; ``detail`` says so to people."""
    return Codec(
        "a whole number from 0 to 100", _read_percent, _write_percent,
        {"type": "integer", "minimum": 0, "maximum": 100}, lossy=Lossy("truncated", detail, "note"),
        quick=Memory(Decimal, 101),
    )  # fmt: skip


# --- times -----------------------------------------------------------------------------------------------------------

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SECOND = dt.timedelta(seconds=1)
_LAST = 253_402_300_799
_SPLIT_SECOND = Lossy("truncated", "the time is kept to the second", "note")


def _read_unix(wire: JSON) -> dt.datetime:
    if wire.__class__ is not int or not 0 <= wire <= _LAST:
        raise Unfit("seconds since 1970 as a whole number")
    return dt.datetime.fromtimestamp(wire, dt.UTC)


def _write_unix(instant: dt.datetime) -> int:
    seconds = (instant - _EPOCH) // _SECOND
    if seconds < 0:
        raise Unsayable("coerced", "times before 1970 cannot be written here")
    return seconds


def _weigh_unix(instant: dt.datetime) -> tuple[int, int] | None:
    return None if instant < _EPOCH else (_write_unix(instant), LOST if instant.microsecond else EXACT)


unix_seconds = Codec(
    "seconds since 1970",
    _read_unix,
    _write_unix,
    {"type": "integer", "minimum": 0, "maximum": _LAST},
    lossy=_SPLIT_SECOND,
    weigh=_weigh_unix,
    quick=Memory(lambda wire: dt.datetime.fromtimestamp(wire, dt.UTC), 64),  # records made together say the same second
)


def _read_iso(wire: JSON) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(wire)
        if instant.tzinfo is dt.UTC:
            return instant
        return (instant if instant.tzinfo is not None else instant.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError):
        raise Unfit("a date and time such as 2026-01-31T09:30:00Z") from None


def _write_iso_z(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat(timespec="seconds")[:19] + "Z"


def _write_iso_offset(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).replace(microsecond=0).isoformat()


def _weigh_iso_z(instant: dt.datetime) -> tuple[str, int]:
    return _write_iso_z(instant), LOST if instant.microsecond else EXACT


def _weigh_iso_offset(instant: dt.datetime) -> tuple[str, int]:
    return _write_iso_offset(instant), LOST if instant.microsecond else EXACT


_ISO_SCHEMA = {"type": "string", "format": "date-time"}
iso_z = Codec("a date and time", _read_iso, _write_iso_z, _ISO_SCHEMA, lossy=_SPLIT_SECOND, weigh=_weigh_iso_z)
iso_offset = Codec(
    "a date and time", _read_iso, _write_iso_offset, _ISO_SCHEMA, lossy=_SPLIT_SECOND, weigh=_weigh_iso_offset
)


def _read_date(wire: JSON) -> dt.date:
    try:
        return dt.date.fromisoformat(wire)
    except (TypeError, ValueError):
        raise Unfit("a date such as 2026-01-31") from None


iso_date = Codec("a date", _read_date, dt.date.isoformat, {"type": "string", "format": "date"})


# --- nested records and lists ----------------------------------------------------------------------------------------


def one(crosswalk: Crosswalk) -> Codec:
    """Return the codec of a nested record."""
    return Codec(crosswalk.name, _engine, _engine, None, record=crosswalk, shape="one")


def each(crosswalk: Crosswalk, key: str, skip: str | None = None) -> Codec:
    """Return the codec of a list of records; ``key`` is the wire key that tells items apart.

    Items whose ``skip`` key is null or absent say nothing and stay in the residue.
    """
    return Codec(crosswalk.name, _engine, _engine, None, record=crosswalk, shape="each", key=key, skip=skip, empty=[])


def first_of(crosswalk: Crosswalk, detail: str) -> Codec:
    """Return the codec of a list of which the wire holds only the first item; ``detail`` says so to people."""
    return Codec(
        crosswalk.name, _engine, _engine, None, record=crosswalk, shape="first", lossy=Lossy("narrowed", detail)
    )


def _engine(*_: object) -> Any:
    raise AssertionError("nested records are read and written by the compiled crosswalk")


def texts(name: str = "a list of texts") -> Codec:
    """Return the codec of a list of texts."""

    def read(wire: JSON) -> tuple[str, ...]:
        if wire.__class__ is not list:
            raise Unfit(name)
        for place, item in enumerate(wire):
            if item.__class__ is not str:
                raise Unfit("text", f"[{place}]")
        return tuple(wire)

    return Codec(name, read, list, {"type": "array", "items": {"type": "string"}}, empty=[], quick=as_is)
