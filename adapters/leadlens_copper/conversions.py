"""Copper's conversions: what a reply tells, what became of a lead, all of them, and what there is to convert into.

Copper has no list of conversions. A converted lead is found by a search with ``include_converted_leads`` and by that
alone (leads/list-leads-search.html); people and opportunities remember the leads that they come from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from leadlens._compile import decode
from leadlens.conversion import Conversion, ConversionOptions, NoRecord, Outcome, Present
from leadlens.errors import AmbiguousMatchError, NotFoundError, OutcomeUnknownError
from leadlens.flow import Call, Flow, Reply
from leadlens.model import Company, Contact, ConvertedTo, Deal, Lead, Ref
from leadlens.operations import ConversionQuery, Ids, Page, Query, answered
from leadlens_copper.crosswalks import DateOrder, crosswalks
from leadlens_copper.reading import (
    every,
    exactly,
    fetch_by_email,
    get,
    get_if_there,
    incomplete,
    number,
    searched,
)

_PAGE: Final = 100
"""How many conversions a page has: each search behind it is then one call."""
_WITH_CONVERTED: Final = {"include_converted_leads": True}

# --- what a reply to a convert tells ---------------------------------------------------------------------------------


def converted(order: DateOrder | None, reply: Reply, lead_id: str) -> Conversion:
    """Return the conversion of a reply. Without a person it is none: candidates of a fuzzy match, or something new."""
    with answered("copper", reply):
        made: Conversion = decode(crosswalks(order)["convert-reply"], reply.body).value
    others = (outcome for outcome in (made.company, made.deal) if not isinstance(outcome, NoRecord))
    if not isinstance(made.contact, Present) or any(outcome.id is None for outcome in (made.contact, *others)):
        raise incomplete(reply)
    return attrs.evolve(made, lead_id=lead_id, converted_at=_when(made.contact.record, lead_id))


def learn(call: Call, reply: Reply) -> Ids:
    """Hold that an opportunity that was asked for is in the reply, with its id; there are no further ids to learn."""
    if call.step == "convert" and _asks_opportunity(call):
        made = reply.body.get("opportunity") if isinstance(reply.body, dict) else None
        if not isinstance(made, dict) or made.get("id") is None:
            raise incomplete(reply)
    return {}


def _asks_opportunity(call: Call) -> bool:
    details = call.body.get("details") if isinstance(call.body, dict) else None
    return isinstance(details, dict) and details.get("opportunity") is not None


def _when(record: Any, lead_id: str) -> dt.datetime | None:
    """Return when a lead became this record, as the record remembers it."""
    return next((come.converted_at for come in record.converted_from if come.lead_id == lead_id), None)


def _times(record: Any, lead_id: str) -> int:
    return sum(come.lead_id == lead_id for come in record.converted_from)


# --- what became of a lead -------------------------------------------------------------------------------------------


def find_conversion(order: DateOrder | None, lead_id: str) -> Flow[Conversion | None]:
    """Return the conversion of a lead, or None when it has none.

    The witnesses are the search, which may be behind, and the lead itself, which is presumably gone after its
    conversion [?]. Where only one of them speaks of a conversion, the contact has to remember the lead too; raises
    :class:`OutcomeUnknownError` where it does not, and :class:`NotFoundError` for a lead that no witness knows.
    """
    lead_id = str(number(lead_id))
    told = yield from _told(order, lead_id)
    there = yield from get_if_there(order, "lead", lead_id)
    assert there is None or isinstance(there, Lead)
    into = _into(told) or _into(there)
    if into is None:
        if there is not None:
            return None
        return (yield from _remembered(order, lead_id, told))
    contact = yield from _contact(order, into)
    if not _agree(told, there) and (contact is None or not _times(contact, lead_id)):
        raise _contradiction()
    if contact is not None and _times(contact, lead_id) > 1:
        raise AmbiguousMatchError("copper", status=200, code="several conversions", candidates=(contact.id or "",))
    deal = yield from _deal(order, into)
    return _conversion(lead_id, into, contact, deal)


def _told(order: DateOrder | None, lead_id: str) -> Flow[Lead | None]:
    """Return the lead as the search knows it, converted or not."""
    asked = {"ids": [number(lead_id)], **_WITH_CONVERTED}
    reply, found, _ = yield from searched(order, "lead", asked, None)
    if len(found) > 1 or any(lead.id != lead_id for lead in found):
        raise incomplete(reply, "another record")
    lead: Any = found[0] if found else None
    told: Lead | None = lead
    return told


def _into(lead: Lead | None) -> ConvertedTo | None:
    return None if lead is None else lead.converted_to


def _agree(told: Lead | None, there: Lead | None) -> bool:
    """Tell whether both witnesses speak of a conversion, and of the same one; a lead that is gone speaks of one."""
    search, lead = _into(told), _into(there)
    if search is None or (there is not None and lead is None):
        return False
    return lead is None or (search.contact, search.deal) == (lead.contact, lead.deal)


def _contradiction() -> OutcomeUnknownError:
    return OutcomeUnknownError("copper", status=200, code="contradiction")


def _contact(order: DateOrder | None, into: ConvertedTo) -> Flow[Contact | None]:
    if into.contact is None or into.contact.id is None:
        raise _contradiction()
    found: Any = yield from get_if_there(order, "contact", into.contact.id)
    contact: Contact | None = found
    return contact


def _deal(order: DateOrder | None, into: ConvertedTo) -> Flow[Deal | None]:
    if into.deal is None or into.deal.id is None:
        return None
    found: Any = yield from get_if_there(order, "deal", into.deal.id)
    deal: Deal | None = found
    return deal


def _conversion(lead_id: str, into: ConvertedTo, contact: Contact | None, deal: Deal | None) -> Conversion:
    """Return the conversion that a lead tells of, with the records as they are now (None: gone, or never made).

    The lead does not tell the company. The deal has the conversion's, as in the published sample; without a deal it is
    the contact's, which may be another one if the contact was there before [?].
    """
    belongs = deal if deal is not None else contact
    return Conversion(
        lead_id=lead_id,
        contact=NoRecord() if into.contact is None else Present(record=contact or Contact(id=into.contact.id)),
        company=_company(None if belongs is None else belongs.company),
        deal=NoRecord() if into.deal is None else Present(record=deal or Deal(id=into.deal.id)),
        converted_at=into.converted_at,
    )


def _company(company: Ref | None) -> Outcome:
    if company is None or company.id is None:
        return NoRecord()
    return Present(record=Company(id=company.id, name=company.name))


# --- a lead that is gone, and that no search knows as converted ------------------------------------------------------


def _remembered(order: DateOrder | None, lead_id: str, told: Lead | None) -> Flow[Conversion]:
    """Return the conversion of a lead that is gone, from the contact and the deal that remember it.

    Raises :class:`NotFoundError` when nobody has ever heard of the lead: it never was, or it was made and converted
    within the lag of the search. A search that is behind may lack the deal as well, so that without one the outcome
    stays unknown.
    """
    contact = yield from _who_remembers(order, lead_id, told)
    if contact is None:
        if told is None:
            raise NotFoundError("copper", status=404, code="no such lead")
        raise _contradiction()
    found = yield from every(order, "deal", {"primary_contact_ids": [number(contact.id or "")]})
    deals = [deal for deal in found if isinstance(deal, Deal) and _times(deal, lead_id)]
    if not deals:
        raise OutcomeUnknownError("copper", status=200, code="search_behind")
    if len(deals) > 1 or _times(contact, lead_id) > 1:
        several = tuple(deal.id or "" for deal in deals)
        raise AmbiguousMatchError("copper", status=200, code="several conversions", candidates=several)
    into = ConvertedTo(contact=Ref(contact.id), deal=Ref(deals[0].id), converted_at=_when(contact, lead_id))
    return _conversion(lead_id, into, contact, deals[0])


def _who_remembers(order: DateOrder | None, lead_id: str, told: Lead | None) -> Flow[Contact | None]:
    """Return the contact that a lead became: by its e-mail address, else among the last changed [?]."""
    if told is not None and told.emails and told.emails[0].address:
        contact = yield from fetch_by_email(order, told.emails[0].address)
        if contact is not None and _times(contact, lead_id):
            return contact
    newest = {"sort_by": "date_modified", "sort_direction": "desc"}
    _, found, _ = yield from searched(order, "contact", newest, None)
    return next((contact for contact in found if isinstance(contact, Contact) and _times(contact, lead_id)), None)


# --- all conversions -------------------------------------------------------------------------------------------------


def conversions(order: DateOrder | None, query: ConversionQuery, place: str | None) -> Flow[Page]:
    """Return a page of conversions, newest first.

    Nothing says that Copper's search can sort by the time of conversion, and it cannot leave out the others: so all
    leads are read once, 200 a call, and ``place`` holds the ids of the leads that are still to be told.
    """
    ids = place.split(",") if place else (yield from _converted_leads(order, query))
    leads = yield from _by_id(order, "lead", ids[:_PAGE], _WITH_CONVERTED)
    became = {lead_id: into for lead_id in ids[:_PAGE] if (into := _into(leads.get(lead_id))) is not None}
    people = yield from _by_id(order, "contact", _ids(into.contact for into in became.values()), {})
    deals = yield from _by_id(order, "deal", _ids(into.deal for into in became.values()), {})
    made = []
    for lead_id, into in became.items():
        contact = people.get(_id(into.contact)) or (yield from _contact(order, into))
        deal = deals.get(_id(into.deal)) or (yield from _deal(order, into))
        made.append(_conversion(lead_id, into, contact, deal))
    items = tuple(each for each in made if query.company_id in (None, each.company.id))
    total = None if place or query.company_id is not None else len(ids)
    return Page(items, ",".join(ids[_PAGE:]) or None, total)


def _id(ref: Ref | None) -> str:
    return "" if ref is None else ref.id or ""


def _ids(refs: Iterable[Ref | None]) -> list[str]:
    return sorted({_id(ref) for ref in refs} - {""})


def _converted_leads(order: DateOrder | None, query: ConversionQuery) -> Flow[list[str]]:
    """Return the ids of the converted leads that a query may mean, the last converted first."""
    known = yield from _known_leads(order, query)
    if known is None:
        leads = yield from every(order, "lead", {**_WITH_CONVERTED, "sort_by": "date_created"})
    else:
        leads = list((yield from _by_id(order, "lead", known, _WITH_CONVERTED)).values())
    found = {}
    for lead in leads:
        into = lead.converted_to if isinstance(lead, Lead) else None
        if into is not None and _means(query, into):
            found[lead.id or ""] = (into.converted_at or _NEVER, int(lead.id or 0))
    return sorted(found, key=found.__getitem__, reverse=True)


_NEVER: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


def _means(query: ConversionQuery, into: ConvertedTo) -> bool:
    return (
        query.contact_id in (None, _id(into.contact))
        and query.deal_id in (None, _id(into.deal))
        and (query.since is None or into.converted_at is None or into.converted_at >= query.since)
    )


def _known_leads(order: DateOrder | None, query: ConversionQuery) -> Flow[list[str] | None]:
    """Return the leads that the records of a query remember, or None when it names no record."""
    if query.lead_id is not None:
        return [query.lead_id]
    records: list[Any] | None = None
    if query.contact_id is not None:
        records = [(yield from get_if_there(order, "contact", query.contact_id))]
    elif query.deal_id is not None:
        records = [(yield from get_if_there(order, "deal", query.deal_id))]
    elif query.company_id is not None:
        records = yield from every(order, "contact", {"company_ids": [number(query.company_id)]})
    if records is None:
        return None
    return [come.lead_id for record in records if record is not None for come in record.converted_from]


def _by_id(order: DateOrder | None, kind: str, ids: list[str], more: Mapping[str, Any]) -> Flow[dict[str, Any]]:
    """Return records by their ids; those that are gone are missing."""
    if not ids:
        return {}
    found = yield from every(order, kind, {"ids": [number(identity) for identity in ids], **more})
    return {record.id: record for record in found if record.id in ids}


# --- what there is to convert into -----------------------------------------------------------------------------------


def preview(order: DateOrder | None, lead_id: str) -> Flow[ConversionOptions]:
    """Return the contact that has the lead's e-mail address, and the companies of exactly its company's name."""
    lead = yield from get(order, "lead", lead_id)
    assert isinstance(lead, Lead)
    contact: Contact | None = None
    companies: tuple[Any, ...] = ()
    if lead.emails and lead.emails[0].address:
        contact = yield from fetch_by_email(order, lead.emails[0].address)
    if lead.company_name:
        companies = yield from exactly(order, "company", Query(name=lead.company_name))
    return ConversionOptions(contacts=() if contact is None else (contact,), companies=companies)
