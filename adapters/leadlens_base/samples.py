"""Payloads as Base's own pages show them, for the demo."""

from leadlens.model import JSON

# developer.zendesk.com/api-reference/sales-crm/resources/lead-conversions, create a lead conversion
CONVERT_REQUEST: JSON = {
    "method": "POST",
    "path": "/v2/lead_conversions",
    "body": {"data": {"lead_id": 2, "owner_id": 7, "create_deal": False}},
}
SAMPLES: dict[str, JSON] = {"convert-request": CONVERT_REQUEST}
