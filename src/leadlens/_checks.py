"""Checks of the rows of a crosswalk, all when it is declared: a mistake is an error at import."""

from __future__ import annotations

from collections.abc import Iterable

from leadlens._rows import (
    GONE,
    NULL,
    PRESENT,
    Absent,
    Field,
    Guards,
    Marker,
    Row,
    Variant,
    join_path,
    members,
    model_fields,
    row_neutral,
    row_wire,
    same_literal,
)
from leadlens.errors import DeclarationError


def check(name: str, model: type, rows: tuple[Row, ...], calls: set[str]) -> None:
    """Raise :class:`DeclarationError` unless everything is accounted for exactly once; ``calls`` of an exchange."""
    _check_total(model, rows, name)
    _check_claims(rows, "", name)
    for path in (path for row in rows for path in row_wire(row) if calls):
        if path.split(".")[0] not in calls:
            raise DeclarationError(f"{name}: {path!r} names no call{_suggest(path.split('.')[0], calls)}")


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


def _suggest(word: str, known: Iterable[str]) -> str:
    import difflib  # only a mistake needs it

    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
