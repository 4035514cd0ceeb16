"""Checks what a mapping file says, against what it keeps of the two accounts. Each finding has a line and a way on."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from leadlens.catalogue import Definition
from leadlens.codecs import Unfit
from leadlens.customfields.implied import has_options
from leadlens.customfields.mapping import AccountMapping, KindRules, Rule
from leadlens.customfields.pairs import FAMILY, fit
from leadlens.customfields.rows import created
from leadlens.customfields.values import read_attribute
from leadlens.errors import MappingError

_LONGEST: Final = 255
_SHOWN: Final = 4
"""How many names a finding shows."""
CHOICES_ARE_MADE_THERE = "leadlens makes no users, stages, statuses or sources; make it in the CRM, then draft again"


def checked(mapping: AccountMapping) -> AccountMapping:
    """Return the mapping; raises :class:`MappingError` with everything that stands against using it."""
    if found := [*findings(mapping), *unmade(mapping)]:
        raise MappingError(found)
    return mapping


def unmade(mapping: AccountMapping) -> Iterator[str]:
    """Yield the lines whose field or option is still to be made in the target."""
    for section, rule in mapping.rules():
        if rule.verdict == "create" and not section.startswith("choices."):
            way = f"leadlens lint {mapping.file} --create --target {mapping.target.account}"
            yield f"{mapping.file}:{rule.line}: {rule.said!r} is still to be made in the target: {way}"


def findings(mapping: AccountMapping) -> Iterator[str]:
    """Yield what is wrong, each finding with file and line, in the order of the file."""
    found = [(line, f"{mapping.file}:{line}: {told}") for line, told in _findings(mapping)]
    yield from dict.fromkeys(told for _, told in sorted(found, key=lambda one: one[0]))


_Finding = tuple[int, str]


def _findings(mapping: AccountMapping) -> Iterator[_Finding]:
    ends = [(side.vendor.partition("@")[0], side.account) for side in (mapping.source, mapping.target)]
    if ends[0] == ends[1]:
        yield 1, f"source and target are the same account ({mapping.source.account}); a mapping leads to another one"
    for kind, rules in mapping.kinds.items():
        yield from _kind(mapping, kind, rules)
    for space in dict.fromkeys((*mapping.choices, *mapping.source.choices)):
        yield from _choices(mapping, space, mapping.choices.get(space, ()))


def _is_line(text: str) -> bool:
    """Tell whether a name can stand in a CRM: one line of visible characters."""
    return text.isprintable() and len(text) <= _LONGEST


def _decided(rule: Rule) -> Iterator[_Finding]:
    """Yield what is left to decide in a line, or was decided without a word."""
    if rule.verdict == "undecided":
        yield rule.line, f"{rule.label!r} is not decided: replace undecided by to, create or leave_out ({rule.said})"
    elif rule.doubtful:
        told = f"{rule.label!r} is a guess ({rule.doubtful})"
        yield rule.line, f'{told}: if {rule.said!r} is right delete the part doubtful = "…", else change it'
    elif not rule.said.strip(" ….") or rule.said.strip(" ….") == "because":
        wanted = "the reason, in your words" if rule.verdict == "leave_out" else "a name"
        yield rule.line, f"{rule.label!r}: {rule.verdict} needs {wanted}"
    elif rule.verdict == "create" and not _is_line(rule.said):
        yield rule.line, f"{rule.label!r}: a new name is one line of at most {_LONGEST} characters"


def _unknown(rule: Rule, name: str, known: Iterable[str], whose: str) -> _Finding:
    return rule.line, f"{whose} has no {name!r}{_suggest(name, known)}"


def _suggest(name: str, known: Iterable[str]) -> str:
    """Return what may have been meant: what has this name below a pipeline, or a similar one."""
    known = list(known)
    near = [label for label in known if label.endswith(f": {name}")][:_SHOWN]
    near = near or difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else "; draft the mapping again if it is new"


def _doubles(rules: Iterable[Rule], *, merged: bool) -> Iterator[_Finding]:
    """Yield lines that go where another one goes; ``merged`` where a person may mean it."""
    places: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.verdict in ("to", "create") and not (merged and rule.merge):
            places.setdefault(rule.said, []).append(rule)
    for place, (before, *others) in places.items():
        for rule in others:
            told = f"{rule.label!r} goes to {place!r}, as {before.label!r} does (line {before.line})"
            if merged:
                yield rule.line, f"{told}; if that is meant say {{ to = {place!r}, merge = true }}"
            else:
                yield rule.line, f"{told}; a field can be filled by one alone: leave one out"


# --- fields ----------------------------------------------------------------------------------------------------------


def _kind(mapping: AccountMapping, kind: str, rules: KindRules) -> Iterator[_Finding]:
    there, here = mapping.source.definitions[kind], mapping.target.definitions[kind]
    if rules.fields and not there:
        told = f"what leadlens keeps of the source's {kind} fields is gone ([drafted.source.{kind}])"
        yield rules.fields[0].line, f"{told}; draft the mapping again"
        return
    said = {rule.label for rule in rules.fields}
    for label in there:
        if label not in said:
            yield (
                rules.line,
                f"nothing is said about {label!r} of {kind}; draft the mapping again, or add a line for it",
            )
    for rule in rules.fields:
        if rule.label not in there:
            yield _unknown(rule, rule.label, there, f"the source's {kind}")
        else:
            yield from _decided(rule)
            yield from _field(rule, kind, there[rule.label], here)
    yield from _doubles(rules.fields, merged=False)
    yield from _all_options(mapping, kind, rules)
    yield from _always(kind, rules, here)
    fed = {rule.said for rule in rules.fields if rule.verdict == "to"} | set(rules.always)
    for label, definition in here.items():
        if definition.required and definition.custom and label not in fed:
            told = f"the target needs {label!r}, and nothing feeds it"
            yield rules.line, f'{told}; map a field to it, or write it always: [{kind}.always] "{label}" = …'


def _field(rule: Rule, kind: str, source: Definition, here: Mapping[str, Definition]) -> Iterator[_Finding]:
    if rule.verdict == "create" and rule.said in here:
        yield rule.line, f"the target has {rule.said!r} already; say to instead of create"
    if rule.verdict == "create" and FAMILY[source.type] in ("any", "reference"):
        yield rule.line, f"{rule.label!r} is of a type that cannot be made elsewhere ({source.type}); leave it out"
    if rule.verdict != "to":
        return
    if rule.said not in here:
        yield _unknown(rule, rule.said, here, f"the target's {kind}")
    elif here[rule.said].read_only:
        yield rule.line, f"{rule.said!r} is written by the CRM alone; choose another field, or leave it out"
    elif not (fits := fit(source, here[rule.said])).fits:
        like = [label for label, d in here.items() if fit(source, d).fits and not d.read_only]
        told = f"; {', '.join(map(repr, like[:3]))} would take it" if like else ""
        yield rule.line, f"{rule.label!r} does not fit {rule.said!r}: {fits.told}{told}"


def _all_options(mapping: AccountMapping, kind: str, rules: KindRules) -> Iterator[_Finding]:
    there = mapping.source.definitions[kind]
    here = {**mapping.target.definitions[kind], **created(mapping, kind)}
    mapped = {r.label: r for r in rules.fields if r.verdict in ("to", "create") and r.label in there and r.said in here}
    for label, options in rules.options.items():
        if label not in mapped and options:
            rule = next((r for r in rules.fields if r.label == label), None)
            if rule is None:
                yield options[0].line, f"{kind} has no field {label!r}{_suggest(label, there)}"
    for label, rule in mapped.items():
        source, target = there[label], here[rule.said]
        if has_options(source, target):
            yield from _options(rule, rules.options.get(label, ()), source, target)


def _options(rule: Rule, options: tuple[Rule, ...], source: Definition, target: Definition) -> Iterator[_Finding]:
    there, here = [o.name for o in source.options], [o.name for o in target.options]
    said = {option.label for option in options}
    for name in there:
        if name not in said and rule.verdict == "to":
            section = f'[{source.kind}.options."{rule.label}"]'
            yield rule.line, f"option {name!r} of {rule.label!r} goes nowhere; say where it goes below {section}"
    for option in options:
        if option.label not in there:
            yield _unknown(option, option.label, there, f"{rule.label!r}")
            continue
        yield from _decided(option)
        if option.verdict == "to" and option.said not in here and rule.verdict == "to":
            yield option.line, f"{rule.said!r} has no option {option.said!r}{_suggest(option.said, here)}"
        if option.verdict == "create" and rule.verdict == "to" and option.said in here:
            yield option.line, f"{rule.said!r} has the option {option.said!r} already; say to instead of create"
    yield from _doubles(options, merged=True)


def _always(kind: str, rules: KindRules, here: Mapping[str, Definition]) -> Iterator[_Finding]:
    fed = {rule.said: rule for rule in rules.fields if rule.verdict == "to"}
    for label, (value, line) in rules.always.items():
        if label not in here:
            yield line, f"the target's {kind} has no {label!r}{_suggest(label, here)}"
        elif label in fed:
            yield line, f"{label!r} is filled by {fed[label].label!r} already (line {fed[label].line})"
        elif told := unfit_constant(here[label], value):
            yield line, f"{label!r}: expected {told}"


def unfit_constant(definition: Definition, value: Any) -> str:
    """Return what would fit a field in place of a value that is always written; nothing if it fits."""
    family, names = FAMILY[definition.type], [option.name for option in definition.options]
    if family == "options":
        fits = isinstance(value, list) and all(one in names for one in value)
        return "" if fits else f"a list of its options: {', '.join(names[:8])}"
    if family == "option":
        return "" if value in names else f"one of its options: {', '.join(names[:8])}"
    if definition.attribute is not None or family in ("any", "reference"):
        return "an own field of the account that holds a plain value"
    if isinstance(value, float) and not math.isfinite(value):
        return "a number"
    try:
        read_attribute(definition, Decimal(repr(value)) if isinstance(value, float) else value)
    except Unfit as error:
        return str(error)
    return ""


# --- choices ---------------------------------------------------------------------------------------------------------


def _choices(mapping: AccountMapping, space: str, rules: tuple[Rule, ...]) -> Iterator[_Finding]:
    there, here = mapping.source.choices.get(space, {}), mapping.target.choices.get(space, {})
    several = _several(space)
    if rules and not there:
        yield rules[0].line, f"the source has no list of {several}{_suggest(space, mapping.source.choices)}"
        return
    yield from _unsaid(mapping, space, rules)
    for rule in rules:
        if rule.label not in there:
            yield _unknown(rule, rule.label, there, f"the source's list of {several}")
            continue
        yield from _decided(rule)
        if rule.verdict == "create":
            yield rule.line, CHOICES_ARE_MADE_THERE
        elif rule.verdict == "to" and rule.said not in here:
            yield _unknown(rule, rule.said, here, f"the target's list of {several}")
    if space != "user":
        yield from _doubles(rules, merged=True)


def _several(space: str) -> str:
    """Return the name of a list, as people say it."""
    word = space.replace("_", " ")
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith("us") else word if word.endswith("s") else f"{word}s"


def _unsaid(mapping: AccountMapping, space: str, rules: tuple[Rule, ...]) -> Iterator[_Finding]:
    """Yield what of a list nothing is said about; all of it at once where the file has no such section."""
    said = {rule.label for rule in rules}
    missing = [label for label in mapping.source.choices.get(space, ()) if label not in said]
    line, word = rules[0].line if rules else 1, space.replace("_", " ")
    if len(missing) > 1 and all(rule.implied for rule in rules):
        names = ", ".join(map(repr, missing[:_SHOWN])) + (" …" if len(missing) > _SHOWN else "")
        told = f"nothing is said about {len(missing)} {_several(space)} ({names})"
        yield line, f"{told}; add a section [choices.{space}] with a line for each, or draft the mapping again"
        return
    for label in missing:
        told = f"nothing is said about the {word} {label!r}; add a line for it below [choices.{space}]"
        yield line, f"{told}, or draft again"
