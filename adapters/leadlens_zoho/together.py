"""Writes that Zoho takes by the hundred, each for itself, in the order in which they were given.

Sources: zoho.com/crm/developer/docs/api/{v2 … v8}/insert-records.html, update-records.html, upsert-records.html; for
notes zoho/crm-oas, the vendor's own description of v8 (third-party).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import attrs

from leadlens.decoding import dumps
from leadlens.errors import OutcomeUnknownError, VendorError
from leadlens.flow import Call, Reply
from leadlens.together import Together
from leadlens_zoho.errors import classify_item

MOST: Final = 100
_CREATES: Final = re.compile(r"/crm/v[\d.]+/(?:(?:Leads|Contacts|Accounts|Deals)(?:/upsert)?|Notes)")
_UPDATES: Final = re.compile(r"(/crm/v[\d.]+/(?:Leads|Contacts|Accounts|Deals))/(\d+)")


def key(call: Call) -> str | None:
    """Return the address and all of a body but its one record; None for what is not a write of one record."""
    updates = _UPDATES.fullmatch(call.path) if call.method == "PUT" else None
    creates = _CREATES.fullmatch(call.path) if call.method == "POST" else None
    data = call.body.get("data") if isinstance(call.body, dict) else None
    if (updates is None and creates is None) or not isinstance(data, list) or len(data) != 1:
        return None
    rest = {name: value for name, value in call.body.items() if name != "data"}
    return f"{call.method} {call.path if updates is None else updates[1]} {dumps(rest).decode()}"


def join(calls: Sequence[Call]) -> Call:
    """Return the one call of several that have the same key; a record that is updated names its id."""
    first, records = calls[0], [call.body["data"][0] for call in calls]
    path = first.path
    if first.method == "PUT":
        there = [_UPDATES.fullmatch(call.path) for call in calls]
        records = [{**record, "id": found[2]} for record, found in zip(records, there, strict=True) if found]
        path = there[0][1] if there[0] else path
    return attrs.evolve(first, path=path, body={**first.body, "data": records})


def split(reply: Reply, number: int) -> list[Reply | VendorError]:
    """Return what a reply says of each record; raises :class:`OutcomeUnknownError` where it does not say it of all."""
    data = reply.body.get("data") if isinstance(reply.body, dict) else None
    if not isinstance(data, list) or len(data) != number:
        raise OutcomeUnknownError("zoho", status=reply.status, code="incomplete", request_id=reply.request_id)
    found: list[Reply | VendorError] = []
    for at, item in enumerate(data):
        error = classify_item(item, at, reply.status)
        found.append(attrs.evolve(reply, body={"data": [item]}) if error is None else error)
    return found


TOGETHER: Final = Together(most=MOST, key=key, join=join, split=split)
