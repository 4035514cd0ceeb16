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

    The ``__init__`` of a frozen class takes 2.7 times as long. Every neutral class is a slotted attrs class; as the
    twin is derived from it and adds nothing, Python need not compare their slots.
    """
    plain = {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
    return type(f"Bare{cls.__name__}", (cls,), {"__slots__": (), **plain})


@functools.cache
def builder(cls: Any, *given: str, **fixed: Any) -> Callable[..., Any]:
    """Return a positional constructor of a frozen attrs class without its checks.

    It takes the attributes ``given``, in this order; without any, all of them. ``fixed`` are always the same, and
    others are None.
    """
    names = [a.name for a in attrs.fields(cls)]
    given = given or tuple(names)
    scope: dict[str, Any] = {"twin": twin(cls), "cls": cls} | {f"fixed_{name}": value for name, value in fixed.items()}
    said = {name: name for name in given} | {name: f"fixed_{name}" for name in fixed}
    sets = "".join(f"    made.{name} = {said.get(name)}\n" for name in names)
    source = f"def build({', '.join(given)}):\n    made = twin()\n{sets}    made.__class__ = cls\n    return made\n"
    exec(compile(source, f"<leadlens builder {cls.__name__}>", "exec"), scope)  # noqa: S102  # made of attribute names
    build: Callable[..., Any] = scope["build"]
    return build


def reordered(function: Callable[..., Any], given: tuple[str, ...], taken: tuple[str, ...]) -> Callable[..., Any]:
    """Return a function of arguments ``given`` in another order than it takes them; those not given are None."""
    source = f"lambda {', '.join(given)}: function({', '.join(name if name in given else 'None' for name in taken)})"
    made: Callable[..., Any] = eval(source, {"function": function})  # noqa: S307  # made of attribute names
    return made
