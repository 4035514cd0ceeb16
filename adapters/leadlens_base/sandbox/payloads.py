"""Reading what a client sent: the envelope, the attributes, what is inside them, and what they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leadlens.emulation.checking import Check, problems
from leadlens.emulation.messages import Request
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox import fields
from leadlens_base.sandbox.dress import Trouble, refused
from leadlens_base.sandbox.shapes import ADDRESSES, FIELDS, REFERS

_CODES = {"unknown": "unknown", "type": "invalid_type", "missing": "missing"}


def data_of(world: World, request: Request, kind: str, shape: Mapping[str, Check]) -> dict[str, Any]:
    """Return what stands in the request's ``data``; refuses keys that it does not take and values of another type."""
    body = request.json_object()
    found = [Trouble(pointer(key), "unknown") for key in body if key != "data"]
    given = body.get("data")
    if not isinstance(given, dict):
        found.append(Trouble("/data", "missing" if given is None else "invalid_type"))
        raise refused(world, kind, found)
    found += [Trouble(pointer("data", problem.key), _CODES[problem.reason]) for problem in problems(given, shape)]
    if found:
        raise refused(world, kind, found)
    return given


def attributes_of(world: World, request: Request, kind: str) -> dict[str, Any]:
    """Return the attributes of a lead, contact or deal that a client sent, all of them checked."""
    given = data_of(world, request, kind, FIELDS[kind])
    found = [*_inside(world, kind, given), *_strangers(world, kind, given)]
    if found:
        raise refused(world, kind, found)
    return given


def pointer(*keys: str) -> str:
    """Return a JSON pointer."""
    return "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in keys)


def _inside(world: World, kind: str, given: Mapping[str, Any]) -> Iterator[Trouble]:
    for key in ADDRESSES:
        if given.get(key) is not None:
            yield from fields.address_troubles(given[key], f"/data/{key}")
    if given.get("custom_fields"):
        yield from fields.troubles(world, kind, given["custom_fields"])


def _strangers(world: World, kind: str, given: Mapping[str, Any]) -> Iterator[Trouble]:
    for key, other in REFERS[kind].items():
        if given.get(key) is not None and not _is_there(world, key, other, given[key]):
            yield Trouble(f"/data/{key}", "incorrect_value", f"There is no {other} {given[key]} to be named here.")


def _is_there(world: World, key: str, other: str, number: int) -> bool:
    record = world.store.get(other, number)
    return record is not None and (key != "parent_organization_id" or record["is_organization"])


def rules(world: World, kind: str, record: Record) -> Iterator[Trouble]:
    """Yield what a whole record lacks: a name, or the organization that an individual is said to belong to."""
    if kind == "lead" and not record["last_name"] and not record["organization_name"]:
        yield Trouble("/data/last_name", "blank", "A lead has a last name or an organization name.")
    if kind == "contact":
        key = "name" if record["is_organization"] else "last_name"
        if not record[key]:
            yield Trouble(f"/data/{key}", "blank", f"A contact that is no {_OTHER[key]} has a {key}.")
        yield from _belonging(world, record)
    if kind == "deal":
        if not record["name"]:
            yield Trouble("/data/name", "blank")
        if record["contact_id"] is None:
            yield Trouble("/data/contact_id", "missing")


_OTHER = {"name": "individual", "last_name": "organization"}


def _belonging(world: World, record: Record) -> Iterator[Trouble]:
    parent = record["contact_id"]
    if parent is None:
        return
    organization = world.store.get("contact", parent)
    if parent == record.get("id") or (organization is not None and not organization["is_organization"]):
        yield Trouble("/data/contact_id", "incorrect_value", "A contact belongs to an organization.")
