"""Finds sandboxes by name: ``leadlens_NAME.sandbox:SANDBOX`` first, then the entry points ``leadlens.sandboxes``."""

from __future__ import annotations

import difflib
import functools
import importlib
import importlib.util
from importlib.metadata import EntryPoint, entry_points

from leadlens import registry
from leadlens.emulation.vendor import Vendor
from leadlens.errors import UnknownAdapterError

GROUP = "leadlens.sandboxes"


@functools.cache
def _entries() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


@functools.cache
def names() -> tuple[str, ...]:
    """Return the names of all CRMs that have a sandbox, sorted."""
    beside_adapters = {name for name in registry.names() if _is_beside(name)}
    return tuple(sorted(beside_adapters | _entries().keys()))


@functools.cache
def get(name: str) -> Vendor:
    """Return the sandbox of one CRM; raises :class:`UnknownAdapterError`, with a suggestion, when there is none."""
    if _is_beside(name):
        return _checked(name, getattr(importlib.import_module(f"leadlens_{name}.sandbox"), "SANDBOX", None))
    if name in _entries():
        return _checked(name, _entries()[name].load())
    close = difflib.get_close_matches(name.lower(), names(), n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names()) or 'none'}"
    raise UnknownAdapterError(f"no CRM named {name!r} has a sandbox; {hint}")


def _is_beside(name: str) -> bool:
    if not name.isidentifier() or importlib.util.find_spec(f"leadlens_{name}") is None:
        return False
    return importlib.util.find_spec(f"leadlens_{name}.sandbox") is not None


def _checked(name: str, found: object) -> Vendor:
    if not isinstance(found, Vendor):
        raise UnknownAdapterError(f"what is installed as {name!r} is no sandbox")
    return found
