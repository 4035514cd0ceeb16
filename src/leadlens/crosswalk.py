"""The rows of a crosswalk: what becomes of each neutral attribute on one vendor's wire. Declared and checked here.

A crosswalk does not know its uses; each use (generated functions, schema, matrix, strategies, lint) is an interpreter
in a file of its own. Everything here is data. A mistake is an error when the crosswalk is declared.

Wire keys are paths from the record's root: ``address``, ``convert.body.data[0].Accounts.id``.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

import attrs

from leadlens.codecs import Codec, Lossy
from leadlens.errors import DeclarationError
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


# --- declaring rows --------------------------------------------------------------------------------------------------


def _names(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


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
    return Field(_names(neutral), _names(wire), codec, access, missing, required, defaulted, beside, _names(echo))


def absent(neutral: str | tuple[str, ...] | Marker, reason: str, *, level: Level = "loss") -> Absent:
    """Say that this wire has no place for these attributes, and why, in a sentence for a salesperson."""
    names = (EVERYTHING_ELSE.name,) if isinstance(neutral, Marker) else _names(neutral)
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
    return tuple(Ignored(key, reason) for key in _names(wire))


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


# --- paths -----------------------------------------------------------------------------------------------------------

Path: TypeAlias = tuple[str | int, ...]


def parse_path(path: str) -> Path:
    """Return ``data[0].Deals`` as ``("data", 0, "Deals")``."""
    parts = path.replace("[", ".[").split(".")
    return tuple(int(part[1:-1]) if part.startswith("[") else part for part in parts if part)


def join_path(base: str, key: str) -> str:
    """Return the path of ``key`` below ``base``; either may be empty."""
    return f"{base}.{key}" if base and key else base or key


# --- the crosswalk ---------------------------------------------------------------------------------------------------


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


class Crosswalk:
    """One neutral class ↔ one wire object, row by row.

    ``author`` is who writes the wire: ``client`` may not write read-only keys, ``vendor`` (replies) writes all.
    With ``calls`` the wire is an exchange: an object of named calls, each with ``path``, ``query`` and ``body``.
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
        check(self)

    def __repr__(self) -> str:
        """Return the name."""
        return f"<Crosswalk {self.name}>"


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
        yield from (join_path(base, name) for name in _names(key))
    for row in arm.rows:
        yield from row_wire(row, base)


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


# --- checks, all at declaration --------------------------------------------------------------------------------------


def check(crosswalk: Crosswalk) -> None:
    """Raise :class:`DeclarationError` unless everything is accounted for exactly once."""
    _check_total(crosswalk.model, crosswalk.rows, crosswalk.name)
    _check_claims(crosswalk.rows, "", crosswalk.name)
    calls = {call.name for call in crosswalk.calls}
    if calls:
        for row in crosswalk.rows:
            for path in row_wire(row):
                if path.split(".")[0] not in calls:
                    raise DeclarationError(
                        f"{crosswalk.name}: {path!r} names no call{_suggest(path.split('.')[0], calls)}"
                    )


def _check_total(model: type, rows: tuple[Row, ...], name: str) -> None:
    """Hold every attribute of ``model`` against the rows: once each, no others."""
    known = model_fields(model)
    seen: set[str] = set()
    for attribute in (n for row in rows for n in row_neutral(row)):
        if attribute not in known:
            raise DeclarationError(f"{name}: {model.__name__} has no {attribute!r}{_suggest(attribute, known)}")
        if attribute in seen:
            raise DeclarationError(f"{name}: {attribute!r} is accounted for twice")
        seen.add(attribute)
    if missing := [n for n in known if n not in seen]:
        raise DeclarationError(f"{name}: nothing is said about {', '.join(missing)} of {model.__name__}")
    for row in rows:
        _check_row(model, row, name)


def _check_row(model: type, row: Row, name: str) -> None:
    if isinstance(row, Field):
        _check_field(model, row, name)
    elif isinstance(row, Absent) and not row.reason:
        raise DeclarationError(f"{name}: absent {row.neutral} needs its reason")
    elif isinstance(row, Variant):
        _check_variant(model, row, name)


def _check_field(model: type, row: Field, name: str) -> None:
    where = f"{name}: field {', '.join(row.neutral)}"
    wires = len(row.codec.schema) if isinstance(row.codec.schema, tuple) else 1
    if wires != len(row.wire):
        raise DeclarationError(f"{where}: the codec is for {wires} wire key(s), the row names {len(row.wire)}")
    if row.codec.shape != "value" and (len(row.neutral), len(row.wire)) != (1, 1):
        raise DeclarationError(f"{where}: a nested record takes one attribute and one key")
    if row.codec.shape == "first" and row.codec.lossy is None:
        raise DeclarationError(f"{where}: say what becomes of the further items (lossy=…)")
    if row.beside is not None and row.beside not in model_fields(model):
        raise DeclarationError(
            f"{where}: {model.__name__} has no {row.beside!r}{_suggest(row.beside, model_fields(model))}"
        )


def _check_variant(model: type, row: Variant, name: str) -> None:
    where = f"{name}: variant {row.neutral}"
    union = members(model, row.neutral)
    handled = [arm.member for arm in row.arms]
    for member in handled:
        if member not in union:
            raise DeclarationError(f"{where}: {member.__name__} is no member of the union")
        if handled.count(member) > 1:
            raise DeclarationError(f"{where}: {member.__name__} is handled twice")
    if left := [m.__name__ for m in union if m not in handled]:
        raise DeclarationError(f"{where}: nothing is said about {', '.join(left)}")
    for arm in row.cases:
        _check_total(arm.member, arm.rows, f"{where}, case {arm.member.__name__}")
    _check_guards(row, where)


def _check_guards(row: Variant, where: str) -> None:
    """Cases must be disjoint, or the specific one first: else the order of rows would decide in silence."""
    for place, later in enumerate(row.cases):
        for earlier in row.cases[:place]:
            if not (_disjoint(earlier.guards, later.guards) or _implies(earlier.guards, later.guards)):
                pair = f"{earlier.member.__name__} and {later.member.__name__}"
                raise DeclarationError(
                    f"{where}: the guards of {pair} overlap; make them disjoint or put the specific one first"
                )
            if not _disjoint(earlier.guards, later.guards) and _implies(later.guards, earlier.guards):
                raise DeclarationError(
                    f"{where}: {later.member.__name__} can never be reached; {earlier.member.__name__} takes all"
                )


def same_literal(left: object, right: object) -> bool:
    """Compare literals by type and value: True is not 1."""
    return left.__class__ is right.__class__ and left == right


def _contradict(left: object, right: object) -> bool:
    def empty(condition: object) -> bool:
        return condition is GONE or condition is NULL

    if empty(left) != empty(right):
        return True
    literals = not any(isinstance(c, Marker) for c in (left, right))
    return literals and not same_literal(left, right)


def _disjoint(left: Guards, right: Guards) -> bool:
    return any(key in right and _contradict(condition, right[key]) for key, condition in left.items())


def _implies(left: Guards, right: Guards) -> bool:
    """Tell whether everything that meets ``left`` meets ``right``."""

    def one(strict: object, loose: object) -> bool:
        if loose is GONE:
            return strict is GONE or strict is NULL
        if loose is PRESENT:
            return strict is not GONE and strict is not NULL
        return strict is loose or same_literal(strict, loose)

    return all(key in left and one(left[key], condition) for key, condition in right.items())


def _check_claims(rows: tuple[Row, ...], base: str, name: str) -> None:
    """No wire key may be claimed by two rows, except by rows of different cases of one variant."""
    seen: set[str] = set()
    for row in rows:
        claims = set(row_wire(row, base))
        if twice := seen & claims:
            raise DeclarationError(f"{name}: {min(twice)!r} is claimed by two rows")
        seen |= claims
        if isinstance(row, Variant):
            for arm in row.cases:
                _check_claims(arm.rows, join_path(base, row.wire), name)


def _suggest(word: str, known: typing.Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
