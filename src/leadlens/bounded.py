"""Codecs of values that a definition bounds: texts by their length, numbers by their places, options by a list.

They serve custom fields, whose definitions differ from account to account. What a definition cannot hold is a loss in
the name of the field, never a guess: an option that the field does not have is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from leadlens.catalogue import Definition, Option
from leadlens.codecs import Codec, Lossy, Unfit, Unsayable, number, read_number, text
from leadlens.model import JSON, Ref

SHOWN: Final = 8
"""How many options a sentence names."""
LARGEST: Final = 300
"""Numbers of more digits before the point are none that a CRM holds."""
_EXACT: Final = Context(prec=3 * LARGEST, rounding=ROUND_HALF_UP)


WHOLE: Final = frozenset(("url", "email", "phone"))
"""Texts that are another thing when their end is cut off."""


def too_long(definition: Definition) -> str:
    """Return the sentence for a text that is longer than its field holds."""
    what = "a longer value is left out" if definition.type in WHOLE else "the rest is cut off"
    return f"{definition.name!r} holds {definition.max_length} characters; {what}"


def text_of(definition: Definition) -> Codec:
    """Return the codec of a text; of a longer one than the field holds the beginning is kept.

    A web address, an e-mail address or a telephone number that is too long is left out: the beginning is another one.
    """
    limit = definition.max_length
    if limit is None:
        return text

    def write(value: str) -> str:
        found: str = text.encode(value)
        if len(found) > limit and definition.type in WHOLE:
            raise Unsayable("truncated", too_long(definition))
        return found[:limit]

    return text.but(
        name=f"text of at most {limit} characters", encode=write, same=None,
        schema={"type": "string", "maxLength": limit}, lossy=Lossy("truncated", too_long(definition)),
    )  # fmt: skip


def email_of(definition: Definition) -> Codec:
    """Return the codec of an e-mail address, for CRMs that take no other text in its place."""
    codec, half = text_of(definition), ((definition.max_length or 100) - 1) // 2

    def write(value: str) -> JSON:
        if value.__class__ is str and not is_email(value):
            raise Unsayable("coerced", f"{definition.name!r} takes an e-mail address, and this text is none")
        return codec.encode(value)

    pattern = f"^[A-Za-z0-9._-]{{1,{half}}}@[A-Za-z0-9.-]{{1,{half}}}$"
    return codec.but(encode=write, same=None, schema={"type": "string", "pattern": pattern})


def is_email(value: str) -> bool:
    """Tell whether a text looks like an e-mail address: something, an at sign, and something, without spaces."""
    return re.fullmatch(r"[^@\s]+@[^@\s]+", value) is not None


def rounded(amount: Decimal, places: int) -> Decimal:
    """Return a number with so many places after the point, a half away from zero; one that has no more stays as is."""
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= places:
        return amount
    return _EXACT.quantize(amount, Decimal(1).scaleb(-places))


def number_of(definition: Definition, codec: Codec = number, digits: int = LARGEST) -> Codec:
    """Return the codec of a number; one of more places than the field holds is rounded.

    ``digits`` is how many there may be before the point; a larger number is left out.
    """
    places = definition.decimals

    def write(amount: Decimal) -> JSON:
        if amount.__class__ is not Decimal:
            raise Unsayable("coerced", f"{definition.name!r} takes a Decimal")
        plain = codec.encode(amount)
        if amount.adjusted() >= digits and amount:
            raise Unsayable("coerced", f"{definition.name!r} holds {digits} digits before the point")
        return plain if places is None else codec.encode(rounded(amount, places))

    detail = f"{definition.name!r} holds {places} places after the point; the number is rounded"
    bounds = {} if digits == LARGEST else {"minimum": 1 - 10**digits, "maximum": 10**digits - 1}
    lossy = None if places is None else Lossy("truncated", detail)
    return codec.but(encode=write, lossy=lossy, schema=codec.schema | bounds)


def whole_of(limit: int, told: str) -> Codec:
    """Return the codec of a whole number below a limit, also where the wire has it as a text of digits."""

    def read(wire: JSON) -> int:
        if wire.__class__ is int:
            return int(wire)
        if wire.__class__ is str and re.fullmatch("-?[0-9]{1,30}", wire):
            return int(wire)
        if wire.__class__ in (float, Decimal) and wire == (integer := int(wire)):
            return integer
        raise Unfit("a whole number")

    def write(value: int) -> int:
        if value.__class__ is not int:
            raise Unsayable("coerced", "only a whole number can be written here")
        if abs(value) > limit:
            raise Unsayable("coerced", told)
        return value

    return Codec("a whole number", read, write, {"type": "integer", "minimum": -limit, "maximum": limit})


# --- options ---------------------------------------------------------------------------------------------------------


def option_of(definition: Definition, ref: Ref) -> Option | None:
    """Return the option of a field that a reference means, or None.

    An id counts as far as the name beside it does not say something else: ids of another account may be strangers'.
    Without one, the name decides: exactly, or else without regard to case where a single option has it.
    """
    offered = [option for option in definition.options if option.active]
    if ref.id is not None:
        same = [option for option in offered if option.id == ref.id and ref.name in (None, option.name)]
        if same:
            return same[0]
    if ref.name is None:
        return None
    exact = [option for option in offered if option.name == ref.name]
    loose = [option for option in offered if option.name.casefold() == ref.name.casefold()]
    found = exact or loose
    return found[0] if len({(option.id, option.name) for option in found}) == 1 else None


def no_option(definition: Definition) -> str:
    """Return the sentence for an option that a field does not have."""
    names = [option.name for option in definition.options if option.active]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{definition.name!r} has no such option; it has {', '.join(names[:SHOWN]) or 'none'}{more}"


def chosen(definition: Definition, ref: Any) -> Option:
    """Return the option that a reference means; raises :class:`Unsayable` where the field does not have it."""
    if ref.__class__ is not Ref:
        raise Unsayable("coerced", f"{definition.name!r} takes an option: Ref(id=…) or Ref(name=…)")
    option = option_of(definition, ref)
    if option is None:
        raise Unsayable("unmapped_option", no_option(definition))
    return option


def by_name(definition: Definition) -> Codec:
    """Return the codec of an option that records name by its text.

    A text that the definition does not list (an option that was taken away) is read as a reference by name alone.
    """
    known = {option.name: Ref(option.id, option.name) for option in definition.options}

    def read(wire: JSON) -> Ref:
        name = text.decode(wire)
        return known.get(name) or Ref(None, name)

    def write(ref: Ref) -> str:
        return chosen(definition, ref).name

    return Codec("the name of an option", read, write, _among([option.name for option in _active(definition)]))


def by_id(definition: Definition) -> Codec:
    """Return the codec of an option that records name by its id, a whole number.

    An id that the definition does not list (an option that was taken away) is read as a reference without a name.
    """
    known = {option.id: Ref(option.id, option.name) for option in definition.options}

    def read(wire: JSON) -> Ref:
        if wire.__class__ is not int:
            raise Unfit("the id of an option")
        return known.get(str(wire)) or Ref(str(wire))

    def write(ref: Ref) -> int:
        return int(chosen(definition, ref).id or "")

    return Codec("the id of an option", read, write, _among([int(option.id or "") for option in _active(definition)]))


def _active(definition: Definition) -> Sequence[Option]:
    return [option for option in definition.options if option.active]


def _among(values: Sequence[JSON]) -> JSON:
    return {"enum": list(values)}


def several(codec: Codec, name: str) -> Codec:
    """Return the codec of a list of options, each read and written by ``codec``; an option counts once.

    Options that the field does not have are left out, and the rest is written.
    """

    def read(wire: JSON) -> tuple[Ref, ...]:
        if wire.__class__ is not list:
            raise Unfit("a list of options")
        found = []
        for place, one in enumerate(wire):
            try:
                found.append(codec.decode(one))
            except Unfit as unfit:
                raise Unfit(str(unfit), f"[{place}]") from None
        return tuple(found)

    def write(refs: tuple[Ref, ...]) -> list[JSON]:
        if refs.__class__ is not tuple:
            raise Unsayable("coerced", f"{name!r} takes several options: a tuple of Ref")
        wires: list[JSON] = []
        missing: Unsayable | None = None
        for ref in refs:
            try:
                wires.append(codec.encode(ref))
            except Unsayable as unsayable:
                missing = unsayable
        if missing is not None and not wires:
            raise missing
        return list(dict.fromkeys(wires))

    return Codec(
        "a list of options", read, write,
        {"type": "array", "items": codec.schema, "uniqueItems": True}, empty=[],
        lossy=Lossy("unmapped_option", f"{name!r} holds each of its options once; all others are left out"),
    )  # fmt: skip


def decimal(wire: JSON) -> Decimal:
    """Return a number that the wire has as such or as a text."""
    if wire.__class__ is str and re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", wire):
        return Decimal(wire)
    return read_number(wire)
