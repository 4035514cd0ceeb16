"""Zoho's conversion in full: what is copied, linked, moved, told, refused; and the options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.sandbox.zoho_calls import DEAL, became, call, convert, new, read, refusal

from leadlens.sandbox import Sandbox
from leadlens_zoho.sandbox.related import put

CUSTOM = {"Budget": 9, "Discount": 1.5, "Trial_Start": "2026-02-01", "Interests": ["Software"], "Segment": "Small"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty", vendors=["zoho"]) as made:
        yield made


def switched(name: str, option: str) -> Sandbox:
    return Sandbox(data="empty", vendors=["zoho"], switches={f"zoho.{name}": option})


def users(sandbox: Sandbox) -> list[str]:
    return [user["id"] for user in call(sandbox, "GET", "/users").json()["users"]]


def attach(sandbox: Sandbox, lead: str) -> None:
    with sandbox.world("zoho") as world:
        put(world, "attachment", "Leads", lead, {"File_Name": "offer.pdf", "Size": "5"})
        put(world, "Notes", "Leads", lead, {"Note_Title": None, "Note_Content": "called"})


def files(sandbox: Sandbox, module: str, number: str) -> int:
    reply = call(sandbox, "GET", f"/{module}/{number}/Attachments", fields="File_Name")
    return len(reply.json()["data"]) if reply.content else 0


def test_fields_are_copied_by_name_and_custom_ones_where_they_are_defined(sandbox: Sandbox) -> None:
    """As ``convert_mapping`` of the lead's fields says; what has no place anywhere stays with the lead."""
    standard = {"Designation": "CEO", "Street": "1 Oak", "No_of_Employees": 3, "Lead_Source": "Chat"}
    own = {"Shoe_Size": "43", "Customer_Number": "C-1", "Billing_Email": "b@example.com"}
    given: dict[str, Any] = {**standard, **own, **CUSTOM}
    lead = new(sandbox, **given)
    ids = became(convert(sandbox, lead, Deals=DEAL | {"Budget": 10}))
    found = {module: read(sandbox, module, number) for module, number in ids.items()}
    listed = call(sandbox, "GET", "/settings/fields", module="Leads").json()["fields"]
    carried = {one["api_name"]: one["convert_mapping"] for one in listed}
    for name, value in given.items():
        for module, record in found.items():
            there = carried[name][module]
            if there and (module, name) != ("Deals", "Budget"):
                assert record[there] == value
    assert found["Deals"]["Budget"] == 10
    assert carried["Shoe_Size"] == {"Contacts": None, "Accounts": None, "Deals": None}
    assert found["Contacts"]["Interests"] == found["Deals"]["Interests"] == ["Software"]
    assert "Shoe_Size" not in found["Contacts"]


def test_a_lead_without_company_makes_no_account(sandbox: Sandbox) -> None:
    """And its contact has none."""
    lead = new(sandbox, Company=None)
    ids = became(convert(sandbox, lead))
    assert ids["Accounts"] is None
    assert read(sandbox, "Contacts", ids["Contacts"])["Account_Name"] is None


def test_the_owner_is_assigned_to_contact_and_account_the_deals_stands_inside(sandbox: Sandbox) -> None:
    """Without, all have the lead's owner."""
    one, other = users(sandbox)
    lead = new(sandbox, Owner={"id": other})
    ids = became(convert(sandbox, lead, Deals=DEAL))
    assert [read(sandbox, module, number)["Owner"]["id"] for module, number in ids.items()] == [other] * 3
    lead = new(sandbox)
    ids = became(convert(sandbox, lead, assign_to={"id": other}, Deals=DEAL))
    owners = {module: read(sandbox, module, number)["Owner"]["id"] for module, number in ids.items()}
    assert owners == {"Contacts": other, "Accounts": other, "Deals": one}
    lead = new(sandbox)
    ids = became(convert(sandbox, lead, Deals=DEAL | {"Owner": {"id": int(other)}}))
    assert read(sandbox, "Deals", ids["Deals"])["Owner"]["id"] == other
    assert refusal(convert(sandbox, new(sandbox), assign_to={"id": "5"})) == (
        400,
        "INVALID_DATA",
        "$.data[0].assign_to",
    )


@pytest.mark.parametrize("overwrite", [False, True])
def test_overwrite_gives_an_associated_contact_the_account_under_the_companys_name(
    sandbox: Sandbox, overwrite: bool
) -> None:
    """The account's own data stay; without overwrite the contact keeps the account it has."""
    mine, given = new(sandbox, "Accounts", Account_Name="Old"), new(sandbox, "Accounts", Account_Name="Given")
    contact = new(sandbox, "Contacts", Account_Name={"id": mine})
    lead = new(sandbox)
    ids = became(
        convert(sandbox, lead, overwrite=overwrite, Accounts={"id": given}, Contacts={"id": contact})
    )  # fmt: skip
    assert ids == {"Contacts": contact, "Accounts": given, "Deals": None}
    wanted = {"id": given, "name": "Zylker"} if overwrite else {"id": mine, "name": "Old"}
    assert read(sandbox, "Contacts", contact)["Account_Name"] == wanted
    assert read(sandbox, "Accounts", given)["Account_Name"] == "Given"


def test_overwrite_without_an_account_changes_nothing(sandbox: Sandbox) -> None:
    """A contact without account is associated all the same."""
    contact = new(sandbox, "Contacts")
    ids = became(convert(sandbox, new(sandbox), overwrite=True, Contacts={"id": contact}))
    assert read(sandbox, "Contacts", contact)["Account_Name"] == {"id": ids["Accounts"], "name": "Zylker"}


def test_those_who_are_to_be_notified_are(sandbox: Sandbox) -> None:
    """Both or none; the truth log has it."""
    convert(sandbox, new(sandbox), notify_lead_owner=True, notify_new_entity_owner=True)
    assert [change.record and change.record["why"] for change in sandbox.truth.changes("zoho", "notification")] == [
        "notify_lead_owner", "notify_new_entity_owner",
    ]  # fmt: skip
    convert(sandbox, new(sandbox), notify_lead_owner=False)
    assert sandbox.store("zoho").count("notification") == 2


@pytest.mark.parametrize("spelled", [str, int])
def test_the_contact_has_its_role_in_the_deal(sandbox: Sandbox, spelled: Any) -> None:
    """One of the account's roles; another is refused."""
    roles = call(sandbox, "GET", "/Contacts/roles").json()["contact_roles"]
    ids = became(convert(sandbox, new(sandbox), Deals=DEAL | {"Contact_Role": spelled(roles[2]["id"])}))
    found = call(sandbox, "GET", f"/Deals/{ids['Deals']}/Contact_Roles", fields="Last_Name").json()["data"]
    assert [(one["id"], one["Contact_Role"]["name"]) for one in found] == [(ids["Contacts"], roles[2]["name"])]
    bad = convert(sandbox, new(sandbox), Deals=DEAL | {"Contact_Role": "5"})
    assert refusal(bad) == (400, "INVALID_DATA", "$.data[0].Deals.Contact_Role")


@pytest.mark.parametrize("module", ["Contacts", "Accounts", "Deals"])
def test_attachments_move_to_whom_it_was_said(sandbox: Sandbox, module: str) -> None:
    """From v5 on; notes go to the contact."""
    lead = new(sandbox)
    attach(sandbox, lead)
    target = {"api_name": module, "id": "3652397000000002179"}
    ids = became(convert(sandbox, lead, "v5", Deals=DEAL, move_attachments_to=target))
    assert {name: files(sandbox, name, number) for name, number in ids.items()} == {
        name: int(name == module) for name in ids
    }
    assert call(sandbox, "GET", "/Notes").json()["data"][0]["Parent_Id"]["id"] == ids["Contacts"]


@pytest.mark.parametrize(("option", "left"), [("left", 1), ("contact", 0)])
def test_attachments_that_nobody_mentions_stay_or_go_as_the_switch_says(option: str, left: int) -> None:
    """Nobody has recorded it: they stay with the lead by default."""
    with switched("attachments", option) as sandbox:
        lead = new(sandbox)
        attach(sandbox, lead)
        ids = became(convert(sandbox, lead))
        assert (files(sandbox, "Leads", lead), files(sandbox, "Contacts", ids["Contacts"])) == (left, 1 - left)


@pytest.mark.parametrize("option", ["overwrites", "fills"])
@pytest.mark.parametrize("top", [True, False])
def test_adding_to_existing_records_does_as_the_switch_says(option: str, top: bool) -> None:
    """Per module or for all; without the key the records keep their data."""
    with switched("add_to_existing", option) as sandbox:
        contact, account = new(sandbox, "Contacts", Phone="1"), new(sandbox, "Accounts", Phone="1")
        lead = {"Phone": "2", "Fax": "3"}
        convert(sandbox, new(sandbox, **lead), Contacts={"id": contact}, Accounts={"id": account})
        assert read(sandbox, "Contacts", contact)["Phone"] == "1"
        add: dict[str, Any] = {"add_to_existing_record": True}
        each, whole = ({}, add) if top else (add, {})
        item = whole | {"Contacts": {"id": contact, **each}, "Accounts": {"id": account, **each}}
        became(convert(sandbox, new(sandbox, **lead), **item))
        for module, number in (("Contacts", contact), ("Accounts", account)):
            found = read(sandbox, module, number)
            assert (found["Phone"], found["Fax"]) == ("2" if option == "overwrites" else "1", "3")
        assert read(sandbox, "Accounts", account)["Account_Name"] == "Zylker"


@pytest.mark.parametrize(("option", "count"), [("new", 2), ("same_name", 1)])
def test_a_company_that_is_there_becomes_a_second_account_or_not(option: str, count: int) -> None:
    """Nobody has recorded it: a second one by default."""
    with switched("company_match", option) as sandbox:
        account = new(sandbox, "Accounts")
        ids = became(convert(sandbox, new(sandbox)))
        assert (sandbox.store("zoho").count("Accounts"), ids["Accounts"] == account) == (count, count == 1)


@pytest.mark.parametrize("option", ["made", "kept"])
def test_the_account_of_a_given_contact_is_kept_or_not(option: str) -> None:
    """Nobody has recorded it: the lead's company becomes a second account by default."""
    with switched("account_beside_contact", option) as sandbox:
        account = new(sandbox, "Accounts", Account_Name="Old")
        contact = new(sandbox, "Contacts", Account_Name={"id": account})
        ids = became(convert(sandbox, new(sandbox), Contacts={"id": contact}))
        assert (ids["Accounts"] == account) is (option == "kept")
        assert read(sandbox, "Contacts", contact)["Account_Name"]["id"] == account


def test_a_unique_value_that_a_contact_has_refuses_the_conversion(sandbox: Sandbox) -> None:
    """DUPLICATE_DATA with the record that has it; the lead stays open; so for e-mails if they are unique."""
    contact = new(sandbox, "Contacts", Customer_Number="C-1", Email="a@example.com")
    reply = convert(sandbox, new(sandbox, Customer_Number="C-1"))
    assert refusal(reply)[:2] == (400, "DUPLICATE_DATA")
    assert reply.json()["data"][0]["details"]["duplicate_record"]["id"] == contact
    assert sandbox.store("zoho").count("Accounts") == 0
    assert convert(sandbox, new(sandbox, Email="a@example.com")).status_code == 200
    with switched("contact_email", "unique") as strict:
        new(strict, "Contacts", Email="a@example.com")
        assert refusal(convert(strict, new(strict, Email="A@example.com")))[:2] == (400, "DUPLICATE_DATA")


def test_a_contact_that_is_given_may_have_the_value_itself(sandbox: Sandbox) -> None:
    """It is not its own duplicate."""
    contact = new(sandbox, "Contacts", Customer_Number="C-1")
    ids = became(
        convert(sandbox, new(sandbox, Customer_Number="C-1"), Contacts={"id": contact}, add_to_existing_record=True)
    )
    assert ids["Contacts"] == contact


@pytest.mark.parametrize(
    ("version", "item", "code", "path"),
    [
        ("v8", {"Deals": DEAL | {"Stage": "Referral"}}, "MAPPING_MISMATCH", "$.data[0].Deals.Stage"),
        ("v8", {"Deals": DEAL | {"Pipeline": "None"}}, "INVALID_DATA", "$.data[0].Deals.Pipeline"),
        ("v8", {"Deals": DEAL | {"Amount": "5"}}, "INVALID_DATA", "$.data[0].Deals.Amount"),
        ("v8", {"Deals": DEAL | {"Shoes": 5}}, "INVALID_DATA", "$.data[0].Deals.Shoes"),
        ("v8", {"Deals": DEAL | {"Next_Step": "x" * 101}}, "INVALID_DATA", "$.data[0].Deals.Next_Step"),
        ("v2", {"Deals": {"Deal_Name": "X", "Closing_Date": "2026-01-01"}}, "MANDATORY_NOT_FOUND",
         "$.data[0].Deals.Stage"),
        ("v8", {"Deals": []}, "INVALID_DATA", "$.data[0].Deals"),
        ("v8", {"overwrite": "true"}, "INVALID_DATA", "$.data[0].overwrite"),
        ("v8", {"Contact_Role": "5"}, "INVALID_DATA", "$.data[0].Contact_Role"),
        ("v8", {"carry_over_tags": {"Leads": []}}, "INVALID_DATA", "$.data[0].carry_over_tags.Leads"),
        ("v8", {"carry_over_tags": {"Deals": "x"}}, "INVALID_DATA", "$.data[0].carry_over_tags.Deals"),
        ("v8", {"move_attachments_to": {}}, "MANDATORY_NOT_FOUND", "$.data[0].move_attachments_to.api_name"),
        ("v8", {"move_attachments_to": {"api_name": "Leads"}}, "INVALID_DATA",
         "$.data[0].move_attachments_to.api_name"),
        ("v8", {"move_attachments_to": {"api_name": "Deals"}}, "INVALID_DATA",
         "$.data[0].move_attachments_to.api_name"),
        ("v8", {"move_attachments_to": {"api_name": "Contacts", "to": 1}}, "INVALID_DATA",
         "$.data[0].move_attachments_to.to"),
        ("v5", {"add_to_existing_record": True}, "INVALID_DATA", "$.data[0].add_to_existing_record"),
        ("v5", {"Contacts": {"id": "5", "add_to_existing_record": True}}, "INVALID_DATA",
         "$.data[0].Contacts.add_to_existing_record"),
        ("v8", {"Contacts": {"id": "5", "add_to_existing_record": 1}}, "INVALID_DATA",
         "$.data[0].Contacts.add_to_existing_record"),
        ("v8", {"Contacts": {"id": 1.5}}, "INVALID_DATA", "$.data[0].Contacts"),
        ("v2", {"Contacts": "5"}, "INVALID_DATA", "$.data[0].Contacts"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", ["400", "202"])
def test_what_is_wrong_is_refused_inside_data(
    version: str, item: dict[str, Any], code: str, path: str, status: str
) -> None:
    """With its path, and with status 202 if the switch says so; nothing is made."""
    with switched("convert_refusal", status) as sandbox:
        reply = convert(sandbox, new(sandbox), version, **item)
        assert refusal(reply) == (int(status), code, path)
        assert "data" in reply.json()
        assert sandbox.truth.entries()[-1].changes == ()


@pytest.mark.parametrize(
    ("state", "code"), [({"Locked__s": True}, "RECORD_LOCKED"), ({"$approved": False}, "NOT_APPROVED")]
)
def test_a_lead_that_waits_is_refused_at_the_root(sandbox: Sandbox, state: dict[str, bool], code: str) -> None:
    """Locked, or not approved yet."""
    lead = new(sandbox)
    with sandbox.world("zoho") as world:
        record = world.store.get("Leads", int(lead)) or {}
        world.store.replace("Leads", int(lead), record | state)
    assert refusal(convert(sandbox, lead)) == (400, code, None)
    written = call(sandbox, "PUT", f"/Leads/{lead}", {"data": [{"Phone": "1"}]}).status_code
    assert written == (400 if code == "RECORD_LOCKED" else 200)


@pytest.mark.parametrize(("body", "code"), [({}, "MANDATORY_NOT_FOUND"), ({"data": [{}, {}]}, "LIMIT_EXCEEDED"),
                                            ({"data": [{}], "more": 1}, "INVALID_DATA")])  # fmt: skip
def test_one_conversion_to_a_call(sandbox: Sandbox, body: Any, code: str) -> None:
    """Anything else is refused at the root."""
    reply = call(sandbox, "POST", f"/Leads/{new(sandbox)}/actions/convert", body)
    assert (reply.status_code, reply.json()["code"]) == (400, code)


def test_an_unknown_lead_is_refused_at_the_root(sandbox: Sandbox) -> None:
    """With the place in the address."""
    reply = convert(sandbox, "5")
    assert (reply.status_code, reply.json()["details"]) == (400, {"resource_path_index": 1})


@pytest.mark.parametrize("option", ["ids", "objects"])
def test_the_converted_lead_says_what_it_became(option: str) -> None:
    """Read with ``converted=true``; the form of the ids is a switch."""
    with switched("converted_detail", option) as sandbox:
        lead = new(sandbox)
        ids = became(convert(sandbox, lead, Deals=DEAL))
        found = read(sandbox, "Leads", lead, converted="true")
        detail = found["$converted_detail"]
        got = {key: value if option == "ids" else value["id"] for key, value in detail.items() if key != "convert_date"}
        assert got == {
            "contact": ids["Contacts"], "account": ids["Accounts"], "deal": ids["Deals"],
            "converted_by": users(sandbox)[0],
        }  # fmt: skip
        assert (found["$converted"], found["Converted__s"], found["Converted_Deal"]["id"]) == (True, True, ids["Deals"])
        assert call(sandbox, "GET", f"/Leads/{lead}", converted="false").status_code == 204


def test_how_a_converted_lead_is_read_and_written_are_switches() -> None:
    """By default it is hidden, and takes writes all the same."""
    with Sandbox(data="empty", vendors=["zoho"]) as sandbox:
        lead = new(sandbox)
        convert(sandbox, lead)
        assert call(sandbox, "PUT", f"/Leads/{lead}", {"data": [{"Phone": "1"}]}).status_code == 200
        assert read(sandbox, "Leads", lead, converted="both")["$converted"] is True
    names = {"zoho.converted_lead_read": "shown", "zoho.converted_lead_write": "refused"}
    with Sandbox(data="empty", vendors=["zoho"], switches=names) as sandbox:
        lead = new(sandbox)
        convert(sandbox, lead)
        assert read(sandbox, "Leads", lead)["$converted"] is True
        for method, body in (("PUT", {"data": [{"Phone": "1"}]}), ("DELETE", None)):
            assert refusal(call(sandbox, method, f"/Leads/{lead}", body))[:2] == (400, "CANNOT_PERFORM_ACTION")


def test_options_are_the_records_that_look_like_the_lead(sandbox: Sandbox) -> None:
    """Contacts by e-mail or telephone, accounts by name or telephone, and their deals; 204 for none; v5 on."""
    lead = new(sandbox, Email="a@example.com", Phone="1")
    path = f"/Leads/{lead}/__conversion_options"
    assert call(sandbox, "GET", path).status_code == 204
    account = new(sandbox, "Accounts", Account_Name="ZYLKER")
    contact = new(sandbox, "Contacts", Email="A@example.com")
    deal = new(sandbox, "Deals", Account_Name={"id": account})
    new(sandbox, "Contacts", Email="other@example.com")
    found = call(sandbox, "GET", path).json()["__conversion_options"]
    ids = {module: [record["id"] for record in found[module]] for module in ("Contacts", "Accounts", "Deals")}
    assert ids == {"Contacts": [contact], "Accounts": [account], "Deals": [deal]}
    matched = found["preference_field_matched_value"]
    assert [one["field"]["api_name"] for one in matched["Contacts"]] == ["Phone", "Email"]
    assert matched["Accounts"][0]["matched_lead_value"] == "Zylker"
    assert refusal(call(sandbox, "GET", "/Leads/5/__conversion_options"))[1] == "INVALID_DATA"
    old = sandbox.session("zoho").get(sandbox.url("zoho@v4", path))
    assert (old.status_code, old.json()["code"]) == (404, "INVALID_URL_PATTERN")
    convert(sandbox, lead)
    assert refusal(call(sandbox, "GET", path))[1] == "ID_ALREADY_CONVERTED"
