"""How much the sandbox adds to a request in process: GET of one lead, against the same from a bare WSGI application."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from leadlens.emulation.clock import VirtualClock
from leadlens.sandbox import Sandbox
from leadlens.sandbox.transport import Transport, session

AT_MOST = 3.0
ROUNDS = 400


def _bare(payload: bytes) -> Any:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:  # WSGI's form
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(payload)))])
        return [payload]

    return app


@pytest.mark.parametrize(
    ("vendor", "path"),
    [("base", "/leads/1"), ("copper", "/leads/8894157"), ("zoho", "/Leads/3652397000007566544")],
)
def test_a_read_costs_at_most_three_times_a_bare_application(benchmark: Any, vendor: str, path: str) -> None:
    """On the full demo data, both through requests and the same transport, in turns, medians of 400."""
    with Sandbox() as sandbox:
        url = sandbox.url(vendor, path)
        real = sandbox.session(vendor)
        bare = session(Transport(_bare(real.get(url).content), sandbox.origin, VirtualClock()), {})
        spent: dict[str, list[float]] = {"real": [], "bare": []}
        for _ in range(ROUNDS):
            for name, made in (("real", real), ("bare", bare)):
                before = time.thread_time()
                made.get(url)
                spent[name].append(time.thread_time() - before)
        ratio = statistics.median(spent["real"]) / statistics.median(spent["bare"])
        benchmark.extra_info["ratio"] = ratio
        benchmark(real.get, url)
        print(f"GET one lead of {vendor}: {ratio:.2f} times a bare WSGI application")
        assert ratio <= AT_MOST
