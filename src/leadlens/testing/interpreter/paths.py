"""What the reference interpreter knows of wire paths: who claims what, and how people see a path."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from leadlens import crosswalk as declared
from leadlens.crosswalk import Case, Cleared, Crosswalk, Path, Rest, Row, Variant, join_path, row_wire

parse_path = functools.cache(declared.parse_path)
ABSENT: Any = type("Absent", (), {"__repr__": lambda _: "ABSENT"})()


def claims(rows: tuple[Row, ...], base: str = "") -> set[Path]:
    """Return every wire path that rows claim."""
    return {parse_path(path) for row in rows for path in row_wire(row, base)}


@functools.cache
def objects(crosswalk: Crosswalk) -> set[Path]:
    """Return the paths of the wire objects (and lists that stand for one) that rows reach into."""
    inside = claims(crosswalk.rows) | {(*path, "") for path in _bases(crosswalk.rows, "")}
    for call in crosswalk.calls:
        inside |= {(call.name, part) for part in ("path", "query", "body")}
        inside |= {(*parse_path(join_path(call.name, path)), "") for path in call.always}
    return {path[:size] for path in inside for size in range(len(path))} | {()}


def _bases(rows: tuple[Row, ...], base: str) -> Iterator[Path]:
    for row in rows:
        if isinstance(row, Rest | Cleared | Variant):
            yield parse_path(join_path(base, row.wire))
        if isinstance(row, Variant):
            for arm in row.cases:
                yield from _bases(arm.rows, join_path(base, row.wire))


@functools.cache
def known(crosswalk: Crosswalk, path: Path) -> set[str]:
    """Return the keys of the wire object at a path that somebody claims."""
    every = objects(crosswalk) | claims(crosswalk.rows)
    for call in crosswalk.calls:
        every |= {(call.name, part) for part in ("path", "query", "body")}
    return {str(p[len(path)]) for p in every if len(p) > len(path) and p[: len(path)] == path}


@functools.cache
def rests(crosswalk: Crosswalk) -> dict[Path, Rest]:
    """Return the ``rest`` rows by the path of the object whose free keys they take."""
    return dict(_rests(crosswalk.rows, ""))


def _rests(rows: tuple[Row, ...], base: str) -> Iterator[tuple[Path, Rest]]:
    for row in rows:
        if isinstance(row, Rest):
            yield parse_path(join_path(base, row.wire)), row
        elif isinstance(row, Variant):
            for arm in row.cases:
                yield from _rests(arm.rows, join_path(base, row.wire))


def shown(crosswalk: Crosswalk, path: Path) -> str:
    """Return a wire path as people see it: of the main call's body bare, of the other calls with their names."""
    prefix = ""
    if crosswalk.calls and path:
        main = next(call.name for call in crosswalk.calls if call.step in ("convert", "upsert"))
        if path[0] != main:
            prefix, path = f"({path[0]})", path[1:]
        else:
            path = path[2:] if path[1:2] == ("body",) else path[1:]
    return prefix + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


@functools.cache
def default(model: type, name: str) -> Any:
    """Return what an attribute is when nothing is said about it."""
    found = attrs.fields_dict(model)[name].default
    return None if found is attrs.NOTHING else found


def is_given(model: type, name: str, value: Any) -> bool:
    """Tell whether an attribute says anything beyond what it is when nothing is said."""
    return value is not None and value != default(model, name)


def guard_paths(key: str | tuple[str, ...], here: str) -> list[Path]:
    """Return the wire paths that a guard looks at."""
    return [parse_path(join_path(here, name)) for name in ((key,) if isinstance(key, str) else key)]


def same(left: Any, right: Any) -> bool:
    """Compare JSON scalars by type and value: True is not 1."""
    return left.__class__ is right.__class__ and bool(left == right)


def leftovers(crosswalk: Crosswalk, row: Variant, arm: Case, here: str) -> tuple[Path, ...]:
    """Return the paths that only other cases claim; those that rows outside the variant reach into are theirs."""
    key = (id(row), id(arm), here)
    found = _LEFTOVERS.setdefault(crosswalk, {})
    if key not in found:
        others = _with_parents(path for other in row.cases for path in _arm_claims(other, here))
        elsewhere = _with_parents(path for other in crosswalk.rows if other is not row for path in claims((other,)))
        left = others - _with_parents(_arm_claims(arm, here)) - elsewhere
        found[key] = tuple(path for path in left if isinstance(path[-1], str))
    return found[key]


_LEFTOVERS: dict[Crosswalk, dict[tuple[int, int, str], tuple[Path, ...]]] = {}


def _with_parents(paths: Iterable[Path]) -> set[Path]:
    return {path[:size] for path in paths for size in range(1, len(path) + 1)}


def _arm_claims(arm: Case, here: str) -> set[Path]:
    return claims(arm.rows, here) | {path for key in arm.guards for path in guard_paths(key, here)}
