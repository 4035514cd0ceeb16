"""A new custom field of Copper's sandbox: what it takes, what it gives back, and that records have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from tests.contracts import check_call, check_reply

from leadlens.sandbox import Sandbox

PATH = "/custom_field_definitions"
FULL = f"/developer_api/v1{PATH}"
SIZE = {"name": "Size", "data_type": "Dropdown", "available_on": ["lead"], "options": [{"name": "S"}, {"name": "L"}]}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(data="empty", vendors=["copper"]) as made:
        yield made


def post(sandbox: Sandbox, path: str, body: Any) -> requests.Response:
    """Send a body."""
    return sandbox.session("copper").post(sandbox.url("copper", path), json=body)


def make(sandbox: Sandbox, body: Any) -> requests.Response:
    """Ask for a definition, and hold the reply against the contract."""
    reply = post(sandbox, PATH, body)
    assert check_reply("copper", "POST", FULL, reply.status_code, reply.json()) == []
    return reply


def test_a_new_field_is_listed_and_in_every_record(sandbox: Sandbox) -> None:
    """Its options have ids and ranks; a lead that was there before shows it unset, and takes a value."""
    lead = post(sandbox, "/leads", {"name": "Ana"}).json()["id"]
    assert check_call("copper", "POST", FULL, {}, SIZE) == []
    made = make(sandbox, SIZE).json()
    assert [(option["name"], option["rank"]) for option in made["options"]] == [("S", 0), ("L", 1)]
    session = sandbox.session("copper")
    assert made in session.get(sandbox.url("copper", PATH)).json()
    assert session.get(sandbox.url("copper", f"{PATH}/{made['id']}")).json() == made
    shown = session.get(sandbox.url("copper", f"/leads/{lead}")).json()["custom_fields"]
    assert {"custom_field_definition_id": made["id"], "value": None} in shown
    item = {"custom_field_definition_id": made["id"], "value": made["options"][1]["id"]}
    wrote = session.put(sandbox.url("copper", f"/leads/{lead}"), json={"custom_fields": [item]}).json()
    assert item in wrote["custom_fields"]


def test_what_is_not_said_has_its_default(sandbox: Sandbox) -> None:
    """No filter, no kinds, no key; a currency has the account's."""
    made = make(sandbox, {"name": "Sum", "data_type": "Currency", "canonical_name": "SuM"}).json()
    assert (made["is_filterable"], made["available_on"], made["canonical_name"]) == (False, [], "sum")
    assert (made["currency"], "options" in made) == ("USD", False)


@pytest.mark.parametrize(
    "change",
    [
        {"name": None}, {"name": "  "}, {"data_type": "Connect"}, {"data_type": "text"}, {"available_on": ["deal"]},
        {"options": []}, {"options": ["S"]}, {"options": [{"name": "S"}, {"name": "S"}]}, {"options": [{"name": " "}]},
        {"options": [{"name": "S", "id": 4}]}, {"data_type": "MultiSelect", "options": [{"name": "S"}]},
        {"data_type": "String"}, {"is_filterable": "no"}, {"colour": "red"},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(sandbox: Sandbox, change: dict[str, Any]) -> None:
    """And nothing is made."""
    before = sandbox.store("copper").count("definition")
    assert make(sandbox, {**SIZE, **change}).status_code == 422
    assert sandbox.store("copper").count("definition") == before


@pytest.mark.parametrize("key", ["name", "data_type"])
def test_name_and_type_are_required(sandbox: Sandbox, key: str) -> None:
    """The stars of the page."""
    assert make(sandbox, {name: value for name, value in SIZE.items() if name != key}).status_code == 422


def test_a_second_one_of_the_same_name_is_another_field(sandbox: Sandbox) -> None:
    """Nobody says that Copper refuses it, so a client has to look."""
    assert make(sandbox, SIZE).json()["id"] != make(sandbox, SIZE).json()["id"]
