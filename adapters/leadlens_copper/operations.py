"""What Copper can be asked (developer.copper.com, Developer API v1), for an account of a date order.

Copper writes an expected close date month first or day first by account setting, so that every flow that reads a deal
needs to know which.
"""

from __future__ import annotations

import functools
from functools import partial
from typing import Final

from leadlens.loss import Loss
from leadlens.operations import Operations, always
from leadlens_copper.batching import batch
from leadlens_copper.conversions import conversions, converted, find_conversion, learn, preview
from leadlens_copper.crosswalks import DateOrder
from leadlens_copper.defining import UNOFFERED, define, definitions
from leadlens_copper.listing import KINDS, UNLISTED, every
from leadlens_copper.noting import create_note, notes_of
from leadlens_copper.reading import CHOICES, choices, delete, get, search
from leadlens_copper.upserting import upsert
from leadlens_copper.writing import create, update

COMPOSED: Final = {
    "find_conversion": "Copper has no call for it: a search that knows converted leads, the lead, and its contact",
    "conversions": "Copper has no list of conversions: all leads are searched, and the converted ones told",
    "preview": "Copper has no preview: this is the person of the lead's e-mail address, and companies of its name",
    "upsert contact": "Copper has an upsert for leads alone: the person is looked for, then updated or created",
    "upsert company": "Copper has an upsert for leads alone: the company is searched, then updated or created",
    "batch": "Copper creates opportunities ten to a call; all else goes one by one, and is looked for one by one",
    "upsert deal": "Copper has an upsert for leads alone: the opportunity is searched, then updated or created",
}

_ANEW: Final = "Copper documents a write's whole name alone; whether it keeps the parts or splits it anew is unknown"
_KEPT: Final = "Copper does not document this key in a write; whether it keeps it is unknown"
UNRECORDED: Final = (
    *(Loss(f"{kind}.name.parts", "coerced", _ANEW, "note") for kind in ("lead", "contact")),
    *(Loss(path, "coerced", _KEPT) for path in ("lead.name.prefix", "contact.name.prefix")),
    *(Loss(path, "coerced", _KEPT) for path in ("lead.value.currency", "deal.value.currency", "lead.status")),
)
"""Sent, since replies have them; the pages of create, update and upsert (developer.copper.com, v1) do not name them."""


@functools.cache
def operations(order: DateOrder | None = None) -> Operations:
    """Return what an account of this date order can be asked."""
    return Operations(
        converted=partial(converted, order),
        learn=learn,
        wanted=always,
        find_conversion=partial(find_conversion, order),
        conversions=partial(conversions, order),
        preview=partial(preview, order),
        get=partial(get, order),
        search=partial(search, order),
        upsert=partial(upsert, order),
        delete=delete,
        choices=choices,
        choice_kinds=CHOICES,
        definitions=definitions,
        define=define,
        unoffered=UNOFFERED,
        batch=partial(batch, order),
        every=partial(every, order),
        kinds=KINDS,
        unlisted=UNLISTED,
        create_note=create_note,
        notes_of=notes_of,
        create=partial(create, order),
        update=partial(update, order),
        composed=COMPOSED,
        unrecorded=UNRECORDED,
    )
