"""``/_sandbox/…``: the truth log, the clock, the faults and a reset over HTTP, for those who asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from leadlens.emulation.clock import VirtualClock
from leadlens.emulation.faults import read_plan
from leadlens.emulation.messages import Reply, Request
from leadlens.errors import LeadlensError

if TYPE_CHECKING:
    from leadlens.sandbox.box import Sandbox


def controls(sandbox: Sandbox) -> Callable[[Request], Reply]:
    """Return the handler of everything under ``/_sandbox``."""

    def handle(request: Request) -> Reply:
        route = _ROUTES.get((request.method, request.path))
        if route is None:
            known = [f"{method} {path}" for method, path in _ROUTES]
            return Reply(404, {"error": "no such control", "controls": known})
        try:
            return Reply(200, route(sandbox, request))
        except (LeadlensError, ValueError) as error:
            return Reply(400, {"error": str(error)})

    return handle


def _truth(sandbox: Sandbox, request: Request) -> object:
    after = int(request.param("after") or 0)
    entries = sandbox.truth.entries(request.param("vendor"), request.param("operation"), after)
    return {"entries": [entry.to_json() for entry in entries]}


def _time(sandbox: Sandbox, request: Request) -> object:  # noqa: ARG001  # one form for all
    return {"now": sandbox.clock.now(), "virtual": isinstance(sandbox.clock, VirtualClock)}


def _advance(sandbox: Sandbox, request: Request) -> object:
    if not isinstance(sandbox.clock, VirtualClock):
        raise ValueError("only a virtual clock can be moved")  # noqa: TRY004  # of the value, not of a type
    seconds = request.json_object().get("advance")
    if not isinstance(seconds, int | float):
        raise ValueError('give the seconds: {"advance": 60}')  # noqa: TRY004  # see above
    sandbox.clock.advance(seconds)
    return _time(sandbox, request)


def _faults(sandbox: Sandbox, request: Request) -> object:
    sandbox.faults.plan = read_plan(request.json_object(), sandbox.seed)
    sandbox.faults.restart()
    return {"faults": len(sandbox.faults.plan.faults)}


def _reset(sandbox: Sandbox, request: Request) -> object:  # noqa: ARG001  # one form for all
    sandbox.reset()
    return {"reset": True}


_ROUTES: dict[tuple[str, str], Callable[[Sandbox, Request], object]] = {
    ("GET", "/_sandbox/truth"): _truth,
    ("GET", "/_sandbox/clock"): _time,
    ("POST", "/_sandbox/clock"): _advance,
    ("PUT", "/_sandbox/faults"): _faults,
    ("POST", "/_sandbox/reset"): _reset,
}
