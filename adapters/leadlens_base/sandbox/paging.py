"""Query parameters, pages and their envelope (…/sales-crm/requests, …/responses, …/resources/lead-conversions)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

import attrs

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_base.sandbox.dress import answer, invalid_param
from leadlens_base.sandbox.values import LARGEST_ID

Reader: TypeAlias = Callable[[str], Any]
"""Returns what the text of a parameter means; raises ValueError for a text that it cannot have."""


@attrs.frozen
class Page:
    """The records of one page, and links to others by name."""

    records: Sequence[Record]
    links: Mapping[str, str]


def whole(low: int, high: int) -> Reader:
    """Read a whole number within bounds."""

    def read(given: str) -> int:
        if not re.fullmatch("[0-9]{1,19}", given) or not low <= int(given) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(given)

    return read


an_id: Final = whole(1, LARGEST_ID)


def words(given: str) -> str:
    """Read a text: any."""
    return given


def flag(given: str) -> bool:
    """Read ``true`` or ``false``."""
    if given not in {"true", "false"}:
        raise ValueError("true or false")
    return given == "true"


def one_of(*options: str) -> Reader:
    """Read one of some texts."""

    def read(given: str) -> str:
        if given not in options:
            raise ValueError(f"one of {', '.join(options)}")
        return given

    return read


def ids(given: str) -> frozenset[int]:
    """Read ids with commas between them."""
    return frozenset(an_id(part) for part in given.split(","))


def order(*keys: str) -> Reader:
    """Read ``key``, ``key:asc`` or ``key:desc``."""

    def read(given: str) -> tuple[str, bool]:
        key, colon, way = given.partition(":")
        if key not in keys or (colon and way not in {"asc", "desc"}):
            raise ValueError(f"one of {', '.join(keys)}, and :asc or :desc")
        return key, way == "desc"

    return read


PAGE: Final[Mapping[str, Reader]] = {"page": whole(1, LARGEST_ID), "per_page": whole(1, 100)}


def asked(world: World, request: Request, known: Mapping[str, Reader]) -> dict[str, Any]:
    """Return what the query says; refuses keys that the call does not take, repeated ones and values that do not fit.

    A known name that ends with ``[]`` stands for any one name in brackets: ``custom_fields[Region]``.
    """
    found: dict[str, Any] = {}
    for name, value in request.query:
        head, bracket, rest = name.partition("[")
        reader = known.get(name) or (known.get(f"{head}[]") if bracket and rest.endswith("]") else None)
        if reader is None or name.endswith("[]"):
            raise invalid_param(world, name, "unknown parameter")
        if name in found:
            raise invalid_param(world, name, "given twice")
        try:
            found[name] = reader(value)
        except ValueError as error:
            raise invalid_param(world, name, f"it takes {error}") from None
    return found


def page_of(world: World, request: Request, records: Iterable[Record], found: Mapping[str, Any]) -> Page:
    """Return the page that was asked for, in the order that was asked for; no more is read than it needs."""
    if "sort_by" in found:
        records = _sorted(records, *found["sort_by"])
    page, size = found.get("page", 1), found.get("per_page", 25)
    here = list(itertools.islice(records, min((page - 1) * size, LARGEST_ID), min(page * size + 1, LARGEST_ID)))
    links = {"prev_page": link(world, request, page=page - 1)} if page > 1 else {}
    if len(here) > size:
        links["next_page"] = link(world, request, page=page + 1)
    return Page(here[:size], links)


def _sorted(records: Iterable[Record], key: str, downwards: bool) -> list[Record]:  # as it was read
    """Sort by an attribute; null comes last both ways [?], equals in the order of their ids."""
    every = list(records)
    known = sorted((record for record in every if record[key] is not None), key=lambda r: r[key], reverse=downwards)
    return known + [record for record in every if record[key] is None]


def link(world: World, request: Request, **changed: Any) -> str:
    """Return the address of the same call with some parameters changed."""
    query = {name: value for name, value in request.query if name not in {"page", "cursor"}}
    return f"{world.url}{request.path}?{urlencode({**query, **changed})}"


def collection(world: World, page: Page, kind: str) -> Reply:
    """Return a page in its envelope, each record in its own."""
    return envelope(world, [{"data": record, "meta": {"type": kind}} for record in page.records], page.links)


def envelope(world: World, items: list[dict[str, Any]], links: Mapping[str, str]) -> Reply:
    """Return the envelope of a collection; ``count`` is that of the page, as in the published sample."""
    return answer(world, 200, {"items": items, "meta": {"type": "collection", "count": len(items), "links": links}})


def shown(world: World, kind: str, record: Record, status: int = 200) -> Reply:
    """Return one record in its envelope."""
    return answer(world, status, {"data": record, "meta": {"type": kind}})
