"""Base's sandbox, thinly: leads, conversion, errors and credentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from tests.contracts import check_reply

from leadlens.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty") as made:
        yield made


def call(sandbox: Sandbox, method: str, path: str, data: Any = None) -> requests.Response:
    """Call Base and hold the reply against the contract."""
    body = None if data is None else {"data": data}
    reply = sandbox.session("base").request(method, sandbox.url("base", path), json=body)
    full = f"/v2{path.partition('?')[0]}"
    assert check_reply("base", method, full, reply.status_code, reply.json()) == []
    return reply


def new_lead(sandbox: Sandbox, **more: Any) -> int:
    given = {"first_name": "Zoë", "last_name": "Martin", "organization_name": "Boulangerie", "email": "zoe@x.example"}
    number: int = call(sandbox, "POST", "/leads", given | more).json()["data"]["id"]
    return number


def convert(sandbox: Sandbox, lead: int, **more: Any) -> dict[str, Any]:
    done: dict[str, Any] = call(sandbox, "POST", "/lead_conversions", {"lead_id": lead, **more}).json()["data"]
    return done


def test_a_conversion_makes_a_deal_when_nothing_is_said(sandbox: Sandbox) -> None:
    """And an individual for the last name, within an organization for the organization's name; the lead stays."""
    lead = new_lead(sandbox)
    done = convert(sandbox, lead)
    person = call(sandbox, "GET", f"/contacts/{done['individual_id']}").json()["data"]
    assert (person["last_name"], person["contact_id"], person["email"]) == (
        "Martin",
        done["organization_id"],
        "zoe@x.example",
    )
    company = call(sandbox, "GET", f"/contacts/{done['organization_id']}").json()["data"]
    assert (company["name"], company["is_organization"], company["last_name"]) == ("Boulangerie", True, None)
    deal = call(sandbox, "GET", f"/deals/{done['deal_id']}").json()["data"]
    assert (deal["contact_id"], deal["organization_id"]) == (person["id"], company["id"])
    assert call(sandbox, "GET", f"/leads/{lead}").status_code == 200


@pytest.mark.parametrize(
    ("names", "made"),
    [
        ({"last_name": None}, {"organization_id"}),
        ({"organization_name": None}, {"individual_id"}),
        ({}, {"individual_id", "organization_id"}),
    ],
)
def test_what_is_made_depends_on_the_leads_names(sandbox: Sandbox, names: dict[str, None], made: set[str]) -> None:
    """No deal when it is declined."""
    done = convert(sandbox, new_lead(sandbox, **names), create_deal=False)
    keys = ("individual_id", "organization_id", "deal_id")
    assert {key for key in keys if done[key] is not None} == made


@pytest.mark.parametrize(("option", "status", "count"), [("again", 200, 2), ("refused", 422, 1), ("same", 200, 1)])
def test_what_a_second_conversion_does_is_a_switch(option: str, status: int, count: int) -> None:
    """By default there is a second set of everything: nobody has recorded a guard."""
    with Sandbox(data="empty", switches={"base.second_convert": option}) as sandbox:
        lead = new_lead(sandbox)
        convert(sandbox, lead)
        assert call(sandbox, "POST", "/lead_conversions", {"lead_id": lead}).status_code == status
        found = call(sandbox, "GET", f"/lead_conversions?lead_id={lead}").json()
        assert [len(found["items"]), sandbox.store("base").count("deal")] == [count, count]
    with Sandbox(data="empty") as sandbox:
        assert sandbox.engine.switches["base"]["second_convert"] == "again"


def test_conversions_are_listed_newest_first(sandbox: Sandbox) -> None:
    """All of them, or those of one lead."""
    leads = [new_lead(sandbox), new_lead(sandbox)]
    ids = [convert(sandbox, lead)["id"] for lead in leads]
    listed = call(sandbox, "GET", "/lead_conversions").json()["items"]
    assert [item["data"]["id"] for item in listed] == ids[::-1]
    one = call(sandbox, "GET", f"/lead_conversions?lead_id={leads[0]}").json()
    assert [item["data"]["id"] for item in one["items"]] == ids[:1]
    assert call(sandbox, "GET", f"/lead_conversions/{ids[0]}").json()["data"]["lead_id"] == leads[0]


@pytest.mark.parametrize(
    ("path", "data", "status", "field", "code"),
    [
        ("/leads", {"first_name": "A"}, 422, "/data/last_name", "blank"),
        ("/leads", {"last_name": "A", "emial": ""}, 422, "/data/emial", "unknown"),
        ("/leads", {"last_name": 7}, 422, "/data/last_name", "invalid_type"),
        ("/lead_conversions", {}, 422, "/data/lead_id", "missing"),
        ("/lead_conversions", {"lead_id": 99}, 422, "/data/lead_id", "incorrect_value"),
        ("/lead_conversions", {"lead_id": "1"}, 422, "/data/lead_id", "invalid_type"),
    ],
)
def test_what_is_wrong_is_named_by_a_pointer(
    sandbox: Sandbox, path: str, data: Any, status: int, field: str, code: str
) -> None:
    """In the error envelope; the logref is the request's id."""
    reply = call(sandbox, "POST", path, data)
    error = reply.json()["errors"][0]["error"]
    assert (reply.status_code, error["field"], error["code"]) == (status, field, code)
    assert reply.headers["X-Request-Id"] == reply.json()["meta"]["logref"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/leeds"), ("PATCH", "/leads/1")])
def test_an_unknown_route_is_bases_404(sandbox: Sandbox, method: str, path: str) -> None:
    """And a header names it."""
    reply = sandbox.session("base").request(method, sandbox.url("base", path))
    assert (reply.status_code, reply.json()["errors"][0]["error"]["code"]) == (404, "not_found")
    assert reply.headers["X-Sandbox-Unclear"] == f"{method} /v2{path}"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer any"}, 404),
        ({"Authorization": "Bearer expired"}, 401),
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer any", "User-Agent": ""}, 400),
    ],
)
def test_a_token_and_a_user_agent_are_needed(sandbox: Sandbox, headers: dict[str, str], status: int) -> None:
    """Any token but an empty one and the expired one."""
    assert sandbox.session().get(sandbox.url("base", "/leads/1"), headers=headers).status_code == status


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "authorization_code", "code": "c"}, 200),
        ({"grant_type": "refresh_token", "refresh_token": "expired"}, 400),
        ({"grant_type": "other"}, 400),
    ],
)
def test_a_code_is_exchanged_for_a_token(sandbox: Sandbox, form: dict[str, str], status: int) -> None:
    """The token works; a refusal is that of OAuth 2."""
    reply = sandbox.session().post(f"{sandbox.root('base')}/oauth2/token", data=form)
    assert reply.status_code == status
    assert check_reply("base", "POST", "/oauth2/token", status, reply.json()) == []
    headers = {"Authorization": f"Bearer {reply.json().get('access_token', '')}"}
    used = sandbox.session().get(sandbox.url("base", "/leads/1"), headers=headers)
    assert used.status_code == (404 if status == 200 else 401)
