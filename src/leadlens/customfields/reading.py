"""Reads a mapping file. Everything that is wrong with its form is told at once, each with its line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from leadlens.catalogue import Choice, Definition
from leadlens.customfields.implied import completed
from leadlens.customfields.kept import kept_choice, kept_definition
from leadlens.customfields.lines import lines_of
from leadlens.customfields.mapping import RECORD_KINDS, VERDICTS, AccountMapping, KindRules, Rule, Side
from leadlens.errors import MappingError

_SECTIONS = ("source", "target", *RECORD_KINDS, "choices", "drafted")
_KIND_SECTIONS = ("fields", "options", "always")
_RULE_KEYS = (*VERDICTS, "doubtful", "why", "merge")
_CURLY = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb"
_MAX_BYTES = 16 * 2**20


def read_mapping(file: str | Path) -> AccountMapping:
    """Return the mapping of a TOML file; raises :class:`MappingError` with every line that is not what it should be."""
    path = Path(file)
    return parse_mapping(text_of(path), path.name)


def text_of(path: Path) -> str:
    """Return the text of a mapping file; raises :class:`MappingError` for what is no text of a usual size.

    Editors of Windows begin a file with a mark of its encoding, and end lines otherwise: neither says anything.
    """
    data = path.read_bytes()
    if len(data) > _MAX_BYTES:
        raise MappingError([f"{path.name}: a mapping file has at most {_MAX_BYTES} bytes"])
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        told = "a mapping file is text in UTF-8, and this is not; save it as UTF-8 in your editor"
        raise MappingError([f"{path.name}:{line}: {told}"]) from None


def parse_mapping(text: str, name: str = "mapping.toml") -> AccountMapping:
    """Return the mapping of TOML text; see :func:`read_mapping`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError([_syntax(name, text, str(error))]) from None
    except RecursionError:
        raise MappingError([f"{name}: this is no mapping: its lists or tables lie too deep in each other"]) from None
    reader = _Reader(name, data, lines_of(text))
    mapping = reader.mapping()
    if reader.wrong:
        raise MappingError(reader.wrong)
    return completed(mapping, reader.lines)


def _syntax(name: str, text: str, told: str) -> str:
    """Return a TOML reader's message with the line in front, and what most often helps."""
    at = re.search(r"\(at (?:line (\d+), column \d+|end of document)\)", told)
    what, end = told[: at.start()].strip() if at else told, len(text.rstrip().split("\n"))
    where = f"{name}:{at[1] if at and at[1] else end}"
    if "overwrite" in what or "twice" in what:
        return f"{where}: this is said twice, in this line or the one before it; keep one of the two"
    line = text.split("\n")[int(where.rpartition(":")[2]) - 1]
    if any(mark in line for mark in _CURLY):
        return f"{where}: this is no TOML: quotes are straight here, \" or ', not curly as word processors make them"
    return f'{where}: this is no TOML: {what}; a line is "Name" = {{ to = "Name" }}, with every quote and brace closed'


class _Reader:
    """Reads one file, and collects what is wrong."""

    def __init__(self, name: str, data: Mapping[str, Any], lines: Mapping[tuple[str, ...], int]) -> None:
        self.name, self.data, self.lines = name, data, lines
        self.wrong: list[str] = []

    def refuse(self, path: tuple[str, ...], told: str) -> None:
        """Add a problem, with the line of the nearest key above it."""
        near = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in self.lines), ())
        self.wrong.append(f"{self.name}:{self.lines.get(near, 1)}: {told}")

    def mapping(self) -> AccountMapping:
        """Return the mapping, as far as it can be read."""
        self.known(self.data, _SECTIONS, ())
        kinds = {kind: self.kind(kind) for kind in RECORD_KINDS}
        choices = self.table(self.data, ("choices",))
        drafted = self.table(self.data, ("drafted",))
        self.known(drafted, ("source", "target"), ("drafted",))
        return AccountMapping(
            file=self.name,
            source=self.side("source", drafted),
            target=self.side("target", drafted),
            kinds=kinds,
            choices={space: self.rules(("choices", space), choices) for space in choices},
        )

    def table(self, within: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
        """Return a table of the file; an empty one where it is not there."""
        found = within.get(path[-1], {})
        if isinstance(found, dict):
            return found
        self.refuse(path, f"{'.'.join(path)} is a section: [{'.'.join(path)}]")
        return {}

    def known(self, given: Iterable[str], known: Iterable[str], path: tuple[str, ...]) -> None:
        """Refuse names that mean nothing here, with the nearest that does."""
        known = tuple(known)
        for name in given:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
                self.refuse((*path, name), f"{'.'.join((*path, name))} means nothing here; {hint}")

    def text(self, within: Mapping[str, Any], path: tuple[str, ...]) -> str:
        """Return a text that must be there."""
        found = within.get(path[-1])
        if isinstance(found, str) and found:
            return found
        self.refuse(path, f'{".".join(path)} must be given, as text: {path[-1]} = "…"')
        return ""

    # --- decisions ---

    def kind(self, kind: str) -> KindRules:
        """Return what the file says of one kind of record."""
        data = self.table(self.data, (kind,))
        self.known(data, _KIND_SECTIONS, (kind,))
        options = self.table(data, (kind, "options"))
        always = self.table(data, (kind, "always"))
        return KindRules(
            kind=kind,
            line=self.lines.get((kind, "fields"), 1),
            fields=self.rules((kind, "fields"), data),
            options={label: self.rules((kind, "options", label), options) for label in options},
            always={label: (said, self.lines.get((kind, "always", label), 1)) for label, said in always.items()},
        )

    def rules(self, path: tuple[str, ...], within: Mapping[str, Any]) -> tuple[Rule, ...]:
        """Return the decisions of one section, in the file's order."""
        made = (self.rule((*path, label), label, said) for label, said in self.table(within, path).items())
        return tuple(rule for rule in made if rule is not None)

    def rule(self, path: tuple[str, ...], label: str, said: Any) -> Rule | None:
        """Return one decision; a bare text is where it goes."""
        given = {"to": said} if isinstance(said, str) else said
        if not isinstance(given, dict):
            self.refuse(
                path, f'{label!r}: expected {{ to = "…" }}, {{ create = "…" }} or {{ leave_out = "because …" }}'
            )
            return None
        self.known(given, _RULE_KEYS, path)
        verdicts = [verdict for verdict in VERDICTS if verdict in given]
        if len(verdicts) != 1:
            told = f"only one of {' and '.join(verdicts)}" if verdicts else f"one of {', '.join(VERDICTS[:3])}"
            self.refuse(path, f"{label!r}: say {told}")
            return None
        texts = {name: given.get(name, "") for name in (verdicts[0], "doubtful", "why")}
        for name, text in texts.items():
            if not isinstance(text, str):
                self.refuse((*path, name), f'{label!r}: {name} is a text: {name} = "…"')
                return None
        if not isinstance(merge := given.get("merge", False), bool):
            self.refuse((*path, "merge"), f"{label!r}: merge is true or false")
            return None
        return Rule(
            label=label,
            line=self.lines.get(path, 1),
            verdict=verdicts[0],
            said=texts[verdicts[0]],
            doubtful=texts["doubtful"],
            why=texts["why"],
            merge=merge,
        )

    # --- what the accounts were ---

    def side(self, which: str, drafted: Mapping[str, Any]) -> Side:
        """Return one account as it was when the mapping was drafted."""
        head = self.table(self.data, (which,))
        self.known(head, ("vendor", "account"), (which,))
        data = self.table(drafted, ("drafted", which))
        self.known(data, (*RECORD_KINDS, "choices"), ("drafted", which))
        definitions = {}
        for kind in RECORD_KINDS:
            known = self.table(data, ("drafted", which, kind))
            made = {label: self.definition(("drafted", which, kind, label), kind, d) for label, d in known.items()}
            definitions[kind] = {label: definition for label, definition in made.items() if definition is not None}
        return Side(
            vendor=self.text(head, (which, "vendor")),
            account=self.text(head, (which, "account")),
            definitions=definitions,
            choices=self.choices(which, self.table(data, ("drafted", which, "choices"))),
            line=self.lines.get((which, "vendor"), 1),
        )

    def definition(self, path: tuple[str, ...], kind: str, data: Any) -> Definition | None:
        """Return one definition as it was."""
        found = kept_definition(kind, path[-1], data)
        if found is None:
            self.refuse(path, "what was kept of a definition was changed; draft the mapping again")
        return found

    def choices(self, which: str, data: Mapping[str, Any]) -> dict[str, dict[str, Choice]]:
        """Return the choices as they were."""
        found: dict[str, dict[str, Choice]] = {}
        for space in data:
            for label, entry in self.table(data, ("drafted", which, "choices", space)).items():
                made = self.choice(("drafted", which, "choices", space, label), space, entry)
                if made is not None:
                    found.setdefault(space, {})[label] = made
        return found

    def choice(self, path: tuple[str, ...], space: str, entry: Any) -> Choice | None:
        """Return one choice as it was."""
        found = kept_choice(space, path[-1], entry)
        if found is None:
            self.refuse(path, "what was kept of a choice was changed; draft the mapping again")
        return found
