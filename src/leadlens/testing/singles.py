"""Each plain attribute of a record alone, with one value that shows most mistakes: what chance may leave out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from leadlens.crosswalk import Crosswalk, members

_VALUES: Final[Mapping[type, Any]] = {
    str: "Zoë Müller",
    int: 42,
    bool: True,
    Decimal: Decimal("19.99"),
    dt.date: dt.date(2026, 1, 31),
    dt.datetime: dt.datetime(2026, 1, 31, 9, 30, 15, tzinfo=dt.UTC),
}
"""No value is the same in capitals, rounded, or at the beginning of its month or minute."""


def singles(crosswalk: Crosswalk) -> Iterator[Any]:
    """Yield an object for each attribute that takes a plain value, which is all that it says."""
    for attribute in attrs.fields(crosswalk.model):
        kinds = members(crosswalk.model, attribute.name)
        yield from (crosswalk.model(**{attribute.name: _VALUES[kind]}) for kind in kinds[:1] if kind in _VALUES)
