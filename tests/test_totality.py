"""Nothing of a vendor's record is overlooked and nothing is made up: the crosswalks' keys against the contracts'.

A path is a tuple of keys; ``[]`` stands for the items of a list. What a codec reads as a whole (an object, a list of
tags) is described by the codec's schema: its properties count as claimed, and its ``patternProperties`` name what is
left out, each with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import attrs
import pytest
from tests import contracts

from leadlens import registry
from leadlens.crosswalk import (
    READ,
    CallTemplate,
    Case,
    Crosswalk,
    Field,
    Ignored,
    Row,
    Variant,
    join_path,
    parse_path,
    row_wire,
)
from leadlens.model import JSON

Path: TypeAlias = tuple[str, ...]
ITEMS = "[]"
ZOHO = ("v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8")
VENDORS = ("copper", *(f"zoho@{version}" for version in ZOHO), "base")
RECORDS = {
    "copper": {"lead": "Lead", "contact": "Person", "company": "Company", "deal": "Opportunity"},
    "zoho": {"lead": "Lead", "contact": "Contact", "company": "Account", "deal": "Deal"},
    "base": {"lead": "Lead", "contact": "Contact", "company": "Contact", "deal": "Deal"},
}
REPLIES: dict[str, dict[str, tuple[str, Path]]] = {
    "copper": {"convert-reply": ("ConvertReply", ()), "upsert-reply": ("UpsertReply", ())},
    "zoho": {
        "convert-reply": ("ConvertSuccess", ("data", ITEMS)),
        "upsert-reply": ("UpsertSuccess", ("data", ITEMS)),
        "conversion-options": ("ConversionOptions", ()),
    },
    "base": {
        "convert-reply": ("ConvertReply", ()),
        "upsert-reply": ("UpsertReply", ()),
        "conversion-list": ("ConversionList", ()),
    },
}
"""The schema of a successful reply, and where in the reply it stands."""


# --- what a contract knows -------------------------------------------------------------------------------------------


@attrs.frozen
class Keys:
    """Every key path of a schema, the objects that take further keys, and the keys that it only names."""

    paths: frozenset[Path]
    free: frozenset[Path]
    left_out: frozenset[Path]


def keys_of(file: str, schema: JSON, root: Path = ()) -> Keys:
    found = list(_walk(file, schema, root))
    return Keys(*(frozenset(path for path, what in found if what == kind) for kind in ("key", "free", "left out")))


def _walk(file: str, schema: JSON, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield key paths, those of objects whose keys are the account's own, and those that are named and not read."""
    if not isinstance(schema, dict):
        return
    if schema.get("x-open") or isinstance(schema.get("additionalProperties"), dict):
        yield path, "free"
    for name, inner in schema.get("properties", {}).items():
        if inner is not False:
            yield (*path, name), "key"
            yield from _walk(file, inner, (*path, name))
    for pattern in (pattern for pattern, told in schema.get("patternProperties", {}).items() if told is not True):
        yield from (((*path, name), "left out") for name in pattern.strip("^()$").split("|"))
    for part in (part for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word, ())):
        yield from _walk(file, part, path)
    if "items" in schema:
        yield from _walk(file, schema["items"], (*path, ITEMS))
    if "$ref" in schema:
        yield from _walk(*contracts._follow(file, schema["$ref"]), path)


def known(vendor: str, name: str, root: Path = ()) -> Keys:
    """Return the keys of a named schema of a contract."""
    plain, _, version = vendor.partition("@")
    file = contracts.file_of(plain, version or None)
    if name not in contracts.document(file)["components"]["schemas"]:
        file = f"{plain}/common.json"
    return keys_of(file, contracts.document(file)["components"]["schemas"][name], root)


# --- what a crosswalk claims -----------------------------------------------------------------------------------------


@attrs.frozen
class Claims:
    """Every key path that rows claim, and those of them below which nothing is read, each with its reason."""

    paths: frozenset[Path]
    left_out: frozenset[Path]


def claims_of(rows: Iterable[Row], *, written: bool = False) -> Claims:
    """Return what rows claim; with ``written`` only what a client writes."""
    found = list(_claims(rows, "", (), written))
    return Claims(frozenset(p for p, _ in found), frozenset(p for p, left_out in found if left_out))


def _claims(rows: Iterable[Row], base: str, root: Path, written: bool) -> Iterator[tuple[Path, bool]]:
    for row in rows:
        if isinstance(row, Variant):
            for arm in row.cases:
                here = join_path(base, row.wire)
                guards = (name for key in arm.guards for name in ((key,) if isinstance(key, str) else key))
                yield from ((p, False) for name in guards for p in _prefixes(root, _spelled(join_path(here, name))))
                yield from _claims(arm.rows, here, root, written)
        elif not written or _is_written(row):
            silent = _only_read(row) if written and isinstance(row, Field) else set()
            keys = [join_path(base, key) for key in row_wire(row) if key not in silent]
            yield from ((p, False) for key in keys for p in _prefixes(root, _spelled(key)))
            yield from (((*root, *_spelled(key)), True) for key in keys if isinstance(row, Ignored))
            yield from _inside(row, base, root, written) if isinstance(row, Field) else ()


def _is_written(row: Row) -> bool:
    return not isinstance(row, Ignored) and getattr(row, "access", "both") != READ


def _only_read(row: Field) -> set[str]:
    """Return the keys that a client does not write: those for people, and other spellings that are read."""
    schemas = row.codec.schema if isinstance(row.codec.schema, tuple) else (row.codec.schema,)
    nulls = {key for key, schema in zip(row.wire, schemas, strict=True) if schema == {"type": "null"}}
    return nulls | set(row.echo)


def _spelled(text: str) -> Path:
    return tuple(ITEMS if isinstance(part, int) else part for part in parse_path(text))


def _prefixes(root: Path, path: Path) -> Iterator[Path]:
    yield from ((*root, *path[:size]) for size in range(1, len(path) + 1) if path[size - 1] != ITEMS)


def _inside(row: Field, base: str, root: Path, written: bool) -> Iterator[tuple[Path, bool]]:
    """Yield the key paths inside a value: a nested record's rows, or what the codec says that it reads."""
    schemas = row.codec.schema if isinstance(row.codec.schema, tuple) else (row.codec.schema,)
    for key, schema in zip(row.wire, schemas, strict=True):
        place = (*root, *_spelled(join_path(base, key)))
        if row.codec.record is not None:
            place = (*place, ITEMS) if row.codec.shape == "each" else place
            yield from _claims(row.codec.record.rows, "", place, written)
            continue
        inner = keys_of("", schema, place)
        yield from ((path, False) for path in inner.paths)
        yield from ((path, True) for path in inner.left_out if not written)


# --- the comparison --------------------------------------------------------------------------------------------------


def overlooked(claims: Claims, contract: Keys) -> set[str]:
    """Return the keys of a contract that no row claims."""
    return {shown(p) for p in contract.paths - claims.paths if not _below(p, claims.left_out | contract.free)}


def invented(claims: Claims, contract: Keys) -> set[str]:
    """Return the keys that rows claim and that the contract does not have."""
    return {shown(p) for p in claims.paths - contract.paths if not _below(p, contract.free)}


def _below(path: Path, tops: frozenset[Path]) -> bool:
    return any(path[:size] in tops for size in range(len(path)))


def shown(path: Path) -> str:
    return ".".join(path).replace(f".{ITEMS}", ITEMS)


def crosswalk(vendor: str, kind: str) -> Crosswalk:
    return registry.get(vendor).crosswalk(kind)


def contract_name(vendor: str) -> str:
    return vendor.partition("@")[0]


EVERY_RECORD = [(vendor, kind) for vendor in VENDORS for kind in RECORDS[contract_name(vendor)]]
EVERY_REPLY = [
    (vendor, kind)
    for vendor in VENDORS
    for kind in REPLIES[contract_name(vendor)]
    if kind in registry.get(vendor).crosswalks
]


@pytest.mark.parametrize(("vendor", "kind"), EVERY_RECORD)
def test_records_are_read_in_full(vendor: str, kind: str) -> None:
    """Every documented key of a record, nested ones too, has a row, and no row reads a key that is not documented."""
    contract = known(vendor, RECORDS[contract_name(vendor)][kind])
    claims = claims_of(crosswalk(vendor, kind).rows)
    assert overlooked(claims, contract) == set()
    assert invented(claims, contract) == set()


@pytest.mark.parametrize(("vendor", "kind"), EVERY_REPLY)
def test_replies_are_read_in_full(vendor: str, kind: str) -> None:
    """Every documented key of a successful reply has a row, and no row reads a key that is not documented."""
    name, place = REPLIES[contract_name(vendor)][kind]
    contract = known(vendor, name, place)
    claims = claims_of(crosswalk(vendor, kind).rows)
    assert overlooked(claims, contract) == set()
    assert invented(claims, contract) == {shown(place[:1])} - {""}


def test_conversion_options_exist_where_zoho_has_them() -> None:
    """Zoho has conversion options from v5 on, and so has its adapter."""
    assert [v for v in ZOHO if "conversion-options" in registry.get(f"zoho@{v}").crosswalks] == list(ZOHO[4:])


# --- requests --------------------------------------------------------------------------------------------------------


@attrs.frozen
class Sent:
    """One call of a request as one case of it makes it: its path with sample ids, and the rows that write it."""

    call: CallTemplate
    path: str
    rows: tuple[Row, ...]


def sent(request: Crosswalk) -> Iterator[Sent]:
    """Yield the calls of a request; one per case where the path tells the cases apart."""
    for call in request.calls:
        for arm in _told_by_path(request, call):
            rows = [row for row in request.rows if not isinstance(row, Variant) or arm is None]
            given = _given(call, arm)
            path = re.sub(r"\{(\w+)\}", lambda m, given=given: given.get(m[1], "5"), call.path)  # type: ignore[misc]  # a default cannot be typed
            yield Sent(call, path, (*rows, *(arm.rows if arm is not None else ())))


def _told_by_path(request: Crosswalk, call: CallTemplate) -> list[Case | None]:
    arms = [arm for row in request.rows if isinstance(row, Variant) for arm in row.cases if _given(call, arm)]
    return [*arms] or [None]


def _given(call: CallTemplate, arm: Case | None) -> dict[str, str]:
    prefix = f"{call.name}.path."
    guards = arm.guards.items() if arm is not None else ()
    return {str(k).removeprefix(prefix): str(v) for k, v in guards if str(k).startswith(prefix)}


def part_of(claims: Claims, call: CallTemplate, part: str) -> Claims:
    """Return what is claimed in one part of one call."""
    paths = {p[2:] for p in claims.paths if p[:2] == (call.name, part) and len(p) > 2}
    return Claims(frozenset(paths), frozenset(p[2:] for p in claims.left_out if p[:2] == (call.name, part)))


def route_of(vendor: str, one: Sent) -> contracts.Route:
    version = vendor.partition("@")[2] or None
    route = contracts.find_route(contract_name(vendor), one.call.method, one.path, version)
    assert isinstance(route, contracts.Route), route
    return route


def query_keys(vendor: str, kind: str, call: CallTemplate) -> set[str]:
    """Return the query keys that a call knows, for whatever record it is about."""
    routes = [route_of(vendor, one) for one in sent(crosswalk(vendor, kind)) if one.call is call]
    return {p["name"] for route in routes for p in route.parameters if p["in"] == "query"}


def body_keys(vendor: str, one: Sent) -> Keys:
    route = route_of(vendor, one)
    body: dict[str, Any] = route.operation.get("requestBody", {"content": {"": {"schema": {}}}})
    return keys_of(route.file, next(iter(body["content"].values()))["schema"])


EVERY_REQUEST = [
    pytest.param(vendor, kind, one, id=f"{vendor} {one.call.name} {one.call.method} {one.path} {place}")
    for vendor in VENDORS
    for kind in ("convert-request", "upsert-request")
    for place, one in enumerate(sent(crosswalk(vendor, kind)))
]


@pytest.mark.parametrize(("vendor", "kind", "one"), EVERY_REQUEST)
def test_requests_are_written_with_known_keys(vendor: str, kind: str, one: Sent) -> None:
    """No call has a path, a query key or a body key that the vendor does not document."""
    claims = claims_of(one.rows, written=True)
    query = {p[0].partition("[")[0] for p in part_of(claims, one.call, "query").paths}
    assert query <= query_keys(vendor, kind, one.call)
    assert invented(part_of(claims, one.call, "body"), body_keys(vendor, one)) == set()


@pytest.mark.parametrize(("vendor", "kind", "one"), EVERY_REQUEST)
def test_main_requests_are_read_in_full(vendor: str, kind: str, one: Sent) -> None:
    """Every documented key of the body of a convert or an upsert has a row."""
    if one.call.step in ("convert", "upsert"):
        claims = part_of(claims_of(one.rows), one.call, "body")
        assert overlooked(claims, body_keys(vendor, one)) == set()
