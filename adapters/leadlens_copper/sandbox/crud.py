"""Creating, reading, updating and deleting one record of a kind, and people by e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from leadlens.emulation.checking import text
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Handler, Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import deals
from leadlens_copper.sandbox.accounts import me
from leadlens_copper.sandbox.asking import asks_computed, knows
from leadlens_copper.sandbox.dress import not_found
from leadlens_copper.sandbox.fields import PLURALS, REQUIRED
from leadlens_copper.sandbox.records import ID, PREFIX, changed, made, removed, shown
from leadlens_copper.sandbox.writing import accepted, fits

COMPUTED = "custom_field_computed_values"


def created(world: World, kind: str, body: Mapping[str, Any], owner: int | None = None) -> Record:
    """Make a record from what a client wrote; ``owner`` is whom a new task is for when nobody is named."""
    given, values = accepted(world, kind, body, REQUIRED[kind])
    if kind == "opportunity":
        given |= deals.placed(world, given, None)
    if kind == "task" and given.get("assignee_id") is None:
        given["assignee_id"] = owner
    return made(world, kind, given, values)


def updated(world: World, kind: str, record: Record, body: Mapping[str, Any]) -> Record:
    """Write what a client gave over a record; a person stays in its company (people/update-a-person.html)."""
    given, values = accepted(world, kind, body)
    if kind == "person":
        given = {key: value for key, value in given.items() if key not in {"company_id", "company_name"}}
    if kind == "opportunity":
        given |= deals.placed(world, given, record)
        if given.get("win_probability", 0) is None:
            given["win_probability"] = 0
    if kind == "task" and record["status"] == given.get("status"):
        given.pop("completed_date", None)
    if kind == "lead" and record["status"] == given.get("status"):
        given.pop("_status_changed", None)
    return changed(world, kind, record, given, values)


def there(world: World, kind: str, request: Request) -> Record:
    """Return the record that a path names; a converted lead is gone."""
    record = world.store.get(kind, int(request.args["id"]))
    if record is None or record.get("converted_at"):
        raise not_found(f"{kind} id")
    return record


def create(world: World, request: Request, kind: str) -> Reply:
    """``POST /people`` and the like."""
    record = created(world, kind, request.json_object(), me(world, request)["id"])
    return Reply(200, shown(record, world, computed=asks_computed(request)))


def get(world: World, request: Request, kind: str) -> Reply:
    """``GET /people/{id}`` and the like."""
    return Reply(200, shown(there(world, kind, request), world, computed=asks_computed(request)))


def update(world: World, request: Request, kind: str) -> Reply:
    """``PUT /people/{id}`` and the like: absent leaves untouched, null clears."""
    record = updated(world, kind, there(world, kind, request), request.json_object())
    return Reply(200, shown(record, world, computed=asks_computed(request)))


def delete(world: World, request: Request, kind: str) -> Reply:
    """``DELETE /people/{id}`` and the like; the reply is third-party."""
    number = there(world, kind, request)["id"]
    removed(world, kind, number)
    return Reply(200, {"id": number, "is_deleted": True})


def fetch_by_email(world: World, request: Request) -> Reply:
    """``POST /people/fetch_by_email``: an address is a unique key of people."""
    body = request.json_object()
    fits(body, {"email": text}, ("email",))
    found = world.store.find("person", "email", body["email"].casefold())
    if not found:
        raise not_found("email")
    return Reply(200, shown(found[0][1], world, computed=asks_computed(request)))


def _routes(kind: str, plural: str) -> tuple[Route, ...]:
    def one(handler: Any, *keys: str) -> Handler:
        return knows(partial(handler, kind=kind), *keys)

    return (
        Route("POST", f"{PREFIX}/{plural}", f"create_{kind}", one(create, COMPUTED)),
        Route("GET", f"{PREFIX}/{plural}/{ID}", f"get_{kind}", one(get, COMPUTED)),
        Route("PUT", f"{PREFIX}/{plural}/{ID}", f"update_{kind}", one(update, COMPUTED)),
        Route("DELETE", f"{PREFIX}/{plural}/{ID}", f"delete_{kind}", one(delete)),
    )


ROUTES = (
    *(route for kind, plural in PLURALS.items() for route in _routes(kind, plural)),
    Route("POST", f"{PREFIX}/people/fetch_by_email", "get_person_by_email", knows(fetch_by_email, COMPUTED)),
)
