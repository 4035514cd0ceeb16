"""Validators over the vendors' contracts in specs/. For tests only: nothing reads specs/ at run time."""

from __future__ import annotations

import itertools
import json
import posixpath
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SPECS: Final = Path(__file__).resolve().parent.parent / "specs"
_BASE: Final = "https://specs.invalid/"
_METHODS: Final = ("get", "put", "post", "delete", "patch")
_FILES: Final = {
    "copper": ("copper/openapi.json",),
    "zoho": ("zoho/v2.json", "zoho/v3.json", "zoho/v5.json", "zoho/v6.json"),
    "base": ("base/openapi.json",),
}
_LATEST: Final = {"zoho": "v8"}


@dataclass(frozen=True)
class Contract:
    """One schema of a vendor, ready to judge values."""

    schema: jsonschema_rs.Draft202012Validator

    def is_valid(self, value: object) -> bool:
        """Say whether the value fits."""
        return self.schema.is_valid(_plain(value))

    def iter_errors(self, value: object) -> Iterator[jsonschema_rs.ValidationError]:
        """Yield what does not fit."""
        return self.schema.iter_errors(_plain(value))

    def messages(self, value: object, root: str) -> list[str]:
        """Return what does not fit as texts with JSON paths."""
        return [
            f"{_json_path(root, leaf)}: {leaf.message}" for error in self.iter_errors(value) for leaf in _leaves(error)
        ]


@dataclass(frozen=True)
class Route:
    """One operation and where it is."""

    file: str
    template: str
    method: str
    pattern: re.Pattern[str]
    version: str | None
    parameters: tuple[dict[str, Any], ...]
    operation: dict[str, Any]

    def pointer(self, *keys: str) -> str:
        """Return the address of a part of the operation."""
        return _pointer(self.file, "paths", self.template, self.method, *keys)


@cache
def document(file: str) -> dict[str, Any]:
    """Return one file of specs/, by its path in there."""
    parsed: dict[str, Any] = json.loads((SPECS / file).read_text(encoding="utf-8"))
    return parsed


def files(vendor: str) -> tuple[str, ...]:
    """Return the OpenAPI files of a vendor, by their paths in specs/."""
    return _FILES[vendor]


def file_of(vendor: str, version: str | None = None) -> str:
    """Return the file that holds a version of a vendor's API; its latest by default."""
    wanted = version or _LATEST.get(vendor)
    for file in _FILES[vendor]:
        if wanted is None or wanted in _versions(file):
            return file
    message = f"{vendor} has no version {wanted!r}"
    raise LookupError(message)


@cache
def validator(vendor: str, schema_name: str, version: str | None = None) -> Contract:
    """Return the contract of one schema of a vendor."""
    file = file_of(vendor, version)
    if schema_name not in document(file)["components"]["schemas"]:
        message = f"{file} has no schema {schema_name!r}"
        raise LookupError(message)
    return _contract(_pointer(file, "components", "schemas", schema_name))


@cache
def properties(vendor: str, schema_name: str, version: str | None = None) -> frozenset[str]:
    """Return the property names of a schema, through allOf and $ref; those that are never allowed are left out."""
    file = file_of(vendor, version)
    return frozenset(_properties(file, document(file)["components"]["schemas"][schema_name]))


def check_call(
    vendor: str, method: str, path: str, query: Mapping[str, object], body: object, version: str | None = None
) -> list[str]:
    """Return what of a call does not fit the contract, with JSON paths; nothing if it fits."""
    route = find_route(vendor, method, path, version)
    if isinstance(route, str):
        return [route]
    return [*_check_path(route, path), *_check_query(route, query), *_check_body(route, body)]


def check_reply(
    vendor: str, method: str, path: str, status: int, body: object, version: str | None = None
) -> list[str]:
    """Return what of a reply does not fit the contract, with JSON paths; nothing if it fits."""
    route = find_route(vendor, method, path, version)
    if isinstance(route, str):
        return [route]
    response = route.operation["responses"].get(str(status))
    if response is None:
        return [f"status: {status} is not documented for {route.operation['operationId']}"]
    if "content" in response:
        place = route.pointer("responses", str(status), "content", "application/json", "schema")
        return _contract(place).messages(body, "body")
    return ["body: not expected with 204"] if status == 204 and body not in (None, "", b"") else []


def find_route(vendor: str, method: str, path: str, version: str | None = None) -> Route | str:
    """Return the operation that a full path belongs to, or what is wrong with the path."""
    matching = [route for route in routes(vendor) if route.pattern.fullmatch(path)]
    if not matching:
        return f"path: {path} is not in the contract of {vendor}"
    if version is not None and not any(route.version in {None, version} for route in matching):
        return f"path: {path} is not a path of version {version}"
    nearest = [route for route in matching if route.template == matching[0].template]
    allowed = [route for route in nearest if route.method == method.lower()]
    return allowed[0] if allowed else f"method: {method} is not allowed for {path}"


@cache
def routes(vendor: str) -> tuple[Route, ...]:
    """Return all operations of a vendor, those with fewer path parameters first."""
    found = [route for file in _FILES[vendor] for route in _routes_of(file)]
    return tuple(sorted(found, key=lambda route: route.template.count("{")))


def _routes_of(file: str) -> Iterator[Route]:
    top = document(file)
    for template, item in top["paths"].items():
        prefixes = list(dict.fromkeys(_prefixes(item.get("servers", top["servers"]))))
        for method, (prefix, version) in itertools.product(_METHODS, prefixes):
            operation = item.get(method)
            if operation is None or version not in operation.get("x-versions", [version]):
                continue
            pattern = re.compile(re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(prefix + template)))
            parameters = (*item.get("parameters", ()), *operation.get("parameters", ()))
            yield Route(file, template, method, pattern, version, parameters, operation)


def _prefixes(servers: list[dict[str, Any]]) -> Iterator[tuple[str, str | None]]:
    for server in servers:
        path = urlsplit(server["url"]).path
        versions = server.get("variables", {}).get("version", {}).get("enum", [None])
        for version in versions:
            yield (path if version is None else path.replace("{version}", version), version)


def _versions(file: str) -> list[str]:
    variables = document(file)["servers"][0].get("variables", {})
    versions: list[str] = variables.get("version", {}).get("enum", [])
    return versions


def _check_path(route: Route, path: str) -> Iterator[str]:
    found = route.pattern.fullmatch(path)
    values = found.groups() if found else ()
    names = re.findall(r"{(\w+)}", route.template)
    by_name = {parameter["name"]: parameter for parameter in route.parameters if parameter["in"] == "path"}
    for name, value in zip(names, values, strict=True):
        yield from _check_parameter(route, by_name[name], value, f"path.{name}")


def _check_query(route: Route, query: Mapping[str, object]) -> Iterator[str]:
    known = {parameter["name"]: parameter for parameter in route.parameters if parameter["in"] == "query"}
    given = _grouped(query, {name for name, parameter in known.items() if parameter.get("style") == "deepObject"})
    for name, value in given.items():
        if name in known:
            yield from _check_parameter(route, known[name], value, f"query.{name}")
        else:
            yield f"query.{name}: unknown parameter"
    missing = [name for name, parameter in known.items() if parameter.get("required") and name not in given]
    yield from (f"query.{name}: is required" for name in missing)
    wanted = route.operation.get("x-require-any", [])
    if wanted and not any(name in given for name in wanted):
        yield f"query: at least one is required of {', '.join(wanted)}"


def _grouped(query: Mapping[str, object], deep: set[str]) -> dict[str, object]:
    given: dict[str, object] = {}
    for key, value in query.items():
        name, bracket, rest = key.partition("[")
        if bracket and rest.endswith("]") and name in deep:
            nested = given.setdefault(name, {})
            if isinstance(nested, dict):
                nested[rest[:-1]] = value
        else:
            given[key] = value
    return given


def _check_parameter(route: Route, parameter: dict[str, Any], value: object, root: str) -> list[str]:
    own = parameter in route.operation.get("parameters", ())
    item = route.operation if own else document(route.file)["paths"][route.template]
    index = str(item["parameters"].index(parameter))
    keys = [route.method] if own else []
    place = _pointer(route.file, "paths", route.template, *keys, "parameters", index, "schema")
    contract = _contract(place)
    if any(contract.is_valid(reading) for reading in _readings(value)):
        return []
    return contract.messages(value, root)


def _readings(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, str) and re.fullmatch(r"true|false|-?(0|[1-9]\d*)(\.\d+)?", value):
        yield json.loads(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield str(value)


def _check_body(route: Route, body: object) -> list[str]:
    request = route.operation.get("requestBody")
    if request is None:
        return [] if body is None else ["body: not expected"]
    if body is None:
        return ["body: is required"] if request.get("required") else []
    kind = next(iter(request["content"]))
    return _contract(route.pointer("requestBody", "content", kind, "schema")).messages(body, "body")


def _properties(file: str, schema: object) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    yield from (name for name, inner in schema.get("properties", {}).items() if inner is not False)
    for part in schema.get("allOf", ()):
        yield from _properties(file, part)
    if "$ref" in schema:
        yield from _properties(*_follow(file, schema["$ref"]))


def _follow(file: str, reference: str) -> tuple[str, Any]:
    other, _, fragment = reference.partition("#")
    target = posixpath.join(posixpath.dirname(file), other) if other else file
    node: Any = document(target)
    for key in fragment.strip("/").split("/"):
        node = node[key.replace("~1", "/").replace("~0", "~")]
    return target, node


@cache
def _registry() -> jsonschema_rs.Registry:
    names = ["zoho/common.json", *itertools.chain.from_iterable(_FILES.values())]
    return jsonschema_rs.Registry([(_BASE + name, document(name)) for name in names])


@cache
def _contract(place: str) -> Contract:
    schema = {"$ref": place}
    return Contract(
        jsonschema_rs.Draft202012Validator(schema, registry=_registry(), validate_formats=True, offline=True)
    )


def _pointer(file: str, *keys: str) -> str:
    escaped = (quote(key.replace("~", "~0").replace("/", "~1"), safe="~") for key in keys)
    return f"{_BASE}{file}#/{'/'.join(escaped)}"


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _leaves(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    branches: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", None) or []
    deeper = [branch for branch in branches if _depth(branch) > len(error.instance_path)]
    if not deeper:
        yield error
        return
    for inner in max(deeper, key=_depth):
        yield from _leaves(inner)


def _depth(errors: list[jsonschema_rs.ValidationError]) -> int:
    return max((len(error.instance_path) for error in errors), default=0)


def _json_path(root: str, error: jsonschema_rs.ValidationError) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
    return root + "".join(steps)
