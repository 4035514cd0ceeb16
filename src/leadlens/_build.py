"""Builds frozen objects fast, for values that are checked already; remembers those that recur."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import attrs

Key = TypeVar("Key")
Made = TypeVar("Made")


class Memory(dict[Key, Made]):
    """What a function gives, by what it is given: looked up where it is known. Never holds more than ``limit``."""

    def __init__(self, make: Callable[[Key], Made], limit: int) -> None:
        super().__init__()
        self.make = make
        self.limit = limit

    def __missing__(self, key: Key) -> Made:
        """Make what is not known, and remember it."""
        if len(self) >= self.limit:
            self.clear()
        made = self[key] = self.make(key)
        return made


@functools.cache
def twin(cls: Any) -> type:
    """Return a mutable class of the same layout: fill an object of it, then change its ``__class__`` to the frozen one.

    The ``__init__`` of a frozen class takes 2.7 times as long.
    """
    slots = tuple(cls.__slots__)  # every neutral class is a slotted attrs class
    return type(f"Bare{cls.__name__}", (), {"__slots__": slots})


@functools.cache
def builder(cls: Any) -> Callable[..., Any]:
    """Return a positional constructor of a frozen attrs class without its checks."""
    names = [a.name for a in attrs.fields(cls)]
    sets = "".join(f"    made.{name} = {name}\n" for name in names)
    source = f"def build({', '.join(names)}):\n    made = twin()\n{sets}    made.__class__ = cls\n    return made\n"
    scope: dict[str, Any] = {"twin": twin(cls), "cls": cls}
    exec(compile(source, f"<leadlens builder {cls.__name__}>", "exec"), scope)  # noqa: S102  # made of attribute names
    build: Callable[..., Any] = scope["build"]
    return build
