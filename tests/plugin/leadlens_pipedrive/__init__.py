"""The adapter for Pipedrive (API v2; leads by v1)."""

from __future__ import annotations

from leadlens.adapter import Adapter, Default, Resolved, given, late, resolve_deal
from leadlens.conversion import ConvertRequest, NewDeal
from leadlens.loss import Loss
from leadlens.model import Lead
from leadlens_pipedrive.crosswalks import crosswalks
from leadlens_pipedrive.samples import SAMPLES


def resolve(request: ConvertRequest) -> Resolved:
    """Say that Pipedrive always makes a deal."""
    return resolve_deal(request, NewDeal(), "Pipedrive turns a lead into a deal")


def depends(_request: ConvertRequest, _lead: Lead | None) -> tuple[Loss, ...]:
    """Return nothing: the lead's person and organization are there, whatever they say."""
    return ()


ADAPTER = Adapter(
    name="pipedrive",
    title="Pipedrive",
    crosswalks=crosswalks(),
    classify=late("leadlens_pipedrive.errors:classify"),
    resolve=resolve,
    depends=depends,
    defaults={
        "contact": Default("the lead's", "Pipedrive keeps the lead's person"),
        "company": Default("the lead's", "Pipedrive keeps the lead's organization"),
    },
    samples=SAMPLES,
    envelope=("data",),
    keeps_leads=False,
    operations=given("leadlens_pipedrive.operations:OPERATIONS"),
    access=given("leadlens_pipedrive.access:ACCESS"),
)
