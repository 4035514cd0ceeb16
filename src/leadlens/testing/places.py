"""Where a row stands: which row a path belongs to, how it reads, and its file and line."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from leadlens.crosswalk import Case, Crosswalk, Field, Row, Variant, join_path, row_neutral, row_wire

_WORDS = ("field", "absent", "constant", "rest", "derived", "ignored", "cleared", "variant")


class Found(NamedTuple):
    """A row, the crosswalk that declares it, and the wire path that its keys are relative to."""

    crosswalk: Crosswalk
    row: Row
    base: str = ""


def rows_of(crosswalk: Crosswalk, path: str) -> list[Found]:
    """Return the rows of a path: a neutral one (``deal.stage``), or one of the wire (``$.data[0].Stage``)."""
    if path.startswith("$"):
        wanted = re.sub(r"\[\d+\]", "", path.removeprefix("$").removeprefix("."))
        return [found for found in _all(crosswalk, crosswalk.rows, "") if _claims(found, wanted)][:2]
    names = [re.sub(r"\[\d+\]", "", part) for part in path.split(".") if part]
    return list(_named(crosswalk, crosswalk.rows, names, ""))


def _named(crosswalk: Crosswalk, rows: tuple[Row, ...], names: list[str], base: str) -> Iterator[Found]:
    for row in rows:
        if not names or names[0] not in row_neutral(row):
            continue
        inner = list(_below(crosswalk, row, names[1:], base))
        yield from inner or [Found(crosswalk, row, base)]


def _below(crosswalk: Crosswalk, row: Row, names: list[str], base: str) -> Iterator[Found]:
    if isinstance(row, Field) and row.codec.record is not None:
        yield from _named(row.codec.record, row.codec.record.rows, names, "")
    if isinstance(row, Variant):
        for arm in row.cases:
            yield from _named(crosswalk, arm.rows, names, join_path(base, row.wire))


def _all(crosswalk: Crosswalk, rows: tuple[Row, ...], base: str) -> Iterator[Found]:
    for row in rows:
        if isinstance(row, Variant):
            for arm in row.cases:
                yield from _all(crosswalk, arm.rows, join_path(base, row.wire))
        yield Found(crosswalk, row, base)


def _claims(found: Found, wanted: str) -> bool:
    keys = (re.sub(r"\[\d+\]", "", key) for key in row_wire(found.row, found.base))
    return any(wanted == key or wanted.startswith(f"{key}.") for key in keys)


def spelled(row: Row | Case) -> str:
    """Return a row as it is declared, short."""
    word = row.__class__.__name__.lower()
    if isinstance(row, Field):
        return f"field({_names(row.neutral)}, {_names(row.wire)}, {row.codec.name!r})"
    wire = getattr(row, "wire", None)
    names = _names(row_neutral(row)) if not isinstance(row, Case) else row.member.__name__
    return f"{word}({', '.join(filter(None, (names, repr(wire) if wire else '')))})"


def _names(names: tuple[str, ...]) -> str:
    return repr(names[0]) if len(names) == 1 else f"({', '.join(map(repr, names))})"


def place_of(found: Found) -> str:
    """Return file and line of a row; those of its crosswalk where the row is not found."""
    file, line = found.crosswalk.declared
    best = max(
        ((score, call.file == file, -abs(call.line - line), call) for call in _calls(str(Path(file).parent))
         if (score := _likeness(call, found.row))),
        key=lambda entry: entry[:3], default=None,
    )  # fmt: skip
    return _shown(file, line) if best is None else _shown(best[3].file, best[3].line)


def _shown(file: str, line: int) -> str:
    path = Path(file)
    near = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{near}:{line}"


class _Call(NamedTuple):
    """A row as it stands in a source: its word, the texts of its first arguments, file and line."""

    word: str
    neutral: tuple[str, ...]
    wire: tuple[str, ...]
    file: str
    line: int


def _likeness(call: _Call, row: Row) -> int:
    """Return how surely a source line declares a row; 0: it does not."""
    if call.word != row.__class__.__name__.lower():
        return 0
    if call.neutral and not set(row_neutral(row)) & set(call.neutral) and not set(row_wire(row)) & set(call.neutral):
        return 0
    if not call.neutral:
        return 1 if call.word == "absent" else 0
    own = tuple(row_wire(row))
    exact = 4 if call.neutral == row_neutral(row) else 2
    ends = all(any(key.endswith(text) for key in own) for text in call.wire)
    return exact + (2 if call.wire and call.wire == own else 1 if ends else 0)


@functools.cache
def _calls(folder: str) -> tuple[_Call, ...]:
    """Return every row that the modules of a folder declare."""
    return tuple(call for file in sorted(Path(folder).glob("*.py")) for call in _in_file(file))


def _in_file(file: Path) -> Iterator[_Call]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _WORDS:
            first, second = [*map(_texts, node.args[:2]), (), ()][:2]
            yield _Call(node.func.id, first, second, str(file), node.lineno)


def _texts(node: Any) -> tuple[str, ...]:
    """Return the texts of an argument; of one that is put together, its end."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.Tuple):
        return tuple(text for item in node.elts for text in _texts(item))
    if isinstance(node, ast.JoinedStr):
        return _texts(node.values[-1])
    return ()
