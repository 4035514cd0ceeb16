"""Every crosswalk of Pipedrive, by kind."""

from __future__ import annotations

import functools

from leadlens.adapter import Crosswalks


@functools.cache
def crosswalks() -> Crosswalks:
    """Return every crosswalk by kind."""
    return Crosswalks(
        {
            "lead": ("leadlens_pipedrive.records:LEAD",),
            "contact": ("leadlens_pipedrive.records:CONTACT",),
            "company": ("leadlens_pipedrive.records:COMPANY",),
            "deal": ("leadlens_pipedrive.records:DEAL",),
            "convert-request": ("leadlens_pipedrive.convert:CONVERT_REQUEST",),
            "convert-reply": ("leadlens_pipedrive.convert:CONVERT_REPLY",),
            "note": ("leadlens_pipedrive.notes:NOTE",),
            "upsert-request": ("leadlens_pipedrive.upsert:UPSERT_REQUEST",),
            "upsert-reply": ("leadlens_pipedrive.upsert:UPSERT_REPLY",),
        }
    )
