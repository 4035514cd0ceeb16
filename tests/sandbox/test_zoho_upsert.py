"""Zoho's upsert: what finds a record, what is told of each, values without duplicates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.sandbox.zoho_calls import VERSIONS, call, convert, new, read, refusal

from leadlens.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty", vendors=["zoho"]) as made:
        yield made


def upsert(sandbox: Sandbox, *data: Any, by: Any = None, module: str = "Leads", version: str = "v8") -> Any:
    body = {"data": list(data)} | ({} if by is None else {"duplicate_check_fields": by})
    return call(sandbox, "POST", f"/{module}/upsert", body, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upsert_tells_for_each_record_what_it_did(sandbox: Sandbox, version: str) -> None:
    """In the order of the request; 201 when all are new, 200 otherwise, 207 when mixed, 400 when all are bad."""
    one = {"Last_Name": "A", "Email": "A@example.com"}
    assert upsert(sandbox, one, version=version).status_code == 201
    again = upsert(sandbox, {"Email": "a@example.com", "Phone": "1"}, {"Last_Name": "B"}, version=version)
    told = [(item["action"], item["duplicate_field"], item["message"]) for item in again.json()["data"]]
    assert (again.status_code, told) == (
        200, [("update", "Email", "record updated"), ("insert", None, "record added")]
    )  # fmt: skip
    mixed = upsert(sandbox, {"Last_Name": 5}, one, {"Company": "no name"}, version=version)
    assert mixed.status_code == 207
    assert [item["code"] for item in mixed.json()["data"]] == ["INVALID_DATA", "SUCCESS", "MANDATORY_NOT_FOUND"]
    assert upsert(sandbox, {"Company": "no name"}, version=version).status_code == 400
    assert sandbox.store("zoho").count("Leads") == 2


def test_an_upsert_tries_the_fields_in_the_order_given(sandbox: Sandbox) -> None:
    """Left out, the vendor's own comes first, then the account's unique ones."""
    mail, number = new(sandbox, Email="a@example.com"), new(sandbox, Customer_Number="C-1")
    both = {"Email": "a@example.com", "Customer_Number": "C-1"}
    found = upsert(sandbox, {"Customer_Number": "C-1", "Phone": "2"}, by=["Email", "Customer_Number"]).json()["data"][0]
    assert (found["details"]["id"], found["duplicate_field"]) == (number, "Customer_Number")
    refused = upsert(sandbox, both).json()["data"][0]
    assert (refused["code"], refused["details"]["duplicate_record"]["id"]) == ("DUPLICATE_DATA", number)
    swapped = upsert(sandbox, both, by=["Customer_Number"]).json()["data"][0]
    assert swapped["details"]["id"] == number
    assert read(sandbox, "Leads", mail)["Customer_Number"] is None


@pytest.mark.parametrize("by", ["Email", [], [5], ["Phone"], ["Nothing"]])
def test_only_fields_without_duplicates_find(sandbox: Sandbox, by: Any) -> None:
    """Others are refused at the root."""
    reply = upsert(sandbox, {"Last_Name": "A"}, by=by)
    assert (reply.status_code, reply.json()["code"]) == (400, "INVALID_DATA")


@pytest.mark.parametrize("option", ["oldest", "newest", "refused"])
def test_an_upsert_that_several_match_does_as_the_switch_says(option: str) -> None:
    """Nobody has recorded it: the oldest by default. A converted lead is not matched."""
    with Sandbox(data="empty", switches={"zoho.upsert_several": option}, vendors=["zoho"]) as sandbox:
        gone = new(sandbox, Email="a@example.com")
        convert(sandbox, gone)
        two = [new(sandbox, Email="a@example.com") for _ in range(2)]
        item = upsert(sandbox, {"Email": "a@example.com", "Last_Name": "A"}).json()["data"][0]
        if option == "refused":
            assert (item["code"], item["details"]["duplicate_record"]["id"]) == ("DUPLICATE_DATA", two[0])
        else:
            assert item["details"]["id"] == two[option == "newest"]


@pytest.mark.parametrize(
    ("module", "field"), [("Contacts", "Email"), ("Accounts", "Account_Name"), ("Deals", "Deal_Name")]
)
def test_other_modules_are_upserted_by_their_own_field(sandbox: Sandbox, module: str, field: str) -> None:
    """E-mail, account name, deal name."""
    value = "a@example.com" if field == "Email" else "Name"
    number = new(sandbox, module, **{field: value})
    item = upsert(sandbox, {field: value, "Description": "x"}, module=module).json()["data"][0]
    assert (item["action"], item["details"]["id"]) == ("update", number)


def test_a_value_without_duplicates_is_not_taken_twice(sandbox: Sandbox) -> None:
    """DUPLICATE_DATA names the record that has it; on insert and on update."""
    first, second = new(sandbox, Customer_Number="C-1"), new(sandbox)
    replies = [
        call(sandbox, "POST", "/Leads", {"data": [{"Last_Name": "B", "Customer_Number": "c-1"}]}),
        call(sandbox, "PUT", f"/Leads/{second}", {"data": [{"Customer_Number": "C-1"}]}),
    ]
    for reply in replies:
        assert refusal(reply) == (400, "DUPLICATE_DATA", "$.data[0].Customer_Number")
        assert reply.json()["data"][0]["details"]["duplicate_record"]["id"] == first
    assert call(sandbox, "PUT", f"/Leads/{first}", {"data": [{"Customer_Number": "C-1"}]}).status_code == 200
