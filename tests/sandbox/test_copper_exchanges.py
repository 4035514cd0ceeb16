"""Every published exchange of Copper replays: its account put in, its request sent, its reply compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.contracts import SPECS, check_reply
from tests.sandbox import copper_account as account
from tests.sandbox.copper_account import KINDS, Wire

from leadlens.emulation.vendor import World
from leadlens.sandbox import Sandbox

EXCHANGES = {path.stem: json.loads(path.read_bytes()) for path in sorted((SPECS / "copper/exchanges").glob("*.json"))}
OUTGOING = {name for name, each in EXCHANGES.items() if each["operation"] == "receive_notification"}
REPLAYED = [name for name in EXCHANGES if name not in OUTGOING]
BASE = "/developer_api/v1"
RECORDS = list(KINDS.values())[:6]

MENDED: dict[str, Wire] = {
    "search_tasks_by_opportunity_ids": {"opportunity_ids": [4]},
    "search_tasks_by_due_date": {"minimum_due_date": 1515776400, "maximum_due_date": 1515776400},
}
"""Requests whose published reply answers another one, with the criteria that it does answer: the first asks for a
project and shows a task of an opportunity, the second shows a task that is due later than it asks for."""

SHAPE_ONLY = {"bulk_create_opportunities"}
"""Its published reply shows owners, days and pipelines that the request does not name."""

UNSORTED = {"search_people_by_company_id", "search_people_list_people_in_groups_of_200"}
"""Published replies that are not in the order that their request asks for: compared in the order of ids."""

FREE = {"id", "date_created", "date_modified", "created_at", "date_stage_changed", "access_token"}
"""What a new record gets from the account: never determined by the request."""


def call(sandbox: Sandbox, request: Wire) -> Any:
    """Send a published request and hold the reply against the contract."""
    method, path = request["method"], request["path"]
    if path.startswith("/oauth"):
        return sandbox.session().request(method, f"{sandbox.root('copper')}{path}", data=request["body"]).json()
    url = sandbox.url("copper", path.removeprefix(BASE))
    reply = sandbox.session("copper").request(method, url, params=request["query"], json=request["body"])
    assert check_reply("copper", method, path, reply.status_code, reply.json()) == []
    assert reply.status_code == 200, reply.text
    return reply.json()


def kind_of(path: str) -> str:
    return KINDS.get(path.removeprefix(BASE).split("/")[1], "")


def prepare(world: World, name: str, request: Wire, reply: Any) -> None:
    """Put in what must have been there before the request."""
    account.clear(world, *account.SET_UP)
    operation, kind = EXCHANGES[name]["operation"], kind_of(request["path"])
    for number in (451490, 451491, 451492):
        account.keep(world, "contact_type", {"id": number, "name": "Uncategorized" if number == 451492 else "A"})
    account.define(world, request["body"], reply)
    verb = operation.partition("_")[0]
    if verb in {"get", "update", "list"} or operation == "search_users":
        _loaded(world, kind, request, reply)
    elif verb == "search" and reply:
        _searched(world, kind, request, reply)
    older = without(reply, "company_id", "company") if operation == "convert_lead" else reply
    account.refer(world, older, request["body"])
    if verb in {"upsert", "create", "bulk"} and world.store.count("pipeline") == 0:
        account.refer(world, {"id": 1, "pipeline_id": 1, "pipeline_stage_id": 1})
    if operation == "convert_lead":
        _before_conversion(world, reply)
    if operation == "list_tags":
        _tagged(world)


def without(value: Any, *keys: str) -> Any:
    """Return a JSON value without some keys, at any depth."""
    if isinstance(value, dict):
        return {name: without(inner, *keys) for name, inner in value.items() if name not in keys}
    return [without(each, *keys) for each in value] if isinstance(value, list) else value


def _loaded(world: World, kind: str, request: Wire, reply: Any) -> None:
    if kind == "account" or (kind and isinstance(reply, list)):
        account.clear(world, kind)
    for record in reply if isinstance(reply, list) else [reply]:
        if kind and isinstance(record, dict) and "id" in record:
            older = before(record, request["body"])
            account.keep(world, kind, account.whole(kind, older) if kind in RECORDS else older)
    if kind == "" and "pipeline_id" in request["query"]:
        number = int(request["query"]["pipeline_id"])
        account.refer(world, {"id": 1, "pipeline_id": number, "pipeline_stage_id": 1})


def before(record: Wire, body: Any) -> Wire:
    """Return a record as it may have been before an update."""
    changed = dict(record)
    for key in body if isinstance(body, dict) and isinstance(record.get("id"), int) else ():
        if key == "custom_fields":
            new = {item["custom_field_definition_id"] for item in body[key]}
            items = record["custom_fields"]
            changed[key] = [{**i, "value": None} if i["custom_field_definition_id"] in new else i for i in items]
        elif key in record:
            changed[key] = None if key == "details" else record[key]
    return changed


def _searched(world: World, kind: str, request: Wire, reply: list[Wire]) -> None:
    asked = {key: value for key, value in request["body"].items() if not key.startswith(("page", "sort"))}
    for record in reply:
        notes: Wire = {}
        if "followed" in asked:
            notes["_followed"] = asked["followed"] == 1
        if "minimum_status_change_date" in asked:
            notes["_status_changed"] = asked["minimum_status_change_date"]
        if "maximum_interaction_date" in asked and not record.get("date_last_contacted"):
            notes["_interacted"] = asked["maximum_interaction_date"]
        world.store.create(kind, record["id"], account.whole(kind, record) | notes)
    if asked:
        world.store.create(kind, account.ELSEWHERE, account.decoy(kind, asked))
    for number in asked.get("opportunity_ids", ()) if kind == "person" else ():
        deal = {"id": number, "name": "Deal", "primary_contact_id": reply[0]["id"]}
        account.keep(world, "opportunity", account.whole("opportunity", deal))


def _before_conversion(world: World, reply: Wire) -> None:
    """Put in the lead, and the person that the reply shows to be older than the conversion."""
    person = {**reply["person"], "company_id": None, "company_name": None}
    world.store.replace("person", person["id"], account.whole("person", person))
    lead = {
        **{key: person[key] for key in ("name", "prefix", "first_name", "middle_name", "last_name", "suffix")},
        **dict.fromkeys(("address", "customer_source_id", "details", "monetary_unit", "title")),
        "id": 8894157,
        "assignee_id": 137658,
        "company_name": "Noemail",
        "email": person["emails"][0],
        "custom_fields": person["custom_fields"],
        "date_created": 1490045000,
        "status": "New",
        "status_id": 208231,
    }
    world.store.create("lead", 8894157, account.whole("lead", lead))


def _tagged(world: World) -> None:
    """Put in records with the tags that the sample counts."""
    counts = {tag["name"]: tag for tag in EXCHANGES["list_tags"]["reply"]["body"]}
    for tag, line in counts.items():
        for plural, kind in zip(KINDS, RECORDS, strict=False):
            for _ in range(line[f"count_{plural}"]):
                number = world.store.next_id(kind)
                world.store.create(kind, number, account.whole(kind, {"id": number, "name": "Any", "tags": [tag]}))


def unlike(ours: Any, published: Any, path: str = "$", *, values: bool = True) -> Iterator[str]:
    """Yield where a reply has not the shape of the published one, or not its values."""
    if isinstance(published, dict):
        for key, inner in published.items():
            if not isinstance(ours, dict) or key not in ours:
                yield f"{path}.{key} is missing"
            elif key == "custom_fields":
                yield from _unlike_customs(ours[key], inner, f"{path}.{key}", values=values)
            else:
                yield from unlike(ours[key], inner, f"{path}.{key}", values=values and key not in FREE)
    elif isinstance(published, list):
        if not isinstance(ours, list) or len(ours) != len(published):
            yield f"{path}: {ours} is not as long as {published}"
            return
        for index, (mine, theirs) in enumerate(zip(ours, published, strict=True)):
            yield from unlike(mine, theirs, f"{path}[{index}]", values=values)
    elif values and ours != published:
        yield f"{path}: {ours!r} is not {published!r}"
    elif ours is not None and published is not None and type(ours) is not type(published):
        yield f"{path}: {ours!r} has not the type of {published!r}"


def _unlike_customs(ours: list[Wire], published: list[Wire], path: str, *, values: bool) -> Iterator[str]:
    mine = {item["custom_field_definition_id"]: item["value"] for item in ours}
    for item in published:
        number = item["custom_field_definition_id"]
        unset: tuple[Any, ...] = (None, [], False)
        empty = item["value"] in unset and mine.get(number) in unset
        if number not in mine:
            yield f"{path}.{number} is missing"
        elif values and mine[number] != item["value"] and not empty:
            yield f"{path}.{number}: {mine[number]!r} is not {item['value']!r}"


@pytest.mark.parametrize("name", [name for name in REPLAYED if EXCHANGES[name]["request"]])
def test_a_published_exchange_replays(name: str) -> None:
    """With its account put in, its request is answered in the published shape, with the published values."""
    request, published = EXCHANGES[name]["request"], EXCHANGES[name]["reply"]
    body: Any = published["body"] if published else None
    if name in MENDED:
        form = {key: value for key, value in request["body"].items() if key in {"page_size", "sort_by"}}
        request = {**request, "body": {**form, **MENDED[name]}}
    with Sandbox(data="empty", vendors=["copper"]) as sandbox:
        with sandbox.world("copper") as world:
            prepare(world, name, request, body)
        ours = call(sandbox, request)
    if body is not None and EXCHANGES[name]["operation"] == "list_field_layout":
        ours, body = static(ours), static(body)
    if name in UNSORTED:
        ours, body = (sorted(each, key=lambda record: record["id"]) for each in (ours, body))
    assert body is None or list(unlike(ours, body, values=name not in SHAPE_ONLY)) == []


def static(layout: list[Wire]) -> list[Wire]:
    """Return what no account can change of a layout."""
    keys = ("field_id", "field_label", "field_key", "field_type")
    return [{key: item[key] for key in keys} for item in layout if item["field_type"] == "static_field"]


@pytest.mark.parametrize(
    ("name", "method", "path", "body"),
    [
        ("bulk_create_opportunities_item_refused", "POST", "/opportunities/bulk_create", {"opportunities": [{}]}),
        ("bulk_create_opportunities_too_large", "POST", "/opportunities/bulk_create", {"opportunities": [{}] * 11}),
        ("create_webhook_invalid_target", "POST", "/webhooks", {"target": "x", "type": "lead", "event": "new"}),
        ("update_webhook_invalid_target", "PUT", "/webhooks/17065", {"target": "http://plain.example"}),
    ],
)
def test_a_published_refusal_replays(name: str, method: str, path: str, body: Wire) -> None:
    """Where only the reply was published, a request that must give it does."""
    published = EXCHANGES[name]["reply"]
    if name.endswith("item_refused"):
        body = {"opportunities": [{"name": "", "primary_contact_id": 27140359}]}
    with Sandbox(data="empty", vendors=["copper"]) as sandbox:
        session = sandbox.session("copper")
        session.post(sandbox.url("copper", "/people"), json={"name": "Ana"})
        hook = {"target": "https://good.example", "type": "lead", "event": "new"}
        session.post(sandbox.url("copper", "/webhooks"), json=hook)
        reply = session.request(method, sandbox.url("copper", path), json=body)
    assert (reply.status_code, reply.json()) == (published["status"], published["body"])
    assert check_reply("copper", method, f"{BASE}{path}", reply.status_code, reply.json()) == []


def test_every_exchange_is_replayed() -> None:
    """None is left out, but the two notifications that Copper sends and the sandbox never does."""
    refused = {name for name in REPLAYED if EXCHANGES[name]["request"] is None}
    assert {"receive_notification", "receive_notification_computed"} == OUTGOING
    assert len(REPLAYED) - len(refused) > 140
    assert len(refused) == 4
