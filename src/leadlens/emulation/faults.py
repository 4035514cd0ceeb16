"""What goes wrong, and when: a plan of faults as data, from Python or from a JSON file."""

from __future__ import annotations

import difflib
import random
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import attrs

from leadlens.decoding import loads
from leadlens.errors import InputError, UsageError

BEFORE: Final = frozenset(("refused", "dns", "tls", "lost"))
"""These keep the call from arriving. A server cannot refuse a name or a handshake: over a socket it resets instead."""

EITHER: Final = {"401": "before", "429": "before", "500": "after", "502": "after", "503": "before", "redirect": "after"}
"""These are another reply in place of the vendor's, and when they are given unless the plan says otherwise."""

AFTER: Final = frozenset(
    ("202", "bad_utf8", "bomb", "drip", "duplicate", "fin", "late", "missing", "reset", "timeout", "truncated")
)
"""These happen to the reply of a call that was carried out."""

OTHER: Final = frozenset(("late_commit", "stale_search"))
"""The call is carried out ``seconds`` later, its client sees a timeout; a search is ``seconds`` behind."""

KINDS: Final = BEFORE | EITHER.keys() | AFTER | OTHER
SECONDS: Final = {
    "late_commit": 60.0,
    "stale_search": 60.0,
    "drip": 1.0,
    "late": 60.0,
    "lost": 60.0,
    "timeout": 60.0,
}
"""What ``seconds`` is when the plan does not say: how late, how stale, between two bytes, until the line is cut."""


@attrs.frozen(kw_only=True)
class Fault:
    """One thing that goes wrong.

    ``what`` is one of :data:`KINDS`. It happens to calls whose operation (``copper.convert_lead``) fits the pattern
    ``operation``, and of those to all, the ``nth`` (from 1), ``every`` so many, or with a ``probability``; at most
    ``count`` times. ``when`` is before or after the commit, for replies that can come at either. ``seconds``: see
    :data:`SECONDS`. ``retry_after`` is the header's text (``date`` stands for the time ``seconds`` from now);
    ``dress`` picks one of a vendor's forms of a 429; ``key`` is what is ``missing`` (``data.0.details``); ``location``
    is where a redirect leads; ``size`` the bytes that a ``bomb`` becomes.
    """

    what: str
    operation: str = "*"
    nth: int | None = None
    every: int | None = None
    probability: float | None = None
    count: int | None = None
    when: str = ""
    seconds: float = attrs.field()
    retry_after: str | None = None
    dress: str = ""
    key: str = ""
    location: str = "https://elsewhere.invalid/"
    size: int = 64 * 1024 * 1024

    @seconds.default
    def _usual_seconds(self) -> float:
        return SECONDS.get(self.what, 0.0)

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.what not in KINDS:
            close = difflib.get_close_matches(self.what, KINDS, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(KINDS))}"
            raise UsageError(f"no fault is named {self.what!r}; {hint}")
        usual = EITHER.get(self.what, "before" if self.what in BEFORE else "after")
        if self.when not in ("", usual) and (self.what not in EITHER or self.when not in {"before", "after"}):
            raise UsageError(f"the fault {self.what!r} happens {usual} the commit, not {self.when!r}")
        if self.what == "missing" and not self.key:
            raise UsageError("the fault 'missing' needs the key that is missing")
        object.__setattr__(self, "when", self.when or usual)


def _in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(faults)


@attrs.frozen
class FaultPlan:
    """Faults in the order in which they are considered, and the seed of their probabilities."""

    faults: tuple[Fault, ...] = attrs.field(default=(), converter=_in_order)
    seed: int = 0


def read_plan(source: FaultPlan | Iterable[Fault] | str | Path | Mapping[str, Any] | None, seed: int = 0) -> FaultPlan:
    """Return the plan of a file, of its JSON ``{"seed": 7, "faults": [{"what": …}, …]}``, or of faults.

    Raises :class:`UsageError` for what is no plan, and OSError when the file cannot be read.
    """
    if source is None:
        return FaultPlan(seed=seed)
    if isinstance(source, FaultPlan):
        return source
    if isinstance(source, str | Path):
        source = _plan_object(Path(source).read_bytes(), str(source))
    if isinstance(source, Mapping):
        return FaultPlan([_fault(item) for item in _items(source)], int(source.get("seed", seed)))
    return FaultPlan(source, seed)


def _plan_object(data: bytes, name: str) -> Mapping[str, Any]:
    try:
        found = loads(data)
    except InputError as error:
        raise UsageError(f"{name}: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f"{name}: a fault plan is an object with the key 'faults'")
    return found


def _items(plan: Mapping[str, Any]) -> list[Any]:
    items = plan.get("faults")
    if set(plan) - {"faults", "seed"} or not isinstance(items, list) or not isinstance(plan.get("seed", 0), int):
        raise UsageError("a fault plan has the keys 'faults' (a list) and 'seed' (a whole number)")
    return items


def _fault(item: Any) -> Fault:
    try:
        return Fault(**item)
    except TypeError:
        keys = ", ".join(attribute.name for attribute in attrs.fields(Fault))
        raise UsageError(f"a fault is an object with 'what' and some of these keys: {keys}") from None


class Faults:
    """The plan at work: counts the calls, and says what happens to each."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self.restart()

    def restart(self) -> None:
        """Begin counting anew."""
        self._state = [_Counter(fault, self._random(index)) for index, fault in enumerate(self.plan.faults)]

    def add(self, *faults: Fault) -> None:
        """Add faults to the plan; what was counted for the others stays."""
        for fault in faults:
            self.plan = attrs.evolve(self.plan, faults=(*self.plan.faults, fault))
            self._state.append(_Counter(fault, self._random(len(self._state))))

    def clear(self) -> None:
        """Let nothing more go wrong."""
        self.plan = attrs.evolve(self.plan, faults=())
        self.restart()

    def pick(self, operation: str, *, search: bool) -> list[Fault]:
        """Return what happens to this call: at most one staleness, and at most one of all else."""
        struck = [counter.fault for counter in self._state if counter.strikes(operation, search=search)]
        stale = [fault for fault in struck if fault.what == "stale_search"]
        other = [fault for fault in struck if fault.what != "stale_search"]
        return stale[:1] + other[:1]

    def _random(self, index: int) -> random.Random:
        return random.Random(f"{self.plan.seed}:{index}")  # noqa: S311  # to be repeatable, not secret


@attrs.define
class _Counter:
    fault: Fault
    random: random.Random
    seen: int = 0
    struck: int = 0

    def strikes(self, operation: str, *, search: bool) -> bool:
        fault = self.fault
        if not fnmatchcase(operation, fault.operation) or (fault.what == "stale_search" and not search):
            return False
        self.seen += 1
        hit = self._is_turn() and (fault.count is None or self.struck < fault.count)
        self.struck += hit
        return hit

    def _is_turn(self) -> bool:
        fault = self.fault
        if fault.nth is not None and self.seen != fault.nth:
            return False
        if fault.every is not None and self.seen % fault.every:
            return False
        return fault.probability is None or self.random.random() < fault.probability
