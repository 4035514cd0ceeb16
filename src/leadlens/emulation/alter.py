"""Faults that are a reply: another one in place of the vendor's, or the vendor's own, damaged."""

from __future__ import annotations

import copy
import gzip
import io
from email.utils import formatdate
from typing import Any

import attrs

from leadlens.emulation.faults import EITHER, Fault
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.vendor import Vendor, World

_HTML = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"  # noqa: E501  # what a proxy says


def altered(reply: Reply, fault: Fault, vendor: Vendor, world: World, request: Request) -> Reply:
    """Return the reply as the fault leaves it; faults of the connection leave it as it is."""
    if fault.what in EITHER or fault.what == "202":
        return _after(fault, _instead(fault, vendor, world, request), world.now)
    if fault.what == "truncated":
        return attrs.evolve(reply, raw=_half(reply.payload()))
    if fault.what == "bad_utf8":
        return attrs.evolve(reply, raw=_bad_utf8(reply.payload()))
    if fault.what == "bomb":
        return attrs.evolve(reply, raw=_bomb(fault.size), headers={**reply.headers, "Content-Encoding": "gzip"})
    if fault.what == "missing":
        return attrs.evolve(reply, body=_without(reply.body, fault.key.split(".")))
    return reply


def _instead(fault: Fault, vendor: Vendor, world: World, request: Request) -> Reply:
    dress = vendor.dress
    if fault.what == "401":
        return dress.expired(world, request, "expired")
    if fault.what == "429":
        return dress.too_many(world, request, fault.dress)
    if fault.what == "202":
        return dress.scheduled(world, request, "")
    if fault.what == "502":
        return Reply(502, headers={"Content-Type": "text/html"}, raw=_HTML)
    if fault.what == "redirect":
        return Reply(307, headers={"Location": fault.location})
    return dress.failed(world, request, fault.what)


def _after(fault: Fault, reply: Reply, now: float) -> Reply:
    """Add Retry-After as the plan has it."""
    if fault.retry_after is None:
        return reply
    text = formatdate(now + fault.seconds, usegmt=True) if fault.retry_after == "date" else fault.retry_after
    return reply.with_headers(Retry_After=text)


def _half(payload: bytes) -> bytes:
    return payload[: len(payload) // 2]


def _bad_utf8(payload: bytes) -> bytes:
    """Put a byte that UTF-8 never has into the first text, or at the end."""
    at = payload.find(b'"') + 1
    return payload[:at] + b"\xff" + payload[at:]


def _bomb(size: int) -> bytes:
    """Return ``size`` blanks, compressed about a thousandfold."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        for _ in range(0, size, 1024 * 1024):
            file.write(b" " * 1024 * 1024)
    return out.getvalue()


def _without(body: Any, path: list[str]) -> Any:
    body = copy.deepcopy(body)
    place = body
    for key in path[:-1]:
        place = _inner(place, key)
    if isinstance(place, dict):
        place.pop(path[-1], None)
    return body


def _inner(place: Any, key: str) -> Any:
    if isinstance(place, list):
        return place[int(key)] if key.isdigit() and int(key) < len(place) else None
    return place.get(key) if isinstance(place, dict) else None
