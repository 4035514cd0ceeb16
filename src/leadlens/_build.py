"""Builds frozen objects fast, for values that are checked already."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import attrs

_T = TypeVar("_T")


@functools.cache
def twin(cls: type) -> type:
    """Return a mutable class of the same layout: fill an object of it, then change its ``__class__`` to the frozen one.

    The ``__init__`` of a frozen class takes 2.7 times as long.
    """
    slots = tuple(cls.__slots__)  # type: ignore[attr-defined]  # every neutral class is a slotted attrs class
    return type(f"Bare{cls.__name__}", (), {"__slots__": slots})


@functools.cache
def builder(cls: type[_T]) -> Callable[..., _T]:
    """Return a positional constructor of a frozen attrs class without its checks."""
    names = [a.name for a in attrs.fields(cls)]  # type: ignore[arg-type]  # an attrs class
    sets = "".join(f"    made.{name} = {name}\n" for name in names)
    source = f"def build({', '.join(names)}):\n    made = twin()\n{sets}    made.__class__ = cls\n    return made\n"
    scope: dict[str, Any] = {"twin": twin(cls), "cls": cls}
    exec(compile(source, f"<leadlens builder {cls.__name__}>", "exec"), scope)  # noqa: S102  # made of attribute names
    build: Callable[..., _T] = scope["build"]
    return build
