"""Crosswalk → JSON Schema (draft 2020-12) of the wire objects that its ``decode`` takes with no unknown key in them.

Absent and null mean the same to ``decode``, so every key may be null. Keys that nobody claims are refused, and so are
the given keys of another case than the one that the rest of the object tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import attrs

from leadlens.codecs import Codec
from leadlens.crosswalk import (
    GONE,
    NULL,
    PRESENT,
    Case,
    Constant,
    Crosswalk,
    Derived,
    Field,
    Ignored,
    Path,
    Rest,
    Row,
    Variant,
    case_wire,
    join_path,
    parse_path,
    row_wire,
)
from leadlens.model import JSON

Schema: TypeAlias = dict[str, Any]
NOTHING: Schema = {"type": "null"}
SOMETHING: Schema = {"not": {"type": "null"}}


def schema(crosswalk: Crosswalk) -> Schema:
    """Return the JSON Schema of the wire object; it stands alone, with its dialect and title."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": crosswalk.name} | _record(crosswalk)


def _record(crosswalk: Crosswalk) -> Schema:
    root = _Node(closed=True)
    for call in crosswalk.calls:
        for part in ("path", "query", "body"):
            root.at((call.name, part))
    for row in crosswalk.rows:
        _claim(root, row, "")
    choices = [_variant(row, "", _claims(crosswalk.rows, row)) for row in crosswalk.rows if isinstance(row, Variant)]
    return root.schema() | ({"allOf": choices} if choices else {})


@attrs.define(eq=False)
class _Node:
    """One wire object (or list that stands for one) while its schema is gathered."""

    closed: bool
    leaf: Schema | None = None
    children: dict[str | int, _Node] = attrs.field(factory=dict)
    required: set[str | int] = attrs.field(factory=set)
    rest: Rest | None = None

    def at(self, path: Path) -> _Node:
        """Return the node at a path below, making it and those on the way."""
        node = self
        for part in path:
            node = node.children.setdefault(part, _Node(self.closed))
        return node

    def need(self, path: Path) -> None:
        """Say that the key at ``path`` must be there, and not null."""
        node = self
        for part in path:
            node.required.add(part)
            node = node.at((part,))

    def schema(self) -> Schema:
        """Return the schema of what was gathered, without null."""
        if 0 in self.children:
            return self._list()
        if self.leaf is not None and not self.children:
            return self.leaf
        made: Schema = {"type": "object", "properties": {str(k): self._child(k) for k in self.children}}
        if self.required:
            made["required"] = sorted(map(str, self.required))
        if self.rest is not None:
            return made | _rest(self.rest)
        return made | ({"additionalProperties": False} if self.closed else {})

    def _child(self, key: str | int) -> Schema:
        made = self.children[key].schema()
        return made if key in self.required else nullable(made)

    def _list(self) -> Schema:
        made: Schema = {"type": "array", "prefixItems": [self._child(0)]}
        return made | ({"maxItems": 1} if self.closed else {}) | ({"minItems": 1} if 0 in self.required else {})


def nullable(made: Schema) -> Schema:
    """Return the schema that takes null as well."""
    kind = made.get("type")
    if not made or made == NOTHING or "null" in (kind or ()):
        return made
    if isinstance(kind, str) and not {"enum", "const", "anyOf", "oneOf", "allOf"} & made.keys():
        return made | {"type": [kind, "null"]}
    return {"anyOf": [made, NOTHING]}


def _claim(root: _Node, row: Row, base: str) -> None:
    """Add the keys that a row claims; what each case says of its keys stands in the variant's own schema."""
    if isinstance(row, Rest):
        root.at(parse_path(join_path(base, row.wire))).rest = row
    elif isinstance(row, Variant):
        here = join_path(base, row.wire)
        root.at(parse_path(here))
        for path in row_wire(row, base):
            root.at(parse_path(path)).leaf = {}
        for inner in (inner for arm in row.cases for inner in arm.rows):
            if isinstance(inner, Rest | Variant):
                _claim(root, inner, here)
    else:
        for found, leaf in _leaves(row, base):
            root.at(found).leaf = leaf


def _leaves(row: Row, base: str) -> Iterator[tuple[Path, Schema]]:
    """Yield the keys of one row with the schema of what stands there."""
    if isinstance(row, Field):
        schemas = row.codec.schema if isinstance(row.codec.schema, tuple) else (row.codec.schema,)
        for key, leaf in zip(row.wire, schemas, strict=True):
            yield parse_path(join_path(base, key)), _nested(row.codec) if row.codec.record is not None else leaf
    elif isinstance(row, Constant) and row.wire is not None:
        yield parse_path(join_path(base, row.wire)), {"const": row.value}
    elif isinstance(row, Derived):
        yield parse_path(join_path(base, row.wire)), {}
    elif isinstance(row, Ignored):
        yield parse_path(join_path(base, row.wire)), {"description": row.reason}


def _nested(codec: Codec) -> Schema:
    assert codec.record is not None
    inner = {"title": codec.record.name} | _record(codec.record)
    return {"type": "array", "items": inner} if codec.shape == "each" else inner


def _rest(row: Rest) -> Schema:
    """Return what a ``rest`` row says about the keys that no other row claims."""
    told = row.codec.schema if isinstance(row.codec.schema, dict) else {}
    if row.pattern:
        return {"patternProperties": {row.pattern: told.get("additionalProperties", {})}, "additionalProperties": False}
    return {key: value for key, value in told.items() if key not in ("type", "properties", "required")}


# --- variants --------------------------------------------------------------------------------------------------------


def _claims(rows: Iterable[Row], but: Row) -> set[Path]:
    return _with_parents(path for row in rows if row is not but for path in row_wire(row))


def _with_parents(paths: Iterable[str]) -> set[Path]:
    return {path[:size] for path in map(parse_path, paths) for size in range(1, len(path) + 1)}


def _variant(row: Variant, base: str, outside: set[Path]) -> Schema:
    """Return the choice between the cases; its schemas start at the record's root, as the guards may reach anywhere."""
    here = join_path(base, row.wire)
    claims = [_with_parents(case_wire(arm, here)) for arm in row.cases]
    every = set().union(*claims) - outside
    return {"anyOf": [_case(arm, here, every - mine) for arm, mine in zip(row.cases, claims, strict=True)]}


def _case(arm: Case, here: str, others: set[Path]) -> Schema:
    node = _Node(closed=False)
    for row in arm.rows:
        for path, leaf in _leaves(row, here):
            node.at(path).leaf = leaf
    for path in others:
        if path[:-1] not in others and isinstance(path[-1], str):
            node.at(path).leaf = NOTHING
    choices = [choice for key, condition in arm.guards.items() if (choice := _guard(node, key, condition, here))]
    choices += [_variant(row, here, _claims(arm.rows, row)) for row in arm.rows if isinstance(row, Variant)]
    return {"title": arm.member.__name__} | node.schema() | ({"allOf": choices} if choices else {})


def _guard(node: _Node, key: str | tuple[str, ...], condition: JSON, here: str) -> Schema | None:
    """Put one guard into the case's schema; return what cannot be said there: one of several keys must be given."""
    paths = [parse_path(join_path(here, name)) for name in ((key,) if isinstance(key, str) else key)]
    if condition is PRESENT and len(paths) > 1:
        return {"anyOf": [_present(path) for path in paths]}
    for path in paths:
        found = node.at(path)
        if condition is GONE:
            found.leaf, found.children = NOTHING, {}
            continue
        node.need(path)
        if condition is NULL:
            found.leaf = NOTHING
        elif condition is not PRESENT:
            found.leaf = {"const": condition}
        elif not found.children:
            found.leaf = found.leaf if found.leaf is not None else SOMETHING
    return None


def _present(path: Path) -> Schema:
    node = _Node(closed=False)
    node.need(path)
    node.at(path).leaf = SOMETHING
    return node.schema()
