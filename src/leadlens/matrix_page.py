"""The HTML page of ``leadlens matrix``: every row in one file that needs neither network nor server."""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlencode

import attrs

from leadlens.errors import UsageError

if TYPE_CHECKING:
    from jinja2 import Environment

Row: TypeAlias = Mapping[str, str]

_KEYS = ("source", "target", "kind", "field", "verdict", "reason")
_MEANINGS = {
    "exact": "arrives as it is",
    "normalised": "same meaning, other spelling",
    "follow-up": "takes an extra call after the conversion",
    "lossy": "part of it is lost",
    "none": "has no place there",
}
_SURVIVING = ("exact", "normalised", "follow-up")
_KINDS = (
    "lead",
    "contact",
    "company",
    "deal",
    "convert-request",
    "convert-reply",
    "upsert-request",
    "upsert-reply",
)
_CRMS = {"copper": "Copper", "zoho": "Zoho CRM", "base": "Base (Zendesk Sell)"}
_STEPS = (40, 55, 70, 85, 100)


@attrs.define(frozen=True)
class _Tally:
    """How many fields got which verdict."""

    counts: Counter[str]

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def surviving(self) -> int:
        return sum(self.counts[verdict] for verdict in _SURVIVING)

    @property
    def percent(self) -> int:
        """The share that survives, rounded down: 100 is said only where nothing is lost."""
        return 100 * self.surviving // self.total

    @property
    def level(self) -> int:
        """The colour step, 0 (worst) to 5 (everything survives)."""
        return bisect_right(_STEPS, self.percent)

    @property
    def summary(self) -> str:
        """The counts in words, worst first: ``3 none, 1 lossy, 20 exact``."""
        given = (f"{self.counts[verdict]} {verdict}" for verdict in reversed(_MEANINGS) if self.counts[verdict])
        return ", ".join(given)


def page(rows: Sequence[Row], *, version: str) -> str:
    """Return the matrix as one self-contained HTML page.

    Each row says ``source``, ``target``, ``kind``, ``field``, ``verdict`` and ``reason``; all of them are embedded as
    JSON, in the order given, in the element with the id ``rows``. The page runs no script and no style but its own.

    Raises :class:`~leadlens.errors.UsageError` without Jinja2, ``KeyError`` for a row that lacks one of the six, and
    ``ValueError`` for a verdict that there is not.
    """
    facts = [_checked(row) for row in rows]
    template = page_environment().get_template("matrix.html")
    return template.render(
        rows=facts,
        version=version,
        meanings=_MEANINGS,
        kinds=_kinds(facts),
        groups=_groups(facts),
        targets=_distinct(row["target"] for row in facts),
        tallies=_tallies(facts),
        overall=_overall(facts),
        scope=_scope(facts),
    )


def _checked(row: Row) -> dict[str, str]:
    fact = {key: row[key] for key in _KEYS}
    if fact["verdict"] not in _MEANINGS:
        raise ValueError(f"{fact['field']}: {fact['verdict']!r} is no verdict; there are {', '.join(_MEANINGS)}")
    return fact


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _kinds(rows: Sequence[Row]) -> list[str]:
    """List the kinds that occur: the known ones in their order, then any other."""
    present = _distinct(row["kind"] for row in rows)
    return [kind for kind in _KINDS if kind in present] + [kind for kind in present if kind not in _KINDS]


def _groups(rows: Sequence[Row]) -> dict[str, list[str]]:
    """List the targets of every source; the source itself, as a target, comes last."""
    groups: dict[str, list[str]] = {}
    for source, target in dict.fromkeys((row["source"], row["target"]) for row in rows):
        groups.setdefault(source, []).append(target)
    return {source: sorted(targets, key=lambda target: target == source) for source, targets in groups.items()}


def _tallies(rows: Sequence[Row]) -> dict[tuple[str, str, str], _Tally]:
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    for row in rows:
        counts.setdefault((row["source"], row["target"], row["kind"]), Counter())[row["verdict"]] += 1
    return {cell: _Tally(counter) for cell, counter in counts.items()}


def _overall(rows: Sequence[Row]) -> _Tally:
    """Count the moves to another CRM, or all of them where there is no such move."""
    moves = [row for row in rows if row["source"] != row["target"]] or rows
    return _Tally(Counter(row["verdict"] for row in moves))


def _scope(rows: Sequence[Row]) -> str:
    """Say in words which moves the overall count is about."""
    pairs = {(row["source"], row["target"]) for row in rows}
    if len(pairs) == 1:
        source, target = next(iter(pairs))
        return f"From {_crm_name(source)} to {_crm_name(target)}"
    crossing = any(source != target for source, target in pairs)
    return "From one CRM to another" if crossing else "Between accounts of the same CRM"


def _crm_name(name: str) -> str:
    """Return the name as people write it: ``zoho@v2`` is ``Zoho CRM v2``."""
    vendor, _, edition = name.partition("@")
    return f"{_CRMS.get(vendor, vendor.capitalize())} {edition}".rstrip()


def _kind_name(kind: str) -> str:
    return kind.replace("-", " ").capitalize()


def _fragment(**wanted: str) -> str:
    """Return the URL fragment that sets these filters, which is also the id of the summary's row."""
    return urlencode(wanted)


def _csp_hash(text: str) -> str:
    """Return the source expression that lets a page run exactly this inline text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def page_environment() -> Environment:
    """Return what renders leadlens' pages; raises :class:`~leadlens.errors.UsageError` without Jinja2."""
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise UsageError("an HTML page needs Jinja2: pip install 'leadlens[cli]'") from error
    environment = Environment(
        loader=PackageLoader("leadlens"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"crm": _crm_name, "kind": _kind_name, "csp_hash": _csp_hash}
    environment.globals["fragment"] = _fragment
    return environment
