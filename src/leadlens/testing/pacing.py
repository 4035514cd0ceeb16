"""What an adapter must know of its CRM's limits, and what becomes of errors that are not about a record."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from leadlens import errors
from leadlens.access import Window
from leadlens.emulation.faults import Fault
from leadlens.errors import LeadlensError, UsageError
from leadlens.testing.specimens import written
from leadlens.testing.subject import Scene, Subject

_HOUR = 3600.0
"""Longer windows are an edition's quota: nobody paces those."""
_FEW = 1_000
_TOO_MANY = (429, 503)
_ASKED = 40.0


def limits_are_known(subject: Subject) -> Iterator[str]:
    """No rolling window of the CRM sees more calls than it allows, nor more of them at once."""
    access = subject.adapter.access() if subject.adapter.access is not None else None
    if access is None:
        yield "the adapter does not say how an account is reached (access)"
        return
    for limit in subject.vendor.limits:
        if not limit.seconds:
            if access.concurrent > limit.amount:
                yield f"{access.concurrent} calls at once are let through, and the CRM takes {limit.amount}"
        elif limit.seconds <= _HOUR:
            most = min((_most(window, limit.seconds) for window in access.windows), default=math.inf)
            if most > limit.amount:
                yield f"{most} calls in {limit.seconds} seconds are let through, and the CRM takes {limit.amount}"


def _most(window: Window, seconds: float) -> float:
    """Return how many calls a window lets through in so many seconds at most."""
    return window.calls * math.ceil(seconds / window.seconds)


def limits_are_kept(subject: Subject) -> Iterator[str]:
    """An account that enforces its limits never has to refuse a call."""
    few = [limit for limit in subject.vendor.limits if limit.seconds and limit.amount <= _FEW]
    with subject.scene(limits=True) as scene:
        made = written(scene.client, "lead")[1].id or ""
        for _ in range(max((limit.amount for limit in few), default=0) + 5):
            scene.client.get("lead", made)
        refused = [entry for entry in scene.entries if entry.status in _TOO_MANY]
        if refused:
            yield f"{len(refused)} of {len(scene.entries)} calls were too many for the CRM ({refused[0].status})"
        yield from scene.audit()


def pauses_are_kept(subject: Subject) -> Iterator[str]:
    """A CRM that says when to come back is not asked before."""
    fault = Fault(what="429", operation="*", nth=3, retry_after=str(int(_ASKED)))
    with subject.scene(faults=[fault]) as scene:
        made = written(scene.client, "lead")[1].id or ""
        told = _raised(lambda: [scene.client.get("lead", made) for _ in range(4)])
        struck = [entry for entry in scene.entries if entry.fault == "429"]
        after = [entry for entry in scene.entries if struck and entry.sequence > struck[0].sequence]
        if told is not None:
            yield f"a call that came too early is not sent again: {type(told).__name__}"
        elif not struck or not after:
            yield "the call that was refused as one too many was not tried again"
        elif after[0].at < struck[0].at + _ASKED - 0.01:
            yield f"the CRM asked for {_ASKED:.0f} seconds, and was called after {after[0].at - struck[0].at:.1f}"
        yield from scene.audit()


_MEANT: Final[Mapping[str, tuple[type[LeadlensError], ...]]] = {
    "401": (errors.CredentialsError,),
    "429": (errors.RateLimitError,),
    "500": (errors.OutcomeUnknownError,),
    "502": (errors.OutcomeUnknownError,),
    "503": (errors.OutcomeUnknownError, errors.TryLaterError),
    "202": (errors.PendingError, errors.OutcomeUnknownError),
    "redirect": (errors.RedirectedError,),
}
"""What each of the CRM's own ways to say that it did not answer means."""


def failures_are_told(subject: Subject) -> Iterator[str]:
    """The CRM's own words for *not allowed*, *too many*, *failed* and *later* become the error that says what to do."""
    for what, kinds in _MEANT.items():
        with subject.scene() as scene:
            made = written(scene.client, "lead")[1].id or ""
            before = len(scene.sent)
            scene.sandbox.faults.add(Fault(what=what, operation="*", nth=1))
            raised = _raised(lambda made=made, scene=scene: scene.client.get("lead", made))
            told = _first(scene, before) or (type(raised).__name__ if raised is not None else "")
            if told not in {name for kind in kinds for name in _below(kind)}:
                wanted = " or ".join(kind.__name__ for kind in kinds)
                first = "" if _first(scene, before) or not told else "first called success, and then "
                yield f"the CRM's {what} is {first}told as {told or 'a success'}, not as {wanted}"
    with subject.scene() as scene:
        nowhere = _raised(lambda: scene.client.call("GET", _nowhere(scene)))
        if not isinstance(nowhere, errors.InvalidRequestError):
            yield f"a route that the CRM does not have is told as {type(nowhere).__name__ if nowhere else 'a success'}"


def _nowhere(scene: Scene) -> str:
    """Return a path beside one that is there, which is not."""
    call = scene.client.operations.get("lead", "1")
    path = next(call).path.rpartition("/")[0]  # type: ignore[union-attr]  # it begins with a call
    return f"{path.rpartition('/')[0]}/zz_nowhere/1"


def _first(scene: Scene, before: int) -> str:
    return (scene.sent[before].error or "") if len(scene.sent) > before else "nothing sent"


def _below(kind: type[Any]) -> set[str]:
    """Return the names of an error and of all that are one."""
    return {kind.__name__}.union(*map(_below, kind.__subclasses__()))


def _raised(work: Any) -> LeadlensError | None:
    try:
        work()
    except UsageError:
        raise
    except LeadlensError as error:
        return error
    return None
