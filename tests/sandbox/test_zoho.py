"""Zoho's sandbox, thinly: inserting, reading, conversion in all versions, tokens, errors and credentials."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.sandbox.zoho_calls import DEAL, VERSIONS, call, convert, new

from leadlens.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty") as made:
        yield made


def test_records_are_inserted_each_for_itself(sandbox: Sandbox) -> None:
    """207 when some are refused, 400 when all are; ids are texts of 19 digits."""
    mixed = call(sandbox, "POST", "/Leads", {"data": [{"Last_Name": "A"}, {"Company": "B"}]})
    assert mixed.status_code == 207
    assert [item["code"] for item in mixed.json()["data"]] == ["SUCCESS", "MANDATORY_NOT_FOUND"]
    assert len(mixed.json()["data"][0]["details"]["id"]) == 19
    assert call(sandbox, "POST", "/Leads", {"data": [{}]}).status_code == 400
    assert sandbox.store("zoho").count("Leads") == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_an_empty_conversion_makes_contact_and_account(sandbox: Sandbox, version: str) -> None:
    """And no deal; v2 and v2.1 answer with bare ids and no code."""
    item = convert(sandbox, new(sandbox), version).json()["data"][0]
    if version in {"v2", "v2.1"}:
        assert set(item) == {"Contacts", "Accounts", "Deals"}
    else:
        assert item["code"] == "SUCCESS"
        item = {name: made and made["id"] for name, made in item["details"].items()}
    assert item["Deals"] is None
    contact = call(sandbox, "GET", f"/Contacts/{item['Contacts']}").json()["data"][0]
    assert contact["Account_Name"] == {"id": item["Accounts"], "name": "Zylker"}


def test_a_second_conversion_is_refused_at_the_root(sandbox: Sandbox) -> None:
    """With ID_ALREADY_CONVERTED and without ids."""
    lead = new(sandbox)
    convert(sandbox, lead)
    reply = convert(sandbox, lead)
    assert (reply.status_code, reply.json()["code"]) == (400, "ID_ALREADY_CONVERTED")
    assert reply.json()["details"] == {"resource_path_index": 1}


def test_a_converted_lead_is_read_when_asked_for(sandbox: Sandbox) -> None:
    """204 without ``converted=true``; with it, what it became."""
    lead = new(sandbox)
    details = convert(sandbox, lead, Deals=DEAL).json()["data"][0]["details"]
    assert call(sandbox, "GET", f"/Leads/{lead}").status_code == 204
    found = call(sandbox, "GET", f"/Leads/{lead}?converted=true").json()["data"][0]
    assert found["$converted"] is True
    assert found["$converted_detail"]["deal"] == details["Deals"]["id"]


@pytest.mark.parametrize("spelled", [str, int])
@pytest.mark.parametrize("version", ["v2", "v8"])
def test_existing_records_are_linked_by_text_or_number(sandbox: Sandbox, version: str, spelled: Any) -> None:
    """Bare in v2, in an object after; no Content-Type is needed."""
    contact, lead = new(sandbox, "Contacts"), new(sandbox)
    given = spelled(contact)
    body = json.dumps({"data": [{"Contacts": given if version == "v2" else {"id": given}}]})
    url = sandbox.url(f"zoho@{version}", f"/Leads/{lead}/actions/convert")
    item = sandbox.session("zoho").post(url, data=body.encode()).json()["data"][0]
    assert (item if version == "v2" else item["details"])["Contacts"] in (contact, {"id": contact, "name": "Daly"})
    assert sandbox.store("zoho").count("Contacts") == 1


@pytest.mark.parametrize(
    ("version", "item", "code", "path"),
    [
        ("v8", {"Deals": DEAL | {"Pipeline": None}}, "MANDATORY_NOT_FOUND", "$.data[0].Deals.Pipeline"),
        ("v3", {"Deals": {"Deal_Name": "X"}}, "MANDATORY_NOT_FOUND", "$.data[0].Deals.Closing_Date"),
        ("v8", {"Contacts": "5"}, "INVALID_DATA", "$.data[0].Contacts"),
        ("v2", {"Contacts": {"id": "5"}}, "INVALID_DATA", "$.data[0].Contacts"),
        ("v8", {"Accounts": {"id": "5"}}, "INVALID_DATA", "$.data[0].Accounts.id"),
        ("v3", {"move_attachments_to": {}}, "INVALID_DATA", "$.data[0].move_attachments_to"),
    ],
)
def test_a_bad_conversion_is_refused_inside_data(
    sandbox: Sandbox, version: str, item: dict[str, Any], code: str, path: str
) -> None:
    """With the path of what is wrong; nothing is made, the lead stays open."""
    lead = new(sandbox)
    reply = convert(sandbox, lead, version, **item)
    error = reply.json()["data"][0]
    assert (reply.status_code, error["code"], error["details"]["json_path"]) == (400, code, path)
    assert call(sandbox, "GET", f"/Leads/{lead}").status_code == 200
    assert sandbox.truth.entries(operation="zoho.convert_lead")[-1].changes == ()


def test_tags_are_carried_over_by_request_and_only_those_of_the_lead(sandbox: Sandbox) -> None:
    """A tag that the lead does not have is not made."""
    lead = new(sandbox, Tag=[{"name": "hot"}, {"name": "fair"}])
    done = convert(sandbox, lead, carry_over_tags={"Contacts": ["hot", "none"]}).json()["data"][0]["details"]
    contact = call(sandbox, "GET", f"/Contacts/{done['Contacts']['id']}").json()["data"][0]
    assert [tag["name"] for tag in contact["Tag"]] == ["hot"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/crm/v8/Leeds/1", 404, "INVALID_URL_PATTERN"), ("GET", "/crm/v9/Leads/1", 404, "INVALID_URL_PATTERN"),
     ("PATCH", "/crm/v8/Leads/1", 400, "INVALID_REQUEST_METHOD")],
)  # fmt: skip
def test_an_unknown_route_is_zohos_error(sandbox: Sandbox, method: str, path: str, status: int, code: str) -> None:
    """And a header names it."""
    reply = sandbox.session("zoho").request(method, sandbox.root("zoho") + path)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert reply.headers["X-Sandbox-Unclear"] == f"{method} {path}"


@pytest.mark.parametrize("token", ["", "Bearer x", "Zoho-oauthtoken ", "Zoho-oauthtoken expired"])
def test_a_missing_or_expired_token_is_refused(sandbox: Sandbox, token: str) -> None:
    """With INVALID_TOKEN."""
    reply = sandbox.session().get(sandbox.url("zoho", "/Leads/1"), headers={"Authorization": token})
    assert (reply.status_code, reply.json()["code"]) == (401, "INVALID_TOKEN")


def test_a_token_is_refreshed_and_its_api_domain_points_back_here(sandbox: Sandbox) -> None:
    """Errors come with 200."""
    url = f"{sandbox.root('zoho')}/oauth/v2/token"
    reply = sandbox.session().post(url, data={"grant_type": "refresh_token", "refresh_token": "r"}).json()
    assert reply["api_domain"] == sandbox.root("zoho")
    headers = {"Authorization": f"Zoho-oauthtoken {reply['access_token']}"}
    assert sandbox.session().get(f"{reply['api_domain']}/crm/v8/Leads/1", headers=headers).status_code == 204
    refused = sandbox.session().post(url, params={"grant_type": "refresh_token", "refresh_token": "expired"})
    assert (refused.status_code, refused.json()) == (200, {"error": "invalid_code"})
