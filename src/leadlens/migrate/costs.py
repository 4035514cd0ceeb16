"""What a plan costs: calls to the target, the time that they take, and credits."""

from __future__ import annotations

import math

import attrs

from leadlens.flow import Call
from leadlens.migrate.hand import Hand
from leadlens.migrate.origin import KINDS, Bundle
from leadlens.migrate.steps import Maker, any_links
from leadlens.model import JSON

_READS = {"replay": 0.5, "link": 0.5, "create": 2.0, "update": 0.5}
"""How many reads of the target one conversion takes, about: most are made for a hundred of them."""
ROUND_TRIP = 0.3
"""How many seconds a call is taken to last where no rate limit is slower: they go one after another."""


@attrs.define
class Costs:
    """Calls and credits of a plan, counted conversion by conversion."""

    calls: float = 0.0
    credits: float = 0.0

    def add(self, maker: Maker, bundle: Bundle, decision: str, target: Hand) -> None:
        """Count what one conversion takes."""
        cost = target.client.driver.cost
        records = sum(bundle.record(kind) is not None for kind in KINDS[1:])
        calls = list(maker.convert(bundle, "1", any_links(bundle)).calls) if decision in ("replay", "link") else []
        most = 1 if target.operations.together is None else target.operations.together.most
        whole = Call("create", "upsert", "POST", "/", body={"data": [None] * most})
        writes = (records + (decision in ("replay", "link"))) / most
        self.calls += _READS.get(decision, 0.0) + len(calls) + writes
        self.credits += _READS.get(decision, 0.0) + sum(map(cost, calls)) + writes * cost(whole)

    def to_json(self, target: Hand) -> dict[str, JSON]:
        """Return calls, credits, and the seconds that they take: at the CRM's rate, or by the round trips alone."""
        access = target.adapter.access() if target.adapter.access is not None else None
        windows = () if access is None else access.windows
        paced = max((self.calls * window.seconds / window.calls for window in windows), default=0.0)
        seconds = max(paced, self.calls * ROUND_TRIP)
        return {"calls": math.ceil(self.calls), "credits": math.ceil(self.credits), "seconds": round(seconds)}
