"""Reading from Copper: one record, pages of records, what the account has set up (developer.copper.com, API v1).

Copper's search by name is loose (one published sample finds more than the name), so names are compared again here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens._compile import decode, encode
from leadlens.catalogue import Choice
from leadlens.codecs import Unsayable
from leadlens.errors import NotFoundError, OutcomeUnknownError, UsageError
from leadlens.flow import Flow, Reply
from leadlens.model import JSON, Contact, Lead, PersonName, Record, Ref
from leadlens.operations import Page, Query, answered, read, removal
from leadlens.references import integer_id
from leadlens_copper.crosswalks import DateOrder, crosswalks
from leadlens_copper.records import CUSTOM_FIELD

BASE: Final = "/developer_api/v1"
PAGE: Final = 200
"""The largest page."""
REACH: Final = 100_000
"""Copper shows the first 100,000 records of a search and no more."""

_RESOURCES: Final[Mapping[str, str]] = {
    "lead": "leads",
    "contact": "people",
    "company": "companies",
    "deal": "opportunities",
}
_SEARCHED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("lead", "contact"),
    "phone": ("lead", "contact", "company"),
    "converted": ("lead",),
}
"""Which kinds can be searched by what; by ids, name and custom fields all of them."""
_HAS_MODIFIED: Final = ("lead", "deal")
"""Which searches take ``minimum_modified_date``; of the others the older ones are left out here."""
_LISTS: Final[Mapping[str, str]] = {
    "pipeline": "pipelines",
    "status": "lead_statuses",
    "source": "customer_sources",
    "contact_type": "contact_types",
    "loss_reason": "loss_reasons",
}
CHOICES: Final = ("user", "stage", *_LISTS, "tag")
"""What there is to choose from. The list of loss reasons is third-party."""


def resource(kind: str) -> str:
    """Return the path of a kind of records. Raises :class:`UsageError` for a kind that does not exist."""
    if kind not in _RESOURCES:
        raise UsageError(f"there is no kind {kind!r}; there are {', '.join(_RESOURCES)}")
    return f"{BASE}/{_RESOURCES[kind]}"


def number(identity: str) -> int:
    """Return an id as Copper writes it. Raises :class:`UsageError` for what cannot be one."""
    try:
        found: int = integer_id.encode(identity)
    except (Unsayable, TypeError):
        raise UsageError("Copper's ids are whole numbers, such as '8894157'") from None
    return found


def incomplete(reply: Reply, code: str = "incomplete") -> OutcomeUnknownError:
    """Return the error for a reply that lacks what Copper promises."""
    return OutcomeUnknownError("copper", status=reply.status, code=code, request_id=reply.request_id)


def record_of(order: DateOrder | None, kind: str, reply: Reply, wire: JSON, identity: str | None = None) -> Record:
    """Return a record of a reply; it must have an id, and the one that was asked for."""
    with answered("copper", reply):
        found: Record = decode(crosswalks(order)[kind], wire).value
    if found.id is None or identity not in (None, found.id):
        raise incomplete(reply)
    return found


def get(order: DateOrder | None, kind: str, identity: str) -> Flow[Record]:
    """Return one record. A converted lead is presumably gone [?]: look at its conversion."""
    wanted = number(identity)
    reply = yield read(f"get_{kind}", "GET", f"{resource(kind)}/{wanted}")
    return record_of(order, kind, reply, reply.body, str(wanted))


def delete(kind: str, identity: str) -> Flow[None]:
    """Take one record away (leads/delete-a-lead and its like)."""
    yield removal(kind, f"{resource(kind)}/{number(identity)}")


def get_if_there(order: DateOrder | None, kind: str, identity: str) -> Flow[Record | None]:
    """Return one record, or None where Copper has none of this id."""
    try:
        found: Record = yield from get(order, kind, identity)
    except NotFoundError:
        return None
    return found


def fetch_by_email(order: DateOrder | None, address: str) -> Flow[Contact | None]:
    """Return the contact that has an e-mail address, which is a unique key of people (people/fetch-a-person-…)."""
    body: JSON = {"email": address}
    try:
        reply = yield read("fetch_by_email", "POST", f"{BASE}/people/fetch_by_email", body=body)
    except NotFoundError:
        return None
    found = record_of(order, "contact", reply, reply.body)
    assert isinstance(found, Contact)
    if not _has_address(found, address):
        raise incomplete(reply, "another record")
    return found


# --- searches --------------------------------------------------------------------------------------------------------


def search(order: DateOrder | None, kind: str, query: Query, place: str | None) -> Flow[Page]:
    """Return a page of records, in the order that Copper's search has for the kind.

    Raises :class:`UsageError` for a condition that Copper's search does not have, and beyond the first 100,000.
    """
    asked = criteria(kind, query)
    reply, found, after = yield from searched(order, kind, asked, place)
    kept = tuple(record for record in found if _fits(query, record))
    told = len(kept) == len(found) and query.name is None and query.converted is None
    return Page(kept, after, total_of(reply) if told and query.modified_since is None else None)


def searched(
    order: DateOrder | None, kind: str, asked: Mapping[str, JSON], place: str | None
) -> Flow[tuple[Reply, tuple[Record, ...], str | None]]:
    """Return the reply to one page of a search, its records, and where the next page is."""
    at = 1 if place is None else int(place)
    if (at - 1) * PAGE >= REACH:
        raise UsageError(f"Copper shows the first {REACH:,} of a search and no more; ask for less at once")
    body = {**asked, "page_size": PAGE, "page_number": at}
    reply = yield read(f"search_{kind}", "POST", f"{resource(kind)}/search", body=body)
    if not isinstance(reply.body, list):
        raise incomplete(reply, "undocumented")
    found = tuple(record_of(order, kind, reply, wire) for wire in reply.body)
    return reply, found, str(at + 1) if len(found) >= PAGE else None


def every(order: DateOrder | None, kind: str, asked: Mapping[str, JSON]) -> Flow[list[Record]]:
    """Return all records that a search finds, page after page."""
    found: list[Record] = []
    place: str | None = None
    while True:
        _, more, place = yield from searched(order, kind, asked, place)
        found += more
        if place is None:
            return found


def exactly(order: DateOrder | None, kind: str, query: Query) -> Flow[tuple[Record, ...]]:
    """Return all records that meet a query, page after page."""
    found = yield from every(order, kind, criteria(kind, query))
    return tuple(record for record in found if _fits(query, record))


def criteria(kind: str, query: Query) -> dict[str, JSON]:
    """Return a query as Copper's search of a kind takes it."""
    resource(kind)
    for name, kinds in _SEARCHED_BY.items():
        if getattr(query, name) is not None and kind not in kinds:
            raise UsageError(f"Copper cannot search a {kind} by {name!r}; it can search a {' or a '.join(kinds)}")
    asked: dict[str, JSON] = {"ids": [number(identity) for identity in query.ids]} if query.ids else {}
    asked |= {} if query.name is None else {"name": query.name}
    asked |= {} if query.email is None else {"emails": [query.email]}
    asked |= {} if query.phone is None else {"phone_number": query.phone}
    if query.custom is not None:
        asked["custom_fields"] = [_custom(query)]
    if query.converted:
        asked["include_converted_leads"] = True
    if query.modified_since is not None and kind in _HAS_MODIFIED:
        asked["minimum_modified_date"] = int(query.modified_since.timestamp())
    return asked


def _custom(query: Query) -> JSON:
    encoded = encode(CUSTOM_FIELD, query.custom)
    if encoded.losses:
        raise UsageError(f"Copper cannot search by this custom field: {encoded.losses[0].detail}")
    asked: JSON = encoded.wire
    return asked


def _fits(query: Query, record: Record) -> bool:
    since = query.modified_since
    return (
        (not query.ids or record.id in query.ids)
        and (query.name is None or name_of(record) == query.name)
        and (query.email is None or _has_address(record, query.email))
        and (since is None or record.modified_at is None or record.modified_at >= since)
        and (query.converted is None or _is_converted(record) is query.converted)
    )


def name_of(record: Record) -> str | None:
    """Return the name of a record as people write it."""
    name = record.name
    return name.display if isinstance(name, PersonName) else name


def _has_address(record: Any, address: str) -> bool:
    return any((email.address or "").casefold() == address.casefold() for email in record.emails)


def _is_converted(record: Record) -> bool:
    return isinstance(record, Lead) and record.converted_to is not None


def total_of(reply: Reply) -> int | None:
    """Return the number of all that was found, from a header that third parties have seen [3p]."""
    told = reply.headers.get("x-pw-total", "")
    return int(told) if told.isascii() and told.isdigit() else None


# --- what the account has --------------------------------------------------------------------------------------------


def choices(kind: str) -> Flow[tuple[Choice, ...]]:
    """Return all things of one kind that the account's records can point to."""
    pairs = yield from told(kind)
    return tuple(choice for _, choice in pairs)


def told(kind: str) -> Flow[list[tuple[JSON, Choice]]]:
    """Return all things of one kind that records can point to, each as Copper writes it and as a choice."""
    if kind == "user":
        return (yield from _users())
    if kind == "tag":
        return (yield from _tags())
    if kind not in CHOICES:
        raise UsageError(f"Copper has no {kind!r} to choose from; there are {', '.join(CHOICES)}")
    reply = yield read(f"list_{kind}", "GET", f"{BASE}/{_LISTS['pipeline' if kind == 'stage' else kind]}")
    with answered("copper", reply):
        if kind == "stage":
            lines = _items(reply)
            return [(stage, _choice(kind, stage, _ref(line))) for line in lines for stage in line["stages"]]
        return [(item, _choice(kind, item)) for item in _items(reply)]


def _users() -> Flow[list[tuple[JSON, Choice]]]:
    found: list[tuple[JSON, Choice]] = []
    while True:
        body: JSON = {"page_size": PAGE, "page_number": len(found) // PAGE + 1}
        reply = yield read("list_user", "POST", f"{BASE}/users/search", body=body)
        with answered("copper", reply):
            items = _items(reply)
            found += [(item, _choice("user", item, email=item.get("email"))) for item in items]
        if len(items) < PAGE:
            return found


def _tags() -> Flow[list[tuple[JSON, Choice]]]:
    """Return the tags that records have; a tag has no id (tags/list-tags.html)."""
    reply = yield read("list_tag", "GET", f"{BASE}/tags")
    with answered("copper", reply):
        return [(item, Choice("tag", Ref(None, item["name"]))) for item in _items(reply)]


def _items(reply: Reply) -> list[Any]:
    if not isinstance(reply.body, list):
        raise incomplete(reply, "undocumented")
    return reply.body


def _choice(kind: str, item: Mapping[str, Any], within: Ref | None = None, email: str | None = None) -> Choice:
    return Choice(kind, _ref(item), within, email)


def _ref(item: Mapping[str, Any]) -> Ref:
    if item["id"].__class__ not in (int, str):
        raise TypeError("an id is a number or its digits")
    return Ref(str(item["id"]), item["name"])
