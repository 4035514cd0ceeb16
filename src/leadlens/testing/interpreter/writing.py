"""The reference encode: neutral object → wire object and losses, row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import attrs

from leadlens.codecs import Codec, Lossy, Unsayable
from leadlens.crosswalk import (
    GONE,
    NULL,
    PRESENT,
    Absent,
    Case,
    Cleared,
    Constant,
    Crosswalk,
    Derived,
    Field,
    Instead,
    Path,
    Refuse,
    Rest,
    Row,
    Variant,
    join_path,
)
from leadlens.loss import Loss
from leadlens.testing.interpreter.paths import guard_paths, is_given, known, objects, parse_path
from leadlens.testing.interpreter.reading import Reader

Carry: TypeAlias = Callable[[str, Any], Any]


class Writer:
    """Writes one wire object."""

    def __init__(self, crosswalk: Crosswalk, author: str, ids: Carry | None, neutral: str) -> None:
        self.crosswalk = crosswalk
        self.author = author
        self.ids = ids
        self.neutral = neutral
        self.losses: list[Loss] = []
        self.wire: Any = {}
        self.written: dict[tuple[int, str], Any] = {}

    def write(self, value: Any) -> Any:
        """Return the wire object."""
        for call in self.crosswalk.calls:
            for path in call.always:
                self.ensure(parse_path(join_path(call.name, path)))
        self._object(self.crosswalk.model, self.crosswalk.rows, "", value, self.neutral)
        return self.wire

    def _object(self, model: type, rows: tuple[Row, ...], base: str, value: Any, neutral: str) -> None:
        last = [row for row in rows if isinstance(row, Field | Cleared) and row.beside is not None]
        for row in [*(row for row in rows if row not in last), *last]:
            self._row(model, row, base, value, neutral)

    def ensure(self, path: Path) -> Any:
        """Make the object at a path, and return it."""
        node = self.wire
        for part, below in zip(path, (*path, "")[1:], strict=True):
            empty: Any = [] if isinstance(below, int) else {}
            if isinstance(part, int):
                node.extend({} for _ in range(part + 1 - len(node)))
            elif node.get(part) is None:
                node[part] = empty
            node = node[part]
        return node

    def put(self, base: str, key: str, wire: Any) -> None:
        """Set a key."""
        path = parse_path(join_path(base, key))
        self.ensure(path[:-1])[path[-1]] = wire

    def lose(self, path: str, reason: Any, detail: str = "", level: Any = "loss", kind: Any = "differs") -> None:
        """Report a loss."""
        self.losses.append(Loss(path, reason, detail, level, kind))

    def _row(self, model: type, row: Row, base: str, value: Any, neutral: str) -> None:
        if isinstance(row, Field):
            self._field(model, row, base, value, neutral)
        elif isinstance(row, Absent):
            for name in row.neutral:
                if is_given(model, name, getattr(value, name)):
                    self.lose(join_path(neutral, name), "absent", row.reason, row.level)
        elif isinstance(row, Constant):
            self._constant(row, base, value, neutral)
        elif isinstance(row, Rest):
            self._rest(row, base, getattr(value, row.neutral), join_path(neutral, row.neutral))
        elif isinstance(row, Cleared):
            self._cleared(row, base, value, join_path(neutral, row.neutral))
        elif isinstance(row, Variant):
            self._variant(row, base, value, join_path(neutral, row.neutral))
        elif isinstance(row, Derived) and (self.author == "vendor" or row.access != "read"):
            self._derived(row, base, getattr(value, row.neutral))

    def _derived(self, row: Derived, base: str, said: Any) -> None:
        ids = () if row.codec.ids is None else (self.ids,)
        wire = None if said is None else row.codec.encode(said, *ids)
        if wire is not None or self.author == "vendor":
            self.put(base, row.wire, wire)

    def _constant(self, row: Constant, base: str, value: Any, neutral: str) -> None:
        if row.wire is not None:
            self.put(base, row.wire, row.value)
        if row.neutral is not None and getattr(value, row.neutral) != row.value:
            self.lose(join_path(neutral, row.neutral), "narrowed", row.reason)

    def _rest(self, row: Rest, base: str, said: Any, neutral: str) -> None:
        path = parse_path(join_path(base, row.wire))
        for place, item in enumerate(said):
            kept = self._own_fields((item,), neutral, place)
            if kept:
                self._free_key(row, path, kept, f"{neutral}[{place}]")

    def _free_key(self, row: Rest, path: Path, kept: Any, neutral: str) -> None:
        try:
            ((key, wire),) = row.codec.encode(kept).items()
        except Unsayable as error:
            return self.lose(neutral, error.reason, str(error), error.level)
        held = Reader(self.crosswalk, self.wire, "$", "").value(path) or {}
        if key in known(self.crosswalk, path) or key in held:
            return self.lose(neutral, "ambiguous")
        if not re.match(row.pattern, key):
            return self.lose(neutral, "unmapped_option")
        if wire is None:
            return self.lose(neutral, "left_out", level="note")
        self.ensure(path)[key] = wire
        if row.codec.decode({key: wire}) != kept:
            lossy = row.codec.lossy or Lossy("narrowed", "", "note")
            self.lose(neutral, lossy.reason, lossy.detail, lossy.level)
        return None

    def _own_fields(self, said: Any, neutral: str, first: int = 0) -> Any:
        """Exchange the definitions of custom fields; report those that the other account does not have."""
        if self.ids is None:
            return said
        kept = []
        for place, item in enumerate(said, first):
            definition = self.ids("definition", item.definition)
            if definition is None:
                self.lose(f"{neutral}[{place}]", "foreign_id")
            else:
                kept.append(attrs.evolve(item, definition=definition))
        return tuple(kept)

    def _cleared(self, row: Cleared, base: str, value: Any, neutral: str) -> None:
        keys = row.keys.get(getattr(value, row.beside).__class__, {})
        for name in getattr(value, row.neutral):
            if name not in keys:
                self.lose(neutral, "absent")
            for key in keys.get(name, ()):
                self.put(join_path(base, row.wire), key, None)

    def _field(self, model: type, row: Field, base: str, value: Any, neutral: str) -> None:
        said = [getattr(value, name) for name in row.neutral]
        given = [is_given(model, name, item) for name, item in zip(row.neutral, said, strict=True)]
        if row.missing is not None:
            given = [said[0] != row.missing]
        if row.access == "read" and self.author == "client":
            for name, is_there in zip(row.neutral, given, strict=False):
                if is_there:
                    self.lose(join_path(neutral, name), "read_only")
            return
        if self.author == "vendor":
            for key in row.wire:
                self.put(base, key, row.codec.empty)
        if any(given):
            self._write(row, base, value, self._carried(row, said, neutral), neutral)
        self._needs(row, base, join_path(neutral, row.neutral[0]))

    def _needs(self, row: Field, base: str, neutral: str) -> None:
        last = Reader(self.crosswalk, self.wire, "$", "").value(parse_path(join_path(base, row.wire[-1])))
        if last is not None:
            return
        if row.required is not None:
            self.lose(neutral, "required", row.required, kind="needs")
        elif row.defaulted is not None:
            self.lose(neutral, "defaulted", row.defaulted, "note", "needs")

    def _carried(self, row: Field, said: list[Any], neutral: str) -> list[Any]:
        """Exchange the ids of the account that the value comes from."""
        if self.ids is None or row.codec.ids is None:
            return said
        if row.codec.shape == "each":
            return said
        if row.codec.ids == "definition":
            return [self._own_fields(said[0], join_path(neutral, row.neutral[0]))]
        out = [None if item is None else self.ids(row.codec.ids, item) for item in said]
        for name, before, after in zip(row.neutral, said, out, strict=True):
            if before is not None and after is None:
                self.lose(join_path(neutral, name), row.codec.unmapped)
        return out

    def _write(self, row: Field, base: str, value: Any, said: list[Any], neutral: str) -> None:
        if row.codec.ids is not None and all(item is None or item == () for item in said):
            return
        if row.codec.record is not None:
            self._put_nested(row, row.codec.record, base, said[0], join_path(neutral, row.neutral[0]))
            return
        beside = [] if row.beside is None else [self._beside(value, row.beside)]
        try:
            wires = row.codec.encode(*said, *beside)
        except Unsayable as error:
            for name, item in zip(row.neutral, said, strict=True):
                if item is not None:
                    self.lose(join_path(neutral, name), error.reason, str(error), error.level)
            return
        wires = wires if len(row.wire) > 1 else (wires,)
        if row.codec.lossy is not None:
            self._settle(row, row.codec.lossy, [*wires, *beside], said, neutral)
        for key, wire in zip(row.wire, wires, strict=True):
            if not (key in row.echo and self.author == "client") and wire is not None:
                self.put(base, key, wire)

    def _put_nested(self, row: Field, record: Crosswalk, base: str, said: Any, neutral: str) -> None:
        made = self._nested(row.codec, record, said, neutral)
        if made != []:
            self.put(base, row.wire[0], made)

    def _beside(self, value: Any, name: str) -> Any:
        """Return what is written of another attribute: the replacement of what this CRM cannot do."""
        return self.written.get((id(value), name), getattr(value, name))

    def _settle(self, row: Field, lossy: Lossy, wires: list[Any], said: list[Any], neutral: str) -> None:
        back = row.codec.decode(*wires)
        left = back if len(said) > 1 and back is not None else [back] * len(said)
        for name, before, after in zip(row.neutral, said, left, strict=True):
            if before == after:
                continue
            if lossy.mild is not None and lossy.mild(before, after):
                self.lose(join_path(neutral, name), "coerced", lossy.mild_detail, "note")
            else:
                self.lose(join_path(neutral, name), lossy.reason, lossy.detail, lossy.level)

    def _nested(self, codec: Codec, record: Crosswalk, said: Any, neutral: str) -> Any:
        if codec.shape == "one":
            return self._inner(record, said, neutral)
        if codec.shape == "each":
            return list(self._items(codec, record, said, neutral))
        if len(said) > 1:
            assert codec.lossy is not None
            self.lose(neutral, codec.lossy.reason, codec.lossy.detail, codec.lossy.level)
        return self._inner(record, said[0], f"{neutral}[0]")

    def _items(self, codec: Codec, record: Crosswalk, said: Any, neutral: str) -> Iterator[Any]:
        for place, item in enumerate(said):
            path, losses = f"{neutral}[{place}]", list(self.losses)
            if codec.ids == "definition" and self.ids is not None:
                definition = self.ids("definition", item.definition)
                if definition is None:
                    self.lose(path, "foreign_id")
                    continue
                wire = self._inner(record, attrs.evolve(item, definition=definition), path)
            else:
                wire = self._inner(record, item, path)
            mine = self.losses[len(losses) :]
            told = [loss for loss in mine if loss.kind == "differs" and loss.level == "loss"]
            if told and any(loss.reason == "required" for loss in mine):
                self.losses = losses
                self.lose(path, told[0].reason, told[0].detail)
            elif codec.skip is not None and wire.get(codec.skip) is None:
                self.losses = losses
                self.lose(path, "left_out", level="note")
            else:
                yield wire

    def _inner(self, record: Crosswalk, value: Any, neutral: str) -> Any:
        writer = Writer(record, self.author, self.ids, neutral)
        made = writer.write(value)
        self.losses += writer.losses
        return made

    def _variant(self, row: Variant, base: str, value: Any, neutral: str) -> None:
        said = getattr(value, row.neutral)
        for arm in row.arms:
            if not isinstance(arm, Case) and said.__class__ is arm.member:
                said = self._replaced(arm, said, neutral)
        here = join_path(base, row.wire)
        self.written[id(value), row.neutral] = said
        for arm in row.cases:
            if said.__class__ is arm.member:
                self._object(arm.member, arm.rows, here, said, neutral)
                self._tell(arm, here, neutral)

    def _replaced(self, arm: Instead | Refuse, said: Any, neutral: str) -> Any:
        if isinstance(arm, Refuse):
            self.lose(neutral, "absent", arm.reason)
            return arm.to
        self.lose(neutral, "instead", arm.reason, arm.level)
        made = arm.to(said)
        for attribute in attrs.fields(said.__class__):
            given = getattr(said, attribute.name)
            if is_given(said.__class__, attribute.name, given) and getattr(made, attribute.name, None) != given:
                self.lose(f"{neutral}.{attribute.name}", "instead")
        return made

    def _tell(self, arm: Case, here: str, neutral: str) -> None:
        """Make the wire meet the guards. Where a key that should be given is not, another case is what it says."""
        for key, condition in arm.guards.items():
            paths = guard_paths(key, here)
            if condition is PRESENT and paths[0] in objects(self.crosswalk):
                continue
            written = Reader(self.crosswalk, self.wire, "$", "")
            if condition is PRESENT and all(written.value(path) is None for path in paths):
                self.lose(neutral, "instead", level="note")
                return
        for key, condition in arm.guards.items():
            self._meet(guard_paths(key, here), condition)

    def _meet(self, paths: list[Path], condition: object) -> None:
        for path in paths:
            if condition is PRESENT and path in objects(self.crosswalk):
                self.ensure(path)
            elif condition is GONE and self.author == "vendor" and path not in objects(self.crosswalk):
                self.ensure(path[:-1])[path[-1]] = None
            elif condition is NULL or (condition is not PRESENT and condition is not GONE):
                self.ensure(path[:-1])[path[-1]] = None if condition is NULL else condition
