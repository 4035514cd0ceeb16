"""Makes the fields that a mapping asks for, one at a time, and writes each into the file when it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from leadlens.catalogue import Definition
from leadlens.client import Client
from leadlens.customfields.mapping import AccountMapping, Rule
from leadlens.customfields.rows import created
from leadlens.errors import UsageError
from leadlens.tenant.draft import with_target


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
    for rule, definition in wanted(mapping):
        target.define(definition)
        lines = file.read_text(encoding="utf-8").split("\n")
        lines[rule.line - 1] = re.sub(r"\bcreate(\s*=)", r"to\1", lines[rule.line - 1], count=1)
        file.write_text("\n".join(lines), encoding="utf-8")
        yield definition


def refreshed(file: Path, target: Client) -> None:
    """Write into the file what the target is now."""
    text = with_target(file.read_text(encoding="utf-8"), file.name, target.catalogue())
    file.write_text(text, encoding="utf-8")
