"""What each CRM needs to be told, what it does unasked, and in which step each of its calls is made."""

from __future__ import annotations

import pytest

from leadlens import (
    Company,
    Contact,
    ConvertRequest,
    Deal,
    Lead,
    NewDeal,
    Nothing,
    UpsertRequest,
    VendorDefault,
    encode,
    registry,
)

NOTHING_SAID = {
    "lead": Lead(),
    "contact": Contact(),
    "company": Company(),
    "deal": Deal(),
    "convert-request": ConvertRequest(deal=NewDeal()),
    "upsert-request": UpsertRequest(),
}
NEEDED = {
    "copper": {
        "lead": {"name"},
        "contact": {"name"},
        "company": {"name"},
        "deal": {"name", "contact"},
        "convert-request": {"lead_id", "deal.name"},
        "upsert-request": {"record.name", "match"},
    },
    "zoho": {
        "lead": {"name"},
        "contact": {"name"},
        "company": {"name"},
        "deal": {"name", "stage"},
        "convert-request": {"lead_id", "deal.name", "deal.close_date", "deal.stage", "deal.pipeline"},
        "upsert-request": {"record.name"},
    },
    "zoho@v4": {"convert-request": {"lead_id", "deal.name", "deal.close_date", "deal.stage"}},
    "base": {
        "lead": set(),
        "contact": {"name"},
        "company": {"name"},
        "deal": {"name", "contact"},
        "convert-request": {"lead_id"},
        "upsert-request": {"match"},
    },
}
STEPS = {
    "copper": {"convert": "convert", "deal": "after"},
    "zoho": {"find_company": "read", "create_company": "before", "lead": "before", "convert": "convert"},
    "base": {"lead": "before", "convert": "convert", "deal": "after"},
}


@pytest.mark.parametrize(("vendor", "kind"), [(vendor, kind) for vendor, kinds in NEEDED.items() for kind in kinds])
def test_what_is_needed_is_asked_for(vendor: str, kind: str) -> None:
    """Where nothing is said, a loss ``required`` names each thing that the CRM does not do without."""
    losses = encode(registry.get(vendor).crosswalk(kind), NOTHING_SAID[kind]).losses
    assert {loss.path for loss in losses if loss.reason == "required"} == NEEDED[vendor][kind]


@pytest.mark.parametrize("vendor", STEPS)
def test_calls_are_made_in_their_step(vendor: str) -> None:
    """What the conversion uses is written before it, what only its reply tells the id of after it."""
    calls = registry.get(vendor).crosswalk("convert-request").calls
    assert {call.name: call.step for call in calls} == STEPS[vendor]
    assert [call.name for call in calls] == [*STEPS[vendor]]


@pytest.mark.parametrize(("vendor", "deal"), [("copper", Nothing()), ("zoho", Nothing()), ("base", NewDeal())])
def test_what_becomes_of_the_deal_unasked(vendor: str, deal: Nothing | NewDeal) -> None:
    """Base makes a deal unless it is told not to; Copper and Zoho make none unless they are asked. A note says so."""
    resolved, notes = registry.get(vendor).resolve(ConvertRequest(deal=VendorDefault()))
    assert resolved == ConvertRequest(deal=deal)
    assert [(note.path, note.reason, note.level) for note in notes] == [("deal", "defaulted", "note")]
