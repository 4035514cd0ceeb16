"""Several writes in one call, for a CRM that takes them so: each flow of one call is given its part of the reply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from leadlens.errors import UsageError, VendorError
from leadlens.flow import Call, Flow, Reply


@attrs.frozen(kw_only=True)
class Together:
    """How a CRM takes several writes in one call, each for itself.

    - ``most``: how many it takes at most.
    - ``key(call)``: what calls that can go together have in common; None for a call that goes by itself.
    - ``join(calls)``: the one call; ``split(reply, number)``: the reply to each as if it had gone by itself, or its
      error.
    """

    most: int
    key: Callable[[Call], str | None]
    join: Callable[[Sequence[Call]], Call]
    split: Callable[[Reply, int], Sequence[Reply | VendorError]]


def joint(together: Together, flows: Sequence[Flow[Any]], call: Call) -> Flow[list[Any]]:
    """Send the one call of several flows, each of which makes one, and return the result or the error of each."""
    outcomes: Sequence[Reply | VendorError]
    try:
        reply = yield call
        outcomes = together.split(reply, len(flows))
    except VendorError as error:
        error.step = error.step or call.step
        outcomes = error.items if len(error.items) == len(flows) else [error] * len(flows)
    return [_fed(flow, outcome, call) for flow, outcome in zip(flows, outcomes, strict=True)]


def _fed(flow: Flow[Any], outcome: Reply | VendorError, call: Call) -> Any:
    """Return what a flow that makes one call takes from its reply."""
    try:
        next(flow)
        if isinstance(outcome, VendorError):
            flow.throw(outcome)
        else:
            flow.send(outcome)
    except StopIteration as done:
        return done.value
    except VendorError as error:
        error.step = error.step or call.step
        return error
    raise UsageError("a write of one call has made two")
