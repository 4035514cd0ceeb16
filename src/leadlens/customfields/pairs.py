"""Which field can hold what another held: a codec for every pair of field types that goes together.

The neutral side of such a codec is the source's value as Python has it (``int``, ``Decimal``, ``date``, an option's
name), the wire side the target's as plain JSON (numbers, ISO dates, the target option's name).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from leadlens.catalogue import Definition, FieldType
from leadlens.codecs import Codec, Lossy, Unfit, Unsayable, decimal_text, flag, iso_date, iso_z, number, text, whole
from leadlens.composites import custom_value
from leadlens.model import JSON

FAMILY: Mapping[FieldType, str] = {
    "text": "text", "long_text": "text", "url": "text", "email": "text", "phone": "text", "whole": "whole",
    "number": "number", "percent": "number", "currency": "number", "date": "date", "datetime": "datetime",
    "boolean": "boolean", "picklist": "option", "multi_select": "options", "unknown": "any", "address": "any",
    "reference": "reference",
}  # fmt: skip
"""What the types have in common: types of one family hold the same values."""

PYTHON: Mapping[str, Any] = {
    "text": str, "whole": int, "number": Decimal, "date": dt.date, "datetime": dt.datetime, "boolean": bool,
    "option": str, "options": tuple[str, ...], "any": Any, "reference": str,
}  # fmt: skip
"""The Python type of each family's values."""


class LeftOut(NamedTuple):
    """An option that is left out on purpose, and the person's words for why."""

    words: str


Options = Mapping[str, str | LeftOut]
"""Name of an option of the source → name of the target's, or why it is left out."""


class Fit(NamedTuple):
    """Whether values of one type go into a field of another, and what a person should know about it."""

    fits: bool
    told: str = ""


_SAME = Fit(True)
_FITS: Mapping[tuple[str, str], Fit] = {
    ("whole", "number"): Fit(True, "a whole number is a number"),
    ("number", "whole"): Fit(True, "only whole numbers arrive; others are reported"),
    ("datetime", "date"): Fit(True, "the time of day is lost"),
    ("option", "text"): Fit(True, "the option's name is kept as text"),
    ("options", "text"): Fit(True, "the options' names are kept as one text"),
    ("option", "options"): Fit(True, "one option of several"),
    ("options", "option"): Fit(True, "only one option arrives; several are reported"),
    ("text", "option"): Fit(True, "only texts that are one of its options arrive; others are reported"),
    ("whole", "text"): Fit(True, "the number is kept as text"),
    ("number", "text"): Fit(True, "the number is kept as text"),
    ("date", "text"): Fit(True, "the date is kept as text"),
    ("datetime", "text"): Fit(True, "the time is kept as text"),
    ("boolean", "text"): Fit(True, "it is kept as the text true or false"),
}


def fit(source: Definition, target: Definition) -> Fit:
    """Tell whether the values of one field go into the other."""
    one, other = FAMILY[source.type], FAMILY[target.type]
    if "reference" in (one, other):
        return Fit(False, "a reference points to a record of its own account")
    if one == "any" or other == "any":
        same = source.type == target.type
        return Fit(same, "" if same else f"nobody knows how a {_words(source)} becomes a {_words(target)}")
    if one == other:
        return _length(source, target) if one == "text" else _SAME
    return _FITS.get((one, other), Fit(False, f"a {_words(source)} field does not go into a {_words(target)} field"))


def _words(definition: Definition) -> str:
    return definition.type.replace("_", " ")


def _length(source: Definition, target: Definition) -> Fit:
    if target.max_length is None or (source.max_length or 10**9) <= target.max_length:
        return _SAME
    return Fit(True, f"a text longer than {target.max_length} characters is cut")


def pair(source: Definition, target: Definition, options: Options) -> Codec:
    """Return the codec between two fields that :func:`fit`."""
    one, other = FAMILY[source.type], FAMILY[target.type]
    if one == "option" and other in ("option", "options"):
        return _one_option(options, several=other == "options")
    if one == "options" and other in ("option", "options"):
        return _options(options) if other == "options" else _only_option(options)
    if other == "text":
        return _into_text(source, target)
    if (one, other) == ("text", "option"):
        return _named_option(target)
    if (one, other) == ("whole", "number"):
        return Codec("a whole number", whole.decode, whole.encode, whole.schema)
    if (one, other) == ("number", "whole"):
        return Codec("a whole number", lambda wire: Decimal(whole.decode(wire)), _write_whole, whole.schema)
    if (one, other) == ("datetime", "date"):
        return _DAY_OF_TIME
    return {"whole": whole, "date": iso_date, "datetime": iso_z, "boolean": flag, "any": custom_value}.get(
        other
    ) or _number(target)


def _enum(texts: list[str]) -> JSON:
    return {"type": "string", "enum": texts}


# --- numbers and days ------------------------------------------------------------------------------------------------


def _number(target: Definition) -> Codec:
    places = target.decimals
    if places is None:
        return number

    def write(amount: Decimal) -> JSON:
        number.encode(amount)
        return number.encode(round(amount, places))

    return number.but(encode=write, lossy=Lossy("truncated", f"the target keeps {places} decimal places"))


def _write_whole(amount: Decimal) -> int:
    if not amount.is_finite() or amount != amount.to_integral_value() or abs(amount) > 2**53:
        raise Unsayable("coerced", "the target keeps whole numbers, and this is none")
    return int(amount)


def _midnight(wire: JSON) -> dt.datetime:
    return dt.datetime.combine(iso_date.decode(wire), dt.time(tzinfo=dt.UTC))


_DAY_OF_TIME = Codec(
    "a date", _midnight, lambda instant: instant.astimezone(dt.UTC).date().isoformat(), iso_date.schema,
    lossy=Lossy("truncated", "the target keeps the day, not the time of day"),
)  # fmt: skip

# --- texts -----------------------------------------------------------------------------------------------------------


def _into_text(source: Definition, target: Definition) -> Codec:
    made = _TEXTS[FAMILY[source.type]](source)
    if target.max_length is None:
        return made
    length, cut = target.max_length, Lossy("truncated", f"the target keeps {target.max_length} characters")
    if FAMILY[source.type] == "text":
        return made.but(encode=lambda value: text.encode(value)[:length], lossy=cut, same=None)

    def write(value: Any) -> str:
        said: str = made.encode(value)
        if len(said) > length:
            raise Unsayable("truncated", cut.detail)
        return said

    return made.but(encode=write)


def _names_as_text(source: Definition) -> Codec:
    names = [option.name for option in source.options]
    return Codec("an option's name", _one_of(names), _one_of(names, Unsayable), _enum(names))


def _all_names_as_text(source: Definition) -> Codec:
    names = [option.name for option in source.options]
    known = _one_of(names)

    def read(wire: JSON) -> tuple[str, ...]:
        return tuple(known(part) for part in text.decode(wire).split(_BETWEEN))

    def write(value: tuple[str, ...]) -> str:
        if any(_BETWEEN in name or name not in names for name in value):
            raise Unsayable("ambiguous", "an option's name that holds '; ' cannot be told from two")
        return _BETWEEN.join(value)

    plain = [name for name in names if _BETWEEN not in name]
    enum = list(dict.fromkeys([*plain, *([_BETWEEN.join(plain)] if plain else [])]))
    return Codec("options' names", read, write, _enum(enum))


_BETWEEN = "; "


def _read_whole_text(wire: JSON) -> int:
    if wire.__class__ is not str or not wire.removeprefix("-").isdecimal() or str(int(wire)) != wire:
        raise Unfit("a whole number as text")
    return int(wire)


_WHOLE_TEXT = Codec(
    "a whole number as text", _read_whole_text, lambda value: str(whole.encode(value)),
    {"type": "string", "pattern": "^(0|-?[1-9][0-9]{0,14})$"},
)  # fmt: skip


def _read_flag_text(wire: JSON) -> bool:
    if wire not in ("true", "false"):
        raise Unfit("true or false as text")
    return bool(wire == "true")


_FLAG_TEXT = Codec(
    "true or false as text", _read_flag_text, lambda value: "true" if value else "false",
    _enum(["true", "false"]),
)  # fmt: skip
_TEXTS: Mapping[str, Callable[[Definition], Codec]] = {
    "text": lambda _: text,
    "whole": lambda _: _WHOLE_TEXT,
    "number": lambda _: decimal_text,
    "date": lambda _: iso_date,
    "datetime": lambda _: iso_z,
    "boolean": lambda _: _FLAG_TEXT,
    "option": _names_as_text,
    "options": _all_names_as_text,
}

# --- options ---------------------------------------------------------------------------------------------------------


def _one_of(names: list[str], refuse: type[Unfit | Unsayable] = Unfit) -> Callable[[Any], str]:
    def check(said: Any) -> str:
        if said.__class__ is str and said in names:
            return str(said)
        if refuse is Unfit:
            raise Unfit("the name of one of the options")
        raise Unsayable("unmapped_option", "this is none of the options")

    return check


def _named_option(target: Definition) -> Codec:
    names = [option.name for option in target.options]
    return Codec("an option's name", _one_of(names), _one_of(names, Unsayable), _enum(names))


def _back(options: Options) -> dict[str, str]:
    """Return the first option of the source for each of the target's."""
    back: dict[str, str] = {}
    for name, said in options.items():
        if not isinstance(said, LeftOut):
            back.setdefault(said, name)
    return back


def _shared(options: Options) -> Lossy | None:
    """Return what is lost where several options become one, as the mapping says."""
    there = [said for said in options.values() if not isinstance(said, LeftOut)]
    if len(there) == len(set(there)):
        return None
    return Lossy("narrowed", "several options become one, as the mapping says", "note")


def _write_option(options: Options, name: Any) -> str:
    said = options.get(name) if name.__class__ is str else None
    if isinstance(said, LeftOut):
        raise Unsayable("left_out", on_purpose(said.words), "note")
    if said is None:
        raise Unsayable("unmapped_option", "the mapping does not say what becomes of this option")
    return said


def on_purpose(words: str) -> str:
    """Return the sentence of what is left out on purpose, in the person's own words."""
    return f"left out on purpose: {words}"


def _one_option(options: Options, *, several: bool) -> Codec:
    back = _back(options)
    if not several:
        return Codec(
            "an option", lambda wire: back[_one_of(list(back))(wire)], lambda name: _write_option(options, name),
            _enum(list(back)), lossy=_shared(options),
        )  # fmt: skip

    def read(wire: JSON) -> str:
        if wire.__class__ is not list or len(wire) != 1:
            raise Unfit("a list of one option")
        return back[_one_of(list(back))(wire[0])]

    schema = {"type": "array", "items": {"type": "string"}, "enum": [[name] for name in back]}
    return Codec("one option", read, lambda name: [_write_option(options, name)], schema, lossy=_shared(options))


def _options(options: Options) -> Codec:
    back = _back(options)

    def read(wire: JSON) -> tuple[str, ...]:
        if wire.__class__ is not list:
            raise Unfit("a list of options")
        return tuple(back[_one_of(list(back))(name)] for name in wire)

    def write(names: tuple[str, ...]) -> list[str]:
        said = [options.get(name) for name in names]
        kept = [one for one in said if one is not None and not isinstance(one, LeftOut)]
        if names and not kept:
            return [_write_option(options, names[0])]
        return list(dict.fromkeys(kept))

    schema = {"type": "array", "items": _enum(list(back)), "uniqueItems": True}
    told = "options that the mapping does not carry over are missing"
    return Codec("options", read, write, schema, lossy=Lossy("narrowed", told))


def _only_option(options: Options) -> Codec:
    one = _one_option(options, several=False)

    def write(names: tuple[str, ...]) -> str:
        if len(names) != 1:
            raise Unsayable("narrowed", "the target takes one option, and this has several")
        return str(one.encode(names[0]))

    return one.but(decode=lambda wire: (one.decode(wire),), encode=write)
