"""Requests in another account's terms: carried by a mapping, and held against the account before anything is sent.

A mapping file keeps what the account was when it was drafted. Of that, what a request uses is looked up again before
the request is sent: a field that has vanished since, or a user who has left, is told with the line of the file, and
nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from leadlens import registry
from leadlens.adapter import Adapter
from leadlens.catalogue import Choice, Definition
from leadlens.errors import MappingError
from leadlens.http.driver import Driver
from leadlens.operations import Operations
from leadlens.translation import Losses, carried_to

if TYPE_CHECKING:
    from leadlens.customfields.changes import Used
    from leadlens.customfields.mapping import AccountMapping

LOOKED_UP_FOR: Final = 60.0
"""So many seconds what was read of an account is taken for what it is."""
_T = TypeVar("_T")


@attrs.frozen
class Carriage:
    """A request as it is sent, what adds its losses to those of sending it, and what it uses of the mapping."""

    request: Any
    told: Callable[[Losses], Losses] = tuple
    mapping: AccountMapping | None = None
    used: Used | None = None


@attrs.define
class Mapped:
    """Carries requests to one account, and remembers for a minute what it has read of it."""

    adapter: Adapter
    operations: Operations
    driver: Driver
    _read: dict[tuple[str, str], tuple[float, Any]] = attrs.field(factory=dict, init=False)

    def carried(self, request: Any, mapping: AccountMapping | None) -> Carriage:
        """Return a request in this account's terms; nothing is read.

        Raises :class:`MappingError` for a mapping that is not ready to be used, UsageError for one that leads to
        another CRM.
        """
        if mapping is None:
            return Carriage(request)
        there = carried_to(self.adapter, request, mapping)
        return Carriage(there.value, there.told, mapping, there.used)

    def check(self, *carriages: Carriage) -> None:
        """Raise :class:`MappingError` where what requests use of the mapping is not in the account as it was."""
        found: list[str] = []
        for carriage in carriages:
            if carriage.mapping is not None and carriage.used is not None:
                found += self._outdated(carriage.mapping, carriage.used)
        if found:
            raise MappingError(list(dict.fromkeys(found)))

    def _outdated(self, mapping: AccountMapping, used: Used) -> list[str]:
        from leadlens.customfields.changes import outdated

        source = registry.get(mapping.source.vendor)
        return list(outdated(mapping, used, self._definitions, self._choices, source, self.adapter))

    def _definitions(self, kind: str) -> tuple[Definition, ...]:
        return self._once_a_minute("fields", kind, lambda: self.driver.run(self.operations.definitions(kind)))

    def _choices(self, space: str) -> tuple[Choice, ...]:
        """Return the choices of a list; one for all kinds of records stands for those that this CRM does not have."""
        kinds = self.operations.choice_kinds
        name = space if space in kinds else space.partition("_")[2]
        return self._once_a_minute("choices", name, lambda: self.driver.run(self.operations.choices(name)))

    def _once_a_minute(self, what: str, name: str, ask: Callable[[], _T]) -> _T:
        now = self.driver.clock.now()
        at, found = self._read.get((what, name), (now - LOOKED_UP_FOR, None))
        if now - at >= LOOKED_UP_FOR:
            found = ask()
            self._read[what, name] = now, found
        return found  # type: ignore[no-any-return]  # it is what was asked for
