"""Reads what a client writes: each key, its type, the records it names; and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check, Problem, problems
from leadlens.emulation.clock import unix
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import customs, days, shapes
from leadlens_copper.sandbox.dress import invalid
from leadlens_copper.sandbox.fields import FIELDS, LISTS, REFERS, UNRECORDED
from leadlens_copper.sandbox.records import named, parts


def fits(given: Mapping[str, Any], fields: Mapping[str, Check], required: Iterable[str] = ()) -> None:
    """Raise what refuses an object that does not fit a table."""
    for problem in problems(given, fields, required):
        raise invalid(said(problem))


def said(problem: Problem) -> str:
    """Return a problem in words."""
    return f"{problem.key} is {'of the wrong type' if problem.reason == 'type' else problem.reason}"


def accepted(
    world: World, kind: str, body: Mapping[str, Any], required: Iterable[str] = ()
) -> tuple[Record, dict[int, Any]]:
    """Return what a write says of a record, and of its custom fields by definition; raises what refuses it."""
    fits(body, FIELDS[kind], required)
    given = {key: [] if value is None and key in LISTS else value for key, value in body.items()}
    given = _recorded(world, given)
    values = customs.read(world, kind, given.pop("custom_fields", []))
    said_last = {key: value for key, value in given.items() if key in UNRECORDED}
    for key, value in list(given.items()):
        if key in _FOLLOWS:
            given |= _FOLLOWS[key](world, kind, value)
    given |= said_last
    refers(world, given)
    return given, values


def refers(world: World, given: Mapping[str, Any]) -> None:
    """Refuse the id of a record that is not there."""
    for key, kind in REFERS.items():
        number = given.get(key)
        if number is not None and world.store.get(kind, number) is None:
            raise invalid(f"{key} {number} is unknown")


def _recorded(world: World, given: Record) -> Record:
    option = world.switches["unrecorded_keys"]
    for key in UNRECORDED.intersection(given) if option == "refused" else ():
        raise invalid(f"{key} is unknown")
    if option == "ignored":
        return {key: value for key, value in given.items() if key not in UNRECORDED}
    # last, for what is said of the parts of a name, or of the status by id, counts more than what follows from another
    return dict(sorted(given.items(), key=lambda item: item[0] in UNRECORDED))


def _name(world: World, kind: str, name: str) -> Record:
    if not name.strip():
        raise invalid("name is missing")
    return parts(name) if kind in {"lead", "person"} else {}


def _status(world: World, kind: str, status: str) -> Record:
    if kind == "task":
        return {"completed_date": unix(world.now) if status == "Completed" else None}
    found = named(world, "lead_status", status) if kind == "lead" else None
    if kind == "lead" and not found:
        raise invalid(f"status {status} is unknown")
    return {"status_id": found["id"], "_status_changed": unix(world.now)} if found else {}


def _status_id(world: World, kind: str, number: int) -> Record:
    found = world.store.get("lead_status", number)
    if found is None:
        raise invalid(f"status_id {number} is unknown")
    return {"status": found["name"], "_status_changed": unix(world.now)}


def _address(world: World, kind: str, address: Record | None) -> Record:
    return {"address": None if address is None else {**dict.fromkeys(shapes.ADDRESS_KEYS), **address}}


def _contact(world: World, kind: str, number: int | str | None) -> Record:
    return {"primary_contact_id": None if number is None else int(number)}


def _close(world: World, kind: str, text: str | None) -> Record:
    return {"close_date": None if text is None else days.plain(world, text)}


def _company(world: World, kind: str, number: int | None) -> Record:
    found = None if number is None else world.store.get("company", number)
    return {"company_name": found["name"] if found else None}


def _related(world: World, kind: str, related: Record | None) -> Record:
    number, of = (related or {}).get("id"), (related or {}).get("type")
    if (number is None) != (of is None):
        raise invalid("related_resource takes an id and a type")
    if of is not None and number is not None:
        found = world.store.get(of, number)
        if found is None or found.get("converted_at"):
            raise invalid(f"related_resource {of} {number} is unknown")
    empty = {"id": None, "type": None} if kind == "task" else None  # as in the samples of a new task and project
    return {"related_resource": {"id": number, "type": of} if of else empty}


def _items(key: str) -> Callable[[World, str, Any], Record]:
    return lambda world, kind, items: {key: [{"category": None, **item} for item in items]}


def _priority(world: World, kind: str, priority: str | None) -> Record:
    return {"priority": priority or "None"}


def _email(world: World, kind: str, email: Record | None) -> Record:
    return {"email": None if email is None else {"category": None, **email}}


def _tags(world: World, kind: str, tags: list[str]) -> Record:
    return {"tags": list(dict.fromkeys(tags))}


_FOLLOWS: Final[Mapping[str, Callable[[World, str, Any], Record]]] = {
    "name": _name,
    "status": _status,
    "status_id": _status_id,
    "address": _address,
    "primary_contact_id": _contact,
    "close_date": _close,
    "company_id": _company,
    "related_resource": _related,
    "priority": _priority,
    "email": _email,
    "tags": _tags,
    **{key: _items(key) for key in ("emails", "phone_numbers", "socials", "websites")},
}
"""What follows from a key that is given, by key."""
