"""``POST /{kind}/search``: all criteria must hold; sorted, in pages, with the number of all that was found."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

from leadlens.emulation.checking import Check, flag, text
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.asking import asks_computed, knows
from leadlens_copper.sandbox.criteria import CRITERIA
from leadlens_copper.sandbox.dress import invalid
from leadlens_copper.sandbox.fields import FIELDS, PLURALS, READ_ONLY
from leadlens_copper.sandbox.paging import PAGES, page
from leadlens_copper.sandbox.records import PREFIX, shown
from leadlens_copper.sandbox.shapes import one_of
from leadlens_copper.sandbox.writing import fits

_FORM: Final[Mapping[str, Check]] = {**PAGES, "sort_by": text, "sort_direction": one_of("asc", "desc")}
_USUAL: Final = {"person": "first_name", "company": "date_modified", "task": "due_date"}
"""By what a search is sorted unless it says so; the others by name."""


def search(world: World, request: Request, kind: str) -> Reply:
    """Return a page of what fits; converted leads only when asked for."""
    asked = request.json_object() if request.body else {}
    _accepted(kind, asked)
    tests = [make(world, asked[key]) for key, (_, make) in CRITERIA[kind].items() if key in asked]
    converted = kind == "lead" and not asked.get("include_converted_leads", False)
    found = [
        record
        for _, record in world.store.iterate(kind)
        if not (converted and record["converted_at"]) and all(test(record) for test in tests)
    ]
    reply = page(asked, _sorted(kind, found, asked))
    computed = asks_computed(request)
    return Reply(200, [shown(record, world, computed=computed) for record in reply.body], reply.headers)


def _accepted(kind: str, asked: Mapping[str, Any]) -> None:
    more: Mapping[str, Check] = {"include_converted_leads": flag} if kind == "lead" else {}
    fits(asked, {**_FORM, **more, **{key: check for key, (check, _) in CRITERIA[kind].items()}})
    by = asked.get("sort_by")
    if by is not None and by not in {"id", "date_created", "date_modified", *FIELDS[kind], *READ_ONLY[kind]}:
        raise invalid(f"sort_by {by} is unknown")


def _sorted(kind: str, found: list[Record], asked: Mapping[str, Any]) -> list[Record]:
    """Sort as asked, without regard to case; what has no value comes last, what is alike in the order of ids [?]."""
    by = asked.get("sort_by", _USUAL.get(kind, "name"))
    some = [record for record in found if record.get(by) is not None]
    none = [record for record in found if record.get(by) is None]
    some.sort(key=lambda record: _order(record[by]), reverse=asked.get("sort_direction") == "desc")
    return some + none


def _order(value: Any) -> tuple[bool, float, str]:
    if isinstance(value, int | float | Decimal):
        return False, float(value), ""
    return True, 0, str(value).casefold()


def _route(kind: str, plural: str) -> Route:
    handler = knows(partial(search, kind=kind), "custom_field_computed_values")
    return Route("POST", f"{PREFIX}/{plural}/search", f"search_{plural}", handler, search=True)


ROUTES = tuple(_route(kind, plural) for kind, plural in PLURALS.items())
