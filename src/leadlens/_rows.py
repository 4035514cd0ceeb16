"""The kinds of rows, what each accounts for on either side, and the paths of wire keys. Everything here is data."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

import attrs

from leadlens.codecs import Codec
from leadlens.flow import Step
from leadlens.loss import Level

Access = Literal["both", "read", "write"]
READ: Access = "read"
WRITE: Access = "write"


class Marker:
    """A guard's condition that is not a literal; also the *everything else* of ``absent``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        """Return the name under which the marker is imported."""
        return self.name


PRESENT = Marker("PRESENT")
"""The key is there and not null."""
GONE = Marker("GONE")
"""The key is absent or null."""
NULL = Marker("NULL")
"""The key is there and null."""
EVERYTHING_ELSE = Marker("EVERYTHING_ELSE")
"""Every neutral attribute that no other row of the crosswalk names."""

Guards: TypeAlias = Mapping[str | tuple[str, ...], object]


class Field(NamedTuple):
    """One or several neutral attributes ↔ one or several wire keys, through a codec."""

    neutral: tuple[str, ...]
    wire: tuple[str, ...]
    codec: Codec
    access: Access = "both"
    missing: Any = None
    required: str | None = None
    defaulted: str | None = None
    beside: str | None = None
    echo: tuple[str, ...] = ()


class Absent(NamedTuple):
    """Neutral attributes that this wire has no place for, and why."""

    neutral: tuple[str, ...]
    reason: str
    level: Level = "loss"


class Constant(NamedTuple):
    """A wire key, a neutral attribute or both that always have one value."""

    neutral: str | None
    wire: str | None
    value: Any
    reason: str = ""


class Rest(NamedTuple):
    """Every key of one wire object that no other row claims; only names that fit ``pattern``, where there is one."""

    neutral: str
    wire: str
    codec: Codec
    pattern: str = ""


class Derived(NamedTuple):
    """A wire key that only repeats what other rows say: written, and ignored when read."""

    wire: str
    neutral: str
    codec: Codec
    access: Access = "both"


class Ignored(NamedTuple):
    """A wire key that the neutral model has no place for, and why; reported as a note where it says something."""

    wire: str
    reason: str


class Cleared(NamedTuple):
    """Neutral attribute names ↔ the keys of one wire object that are there and null, per class of the record beside."""

    neutral: str
    wire: str
    beside: str
    keys: Mapping[type, Mapping[str, tuple[str, ...]]]


class Case(NamedTuple):
    """One member of a union: how the wire tells it (guards), and its own rows."""

    member: type
    guards: Guards
    rows: tuple[Row, ...]


class Instead(NamedTuple):
    """A member that this wire can only say as another one."""

    member: type
    to: Callable[[Any], Any]
    reason: str
    level: Level = "loss"


class Refuse(NamedTuple):
    """A member that this CRM cannot do. The call is made without it, as ``to`` where silence would do something."""

    member: type
    reason: str
    to: Any = None


class Variant(NamedTuple):
    """A neutral attribute that is one of several classes. Keys inside are relative to ``wire``."""

    neutral: str
    wire: str
    arms: tuple[Case | Instead | Refuse, ...]

    @property
    def cases(self) -> tuple[Case, ...]:
        """The members that the wire can say."""
        return tuple(arm for arm in self.arms if isinstance(arm, Case))


Row: TypeAlias = Field | Absent | Constant | Rest | Derived | Ignored | Cleared | Variant


class CallTemplate(NamedTuple):
    """One named call of an exchange. ``path`` holds ``{parameters}``; ``always`` names wire objects sent even if empty.

    ``given`` holds the path parameters that a bare body stands for.
    """

    name: str
    step: Step
    method: str
    path: str
    why: str
    when: str | None = None
    always: tuple[str, ...] = ()
    given: Mapping[str, str] = MappingProxyType({})


# --- paths -----------------------------------------------------------------------------------------------------------

Path: TypeAlias = tuple[str | int, ...]


def parse_path(path: str) -> Path:
    """Return ``data[0].Deals`` as ``("data", 0, "Deals")``."""
    parts = path.replace("[", ".[").split(".")
    return tuple(int(part[1:-1]) if part.startswith("[") else part for part in parts if part)


def join_path(base: str, key: str) -> str:
    """Return the path of ``key`` below ``base``; either may be empty."""
    return f"{base}.{key}" if base and key else base or key


# --- what rows account for -------------------------------------------------------------------------------------------


def names_of(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def model_fields(model: type) -> tuple[str, ...]:
    """Return the names of a neutral class's attributes, in order."""
    return tuple(a.name for a in attrs.fields(model))


def members(model: type, name: str) -> tuple[type, ...]:
    """Return the classes that a neutral attribute can be (without None)."""
    hint = typing.get_type_hints(model)[name]
    union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return tuple(m for m in (typing.get_args(hint) if union else (hint,)) if m is not type(None))


def row_neutral(row: Row) -> tuple[str, ...]:
    """Return the neutral attributes that a row accounts for."""
    if isinstance(row, Field | Absent):
        return row.neutral
    if isinstance(row, Derived | Ignored) or row.neutral is None:
        return ()
    return (row.neutral,)


def row_wire(row: Row, base: str = "") -> Iterator[str]:
    """Yield the wire keys that a row claims, cases included, as paths from the crosswalk's root."""
    if isinstance(row, Field):
        yield from (join_path(base, key) for key in row.wire)
    elif isinstance(row, Constant | Derived | Ignored) and row.wire is not None:
        yield join_path(base, row.wire)
    elif isinstance(row, Variant):
        for arm in row.cases:
            yield from case_wire(arm, join_path(base, row.wire))


def case_wire(arm: Case, base: str) -> Iterator[str]:
    """Yield the wire keys that one case claims: its guards' and its rows'."""
    for key in arm.guards:
        yield from (join_path(base, name) for name in names_of(key))
    for row in arm.rows:
        yield from row_wire(row, base)


def same_literal(left: object, right: object) -> bool:
    """Compare literals by type and value: True is not 1."""
    return left.__class__ is right.__class__ and left == right
