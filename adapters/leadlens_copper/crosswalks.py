"""Every crosswalk of Copper, by kind.

Copper writes an opportunity's ``close_date`` month first or day first, by account setting. Nothing in the text tells
which, so the crosswalks are plain functions of the account's date order.
"""

from __future__ import annotations

import functools
from typing import Literal

from leadlens.adapter import Crosswalks

DateOrder = Literal["month-first", "day-first"]


@functools.cache
def crosswalks(order: DateOrder | None = None) -> Crosswalks:
    """Return every crosswalk by kind, for an account of this date order."""
    return Crosswalks(
        {
            "lead": ("leadlens_copper.records:LEAD",),
            "contact": ("leadlens_copper.records:CONTACT",),
            "company": ("leadlens_copper.records:COMPANY",),
            "deal": ("leadlens_copper.records:deal", order),
            "note": ("leadlens_copper.notes:NOTE",),
            "attachment": ("leadlens_copper.notes:ATTACHMENT",),
            "convert-request": ("leadlens_copper.convert:convert_request", order),
            "convert-reply": ("leadlens_copper.convert:convert_reply", order),
            "upsert-request": ("leadlens_copper.upsert:UPSERT_REQUEST",),
            "upsert-reply": ("leadlens_copper.upsert:UPSERT_REPLY",),
        }
    )
