"""Persons, organizations and deals of API v2: made, changed, taken away, listed.

Source: developers.pipedrive.com/docs/api/v1/{Persons, Organizations, Deals}, v2. What is deleted keeps its record with
``is_deleted``; whether it can still be read by its id is not recorded [?], a switch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from leadlens.emulation.checking import Check, flag, integer, many, maybe, number, text
from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_pipedrive.sandbox.dress import answer, not_found, refused
from leadlens_pipedrive.sandbox.reading import KEY, body_of, by_cursor, query_of

ME: Final = 1
ID: Final = "{id:[1-9][0-9]{0,17}}"
PLACES: Final = {"person": "persons", "organization": "organizations", "deal": "deals"}
_LABELLED: Final = {"value": text, "primary": flag, "label": text}


def _labelled(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and "value" in value
        and all(k in _LABELLED and _LABELLED[k](v) for k, v in value.items())
    )


_ADDRESS: Final = (
    "value", "country", "admin_area_level_1", "admin_area_level_2", "locality", "sublocality", "route",
    "street_number", "subpremise", "postal_code",
)  # fmt: skip


def _address(value: Any) -> bool:
    return isinstance(value, dict) and all(key in _ADDRESS and maybe(text)(part) for key, part in value.items())


def _custom(value: Any) -> bool:
    return isinstance(value, dict) and all(KEY.fullmatch(key) for key in value)


_ANY: Final[Mapping[str, Check]] = {
    "owner_id": integer, "visible_to": integer, "label_ids": many(integer), "custom_fields": _custom,
}  # fmt: skip
_TIMES: Final[Mapping[str, Check]] = {"add_time": text, "update_time": text}
SHAPES: Final[Mapping[str, Mapping[str, Check]]] = {
    "person": {
        **_ANY, **_TIMES, "name": text, "org_id": maybe(integer), "emails": many(_labelled), "phones": many(_labelled),
        "marketing_status": text,
    },
    "organization": {**_ANY, **_TIMES, "name": text, "address": maybe(_address)},
    "deal": {
        **_ANY, "title": text, "person_id": maybe(integer), "org_id": maybe(integer), "pipeline_id": integer,
        "stage_id": integer, "value": maybe(number), "currency": text, "is_deleted": flag, "is_archived": flag,
        "archive_time": text, "status": text, "probability": maybe(number), "lost_reason": maybe(text),
        "close_time": maybe(text), "won_time": text, "lost_time": text, "expected_close_date": maybe(text),
    },
}  # fmt: skip
_NAMED: Final = {"person": "name", "organization": "name", "deal": "title"}
_USUAL: Final[Mapping[str, Record]] = {
    "person": {"first_name": None, "last_name": None, "org_id": None, "emails": [], "phones": [], "picture_id": None},
    "organization": {"address": None},
    "deal": {
        "person_id": None, "org_id": None, "pipeline_id": None, "stage_id": None, "value": 0, "currency": "USD",
        "status": "open", "probability": None, "lost_reason": None, "close_time": None, "won_time": None,
        "lost_time": None, "expected_close_date": None, "stage_change_time": None, "is_archived": False,
        "origin": "API", "origin_id": None, "channel": None, "channel_id": None, "source_lead_id": None,
    },
}  # fmt: skip
_FILTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("owner_id", "org_id"),
    "organization": ("owner_id",),
    "deal": ("owner_id", "person_id", "org_id", "pipeline_id", "stage_id", "status"),
}
_PAGE: Final = (
    "ids", "updated_since", "updated_until", "sort_by", "sort_direction", "include_fields", "custom_fields", "limit",
    "cursor",
)  # fmt: skip


def made(world: World, kind: str, given: Record) -> Record:
    """Make and keep a record."""
    now = iso_utc(world.now)
    record: Record = {
        "id": world.store.next_id(kind), **_USUAL[kind], "owner_id": ME, "label_ids": [], "visible_to": 3,
        "is_deleted": False, "custom_fields": {}, "add_time": now, "update_time": now,
    }  # fmt: skip
    record = _settled(world, kind, {**record, **given}, {})
    world.store.create(kind, record["id"], record)
    return record


def _settled(world: World, kind: str, record: Record, before: Record) -> Record:
    """Return a record with what Pipedrive makes of it: the parts of a name, the stage, the main e-mail address."""
    if kind == "person":
        first, _, last = (record["name"] or "").rpartition(" ")
        parts = {"first_name": first or last or None, "last_name": last if first else None}
        return {**record, **parts, "emails": _main_first(record["emails"]), "phones": _main_first(record["phones"])}
    if kind == "deal":
        return _staged(world, record, before)
    return record


def _main_first(items: list[Record]) -> list[Record]:
    """Return what a list of addresses or numbers becomes: one of them is the main one, the first unless told [?]."""
    told = any(item.get("primary") for item in items)
    return [
        {"label": "work", **item, "primary": bool(item.get("primary")) or (not told and at == 0)}
        for at, item in enumerate(items)
    ]


def _staged(world: World, deal: Record, before: Record) -> Record:
    """Return a deal in its stage: that decides the pipeline, and without one it is the first of the pipeline."""
    stage = deal["stage_id"]
    if before and deal["pipeline_id"] != before["pipeline_id"] and stage == before["stage_id"]:
        stage = None
    if stage is None:
        pipeline = deal["pipeline_id"] or first_pipeline(world)
        stage = next(at for at, one in world.store.iterate("stage") if one["pipeline_id"] == pipeline)
    found = world.store.get("stage", stage)
    assert found is not None, "body_of has looked for it"
    moved = {"stage_change_time": iso_utc(world.now)} if before and before["stage_id"] != stage else {}
    return {**deal, **moved, "stage_id": stage, "pipeline_id": found["pipeline_id"]}


def first_pipeline(world: World) -> int:
    """Return the default pipeline: the one with the lowest ``order_nr``."""
    return min(world.store.iterate("pipeline"), key=lambda one: one[1]["order_nr"])[0]


def there(world: World, kind: str, identity: str) -> Record:
    """Return a record that is not deleted."""
    record = world.store.get(kind, int(identity))
    if record is None or record["is_deleted"]:
        raise not_found(kind.capitalize())
    return record


def _checked(world: World, request: Request, kind: str, *, new: bool) -> Record:
    required = [_NAMED[kind]] if new else []
    given = body_of(world, request, SHAPES[kind], required=required)
    fields = {one["field_code"] for _, one in world.store.find("field", "of", kind)}
    for key in given.get("custom_fields", {}):
        if key not in fields:
            raise refused(f"Parameter 'custom_fields.{key}' is not a field")
    if given.get("status", "open") not in {"open", "won", "lost"}:
        raise refused("Parameter 'status' must be one of open, won, lost")
    return given


def create(world: World, request: Request, *, kind: str) -> Reply:
    """``POST``: a new record."""
    query_of(request, ())
    return answer(
        view(made(world, kind, _checked(world, request, kind, new=True))), status=201 if kind == "deal" else 200
    )


def update(world: World, request: Request, *, kind: str) -> Reply:
    """``PATCH``: what is not said stays; custom fields are changed one by one."""
    before = there(world, kind, request.args["id"])
    given = _checked(world, request, kind, new=False)
    custom = {**before["custom_fields"], **given.pop("custom_fields", {})}
    after = {"update_time": iso_utc(world.now), **given}
    record = _settled(world, kind, {**before, **after, "custom_fields": custom}, before)
    world.store.replace(kind, record["id"], record)
    return answer(view(record))


def get(world: World, request: Request, *, kind: str) -> Reply:
    """``GET`` of one; a deleted one is shown as deleted or not at all [?]."""
    found = query_of(request, ("include_fields", "custom_fields"))
    record = world.store.get(kind, int(request.args["id"]))
    if record is None or (record["is_deleted"] and world.switches["deleted"] == "404"):
        raise not_found(kind.capitalize())
    return answer(view(record, found))


def remove(world: World, request: Request, *, kind: str) -> Reply:
    """``DELETE``: marked as deleted, and taken away for good after 30 days."""
    record = there(world, kind, request.args["id"])
    world.store.replace(kind, record["id"], {**record, "is_deleted": True}, what="deleted")
    return answer({"id": record["id"]})


def list_(world: World, request: Request, *, kind: str) -> Reply:
    """``GET`` of many: filters, order, and pages by cursor."""
    found = query_of(request, (*_PAGE, *_FILTERS[kind]))
    archived = request.path.endswith("/archived")
    ids = {int(one) for one in found["ids"].split(",")} if "ids" in found else None
    if ids is not None and len(ids) > 100:
        raise refused("Parameter 'ids' must have at most 100 ids")
    return by_cursor(found, _ordered(world, kind, found, ids, archived=archived), partial(view, found=found))


def _ordered(
    world: World, kind: str, found: Mapping[str, str], ids: set[int] | None, *, archived: bool
) -> Iterator[Record]:
    key, down = found.get("sort_by", "id"), found.get("sort_direction") == "desc"
    if key not in ("id", "update_time", "add_time"):
        raise refused("Parameter 'sort_by' must be one of id, update_time, add_time")
    every = [one for _, one in world.store.iterate(kind) if ids is None or one["id"] in ids]
    for record in sorted(every, key=lambda one: (one[key], one["id"]), reverse=down):
        wanted = all(str(record[name]) == found[name] for name in _FILTERS[kind] if name in found)
        since, until = found.get("updated_since", ""), found.get("updated_until", "~")
        shown = not record["is_deleted"] and bool(record.get("is_archived")) == archived
        if shown and wanted and since <= record["update_time"] <= until:
            yield record


def view(record: Record, found: Mapping[str, str] | None = None) -> Record:
    """Return a record as it is shown; which lead a deal came from is shown on request."""
    asked = (found or {}).get("include_fields", "").split(",")
    return {key: value for key, value in record.items() if key != "source_lead_id" or key in asked}


_CALLS: Final = (
    ("POST", "", "add", create, False),
    ("GET", "", "get", list_, True),
    ("GET", f"/{ID}", "get", get, False),
    ("PATCH", f"/{ID}", "update", update, False),
    ("DELETE", f"/{ID}", "delete", remove, False),
)
ROUTES: Final = (
    *(
        Route(
            method, f"/api/v2/{place}{rest}", f"{verb}_{place if handler is list_ else kind}",
            partial(handler, kind=kind), search=search,
        )
        for kind, place in PLACES.items()
        for method, rest, verb, handler, search in _CALLS
    ),
    Route("GET", "/api/v2/deals/archived", "get_archived_deals", partial(list_, kind="deal"), search=True),
)  # fmt: skip
