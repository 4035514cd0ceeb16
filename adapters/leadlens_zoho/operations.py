"""What Zoho can be asked about conversions, call by call (zoho.com/crm/developer/docs/api/{v2 … v8}/convert-lead.html).

``searching`` finds records, ``upserting`` writes them, ``choosing`` tells what the account has.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any, Final

import attrs

from leadlens._compile import decode
from leadlens.codecs import Unfit, iso_offset
from leadlens.conversion import Conversion, ConversionOptions, NoRecord, Outcome, Present
from leadlens.errors import AmbiguousMatchError, OutcomeUnknownError, PendingError, VendorError
from leadlens.flow import Call, Flow, Reply, Wait
from leadlens.model import Company, Contact, ConvertedTo, Deal, Lead, PersonName, Ref
from leadlens.operations import ConversionQuery, Ids, Operations, Page, Query, answered, read
from leadlens_zoho import choosing, defining, listing, noting, searching, upserting, writing
from leadlens_zoho.asking import Place, checked, listed, record, rows
from leadlens_zoho.convert import COMPANY_NAME
from leadlens_zoho.crosswalks import crosswalks
from leadlens_zoho.together import TOGETHER
from leadlens_zoho.versions import LATEST, Version, since

POLLS: Final = 12
POLL_SECONDS: Final = 5.0
"""A job is asked after so often, so many seconds apart: a minute in all."""
_LISTED: Final = ("Last_Name", "Converted_Date_Time", "$converted", "$converted_detail")

_LONG_AGO: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

# --- the calls of a conversion ---------------------------------------------------------------------------------------


def learn(call: Call, reply: Reply) -> Ids:
    """Return the account's id from the calls that find or create it; check that a deal was made if one was asked for.

    Zoho compares names without regard to case: an account of exactly that name comes before others. Raises
    :class:`AmbiguousMatchError` when several have it.
    """
    if call.name == "find_company":
        with answered("zoho", reply):
            return _company_found(COMPANY_NAME.decode(call.query["criteria"], None), reply)
    if call.name == "create_company":
        with answered("zoho", reply):
            return {"company_id": _digits(reply.body["data"][0]["details"]["id"])}
    if call.name == "convert":
        with answered("zoho", reply):
            made = reply.body["data"][0]
            if call.body["data"][0].get("Deals") is not None and not made.get("details", made)["Deals"]:
                raise LookupError
    return {}


def _company_found(name: str, reply: Reply) -> Ids:
    found = rows(reply)
    exact = [account for account in found if account["Account_Name"] == name] or found
    ids = [_digits(account["id"]) for account in exact]
    if len(ids) > 1:
        raise AmbiguousMatchError("zoho", status=reply.status, code="several accounts", candidates=ids)
    return {"company_id": ids[0]} if ids else {}


def _digits(identity: Any) -> str:
    """Return an id that a reply gives; anything else is not what Zoho promises."""
    if isinstance(identity, str) and identity.isascii() and identity.isdigit():
        return identity
    raise TypeError


def wanted(call: Call, ids: Ids) -> bool:
    """Say whether a call is to be sent: an account is created only where none was found."""
    return call.name != "create_company" or "company_id" not in ids


def converted(version: Version, reply: Reply, lead_id: str) -> Conversion:
    """Return the conversion of a reply; it must name a contact, which Zoho always makes or links."""
    with answered("zoho", reply):
        made: Conversion = decode(crosswalks(version)["convert-reply"], reply.body).value
    if made.contact.id is None:
        raise OutcomeUnknownError("zoho", status=reply.status, code="incomplete")
    return attrs.evolve(made, lead_id=lead_id)


def pending(version: Version, accepted: PendingError, lead_id: str) -> Flow[Conversion]:
    """Wait for a conversion that Zoho carries out later [third-party: a 202 with a job].

    The job call is documented for mass conversions (v4 on) and tells counts alone; that it knows the job of a single
    conversion is unknown [?]. So the lead itself decides, and the job says only when waiting is over. Raises
    :class:`OutcomeUnknownError` when a minute was not enough, or when the job ended and the lead is not converted.
    """
    code = "still pending"
    for _ in range(POLLS):
        yield Wait(POLL_SECONDS)
        ended = yield from _job_ended(version, accepted.job_id)
        found = yield from find_conversion(version, lead_id)
        if found is not None:
            return found
        if ended:
            code = "job ended"
            break
    raise OutcomeUnknownError("zoho", status=accepted.status, code=code, job_id=accepted.job_id)


def _job_ended(version: Version, job: str | None) -> Flow[bool]:
    """Return whether a job has surely ended; one that the call does not know or cannot tell of may be under way."""
    if job is None or not since(version, "v4"):
        return False
    try:
        reply = yield read("job", "GET", f"/crm/{version}/Leads/actions/mass_convert", query={"job_id": job})
        with answered("zoho", reply):
            return reply.body["data"][0]["Status"].lower() in {"completed", "failed"}
    except VendorError:
        return False


# --- conversions that happened ---------------------------------------------------------------------------------------


def find_conversion(version: Version, lead_id: str) -> Flow[Conversion | None]:
    """Return the conversion of a lead.

    Two witnesses: the lead itself, asked for with ``converted=true`` [third-party for single leads], and the list of
    converted leads, where that parameter is documented.
    """
    path, flag = f"/crm/{version}/Leads", {"converted": "true"}
    reply = yield read("find_conversion", "GET", f"{path}/{checked(lead_id)}", query=flag)
    with answered("zoho", reply):
        made = _made(rows(reply), lead_id)
    if made is not None:
        return made
    named = {"fields": ",".join(_LISTED)} if since(version, "v3") else {}
    reply = yield read("find_conversion", "GET", path, query={**flag, "ids": lead_id, **named})
    with answered("zoho", reply):
        return _made(rows(reply), lead_id)


def _made(leads: list[Any], lead_id: str) -> Conversion | None:
    """Return the conversion of the lead that has this id, if it is there and converted."""
    return next((conversion(lead) for lead in leads if lead["id"] == lead_id), None)


def conversion(wire: Any) -> Conversion | None:
    """Return the conversion that a lead tells of; None for one that is not converted.

    Raises :class:`OutcomeUnknownError` for a lead that says that it was converted and nothing more.
    """
    lead = record("lead", wire)
    assert isinstance(lead, Lead)
    into = lead.converted_to
    if into is None:
        return None
    if into == ConvertedTo():
        raise OutcomeUnknownError("zoho", status=200, code="converted into what")
    return Conversion(
        lead_id=lead.id,
        contact=NoRecord() if into.contact is None else Present(record=_contact(into.contact)),
        company=_outcome(Company, into.company),
        deal=_outcome(Deal, into.deal),
        converted_at=_moment(wire, into),
        converted_by=into.converted_by,
    )


def _moment(wire: Any, into: ConvertedTo) -> dt.datetime | None:
    """Return when a lead was converted, if that is told to the second.

    ``convert_date`` is seen as a mere date [third-party], of an unknown time zone: that is no moment to compare with.
    """
    if wire.get("Converted_Date_Time") is not None:
        try:
            moment: dt.datetime = iso_offset.decode(wire["Converted_Date_Time"])
        except Unfit:
            raise TypeError from None
        return moment
    told = (wire.get("$converted_detail") or {}).get("convert_date") or ""
    return into.converted_at if "T" in told else None


def _contact(ref: Ref) -> Contact:
    return Contact(id=ref.id, name=None if ref.name is None else PersonName(full=ref.name))


def _outcome(kind: type[Company | Deal], ref: Ref | None) -> Outcome:
    return NoRecord() if ref is None else Present(record=kind(id=ref.id, name=ref.name))


def conversions(version: Version, query: ConversionQuery, place: str | None) -> Flow[Page]:
    """Return a page of conversions, the newest of the page first.

    Zoho sorts leads by their last change; whether a conversion is one is unknown [?], so ``since`` ends no list early.
    It has no filter for when a lead was converted and into what: that is compared here.
    """
    if query.lead_id is not None:
        made = yield from find_conversion(version, query.lead_id)
        return Page(() if made is None or not _meets(made, query) else (made,))
    named = _LISTED if since(version, "v3") else ()
    at = Place(fields=named) if place is None else Place.of(place)
    asked = {"converted": "true", "sort_by": "Modified_Time", "sort_order": "desc"}
    wires, following = yield from listed(version, "lead", at, asked)
    found: list[Conversion] = []
    for wire in wires:
        made = yield from _told(version, wire)
        if made is not None and _meets(made, query):
            found.append(made)
    found.sort(key=lambda made: made.converted_at or _LONG_AGO, reverse=True)
    return Page(tuple(found), following)


def _told(version: Version, wire: Any) -> Flow[Conversion | None]:
    """Return a listed lead's conversion; where the list does not say into what, the lead is asked itself."""
    with answered("zoho", Reply(200)):
        if wire.get("$converted_detail"):
            return conversion(wire)
    return (yield from find_conversion(version, wire["id"]))


def _meets(made: Conversion, query: ConversionQuery) -> bool:
    asked = ((query.contact_id, made.contact), (query.company_id, made.company), (query.deal_id, made.deal))
    if any(identity is not None and identity != outcome.id for identity, outcome in asked):
        return False
    return query.since is None or made.converted_at is None or made.converted_at >= query.since


# --- preview ---------------------------------------------------------------------------------------------------------


def preview(version: Version, lead_id: str) -> Flow[ConversionOptions]:
    """Return what Zoho finds to convert a lead into; before v5 what is there under its e-mail and company name."""
    if not since(version, "v5"):
        return (yield from _composed_preview(version, lead_id))
    path = f"/crm/{version}/Leads/{checked(lead_id)}/__conversion_options"
    reply = yield read("preview", "GET", path)
    if reply.body is None:
        return ConversionOptions()
    with answered("zoho", reply):
        found: ConversionOptions = decode(crosswalks(version)["conversion-options"], reply.body).value
    return found


def _composed_preview(version: Version, lead_id: str) -> Flow[ConversionOptions]:
    lead = yield from searching.get(version, "lead", lead_id)
    assert isinstance(lead, Lead)
    contacts: tuple[Any, ...] = ()
    companies: tuple[Any, ...] = ()
    if lead.emails and lead.emails[0].address:
        contacts = (yield from searching.search(version, "contact", Query(email=lead.emails[0].address), None)).items
    if lead.company_name:
        companies = (yield from searching.search(version, "company", Query(name=lead.company_name), None)).items
    return ConversionOptions(contacts=contacts, companies=companies)


# --- all of them -----------------------------------------------------------------------------------------------------

_COMPOSED: Final = {
    "conversions": "Zoho has no list of conversions: these are its converted leads, those last changed first"
}
_OLD_PREVIEW: Final = {
    "preview": "Zoho has a preview from v5 on: these are the records under the lead's e-mail address and company name"
}


@functools.cache
def operations(version: Version = LATEST) -> Operations:
    """Return what Zoho can be asked at one version of its API."""
    at = functools.partial
    return Operations(
        converted=at(converted, version),
        learn=learn,
        wanted=wanted,
        pending=at(pending, version),
        find_conversion=at(find_conversion, version),
        conversions=at(conversions, version),
        preview=at(preview, version),
        get=at(searching.get, version),
        search=at(searching.search, version),
        upsert=at(upserting.upsert, version),
        batch=at(upserting.batch, version),
        together=TOGETHER,
        delete=at(searching.delete, version),
        create=at(writing.create, version),
        update=at(writing.update, version),
        choices=at(choosing.choices, version),
        choice_kinds=choosing.KINDS,
        definitions=at(defining.definitions, version),
        every=at(listing.every, version),
        kinds=listing.kinds(version),
        unlisted=listing.unlisted(version),
        create_note=at(noting.create_note, version),
        notes_of=at(noting.notes_of, version),
        define=at(defining.define, version),
        offer=at(defining.offer, version),
        composed=_COMPOSED if since(version, "v5") else {**_COMPOSED, **_OLD_PREVIEW},
    )
