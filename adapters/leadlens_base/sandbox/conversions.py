"""Base's conversions (developer.zendesk.com/api-reference/sales-crm/resources/lead-conversions).

New records every time, a deal unless it is declined, and the lead stays [?]. Not recorded [?], so switches or choices
of ours: a second conversion, whether tags come along, the deal's name (that of the organization or the person), its
source (the deal source of the same name), and which contact gets an attribute that both have (both do).
"""

from __future__ import annotations

import base64
import binascii
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final

from leadlens.decoding import loads
from leadlens.emulation.checking import flag
from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens.errors import InputError
from leadlens_base.sandbox import activities
from leadlens_base.sandbox.dress import answer, invalid, invalid_param, not_found
from leadlens_base.sandbox.fields import carried
from leadlens_base.sandbox.metadata import ID, ME
from leadlens_base.sandbox.paging import Reader, an_id, asked, envelope, link, whole
from leadlens_base.sandbox.payloads import data_of
from leadlens_base.sandbox.records import is_hidden, made
from leadlens_base.sandbox.shapes import SHARED
from leadlens_base.sandbox.values import LARGEST_ID
from leadlens_base.sandbox.values import an_id as is_id

_INPUT: Final = {"lead_id": is_id, "owner_id": is_id, "create_deal": flag}
_KIND: Final = "lead_conversion"
MARKS: Final = ("lead_id", "individual_id", "organization_id", "deal_id", "creator_id")
"""By what conversions are found."""


def convert(world: World, request: Request) -> Reply:
    """Make an individual if the lead has a last name, an organization if it names one, and by default a deal."""
    asked(world, request, {})
    given = data_of(world, request, _KIND, _INPUT)
    if "lead_id" not in given:
        raise invalid(world, _KIND, "/data/lead_id", "missing")
    lead = world.store.get("lead", given["lead_id"])
    if lead is None or is_hidden(world, lead["id"]):
        raise invalid(world, _KIND, "/data/lead_id", "incorrect_value")
    if "owner_id" in given and world.store.get("user", given["owner_id"]) is None:
        raise invalid(world, _KIND, "/data/owner_id", "incorrect_value")
    before = world.store.find("conversion", "lead_id", str(lead["id"]))
    if before and world.switches["second_convert"] == "refused":
        raise invalid(world, _KIND, "/data/lead_id", "incorrect_value")
    if before and world.switches["second_convert"] == "same":
        return answer(world, 200, view(world, before[0][1]))
    return answer(world, int(world.switches["created"]), view(world, converted(world, lead, given)))


def converted(world: World, lead: Record, given: Mapping[str, Any]) -> Record:
    """Convert a lead and return the conversion."""
    owner: int = given.get("owner_id") or lead["owner_id"]
    shared = {key: lead[key] for key in SHARED} | {"owner_id": owner}
    if world.switches["tags"] == "dropped":
        shared["tags"] = []
    individual, organization = _contacts(world, lead, shared)
    deal = _deal(world, lead, owner, individual, organization) if given.get("create_deal", True) else None
    number = world.store.next_id("conversion")
    record: Record = {
        "id": number,
        "lead_id": lead["id"],
        "individual_id": individual,
        "organization_id": organization,
        "deal_id": deal,
        "creator_id": ME,
        "created_at": iso_utc(world.now),
    }
    world.store.create("conversion", number, record)
    world.store.replace("lead", lead["id"], lead, what="converted")
    activities.hand_over(world, record)
    return record


def _contacts(world: World, lead: Record, shared: Record) -> tuple[int | None, int | None]:
    """Make the individual and the organization; the individual has the lower id, as in the published sample."""
    individual = world.store.next_id("contact") if lead["last_name"] else None
    organization = None
    if lead["organization_name"]:
        nobody = {"first_name": None, "last_name": None, "title": None}
        named = {"name": lead["organization_name"], "is_organization": True}
        custom = {"custom_fields": carried(world, lead, "contact", "for_company")}
        organization = made(world, "contact", shared | nobody | named | custom)["id"]
    if individual is not None:
        custom = {"custom_fields": carried(world, lead, "contact", "for_contact")}
        made(world, "contact", shared | custom | {"id": individual, "contact_id": organization})
    return individual, organization


def _deal(world: World, lead: Record, owner: int, individual: int | None, organization: int | None) -> int:
    name = lead["organization_name"] or " ".join(part for part in (lead["first_name"], lead["last_name"]) if part)
    given = {
        "name": name,
        "owner_id": owner,
        "contact_id": individual or organization,
        "source_id": _deal_source(world, lead["source_id"]),
        "tags": lead["tags"] if world.switches["tags"] == "everywhere" else [],
        "custom_fields": carried(world, lead, "deal"),
    }
    number: int = made(world, "deal", given)["id"]
    return number


def _deal_source(world: World, lead_source: int | None) -> int | None:
    """Return the deal source that has the name of a lead source: the two are numbered apart."""
    source = world.store.get("lead_source", lead_source) if lead_source else None
    if source is None:
        return None
    return next((at for at, other in world.store.iterate("deal_source") if other["name"] == source["name"]), None)


def view(world: World, record: Record) -> dict[str, Any]:
    """Return a conversion in its envelope, with links to what it made."""
    places = (("individual", "contacts"), ("organization", "contacts"), ("deal", "deals"))
    links = {
        name: f"{world.url}/v2/{place}/{record[f'{name}_id']}" if record[f"{name}_id"] else None
        for name, place in places
    }
    return {"data": record, "meta": {"type": _KIND, "links": links}}


def get(world: World, request: Request) -> Reply:
    """``GET /lead_conversions/{id}``: the page says that they can be read and shows only the list [?]."""
    asked(world, request, {})
    record = world.store.get("conversion", int(request.args["id"]))
    if record is None or world.switches["read_conversion"] == "404":
        raise not_found(world, _KIND)
    return answer(world, 200, view(world, record))


# --- the list --------------------------------------------------------------------------------------------------------


def _cursor(given: str) -> int:
    """Read a cursor: the last id that was seen, as JSON in base 64."""
    try:
        found = loads(base64.b64decode(given.strip(), validate=True))["last_id"]
    except (binascii.Error, ValueError, InputError, KeyError, TypeError, IndexError):
        found = None
    if not is_id(found):
        raise ValueError("the cursor of a next_page")
    last: int = found
    return last


def _written(last: int) -> str:
    return base64.encodebytes(b'{"last_id":%d}' % last).decode()


_QUERY: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(MARKS, an_id),
    "page": whole(1, 50),
    "per_page": whole(1, 200),
    "cursor": _cursor,
}


def list_(world: World, request: Request) -> Reply:
    """``GET /lead_conversions``: newest first, those that meet all filters, by page up to 50 or by cursor."""
    found = asked(world, request, _QUERY)
    if "cursor" in found and "page" in found:
        raise invalid_param(world, "cursor", "not together with page")
    size: int = found.get("per_page", 25)
    skipped = (found.get("page", 1) - 1) * size
    here = list(itertools.islice(_matching(world, found), skipped, skipped + size + 1))
    links = {}
    if len(here) > size:
        links["next_page"] = link(world, request, cursor=_written(here[size - 1]["id"]), per_page=size)
    return envelope(world, [view(world, record) for record in here[:size]], links)


def _matching(world: World, found: Mapping[str, Any]) -> Iterator[Record]:
    wanted = {key: found[key] for key in MARKS if key in found}
    below = found.get("cursor", LARGEST_ID)
    narrow = next((key for key in wanted if key != "creator_id"), None)
    if narrow:
        some = reversed(world.store.find("conversion", narrow, str(wanted[narrow])))
    else:
        some = iter(world.store.iterate("conversion", newest_first=True))
    for number, record in some:
        if number < below and all(record[key] == value for key, value in wanted.items()):
            yield record


ROUTES = (
    Route("POST", "/v2/lead_conversions", "convert_lead", convert),
    Route("GET", f"/v2/lead_conversions/{ID}", "get_lead_conversion", get),
    Route("GET", "/v2/lead_conversions", "list_lead_conversions", list_, search=True),
)
