"""What Base can be asked, call by call (developer.zendesk.com, Sales CRM, Core API v2)."""

from __future__ import annotations

import functools
from typing import Any, Final

from leadlens._compile import decode, encode
from leadlens.catalogue import Choice
from leadlens.conversion import Conversion, ConversionOptions, NoRecord, UpsertRequest, UpsertResult
from leadlens.errors import AmbiguousMatchError, NotFoundError, OutcomeUnknownError, UsageError
from leadlens.exchange import to_calls
from leadlens.flow import Call, Flow, Reply
from leadlens.model import JSON, Company, Contact, Deal, Lead, Record
from leadlens.operations import (
    ConversionQuery,
    Operations,
    Page,
    Planned,
    Query,
    always,
    answered,
    read,
    removal,
)
from leadlens_base.crosswalks import crosswalks
from leadlens_base.defining import definitions
from leadlens_base.ids import checked
from leadlens_base.listing import CHOICES, KINDS, RESOURCES, UNLISTED, choice, every
from leadlens_base.noting import create_note, notes_of
from leadlens_base.paging import PAGE, items, next_page
from leadlens_base.writing import create, update

_CREATED, _UPDATED = 201, 200


# --- conversions -----------------------------------------------------------------------------------------------------


def converted(reply: Reply, lead_id: str) -> Conversion:
    """Return the conversion of a reply; it must name the lead, itself, and a contact or a company."""
    with answered("base", reply):
        made: Conversion = decode(crosswalks()["convert-reply"], reply.body).value
    made_of = {outcome.id for outcome in (made.contact, made.company) if not isinstance(outcome, NoRecord)}
    if made.id is None or made.lead_id != lead_id or not any(made_of):
        raise OutcomeUnknownError("base", status=reply.status, code="incomplete")
    return made


def learn(call: Call, reply: Reply) -> dict[str, str]:
    """Return no ids; raise :class:`OutcomeUnknownError` where a deal was asked for and the reply tells none."""
    if call.step != "convert":
        return {}
    with answered("base", reply):
        wanted, told = call.body["data"].get("create_deal"), reply.body["data"].get("deal_id")
    if wanted is True and told is None:
        raise OutcomeUnknownError("base", status=reply.status, code="incomplete")
    return {}


def conversions(query: ConversionQuery, place: str | None) -> Flow[Page]:
    """Return a page of conversions, newest first; Base has no filter for the time, so older ones are left out here."""
    filters = {
        "lead_id": query.lead_id,
        "individual_id": query.contact_id,
        "organization_id": query.company_id,
        "deal_id": query.deal_id,
    }
    given = {name: checked(value) for name, value in filters.items() if value is not None}
    path, asked = next_page(place, "/v2/lead_conversions", {**given, "per_page": PAGE})
    reply = yield read("conversions", "GET", path, query=asked)
    with answered("base", reply):
        page = decode(crosswalks()["conversion-list"], reply.body).value
    found = tuple(made for made in page.conversions if _is_since(made, query))
    older = len(found) < len(page.conversions)
    return Page(found, None if older else page.next_page, None if query.since else page.count)


def _is_since(made: Conversion, query: ConversionQuery) -> bool:
    return query.since is None or made.converted_at is None or made.converted_at >= query.since


def find_conversion(lead_id: str) -> Flow[Conversion | None]:
    """Return the conversion of a lead. Base does not guard against a second one [?], so there may be several."""
    page = yield from conversions(ConversionQuery(lead_id=checked(lead_id)), None)
    if len(page.items) > 1:
        found = tuple(made.id or "" for made in page.items)
        raise AmbiguousMatchError("base", status=200, code="several conversions", candidates=found)
    made: Conversion | None = page.items[0] if page.items else None
    return made


def preview(lead_id: str) -> Flow[ConversionOptions]:
    """Return what is there already under the lead's names; Base itself links to none of it."""
    lead = yield from get("lead", lead_id)
    assert isinstance(lead, Lead)
    contacts: tuple[Any, ...] = ()
    companies: tuple[Any, ...] = ()
    if lead.emails and lead.emails[0].address:
        page = yield from search("contact", Query(email=lead.emails[0].address), None)
        contacts = page.items
    if lead.company_name:
        page = yield from search("company", Query(name=lead.company_name), None)
        companies = page.items
    return ConversionOptions(contacts=contacts, companies=companies)


# --- records ---------------------------------------------------------------------------------------------------------


def get(kind: str, identity: str) -> Flow[Record]:
    """Return one record; people and companies are one resource and are told apart."""
    reply = yield read(f"get_{kind}", "GET", f"/v2/{_resource(kind)}/{checked(identity)}")
    with answered("base", reply):
        data = reply.body["data"]
    if kind in ("contact", "company") and bool(data.get("is_organization")) != (kind == "company"):
        raise NotFoundError("base", status=reply.status, code="not_found")
    return _record(kind, data)


def delete(kind: str, identity: str) -> Flow[None]:
    """Take one record away (docs: "Delete a lead", "… contact", "… deal")."""
    yield removal(kind, f"/v2/{_resource(kind)}/{checked(identity)}")


def search(kind: str, query: Query, place: str | None) -> Flow[Page]:
    """Return a page of records."""
    if query.converted is not None:
        raise UsageError("Base cannot filter leads by whether they were converted; list the conversions")
    asked = {**_filters(kind, query), "per_page": PAGE, "sort_by": "id"}
    path, asked = next_page(place, f"/v2/{_resource(kind)}", asked)
    reply = yield read(f"search_{kind}", "GET", path, query=asked)
    with answered("base", reply):
        records = [item["data"] for item in reply.body["items"]]
        meta = reply.body["meta"]
    since = query.modified_since
    found = [_record(kind, data) for data in records]
    kept = tuple(r for r in found if since is None or r.modified_at is None or r.modified_at >= since)
    return Page(kept, meta.get("links", {}).get("next_page"), None if since else meta.get("count"))


def _filters(kind: str, query: Query) -> dict[str, JSON]:
    asked: dict[str, JSON] = {} if kind not in ("contact", "company") else {"is_organization": kind == "company"}
    if query.ids:
        asked["ids"] = ",".join(map(checked, query.ids))
    if query.name is not None:
        asked |= _by_name(kind, query.name)
    asked |= {key: value for key, value in (("email", query.email), ("phone", query.phone)) if value is not None}
    if query.custom is not None:
        asked[f"custom_fields[{query.custom.definition.name}]"] = query.custom.value
    return asked


def _by_name(kind: str, name: str) -> dict[str, JSON]:
    """Return the filter for a name; that of a person is in two parts."""
    if kind in ("company", "deal"):
        return {"name": name}
    first, _, last = name.rpartition(" ")
    return {"first_name": first, "last_name": last} if first else {"last_name": last}


def _record(kind: str, data: JSON) -> Record:
    found: Record = decode(crosswalks()[kind], data).value
    return found


def _resource(kind: str) -> str:
    if kind not in RESOURCES:
        raise UsageError(f"there is no kind {kind!r}; there are {', '.join(RESOURCES)}")
    return RESOURCES[kind]


# --- upsert ----------------------------------------------------------------------------------------------------------


def upsert(request: UpsertRequest) -> Planned:
    """Plan an upsert, which Base has for all its records."""
    encoded = encode(crosswalks()["upsert-request"], request)
    calls = to_calls(crosswalks()["upsert-request"], encoded.wire, {})
    return Planned(_upsert(request, calls[0]), calls, encoded.losses)


def _upsert(request: UpsertRequest, call: Call) -> Flow[UpsertResult]:
    reply = yield call
    kinds = {Lead: "lead", Contact: "contact", Company: "company", Deal: "deal"}
    with answered("base", reply):
        record = _record(kinds[request.record.__class__], reply.body["data"])
    if record.id is None:
        raise OutcomeUnknownError("base", status=reply.status, code="incomplete")
    # The status tells [3p]; anything else than the two leaves it open.
    if reply.status == _CREATED:
        return UpsertResult(outcome="created", record=record)
    return UpsertResult(outcome="updated" if reply.status == _UPDATED else "unknown", record=record)


# --- what the account has --------------------------------------------------------------------------------------------


def choices(kind: str) -> Flow[tuple[Choice, ...]]:
    """Return all things of one kind that the account's records can point to."""
    if kind not in CHOICES:
        raise UsageError(f"Base has no {kind!r} to choose from; there are {', '.join(CHOICES)}")
    path, asked = CHOICES[kind]
    return tuple((yield from items(f"list_{kind}", path, asked, functools.partial(choice, kind))))


OPERATIONS: Final = Operations(
    converted=converted,
    learn=learn,
    wanted=always,
    find_conversion=find_conversion,
    conversions=conversions,
    preview=preview,
    get=get,
    search=search,
    upsert=upsert,
    delete=delete,
    choices=choices,
    choice_kinds=tuple(CHOICES),
    definitions=definitions,
    every=every,
    kinds=KINDS,
    unlisted=UNLISTED,
    create_note=create_note,
    notes_of=notes_of,
    create=create,
    update=update,
    composed={"preview": "Base has no preview: these are the records under the lead's e-mail address and company name"},
)
