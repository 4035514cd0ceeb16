"""How records are written in Pipedrive: one by one, by a search before, and a lead with what it points to.

Pipedrive has no upsert and no idempotency key. Whatever a lead points to is looked for before it is made, so that
writing a lead once more does not make a second person or organization.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens._compile import encode
from leadlens.conversion import UpsertRequest, UpsertResult
from leadlens.errors import AmbiguousMatchError, OutcomeUnknownError
from leadlens.exchange import to_calls
from leadlens.flow import Call, Flow
from leadlens.loss import Loss
from leadlens.model import Company, Contact, Deal, Lead, Record
from leadlens.operations import Page, Planned, Query, answered, match_queries
from leadlens_pipedrive.asking import LEADS, Wire, checked, every, one, record, resource, whole
from leadlens_pipedrive.crosswalks import crosswalks
from leadlens_pipedrive.finding import search

KIND_OF: Final[Mapping[type, str]] = {Lead: "lead", Contact: "contact", Company: "company", Deal: "deal"}
_SEVERAL: Final = "several match"


def create(made: Record) -> Planned:
    """Plan a new record; nothing is looked for but what a lead points to."""
    kind, (calls, _) = KIND_OF[made.__class__], _calls(UpsertRequest(record=made))
    return Planned(_created(kind, calls), calls, encode(crosswalks()[kind], made).losses)


def update(identity: str, changed: Record) -> Planned:
    """Plan to write what a record says onto the one that has this id; what it does not say stays."""
    kind, (calls, _) = KIND_OF[changed.__class__], _calls(UpsertRequest(record=changed))
    return Planned(_updated(kind, checked(kind, identity), calls), calls, encode(crosswalks()[kind], changed).losses)


def upsert(request: UpsertRequest) -> Planned:
    """Plan a search and what is written after it: the one record that matches, or a new one."""
    calls, losses = _calls(request)
    return Planned(_upserted(request, calls), calls, losses)


def _calls(request: UpsertRequest) -> tuple[tuple[Call, ...], tuple[Loss, ...]]:
    encoded = encode(crosswalks()["upsert-request"], request)
    calls = to_calls(crosswalks()["upsert-request"], encoded.wire, {})
    return tuple(call for call in calls if call.step != "read" or request.match), encoded.losses


def _upserted(request: UpsertRequest, calls: tuple[Call, ...]) -> Flow[UpsertResult]:
    kind = KIND_OF[request.record.__class__]
    for key, query in zip(request.match, match_queries(request), strict=False):
        found = yield from _all(kind, query)
        if len(found) > 1:
            ids = tuple(one.id or "" for one in found)
            raise AmbiguousMatchError("pipedrive", status=200, code=_SEVERAL, candidates=ids)
        if found:
            done: UpsertResult = yield from _updated(kind, found[0].id or "", calls)
            return UpsertResult(outcome="updated", record=done.record, matched_by=key.field)
    return (yield from _created(kind, calls))


def _all(kind: str, query: Query) -> Flow[list[Record]]:
    found: list[Record] = []
    place: str | None = None
    while True:
        page: Page = yield from search(kind, query, place)
        found += page.items
        place = page.next
        if place is None:
            return found


# --- persons, organizations and deals --------------------------------------------------------------------------------


def _body(calls: tuple[Call, ...], name: str = "upsert") -> Wire:
    return next((dict(call.body) for call in calls if call.name == name), {})


def _created(kind: str, calls: tuple[Call, ...]) -> Flow[UpsertResult]:
    body = {key: value for key, value in _body(calls).items() if value is not None}
    if kind == "lead":
        return (yield from _created_lead(body, calls))
    wire = yield from _write("create", "upsert", "POST", resource(kind), body)
    return _result(kind, wire, "created")


def _updated(kind: str, identity: str, calls: tuple[Call, ...]) -> Flow[UpsertResult]:
    if kind == "lead":
        return (yield from _updated_lead(identity, calls))
    wire = yield from _write("update", "after", "PATCH", f"{resource(kind)}/{identity}", _body(calls))
    return _result(kind, wire, "updated")


def _write(name: str, step: Any, method: str, path: str, body: Wire) -> Flow[Wire]:
    """Send one write and return the record that it tells."""
    reply = yield Call(name, step, method, path, {}, body, "write the record")
    with answered("pipedrive", reply):
        wire: Wire = reply.body["data"]
        if wire["id"]:
            return wire
    raise OutcomeUnknownError("pipedrive", status=reply.status, code="incomplete")


def _result(kind: str, wire: Wire, outcome: Any) -> UpsertResult:
    return UpsertResult(outcome=outcome, record=record(kind, wire))


# --- leads -----------------------------------------------------------------------------------------------------------


def _created_lead(body: Wire, calls: tuple[Call, ...]) -> Flow[UpsertResult]:
    person, firm = _body(calls, "person"), _body(calls, "organization")
    links = yield from _linked(person, firm)
    title = body.get("title") or firm.get("name") or _named(person)
    wire = yield from _write("create", "upsert", "POST", LEADS, {**body, "title": title, **links})
    (wire,) = yield from whole([wire])
    return _result("lead", wire, "created")


def _updated_lead(identity: str, calls: tuple[Call, ...]) -> Flow[UpsertResult]:
    """Change a lead and its person; another company name is another organization, and not a new name of that one."""
    there = yield from one("lead", identity)
    person, firm, body = _body(calls, "person"), _body(calls, "organization"), _body(calls)
    if person and there.get("person_id") is not None:
        yield from _write("person", "before", "PATCH", f"/api/v2/persons/{there['person_id']}", person)
        person = {}
    links = yield from _linked(person, firm)
    change = {**{key: value for key, value in body.items() if not key.endswith("_id") or key == "owner_id"}, **links}
    wire = there if not change else (yield from _write("update", "after", "PATCH", f"{LEADS}/{identity}", change))
    (wire,) = yield from whole([wire])
    return _result("lead", wire, "updated")


def _linked(person: Wire, firm: Wire) -> Flow[Wire]:
    """Return the ids of the person and the organization, each found or made."""
    links: Wire = {}
    if firm:
        links["organization_id"] = yield from _organization(firm)
    if person:
        links["person_id"] = yield from _person(person, links.get("organization_id"))
    return links


def _organization(firm: Wire) -> Flow[int]:
    """Return the organization of exactly this name, or a new one."""
    found = yield from _hits("organizations", "name", firm["name"])
    named = [item for item in found if item.get("name") == firm["name"]]
    if named:
        return _only(named)
    wire = yield from _write("organization", "before", "POST", "/api/v2/organizations", firm)
    made: int = wire["id"]
    return made


def _person(person: Wire, firm: int | None) -> Flow[int]:
    """Return the person of this name and e-mail address; one without an address is known by the name alone."""
    name, mails = _named(person) or "", [mail["value"] for mail in person.get("emails", ())]
    found = yield from _hits("persons", *(("email", mails[0]) if mails else ("name", name)))
    same = [item for item in found if item.get("name") == name and (mails or not item.get("emails"))]
    if not same:
        links = {} if firm is None else {"org_id": firm}
        wire = yield from _write("person", "before", "POST", "/api/v2/persons", {**person, "name": name, **links})
        made: int = wire["id"]
        return made
    number = _only(same)
    if any(_lacks(same[0].get(key), person.get(key)) for key in ("emails", "phones")):
        there = yield from one("contact", str(number))
        change = {key: _merged(there.get(key), person.get(key)) for key in ("emails", "phones")}
        yield from _write("person", "before", "PATCH", f"/api/v2/persons/{number}", change)
    return number


def _hits(where: str, field: str, term: str) -> Flow[list[Wire]]:
    """Return the items that a search by one whole term finds."""
    asked = {"term": term, "fields": field, "exact_match": "true"}
    return (yield from every(f"search_{where}", f"/api/v2/{where}/search", asked))


def _lacks(there: Any, wanted: Any) -> bool:
    known = {text.casefold() for text in there or ()}
    return any(entry["value"].casefold() not in known for entry in wanted or ())


def _merged(there: Any, wanted: Any) -> list[Wire]:
    """Return a list with what it lacks."""
    known = {entry["value"].casefold() for entry in there or ()}
    return [*(there or ()), *(entry for entry in wanted or () if entry["value"].casefold() not in known)]


def _named(person: Wire) -> str | None:
    """Return what a person is called: by the e-mail address or telephone number where there is no name."""
    others = [entry["value"] for key in ("emails", "phones") for entry in person.get(key, ())]
    return person.get("name") or next(iter(others), None)


def _only(found: list[Wire]) -> int:
    if len(found) > 1:
        ids = tuple(str(item["id"]) for item in found)
        raise AmbiguousMatchError("pipedrive", status=200, code=_SEVERAL, candidates=ids)
    return int(found[0]["id"])
