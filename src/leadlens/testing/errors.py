"""What an adapter must make of any reply: an error of the tree, or success, and nothing of the body shown."""

from __future__ import annotations

import contextlib
import copy
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs
from hypothesis import strategies as st

from leadlens.adapter import Adapter
from leadlens.client import Client
from leadlens.conversion import ConvertRequest, MatchKey, UpsertRequest
from leadlens.emulation.faults import Fault
from leadlens.errors import (
    InvalidRequestError,
    LeadlensError,
    OutcomeUnknownError,
    PendingError,
    RefusedError,
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
_STATUSES = (200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503)


_JUNK: tuple[JSON, ...] = (CANARY, None, True, 7, "", [], {}, [1], [CANARY], {"a": 1}, [None], 0.5)


def replies() -> st.SearchStrategy[Reply]:
    """Return the strategy of replies of all kinds, well-formed or not, with a canary in many of them."""
    headers = st.dictionaries(st.sampled_from(["retry-after", "x-request-id"]), st.text(max_size=9), max_size=2)
    return st.builds(Reply, st.sampled_from(_STATUSES) | st.integers(100, 599), headers, _BODIES)


def spoiled(own: Iterable[Reply]) -> Iterator[Reply]:
    """Yield replies of the CRM with one place changed, each under every usual status."""
    bodies = {repr(_shape(reply.body)): reply.body for reply in own}
    for body in bodies.values():
        changed = [*_JUNK, *(_with(body, at, junk) for at in _places(body, ()) for junk in _JUNK)]
        yield from (Reply(status, {}, one) for one in (body, *changed) for status in _STATUSES)


def _shape(body: JSON) -> Any:
    """Return the keys of a body, and its code: bodies that differ in ids and times alone are one."""
    if isinstance(body, dict):
        return {key: value if key == "code" else _shape(value) for key, value in body.items()}
    return [_shape(item) for item in body] if isinstance(body, list) else None


def _with(body: JSON, path: tuple[Any, ...], junk: JSON) -> JSON:
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


def replies_are_judged(subject: Subject) -> Iterator[str]:
    """The CRM's own replies, with any one place changed, are done, refused or unknown; nothing of them is shown."""
    found = (misjudged(subject.adapter, reply) for reply in spoiled(own_replies(subject)))
    yield from itertools.islice(filter(None, found), _ENOUGH)


_ENOUGH = 3


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
    if reply.status == _TOO_MANY and type(error) is InvalidRequestError:
        return f"{what} {type(error).__name__}, and 429 says that there were too many calls"
    if CANARY in str(error) + repr(error):
        return f"{what} an error that shows a value of the body: {error}"
    return None
