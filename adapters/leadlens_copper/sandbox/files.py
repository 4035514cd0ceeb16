"""Files of records, as far as they can be listed; they are put in from Python.

Source: file-upload/list-attached-files-of-an-entity-record.html. What becomes of the files of a lead that is converted
is not recorded [?]: here they stay with the lead, which is gone.
"""

from __future__ import annotations

from functools import partial

from leadlens.emulation.clock import unix
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.asking import knows
from leadlens_copper.sandbox.crud import there
from leadlens_copper.sandbox.fields import PLURALS
from leadlens_copper.sandbox.records import ID, PREFIX


def put(world: World, kind: str, number: int, name: str, size: int) -> Record:
    """Keep a file of a record; ``_parent`` is what no reply shows."""
    now = unix(world.now)
    record: Record = {
        "id": world.store.next_id("file"), "is_deleted": False, "file_name": name, "file_size": size,
        "content_type": "binary/octet-stream", "creator_id": 137658, "date_created": now, "date_modified": None,
        "_parent": f"{kind} {number}",
    }  # fmt: skip
    world.store.create("file", record["id"], record)
    return record


def list_(world: World, request: Request, kind: str) -> Reply:
    """``GET /leads/{id}/files`` and the like."""
    record = there(world, kind, request)
    found = world.store.find("file", "parent", f"{kind} {record['id']}")
    shown = [{key: value for key, value in file.items() if not key.startswith("_")} for _, file in found]
    return Reply(200, shown)


ROUTES = tuple(
    Route("GET", f"{PREFIX}/{plural}/{ID}/files", f"list_{kind}_files", knows(partial(list_, kind=kind)), search=True)
    for kind, plural in PLURALS.items()
    if kind != "task"
)
