"""Ids belong to an account: what becomes of them when a record goes to another one.

An id map says, per space (``user``, ``stage``, ``status`` …), which id or option of the source is which in the target.
What it does not name is left out and reported, never sent.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs

from leadlens._runtime import Carry
from leadlens.errors import InputError, UsageError
from leadlens.model import JSON, Ref

SPACES = (
    "lead", "contact", "company", "deal", "conversion", "user", "pipeline", "stage", "status", "source",
    "contact_type", "contact_role", "company_type", "deal_type", "industry", "rating", "ownership", "loss_reason",
    "unqualified_reason", "campaign", "vendor", "layout", "definition", "note", "attachment", "record",
)  # fmt: skip

Ids: TypeAlias = Literal["keep"] | Mapping[str, Mapping[str, Any]] | None


def carrier(ids: Ids, *, lead_id: str | None = None) -> Carry | None:
    """Return how ids are carried over: None keeps them, a function maps them.

    ``ids`` is ``keep``, a map of maps (space → source id or name → target id, or ``{"id", "name"}``), or None for
    nothing mapped. ``lead_id`` is already the target's. Raises :class:`UsageError` for a space that does not exist.
    """
    if isinstance(ids, str):
        if ids != "keep":
            raise UsageError(f"ids must be 'keep' or a map, not {ids!r}")
        return None
    table = dict(ids or {})
    for space, entries in table.items():
        _check_space(space, entries)

    def carry(space: str, value: Any) -> Any:
        if space == "lead" and value == lead_id:
            return value
        return _mapped(table.get(space, {}), value)

    return carry


def _check_space(space: str, entries: object) -> None:
    if space not in SPACES:
        close = difflib.get_close_matches(space, SPACES, n=1)
        raise UsageError(f"ids: no space {space!r}; " + (f"did you mean {close[0]!r}?" if close else ", ".join(SPACES)))
    if not isinstance(entries, Mapping):
        raise UsageError(f"ids: {space} must be a map: source id → target id")


def _mapped(entries: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, str):
        found = entries.get(value)
        return _id(found) if found is not None else None
    keys = [key for key in (value.id, getattr(value, "name", None)) if isinstance(key, str)]
    found = next((entries[key] for key in keys if key in entries), None)
    if found is None:
        return None
    return _ref(found) if isinstance(value, Ref) else attrs.evolve(value, id=_id(found))


def _id(entry: Any) -> str:
    return str(entry["id"] if isinstance(entry, Mapping) else entry)


def _ref(entry: Any) -> Ref:
    if isinstance(entry, Mapping):
        return Ref(entry.get("id"), entry.get("name"))
    return Ref(str(entry), str(entry))


def parse_ids(value: JSON) -> Mapping[str, Mapping[str, Any]]:
    """Check a decoded id map file. Raises :class:`InputError` with the path of what does not fit."""
    if not isinstance(value, dict):
        raise InputError("$", "an object: space → source id → target id")
    for space, entries in value.items():
        if not isinstance(entries, dict):
            raise InputError(f"$.{space}", "an object: source id → target id")
        for key, entry in entries.items():
            if not _is_entry(entry):
                raise InputError(f"$.{space}.{key}", "the target's id as text, or an object with its id and name")
    return value


def _is_entry(entry: JSON) -> bool:
    if isinstance(entry, dict):
        return isinstance(entry.get("id"), str) and isinstance(entry.get("name"), str | None)
    return isinstance(entry, str)
