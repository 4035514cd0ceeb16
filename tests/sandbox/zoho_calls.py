"""Calls of Zoho's sandbox, each reply held against the contract, for the tests beside."""

from __future__ import annotations

from typing import Any

import requests
from tests.contracts import check_reply

from leadlens.sandbox import Sandbox

VERSIONS = ("v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8")
DEAL = {"Deal_Name": "Pilot", "Closing_Date": "2026-03-01", "Stage": "Qualification", "Pipeline": "Standard (Standard)"}
LEAST: dict[str, dict[str, Any]] = {
    "Leads": {"Last_Name": "Daly", "Company": "Zylker"},
    "Contacts": {"Last_Name": "Daly"},
    "Accounts": {"Account_Name": "Zylker"},
    "Deals": {"Deal_Name": "Pilot", "Stage": "Qualification"},
}


def call(
    sandbox: Sandbox,
    method: str,
    path: str,
    body: Any = None,
    version: str = "v8",
    session: requests.Session | None = None,
    **query: Any,
) -> requests.Response:
    """Call Zoho and hold the reply against the contract."""
    url = sandbox.url(f"zoho@{version}", path)
    reply = (session or sandbox.session("zoho")).request(method, url, json=body, params=query)
    got = reply.json() if reply.content else None
    full = f"/crm/{version}{path.partition('?')[0]}"
    assert "X-Sandbox-Error" not in reply.headers
    assert check_reply("zoho", method, full, reply.status_code, got, version) == []
    return reply


def new(sandbox: Sandbox, module: str = "Leads", **more: Any) -> str:
    """Insert a record and return its id."""
    reply = call(sandbox, "POST", f"/{module}", {"data": [LEAST[module] | more]})
    number: str = reply.json()["data"][0]["details"]["id"]
    return number


def read(sandbox: Sandbox, module: str, number: str, **query: Any) -> dict[str, Any]:
    """Read a record."""
    found: dict[str, Any] = call(sandbox, "GET", f"/{module}/{number}", **query).json()["data"][0]
    return found


def convert(sandbox: Sandbox, lead: str, version: str = "v8", **item: Any) -> requests.Response:
    """Convert a lead."""
    return call(sandbox, "POST", f"/Leads/{lead}/actions/convert", {"data": [item]}, version)


def became(reply: requests.Response) -> dict[str, Any]:
    """Return the ids of what a lead became."""
    assert reply.status_code == 200, reply.text
    details = reply.json()["data"][0]["details"]
    return {module: made and made["id"] for module, made in details.items()}


def refusal(reply: requests.Response) -> tuple[int, str, Any]:
    """Return status, code and JSON path of a refusal, inside data or at the root."""
    body = reply.json()
    error = body["data"][0] if "data" in body else body
    return reply.status_code, error["code"], error["details"].get("json_path")
