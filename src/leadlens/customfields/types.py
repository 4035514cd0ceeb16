"""What becomes of a value when the field that it goes to is of another type.

One table says it for every kind of value and every type, and is total: each pair has a way, or a sentence why not.
Whatever arrives as something else is reported: as a ``note`` where it only changes its form, as a ``loss`` where some
of it is gone. What the CRM itself would refuse (a text that is no e-mail address, an option that it does not have) is
left out and reported, never sent. Ids of records are not mapped here: a reference stays what it is, for those who know
ids.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias, get_args

from leadlens.bounded import LARGEST, WHOLE, is_email, no_option, option_of, rounded, too_long
from leadlens.catalogue import Definition, FieldType, Option
from leadlens.codecs import Codec, Doubt, Unfit, Unsayable
from leadlens.loss import Level, Loss, Reason
from leadlens.model import JSON, Address, Ref, is_given

TYPES: Final[tuple[FieldType, ...]] = get_args(FieldType)

Shape: TypeAlias = str
"""What a value is for Python: ``text``, ``number``, ``flag``, ``day``, ``moment``, ``place``, ``option`` and so on."""


class Turned(NamedTuple):
    """What a value has become, and what was lost: a reason and a sentence, or None and nothing."""

    value: Any
    reason: Reason | None = None
    detail: str = ""
    level: Level = "loss"


Way: TypeAlias = Callable[[Any, Definition], Turned]

_SHAPES: Final[Mapping[FieldType, Shape]] = {
    "text": "text", "long_text": "text", "url": "text", "email": "text", "phone": "text", "whole": "number",
    "number": "number", "percent": "number", "currency": "number", "date": "day", "datetime": "moment",
    "boolean": "flag", "address": "place", "picklist": "option", "multi_select": "options", "reference": "link",
    "unknown": "anything",
}  # fmt: skip
_CLASSES: Final[Mapping[type, Shape]] = {
    bool: "flag", str: "text", int: "number", float: "number", Decimal: "number", dt.datetime: "moment",
    dt.date: "day", Address: "place", Ref: "option", tuple: "options",
}  # fmt: skip
"""What a value of an unknown type is, by its class; and one that is not of the class of its type."""

_YES: Final = frozenset(("true", "yes", "y", "1", "on"))
_NO: Final = frozenset(("false", "no", "n", "0", "off"))
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_PARTS: Final = ("street", "city", "state", "postal_code", "country")


def convert_value(value: Any, from_type: FieldType, to: Definition) -> tuple[Any, Loss | None]:
    """Return what a neutral value of one type is in a field of another, and what is lost on the way, or None.

    A value is a str (texts, web addresses, e-mail addresses, telephone numbers), int, Decimal, date, aware datetime,
    bool, :class:`Address`, :class:`Ref` (an option or a reference) or a tuple of them. None and () say nothing and
    become None. The path of the loss is the attribute that holds the field, or ``custom_fields[NAME]``.
    """
    if not is_given(value):
        return None, None
    if to.read_only:
        return None, _loss(to, Turned(None, "read_only", f"only the CRM itself writes {to.name!r}"))
    turned = _turned(value, from_type, to)
    if turned.value == ():
        turned = Turned(None, turned.reason or "coerced", f"an empty text names no option of {to.name!r}")
    return turned.value, None if turned.reason is None else _loss(to, turned)


def typed(wire: JSON, codec: Codec, field: Definition) -> tuple[Any, Loss | None]:
    """Return the neutral value of a custom field as records hold it untyped, by the codec of its definition.

    What does not fit the definition, or can be read in two ways, is left out and reported.
    """
    try:
        return codec.decode(list(wire) if wire.__class__ is tuple else wire), None
    except Unfit as unfit:
        detail = f"this is no value of {field.name!r}: expected {unfit}"
        return None, _loss(field, Turned(None, "coerced", detail))
    except Doubt as doubt:
        return None, _loss(field, Turned(None, "ambiguous", str(doubt)))


def untyped(value: Any, codec: Codec, field: Definition) -> tuple[JSON, Loss | None]:
    """Return the value of a custom field as records hold it untyped, and what its definition could not hold of it."""
    try:
        wire = codec.encode(value)
    except Unsayable as unsayable:
        return None, _loss(field, Turned(None, unsayable.reason, str(unsayable), unsayable.level))
    held, lossy = tuple(wire) if wire.__class__ is list else wire, codec.lossy
    if lossy is None or codec.decode(wire) == value:
        return held, None
    return held, _loss(field, Turned(None, lossy.reason, lossy.detail, lossy.level))


def _loss(field: Definition, turned: Turned) -> Loss:
    assert turned.reason is not None
    path = field.attribute or f"custom_fields[{field.name}]"
    return Loss(path, turned.reason, turned.detail, turned.level)


def _turned(value: Any, from_type: FieldType, to: Definition) -> Turned:
    if from_type == to.type == "unknown":
        return Turned(value)
    shape, seen = _SHAPES[from_type], _CLASSES.get(value.__class__, "anything")
    if shape != seen and not (shape == "link" and seen in ("option", "options")):
        shape = seen
    return WAYS[to.type][shape](value, to)


# --- the ways --------------------------------------------------------------------------------------------------------


def _note(value: Any, detail: str) -> Turned:
    return Turned(value, "coerced", detail, "note")


def _never(what: str) -> Way:
    """Return the way of what cannot become a value of the field at all."""
    return lambda _, to: Turned(None, "coerced", f"{to.name!r} takes {_TAKES[to.type]}, and {what} is none")


def _after(first: Callable[[Any], Turned], then: Way) -> Way:
    """Return one way after another; the graver of the two losses is told."""

    def way(value: Any, to: Definition) -> Turned:
        before = first(value)
        if before.value is None:
            return before
        found = then(before.value, to)
        graver = found.value is None or found.level == "loss" or before.reason is None
        return found if graver and found.reason is not None else before._replace(value=found.value)

    return way


# texts


def _fitted(text: str, to: Definition) -> Turned:
    if to.type == "email" and not is_email(text):
        return Turned(None, "coerced", f"{to.name!r} takes an e-mail address, and this text is none")
    if to.max_length is None or len(text) <= to.max_length:
        return Turned(text)
    kept = None if to.type in WHOLE else text[: to.max_length]
    return Turned(kept, "truncated", too_long(to))


def _spelled(value: Any) -> Turned:
    if isinstance(value, bool):
        return _note("true" if value else "false", "yes or no is kept as a text")
    if isinstance(value, dt.date):
        return _note(value.isoformat(), "the date is kept as a text")
    amount = _amount(value)
    if amount is None:
        return Turned(None, "coerced", "only a finite number of ordinary size can be written as a text")
    return _note(format(amount, "f"), "the number is kept as a text")


def _one_line(address: Address) -> Turned:
    said = [part for name in _PARTS if (part := getattr(address, name)) is not None]
    if not said:
        return Turned(None)
    return Turned(", ".join(said), "narrowed", "the address is kept as one text, its parts not apart")


def _named(ref: Ref) -> Turned:
    if ref.name is None:
        return Turned(None, "unmapped_option", "the name of the option is not known")
    return _note(ref.name, "the name of the option is kept as a text")


def _all_named(refs: tuple[Any, ...]) -> Turned:
    names = [str(ref.name) if isinstance(ref, Ref) and ref.name is not None else None for ref in refs]
    known = [name for name in names if name is not None]
    if len(known) < len(names):
        told = f"the names of {len(names) - len(known)} of {len(names)} options are not known"
        return Turned("; ".join(known) if known else None, "unmapped_option", told)
    return _note("; ".join(known), "the names of the options are kept as one text")


def _label(link: Any) -> Turned:
    refs = link if isinstance(link, tuple) else (link,)
    names = [ref.name for ref in refs if ref.name is not None]
    return Turned("; ".join(names) if names else None, "narrowed", "only the name of what the record points to is kept")


# numbers


def _counted(value: Any, to: Definition) -> Turned:
    amount = _amount(value)
    if amount is None:
        return Turned(None, "coerced", f"{to.name!r} takes a finite number of ordinary size")
    if to.type == "whole":
        whole = int(amount)
        return Turned(whole) if whole == amount else Turned(whole, "truncated", f"{to.name!r} holds whole numbers")
    kept = amount if to.decimals is None else rounded(amount, to.decimals)
    if kept == amount:
        return Turned(kept)
    return Turned(kept, "truncated", f"{to.name!r} holds {to.decimals} places after the point; the number is rounded")


def _amount(value: Any) -> Decimal | None:
    """Return a number as a Decimal, or None for one that no CRM holds."""
    amount = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return amount if amount.is_finite() and abs(amount.adjusted()) <= LARGEST else None


def _read_number(text: str) -> Turned:
    if _NUMBER.fullmatch(text.strip()) is None:
        return Turned(None, "coerced", "the text is not a plain number, and none is made of it")
    return _note(Decimal(text.strip()), "the number is read from a text")


def _one_or_zero(flag: bool) -> Turned:
    return _note(Decimal(1 if flag else 0), "yes is kept as 1 and no as 0")


# times


def _as_day(day: dt.date, _: Definition) -> Turned:
    return Turned(day)


def _day_of(moment: dt.datetime, to: Definition) -> Turned:
    try:
        day = moment.astimezone(dt.UTC).date()
    except OverflowError:  # the first and the last day of the calendar
        day = moment.date()
    return Turned(day, "truncated", f"{to.name!r} holds the day alone, here that in UTC")


def _midnight(day: dt.date, to: Definition) -> Turned:
    moment = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    return _note(moment, f"{to.name!r} holds a time too; midnight in UTC stands for the day")


def _read_time(text: str, to: Definition) -> Turned:
    """Read a date, or a date and time with its zone, in the form of ISO 8601."""
    for read, then in ((dt.date.fromisoformat, WAYS[to.type]["day"]), (_aware, WAYS[to.type]["moment"])):
        try:
            found = read(text.strip())
        except ValueError:
            continue
        turned = then(found, to)
        return turned if turned.level == "loss" and turned.reason else _note(turned.value, "it is read from a text")
    return Turned(None, "coerced", f"{to.name!r} takes {_TAKES[to.type]}, and the text is none such as 2026-01-31")


def _aware(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment


# yes and no


def _as_flag(flag: bool, _: Definition) -> Turned:
    return Turned(flag)


def _read_flag(text: str, to: Definition) -> Turned:
    word = text.strip().casefold()
    if word in _YES | _NO:
        return _note(word in _YES, "yes or no is read from a text")
    return Turned(None, "coerced", f"{to.name!r} takes yes or no, and the text is neither")


# addresses


def _as_place(address: Address, _: Definition) -> Turned:
    return Turned(address)


def _street(text: str, _: Definition) -> Turned:
    return Turned(Address(street=text), "coerced", "the whole text stands in the street of the address")


# options


def _offered(ref: Ref, to: Definition) -> Turned:
    """Find the option of that name: the id beside it is another field's."""
    option = option_of(to, Ref(None, ref.name)) if ref.name is not None else option_of(to, ref)
    return Turned(None, "unmapped_option", no_option(to)) if option is None else Turned(_ref(option))


def _offered_text(text: str, to: Definition) -> Turned:
    found = _offered(Ref(None, text.strip()), to)
    return found if found.value is None else _note(found.value, "the option is found by its name")


def _offered_flag(flag: bool, to: Definition) -> Turned:
    words = _YES if flag else _NO
    found = [option for option in to.options if option.active and option.name.strip().casefold() in words]
    if len(found) != 1:
        return Turned(None, "unmapped_option", no_option(to))
    return _note(_ref(found[0]), "yes or no is kept as an option")


def _several(refs: tuple[Any, ...], to: Definition) -> Turned:
    turned = [_offered(ref, to) if isinstance(ref, Ref) else _offered_text(str(ref), to) for ref in refs]
    found = tuple(dict.fromkeys(one.value for one in turned if one.value is not None))
    missing = sum(one.value is None for one in turned)
    if not missing:
        return Turned(found)
    told = f"{missing} of {len(refs)} options are left out: {no_option(to)}"
    return Turned(found or None, "unmapped_option", told)


def _first_of(refs: tuple[Any, ...], to: Definition) -> Turned:
    found = _several(refs, to)
    if found.value is None:
        return found
    if len(refs) == 1:
        return _note(found.value[0], f"{to.name!r} holds one option, and this was a list of one")
    return Turned(found.value[0], "narrowed", f"{to.name!r} holds one option; the first that it has is kept")


def _as_several(way: Way) -> Way:
    def several(value: Any, to: Definition) -> Turned:
        found = way(value, to)
        return (
            found if found.value is None else _note((found.value,), f"{to.name!r} holds several options; this is one")
        )

    return several


def _split(text: str, to: Definition) -> Turned:
    """Find the options that a text names: the whole of it, or its parts between semicolons."""
    whole = _offered(Ref(None, text.strip()), to)
    if whole.value is not None:
        return _note((whole.value,), "the option is found by its name")
    parts = tuple(Ref(None, part.strip()) for part in text.split(";") if part.strip())
    found = _several(parts, to)
    return found if found.reason is not None else _note(found.value, "the options are found by their names")


def _ref(option: Option) -> Ref:
    return Ref(option.id, option.name)


# references and what is not known


def _linked(link: Any, to: Definition) -> Turned:  # noqa: ARG001  # the signature of all ways
    return Turned(link[0] if isinstance(link, tuple) and len(link) == 1 else link)


def _unknown(value: Any, to: Definition) -> Turned:  # noqa: ARG001  # see above
    return Turned(None, "coerced", f"what {to.name!r} takes is not known to leadlens")


# --- the table -------------------------------------------------------------------------------------------------------

_TAKES: Final[Mapping[FieldType, str]] = {
    "text": "a text", "long_text": "a text", "url": "a web address", "email": "an e-mail address",
    "phone": "a telephone number", "whole": "a whole number", "number": "a number", "percent": "a percentage",
    "currency": "an amount", "date": "a date", "datetime": "a date and time", "boolean": "yes or no",
    "address": "an address", "picklist": "an option", "multi_select": "options", "reference": "a reference",
    "unknown": "something that leadlens does not know",
}  # fmt: skip

_NO_TIME, _NO_PLACE, _NO_LINK = _never("a date"), _never("an address"), _never("a reference")
_NO_NUMBER, _NO_OPTION, _NO_FLAG = _never("a number"), _never("an option"), _never("yes or no")
_NO_TEXT, _NO_IDEA = _never("a text"), _never("a value of an unknown type")

_TO_TEXT: Final[Mapping[Shape, Way]] = {
    "text": _fitted, "number": _after(_spelled, _fitted), "flag": _after(_spelled, _fitted),
    "day": _after(_spelled, _fitted), "moment": _after(_spelled, _fitted), "place": _after(_one_line, _fitted),
    "option": _after(_named, _fitted), "options": _after(_all_named, _fitted), "link": _after(_label, _fitted),
    "anything": _NO_IDEA,
}  # fmt: skip
_TO_NUMBER: Final[Mapping[Shape, Way]] = {
    "text": _after(_read_number, _counted), "number": _counted, "flag": _after(_one_or_zero, _counted),
    "day": _NO_TIME, "moment": _NO_TIME, "place": _NO_PLACE,
    "option": _after(_named, _after(_read_number, _counted)), "options": _NO_OPTION, "link": _NO_LINK,
    "anything": _NO_IDEA,
}  # fmt: skip
_TO_DAY: Final[Mapping[Shape, Way]] = {
    "text": _read_time, "number": _NO_NUMBER, "flag": _NO_FLAG, "day": _as_day, "moment": _day_of,
    "place": _NO_PLACE, "option": _after(_named, _read_time), "options": _NO_OPTION, "link": _NO_LINK,
    "anything": _NO_IDEA,
}  # fmt: skip
_TO_MOMENT: Final[Mapping[Shape, Way]] = {**_TO_DAY, "day": _midnight, "moment": _as_day}
_TO_FLAG: Final[Mapping[Shape, Way]] = {
    "text": _read_flag, "number": _after(_spelled, _read_flag), "flag": _as_flag, "day": _NO_TIME,
    "moment": _NO_TIME, "place": _NO_PLACE, "option": _after(_named, _read_flag), "options": _NO_OPTION,
    "link": _NO_LINK, "anything": _NO_IDEA,
}  # fmt: skip
_TO_PLACE: Final[Mapping[Shape, Way]] = {
    "text": _street, "number": _NO_NUMBER, "flag": _NO_FLAG, "day": _NO_TIME, "moment": _NO_TIME,
    "place": _as_place, "option": _NO_OPTION, "options": _NO_OPTION, "link": _NO_LINK, "anything": _NO_IDEA,
}  # fmt: skip
_TO_OPTION: Final[Mapping[Shape, Way]] = {
    "text": _offered_text, "number": _after(_spelled, _offered_text), "flag": _offered_flag,
    "day": _after(_spelled, _offered_text), "moment": _NO_TIME, "place": _NO_PLACE, "option": _offered,
    "options": _first_of, "link": _after(_label, _offered_text), "anything": _NO_IDEA,
}  # fmt: skip
_TO_OPTIONS: Final[Mapping[Shape, Way]] = {
    "text": _split, "number": _as_several(_TO_OPTION["number"]), "flag": _as_several(_TO_OPTION["flag"]),
    "day": _as_several(_TO_OPTION["day"]), "moment": _NO_TIME, "place": _NO_PLACE, "option": _as_several(_offered),
    "options": _several, "link": _after(_label, _split), "anything": _NO_IDEA,
}  # fmt: skip
_TO_LINK: Final[Mapping[Shape, Way]] = {
    "text": _NO_TEXT, "number": _NO_NUMBER, "flag": _NO_FLAG, "day": _NO_TIME, "moment": _NO_TIME,
    "place": _NO_PLACE, "option": _NO_OPTION, "options": _NO_OPTION, "link": _linked, "anything": _NO_IDEA,
}  # fmt: skip

WAYS: Final[Mapping[FieldType, Mapping[Shape, Way]]] = {
    **dict.fromkeys(("text", "long_text", "url", "email", "phone"), _TO_TEXT),
    **dict.fromkeys(("whole", "number", "percent", "currency"), _TO_NUMBER),
    "date": _TO_DAY, "datetime": _TO_MOMENT, "boolean": _TO_FLAG, "address": _TO_PLACE, "picklist": _TO_OPTION,
    "multi_select": _TO_OPTIONS, "reference": _TO_LINK, "unknown": dict.fromkeys(_TO_LINK, _unknown),
}  # fmt: skip
"""By the type of the field, what becomes of each kind of value."""
