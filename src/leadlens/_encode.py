"""Writes the source of a crosswalk's ``encode``: neutral object → wire object, every loss reported where it happens."""

from __future__ import annotations

import re
from typing import Any

import attrs

from leadlens._build import Steps, Written
from leadlens._runtime import (
    carry_fields,
    no_member,
    refuse,
    report_replaced,
    rest_writer,
    settler,
    verdicts,
    write_items,
)
from leadlens._source import Node, Source, Tree, ordered, renamed
from leadlens.codecs import Codec, Unsayable
from leadlens.crosswalk import (
    GONE,
    NULL,
    PRESENT,
    READ,
    Absent,
    Case,
    Cleared,
    Constant,
    Crosswalk,
    Derived,
    Field,
    Instead,
    Refuse,
    Rest,
    Row,
    Variant,
    join_path,
    parse_path,
)
from leadlens.loss import Kind, Level, Loss, Reason


class EncodeWriter:
    """Writes one function ``encode(y, losses, ids)``; nested records are written in line."""

    def __init__(self, source: Source, author: str, write_item: Any) -> None:
        self.source = source
        self.author = author
        self.write_item = write_item
        self.replaced: dict[tuple[str, str], str] = {}
        source.scope.update(
            Unsayable=Unsayable, Loss=Loss, refuse=refuse, carry_fields=carry_fields, write_items=write_items
        )
        source.scope.update(report_replaced=report_replaced, no_member=no_member)

    def write(self, crosswalk: Crosswalk) -> None:
        """Write the whole function."""
        with self.source.block("def encode(y, losses, ids):"):
            self.source.add(f"return {self.record(crosswalk, 'y', '')}")

    def record(self, crosswalk: Crosswalk, value: str, neutral: str) -> str:
        """Write the encoding of one object; return the name of the wire object."""
        tree = Tree(crosswalk, self.source)
        for node in tree.ordered():
            if not _is_list(node):
                self.source.add(f"{node.var} = {{}}")
        for row in ordered(crosswalk.rows):
            self._row(tree, row, "", value, neutral, crosswalk.model)
        for node in reversed(tree.ordered()):
            if node.parent is not None and not _is_list(node):
                self._attach(node, node.parent)
        return tree.root.var

    def _attach(self, node: Node, parent: Node) -> None:
        if isinstance(node.path[-1], int):
            assert parent.parent is not None
            line = f"{parent.parent.var}[{parent.path[-1]!r}] = [{node.var}]"
        else:
            line = f"{parent.var}[{node.path[-1]!r}] = {node.var}"
        if node.always:
            self.source.add(line)
            return
        with self.source.block(f"if {node.var}{f' or {node.flag}' if node.flag else ''}:"):
            self.source.add(line)

    def _lose(self, path: str, reason: Reason, detail: str, level: Level = "loss", kind: Kind = "differs") -> str:
        loss = Loss(path, reason, detail, level, kind)
        name = self.source.fresh("LOSS")
        self.source.scope[name] = loss
        return f"losses.append({name})"

    def _set(self, tree: Tree, path: str, value: str) -> str:
        node, key = tree.leaf(parse_path(path))
        return f"{node.var}[{key!r}] = {value}"

    # --- rows ---

    def _row(self, tree: Tree, row: Row, base: str, value: str, neutral: str, model: type) -> None:
        if isinstance(row, Field):
            self._field(tree, row, base, value, neutral, model)
        elif isinstance(row, Absent):
            for name in row.neutral:
                with self.source.block(f"if {_given(f'{value}.{name}', model, name, self.source)}:"):
                    self.source.add(self._lose(join_path(neutral, name), "absent", row.reason, row.level))
        elif isinstance(row, Constant):
            self._constant(tree, row, base, value, neutral)
        elif isinstance(row, Rest):
            self._rest(tree, row, base, value, neutral)
        elif isinstance(row, Cleared):
            self._cleared(tree, row, base, value, neutral)
        elif isinstance(row, Variant):
            self._variant(tree, row, base, value, neutral)
        elif isinstance(row, Derived) and (row.access != READ or self.author == "vendor"):
            self._derived(tree, row, base, value)

    def _derived(self, tree: Tree, row: Derived, base: str, value: str) -> None:
        said, path = self.source.fresh("said"), join_path(base, row.wire)
        if self.author == "vendor":
            self.source.add(self._set(tree, path, "None"))
        self.source.add(f"{said} = {value}.{row.neutral}")
        with self.source.block(f"if {said} is not None:"):
            ids = ", ids" if row.codec.ids is not None else ""
            self.source.add(f"{said} = {self.source.const(row.codec.encode, 'write')}({said}{ids})")
            with self.source.block(f"if {said} is not None:"):
                self.source.add(self._set(tree, path, said))

    def _constant(self, tree: Tree, row: Constant, base: str, value: str, neutral: str) -> None:
        if row.wire is not None:
            self.source.add(self._set(tree, join_path(base, row.wire), self.source.const(row.value, "always")))
        if row.neutral is not None:
            with self.source.block(f"if {value}.{row.neutral} != {self.source.const(row.value, 'always')}:"):
                self.source.add(self._lose(join_path(neutral, row.neutral), "narrowed", row.reason))

    def _rest(self, tree: Tree, row: Rest, base: str, value: str, neutral: str) -> None:
        node, path = tree.node(parse_path(join_path(base, row.wire))), join_path(neutral, row.neutral)
        said, fits = self.source.fresh(row.neutral), re.compile(row.pattern).match
        write = self.source.const(rest_writer(row.codec, frozenset(node.keys), fits, path), "write_rest")
        self.source.add(f"{said} = {value}.{row.neutral}")
        with self.source.block(f"if {said}:"):
            self.source.add(f"{write}({node.var}, {said}, losses, ids)")

    def _cleared(self, tree: Tree, row: Cleared, base: str, value: str, neutral: str) -> None:
        node, every = tree.node(parse_path(join_path(base, row.wire))), self.source.const(row.keys, "keys")
        path, keys = join_path(neutral, row.neutral), self.source.fresh("keys")
        self.source.add(f"{keys} = {every}.get({value}.{row.beside}.__class__, {{}})")
        with self.source.block(f"for name in {value}.{row.neutral}:"):
            with self.source.block(f"if name in {keys}:"):
                self.source.add(f"{node.var}.update(dict.fromkeys({keys}[name]))")
            with self.source.block("else:"):
                detail = "' cannot be cleared here'"
                self.source.add(f"losses.append(Loss({path!r}, 'absent', name + {detail}))")

    def _field(self, tree: Tree, row: Field, base: str, value: str, neutral: str, model: type) -> None:
        path = join_path(neutral, row.neutral[0])
        names = [self.source.fresh(name) for name in row.neutral]
        for name, variable in zip(row.neutral, names, strict=True):
            self.source.add(f"{variable} = {value}.{name}")
        tests = [_given(variable, model, name, self.source) for name, variable in zip(row.neutral, names, strict=True)]
        if row.missing is not None:
            tests = [f"{names[0]} != {self.source.const(row.missing, 'missing')}"]
        if row.access == READ and self.author == "client":
            for name, test in zip(row.neutral, tests, strict=False):
                with self.source.block(f"if {test}:"):
                    self.source.add(self._lose(join_path(neutral, name), "read_only", READ_ONLY))
            return
        if self.author == "vendor":
            self.source.add(*(self._set(tree, join_path(base, key), repr(row.codec.empty)) for key in row.wire if key))
        with self.source.block(f"if {' or '.join(tests)}:"):
            self._carried(tree, row, base, value, names, neutral)
        self._needs(tree, row, base, path)

    def _needs(self, tree: Tree, row: Field, base: str, path: str) -> None:
        """Report what the CRM needs, or chooses itself, and was not written: the row's last key tells."""
        told = row.required or row.defaulted
        if told is None:
            return
        with self.source.block(f"if {self._unwritten(tree, row, join_path(base, row.wire[-1]))}:"):
            if row.required is not None:
                self.source.add(self._lose(path, "required", told, kind="needs"))
            else:
                self.source.add(self._lose(path, "defaulted", told, "note", "needs"))

    def _unwritten(self, tree: Tree, row: Field, path: str) -> str:
        """Return the test whether a row's key was not written: clients write no null, and vendors every key."""
        node, key = tree.leaf(parse_path(path))
        if row.missing is not None or not row.wire[-1]:
            return self._missing(tree, path)
        return f"{node.var}[{key!r}] is None" if self.author == "vendor" else f"{key!r} not in {node.var}"

    def _carried(self, tree: Tree, row: Field, base: str, value: str, names: list[str], neutral: str) -> None:
        """Write a given value, after the ids of the other account were exchanged for the target's."""
        space, path = row.codec.ids, join_path(neutral, row.neutral[0])
        if space is None or row.codec.shape == "each":
            self._encode(tree, row, base, value, names, neutral)
        elif space == "definition":
            with self.source.block("if ids is not None:"):
                self.source.add(f"{names[0]} = carry_fields({names[0]}, {path!r}, losses, ids)")
            with self.source.block(f"if {names[0]}:"):
                self._encode(tree, row, base, value, names, neutral)
        else:
            self._exchange_ids(row, space, names, neutral)
            with self.source.block("if " + " or ".join(f"{name} is not None" for name in names) + ":"):
                self._encode(tree, row, base, value, names, neutral)

    def _exchange_ids(self, row: Field, space: str, names: list[str], neutral: str) -> None:
        detail = FOREIGN[row.codec.unmapped].format(space.replace("_", " "))
        with self.source.block("if ids is not None:"):
            for attribute, name in zip(row.neutral, names, strict=True):
                with self.source.block(f"if {name} is not None:"):
                    self.source.add(f"{name} = ids({space!r}, {name})")
                    with self.source.block(f"if {name} is None:"):
                        self.source.add(self._lose(join_path(neutral, attribute), row.codec.unmapped, detail))

    def _encode(self, tree: Tree, row: Field, base: str, value: str, names: list[str], neutral: str) -> None:
        codec, paths = row.codec, [join_path(base, key) for key in row.wire]
        path = join_path(neutral, row.neutral[0])
        if codec.record is not None:
            self._nested(tree, codec, codec.record, paths[0], path, names[0])
        elif codec.same is not None:
            self.source.add(self._set(tree, paths[0], names[0]))
        else:
            self._converted(tree, row, paths, value, names, neutral)

    def _converted(self, tree: Tree, row: Field, paths: list[str], value: str, names: list[str], neutral: str) -> None:
        wires = [self.source.fresh("wire") for _ in paths]
        beside = [self.replaced.get((value, row.beside), f"{value}.{row.beside}")] if row.beside is not None else []
        if row.codec.lossy is None:
            self._tried(row, wires, names, beside, neutral)
        else:
            self._weighed(row, wires, names, beside, neutral)
        for key, path, wire in zip(row.wire, paths, wires, strict=True):
            if not (key in row.echo and self.author == "client"):
                with self.source.block(f"if {wire} is not None:"):
                    self.source.add(self._set(tree, path, wire))

    def _tried(self, row: Field, wires: list[str], names: list[str], beside: list[str], neutral: str) -> None:
        """Write the encoding of a value that may not be sayable."""
        write, said = self.source.const(row.codec.encode, "write"), ", ".join(wires)
        with self.source.block("try:"):
            self.source.add(f"{said} = {write}({', '.join(names + beside)})")
        with self.source.block("except Unsayable as error:"):
            self.source.add(f"refuse(error, {_paths(row, neutral)!r}, ({', '.join(names)},), losses)")
            self.source.add(f"{' = '.join(wires)} = None")

    def _weighed(self, row: Field, wires: list[str], names: list[str], beside: list[str], neutral: str) -> None:
        """Write the encoding of a value of which something may be lost: weighed where that is quick, else settled."""
        paths = _paths(row, neutral)
        settle = self.source.const(settler(row.codec, paths, len(wires)), "settle")
        settled = f"{settle}({_tuple(names)}, {_tuple(beside)}, losses)"
        if row.codec.weigh is None or beside or len(names) > 1:
            self.source.add(f"{', '.join(wires)}, _ = {settled}")
            return
        weigh, verdict, said = row.codec.weigh, self.source.fresh("verdict"), ", ".join(wires)
        if isinstance(weigh, Written) and isinstance(weigh.recipe, Steps):
            known = {"VALUE": names[0], "VERDICT": verdict, **dict(zip(weigh.recipe.wires, wires, strict=True))}
            self.source.add(*(renamed(line, known) for line in weigh.recipe.lines))
            with self.source.block(f"if {verdict} is None:"):
                self.source.add(f"{said}, {verdict} = {settled}")
        else:
            self.source.add(f"{said}, {verdict} = {self.source.const(weigh, 'weigh')}({names[0]}) or {settled}")
        with self.source.block(f"if {verdict}:"):
            self.source.add(f"losses.append({self.source.const(verdicts(row.codec, paths[0]), 'LOSSES')}[{verdict}])")

    def _nested(self, tree: Tree, codec: Codec, inner: Crosswalk, path: str, neutral: str, name: str) -> None:
        if codec.shape == "each":
            write = self.source.const(self.write_item(inner, self.author), "write_item")
            items = f"{name}, {write}, {neutral!r}, losses, ids, {codec.skip!r}, {codec.ids == 'definition'}"
            self.source.add(f"{name} = write_items({items})")
            with self.source.block(f"if {name}:"):
                self.source.add(self._set(tree, path, name))
            return
        if codec.shape == "first":
            assert codec.lossy is not None
            with self.source.block(f"if len({name}) > 1:"):
                self.source.add(self._lose(neutral, codec.lossy.reason, codec.lossy.detail, codec.lossy.level))
            self.source.add(f"{name} = {name}[0]")
            neutral = f"{neutral}[0]"
        made = self.record(inner, name, neutral)
        self.source.add(self._set(tree, path, made))

    # --- variants ---

    def _variant(self, tree: Tree, row: Variant, base: str, value: str, neutral: str) -> None:
        path, here = join_path(neutral, row.neutral), join_path(base, row.wire)
        said = self.source.fresh(row.neutral)
        self.source.add(f"{said} = {value}.{row.neutral}")
        for arm in row.arms:
            if not isinstance(arm, Case):
                self._replaced(arm, said, path)
                self.replaced[value, row.neutral] = said
        for place, arm in enumerate(row.cases):
            member = self.source.const(arm.member, arm.member.__name__)
            with self.source.block(f"{'if' if place == 0 else 'elif'} {said}.__class__ is {member}:"):
                for inner in ordered(arm.rows):
                    self._row(tree, inner, here, said, path, arm.member)
                self._guards(tree, arm, here, path)
        with self.source.block(f"elif {said} is not None:"):
            names = ", ".join(arm.member.__name__ for arm in row.arms)
            self.source.add(f"raise no_member({path!r}, {said}, {names!r})")

    def _replaced(self, arm: Instead | Refuse, said: str, path: str) -> None:
        member = self.source.const(arm.member, arm.member.__name__)
        with self.source.block(f"if {said}.__class__ is {member}:"):
            if isinstance(arm, Refuse):
                self.source.add(self._lose(path, "absent", arm.reason))
                self.source.add(f"{said} = {self.source.const(arm.to, 'instead')}")
                return
            made = self.source.fresh("made")
            self.source.add(self._lose(path, "instead", arm.reason, arm.level))
            self.source.add(f"{made} = {self.source.const(arm.to, 'replace')}({said})")
            self.source.add(f"report_replaced({path!r}, {said}, {made}, losses)", f"{said} = {made}")

    def _guards(self, tree: Tree, arm: Case, here: str, path: str) -> None:
        """Make the wire meet the guards; report it where what was given cannot be told from another case."""
        empty: list[str] = []
        literals: list[str] = []
        for key, condition in arm.guards.items():
            paths = [join_path(here, name) for name in ((key,) if isinstance(key, str) else key)]
            node = tree.nodes.get(parse_path(paths[0]))
            if condition is PRESENT and node is not None:
                node.flag = node.flag or self._flag(node)
                literals.append(f"{node.flag} = True")
            elif condition is PRESENT:
                empty.append(" and ".join(self._missing(tree, p) for p in paths))
            elif condition is GONE and self.author == "vendor" and node is None:
                literals.extend(self._set(tree, path, "None") for path in paths)
            elif condition is not GONE:
                literal = "None" if condition is NULL else self.source.const(condition, "literal")
                literals.append(self._set(tree, paths[0], literal))
        if empty:
            with self.source.block(f"if {' or '.join(empty)}:"):
                told = "nothing was given that tells it from the CRM's own default"
                self.source.add(self._lose(path, "instead", told, "note"))
        if literals:
            with self.source.block("else:" if empty else "if True:"):
                self.source.add(*literals)

    def _flag(self, node: Node) -> str:
        """Return the name of a switch that starts off where the wire object was made."""
        flag = self.source.fresh("there")
        place = next(i for i, line in enumerate(self.source.lines) if line.strip() == f"{node.var} = {{}}")
        indent = self.source.lines[place][: -len(self.source.lines[place].lstrip())]
        self.source.lines.insert(place, f"{indent}{flag} = False")
        return flag

    def _missing(self, tree: Tree, path: str) -> str:
        node, key = tree.leaf(parse_path(path))
        return f"{node.var}.get({key!r}) is None"


READ_ONLY = "the CRM keeps this one itself; it cannot be written"
FOREIGN: dict[Reason, str] = {
    "foreign_id": "this {} has an id of the other account, which means nothing here; map it",
    "unmapped_option": "this {} is an option of the other account, and has no counterpart here; map it",
}


def _paths(row: Field, neutral: str) -> tuple[str, ...]:
    return tuple(join_path(neutral, attribute) for attribute in row.neutral)


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)},)" if names else "()"


def _is_list(node: Node) -> bool:
    return any(isinstance(key, int) for key in node.children)


def _given(expression: str, model: type, name: str, source: Source) -> str:
    """Return the test whether an attribute says anything beyond its default."""
    default = attrs.fields_dict(model)[name].default
    if default == ():
        return expression
    if default is None or default is attrs.NOTHING or isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # see Source.default
        return f"{expression} is not None"
    return f"{expression} is not None and {expression} != {source.const(default, 'default')}"
