"""Base's sandbox: conversions, errors and credentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.contracts import check_reply
from tests.sandbox.base_calls import call, convert, data, errors, hold, ids, new_lead

from leadlens.emulation.clock import VirtualClock
from leadlens.emulation.faults import Fault
from leadlens.emulation.limits import Limit
from leadlens.sandbox import Sandbox
from leadlens_base.sandbox.conversions import converted


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty") as made:
        yield made


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
    reply = sandbox.session().get(sandbox.url("base", "/leads/1"), headers=headers)
    assert reply.status_code == status
    hold(reply, "GET")


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


def test_a_revoked_token_is_refused(sandbox: Sandbox) -> None:
    """And only that one."""
    bearer = {"Authorization": "Bearer mine"}
    assert sandbox.session().get(sandbox.url("base", "/users/self"), headers=bearer).status_code == 200
    form = {"token": "mine"}
    for _ in range(2):
        assert sandbox.session().post(f"{sandbox.root('base')}/oauth2/revoke", data=form).status_code == 200
    assert sandbox.session().get(sandbox.url("base", "/users/self"), headers=bearer).status_code == 401
    assert call(sandbox, "GET", "/users/self").status_code == 200


def test_a_token_request_with_an_unknown_key_is_refused(sandbox: Sandbox) -> None:
    """By name; form keys are as strict as JSON keys."""
    form = {"grant_type": "password", "password": "p", "passwd": "p"}
    reply = sandbox.session().post(f"{sandbox.root('base')}/oauth2/token", data=form)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert "passwd" in reply.json()["error_description"]


def test_a_missing_user_agent_is_a_switch() -> None:
    """It is mandatory; what Base answers is not recorded, so by default it refuses."""
    silent = {"Authorization": "Bearer any", "User-Agent": ""}
    for option, code in (("refused", "invalid_param"), ("named", "invalid_user_agent"), ("answered", None)):
        with Sandbox(data="empty", switches={"base.no_user_agent": option}) as sandbox:
            reply = sandbox.session().get(sandbox.url("base", "/accounts/self"), headers=silent)
            hold(reply, "GET")
            assert (reply.status_code, errors(reply) if code else []) == (
                400 if code else 200,
                [(None, code)][: bool(code)],
            )


def test_a_limit_is_dressed_as_429_or_as_the_404_that_was_seen() -> None:
    """The default is documented; the other is third-party."""
    limits = {"base": [Limit(0, 60, each="token")]}
    for option, status, code in (("429", 429, "rate_limit_exceeded"), ("404", 404, "not_found")):
        with Sandbox(data="empty", limits=limits, switches={"base.too_many": option}) as sandbox:
            reply = call(sandbox, "GET", "/leads")
            assert (reply.status_code, errors(reply)) == (status, [(None, code)])
            assert "Retry-After" not in reply.headers


# --- what a conversion carries over ----------------------------------------------------------------------------------

CUSTOM = {
    "External ID": "A-1",
    "Region": "West",
    "Budget": 1250.5,
    "Birthday": "1970-01-31",
    "Shop": "https://shop.example/",
    "Interested in": ["Ovens", "Service"],
    "Ships to": {"city": "Lyon"},
    "Fax (old)": "+33 2",
}
"""Deals have no Region ``West``; contacts have Budget and Fax (old) of other types; only leads have Ships to."""


def test_a_conversion_copies_by_name_and_type(sandbox: Sandbox) -> None:
    """Attributes, address and custom fields go where they exist; a choice that is not there stays behind."""
    about = {"phone": "+33 1", "industry": "Bakery", "address": {"city": "Lyon", "country": "FR"}, "owner_id": 3}
    lead = new_lead(sandbox, **about, title="Owner", custom_fields=CUSTOM, tags=["vip"], source_id=3)
    done = convert(sandbox, lead)
    person = data(call(sandbox, "GET", f"/contacts/{done['individual_id']}"))
    firm = data(call(sandbox, "GET", f"/contacts/{done['organization_id']}"))
    deal = data(call(sandbox, "GET", f"/deals/{done['deal_id']}"))
    for contact in (person, firm):
        assert {key: contact[key] for key in about} == about
        assert contact["tags"] == ["vip"]
    shared = {key: CUSTOM[key] for key in ("External ID", "Region", "Interested in")}
    assert person["custom_fields"] == shared | {"Birthday": "1970-01-31"}
    assert firm["custom_fields"] == shared | {"Shop": "https://shop.example/"}
    assert deal["custom_fields"] == {"External ID": "A-1", "Budget": 1250.5}
    assert (person["title"], firm["title"], firm["first_name"]) == ("Owner", None, None)
    assert (deal["name"], deal["owner_id"], deal["tags"], deal["source_id"]) == ("Boulangerie", 3, [], 2)
    assert (deal["value"], deal["stage_id"]) == (None, 1)


@pytest.mark.parametrize(
    ("option", "contact", "deal"), [("contacts", ["vip"], []), ("everywhere", ["vip"], ["vip"]), ("dropped", [], [])]
)
def test_where_tags_go_is_a_switch(option: str, contact: list[str], deal: list[str]) -> None:
    """The pages say nothing of it."""
    with Sandbox(data="empty", switches={"base.tags": option}) as sandbox:
        done = convert(sandbox, new_lead(sandbox, tags=["vip"]))
        assert data(call(sandbox, "GET", f"/contacts/{done['individual_id']}"))["tags"] == contact
        assert data(call(sandbox, "GET", f"/deals/{done['deal_id']}"))["tags"] == deal


def test_the_owner_is_the_requests_or_else_the_leads(sandbox: Sandbox) -> None:
    """Of all that is made; one that is not there is refused and nothing is made."""
    lead = new_lead(sandbox, owner_id=2)
    for given, owner in (({}, 2), ({"owner_id": 4}, 4)):
        done = convert(sandbox, lead, **given)
        kinds = {"individual_id": "contacts", "organization_id": "contacts", "deal_id": "deals"}
        places = [f"/{kind}/{done[key]}" for key, kind in kinds.items()]
        assert {data(call(sandbox, "GET", place))["owner_id"] for place in places} == {owner}
    before = len(sandbox.truth.changes("base"))
    reply = call(sandbox, "POST", "/lead_conversions", {"lead_id": lead, "owner_id": 99})
    assert (reply.status_code, errors(reply)) == (422, [("/data/owner_id", "incorrect_value")])
    assert len(sandbox.truth.changes("base")) == before


def test_a_deal_without_an_organization_is_the_persons(sandbox: Sandbox) -> None:
    """Its name is that of the person."""
    done = convert(sandbox, new_lead(sandbox, organization_name=None))
    deal = data(call(sandbox, "GET", f"/deals/{done['deal_id']}"))
    assert (deal["name"], deal["contact_id"], deal["organization_id"]) == ("Zoë Martin", done["individual_id"], None)


@pytest.mark.parametrize(("option", "status", "second"), [("kept", 200, 200), ("gone", 404, 422)])
def test_whether_a_converted_lead_can_be_read_is_a_switch(option: str, status: int, second: int) -> None:
    """By default it stays as it was, so that nothing keeps anybody from converting it again."""
    with Sandbox(data="empty", switches={"base.converted_lead": option}) as sandbox:
        lead, other = new_lead(sandbox), new_lead(sandbox, email="b@x.example")
        before = data(call(sandbox, "GET", f"/leads/{lead}"))
        convert(sandbox, lead)
        read = call(sandbox, "GET", f"/leads/{lead}")
        assert read.status_code == status
        assert ids(call(sandbox, "GET", "/leads")) == ([lead, other] if option == "kept" else [other])
        assert option == "gone" or data(read) == before
        assert call(sandbox, "POST", "/lead_conversions", {"lead_id": lead}).status_code == second
        if option == "gone":
            assert data(call(sandbox, "POST", "/leads/upsert?email=zoe@x.example", {"last_name": "A"}))["id"] != lead


def test_activities_follow_a_moment_later(sandbox: Sandbox) -> None:
    """Notes and tasks are on the lead at first, then on the individual, and the truth log has the move."""
    lead = new_lead(sandbox)
    place = {"resource_type": "lead", "resource_id": lead}
    note = data(call(sandbox, "POST", "/notes", place | {"content": "Called."}))["id"]
    task = data(call(sandbox, "POST", "/tasks", place | {"content": "Call again."}))["id"]
    done = convert(sandbox, lead)
    assert ids(call(sandbox, "GET", f"/notes?resource_type=lead&resource_id={lead}")) == [note]
    there = f"resource_type=contact&resource_id={done['individual_id']}"
    assert ids(call(sandbox, "GET", f"/notes?{there}")) == [note]
    assert ids(call(sandbox, "GET", f"/tasks?{there}")) == [task]
    assert ids(call(sandbox, "GET", f"/notes?resource_type=lead&resource_id={lead}")) == []
    moved = sandbox.truth.changes("base", what="updated")
    assert [(change.kind, change.id) for change in moved] == [("note", note), ("task", task)]


def test_activities_may_follow_to_the_deal() -> None:
    """The page says contacts and/or deal."""
    with Sandbox(data="empty", switches={"base.activities": "deal"}) as sandbox:
        for more, place in (({}, "deal_id"), ({"create_deal": False}, "individual_id")):
            lead = new_lead(sandbox)
            given = {"resource_type": "lead", "resource_id": lead, "content": "Called."}
            note = data(call(sandbox, "POST", "/notes", given))["id"]
            done = convert(sandbox, lead, **more)
            assert isinstance(sandbox.clock, VirtualClock)
            sandbox.clock.advance(5)
            assert data(call(sandbox, "GET", f"/notes/{note}"))["resource_id"] == done[place]


def test_a_search_that_lags_behind_moves_nothing() -> None:
    """It shows notes where they were."""
    with Sandbox(data="empty") as sandbox:
        lead = new_lead(sandbox)
        given = {"resource_type": "lead", "resource_id": lead, "content": "Called."}
        note = data(call(sandbox, "POST", "/notes", given))["id"]
        convert(sandbox, lead)
        sandbox.faults.add(Fault(what="stale_search", operation="base.list_notes", seconds=6))
        assert isinstance(sandbox.clock, VirtualClock)
        sandbox.clock.advance(5)
        assert ids(call(sandbox, "GET", "/notes")) == [note]
        assert data(call(sandbox, "GET", f"/notes/{note}"))["resource_type"] == "contact"


# --- the list of conversions -----------------------------------------------------------------------------------------


def test_conversions_are_found_by_every_id(sandbox: Sandbox) -> None:
    """Of the lead, of what was made, and of who did it; several filters must all be met."""
    first, second = convert(sandbox, new_lead(sandbox)), convert(sandbox, new_lead(sandbox), create_deal=False)
    for key in ("lead_id", "individual_id", "organization_id", "deal_id"):
        assert ids(call(sandbox, "GET", f"/lead_conversions?{key}={first[key]}")) == [first["id"]]
    assert ids(call(sandbox, "GET", "/lead_conversions?creator_id=1")) == [second["id"], first["id"]]
    mixed = f"lead_id={first['lead_id']}&individual_id={second['individual_id']}"
    assert ids(call(sandbox, "GET", f"/lead_conversions?{mixed}")) == []


@pytest.mark.parametrize("query", ["", "&creator_id=1", "&lead_id=1"])
def test_a_walk_by_cursor_meets_every_conversion_once(sandbox: Sandbox, query: str) -> None:
    """Also those of a filter, and also while new ones are made; the last page has no next one."""
    lead = new_lead(sandbox)
    made = [convert(sandbox, lead, create_deal=False)["id"] for _ in range(7)]
    seen: list[int] = []
    path: str | None = f"/lead_conversions?per_page=3{query}"
    while path:
        reply = call(sandbox, "GET", path)
        seen += ids(reply)
        onward = reply.json()["meta"]["links"].get("next_page")
        path = onward and onward.removeprefix(sandbox.url("base"))
        convert(sandbox, lead, create_deal=False)
    assert seen == made[::-1]


def test_pages_go_to_50_and_have_at_most_200(sandbox: Sandbox) -> None:
    """25 unless told otherwise; a page beyond the last one is empty."""
    lead = new_lead(sandbox)
    with sandbox.world("base") as world:
        for _ in range(30):
            converted(world, world.store.get("lead", lead) or {}, {"create_deal": False})
    assert len(ids(call(sandbox, "GET", "/lead_conversions"))) == 25
    assert ids(call(sandbox, "GET", "/lead_conversions?page=2")) == [5, 4, 3, 2, 1]
    assert ids(call(sandbox, "GET", "/lead_conversions?page=50")) == []
    for query in ("page=51", "page=0", "per_page=201", "per_page=0", "page=x", "cursor=x", "cursor=eyJhIjoxfQ%3D%3D"):
        assert errors(call(sandbox, "GET", f"/lead_conversions?{query}")) == [(None, "invalid_param")]
    both = call(sandbox, "GET", "/lead_conversions?page=1&cursor=eyJsYXN0X2lkIjo2NTA3ODF9%0A")
    assert both.status_code == 400


def test_reading_one_conversion_is_a_switch() -> None:
    """The page says that they can be read, and shows only the list."""
    with Sandbox(data="empty", switches={"base.read_conversion": "404"}) as sandbox:
        done = convert(sandbox, new_lead(sandbox))
        assert call(sandbox, "GET", f"/lead_conversions/{done['id']}").status_code == 404


@pytest.mark.parametrize("status", [200, 201])
def test_how_a_creation_is_answered_is_a_switch(status: int) -> None:
    """200 or 201: neither is recorded."""
    with Sandbox(data="empty", switches={"base.created": str(status)}) as sandbox:
        lead = call(sandbox, "POST", "/leads", {"last_name": "A"})
        done = call(sandbox, "POST", "/lead_conversions", {"lead_id": lead.json()["data"]["id"]})
        assert (lead.status_code, done.status_code) == (status, status)
