"""The adapter for Zoho CRM. ``zoho@v2`` … ``zoho@v8`` name the API version; v8 is the default."""

from __future__ import annotations

import functools

from leadlens.adapter import Adapter, Default, Resolved, given, late, resolve_deal
from leadlens.conversion import ConvertRequest, Nothing
from leadlens.loss import Loss
from leadlens.model import Lead
from leadlens_zoho.crosswalks import crosswalks
from leadlens_zoho.samples import SAMPLES
from leadlens_zoho.versions import LATEST, VERSIONS, Version


def resolve(request: ConvertRequest) -> Resolved:
    """Zoho makes no deal unless the request has ``Deals``."""
    return resolve_deal(request, Nothing(), "Zoho makes no deal when nothing is said about it")


def depends(request: ConvertRequest, lead: Lead | None) -> tuple[Loss, ...]:  # noqa: ARG001  # the same on any lead
    """Zoho makes a contact of any lead: a last name is mandatory there."""
    return ()


_DEFAULTS = {
    "contact": Default("new", "Zoho makes a new contact"),
    "company": Default("new", "Zoho makes a new account if the lead names a company"),
}


@functools.cache
def adapter(version: Version = LATEST) -> Adapter:
    """Return the adapter for one version of the API."""
    return Adapter(
        name="zoho",
        title="Zoho CRM",
        crosswalks=crosswalks(version),
        classify=late("leadlens_zoho.errors:classify"),
        converts_once=True,
        access=given("leadlens_zoho.access:ACCESS"),
        custom_codec=late("leadlens_zoho.custom:codec_for"),
        operations=late("leadlens_zoho.operations:operations", version),
        resolve=resolve,
        depends=depends,
        defaults=_DEFAULTS,
        samples=SAMPLES,
        envelope=("data", 0),
        variant=version,
        variants={name: functools.partial(adapter, name) for name in VERSIONS},
    )


ADAPTER = adapter()
