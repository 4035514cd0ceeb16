"""Builds frozen objects fast, for values that are checked already; remembers those that recur."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import attrs

Key = TypeVar("Key")
Made = TypeVar("Made")


class Memory(Generic[Key, Made]):
    """A function that remembers what it gave, for values that recur; never more than ``limit`` of them.

    What asks often looks into ``known`` first, and lets ``learn`` make what is not there: that costs a third of calling
    a function for what is known, and half of ``functools.lru_cache`` for what is not.
    """

    def __init__(self, make: Callable[[Key], Made], limit: int) -> None:
        known: dict[Key, Made] = {}

        def learn(key: Key) -> Made:
            if len(known) >= limit:
                known.clear()
            made = known[key] = make(key)
            return made

        self.known = known
        self.learn = learn

    def __call__(self, key: Key) -> Made:
        """Return what is known of the key, or learn it."""
        return self.known.get(key) or self.learn(key)


@functools.cache
def twin(cls: Any) -> type:
    """Return a mutable class of the same layout: fill an object of it, then change its ``__class__`` to the frozen one.

    The ``__init__`` of a frozen class takes 2.7 times as long. Every neutral class is a slotted attrs class; as the
    twin is derived from it and adds nothing, Python need not compare their slots.
    """
    plain = {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
    return type(f"Bare{cls.__name__}", (cls,), {"__slots__": (), **plain})


class Recipe(NamedTuple):
    """How arguments ``given`` make an object of ``cls``: what each attribute is, in Python; None where ``unless``."""

    cls: Any
    given: tuple[str, ...]
    said: Mapping[str, str]
    using: tuple[Callable[..., Any], ...]
    unless: str | None


class Steps(NamedTuple):
    """Statements in Python that turn VALUE into ``wires`` and VERDICT."""

    lines: tuple[str, ...]
    wires: tuple[str, ...]


class Written:
    """A function that is compiled from its source when it is first needed.

    What calls it often asks once for its ``function``, or writes its ``recipe`` in line where it has one.
    """

    def __init__(self, source: str, scope: Mapping[str, Any], recipe: Recipe | Steps | None = None) -> None:
        self.source = source
        self.scope = scope
        self.recipe = recipe

    @functools.cached_property
    def function(self) -> Callable[..., Any]:
        """Compile it."""
        scope = dict(self.scope)
        exec(compile(self.source, "<leadlens>", "exec"), scope)  # noqa: S102  # made of declared names, never of input
        made: Callable[..., Any] = scope["made"]
        return made

    def __call__(self, *values: Any) -> Any:
        """Call it."""
        return self.function(*values)


@functools.cache
def builder(
    cls: Any, *given: str, using: tuple[Callable[..., Any], ...] = (), unless: str | None = None, **said: str
) -> Written:
    """Return a function of the arguments ``given`` that makes a frozen attrs object without its checks.

    An attribute is the argument of its name, or what the expression ``said`` of it gives, else None. Expressions may
    call the functions ``using``, by their names. Without any arguments, they are all the attributes. The function gives
    None where the condition ``unless`` is met.
    """
    names = [a.name for a in attrs.fields(cls)]
    given = given or tuple(names)
    said = {name: said.get(name, name if name in given else "None") for name in names}
    lines = [
        "bare = twin(cls)",
        f"def made({', '.join(given)}):",
        *([f"    if {unless}: return None"] if unless is not None else []),
        "    it = bare()",
        *(f"    it.{name} = {expression}" for name, expression in said.items()),
        "    it.__class__ = cls",
        "    return it",
    ]
    scope = {"twin": twin, "cls": cls, **{function.__name__: function for function in using}}
    return Written("\n".join(lines), scope, Recipe(cls, given, said, using, unless))
