"""Payloads as Pipedrive's own pages show them, for the demo."""

from leadlens.model import JSON

# developers.pipedrive.com/docs/api/v1/Leads, convertLeadToDeal: the two keys that the body may have
CONVERT_REQUEST: JSON = {
    "method": "POST",
    "path": "/api/v2/leads/adf21080-0e10-11eb-879b-05d71fb426ec/convert/deal",
    "body": {"stage_id": 1},
}
SAMPLES: dict[str, JSON] = {"convert-request": CONVERT_REQUEST}
