"""Odd values under the keys that Copper's contract names: never a failure, never a reply outside the contract."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from tests.contracts import Route, check_reply, document, routes

from leadlens.sandbox import Sandbox

SCHEMAS = document("copper/openapi.json")["components"]["schemas"]
HUGE = 10**30
ODD: list[Any] = [
    *(None, True, 0, -1, 1, HUGE, 1.5, 1e300, "", "a", "\u0000", "1/1/0000", "99/99/9999", "1/1/2026"),
    *([], [1], [HUGE], ["a"], [{}], {}, {"id": HUGE, "type": "lead"}, {"id": 1}, {"email": "a@b"}),
    *({"allow_empty": True}, {"value": ["a"]}, {"category": "user"}, [{"email": "a"}, {"email": "a"}]),
    *([{"custom_field_definition_id": number, "value": HUGE}] for number in (100767, 100769, 100772)),
    *([{"custom_field_definition_id": number, "allow_empty": True}] for number in (100764, 100768)),
]
FIRST = {"leads": 8894157, "people": 27140359, "companies": 13349319, "opportunities": 4417020, "tasks": 3716920}
WRITES = [route for route in routes("copper") if "requestBody" in route.operation and "oauth" not in route.template]


def keys(schema: dict[str, Any]) -> list[str]:
    """Return the keys of a schema, through its parts."""
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    return [*schema.get("properties", {}), *(key for part in schema.get("allOf", ()) for key in keys(part))]


def body(drawn: random.Random, route: Route) -> dict[str, Any]:
    """Return a request in the form of the operation, with odd values; at times also what it requires."""
    known = keys(route.operation["requestBody"]["content"]["application/json"]["schema"])
    found = {key: drawn.choice(ODD) for key in drawn.sample(known, drawn.randrange(1, min(len(known), 3) + 1))}
    if "details" in found and route.template.endswith("convert"):
        parts = ("name", "id", "exact_match", "assignee_id", "pipeline_id", "monetary_value")
        inner = {kind: {drawn.choice(parts): drawn.choice(ODD)} for kind in ("person", "company", "opportunity")}
        return {"details": {kind: value for kind, value in inner.items() if drawn.random() < 0.6}}
    if route.template.endswith("upsert"):
        match = {"field_name": drawn.choice(["email", "name", "custom"]), "field_value": drawn.choice(ODD)}
        return {"properties": {"name": "A", **found}, "match": match}
    usual = {"name": "A"} if drawn.random() < 0.7 and "name" in known else {}
    return {**usual, **found}


@pytest.mark.parametrize("route", WRITES, ids=lambda route: route.operation["operationId"])
def test_odd_values_are_answered_as_the_contract_says(route: Route) -> None:
    """Whatever stands under a key, Copper's own form of an answer comes back."""
    drawn = random.Random(route.operation["operationId"])
    method = route.method.upper()
    with Sandbox(vendors=["copper"]) as sandbox:
        session = sandbox.session("copper")
        for _ in range(30):
            path = route.template.replace("{id}", str(FIRST.get(route.template.split("/")[1], 1)))
            reply = session.request(method, sandbox.url("copper", path), data=json.dumps(body(drawn, route)))
            assert reply.status_code in {200, 404, 422}, reply.headers
            assert check_reply("copper", method, f"/developer_api/v1{path}", reply.status_code, reply.json()) == []
