"""Reads lists of Base's page by page (page requests: ``per_page`` up to 100, then ``meta.links.next_page``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from leadlens.flow import Flow
from leadlens.model import JSON
from leadlens.operations import answered, read

PAGE: Final = 100
_Item = TypeVar("_Item")


def next_page(place: str | None, path: str, asked: dict[str, JSON]) -> tuple[str, dict[str, JSON]]:
    """Return where a page is: the first, or the one that the last page's ``next_page`` names."""
    if place is None:
        return path, asked
    return path, dict(parse_qsl(urlsplit(place).query, keep_blank_values=True))


def items(
    name: str, path: str, asked: Mapping[str, JSON], made: Callable[[Mapping[str, Any]], _Item]
) -> Flow[list[_Item]]:
    """Return what is made of the data of each item of a list, of all its pages."""
    found: list[_Item] = []
    place: str | None = None
    while True:
        at, query = next_page(place, path, {**asked, "per_page": PAGE})
        reply = yield read(name, "GET", at, query=query)
        with answered("base", reply):
            found += [made(item["data"]) for item in reply.body["items"]]
            place = reply.body["meta"].get("links", {}).get("next_page")
        if place is None:
            return found
