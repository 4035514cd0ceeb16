"""What a migration costs beside the CRM's own time: ``python -m tests.bench.migrating [--write]``.

One run per target, on emulated accounts with the vendors' limits and a virtual clock, each call taking 50 ms. Processor
time is this process's, less what the emulated accounts themselves take; calls are those of their own log.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
from tests.migrate.accounts import migration

from leadlens import registry
from leadlens.access import Window
from leadlens.sandbox.transport import Transport

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "migrating.md"
START, END = "<!-- bench:start -->", "<!-- bench:end -->"
PAIRS = (("base", "copper"), ("base", "zoho"), ("zoho", "base"))
LATENCY = 0.05
LEAST = {"copper": 2.0, "zoho": 1.01, "base": 2.0}
"""The fewest writes that the documented endpoints allow for a lead and its native conversion.

Without completing what the conversion made. Zoho takes leads in hundreds, and nobody takes conversions in batches.
"""


@attrs.frozen(kw_only=True)
class Figures:
    """One migration: how many conversions, calls to the target by kind, seconds of processor, share of the rate."""

    source: str
    target: str
    conversions: int
    leads: int
    converts: int
    others: int
    reads: int
    processor: float
    share: float | None
    refused: int

    @property
    def line(self) -> str:
        """The line of the table."""
        each = [number / self.conversions for number in (self.leads, self.converts, self.others, self.reads)]
        told = "–" if self.share is None else f"{self.share:.1%}"
        per = self.processor / self.conversions * 1e3
        cells = [*(f"{number:.2f}" for number in each), f"{LEAST[self.target]:.2f}", f"{per:.0f} ms", told]
        return f"| {self.source} → {self.target} | {self.conversions} | {' | '.join(cells)} |"


def measured(source: str, target: str, conversions: int) -> Figures:
    """Migrate the conversions of an emulated account, and return what it took."""
    with (
        tempfile.TemporaryDirectory() as folder,
        migration(source, target, Path(folder), conversions=conversions, limits=True) as moved,
    ):
        clock: Any = moved.sandbox.clock
        clock.step, before = LATENCY, len(moved.sandbox.truth.entries(target))
        inside, start = _Inside(), time.process_time()
        with inside:
            done = moved.run()
        processor = time.process_time() - start - inside.seconds
        entries = moved.sandbox.truth.entries(target)[before:]
    writes = [entry.operation.partition(".")[2] for entry in entries if entry.changes]
    return Figures(
        source=source, target=target, conversions=done.done, processor=processor,
        leads=writes.count("create_lead"), converts=writes.count("convert_lead"),
        others=sum(name not in ("create_lead", "convert_lead") for name in writes),
        reads=len(entries) - len(writes), share=_share(target, [entry.at for entry in entries]),
        refused=sum(entry.status == 429 for entry in entries),
    )  # fmt: skip


def _share(target: str, times: Sequence[float]) -> float | None:
    """Return how much of what the CRM permits was used after the first window's calls; None where that never bound."""
    access = registry.get(target).access
    windows = () if access is None else access().windows
    bound = [window for window in windows if len(times) > 2 * window.calls]
    return min((_used(window, times) for window in bound), default=None)


def _used(window: Window, times: Sequence[float]) -> float:
    """Compare with the least time of the last whole window: within one, calls may come at once."""
    whole = len(times) // window.calls
    return (whole - 1) * window.seconds / (times[whole * window.calls - 1] - times[window.calls - 1])


class _Inside:
    """Counts the processor time that the emulated accounts take."""

    seconds = 0.0

    def __enter__(self) -> None:
        self._call = call = Transport._call

        def timed(transport: Transport, *arguments: Any) -> Any:
            start = time.process_time()
            try:
                return call(transport, *arguments)
            finally:
                self.seconds += time.process_time() - start

        Transport._call = timed  # type: ignore[method-assign,assignment]  # measured

    def __exit__(self, *_: object) -> None:
        Transport._call = self._call  # type: ignore[method-assign]  # as it was


def table(conversions: int) -> str:
    """Return the table as Markdown."""
    python = ".".join(map(str, sys.version_info[:3]))
    heads = ("leads", "converts", "other writes", "reads", "least", "processor", "of the rate")
    return "\n".join(
        [
            f"One run on Python {python}. Calls to the target and processor time are per conversion.",
            f"A call takes {LATENCY} s.",
            "",
            f"| | conversions | {' | '.join(heads)} |",
            "|---|" + "--:|" * (len(heads) + 1),
            *(measured(source, target, conversions).line for source, target in PAIRS),
        ]
    )


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversions", type=int, default=100)
    parser.add_argument("--write", action="store_true", help="put the table into docs/migrating.md")
    options = parser.parse_args()
    text = table(options.conversions)
    print(text)  # its output
    if options.write:
        before, start, rest = DOCUMENT.read_text("utf-8").partition(START)
        after = rest.partition(END)[2]
        DOCUMENT.write_text(f"{before}{start}\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
