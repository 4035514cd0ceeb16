"""An id that cannot be one of the CRM's is a wrong question: nothing is asked, and no path leads elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leadlens import Client, ConvertRequest, Lead, Sandbox, UsageError, connect
from leadlens.operations import ConversionQuery, Query

GOOD = {"base": "1", "copper": "8894258", "zoho": "3652397000007566994"}
BAD: tuple[Any, ...] = ("1/../{}", "0{}", "../leads/{}", "{}?x=1", "{}\n", "", "１", "x", 1)
WAYS: dict[str, Callable[[Client, Any], Any]] = {
    "get": lambda client, identity: client.get("lead", identity),
    "delete": lambda client, identity: client.delete("deal", identity),
    "resolve": lambda client, identity: client.resolve(identity),
    "find": lambda client, identity: client.driver.run(client.operations.find_conversion(identity)),
    "preview": lambda client, identity: client.preview(identity),
    "conversions": lambda client, identity: list(client.iter_conversions(ConversionQuery(lead_id=identity))),
    "ids": lambda client, identity: client.search("lead", Query(ids=(identity,))),
    "notes": lambda client, identity: list(client.iter_notes_of("lead", identity)),
    "update": lambda client, identity: client.operations.update and client.operations.update(identity, Lead(title="x")),
    "convert": lambda client, identity: client.convert(ConvertRequest(lead_id=identity), on_loss="ignore"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("vendor", GOOD)
def test_what_is_no_id_is_not_asked_for(vendor: str, way: str) -> None:
    """Another spelling of an id is none either: one lead has one name in all that guards it."""
    with Sandbox(seed=7, vendors=[vendor]) as sandbox, connect(vendor, sandbox=sandbox) as client:
        for bad in BAD:
            with pytest.raises(UsageError):
                WAYS[way](client, bad.format(GOOD[vendor]) if isinstance(bad, str) else bad)
        assert sandbox.truth.entries() == []


@pytest.mark.parametrize("vendor", GOOD)
def test_no_id_is_not_every_id(vendor: str) -> None:
    """The conversion of no lead in particular is not the newest one of any."""
    nothing: Any = None
    with Sandbox(seed=7, vendors=[vendor]) as sandbox, connect(vendor, sandbox=sandbox) as client:
        for way in ("resolve", "find", "get", "delete"):
            with pytest.raises(UsageError):
                WAYS[way](client, nothing)
        assert sandbox.truth.entries() == []


@pytest.mark.parametrize("vendor", GOOD)
def test_a_spelling_of_a_lead_is_refused_where_the_account_guards_itself(vendor: str) -> None:
    """Also where no conversion is looked for before."""
    with Sandbox(seed=7, vendors=[vendor]) as sandbox, connect(vendor, sandbox=sandbox) as client:
        object.__setattr__(client._once, "converts_once", True)
        for bad in ("0{}", "1/../{}"):
            with pytest.raises(UsageError, match=r"\bids?\b"):
                client.convert(ConvertRequest(lead_id=bad.format(GOOD[vendor])), on_loss="ignore")
        assert [one for one in sandbox.truth.changes(vendor, "lead", "converted") if one.sequence] == []


@pytest.mark.parametrize(("kind", "place"), [("definition", "../users"), ("attachment", "user x")])
def test_a_place_that_no_page_named(kind: str, place: str) -> None:
    """Base's lists that go from kind to kind take only a kind of theirs."""
    with Sandbox(vendors=["base"]) as sandbox, connect("base", sandbox=sandbox) as client:
        with pytest.raises(UsageError, match="the page before"):
            client.page(kind, place)
        assert sandbox.truth.entries() == []
