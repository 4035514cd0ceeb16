"""Copper's sandbox against its contract: every operation, every key a write takes, and all that is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from tests.contracts import check_reply, document, properties, routes

from leadlens.sandbox import Sandbox
from leadlens_copper.sandbox import SANDBOX

PREFIX = "/developer_api/v1"
ADDRESS = {"street": "1 Main St", "city": "Łódź", "state": None, "postal_code": "90-001", "country": "PL"}
WORDS = {"name": "Ana Souza", "details": "x", "tags": ["a", "b"], "assignee_id": 137659}
CARD = {
    **WORDS,
    "address": ADDRESS,
    "phone_numbers": [{"number": "+1 415", "category": "mobile"}, {"number": "+1 416", "category": "home"}],
    "socials": [{"url": "https://x.example/a", "category": "twitter"}],
    "websites": [{"url": "a.example", "category": "personal"}],
}
RELATED = {"related_resource": {"id": 13349319, "type": "company"}, "status": "Completed"}
WHOLE: dict[str, tuple[str, dict[str, Any]]] = {
    "Lead": (
        "leads",
        {
            **CARD,
            "company_name": "Padaria",
            "customer_source_id": 331241,
            "email": {"email": "a@x.example", "category": "other"},
            "monetary_value": 12.5,
            "status": "Junk",
            "title": "Owner",
        },
    ),
    "Person": (
        "people",
        {
            **CARD,
            "company_id": 13349319,
            "contact_type_id": 451491,
            "emails": [{"email": "p@x.example", "category": "work"}, {"email": "q@x.example", "category": "other"}],
            "title": "部長",
        },
    ),
    "Company": (
        "companies",
        {**CARD, "contact_type_id": 451490, "email_domain": "x.example", "primary_contact_id": 27140359},
    ),
    "Opportunity": (
        "opportunities",
        {
            **WORDS,
            "close_date": "1/23/2026",
            "company_id": 13349319,
            "customer_source_id": 331240,
            "loss_reason_id": 97701,
            "monetary_value": 1000,
            "pipeline_id": 213215,
            "pipeline_stage_id": 987797,
            "primary_contact_id": 27140359,
            "priority": "High",
            "status": "Lost",
            "win_probability": 99,
        },
    ),
    "Project": ("projects", {**WORDS, **RELATED}),
    "Task": ("tasks", {**WORDS, **RELATED, "due_date": 1767603600, "reminder_date": 1767600000, "priority": "Low"}),
}
UNRECORDED = {"prefix", "first_name", "middle_name", "last_name", "suffix", "monetary_unit", "status_id"}
CUSTOMS = {
    100764: ("text", 7, "x" * 256),
    100765: (0.5, "0.5", True),
    100766: ("long " * 100, 7, []),
    100767: (262644, "Bakery", 5),
    100768: ([262650, 262651], 262650, [5]),
    100769: (1767603600, "2026-01-05", True),
    100770: (True, 1, "true"),
    100771: ("https://a.example", 5, {}),
    100772: (40, "40", []),
    100773: (1500.25, "1500", True),
}
"""By definition: a value that a lead takes, and two that it does not."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty", vendors=["copper"]) as made:
        call(made, "POST", "/people", {"name": "Contact"})
        call(made, "POST", "/companies", {"name": "Firm"})
        yield made


def call(sandbox: Sandbox, method: str, path: str, body: Any = None) -> requests.Response:
    """Call Copper and hold the reply against the contract."""
    reply = sandbox.session("copper").request(method, sandbox.url("copper", path), json=body)
    bare = path.partition("?")[0]
    assert check_reply("copper", method, f"{PREFIX}{bare}", reply.status_code, reply.json()) == []
    return reply


def test_every_operation_of_the_contract_is_spoken() -> None:
    """And none besides; only the login page, which a browser shows, is left out."""
    wanted = {route.operation["operationId"] for route in routes("copper")}
    assert {route.operation for route in SANDBOX.routes} == wanted


@pytest.mark.parametrize("schema", list(WHOLE))
def test_every_key_of_a_write_is_kept_and_given_back(sandbox: Sandbox, schema: str) -> None:
    """Written at once or by an update, read as written; null clears what may be null."""
    path, body = WHOLE[schema]
    assert set(body) | UNRECORDED | {"custom_fields"} >= properties("copper", f"{schema}Input")
    made = call(sandbox, "POST", f"/{path}", body).json()
    read = call(sandbox, "GET", f"/{path}/{made['id']}").json()
    assert {key: read[key] for key in body} == body
    first = {"name": "B", **({"primary_contact_id": 27140359} if schema == "Opportunity" else {})}
    later = call(sandbox, "POST", f"/{path}", first).json()
    change = {**body, **({"emails": [{"email": "z@x.example", "category": None}]} if schema == "Person" else {})}
    wrote = call(sandbox, "PUT", f"/{path}/{later['id']}", change).json()
    moved = {"company_id"} if schema == "Person" else set()
    assert {key: wrote[key] for key in change.keys() - moved} == {k: change[k] for k in change.keys() - moved}


@pytest.mark.parametrize("schema", list(WHOLE))
def test_null_clears_and_absent_leaves(sandbox: Sandbox, schema: str) -> None:
    """An update says what it names, and nothing else."""
    path, body = WHOLE[schema]
    number = call(sandbox, "POST", f"/{path}", body).json()["id"]
    before = call(sandbox, "GET", f"/{path}/{number}").json()
    after = call(sandbox, "PUT", f"/{path}/{number}", {"details": None, "tags": None, "assignee_id": None}).json()
    assert after == {
        **before,
        "details": None,
        "tags": [],
        "assignee_id": None,
        "date_modified": after["date_modified"],
    }


@pytest.mark.parametrize("schema", list(WHOLE))
def test_a_value_of_another_type_is_refused_whatever_the_key(sandbox: Sandbox, schema: str) -> None:
    """422 in Copper's envelope, with the key in a header; and nothing is written."""
    path, body = WHOLE[schema]
    count = sandbox.store("copper").count(schema.lower())
    for key in properties("copper", f"{schema}Input"):
        for wrong in ({"x": 1}, [7], True) if key != "custom_fields" else ({}, "x", [7]):
            reply = call(sandbox, "POST", f"/{path}", {**body, key: wrong})
            assert reply.status_code == 422, (key, wrong)
            assert key in reply.headers["X-Sandbox-Unclear"]
    assert sandbox.store("copper").count(schema.lower()) == count


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("leads", {"email": {"email": "a@x.example", "category": "home"}}),
        ("leads", {"email": {"email": "a@x.example", "kind": "work"}}),
        ("leads", {"phone_numbers": [{"number": "1", "category": "personal"}]}),
        ("leads", {"phone_numbers": [{"category": "work"}]}),
        ("leads", {"address": {"zip": "1"}}),
        ("leads", {"socials": [{"url": "x", "category": "myspace"}]}),
        ("leads", {"status": "Hot"}),
        ("leads", {"assignee_id": 5}),
        ("leads", {"customer_source_id": 5}),
        ("leads", {"custom_fields": [{"custom_field_definition_id": 5, "value": None}]}),
        ("leads", {"custom_fields": [{"custom_field_definition_id": 100764}]}),
        ("people", {"company_id": 5}),
        ("opportunities", {"primary_contact_id": 27140359, "close_date": "13/23/2026"}),
        ("opportunities", {"primary_contact_id": 27140359, "pipeline_stage_id": 987797}),
        ("opportunities", {"primary_contact_id": 27140359, "win_probability": 101}),
        ("opportunities", {"primary_contact_id": 5}),
        ("tasks", {"related_resource": {"id": 5, "type": "lead"}}),
        ("tasks", {"completed_date": 1}),
    ],
)
def test_nested_values_enumerations_and_ids_are_checked(sandbox: Sandbox, path: str, body: dict[str, Any]) -> None:
    """A category, a key, an id or a stage that is not there is refused."""
    assert call(sandbox, "POST", f"/{path}", {"name": "A", **body}).status_code == 422


@pytest.mark.parametrize("number", list(CUSTOMS))
def test_custom_values_are_checked_by_type(sandbox: Sandbox, number: int) -> None:
    """A value of the definition's type is kept, another refused, null clears."""
    good, *bad = CUSTOMS[number]
    for value, status in ((good, 200), *((wrong, 422) for wrong in bad), (None, 200)):
        fields = [{"custom_field_definition_id": number, "value": value}]
        reply = call(sandbox, "POST", "/leads", {"name": "A", "custom_fields": fields})
        assert reply.status_code == status, value
        if value is not None and status == 200:
            assert {"custom_field_definition_id": number, "value": good} in reply.json()["custom_fields"]


def test_computed_values_are_names_where_values_are_options(sandbox: Sandbox) -> None:
    """All other fields repeat their value; only ``true`` asks for them, and what is no flag is refused."""
    fields = [{"custom_field_definition_id": n, "value": CUSTOMS[n][0]} for n in (100767, 100768, 100764)]
    number = call(sandbox, "POST", "/leads", {"name": "A", "custom_fields": fields}).json()["id"]
    shown = call(sandbox, "GET", f"/leads/{number}?custom_field_computed_values=true").json()["custom_fields"]
    computed = {item["custom_field_definition_id"]: item["computed_value"] for item in shown}
    assert (computed[100767], computed[100768], computed[100764]) == ("Bakery", ["Starter", "Team"], "text")
    assert "computed_value" not in call(sandbox, "GET", f"/leads/{number}").json()["custom_fields"][0]
    assert call(sandbox, "GET", f"/leads/{number}?custom_field_computed_values=yes").status_code == 422
    assert call(sandbox, "GET", f"/leads/{number}?fields=name").status_code == 422


def test_every_type_of_definition_is_there(sandbox: Sandbox) -> None:
    """With options where there are any, and the flag that says whether it is a filter."""
    enum = document("copper/openapi.json")["components"]["schemas"]["CustomFieldDefinition"]["properties"]["data_type"]
    found = call(sandbox, "GET", "/custom_field_definitions").json()
    assert {definition["data_type"] for definition in found} == set(enum["enum"])
    assert {definition["is_filterable"] for definition in found} == {True, False}
    assert call(sandbox, "GET", f"/custom_field_definitions/{found[3]['id']}").json() == found[3]
    assert len(found[3]["options"]) == 6


def test_an_address_is_a_unique_key_of_people(sandbox: Sandbox) -> None:
    """A second person with it is refused; the first is found by it, whatever its case."""
    body = {"name": "A", "emails": [{"email": "Ana@x.example", "category": "work"}]}
    number = call(sandbox, "POST", "/people", body).json()["id"]
    assert call(sandbox, "POST", "/people", body).status_code == 422
    assert call(sandbox, "POST", "/people/fetch_by_email", {"email": "ana@X.example"}).json()["id"] == number
    assert call(sandbox, "POST", "/people/fetch_by_email", {"email": "b@x.example"}).status_code == 404


def test_bulk_results_stand_in_order(sandbox: Sandbox) -> None:
    """What can be made is made; what cannot says by key why."""
    good = {"name": "A", "primary_contact_id": 27140359}
    reply = call(sandbox, "POST", "/opportunities/bulk_create", {"opportunities": [good, {"name": "B"}, good]}).json()
    assert [one.get("name") for one in reply] == ["A", None, "A"]
    assert reply[1] == {"success": False, "message": {"primary_contact_id": [{"error": "invalid"}]}}
    assert sandbox.store("copper").count("opportunity") == 2


def test_plain_records_are_made_changed_listed_and_deleted(sandbox: Sandbox) -> None:
    """Activities and subscriptions."""
    lead = call(sandbox, "POST", "/leads", {"name": "A"}).json()["id"]
    note = {"parent": {"type": "lead", "id": lead}, "type": {"category": "user", "id": 0}, "details": "said yes"}
    number = call(sandbox, "POST", "/activities", note).json()["id"]
    assert call(sandbox, "PUT", f"/activities/{number}", {"details": "no"}).json()["details"] == "no"
    person = call(sandbox, "POST", f"/leads/{lead}/convert", {"details": {}}).json()["person"]["id"]
    found = call(sandbox, "POST", "/activities/search", {"parent": {"type": "person", "id": person}}).json()
    assert [each["id"] for each in found] == [number]
    assert call(sandbox, "DELETE", f"/activities/{number}").json() == {"id": number, "is_deleted": True}
    hook = call(sandbox, "POST", "/webhooks", {"target": "https://a.example", "type": "lead", "event": "new"}).json()
    assert (
        call(sandbox, "GET", "/webhooks").json() == [hook] == [call(sandbox, "GET", f"/webhooks/{hook['id']}").json()]
    )
    assert call(sandbox, "DELETE", f"/webhooks/{hook['id']}").json() == {"id": hook["id"]}
    assert call(sandbox, "GET", f"/webhooks/{hook['id']}").status_code == 404


def test_users_account_layouts_and_tags(sandbox: Sandbox) -> None:
    """``me`` is the user of the header; the layout of opportunities wants a pipeline; tags are counted by kind."""
    assert call(sandbox, "GET", "/users/me").json()["email"] == "sales@example.com"
    assert len(call(sandbox, "POST", "/users/search", {"page_size": 3}).json()) == 3
    assert call(sandbox, "GET", "/account").json()["id"] == 123
    assert call(sandbox, "GET", "/field_layouts/by_entity/opportunities").status_code == 422
    layout = call(sandbox, "GET", "/field_layouts/by_entity/leads").json()
    assert {"cf_100764", "company_name"} <= {item["field_key"] for item in layout}
    call(sandbox, "POST", "/leads", {"name": "A", "tags": ["b", "a"]})
    call(sandbox, "POST", "/companies", {"name": "A", "tags": ["b"]})
    assert [(t["name"], t["count"]) for t in call(sandbox, "GET", "/tags?sort_by=count").json()] == [("b", 2), ("a", 1)]
    assert call(sandbox, "GET", "/tags?tag_names_only=true&last_tag_value=a").json() == ["b"]


@pytest.mark.parametrize("path", ["leads", "people", "companies", "opportunities", "projects", "tasks", "activities"])
def test_a_search_refuses_what_it_does_not_know(sandbox: Sandbox, path: str) -> None:
    """Keys, types, sizes and fields to sort by."""
    bad: list[dict[str, Any]] = [{"x": 1}, {"page_size": 201}, {"page_size": 0}, {"page_number": 0}, {"ids": "1"}]
    for body in [*bad, {"sort_by": "colour"}, {"sort_direction": "up"}]:
        assert call(sandbox, "POST", f"/{path}/search", body).status_code == 422, body


@pytest.mark.parametrize("schema", ["Lead", "Person", "Company", "Opportunity", "Project", "Task"])
def test_a_search_knows_every_documented_criterion(sandbox: Sandbox, schema: str) -> None:
    """Each is understood; that each finds what it should, the published exchanges show."""
    from leadlens_copper.sandbox.criteria import CRITERIA

    form = {"page_number", "page_size", "sort_by", "sort_direction", "include_converted_leads"}
    assert set(CRITERIA[schema.lower()]) | form >= properties("copper", f"{schema}Search")
    assert set(CRITERIA[schema.lower()]) <= properties("copper", f"{schema}Search")
