"""Proposes what goes where between two accounts. A proposal is a guess, with a score and a reason; a person judges."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import attrs

from leadlens.catalogue import Choice, Definition
from leadlens.customfields.implied import has_options
from leadlens.customfields.mapping import RECORD_KINDS, AccountMapping, Rule, Side, is_same
from leadlens.customfields.pairs import FAMILY, fit
from leadlens.model import Ref
from leadlens.tenant.likeness import LIKELY, SURE, Likeness, field_likeness, name_likeness

_A = TypeVar("_A")
_B = TypeVar("_B")
_NEAR = 50
_ELSEWHERE = 20
"""By so much less alike is a stage of the same name in another pipeline."""
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
        doubtful, why = ("", told) if self.is_sure else (told, "")
        return Rule(
            label=self.label, line=0, verdict="to", said=self.to, merge=self.merge, doubtful=doubtful, why=why
        )  # fmt: skip


@attrs.frozen(kw_only=True)
class Draft:
    """All proposals: fields by kind, choices by space."""

    fields: Mapping[str, tuple[Proposal, ...]]
    choices: Mapping[str, tuple[Proposal, ...]]


def propose(
    source: Side, target: Side, samples: Samples | None = None, theirs: Samples | None = None,
    decided: AccountMapping | None = None,
) -> Draft:  # fmt: skip
    """Return what is proposed between two accounts, of each of which only what a mapping can name is given.

    ``decided`` is an earlier mapping of theirs: stages follow the pipelines as a person has them there.
    """
    fields = {
        kind: _fields(source.definitions[kind], target.definitions[kind],
                      (samples or {}).get(kind, {}), (theirs or {}).get(kind, {}))
        for kind in RECORD_KINDS
    }  # fmt: skip
    return Draft(fields=fields, choices=dict(_choices(source, target, decided)))


_Found = list[tuple[Likeness, str, str]]
"""Pairs that are alike enough to be proposed, the surest first."""


def alike(mine: Mapping[str, _A], theirs: Mapping[str, _B], compare: Callable[[_A, _B], Likeness | None]) -> _Found:
    """Return all pairs that are alike, the surest first."""
    found = [
        (likeness, one, other)
        for one, a in mine.items() for other, b in theirs.items()
        if (likeness := compare(a, b)) is not None and likeness.score >= LIKELY
    ]  # fmt: skip
    return sorted(found, key=lambda found: (-found[0].score, found[1], found[2]))


def matched(found: _Found) -> dict[str, tuple[str, Likeness]]:
    """Return the best counterpart of each, the surest first, none of theirs twice."""
    best: dict[str, tuple[str, Likeness]] = {}
    taken: set[str] = set()
    for likeness, one, other in found:
        if one not in best and other not in taken:
            best[one] = other, likeness
            taken.add(other)
    return best


def _fields(
    mine: Mapping[str, Definition], theirs: Mapping[str, Definition],
    seen: Mapping[str, Sequence[str]], known: Mapping[str, Sequence[str]],
) -> tuple[Proposal, ...]:  # fmt: skip
    best = matched(alike(mine, theirs, lambda one, other: field_likeness(one, other, seen, known)))
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


def options_between(source: Definition, target: Definition) -> tuple[Proposal, ...]:
    """Return what is proposed for the options of two fields; nothing where they need no such table."""
    if not has_options(source, target):
        return ()
    mine = {option.name: option.name for option in source.options}
    theirs = {option.name: option.name for option in target.options if option.active}
    return tuple(_named(mine, theirs))


def _named(mine: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[Proposal]:
    """Propose by names alone."""
    return _best(mine, theirs, name_likeness)


def _best(
    mine: Mapping[str, _A], theirs: Mapping[str, _B], compare: Callable[[_A, _B], Likeness | None]
) -> Iterator[Proposal]:  # fmt: skip
    """Propose what is most alike; what is left may go where another one goes, if a person says so."""
    found = alike(mine, theirs, compare)
    best, second = matched(found), {one: (other, likeness) for likeness, one, other in reversed(found)}
    for label in mine:
        if label in best:
            to, likeness = best[label]
            yield Proposal(label, to, likeness.score, likeness.why)
        elif label in second:
            to, likeness = second[label]
            told = f"{likeness.why}, and another one goes there too"
            yield Proposal(label, to, min(likeness.score, SURE - 1), told, merge=True)
        else:
            yield Proposal(label, None, 0, "nothing there is like it")


# --- choices ---------------------------------------------------------------------------------------------------------


def _choices(
    source: Side, target: Side, decided: AccountMapping | None
) -> Iterator[tuple[str, tuple[Proposal, ...]]]:  # fmt: skip
    made: dict[str, tuple[Proposal, ...]] = {}
    for space in sorted(source.choices, key="stage".__eq__):  # stages follow what becomes of their pipelines
        mine, theirs = source.choices[space], {k: c for k, c in target.choices[space].items() if c.active}
        if space == "user":
            made[space] = tuple(_users(mine, theirs))
        elif space == "stage":
            ways = _ways(source, target, made.get("pipeline", ()), decided)
            made[space] = tuple(_best(mine, theirs, functools.partial(_stage_likeness, ways)))
        else:
            made[space] = tuple(_best(mine, theirs, _alone if len(mine) == len(theirs) == 1 else _choice_likeness))
    yield from ((space, made[space]) for space in source.choices)


def _choice_likeness(one: Choice, other: Choice) -> Likeness:
    return name_likeness(str(one.ref.name), str(other.ref.name))


def _alone(one: Choice, other: Choice) -> Likeness:
    """Compare two choices of which each is the only one of its account: two pipelines belong together then."""
    found = _choice_likeness(one, other)
    if one.kind != "pipeline" or found.score >= LIKELY:
        return found
    return Likeness(LIKELY, "the only one on both sides")


_Ways = Sequence[tuple[Ref, Ref]]
"""Pipelines of the source, each with its counterpart in the target."""


def _ways(
    source: Side, target: Side, proposals: Sequence[Proposal], decided: AccountMapping | None
) -> _Ways:  # fmt: skip
    """Return which pipeline is which: as a person decided, else as it is proposed."""
    said: dict[str, str | None] = {proposal.label: proposal.to for proposal in proposals}
    rules = decided.choices.get("pipeline", ()) if decided is not None else ()
    said |= {rule.label: rule.said if rule.verdict == "to" else None for rule in rules if not rule.doubtful}
    here, there = source.choices.get("pipeline", {}), target.choices.get("pipeline", {})
    return [(here[one].ref, there[to].ref) for one, to in said.items() if one in here and to and to in there]


def _stage_likeness(ways: _Ways, one: Choice, other: Choice) -> Likeness:
    """Compare two stages; one of the same name in another pipeline is another one until a person says otherwise."""
    found = _choice_likeness(one, other)
    if one.within is None or other.within is None:
        return found
    if any(is_same(one.within, mine) and is_same(other.within, theirs) for mine, theirs in ways):
        return Likeness(found.score, f"{found.why}, in the pipeline that goes there")
    return Likeness(max(found.score - _ELSEWHERE, 0), f"{found.why}, but in another pipeline")


def _users(mine: Mapping[str, Choice], theirs: Mapping[str, Choice]) -> Iterator[Proposal]:
    """Propose users by their e-mail addresses, and by their names only where one has no address."""

    def compare(one: Choice, other: Choice) -> Likeness | None:
        if one.email and other.email:
            same = one.email.casefold() == other.email.casefold()
            return Likeness(100, "same e-mail address") if same else _doubted(one, other)
        return name_likeness(str(one.ref.name), str(other.ref.name))

    best = matched(alike(mine, theirs, compare))
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
