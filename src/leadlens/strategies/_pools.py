"""Pools of ready samples with a live strategy for the rest, and objects that draw a few of their attributes."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Protocol

from hypothesis import strategies as st

EVERY: Final = 1000
LIVE: Final = object()
ABSENT: Final = object()


class Chooser(Protocol):
    """What makes the choices: Hypothesis while a test runs, a seeded generator while samples are prepared."""

    def choose(self, pool: Pool) -> Any:
        """Return a sample of the pool, or something that its live strategy makes."""

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        """Return what a strategy makes."""


class Pool:
    """Ready samples, and how to make others. Without samples everything is made live."""

    def __init__(self, samples: Iterable[Any], live: Callable[[Chooser], Any] | None = None) -> None:
        self.samples = tuple(samples)
        self.live = live
        more = 0 if live is None else 1 + len(self.samples) // 5
        self.strategy = st.sampled_from((*self.samples, *[LIVE] * more))

    def but(self, change: Callable[[Any], Any]) -> Pool:
        """Return the pool of the changed values; what is or becomes ABSENT is left out."""

        def kept(value: Any) -> Any:
            return value if value is ABSENT else change(value)

        live, samples = self.live, [kept(value) for value in self.samples]
        made = None if live is None else lambda chooser: kept(live(chooser))
        return Pool([value for value in samples if value is not ABSENT], made)


class Drawn:
    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def choose(self, pool: Pool) -> Any:
        found = self.draw(pool.strategy)
        if found is LIVE:
            assert pool.live is not None
            return pool.live(self)
        return own(found)


class Seeded:
    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311  # reproducible samples, no secrets

    def choose(self, pool: Pool) -> Any:
        return own(self._random.choice(pool.samples)) if pool.samples else ABSENT

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        raise AssertionError(f"samples are prepared without {strategy}")


class Least(Chooser):
    """Chooses the first sample: the simplest."""

    def choose(self, pool: Pool) -> Any:
        """Return the first sample, or ABSENT where there is none."""
        return own(pool.samples[0]) if pool.samples else ABSENT

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        """Refuse: a strategy has no simplest value that is ready."""
        raise AssertionError(f"samples are prepared without {strategy}")


def own(sample: Any) -> Any:
    """Return a copy of what the caller may change."""
    return copy.deepcopy(sample) if sample.__class__ in (dict, list) else sample


def of(strategy: st.SearchStrategy[Any], *samples: Any) -> Pool:
    return Pool(samples, lambda chooser: chooser.draw(strategy))


def either(*pools: Pool) -> Pool:
    """Return the pool of all that the pools hold, taking turns so that the simple samples come first."""
    size = max(len(pool.samples) for pool in pools)
    samples = [pool.samples[i] for i in range(size) for pool in pools if i < len(pool.samples)]
    live = [pool for pool in pools if pool.live is not None]
    which = Pool(live)
    return Pool(samples, (lambda chooser: chooser.choose(which).live(chooser)) if live else None)


def made_by(seed: str, make: Callable[[Chooser], Any], count: int = 16) -> Pool:
    """Return a pool of ready results of ``make``: first the least one, then the shorter ones."""
    made = [x for x in (make(Seeded(f"{seed}{n}")) for n in range(count)) if x is not ABSENT]
    least = [x for x in (make(Least()),) if x is not ABSENT]
    return Pool(least + sorted(made, key=lambda x: len(repr(x))), make)


# --- attributes of an object, drawn a few at a time ------------------------------------------------------------------


class Slot:
    """One or several attributes (or wire paths) that are drawn together: the pool holds tuples."""

    def __init__(self, names: tuple[Any, ...], pool: Pool) -> None:
        self.names = names
        self.pool = pool
        self.maybe = Pool((ABSENT, *pool.samples), pool.live)


class Slots:
    """Every slot of an object."""

    sizes = Pool((0, 1, 2, 1, 2, 3, 1, 2, 3, 4, 6, EVERY))

    def __init__(self, slots: Iterable[Slot]) -> None:
        self.slots = tuple(slots)
        atoms = [(slot, sample) for slot in self.slots for sample in _even(slot.pool.samples)]
        live = Pool(slot for slot in self.slots if slot.pool.live is not None)
        self.atoms = Pool(atoms, (lambda chooser: _live(chooser, live)) if live.samples else None)

    def draw(self, chooser: Chooser) -> Iterator[tuple[Any, Any]]:
        """Yield names with what was drawn for them."""
        size = chooser.choose(self.sizes) if self.slots else 0
        if size == EVERY:
            drawn = [(slot, chooser.choose(slot.maybe)) for slot in self.slots]
        else:
            drawn = [chooser.choose(self.atoms) for _ in range(size)]
        once = {id(pair[0]): pair for pair in drawn if pair is not ABSENT and pair[1] is not ABSENT}
        for slot, values in once.values():
            yield from ((n, own(v)) for n, v in zip(slot.names, values, strict=True) if v is not ABSENT)


def _live(chooser: Chooser, slots: Pool) -> Any:
    slot = chooser.choose(slots)
    return slot, slot.pool.live(chooser)


def _even(samples: tuple[Any, ...], least: int = 8) -> tuple[Any, ...]:
    """Repeat few samples, so that a flag is drawn about as often as a text."""
    return samples * -(-least // len(samples)) if 0 < len(samples) < least else samples


def single(value: Any) -> tuple[Any, ...]:
    return (value,)
