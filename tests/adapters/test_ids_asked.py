"""Which ids and options of an account each CRM's mapping has looked up when another account's are written."""

from __future__ import annotations

from typing import Any

import pytest
from tests.adapters.test_records import BASE, COPPER, ZOHO
from tests.adapters.test_requests import FULL

from leadlens import encode, registry
from leadlens.model import Ref

ASKED = {
    ("copper@month-first", "convert-request"): [
        "definition 12",
        "lead 77",
        "pipeline 15",
        "source 18",
        "stage 16",
        "user 11",
        "user 31",
    ],
    ("zoho", "convert-request"): [
        "campaign 20",
        "contact_role 19",
        "deal_type New",
        "definition Size",
        "lead 77",
        "pipeline Standard",
        "source Fair",
        "stage Won",
        "user 11",
        "user 31",
    ],
    ("base", "convert-request"): ["definition Size", "lead 77", "source 18", "stage 16", "user 11", "user 31"],
    ("copper", "lead"): ["definition 12", "source 14", "status 13", "user 11"],
    ("copper", "contact"): ["company 13", "contact_type 14", "definition 12", "user 11"],
    ("copper", "company"): ["contact 13", "contact_type 14", "definition 12", "user 11"],
    ("copper@month-first", "deal"): [
        "company 13",
        "contact 14",
        "definition 12",
        "loss_reason 17",
        "pipeline 15",
        "source 18",
        "stage 16",
        "user 11",
    ],
    ("zoho", "lead"): [
        "definition Size",
        "industry Tools",
        "layout 13",
        "rating Hot",
        "source Fair",
        "status New",
        "user 11",
    ],
    ("zoho", "contact"): [
        "company 16",
        "contact 17",
        "definition Size",
        "layout 13",
        "source Fair",
        "user 11",
        "vendor 18",
    ],
    ("zoho", "company"): [
        "company 16",
        "company_type Customer",
        "definition Size",
        "industry Tools",
        "layout 13",
        "ownership Private",
        "rating Hot",
        "user 11",
    ],
    ("zoho", "deal"): [
        "campaign 16",
        "company 17",
        "contact 18",
        "deal_type New Business",
        "definition Size",
        "layout 13",
        "loss_reason Price",
        "pipeline Standard",
        "source Fair",
        "stage Won",
        "user 11",
    ],
    ("base", "lead"): ["definition Size", "source 13", "status New", "unqualified_reason 14", "user 11"],
    ("base", "contact"): ["company 13", "definition Size", "user 11"],
    ("base", "company"): ["company 13", "definition Size", "user 11"],
    ("base", "deal"): [
        "contact 13",
        "definition Size",
        "loss_reason 16",
        "source 15",
        "stage 14",
        "unqualified_reason 17",
        "user 11",
    ],
}
"""Of the full records and converts: the space of each, and the id that it has in the other account (else the name)."""
MEANS: dict[tuple[str, str], Any] = {
    **{(vendor, "convert-request"): means for vendor, (_, means) in FULL.items()},
    **{(full.vendor, full.kind): full.means for full in (*COPPER, *ZOHO, *BASE)},
}


@pytest.mark.parametrize(("vendor", "kind"), list(ASKED))
def test_every_id_is_looked_up(vendor: str, kind: str) -> None:
    """No id and no option of another account is written unless the map has a counterpart for it."""
    asked: set[str] = set()

    def carry(space: str, given: Any) -> None:
        asked.add(f"{space} {(given.id or given.name) if isinstance(given, Ref) else given}")

    encode(registry.get(vendor).crosswalk(kind), MEANS[vendor, kind], ids=carry)
    assert sorted(asked) == ASKED[vendor, kind]
