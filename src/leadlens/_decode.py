"""Writes the source of a crosswalk's ``decode``: wire object → neutral object, each leaf checked, none overlooked."""

from __future__ import annotations

import re
from typing import Any

import orjson

from leadlens._build import builder
from leadlens._runtime import (
    EMPTY,
    list_item,
    read_items,
    report_leftover,
    report_unknown,
)
from leadlens._source import Node, Source, Tree, leftovers, literal_test, ordered, shown, spelled
from leadlens.codecs import Codec, Doubt, Unfit
from leadlens.crosswalk import (
    GONE,
    NULL,
    PRESENT,
    WRITE,
    Absent,
    Case,
    Cleared,
    Constant,
    Crosswalk,
    Derived,
    Field,
    Ignored,
    Path,
    Rest,
    Row,
    Variant,
    join_path,
    model_fields,
    parse_path,
)
from leadlens.errors import InputError
from leadlens.loss import Loss


class DecodeWriter:
    """Writes one function ``decode(w, notices, at)``; nested records are written in line."""

    def __init__(self, source: Source, read_item: Any) -> None:
        self.source = source
        self.read_item = read_item
        source.scope.update(InputError=InputError, Unfit=Unfit, Doubt=Doubt, Loss=Loss, EMPTY=EMPTY)
        source.scope.update(report_unknown=report_unknown, report_leftover=report_leftover)
        source.scope.update(list_item=list_item, read_items=read_items)

    def write(self, crosswalk: Crosswalk) -> None:
        """Write the whole function."""
        with self.source.block("def decode(w, notices, at):"):
            with self.source.block("if w.__class__ is not dict:"):
                self.source.add('raise InputError(at, "an object")')
            self.source.add(f"return {self.record(crosswalk, 'w', '', '')}")

    def record(self, crosswalk: Crosswalk, wire: str, at: str, neutral: str) -> str:
        """Write the reading of one object that is known to be a dict; return the name of the result."""
        scope = _Record(crosswalk, Tree(crosswalk, self.source), at, neutral, {})
        self.source.add(f"{scope.tree.root.var} = {wire}")
        self._nodes(scope)
        for row in ordered(crosswalk.rows):
            self._row(scope, row, "", scope.values, crosswalk.model)
        return self._build(crosswalk.model, scope.values)

    def _build(self, model: type, values: dict[str, str]) -> str:
        made = self.source.fresh("made")
        build = self.source.const(builder(model), f"build_{model.__name__}")
        arguments = ", ".join(values[name] for name in model_fields(model))
        self.source.add(f"{made} = {build}({arguments})")
        return made

    # --- wire objects ---

    def _nodes(self, scope: _Record) -> None:
        for node in scope.tree.ordered():
            if node.parent is not None:
                self._enter(scope, node, node.parent)
            if any(isinstance(key, int) for key in node.children):
                continue
            if not node.has_rest:
                self._unclaimed(scope, node)

    def _unclaimed(self, scope: _Record, node: Node) -> None:
        known = self.source.const(frozenset(node.keys), "KNOWN")
        with self.source.block(f"if not ({node.var}.keys() <= {known}):"):
            self.source.add(f"report_unknown({node.var}, {known}, {scope.where(node.path)}, notices)")

    def _enter(self, scope: _Record, node: Node, parent: Node) -> None:
        key, where = node.path[-1], scope.where(node.path)
        if isinstance(key, int):
            up = scope.where(node.path[:-1])
            self.source.add(
                f"{node.var} = None if {parent.var} is EMPTY else list_item({parent.var}, {key}, {up}, notices)"
            )
        else:
            self.source.add(f"{node.var} = {parent.var}.get({key!r})")
        with self.source.block(f"if {node.var} is None:"):
            self.source.add(f"{node.var} = EMPTY")
        if not any(isinstance(child, int) for child in node.children):
            with self.source.block(f"elif {node.var}.__class__ is not dict:"):
                self.source.add(f'raise InputError({where}, "an object")')

    # --- rows ---

    def _row(self, scope: _Record, row: Row, base: str, values: dict[str, str], model: type) -> None:
        if isinstance(row, Field):
            self._field(scope, row, base, values, model)
        elif isinstance(row, Absent):
            for name in row.neutral:
                values[name] = self.source.default(model, name)
        elif isinstance(row, Constant):
            self._constant(scope, row, base, values)
        elif isinstance(row, Rest):
            self._rest(scope, row, base, values)
        elif isinstance(row, Cleared):
            self._cleared(scope, row, base, values)
        elif isinstance(row, Variant):
            self._variant(scope, row, base, values)
        elif isinstance(row, Ignored):
            self._ignored(scope, row, base)
        else:
            assert isinstance(row, Derived)

    def _ignored(self, scope: _Record, row: Ignored, base: str) -> None:
        path = join_path(base, row.wire)
        with self.source.block(f"if {self._get(scope, path)} not in (None, [], {{}}):"):
            where = scope.where(parse_path(path))
            self.source.add(f"notices.append(Loss({where}, 'left_out', {row.reason!r}, 'note', 'wire_only'))")

    def _get(self, scope: _Record, path: str) -> str:
        node, key = scope.tree.leaf(parse_path(path))
        if not key:
            return node.var
        if key.isdigit() and any(isinstance(child, int) for child in node.children):
            return f"({node.children[int(key)].var} or None)"
        return f"{node.var}.get({key!r})"

    def _field(self, scope: _Record, row: Field, base: str, values: dict[str, str], model: type) -> None:
        if row.access == WRITE:
            for name in row.neutral:
                values[name] = self.source.default(model, name)
            return
        paths = [join_path(base, key) for key in row.wire]
        result = self.source.fresh(row.neutral[0])
        if len(paths) == 1:
            self.source.add(f"{result} = {self._get(scope, paths[0])}")
            with self.source.block(f"if {result} is not None:"):
                self._one_wire(scope, row, paths[0], result, values)
            self._when_missing(row, result, model)
        else:
            wires = ", ".join(self._get(scope, path) for path in paths)
            self._call(scope, row, f"{wires}{self._beside(row, values)}", result, *paths)
            self._when_missing(row, result, model)
        values |= self.source.spread(model, row.neutral, result)

    def _beside(self, row: Field, values: dict[str, str]) -> str:
        return f", {values[row.beside]}" if row.beside is not None else ""

    def _when_missing(self, row: Field, result: str, model: type) -> None:
        default = self.source.missing(model, row)
        if default != "None":
            with self.source.block(f"if {result} is None:"):
                self.source.add(f"{result} = {default}")

    def _one_wire(self, scope: _Record, row: Field, path: str, result: str, values: dict[str, str]) -> None:
        codec, where = row.codec, scope.where(parse_path(path))
        neutral = join_path(scope.neutral, row.neutral[0])
        if codec.record is not None:
            self._nested(codec, codec.record, path, scope, neutral, result)
        elif codec.same is not None:
            with self.source.block(f"if {result}.__class__ is not {codec.same.__name__}:"):
                self.source.add(f"raise InputError({where}, {codec.name!r})")
        else:
            self._call(scope, row, f"{result}{self._beside(row, values)}", result, path)

    def _call(self, scope: _Record, row: Field, arguments: str, result: str, *paths: str) -> None:
        codec, where = row.codec, scope.where(parse_path(paths[0]))
        if len(paths) > 1:
            shown_as = tuple(scope.at + shown(scope.crosswalk, parse_path(path)) for path in paths)
            where = f"at + {self.source.const(shown_as, 'PATHS')}[error.place]"
        decode = self.source.const(codec.decode, "read")
        with self.source.block("try:"):
            self.source.add(f"{result} = {decode}({arguments})")
        with self.source.block("except Unfit as error:"):
            self.source.add(f"raise InputError({where} + error.path, str(error)) from None")
        with self.source.block("except Doubt as doubt:"):
            neutral = join_path(scope.neutral, row.neutral[0])
            self.source.add(f"notices.append(Loss({neutral!r}, 'ambiguous', str(doubt)))", f"{result} = None")

    def _nested(self, codec: Codec, inner: Crosswalk, path: str, scope: _Record, neutral: str, result: str) -> None:
        where = scope.where(parse_path(path))
        if codec.shape == "each":
            read = self.read_item(inner)
            name = self.source.const(read, f"read_{inner.name.split('.')[-1].replace('-', '_')}")
            with self.source.block(f"if {result} == []:"):
                self.source.add(f"{result} = ()")
            with self.source.block("else:"):
                below = where.removeprefix("at + ")
                given = f"{name}, at, {below}, {neutral!r}, notices, {codec.skip!r}"
                self.source.add(f"{result} = read_items({result}, {given})")
            return
        with self.source.block(f"if {result}.__class__ is not dict:"):
            self.source.add(f'raise InputError({where}, "an object")')
        below = spelled(parse_path(path)) if not scope.crosswalk.calls else shown(scope.crosswalk, parse_path(path))
        made = self.record(inner, result, scope.at + below, neutral + ("[0]" if codec.shape == "first" else ""))
        self.source.add(f"{result} = ({made},)" if codec.shape == "first" else f"{result} = {made}")

    def _constant(self, scope: _Record, row: Constant, base: str, values: dict[str, str]) -> None:
        if row.neutral is not None:
            values[row.neutral] = self.source.const(row.value, "always")
        if row.wire is not None:
            path = join_path(base, row.wire)
            found, value = self.source.fresh("found"), self.source.const(row.value, "always")
            self.source.add(f"{found} = {self._get(scope, path)}")
            with self.source.block(f"if {found} is not None and not ({literal_test(found, row.value, value)}):"):
                told = orjson.dumps(row.value).decode()
                self.source.add(f"raise InputError({scope.where(parse_path(path))}, {told!r})")

    def _rest(self, scope: _Record, row: Rest, base: str, values: dict[str, str]) -> None:
        node = scope.tree.node(parse_path(join_path(base, row.wire)))
        result, known = self.source.fresh(row.neutral), self.source.const(frozenset(node.keys), "KNOWN")
        read = self.source.const(row.codec.decode, "read")
        values[row.neutral] = result
        self.source.add(f"{result} = ()")
        with self.source.block(f"if not ({node.var}.keys() <= {known}):"):
            fits = self.source.const(re.compile(row.pattern).match, "fits")
            free = f"k not in {known} and {fits}(k)"
            self.source.add(f"extra = {{k: v for k, v in {node.var}.items() if {free}}}")
            where = scope.where(node.path)
            self.source.add(f"report_unknown({node.var}, {known} | extra.keys(), {where}, notices)")
            with self.source.block("try:"):
                self.source.add(f"{result} = {read}(extra)")
            with self.source.block("except Unfit as error:"):
                self.source.add(f"raise InputError({scope.where(node.path)} + error.path, str(error)) from None")

    def _cleared(self, scope: _Record, row: Cleared, base: str, values: dict[str, str]) -> None:
        node = scope.tree.node(parse_path(join_path(base, row.wire)))
        every = {cls: {n: keys[n] for n in model_fields(cls) if n in keys} for cls, keys in row.keys.items()}
        result, keys = self.source.fresh(row.neutral), self.source.const(every, "keys")
        here = f"{keys}[{values[row.beside]}.__class__]"
        values[row.neutral] = result
        with self.source.block(f"if None in {node.var}.values():"):
            null = f"all(k in {node.var} and {node.var}[k] is None for k in wires)"
            self.source.add(f"{result} = tuple(sorted(name for name, wires in {here}.items() if {null}))")
        with self.source.block("else:"):
            self.source.add(f"{result} = ()")

    # --- variants ---

    def _variant(self, scope: _Record, row: Variant, base: str, values: dict[str, str]) -> None:
        here = join_path(base, row.wire)
        result = self.source.fresh(row.neutral)
        values[row.neutral] = result
        left = leftovers(scope.tree, scope.crosswalk, row, base)
        outer = scope.neutral
        scope.neutral = join_path(outer, row.neutral)
        for place, arm in enumerate(row.cases):
            head = "if" if place == 0 else "elif"
            with self.source.block(f"{head} {self._guards(scope, arm, here)}:"):
                for node, others in left[place].items():
                    self._leftover(scope, node, others)
                for node in _rests_of_others(scope.tree, row, arm, here):
                    self._unclaimed(scope, node)
                mine: dict[str, str] = {}
                for inner in ordered(arm.rows):
                    self._row(scope, inner, here, mine, arm.member)
                self.source.add(f"{result} = {self._build(arm.member, mine)}")
        with self.source.block("else:"):
            path, told = _what_would_fit(row, here)
            self.source.add(f"raise InputError({scope.where(parse_path(path))}, {told!r})")
        scope.neutral = outer

    def _leftover(self, scope: _Record, node: Node, others: frozenset[str]) -> None:
        if any(isinstance(key, int) for key in node.children):
            return
        names = self.source.const(others, "OTHERS")
        with self.source.block(f"if not {names}.isdisjoint({node.var}):"):
            self.source.add(f"report_leftover({node.var}, {names}, {scope.where(node.path)}, notices)")

    def _guards(self, scope: _Record, arm: Case, here: str) -> str:
        tests = [self._guard(scope, key, condition, here) for key, condition in arm.guards.items()]
        return " and ".join(tests) or "True"

    def _guard(self, scope: _Record, key: str | tuple[str, ...], condition: object, here: str) -> str:
        if isinstance(key, tuple):
            joint = " or " if condition is PRESENT else " and "
            return "(" + joint.join(self._guard(scope, name, condition, here) for name in key) + ")"
        path = parse_path(join_path(here, key))
        if path in scope.tree.nodes and condition in (PRESENT, GONE):
            return f"{scope.tree.nodes[path].var} is {'not ' if condition is PRESENT else ''}EMPTY"
        found = self._get(scope, join_path(here, key))
        if condition is PRESENT or condition is GONE:
            return f"{found} is {'not ' if condition is PRESENT else ''}None"
        node, last = scope.tree.leaf(path)
        if condition is NULL:
            return f"({last!r} in {node.var} and {found} is None)"
        return f"({literal_test(found, condition, repr(condition))})"


def _rests_of_others(tree: Tree, row: Variant, arm: Case, here: str) -> list[Node]:
    """Return the wire objects of which only other cases take every further key."""
    places = [
        {join_path(here, inner.wire) for inner in one.rows if isinstance(inner, Rest)} for one in (arm, *row.cases)
    ]
    return [tree.node(parse_path(path)) for path in sorted(set().union(*places[1:]) - places[0])]


def _what_would_fit(row: Variant, here: str) -> tuple[str, str]:
    """Return where a variant that fits no case should be looked at, and what would fit there."""
    shared = [key for key in row.cases[0].guards if all(key in arm.guards for arm in row.cases)]
    key = next((key for key in shared if isinstance(key, str)), None)
    fits = {} if key is None else dict.fromkeys(_in_words(arm.guards[key]) for arm in row.cases)
    told_by_key = any(isinstance(arm.guards[key], bool | str) for arm in row.cases) if key is not None else False
    if key is None or not told_by_key or {"a value", "nothing"} <= fits.keys():
        return here, "what says " + " or ".join(arm.member.__name__ for arm in row.cases)
    return join_path(here, key), " or ".join(fits)


def _in_words(condition: object) -> str:
    if condition is PRESENT or condition is GONE or condition is NULL:
        return {PRESENT: "a value", GONE: "nothing", NULL: "null"}[condition]
    return orjson.dumps(condition).decode()


class _Record:
    """Where the writer is: the crosswalk, its wire objects, and the paths that lead there."""

    def __init__(self, crosswalk: Crosswalk, tree: Tree, at: str, neutral: str, values: dict[str, str]) -> None:
        self.crosswalk = crosswalk
        self.tree = tree
        self.at = at
        self.neutral = neutral
        self.values = values

    def where(self, path: Path) -> str:
        """Return the expression of a wire path as shown to people."""
        return f"at + {self.at + shown(self.crosswalk, path)!r}"
