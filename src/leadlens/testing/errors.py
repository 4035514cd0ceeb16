"""What an adapter must make of any reply: an error of the tree, or success, and nothing of the body shown."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs
from hypothesis import strategies as st

from leadlens.adapter import Adapter
from leadlens.client import Client
from leadlens.conversion import ConvertRequest, MatchKey, UpsertRequest
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    LeadlensError,
    OutcomeUnknownError,
    PendingError,
    RefusedError,
    TryLaterError,
)
from leadlens.flow import Reply
from leadlens.model import JSON, Contact, Deal
from leadlens.testing.subject import Scene, Subject

CANARY = "zebra@example.com"
"""A value of somebody's record: it must show up nowhere."""

_TOO_MANY = 429
_KEYS = st.sampled_from(
    ["errors", "error", "meta", "code", "status", "field", "message", "details", "data", "items", "success", "id"]
)
_TEXTS = st.sampled_from([CANARY, f"/data/{CANARY}", f"{CANARY}/data", "error", "SUCCESS", ""])
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS
_BODIES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | _TEXTS, inner, max_size=5)
)
_STATUSES = st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503])


_JUNK = st.sampled_from([CANARY, None, True, 7, "", [], {}, [1], [CANARY], {"a": 1}, [None], 0.5])


def replies(own: Sequence[Reply] = ()) -> st.SearchStrategy[Reply]:
    """Return the strategy of replies of all kinds, well-formed or not, with a canary in many of them.

    ``own`` are replies of the CRM: such ones come with one place changed, and under another status.
    """
    headers = st.dictionaries(st.sampled_from(["retry-after", "x-request-id"]), st.text(max_size=9), max_size=2)
    statuses, bodies = _STATUSES | st.integers(100, 599), _BODIES
    if own:
        spoiled = st.builds(_spoiled, st.sampled_from([reply.body for reply in own]), st.integers(0, 40), _JUNK)
        statuses = st.sampled_from([reply.status for reply in own]) | statuses
        bodies = spoiled | spoiled | _BODIES
    return st.builds(Reply, statuses, headers, bodies)


def _spoiled(body: JSON, number: int, junk: JSON) -> JSON:
    """Return a body in which one place says something else."""
    places = [(), *_places(body, ())]
    path = places[number % len(places)]
    if not path:
        return junk
    changed = node = copy.deepcopy(body)
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = junk
    return changed


def _places(body: JSON, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from _places(value, (*path, key))


def own_replies(subject: Subject) -> list[Reply]:
    """Return replies of the CRM to what it refuses: no token, too many, no such record or route, nonsense."""
    seen: list[Reply] = []
    adapter = subject.adapter

    def listening(reply: Reply) -> Any:
        seen.append(reply)
        return adapter.classify(reply)

    for what in ("401", "429", "500", "503", "202"):
        faults = [Fault(what=what, operation="*", every=1)]
        with attrs.evolve(subject, adapter=attrs.evolve(adapter, classify=listening)).scene(faults=faults) as scene:
            _attempt(scene, lambda client: client.get("lead", "1"))
    with attrs.evolve(subject, adapter=attrs.evolve(adapter, classify=listening)).scene() as scene:
        for work in _REFUSED:
            _attempt(scene, work)
    return seen


_REFUSED: tuple[Callable[[Client], Any], ...] = (
    lambda client: client.get("lead", "99999999"),
    lambda client: client.call("GET", "/nowhere"),
    lambda client: client.convert(ConvertRequest(lead_id="99999999"), on_loss="report"),
    lambda client: client.upsert(UpsertRequest(record=Contact(title="x"), match=(MatchKey(field="email"),)), **_REPORT),
    lambda client: client.driver.run(client.operations.create(Deal()).flow) if client.operations.create else None,
)
_REPORT: Any = {"on_loss": "report"}


def _attempt(scene: Scene, work: Callable[[Client], Any]) -> None:
    with contextlib.suppress(LeadlensError):
        work(scene.client)


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
    if reply.status == _TOO_MANY and not isinstance(error, TryLaterError | OutcomeUnknownError):
        return f"{what} {type(error).__name__}, and 429 says that there were too many calls"
    if CANARY in str(error) + repr(error):
        return f"{what} an error that shows a value of the body: {error}"
    return None
