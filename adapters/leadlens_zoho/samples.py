"""Payloads as Zoho's own pages show them, for the demo."""

from leadlens.model import JSON

# zoho.com/crm/developer/docs/api/v5/convert-lead.html, sample input; the same keys hold in v8
CONVERT_REQUEST: JSON = {
    "method": "POST",
    "path": "/crm/v8/Leads/3652397000007566544/actions/convert",
    "body": {
        "data": [
            {
                "overwrite": True,
                "notify_lead_owner": True,
                "notify_new_entity_owner": True,
                "Accounts": {"id": "3652397000000624046"},
                "Contacts": {"id": "3652397000000624640"},
                "Deals": {
                    "Deal_Name": "test",
                    "Closing_Date": "2020-10-20",
                    "Stage": "Negotiation/Review",
                    "Amount": 20000000,
                    "Pipeline": "Standard (Standard)",
                    "Contact_Role": "5545974000000006873",
                },
                "carry_over_tags": {"Contacts": ["tag1", "tag2"], "Accounts": ["tag1"], "Deals": ["tag1"]},
            }
        ]
    },
}
SAMPLES: dict[str, JSON] = {"convert-request": CONVERT_REQUEST}
