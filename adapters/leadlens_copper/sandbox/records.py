"""Copper's records: their shape, how they are made, and plain reading and creating.

Sources: developer.copper.com, the sample of each record's page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from leadlens.emulation.checking import Check, anything, integer, many, maybe, number, obj, problems, text
from leadlens.emulation.clock import unix
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Marks, Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.dress import invalid, not_found

PREFIX: Final = "/developer_api/v1"
ID: Final = "{id:[0-9]{1,18}}"

_SHARED: Final[Mapping[str, Check]] = {
    "name": text,
    "address": maybe(obj),
    "assignee_id": maybe(integer),
    "details": maybe(text),
    "phone_numbers": many(obj),
    "socials": many(obj),
    "websites": many(obj),
    "tags": many(text),
    "custom_fields": many(obj),
}
_NAMES: Final[Mapping[str, Check]] = dict.fromkeys(
    ("prefix", "first_name", "middle_name", "last_name", "suffix"), maybe(text)
)
FIELDS: Final[Mapping[str, Mapping[str, Check]]] = {
    "lead": {
        **_SHARED,
        **_NAMES,
        "company_name": maybe(text),
        "customer_source_id": maybe(integer),
        "email": maybe(obj),
        "monetary_value": maybe(number),
        "monetary_unit": maybe(text),
        "status": text,
        "status_id": integer,
        "title": maybe(text),
    },
    "person": {
        **_SHARED,
        **_NAMES,
        "company_id": maybe(integer),
        "company_name": maybe(text),
        "contact_type_id": maybe(integer),
        "emails": many(obj),
        "title": maybe(text),
    },
    "company": {
        **_SHARED,
        "contact_type_id": maybe(integer),
        "email_domain": maybe(text),
        "primary_contact_id": maybe(integer),
    },
    "opportunity": {
        **{
            name: check
            for name, check in _SHARED.items()
            if name not in {"address", *("phone_numbers", "socials", "websites")}
        },
        "close_date": maybe(anything),
        "company_id": maybe(integer),
        "company_name": maybe(text),
        "customer_source_id": maybe(integer),
        "loss_reason_id": maybe(integer),
        "monetary_value": maybe(number),
        "pipeline_id": maybe(integer),
        "pipeline_stage_id": maybe(integer),
        "primary_contact_id": maybe(integer),
        "priority": maybe(text),
        "status": text,
        "win_probability": maybe(integer),
    },
}
"""What a write takes."""

_EMPTY: Final[Mapping[str, list[Any]]] = {
    "phone_numbers": [],
    "socials": [],
    "websites": [],
    "tags": [],
    "emails": [],
    "custom_fields": [],
}
_USUAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "lead": {"status": "New", "status_id": 208231},
    "opportunity": {"status": "Open", "win_probability": 0},
}


def _emails(record: Record) -> Iterable[str]:
    given = record.get("emails") or [record.get("email")]
    return [item["email"].casefold() for item in given if item and item.get("email")]


MARKS: Final[Mapping[str, Mapping[str, Marks]]] = {
    "lead": {"email": _emails},
    "person": {"email": _emails},
    "company": {"name": lambda record: [record["name"]], "folded": lambda record: [folded(record["name"])]},
}
_LEGAL: Final = ("inc", "llc", "ltd", "gmbh", "corp", "co", "ag", "sa")


def folded(name: str) -> str:
    """Return a company's name as a fuzzy match compares it [?]: no case, no signs, no legal form."""
    words = "".join(char if char.isalnum() else " " for char in name.casefold()).split()
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in _LEGAL else words)


def made(world: World, kind: str, given: Mapping[str, Any]) -> Record:
    """Make and keep a record of a kind from what is known about it; everything else is null or empty."""
    number_ = world.store.next_id(kind)
    now = unix(world.now)
    blank = {name: list(_EMPTY[name]) if name in _EMPTY else None for name in FIELDS[kind] if name != "monetary_unit"}
    record = {"id": number_, **blank, **_USUAL.get(kind, {}), **_named(kind, given), **given}
    record["custom_fields"] = custom_fields(world, kind, given.get("custom_fields") or [])
    record |= {"interaction_count": 0, "date_created": now, "date_modified": now}
    world.store.create(kind, number_, record)
    return record


def _named(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a name: the first word, and the rest [?]."""
    if kind not in {"lead", "person"}:
        return {}
    first, _, last = given["name"].partition(" ")
    return {"first_name": first or None, "last_name": last.strip() or None}


def custom_fields(world: World, kind: str, given: list[Any]) -> list[Record]:
    """Return every definition of a kind with its value, null when unset."""
    values = {item.get("custom_field_definition_id"): item.get("value") for item in given}
    known = [number_ for number_, made_ in world.store.iterate("definition") if kind in made_["available_on"]]
    return [{"custom_field_definition_id": number_, "value": values.get(number_)} for number_ in known]


def checked(kind: str, given: Mapping[str, Any]) -> None:
    """Refuse keys that the kind does not have, values of another type, and a record without a name."""
    for problem in problems(given, FIELDS[kind], ("name",)):
        raise invalid(f"{problem.key} is {'of the wrong type' if problem.reason == 'type' else problem.reason}")


def create(world: World, request: Request, kind: str) -> Reply:
    """``POST /people`` and the like."""
    given = request.json_object()
    checked(kind, given)
    return Reply(200, made(world, kind, given))


def get(world: World, request: Request, kind: str) -> Reply:
    """``GET /people/{id}`` and the like."""
    record = world.store.get(kind, int(request.args["id"]))
    if record is None or record.get("converted_at"):
        raise not_found(f"{kind} id")
    return Reply(200, record)


def _routes(kind: str, plural: str) -> tuple[Route, ...]:
    one: Callable[[World, Request], Reply] = partial(get, kind=kind)
    new: Callable[[World, Request], Reply] = partial(create, kind=kind)
    return (
        Route("GET", f"{PREFIX}/{plural}/{ID}", f"get_{kind}", one),
        Route("POST", f"{PREFIX}/{plural}", f"create_{kind}", new),
    )


ROUTES = (
    *_routes("lead", "leads"),
    *_routes("person", "people"),
    *_routes("company", "companies"),
    *_routes("opportunity", "opportunities"),
)
