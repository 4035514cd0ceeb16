"""An emulated Zoho CRM account (API v2 to v8), written from the contract in ``specs/zoho``.

It is a witness for the mapping and so knows nothing of it. What nobody has recorded is a switch.
"""

from __future__ import annotations

from leadlens.emulation.limits import Limit
from leadlens.emulation.store import Ids, Layout
from leadlens.emulation.vendor import Vendor
from leadlens_zoho.sandbox import convert, data, oauth, records
from leadlens_zoho.sandbox.dress import DRESS, authenticate

VERSIONS = ("v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8")

SANDBOX = Vendor(
    name="zoho",
    title="Zoho CRM",
    bases={"": "/crm/v8", **{version: f"/crm/{version}" for version in VERSIONS}},
    routes=(*records.ROUTES, *convert.ROUTES, *oauth.ROUTES),
    layout=Layout(
        ids={kind: Ids(3652397000007566544, counter="crm") for kind in ("Leads", "Contacts", "Accounts", "Deals")}
        | {kind: Ids(3652397000000186017, counter="settings") for kind in ("user", "tag")},
        marks={
            "Accounts": {"name": lambda record: [record["Account_Name"]]},
            "tag": {"name": lambda tag: [tag["name"]]},
        },
    ),
    dress=DRESS,
    authenticate=authenticate,
    setup=data.setup,
    demo=data.demo,
    credentials={"Authorization": "Zoho-oauthtoken sandbox"},
    example="/Leads/3652397000007566544",
    limits=(Limit(50_000, 86_400), Limit(10, 0)),
)
"""The limits are credits of a rolling day and calls at the same time; both vary by edition."""
