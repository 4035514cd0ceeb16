"""Writing a neutral value onto an original wire object: only what says something else changes; and the residue."""

from __future__ import annotations

from typing import Any

import attrs

from leadlens._compile import decoder, encoder
from leadlens.crosswalk import Crosswalk, Field, Variant
from leadlens.errors import InputError
from leadlens.loss import Loss
from leadlens.model import JSON

_GONE = object()


def encode_onto(crosswalk: Crosswalk, value: Any, onto: JSON) -> tuple[JSON, tuple[Loss, ...]]:
    """Return ``onto`` changed as little as it takes to say ``value``; keys that nobody claims stay.

    A read-only key stays when it says the same and goes when it does not. Raises :class:`InputError` when ``onto``
    is no such wire object. Where the original's other keys would make it say something else, they go too.
    """
    losses: list[Loss] = []
    author = _fullest(crosswalk)
    writable = encoder(crosswalk, crosswalk.author)(value, losses, None)
    said = encoder(crosswalk, author)(value, [], None)
    before = encoder(crosswalk, author)(decoder(crosswalk)(onto, [], "$"), [], None)
    keys = list_keys(crosswalk)
    for old, known in ((onto, before), (_residue(onto, before, keys, ()), {})):
        merged = _merge(old, known, said, writable, keys, ())
        if _says(crosswalk, merged, value, writable):
            return merged, tuple(losses)
    return writable, tuple(losses)


def _fullest(crosswalk: Crosswalk) -> str:
    """Return who writes all there is to say: of records and replies the vendor; requests are the client's alone."""
    return "client" if crosswalk.calls else "vendor"


def _says(crosswalk: Crosswalk, merged: JSON, value: Any, writable: JSON) -> bool:
    """Tell whether the merged object says the value; where this wire cannot say it, what is left of the value."""
    read = decoder(crosswalk)
    try:
        return _made_of(read(merged, [], "$"), value, read(writable, [], "$"))
    except InputError:
        return False


def _made_of(found: Any, value: Any, left: Any) -> bool:
    """Tell whether each attribute is that of the value or what is left of it."""
    if found in (value, left):
        return True
    if found.__class__ is not value.__class__ or found.__class__ is not left.__class__:
        return False
    if isinstance(found, tuple) and len(found) == len(value) == len(left):
        return all(map(_made_of, found, value, left))
    names = [a.name for a in attrs.fields(found.__class__)] if attrs.has(found.__class__) else []
    return bool(names) and all(_made_of(*(getattr(x, name) for x in (found, value, left))) for name in names)


def residue(crosswalk: Crosswalk, wire: JSON) -> JSON:
    """Return what of the wire object the neutral value does not take: unknown keys, nulls, other spellings."""
    author = _fullest(crosswalk)
    before = encoder(crosswalk, author)(decoder(crosswalk)(wire, [], "$"), [], None)
    left = _residue(wire, before, list_keys(crosswalk), ())
    return {} if left is _GONE else left


def list_keys(crosswalk: Crosswalk) -> dict[str, str]:
    """Return, per wire key that holds a list of records, the key that tells its items apart."""
    found: dict[str, str] = {}
    rows = list(crosswalk.rows)
    while rows:
        row = rows.pop()
        if isinstance(row, Variant):
            rows.extend(inner for arm in row.cases for inner in arm.rows)
        elif isinstance(row, Field) and row.codec.record is not None:
            if row.codec.key is not None:
                found[row.wire[0].split(".")[-1]] = row.codec.key
            rows.extend(row.codec.record.rows)
    return found


def _merge(old: Any, before: Any, said: Any, writable: Any, keys: dict[str, str], path: tuple[str, ...]) -> Any:
    """Three-way merge: where ``before`` and ``said`` agree the old spelling stays."""
    if isinstance(old, dict) and isinstance(said, dict) and isinstance(before, dict):
        return _merge_objects(old, before, said, writable if isinstance(writable, dict) else {}, keys, path)
    if isinstance(old, list) and isinstance(said, list) and isinstance(before, list):
        return _merge_lists(old, before, said, writable if isinstance(writable, list) else said, keys, path)
    return old if _same(before, said) else said


def _merge_objects(
    old: dict[str, Any], before: dict[str, Any], said: dict[str, Any], writable: dict[str, Any],
    keys: dict[str, str], path: tuple[str, ...],
) -> dict[str, Any]:  # fmt: skip
    out = {}
    for key, kept in old.items():
        if _same(before.get(key, _GONE), said.get(key, _GONE)):
            out[key] = kept
        elif key in said and key in writable:
            out[key] = _merge(kept, before.get(key), said[key], writable[key], keys, (*path, key))
    fresh = {k: v for k, v in writable.items() if k not in old and not _same(before.get(k, _GONE), said.get(k, _GONE))}
    return out | fresh


def _merge_lists(
    old: list[Any], before: list[Any], said: list[Any], writable: list[Any], keys: dict[str, str], path: tuple[str, ...]
) -> list[Any]:
    key = keys.get(path[-1]) if path else None
    if key is None:
        if len(old) == len(said) == 1:
            return [_merge(old[0], before[0] if before else {}, said[0], writable[0] if writable else {}, keys, path)]
        return said
    out = []
    free = list(zip(old, before, strict=False)) if len(old) == len(before) else []
    for place, item in enumerate(said):
        twin = next((pair for pair in free if _same(pair[1].get(key), item.get(key))), None)
        if twin is None:
            out.append(writable[place] if place < len(writable) else item)
            continue
        free.remove(twin)
        out.append(_merge(twin[0], twin[1], item, writable[place], keys, path))
    return out


def _residue(wire: Any, before: Any, keys: dict[str, str], path: tuple[str, ...]) -> Any:
    if isinstance(wire, dict) and isinstance(before, dict):
        left = {k: _residue(v, before.get(k, _GONE), keys, (*path, k)) for k, v in wire.items()}
        return {k: v for k, v in left.items() if v is not _GONE} or _GONE
    if isinstance(wire, list) and isinstance(before, list) and len(wire) == len(before):
        items = [_residue(w, b, keys, path) for w, b in zip(wire, before, strict=True)]
        return _GONE if all(item is _GONE for item in items) else [{} if item is _GONE else item for item in items]
    return _GONE if _same(wire, before) else wire


def _same(left: Any, right: Any) -> bool:
    """Compare JSON by type too, all the way down: True is not 1, and 1 is not 1.0."""
    if left.__class__ is not right.__class__:
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(v, right[k]) for k, v in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)
