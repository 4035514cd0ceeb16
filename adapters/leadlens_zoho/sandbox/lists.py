"""Lists of records: ``GET /Leads`` (zoho.com/crm/developer/docs/api/v8/get-records.html).

``fields`` is mandatory from v3 on. By ``page`` one reaches 2,000 records, then ``page_token`` goes on, which holds for
a day and for the same list only. The codes of a page too far and of a token grown old are not in the contract; the
nearest ones that are stand for them [?].
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from leadlens.decoding import dumps, loads
from leadlens.emulation.clock import iso_offset
from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens.errors import InputError
from leadlens_zoho.sandbox.asking import CRM, allow, choice, fields_asked, major, whole, wrong
from leadlens_zoho.sandbox.dress import refused
from leadlens_zoho.sandbox.making import fields_of
from leadlens_zoho.sandbox.records import SINGULAR
from leadlens_zoho.sandbox.shape import approved_fits, converted_fits, shown

REACH: Final = 2_000
_DAY: Final = 86_400
_SORTS: Final = ("id", "Created_Time", "Modified_Time")


def listed(world: World, request: Request, module: str) -> Reply:
    """Answer one page; 204 when it is empty."""
    token = ("page_token",) if major(request) >= 3 else ()
    lead = ("converted",) if module == "Leads" else ()
    taken = ("fields", "ids", "approved", "page", "per_page", "sort_by", "sort_order")
    allow(request, *taken, *token, *lead, "cvid", "territory_id", "include_child")
    known = fields_of(world, module)
    names = fields_asked(request, known, required=major(request) >= 3)
    by = choice(request, "sort_by", _SORTS, "id")
    order = choice(request, "sort_order", ("asc", "desc"), "desc")
    asked = choice(request, "converted", ("true", "false", "both"), "false" if lead else "both")
    found = [record for record in _chosen(world, request, module) if not lead or converted_fits(record, asked)]
    found.sort(
        key=lambda record: ("" if by == "id" else record.get(by, ""), int(record["id"])), reverse=order == "desc"
    )
    data, info = page(world, request, found)
    if not data:
        return Reply(204)
    more = {**info, "sort_by": by, "sort_order": order}
    return Reply(200, {"data": [shown(module, record, names, known) for record in data], "info": more})


def _chosen(world: World, request: Request, module: str) -> Iterator[Record]:
    given = request.param("ids")
    approved = choice(request, "approved", ("true", "false", "both"), "true")
    wanted = None if given is None else given.split(",")
    if wanted is not None and not all(text.isascii() and text.isdigit() for text in wanted):
        raise wrong("ids")
    for _, record in world.store.iterate(module):
        if (wanted is None or record["id"] in wanted) and approved_fits(record, approved):
            yield record


def page(world: World, request: Request, found: list[Record]) -> tuple[list[Record], dict[str, Any]]:
    """Return the records of the page that is asked for, and what the page says about itself."""
    size = whole(request, "per_page", 200, 200)
    number = whole(request, "page", 1, 10**9)
    given = request.param("page_token")
    if given is not None:
        number = _page_of(world, request, given)
    elif (number - 1) * size >= REACH:
        message = "You can only get the first 2000 records without using page_token"
        raise refused("LIMIT_REACHED", message, unclear="page beyond 2,000 records", limit=REACH)
    start = (number - 1) * size
    data, more = found[start : start + size], len(found) > start + size
    info = {"per_page": size, "count": len(data), "page": number, "more_records": more}
    if major(request) >= 3:
        info |= _tokens(world, request, number, more=more)
    return data, info


def _tokens(world: World, request: Request, number: int, *, more: bool) -> dict[str, Any]:
    """Return the tokens of the pages beside this one."""
    expiry = iso_offset(world.now + _DAY) if more or number > 1 else None
    return {
        "next_page_token": _token(world, request, number + 1) if more else None,
        "previous_page_token": _token(world, request, number - 1) if number > 1 else None,
        "page_token_expiry": expiry,
    }


def _token(world: World, request: Request, number: int) -> str:
    plain = dumps({"page": number, "until": int(world.now) + _DAY, "list": _which(request)})
    return base64.urlsafe_b64encode(plain).decode("ascii").rstrip("=")


def _which(request: Request) -> str:
    """Return a mark of the list: its address and parameters but the page."""
    kept = sorted(pair for pair in request.query if pair[0] not in {"page", "page_token"})
    return hashlib.blake2b(dumps([request.path, kept]), digest_size=8).hexdigest()


def _page_of(world: World, request: Request, given: str) -> int:
    if request.param("page") is not None:
        raise wrong("page", "page and page_token cannot be used together")
    try:
        plain = loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
        number, until, which = int(plain["page"]), plain["until"], plain["list"]
    except (InputError, ValueError, KeyError, TypeError):
        raise _bad_token("the token is none of ours") from None
    if which != _which(request):
        raise _bad_token("the token belongs to another list")
    if world.now > until:
        raise _bad_token("the token has expired")
    return number


def _bad_token(unclear: str) -> Refusal:
    return refused("INVALID_DATA", "invalid data", unclear=unclear, param_name="page_token")


ROUTES = tuple(
    Route("GET", f"{CRM}/{module}", f"list_{name}s", partial(listed, module=module), search=True)
    for module, name in SINGULAR.items()
)
