"""An emulated Base account (Zendesk Sell, Core API v2), written from the contract in ``specs/base``.

It is a witness for the mapping and so knows nothing of it. What nobody has recorded is a switch.
"""

from __future__ import annotations

from collections.abc import Mapping

from leadlens.emulation.limits import Limit
from leadlens.emulation.store import Ids, Layout, Marks, Record
from leadlens.emulation.vendor import Vendor
from leadlens_base.sandbox import (
    activities,
    conversions,
    data,
    deals,
    demo,
    fields,
    files,
    metadata,
    oauth,
    records,
    upsert,
)
from leadlens_base.sandbox.dress import DRESS, authenticate
from leadlens_base.sandbox.switches import SWITCHES

_KINDS = (
    "lead", "contact", "deal", "conversion", "associated_contact", "note", "task", "hand_over",
    "document", "call",
    "user", "account", "pipeline", "stage", "lead_source", "deal_source", "loss_reason", "lead_unqualified_reason",
    "deal_unqualified_reason", "tag", "custom_field", "revoked_token",
)  # fmt: skip


def _email(record: Record) -> list[str]:
    return [record["email"].casefold()] if record["email"] else []


def _by(*keys: str) -> Marks:
    """Find a record by the values of some keys, with a colon between them, unless one is null."""

    def marks(record: Record) -> list[str]:
        values = [record[key] for key in keys]
        return [] if None in values else [":".join(map(str, values))]

    return marks


_MARKS: Mapping[str, Mapping[str, Marks]] = {
    "lead": {"email": _email},
    "contact": {"email": _email},
    "conversion": {key: _by(key) for key in conversions.MARKS if key != "creator_id"},
    "associated_contact": {"deal": _by("deal_id")},
    "note": {"resource": _by("resource_type", "resource_id")},
    "task": {"resource": _by("resource_type", "resource_id")},
    "tag": {"name": _by("resource_type", "name")},
    "custom_field": {"resource": _by("resource")},
    "revoked_token": {"token": _by("token")},
}

SANDBOX = Vendor(
    name="base",
    title="Base (Zendesk Sell)",
    bases={"": "/v2"},
    routes=(
        *records.ROUTES,
        *upsert.ROUTES,
        *conversions.ROUTES,
        *deals.ROUTES,
        *activities.ROUTES,
        *files.ROUTES,
        *metadata.ROUTES,
        *fields.ROUTES,
        *oauth.ROUTES,
    ),
    layout=Layout(ids={kind: Ids(1) for kind in _KINDS}, marks=_MARKS),
    dress=DRESS,
    authenticate=authenticate,
    setup=data.setup,
    demo=demo.demo,
    credentials={"Authorization": "Bearer sandbox"},
    example="/leads/1",
    switches=SWITCHES,
    limits=(Limit(36_000, 3600, each="token"),),
)
"""The limit is that of …/sales-crm/rate-limits: 36,000 requests an hour for each token."""
