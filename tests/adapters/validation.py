"""State in one call what a payload means and how every CRM says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import attrs
import pytest

from leadlens import InputError, Lead, Translation, decode, registry, translate
from leadlens.exchange import from_payload
from leadlens.ids import Ids
from leadlens.loss import Loss
from leadlens.model import JSON

LEAD_ID = "77"
REQUESTS = ("convert-request", "upsert-request")


@attrs.frozen
class UNSUPPORTED:
    """What does not arrive: a loss at this neutral path (or wire path, of an unknown key), for this reason."""

    path: str
    reason: str


@attrs.frozen
class NOTE:
    """What arrives and is worth a word: a note at this path, for this reason."""

    path: str
    reason: str


@attrs.frozen
class CALL:
    """One request to a CRM."""

    method: str
    path: str
    body: JSON = None
    query: Mapping[str, JSON] = attrs.field(factory=dict)


Expected: TypeAlias = Sequence[CALL | UNSUPPORTED | NOTE | dict[str, Any]]


def validate_all(
    kind: str,
    wire: JSON,
    *,
    source: str,
    write: Mapping[str, Expected],
    read: object = None,
    ids: Ids = "keep",
    lead: Lead | None = None,
) -> None:
    """Hold that ``wire`` of the source means ``read``, and that each CRM says it as ``write`` states.

    What is stated for a CRM is its calls in order (or the body) and what does not arrive: every loss must be named, and
    no other. Notes may be named.
    """
    if read is not None:
        assert meaning(kind, wire, source) == read
    for target, expected in write.items():
        made = translate(kind, wire, source=source, target=target, lead_id=LEAD_ID, ids=ids, lead=lead)
        hold(made, expected, target)


def hold(made: Translation, expected: Expected, target: str) -> None:
    """Hold a translation against what is stated for its target."""
    calls = [CALL(c.method, c.path, c.body, dict(c.query)) for c in made.calls or ()]
    said = [made.body] if made.calls is None else calls
    assert same(said, [e for e in expected if isinstance(e, CALL | dict)]), f"{target}: {said}"
    assert lost(made.losses, "loss") == {(e.path, e.reason) for e in expected if isinstance(e, UNSUPPORTED)}, target
    assert lost(made.losses, "note") >= {(e.path, e.reason) for e in expected if isinstance(e, NOTE)}, target


def meaning(kind: str, wire: JSON, source: str) -> object:
    """Return the neutral value of a payload."""
    crosswalk = registry.get(source).crosswalk(kind)
    return decode(crosswalk, from_payload(crosswalk, wire) if kind in REQUESTS else wire).value


def lost(losses: Sequence[Loss], level: str) -> set[tuple[str, str]]:
    return {(loss.path, loss.reason) for loss in losses if loss.level == level}


def same(left: Any, right: Any) -> bool:
    """Compare by type too, all the way down: an id of text is not a number, and True is not 1."""
    if isinstance(left, CALL) and isinstance(right, CALL):
        return same(attrs.astuple(left, recurse=False), attrs.astuple(right, recurse=False))
    if left.__class__ is not right.__class__:
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def refuses(kind: str, wire: JSON, *, source: str, path: str, because: str) -> None:
    """Hold that a payload is refused with one clear error: the path, and what would fit."""
    with pytest.raises(InputError) as caught:
        translate(kind, wire, source=source, target=source, lead_id=LEAD_ID)
    assert caught.value.path == path
    assert because in str(caught.value)
