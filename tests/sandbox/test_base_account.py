"""Base's sandbox: what the account is set up with, custom field definitions, notes and tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.sandbox.base_calls import call, data, errors, ids, new_lead

from leadlens.emulation.clock import VirtualClock
from leadlens.sandbox import Sandbox

TYPES = {
    "string", "text", "phone", "email", "url", "list", "number", "bool", "date", "datetime", "multi_select_list",
    "address",
}  # fmt: skip
"""Every type of the contract; ``boolean`` is another name of ``bool`` there."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty") as made:
        yield made


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("users", 5),
        ("pipelines", 3),
        ("stages", 17),
        ("lead_sources", 5),
        ("deal_sources", 4),
        ("loss_reasons", 4),
        ("lead_unqualified_reasons", 4),
        ("deal_unqualified_reasons", 2),
        ("tags", 18),
        ("lead/custom_fields", 13),
        ("contact/custom_fields", 11),
        ("deal/custom_fields", 3),
    ],
)
def test_an_account_is_set_up(sandbox: Sandbox, path: str, count: int) -> None:
    """Every list is in the contract's shape, by pages, and each of its records can be read."""
    listed = call(sandbox, "GET", f"/{path}?per_page=100").json()["items"]
    assert len(listed) == count
    second = call(sandbox, "GET", f"/{path}?per_page=1&page=2")
    assert second.json()["items"] == listed[1:2]
    if path != "lead_unqualified_reasons" and "/" not in path:
        assert data(call(sandbox, "GET", f"/{path}/{listed[0]['data']['id']}")) == listed[0]["data"]
        assert call(sandbox, "GET", f"/{path}/999").status_code == 404
    assert errors(call(sandbox, "GET", f"/{path}?color=red")) == [(None, "invalid_param")]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/stages?pipeline_id=2", [8, 9, 10, 11, 12]),
        ("/stages?pipeline_id=2&active=false&sort_by=position:desc", [12, 11, 10]),
        ("/stages?name=Won", [5, 10, 15]),
        ("/pipelines?disabled=true", []),
        ("/users?status=inactive", [5]),
        ("/users?role=admin&confirmed=true&email=sandra@example.com", [1]),
        ("/users?ids=2,3&sort_by=name:desc", [2, 3]),
        ("/tags?resource_type=deal&name=vip", [14]),
        ("/loss_reasons?name=Price", [1]),
    ],
)
def test_lists_of_the_account_are_filtered_and_sorted(sandbox: Sandbox, path: str, found: list[int]) -> None:
    """By what the contract names."""
    assert ids(call(sandbox, "GET", path)) == found


def test_the_account_and_the_user_are_those_of_the_token(sandbox: Sandbox) -> None:
    """The same for every token."""
    assert data(call(sandbox, "GET", "/accounts/self"))["currency"] == "USD"
    assert data(call(sandbox, "GET", "/users/self")) == data(call(sandbox, "GET", "/users/1"))


def test_pipelines_begin_and_end(sandbox: Sandbox) -> None:
    """Each has one incoming stage, and ways to win, lose and drop a deal; positions have no gap."""
    stages = [item["data"] for item in call(sandbox, "GET", "/stages?per_page=100").json()["items"]]
    for pipeline in (1, 2, 3):
        own = [stage for stage in stages if stage["pipeline_id"] == pipeline]
        assert [stage["position"] for stage in own] == list(range(1, len(own) + 1))
        categories = [stage["category"] for stage in own]
        assert [categories.count(name) for name in ("incoming", "won", "lost", "unqualified")] == [1, 1, 1, 1]


def test_definitions_are_of_every_type(sandbox: Sandbox) -> None:
    """Choices where there is something to choose; contacts say whom a definition is for."""
    leads = [item["data"] for item in call(sandbox, "GET", "/lead/custom_fields?per_page=100").json()["items"]]
    assert {one["type"] for one in leads} == TYPES
    assert {one["type"] for one in leads if "choices" in one} == {"list", "multi_select_list"}
    contacts = [item["data"] for item in call(sandbox, "GET", "/contact/custom_fields").json()["items"]]
    assert [one["name"] for one in contacts if not one["for_contact"]] == ["Shop"]
    assert [one["name"] for one in contacts if not one["for_company"]] == ["Birthday"]
    assert call(sandbox, "GET", "/lead/custom_fields?resource=deal").status_code == 400


def test_custom_values_of_every_type_come_back_as_they_were(sandbox: Sandbox) -> None:
    """Numbers of any size too."""
    values = {
        "External ID": "é",
        "Fax (old)": "+1",
        "Ships to": {"line1": None, "city": "東京"},
        "Consent given": "2026-01-31T09:00:00+01:00",
        "Budget": 10**30,
        "Region": "West",
        "Interested in": [],
        "Background": "a\nb",
        "Newsletter": False,
        "Second e-mail": "a@x.example",
        "Shop": "https://x.example",
        "Birthday": "1970-01-31",
    }
    lead = new_lead(sandbox, custom_fields=values)
    assert data(call(sandbox, "GET", f"/leads/{lead}"))["custom_fields"] == values
    assert (
        data(call(sandbox, "PUT", f"/leads/{lead}", {"custom_fields": {"Budget": 0.1}}))["custom_fields"]["Budget"]
        == 0.1
    )
    text = call(sandbox, "PUT", f"/leads/{lead}", {"custom_fields": {"Budget": "123.45"}})
    assert data(text)["custom_fields"]["Budget"] == "123.45", "the page of custom fields has numbers as texts"


def test_a_new_tag_is_kept(sandbox: Sandbox) -> None:
    """For its kind of record, once."""
    for lead in (new_lead(sandbox, tags=["fresh"]), new_lead(sandbox)):
        call(sandbox, "PUT", f"/leads/{lead}", {"tags": ["fresh", "vip"]})
    found = call(sandbox, "GET", "/tags?name=fresh").json()["items"]
    assert [(one["data"]["resource_type"], one["data"]["creator_id"]) for one in found] == [("lead", 1)]


# --- notes and tasks -------------------------------------------------------------------------------------------------


def test_notes_and_tasks_are_made_read_and_changed(sandbox: Sandbox) -> None:
    """What is not given stays."""
    place = {"resource_type": "lead", "resource_id": new_lead(sandbox)}
    for path, more in (("notes", {"is_important": True, "tags": ["a"]}), ("tasks", {"owner_id": 2})):
        made = data(call(sandbox, "POST", f"/{path}", place | {"content": "A"} | more))
        changed = data(call(sandbox, "PUT", f"/{path}/{made['id']}", {"content": "B"}))
        assert changed == made | {"content": "B", "updated_at": changed["updated_at"]}
        assert data(call(sandbox, "GET", f"/{path}/{made['id']}")) == changed
        assert call(sandbox, "GET", f"/{path}/99").status_code == 404


def test_a_task_is_done_or_overdue(sandbox: Sandbox) -> None:
    """By its own date and the clock; a task need not be about anything."""
    given = {"content": "A", "due_date": "2026-01-05T09:00:30Z", "remind_at": "2026-01-05T09:00:20Z"}
    task = data(call(sandbox, "POST", "/tasks", given))
    assert (task["overdue"], task["completed_at"], task["resource_id"]) == (False, None, None)
    assert isinstance(sandbox.clock, VirtualClock)
    sandbox.clock.advance(60)
    assert ids(call(sandbox, "GET", "/tasks?overdue=true&type=floating&remind=true&completed=false")) == [1]
    done = data(call(sandbox, "PUT", "/tasks/1", {"completed": True}))
    assert (done["overdue"], done["completed_at"]) == (False, done["updated_at"])
    assert ids(call(sandbox, "GET", "/tasks?overdue=true")) == ids(call(sandbox, "GET", "/tasks?type=related")) == []
    assert ids(call(sandbox, "GET", "/tasks?remind=false")) == []


@pytest.mark.parametrize(
    ("path", "given", "found"),
    [
        ("/notes", {"content": "A"}, [("/data/resource_type", "missing"), ("/data/resource_id", "missing")]),
        (
            "/notes",
            {"content": "A", "resource_type": "lead", "resource_id": 99},
            [("/data/resource_id", "incorrect_value")],
        ),
        ("/notes", {"content": 7}, [("/data/content", "invalid_type")]),
        ("/tasks", {}, [("/data/content", "missing")]),
        ("/tasks", {"content": "A", "resource_type": "lead"}, [("/data/resource_id", "incorrect_value")]),
        ("/tasks", {"content": "A", "owner_id": 99}, [("/data/owner_id", "incorrect_value")]),
        ("/tasks", {"content": "A", "due_date": "soon"}, [("/data/due_date", "invalid_type")]),
    ],
)
def test_notes_and_tasks_are_read_strictly(
    sandbox: Sandbox, path: str, given: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    """By key, type and what they are about."""
    reply = call(sandbox, "POST", path, given)
    assert (reply.status_code, errors(reply)) == (422, found)
