"""Makes the fields and options that a mapping asks for, one at a time; the file says so as soon as one is there."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from leadlens.catalogue import Definition
from leadlens.client import Client
from leadlens.customfields.mapping import AccountMapping, Rule
from leadlens.customfields.pairs import FAMILY
from leadlens.customfields.reading import read_mapping, text_of
from leadlens.customfields.rows import created
from leadlens.errors import UsageError
from leadlens.tenant.draft import check_installed, save, with_fields

_CREATE: Final = re.compile(
    r"""^((?:\s*(?:"(?:\\.|[^"\\])*"|'[^']*'|[\w-]+)\s*=\s*\{.*?)?(?<![\w"'-])|\s*)create(\s*=)"""
)
"""The word in a line of the file; what stands in quotes before the braces is a name."""


@attrs.frozen
class New:
    """One thing that is to be made: the line that asks for it, the field, and the option if the field is there."""

    rule: Rule
    definition: Definition
    option: str | None = None
    within: tuple[Rule, ...] = ()
    """The lines of options that come with a new field."""

    def __str__(self) -> str:
        """Say what it is."""
        field = f"{self.definition.name!r} of {self.definition.kind}"
        return field if self.option is None else f"option {self.option!r} in {field}"


def wanted(mapping: AccountMapping) -> list[New]:
    """Return what a mapping asks for: new fields, and options that fields which are there are to get."""
    found = []
    for kind, rules in mapping.kinds.items():
        made, there = created(mapping, kind), mapping.target.definitions[kind]
        for rule in rules.fields:
            if rule.verdict == "create" and rule.said in made:
                options = [one for one in rules.options.get(rule.label, ()) if one.verdict == "create"]
                found.append(New(rule, made[rule.said], within=tuple(options)))
            elif rule.verdict == "to" and rule.said in there:
                options = [one for one in rules.options.get(rule.label, ()) if one.verdict == "create"]
                found += [New(one, there[rule.said], one.said) for one in options]
    return found


def check(mapping: AccountMapping, target: Client) -> None:
    """Raise :class:`UsageError`, with the line, for the first thing that cannot be made or is there by now.

    Nothing is made. An account of another CRM than the mapping leads to is refused too.
    """
    check_installed()
    if target.adapter.name != mapping.target.vendor.partition("@")[0]:
        told = f"{mapping.file} leads to {mapping.target.vendor}, and this account is {target.adapter.title}"
        raise UsageError(told)
    there: dict[str, dict[str, Definition]] = {}
    for new in wanted(mapping):
        kind = new.definition.kind
        if kind not in there:
            there[kind] = {one.name.casefold(): one for one in target.definitions(kind)}
        try:
            _check_field(new, there[kind], target) if new.option is None else _check_option(new, there[kind], target)
        except UsageError as error:
            raise UsageError(f"{mapping.file}:{new.rule.line}: {error}") from None


def _check_field(new: New, there: dict[str, Definition], target: Client) -> None:
    target.plan_define(new.definition)
    kind, name = new.definition.kind, new.definition.name
    if name.casefold() in there:
        told = f"the target has a {kind} field {name!r} by now; say to instead of create, and draft the mapping again"
        raise UsageError(told)
    there[name.casefold()] = new.definition


def _check_option(new: New, there: dict[str, Definition], target: Client) -> None:
    target.check_offer(new.definition)
    now = next((one for one in there.values() if one.key == new.definition.key), None)
    if now is None or FAMILY[now.type] != FAMILY[new.definition.type]:
        told = f"the target's {new.definition.kind} field {new.definition.name!r} is not what it was; draft it again"
        raise UsageError(told)
    twins = [option.name for option in now.options if option.name.casefold() == (new.option or "").casefold()]
    if twins:
        told = f"{now.name!r} has the option {twins[0]!r} by now; say to instead of create, and draft the mapping again"
        raise UsageError(told)


def make(mapping: AccountMapping, file: Path, target: Client) -> Iterator[New]:
    """Yield each thing when it is made; the file then says ``to`` in its line, and knows it.

    All are checked before the first is made. A refusal or an unknown outcome ends it; what was made before stays in
    the file.
    """
    check(mapping, target)
    with file.open("r+b"):  # a file that cannot be written is told before anything is made
        pass
    for _ in wanted(mapping):
        new = wanted(read_mapping(file))[0]
        kind = new.definition.kind
        if new.option is None:
            target.define(new.definition)
        else:
            target.offer(new.definition, (new.option,))
        text = functools.reduce(_made, (new.rule, *new.within), text_of(file))
        save(file, with_fields(text, file.name, kind, target.definitions(kind)))
        yield new


def _made(text: str, rule: Rule) -> str:
    """Return a file in which a line, or a table of its own, says ``to`` where it said ``create``."""
    lines = text.split("\n")
    for place in range(rule.line - 1, len(lines)):
        line, count = _CREATE.subn(r"\1to\2", lines[place], count=1)
        if count:
            lines[place] = line
            break
    return "\n".join(lines)
