"""Every crosswalk of Zoho CRM, by kind; plain functions of the API version."""

from __future__ import annotations

import functools

from leadlens.adapter import Crosswalks
from leadlens_zoho.versions import LATEST, Version, since


@functools.cache
def crosswalks(version: Version = LATEST) -> Crosswalks:
    """Return every crosswalk by kind, for one version of the API."""
    kinds: dict[str, tuple[str, ...]] = {
        "lead": ("leadlens_zoho.records:LEAD",),
        "contact": ("leadlens_zoho.records:CONTACT",),
        "company": ("leadlens_zoho.records:COMPANY",),
        "deal": ("leadlens_zoho.records:DEAL",),
        "convert-request": ("leadlens_zoho.convert:convert_request", version),
        "convert-reply": ("leadlens_zoho.convert:convert_reply", version),
        "upsert-request": ("leadlens_zoho.upsert:upsert_request", version),
        "upsert-reply": ("leadlens_zoho.upsert:UPSERT_REPLY",),
    }
    if since(version, "v5"):
        kinds["conversion-options"] = ("leadlens_zoho.convert:OPTIONS",)
        kinds["note"] = ("leadlens_zoho.notes:NOTE",)
        kinds["attachment"] = ("leadlens_zoho.notes:ATTACHMENT",)
    return Crosswalks(kinds)
