"""An emulated Copper account (Developer API v1), written from the contract in ``specs/copper``.

It is a witness for the mapping and so knows nothing of it. What nobody has recorded is a switch.
"""

from __future__ import annotations

from leadlens.emulation.limits import Limit
from leadlens.emulation.store import Ids, Layout
from leadlens.emulation.vendor import Switch, Vendor
from leadlens_copper.sandbox import convert, data, leads, oauth, records
from leadlens_copper.sandbox.dress import DRESS, authenticate

SWITCHES = (
    Switch(
        "second_convert",
        {
            "again": "converts again, and makes or links a second set of records",
            "404": "the lead is gone: Resource not found",
        },
        "again",
    ),
    Switch(
        "fuzzy_company",
        {
            "candidates": "200 with the companies that might be meant, and nothing is converted",
            "first": "links the oldest company that might be meant",
            "create": "makes a company unless one has exactly that name",
        },
        "candidates",
    ),
)

SANDBOX = Vendor(
    name="copper",
    title="Copper",
    bases={"": "/developer_api/v1"},
    routes=(*leads.ROUTES, *records.ROUTES, *convert.ROUTES, *oauth.ROUTES),
    layout=Layout(
        ids={
            "lead": Ids(8894157),
            "person": Ids(27140359),
            "company": Ids(13349319),
            "opportunity": Ids(4417020),
            "user": Ids(137658),
            "pipeline": Ids(213214),
            "definition": Ids(100764),
        },
        marks=records.MARKS,
    ),
    dress=DRESS,
    authenticate=authenticate,
    setup=data.setup,
    demo=data.demo,
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
