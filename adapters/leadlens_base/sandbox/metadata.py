"""What an account is set up with, for reading: users, pipelines, stages, sources, reasons, tags, the account itself.

Source: …/sales-crm/resources/{users, pipelines, …}, by the attribute lists of the vendor's own clients [third-party].
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Handler, Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox.dress import not_found
from leadlens_base.sandbox.paging import (
    PAGE,
    Reader,
    an_id,
    asked,
    collection,
    flag,
    ids,
    one_of,
    order,
    page_of,
    shown,
    words,
)

ID: Final = "{id:[0-9]{1,18}}"
ME: Final = 1
"""The user whose token it is: the first."""

_TIMES: Final = ("created_at", "updated_at")
_SOME: Final = {**PAGE, "ids": ids, "name": words}
_LISTS: Final[Mapping[str, tuple[str, Mapping[str, Reader]]]] = {
    "pipeline": ("pipelines", {**_SOME, "disabled": flag, "sort_by": order("id", "name", "disabled", *_TIMES)}),
    "stage": (
        "stages",
        {
            **_SOME,
            "pipeline_id": an_id,
            "active": flag,
            "sort_by": order("id", "name", "category", "position", "likelihood", "active", "pipeline_id", *_TIMES),
        },
    ),
    **{
        kind: (f"{kind}s", {**_SOME, "sort_by": order("id", "name", *_TIMES)})
        for kind in ("lead_source", "deal_source", "loss_reason", "deal_unqualified_reason")
    },
    "lead_unqualified_reason": ("lead_unqualified_reasons", PAGE),
    "tag": (
        "tags",
        {
            **_SOME,
            "creator_id": an_id,
            "resource_type": one_of("lead", "contact", "deal"),
            "sort_by": order("id", "name", "resource_type", *_TIMES),
        },
    ),
    "user": (
        "users",
        {
            **_SOME,
            "email": words,
            "role": one_of("user", "admin"),
            "status": one_of("active", "inactive"),
            "confirmed": flag,
            "sort_by": order("id", "name", "email", "role", "status", *_TIMES),
        },
    ),
}
_NOT_FILTERS: Final = frozenset((*PAGE, "sort_by", "ids"))


def kept(world: World, kind: str, /, **given: Any) -> Record:
    """Make and keep a record of the account's set-up."""
    number = world.store.next_id(kind)
    record: Record = {"id": number, **given, "created_at": iso_utc(world.now), "updated_at": iso_utc(world.now)}
    world.store.create(kind, number, record)
    return record


def tagged(world: World, resource: str, names: list[str]) -> None:
    """Keep those tags of a resource that are new."""
    for name in names:
        if not world.store.find("tag", "name", f"{resource}:{name}"):
            kept(world, "tag", creator_id=ME, name=name, resource_type=resource)


def list_(world: World, request: Request, kind: str) -> Reply:
    """``GET /users`` and the like."""
    found = asked(world, request, _LISTS[kind][1])
    wanted = {key: value for key, value in found.items() if key not in _NOT_FILTERS}
    records = (
        record
        for number, record in world.store.iterate(kind)
        if number in found.get("ids", (number,)) and all(record[key] == value for key, value in wanted.items())
    )
    return collection(world, page_of(world, request, records, found), kind)


def get(world: World, request: Request, kind: str) -> Reply:
    """``GET /users/{id}`` and the like."""
    asked(world, request, {})
    record = world.store.get(kind, int(request.args["id"]))
    if record is None:
        raise not_found(world, kind)
    return shown(world, kind, record)


def myself(world: World, request: Request) -> Reply:
    """``GET /users/self``: whose token it is."""
    request.args = {"id": str(ME)}
    return get(world, request, "user")


def account(world: World, request: Request) -> Reply:
    """``GET /accounts/self``."""
    asked(world, request, {})
    return shown(world, "account", next(record for _, record in world.store.iterate("account")))


def _handler(of: Any, kind: str) -> Handler:
    return partial(of, kind=kind)


ROUTES = (
    *(
        Route("GET", f"/v2/{path}", f"list_{path}", _handler(list_, kind), search=True)
        for kind, (path, _) in _LISTS.items()
    ),
    *(
        Route("GET", f"/v2/{path}/{ID}", f"get_{kind}", _handler(get, kind))
        for kind, (path, _) in _LISTS.items()
        if kind != "lead_unqualified_reason"
    ),
    Route("GET", "/v2/users/self", "get_current_user", myself),
    Route("GET", "/v2/accounts/self", "get_account", account),
)
