"""An exchange: the calls of one request ↔ the wire object that a crosswalk of calls reads and writes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

from leadlens.crosswalk import CallTemplate, Crosswalk, parse_path, row_wire
from leadlens.errors import InputError
from leadlens.flow import Call
from leadlens.model import JSON

_PARAMETER = re.compile(r"\{(\w+)\}")
_PARTS = frozenset(("name", "step", "method", "path", "query", "body", "why", "when"))


def main_call(crosswalk: Crosswalk) -> CallTemplate:
    """Return the call that does what the request is named after."""
    return next(call for call in crosswalk.calls if call.step in ("convert", "upsert"))


# --- wire → calls ----------------------------------------------------------------------------------------------------


def to_calls(crosswalk: Crosswalk, wire: Mapping[str, Any], known: Mapping[str, str | None]) -> tuple[Call, ...]:
    """Return the calls that an encoded request stands for, in the order in which they are sent.

    ``known`` holds path parameters that the wire does not repeat (``lead_id``). What is still unknown stands as
    ``{deal_id}``.
    """
    return tuple(_render(call, wire[call.name], known) for call in crosswalk.calls if call.name in wire)


def _render(call: CallTemplate, said: Mapping[str, Any], known: Mapping[str, str | None]) -> Call:
    parameters = {name: value for name, value in {**known, **said.get("path", {})}.items() if value is not None}
    path = _PARAMETER.sub(lambda m: _quoted(str(parameters.get(m[1], m[0]))), call.path)
    return Call(call.name, call.step, call.method, path, said.get("query", {}), said.get("body"), call.why, call.when)


def _quoted(value: str) -> str:
    """Return a path parameter as it stands in a path; ids are plain, so the library is seldom needed."""
    if value.isalnum() and value.isascii():
        return value
    from urllib.parse import quote

    return quote(value, safe="{}")


# --- calls → wire ----------------------------------------------------------------------------------------------------


def from_payload(crosswalk: Crosswalk, payload: JSON) -> dict[str, Any]:
    """Return the wire object of a request given as a bare body, as one request, or as a list of calls.

    Raises :class:`InputError` when the payload is none of these, when no call of this request has such a path, or when
    the call that the request is named after is missing.
    """
    if payload.__class__ is not dict:
        raise InputError("$", "an object: a request body, a request, or calls")
    main = main_call(crosswalk)
    if "calls" in payload:
        wire, at = _from_calls(crosswalk, payload["calls"], "$.calls"), "$.calls"
    elif "method" in payload and "path" in payload:
        call, said = _match(crosswalk, payload, "$")
        wire, at = {call.name: said}, "$.path"
    else:
        given = {"path": dict(main.given)} if main.given else {}
        wire, at = {main.name: {**given, "body": payload}}, "$"
    if main.name not in wire:
        raise InputError(at, f"{main.method} {main.path}")
    _check_one_record(main, wire[main.name].get("body"))
    return wire


def _check_one_record(main: CallTemplate, body: Any) -> None:
    """Refuse a list that stands for one record and holds none."""
    for path in main.always:
        parts = parse_path(path)[1:]
        held, at = body, "$"
        for part, below in itertools.pairwise((*parts, None)):
            held, at = held.get(part) if held.__class__ is dict else None, f"{at}.{part}"
            if below == 0 and held.__class__ is list:
                if not held:
                    raise InputError(at, "a list of one record")
                if held[0].__class__ is not dict:
                    raise InputError(f"{at}[0]", "an object")
                break


def _from_calls(crosswalk: Crosswalk, calls: JSON, at: str) -> dict[str, Any]:
    if calls.__class__ is not list:
        raise InputError(at, "a list of calls")
    wire: dict[str, Any] = {}
    for place, request in enumerate(calls):
        if request.__class__ is not dict:
            raise InputError(f"{at}[{place}]", "an object with method, path and body")
        call, said = _match(crosswalk, request, f"{at}[{place}]")
        if call.name in wire:
            raise InputError(f"{at}[{place}]", f"only one call of this kind ({call.name})")
        wire[call.name] = said
    for place, request in enumerate(calls):
        _check_agreement(crosswalk, wire, request["path"], f"{at}[{place}].path")
    return wire


def _check_agreement(crosswalk: Crosswalk, wire: Mapping[str, Any], path: str, at: str) -> None:
    """Refuse calls about different records: a path parameter must be what another call says under that name."""
    for call in crosswalk.calls:
        for name, value in (_parameters(call, path) or {}).items():
            for claim in _claims(crosswalk):
                said = _look(wire, claim) if claim.split(".")[-1] == name else None
                if said is not None and str(said) != value:
                    raise InputError(at, f"the {name} of the other calls")


def _look(wire: Any, path: str) -> Any:
    for key in path.split("."):
        wire = wire.get(key) if wire.__class__ is dict else None
    return wire


def _match(crosswalk: Crosswalk, request: Mapping[str, Any], at: str) -> tuple[CallTemplate, dict[str, Any]]:
    """Return the template that a request fits, and what the request says beyond it."""
    method, path = request.get("method"), request.get("path")
    if method.__class__ is not str or path.__class__ is not str:
        raise InputError(f"{at}.path", "a method and a path, both as text")
    candidates = [c for c in crosswalk.calls if c.method == method.upper() and _parameters(c, path) is not None]
    named = [c for c in candidates if c.name == request.get("name")]
    if not candidates:
        told = " or ".join(f"{c.method} {c.path}" for c in crosswalk.calls)
        raise InputError(f"{at}.path", told)
    call = (named or candidates)[0]
    return call, _said(crosswalk, call, request, at)


def _parameters(call: CallTemplate, path: str) -> dict[str, str] | None:
    pattern = "".join(
        f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{\w+\})", call.path)
    )
    from urllib.parse import unquote

    found = re.fullmatch(pattern, _split(path)[0])
    return None if found is None else {name: unquote(value) for name, value in found.groupdict().items()}


def _split(path: str) -> tuple[str, dict[str, str]]:
    """Return the path of a path or URL, and its query parameters."""
    from urllib.parse import parse_qsl, urlsplit

    try:
        parts = urlsplit(path)
    except ValueError:
        return "", {}
    return parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))


def _said(crosswalk: Crosswalk, call: CallTemplate, request: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return what a request says beyond its template; what no row reads stands where reading reports it."""
    claims = _claims(crosswalk)
    own = {n: v for n, v in (_parameters(call, request["path"]) or {}).items() if f"{call.name}.path.{n}" in claims}
    said: dict[str, Any] = {"path": own} if own else {}
    said |= {key: value for key, value in request.items() if key not in _PARTS}
    query = request.get("query")
    if query is not None and query.__class__ is not dict:
        raise InputError(f"{at}.query", "an object of query parameters")
    if query := _split(request["path"])[1] | (query or {}):
        read = any(f"{claim}.".startswith(f"{call.name}.query.") for claim in claims)
        said |= {"query": query} if read else {f"query.{key}": value for key, value in query.items()}
    if request.get("body") is not None:
        if not any(claim.startswith(f"{call.name}.body.") for claim in claims):
            raise InputError(f"{at}.body", "no body with this call")
        said["body"] = request["body"]
    return said


def _claims(crosswalk: Crosswalk) -> set[str]:
    return {path for row in crosswalk.rows for path in row_wire(row)}
