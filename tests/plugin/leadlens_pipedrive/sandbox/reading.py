"""Reading what a client sent: the query, the body, what its ids point to, and pages by cursor or by offset."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from leadlens.decoding import loads
from leadlens.emulation.checking import Check, problems
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens.errors import InputError
from leadlens_pipedrive.sandbox.dress import answer, refused

MOST: Final = 500
"""The most records of a page; 100 are usual (core-api-concepts-pagination)."""
KEY: Final = re.compile("[0-9a-f]{40}")
_REFERS: Final = {
    "owner_id": "user", "person_id": "person", "org_id": "organization", "organization_id": "organization",
    "stage_id": "stage", "pipeline_id": "pipeline",
}  # fmt: skip


def body_of(world: World, request: Request, shape: Mapping[str, Check], *, required: Iterable[str] = ()) -> Record:
    """Return the object that a request sends; v2 and the leads refuse unknown keys and values of another type."""
    given: Record = request.json_object() if request.body else {}
    for problem in problems(given, shape, required):
        raise refused(f"Parameter '{problem.key}' is {problem.reason}")
    for key, kind in _REFERS.items():
        if given.get(key) is not None and world.store.get(kind, given[key]) is None:
            raise refused(f"Parameter '{key}' does not name a {kind}")
    return given


def query_of(request: Request, known: Iterable[str]) -> dict[str, str]:
    """Return the query; an unknown parameter is refused, so that no filter is overlooked."""
    found = dict(request.query)
    for name in found:
        if name not in known:
            raise refused(f"Parameter '{name}' is not allowed")
    return found


def whole(found: Mapping[str, str], name: str, usual: int, most: int) -> int:
    """Return a whole number of the query."""
    text = found.get(name, str(usual))
    if not text.isascii() or not text.isdigit() or int(text) > most:
        raise refused(f"Parameter '{name}' must be a number up to {most}")
    return int(text)


def by_cursor(found: Mapping[str, str], records: Iterable[Record], view: Callable[[Record], Any]) -> Reply:
    """Return a page of v2: its cursor is opaque, and null behind the last page."""
    start, size = _at(found.get("cursor")), whole(found, "limit", 100, MOST)
    here = list(itertools.islice(records, start, start + size + 1))
    following = _cursor(start + size) if len(here) > size else None
    return answer([view(record) for record in here[:size]], {"next_cursor": following})


def by_start(found: Mapping[str, str], records: Iterable[Record]) -> Reply:
    """Return a page of v1: from an offset on."""
    start, size = whole(found, "start", 0, 10**9), whole(found, "limit", 100, MOST)
    here: Sequence[Record] = list(itertools.islice(records, start, start + size + 1))
    more = len(here) > size
    told = {
        "start": start,
        "limit": size,
        "more_items_in_collection": more,
        **({"next_start": start + size} if more else {}),
    }
    return answer(list(here[:size]), {"pagination": told})


def _cursor(start: int) -> str:
    return base64.b64encode(b'{"start":%d}' % start).decode()


def _at(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        found = loads(base64.b64decode(cursor, validate=True))["start"]
    except (binascii.Error, ValueError, InputError, KeyError, TypeError):
        found = None
    if not isinstance(found, int) or found < 0:
        raise refused("Parameter 'cursor' is invalid")
    return found
