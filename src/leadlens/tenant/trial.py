"""Translates real records of the source as a mapping says, and counts what would be lost. Nothing is sent."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator

import attrs

from leadlens import registry
from leadlens._compile import encode
from leadlens.client import Client
from leadlens.customfields.carrying import beyond, carry
from leadlens.customfields.mapping import RECORD_KINDS, AccountMapping
from leadlens.customfields.values import codec_of
from leadlens.ids import carrier
from leadlens.loss import Loss
from leadlens.model import JSON


@attrs.frozen
class Line:
    """One thing that is lost: in how many records, at which field, and what happens."""

    count: int
    level: str
    field: str
    reason: str
    detail: str


@attrs.frozen
class Trial:
    """What became of the records of one kind: how many, how many of them whole, and each loss with its count."""

    kind: str
    records: int
    whole: int
    lines: tuple[Line, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return it as plain JSON."""
        return attrs.asdict(self)


def tried(mapping: AccountMapping, source: Client, wanted: int) -> Iterator[Trial]:
    """Yield what would become of up to ``wanted`` records of each kind; ids of records count for nothing."""
    origin, goal = source.adapter, registry.get(mapping.target.vendor)
    ids = beyond(mapping, carrier("keep"))
    for kind in RECORD_KINDS:
        counts: Counter[tuple[str, str, str, str]] = Counter()
        records = whole = 0
        for record in itertools.islice(source.iter_records(kind), wanted):
            there = carry(mapping, record, codec_of(origin), codec_of(goal))
            losses = (*there.losses, *there.located(encode(goal.crosswalk(kind), there.value, ids=ids).losses))
            told = {_line(loss) for loss in losses if loss.reason != "read_only"}
            counts.update(told)
            records, whole = records + 1, whole + (not any(level == "loss" for level, *_ in told))
        yield Trial(kind, records, whole, tuple(Line(count, *key) for key, count in counts.most_common()))


def _line(loss: Loss) -> tuple[str, str, str, str]:
    """Return what tells a loss from others, whatever the record: paths without places in lists."""
    return loss.level, re.sub(r"\[[0-9]+\]", "[]", loss.path), loss.reason, loss.detail
