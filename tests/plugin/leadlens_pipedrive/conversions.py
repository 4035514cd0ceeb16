"""Pipedrive's conversions, call by call: a job that is asked after, and found again by the deal that it made.

A deal tells on request which lead it came from (v2, ``include_fields=source_lead_id``). No call filters by that: while
the lead is there, the deals of its person or organization are looked through, and all deals once it is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.conversion import Conversion, ConversionOptions, Created, NoRecord, Present
from leadlens.errors import (
    AmbiguousMatchError,
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
    PendingError,
)
from leadlens.flow import Call, Flow, Reply, Wait
from leadlens.model import JSON, Company, Contact, Deal
from leadlens.operations import ConversionQuery, Ids, Page, answered, read
from leadlens_pipedrive.asking import Wire, checked, every, moment, one, page, record, with_lead

POLLS: Final = 30
POLL_SECONDS: Final = 2.0
"""A job is asked after so often, so many seconds apart: a minute in all."""
_ID_OF: Final = {"person": "contact_id", "organization": "company_id"}
_OVER: Final = ("failed", "rejected")
_DEALS: Final = "/api/v2/deals"


def converted(reply: Reply, _lead_id: str) -> Conversion:
    """Raise :class:`PendingError` with the job's id: a convert begins a job, and never ends it."""
    with answered("pipedrive", reply):
        job = reply.body["data"]["conversion_id"]
        if isinstance(job, str) and job:
            raise PendingError("pipedrive", status=reply.status, job_id=job)
    raise OutcomeUnknownError("pipedrive", status=reply.status, code="incomplete")


def learn(call: Call, reply: Reply) -> Ids:
    """Return the id from the calls that find or make a person or an organization.

    Pipedrive's search knows no case, so that names are compared here. Raises :class:`AmbiguousMatchError` where
    several have exactly the name.
    """
    verb, _, noun = call.name.partition("_")
    if noun not in _ID_OF:
        return {}
    with answered("pipedrive", reply):
        if verb == "find":
            return _found(_ID_OF[noun], call.query["term"], reply)
        return {_ID_OF[noun]: str(int(reply.body["data"]["id"]))}
    raise AssertionError("answered() raises what it catches")


def _found(name: str, term: JSON, reply: Reply) -> Ids:
    items = [entry["item"] for entry in reply.body["data"]["items"]]
    ids = tuple(str(int(item["id"])) for item in items if item["name"] == term)
    if len(ids) > 1 or (reply.body.get("additional_data") or {}).get("next_cursor") is not None:
        raise AmbiguousMatchError("pipedrive", status=reply.status, code="several match", candidates=ids)
    return {name: ids[0]} if ids else {}


def wanted(call: Call, ids: Ids) -> bool:
    """Say whether a call is to be sent: what a search has found is not made."""
    verb, _, noun = call.name.partition("_")
    return verb != "create" or _ID_OF[noun] not in ids


def pending(accepted: PendingError, lead_id: str) -> Flow[Conversion]:
    """Ask after the job until it is over, and return the conversion.

    Raises :class:`InvalidRequestError`, at the convert's own step, where the job failed or was rejected: it is refused
    then, unless a deal names the lead all the same.
    """
    job = accepted.job_id or ""
    try:
        done = yield from finished(f"/api/v2/leads/{checked('lead', lead_id)}/convert/status/{job}")
    except InvalidRequestError as error:
        if error.code not in _OVER:
            raise
        found = yield from find_conversion(lead_id)
        if found is not None:
            return found
        error.step = "convert"
        raise
    made = yield from one("deal", str(done["deal_id"]), with_lead("deal"))
    return conversion(made, lead_id, job)


def finished(path: str) -> Flow[Wire]:
    """Return what a job made; raises :class:`InvalidRequestError` for one that failed or was rejected."""
    for _ in range(POLLS):
        reply = yield read("conversion_status", "GET", path)
        with answered("pipedrive", reply):
            told: Wire = reply.body["data"]
            state = told["status"]
        if state == "completed":
            return told
        if state in _OVER:
            raise InvalidRequestError("pipedrive", status=reply.status, code=state)
        yield Wait(POLL_SECONDS)
    raise OutcomeUnknownError("pipedrive", status=202, code="still running")


def conversion(deal: Wire, lead_id: str, job: str | None = None) -> Conversion:
    """Return the conversion that a deal tells: what it points to is there, and nothing says since when."""
    made = record("deal", deal)
    assert isinstance(made, Deal)
    person = None if made.contact is None else Present(record=Contact(id=made.contact.id))
    firm = None if made.company is None else Present(record=Company(id=made.company.id))
    return Conversion(
        id=job, lead_id=lead_id, contact=person or NoRecord(), company=firm or NoRecord(), deal=Created(record=made)
    )


# --- looking for one -------------------------------------------------------------------------------------------------


def find_conversion(lead_id: str) -> Flow[Conversion | None]:
    """Return the conversion of a lead, if one of the deals names it."""
    found: list[Wire] = []
    for asked in (yield from _where(checked("lead", lead_id))):
        for path in (_DEALS, f"{_DEALS}/archived"):
            deals = yield from every("search_conversion", path, {**asked, **with_lead("deal")})
            found += [deal for deal in deals if deal.get("source_lead_id") == lead_id]
    ids = tuple(dict.fromkeys(str(deal["id"]) for deal in found))
    if len(ids) > 1:
        raise AmbiguousMatchError("pipedrive", status=200, code="several conversions", candidates=ids)
    return conversion(found[0], lead_id) if found else None


def _where(lead_id: str) -> Flow[list[dict[str, JSON]]]:
    """Return the filters under which the deal of a lead is: all deals where the lead is gone."""
    try:
        lead = yield from one("lead", lead_id)
    except NotFoundError:
        return [{}]
    if lead.get("person_id") is not None:
        return [{"person_id": lead["person_id"]}]
    return [{"org_id": lead["organization_id"]}]


def conversions(query: ConversionQuery, place: str | None) -> Flow[Page]:
    """Return a page of conversions, newest first: the deals that came from a lead."""
    asked = {**_filters(query), **with_lead("deal"), "sort_by": "add_time", "sort_direction": "desc"}
    wires, following = yield from page("conversions", _DEALS, asked, place)
    made = (conversion(wire, wire["source_lead_id"]) for wire in wires if wire.get("source_lead_id"))
    return Page(tuple(one for one in made if _meets(one, query)), following)


def _filters(query: ConversionQuery) -> dict[str, JSON]:
    given = {"person_id": ("contact", query.contact_id), "org_id": ("company", query.company_id)}
    asked: dict[str, JSON] = {key: checked(kind, value) for key, (kind, value) in given.items() if value is not None}
    if query.deal_id is not None:
        asked["ids"] = checked("deal", query.deal_id)
    if query.since is not None:
        asked["updated_since"] = moment(query.since)
    return asked


def _meets(made: Conversion, query: ConversionQuery) -> bool:
    deal = made.deal.record
    assert isinstance(deal, Deal)
    late = query.since is None or deal.created_at is None or deal.created_at >= query.since
    return late and query.lead_id in (None, made.lead_id)


def preview(lead_id: str) -> Flow[ConversionOptions]:
    """Return what the deal would point to: the lead's own person and organization."""
    lead = yield from one("lead", lead_id)
    found: dict[str, tuple[Any, ...]] = {"contact": (), "company": ()}
    for kind, key in (("contact", "person_id"), ("company", "organization_id")):
        if lead.get(key) is not None:
            wire = yield from one(kind, str(lead[key]))
            found[kind] = (record(kind, wire),)
    return ConversionOptions(contacts=found["contact"], companies=found["company"])


# --- the other way ---------------------------------------------------------------------------------------------------


def lead_of(deal_id: str) -> Flow[str]:
    """Turn a deal into a lead, and return the lead's id (``POST /api/v2/deals/{id}/convert/lead``).

    Raises :class:`InvalidRequestError` where Pipedrive's job says that it failed or was rejected.
    """
    path = f"{_DEALS}/{checked('deal', deal_id)}/convert"
    reply = yield Call("convert_deal", "convert", "POST", f"{path}/lead", {}, {}, "turn the deal into a lead")
    with answered("pipedrive", reply):
        job: str = reply.body["data"]["conversion_id"]
    done: Mapping[str, Any] = yield from finished(f"{path}/status/{job}")
    with answered("pipedrive", reply):
        made: str = done["lead_id"]
    return made
