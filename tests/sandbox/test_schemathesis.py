"""schemathesis reads each vendor's contract and calls the running server: no reply is outside it, and nothing fails.

With LEADLENS_PROFILE=deep these are more than 20,000 calls. Otherwise an operation that stands word for word in
several of Zoho's files is called in the latest version only.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, TypeAlias

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.contracts import SPECS, document
from tests.sandbox.copper_account import KINDS

from leadlens.emulation.faults import Fault
from leadlens.sandbox import Sandbox
from leadlens.sandbox.server import serving

Operation: TypeAlias = Any  # schemathesis' own is generic in four ways, none of which matters here
Case: TypeAlias = schemathesis.Case[Any]

PROFILE: Final = os.environ.get("LEADLENS_PROFILE", "ci")
CASES: Final = {"quick": 1, "deep": 40}.get(PROFILE, 2)
"""Calls for each operation, once as the contract has them and once off it."""

FILES: Final = {
    "zoho/v6.json": "zoho@v8",
    "zoho/v5.json": "zoho@v5",
    "zoho/v3.json": "zoho@v4",
    "zoho/v2.json": "zoho@v2.1",
    "copper/openapi.json": "copper",
    "base/openapi.json": "base",
}
"""Each contract, and what is called; the latest of a vendor comes first."""

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FAULTS: Final = ("401", "429", "500", "502", "503", "202", "redirect", "truncated", "bad_utf8")


def tried(cases: int) -> settings:
    """Return how often, and always the same: a failure here is found again."""
    every = list(HealthCheck)
    phases = [Phase.generate]
    return settings(max_examples=cases, deadline=None, derandomize=True, phases=phases, suppress_health_check=every)


def operations() -> Iterator[tuple[str, Operation]]:
    """Yield each operation with its file; without those that an earlier file has too, unless all are wanted."""
    seen = set()
    for file in FILES:
        for found in schemathesis.openapi.from_path(SPECS / file).get_all_operations():
            assert isinstance(found, Ok), found
            one = found.ok()
            said = document(file)["paths"][one.path][one.method].items()
            text = json.dumps(sorted((key, value) for key, value in said if key[:2] != "x-" and key != "description"))
            here = (file.partition("/")[0], one.label, text)
            if PROFILE == "deep" or here not in seen:
                yield file, one
            seen.add(here)


ALL: Final = tuple(operations())


@contextmanager
def served(*faults: Fault) -> Iterator[tuple[Sandbox, requests.Session]]:
    """Serve a sandbox, with a session of requests that knows nothing of it."""
    with Sandbox(faults=faults) as sandbox, serving(sandbox), requests.Session() as session:
        session.trust_env = False
        yield sandbox, session


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Sandbox, requests.Session]]:
    with served() as both:
        yield both


@cache
def ids(sandbox: Sandbox, vendor: str, kind: str) -> list[int]:
    """Return the first ids of a kind, none for what is no kind."""
    if kind not in sandbox.vendors[vendor].layout.ids:
        return []
    return [number for number, _ in itertools.islice(sandbox.store(vendor).iterate(kind), 5)]


def settled(sandbox: Sandbox, vendor: str, value: Any) -> Any:
    """Return a body in which the ids that name a kind, as ``lead_id`` does, are those of records that are there."""
    if isinstance(value, list):
        return [settled(sandbox, vendor, item) for item in value]
    if not isinstance(value, dict):
        return value
    there = {key: ids(sandbox, vendor, key.removesuffix("_id")) for key in value if key.endswith("_id")}
    return {key: there[key][0] if there.get(key) else settled(sandbox, vendor, value[key]) for key in value}


def aim(sandbox: Sandbox, vendor: str, case: Case, number: int) -> None:
    """Let a call be about what is there, rather than about ids that nobody has."""
    segment = case.operation.path.split("/")[1]
    there = ids(sandbox, vendor, segment) or ids(sandbox, vendor, KINDS.get(segment, segment.removesuffix("s")))
    if there and isinstance(case.path_parameters, dict) and "id" in case.path_parameters:
        case.path_parameters["id"] = there[number % len(there)]
    case.body = settled(sandbox, vendor, case.body)


def send(sandbox: Sandbox, session: requests.Session, file: str, case: Case) -> schemathesis.Response:
    """Make a call with good credentials."""
    vendor = file.partition("/")[0]
    oauth = case.operation.path.startswith("/oauth")
    base = sandbox.root(vendor) if oauth else sandbox.url(FILES[file])
    good: Mapping[str, str] = sandbox.vendors[vendor].credentials
    return case.call(base_url=base, session=session, headers=dict(good), allow_redirects=False)


def hold(case: Case, reply: schemathesis.Response) -> None:
    """Hold a reply against the contract."""
    assert reply.headers["x-sandbox"] == ["1"]
    assert "x-sandbox-error" not in reply.headers
    case.validate_response(reply, checks=CHECKS)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("file", "operation"), [pytest.param(*one, id=f"{one[0]} {one[1].label}") for one in ALL])
def test_no_reply_is_outside_the_contract(
    server: tuple[Sandbox, requests.Session], file: str, operation: Operation, mode: GenerationMode
) -> None:
    """Whether the call fits the contract or not: status, type, headers and body do, and there is no 500."""

    @given(case=operation.as_strategy(generation_mode=mode), about=st.none() | st.integers(0, 4))
    @tried(CASES)
    def check(case: Case, about: int | None) -> None:
        if about is not None:
            aim(server[0], file.partition("/")[0], case, about)
        hold(case, send(*server, file, case))

    check()


def test_faults_do_not_touch_other_replies() -> None:
    """Where a plan strikes some calls by chance, the truth log says which; every other reply fits the contract."""
    some = st.sampled_from([(file, one) for file, one in ALL if not one.path.startswith("/oauth")])
    cases = some.flatmap(lambda one: st.tuples(st.just(one[0]), one[1].as_strategy()))
    with served(*(Fault(what=what, probability=0.06) for what in FAULTS)) as (sandbox, session):

        @given(drawn=cases)
        @tried(CASES * 50)
        def check(drawn: tuple[str, Case]) -> None:
            reply = send(sandbox, session, *drawn)
            struck = sandbox.truth.entries(after=sandbox.engine.database.sequence - 1)[0].fault
            if struck is None:
                hold(drawn[1], reply)
            seen.append(struck)

        seen: list[str | None] = []
        check()
        assert len(set(seen)) > len(FAULTS) / 2
        assert None in seen
