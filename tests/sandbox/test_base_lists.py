"""Base's sandbox: lists with their filters, order and pages, and upserts by the same filters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts import check_call
from tests.sandbox.base_calls import call, data, errors, ids, new_lead

from leadlens.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty") as made:
        yield made


def filled(sandbox: Sandbox) -> Sandbox:
    """Make four leads, two organizations with people, and three deals."""
    call(sandbox, "POST", "/leads", {"last_name": "Ærø", "email": "a@x.example", "custom_fields": {"Region": "West"}})
    more = {"Budget": 5.0, "Interested in": ["Ovens", "Service"], "Internal code": "7"}
    call(sandbox, "POST", "/leads", {"last_name": "Bø", "email": "A@x.example", "owner_id": 2, "custom_fields": more})
    call(sandbox, "POST", "/leads", {"organization_name": "C", "address": {"city": "Lyon"}, "source_id": 2})
    call(sandbox, "POST", "/leads", {"last_name": "Bø", "status": "Working", "phone": "+1", "mobile": "+2"})
    for name in ("Firm", "Other"):
        call(sandbox, "POST", "/contacts", {"name": name, "is_organization": True, "customer_status": "past"})
    call(
        sandbox, "POST", "/contacts", {"first_name": "P", "last_name": "Q", "contact_id": 1, "prospect_status": "lost"}
    )
    for value, stage in (("10.00", 1), ("200", 2), (None, 2)):
        call(sandbox, "POST", "/deals", {"name": f"D{stage}", "contact_id": 3, "value": value, "stage_id": stage})
    call(sandbox, "PUT", "/deals/2", {"hot": True, "estimated_close_date": "2026-03-01", "source_id": 1})
    return sandbox


FOUND: Final = [
    ("/leads", [1, 2, 3, 4]),
    ("/leads?ids=4,2,99", [2, 4]),
    ("/leads?email=a@x.example", [1]),
    ("/leads?email=A@x.example", [2]),
    ("/leads?last_name=B%C3%B8", [2, 4]),
    ("/leads?last_name=B%C3%B8&owner_id=2", [2]),
    ("/leads?owner_id=2&owner_id=2", None),
    ("/leads?creator_id=1&status=Working", [4]),
    ("/leads?organization_name=C&source_id=2&address[city]=Lyon", [3]),
    ("/leads?phone=%2B1&mobile=%2B2", [4]),
    ("/leads?custom_fields[Region]=West", [1]),
    ("/leads?custom_fields[Budget]=5", [2]),
    ("/leads?custom_fields[Budget]=five", []),
    ("/leads?custom_fields[Interested%20in]=Service", [2]),
    ("/leads?custom_fields[Internal%20code]=7", None),
    ("/leads?custom_fields[Birthday]=1970-01-31", None),
    ("/leads?custom_fields[Colour]=red", None),
    ("/leads?custom_fields=red", None),
    ("/leads?custom_fields[]=red", None),
    ("/leads?address[line1]=1", None),
    ("/leads?title=Owner", None),
    ("/leads?owner_id=me", None),
    ("/leads?ids=1,x", None),
    ("/contacts?is_organization=true", [1, 2]),
    ("/contacts?is_organization=yes", None),
    ("/contacts?contact_id=1&prospect_status=lost&first_name=P", [3]),
    ("/contacts?name=Other&customer_status=past", [2]),
    ("/contacts?customer_status=New", None),
    ("/deals?value=10", [1]),
    ("/deals?value=ten", None),
    ("/deals?stage_id=2", [2, 3]),
    ("/deals?organization_id=1&hot=true&source_id=1", [2]),
    ("/deals?contact_id=3&name=D1", [1]),
    ("/deals?estimated_close_date=2026-03-01", [2]),
    ("/deals?includes=associated_contacts&stage_id=1", [1]),
    ("/deals?includes=everything", None),
    ("/leads?sort_by=last_name", [2, 4, 1, 3]),
    ("/leads?sort_by=last_name:desc", [1, 2, 4, 3]),
    ("/leads?sort_by=created_at:desc", [4, 3, 2, 1]),
    ("/leads?sort_by=updated_at:down", None),
    ("/leads?sort_by=custom_fields", None),
    ("/deals?sort_by=hot:desc", [2, 1, 3]),
    ("/leads?per_page=2", [1, 2]),
    ("/leads?per_page=2&page=2&sort_by=id:desc", [2, 1]),
    ("/leads?per_page=2&page=3", []),
    ("/leads?page=9223372036854775807&per_page=100", []),
    ("/leads?per_page=101", None),
    ("/leads?page=0", None),
]


@pytest.fixture(scope="module")
def full() -> Iterator[Sandbox]:
    with Sandbox(data="empty") as made:
        yield filled(made)


@pytest.mark.parametrize(("path", "found"), FOUND)
def test_a_list_has_what_meets_all_filters(full: Sandbox, path: str, found: list[int] | None) -> None:
    """Equal to the value given, in the order of ids unless told otherwise; all else is an invalid_param."""
    reply = call(full, "GET", path)
    if found is None:
        assert (reply.status_code, errors(reply)) == (400, [(None, "invalid_param")])
        assert reply.headers["X-Sandbox-Unclear"].startswith("query ")
    else:
        assert ids(reply) == found
        assert reply.json()["meta"]["count"] == len(found)


def test_a_walk_through_the_pages_meets_every_record_once(full: Sandbox) -> None:
    """The links keep filters and order; the last page has no next one, and each but the first a previous one."""
    path, seen = "/leads?per_page=1&sort_by=last_name:desc&creator_id=1", []
    links: dict[str, str] = {}
    while path:
        reply = call(full, "GET", path)
        seen += ids(reply)
        links = reply.json()["meta"]["links"]
        path = links.get("next_page", "").removeprefix(full.url("base"))
    assert seen == [1, 2, 4, 3]
    assert ids(call(full, "GET", links["prev_page"].removeprefix(full.url("base")))) == [4]


def test_whether_case_matters_is_a_switch() -> None:
    """By default it does, so that an upsert by e-mail may double a person."""
    for option, found in (("exact", [1]), ("ignore_case", [1, 2])):
        with Sandbox(data="empty", switches={"base.text_filters": option}) as sandbox:
            filled(sandbox)
            assert ids(call(sandbox, "GET", "/leads?email=a@x.example")) == found
            assert ids(call(sandbox, "GET", "/leads?last_name=b%C3%B8")) == ([] if option == "exact" else [2, 4])


# --- upserts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "least", "more"),
    [
        ("leads", "email=new@x.example", {"last_name": "N", "email": "new@x.example"}, {"title": "Owner"}),
        (
            "leads",
            "custom_fields[External ID]=7",
            {"last_name": "N", "custom_fields": {"External ID": "7"}},
            {"phone": "1"},
        ),
        ("contacts", "name=N&is_organization=true", {"name": "N", "is_organization": True}, {"title": "Firm"}),
        ("deals", "name=N&contact_id=3", {"name": "N", "contact_id": 3}, {"value": "1.5"}),
    ],
)
def test_an_upsert_makes_a_record_or_changes_the_one_there_is(
    sandbox: Sandbox, path: str, query: str, least: dict[str, Any], more: dict[str, Any]
) -> None:
    """201 for made and 200 for changed [third-party]; the body does not tell them apart."""
    filled(sandbox)
    before = sandbox.store("base").count(path[:-1])
    made = call(sandbox, "POST", f"/{path}/upsert?{query}", least)
    changed = call(sandbox, "POST", f"/{path}/upsert?{query}", more)
    assert (made.status_code, changed.status_code) == (201, 200)
    assert data(changed) == data(made) | more | {"updated_at": data(changed)["updated_at"]}
    assert sandbox.store("base").count(path[:-1]) == before + 1


@pytest.mark.parametrize(("option", "status", "changed"), [("oldest", 200, 2), ("newest", 200, 4), ("409", 409, None)])
def test_what_an_upsert_does_with_several_matches_is_a_switch(option: str, status: int, changed: int | None) -> None:
    """By default it changes the oldest without a word; the 409 was seen by third parties."""
    with Sandbox(data="empty", switches={"base.several_matches": option}) as sandbox:
        filled(sandbox)
        count = sandbox.store("base").count("lead")
        reply = call(sandbox, "POST", "/leads/upsert?last_name=B%C3%B8", {"title": "Owner"})
        assert reply.status_code == status
        updated = [change.id for change in sandbox.truth.changes("base", "lead", "updated")]
        assert (updated, sandbox.store("base").count("lead")) == ([changed] if changed else [], count)


@pytest.mark.parametrize(("option", "count"), [("body", 2), ("with_filters", 1)])
def test_what_a_new_record_has_from_the_filters_is_a_switch(option: str, count: int) -> None:
    """By default nothing, so that the same upsert makes a second one."""
    query = "email=n@x.example&address[city]=Lyon&custom_fields[External ID]=7"
    with Sandbox(data="empty", switches={"base.upsert_create": option}) as sandbox:
        for _ in range(2):
            call(sandbox, "POST", f"/leads/upsert?{query}", {"last_name": "N"})
        assert sandbox.store("base").count("lead") == count


def test_whether_the_status_of_an_upsert_tells_is_a_switch() -> None:
    """If it does not, both are 200."""
    with Sandbox(data="empty", switches={"base.upsert_status": "silent"}) as sandbox:
        assert call(sandbox, "POST", "/leads/upsert?email=n@x.example", {"last_name": "N"}).status_code == 200


@pytest.mark.parametrize(
    ("query", "body", "status", "code"),
    [
        ("", {"last_name": "A"}, 400, "invalid_param"),
        ("?page=1", {"last_name": "A"}, 400, "invalid_param"),
        ("?ids=1", {"last_name": "A"}, 400, "invalid_param"),
        ("?custom_fields[Internal code]=7", {"last_name": "A"}, 400, "invalid_param"),
        ("?email=n@x.example", {"first_name": "A"}, 422, "blank"),
        ("?email=n@x.example", {"emial": "A"}, 422, "unknown"),
    ],
)
def test_an_upsert_is_read_strictly(sandbox: Sandbox, query: str, body: dict[str, Any], status: int, code: str) -> None:
    """It needs a filter that it knows; nothing is written."""
    reply = call(sandbox, "POST", f"/leads/upsert{query}", body)
    assert (reply.status_code, errors(reply)[0][1]) == (status, code)
    assert sandbox.store("base").count("lead") == 0


def test_a_deleted_record_is_not_matched(sandbox: Sandbox) -> None:
    """A new one is made."""
    lead = new_lead(sandbox)
    call(sandbox, "DELETE", f"/leads/{lead}")
    assert data(call(sandbox, "POST", "/leads/upsert?email=zoe@x.example", {"last_name": "A"}))["id"] == lead + 1


# --- any query at all ------------------------------------------------------------------------------------------------

NAMES: Final = (
    "page", "per_page", "sort_by", "ids", "email", "last_name", "owner_id", "hot", "value", "is_organization", "cursor",
    "address[city]", "address[town]", "address", "custom_fields[Region]", "custom_fields[No]", "custom_fields[", "name",
    "resource_type", "remind", "completed", "status", "lead_id", "includes", "",
)  # fmt: skip
TEXTS: Final = (
    "",
    "1",
    "0",
    "-1",
    "99999999999999999999",
    "true",
    "name",
    "name:desc",
    "created_at:asc",
    "a,b",
    "1,2",
    "lead",
    "[",
    "é",
)
PATHS: Final = (
    "leads",
    "contacts",
    "deals",
    "lead_conversions",
    "users",
    "stages",
    "tags",
    "notes",
    "tasks",
    "pipelines",
)


@settings(max_examples=max(50, settings().max_examples // 5))
@given(st.sampled_from(PATHS), st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TEXTS), max_size=3))
def test_whatever_is_asked_is_answered_only_if_it_fits_the_contract(
    full: Sandbox, path: str, query: dict[str, str]
) -> None:
    """And every reply fits it; nothing is a server error."""
    reply = call(full, "GET", f"/{path}", params=query)
    assert reply.status_code in {200, 400}
    misfits = check_call("base", "GET", f"/v2/{path}", query, None)
    assert not (misfits and reply.status_code == 200)
