"""Zoho's records: strict values, updates, deletion, lists, pages, search, upsert."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.contracts import properties
from tests.sandbox.zoho_calls import VERSIONS, call, convert, new, read, refusal

from leadlens.sandbox import Sandbox

MODULES = {"Leads": "Lead", "Contacts": "Contact", "Accounts": "Account", "Deals": "Deal"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty", vendors=["zoho"]) as made:
        yield made


@pytest.mark.parametrize("module", MODULES)
def test_every_field_of_the_contract_that_can_be_written_is_there(sandbox: Sandbox, module: str) -> None:
    """By name, and nothing else but custom fields; a read record has every one of them."""
    listed = call(sandbox, "GET", "/settings/fields", module=module).json()["fields"]
    standard = {one["api_name"] for one in listed if not one["custom_field"] and not one["read_only"]}
    assert standard == properties("zoho", f"{MODULES[module]}Input")
    assert {one["api_name"] for one in listed} <= set(read(sandbox, module, new(sandbox, module)))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_takes_and_shows_the_same_record(sandbox: Sandbox, version: str) -> None:
    """Whatever goes in comes out, custom fields of every type too."""
    user = sandbox.store("zoho").layout.ids["user"].start
    contact = new(sandbox, "Contacts")
    given = {
        "Last_Name": "Ñandú",
        "No_of_Employees": 12,
        "Annual_Revenue": 12.5,
        "Legacy_Number": "123456789012345678",
        "Lead_Score": 7,
        "Distance_Km": 0.5,
        "Budget": 100,
        "Discount": 2.5,
        "Trial_Start": "2026-02-28",
        "Next_Call": "2026-02-28T10:00:00+02:00",
        "Newsletter": True,
        "Segment": "官公庁",
        "Interests": ["Software", "Wartung"],
        "Billing_Email": "a@b.example",
        "LinkedIn": "https://www.linkedin.com/in/x",
        "Remarks": "two\nlines",
        "Referred_By": {"id": int(contact)},
        "Account_Manager": {"id": str(user)},
    }
    reply = call(sandbox, "POST", "/Leads", {"data": [given], "trigger": []}, version)
    assert reply.status_code == 201
    path = f"/Leads/{reply.json()['data'][0]['details']['id']}"
    found = call(sandbox, "GET", path, version=version).json()["data"][0]
    looked_up = {"Referred_By": contact, "Account_Manager": str(user)}
    assert {key: found[key] for key in given if key not in looked_up} == {
        key: value for key, value in given.items() if key not in looked_up
    }
    assert {key: found[key]["id"] for key in looked_up} == looked_up


@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        ("Shoes", 1, None),
        ("$converted", True, None),
        ("Created_Time", "2020-01-01T00:00:00+00:00", None),
        ("Last_Name", 5, ("expected_data_type", "text")),
        ("Last_Name", "x" * 81, ("maximum_length", 80)),
        ("Email", "nobody", ("expected_data_type", "email")),
        ("No_of_Employees", "12", ("expected_data_type", "integer")),
        ("No_of_Employees", True, ("expected_data_type", "integer")),
        ("Annual_Revenue", "12", ("expected_data_type", "double")),
        ("Email_Opt_Out", "yes", ("expected_data_type", "boolean")),
        ("Trial_Start", "28.02.2026", ("expected_data_type", "date")),
        ("Trial_Start", "2026-02-30", ("expected_data_type", "date")),
        ("Next_Call", "2026-02-28T10:00:00", ("expected_data_type", "datetime")),
        ("Interests", "Software", ("expected_data_type", "jsonarray")),
        ("Legacy_Number", 1.5, ("expected_data_type", "bigint")),
        ("Owner", "5", ("expected_data_type", "jsonobject")),
        ("Tag", [{"title": "x"}], ("expected_data_type", "jsonobject")),
        ("Segment", 3, ("expected_data_type", "text")),
    ],
)
def test_what_does_not_fit_its_field_is_refused_with_its_path(
    sandbox: Sandbox, field: str, value: Any, detail: tuple[str, Any] | None
) -> None:
    """INVALID_DATA inside data, on insert, update and upsert alike; a header names it; nothing is written."""
    lead, path = new(sandbox), f"$.data[0].{field}"
    item = {"Last_Name": "Daly", field: value}
    calls = [("POST", "/Leads"), ("PUT", f"/Leads/{lead}"), ("POST", "/Leads/upsert")]
    for method, place in calls:
        reply = call(sandbox, method, place, {"data": [item]})
        status, code, found = refusal(reply)
        assert (status, code, found.split("[0]")[:1]) == (400, "INVALID_DATA", path.split("[0]")[:1])
        assert found.startswith(path)
        assert found in reply.headers["X-Sandbox-Unclear"]
        details = reply.json()["data"][0]["details"]
        assert detail is None or details[detail[0]] == detail[1]
        assert sandbox.truth.entries()[-1].changes == ()


@pytest.mark.parametrize(
    ("module", "item", "code", "path"),
    [
        ("Leads", {"Owner": {"id": "5"}}, "INVALID_DATA", "$.data[0].Owner.id"),
        ("Leads", {"Referred_By": {"id": "5"}}, "INVALID_DATA", "$.data[0].Referred_By.id"),
        ("Leads", {"Referred_By": {"key": "5"}}, "INVALID_DATA", "$.data[0].Referred_By.key"),
        ("Leads", {"Layout": {"id": "5"}}, "INVALID_DATA", "$.data[0].Layout.id"),
        ("Leads", {"Last_Name": None}, "MANDATORY_NOT_FOUND", "$.data[0].Last_Name"),
        ("Contacts", {"Account_Name": {"id": "5"}}, "INVALID_DATA", "$.data[0].Account_Name.id"),
        ("Contacts", {"Vendor_Name": {"id": "5"}}, "INVALID_DATA", "$.data[0].Vendor_Name.id"),
        ("Deals", {"Pipeline": "None"}, "INVALID_DATA", "$.data[0].Pipeline"),
        ("Deals", {"Stage": "None"}, "MAPPING_MISMATCH", "$.data[0].Stage"),
        ("Deals", {"Stage": "Referral", "Pipeline": "Renewals"}, "MAPPING_MISMATCH", "$.data[0].Stage"),
        ("Deals", {"Probability": 101}, "INVALID_DATA", "$.data[0].Probability"),
    ],
)
def test_links_and_stages_must_be_there(
    sandbox: Sandbox, module: str, item: dict[str, Any], code: str, path: str
) -> None:
    """With the code that says so."""
    least = {"Deals": {"Deal_Name": "A", "Stage": "Qualification"}}.get(module, {"Last_Name": "A"})
    assert refusal(call(sandbox, "POST", f"/{module}", {"data": [least | item]})) == (400, code, path)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MANDATORY_NOT_FOUND"),
        ({"data": {}}, "INVALID_DATA"),
        ({"data": []}, "INVALID_DATA"),
        ({"data": [{"Last_Name": "A"}] * 101}, "LIMIT_EXCEEDED"),
        ({"data": [{"Last_Name": "A"}], "trigger": ["work"]}, "INVALID_DATA"),
        ({"data": [{"Last_Name": "A"}], "triggers": []}, "INVALID_DATA"),
    ],
)
def test_a_bad_body_is_refused_at_the_root(sandbox: Sandbox, body: Any, code: str) -> None:
    """Not inside data."""
    reply = call(sandbox, "POST", "/Leads", body)
    assert (reply.status_code, reply.json()["code"]) == (400, code)


def test_unknown_options_are_taken_or_refused_as_the_switch_says(sandbox: Sandbox) -> None:
    """Nobody has recorded it: taken by default."""
    assert read(sandbox, "Leads", new(sandbox, Segment="Huge"))["Segment"] == "Huge"
    with Sandbox(data="empty", switches={"zoho.unknown_option": "refused"}) as strict:
        body = {"data": [{"Last_Name": "A", "Segment": "Huge"}, {"Last_Name": "A", "Segment": "Small"}]}
        reply = call(strict, "POST", "/Leads", body)
        assert (reply.status_code, refusal(reply)[1:]) == (207, ("INVALID_DATA", "$.data[0].Segment"))


def test_an_update_writes_what_is_given(sandbox: Sandbox) -> None:
    """Null empties, absent stays; who names the record says its new name."""
    account = new(sandbox, "Accounts", Phone="1", Website="w")
    contact = new(sandbox, "Contacts", Account_Name={"id": account})
    body = {"data": [{"id": account, "Account_Name": "Zoll", "Phone": None}]}
    assert call(sandbox, "PUT", f"/Accounts/{account}", body).json()["data"][0]["message"] == "record updated"
    found = read(sandbox, "Accounts", account)
    assert (found["Account_Name"], found["Phone"], found["Website"]) == ("Zoll", None, "w")
    assert read(sandbox, "Contacts", contact)["Account_Name"] == {"id": account, "name": "Zoll"}
    assert refusal(call(sandbox, "PUT", "/Accounts/5", {"data": [{"Phone": "1"}]}))[:2] == (400, "INVALID_DATA")
    assert refusal(call(sandbox, "PUT", f"/Accounts/{account}", {"data": [{"Account_Name": ""}]}))[1] == (
        "MANDATORY_NOT_FOUND"
    )


def test_a_deleted_record_is_gone_and_nobody_names_it(sandbox: Sandbox) -> None:
    """Its id is never given again."""
    account = new(sandbox, "Accounts")
    contact = new(sandbox, "Contacts", Account_Name={"id": account})
    assert call(sandbox, "DELETE", f"/Accounts/{account}").json()["data"][0]["details"] == {"id": account}
    assert call(sandbox, "GET", f"/Accounts/{account}").status_code == 204
    assert read(sandbox, "Contacts", contact)["Account_Name"] is None
    assert refusal(call(sandbox, "DELETE", f"/Accounts/{account}"))[:2] == (400, "INVALID_DATA")
    assert new(sandbox, "Accounts") > contact


def test_a_deals_probability_follows_its_stage(sandbox: Sandbox) -> None:
    """And the expected revenue both; the pipeline is found by the stage."""
    deal = new(sandbox, "Deals", Amount=250, Stage="Referral")
    found = read(sandbox, "Deals", deal)
    assert (found["Pipeline"], found["Probability"], found["Expected_Revenue"]) == ("Partner Sales", 20, 50)
    call(sandbox, "PUT", f"/Deals/{deal}", {"data": [{"Stage": "Joint Proposal"}]})
    assert read(sandbox, "Deals", deal)["Probability"] == 55


@pytest.mark.parametrize("version", ["v2", "v3", "v8"])
def test_lists_show_the_fields_asked_for_newest_first(sandbox: Sandbox, version: str) -> None:
    """``fields`` is mandatory from v3 on."""
    ids = [new(sandbox, Last_Name=name) for name in "ABC"]
    reply = call(sandbox, "GET", "/Leads", version=version, fields="Last_Name,Email", per_page=2).json()
    assert [record["id"] for record in reply["data"]] == [ids[2], ids[1]]
    assert set(reply["data"][0]) == {"id", "Last_Name", "Email"}
    assert (reply["info"]["count"], reply["info"]["more_records"]) == (2, True)
    oldest = call(
        sandbox, "GET", "/Leads", version=version, fields="Last_Name", sort_by="Created_Time", sort_order="asc"
    )
    assert [record["id"] for record in oldest.json()["data"]] == ids
    some = call(sandbox, "GET", "/Leads", version=version, fields="id", ids=f"{ids[0]},5").json()["data"]
    assert [record["id"] for record in some] == ids[:1]
    without = call(sandbox, "GET", "/Leads", version=version)
    assert without.status_code == (200 if version == "v2" else 400)
    assert version == "v2" or without.json()["code"] == "REQUIRED_PARAM_MISSING"


def test_a_page_token_goes_on_where_the_page_ended(sandbox: Sandbox) -> None:
    """It holds for the same list only, and for a day."""
    ids = [new(sandbox) for _ in range(5)]
    seen: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = call(sandbox, "GET", "/Leads", fields="id", per_page=2, **more).json()
        seen += [record["id"] for record in page["data"]]
        if not page["info"]["more_records"]:
            break
        more = {"page_token": page["info"]["next_page_token"]}
    assert seen == ids[::-1]
    for query in ({"per_page": 3}, {"page": 2, "per_page": 2}, {"per_page": 2, "page_token": "x"}):
        reply = call(sandbox, "GET", "/Leads", fields="id", **({**more} | query))
        assert (reply.status_code, reply.json()["code"]) == (400, "INVALID_DATA")
    sandbox.clock.sleep(90_000)
    assert call(sandbox, "GET", "/Leads", fields="id", per_page=2, **more).status_code == 400


def test_pages_reach_two_thousand_records_and_tokens_further(sandbox: Sandbox) -> None:
    """From there on only the token of the page before leads."""
    with sandbox.world("zoho") as world:
        for number in range(1, 2_006):
            world.store.create("Leads", number, {"id": str(number), "Last_Name": "A"})
    last = call(sandbox, "GET", "/Leads", fields="id", page=10).json()
    assert (last["info"]["count"], last["info"]["more_records"]) == (200, True)
    assert call(sandbox, "GET", "/Leads", fields="id", page=11).json()["code"] == "LIMIT_REACHED"
    beyond = call(sandbox, "GET", "/Leads", fields="id", page_token=last["info"]["next_page_token"]).json()
    assert [record["id"] for record in beyond["data"]] == ["5", "4", "3", "2", "1"]


@pytest.mark.parametrize(
    "query",
    [
        {"fields": "Shoes"}, {"fields": "id", "per_page": 201}, {"fields": "id", "page": 0},
        {"fields": "id", "page": "x"},
        {"fields": "id", "sort_by": "Email"}, {"fields": "id", "converted": "yes"}, {"fields": "id", "colour": "red"},
        {"fields": "id", "cvid": "5"}, {"fields": ",".join(["id"] * 51)}, {"fields": "id", "ids": "a"},
    ],
)  # fmt: skip
def test_a_query_that_is_not_understood_is_refused(sandbox: Sandbox, query: dict[str, Any]) -> None:
    """And a header names it."""
    new(sandbox)
    reply = call(sandbox, "GET", "/Leads", **query)
    assert reply.status_code == 400
    assert reply.headers["X-Sandbox-Unclear"]


def test_lists_and_searches_have_converted_leads_when_asked(sandbox: Sandbox) -> None:
    """False is the default; other modules do not know the word."""
    done, left = new(sandbox), new(sandbox)
    convert(sandbox, done)
    ways: list[tuple[str, dict[str, Any]]] = [("/Leads", {"fields": "Last_Name"}), ("/Leads/search", {"word": "Daly"})]
    for path, query in ways:
        wanted = {"false": [left], "true": [done], "both": [left, done]}
        for asked, ids in wanted.items():
            found = call(sandbox, "GET", path, **query, converted=asked).json()["data"]
            assert [record["id"] for record in found] == ids
        assert len(call(sandbox, "GET", path, **query).json()["data"]) == 1
    assert call(sandbox, "GET", "/Contacts", fields="id", converted="true").status_code == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"criteria": "(Last_Name:equals:burns)"}, "B"),
        ({"criteria": "(Last_Name:starts_with:b)"}, "B"),
        ({"criteria": "(Last_Name:not_equal:Burns)"}, "AC"),
        ({"criteria": "(No_of_Employees:greater_than:10)"}, "BC"),
        ({"criteria": "(No_of_Employees:between:5,20)"}, "AB"),
        ({"criteria": "(No_of_Employees:less_equal:10)"}, "A"),
        ({"criteria": "(Last_Name:in:Adams,Cole)"}, "AC"),
        ({"criteria": "((Last_Name:equals:Adams)or(Last_Name:equals:Cole))"}, "AC"),
        ({"criteria": "((No_of_Employees:greater_equal:10)and(Newsletter:equals:true))"}, "A"),
        ({"criteria": "((Last_Name:equals:Adams)or((Last_Name:equals:Cole)and(Newsletter:equals:false)))"}, "AC"),
        ({"criteria": "(Company:equals:Smith \\(UK\\)\\, Ltd)"}, "C"),
        ({"criteria": "(Owner:equals:Patricia Boyle)"}, "ABC"),
        ({"email": "B@EXAMPLE.COM"}, "B"),
        ({"email": "second@example.com"}, "A"),
        ({"phone": "+1 1"}, "A"),
        ({"word": "smith"}, "C"),
        ({"criteria": "(Last_Name:equals:Adams)", "word": "smith"}, "A"),
        ({"word": "nobody"}, ""),
    ],
)
def test_searches_find(sandbox: Sandbox, query: dict[str, Any], found: str) -> None:
    """By criteria, e-mail, phone or word; of several the first in that order counts; 204 for none."""
    company = "Smith (UK), Ltd"
    ids = {
        "A": new(sandbox, Last_Name="Adams", No_of_Employees=10, Newsletter=True, Secondary_Email="second@example.com",
                 Mobile="+1 1"),
        "B": new(sandbox, Last_Name="Burns", No_of_Employees=20, Email="b@example.com"),
        "C": new(sandbox, Last_Name="Cole", No_of_Employees=30, Company=company),
    }  # fmt: skip
    reply = call(sandbox, "GET", "/Leads/search", **query)
    got = [record["id"] for record in reply.json()["data"]] if reply.content else []
    assert sorted(got) == sorted(ids[name] for name in found)
    assert reply.status_code == (200 if found else 204)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "REQUIRED_PARAM_MISSING"),
        ({"criteria": "Last_Name"}, "INVALID_QUERY"),
        ({"criteria": "(Last_Name:like:A)"}, "INVALID_QUERY"),
        ({"criteria": "(Shoes:equals:A)"}, "INVALID_QUERY"),
        ({"criteria": "(Last_Name:equals:A"}, "INVALID_QUERY"),
        ({"criteria": "(Last_Name:equals:A))"}, "INVALID_QUERY"),
        ({"criteria": "(No_of_Employees:between:5)"}, "INVALID_QUERY"),
        ({"criteria": "(" + "or".join(["(Last_Name:equals:A)"] * 16) + ")"}, "INVALID_QUERY"),
        ({"word": "a"}, "INVALID_QUERY"),
        ({"text": "a"}, "INVALID_DATA"),
    ],
)
def test_a_bad_search_is_refused(sandbox: Sandbox, query: dict[str, Any], code: str) -> None:
    """At the root."""
    reply = call(sandbox, "GET", "/Leads/search", **query)
    assert (reply.status_code, reply.json()["code"]) == (400, code)


def test_notes_belong_to_records(sandbox: Sandbox) -> None:
    """Created each for itself, listed with their parent, gone with it."""
    lead = new(sandbox)
    parent = {"id": lead, "module": {"api_name": "Leads"}}
    notes = [{"Note_Content": "a", "Parent_Id": parent}, {"Parent_Id": parent}, {"Note_Content": "a", "Parent_Id": {}}]
    reply = call(sandbox, "POST", "/Notes", {"data": notes})
    assert reply.status_code == 207
    assert [item["code"] for item in reply.json()["data"]] == ["SUCCESS", "MANDATORY_NOT_FOUND", "INVALID_DATA"]
    assert call(sandbox, "GET", "/Notes").json()["data"][0]["Parent_Id"]["id"] == lead
    call(sandbox, "DELETE", f"/Leads/{lead}")
    assert call(sandbox, "GET", "/Notes").status_code == 204


def test_a_refused_record_of_several_leaves_nothing_behind(sandbox: Sandbox) -> None:
    """Not even the tag that it brought along."""
    new(sandbox, Customer_Number="C-1")
    bad = {"Last_Name": "B", "Tag": [{"name": "hot"}], "Customer_Number": "C-1"}
    reply = call(sandbox, "POST", "/Leads", {"data": [{"Last_Name": "A"}, bad]})
    assert reply.status_code == 207
    assert [change.kind for change in sandbox.truth.entries()[-1].changes] == ["Leads"]
    assert sandbox.store("zoho").count("tag") == 0


def test_lists_and_searches_have_unapproved_records_when_asked(sandbox: Sandbox) -> None:
    """Only approved ones are there by default; a single record is read either way unless asked otherwise."""
    good, waits = new(sandbox), new(sandbox)
    with sandbox.world("zoho") as world:
        record = world.store.get("Leads", int(waits)) or {}
        world.store.replace("Leads", int(waits), record | {"$approved": False})
    ways: list[tuple[str, dict[str, Any]]] = [("/Leads", {"fields": "Last_Name"}), ("/Leads/search", {"word": "Daly"})]
    for path, query in ways:
        for more, ids in (({}, [good]), ({"approved": "false"}, [waits]), ({"approved": "both"}, [waits, good])):
            found = call(sandbox, "GET", path, **{**query, **more}).json()["data"]
            assert [lead["id"] for lead in found] == ids
    assert read(sandbox, "Leads", waits)["$approved"] is False
    assert call(sandbox, "GET", f"/Leads/{waits}", approved="true").status_code == 204
