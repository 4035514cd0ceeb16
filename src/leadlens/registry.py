"""Finds adapters by name: the packages ``leadlens_NAME`` first, then the entry points ``leadlens.adapters``."""

from __future__ import annotations

import difflib
import functools
import importlib
import importlib.util
from typing import TYPE_CHECKING

from leadlens.adapter import Adapter
from leadlens.errors import UnknownAdapterError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

GROUP = "leadlens.adapters"


def _entries() -> EntryPoints:
    """Return the installed entry points; reading them is slow, so only when no package has the name."""
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def names() -> tuple[str, ...]:
    """Return the names of all installed adapters, sorted."""
    return tuple(sorted({entry.name for entry in _entries()}))


@functools.cache
def get(name: str) -> Adapter:
    """Return the adapter of a name such as ``copper`` or ``zoho@v2``; what follows ``@`` is its version or setting.

    Raises :class:`UnknownAdapterError`, with a suggestion, when there is none.
    """
    plain, at, variant = name.partition("@")
    adapter = _load(plain)
    return adapter.at(variant) if at else adapter


def _load(name: str) -> Adapter:
    if name.isidentifier() and importlib.util.find_spec(f"leadlens_{name}") is not None:
        return _checked(name, getattr(importlib.import_module(f"leadlens_{name}"), "ADAPTER", None))
    for entry in _entries():
        if entry.name == name:
            return _checked(name, entry.load())
    known = names()
    close = difflib.get_close_matches(name.lower(), known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
    raise UnknownAdapterError(f"no adapter is named {name!r}; {hint}")


def _checked(name: str, found: object) -> Adapter:
    if not isinstance(found, Adapter):
        raise UnknownAdapterError(f"what is installed as {name!r} is no leadlens adapter")
    return found
