"""Payloads as Copper's own pages show them, for the demo."""

from leadlens.model import JSON

# developer.copper.com/leads/convert-a-lead.html, request body
CONVERT_REQUEST: JSON = {
    "method": "POST",
    "path": "/developer_api/v1/leads/8894157/convert",
    "body": {
        "details": {
            "person": {"name": "John Doe"},
            "opportunity": {
                "name": "Demo Project",
                "pipeline_id": 213214,
                "pipeline_stage_id": 12345,
                "monetary_value": 1000,
            },
        }
    },
}
SAMPLES: dict[str, JSON] = {"convert-request": CONVERT_REQUEST}
