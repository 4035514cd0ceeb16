"""What nobody has recorded about Copper: each switch does what it says, and its default hurts who assumes too much."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from tests.contracts import check_reply

from leadlens.sandbox import Sandbox

SCRIPTS = (("\u4e00", "\u9fff"), ("\u0600", "\u06ff"), ("\u0400", "\u04ff"), ("\u0370", "\u03ff"), ("\u0900", "\u097f"))
"""Chinese and Japanese, Arabic, Cyrillic, Greek, Devanagari."""

EMAIL = {"email": "ana@x.example", "category": "work"}
LEAD = {
    "name": "Ana Souza",
    "email": EMAIL,
    "company_name": "Padaria",
    "tags": ["vip"],
    "assignee_id": 137659,
    "details": "from the fair",
    "custom_fields": [
        {"custom_field_definition_id": 100764, "value": "spring"},
        {"custom_field_definition_id": 100769, "value": 1767603600},
    ],
}


def boxed(**switches: str) -> Sandbox:
    named = {f"copper.{name}": option for name, option in switches.items()}
    return Sandbox(data="empty", vendors=["copper"], switches=named)


def call(sandbox: Sandbox, method: str, path: str, body: Any = None) -> requests.Response:
    """Call Copper and hold the reply against the contract."""
    reply = sandbox.session("copper").request(method, sandbox.url("copper", path), json=body)
    assert check_reply("copper", method, f"/developer_api/v1{path}", reply.status_code, reply.json()) == []
    return reply


def new_lead(sandbox: Sandbox, **more: Any) -> int:
    number: int = call(sandbox, "POST", "/leads", LEAD | more).json()["id"]
    return number


def converted(sandbox: Sandbox, lead: int, **details: Any) -> Any:
    return call(sandbox, "POST", f"/leads/{lead}/convert", {"details": details}).json()


def upserted(sandbox: Sandbox, name: str, value: Any, **properties: Any) -> requests.Response:
    body = {"properties": {"name": "A", **properties}, "match": {"field_name": name, "field_value": value}}
    return call(sandbox, "PUT", "/leads/upsert", body)


def customs(record: Any) -> dict[int, Any]:
    return {item["custom_field_definition_id"]: item["value"] for item in record["custom_fields"]}


def test_a_conversion_carries_what_each_record_can_hold() -> None:
    """Custom fields go where their definition is; owner and details to the person, the domain to the company."""
    with boxed() as sandbox:
        reply = converted(sandbox, new_lead(sandbox), opportunity={"name": "Pilot"})
    person, company, deal = reply["person"], reply["company"], reply["opportunity"]
    assert (customs(person)[100764], customs(company)[100764], customs(deal)[100764]) == ("spring",) * 3
    assert 100769 not in customs(person)
    assert customs(deal)[100769] == 1767603600
    assert (person["assignee_id"], person["details"], person["emails"]) == (137659, "from the fair", [EMAIL])
    assert (company["email_domain"], company["assignee_id"]) == ("x.example", 137659)
    assert (deal["primary_contact_id"], deal["company_id"]) == (person["id"], company["id"])


@pytest.mark.parametrize(("option", "name"), [("lead", "Padaria"), ("none", None)])
def test_a_company_that_is_left_out(option: str, name: str | None) -> None:
    """By default the lead's own is made, though nobody asked for it."""
    with boxed(company_left_out=option) as sandbox:
        company = converted(sandbox, new_lead(sandbox))["company"]
    assert (company and company["name"]) == name


@pytest.mark.parametrize(
    ("option", "company", "details"), [("moved", "Padaria", None), ("kept", None, None), ("filled", "Padaria", "x")]
)
def test_a_person_found_by_email(option: str, company: str | None, details: str | None) -> None:
    """By default it is moved to the company of the conversion, and takes nothing else."""
    with boxed(matched_person=option) as sandbox:
        call(sandbox, "POST", "/people", {"name": "Old", "emails": [EMAIL]})
        person = converted(sandbox, new_lead(sandbox, details="x"))["person"]
    assert (person["name"], person["company_name"], person["details"]) == ("Old", company, details)


@pytest.mark.parametrize(
    ("option", "tags"), [("person", [["vip"], [], []]), ("none", [[], [], []]), ("all", [["vip"]] * 3)]
)
def test_tags_of_a_lead(option: str, tags: list[list[str]]) -> None:
    """By default only the person has them."""
    with boxed(carried_tags=option) as sandbox:
        reply = converted(sandbox, new_lead(sandbox), opportunity={"name": "Pilot"})
    assert [reply[kind]["tags"] for kind in ("person", "company", "opportunity")] == tags


@pytest.mark.parametrize(("option", "owner"), [("none", None), ("lead", 137659)])
def test_the_owner_of_an_opportunity(option: str, owner: int | None) -> None:
    """By default it has none unless named."""
    with boxed(opportunity_owner=option) as sandbox:
        assert converted(sandbox, new_lead(sandbox), opportunity={"name": "P"})["opportunity"]["assignee_id"] == owner
        named = {"name": "P", "assignee_id": 137660}
        assert converted(sandbox, new_lead(sandbox), opportunity=named)["opportunity"]["assignee_id"] == 137660


@pytest.mark.parametrize(("option", "stage"), [("first", 987790), ("refused", None)])
def test_a_stage_of_another_pipeline(option: str, stage: int | None) -> None:
    """By default the first of the pipeline is taken in its place, and nothing is said."""
    with boxed(foreign_stage=option) as sandbox:
        asked = {"name": "P", "pipeline_id": 213214, "pipeline_stage_id": 987797}
        reply = converted(sandbox, new_lead(sandbox), opportunity=asked)
    assert (reply["opportunity"]["pipeline_stage_id"] if "opportunity" in reply else None) == stage


@pytest.mark.parametrize(
    ("option", "shown"), [("ignored", ("Ana", "New", None)), ("kept", ("Anna", "Junk", "EUR")), ("refused", None)]
)
def test_keys_whose_writing_is_not_recorded(option: str, shown: tuple[str, ...] | None) -> None:
    """By default they are taken and forgotten."""
    more = {"first_name": "Anna", "status_id": 208234, "monetary_unit": "EUR"}
    with boxed(unrecorded_keys=option) as sandbox:
        lead = call(sandbox, "POST", "/leads", LEAD | more)
    found = lead.json() if lead.status_code == 200 else {}
    keys = ("first_name", "status", "monetary_unit")
    assert (tuple(found[key] for key in keys) if found else None) == shown


@pytest.mark.parametrize(("option", "same"), [("unseen", False), ("seen", True)])
def test_an_upsert_onto_a_converted_lead(option: str, same: bool) -> None:
    """By default it makes another."""
    with boxed(upsert_converted=option) as sandbox:
        number = new_lead(sandbox)
        converted(sandbox, number)
        assert (upserted(sandbox, "email", EMAIL["email"]).json()["id"] == number) is same


@pytest.mark.parametrize("option", ["sentence", "list"])
def test_an_upsert_that_finds_several(option: str) -> None:
    """Their ids are told up to thirty, and not beyond; nothing is written."""
    with boxed(upsert_clash=option) as sandbox:
        numbers = [new_lead(sandbox) for _ in range(30)]
        reply = upserted(sandbox, "name", "Ana Souza")
        assert reply.status_code == 422
        assert all(str(number) in reply.text for number in numbers)
        new_lead(sandbox)
        reply = upserted(sandbox, "name", "Ana Souza")
        assert (reply.status_code, str(numbers[0]) in reply.text) == (422, False)
        assert sandbox.truth.entries()[-1].changes == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "ANA@x.example"),
        ("name", "Ana Souza"),
        ("custom", {"custom_field_definition_id": 100764, "value": "spring"}),
    ],
)
def test_an_upsert_that_finds_one_updates_it(name: str, value: Any) -> None:
    """And one that finds none creates."""
    with boxed() as sandbox:
        assert upserted(sandbox, name, value).json()["id"] == 8894157
        call(sandbox, "DELETE", "/leads/8894157")
        number = new_lead(sandbox)
        reply = upserted(sandbox, name, value, details="new").json()
        assert (reply["id"], reply["details"], reply["company_name"]) == (number, "new", "Padaria")


@pytest.mark.parametrize(
    "value",
    [
        {"custom_field_definition_id": 100766, "value": "x"},
        {"custom_field_definition_id": 5, "value": "x"},
        {"custom_field_definition_id": 100764},
        "x",
    ],
)
def test_an_upsert_by_what_is_no_filter_is_refused(value: Any) -> None:
    """A definition that is not filterable, or not there, or a match without a value."""
    with boxed() as sandbox:
        url = sandbox.url("copper", "/leads/upsert")
        match = {"field_name": "custom", "field_value": value}
        reply = sandbox.session("copper").put(url, json={"properties": {"name": "A"}, "match": match})
    assert reply.status_code == 422


@pytest.mark.parametrize(("option", "found"), [("loose", 2), ("exact", 1)])
def test_a_search_by_name(option: str, found: int) -> None:
    """By default it also finds who shares a word."""
    with boxed(name_search=option) as sandbox:
        new_lead(sandbox)
        new_lead(sandbox, name="Ana Lima")
        assert len(call(sandbox, "POST", "/leads/search", {"name": "ana souza"}).json()) == found


@pytest.mark.parametrize(
    ("option", "day", "status"), [("month_first", "1/2/2026", 200), ("day_first", "13/1/2026", 200)]
)
def test_days_are_written_as_the_account_does(option: str, day: str, status: int) -> None:
    """Without leading zeros; the same text is another day, or none, in the other account."""
    with boxed(close_date=option) as sandbox:
        call(sandbox, "POST", "/people", {"name": "A"})
        padded = "/".join(part.zfill(2) for part in day.split("/"))
        body = {"name": "D", "primary_contact_id": 27140359, "close_date": padded}
        reply = call(sandbox, "POST", "/opportunities", body)
        assert (reply.status_code, reply.json()["close_date"]) == (status, day)
        wrong = "13/1/2026" if option == "month_first" else "1/13/2026"
        assert call(sandbox, "POST", "/opportunities", body | {"close_date": wrong}).status_code == 422


@pytest.mark.parametrize("seed", [7, 8])
def test_demo_data_are_what_a_salesperson_knows(seed: int) -> None:
    """Hundreds of leads in many scripts, every kind of custom value, owners, pipelines, and duplicates that matter."""
    with Sandbox(seed, vendors=["copper"]) as sandbox:
        store = sandbox.store("copper")
        leads = [lead for _, lead in store.iterate("lead")]
        addresses = [lead["email"]["email"].casefold() for lead in leads if lead["email"]]
        text = "".join(lead["name"] for lead in leads)
        assert 250 < len(leads) < 400
        assert leads[0]["name"] == "Ana Souza"
        assert sum(lead["converted_at"] is not None for lead in leads) == 24
        assert {addresses.count(one) for one in addresses} >= {1, 2, 3, 34}
        assert all(any(low <= char <= high for char in text) for low, high in SCRIPTS)
        assert {lead["assignee_id"] is None for lead in leads} == {True, False}
        assert {len(lead["phone_numbers"]) for lead in leads} == {0, 1, 2, 3}
        used = {n for lead in leads for n, value in customs(lead).items() if value not in (None, [], False)}
        assert used == {n for n, made in store.iterate("definition") if "lead" in made["available_on"]}
        assert len({deal["pipeline_id"] for _, deal in store.iterate("opportunity")}) == 3
        assert any(len(person["emails"]) > 1 for _, person in store.iterate("person"))
        for kind, plural in (("lead", "leads"), ("person", "people"), ("task", "tasks"), ("company", "companies")):
            asked = {"page_size": 200, **({"include_converted_leads": True} if kind == "lead" else {})}
            found = call(sandbox, "POST", f"/{plural}/search", asked)
            assert found.headers["X-PW-TOTAL"] == str(store.count(kind))


def test_the_same_seed_makes_the_same_data() -> None:
    """And another seed other data."""

    def everything(seed: int) -> list[Any]:
        with Sandbox(seed, vendors=["copper"]) as sandbox:
            return [change.record for change in sandbox.truth.changes("copper")]

    assert everything(3) == everything(3) != everything(4)


@pytest.mark.parametrize(
    "switches", [{"unrecorded_keys": "refused"}, {"close_date": "day_first"}, {"company_left_out": "none"}]
)
def test_demo_data_are_made_whatever_is_switched(switches: dict[str, str]) -> None:
    """They never write what a switch refuses."""
    with Sandbox(vendors=["copper"], switches={f"copper.{k}": v for k, v in switches.items()}) as sandbox:
        assert sandbox.store("copper").count("lead") > 250
