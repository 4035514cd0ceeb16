"""Codecs of what points to something of the account: ids, references by id or name, options of a picklist."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from leadlens._build import Memory, builder
from leadlens.codecs import EXACT, LOST, REFUSED, Codec, Lossy, Unfit, Unsayable, as_is, text
from leadlens.errors import DeclarationError
from leadlens.loss import Reason
from leadlens.model import JSON, Ref

_ref: Callable[..., Ref] = builder(Ref)

_MAX_ID = 2**63 - 1


def _read_id(wire: JSON) -> str:
    if wire.__class__ is int:
        return str(wire)
    if wire.__class__ is str and wire:
        return str(wire)
    raise Unfit("an id: a whole number or its digits as text")


def _write_integer_id(identity: str) -> int:
    if re.fullmatch("[1-9][0-9]{0,18}", identity) and (number := int(identity)) <= _MAX_ID:
        return number
    raise Unsayable("id_not_exact", "only whole numbers are ids here")


def _write_text_id(identity: str) -> str:
    if not identity:
        raise Unsayable("id_not_exact", "an empty id names nothing")
    return identity


integer_id = Codec("an id", _read_id, _write_integer_id, {"type": "integer", "minimum": 1, "maximum": 2**53}, quick=str)
text_id = Codec("an id", _read_id, _write_text_id, {"type": "string", "pattern": "^[1-9][0-9]{0,18}$"})


def of_space(codec: Codec, space: str) -> Codec:
    """Return the id codec for ids of one space of the account (``lead``, ``user``, ``stage`` …)."""
    return codec.but(ids=space)


# --- references ------------------------------------------------------------------------------------------------------


def ref_by_id(codec: Codec, space: str) -> Codec:
    """Return the codec of a reference that the wire names by its id alone."""

    def read(wire: JSON) -> Ref:
        return _ref(str(wire) if wire.__class__ is int else codec.decode(wire), None)

    def write(ref: Ref) -> JSON:
        if ref.id is None:
            raise Unsayable(
                "unmapped_option", f"the {space.replace('_', ' ')} is needed by its id, and only its name is known"
            )
        return codec.encode(ref.id)

    quick: Callable[..., Any] | Mapping[Any, Any] | None = None
    if codec.quick is str:
        quick = _record_ref if space in _RECORDS else _option_ref
    return Codec(f"the id of a {space.replace('_', ' ')}", read, write, codec.schema, ids=space, quick=quick)


_RECORDS = frozenset(("lead", "contact", "company", "deal"))


_record_ref: Callable[[int], Ref] = builder(Ref, "wire", id="str(wire)")
_option_ref = Memory(_record_ref, 4096)
"""The same for what an account has few of (owners, stages, definitions …): most records name one that others named."""


def ref_by_name(space: str) -> Codec:
    """Return the codec of a reference that the wire names by its name alone."""

    def read(wire: JSON) -> Ref:
        return _ref(None, text.decode(wire))

    def write(ref: Ref) -> str:
        if ref.name is None:
            raise Unsayable(*refused[:3])
        return ref.name

    def weigh(ref: Ref) -> tuple[str | None, int]:
        if ref.name is None:
            return None, REFUSED
        return ref.name, EXACT if ref.id is None else LOST

    needed = f"the {space.replace('_', ' ')} is needed by its name, and only its id is known"
    refused = Lossy("unmapped_option", needed)
    by_name = f"only the name of the {space.replace('_', ' ')} is kept, not its id"
    return Codec(
        f"the name of a {space.replace('_', ' ')}", read, write, {"type": "string"},
        ids=space, unmapped="unmapped_option",
        lossy=Lossy("narrowed", by_name, "note"), weigh=weigh, refused=refused,
    )  # fmt: skip


_both_ref: Callable[..., Ref] = builder(Ref, "wire", "name", id="None if wire is None else str(wire)")


def ref_by_both(codec: Codec, space: str, unmapped: Reason = "foreign_id") -> Codec:
    """Return the codec of a reference over two wire keys: its id and its name."""

    def read(identity: JSON, name: JSON) -> Ref | None:
        if identity is None and name is None:
            return None
        return _ref(None if identity is None else codec.decode(identity), None if name is None else text.decode(name))

    def write(ref: Ref) -> tuple[JSON, JSON]:
        if ref.id is None and ref.name is None:
            raise Unsayable("unmapped_option", f"the {space.replace('_', ' ')} has neither id nor name")
        return (None if ref.id is None else codec.encode(ref.id), ref.name)

    return Codec(
        f"the id and name of a {space}", read, write, (codec.schema, {"type": "string"}),
        ids=space, unmapped=unmapped, quick=_both_ref if codec.quick is str else None,
    )  # fmt: skip


def ref_by_id_with_label(codec: Codec, space: str) -> Codec:
    """Return the codec of a reference whose id counts and whose name, in a second key, is there for people to read."""
    both = ref_by_both(codec, space)

    def write(ref: Ref) -> tuple[JSON, JSON]:
        if ref.id is None:
            raise Unsayable("unmapped_option", f"the {space} is needed by its id, and only its name is known")
        return codec.encode(ref.id), ref.name

    return both.but(encode=write, quick=both.quick)


# --- options ---------------------------------------------------------------------------------------------------------


def picklist(options: Mapping[str, Any], lossy: Lossy | None = None, instead: str | None = None) -> Codec:
    """Return the codec of a fixed picklist: wire option to neutral value, one to one.

    A neutral value outside the table is reported; with ``instead`` that wire option is written for it.
    """
    back = {neutral: wire for wire, neutral in options.items()}
    if len(back) != len(options):
        raise DeclarationError(f"a picklist must be one to one; {', '.join(options)} is not")

    def read(wire: JSON) -> Any:
        if wire.__class__ is not str or wire not in options:
            raise Unfit("one of " + ", ".join(options))
        return options[wire]

    def write(value: Any) -> str:
        if value in back:
            return back[value]
        if instead is not None:
            return instead
        raise Unsayable("unmapped_option", "only these can be said here: " + ", ".join(map(str, back)))

    schema: JSON = {"type": "string", "enum": list(options)}
    return Codec("one of " + ", ".join(options), read, write, schema, lossy=lossy, quick=dict(options))


def open_picklist(options: tuple[str, ...], instead: str, detail: str) -> Codec:
    """Return the codec of a text of which the CRM takes only some values; others are written as ``instead``."""

    def write(value: str) -> str:
        return value if value in options else instead

    def weigh(value: str) -> tuple[str, int]:
        wire = write(value)
        return wire, EXACT if wire == value else LOST

    lossy = Lossy("coerced", detail, "note")
    return Codec("text", text.decode, write, {"type": "string"}, lossy=lossy, weigh=weigh, quick=as_is)


def by_id_alone(model: type, codec: Codec, space: str, detail: str) -> Codec:
    """Return the codec of a record of which the wire tells the id alone; ``detail`` says so to people."""

    def read(wire: JSON) -> Any:
        return model(id=codec.decode(wire))

    def write(record: Any) -> JSON:
        if record.id is None:
            raise Unsayable("id_not_exact", "the id of the new record is not known")
        return codec.encode(record.id)

    return Codec("an id", read, write, codec.schema, ids=space, lossy=Lossy("narrowed", detail))


def option(space: str) -> Codec:
    """Return the codec of free text on our side that is an option of the account's own picklist on the wire."""
    return text.but(ids=space, unmapped="unmapped_option", same=None, quick=as_is)
