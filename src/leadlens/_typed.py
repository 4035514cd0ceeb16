"""Reads bytes straight into neutral objects, where they are exactly as documented; the second backend of the same rows.

msgspec reads the bytes into structs made from the rows, and checks types, ranges and unknown keys on the way; a
generated function moves the values. Whatever is not as documented, or in doubt, raises ``Unclear`` or one of
``UNCLEAR``, and ``_decode`` reads the same bytes again: it alone knows errors with their paths, residue and doubts.
"""

from __future__ import annotations

import functools
import keyword
from collections.abc import Iterable, Iterator, Mapping
from types import GenericAlias
from typing import Annotated, Any, Union

import attrs
import msgspec

from leadlens._build import Memory, Recipe, Written, twin
from leadlens._source import Node, Source, Tree, leftovers, literal_test, ordered, renamed, shown
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
    parse_path,
)
from leadlens.decoding import MAX_DIGITS, loads
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
    fields = [(attribute(key), _or_null(kind), None) for key, kind in keys.items()]
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
        return msgspec.Raw if items is msgspec.Raw else GenericAlias(tuple, (items, ...))
    if schema.keys() == {"anyOf"}:
        kinds = tuple(of_schema(kind) for kind in schema["anyOf"])
        return msgspec.Raw if msgspec.Raw in kinds else Union[kinds]  # noqa: UP007  # the members are known at run time
    return msgspec.Raw


_any = msgspec.json.Decoder().decode


def exact(raw: msgspec.Raw) -> Any:
    """Return the JSON value of bytes that no type reads exactly: numbers with a point, objects of any keys."""
    value = _any(raw)
    plain = value is None or (value.__class__ is int and len(raw) < MAX_DIGITS)
    return value if plain else loads(bytes(raw))


# --- the function that moves their values ----------------------------------------------------------------------------


@attrs.frozen
class _Place:
    """Where the writer is: the record's crosswalk and wire objects, its wire path (None inside a list).

    ``made`` is the variable of the object that is being filled, ``model`` its class.
    """

    crosswalk: Crosswalk
    tree: Tree
    at: str | None
    made: str
    model: type


class TypedWriter:
    """Writes one function ``read(w, notices)`` over the struct of a crosswalk."""

    def __init__(self, source: Source) -> None:
        self.source = source
        source.scope.update(Unclear=Unclear, exact=exact)

    def write(self, crosswalk: Crosswalk) -> None:
        """Write the whole function."""
        with self.source.block("def read(w, notices):"):
            self.source.add(f"return {self._record(crosswalk, 'w', '$')}")

    def _record(self, crosswalk: Crosswalk, wire: str, at: str | None) -> str:
        """Write the reading of the struct that the variable ``wire`` holds; return the name of the object."""
        tree = Tree(crosswalk, self.source)
        tree.root.var = wire
        for node in tree.ordered():
            if node.parent is not None:
                self._enter(crosswalk, node, node.parent)
        place = _Place(crosswalk, tree, at, self._begin(crosswalk.model), crosswalk.model)
        for row in ordered(crosswalk.rows):
            self._row(place, row, "")
        return self._end(crosswalk.model, place.made)

    def _enter(self, crosswalk: Crosswalk, node: Node, parent: Node) -> None:
        key = node.path[-1]
        if key == 0:
            with self.source.block(f"if {parent.var} is not None and len({parent.var}) > 1:"):
                self.source.add("raise Unclear")
            self.source.add(f"{node.var} = {parent.var}[0] if {parent.var} else None")
        else:
            self.source.add(f"{node.var} = {_found(parent, str(key))}")
        if 0 not in node.children:
            with self.source.block(f"if {node.var} is None:"):
                self.source.add(f"{node.var} = {self.source.const(structs(crosswalk)[node.path](), 'EMPTY')}")

    def _begin(self, model: type) -> str:
        made = self.source.fresh("made")
        self.source.add(f"{made} = {self.source.const(twin(model), f'Bare{model.__name__}')}()")
        return made

    def _end(self, model: type, made: str) -> str:
        self.source.add(f"{made}.__class__ = {self.source.const(model, model.__name__)}")
        return made

    # --- rows ---

    def _row(self, place: _Place, row: Row, base: str) -> None:
        if isinstance(row, Field):
            self._field(place, row, base)
        elif isinstance(row, Absent):
            self._defaults(place, row.neutral)
        elif isinstance(row, Constant):
            self._constant(place, row, base)
        elif isinstance(row, Variant):
            self._variant(place, row, base)
        elif isinstance(row, Ignored):
            self._ignored(place, row, base)
        else:
            assert isinstance(row, Derived)

    def _defaults(self, place: _Place, names: tuple[str, ...]) -> None:
        self.source.add(*(f"{place.made}.{name} = {self.source.default(place.model, name)}" for name in names))

    def _get(self, place: _Place, path: str) -> str:
        node, key = place.tree.leaf(parse_path(path))
        return _found(node, key)

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

    def _constant(self, place: _Place, row: Constant, base: str) -> None:
        value = self.source.const(row.value, "always")
        if row.neutral is not None:
            self.source.add(f"{place.made}.{row.neutral} = {value}")
        if row.wire is not None:
            found = self._get(place, join_path(base, row.wire))
            with self.source.block(f"if {found} is not None and {found} != {value}:"):
                self.source.add("raise Unclear")

    def _field(self, place: _Place, row: Field, base: str) -> None:
        if row.access == WRITE:
            self._defaults(place, row.neutral)
            return
        one = len(row.neutral) == 1
        result = f"{place.made}.{row.neutral[0]}" if one else self.source.fresh("found")
        if row.codec.record is not None:
            self._nested(place, row, row.codec.record, base, result)
        else:
            self._value(place, row, base, result)
        if not one:
            targets = ", ".join(f"{place.made}.{name}" for name in row.neutral)
            defaults = ", ".join(self.source.default(place.model, name) for name in row.neutral)
            self.source.add(f"{targets} = ({defaults}) if {result} is None else {result}")

    def _value(self, place: _Place, row: Field, base: str, result: str) -> None:
        codec, default = row.codec, self.source.missing(place.model, row)
        schemas = codec.schema if isinstance(codec.schema, tuple) else (codec.schema,)
        wires = [self._get(place, join_path(base, key)) for key in row.wire]
        plain = len(wires) == 1 and (codec.same is not None or codec.quick is as_is)
        if plain and default == "None":
            self.source.add(f"{result} = {wires[0]}")
            return
        for number, schema in enumerate(schemas):
            found, wires[number] = wires[number], self.source.fresh("wire")
            raw = of_schema(schema) is msgspec.Raw  # null is one, too
            self.source.add(f"{wires[number]} = {f'None if {found} is None else exact({found})' if raw else found}")
        beside = [f"{place.made}.{row.beside}"] if row.beside is not None else []
        with self.source.block(f"if {' is None and '.join(wires)} is None:"):
            self.source.add(f"{result} = {default}")
        if isinstance(codec.quick, Written) and isinstance(codec.quick.recipe, Recipe):
            self._follow(codec.quick.recipe, wires + beside, result)
            return
        with self.source.block("else:"):
            self.source.add(f"{result} = {wires[0] if plain else self._read(codec, wires + beside)}")

    def _read(self, codec: Codec, given: list[str]) -> str:
        """Return the expression of what a codec reads: an option, remembered, or by its function."""
        if isinstance(codec.quick, Mapping):
            return f"{self.source.const(codec.quick, 'options')}[{given[0]}]"
        if isinstance(codec.quick, Memory):
            known = self.source.const(codec.quick.known, "known")
            learn = self.source.const(codec.quick.learn, "learn")
            return f"{known}.get({given[0]}) or {learn}({given[0]})"
        function = codec.decode if codec.quick is None else codec.quick
        return f"{self.source.const(function, 'read')}({', '.join(given)})"

    def _follow(self, recipe: Recipe, given: list[str], result: str) -> None:
        """Write what a recipe makes of values that are given, behind the test whether they are."""
        names = dict(zip(recipe.given, given, strict=True))
        names |= {used.__name__: self.source.const(used, used.__name__) for used in recipe.using}
        if recipe.unless is not None:
            with self.source.block(f"elif {renamed(recipe.unless, names)}:"):
                self.source.add(f"{result} = None")
        with self.source.block("else:"):
            made = self._begin(recipe.cls)
            self.source.add(*(f"{made}.{name} = {renamed(said, names)}" for name, said in recipe.said.items()))
            self.source.add(f"{result} = {self._end(recipe.cls, made)}")

    def _nested(self, place: _Place, row: Field, inner: Crosswalk, base: str, result: str) -> None:
        path, wire, default = (
            join_path(base, row.wire[0]),
            self.source.fresh("w"),
            self.source.missing(place.model, row),
        )
        self.source.add(f"{wire} = {self._get(place, path)}")
        if row.codec.shape == "each":
            self._each(row.codec, inner, wire, default, result)
            return
        with self.source.block(f"if {wire} is None:"):
            self.source.add(f"{result} = {default}")
        with self.source.block("else:"):
            at = None if place.at is None else place.at + shown(place.crosswalk, parse_path(path))
            made = self._record(inner, wire, at)
            self.source.add(f"{result} = ({made},)" if row.codec.shape == "first" else f"{result} = {made}")

    def _each(self, codec: Codec, inner: Crosswalk, wire: str, default: str, result: str) -> None:
        item, items = self.source.fresh("item"), self.source.fresh("items")
        with self.source.block(f"if {wire}:"):
            self.source.add(f"{items} = []")
            with self.source.block(f"for {item} in {wire}:"):
                if codec.skip is not None:
                    with self.source.block(f"if {item}.{attribute(codec.skip)} is None:"):
                        self.source.add("continue")
                self.source.add(f"{items}.append({self._record(inner, item, None)})")
            self.source.add(f"{result} = tuple({items})")
        with self.source.block("else:"):
            self.source.add(f"{result} = {'()' if default == '()' else f'{default} if {wire} is None else ()'}")

    # --- variants ---

    def _variant(self, place: _Place, row: Variant, base: str) -> None:
        here, left = join_path(base, row.wire), leftovers(place.tree, place.crosswalk, row, base)
        for number, arm in enumerate(row.cases):
            tests = [self._guard(place, key, condition, here) for key, condition in arm.guards.items()]
            with self.source.block(f"{'elif' if number else 'if'} {' and '.join(tests) or 'True'}:"):
                others = [_found(node, key) for node, keys in left[number].items() for key in sorted(keys)]
                if others:
                    with self.source.block(f"if {' or '.join(f'{key} is not None' for key in others)}:"):
                        self.source.add("raise Unclear")
                inside = attrs.evolve(place, made=self._begin(arm.member), model=arm.member)
                for inner in ordered(arm.rows):
                    self._row(inside, inner, here)
                self.source.add(f"{place.made}.{row.neutral} = {self._end(arm.member, inside.made)}")
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


def _found(node: Node, key: str) -> str:
    """Return the expression of a key of a wire object."""
    return f"{node.var}.{attribute(key)}"


@functools.cache
def parser(crosswalk: Crosswalk) -> msgspec.json.Decoder[Any]:
    """Return what reads bytes into the crosswalk's struct."""
    return msgspec.json.Decoder(structs(crosswalk)[()])
