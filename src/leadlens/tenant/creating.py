"""Makes the fields that a mapping asks for, one at a time, and writes each into the file when it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from leadlens.catalogue import Definition
from leadlens.client import Client
from leadlens.customfields.mapping import AccountMapping, Rule
from leadlens.customfields.reading import text_of
from leadlens.customfields.rows import created
from leadlens.errors import UsageError
from leadlens.tenant.draft import save, with_target

_CREATE: Final = re.compile(
    r"""^((?:\s*(?:"(?:\\.|[^"\\])*"|'[^']*'|[\w-]+)\s*=\s*\{.*?)?(?<![\w"'-])|\s*)create(\s*=)"""
)
"""The word in a line of the file; what stands in quotes before the braces is a name."""


def wanted(mapping: AccountMapping) -> list[tuple[Rule, Definition]]:
    """Return the lines that ask for a new field, each with what would be made."""
    found = []
    for kind, rules in mapping.kinds.items():
        made = created(mapping, kind)
        found += [(rule, made[rule.said]) for rule in rules.fields if rule.verdict == "create" and rule.said in made]
    return found


def check(mapping: AccountMapping, target: Client) -> None:
    """Raise :class:`UsageError`, with the line, for the first field that cannot be made or is there by now.

    Nothing is made. An account of another CRM than the mapping leads to is refused too.
    """
    if target.adapter.name != mapping.target.vendor.partition("@")[0]:
        told = f"{mapping.file} leads to {mapping.target.vendor}, and this account is {target.adapter.title}"
        raise UsageError(told)
    there: dict[str, set[str]] = {}
    for rule, definition in wanted(mapping):
        kind, name = definition.kind, definition.name
        where = f"{mapping.file}:{rule.line}"
        try:
            target.plan_define(definition)
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from None
        if kind not in there:
            there[kind] = {one.name.casefold() for one in target.definitions(kind)}
        if name.casefold() in there[kind]:
            told = f"the target has a {kind} field {name!r} by now; draft the mapping again"
            raise UsageError(f"{where}: {told}")
        there[kind].add(name.casefold())


def make(mapping: AccountMapping, file: Path, target: Client) -> Iterator[Definition]:
    """Yield each field when it is made; its line in the file then says ``to``.

    All are checked before the first is made. A refusal or an unknown outcome ends it; what was made before stays in
    the file.
    """
    check(mapping, target)
    with file.open("r+b"):  # a file that cannot be written is told before anything is made
        pass
    for rule, definition in wanted(mapping):
        target.define(definition)
        save(file, _made(text_of(file), rule))
        yield definition


def _made(text: str, rule: Rule) -> str:
    """Return a file in which a line, or a table of its own, says ``to`` where it said ``create``."""
    lines = text.split("\n")
    for place in range(rule.line - 1, len(lines)):
        line, count = _CREATE.subn(r"\1to\2", lines[place], count=1)
        if count:
            lines[place] = line
            break
    return "\n".join(lines)


def refreshed(file: Path, target: Client) -> None:
    """Write into the file what the target is now."""
    text = with_target(text_of(file), file.name, target.catalogue())
    save(file, text)
