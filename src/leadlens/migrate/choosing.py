"""Which conversions of the source are meant: those of some leads, or those whose records say something."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import attrs

from leadlens.errors import UsageError
from leadlens.migrate.origin import KINDS, Bundle
from leadlens.model import Ref

Named: TypeAlias = Callable[[str], Mapping[str, str]]
"""Gives the names of what an account has to point to, by id: of its stages, pipelines, users."""
_SPACES = {"owner": "user", "created_by": "user", "modified_by": "user"}


@attrs.frozen
class Condition:
    """What an attribute of a conversion's record has to say: ``lead.source=Web``, ``deal.value.currency=EUR``."""

    kind: str
    path: tuple[str, ...]
    value: str

    @staticmethod
    def of(text: str) -> Condition:
        """Read ``KIND.ATTRIBUTE=VALUE``; raises :class:`UsageError` for one that no record has."""
        left, _, value = text.partition("=")
        kind, *path = left.split(".")
        if kind not in KINDS or not path or not value:
            raise UsageError(f"--only {text}: give the id of a lead, or KIND.FIELD=VALUE, such as deal.stage=Won")
        known = [one.name for one in attrs.fields(_class(kind))]
        if path[0] not in known:
            raise UsageError(f"--only {text}: a {kind} has no {path[0]}; it has {', '.join(known)}")
        return Condition(kind, tuple(path), value)

    def holds(self, bundle: Bundle, named: Named) -> bool:
        """Tell whether a conversion's record says so; of several values one is enough, and capitals do not count.

        ``named`` gives the names of what records point to by id alone.
        """
        values: list[Any] = [bundle.record(self.kind)]
        for name in self.path:
            values = [getattr(one, name, None) for value in values for one in _each(value)]
        space = _SPACES.get(self.path[-1], self.path[-1])
        names = named(space) if any(isinstance(one, Ref) for one in values) else {}
        return any(self.value.casefold() in _texts(one, names) for value in values for one in _each(value))


@attrs.frozen
class Only:
    """Some of the conversions: of these leads, if any are named, and with all conditions."""

    leads: frozenset[str] = frozenset()
    conditions: tuple[Condition, ...] = ()

    @staticmethod
    def of(texts: Iterable[str]) -> Only:
        """Read ids of leads and conditions; raises :class:`UsageError`."""
        given = list(texts)
        conditions = tuple(Condition.of(text) for text in given if "=" in text)
        return Only(frozenset(text for text in given if "=" not in text), conditions)

    def names(self, lead_id: str | None) -> bool:
        """Tell whether a lead is among those that are named, or none are."""
        return not self.leads or lead_id in self.leads

    def takes(self, bundle: Bundle, named: Named) -> bool:
        """Tell whether a conversion meets all conditions."""
        return all(condition.holds(bundle, named) for condition in self.conditions)


def _class(kind: str) -> Any:
    from leadlens.model import Company, Contact, Deal, Lead

    return {"lead": Lead, "contact": Contact, "company": Company, "deal": Deal}[kind]


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _texts(value: Any, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return how a value may be written: a reference by its id or name, a name as people write it."""
    if value is None:
        return ()
    if isinstance(value, Ref):
        return tuple(text.casefold() for text in (value.id, value.name, names.get(value.id or "")) if text is not None)
    return (str(getattr(value, "display", value)).casefold(),)
