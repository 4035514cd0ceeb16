"""Which field can hold what another held: a codec for every pair of field types that goes together.

The neutral side of such a codec is the source's value as Python has it (``int``, ``Decimal``, ``date``, an option's
name), the wire side the target's as plain JSON (numbers, ISO dates, the target option's name).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

import attrs

from leadlens.bounded import WHOLE
from leadlens.catalogue import Definition, FieldType
from leadlens.codecs import Codec, Lossy, Unfit, Unsayable, decimal_text, flag, iso_date, iso_z, number, text, whole
from leadlens.composites import custom_value
from leadlens.customfields.types import convert_value
from leadlens.model import JSON, Address, Ref, is_given

FAMILY: Mapping[FieldType, str] = {
    "text": "text", "long_text": "text", "url": "text", "email": "text", "phone": "text", "whole": "whole",
    "number": "number", "percent": "number", "currency": "number", "date": "date", "datetime": "datetime",
    "boolean": "boolean", "picklist": "option", "multi_select": "options", "unknown": "any", "address": "address",
    "reference": "reference",
}  # fmt: skip
"""What the types have in common: types of one family hold the same values."""

PYTHON: Mapping[str, Any] = {
    "text": str, "whole": int, "number": Decimal, "date": dt.date, "datetime": dt.datetime, "boolean": bool,
    "option": str, "options": tuple[str, ...], "address": Address, "any": Any, "reference": str,
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
    ("number", "whole"): Fit(True, "what stands after the point is cut off, and reported"),
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
    ("address", "text"): Fit(True, "the address is kept as one text, its parts not apart"),
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
    told = []
    if target.type == "email" and source.type != "email":
        told.append("a text that is no e-mail address is left out")
    if target.max_length is not None and (source.max_length or 10**9) > target.max_length:
        end = "left out" if target.type in WHOLE else "cut off"
        told.append(f"a text longer than {target.max_length} characters is {end}")
    return Fit(True, "; ".join(told))


def pair(source: Definition, target: Definition, options: Options) -> Codec:
    """Return the codec between two fields that :func:`fit`: by the person's table of options, else by the types."""
    one, other = FAMILY[source.type], FAMILY[target.type]
    if one == "option" and other in ("option", "options"):
        return _one_option(options, several=other == "options")
    if one == "options" and other in ("option", "options"):
        return _options(options) if other == "options" else _only_option(options)
    if one == "any":
        return custom_value
    return _name_as_text(target) if (one, other) == ("option", "text") else _converted(source, target)


# --- by the types ----------------------------------------------------------------------------------------------------

_PARTS = tuple(part.name for part in attrs.fields(Address))


def _read_address(wire: JSON) -> Address:
    if wire.__class__ is not dict or not all(key in _PARTS and part.__class__ is str for key, part in wire.items()):
        raise Unfit("an address: an object of texts")
    return Address(**wire)


def _write_address(address: Address) -> JSON:
    said = {part: getattr(address, part) for part in _PARTS}
    return {part: text for part, text in said.items() if text is not None}


ADDRESS = Codec(
    "an address", _read_address, _write_address,
    {"type": "object", "properties": dict.fromkeys(_PARTS, text.schema), "additionalProperties": False},
)  # fmt: skip
_PLAIN: Mapping[str, Codec] = {
    "text": text, "whole": whole, "number": number, "date": iso_date, "datetime": iso_z, "boolean": flag,
    "option": text, "address": ADDRESS,
}  # fmt: skip
"""Values of a family as plain JSON; options by their names."""
_AS_TEXT: Mapping[str, JSON] = {
    "whole": {"type": "string", "pattern": "^(0|-?[1-9][0-9]{0,14})$"}, "number": decimal_text.schema,
    "date": iso_date.schema, "datetime": iso_z.schema, "boolean": {"type": "string", "enum": ["true", "false"]},
}  # fmt: skip
"""The texts that are values of other families."""


def _converted(source: Definition, target: Definition) -> Codec:
    """Return a codec that converts values as the types say, and reads them back the same way."""
    one, other = FAMILY[source.type], FAMILY[target.type]
    plain, origin = _PLAIN[other], attrs.evolve(source, max_length=None, decimals=None, read_only=False)
    origin = attrs.evolve(origin, type="text") if one == "text" else origin
    may_differ = other != "text" or one in (
        "text",
        "address",
    )  # half a number says something else, half a text does not

    def turned(value: Any) -> JSON:
        found, loss = convert_value(held(source, value), source.type, target)
        if loss is not None and found is None:
            raise Unsayable(loss.reason, loss.detail, loss.level)
        if not is_given(found):
            raise Unsayable("left_out", "it says nothing", "note")
        return plain.encode(said(target, found))

    def read(wire: JSON) -> Any:
        found, _ = convert_value(held(target, plain.decode(wire)), target.type, origin)
        if not is_given(found):
            raise Unfit(f"a {_words(source)} value")
        return said(source, found)

    def write(value: Any) -> JSON:
        wire = turned(value)
        try:
            back = read(wire)
            if back == value or (may_differ and turned(back) == wire):
                return wire
        except (Unfit, Unsayable):
            pass
        raise Unsayable("coerced", f"what {target.name!r} could hold of it makes no sense")

    return Codec(f"{source.type} as {target.type}", read, write, _schema(source, target), lossy=_lossy(one, target))


def _schema(source: Definition, target: Definition) -> JSON:
    """Return the values of the target that say exactly what the source can hold."""
    one, other = FAMILY[source.type], FAMILY[target.type]
    if other == "option":
        return _enum([option.name for option in target.options if option.active])
    if one == "options":
        return _enum([option.name for option in source.options if option.active and ";" not in option.name])
    if (one, other) in (("whole", "number"), ("number", "whole")):
        return whole.schema
    return _AS_TEXT.get(one, text.schema) if other == "text" else _PLAIN[other].schema


def _lossy(one: str, target: Definition) -> Lossy | None:
    """Return what such a pair may lose; what is read back tells whether it does."""
    other = FAMILY[target.type]
    if one == "text" and target.max_length is not None:
        return Lossy("truncated", f"the target holds {target.max_length} characters; the rest is cut off")
    if other == "whole" and one == "number":
        return Lossy("truncated", "the target holds whole numbers")
    if other == "number" and target.decimals is not None:
        return Lossy("truncated", f"the target holds {target.decimals} places after the point")
    if (one, other) == ("datetime", "date"):
        return Lossy("truncated", "the target holds the day, not the time of day")
    if one == "datetime":
        return Lossy("truncated", "the time is kept to the second", "note")
    if one == "address" and other == "text":
        return Lossy("narrowed", "the address is kept as one text, its parts not apart")
    if one in ("text", "number", "options") and other != one:
        return Lossy("coerced", "it is kept in another form")
    return None


def _name_as_text(target: Definition) -> Codec:
    """Return the codec of an option's name as a text, also of one that is not offered any more."""
    length = target.max_length
    if length is None:
        return text
    cut = Lossy("truncated", f"the target holds {length} characters; the rest is cut off")
    return text.but(encode=lambda name: text.encode(name)[:length], lossy=cut, same=None)


def held(definition: Definition, value: Any) -> Any:
    """Return a value of the rows as the model holds values of the field's type: options as references."""
    family = FAMILY[definition.type]
    if family == "option":
        return _ref(definition, value)
    return tuple(_ref(definition, name) for name in value) if family == "options" else value


def _ref(definition: Definition, name: str) -> Ref:
    return Ref(next((option.id for option in definition.options if option.name == name), None), name)


def said(definition: Definition, value: Any) -> Any:
    """Return a value of the model as the rows have it: options by their names."""
    family = FAMILY[definition.type]
    if family == "option":
        return _name(definition, value)
    return tuple(_name(definition, ref) for ref in value) if family == "options" else value


def _name(definition: Definition, ref: Any) -> str:
    if ref.__class__ is not Ref:
        raise Unfit("an option")
    listed = next((option.name for option in definition.options if option.id == ref.id and ref.id is not None), None)
    found = next((said for said in (listed, ref.name, ref.id) if said is not None), None)
    if found is None:
        raise Unfit("an option with its name or id")
    return found


# --- options ---------------------------------------------------------------------------------------------------------


SOME_LEFT_OUT: Final = "some of its options are left out on purpose, or become one, as the mapping says"
SOME_MERGED: Final = "several options become one, as the mapping says"


def _one_of(names: list[str]) -> Callable[[Any], str]:
    def check(wire: Any) -> str:
        if wire.__class__ is not str or wire not in names:
            raise Unfit("the name of one of the options")
        return str(wire)

    return check


def _enum(texts: list[str]) -> JSON:
    return {"type": "string", "enum": texts}


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
    return Lossy("narrowed", SOME_MERGED, "note")


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
            forgotten = (name for name in names if name not in options)
            return [_write_option(options, next(forgotten, names[0]))]
        return list(dict.fromkeys(kept))

    def meant(names: tuple[str, ...], _: Any) -> bool:
        return all(name in options for name in names)

    schema = {"type": "array", "items": _enum(list(back)), "uniqueItems": True}
    told = "options that the mapping does not carry over are missing"
    return Codec("options", read, write, schema, lossy=Lossy("narrowed", told, "loss", meant, _as_meant(options)))


def _as_meant(options: Options) -> str:
    """Return what becomes of several options of which the mapping names each."""
    left_out = any(isinstance(said, LeftOut) for said in options.values())
    return SOME_LEFT_OUT if left_out else SOME_MERGED


def _only_option(options: Options) -> Codec:
    one = _one_option(options, several=False)

    def write(names: tuple[str, ...]) -> str:
        if len(names) != 1:
            raise Unsayable("narrowed", "the target takes one option, and this has several")
        return str(one.encode(names[0]))

    return one.but(decode=lambda wire: (one.decode(wire),), encode=write)
