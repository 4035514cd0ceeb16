"""What the ledger of migrations keeps: runs, items and steps, and which state can follow which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import attrs

State: TypeAlias = Literal[
    "planned", "source_read", "upserting", "upserted", "converting", "unknown", "converted", "completing", "completed",
    "verified", "skipped", "rejected", "review",
]  # fmt: skip
FINAL: tuple[State, ...] = ("verified", "skipped", "rejected", "review")
NEXT: Mapping[State, tuple[State, ...]] = {
    "planned": ("source_read",),
    "source_read": ("upserting", "completing"),
    "upserting": ("upserted", "source_read", "unknown"),
    "upserted": ("converting",),
    "converting": ("converted", "upserted", "unknown"),
    "unknown": ("source_read", "upserted", "converted"),
    "converted": ("completing",),
    "completing": ("completed",),
    "completed": ("verified",),
    "verified": ("completing",),
    "skipped": ("planned",),
    "rejected": ("planned", "completing", "source_read", "upserted", "unknown"),
    "review": ("planned", "completing", "completed", "source_read", "upserted", "converted", "unknown"),
}
"""Which states can follow which; besides, any that is not final can end in ``skipped``, ``rejected`` or ``review``."""

RECORDS, NOTES = 100, 200
"""The numbers of the first step that writes a record, and of the first that writes a note; others come before."""
AT_ONCE = 100
"""So many items are brought on together, since so many records can be read or written in one call."""
LOOKED_FOR = 3
"""So many leads of a run are looked for in the target although nothing says that they were written."""
STAGES: Mapping[State, int] = {"planned": 0, "converted": 2, "completing": 2}
"""What is done first among the items that are brought on together; what is not named comes after the first."""


@attrs.frozen(kw_only=True)
class Run:
    """One plan being carried out: between which accounts, by which mapping and policy, with which version."""

    id: str
    source: str
    target: str
    plan: str
    mapping: str
    policy: str
    version: str


@attrs.frozen(kw_only=True)
class Item:
    """One conversion of the source, as the ledger has it; ids are the source's, but ``target``: the lead there."""

    op_id: str
    run: str
    place: int
    decision: str
    lead: str
    contact: str | None = None
    company: str | None = None
    deal: str | None = None
    state: State = "planned"
    epoch: int = 0
    action: str | None = None
    sent_epoch: int = 0
    sent_at: float | None = None
    send_by: float | None = None
    settle_at: float | None = None
    due: float | None = None
    tries: int = 0
    digest: str | None = None
    target: str | None = None
    reason: str | None = None


@attrs.frozen(kw_only=True)
class StepRow:
    """One write before or after a convert, or without one."""

    op_id: str
    number: int
    name: str
    state: Literal["sending", "done", "refused"]
    epoch: int
    digest: str
    sent_at: float | None = None
    send_by: float | None = None
    settle_at: float | None = None
    tries: int = 0
    result: str | None = None
