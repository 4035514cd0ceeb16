"""Every crosswalk of Base (Zendesk Sell), by kind."""

from __future__ import annotations

import functools

from leadlens.adapter import Crosswalks


@functools.cache
def crosswalks() -> Crosswalks:
    """Return every crosswalk by kind."""
    return Crosswalks(
        {
            "lead": ("leadlens_base.records:LEAD",),
            "contact": ("leadlens_base.records:CONTACT",),
            "company": ("leadlens_base.records:COMPANY",),
            "deal": ("leadlens_base.records:DEAL",),
            "note": ("leadlens_base.notes:NOTE",),
            "attachment": ("leadlens_base.notes:ATTACHMENT",),
            "convert-request": ("leadlens_base.convert:CONVERT_REQUEST",),
            "convert-reply": ("leadlens_base.convert:CONVERT_REPLY",),
            "conversion-list": ("leadlens_base.convert:CONVERSION_LIST",),
            "upsert-request": ("leadlens_base.upsert:UPSERT_REQUEST",),
            "upsert-reply": ("leadlens_base.upsert:UPSERT_REPLY",),
        }
    )
