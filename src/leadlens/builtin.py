"""The fields of the CRM's own, as definitions: read off the rows, so that nothing is said twice."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from leadlens.catalogue import Definition, FieldType
from leadlens.crosswalk import READ, Crosswalk, Derived, Field
from leadlens.model import Address, Email, Money, PersonName, Phone, Ref, Social, Website

_TYPES: Final[Mapping[Any, FieldType]] = {
    str: "text", PersonName: "text", int: "whole", Decimal: "number", bool: "boolean", Money: "currency",
    dt.date: "date", dt.datetime: "datetime", Email: "email", Phone: "phone", Website: "url", Social: "url",
    Address: "address",
}  # fmt: skip
_RECORDS: Final = frozenset(("user", "lead", "contact", "company", "deal"))
"""The spaces of ids whose things are records, or users; those of all others are options."""


def attributes(crosswalk: Crosswalk) -> dict[str, str]:
    """Return the neutral attribute that holds what each wire key says, for the keys that a row claims."""
    held: dict[str, str] = {}
    for row in crosswalk.rows:
        if isinstance(row, Derived):
            held.setdefault(row.wire, row.neutral)
        elif isinstance(row, Field):
            held |= dict.fromkeys(row.wire, row.neutral[0])
    return held


def built_in(kind: str, crosswalk: Crosswalk) -> tuple[Definition, ...]:
    """Return the fields of a kind of records that every account has, for CRMs that do not list them.

    Of a row with several keys the last one is required, where the row is: that is the part of a name which counts.
    """
    rows = (row for row in crosswalk.rows if isinstance(row, Field) and "custom_fields" not in row.neutral)
    return tuple(one for row in rows for one in _fields(kind, crosswalk, row))


def _fields(kind: str, crosswalk: Crosswalk, row: Field) -> Iterator[Definition]:
    attribute, refers_to = row.neutral[0], row.codec.ids if row.codec.ids in _RECORDS else None
    hint = _single(typing.get_type_hints(crosswalk.model)[attribute])
    for place, key in enumerate(row.wire):
        if key in row.echo:
            continue
        read_only = row.access == READ
        yield Definition(
            kind=kind,
            id=None,
            name=key.replace("_", " ").capitalize(),
            key=key,
            type=_type(hint, row, place),
            wire_type=_wire_type(row, place),
            custom=False,
            attribute=attribute,
            required=row.required is not None and not read_only and key == row.wire[-1],
            read_only=read_only,
            refers_to=refers_to if hint is Ref else None,
        )


def _type(hint: Any, row: Field, place: int) -> FieldType:
    if hint is Ref:
        return "reference" if row.codec.ids in _RECORDS else "picklist"
    if hint is Money and place:
        return "text"
    if "enum" in _schema(row, place):
        return "picklist"
    return _TYPES.get(hint, "unknown")


def _single(hint: Any) -> Any:
    """Return what an attribute holds: not None, and of several things one."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(member for member in typing.get_args(hint) if member is not type(None))
    return typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else hint


def _wire_type(row: Field, place: int) -> str:
    if row.codec.record is not None:
        return "object" if row.codec.shape in ("one", "first") else "array"
    return str(_schema(row, place).get("type", "any"))


def _schema(row: Field, place: int) -> Mapping[str, Any]:
    schema = row.codec.schema[place] if isinstance(row.codec.schema, tuple) else row.codec.schema
    return schema or {}
