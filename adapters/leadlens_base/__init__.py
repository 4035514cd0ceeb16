"""The adapter for Base (Zendesk Sell, Core API v2)."""

from __future__ import annotations

import attrs

from leadlens.adapter import Adapter, Default, Resolved, given, late, resolve_deal
from leadlens.conversion import ConvertRequest, NewDeal, VendorDefault
from leadlens.loss import Loss
from leadlens.model import Lead
from leadlens_base.crosswalks import crosswalks
from leadlens_base.samples import SAMPLES


def resolve(request: ConvertRequest) -> Resolved:
    """Say that Base makes a deal when nothing is said, and gives it the owner of all that the conversion makes."""
    resolved, notes = resolve_deal(request, NewDeal(), "Base makes a deal when nothing is said about it")
    deal, owner = resolved.deal, resolved.contact_owner
    if isinstance(deal, NewDeal) and deal.owner is None and owner is not None and owner == resolved.company_owner:
        told = "Base gives the deal the same owner as the contact and the company"
        resolved = attrs.evolve(resolved, deal=attrs.evolve(deal, owner=owner))
        notes = (*notes, Loss("deal.owner", "defaulted", told, "note", "needs"))
    return resolved, notes


def depends(request: ConvertRequest, lead: Lead | None) -> tuple[Loss, ...]:
    """Say that Base makes a contact only of a lead that has a last name."""
    if not isinstance(request.contact, VendorDefault):
        return ()
    if lead is None:
        told = "Base makes a contact only if the lead has a last name; give the lead to know"
        return (Loss("contact", "defaulted", told, "note", "needs"),)
    if lead.name is not None and lead.name.last is not None:
        return ()
    told = "Base makes no contact of this lead, since it has no last name"
    return (Loss("contact", "required", told, "loss", "needs"),)


_DEFAULTS = {
    "contact": Default("new", "Base makes a new contact if the lead has a last name"),
    "company": Default("new", "Base makes a new company if the lead names one"),
}

ADAPTER = Adapter(
    name="base",
    title="Base (Zendesk Sell)",
    crosswalks=crosswalks(),
    classify=late("leadlens_base.errors:classify"),
    resolve=resolve,
    depends=depends,
    defaults=_DEFAULTS,
    samples=SAMPLES,
    envelope=("data",),
    custom_codec=late("leadlens_base.custom:codec_for"),
    operations=given("leadlens_base.operations:OPERATIONS"),
    access=given("leadlens_base.access:ACCESS"),
)
