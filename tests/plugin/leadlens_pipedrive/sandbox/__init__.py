"""An emulated Pipedrive account, written from the contract in ``specs``; it knows nothing of the mapping."""

from __future__ import annotations

from leadlens.emulation.limits import Limit
from leadlens.emulation.store import Ids, Layout, Record
from leadlens.emulation.vendor import Switch, Vendor
from leadlens_pipedrive.sandbox import account, convert, leads, notes, records, search
from leadlens_pipedrive.sandbox.dress import DRESS, authenticate

_KINDS = ("lead", "person", "organization", "deal", "job", "note", "user", "pipeline", "stage", "field")


def _by(key: str, record: Record) -> list[str]:
    return [str(record[key])]


SANDBOX = Vendor(
    name="pipedrive",
    title="Pipedrive",
    bases={"": "/api/v2"},
    routes=(*records.ROUTES, *leads.ROUTES, *convert.ROUTES, *search.ROUTES, *notes.ROUTES, *account.ROUTES),
    layout=Layout(
        ids={kind: Ids(1) for kind in _KINDS},
        marks={
            "lead": {"id": lambda record: _by("id", record)},
            "job": {"of": lambda record: _by("of", record)},
            "field": {"of": lambda record: _by("of", record)},
        },
    ),
    dress=DRESS,
    authenticate=authenticate,
    setup=account.setup,
    demo=account.demo,
    credentials={"x-api-token": "sandbox"},
    example="/persons/1",
    switches=(
        Switch(
            "second_job",
            {"again": "a second job for a lead makes a second deal", "rejected": "it ends as rejected"},
            "again",
        ),
        Switch(
            "deleted",
            {"shown": "a deleted record is shown with is_deleted", "404": "it is not found"},
            "shown",
        ),
    ),
    limits=(Limit(20, 2, each="token"),),
)
"""The limit is the smallest plan's: 20 requests in 2 seconds for each token (core-api-concepts-rate-limiting)."""
