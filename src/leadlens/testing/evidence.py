"""What a law found: that it holds, or what shows that it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from leadlens.crosswalk import Crosswalk
from leadlens.testing.compare import brief
from leadlens.testing.places import place_of, rows_of, spelled


@attrs.frozen
class Evidence:
    """What a law found: it holds, or a message that says where it does not, and what shows it.

    ``record`` is the neutral value or the wire object that was tried, ``wires`` what became of it by name, ``suspects``
    are the crosswalks and paths whose rows may be wrong, ``places`` are lines of another file that may be.
    """

    law: str
    crosswalk: str
    ok: bool
    message: str = ""
    record: Any = None
    wires: Mapping[str, Any] = attrs.field(factory=dict)
    suspects: tuple[tuple[Crosswalk, str], ...] = ()
    places: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it on one line; where it is broken, with the record, both wires, and each row with file and line."""
        if self.ok:
            return f"{self.crosswalk}: {self.law} holds"
        lines = [f"{self.crosswalk}: {self.law} is broken: {self.message}"]
        if self.record is not None:
            lines.append(f"  record: {brief(self.record)}")
        lines += [f"  {name}: {brief(wire)}" for name, wire in self.wires.items()]
        return "\n".join([*lines, *(f"  row: {row}" for row in self.rows)])

    @property
    def rows(self) -> tuple[str, ...]:
        """Each row that may be wrong: file, line and what it says."""
        found = (row for crosswalk, path in self.suspects for row in rows_of(crosswalk, path))
        return tuple(dict.fromkeys([*self.places, *(f"{place_of(row)}: {spelled(row.row)}" for row in found)]))


def holds(law: str, crosswalk: Crosswalk) -> Evidence:
    """Return the evidence of a law that holds."""
    return Evidence(law, crosswalk.name, ok=True)


def broken_by(
    law: str, crosswalk: Crosswalk, told: str, record: Any, paths: Iterable[str] = (), **wires: Any
) -> Evidence:  # fmt: skip
    """Return the evidence of a law that does not hold, with the paths that are wrong."""
    shown = {name.replace("_", " "): wire for name, wire in wires.items()}
    return Evidence(law, crosswalk.name, False, told, record, shown, tuple((crosswalk, path) for path in paths))


def judged(law: str, crosswalk: Crosswalk, broken: str, record: Any = None) -> Evidence:
    """Return the evidence of a law that is broken if there is something to say."""
    return Evidence(law, crosswalk.name, not broken, broken, record if broken else None)


class BrokenError(AssertionError):
    """A law does not hold; carries its evidence, and how to try it with less."""

    def __init__(self, evidence: Evidence, smaller: Callable[[], Evidence] | None = None) -> None:
        super().__init__(str(evidence))
        self.evidence, self._smaller = evidence, smaller

    @property
    def simplest(self) -> Evidence:
        """The evidence of the simplest case that breaks the law too."""
        return self.evidence if self._smaller is None else self._smaller()
