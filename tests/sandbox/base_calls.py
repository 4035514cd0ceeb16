"""Calls to Base's sandbox, each reply held against the contract; what is accepted must fit the contract too."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from tests.contracts import check_call, check_reply

from leadlens.sandbox import Sandbox


def call(sandbox: Sandbox, method: str, path: str, data: Any = None, **more: Any) -> requests.Response:
    """Call Base and hold the reply against the contract; ``data`` goes into its envelope, ``json`` as it is."""
    body = more.pop("json", None if data is None else {"data": data})
    sent = None if body is None else json.dumps(body)
    reply = sandbox.session("base").request(method, sandbox.url("base", path), data=sent, **more)
    hold(reply, method, body)
    return reply


def hold(reply: requests.Response, method: str, body: Any = None) -> None:
    """Hold a reply, and an accepted call, against the contract."""
    parts = urlsplit(reply.url)
    path = parts.path.removeprefix("/base")
    found = reply.json() if reply.content else None
    assert check_reply("base", method, path, reply.status_code, found) == []
    assert reply.headers["X-Request-Id"]
    if reply.status_code < 300:
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        assert check_call("base", method, path, query, body) == []
    else:
        assert reply.headers["X-Request-Id"] == reply.json()["meta"]["logref"]


def data(reply: requests.Response) -> dict[str, Any]:
    """Return the record of a reply that must have one."""
    assert reply.status_code in {200, 201}, reply.text
    found: dict[str, Any] = reply.json()["data"]
    return found


def ids(reply: requests.Response) -> list[int]:
    """Return the ids of a page."""
    assert reply.status_code == 200, reply.text
    return [item["data"]["id"] for item in reply.json()["items"]]


def errors(reply: requests.Response) -> list[tuple[str | None, str]]:
    """Return field and code of each error."""
    return [(item["error"].get("field"), item["error"]["code"]) for item in reply.json()["errors"]]


def new_lead(sandbox: Sandbox, **more: Any) -> int:
    """Make a lead and return its id."""
    given = {"first_name": "Zoë", "last_name": "Martin", "organization_name": "Boulangerie", "email": "zoe@x.example"}
    number: int = data(call(sandbox, "POST", "/leads", given | more))["id"]
    return number


def convert(sandbox: Sandbox, lead: int, **more: Any) -> dict[str, Any]:
    """Convert a lead and return the conversion."""
    return data(call(sandbox, "POST", "/lead_conversions", {"lead_id": lead, **more}))
