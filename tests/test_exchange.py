"""Calls ↔ the wire object of a request: which call a request is, and what stands in a path."""

from __future__ import annotations

from typing import Any

import pytest

from leadlens import decode, registry
from leadlens.crosswalk import Crosswalk
from leadlens.errors import InputError
from leadlens.exchange import from_payload, main_call, to_calls
from leadlens.flow import Call


def convert(name: str) -> Crosswalk:
    return registry.get(name).crosswalk("convert-request")


def upsert(name: str) -> Crosswalk:
    return registry.get(name).crosswalk("upsert-request")


def refusal(crosswalk: Crosswalk, payload: Any) -> tuple[str, str]:
    """Return where a payload is refused and what was expected."""
    with pytest.raises(InputError) as caught:
        from_payload(crosswalk, payload)
    return caught.value.path, caught.value.expected


def unknown(crosswalk: Crosswalk, payload: Any) -> list[str]:
    """Return the wire paths that nobody reads."""
    losses = decode(crosswalk, from_payload(crosswalk, payload)).losses
    return [loss.path for loss in losses if loss.reason == "unknown_key"]


@pytest.mark.parametrize("name", ["copper", "zoho", "base"])
def test_the_main_call_is_what_the_request_is_named_after(name: str) -> None:
    """The main call of a convert request is the convert, of an upsert request the upsert."""
    assert main_call(convert(name)).step == "convert"
    assert main_call(upsert(name)).step == "upsert"


# --- wire → calls ----------------------------------------------------------------------------------------------------


def test_calls_come_in_the_order_in_which_they_are_sent() -> None:
    """Only calls with something to say are made, in the crosswalk's order and not the wire's."""
    wire: dict[str, Any] = {"deal": {"body": {}}, "convert": {"body": {}}, "lead": {"body": {}}}
    assert [call.name for call in to_calls(convert("base"), wire, {})] == ["lead", "convert", "deal"]
    assert [call.name for call in to_calls(convert("base"), {"convert": {}}, {})] == ["convert"]


def test_what_is_not_known_yet_stands_as_a_placeholder() -> None:
    """A path parameter that nobody knows yet stands in braces; null is not known."""
    wire: dict[str, Any] = {"lead": {}, "deal": {}}
    for known in ({}, {"lead_id": None}):
        assert [c.path for c in to_calls(convert("base"), wire, known)] == [
            "/v2/leads/{lead_id}",
            "/v2/deals/{deal_id}",
        ]
    assert to_calls(convert("base"), wire, {"lead_id": "7"})[0].path == "/v2/leads/7"


def test_the_wires_own_parameter_counts() -> None:
    """A parameter that the wire names is taken from it."""
    wire = {"convert": {"path": {"lead_id": 5}}}
    assert to_calls(convert("copper"), wire, {"lead_id": "7"})[0].path == "/developer_api/v1/leads/5/convert"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("a b", "a%20b"), ("a/b", "a%2Fb"), ("ö", "%C3%B6"), ("a?b#c", "a%3Fb%23c"), ("{lead_id}", "{lead_id}")],
)
def test_a_parameter_stays_inside_its_place(value: str, shown: str) -> None:
    """Whatever a parameter holds, it stays one segment of the path."""
    call = to_calls(convert("zoho"), {"convert": {"path": {"lead_id": value}}}, {})[0]
    assert call.path == f"/crm/v8/Leads/{shown}/actions/convert"


def test_a_call_says_what_the_template_says() -> None:
    """Name, step, method, reason and condition come from the template; query and body from the wire."""
    wire = {"find_company": {"query": {"criteria": "x"}}, "create_company": {"body": {"a": 1}}}
    first, second = to_calls(convert("zoho"), wire, {})
    assert (first.name, first.step, first.method, first.query, first.body, first.when) == (
        "find_company", "read", "GET", {"criteria": "x"}, None, None,
    )  # fmt: skip
    assert (second.step, second.method, second.query, second.body) == ("before", "POST", {}, {"a": 1})
    assert second.when
    assert "bodies are not shown" not in repr(second)
    assert "'a'" not in repr(second)


def test_a_call_as_json_has_its_keys_in_order() -> None:
    """A call as JSON has the keys that scripts rely on, in the order in which people read them."""
    call = Call("convert", "convert", "POST", "/x", {"q": 1}, {"b": 2}, "why", None)
    assert list(call.to_json().items()) == [
        ("name", "convert"),
        ("step", "convert"),
        ("method", "POST"),
        ("path", "/x"),
        ("query", {"q": 1}),
        ("body", {"b": 2}),
        ("why", "why"),
        ("when", None),
    ]


# --- calls → wire ----------------------------------------------------------------------------------------------------


def test_a_bare_body_is_the_main_calls() -> None:
    """A bare body stands for the main call; where the path says more, for the usual one."""
    assert from_payload(convert("copper"), {"details": {}}) == {"convert": {"body": {"details": {}}}}
    assert from_payload(upsert("zoho"), {"data": [{}]}) == {
        "upsert": {"path": {"module": "Leads"}, "body": {"data": [{}]}}
    }
    assert from_payload(upsert("base"), {}) == {"upsert": {"path": {"resource": "leads"}, "body": {}}}


@pytest.mark.parametrize("payload", [None, [], "x", 5, True, [{"method": "POST", "path": "/v2/lead_conversions"}]])
def test_what_is_no_object_is_refused(payload: Any) -> None:
    """A request is an object."""
    assert refusal(convert("base"), payload) == ("$", "an object: a request body, a request, or calls")


@pytest.mark.parametrize("method", ["POST", "post", "Post"])
def test_methods_are_read_in_any_case(method: str) -> None:
    """A method may be written in any case."""
    request = {"method": method, "path": "/developer_api/v1/leads/5/convert", "body": {}}
    assert from_payload(convert("copper"), request) == {"convert": {"path": {"lead_id": "5"}, "body": {}}}


@pytest.mark.parametrize(
    "path", ["https://api.copper.com/developer_api/v1/leads/5/convert", "//host/developer_api/v1/leads/5/convert"]
)
def test_a_whole_url_is_read(path: str) -> None:
    """A path may be a whole URL."""
    assert from_payload(convert("copper"), {"method": "POST", "path": path}) == {"convert": {"path": {"lead_id": "5"}}}


def test_parameters_are_unquoted() -> None:
    """What was quoted in a path is read as it was."""
    request = {"method": "POST", "path": "/crm/v8/Leads/a%2Fb%20c/actions/convert"}
    assert from_payload(convert("zoho"), request) == {"convert": {"path": {"lead_id": "a/b c"}}}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "//[",
        "http://[::1/developer_api/v1/leads/5/convert",
        "/developer_api/v1/leads//convert",
        "/developer_api/v1/leads/5/6/convert",
        "/developer_api/v1/leads/5/convert/",
        "/developer_api/v2/leads/5/convert",
        "developer_api/v1/leads/5/convert",
        "/crm/v8/Leads/5/actions/convert",
    ],
)
def test_a_path_of_no_call_is_refused(path: str) -> None:
    """A path that no call has is refused with those that there are."""
    at, expected = refusal(convert("copper"), {"method": "POST", "path": path})
    assert at == "$.path"
    assert expected == (
        "POST /developer_api/v1/leads/{lead_id}/convert or PUT /developer_api/v1/opportunities/{deal_id}"
    )


@pytest.mark.parametrize(("method", "path"), [(5, "/x"), ("POST", 5), (None, None), (["POST"], "/x"), ("POST", None)])
def test_method_and_path_are_texts(method: Any, path: Any) -> None:
    """Method and path are texts."""
    assert refusal(convert("copper"), {"method": method, "path": path}) == (
        "$.path",
        "a method and a path, both as text",
    )


@pytest.mark.parametrize("query", [[], "x=1", 5, True, 0, ""])
def test_a_query_is_an_object(query: Any) -> None:
    """A query is an object of parameters; null is none."""
    request = {"method": "POST", "path": "/v2/leads/upsert", "query": query, "body": {}}
    assert refusal(upsert("base"), request) == ("$.query", "an object of query parameters")
    assert from_payload(upsert("base"), {**request, "query": None})["upsert"] == {
        "path": {"resource": "leads"},
        "body": {},
    }


def test_a_query_in_the_path_is_read() -> None:
    """Query parameters may stand in the path; those of the query object count more."""
    request = {"method": "POST", "path": "/v2/leads/upsert?email=a%40x.test&name=", "query": {"name": "B"}, "body": {}}
    assert from_payload(upsert("base"), request)["upsert"]["query"] == {"email": "a@x.test", "name": "B"}


def test_what_no_row_reads_is_reported() -> None:
    """Query parameters and keys of a request that no row reads are reported with their paths, never dropped."""
    request = {
        "method": "POST",
        "path": "/crm/v8/Leads/5/actions/convert?a=1",
        "query": {"b": 2},
        "headers": {},
        "body": {},
    }
    assert unknown(convert("zoho"), request) == ["$.headers", "$.query.a", "$.query.b"]
    search = {
        "method": "GET",
        "path": "/crm/v8/Accounts/search",
        "query": {"criteria": "(Account_Name:equals:A)", "page": 2},
    }
    main = {
        "method": "POST",
        "path": "/crm/v8/Leads/5/actions/convert",
        "body": {"data": [{"Accounts": {"id": "{company_id}"}}]},
    }
    assert unknown(convert("zoho"), {"calls": [search, main]}) == ["$(find_company).query.page"]


def test_a_call_without_a_body_takes_none() -> None:
    """A body on a call that has none is refused where it stands."""
    search = {"method": "GET", "path": "/crm/v8/Accounts/search", "body": {"a": 1}}
    main = {"method": "POST", "path": "/crm/v8/Leads/5/actions/convert"}
    assert refusal(convert("zoho"), {"calls": [main, search]}) == ("$.calls[1].body", "no body with this call")


# --- several calls ---------------------------------------------------------------------------------------------------

LEAD = {"method": "PUT", "path": "/v2/leads/5", "body": {"data": {"last_name": "A"}}}
CONVERT = {"method": "POST", "path": "/v2/lead_conversions", "body": {"data": {"lead_id": 5}}}
DEAL = {"method": "PUT", "path": "/v2/deals/{deal_id}", "body": {"data": {"hot": True}}}


def test_calls_may_come_in_any_order() -> None:
    """The calls of a request are told by their paths, in whatever order they come."""
    wire = from_payload(convert("base"), {"calls": [DEAL, CONVERT, LEAD]})
    assert wire == {
        "deal": {"body": DEAL["body"]},
        "convert": {"body": CONVERT["body"]},
        "lead": {"body": LEAD["body"]},
    }
    assert from_payload(convert("base"), {"calls": [LEAD, CONVERT, DEAL], "losses": []}) == wire


@pytest.mark.parametrize("calls", [None, {}, "x", 5, {"0": CONVERT}])
def test_calls_are_a_list(calls: Any) -> None:
    """``calls`` is a list; anything else is not taken for a body."""
    assert refusal(convert("base"), {"calls": calls}) == ("$.calls", "a list of calls")


@pytest.mark.parametrize("call", [None, [], "x", 5])
def test_each_call_is_an_object(call: Any) -> None:
    """Each call is an object; the error says which one is none."""
    assert refusal(convert("base"), {"calls": [CONVERT, call]}) == (
        "$.calls[1]", "an object with method, path and body",
    )  # fmt: skip


@pytest.mark.parametrize("calls", [[], [LEAD], [LEAD, DEAL]])
def test_the_main_call_is_needed(calls: list[Any]) -> None:
    """Calls around a conversion without the conversion are refused, with the call that is missing."""
    assert refusal(convert("base"), {"calls": calls}) == ("$.calls", "POST /v2/lead_conversions")
    assert refusal(convert("base"), LEAD) == ("$.path", "POST /v2/lead_conversions")


def test_each_call_is_there_once() -> None:
    """The same call twice is refused: which one counts would be a guess."""
    assert refusal(convert("base"), {"calls": [CONVERT, LEAD, LEAD]}) == (
        "$.calls[2]",
        "only one call of this kind (lead)",
    )


def test_errors_in_calls_name_the_call() -> None:
    """An error in one of several calls names it."""
    bad = {"method": "PUT", "path": "/v2/people/5"}
    assert refusal(convert("base"), {"calls": [CONVERT, bad]})[0] == "$.calls[1].path"
    odd = {**LEAD, "query": 5}
    assert refusal(convert("base"), {"calls": [CONVERT, odd]})[0] == "$.calls[1].query"


def test_calls_are_about_one_lead() -> None:
    """Calls about different leads are refused: one of them would be changed by mistake."""
    other = {**LEAD, "path": "/v2/leads/6"}
    told = "the lead_id of the other calls"
    assert refusal(convert("base"), {"calls": [other, CONVERT]}) == ("$.calls[0].path", told)
    main = {"method": "POST", "path": "/crm/v8/Leads/6/actions/convert", "body": {"data": [{}]}}
    first = {"method": "PUT", "path": "/crm/v8/Leads/5", "body": {"data": [{"Company": None}]}}
    assert refusal(convert("zoho"), {"calls": [first, main]}) == ("$.calls[0].path", told)


def test_an_id_that_only_one_call_names_agrees_with_all() -> None:
    """An id that no other call knows is free; the deal's real id may stand where its placeholder was."""
    done = {**DEAL, "path": "/v2/deals/77"}
    assert from_payload(convert("base"), {"calls": [CONVERT, done]})["deal"] == {"body": DEAL["body"]}


def test_the_name_decides_between_equal_calls() -> None:
    """Where two calls of an exchange have one path, the name that translate printed tells them apart."""
    crosswalk = convert("zoho")
    create = {"method": "POST", "path": "/crm/v8/Accounts", "body": {"data": [{"Account_Name": "A"}]}}
    main = {"method": "POST", "path": "/crm/v8/Leads/5/actions/convert", "body": {"data": [{}]}}
    for name in ("create_company", "another", 5, None):
        assert "create_company" in from_payload(crosswalk, {"calls": [{**create, "name": name}, main]})
