"""Where things stand in a TOML file: the line of every table and key. The standard reader does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

_PART = r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_TABLE = re.compile(rf"\s*\[\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]")


def lines_of(text: str) -> dict[tuple[str, ...], int]:
    """Return the line, counted from 1, of every table and key of a valid TOML text, by its path."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _TABLE.match(line):
            table = tuple(_path(header[1]))
            for size in range(1, len(table) + 1):
                found.setdefault(table[:size], number)
        elif key := _KEY.match(line):
            path = (*table, *_path(key[1]))
            for size in range(len(table) + 1, len(path) + 1):
                found.setdefault(path[:size], number)
    return found


def _path(written: str) -> Iterator[str]:
    try:
        node: Any = tomllib.loads(f"{written} = 0")
    except tomllib.TOMLDecodeError:  # a line of a longer text that only looks like a key
        return
    while isinstance(node, dict):
        ((name, node),) = node.items()
        yield name
