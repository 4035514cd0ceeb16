"""What proves a mapping: laws, strategies, comparison, and the suite that an adapter passes (extra ``testing``).

- :mod:`leadlens.testing.strategies`: values, wire objects, catalogues and mapping files for Hypothesis.
- :mod:`leadlens.testing.laws`: what holds for every crosswalk, as evidence.
- :mod:`leadlens.testing.compare`: what differs between two values, by path.
- :func:`leadlens.testing.conformance`: ``TestAcme = conformance(ADAPTER)``.

Nothing is loaded before it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadlens.testing.suite import conformance as conformance

_MODULES = ("compare", "laws", "strategies")
_HOME = {"conformance": "leadlens.testing.suite"}
__all__ = ["compare", "conformance", "laws", "strategies"]


def __getattr__(name: str) -> Any:
    """Load a name from its home when it is first used."""
    if name in _MODULES:
        return importlib.import_module(f"leadlens.testing.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(_HOME[name]), name)
    return found
