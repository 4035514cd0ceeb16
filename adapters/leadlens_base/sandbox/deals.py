"""What follows from a deal's own attributes, and the contacts of a deal (…/resources/{deals, associated-contacts})."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from leadlens.emulation.checking import Check
from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox.dress import invalid, not_found
from leadlens_base.sandbox.metadata import ID, ME
from leadlens_base.sandbox.paging import PAGE, asked, collection, page_of, shown
from leadlens_base.sandbox.payloads import data_of
from leadlens_base.sandbox.values import an_id, one_of

_INPUT: Final[Mapping[str, Check]] = {"contact_id": an_id, "role": one_of("involved", "primary")}


def followed(world: World, deal: Record, before: Record) -> Record:
    """Return a deal with what follows: its first stage, its organization, and when its stage changed.

    The organization is that of the contact, or the contact itself if it is one; what happens to the
    contact later does not reach the deal [?].
    """
    stage = deal["stage_id"] or first_stage(world)
    now = iso_utc(world.now)
    moved = {} if before.get("stage_id") == stage else {"last_stage_change_at": now, "last_stage_change_by_id": ME}
    if deal["last_stage_change_at"] != before.get("last_stage_change_at"):
        moved.pop("last_stage_change_at", None)
    stays = bool(before) and before["contact_id"] == deal["contact_id"]
    firm = before["organization_id"] if stays else _organization(world, deal)
    added = deal["added_on"] or deal["created_at"]
    return deal | moved | {"stage_id": stage, "organization_id": firm, "added_on": added}


def first_stage(world: World) -> int:
    """Return the stage in which a deal begins of which none is told."""
    return next(number for number, stage in world.store.iterate("stage") if stage["active"])


def _organization(world: World, deal: Record) -> int | None:
    contact = world.store.get("contact", deal["contact_id"]) if deal["contact_id"] else None
    if contact is None:
        return None
    found: int | None = contact["id"] if contact["is_organization"] else contact["contact_id"]
    return found


def deal_view(world: World, record: Record, found: Mapping[str, Any]) -> Record:
    """Return a record as it is shown; a deal with its contacts if they were asked for, in a form of ours [?]."""
    if "includes" not in found:
        return record
    items = [{"data": one, "meta": {"type": "associated_contact"}} for one in _contacts(world, record)]
    return {**record, "associated_contacts": {"items": items, "meta": {"type": "collection", "count": len(items)}}}


def _contacts(world: World, deal: Record) -> Iterator[Record]:
    times = {key: deal[key] for key in ("created_at", "updated_at")}
    if deal["contact_id"] is not None:
        yield {"contact_id": deal["contact_id"], "deal_id": deal["id"], "role": "primary", **times}
    for _, record in world.store.find("associated_contact", "deal", str(deal["id"])):
        if record["contact_id"] != deal["contact_id"]:
            yield record


def _deal(world: World, request: Request) -> Record:
    record = world.store.get("deal", int(request.args["id"]))
    if record is None:
        raise not_found(world, "deal")
    return record


def list_(world: World, request: Request) -> Reply:
    """``GET /deals/{id}/associated_contacts``: the primary one first."""
    found = asked(world, request, PAGE)
    return collection(
        world, page_of(world, request, _contacts(world, _deal(world, request)), found), "associated_contact"
    )


def add(world: World, request: Request) -> Reply:
    """``POST /deals/{id}/associated_contacts``: a contact that is involved, or from now on the primary one."""
    asked(world, request, {})
    deal = _deal(world, request)
    given = data_of(world, request, "associated_contact", _INPUT)
    for key in _INPUT:
        if key not in given:
            raise invalid(world, "associated_contact", f"/data/{key}", "missing")
    if world.store.get("contact", given["contact_id"]) is None:
        raise invalid(world, "associated_contact", "/data/contact_id", "incorrect_value")
    if given["contact_id"] in {record["contact_id"] for record in _contacts(world, deal)}:
        raise invalid(world, "associated_contact", "/data/contact_id", "already_exists")
    now = iso_utc(world.now)
    if given["role"] == "primary":
        after = followed(world, {**deal, "contact_id": given["contact_id"], "updated_at": now}, deal)
        world.store.replace("deal", deal["id"], after)
    record = {**given, "deal_id": deal["id"], "created_at": now, "updated_at": now}
    world.store.create("associated_contact", world.store.next_id("associated_contact"), record)
    return shown(world, "associated_contact", record, int(world.switches["created"]))


ROUTES = (
    Route("GET", f"/v2/deals/{ID}/associated_contacts", "list_associated_contacts", list_, search=True),
    Route("POST", f"/v2/deals/{ID}/associated_contacts", "create_associated_contact", add),
)
