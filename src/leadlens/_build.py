"""Builds frozen objects fast, for values that are checked already; remembers those that recur."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

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


class Recipe(NamedTuple):
    """How a function of the arguments ``given`` makes an object of ``cls``: what each attribute is, in Python."""

    cls: Any
    given: tuple[str, ...]
    said: Mapping[str, str]
    using: tuple[Callable[..., Any], ...]


RECIPES: dict[Callable[..., Any], Recipe] = {}
"""The recipe of each function that a builder made, for those who write it in line."""


@functools.cache
def builder(cls: Any, *given: str, using: tuple[Callable[..., Any], ...] = (), **said: str) -> Callable[..., Any]:
    """Return a function of the arguments ``given`` that makes a frozen attrs object without its checks.

    An attribute is the argument of its name, or what the expression ``said`` of it gives, else None. Expressions may
    call the functions ``using``, by their names. Without any arguments, they are all the attributes.
    """
    names = [a.name for a in attrs.fields(cls)]
    given = given or tuple(names)
    said = {name: said.get(name, name if name in given else "None") for name in names}
    sets = "".join(f"    made.{name} = {expression}\n" for name, expression in said.items())
    source = f"def build({', '.join(given)}):\n    made = twin()\n{sets}    made.__class__ = cls\n    return made\n"
    scope: dict[str, Any] = {"twin": twin(cls), "cls": cls, **{function.__name__: function for function in using}}
    exec(compile(source, f"<leadlens builder {cls.__name__}>", "exec"), scope)  # noqa: S102  # made of declared names
    build: Callable[..., Any] = scope["build"]
    RECIPES[build] = Recipe(cls, given, said, using)
    return build
