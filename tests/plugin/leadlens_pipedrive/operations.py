"""What Pipedrive can be asked (developers.pipedrive.com/docs/api/v1, API v2; leads by v1)."""

from __future__ import annotations

from typing import Final

from leadlens.errors import UsageError
from leadlens.flow import Flow
from leadlens.operations import Item, Operations, Page
from leadlens_pipedrive import choosing, conversions, finding, noting, writing
from leadlens_pipedrive.asking import KINDS


def every(kind: str, place: str | None) -> Flow[Page]:
    """Return a page of all that the account has of a kind."""
    if kind == "note":
        return (yield from noting.every_note(place))
    if kind not in choosing.CHOICES:
        return (yield from finding.listed(kind, place))
    if place is not None:
        raise UsageError("place is what the page before named as its next")
    found = yield from choosing.choices(kind)
    return Page(
        tuple(Item(choice.ref.id or "", {"id": choice.ref.id, "name": choice.ref.name}, choice) for choice in found)
    )


OPERATIONS: Final = Operations(
    converted=conversions.converted,
    learn=conversions.learn,
    ids_are_numbers=True,
    wanted=conversions.wanted,
    pending=conversions.pending,
    find_conversion=conversions.find_conversion,
    conversions=conversions.conversions,
    preview=conversions.preview,
    get=finding.get,
    search=finding.search,
    upsert=writing.upsert,
    create=writing.create,
    update=writing.update,
    delete=finding.delete,
    choices=choosing.choices,
    choice_kinds=choosing.CHOICES,
    definitions=choosing.definitions,
    every=every,
    kinds=(*choosing.CHOICES, *KINDS, "note"),
    create_note=noting.create_note,
    notes_of=noting.notes_of,
    composed={
        "find_conversion": "Pipedrive has no list of conversions: the deals that name the lead are looked through",
        "conversions": "Pipedrive has no list of conversions: these are the deals that came from a lead",
        "preview": "Pipedrive has no preview: these are the lead's own person and organization",
        "upsert": "Pipedrive has no upsert: what matches is searched before, and that is not atomic",
    },
)
