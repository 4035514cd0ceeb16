"""Zoho's mass conversion: a job that tells counts only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.sandbox.zoho_calls import call, convert, new, read, refusal

from leadlens.emulation.clock import VirtualClock
from leadlens.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty", vendors=["zoho"]) as made:
        yield made


def start(sandbox: Sandbox, version: str = "v8", **body: Any) -> Any:
    return call(sandbox, "POST", "/Leads/actions/mass_convert", body, version)


def counts(sandbox: Sandbox, job: str) -> tuple[str, int, int, int]:
    found = call(sandbox, "GET", "/Leads/actions/mass_convert", job_id=job).json()["data"][0]
    return found["Status"], found["Converted_Count"], found["Not_Converted_Count"], found["Failed_Count"]


def test_a_mass_conversion_is_a_job_that_tells_counts_only(sandbox: Sandbox) -> None:
    """Its changes belong to the call that asked for it, at the time when they happened."""
    leads = [new(sandbox, Tag=[{"name": "hot"}]) for _ in range(3)]
    other = call(sandbox, "GET", "/users").json()["users"][1]["id"]
    convert(sandbox, leads[2])
    job = start(sandbox, ids=[leads[0], int(leads[1]), leads[2]], assign_to={"id": other}, Deals={"Deal_Name": "Pilot"},
                carry_over_tags=[{"api_name": "Contacts", "id": "1"}])  # fmt: skip
    assert (job.status_code, job.json()["code"]) == (202, "SCHEDULED")
    asked = sandbox.truth.entries()[-1]
    number = job.json()["details"]["job_id"]
    assert counts(sandbox, number) == ("scheduled", 0, 3, 0)
    assert call(sandbox, "GET", f"/Leads/{leads[0]}").status_code == 200
    assert isinstance(sandbox.clock, VirtualClock)
    sandbox.clock.advance(4)
    assert counts(sandbox, number) == ("in progress", 0, 3, 0)
    sandbox.clock.advance(5)
    assert counts(sandbox, number) == ("completed", 2, 0, 1)
    done = read(sandbox, "Leads", leads[0], converted="true")["$converted_detail"]
    contact = read(sandbox, "Contacts", done["contact"])
    assert (contact["Owner"]["id"], [tag["name"] for tag in contact["Tag"]]) == (other, ["hot"])
    assert read(sandbox, "Deals", done["deal"])["Stage"] == "Qualification"
    changes = sandbox.truth.changes("zoho", "Leads", "converted")[1:]
    assert {(change.sequence, change.at) for change in changes} == {(asked.sequence, asked.at + 10)}
    assert refusal(convert(sandbox, leads[0]))[1] == "ID_ALREADY_CONVERTED"


def test_a_job_of_which_nothing_comes_has_failed(sandbox: Sandbox) -> None:
    """Capitals if the switch says so."""
    with Sandbox(data="empty", vendors=["zoho"], switches={"zoho.job_status": "capitals"}) as loud:
        lead = new(loud)
        convert(loud, lead)
        number = start(loud, ids=[lead]).json()["details"]["job_id"]
        loud.clock.sleep(20)
        assert counts(loud, number) == ("FAILED", 0, 0, 1)


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ({}, "MANDATORY_NOT_FOUND", "$.ids"),
        ({"ids": "5"}, "INVALID_DATA", "$.ids"),
        ({"ids": ["a"]}, "INVALID_DATA", "$.ids[0]"),
        ({"ids": ["5"]}, "INVALID_DATA", "$.ids[0]"),
        ({"ids": ["5"] * 51}, "LIMIT_EXCEEDED", None),
        ({"ids": ["$"], "Deals": {"Amount": 5}}, "MANDATORY_NOT_FOUND", "$.Deals.Deal_Name"),
        ({"ids": ["$"], "Deals": {"Deal_Name": 5}}, "INVALID_DATA", "$.Deals.Deal_Name"),
        ({"ids": ["$"], "assign_to": {"id": "5"}}, "INVALID_DATA", "$.assign_to"),
        ({"ids": ["$"], "carry_over_tags": [{"api_name": "Leads"}]}, "INVALID_DATA", "$.carry_over_tags[0].api_name"),
        ({"ids": ["$"], "related_modules": [{}]}, "EXPECTED_FIELD_MISSING", None),
        ({"ids": ["$"], "related_modules": [{"api_name": "Notes"}]}, "INVALID_DATA", "$.related_modules[0].api_name"),
        ({"ids": ["$"], "related_modules": 5}, "INVALID_DATA", "$.related_modules"),
        ({"ids": ["$"], "portal_user_type": {}}, "NOT_SUPPORTED", None),
        ({"ids": ["$"], "apply_assignment_threshold": 1}, "INVALID_DATA", "$.apply_assignment_threshold"),
        ({"ids": ["$"], "colour": 1}, "INVALID_DATA", "$.colour"),
    ],
)
def test_a_bad_mass_conversion_is_refused_at_the_root(
    sandbox: Sandbox, body: dict[str, Any], code: str, path: str | None
) -> None:
    """And no job is made."""
    lead = new(sandbox)
    body = body | ({"ids": [lead]} if body.get("ids") == ["$"] else {})
    reply = start(sandbox, **body)
    assert "data" not in reply.json()
    assert refusal(reply) == (400, code, path)
    assert sandbox.store("zoho").count("job") == 0


def test_the_status_of_a_job_needs_its_id(sandbox: Sandbox) -> None:
    """Missing or unknown."""
    queries: list[tuple[dict[str, Any], str]] = [({}, "REQUIRED_PARAM_MISSING"), ({"job_id": "5"}, "INVALID_DATA")]
    for query, code in queries:
        assert refusal(call(sandbox, "GET", "/Leads/actions/mass_convert", **query))[:2] == (400, code)
    old = sandbox.session("zoho").post(sandbox.url("zoho@v3", "/Leads/actions/mass_convert"), json={"ids": ["5"]})
    assert old.status_code == 404


def test_nobody_else_runs_a_job(sandbox: Sandbox) -> None:
    """The sandbox's own header needs the job's key."""
    job = start(sandbox, ids=[new(sandbox)]).json()["details"]["job_id"]
    session = sandbox.session("zoho")
    for value in (f"{job}:x", "x", ""):
        session.headers["X-Sandbox-Job"] = value
        reply = call(sandbox, "POST", "/Leads/actions/mass_convert", {"ids": ["5"]}, session=session)
        assert reply.status_code == 400
    assert sandbox.truth.changes("zoho", what="converted") == []
