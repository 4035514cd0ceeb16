"""What of two accounts a mapping can name: their own fields, and those of the one that the other has no place for."""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs

from leadlens.adapter import Adapter
from leadlens.catalogue import Definition, Option
from leadlens.crosswalk import Absent, Field
from leadlens.customfields.mapping import RECORD_KINDS, SPACE, Side
from leadlens.model import Company, Contact, Deal, Lead


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
    return _hint(kind, attribute) in _PLAIN or is_closed(kind, attribute)


def has_attribute(kind: str, name: str) -> bool:
    """Tell whether records of a kind have a neutral attribute of this name."""
    return name in attrs.fields_dict(_MODELS[kind])


def is_closed(kind: str, attribute: str) -> bool:
    """Tell whether a neutral attribute has the same few values on every CRM."""
    return typing.get_origin(_hint(kind, attribute)) is typing.Literal


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
