"""The reference decode: wire object → neutral object, row by row."""

from __future__ import annotations

import re
from typing import Any

from leadlens.codecs import Codec, Doubt, Unfit
from leadlens.crosswalk import (
    GONE,
    NULL,
    PRESENT,
    Absent,
    Case,
    Cleared,
    Constant,
    Crosswalk,
    Field,
    Ignored,
    Path,
    Rest,
    Row,
    Variant,
    join_path,
    model_fields,
)
from leadlens.errors import InputError
from leadlens.loss import Loss
from leadlens.testing.interpreter.paths import (
    ABSENT,
    default,
    guard_paths,
    known,
    leftovers,
    objects,
    parse_path,
    rests,
    same,
    shown,
)


class Reader:
    """Reads one wire object."""

    def __init__(self, crosswalk: Crosswalk, wire: Any, at: str, neutral: str) -> None:
        self.crosswalk = crosswalk
        self.wire = wire
        self.at = at
        self.neutral = neutral
        self.notices: list[Loss] = []

    def read(self) -> Any:
        """Return the neutral object."""
        if self.wire.__class__ is not dict:
            raise InputError(self.at, "an object")
        self._unknown()
        return self._object(self.crosswalk.model, self.crosswalk.rows, "", self.neutral)

    def where(self, path: Path) -> str:
        """Return a wire path as people see it."""
        return self.at + shown(self.crosswalk, path)

    def get(self, path: Path) -> Any:
        """Return what stands at a path, or ABSENT."""
        found: Any = self.wire
        for place, part in enumerate(path):
            if found is None or found is ABSENT:
                return ABSENT
            wanted = list if isinstance(part, int) else dict
            if found.__class__ is not wanted:
                raise InputError(self.where(path[:place]), "a list" if wanted is list else "an object")
            found = _step(found, part)
        return found

    def value(self, path: Path) -> Any:
        """Return what stands at a path, None for nothing."""
        found = self.get(path)
        return None if found is ABSENT else found

    def lose(self, path: str, reason: Any, detail: str = "", level: Any = "loss", kind: Any = "wire_only") -> None:
        """Note something."""
        self.notices.append(Loss(path, reason, detail, level, kind))

    def _unknown(self) -> None:
        free = rests(self.crosswalk)
        for path in objects(self.crosswalk):
            found = self.value(path)
            if found.__class__ is list:
                for extra in range(1, len(found)):
                    self.lose(f"{self.where(path)}[{extra}]", "unknown_key")
            elif found is not None:
                self.get((*path, ""))
                for key in found.keys() - known(self.crosswalk, path):
                    if path not in free or not re.match(free[path].pattern, key):
                        self.lose(f"{self.where(path)}.{key}", "unknown_key")

    def _object(self, model: type, rows: tuple[Row, ...], base: str, neutral: str) -> Any:
        said: dict[str, Any] = {}
        last = [row for row in rows if isinstance(row, Field | Cleared) and row.beside is not None]
        for row in [*(row for row in rows if row not in last), *last]:
            said |= self._row(model, row, base, neutral, said)
        made: Any = object.__new__(model)
        for name, value in said.items():
            object.__setattr__(made, name, value)
        return made

    def _row(self, model: type, row: Row, base: str, neutral: str, said: dict[str, Any]) -> dict[str, Any]:
        if isinstance(row, Field):
            return self._field(model, row, base, neutral, said)
        if isinstance(row, Absent):
            return {name: default(model, name) for name in row.neutral}
        if isinstance(row, Constant):
            return self._constant(row, base)
        if isinstance(row, Variant):
            return {row.neutral: self._variant(row, base, neutral)}
        if isinstance(row, Rest):
            return {row.neutral: self._rest(row, base)}
        if isinstance(row, Cleared):
            return {row.neutral: self._cleared(row, base, said)}
        if isinstance(row, Ignored):
            path = parse_path(join_path(base, row.wire))
            if self.value(path) not in (None, [], {}):
                self.lose(self.where(path), "left_out", row.reason, "note")
        return {}

    def _field(self, model: type, row: Field, base: str, neutral: str, said: dict[str, Any]) -> dict[str, Any]:
        nothing = {name: default(model, name) for name in row.neutral}
        if row.missing is not None:
            nothing[row.neutral[0]] = row.missing
        paths = [parse_path(join_path(base, key)) for key in row.wire]
        wires = [self.value(path) for path in paths]
        if row.access == "write":
            return {name: default(model, name) for name in row.neutral}
        if len(wires) == 1 and wires[0] is None:
            return nothing
        path = join_path(neutral, row.neutral[0])
        if row.codec.record is not None:
            return {row.neutral[0]: self._nested(row.codec, row.codec.record, wires[0], paths[0], path)}
        beside = () if row.beside is None else (said[row.beside],)
        found = self._through(row.codec, (*wires, *beside), paths, path)
        if found is None:
            return nothing
        return dict(zip(row.neutral, found if len(row.neutral) > 1 else (found,), strict=True))

    def _through(self, codec: Codec, wires: tuple[Any, ...], paths: list[Path], neutral: str) -> Any:
        try:
            return codec.decode(*wires)
        except Unfit as error:
            raise InputError(self.where(paths[error.place]) + error.path, str(error)) from None
        except Doubt as doubt:
            self.lose(neutral, "ambiguous", str(doubt), kind="differs")
            return None

    def _nested(self, codec: Codec, record: Crosswalk, wire: Any, path: Path, neutral: str) -> Any:
        if codec.shape == "each":
            return self._items(codec, record, wire, path, neutral)
        below = f"{neutral}[0]" if codec.shape == "first" else neutral
        found = self._inner(record, wire, self.where(path), below)
        return (found,) if codec.shape == "first" else found

    def _items(self, codec: Codec, record: Crosswalk, wire: Any, path: Path, neutral: str) -> Any:
        if wire.__class__ is not list:
            raise InputError(self.where(path), "a list")
        found: list[Any] = []
        for place, item in enumerate(wire):
            if codec.skip is None or item.__class__ is not dict or item.get(codec.skip) is not None:
                found.append(self._inner(record, item, f"{self.where(path)}[{place}]", f"{neutral}[{len(found)}]"))
        return tuple(found)

    def _inner(self, record: Crosswalk, wire: Any, at: str, neutral: str) -> Any:
        reader = Reader(record, wire, at, neutral)
        made = reader.read()
        self.notices += reader.notices
        return made

    def _constant(self, row: Constant, base: str) -> dict[str, Any]:
        if row.wire is not None:
            path = parse_path(join_path(base, row.wire))
            if self.value(path) is not None and not same(self.value(path), row.value):
                raise InputError(self.where(path), repr(row.value))
        return {} if row.neutral is None else {row.neutral: row.value}

    def _rest(self, row: Rest, base: str) -> Any:
        path = parse_path(join_path(base, row.wire))
        held = self.value(path) or {}
        free = held.keys() - known(self.crosswalk, path)
        extra = {key: value for key, value in held.items() if key in free and re.match(row.pattern, key)}
        if not free:
            return ()
        try:
            return row.codec.decode(extra)
        except Unfit as error:
            raise InputError(self.where(path) + error.path, str(error)) from None

    def _cleared(self, row: Cleared, base: str, said: dict[str, Any]) -> tuple[str, ...]:
        held = self.value(parse_path(join_path(base, row.wire))) or {}
        record = said[row.beside].__class__
        keys = [(name, row.keys[record].get(name, ())) for name in model_fields(record)]
        null = (name for name, wires in keys if wires and all(w in held and held[w] is None for w in wires))
        return tuple(sorted(null))

    def _variant(self, row: Variant, base: str, neutral: str) -> Any:
        here = join_path(base, row.wire)
        arm = next((arm for arm in row.cases if self.meets(arm, here)), None)
        if arm is None:
            raise InputError(self.where(parse_path(join_path(here, _telling_key(row)))), "what says one of the cases")
        self._leftover(row, arm, here)
        return self._object(arm.member, arm.rows, here, join_path(neutral, row.neutral))

    def meets(self, arm: Case, here: str) -> bool:
        """Tell whether the wire object meets every guard of a case."""
        return all(self._meets(guard_paths(key, here), condition) for key, condition in arm.guards.items())

    def _meets(self, paths: list[Path], condition: object) -> bool:
        if condition is PRESENT:
            return any(self.value(path) is not None for path in paths)
        if condition is GONE:
            return all(self.value(path) is None for path in paths)
        return all(self.get(path) is None if condition is NULL else same(self.get(path), condition) for path in paths)

    def _leftover(self, row: Variant, arm: Case, here: str) -> None:
        """Report given keys that only other cases claim."""
        for path in leftovers(self.crosswalk, row, arm, here):
            if self.value(path) is not None:
                self.lose(f"{self.where(path[:-1])}.{path[-1]}", "unknown_key")


def _telling_key(row: Variant) -> str:
    """Return the first key that every case looks at, where it is told by literals: the one to be looked at."""
    literals = [
        condition for arm in row.cases for condition in arm.guards.values() if isinstance(condition, bool | str)
    ]
    keys = [key for key in row.cases[0].guards if all(key in arm.guards for arm in row.cases)]
    first = next((key for key in keys if isinstance(key, str)), "")
    return first if any(arm.guards[first] in literals for arm in row.cases if first) else ""


def _step(node: Any, part: str | int) -> Any:
    if isinstance(part, str):
        return node.get(part, ABSENT)
    return node[part] if part < len(node) else ABSENT
