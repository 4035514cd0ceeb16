"""The matrix: per pair of CRMs, kind and neutral field, how much of it arrives. An interpreter of the crosswalks.

Every field that the source can fill is tried: the wire values that its row takes are read, written by the target's
crosswalk, and the losses that this reports decide. A field that the source cannot fill is not listed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import attrs

from leadlens._compile import encode
from leadlens._examples import Example, examples
from leadlens.crosswalk import Case, Crosswalk, Field, Row, Variant, row_neutral, row_wire
from leadlens.loss import Loss, covers
from leadlens.model import Ref

Verdict = Literal["exact", "normalised", "lossy", "follow-up", "none"]
VERDICTS: tuple[Verdict, ...] = ("none", "lossy", "follow-up", "normalised", "exact")
"""From the worst to the best."""

MAPPED = "arrives once it is mapped: ids and options belong to one account"


@attrs.frozen
class Cell:
    """One row of the matrix: what becomes of one neutral field, and why where it is not exact."""

    source: str
    target: str
    kind: str
    field: str
    verdict: Verdict
    reason: str

    def to_json(self) -> dict[str, str]:
        """Return it as plain JSON."""
        return {name: str(getattr(self, name)) for name in ("source", "target", "kind", "field", "verdict", "reason")}


def cells(source: str, target: str, kind: str, from_: Crosswalk, to: Crosswalk) -> Iterator[Cell]:
    """Yield a cell for every neutral field that the source can fill, unions once and then their members' fields."""
    later, by_path = _follow_ups(to), dict[str, list[Example]]()
    for found in examples(from_):
        by_path.setdefault(found.path, []).append(found)
    for path, every in by_path.items():
        verdict, reason = _judge(path, every, to, later)
        yield Cell(source, target, kind, path, verdict, reason)


def _judge(path: str, every: list[Example], to: Crosswalk, later: Mapping[str, str]) -> tuple[Verdict, str]:
    """Write the examples as the target does, and let what is reported decide.

    Members of a union may share a field's path; the field then has the examples of all of them.
    """
    outcomes = [_outcome(found, value, to) for found in every for value in found.values]
    worst = min(outcomes, key=lambda pair: VERDICTS.index(pair[0]))
    if worst[0] == "none" and any(verdict != "none" for verdict, _ in outcomes):
        return "lossy", worst[1]
    if worst[0] in ("exact", "normalised") and path in later:
        return "follow-up", later[path]
    if worst[0] in ("exact", "normalised") and any(found.mapped for found in every):
        return "normalised", MAPPED
    return worst


def _outcome(found: Example, value: Any, to: Crosswalk) -> tuple[Verdict, str]:
    path = found.path
    reported = encode(to, value, ids=_any_counterpart if found.mapped else None).losses
    losses = [loss for loss in reported if loss.kind == "differs" and _about(loss, found)]
    if not losses:
        return "exact", ""
    worst = next((loss for loss in losses if loss.level == "loss"), losses[0])
    if worst.level == "note":
        return "normalised", worst.detail
    gone = worst.reason in ("absent", "read_only") or (worst.reason == "unmapped_option" and covers(worst.path, path))
    return ("none" if gone and covers(worst.path, path) else "lossy"), worst.detail


def _any_counterpart(_: str, value: Any) -> Any:
    """Map every id and option, as a complete id map would."""
    if isinstance(value, str):
        return value
    return Ref(value.id or "7", value.name or "Ab C") if isinstance(value, Ref) else value


def _about(loss: Loss, found: Example) -> bool:
    if found.union:
        return covers(loss.path, found.path)
    return covers(found.path, loss.path) or covers(loss.path, found.path)


def _follow_ups(to: Crosswalk) -> dict[str, str]:
    """Return the fields that the target takes in another call than the main one, with that call's reason."""
    if not to.calls:
        return {}
    why = {call.name: call.why for call in to.calls if call.step in ("before", "after")}
    return dict(_later(to.rows, "", why))


def _later(rows: tuple[Row, ...], prefix: str, why: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for row in rows:
        for name in row_neutral(row):
            path = f"{prefix}{name}"
            if isinstance(row, Variant):
                yield from _later_cases(row.cases, path, why)
            elif isinstance(row, Field):
                calls = {key.split(".")[0] for key in row_wire(row)}
                yield from ((path, why[call]) for call in sorted(calls) if call in why)


def _later_cases(cases: tuple[Case, ...], path: str, why: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for arm in cases:
        yield from _later(arm.rows, f"{path}.", why)


def markdown(found: Iterable[Cell]) -> str:
    """Return the matrix as one Markdown table per pair and kind."""
    lines: list[str] = []
    for (source, target, kind), group in itertools.groupby(found, key=lambda c: (c.source, c.target, c.kind)):
        lines += [f"## {source} → {target}: {kind}", "", "| field | verdict | why |", "|---|---|---|"]
        lines += [f"| `{cell.field}` | {cell.verdict} | {cell.reason.replace('|', '&#124;')} |" for cell in group]
        lines.append("")
    return "\n".join(lines)


def summary(found: Iterable[Cell]) -> dict[tuple[str, str, str], dict[Verdict, int]]:
    """Return how many fields have which verdict, per source, target and kind."""
    counts: dict[tuple[str, str, str], dict[Verdict, int]] = {}
    for cell in found:
        row = counts.setdefault((cell.source, cell.target, cell.kind), dict.fromkeys(VERDICTS, 0))
        row[cell.verdict] += 1
    return counts
