"""Copper's sandbox, thinly: leads, search, conversion, errors and credentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from tests.contracts import check_reply

from leadlens.sandbox import Sandbox

UNSET = (100765, 100766, 100767, 100769, 100771, 100772, 100773, 100774)
"""The other definitions of leads."""

LEAD = {"name": "Ana Souza", "email": {"email": "Ana@x.example", "category": "work"}, "company_name": "Padaria"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty") as made:
        yield made


def call(sandbox: Sandbox, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
    """Call Copper and hold the reply against the contract."""
    reply = sandbox.session("copper").request(method, sandbox.url("copper", path), json=body, headers=headers)
    assert check_reply("copper", method, f"/developer_api/v1{path}", reply.status_code, reply.json()) == []
    return reply


def convert(sandbox: Sandbox, lead: int, **details: Any) -> requests.Response:
    return call(sandbox, "POST", f"/leads/{lead}/convert", {"details": {"person": {}, **details}})


def new_lead(sandbox: Sandbox, **more: Any) -> int:
    number: int = call(sandbox, "POST", "/leads", LEAD | more).json()["id"]
    return number


def test_a_lead_is_created_and_read(sandbox: Sandbox) -> None:
    """Every definition is listed, null when unset; times are Unix seconds of the clock."""
    number = new_lead(sandbox, custom_fields=[{"custom_field_definition_id": 100764, "value": "spring"}])
    lead = call(sandbox, "GET", f"/leads/{number}").json()
    assert (lead["first_name"], lead["last_name"], lead["status"]) == ("Ana", "Souza", "New")
    values = {field["custom_field_definition_id"]: field["value"] for field in lead["custom_fields"]}
    assert values == {100764: "spring", 100768: [], 100770: False, **dict.fromkeys(UNSET)}
    assert lead["date_created"] == 1767603601


def test_conversion_makes_person_company_and_the_opportunity_asked_for(sandbox: Sandbox) -> None:
    """The lead's own company name decides when the request has none; without an opportunity there is none."""
    reply = convert(sandbox, new_lead(sandbox), opportunity={"name": "Pilot", "monetary_value": 1000}).json()
    assert reply["company"]["name"] == "Padaria"
    assert reply["person"]["company_id"] == reply["company"]["id"]
    assert (reply["opportunity"]["pipeline_stage_id"], reply["opportunity"]["monetary_value"]) == (987790, 1000)
    assert convert(sandbox, new_lead(sandbox)).json()["opportunity"] is None


def test_the_lead_is_gone_and_found_by_a_search_for_converted_ones(sandbox: Sandbox) -> None:
    """GET answers 404; the search names person and opportunity."""
    number = new_lead(sandbox)
    person = convert(sandbox, number).json()["person"]
    assert call(sandbox, "GET", f"/leads/{number}").status_code == 404
    assert call(sandbox, "POST", "/leads/search", {"ids": [number]}).json() == []
    found = call(sandbox, "POST", "/leads/search", {"ids": [number], "include_converted_leads": True})
    assert [lead["converted_contact_id"] for lead in found.json()] == [person["id"]]
    assert found.headers["X-PW-TOTAL"] == "1"


def test_a_person_with_the_same_email_is_linked(sandbox: Sandbox) -> None:
    """Whatever the case of the address; the person remembers both leads."""
    first = convert(sandbox, new_lead(sandbox)).json()["person"]
    other = new_lead(sandbox, name="A. Souza", email={"email": "ana@X.example", "category": "personal"})
    second = convert(sandbox, other).json()["person"]
    assert (second["id"], second["name"]) == (first["id"], "Ana Souza")
    assert len(second["leads_converted_from"]) == 2


@pytest.mark.parametrize(
    ("asked", "name"),
    [({"name": ""}, None), ({"name": "Neu", "exact_match": True}, "Neu"), ({"id": 13349319}, "Acme Inc.")],
)
def test_the_company_is_none_new_or_the_one_named(sandbox: Sandbox, asked: dict[str, Any], name: str | None) -> None:
    """An empty name means none, another name makes one, an id links."""
    call(sandbox, "POST", "/companies", {"name": "Acme Inc."})
    company = convert(sandbox, new_lead(sandbox), company=asked).json()["company"]
    assert (company and company["name"]) == name


def test_a_similar_company_name_converts_nothing_by_default() -> None:
    """The reply has candidates and no person [?]: whoever takes 200 for success is wrong."""
    with Sandbox(data="empty") as sandbox:
        call(sandbox, "POST", "/companies", {"name": "Acme Inc."})
        number = new_lead(sandbox)
        reply = convert(sandbox, number, company={"name": "ACME"})
        assert (reply.status_code, [c["name"] for c in reply.json()["companies"]]) == (200, ["Acme Inc."])
        assert call(sandbox, "GET", f"/leads/{number}").status_code == 200


@pytest.mark.parametrize(("option", "name"), [("first", "Acme Inc."), ("create", "ACME")])
def test_what_a_similar_company_name_does_is_a_switch(option: str, name: str) -> None:
    """It may also link the first, or make another."""
    with Sandbox(data="empty", switches={"copper.fuzzy_company": option}) as sandbox:
        call(sandbox, "POST", "/companies", {"name": "Acme Inc."})
        assert convert(sandbox, new_lead(sandbox), company={"name": "ACME"}).json()["company"]["name"] == name


@pytest.mark.parametrize(("option", "status"), [("again", 200), ("404", 404)])
def test_what_a_second_conversion_does_is_a_switch(option: str, status: int) -> None:
    """By default it is done again: nobody has recorded that it is refused."""
    with Sandbox(data="empty", switches={"copper.second_convert": option}) as sandbox:
        number = new_lead(sandbox)
        convert(sandbox, number)
        assert convert(sandbox, number).status_code == status
    with Sandbox(data="empty") as sandbox:
        assert sandbox.engine.switches["copper"]["second_convert"] == "again"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "unclear"),
    [
        ("GET", "/leads/999", None, 404, "lead id"),
        ("POST", "/leads", {"name": "A", "emial": {}}, 422, "emial is unknown"),
        ("POST", "/leads", {"name": 7}, 422, "name is of the wrong type"),
        ("POST", "/leads", {}, 422, "name is missing"),
        ("POST", "/leads/8894157/convert", {"details": {"deal": {}}}, 422, "deal is unknown"),
        ("POST", "/leads/8894157/convert", {"details": {"company": {"id": 5}}}, 422, "company id"),
        (
            "POST",
            "/leads/8894157/convert",
            {"details": {"opportunity": {"name": "X", "pipeline_id": 5}}},
            422,
            "pipeline",
        ),
    ],
)
def test_what_is_not_understood_is_refused_and_named(
    sandbox: Sandbox, method: str, path: str, body: Any, status: int, unclear: str
) -> None:
    """In Copper's envelope, with a header for people; and nothing is written."""
    new_lead(sandbox)
    reply = call(sandbox, method, path, body)
    assert reply.status_code == status
    assert unclear in reply.headers["X-Sandbox-Unclear"]
    assert sandbox.truth.entries()[-1].changes == ()


@pytest.mark.parametrize(("method", "path"), [("GET", "/leeds/1"), ("PATCH", "/leads/1"), ("GET", "/leads/abc")])
def test_an_unknown_route_is_a_404_of_coppers(sandbox: Sandbox, method: str, path: str) -> None:
    """And a header names it."""
    reply = sandbox.session("copper").request(method, sandbox.url("copper", path))
    assert (reply.status_code, reply.json()["success"]) == (404, False)
    assert reply.headers["X-Sandbox-Unclear"] == f"{method} /developer_api/v1{path}"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer anything"}, 404),
        ({"X-PW-AccessToken": "t", "X-PW-Application": "developer_api", "X-PW-UserEmail": "a@b.example"}, 404),
        ({}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": "Bearer expired"}, 401),
        ({"X-PW-AccessToken": "t"}, 401),
        ({"X-PW-AccessToken": "expired", "X-PW-Application": "developer_api", "X-PW-UserEmail": "a@b.example"}, 401),
    ],
)
def test_any_credential_works_but_none_and_the_expired_one(
    sandbox: Sandbox, headers: dict[str, str], status: int
) -> None:
    """By Copper's three headers or as a bearer token."""
    assert sandbox.session().get(sandbox.url("copper", "/leads/1"), headers=headers).status_code == status


def test_broken_json_is_coppers_error(sandbox: Sandbox) -> None:
    """It is no failure of the sandbox."""
    reply = sandbox.session("copper").post(sandbox.url("copper", "/leads"), data=b'{"name": ')
    assert (reply.status_code, reply.json()["success"]) == (422, False)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "authorization_code", "code": "c"}, 200),
        ({"grant_type": "authorization_code", "code": "expired"}, 400),
        ({"grant_type": "password"}, 400),
    ],
)
def test_a_code_is_exchanged_for_a_token(sandbox: Sandbox, form: dict[str, str], status: int) -> None:
    """The token works; a refusal is that of OAuth 2."""
    reply = sandbox.session().post(f"{sandbox.root('copper')}/oauth/token", data=form)
    assert reply.status_code == status
    assert status == 400 or check_reply("copper", "POST", "/oauth/token", status, reply.json()) == []
    headers = {"Authorization": f"Bearer {reply.json().get('access_token', '')}"}
    used = sandbox.session().get(sandbox.url("copper", "/leads/1"), headers=headers)
    assert used.status_code == (404 if status == 200 else 401)
