"""A plan as a file: JSON whose items stand one on a line, so that one of any size is read line by line.

In memory the items are the same lines: an item is decoded when somebody looks at it.
"""

from __future__ import annotations

import hashlib
import operator
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

from leadlens.decoding import dumps, loads
from leadlens.errors import InputError

_ITEMS = b'"items":['
_LAST = b"\n]}\n"


class Items(Sequence[Any]):
    """JSON values in the order in which they were added, each kept as its line."""

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self._data = bytearray()
        self._ends = array("Q")
        for line in lines:
            self.add_line(line)

    def add(self, item: Any) -> None:
        """Add a value."""
        self.add_line(dumps(item))

    def add_line(self, line: bytes) -> None:
        """Add a value that is a line already."""
        self._data += line
        self._ends.append(len(self._data))

    def lines(self) -> Iterator[bytes]:
        """Yield the values as JSON."""
        begin = 0
        for end in self._ends:
            yield bytes(memoryview(self._data)[begin:end])
            begin = end

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        place = range(len(self))[operator.index(at)]
        begin = self._ends[place - 1] if place else 0
        return loads(bytes(memoryview(self._data)[begin : self._ends[place]]))

    def __iter__(self) -> Iterator[Any]:
        return map(loads, self.lines())


def digest(plan: Mapping[str, Any]) -> str:
    """Return the hash of a plan, over all of it but the hash: of its compact JSON with sorted keys."""
    found = hashlib.sha256(b"{")
    for number, key in enumerate(sorted(key for key in plan if key != "hash")):
        found.update(b"," * (number > 0) + dumps(key) + b":")
        for part in _value(plan[key]):
            found.update(part)
    found.update(b"}")
    return found.hexdigest()


def _value(value: Any) -> Iterator[bytes]:
    if not isinstance(value, Items):
        yield dumps(value)
        return
    yield b"["
    for number, line in enumerate(value.lines()):
        yield b"," * (number > 0) + line
    yield b"]"


def written(plan: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the file of a plan, part by part: its items last, one on a line."""
    head = dumps({key: value for key, value in plan.items() if key != "items"})
    yield head[:-1] + b"," + _ITEMS
    for number, line in enumerate(_lines(plan["items"])):
        yield b"," * (number > 0) + b"\n" + line
    yield _LAST


def _lines(items: Sequence[Any]) -> Iterator[bytes]:
    return items.lines() if isinstance(items, Items) else map(dumps, items)


def read(parts: Iterable[bytes]) -> Any:
    """Return what the lines of a file say: a plan by its lines, anything else as it is. Raises :class:`InputError`."""
    lines = iter(parts)
    first = next(lines, b"")
    if not first.rstrip(b"\n").endswith(b"," + _ITEMS):
        return loads(first + b"".join(lines))
    head = loads(first.rstrip(b"\n").removesuffix(b"," + _ITEMS) + b"}")
    items = Items()
    for line in lines:
        if line == _LAST[1:]:
            return {**head, "items": items}
        item = line.rstrip(b"\n").removesuffix(b",")
        loads(item)
        items.add_line(item)
    raise InputError("$.items", "a plan to its end: this one is cut off")
