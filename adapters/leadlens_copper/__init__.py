"""The adapter for Copper (Developer API v1).

``copper@month-first`` and ``copper@day-first`` say how the account writes dates.
"""

from __future__ import annotations

import functools

from leadlens.adapter import Adapter, Default, Resolved, given, late, resolve_deal
from leadlens.conversion import ConvertRequest, Nothing
from leadlens.loss import Loss
from leadlens.model import Lead
from leadlens_copper.crosswalks import DateOrder, crosswalks
from leadlens_copper.samples import SAMPLES


def resolve(request: ConvertRequest) -> Resolved:
    """Copper makes no deal unless the request has an opportunity."""
    return resolve_deal(request, Nothing(), "Copper makes no deal when nothing is said about it")


def depends(request: ConvertRequest, lead: Lead | None) -> tuple[Loss, ...]:  # noqa: ARG001  # the same on any lead
    """Copper makes a contact of any lead."""
    return ()


_DEFAULTS = {
    "contact": Default("by e-mail", "Copper links the contact that has the lead's e-mail address, or makes one"),
    "company": Default("by name", "Copper links the company that has the lead's company name, or makes one"),
}


@functools.cache
def adapter(order: DateOrder | None = None) -> Adapter:
    """Return the adapter for an account of this date order."""
    return Adapter(
        name="copper",
        title="Copper",
        crosswalks=crosswalks(order),
        classify=late("leadlens_copper.errors:classify"),
        access=given("leadlens_copper.access:ACCESS"),
        custom_codec=late("leadlens_copper.custom:codec_for"),
        operations=late("leadlens_copper.operations:operations", order),
        resolve=resolve,
        depends=depends,
        defaults=_DEFAULTS,
        samples=SAMPLES,
        variant=order,
        variants={"month-first": lambda: adapter("month-first"), "day-first": lambda: adapter("day-first")},
    )


ADAPTER = adapter()
