"""What an account has set up: statuses, sources, types, pipelines, loss reasons, definitions, and its tags.

Sources: leads/list-lead-statuses.html, leads/list-customer-sources.html, people/list-contact-types.html,
opportunities/list-pipelines.html, tags/list-tags.html, custom-fields/general/list-custom-field-definitions.html; loss
reasons are third-party.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Final

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.asking import knows, says
from leadlens_copper.sandbox.dress import invalid, not_found
from leadlens_copper.sandbox.fields import PLURALS
from leadlens_copper.sandbox.records import ID, PREFIX

LISTS: Final = {
    "lead_statuses": "lead_status",
    "customer_sources": "customer_source",
    "contact_types": "contact_type",
    "loss_reasons": "loss_reason",
    "pipelines": "pipeline",
    "custom_field_definitions": "definition",
}
"""The kind of record behind each path."""

TAG_PAGE: Final = 10_000


def whole(world: World, request: Request, kind: str) -> Reply:
    """Return all of a kind; these lists have no pages."""
    return Reply(200, [made for _, made in world.store.iterate(kind)])


def definition(world: World, request: Request) -> Reply:
    """``GET /custom_field_definitions/{id}``."""
    found = world.store.get("definition", int(request.args["id"]))
    if found is None:
        raise not_found("definition id")
    return Reply(200, found)


def tags(world: World, request: Request) -> Reply:
    """``GET /tags``: how often each is used, or only the names, which then go by name."""
    by, last, bare = request.param("sort_by", "name"), request.param("last_tag_value"), says(request, "tag_names_only")
    if by not in {"name", "count"}:
        raise invalid("query parameter sort_by")
    if last is not None and not bare:
        raise invalid("query parameter last_tag_value takes tag_names_only")
    counts = _counted(world)
    if bare:
        names = sorted(tag for tag in counts if last is None or tag > last)
        return Reply(200, names[:TAG_PAGE])
    order = sorted(counts, key=lambda tag: (-sum(counts[tag].values()), tag)) if by == "count" else sorted(counts)
    return Reply(200, [_line(tag, counts[tag]) for tag in order])


def _counted(world: World) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for kind in PLURALS:
        for _, record in world.store.iterate(kind):
            for tag in record["tags"] if not record.get("converted_at") else ():
                found.setdefault(tag, Counter())[kind] += 1
    return found


def _line(tag: str, counts: Counter[str]) -> Record:
    return {
        "name": tag,
        "count": sum(counts.values()),
        **{f"count_{plural}": counts[kind] for kind, plural in PLURALS.items()},
    }


ROUTES = (
    *(
        Route("GET", f"{PREFIX}/{path}", f"list_{path}", knows(partial(whole, kind=kind)), search=True)
        for path, kind in LISTS.items()
    ),
    Route("GET", f"{PREFIX}/custom_field_definitions/{ID}", "get_custom_field_definition", knows(definition)),
    Route(
        "GET", f"{PREFIX}/tags", "list_tags", knows(tags, "sort_by", "tag_names_only", "last_tag_value"), search=True
    ),
)
