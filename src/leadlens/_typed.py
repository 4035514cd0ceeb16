"""Reads bytes straight into neutral objects, where they are exactly as documented; the second backend of the same rows.

msgspec reads the bytes into structs made from the rows, and checks types, ranges and unknown keys on the way; a
generated function moves the values. Whatever is not as documented, or in doubt, raises ``Unclear`` or one of
``UNCLEAR``, and ``_decode`` reads the same bytes again: it alone knows errors with their paths, residue and doubts.
"""

from __future__ import annotations

import functools
import keyword
from collections.abc import Iterable, Iterator
from types import GenericAlias
from typing import Annotated, Any, Union

import attrs
import msgspec
import msgspec.structs

from leadlens._build import twin
from leadlens._source import Node, Source, Tree, leftovers, literal_test, ordered, shown
from leadlens.codecs import Codec, Doubt, Unfit, as_is
from leadlens.crosswalk import (
    GONE,
    NULL,
    PRESENT,
    WRITE,
    Absent,
    Case,
    Constant,
    Crosswalk,
    Derived,
    Field,
    Ignored,
    Path,
    Row,
    Variant,
    join_path,
    model_fields,
    parse_path,
)
from leadlens.decoding import loads
from leadlens.errors import InputError
from leadlens.loss import Loss
from leadlens.model import JSON


class Unclear(Exception):  # noqa: N818  # a signal to read the bytes again, not an error that users see
    """The bytes are not exactly as documented, or the rows cannot be read this way."""


UNCLEAR = (Unclear, Unfit, Doubt, InputError, ValueError, LookupError, RecursionError)
"""What reading may raise (msgspec's errors and bad UTF-8 are ValueErrors; no such option is a LookupError)."""

_SIMPLE: dict[str, Any] = {"string": str, "integer": int, "boolean": bool}
_SOMETHING = str | int | bool | list[Any] | dict[str, Any]


# --- the types of a crosswalk's wire objects -------------------------------------------------------------------------


def attribute(key: str) -> str:
    """Return the name under which a struct holds a wire key."""
    plain = key.isidentifier() and key.isascii() and not keyword.iskeyword(key) and not key.startswith("_")
    return key if plain else "key_" + key.encode().hex()


def _or_null(kind: Any) -> Any:
    return kind if kind is msgspec.Raw else kind | None  # Raw takes null itself, and no part in a union


@functools.cache
def structs(crosswalk: Crosswalk) -> dict[Path, type[msgspec.Struct]]:
    """Return the structs of a crosswalk's wire objects, by path; the whole one stands at ``()``.

    Raises Unclear if its rows cannot be read this way.
    """
    tree = Tree(crosswalk, Source())
    types = dict(_leaves(crosswalk.rows, ""))
    if crosswalk.calls or types.keys() & tree.nodes.keys():
        raise Unclear
    for node in reversed(tree.ordered()):
        if 0 in node.children:
            types[node.path] = GenericAlias(list, types[*node.path, 0] | None)
        else:
            types[node.path] = _struct(crosswalk.name, {key: types.get((*node.path, key)) for key in node.keys})
    return {path: types[path] for path in tree.nodes}


def _struct(name: str, keys: dict[str, Any]) -> type[msgspec.Struct]:
    if None in keys.values():
        raise Unclear
    fields = [(attribute(key), _or_null(kind), None) for key, kind in sorted(keys.items())]
    rename = {attribute(key): key for key in keys}
    return msgspec.defstruct(name, fields, rename=rename, forbid_unknown_fields=True, gc=False)


def _leaves(rows: Iterable[Row], base: str) -> Iterator[tuple[Path, Any]]:
    """Yield the wire keys that rows read as a whole, and their types."""
    for row in rows:
        if isinstance(row, Field):
            schemas = row.codec.schema if isinstance(row.codec.schema, tuple) else (row.codec.schema,)
            for key, schema in zip(row.wire, schemas, strict=True):
                yield parse_path(join_path(base, key)), _kind(row.codec, schema)
        elif isinstance(row, Derived):
            yield parse_path(join_path(base, row.wire)), of_schema(row.codec.schema)
        elif isinstance(row, Ignored):
            yield parse_path(join_path(base, row.wire)), _SOMETHING
        elif isinstance(row, Constant) and row.wire is not None:
            yield parse_path(join_path(base, row.wire)), row.value.__class__
        elif isinstance(row, Variant):
            for arm in row.cases:
                yield from _leaves(arm.rows, join_path(base, row.wire))
                yield from _guard_leaves(arm, join_path(base, row.wire))
        elif not isinstance(row, Absent | Constant):
            raise Unclear


def _guard_leaves(arm: Case, base: str) -> Iterator[tuple[Path, Any]]:
    for key, condition in arm.guards.items():
        if isinstance(condition, str | bool) and isinstance(key, str):
            yield parse_path(join_path(base, key)), condition.__class__
        elif condition is NULL:
            raise Unclear


def _kind(codec: Codec, schema: JSON) -> Any:
    if codec.record is None:
        return of_schema(schema)
    kind = structs(codec.record)[()]
    return GenericAlias(list, kind) if codec.shape == "each" else kind


def of_schema(schema: Any) -> Any:
    """Return the type of the JSON values that fit a leaf's schema; Raw where no type reads them exactly."""
    if schema.keys() <= {"type", "pattern", "format", "enum", "examples"} and schema["type"] in _SIMPLE:
        return _SIMPLE[schema["type"]]
    if schema.keys() == {"type", "minimum", "maximum"} and schema["type"] == "integer":
        return Annotated[int, msgspec.Meta(ge=schema["minimum"], le=schema["maximum"])]
    if schema.keys() == {"type", "items"} and schema["type"] == "array":
        items = of_schema(schema["items"])
        return msgspec.Raw if items is msgspec.Raw else GenericAlias(list, items)
    if schema.keys() == {"anyOf"}:
        kinds = tuple(of_schema(kind) for kind in schema["anyOf"])
        return msgspec.Raw if msgspec.Raw in kinds else Union[kinds]  # noqa: UP007  # the members are known at run time
    return msgspec.Raw


def exact(raw: msgspec.Raw) -> Any:
    """Return the JSON value of bytes that no type reads exactly: numbers with a point, objects of any keys."""
    data = bytes(raw)
    return int(data) if data.isdigit() and len(data) < 16 else loads(data)


# --- the function that moves their values ----------------------------------------------------------------------------


@attrs.frozen
class _Place:
    """Where the writer is: the record's crosswalk and wire objects, and its wire path (None inside a list)."""

    crosswalk: Crosswalk
    tree: Tree
    at: str | None


class TypedWriter:
    """Writes one function ``read(w, notices)`` over the struct of a crosswalk."""

    def __init__(self, source: Source) -> None:
        self.source = source
        source.scope.update(Unclear=Unclear, exact=exact, unpacked=msgspec.structs.astuple)

    def write(self, crosswalk: Crosswalk) -> None:
        """Write the whole function."""
        with self.source.block("def read(w, notices):"):
            self.source.add(f"return {self._record(crosswalk, 'w', '$')}")

    def _record(self, crosswalk: Crosswalk, wire: str, at: str | None) -> str:
        place, values = _Place(crosswalk, Tree(crosswalk, self.source), at), dict[str, str]()
        self._unpack(place.tree.root, wire)
        for node in place.tree.ordered():
            if node.parent is not None:
                self._enter(crosswalk, node, node.parent)
        for row in ordered(crosswalk.rows):
            self._row(place, row, "", values, crosswalk.model)
        return self._build(crosswalk.model, values)

    def _enter(self, crosswalk: Crosswalk, node: Node, parent: Node) -> None:
        key = node.path[-1]
        if key == 0:
            with self.source.block(f"if {parent.var} is not None and len({parent.var}) > 1:"):
                self.source.add("raise Unclear")
            self.source.add(f"{node.var} = {parent.var}[0] if {parent.var} else None")
        else:
            self.source.add(f"{node.var} = {_local(parent, str(key))}")
        if 0 not in node.children:
            empty = self.source.const(structs(crosswalk)[node.path](), "EMPTY")
            self._unpack(node, f"{empty} if {node.var} is None else {node.var}")

    def _unpack(self, node: Node, wire: str) -> None:
        if node.keys:
            names = ", ".join(_local(node, key) for key in sorted(node.keys))
            self.source.add(f"{names}, = unpacked({wire})")

    def _build(self, model: type, values: dict[str, str]) -> str:
        made, bare = self.source.fresh("made"), self.source.const(twin(model), f"Bare{model.__name__}")
        self.source.add(f"{made} = {bare}()")
        self.source.add(*(f"{made}.{name} = {values[name]}" for name in model_fields(model)))
        self.source.add(f"{made}.__class__ = {self.source.const(model, model.__name__)}")
        return made

    # --- rows ---

    def _row(self, place: _Place, row: Row, base: str, values: dict[str, str], model: type) -> None:
        if isinstance(row, Field):
            self._field(place, row, base, values, model)
        elif isinstance(row, Absent):
            values.update((name, self.source.default(model, name)) for name in row.neutral)
        elif isinstance(row, Constant):
            self._constant(place, row, base, values)
        elif isinstance(row, Variant):
            self._variant(place, row, base, values)
        elif isinstance(row, Ignored):
            self._ignored(place, row, base)
        else:
            assert isinstance(row, Derived)

    def _get(self, place: _Place, path: str) -> str:
        node, key = place.tree.leaf(parse_path(path))
        return _local(node, key)

    def _ignored(self, place: _Place, row: Ignored, base: str) -> None:
        path = join_path(base, row.wire)
        found = self._get(place, path)
        with self.source.block(f"if {found} is not None and {found} != [] and {found} != {{}}:"):
            if place.at is None:
                self.source.add("raise Unclear")
                return
            where = place.at + shown(place.crosswalk, parse_path(path))
            loss = Loss(where, "left_out", row.reason, "note", "wire_only")
            self.source.add(f"notices.append({self.source.const(loss, 'LOSS')})")

    def _constant(self, place: _Place, row: Constant, base: str, values: dict[str, str]) -> None:
        if row.neutral is not None:
            values[row.neutral] = self.source.const(row.value, "always")
        if row.wire is not None:
            found, value = self._get(place, join_path(base, row.wire)), self.source.const(row.value, "always")
            with self.source.block(f"if {found} is not None and {found} != {value}:"):
                self.source.add("raise Unclear")

    def _field(self, place: _Place, row: Field, base: str, values: dict[str, str], model: type) -> None:
        if row.access == WRITE:
            values.update((name, self.source.default(model, name)) for name in row.neutral)
            return
        default = self.source.missing(model, row)
        if default == "None" and (row.codec.same is not None or row.codec.quick is as_is):
            values[row.neutral[0]] = self._get(place, join_path(base, row.wire[0]))
            return
        schemas = row.codec.schema if isinstance(row.codec.schema, tuple) else (row.codec.schema,)
        paths = [join_path(base, key) for key in row.wire]
        wires = [self._wire(place, path, _kind(row.codec, s)) for path, s in zip(paths, schemas, strict=True)]
        result = self.source.fresh(row.neutral[0])
        with self.source.block(f"if {' and '.join(f'{wire} is None' for wire in wires)}:"):
            self.source.add(f"{result} = {default}")
        with self.source.block("else:"):
            self._read(place, row, paths[0], wires, values, result)
        values |= self.source.spread(model, row.neutral, result)

    def _wire(self, place: _Place, path: str, kind: Any) -> str:
        found = self._get(place, path)
        if kind is msgspec.Raw:
            with self.source.block(f"if {found} is not None:"):
                self.source.add(f"{found} = exact({found})")
        return found

    def _read(
        self, place: _Place, row: Field, path: str, wires: list[str], values: dict[str, str], result: str
    ) -> None:
        codec = row.codec
        if codec.record is not None and codec.shape == "each":
            self._each(codec, codec.record, wires[0], result)
        elif codec.record is not None:
            at = None if place.at is None else place.at + shown(place.crosswalk, parse_path(path))
            made = self._record(codec.record, wires[0], at)
            self.source.add(f"{result} = ({made},)" if codec.shape == "first" else f"{result} = {made}")
        elif codec.same is not None or codec.quick is as_is:
            self.source.add(f"{result} = {wires[0]}")
        else:
            decode = self.source.const(codec.quick or codec.decode, "read")
            beside = [values[row.beside]] if row.beside is not None else []
            self.source.add(f"{result} = {decode}({', '.join(wires + beside)})")

    def _each(self, codec: Codec, inner: Crosswalk, wire: str, result: str) -> None:
        with self.source.block(f"if not {wire}:"):
            self.source.add(f"{result} = ()")
        with self.source.block("else:"):
            self.source.add(f"{result} = []")
            with self.source.block(f"for item in {wire}:"):
                if codec.skip is not None:
                    with self.source.block(f"if item.{attribute(codec.skip)} is None:"):
                        self.source.add("continue")
                self.source.add(f"{result}.append({self._record(inner, 'item', None)})")
            self.source.add(f"{result} = tuple({result})")

    # --- variants ---

    def _variant(self, place: _Place, row: Variant, base: str, values: dict[str, str]) -> None:
        here, result = join_path(base, row.wire), self.source.fresh(row.neutral)
        values[row.neutral] = result
        left = leftovers(place.tree, place.crosswalk, row, base)
        for number, arm in enumerate(row.cases):
            tests = [self._guard(place, key, condition, here) for key, condition in arm.guards.items()]
            with self.source.block(f"{'elif' if number else 'if'} {' and '.join(tests) or 'True'}:"):
                others = [_local(node, key) for node, keys in left[number].items() for key in sorted(keys)]
                if others:
                    with self.source.block(f"if {' or '.join(f'{key} is not None' for key in others)}:"):
                        self.source.add("raise Unclear")
                mine: dict[str, str] = {}
                for inner in ordered(arm.rows):
                    self._row(place, inner, here, mine, arm.member)
                self.source.add(f"{result} = {self._build(arm.member, mine)}")
        with self.source.block("else:"):
            self.source.add("raise Unclear")

    def _guard(self, place: _Place, key: str | tuple[str, ...], condition: object, here: str) -> str:
        if isinstance(key, tuple):
            joint = " or " if condition is PRESENT else " and "
            return "(" + joint.join(self._guard(place, name, condition, here) for name in key) + ")"
        found = self._get(place, join_path(here, key))
        if condition is PRESENT or condition is GONE:
            return f"{found} is {'not ' if condition is PRESENT else ''}None"
        return f"({literal_test(found, condition, repr(condition))})"


def _local(node: Node, key: str) -> str:
    """Return the name under which the generated function holds a key of a wire object."""
    return f"{node.var}_{attribute(key)}"


@functools.cache
def parser(crosswalk: Crosswalk) -> msgspec.json.Decoder[Any]:
    """Return what reads bytes into the crosswalk's struct."""
    return msgspec.json.Decoder(structs(crosswalk)[()])
