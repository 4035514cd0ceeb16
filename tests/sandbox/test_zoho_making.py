"""New fields of Zoho's sandbox: what the call takes, what it answers, and that records have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from tests.contracts import check_call, check_reply
from tests.sandbox.zoho_calls import call

from leadlens.sandbox import Sandbox

SIZES = [{"display_value": name, "actual_value": name} for name in ("S", "L")]
SIZE = {"field_label": "Shirt size!", "data_type": "picklist", "pick_list_values": SIZES}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty", vendors=["zoho"], switches={"zoho.unknown_option": "refused"}) as made:
        yield made


def make(sandbox: Sandbox, *fields: Any, module: str = "Leads", version: str = "v8") -> requests.Response:
    """Ask for fields, and hold the reply against the contract."""
    url = sandbox.url(f"zoho@{version}", f"/settings/fields?module={module}")
    reply = sandbox.session("zoho").post(url, json={"fields": list(fields)})
    path = f"/crm/{version}/settings/fields"
    assert check_reply("zoho", "POST", path, reply.status_code, reply.json()) == []
    return reply


def listed(sandbox: Sandbox) -> dict[str, Any]:
    """Return the fields of leads by label."""
    found = call(sandbox, "GET", "/settings/fields?module=Leads").json()["fields"]
    return {field["field_label"]: field for field in found}


def test_a_new_field_is_listed_written_read_and_searched(sandbox: Sandbox) -> None:
    """By the api name that the list of fields tells; the reply has but its id."""
    assert check_call("zoho", "POST", "/crm/v8/settings/fields", {"module": "Leads"}, {"fields": [SIZE]}) == []
    done = make(sandbox, SIZE)
    assert (done.status_code, done.json()["fields"][0]["message"]) == (201, "field created")
    field = listed(sandbox)["Shirt size!"]
    assert (field["id"], field["api_name"]) == (done.json()["fields"][0]["details"]["id"], "Shirt_size")
    assert (field["custom_field"], [one["actual_value"] for one in field["pick_list_values"]]) == (True, ["S", "L"])
    lead = {"Last_Name": "Souza", "Shirt_size": "L"}
    number = call(sandbox, "POST", "/Leads", {"data": [lead]}).json()["data"][0]["details"]["id"]
    for path in (f"/Leads/{number}", "/Leads?fields=Shirt_size", "/Leads/search?criteria=(Shirt_size:equals:L)"):
        assert call(sandbox, "GET", path).json()["data"][0]["Shirt_size"] == "L"
    assert call(sandbox, "POST", "/Leads", {"data": [{**lead, "Shirt_size": "XL"}]}).status_code == 400
    assert call(sandbox, "POST", "/Contacts", {"data": [lead]}).status_code == 400


def test_texts_have_a_length(sandbox: Sandbox) -> None:
    """The given one, or that of the type; numbers have none."""
    texts = {"field_label": "A", "data_type": "text", "length": 3}, {"field_label": "B", "data_type": "phone"}
    assert make(sandbox, *texts, {"field_label": "C", "data_type": "date"}).status_code == 201
    fields = listed(sandbox)
    assert [fields[name]["length"] for name in "ABC"] == [3, 30, None]
    assert call(sandbox, "POST", "/Leads", {"data": [{"Last_Name": "S", "A": "four"}]}).status_code == 400


@pytest.mark.parametrize(("label", "name"), [("9 lives", "Field_9_lives"), ("官公庁", "Field"), ("vip", "Vip")])
def test_an_api_name_begins_with_a_letter(sandbox: Sandbox, label: str, name: str) -> None:
    """And two labels never share one."""
    make(sandbox, {"field_label": label, "data_type": "text"}, {"field_label": f"{label}?", "data_type": "text"})
    fields = listed(sandbox)
    assert (fields[label]["api_name"], fields[f"{label}?"]["api_name"]) == (name, f"{name}_1")


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"field_label": None}, "MANDATORY_NOT_FOUND", "$.fields[1].field_label"),
        ({"data_type": None}, "MANDATORY_NOT_FOUND", "$.fields[1].data_type"),
        ({"field_label": " "}, "INVALID_DATA", "$.fields[1].field_label"),
        ({"field_label": "shoe size"}, "DUPLICATE_DATA", "$.fields[1].field_label"),
        ({"field_label": "First"}, "DUPLICATE_DATA", "$.fields[1].field_label"),
        ({"data_type": "lookup"}, "INVALID_DATA", "$.fields[1].data_type"),
        ({"data_type": "text"}, "INVALID_DATA", "$.fields[1].pick_list_values"),
        ({"pick_list_values": None}, "INVALID_DATA", "$.fields[1].pick_list_values"),
        ({"pick_list_values": [{"actual_value": "S"}]}, "INVALID_DATA", "$.fields[1].pick_list_values[0]"),
        ({"pick_list_values": SIZES[:1] * 2}, "INVALID_DATA", "$.fields[1].pick_list_values"),
        ({"colour": "red"}, "INVALID_DATA", "$.fields[1].colour"),
    ],
)
def test_one_that_does_not_fit_refuses_all(sandbox: Sandbox, change: Any, code: str, path: str) -> None:
    """With its place; nothing is made."""
    reply = make(sandbox, {"field_label": "First", "data_type": "text"}, {**SIZE, **change})
    entry = reply.json()["fields"][0]
    assert (reply.status_code, entry["code"], entry["details"]["json_path"]) == (400, code, path)
    assert "First" not in listed(sandbox)


@pytest.mark.parametrize("length", [0, 256, "9", True])
def test_a_length_is_bounded(sandbox: Sandbox, length: Any) -> None:
    """By that of the type."""
    assert make(sandbox, {"field_label": "A", "data_type": "text", "length": length}).status_code == 400


def test_what_is_no_list_of_one_to_five_fields_is_refused(sandbox: Sandbox) -> None:
    """At the root, but for the limit; versions before v6 have no such call."""
    session, url = sandbox.session("zoho"), sandbox.url("zoho", "/settings/fields?module=Leads")
    bodies: list[dict[str, Any]] = [{}, {"fields": []}, {"fields": {}}, {"fields": [SIZE], "x": 1}]
    for body in bodies:
        assert "code" in session.post(url, json=body).json()
    assert make(sandbox, "x").json()["fields"][0]["details"]["expected_data_type"] == "jsonobject"
    assert make(sandbox, *[SIZE] * 6).json()["fields"][0]["code"] == "LIMIT_EXCEEDED"
    assert make(sandbox, SIZE, module="Tasks").json()["code"] == "INVALID_DATA"
    assert session.post(sandbox.url("zoho@v5", "/settings/fields?module=Leads"), json={"fields": [SIZE]}).json() == {
        "code": "INVALID_REQUEST_METHOD", "details": {}, "message": "The http request method type is not a valid one",
        "status": "error",
    }  # fmt: skip


# --- options ---------------------------------------------------------------------------------------------------------


def offer(sandbox: Sandbox, number: str, body: Any, *, module: str = "Leads", version: str = "v8") -> requests.Response:
    """Ask for options, and hold the reply against the contract."""
    url = sandbox.url(f"zoho@{version}", f"/settings/fields/{number}?module={module}")
    reply = sandbox.session("zoho").patch(url, json=body)
    path = f"/crm/{version}/settings/fields/{number}"
    assert check_reply("zoho", "PATCH", path, reply.status_code, reply.json()) == []
    return reply


def named(*names: str) -> dict[str, Any]:
    """Return the body that adds options of these names."""
    return {"fields": [{"pick_list_values": [{"display_value": name, "actual_value": name} for name in names]}]}


@pytest.mark.parametrize("label", ["Segment", "Industry", "Shirt size!"])
def test_a_picklist_gets_options_besides_its_own(sandbox: Sandbox, label: str) -> None:
    """One of the account's, one of every account, one that was made; records then take them, and those of before."""
    make(sandbox, SIZE)
    field = listed(sandbox)[label]
    before = [one["actual_value"] for one in field["pick_list_values"]]
    body = named("Nova")
    assert check_call("zoho", "PATCH", f"/crm/v8/settings/fields/{field['id']}", {"module": "Leads"}, body) == []
    done = offer(sandbox, field["id"], body)
    assert (done.status_code, done.json()["fields"][0]["message"]) == (200, "field updated")
    offer(sandbox, field["id"], named("Alpha", "Beta"))
    assert [one["actual_value"] for one in listed(sandbox)[label]["pick_list_values"]] == [
        *before,
        "Nova",
        "Alpha",
        "Beta",
    ]
    for value, status in (("Nova", 201), ("Beta", 201), (before[0], 201), ("Gamma", 400)):
        lead = {"Last_Name": "Souza", field["api_name"]: value}
        assert call(sandbox, "POST", "/Leads", {"data": [lead]}).status_code == status


@pytest.mark.parametrize(
    ("label", "body", "code"),
    [
        ("Segment", named("Small"), "DUPLICATE_DATA"),
        ("Segment", named("SMALL"), "DUPLICATE_DATA"),
        ("Segment", named("A", "A"), "INVALID_DATA"),
        ("Segment", named(), "INVALID_DATA"),
        ("Segment", {"fields": named("A")["fields"] * 2}, "INVALID_DATA"),
        ("Segment", {"fields": ["x"]}, "INVALID_DATA"),
        ("Segment", {"fields": [{"field_label": "x"}]}, "INVALID_DATA"),
        ("Lead Score", named("A"), "INVALID_DATA"),
    ],
)
def test_options_that_do_not_fit_are_refused(sandbox: Sandbox, label: str, body: Any, code: str) -> None:
    """One that is there, none, something else; nothing changes."""
    before = listed(sandbox)
    reply = offer(sandbox, before[label]["id"], body)
    assert (reply.status_code, reply.json()["fields"][0]["code"]) == (400, code)
    assert listed(sandbox) == before


def test_options_of_a_field_that_is_not_there(sandbox: Sandbox) -> None:
    """Neither of a stranger's, nor of another module's."""
    number = listed(sandbox)["Segment"]["id"]
    assert offer(sandbox, "1", named("A")).json()["code"] == "INVALID_DATA"
    assert offer(sandbox, number, named("A"), module="Contacts").json()["code"] == "INVALID_DATA"
    assert offer(sandbox, number, named("A"), module="Tasks").json()["code"] == "INVALID_DATA"
