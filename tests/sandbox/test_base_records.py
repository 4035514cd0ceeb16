"""Base's sandbox: leads, contacts and deals one at a time, and how strictly they are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts import check_call
from tests.sandbox.base_calls import call, data, errors, new_lead

from leadlens.emulation.clock import VirtualClock
from leadlens.sandbox import Sandbox
from leadlens_base.sandbox.shapes import FIELDS

LEAST: Final[dict[str, dict[str, Any]]] = {
    "leads": {"last_name": "A"},
    "contacts": {"last_name": "A"},
    "deals": {"name": "A", "contact_id": 1},
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty") as made:
        data(call(made, "POST", "/contacts", {"is_organization": True, "name": "Firm"}))
        yield made


@pytest.mark.parametrize("path", LEAST)
def test_a_record_is_made_read_changed_and_deleted(sandbox: Sandbox, path: str) -> None:
    """What is not given stays as it is; a deleted record is not found, and its id is not used again."""
    made = data(call(sandbox, "POST", f"/{path}", LEAST[path] | {"tags": ["a", "a"], "owner_id": 2}))
    place = f"/{path}/{made['id']}"
    assert data(call(sandbox, "GET", place)) == made
    assert (made["tags"], made["owner_id"], made["creator_id"]) == (["a"], 2, 1)
    assert isinstance(sandbox.clock, VirtualClock)
    sandbox.clock.advance(60)
    after = data(call(sandbox, "PUT", place, {"tags": ["b"]}))
    assert after == made | {"tags": ["b"], "updated_at": after["updated_at"]}
    assert after["updated_at"] > made["updated_at"]
    assert data(call(sandbox, "GET", place)) == after
    gone = call(sandbox, "DELETE", place)
    assert (gone.status_code, gone.content) == (204, b"")
    for method, body in (("GET", None), ("PUT", {}), ("DELETE", None)):
        reply = call(sandbox, method, place, body)
        assert (reply.status_code, errors(reply)) == (404, [(None, "not_found")])
    assert data(call(sandbox, "POST", f"/{path}", LEAST[path]))["id"] == made["id"] + 1


def test_null_clears_an_attribute(sandbox: Sandbox) -> None:
    """A custom field too; those that are not named stay."""
    lead = new_lead(sandbox, custom_fields={"Region": "West", "Budget": 5}, address={"city": "Lyon"})
    after = data(
        call(sandbox, "PUT", f"/leads/{lead}", {"email": None, "address": None, "custom_fields": {"Region": None}})
    )
    assert (after["email"], after["address"], after["custom_fields"]) == (None, None, {"Budget": 5})
    after = data(call(sandbox, "PUT", f"/leads/{lead}", {"tags": None, "owner_id": None}))
    assert (after["tags"], after["owner_id"]) == ([], 1)


@pytest.mark.parametrize(
    ("path", "given", "field"),
    [
        ("/leads", {"first_name": "A"}, "/data/last_name"),
        ("/leads", {"last_name": "", "organization_name": None}, "/data/last_name"),
        ("/contacts", {"first_name": "A"}, "/data/last_name"),
        ("/contacts", {"is_organization": True, "last_name": "A"}, "/data/name"),
        ("/deals", {"name": "", "contact_id": 1}, "/data/name"),
        ("/deals", {"contact_id": 1}, "/data/name"),
    ],
)
def test_a_name_is_needed(sandbox: Sandbox, path: str, given: dict[str, Any], field: str) -> None:
    """Which one depends on the kind."""
    reply = call(sandbox, "POST", path, given)
    assert (reply.status_code, errors(reply)) == (422, [(field, "blank")])


def test_a_name_cannot_be_taken_away(sandbox: Sandbox) -> None:
    """An update is judged by the record that it would leave."""
    lead = new_lead(sandbox)
    assert data(call(sandbox, "PUT", f"/leads/{lead}", {"last_name": None}))["last_name"] is None
    reply = call(sandbox, "PUT", f"/leads/{lead}", {"organization_name": None})
    assert (reply.status_code, errors(reply)) == (422, [("/data/last_name", "blank")])
    assert data(call(sandbox, "GET", f"/leads/{lead}"))["organization_name"] == "Boulangerie"


WRONG: Final = [
    ("/leads", {"tags": "a"}, "/data/tags", "invalid_type"),
    ("/leads", {"tags": ["a", 1]}, "/data/tags", "invalid_type"),
    ("/leads", {"address": {"city": 7}}, "/data/address/city", "invalid_type"),
    ("/leads", {"address": {"town": "A", "a/b~c": ""}}, "/data/address/town", "unknown"),
    ("/leads", {"address": "Lyon"}, "/data/address", "invalid_type"),
    ("/leads", {"id": 7}, "/data/id", "unknown"),
    ("/leads", {"owner_id": 99}, "/data/owner_id", "incorrect_value"),
    ("/leads", {"owner_id": 10**30}, "/data/owner_id", "invalid_type"),
    ("/leads", {"owner_id": True}, "/data/owner_id", "invalid_type"),
    ("/leads", {"source_id": 99}, "/data/source_id", "incorrect_value"),
    ("/leads", {"unqualified_reason_id": 99}, "/data/unqualified_reason_id", "incorrect_value"),
    ("/leads", {"custom_fields": {"Colour": "red"}}, "/data/custom_fields/Colour", "unknown"),
    ("/leads", {"custom_fields": {"a/b~c": "red"}}, "/data/custom_fields/a~1b~0c", "unknown"),
    ("/leads", {"custom_fields": []}, "/data/custom_fields", "invalid_type"),
    ("/leads", {"custom_fields": {"Budget": "5,5"}}, "/data/custom_fields/Budget", "invalid_type"),
    ("/leads", {"custom_fields": {"Newsletter": "yes"}}, "/data/custom_fields/Newsletter", "invalid_type"),
    ("/leads", {"custom_fields": {"Birthday": "31.1.1970"}}, "/data/custom_fields/Birthday", "invalid_type"),
    ("/leads", {"custom_fields": {"Birthday": "1970-02-30"}}, "/data/custom_fields/Birthday", "invalid_type"),
    ("/leads", {"custom_fields": {"Consent given": "2026-01-31"}}, "/data/custom_fields/Consent given", "invalid_type"),
    ("/leads", {"custom_fields": {"Region": "Mars"}}, "/data/custom_fields/Region", "incorrect_value"),
    ("/leads", {"custom_fields": {"Interested in": "Ovens"}}, "/data/custom_fields/Interested in", "invalid_type"),
    ("/leads", {"custom_fields": {"Interested in": ["Mars"]}}, "/data/custom_fields/Interested in", "incorrect_value"),
    ("/leads", {"custom_fields": {"Ships to": {"town": ""}}}, "/data/custom_fields/Ships to/town", "unknown"),
    ("/leads", {"custom_fields": {"Ships to": "Lyon"}}, "/data/custom_fields/Ships to", "invalid_type"),
    ("/contacts", {"customer_status": "New"}, "/data/customer_status", "invalid_type"),
    ("/contacts", {"contact_id": 99}, "/data/contact_id", "incorrect_value"),
    ("/contacts", {"billing_address": {"zip": ""}}, "/data/billing_address/zip", "unknown"),
    ("/contacts", {"organization_name": "A"}, "/data/organization_name", "unknown"),
    ("/deals", {"value": 10}, "/data/value", "invalid_type"),
    ("/deals", {"value": "1e3"}, "/data/value", "invalid_type"),
    ("/deals", {"currency": "eur"}, "/data/currency", "invalid_type"),
    ("/deals", {"hot": None}, "/data/hot", "invalid_type"),
    ("/deals", {"stage_id": 99}, "/data/stage_id", "incorrect_value"),
    ("/deals", {"contact_id": None}, "/data/contact_id", "invalid_type"),
    ("/deals", {"contact_id": 99}, "/data/contact_id", "incorrect_value"),
    ("/deals", {"organization_id": 1}, "/data/organization_id", "unknown"),
    ("/deals", {"customized_win_likelihood": 101}, "/data/customized_win_likelihood", "invalid_type"),
    ("/deals", {"estimated_close_date": "1/23/2017"}, "/data/estimated_close_date", "invalid_type"),
    ("/deals", {"last_stage_change_at": "yesterday"}, "/data/last_stage_change_at", "invalid_type"),
]


@pytest.mark.parametrize(("path", "more", "field", "code"), WRONG)
def test_what_does_not_fit_is_refused_by_name(
    sandbox: Sandbox, path: str, more: dict[str, Any], field: str, code: str
) -> None:
    """Unknown keys, values of another type, strangers' ids, nested ones too; nothing is written, a header says why."""
    before = len(sandbox.truth.changes("base"))
    reply = call(sandbox, "POST", path, LEAST[path[1:]] | more)
    assert reply.status_code == 422
    assert (field, code) in errors(reply)
    assert f"{field} {code}" in reply.headers["X-Sandbox-Unclear"]
    assert len(sandbox.truth.changes("base")) == before


def test_every_problem_has_its_error(sandbox: Sandbox) -> None:
    """Not only the first."""
    reply = call(sandbox, "POST", "/leads", {"lastname": "A", "tags": 1, "email": 2})
    assert errors(reply) == [
        ("/data/lastname", "unknown"),
        ("/data/tags", "invalid_type"),
        ("/data/email", "invalid_type"),
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, [("/data", "missing")]),
        ({"data": []}, [("/data", "invalid_type")]),
        ({"data": {"last_name": "A"}, "dry_run": True}, [("/dry_run", "unknown")]),
    ],
)
def test_the_envelope_is_read_strictly_too(sandbox: Sandbox, body: Any, found: list[tuple[str, str]]) -> None:
    """It has the key ``data`` and no other."""
    reply = call(sandbox, "POST", "/leads", json=body)
    assert (reply.status_code, errors(reply)) == (422, found)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"data": NaN}', b"\xff"])
def test_a_body_that_is_no_json_object_is_an_invalid_payload(sandbox: Sandbox, raw: bytes) -> None:
    """400, whatever its Content-Type."""
    reply = sandbox.session("base").post(sandbox.url("base", "/leads"), data=raw)
    assert (reply.status_code, errors(reply)) == (400, [(None, "invalid_payload")])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/leads/1"),
        ("POST", "/leads"),
        ("DELETE", "/leads/1"),
        ("POST", "/lead_conversions"),
        ("GET", "/tags/1"),
    ],
)
def test_an_unknown_query_key_is_refused_everywhere(sandbox: Sandbox, method: str, path: str) -> None:
    """Also where nothing can be asked."""
    reply = call(sandbox, method, f"{path}?dry_run=true", {} if method == "POST" else None)
    assert (reply.status_code, errors(reply)) == (400, [(None, "invalid_param")])
    assert "dry_run" in reply.headers["X-Sandbox-Unclear"]


# --- contacts and deals ----------------------------------------------------------------------------------------------


def test_an_individual_stays_one(sandbox: Sandbox) -> None:
    """``is_organization`` is settable at creation only; the same value is no change."""
    assert call(sandbox, "PUT", "/contacts/1", {"is_organization": True}).status_code == 200
    reply = call(sandbox, "PUT", "/contacts/1", {"is_organization": False})
    assert (reply.status_code, errors(reply)) == (422, [("/data/is_organization", "incorrect_value")])


def test_a_contact_belongs_to_an_organization(sandbox: Sandbox) -> None:
    """Not to an individual, and not to itself."""
    person = data(call(sandbox, "POST", "/contacts", {"last_name": "A", "contact_id": 1}))
    assert person["contact_id"] == 1
    for number, parent in ((person["id"], person["id"]), (1, person["id"]), (1, 1)):
        reply = call(sandbox, "PUT", f"/contacts/{number}", {"contact_id": parent})
        assert errors(reply) == [("/data/contact_id", "incorrect_value")]
    reply = call(sandbox, "PUT", "/contacts/1", {"parent_organization_id": person["id"]})
    assert errors(reply) == [("/data/parent_organization_id", "incorrect_value")]


def test_a_deals_organization_follows_from_its_contact(sandbox: Sandbox) -> None:
    """It is that of the individual, or the contact itself."""
    inside = data(call(sandbox, "POST", "/contacts", {"last_name": "A", "contact_id": 1}))["id"]
    outside = data(call(sandbox, "POST", "/contacts", {"last_name": "B"}))["id"]
    deal = data(call(sandbox, "POST", "/deals", {"name": "D", "contact_id": 1}))
    assert deal["organization_id"] == 1
    for contact, organization in ((outside, None), (inside, 1)):
        after = data(call(sandbox, "PUT", f"/deals/{deal['id']}", {"contact_id": contact}))
        assert (after["contact_id"], after["organization_id"]) == (contact, organization)


def test_a_deal_keeps_its_organization_when_the_contact_goes(sandbox: Sandbox) -> None:
    """Another change of the deal does not look at the contact again."""
    deal = data(call(sandbox, "POST", "/deals", {"name": "D", "contact_id": 1}))
    call(sandbox, "DELETE", "/contacts/1")
    after = data(call(sandbox, "PUT", f"/deals/{deal['id']}", {"hot": True}))
    assert (after["contact_id"], after["organization_id"]) == (1, 1)


def test_a_deal_says_when_its_stage_changed(sandbox: Sandbox) -> None:
    """Not when anything else changes; it begins in the first stage, and the date can be written."""
    deal = data(call(sandbox, "POST", "/deals", {"name": "D", "contact_id": 1, "value": "10.50"}))
    assert (deal["stage_id"], deal["last_stage_change_at"], deal["currency"]) == (1, deal["created_at"], "USD")
    place = f"/deals/{deal['id']}"
    same = data(call(sandbox, "PUT", place, {"value": "11"}))
    assert (same["last_stage_change_at"], same["value"]) == (deal["last_stage_change_at"], "11")
    moved = data(call(sandbox, "PUT", place, {"stage_id": 2}))
    assert moved["last_stage_change_at"] == moved["updated_at"] > deal["updated_at"]
    told = data(call(sandbox, "PUT", place, {"stage_id": 3, "last_stage_change_at": "2020-01-01T00:00:00Z"}))
    assert told["last_stage_change_at"] == "2020-01-01T00:00:00Z"


def test_a_deal_has_contacts(sandbox: Sandbox) -> None:
    """The primary one is the deal's own; a new primary one takes its place."""
    person = data(call(sandbox, "POST", "/contacts", {"last_name": "A"}))["id"]
    other = data(call(sandbox, "POST", "/contacts", {"last_name": "B", "contact_id": 1}))["id"]
    deal = data(call(sandbox, "POST", "/deals", {"name": "D", "contact_id": person}))["id"]
    place = f"/deals/{deal}/associated_contacts"
    assert call(sandbox, "POST", place, {"contact_id": other, "role": "involved"}).status_code == 200
    assert call(sandbox, "POST", place, {"contact_id": 1, "role": "primary"}).status_code == 200
    listed = [item["data"] for item in call(sandbox, "GET", place).json()["items"]]
    assert [(one["contact_id"], one["role"]) for one in listed] == [(1, "primary"), (other, "involved")]
    shown = data(call(sandbox, "GET", f"/deals/{deal}?includes=associated_contacts"))
    assert (shown["contact_id"], shown["organization_id"], shown["associated_contacts"]["meta"]["count"]) == (1, 1, 2)
    for sent, field, code in (
        ({"contact_id": other, "role": "involved"}, "/data/contact_id", "already_exists"),
        ({"contact_id": 99, "role": "involved"}, "/data/contact_id", "incorrect_value"),
        ({"contact_id": 1, "role": "boss"}, "/data/role", "invalid_type"),
        ({"contact_id": 1}, "/data/role", "missing"),
    ):
        assert errors(call(sandbox, "POST", place, sent)) == [(field, code)]
    assert call(sandbox, "GET", "/deals/99/associated_contacts").status_code == 404


# --- anything at all -------------------------------------------------------------------------------------------------

KEYS: Final = sorted({key for fields in FIELDS.values() for key in fields} | {"id", "created_at", "colour"})
SCALARS: Final = st.sampled_from(
    [
        None,
        True,
        0,
        1,
        -1,
        2.5,
        10**30,
        "",
        "A",
        "1",
        "10.50",
        "EUR",
        "none",
        "2026-01-31",
        "2026-01-31T09:00:00Z",
        "\x00é",
    ]
)
VALUES: Final = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.sampled_from(["city", "line1", "town", "Region", "Budget", "Ships to"]), SCALARS, max_size=2),
)
OPEN = Sandbox(data="empty", vendors=["base"])


@settings(max_examples=max(50, settings().max_examples // 5))
@given(
    st.sampled_from(["leads", "contacts", "deals"]),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4),
    st.booleans(),
)
def test_whatever_is_sent_is_accepted_only_if_it_fits_the_contract(
    path: str, more: dict[str, Any], least: bool
) -> None:
    """And every reply fits it; nothing is a server error."""
    if OPEN.store("base").count("lead") > 50:
        OPEN.reset()
    if not OPEN.store("base").count("contact"):
        call(OPEN, "POST", "/contacts", {"is_organization": True, "name": "Firm"})
    sent = (LEAST[path] if least else {}) | more
    for method, place in (("POST", f"/{path}"), ("POST", f"/{path}/upsert?owner_id=5"), ("PUT", f"/{path}/1")):
        reply = call(OPEN, method, place, sent)
        assert reply.status_code in {200, 201, 404, 422}
        bare, _, query = place.partition("?")
        asked = dict([query.split("=")]) if query else {}
        misfits = check_call("base", method, f"/v2{bare}", asked, {"data": sent})
        assert not (misfits and reply.status_code < 300)
