"""``POST /leads/upsert`` and the like: create, or update what meets the filters of the query.

Documented: at least one filter. Third-party: 201 for created, 200 for updated, 409 for several matches. Not recorded
[?]: whether the filters' values go into a new record too. Each has its switch.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Handler, Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox.dress import Trouble, invalid_param, refused
from leadlens_base.sandbox.filters import FILTERS, found_by
from leadlens_base.sandbox.paging import asked, shown
from leadlens_base.sandbox.records import change_of, is_hidden, new_of
from leadlens_base.sandbox.shapes import FIELDS, NAMES


def upsert(world: World, request: Request, kind: str) -> Reply:
    """Create a record when none meets the filters, update the one that does, or what the switch says of several."""
    found = asked(world, request, FILTERS[kind])
    if not found:
        raise invalid_param(world, "filters", "at least one is required")
    matches = [one for one in found_by(world, kind, found) if kind != "lead" or not is_hidden(world, one["id"])]
    if not matches:
        more = _from_filters(found, kind) if world.switches["upsert_create"] == "with_filters" else {}
        status = 201 if world.switches["upsert_status"] == "told" else 200
        return shown(world, kind, new_of(world, request, kind, more), status)
    if len(matches) > 1 and world.switches["several_matches"] == "409":
        numbers = ", ".join(str(record["id"]) for record in matches[:10])
        raise refused(world, kind, [Trouble("", "already_exists", f"The filters match {numbers}")], 409)
    return shown(world, kind, change_of(world, request, kind, _chosen(world, matches)))


def _chosen(world: World, matches: list[Record]) -> Record:
    return matches[-1] if world.switches["several_matches"] == "newest" else matches[0]


def _from_filters(found: dict[str, Any], kind: str) -> Record:
    """Return what the filters say about a record that is to be made so that they find it."""
    given: Record = {}
    for name, value in found.items():
        nested = re.fullmatch(r"(\w+)\[(.*)\]", name, re.DOTALL)
        if nested:
            given.setdefault(nested[1], {})[nested[2]] = value
        elif name in FIELDS[kind]:
            given[name] = str(value) if name == "value" else value
    return given


def _handler(kind: str) -> Handler:
    return partial(upsert, kind=kind)


ROUTES = tuple(Route("POST", f"/v2/{path}/upsert", f"upsert_{kind}", _handler(kind)) for kind, path in NAMES.items())
