"""An emulated Base account (Zendesk Sell, Core API v2), written from the contract in ``specs/base``.

It is a witness for the mapping and so knows nothing of it. What nobody has recorded is a switch.
"""

from __future__ import annotations

from leadlens.emulation.limits import Limit
from leadlens.emulation.store import Ids, Layout
from leadlens.emulation.vendor import Switch, Vendor
from leadlens_base.sandbox import conversions, data, oauth, records
from leadlens_base.sandbox.dress import DRESS, authenticate

SWITCHES = (
    Switch(
        "second_convert",
        {
            "again": "makes a second set of records",
            "refused": "422, incorrect_value at /data/lead_id",
            "same": "answers with the first conversion",
        },
        "again",
    ),
)

SANDBOX = Vendor(
    name="base",
    title="Base (Zendesk Sell)",
    bases={"": "/v2"},
    routes=(*records.ROUTES, *conversions.ROUTES, *oauth.ROUTES),
    layout=Layout(
        ids={kind: Ids(1) for kind in ("lead", "contact", "deal", "conversion", "user", "stage")},
        marks={"conversion": {"lead": lambda record: [str(record["lead_id"])]}},
    ),
    dress=DRESS,
    authenticate=authenticate,
    setup=data.setup,
    demo=data.demo,
    credentials={"Authorization": "Bearer sandbox"},
    example="/leads/1",
    switches=SWITCHES,
    limits=(Limit(36_000, 3600, each="token"),),
)
"""The limit is that of …/sales-crm/rate-limits: 36,000 requests an hour for each token."""
