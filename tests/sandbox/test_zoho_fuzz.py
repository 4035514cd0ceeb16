"""Whatever is sent to Zoho's sandbox, it answers within the contract and never fails itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts import routes
from tests.sandbox.zoho_calls import DEAL, LEAST, VERSIONS, call, new

from leadlens.sandbox import Sandbox
from leadlens_zoho.sandbox import SANDBOX
from leadlens_zoho.sandbox.fields import FIELDS

KNOWN: Final = {
    (route.method.upper(), route.template, route.operation["operationId"])
    for route in routes("zoho")
    if "oauth" not in route.template
}
SCALARS: Final = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
    | st.sampled_from(("5", "2026-01-01", "a@example.com", "Qualification", "Renewals", "ID"))
)  # fmt: skip
KEYS: Final = st.sampled_from(
    ("data", "ids", "id", "Deals", "Contacts", "Accounts", "assign_to", "carry_over_tags", "move_attachments_to",
     "api_name", "duplicate_check_fields", "trigger", "overwrite", "Parent_Id", "module", "Note_Content", "name",
     "related_modules", "add_to_existing_record", "Contact_Role", *FIELDS["Leads"], *FIELDS["Deals"])
)  # fmt: skip
VALUES: Final = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)
ITEMS: Final = st.dictionaries(KEYS, VALUES, max_size=4)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty", vendors=["zoho"]) as made:
        yield made


def test_every_operation_of_the_contract_is_there_and_no_other() -> None:
    """By its name, and in the versions that the contract says."""
    assert {route.operation for route in SANDBOX.routes} == {
        operation for _, _, operation in KNOWN
    } | {"create_token"}  # fmt: skip
    for route in routes("zoho"):
        if "oauth" not in route.template:
            path = route.template.replace("{id}", "5")
            found = SANDBOX.table.find(route.method.upper(), f"/crm/{route.version}{path}")
            assert not isinstance(found, list), (route.version, path)
            assert found[0].operation == route.operation["operationId"]


def nested(item: dict[str, Any], lead: str) -> list[dict[str, Any]]:
    """Return bodies that come near to what the calls take."""
    near = {**LEAST["Leads"], **item}
    return [
        item,
        {"data": [item]},
        {"data": [near, item]},
        {"data": [{"Deals": {**DEAL, **item}}]},
        {"data": [dict.fromkeys(("Contacts", "Accounts", "carry_over_tags", "move_attachments_to"), item)]},
        {"ids": [lead], **item},
        {"data": [near], "duplicate_check_fields": [*item, "Email"]},
    ]


@given(item=ITEMS, which=st.integers(0, 6), call_=st.sampled_from(sorted(KNOWN)), version=st.sampled_from(VERSIONS))
@settings(max_examples=max(300, settings().max_examples // 4))
def test_no_body_makes_the_sandbox_fail(
    sandbox: Sandbox, item: dict[str, Any], which: int, call_: tuple[str, str, str], version: str
) -> None:
    """Every reply fits the contract; the sandbox reports no failure of its own."""
    method, template, _ = call_
    lead = new(sandbox)
    path = template.replace("{id}", lead)
    found = SANDBOX.table.find(method, f"/crm/{version}{path}")
    if not isinstance(found, list):
        call(sandbox, method, path, nested(item, lead)[which] if method != "GET" else None, version)


@given(
    query=st.dictionaries(
        st.sampled_from(("fields", "ids", "converted", "page", "per_page", "page_token", "sort_by", "criteria", "email",
                         "word", "phone", "module", "layout_id", "job_id", "type", "cvid", "approved")),
        st.sampled_from(("id", "Last_Name", "5", "true", "0", "both", "Leads", "(Last_Name:equals:a)", "a b", "é",
                         "(((", "e30", "AllUsers")) | st.text(max_size=6),
        max_size=4,
    ),
    template=st.sampled_from(sorted(template for method, template, _ in KNOWN if method == "GET")),
)  # fmt: skip
@settings(max_examples=max(300, settings().max_examples // 4))
def test_no_query_makes_the_sandbox_fail(sandbox: Sandbox, query: dict[str, str], template: str) -> None:
    """Likewise."""
    call(sandbox, "GET", template.replace("{id}", "5"), None, "v8", None, **query)
