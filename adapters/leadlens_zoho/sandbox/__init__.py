"""An emulated Zoho CRM account (API v2 to v8), written from the contract in ``specs/zoho``.

It is a witness for the mapping and so knows nothing of it. What nobody has recorded is a switch (``switches``).
"""

from __future__ import annotations

from leadlens.emulation.limits import Limit
from leadlens.emulation.store import Ids
from leadlens.emulation.vendor import Vendor
from leadlens_zoho.sandbox import (
    activities,
    convert,
    data,
    lists,
    making,
    mass,
    oauth,
    offering,
    options,
    records,
    related,
    search,
    settings,
    upsert,
)
from leadlens_zoho.sandbox.dress import DRESS, authenticate
from leadlens_zoho.sandbox.shape import look_ups
from leadlens_zoho.sandbox.switches import SWITCHES

VERSIONS = ("v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8")
_AREAS = (
    records, lists, search, upsert, convert, options, mass, making, offering, settings, related, activities, oauth,
)  # fmt: skip
_CRM = ("Leads", "Contacts", "Accounts", "Deals", "Notes", "attachment", *activities.MODULES)
_ASIDE = ("deal_role", "notification", "grant", "offered")

SANDBOX = Vendor(
    name="zoho",
    title="Zoho CRM",
    bases={"": "/crm/v8", **{version: f"/crm/{version}" for version in VERSIONS}},
    routes=tuple(route for area in _AREAS for route in area.ROUTES),
    layout=look_ups(
        {kind: Ids(3652397000007566544, counter="crm") for kind in _CRM}
        | {kind: Ids(3652397000000186017, counter="settings") for kind in ("user", "tag")}
        | {kind: Ids(1) for kind in _ASIDE}
        | {
            "field": Ids(3652397000001210001),
            "role": Ids(5545974000000006871),
            "job": Ids(3652397000009835020),
            "org": Ids(3652397000000020005),
        }
    ),
    dress=DRESS,
    authenticate=authenticate,
    setup=data.setup,
    demo=data.demo,
    credentials={"Authorization": "Zoho-oauthtoken sandbox"},
    example="/Leads/3652397000007566544",
    switches=SWITCHES,
    limits=(Limit(50_000, 86_400), Limit(10, 0)),
)
"""The limits are credits of a rolling day and calls at the same time; both vary by edition."""
