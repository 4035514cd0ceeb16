"""Zoho's account: metadata, users, tokens, rights, rates, and the demo data."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from tests.contracts import validator
from tests.sandbox.zoho_calls import VERSIONS, call, convert, new, read, refusal

from leadlens.sandbox import Sandbox
from leadlens_zoho.sandbox import SANDBOX


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty", vendors=["zoho"]) as made:
        yield made


@pytest.fixture(scope="module")
def demo() -> Iterator[Sandbox]:
    with Sandbox(vendors=["zoho"]) as made:
        yield made


def layout(sandbox: Sandbox) -> str:
    found: str = read(sandbox, "Deals", new(sandbox, "Deals"))["Layout"]["id"]
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_tells_what_the_account_is(sandbox: Sandbox, version: str) -> None:
    """Fields, layouts, pipelines, roles, tags, users, organisation."""
    new(sandbox, Tag=[{"name": "hot"}])
    told: list[tuple[str, dict[str, Any], str]] = [
        ("/settings/fields", {"module": "Leads"}, "fields"),
        ("/settings/layouts", {"module": "Deals"}, "layouts"),
        ("/Contacts/roles", {}, "contact_roles"),
        ("/settings/tags", {"module": "Leads"}, "tags"),
        ("/users", {"type": "AllUsers"}, "users"),
        ("/org", {}, "org"),
    ]
    told += [("/settings/pipeline", {"layout_id": layout(sandbox)}, "pipeline")] if version != "v2" else []
    for path, query, key in told:
        reply = call(sandbox, "GET", path, version=version, **query)
        assert reply.status_code == 200
        assert reply.json()[key]


def test_there_are_custom_fields_of_every_type(sandbox: Sandbox) -> None:
    """With options where there are some, one without duplicates."""
    found = call(sandbox, "GET", "/settings/fields", module="Leads").json()["fields"]
    custom = {one["data_type"]: one for one in found if one["custom_field"]}
    assert set(custom) == {
        "text", "bigint", "integer", "double", "currency", "percent", "date", "datetime", "boolean", "picklist",
        "multiselectpicklist", "email", "phone", "website", "textarea", "lookup", "userlookup",
        "autonumber",
    }  # fmt: skip
    assert len(custom["picklist"]["pick_list_values"]) > 2
    assert [one["api_name"] for one in found if one["unique"]] == ["Customer_Number"]
    assert len({one["id"] for one in found}) == len(found)
    assert {one["data_type"] for one in found if not one["filterable"]} == {"textarea"}
    assert custom["autonumber"]["read_only"]


def test_every_stage_of_every_pipeline_is_taken(sandbox: Sandbox) -> None:
    """One pipeline is the default; a stage has one id in all that share it, that of the option of the field."""
    (of_deals,) = call(sandbox, "GET", "/settings/layouts", module="Deals").json()["layouts"]
    assert of_deals["id"] == layout(sandbox)
    pipelines = call(sandbox, "GET", "/settings/pipeline", layout_id=of_deals["id"]).json()["pipeline"]
    assert [one["default"] for one in pipelines] == [True, False, False]
    for one in pipelines:
        for stage in one["maps"]:
            new(sandbox, "Deals", Pipeline=one["actual_value"], Stage=stage["actual_value"])
    field = next(one for one in of_deals["sections"][0]["fields"] if one["api_name"] == "Stage")
    options = {option["actual_value"]: option["id"] for option in field["pick_list_values"]}
    stages = [stage for one in pipelines for stage in one["maps"]]
    assert {stage["actual_value"]: stage["id"] for stage in stages} == options
    assert all(options[stage["actual_value"]] == stage["id"] for stage in stages)
    assert len(stages) > len(options), "some are in several pipelines"


def test_there_is_no_call_for_pipelines_in_v2(sandbox: Sandbox) -> None:
    """The vendor's pages have it from v2.1 on."""
    url = sandbox.url("zoho@v2", "/settings/pipeline")
    reply = sandbox.session("zoho").get(url, params={"layout_id": layout(sandbox)})
    assert (reply.status_code, reply.json()["code"]) == (404, "INVALID_URL_PATTERN")


def test_tags_belong_to_a_module(sandbox: Sandbox) -> None:
    """One of the same name is another one elsewhere; an unused module has none."""
    lead = new(sandbox, Tag=[{"name": "hot"}])
    new(sandbox, Tag=[{"name": "HOT"}])
    assert [tag["name"] for tag in call(sandbox, "GET", "/settings/tags", module="Leads").json()["tags"]] == ["hot"]
    assert call(sandbox, "GET", "/settings/tags", module="Contacts").status_code == 204
    convert(sandbox, lead, carry_over_tags={"Contacts": ["hot"]})
    other = call(sandbox, "GET", "/settings/tags", module="Contacts").json()["tags"][0]
    assert other["id"] != call(sandbox, "GET", "/settings/tags", module="Leads").json()["tags"][0]["id"]


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 6), ({"type": "CurrentUser"}, 1), ({"type": "ActiveUsers"}, 5), ({"type": "DeactiveUsers"}, 1),
     ({"type": "AdminUsers"}, 1), ({"type": "DeletedUsers"}, 0), ({"per_page": 4, "page": 2}, 2), ({"ids": "5"}, 0)],
)  # fmt: skip
def test_users_are_listed_by_kind(demo: Sandbox, query: dict[str, Any], count: int) -> None:
    """204 when there are none."""
    reply = call(demo, "GET", "/users", **query)
    assert (len(reply.json()["users"]) if reply.content else 0) == count


def test_an_inactive_user_owns_nothing(demo: Sandbox) -> None:
    """It is refused."""
    gone = call(demo, "GET", "/users", type="DeactiveUsers").json()["users"][0]["id"]
    reply = call(demo, "POST", "/Leads", {"data": [{"Last_Name": "A", "Owner": {"id": gone}}]})
    assert refusal(reply) == (400, "INVALID_DATA", "$.data[0].Owner.id")


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/settings/fields", {}, "REQUIRED_PARAM_MISSING"), ("/settings/fields", {"module": "Quotes"}, "INVALID_DATA"),
        ("/settings/layouts", {}, "REQUIRED_PARAM_MISSING"), ("/settings/layouts", {"module": "x"}, "INVALID_DATA"),
        ("/settings/pipeline", {}, "REQUIRED_PARAM_MISSING"),
        ("/settings/pipeline", {"layout_id": "5"}, "INVALID_DATA"),
        ("/settings/tags", {}, "REQUIRED_PARAM_MISSING"), ("/users", {"type": "Nobody"}, "INVALID_DATA"),
        ("/org", {"id": "5"}, "INVALID_DATA"), ("/Contacts/roles", {"id": "5"}, "INVALID_DATA"),
    ],
)  # fmt: skip
def test_metadata_need_what_they_need(sandbox: Sandbox, path: str, query: dict[str, Any], code: str) -> None:
    """Missing, unknown and wrong parameters are refused at the root."""
    reply = call(sandbox, "GET", path, **query)
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert reply.headers["X-Sandbox-Unclear"]


@pytest.mark.parametrize(
    ("option", "status", "code", "reads"),
    [("no_scope", 401, "OAUTH_SCOPE_MISMATCH", 401), ("no_permission", 403, "NO_PERMISSION", 204),
     ("no_privilege", 400, "AUTHORIZATION_FAILED", 204)],
)  # fmt: skip
def test_who_may_not_is_told_so(option: str, status: int, code: str, reads: int) -> None:
    """In the vendor's three ways."""
    with Sandbox(data="empty", vendors=["zoho"], switches={"zoho.rights": option}) as sandbox:
        for method, path in (("POST", "/Leads/5/actions/convert"), ("PUT", "/Leads/5"), ("DELETE", "/Leads/5")):
            reply = call(sandbox, method, path, {"data": [{}]})
            assert (reply.status_code, reply.json()["code"]) == (status, code)
        assert call(sandbox, "GET", "/Leads/5").status_code == reads


def test_too_many_calls_at_once_or_a_day_are_refused_without_a_retry_after() -> None:
    """A conversion costs five credits."""
    from leadlens.emulation.limits import Limit

    with Sandbox(data="empty", vendors=["zoho"], limits={"zoho": [Limit(6, 86_400)]}) as sandbox:
        lead = new(sandbox)
        assert convert(sandbox, lead).status_code == 200
        reply = call(sandbox, "GET", f"/Leads/{lead}")
        assert (reply.status_code, reply.json()["code"]) == (429, "TOO_MANY_REQUESTS")
        assert "Retry-After" not in reply.headers


@pytest.mark.parametrize("way", ["query", "form", "multipart"])
def test_a_token_is_asked_for_in_three_ways(sandbox: Sandbox, way: str) -> None:
    """By query, form or multipart form; a code gives a refresh token too."""
    url = f"{sandbox.root('zoho')}/oauth/v2/token"
    for given, more in (({"grant_type": "refresh_token", "refresh_token": "r"}, set()),
                        ({"grant_type": "authorization_code", "code": "c"}, {"refresh_token"})):  # fmt: skip
        sent: Any = {"query": {"params": given}, "form": {"data": given},
                     "multipart": {"files": {key: (None, value) for key, value in given.items()}}}[way]  # fmt: skip
        reply = sandbox.session().post(url, **sent)
        assert validator("zoho", "TokenReply").is_valid(reply.json())
        assert set(reply.json()) - {"access_token", "api_domain", "token_type", "expires_in"} == more


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"grant_type": "refresh_token"}, "invalid_code"),
        ({"grant_type": "refresh_token", "refresh_token": "expired"}, "invalid_code"),
        ({"grant_type": "authorization_code", "code": ""}, "invalid_code"),
        ({"grant_type": "password"}, "invalid_code"),
        ({"grant_type": "refresh_token", "refresh_token": "r", "client_id": "expired"}, "invalid_client"),
        ({"grant_type": "refresh_token", "refresh_token": "r", "client_secret": "expired"}, "invalid_client_secret"),
    ],
)
def test_a_refused_token_comes_with_status_200(sandbox: Sandbox, given: dict[str, str], error: str) -> None:
    """That is the vendor's habit; a header says what was wrong."""
    reply = sandbox.session().post(f"{sandbox.root('zoho')}/oauth/v2/token", params=given)
    assert (reply.status_code, reply.json()) == (200, {"error": error})
    assert reply.headers["X-Sandbox-Unclear"]


def test_a_refresh_token_gives_ten_tokens_in_ten_minutes_if_that_is_counted() -> None:
    """Then access is denied; it is not counted unless the switch says so."""
    given = {"grant_type": "refresh_token", "refresh_token": "r"}
    with Sandbox(data="empty", vendors=["zoho"], switches={"zoho.refresh_limit": "on"}) as sandbox:
        url = f"{sandbox.root('zoho')}/oauth/v2/token"
        replies = [sandbox.session().post(url, params=given) for _ in range(11)]
        assert [reply.status_code for reply in replies] == [200] * 10 + [400]
        assert replies[-1].json()["error"] == "Access Denied"
        assert sandbox.session().post(url, params=given | {"refresh_token": "other"}).status_code == 200
        sandbox.clock.sleep(600)
        assert sandbox.session().post(url, params=given).status_code == 200


def test_every_switch_has_options_and_a_default_of_its_own() -> None:
    """Each option with a sentence."""
    for switch in SANDBOX.switches:
        assert switch.default in switch.options
        assert len(switch.options) > 1
        assert all(len(sentence) > 15 for sentence in switch.options.values())


def everything(sandbox: Sandbox, module: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {"converted": "both"} if module == "Leads" else {}
    token: dict[str, Any] = {}
    while True:
        page = call(sandbox, "GET", f"/{module}", version="v2", **more, **token).json()
        found += page["data"]
        if not page["info"]["more_records"]:
            return found
        token = {"page": page["info"]["page"] + 1}


def test_the_demo_data_are_those_of_a_salesperson(demo: Sandbox) -> None:
    """Hundreds of leads with accounts, in several scripts, pipelines and owners; some converted; duplicates."""
    leads, contacts = everything(demo, "Leads"), everything(demo, "Contacts")
    accounts, deals = everything(demo, "Accounts"), everything(demo, "Deals")
    assert len(leads) > 200
    assert min(len(contacts), len(accounts), len(deals)) > 50
    assert sum(lead["$converted"] for lead in leads) == 40
    assert len({lead["Owner"]["id"] for lead in leads}) == 5
    assert len({deal["Pipeline"] for deal in deals}) == 3
    scripts = {unicodedata.name(lead["Last_Name"][0]).split()[0] for lead in leads}
    assert {"LATIN", "CJK", "GREEK", "ARABIC"} <= scripts
    emails = Counter((lead["Email"] or "").casefold() for lead in leads)
    known = {contact["Email"] for contact in contacts if contact["Email"]}
    assert max(emails.values()) > 1
    assert sum(lead["Email"].lower() in known for lead in leads if not lead["$converted"]) > 5
    fields = call(demo, "GET", "/settings/fields", module="Leads").json()["fields"]
    for name in (one["api_name"] for one in fields if one["custom_field"] and one["api_name"] != "Referred_By"):
        assert sum(lead[name] not in (None, "", []) for lead in leads) > 20, name
    assert sum(bool(lead["Secondary_Email"] and lead["Mobile"]) for lead in leads) > 20


def test_the_demo_data_have_their_dates_in_the_past(demo: Sandbox) -> None:
    """In the order of their ids within a kind, and ending before today."""
    stamps = [lead["Created_Time"] for lead in everything(demo, "Leads")[::-1]]
    assert stamps == sorted(stamps)
    assert stamps[-1] < "2026-01-05"
    assert stamps[0][:4] == "2025"


def test_some_leads_of_the_demo_data_cannot_be_converted_as_they_are() -> None:
    """A contact has their customer number: DUPLICATE_DATA; the first lead is that of the published sample."""
    with Sandbox(vendors=["zoho"]) as demo:
        contacts = {contact["Customer_Number"] for contact in everything(demo, "Contacts")} - {None}
        leads = [lead for lead in everything(demo, "Leads") if not lead["$converted"]]
        same = [lead["id"] for lead in leads if lead["Customer_Number"] in contacts]
        assert same
        assert {refusal(convert(demo, lead))[1] for lead in same} == {"DUPLICATE_DATA"}
        done = sum(convert(demo, lead["id"]).status_code == 200 for lead in leads if lead["id"] not in same)
        assert done == len(leads) - len(same)
        assert leads[-1]["id"] == "3652397000007566544"


def test_another_seed_gives_other_people() -> None:
    """The same seed the same."""
    with (
        Sandbox(1, vendors=["zoho"]) as one,
        Sandbox(1, vendors=["zoho"]) as same,
        Sandbox(2, vendors=["zoho"]) as other,
    ):
        first, again, else_ = (everything(each, "Leads") for each in (one, same, other))
        assert first == again
        assert first != else_
