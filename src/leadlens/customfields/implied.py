"""What a mapping file need not say: an option or choice goes to the one of exactly its name, if there is one.

So a section of options or choices may be left out, or name only what differs. Everything without a namesake, and every
field, needs a line; so does every user, since a namesake may be somebody else.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Final

import attrs

from leadlens.catalogue import Definition
from leadlens.customfields.mapping import AccountMapping, KindRules, Rule
from leadlens.customfields.pairs import FAMILY

NAMED: Final = "same name"
_NEVER: Final = ("user",)
_LISTED: Final = ("option", "options")


def completed(mapping: AccountMapping, lines: Mapping[tuple[str, ...], int]) -> AccountMapping:
    """Return a mapping with what it need not say, first in each section; ``lines`` are those of the file's keys."""
    kinds = {kind: _kind(mapping, rules) for kind, rules in mapping.kinds.items()}
    choices = dict(mapping.choices)
    for space, there in mapping.source.choices.items():
        if space in mapping.target.choices:
            said, here = mapping.choices.get(space, ()), mapping.target.choices[space]
            line = lines.get(("choices", space), lines.get(("choices",), 1))
            choices[space] = (*_implied(there, () if space in _NEVER else here, said, line), *said)
    return attrs.evolve(mapping, kinds=kinds, choices=choices)


def _kind(mapping: AccountMapping, rules: KindRules) -> KindRules:
    there, here = mapping.source.definitions[rules.kind], mapping.target.definitions[rules.kind]
    options = dict(rules.options)
    for rule in rules.fields:
        source, target = there.get(rule.label), here.get(rule.said)
        if rule.verdict == "to" and source and target and has_options(source, target):
            said = rules.options.get(rule.label, ())
            theirs = {option.name for option in target.options}
            options[rule.label] = (*_implied((one.name for one in source.options), theirs, said, rule.line), *said)
    return attrs.evolve(rules, options=options)


def has_options(source: Definition, target: Definition) -> bool:
    """Tell whether a mapping of these two fields must say what becomes of their options."""
    return FAMILY[source.type] in _LISTED and FAMILY[target.type] in _LISTED


def _implied(there: Iterable[str], here: Container[str], said: Iterable[Rule], line: int) -> Iterable[Rule]:
    labels = {rule.label for rule in said}
    for label in there:
        if label in here and label not in labels:
            yield Rule(label=label, line=line, verdict="to", said=label, why=NAMED, implied=True)
