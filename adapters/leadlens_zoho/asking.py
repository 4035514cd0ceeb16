"""How Zoho is asked for records: addresses, the fields of a list, and where its next page is.

Sources: zoho.com/crm/developer/docs/api/{v2 … v8}/get-records.html and search-records.html. From v3 on a list shows
the fields that are named only, at most 50 a call; a search shows all. A page holds 200 records; pages are counted up to
2,000 records, then a token leads on. No page tells how many records there are in all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import attrs

from leadlens._compile import decode
from leadlens.crosswalk import Field
from leadlens.errors import UsageError
from leadlens.flow import Flow, Reply
from leadlens.model import JSON, Record
from leadlens.operations import answered, read
from leadlens_zoho.crosswalks import crosswalks
from leadlens_zoho.versions import Version, since

MODULES: Final[Mapping[str, str]] = {"lead": "Leads", "contact": "Contacts", "company": "Accounts", "deal": "Deals"}
PAGE: Final = 200
REACH: Final = 2_000
"""How far counted pages reach, in records."""
FIELDS: Final = 50
"""How many fields a call can name."""
IDS: Final = 100
"""How many ids a call can name."""
_MARKS: Final = ("$converted", "$converted_detail")


def module(kind: str) -> str:
    """Return Zoho's name for a kind of records."""
    if kind not in MODULES:
        raise UsageError(f"there is no kind {kind!r}; there are {', '.join(MODULES)}")
    return MODULES[kind]


def checked(identity: str) -> str:
    """Return an id; raises :class:`UsageError` for what cannot be one in Zoho."""
    if not isinstance(identity, str) or not re.fullmatch("[1-9][0-9]*", identity):
        raise UsageError("an id of Zoho's is a whole number, given as a text of digits")
    return identity


def record(kind: str, wire: JSON) -> Record:
    """Return the neutral record of one of Zoho's."""
    found: Record = decode(crosswalks()[kind], wire).value
    return found


def rows(reply: Reply, key: str = "data") -> list[Any]:
    """Return what a reply lists; 204 lists nothing."""
    if reply.body is None:
        return []
    found = reply.body[key]
    if not isinstance(found, list):
        raise TypeError
    return found


# --- pages -----------------------------------------------------------------------------------------------------------


@attrs.frozen
class Place:
    """Where a page is: its number or its token, and the fields that the list names (none: all)."""

    page: int = 1
    token: str | None = None
    fields: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Place:
        """Return the place that a page named as its ``next``; raises :class:`UsageError` for any other text."""
        given = dict(parse_qsl(text))
        number, named = given.get("page", ""), tuple(filter(None, given.get("fields", "").split(",")))
        if not (number.isascii() and number.isdigit()):
            raise UsageError("place is what the page before named as its next")
        return cls(int(number), given.get("token"), named)

    @property
    def text(self) -> str:
        """The place as a text."""
        token = {} if self.token is None else {"token": self.token}
        return urlencode({"page": self.page, **token, "fields": ",".join(self.fields)})

    @property
    def query(self) -> dict[str, JSON]:
        """What the call for this page says about it."""
        return {"page": self.page} if self.token is None else {"page_token": self.token}

    def after(self, reply: Reply, size: int = PAGE) -> str | None:
        """Return the place of the page after the one of a reply, None at the end.

        Where no token leads on beyond the counted pages, Zoho itself refuses the next one: nothing ends unsaid.
        """
        info = {} if reply.body is None else reply.body.get("info") or {}
        if not info.get("more_records"):
            return None
        token = info.get("next_page_token") if self.page * size >= REACH else None
        return Place(self.page + 1, token, self.fields).text


def named_fields(version: Version, kind: str) -> Flow[tuple[str, ...]]:
    """Return the fields that a list of records has to name: those that leadlens reads, and the account's own.

    Up to v2.1 a list shows all fields by itself.
    """
    if not since(version, "v3"):
        return ()
    found = yield from fields_of(version, module(kind))
    marks = _MARKS if kind == "lead" else ()
    return (*(name for name, own in found.items() if own or name in _read_keys(kind)), *marks)


def fields_of(version: Version, name: str) -> Flow[dict[str, bool]]:
    """Return the fields of a module by their API names, and whether each is the account's own."""
    reply = yield read("list_fields", "GET", f"/crm/{version}/settings/fields", query={"module": name})
    with answered("zoho", reply):
        return {field["api_name"]: field.get("custom_field") is True for field in rows(reply, "fields")}


def _read_keys(kind: str) -> set[str]:
    """Return the keys of a record that leadlens reads into something."""
    return {key for row in crosswalks()[kind].rows if isinstance(row, Field) for key in row.wire}


def listed(
    version: Version, kind: str, place: Place, asked: Mapping[str, JSON], size: int = PAGE
) -> Flow[tuple[list[Any], str | None]]:
    """Return the records of one page of a list, as Zoho writes them, and the place of the next page.

    More fields than a call can name are asked for in further calls, by the ids that the first one brought.
    """
    path = f"/crm/{version}/{module(kind)}"
    first, *more = list(_parts(place.fields, FIELDS)) or [()]
    reply = yield read(f"list_{kind}", "GET", path, query={**asked, **_fields(first), **place.query, "per_page": size})
    with answered("zoho", reply):
        found = {wire["id"]: wire for wire in rows(reply)}
        following = place.after(reply, size)
    for names in more:
        for ids in _parts(tuple(found), IDS):
            also = {**asked, **_fields(names), "ids": ",".join(ids), "page": 1, "per_page": PAGE}
            reply = yield read(f"list_{kind}", "GET", path, query=also)
            with answered("zoho", reply):
                for wire in rows(reply):
                    found[wire["id"]] = {**found.get(wire["id"], {}), **wire}
    return list(found.values()), following


def _parts(several: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    return (several[at : at + size] for at in range(0, len(several), size))


def _fields(names: tuple[str, ...]) -> dict[str, JSON]:
    return {"fields": ",".join(names)} if names else {}
