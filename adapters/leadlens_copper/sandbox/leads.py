"""Copper's lead search, as far as the read-back of a conversion needs it (leads/list-leads-search.html)."""

from __future__ import annotations

from leadlens.emulation.checking import flag, integer, many, problems
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.dress import invalid
from leadlens_copper.sandbox.records import PREFIX

_FILTERS = {"ids": many(integer), "include_converted_leads": flag, "page_number": integer, "page_size": integer}


def search(world: World, request: Request) -> Reply:
    """``POST /leads/search``: by ids, pages of at most 200; converted leads only when asked for."""
    given = request.json_object()
    for problem in problems(given, _FILTERS):
        raise invalid(f"{problem.key} is {problem.reason}")
    size, page = given.get("page_size", 20), given.get("page_number", 1)
    if not 1 <= size <= 200 or page < 1:
        raise invalid("page_size must be between 1 and 200")
    found = [
        record
        for number, record in world.store.iterate("lead")
        if ("ids" not in given or number in given["ids"])
        and (given.get("include_converted_leads") or not record.get("converted_at"))
    ]
    start = (page - 1) * size
    return Reply(200, found[start : start + size], {"X-PW-TOTAL": str(len(found))})


ROUTES = (Route("POST", f"{PREFIX}/leads/search", "search_leads", search, search=True),)
