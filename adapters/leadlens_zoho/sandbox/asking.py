"""What the handlers read of a request: versions, query parameters, the objects in ``data``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from leadlens.emulation.messages import Refusal, Request
from leadlens_zoho.sandbox.dress import refused

CRM: Final = r"/crm/{version:v2|v2\.1|v3|v4|v5|v6|v7|v8}"
CRM_V2_1: Final = r"/crm/{version:v2\.1|v3|v4|v5|v6|v7|v8}"
CRM_V4: Final = "/crm/{version:v4|v5|v6|v7|v8}"
CRM_V5: Final = "/crm/{version:v5|v6|v7|v8}"
CRM_V6: Final = "/crm/{version:v6|v7|v8}"
ID: Final = "{id:[0-9]{1,19}}"
_NOT_HERE: Final = ("cvid", "territory_id", "include_child")


def major(request: Request) -> float:
    """Return the API version as a number."""
    return float(request.args["version"][1:])


def allow(request: Request, *names: str) -> None:
    """Refuse query parameters that the call does not take, or that this sandbox does not emulate."""
    for name, _ in request.query:
        if name in _NOT_HERE and name in names:
            raise refused("NOT_SUPPORTED", "not supported", unclear=f"{name} is not emulated", param_name=name)
        if name not in names:
            raise wrong(name)


def wrong(name: str, message: str = "invalid data", **details: Any) -> Refusal:
    """Return the refusal of a query parameter."""
    return refused("INVALID_DATA", message, unclear=f"query parameter {name}", param_name=name, **details)


def needed(request: Request, name: str) -> str:
    """Return a query parameter that must be given."""
    found = request.param(name)
    if not found:
        message = "One of the expected parameter is missing"
        raise refused("REQUIRED_PARAM_MISSING", message, unclear=f"query parameter {name}", param_name=name)
    return found


def whole(request: Request, name: str, default: int, most: int) -> int:
    """Return a query parameter that is a whole number from 1 on."""
    given = request.param(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:19]) <= most):
        raise wrong(name)
    return int(given)


def choice(request: Request, name: str, options: Collection[str], default: str) -> str:
    """Return a query parameter that is one of several words."""
    given = request.param(name, default)
    if given not in options:
        raise wrong(name)
    return str(given)


def fields_asked(request: Request, known: Collection[str], *, required: bool) -> list[str] | None:
    """Return the names out of ``known`` in ``fields``, at most 50; None when none are given and none need be."""
    if not required and request.param("fields") is None:
        return None
    names = needed(request, "fields").split(",")
    if len(names) > 50:
        raise refused("LIMIT_EXCEEDED", "at most 50 fields", unclear="query parameter fields", param_name="fields")
    for name in names:
        if name not in known and name not in {"id", "$converted", "$converted_detail"}:
            raise wrong("fields", api_name=name)
    return names


def items(request: Request, most: int, *, also: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return the objects in ``data``, of which there may be from 1 to ``most``; refuses keys beside it."""
    body = request.json_object()
    for key in body:
        if key != "data" and key not in also:
            raise refused("INVALID_DATA", "invalid data", unclear=f"$.{key}", api_name=key, json_path=f"$.{key}")
    data = body.get("data")
    if "data" not in body:
        raise refused("MANDATORY_NOT_FOUND", "required field not found", api_name="data", json_path="$.data")
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        details: dict[str, Any] = {"expected_data_type": "jsonarray", "api_name": "data", "json_path": "$.data"}
        raise refused("INVALID_DATA", "invalid data", unclear="data", **details)
    if not 1 <= len(data) <= most:
        code = "LIMIT_EXCEEDED" if data else "INVALID_DATA"
        raise refused(code, f"data takes 1 to {most} records", unclear="data", api_name="data", json_path="$.data")
    return data


WRITES: Final = ("trigger", "process", "lar_id")
_TRIGGERS: Final = ("workflow", "approval", "blueprint", "pathfinder", "orchestration")


def triggers(request: Request) -> None:
    """Refuse automations that there are not. None run here, whatever is asked."""
    given = request.json_object().get("trigger", [])
    if not isinstance(given, list) or not all(word in _TRIGGERS for word in given if isinstance(word, str)):
        raise refused("INVALID_DATA", "invalid data", unclear="trigger", api_name="trigger", json_path="$.trigger")
    if not all(isinstance(word, str) for word in given):
        raise refused("INVALID_DATA", "invalid data", unclear="trigger", api_name="trigger", json_path="$.trigger")
