"""How records are read and found in Zoho (…/docs/api/v8/get-records.html, search-records.html).

What is found is compared again here: Zoho compares without regard to case, and looks up e-mail addresses and numbers in
more fields than leadlens does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from leadlens.errors import InvalidRequestError, NotFoundError, UsageError
from leadlens.flow import Flow
from leadlens.model import JSON, PersonName, Record
from leadlens.operations import Page, Query, answered, read, removal
from leadlens_zoho.asking import IDS, PAGE, Place, checked, listed, module, named_fields, record, rows
from leadlens_zoho.versions import Version

_NAMES: Final[Mapping[str, str]] = {
    "lead": "Full_Name", "contact": "Full_Name", "company": "Account_Name", "deal": "Deal_Name",
}  # fmt: skip
_EMAILS: Final[Mapping[str, tuple[str, ...]]] = dict.fromkeys(("lead", "contact"), ("Email", "Secondary_Email"))
_PHONES: Final[Mapping[str, tuple[str, ...]]] = {
    "lead": ("Phone", "Mobile", "Fax"),
    "contact": ("Phone", "Mobile", "Fax", "Home_Phone", "Other_Phone", "Asst_Phone"),
    "company": ("Phone", "Fax"),
}


def get(version: Version, kind: str, identity: str) -> Flow[Record]:
    """Return one record; a lead too that was converted, which Zoho shows on request only [third-party]."""
    path = f"/crm/{version}/{module(kind)}/{checked(identity)}"
    reply = yield read(f"get_{kind}", "GET", path)
    if reply.body is None and kind == "lead":
        reply = yield read(f"get_{kind}", "GET", path, query={"converted": "true"})
    with answered("zoho", reply):
        for wire in rows(reply):
            if wire["id"] == identity:
                return record(kind, wire)
    raise NotFoundError("zoho", status=reply.status, code="no such record")


def delete(version: Version, kind: str, identity: str) -> Flow[None]:
    """Take one record away ("Delete records", v2 to v8, where INVALID_DATA speaks of the id: nothing else is said)."""
    try:
        yield removal(kind, f"/crm/{version}/{module(kind)}/{checked(identity)}")
    except InvalidRequestError as error:
        if error.code != "INVALID_DATA":
            raise
        told = NotFoundError("zoho", status=error.status, code=error.code, path=error.path, request_id=error.request_id)
        raise told from None


def search(version: Version, kind: str, query: Query, place: str | None) -> Flow[Page]:
    """Return a page of records: by ids and all of them from the list, by anything else from the search.

    The search shows the first 2,000 records that it finds, and knows a change a little later than the list.
    """
    at = Place() if place is None else Place.of(place)
    asked, ids = _converted(kind, query), tuple(map(checked, query.ids))
    if ids or not _criteria(kind, query):
        return (yield from _list(version, kind, query, at, asked))
    asked = {**asked, "criteria": _criteria(kind, query), **at.query, "per_page": PAGE}
    reply = yield read(f"search_{kind}", "GET", f"/crm/{version}/{module(kind)}/search", query=asked)
    with answered("zoho", reply):
        found = [record(kind, wire) for wire in rows(reply)]
        return Page(tuple(one for one in found if _meets(one, query)), at.after(reply))


def _converted(kind: str, query: Query) -> dict[str, JSON]:
    if query.converted is None:
        return {}
    if kind != "lead":
        raise UsageError("converted is asked of leads only")
    return {"converted": "true" if query.converted else "false"}


def _list(version: Version, kind: str, query: Query, at: Place, asked: dict[str, JSON]) -> Flow[Page]:
    """Return a page of a list; the ids of a query are asked for by the hundred."""
    if not at.fields:
        fields = yield from named_fields(version, kind)
        at = Place(at.page, at.token, fields)
    if query.ids:
        first = (at.page - 1) * IDS
        some = query.ids[first : first + IDS]
        alone = Place(fields=at.fields)
        wires, _ = yield from listed(version, kind, alone, {**asked, "ids": ",".join(some)})
        following = Place(at.page + 1, None, at.fields).text if first + IDS < len(query.ids) else None
    else:
        order = {} if query.modified_since is None else {"sort_by": "Modified_Time", "sort_order": "desc"}
        wires, following = yield from listed(version, kind, at, {**asked, **order})
    found = [record(kind, wire) for wire in wires]
    if not query.ids and any(_is_older(one, query) for one in found):
        following = None
    return Page(tuple(one for one in found if _meets(one, query)), following)


# --- conditions ------------------------------------------------------------------------------------------------------


def _criteria(kind: str, query: Query) -> str:
    """Return the conditions of a query in Zoho's words, empty for none."""
    parts = list(_conditions(kind, query))
    return parts[0] if len(parts) == 1 else f"({'and'.join(parts)})" if parts else ""


def _conditions(kind: str, query: Query) -> Iterator[str]:
    if query.name is not None:
        yield _equals(_NAMES[kind], query.name)
    if query.email is not None:
        yield _any_of(_fields_of(_EMAILS, kind, "e-mail address"), query.email)
    if query.phone is not None:
        yield _any_of(_fields_of(_PHONES, kind, "telephone number"), query.phone)
    if query.custom is not None:
        name = query.custom.definition.name
        if not name:
            raise UsageError("Zoho knows a custom field by its API name: CustomField(definition=Ref(name=…))")
        yield _equals(name, _plain(query.custom.value))


def _fields_of(table: Mapping[str, tuple[str, ...]], kind: str, what: str) -> tuple[str, ...]:
    if kind not in table:
        raise UsageError(f"a {kind} has no {what} in Zoho")
    return table[kind]


def _any_of(names: tuple[str, ...], value: str) -> str:
    return f"({'or'.join(_equals(name, value) for name in names)})"


def _equals(name: str, value: str) -> str:
    return f"({name}:equals:" + re.sub(r"([(),\\])", r"\\\1", value) + ")"


def _plain(value: JSON) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_older(found: Record, query: Query) -> bool:
    since = query.modified_since
    return since is not None and found.modified_at is not None and found.modified_at < since


def _meets(found: Any, query: Query) -> bool:
    """Compare a record with the conditions; a custom field was compared by Zoho unless ids were asked for."""
    if _is_older(found, query):
        return False
    if query.name is not None and query.name != _display(found):
        return False
    if query.email is not None and query.email.lower() not in {(e.address or "").lower() for e in found.emails}:
        return False
    if query.phone is not None and query.phone not in {phone.number for phone in found.phones}:
        return False
    return query.custom is None or not query.ids or query.custom in found.custom_fields


def _display(found: Any) -> str | None:
    return found.name.display if isinstance(found.name, PersonName) else found.name
