"""How records are found in Pipedrive: searched by one term, and compared again here with all that was asked.

A lead is found by its person's name, e-mail address and telephone number, and by its own custom fields.
"""

from __future__ import annotations

from typing import Any, Final

from leadlens.errors import NotFoundError, UsageError
from leadlens.flow import Flow
from leadlens.model import JSON, PersonName, Record
from leadlens.operations import Item, Page, Query, removal
from leadlens_pipedrive.asking import (
    RESOURCES,
    Wire,
    all_leads,
    by_ids,
    checked,
    leads_from,
    moment,
    one,
    page,
    record,
    resource,
    whole,
    with_lead,
)

_TERMS: Final = {
    "lead": {"name": "name", "email": "email", "phone": "phone", "custom": "custom_fields"},
    "contact": {"name": "name", "email": "email", "phone": "phone", "custom": "custom_fields"},
    "company": {"name": "name", "custom": "custom_fields"},
    "deal": {"name": "title", "custom": "custom_fields"},
}


def get(kind: str, identity: str) -> Flow[Record]:
    """Return one record."""
    wire = yield from one(kind, identity, with_lead(kind))
    if kind == "lead":
        (wire,) = yield from whole([wire])
    return record(kind, wire)


def delete(kind: str, identity: str) -> Flow[None]:
    """Take one record away."""
    yield removal(kind, f"{resource(kind)}/{checked(kind, identity)}")


def search(kind: str, query: Query, place: str | None) -> Flow[Page]:
    """Return a page of records."""
    resource(kind)
    if query.converted:
        if kind == "lead" and query.ids:
            return Page(())  # a converted lead is taken away
        raise UsageError("Pipedrive shows no leads that were converted; list the conversions")
    wires, following = yield from _wires(kind, query, place)
    found = [record(kind, wire) for wire in wires]
    return Page(tuple(one for one in found if meets(one, query)), following)


def _wires(kind: str, query: Query, place: str | None) -> Flow[tuple[list[Wire], str | None]]:
    term = _term(kind, query)
    if query.ids:
        return (yield from _by_ids(kind, query.ids)), None
    if term is None:
        return (yield from _list(kind, query, place))
    asked: dict[str, JSON] = {"term": term[0], "fields": term[1], "exact_match": "true"}
    if kind == "lead" and term[1] != "custom_fields":
        return (yield from _leads_of_persons(asked, place))
    where = "leads" if kind == "lead" else RESOURCES[kind]
    items, following = yield from page(f"search_{kind}", f"/api/v2/{where}/search", asked, place)
    return (yield from _by_ids(kind, tuple(str(item["id"]) for item in items))), following


def _term(kind: str, query: Query) -> tuple[str, str] | None:
    given: dict[str, Any] = {"email": query.email, "phone": query.phone, "name": query.name}
    if query.custom is not None:
        given["custom"] = str(query.custom.value)
    for name, value in given.items():
        if value is not None:
            if name not in _TERMS[kind]:
                raise UsageError(f"Pipedrive cannot search a {kind} by {name}")
            return value, _TERMS[kind][name]
    return None


def _by_ids(kind: str, ids: tuple[str, ...]) -> Flow[list[Wire]]:
    """Return the records with these ids, as far as they are there; leads are asked for one by one."""
    if kind != "lead":
        found = yield from by_ids(kind, (int(checked(kind, identity)) for identity in ids))
        return list(found.values())
    wires: list[Wire] = []
    for identity in ids:
        try:
            wires.append((yield from one("lead", identity)))
        except NotFoundError:
            continue
    return (yield from whole(wires))


def _list(kind: str, query: Query, place: str | None) -> Flow[tuple[list[Wire], str | None]]:
    if kind == "lead":
        wires, following = yield from leads_from(place, {})
        return (yield from whole(wires)), following
    since = query.modified_since
    asked = {} if since is None else {"updated_since": moment(since)}
    return (yield from page(f"list_{kind}", resource(kind), {**asked, **with_lead(kind)}, place))


def _leads_of_persons(asked: dict[str, JSON], place: str | None) -> Flow[tuple[list[Wire], str | None]]:
    items, following = yield from page("search_contact", "/api/v2/persons/search", asked, place)
    wires: list[Wire] = []
    for item in items:
        wires += yield from all_leads({"person_id": item["id"]})
    return (yield from whole(wires)), following


def meets(found: Any, query: Query) -> bool:
    """Tell whether a record is what was asked for: Pipedrive's searches know neither case nor one custom field."""
    name = found.name.display if isinstance(found.name, PersonName) else found.name
    mails = {mail.address.casefold() for mail in getattr(found, "emails", ()) if mail.address}
    phones = {phone.number for phone in getattr(found, "phones", ())}
    custom = {field.definition.id: field.value for field in found.custom_fields}
    wanted = query.custom
    return (
        (not query.ids or found.id in query.ids)
        and query.name in (None, name)
        and (query.email is None or query.email.casefold() in mails)
        and (query.phone is None or query.phone in phones)
        and (wanted is None or (wanted.definition.id in custom and custom[wanted.definition.id] == wanted.value))
        and (query.modified_since is None or found.modified_at is None or found.modified_at >= query.modified_since)
    )


def listed(kind: str, place: str | None) -> Flow[Page]:
    """Return a page of all records of a kind, each as Pipedrive has it and as leadlens reads it."""
    wires, following = yield from _list(kind, Query(), place)
    return Page(tuple(Item(str(wire["id"]), wire, record(kind, wire)) for wire in wires), following)
