"""The tables of a ledger of migrations, in SQL that PostgreSQL takes too."""

from __future__ import annotations

from leadlens.store import Table

_TEXT, _COUNT, _TIME = "TEXT", "BIGINT NOT NULL", "DOUBLE PRECISION"
_ID = "TEXT NOT NULL"
RUN = Table(
    "run",
    {
        "id": _ID, "source": _ID, "target": _ID, "plan": _ID, "mapping": _ID, "policy": _ID, "version": _ID,
        "epoch": _COUNT, "started": _TIME,
    },
    ("id",),
)  # fmt: skip
ITEM = Table(
    "item",
    {
        "op_id": _ID, "run": _ID, "place": _COUNT, "decision": _ID, "lead": _ID, "contact": _TEXT, "company": _TEXT,
        "deal": _TEXT, "state": _ID, "epoch": _COUNT, "action": _TEXT, "sent_epoch": _COUNT, "sent_at": _TIME,
        "send_by": _TIME, "settle_at": _TIME, "due": _TIME, "tries": _COUNT, "digest": _TEXT, "target": _TEXT,
        "reason": _TEXT,
    },
    ("op_id",),
    (("run", "place"), ("run", "contact"), ("run", "company"), ("run", "deal")),
)  # fmt: skip
DOCUMENT = Table("document", {"op_id": _ID, "name": _ID, "body": _ID}, ("op_id", "name"))
CLAIM = Table("claim", {"account": _ID, "lead": _ID, "op_id": _ID}, ("account", "lead"))
STEP = Table(
    "step",
    {
        "op_id": _ID, "number": _COUNT, "name": _ID, "state": _ID, "epoch": _COUNT, "digest": _ID, "sent_at": _TIME,
        "send_by": _TIME, "settle_at": _TIME, "tries": _COUNT, "result": _TEXT,
    },
    ("op_id", "number"),
)  # fmt: skip
LINK = Table(
    "link", {"kind": _ID, "source": _ID, "op_id": _ID, "target": _ID, "how": _ID}, ("kind", "source", "op_id"),
    (("kind", "target"),),
)  # fmt: skip
TABLES = (RUN, ITEM, DOCUMENT, CLAIM, STEP, LINK)
