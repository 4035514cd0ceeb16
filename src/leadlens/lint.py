"""Checks crosswalks beyond what their declaration refuses: that rows work, and that exact codecs are exact.

Totality, guards and picklists are refused when a crosswalk is declared; a file whose declarations fail is reported
with the file and line of the declaration.
"""

from __future__ import annotations

import runpy
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs

from leadlens._compile import decode, encode, source
from leadlens._examples import examples, wire_examples
from leadlens.codecs import Doubt, Unfit, Unsayable
from leadlens.crosswalk import WRITE, Absent, Crosswalk, Field, Row, Variant
from leadlens.errors import DeclarationError, InputError


@attrs.frozen
class Problem:
    """One finding: where (crosswalk and row, or file and line), and what to do."""

    where: str
    message: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.where}: {self.message}"


def problems(crosswalks: Iterable[Crosswalk]) -> Iterator[Problem]:
    """Yield what is wrong with these crosswalks, each finding once."""
    for crosswalk in crosswalks:
        yield from dict.fromkeys(_problems(crosswalk))


def _problems(crosswalk: Crosswalk) -> Iterator[Problem]:
    try:
        source(crosswalk)
        for row in _rows(crosswalk.rows):
            yield from _row_problems(crosswalk, row)
        yield from _example_problems(crosswalk)
    except Exception as error:  # noqa: BLE001  # a codec is anybody's code; what it raises is the finding
        yield Problem(crosswalk.name, f"{type(error).__name__}: {error}")


def _rows(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows, those of unions' members and of nested records too."""
    for row in rows:
        yield row
        if isinstance(row, Variant):
            for arm in row.cases:
                yield from _rows(arm.rows)
        elif isinstance(row, Field) and row.codec.record is not None:
            yield from _rows(row.codec.record.rows)


def _row_problems(crosswalk: Crosswalk, row: Row) -> Iterator[Problem]:
    where = f"{crosswalk.name}: {', '.join(row.neutral)}" if isinstance(row, Field | Absent) else crosswalk.name
    if isinstance(row, Absent) and len(row.reason.split()) < 3:
        yield Problem(where, "the reason of an absent row is a sentence for a salesperson")
    if isinstance(row, Field) and row.codec.record is None and row.beside is None and row.access != WRITE:
        for wires in wire_examples(row.codec):
            yield from _codec_problems(where, row, wires)


def _codec_problems(where: str, row: Field, wires: tuple[Any, ...]) -> Iterator[Problem]:
    codec = row.codec
    try:
        value = codec.decode(*wires)
        if value is None:
            return
        written = codec.encode(*(value if len(row.neutral) > 1 else (value,)))
        again = codec.decode(*(written if len(row.wire) > 1 else (written,)))
    except (Unfit, Doubt) as error:
        yield Problem(where, f"the codec does not read what its own schema describes: expected {error}")
    except Unsayable as error:
        if error.reason != "ambiguous":
            yield Problem(where, f"the codec cannot write what it reads: {error}")
    except Exception as error:  # noqa: BLE001  # see above
        yield Problem(where, f"the codec fails on what its own schema describes: {type(error).__name__}: {error}")
    else:
        if again != value and codec.lossy is None:
            yield Problem(where, "the codec is not exact on its own domain: reading what it wrote gives another value")


def _example_problems(crosswalk: Crosswalk) -> Iterator[Problem]:
    for found in examples(crosswalk):
        for value in found.values:
            where, encoded = f"{crosswalk.name}: {found.path}", encode(crosswalk, value)
            try:
                again = decode(crosswalk, encoded.wire).value
            except InputError as error:
                yield Problem(where, f"what is written cannot be read again: {error}")
            else:
                if again != value and not encoded.losses:
                    yield Problem(where, "what is written reads as something else, and no loss is reported")


def lint_file(path: Path) -> tuple[list[Crosswalk], list[Problem]]:
    """Return the crosswalks that a Python file of rows declares, and the problems found.

    The file is run, as importing it would. Whatever it raises is a problem with the file's own line.
    """
    try:
        found = runpy.run_path(str(path))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # the file is the user's; all that it raises is reported
        told = str(error) if isinstance(error, DeclarationError | SyntaxError) else f"{type(error).__name__}: {error}"
        return [], [Problem(_line(path, error), told)]
    crosswalks = list(_declared(found.values()))
    if not crosswalks:
        return [], [Problem(str(path), "the file declares no crosswalk")]
    return crosswalks, list(problems(crosswalks))


def _declared(values: Iterable[Any]) -> Iterator[Crosswalk]:
    seen: set[int] = set()
    for value in values:
        inner = value.values() if isinstance(value, dict) else (value,)
        for item in inner:
            if isinstance(item, Crosswalk) and id(item) not in seen:
                seen.add(id(item))
                yield item


def _line(path: Path, error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{path}:{error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"{path}:{lines[-1]}" if lines else str(path)
