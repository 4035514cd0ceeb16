"""An emulated Copper account (Developer API v1), written from the contract in ``specs/copper``.

It is a witness for the mapping and so knows nothing of it. What nobody has recorded is a switch.
"""

from __future__ import annotations

from leadlens.emulation.limits import Limit
from leadlens.emulation.store import Ids, Layout
from leadlens.emulation.vendor import Vendor
from leadlens_copper.sandbox import (
    accounts,
    activities,
    bulk,
    convert,
    crud,
    data,
    defining,
    demo,
    files,
    layouts,
    metadata,
    oauth,
    records,
    search,
    upsert,
    webhooks,
)
from leadlens_copper.sandbox.dress import DRESS, authenticate
from leadlens_copper.sandbox.switches import SWITCHES

_SPEAKING = (
    accounts, activities, bulk, convert, crud, defining, files, layouts, metadata, oauth, search, upsert, webhooks,
)  # fmt: skip

SANDBOX = Vendor(
    name="copper",
    title="Copper",
    bases={"": "/developer_api/v1"},
    routes=tuple(route for part in _SPEAKING for route in part.ROUTES),
    layout=Layout(
        ids={
            "lead": Ids(8894157),
            "person": Ids(27140359),
            "company": Ids(13349319),
            "opportunity": Ids(4417020),
            "project": Ids(144296),
            "task": Ids(3716920),
            "activity": Ids(3064242278),
            "file": Ids(2556402),
            "webhook": Ids(17065),
            "account": Ids(123),
            "user": Ids(137658),
            "lead_status": Ids(208231),
            "customer_source": Ids(331240),
            "contact_type": Ids(451490),
            "loss_reason": Ids(97701),
            "pipeline": Ids(213214),
            "stage": Ids(987790),
            "definition": Ids(100764),
            "option": Ids(262644),
        },
        marks=records.MARKS,
    ),
    dress=DRESS,
    authenticate=authenticate,
    setup=data.setup,
    demo=demo.demo,
    credentials={
        "X-PW-AccessToken": "sandbox",
        "X-PW-Application": "developer_api",
        "X-PW-UserEmail": "sales@example.com",
    },
    example="/leads/8894157",
    switches=SWITCHES,
    limits=(Limit(180, 60),),
)
"""The limit is that of Copper's request page: 180 requests a minute."""
