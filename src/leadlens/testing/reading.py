"""What an adapter must read: all that its CRM writes, in the samples and in the emulated account; the rest is told."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from typing import Any

from leadlens._compile import decode
from leadlens._onto import encode_onto
from leadlens.adapter import KINDS, RECORDS, REQUESTS
from leadlens.crosswalk import Crosswalk
from leadlens.errors import InputError
from leadlens.exchange import from_payload
from leadlens.model import JSON
from leadlens.testing.compare import brief, changed, same_json
from leadlens.testing.conversions import converted_reply
from leadlens.testing.subject import Subject

_UNKNOWN = "zz_unknown"
_SAID = "zebra 1"
_ENOUGH = 40
"""So many records of each kind are read; the demo data repeats itself after a few."""


def kinds_are_whole(subject: Subject) -> Iterator[str]:
    """There is a crosswalk of every kind, at every version."""
    adapter = subject.adapter
    for one in (adapter, *map(adapter.at, adapter.variants)):
        if missing := [kind for kind in KINDS if kind not in one.crosswalks]:
            yield f"{one.full_name} has no crosswalk of {', '.join(missing)}"


def samples_are_read(subject: Subject) -> Iterator[str]:
    """What the vendor publishes is read without an error or an unknown key, and kept when it is written back."""
    for kind, payload in subject.adapter.samples.items():
        crosswalk = subject.adapter.crosswalk(kind)
        wire = from_payload(crosswalk, payload) if kind in REQUESTS else _inside(subject, kind, payload)
        yield from (f"the sample of a {kind}: {told}" for told in _unread(crosswalk, wire))


def _inside(subject: Subject, kind: str, payload: JSON) -> JSON:
    """Return the record of a payload; in its envelope or bare."""
    if kind not in RECORDS:
        return payload
    inner: Any = payload
    with contextlib.suppress(LookupError, TypeError):
        for part in subject.adapter.envelope:
            inner = inner[part]
        return inner
    return payload


def accounts_are_read(subject: Subject) -> Iterator[str]:
    """Every key that the account writes has a row, and what is read and written back leaves the record as it is."""
    for kind, wire in _records(subject):
        yield from (f"a {kind} of the account: {told}" for told in _unread(subject.adapter.crosswalk(kind), wire))


def _records(subject: Subject) -> Iterator[tuple[str, JSON]]:
    """Yield records of the demo data as the CRM writes them, and the reply to a convert."""
    with subject.scene(data="demo") as scene:
        for kind in RECORDS:
            if kind in scene.client.kinds:
                yield from ((kind, item.raw) for item in scene.client.page(kind).items[:_ENOUGH])
    yield "convert-reply", converted_reply(subject)


def _unread(crosswalk: Crosswalk, wire: JSON) -> Iterator[str]:
    try:
        decoded = decode(crosswalk, wire)
    except InputError as error:
        yield f"it cannot be read: {error}"
        return
    yield from (f"{loss.path} has no row" for loss in decoded.losses if loss.reason == "unknown_key")
    kept, _ = encode_onto(crosswalk, decoded.value, wire)
    if not same_json(kept, wire):
        yield f"read and written back, it changes: {', '.join(changed(wire, kept))}"


def unknown_keys_are_told(subject: Subject) -> Iterator[str]:
    """A key that nobody knows, wherever it stands in what the account writes, is reported or kept; never swallowed."""
    for kind, wire in dict(_records(subject)).items():
        crosswalk = subject.adapter.crosswalk(kind)
        for path in _objects(wire, ()):
            if _swallows(crosswalk, wire, path) and not _is_mute(crosswalk, wire, path):
                where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
                yield f"an unknown key at ${where} of a {kind} is swallowed: neither reported nor kept"


def _swallows(crosswalk: Crosswalk, wire: JSON, path: tuple[Any, ...]) -> bool:
    """Tell whether a key that nobody knows changes nothing of what is read, and is not reported either."""
    changed_wire = copy.deepcopy(wire)
    _at(changed_wire, path)[_UNKNOWN] = _SAID
    try:
        decoded = decode(crosswalk, changed_wire)
    except InputError:
        return False
    reported = any(_UNKNOWN in loss.path for loss in decoded.losses)
    return not reported and _SAID not in brief(decoded.value)


def _is_mute(crosswalk: Crosswalk, wire: JSON, path: tuple[Any, ...]) -> bool:
    """Tell whether the object is an item of a list that says nothing: without it, the same is read."""
    if not path or not isinstance(path[-1], int):
        return False
    without = copy.deepcopy(wire)
    del _at(without, path[:-1])[path[-1]]
    return bool(decode(crosswalk, without).value == decode(crosswalk, wire).value)


def _at(wire: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        wire = wire[part]
    return wire


def _objects(wire: JSON, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every object of a JSON value."""
    if isinstance(wire, dict):
        yield path
        for key, inner in wire.items():
            yield from _objects(inner, (*path, key))
    elif isinstance(wire, list):
        for place, inner in enumerate(wire):
            yield from _objects(inner, (*path, place))
