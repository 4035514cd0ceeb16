"""What an adapter must make of any reply: an error of the tree, or success, and nothing of the body shown."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from leadlens.adapter import Adapter
from leadlens.errors import (
    OutcomeUnknownError,
    PendingError,
    RefusedError,
)
from leadlens.flow import Reply

CANARY = "zebra@example.com"
"""A value of somebody's record: it must show up nowhere."""

_KEYS = st.sampled_from(
    ["errors", "error", "meta", "code", "status", "field", "message", "details", "data", "items", "success", "id"]
)
_TEXTS = st.sampled_from([CANARY, f"/data/{CANARY}", f"{CANARY}/data", "error", "SUCCESS", ""])
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS
_BODIES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | _TEXTS, inner, max_size=5)
)
_STATUSES = st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503])


def replies() -> st.SearchStrategy[Reply]:
    """Return the strategy of replies of all kinds, well-formed or not, with a canary in many of them."""
    headers = st.dictionaries(st.sampled_from(["retry-after", "x-request-id"]), st.text(max_size=9), max_size=2)
    return st.builds(Reply, _STATUSES | st.integers(100, 599), headers, _BODIES)


def misjudged(adapter: Adapter, reply: Reply) -> str | None:
    """Return what is wrong with the error that an adapter makes of a reply; None where it is right."""
    what = f"{adapter.name} made of status {reply.status} with body {reply.body!r}"
    try:
        error: Any = adapter.classify(reply)
    except Exception as raised:  # noqa: BLE001  # whatever it raises is the finding
        return f"{what} no judgement: classify raised {type(raised).__name__}"
    if error is None:
        return None if 200 <= reply.status < 300 else f"{what} a success: only 200 to 299 are"
    if not isinstance(error, RefusedError | OutcomeUnknownError | PendingError):
        return f"{what} {error!r}, which is neither refused, pending nor unknown"
    if isinstance(error, RefusedError) and not 200 <= reply.status < 500:
        return f"{what} a refusal ({type(error).__name__}): nobody knows whether it was done"
    if CANARY in str(error) + repr(error):
        return f"{what} an error that shows a value of the body: {error}"
    return None
