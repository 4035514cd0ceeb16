"""The contract in ``specs`` as validators, and what of a call or a reply does not fit it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

SPECS = Path(__file__).parent.parent / "specs"
DOCUMENT: dict[str, Any] = json.loads((SPECS / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


@cache
def _validator(pointer: str) -> Any:
    whole = {"$ref": f"#/{pointer}", "components": DOCUMENT["components"], "paths": DOCUMENT["paths"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def misfits(pointer: str, value: Any) -> list[str]:
    """Return what of a value does not fit the schema at a place of the document."""
    return [f"{error.instance_path}: {error.message}" for error in _validator(pointer).iter_errors(_plain(value))]


def schema(name: str) -> str:
    """Return the place of a named schema."""
    return f"components/schemas/{name}"


def of_request(operation: str) -> str | None:
    """Return the place of the schema of a request's body, if it has one."""
    return _place(operation, "requestBody") if "requestBody" in OPERATIONS[operation][2] else None


def of_reply(operation: str, status: str) -> str:
    """Return the place of the schema of a reply."""
    return _place(operation, "responses", status)


def _place(operation: str, *keys: str) -> str:
    method, path, _ = OPERATIONS[operation]
    parts = ("paths", path.replace("~", "~0").replace("/", "~1"), method.lower(), *keys)
    return "/".join((*parts, "content/application~1json/schema")).replace("{", "%7B").replace("}", "%7D")


def operation_of(method: str, path: str) -> str:
    """Return the operation of a call; one without variable parts comes first."""
    found = [
        name
        for name, (verb, template, _) in OPERATIONS.items()
        if verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
    ]
    return min(found, key=lambda name: OPERATIONS[name][1].count("{"))


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=float))
