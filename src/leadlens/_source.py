"""What both code generators share: lines with indentation, named constants, and the tree of wire objects."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from leadlens._build import Written
from leadlens.crosswalk import (
    CallTemplate,
    Cleared,
    Crosswalk,
    Field,
    Path,
    Rest,
    Row,
    Variant,
    case_wire,
    join_path,
    parse_path,
    row_wire,
)


class Source:
    """Lines of Python being written, with the objects that they refer to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.scope: dict[str, Any] = {}
        self._depth = 0
        self._count = 0
        self._named: dict[int, str] = {}

    def add(self, *lines: str) -> None:
        """Write lines at the present depth."""
        self.lines.extend("    " * self._depth + line for line in lines)

    @contextlib.contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write a line that opens a block, and what follows inside it."""
        self.add(head)
        before = len(self.lines)
        self._depth += 1
        yield
        if len(self.lines) == before:
            self.add("pass")
        self._depth -= 1

    def fresh(self, hint: str) -> str:
        """Return a name that nothing else uses."""
        self._count += 1
        return f"{hint}_{self._count}"

    def const(self, value: object, hint: str) -> str:
        """Return the name under which the generated code finds this very object."""
        value = value.function if isinstance(value, Written) else value
        if id(value) not in self._named:
            name = self.fresh(hint)
            self._named[id(value)] = name
            self.scope[name] = value
        return self._named[id(value)]

    def default(self, model: type, name: str) -> str:
        """Return the source of what an attribute is when nothing is given."""
        default = attrs.fields_dict(model)[name].default
        if default is None or default == ():
            return repr(default)
        plain = default is not attrs.NOTHING and not isinstance(default, attrs.Factory)  # type: ignore[arg-type]  # a function in its stubs
        return self.const(default, "default") if plain else "None"

    def missing(self, model: type, row: Field) -> str:
        """Return the source of what a row gives when none of its keys is there."""
        if row.missing is not None:
            return self.const(row.missing, "missing")
        return self.default(model, row.neutral[0]) if len(row.neutral) == 1 else "None"

    def spread(self, model: type, neutral: tuple[str, ...], result: str) -> dict[str, str]:
        """Write what a row's result gives to each of its attributes; return the names of these."""
        if len(neutral) == 1:
            return {neutral[0]: result}
        names = [self.fresh(name) for name in neutral]
        defaults = ", ".join(self.default(model, name) for name in neutral)
        self.add(f"{', '.join(names)} = ({defaults}) if {result} is None else {result}")
        return dict(zip(neutral, names, strict=True))

    def text(self) -> str:
        """Return the source."""
        return "\n".join(self.lines) + "\n"


@attrs.define(eq=False)
class Node:
    """One wire object that rows reach into; ``keys`` are in the order of the rows."""

    path: Path
    var: str
    parent: Node | None
    keys: dict[str, None] = attrs.field(factory=dict)
    children: dict[str | int, Node] = attrs.field(factory=dict)
    has_rest: bool = False
    always: bool = False
    flag: str | None = None


class Tree:
    """The wire objects of a crosswalk, outermost first."""

    def __init__(self, crosswalk: Crosswalk, source: Source) -> None:
        self._source = source
        self.root = Node((), source.fresh("w"), None)
        self.nodes: dict[Path, Node] = {(): self.root}
        for row in crosswalk.rows:
            self._claim(row, "")
        for call in crosswalk.calls:
            self._claim_call(call)

    def _claim(self, row: Row, base: str) -> None:
        if isinstance(row, Rest | Cleared):
            self.node(parse_path(join_path(base, row.wire))).has_rest |= isinstance(row, Rest)
        for path in row_wire(row, base):
            self.leaf(parse_path(path))
        if isinstance(row, Variant):
            self.node(parse_path(join_path(base, row.wire)))
            for arm in row.cases:
                for inner in arm.rows:
                    self._claim(inner, join_path(base, row.wire))

    def _claim_call(self, call: CallTemplate) -> None:
        self.root.keys[call.name] = None
        node = self.node((call.name,))
        node.keys |= dict.fromkeys(("path", "query", "body"))
        for path in call.always:
            self.node(parse_path(join_path(call.name, path))).always = True

    def node(self, path: Path) -> Node:
        """Return the wire object at a path, making it and those around it known."""
        if path not in self.nodes:
            parent = self.node(path[:-1])
            node = Node(path, self._source.fresh("w"), parent)
            parent.children[path[-1]] = node
            parent.keys[str(path[-1])] = None
            self.nodes[path] = node
        return self.nodes[path]

    def leaf(self, path: Path) -> tuple[Node, str]:
        """Return the object that holds a key, and the key."""
        if not path:
            return self.root, ""
        parent = self.node(path[:-1])
        parent.keys[str(path[-1])] = None
        return parent, str(path[-1])

    def ordered(self) -> list[Node]:
        """Return the objects, outermost first."""
        return sorted(self.nodes.values(), key=lambda node: len(node.path))


_WORDS = re.compile(r"""'[^']*'|"[^"]*"|\b[A-Za-z_]\w*\b""")


def renamed(source: str, names: Mapping[str, str]) -> str:
    """Return a line of Python with other names; what stands in quotes is left alone."""
    return _WORDS.sub(lambda word: names.get(word[0], word[0]), source)


def literal_test(found: str, literal: object, source: str) -> str:
    """Return the test whether a JSON value is a literal, by type and value: True is not 1."""
    if isinstance(literal, bool):
        return f"{found} is {literal}"
    kind = f"{found}.__class__ is {literal.__class__.__name__} and " if isinstance(literal, int | float) else ""
    return f"{kind}{found} == {source}"


def shown(crosswalk: Crosswalk, path: Path) -> str:
    """Return how a wire path is shown to people: below ``$``; a second call's with its name."""
    if crosswalk.calls and path:
        main = next(call.name for call in crosswalk.calls if call.step in ("convert", "upsert"))
        if path[0] == main:
            path = path[2:] if path[1:2] == ("body",) else path[1:]
        else:
            return f"({path[0]})" + spelled(path[1:])
    return spelled(path)


def spelled(path: Path) -> str:
    """Return a path as text, each part with its joint."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def leftovers(tree: Tree, crosswalk: Crosswalk, row: Variant, base: str) -> dict[int, dict[Node, frozenset[str]]]:
    """Return, per case, the keys of each wire object that only other cases of the variant claim."""
    here = join_path(base, row.wire)
    claims = [_with_parents(case_wire(arm, here)) for arm in row.cases]
    outside = _with_parents(path for other in crosswalk.rows if other is not row for path in row_wire(other))
    every = set().union(*claims) - outside
    found: dict[int, dict[Node, frozenset[str]]] = {}
    for place, mine in enumerate(claims):
        keys = [tree.leaf(path) for path in every - mine if isinstance(path[-1], str)]
        nodes = sorted({node for node, _ in keys}, key=lambda node: spelled(node.path))
        found[place] = {node: frozenset(key for n, key in keys if n is node) for node in nodes}
    return found


def _with_parents(paths: Iterable[str]) -> set[Path]:
    """Return the paths and every path above them, so that reaching into an object claims its key too."""
    return {path[:size] for path in map(parse_path, paths) for size in range(1, len(path) + 1)}


def ordered(rows: tuple[Row, ...]) -> list[Row]:
    """Return the rows with those last that look at what another row says."""
    late = [row for row in rows if isinstance(row, Field | Cleared) and row.beside is not None]
    return [*(row for row in rows if row not in late), *late]
