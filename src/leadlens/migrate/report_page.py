"""The HTML page of a migration's report: one file that needs neither network nor server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from leadlens.errors import UsageError

if TYPE_CHECKING:
    from jinja2 import Environment

_STATES = {
    "verified": "moved and verified",
    "review": "waiting for a decision",
    "rejected": "refused by the target",
    "skipped": "left out on purpose",
}


def page(report: Mapping[str, Any]) -> str:
    """Return a report as one self-contained HTML page, which runs no script and loads nothing.

    Raises :class:`UsageError` without Jinja2.
    """
    totals = report["totals"]
    states = {name: totals.get(name, 0) for name in _STATES}
    under_way = totals["moved"] - sum(states.values())
    lost = [loss for loss in report["losses"] if loss["level"] == "loss"]
    notes = [loss for loss in report["losses"] if loss["level"] == "note"]
    most = max((minute["writes"] for minute in report["timeline"]), default=1)
    return _environment().get_template("migration.html").render(
        report=report, states=states, meanings=_STATES, under_way=under_way, lost=lost, notes=notes, most=most
    )  # fmt: skip


def _when(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def _crm(label: str) -> str:
    return label.partition(" at ")[0]


def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise UsageError("the page needs Jinja2: pip install 'leadlens[cli]'") from error
    loader = PackageLoader("leadlens")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"when": _when, "crm": _crm}
    return environment
