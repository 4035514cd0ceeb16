"""Pages of a list: 20 records unless asked for, at most 200, and only the first 100,000 can be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from leadlens.emulation.checking import Check, integer
from leadlens.emulation.messages import Reply
from leadlens.emulation.store import Record
from leadlens_copper.sandbox.dress import invalid
from leadlens_copper.sandbox.shapes import between

REACH: Final = 100_000
PAGES: Final[Mapping[str, Check]] = {"page_number": integer, "page_size": between(1, 200)}


def page(asked: Mapping[str, Any], found: Sequence[Record]) -> Reply:
    """Return one page, with the number of all that was found in ``X-PW-TOTAL`` [third-party]."""
    size, number = asked.get("page_size", 20), asked.get("page_number", 1)
    if number < 1:
        raise invalid("page_number is below 1")
    start = (number - 1) * size
    return Reply(200, list(found[start : min(start + size, REACH)]), {"X-PW-TOTAL": str(len(found))})
