"""Proposes what goes where between two accounts. A proposal is a guess, with a score and a reason; a person judges."""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import attrs

from leadlens.adapter import Adapter
from leadlens.catalogue import Choice, Definition, Option
from leadlens.crosswalk import Absent, Field
from leadlens.customfields.mapping import RECORD_KINDS, SPACE, Rule, Side
from leadlens.customfields.pairs import FAMILY, fit
from leadlens.model import Company, Contact, Deal, Lead
from leadlens.tenant.likeness import LIKELY, SURE, Likeness, field_likeness, name_likeness

_A = TypeVar("_A")
_B = TypeVar("_B")
_NEAR = 50
Samples = Mapping[str, Mapping[str, Sequence[str]]]
"""Values seen, as texts: kind of record → key of the field → values."""


@attrs.frozen
class Proposal:
    """What is proposed for one thing of the source; ``options`` are those of a field. Without ``to`` nothing fits.

    ``merge`` says that another one goes to the same place.
    """

    label: str
    to: str | None
    score: int
    why: str
    options: tuple[Proposal, ...] = ()
    merge: bool = False

    @property
    def is_sure(self) -> bool:
        """Tell whether the proposal needs no mark."""
        return self.to is not None and self.score >= SURE

    def rule(self) -> Rule:
        """Return the proposal as the file says it."""
        if self.to is None:
            return Rule(label=self.label, line=0, verdict="undecided", said=self.why)
        told = f"{self.score} %: {self.why}"
        mark = {"why": told} if self.is_sure else {"doubtful": told}
        return Rule(label=self.label, line=0, verdict="to", said=self.to, merge=self.merge, **mark)


@attrs.frozen(kw_only=True)
class Draft:
    """All proposals: fields by kind, choices by space."""

    fields: Mapping[str, tuple[Proposal, ...]]
    choices: Mapping[str, tuple[Proposal, ...]]


def propose(source: Side, target: Side, samples: Samples | None = None, theirs: Samples | None = None) -> Draft:
    """Return what is proposed between two accounts, of each of which only what a mapping can name is given."""
    fields = {
        kind: _fields(source.definitions[kind], target.definitions[kind],
                      (samples or {}).get(kind, {}), (theirs or {}).get(kind, {}))
        for kind in RECORD_KINDS
    }  # fmt: skip
    return Draft(fields=fields, choices=dict(_choices(source, target)))


def absent_attributes(adapter: Adapter, kind: str) -> frozenset[str]:
    """Return the neutral attributes that a CRM has no place for."""
    rows = adapter.crosswalk(kind).rows
    return frozenset(name for row in rows if isinstance(row, Absent) for name in row.neutral)


def filled_attributes(adapter: Adapter, kind: str) -> frozenset[str]:
    """Return the neutral attributes that a CRM's records say."""
    rows = adapter.crosswalk(kind).rows
    return frozenset(name for row in rows if isinstance(row, Field) for name in row.neutral)


def to_map(kind: str, source: Side, goal: Adapter) -> dict[str, Definition]:
    """Return the source's fields that a mapping must say something about: its own, and those with no place there."""
    lost = absent_attributes(goal, kind)
    return dict(_nameable(kind, source.definitions[kind], lost))


def fillable(kind: str, target: Side, origin: Adapter, goal: Adapter) -> dict[str, Definition]:
    """Return the target's fields that a mapping can fill: its own, and those that nothing of the source's fills."""
    free = filled_attributes(goal, kind) - filled_attributes(origin, kind)
    found = _nameable(kind, target.definitions[kind], free)
    return {label: definition for label, definition in found if not definition.read_only}


def _nameable(
    kind: str, definitions: Mapping[str, Definition], attributes: frozenset[str]
) -> Iterator[tuple[str, Definition]]:  # fmt: skip
    """Yield the account's own fields, and those of the CRM that hold one of these attributes, wholly."""
    for label, definition in definitions.items():
        name = definition.attribute
        alone = sum(other.attribute == name for other in definitions.values()) == 1
        if definition.custom and name is None:
            yield label, definition
        elif name in attributes and alone and not definition.read_only and is_plain(kind, name):
            yield label, _with_options(kind, name, definition)


def is_plain(kind: str, attribute: str) -> bool:
    """Tell whether a neutral attribute holds one plain value, as an own field does."""
    return _hint(kind, attribute) in _PLAIN or typing.get_origin(_hint(kind, attribute)) is typing.Literal


_PLAIN = (str, int, bool, Decimal, dt.date, dt.datetime)
_MODELS: Mapping[str, type] = {"lead": Lead, "contact": Contact, "company": Company, "deal": Deal}


def _hint(kind: str, attribute: str) -> Any:
    hint = typing.get_type_hints(_MODELS[kind])[attribute]
    return next((member for member in typing.get_args(hint) if member is not type(None)), hint)


def _with_options(kind: str, attribute: str, definition: Definition) -> Definition:
    """Return a definition with the options of an attribute that has the same ones on every CRM."""
    hint = _hint(kind, attribute)
    if definition.options or typing.get_origin(hint) is not typing.Literal:
        return definition
    return attrs.evolve(definition, options=tuple(Option(name=name) for name in typing.get_args(hint)))


def relevant(source: Side, target: Side, origin: Adapter, goal: Adapter) -> tuple[Side, Side]:
    """Return both accounts with what a mapping of them can name, and no more."""
    spaces = choice_spaces(source, target)
    return (
        attrs.evolve(
            source,
            definitions={kind: to_map(kind, source, goal) for kind in RECORD_KINDS},
            choices={space: source.choices[mine] for space, (mine, _) in spaces.items()},
        ),
        attrs.evolve(
            target,
            definitions={kind: fillable(kind, target, origin, goal) for kind in RECORD_KINDS},
            choices={space: target.choices[theirs] for space, (_, theirs) in spaces.items()},
        ),
    )


def matched(
    mine: Mapping[str, _A], theirs: Mapping[str, _B], compare: Callable[[_A, _B], Likeness | None]
) -> dict[str, tuple[str, Likeness]]:  # fmt: skip
    """Return the best counterpart of each, the surest first, none of theirs twice."""
    found = [
        (likeness, one, other)
        for one, a in mine.items() for other, b in theirs.items()
        if (likeness := compare(a, b)) is not None
    ]  # fmt: skip
    best: dict[str, tuple[str, Likeness]] = {}
    taken: set[str] = set()
    for likeness, one, other in sorted(found, key=lambda found: (-found[0].score, found[1], found[2])):
        if one not in best and other not in taken and likeness.score >= LIKELY:
            best[one] = other, likeness
            taken.add(other)
    return best


def _fields(
    mine: Mapping[str, Definition], theirs: Mapping[str, Definition],
    seen: Mapping[str, Sequence[str]], known: Mapping[str, Sequence[str]],
) -> tuple[Proposal, ...]:  # fmt: skip
    best = matched(mine, theirs, lambda one, other: field_likeness(one, other, seen, known))
    made = []
    for label, definition in mine.items():
        if label not in best:
            made.append(Proposal(label, None, 0, _nothing(definition, theirs)))
            continue
        to, likeness = best[label]
        made.append(Proposal(label, to, likeness.score, likeness.why, options_between(definition, theirs[to])))
    return tuple(made)


def _nothing(definition: Definition, theirs: Mapping[str, Definition]) -> str:
    """Say why there is no proposal, with what comes nearest."""
    if FAMILY[definition.type] == "reference":
        return "it points to records of this account; leave it out"
    near = sorted(((name_likeness(definition.name, d.name).score, label) for label, d in theirs.items()), reverse=True)
    for score, label in near[:3]:
        told = fit(definition, theirs[label])
        if score >= (_NEAR if told.fits else SURE):
            return f"nothing there is like it; nearest is {label!r}" + ("" if told.fits else f", but {told.told}")
    return "nothing there is like it"


def has_options(source: Definition, target: Definition) -> bool:
    """Tell whether a mapping of these two fields must say what becomes of their options."""
    return FAMILY[source.type] in ("option", "options") and FAMILY[target.type] in ("option", "options")


def options_between(source: Definition, target: Definition) -> tuple[Proposal, ...]:
    """Return what is proposed for the options of two fields; nothing where they need no such table."""
    if not has_options(source, target):
        return ()
    mine = {option.name: option.name for option in source.options}
    theirs = {option.name: option.name for option in target.options if option.active}
    return tuple(_named(mine, theirs))


def _named(mine: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[Proposal]:
    """Propose by names alone; what is left may go where another one goes, if a person says so."""
    best = matched(mine, theirs, name_likeness)
    left = {label: name for label, name in mine.items() if label not in best}
    for label in mine:
        if label in best:
            to, likeness = best[label]
            yield Proposal(label, to, likeness.score, likeness.why)
        elif again := matched({label: left[label]}, theirs, name_likeness):
            to, likeness = again[label]
            told = f"{likeness.why}, and another one goes there too"
            yield Proposal(label, to, min(likeness.score, SURE - 1), told, merge=True)
        else:
            yield Proposal(label, None, 0, "nothing there is like it")


# --- choices ---------------------------------------------------------------------------------------------------------


def choice_spaces(source: Side, target: Side) -> dict[str, tuple[str, str]]:
    """Return the lists of choices to map, users first, each with the names that it has in the two accounts.

    Where one CRM has a list for each kind of record and the other one for all, the one stands for each that differs.
    """
    found: dict[str, tuple[str, str]] = {}
    for space in sorted(set(SPACE.values()), key=lambda name: (name != "user", name)):
        if space in source.choices and space in target.choices:
            found[space] = space, space
        for name in (f"{kind}_{space}" for kind in RECORD_KINDS):
            mine, theirs = (name if name in side.choices else space for side in (source, target))
            if (mine, theirs) != (space, space) and mine in source.choices and theirs in target.choices:
                same = _same(source, mine, space) and _same(target, theirs, space)
                found |= {} if same and space in found else {name: (mine, theirs)}
    return found


def _same(side: Side, one: str, other: str) -> bool:
    return [str(c.ref.name) for c in side.choices[one].values()] == [
        str(c.ref.name) for c in side.choices.get(other, {}).values()
    ]


def _choices(source: Side, target: Side) -> Iterator[tuple[str, tuple[Proposal, ...]]]:
    for space in source.choices:
        mine, theirs = source.choices[space], {k: c for k, c in target.choices[space].items() if c.active}
        if space == "user":
            yield space, tuple(_users(mine, theirs))
        else:
            names = {label: str(choice.ref.name) for label, choice in mine.items()}
            yield space, tuple(_named(names, {label: str(choice.ref.name) for label, choice in theirs.items()}))


def _users(mine: Mapping[str, Choice], theirs: Mapping[str, Choice]) -> Iterator[Proposal]:
    """Propose users by their e-mail addresses, and by their names only where one has no address."""

    def compare(one: Choice, other: Choice) -> Likeness | None:
        if one.email and other.email:
            same = one.email.casefold() == other.email.casefold()
            return Likeness(100, "same e-mail address") if same else _doubted(one, other)
        return name_likeness(str(one.ref.name), str(other.ref.name))

    best = matched(mine, theirs, compare)
    for label in mine:
        if label in best:
            to, likeness = best[label]
            yield Proposal(label, to, likeness.score, likeness.why)
        else:
            yield Proposal(label, None, 0, "nobody there has this e-mail address or name")


def _doubted(one: Choice, other: Choice) -> Likeness | None:
    """Return a namesake with another address: perhaps the same person, and for a person to say."""
    found = name_likeness(str(one.ref.name), str(other.ref.name))
    return Likeness(min(found.score, SURE - 5), f"{found.why}, other e-mail address") if found.score >= SURE else None
