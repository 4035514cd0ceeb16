"""The rows of a crosswalk: what becomes of each neutral attribute on one vendor's wire. Declared and checked here.

A crosswalk does not know its uses; each use (generated functions, schema, matrix, strategies, lint) is an interpreter
in a file of its own. Everything here is data. A mistake is an error when the crosswalk is declared.

Wire keys are paths from the record's root: ``address``, ``convert.body.data[0].Accounts.id``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Literal

from leadlens._checks import check
from leadlens._rows import (
    EVERYTHING_ELSE,
    GONE,
    NULL,
    PRESENT,
    READ,
    WRITE,
    Absent,
    Access,
    CallTemplate,
    Case,
    Cleared,
    Constant,
    Derived,
    Field,
    Guards,
    Ignored,
    Instead,
    Marker,
    Path,
    Refuse,
    Rest,
    Row,
    Variant,
    case_wire,
    join_path,
    members,
    model_fields,
    names_of,
    parse_path,
    row_neutral,
    row_wire,
    same_literal,
)
from leadlens.codecs import Codec, Lossy
from leadlens.errors import DeclarationError
from leadlens.loss import Level

__all__ = [
    "EVERYTHING_ELSE",
    "GONE",
    "NULL",
    "PRESENT",
    "READ",
    "WRITE",
    "Absent",
    "Access",
    "CallTemplate",
    "Case",
    "Cleared",
    "Constant",
    "Crosswalk",
    "Derived",
    "Field",
    "Guards",
    "Ignored",
    "Instead",
    "Marker",
    "Path",
    "Refuse",
    "Rest",
    "Row",
    "Variant",
    "absent",
    "case",
    "case_wire",
    "cleared",
    "constant",
    "derived",
    "field",
    "ignored",
    "instead",
    "join_path",
    "members",
    "model_fields",
    "parse_path",
    "refuse",
    "rest",
    "row_neutral",
    "row_wire",
    "same_literal",
    "under",
    "variant",
]

# --- declaring rows --------------------------------------------------------------------------------------------------


def field(
    neutral: str | tuple[str, ...],
    wire: str | tuple[str, ...],
    codec: Codec,
    *,
    lossy: str | None = None,
    access: Access = "both",
    missing: Any = None,
    required: str | None = None,
    defaulted: str | None = None,
    beside: str | None = None,
    echo: str | tuple[str, ...] = (),
) -> Field:
    """Map neutral attributes to wire keys.

    ``lossy`` is the sentence for what this row may lose. ``missing`` is the neutral value that an absent key means.
    ``required`` and ``defaulted`` say what the CRM does when the attribute is not given. ``beside`` names a neutral
    attribute that the codec also needs to see, as its last argument. ``echo`` names wire keys that only the vendor
    writes: they repeat, for people, what the others say.
    """
    if lossy is not None:
        known = codec.lossy or Lossy("narrowed", lossy)
        codec = codec.but(lossy=known._replace(detail=lossy))
    return Field(names_of(neutral), names_of(wire), codec, access, missing, required, defaulted, beside, names_of(echo))


def absent(neutral: str | tuple[str, ...] | Marker, reason: str, *, level: Level = "loss") -> Absent:
    """Say that this wire has no place for these attributes, and why, in a sentence for a salesperson."""
    names = (EVERYTHING_ELSE.name,) if isinstance(neutral, Marker) else names_of(neutral)
    return Absent(names, reason, level)


def constant(neutral: str | None, wire: str | None, value: Any, reason: str = "") -> Constant:
    """Say that a wire key, a neutral attribute or both always have this value."""
    return Constant(neutral, wire, value, reason)


def rest(neutral: str, wire: str, codec: Codec, *, pattern: str = "") -> Rest:
    """Give every unclaimed key of the wire object at ``wire`` (if its name fits ``pattern``) to one attribute."""
    return Rest(neutral, wire, codec, pattern)


def derived(wire: str, neutral: str, codec: Codec, *, access: Access = "both") -> Derived:
    """Write a wire key that repeats a neutral attribute mapped elsewhere; with ``access=READ`` only the vendor does.

    A codec with an id space is also given the id map, as its second argument.
    """
    return Derived(wire, neutral, codec, access)


def ignored(wire: str | tuple[str, ...], reason: str) -> tuple[Ignored, ...]:
    """Say which documented wire keys the neutral model has no place for, and why; use it with a star."""
    return tuple(Ignored(key, reason) for key in names_of(wire))


def case(member: type, guards: Guards, *rows: Row) -> Case:
    """Say how the wire tells this member of the union, and map its attributes."""
    return Case(member, guards, rows)


def instead(member: type, *, to: Callable[[Any], Any], reason: str, level: Level = "loss") -> Instead:
    """Say that this member is written as another one; the difference is reported."""
    return Instead(member, to, reason, level)


def refuse(member: type, reason: str, *, to: Any = None) -> Refuse:
    """Say that this CRM cannot do this member; it is reported, and the call is made without it."""
    return Refuse(member, reason, to)


def variant(neutral: str, wire: str, *arms: Case | Instead | Refuse) -> Variant:
    """Map an attribute that is one of several classes."""
    return Variant(neutral, wire, arms)


def cleared(neutral: str, wire: str, *records: Crosswalk, beside: str = "record") -> Cleared:
    """Map the names of attributes to clear to the null keys of the wire object at ``wire``.

    ``records`` are the crosswalks of what may stand there; the attribute ``beside`` tells which.
    """
    return Cleared(neutral, wire, beside, {record.model: _clearable(record) for record in records})


def _clearable(record: Crosswalk) -> dict[str, tuple[str, ...]]:
    fields = (row for row in record.rows if isinstance(row, Field) and row.access != READ and len(row.neutral) == 1)
    return {row.neutral[0]: row.wire for row in fields if not any("." in key for key in row.wire)}


def under(base: str, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the same rows for a record that stands at ``base`` of a larger wire object."""
    return tuple(_under(base, row) for row in rows)


def _under(base: str, row: Row) -> Row:
    if isinstance(row, Field):
        echo = tuple(join_path(base, key) for key in row.echo)
        return row._replace(wire=tuple(join_path(base, key) for key in row.wire), echo=echo)
    if isinstance(row, Absent) or row.wire is None:
        return row
    return row._replace(wire=join_path(base, row.wire))


# --- the crosswalk ---------------------------------------------------------------------------------------------------


class Crosswalk:
    """One neutral class ↔ one wire object, row by row.

    ``author`` is who writes the wire: ``client`` may not write read-only keys, ``vendor`` (replies) writes all.
    With ``calls`` the wire is an exchange: an object of named calls, each with ``path``, ``query`` and ``body``.
    ``declared`` is the file and line where it is declared, for messages.
    """

    def __init__(
        self,
        model: type,
        name: str,
        *rows: Row,
        author: Literal["client", "vendor"] = "client",
        calls: tuple[CallTemplate, ...] = (),
    ) -> None:
        self.model = model
        self.name = name
        self.rows = _expand(model, name, rows)
        self.author = author
        self.calls = calls
        caller = inspect.currentframe().f_back  # type: ignore[union-attr]  # CPython has frames
        self.declared = (caller.f_code.co_filename, caller.f_lineno) if caller is not None else ("", 0)
        check(name, model, self.rows, {call.name for call in calls})

    def __repr__(self) -> str:
        """Return the name."""
        return f"<Crosswalk {self.name}>"


def _expand(model: type, name: str, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Spell out EVERYTHING_ELSE, in cases too."""
    named = {n for row in rows for n in row_neutral(row)}
    left = tuple(n for n in model_fields(model) if n not in named)
    out: list[Row] = []
    for row in rows:
        if isinstance(row, Absent) and row.neutral == (EVERYTHING_ELSE.name,):
            if not left:
                raise DeclarationError(f"{name}: EVERYTHING_ELSE is nothing; remove the row")
            out.append(row._replace(neutral=left))
        elif isinstance(row, Variant):
            arms = (_expand_case(arm, name) if isinstance(arm, Case) else arm for arm in row.arms)
            out.append(row._replace(arms=tuple(arms)))
        else:
            out.append(row)
    return tuple(out)


def _expand_case(arm: Case, name: str) -> Case:
    return arm._replace(rows=_expand(arm.member, f"{name}, case {arm.member.__name__}", arm.rows))
