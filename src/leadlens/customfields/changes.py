"""Holds a mapping against an account as it is now: what vanished, changed its type or its name, or is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

import attrs

from leadlens.adapter import Adapter
from leadlens.catalogue import Catalogue, Choice, Definition
from leadlens.customfields.mapping import RECORD_KINDS, AccountMapping, Rule, Side, is_same, labelled, side
from leadlens.customfields.scope import choice_spaces, fillable, to_map

_Found: TypeAlias = Iterator[tuple[int, str]]


@attrs.frozen
class Used:
    """What one request took from a mapping: fields of the target by kind and label, choices by list and label."""

    fields: frozenset[tuple[str, str]] = frozenset()
    choices: frozenset[tuple[str, str]] = frozenset()


def changes(mapping: AccountMapping, which: str, now: Catalogue, origin: Adapter, goal: Adapter) -> Iterator[str]:
    """Yield what has changed in one account (``source`` or ``target``) since the draft, each with its line.

    ``origin`` and ``goal`` are the CRMs of the source and of the target.
    """
    was: Side = getattr(mapping, which)
    if was.vendor.partition("@")[0] != now.vendor.partition("@")[0]:
        yield f"{mapping.file}: the {which} is {was.vendor}, not {now.vendor}"
        return
    live = _now(mapping, which, side(now), origin, goal)
    found = [*_fields(mapping, which, was, live), *_choices(mapping, which, was, live)]
    yield from (f"{mapping.file}:{line}: {told}" for line, told in sorted(found))


def outdated(
    mapping: AccountMapping,
    used: Used,
    definitions: Callable[[str], tuple[Definition, ...]],
    choices: Callable[[str], tuple[Choice, ...]],
    origin: Adapter,
    goal: Adapter,
) -> Iterator[str]:
    """Yield what has changed of the things in the target that one request uses, each with its line.

    ``definitions`` and ``choices`` ask the target's account; nothing else of it is read.
    """
    found: list[tuple[int, str]] = []
    for kind in sorted({kind for kind, _ in used.fields}):
        known = {k: labelled(definitions(kind), k) if k == kind else {} for k in RECORD_KINDS}
        live = attrs.evolve(mapping.target, definitions=known)
        lines = _lines(mapping, "target", kind)
        for label in sorted(label for k, label in used.fields if k == kind):
            before = mapping.target.definitions[kind][label]
            found += _field("target", kind, lines[label], before, fillable(kind, live, origin, goal))
    for space in sorted({space for space, _ in used.choices}):
        there = choices(space)
        rules = {rule.said: rule for rule in mapping.choices[space] if rule.verdict == "to"}
        for label in sorted(label for s, label in used.choices if s == space):
            before_ = mapping.target.choices[space][label]
            found += _choice("target", space.replace("_", " "), rules[label], label, before_, there)
    yield from (f"{mapping.file}:{line}: {told}" for line, told in sorted(found))


def _now(mapping: AccountMapping, which: str, live: Side, origin: Adapter, goal: Adapter) -> Side:
    """Return the account as it is now, with what a mapping can name, and no more."""
    if which == "source":
        definitions = {kind: to_map(kind, live, goal) for kind in RECORD_KINDS}
    else:
        definitions = {kind: fillable(kind, live, origin, goal) for kind in RECORD_KINDS}
    other = mapping.target if which == "source" else mapping.source
    spaces = choice_spaces(live, other) if which == "source" else choice_spaces(other, live)
    place = 0 if which == "source" else 1
    choices = {space: live.choices[names[place]] for space, names in spaces.items()}
    return Side(vendor=live.vendor, account=live.account, definitions=definitions, choices=choices)


def _fields(mapping: AccountMapping, which: str, was: Side, now: Side) -> _Found:
    for kind in RECORD_KINDS:
        lines = _lines(mapping, which, kind)
        known = now.definitions[kind]
        for label, before in was.definitions[kind].items():
            if label in lines:
                yield from _field(which, kind, lines[label], before, known)
        keys = {(d.id, d.key) for d in was.definitions[kind].values()}
        for label, definition in known.items():
            new = (definition.id, definition.key) not in keys and label not in was.definitions[kind]
            if new and which == "source":
                yield mapping.kinds[kind].line, f"the source has a new {kind} field {label!r}; draft the mapping again"
            elif new and definition.required and definition.custom:
                yield mapping.kinds[kind].line, f"the target now needs {label!r} of {kind}; draft the mapping again"


def _lines(mapping: AccountMapping, which: str, kind: str) -> dict[str, Rule]:
    """Return the lines that name a field of the account, by its label."""
    rules = mapping.kinds[kind]
    if which == "source":
        return {rule.label: rule for rule in rules.fields}
    always = {
        label: Rule(label=label, line=line, verdict="to", said=label) for label, (_, line) in rules.always.items()
    }
    return always | {rule.said: rule for rule in rules.fields if rule.verdict == "to"}


def _field(which: str, kind: str, rule: Rule, before: Definition, known: Mapping[str, Definition]) -> _Found:
    now = next((d for d in known.values() if d.id == before.id and d.key == before.key), None)
    namesake = next((d for d in known.values() if d.name == before.name), None)
    if now is None:
        other = f"; there is another one of that name (id {namesake.id or namesake.key})" if namesake else ""
        yield (
            rule.line,
            f"the {which}'s {kind} field {before.name!r} is no longer there{other}; draft the mapping again",
        )
        return
    if now.name != before.name:
        told = f"the {which}'s {kind} field {before.name!r} is called {now.name!r} now"
        yield rule.line, f"{told}; draft the mapping again if it still means the same"
    if now.type != before.type:
        told = f"the {which}'s {kind} field {before.name!r} was {before.type}, and is {now.type} now"
        yield rule.line, f"{told}; draft the mapping again"
    if now.required and not before.required and which == "target":
        yield rule.line, f"the target's {kind} field {before.name!r} is required now; draft the mapping again"
    yield from _options(which, rule, before, now)


def _options(which: str, rule: Rule, before: Definition, now: Definition) -> _Found:
    there = {option.name: option for option in now.options if option.active}
    ids = {option.id: option.name for option in now.options if option.id is not None}
    for option in before.options:
        if option.id in ids and ids[option.id] != option.name:
            told = f"option {option.name!r} of {before.name!r} is called {ids[option.id]!r} now"
            yield rule.line, f"{told} ({which}); draft the mapping again"
        elif option.name not in there and option.active:
            yield (
                rule.line,
                f"{before.name!r} has no option {option.name!r} any more ({which}); draft the mapping again",
            )
    known = {option.name for option in before.options} | {ids.get(option.id or "") for option in before.options}
    for name in there:
        if name not in known and which == "source":
            yield rule.line, f"{before.name!r} has a new option {name!r}; draft the mapping again"


def _choices(mapping: AccountMapping, which: str, was: Side, now: Side) -> _Found:
    for space, rules in mapping.choices.items():
        word, live = space.replace("_", " "), now.choices.get(space, {})
        named = {
            rule.label if which == "source" else rule.said: rule
            for rule in rules
            if which == "source" or rule.verdict == "to"
        }
        for label, before in was.choices.get(space, {}).items():
            if label in named:
                yield from _choice(which, word, named[label], label, before, live.values())
        known = {_key(choice) for choice in was.choices.get(space, {}).values()}
        for label, choice in live.items():
            if which == "source" and _key(choice) not in known and rules:
                yield rules[0].line, f"the source has a new {word} {label!r}; draft the mapping again"


def _choice(which: str, word: str, rule: Rule, label: str, before: Choice, live: Iterable[Choice]) -> _Found:
    found = next((c for c in live if c.ref == before.ref and (c.ref.id is not None or _is_there(c, before))), None)
    if found is None:
        yield rule.line, f"the {which} has no {word} {label!r} any more; draft the mapping again"
    elif found.ref.name != before.ref.name:
        yield rule.line, f"the {which}'s {word} {label!r} is called {found.ref.name!r} now; draft the mapping again"
    elif not _is_there(found, before):
        yield rule.line, f"the {which}'s {word} {label!r} belongs to another pipeline now; draft the mapping again"
    elif which == "target" and not found.active:
        yield rule.line, f"the target's {word} {label!r} is not active any more; choose another one"


def _key(choice: Choice) -> tuple[str | None, ...]:
    """Return what tells a choice from others: its id, or its name and what it is within."""
    within = None if choice.within is None else choice.within.name
    return (choice.ref.id,) if choice.ref.id is not None else (choice.ref.name, within)


def _is_there(now: Choice, before: Choice) -> bool:
    """Tell whether a choice is within what it was within, as far as both tell."""
    return now.within is None or before.within is None or is_same(now.within, before.within)
