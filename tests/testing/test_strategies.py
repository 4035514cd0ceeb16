"""What the strategies for users draw: whatever a CRM can hold, small when it is shrunk, and hostile when asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from leadlens import registry, translate
from leadlens._compile import decode, encode
from leadlens.customfields.checking import findings
from leadlens.customfields.mapping import side
from leadlens.customfields.reading import parse_mapping
from leadlens.errors import InputError, LeadlensError
from leadlens.model import Lead
from leadlens.testing import strategies
from leadlens.testing.compare import brief

FEW = settings(max_examples=max(30, settings().max_examples // 40), deadline=None)
VENDORS = ("copper", "zoho@v2", "zoho@v8", "base")
NEUTRAL: dict[str, Any] = {
    "lead": strategies.leads, "contact": strategies.contacts, "company": strategies.companies,
    "deal": strategies.deals, "note": strategies.notes, "convert-reply": strategies.conversions,
    "convert-request": strategies.convert_requests, "upsert-request": strategies.upsert_requests,
    "upsert-reply": strategies.upsert_results,
}  # fmt: skip


PAIRS = [(vendor, kind) for vendor in VENDORS for kind in NEUTRAL if kind in registry.get(vendor).crosswalks]


@pytest.mark.parametrize(("vendor", "kind"), PAIRS)
@FEW
@given(data=st.data())
def test_neutral_values_are_what_a_crm_can_hold(kind: str, vendor: str, data: st.DataObject) -> None:
    """A value for a CRM is one that its wire says: written and read again it is itself, but for what is told."""
    crosswalk = registry.get(vendor).crosswalk(kind)
    value = data.draw(NEUTRAL[kind](vendor))
    assert value.__class__ is crosswalk.model
    written = encode(crosswalk, value)
    if not written.losses:
        assert decode(crosswalk, written.wire).value == value


@pytest.mark.parametrize("kind", NEUTRAL)
@FEW
@given(data=st.data())
def test_neutral_values_of_all_kinds(kind: str, data: st.DataObject) -> None:
    """Without a CRM, anything that the model allows is drawn, and every CRM writes it or reports what it cannot."""
    value = data.draw(NEUTRAL[kind]())
    for vendor, known in PAIRS:
        if known == kind:
            encode(registry.get(vendor).crosswalk(kind), value)


@pytest.mark.parametrize("kind", ["lead", "contact", "company", "deal", "note"])
@FEW
@given(data=st.data())
def test_hostile_values_are_written(kind: str, data: st.DataObject) -> None:
    """No text breaks the writing of a record; what does not fit is a loss."""
    value = data.draw(NEUTRAL[kind](hostile=True))
    for vendor, known in PAIRS:
        if known == kind:
            encode(registry.get(vendor).crosswalk(kind), value)


@pytest.mark.parametrize("kind", ["lead", "deal", "convert-request", "convert-reply"])
@pytest.mark.parametrize(("vendor", "version"), [("copper", None), ("zoho", "v8"), ("base", None)])
@FEW
@given(data=st.data())
def test_wires(vendor: str, version: str | None, kind: str, data: st.DataObject) -> None:
    """A wire is taken whole, one with unknown keys with a report, and a hostile one is refused with a path or taken."""
    name = vendor if version is None else f"{vendor}@{version}"
    crosswalk = registry.get(name).crosswalk(kind)
    whole = decode(crosswalk, data.draw(strategies.wire(vendor, kind, version=version))).losses
    assert [loss for loss in whole if loss.reason == "unknown_key"] == []
    decode(crosswalk, data.draw(strategies.wire(vendor, kind, version=version, unknown=True)))
    assert _refusal(crosswalk, data.draw(strategies.wire(vendor, kind, version=version, hostile=True))).startswith("$")


def _refusal(crosswalk: Any, wire: Any) -> str:
    """Return the path at which a wire is refused; the root's where it is taken."""
    try:
        decode(crosswalk, wire)
    except InputError as error:
        return error.path
    return "$"


@pytest.mark.parametrize("kind", ["convert-request", "upsert-request"])
@FEW
@given(data=st.data())
def test_requests_translate(kind: str, data: st.DataObject) -> None:
    """A request is one that ``translate`` takes."""
    request = data.draw(strategies.requests("copper", kind))
    assert translate(kind, request, source="copper", target="base", lead_id="7", ids="keep").calls


def test_a_request_is_of_a_kind_of_requests() -> None:
    """Another kind is a mistake, said with those that there are."""
    with pytest.raises(ValueError, match="'lead' is no kind of request; there are convert-request, upsert-request"):
        strategies.requests("copper", "lead")


@FEW
@given(strategies.replies("base"), strategies.replies("base", hostile=True))
def test_replies_are_judged(good: Any, hostile: Any) -> None:
    """A good reply is a success, and a hostile one is judged without an exception."""
    classify = registry.get("base").classify
    assert classify(good) is None
    classify(hostile)


@FEW
@given(strategies.mapping_files())
def test_mapping_files_can_be_used(text: str) -> None:
    """A drawn file is read, every line of it is decided, and it is a mapping of its two accounts."""
    assert list(findings(parse_mapping(text))) == []


@FEW
@given(strategies.catalogues("zoho"))
def test_catalogues_are_sides_of_a_mapping(catalogue: Any) -> None:
    """What an account has can be named in a mapping."""
    assert len(side(catalogue).definitions["lead"]) == len(catalogue.definitions)


def test_what_is_found_is_small() -> None:
    """The smallest lead with a title and a telephone number has nothing else, and short ones."""
    small = settings(database=None, max_examples=2_000)
    found: Lead = find(strategies.leads(), lambda lead: bool(lead.title) and bool(lead.phones), settings=small)
    assert len(brief(found)) < 60
    wire: Any = find(strategies.wire("copper", "lead"), lambda wire: bool(wire.get("title")), settings=small)
    assert len(wire) == 1


def test_an_unknown_kind_is_told() -> None:
    """A kind that a CRM does not have is named with those that it has."""
    with pytest.raises(LeadlensError, match="there is no kind 'lede'"):
        strategies.wire("copper", "lede")


def test_a_request_has_objects_for_parts() -> None:
    """Nothing stands in place of a call, its path or its query that no request has there."""
    good: list[Any] = [{}, {"path": {}, "body": None}]
    bad: list[Any] = [None, {"path": None}, {"query": 1}]
    assert all(map(strategies._is_call, good))
    assert not any(map(strategies._is_call, bad))
