"""The contracts in specs/ are valid, closed and fit the published samples; tests/contracts.py judges by them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest
from openapi_spec_validator import validate
from tests import contracts

if TYPE_CHECKING:
    from collections.abc import Iterator

VENDORS: Final = ("copper", "zoho", "base")
DOCUMENTS: Final = ("zoho/common.json", *(file for vendor in VENDORS for file in contracts.files(vendor)))
EXCHANGES: Final = sorted(str(path.relative_to(contracts.SPECS)) for path in contracts.SPECS.glob("*/exchanges/*.json"))
MARKS: Final = ("documented", "third-party", "unknown")
CUSTOM_NAMES: Final = "^[A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$"
VERBS: Final = ("get", "create", "update")
ZOHO_VERSIONS: Final = ("v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8")
OPERATIONS: Final = {
    "copper": [
        *("convert_lead", "upsert_lead", "search_leads", "bulk_create_opportunities"),
        *(f"{verb}_{one}" for verb in VERBS for one in ("lead", "person", "company", "opportunity")),
    ],
    "zoho": [
        *("convert_lead", "search_leads", "search_contacts", "search_accounts", "search_deals"),
        *(f"{verb}_{one}" for verb in (*VERBS, "upsert") for one in ("lead", "contact", "account", "deal")),
    ],
    "base": [
        *("convert_lead", "list_lead_conversions", "list_leads", "list_contacts", "list_deals"),
        *(f"{verb}_{one}" for verb in (*VERBS, "upsert") for one in ("lead", "contact", "deal")),
    ],
}


def operations(file: str) -> Iterator[dict[str, Any]]:
    """Yield the operations of a document, those of its webhooks too."""
    document = contracts.document(file)
    for item in (*document.get("paths", {}).values(), *document.get("webhooks", {}).values()):
        yield from (part for key, part in item.items() if key not in {"parameters", "servers"})


def schemas(node: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object below a node of a document, with its path."""
    if isinstance(node, dict):
        yield path, node
        for key, inner in node.items():
            yield from schemas(inner, f"{path}/{key}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from schemas(inner, f"{path}/{index}")


def is_object(schema: dict[str, Any]) -> bool:
    """Say whether a node describes JSON objects by itself."""
    kind = schema.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind)


def vendor_of(name: str) -> str:
    """Return the vendor of an exchange."""
    return name.partition("/")[0]


def exchange(name: str) -> dict[str, Any]:
    """Return one documented exchange."""
    parsed: dict[str, Any] = json.loads((contracts.SPECS / name).read_text(encoding="utf-8"))
    return parsed


def path_of(name: str, recorded: dict[str, Any]) -> tuple[str, str]:
    """Return the method and path of an exchange; those of its operation when only the reply was published."""
    if recorded["request"]:
        return recorded["request"]["method"], recorded["request"]["path"]
    vendor, version = vendor_of(name), recorded.get("version")
    for route in contracts.routes(vendor):
        if route.operation["operationId"] == recorded["operation"] and route.version == version:
            sample = route.pattern.pattern.replace("([^/]+)", "1").replace("\\", "")
            return route.method.upper(), sample
    message = f"{name}: no operation {recorded['operation']}"
    raise LookupError(message)


@pytest.mark.parametrize("file", DOCUMENTS)
def test_document_is_openapi(file: str) -> None:
    """Every document is valid OpenAPI 3.1, its references to other files included."""
    validate(contracts.document(file), base_uri=(contracts.SPECS / file).as_uri())


@pytest.mark.parametrize("file", DOCUMENTS)
def test_document_is_plain_json(file: str) -> None:
    """Every document says OpenAPI 3.1 and is readable text with two-space indents."""
    text = (contracts.SPECS / file).read_text(encoding="utf-8")
    assert text.startswith('{\n  "openapi": "3.1.0",\n')
    assert "\t" not in text


@pytest.mark.parametrize("file", DOCUMENTS)
def test_operations_say_what_they_are(file: str) -> None:
    """Every operation has an id in snake case, a description and a source with one of the three marks."""
    for operation in operations(file):
        assert operation["operationId"].replace("_", "").islower()
        assert operation["description"]
        assert operation["x-source"].startswith(MARKS)


@pytest.mark.parametrize("file", DOCUMENTS)
def test_operation_ids_are_unique(file: str) -> None:
    """No two operations of a document have the same id."""
    ids = [operation["operationId"] for operation in operations(file)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("file", DOCUMENTS)
def test_schemas_say_what_they_are(file: str) -> None:
    """Every named schema has a description and a source, or is another one's name."""
    for name, schema in contracts.document(file)["components"]["schemas"].items():
        if set(schema) != {"$ref"}:
            assert schema["description"], name
            assert schema["x-source"].startswith(MARKS), name


@pytest.mark.parametrize("file", DOCUMENTS)
def test_objects_are_closed(file: str) -> None:
    """Every object schema refuses unknown keys, unless it says why it is open."""
    for path, schema in schemas(contracts.document(file)):
        if is_object(schema):
            assert schema.get("additionalProperties") is False or schema.get("x-open"), path


@pytest.mark.parametrize("file", DOCUMENTS)
def test_only_custom_names_are_open(file: str) -> None:
    """A closed schema with patterns lets in the api names of custom fields and nothing else."""
    for path, schema in schemas(contracts.document(file)):
        if "patternProperties" in schema:
            assert schema["patternProperties"] == {CUSTOM_NAMES: True}, path
            assert schema["additionalProperties"] is False, path


@pytest.mark.parametrize("name", ["Lead", "Contact", "Account", "Deal"])
def test_zoho_records_take_custom_fields(name: str) -> None:
    """A Zoho record may hold custom fields of any value, but no other unknown key."""
    assert contracts.validator("zoho", name).is_valid({"id": "1", "Shoe_Size": {"any": "value"}})
    assert not contracts.validator("zoho", name).is_valid({"id": "1", "shoe_size": 1})
    assert not contracts.validator("zoho", name).is_valid({"id": "1", "$unknown": 1})


@pytest.mark.parametrize("vendor", VENDORS)
def test_operations_of_the_contract_are_there(vendor: str) -> None:
    """The operations that the project relies on exist, for Zoho in every version."""
    for file in contracts.files(vendor):
        assert set(OPERATIONS[vendor]) <= {operation["operationId"] for operation in operations(file)}


@pytest.mark.parametrize("name", EXCHANGES)
def test_published_request_fits(name: str) -> None:
    """The request of a documented exchange fits its operation."""
    recorded, vendor = exchange(name), vendor_of(name)
    request = recorded["request"]
    if recorded["operation"] == "receive_notification":
        assert contracts.validator(vendor, "WebhookNotification").is_valid(request["body"])
    elif request:
        call = request["method"], request["path"], request["query"], request["body"]
        assert contracts.check_call(vendor, *call, recorded.get("version")) == []


@pytest.mark.parametrize("name", EXCHANGES)
def test_published_reply_fits(name: str) -> None:
    """The reply of a documented exchange fits its operation."""
    recorded, reply = exchange(name), exchange(name)["reply"]
    if reply:
        call = path_of(name, recorded)
        assert (
            contracts.check_reply(vendor_of(name), *call, reply["status"], reply["body"], recorded.get("version")) == []
        )


@pytest.mark.parametrize("name", EXCHANGES)
def test_exchange_says_where_it_is_from(name: str) -> None:
    """Every exchange names its source and its operation, is named after that and has a request or a reply."""
    recorded, vendor = exchange(name), vendor_of(name)
    assert recorded["source"]
    assert name.rpartition("/")[2].startswith(recorded["operation"])
    assert recorded["request"] or recorded["reply"]
    assert ("version" in recorded) is (vendor == "zoho")
    known = {operation["operationId"] for file in contracts.files(vendor) for operation in operations(file)}
    assert recorded["operation"] in known
    if recorded["request"] and recorded["operation"] != "receive_notification":
        route = contracts.find_route(vendor, recorded["request"]["method"], recorded["request"]["path"])
        assert not isinstance(route, str)
        assert route.operation["operationId"] == recorded["operation"]


@pytest.mark.parametrize(
    ("vendor", "method", "path", "body"),
    [
        ("copper", "POST", "/developer_api/v1/leads/5/convert", {"details": {"company": {"id": 1, "name": "A"}}}),
        ("copper", "POST", "/developer_api/v1/leads/5/convert", {"person": {"name": "A"}}),
        ("copper", "POST", "/developer_api/v1/opportunities", {"name": "A"}),
        ("copper", "PUT", "/developer_api/v1/leads/5", {"id": 5}),
        ("zoho", "POST", "/crm/v2/Leads/5/actions/convert", {"data": [{"Accounts": {"id": "1"}}]}),
        ("zoho", "POST", "/crm/v8/Leads/5/actions/convert", {"data": [{"Accounts": "1"}]}),
        ("zoho", "POST", "/crm/v4/Leads/5/actions/convert", {"data": [{"move_attachments_to": {"api_name": "Deals"}}]}),
        ("zoho", "POST", "/crm/v5/Leads/5/actions/convert", {"data": [{"add_to_existing_record": True}]}),
        ("zoho", "POST", "/crm/v8/Leads/5/actions/convert", {"data": [{}, {}]}),
        ("zoho", "POST", "/crm/v8/Leads/5/actions/convert", {"data": [{"Deals": {"Deal_Name": "A"}}]}),
        ("zoho", "POST", "/crm/v8/Leads", {"data": [{"Company": "A"}]}),
        ("zoho", "PUT", "/crm/v8/Leads/5", {"data": [{"Created_Time": "2020-01-01T00:00:00+00:00"}]}),
        ("base", "POST", "/v2/lead_conversions", {"lead_id": 1}),
        ("base", "POST", "/v2/leads", {"data": {"first_name": "A"}}),
        ("base", "POST", "/v2/contacts", {"data": {"is_organization": True, "last_name": "A"}}),
        ("base", "PUT", "/v2/deals/5", {"data": {"value": 10}}),
    ],
)
def test_documented_rules_are_held(vendor: str, method: str, path: str, body: object) -> None:
    """What a vendor rules out does not fit: exclusive keys, another version's forms, read-only and missing keys."""
    assert contracts.check_call(vendor, method, path, {}, body)


@pytest.mark.parametrize(
    ("vendor", "method", "path", "body"),
    [
        ("copper", "POST", "/developer_api/v1/leads/5/convert", {"details": {"company": {"name": ""}}}),
        (
            "copper",
            "POST",
            "/developer_api/v1/leads/5/convert",
            {"details": {"company": {"name": "A", "exact_match": True}}},
        ),
        (
            "zoho",
            "POST",
            "/crm/v2.1/Leads/5/actions/convert",
            {"data": [{"Accounts": 3652397000000624046, "assign_to": "7"}]},
        ),
        ("zoho", "POST", "/crm/v3/Leads/5/actions/convert", {"data": [{"Accounts": {"id": 3652397000000624046}}]}),
        ("zoho", "POST", "/crm/v5/Leads/5/actions/convert", {"data": [{"move_attachments_to": {"api_name": "Deals"}}]}),
        ("zoho", "POST", "/crm/v8/Leads/5/actions/convert", {"data": [{"add_to_existing_record": True}]}),
        (
            "zoho",
            "POST",
            "/crm/v8/Leads/upsert",
            {"data": [{"Email": "a@b.c"}], "duplicate_check_fields": ["Email"], "trigger": []},
        ),
        ("base", "POST", "/v2/lead_conversions", {"data": {"lead_id": 1, "create_deal": False}}),
        ("base", "PUT", "/v2/deals/5", {"data": {"value": "10.50"}}),
    ],
)
def test_documented_forms_fit(vendor: str, method: str, path: str, body: object) -> None:
    """What a vendor's page allows fits."""
    assert contracts.check_call(vendor, method, path, {}, body) == []


def test_wrong_key_is_reported() -> None:
    """A key that the vendor does not know is reported with its path."""
    found = contracts.check_call("base", "POST", "/v2/lead_conversions", {}, {"data": {"lead_id": 1, "owner": 2}})
    assert len(found) == 1
    assert found[0].startswith("body.data: ")
    assert "owner" in found[0]


def test_wrong_type_is_reported() -> None:
    """A value of the wrong type is reported with its path, inside alternatives too."""
    body = {"details": {"person": {"name": 5}}}
    found = contracts.check_call("copper", "POST", "/developer_api/v1/leads/5/convert", {}, body)
    assert found == ['body.details.person.name: 5 is not of type "string"']
    nested = {"email": {"email": 5, "category": "work"}}
    found = contracts.check_call("copper", "PUT", "/developer_api/v1/leads/5", {}, nested)
    assert found == ['body.email.email: 5 is not of type "string"']


@pytest.mark.parametrize(
    ("vendor", "path", "version"),
    [
        ("copper", "/developer_api/v1/ledas/5", None),
        ("copper", "/leads/5", None),
        ("base", "/v2/lead_conversion", None),
        ("zoho", "/crm/v9/Leads/5", None),
        ("zoho", "/crm/v8/Leads/5", "v5"),
        ("zoho", "/crm/v4/Leads/5/__conversion_options", None),
        ("zoho", "/crm/v3/Leads/actions/mass_convert", None),
    ],
)
def test_unknown_path_is_reported(vendor: str, path: str, version: str | None) -> None:
    """A path that is not the vendor's, or not of that version, is reported."""
    found = contracts.check_call(vendor, "GET", path, {}, None, version)
    assert len(found) == 1
    assert found[0].startswith("path: ")


def test_unknown_method_is_reported() -> None:
    """A method that a path does not take is reported."""
    found = contracts.check_call("copper", "PATCH", "/developer_api/v1/leads/5", {}, {})
    assert found == ["method: PATCH is not allowed for /developer_api/v1/leads/5"]


def test_wrong_path_parameter_is_reported() -> None:
    """A path parameter that is no id is reported."""
    assert contracts.check_call("copper", "GET", "/developer_api/v1/leads/abc", {}, None)[0].startswith("path.id: ")
    assert contracts.check_call("zoho", "GET", "/crm/v8/Leads/abc", {}, None)[0].startswith("path.id: ")


def test_unknown_query_key_is_reported() -> None:
    """A query key that the operation does not know is reported."""
    found = contracts.check_call("base", "GET", "/v2/lead_conversions", {"led_id": "2"}, None)
    assert found == ["query.led_id: unknown parameter"]


def test_query_values_are_judged() -> None:
    """A query value fits as text or as itself, and is reported when it does not fit."""
    for value in ("2", 2, Decimal(2)):
        assert contracts.check_call("base", "GET", "/v2/lead_conversions", {"lead_id": value}, None) == []
    found = contracts.check_call("base", "GET", "/v2/lead_conversions", {"per_page": "201"}, None)
    assert found[0].startswith("query.per_page: ")


def test_required_query_is_reported() -> None:
    """A missing query key is reported, one of several likewise."""
    assert contracts.check_call("zoho", "GET", "/crm/v8/Leads", {}, None) == ["query.fields: is required"]
    found = contracts.check_call("base", "POST", "/v2/leads/upsert", {}, {"data": {"last_name": "A"}})
    assert found[0].startswith("query: at least one is required of creator_id")


def test_nested_query_keys_fit() -> None:
    """Custom fields and parts of an address go in brackets."""
    query = {"custom_fields[Shoe size]": "45", "address[city]": "Savannah"}
    assert contracts.check_call("base", "POST", "/v2/leads/upsert", query, {"data": {"last_name": "A"}}) == []
    assert contracts.check_call("base", "GET", "/v2/leads", {"address[town]": "Savannah"}, None)


def test_body_where_none_belongs_is_reported() -> None:
    """A body of a GET and a missing body of a POST are reported."""
    assert contracts.check_call("base", "GET", "/v2/leads/5", {}, {"data": {}}) == ["body: not expected"]
    assert contracts.check_call("base", "POST", "/v2/leads", {}, None) == ["body: is required"]


def test_decimals_are_numbers() -> None:
    """Decimals are judged as the numbers they are."""
    contract = contracts.validator("copper", "LeadInput")
    assert contract.is_valid({"monetary_value": Decimal("10.50"), "status_id": Decimal(5)})
    assert [list(error.instance_path) for error in contract.iter_errors({"status_id": Decimal("5.5")})] == [
        ["status_id"]
    ]


def test_reply_is_judged() -> None:
    """A reply is judged by its status and body."""
    path = "/crm/v8/Leads/5"
    assert contracts.check_reply("zoho", "GET", path, 204, None) == []
    assert contracts.check_reply("zoho", "GET", path, 204, {"data": []}) == ["body: not expected with 204"]
    assert contracts.check_reply("zoho", "GET", path, 418, None) == ["status: 418 is not documented for get_lead"]
    assert contracts.check_reply("zoho", "GET", path, 200, {"data": [{"id": 5}]})
    assert contracts.check_reply("zoho", "GET", "/crm/v8/nothing", 200, None)


def test_unrecorded_body_is_accepted() -> None:
    """Where no one has recorded the body of a reply, any is accepted."""
    assert contracts.check_reply("copper", "GET", "/developer_api/v1/leads/5", 429, "slow down") == []


def test_properties_follow_references() -> None:
    """Property names come through allOf and references; what may never be written is left out."""
    assert "Last_Name" in contracts.properties("zoho", "LeadCreate")
    assert "Created_Time" in contracts.properties("zoho", "Lead", "v2")
    assert "Created_Time" not in contracts.properties("zoho", "LeadInput")
    assert contracts.properties("base", "ConvertRequest") == {"data"}


@pytest.mark.parametrize("version", ZOHO_VERSIONS)
def test_every_zoho_version_has_a_contract(version: str) -> None:
    """Every version of Zoho's API is held by one of the files."""
    assert contracts.validator("zoho", "LeadInput", version).is_valid({"Last_Name": "A"})


def test_unknown_schema_or_version_is_an_error() -> None:
    """A schema or version that no contract has is a mistake of the test."""
    with pytest.raises(LookupError, match="no schema 'Laed'"):
        contracts.validator("copper", "Laed")
    with pytest.raises(LookupError, match="no version 'v9'"):
        contracts.validator("zoho", "Lead", "v9")
