"""What a migration costs beside the CRM's own time: ``python -m tests.bench.migrating [--write]``.

One run per target, on emulated accounts with the vendors' limits and a virtual clock, each call taking 50 ms. Processor
time is this process's, less what the emulated accounts themselves take; calls are those of their own log.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections import Counter
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
TOGETHER = {"copper": 1, "zoho": 100, "base": 1}
"""How many records of one kind the documented endpoints write in one call; nobody takes conversions in batches."""
PAGE = 100
"""How many records are read back in one call at the most, by their ids."""
RECORDS = ("lead", "contact", "person", "company", "account", "deal", "opportunity")
NOTES = ("note", "activity")
"""How the emulated accounts call what is read back."""
TIMES = ("Modified_Time", "Modified_By", "date_modified", "updated_at", "last_activity_date")


@attrs.frozen(kw_only=True)
class Figures:
    """One migration: how many conversions, calls by kind, the fewest, seconds of processor, share of the rate.

    ``source_reads`` are the calls to the source while the plan was carried out.
    """

    source: str
    target: str
    conversions: int
    leads: int
    converts: int
    others: int
    reads: int
    least: float
    source_reads: int
    processor: float
    share: float | None
    refused: int

    @property
    def calls(self) -> int:
        """How many calls there were to the target."""
        return self.leads + self.converts + self.others + self.reads

    @property
    def line(self) -> str:
        """The line of the table."""
        counted = (self.leads, self.converts, self.others, self.reads, self.calls, self.least, self.source_reads)
        told = "–" if self.share is None else f"{self.share:.1%}"
        per = self.processor / self.conversions * 1e3
        cells = [*(f"{number / self.conversions:.2f}" for number in counted), f"{per:.1f} ms", told]
        return f"| {self.source} → {self.target} | {self.conversions} | {' | '.join(cells)} |"


def measured(source: str, target: str, conversions: int) -> Figures:
    """Migrate the conversions of an emulated account, and return what it took."""
    with (
        tempfile.TemporaryDirectory() as folder,
        migration(source, target, Path(folder), conversions=conversions, limits=True) as moved,
    ):
        clock: Any = moved.sandbox.clock
        clock.step, truth = LATENCY, moved.sandbox.truth
        before, there = len(truth.entries(target)), len(truth.entries(source))
        inside, start = _Inside(), time.process_time()
        with inside:
            done = moved.run()
        processor = time.process_time() - start - inside.seconds
        every, asked = truth.entries(target), len(truth.entries(source)) - there
    entries = every[before:]
    writes = [entry.operation.partition(".")[2] for entry in entries if entry.changes]
    return Figures(
        source=source, target=target, conversions=done.done, processor=processor,
        leads=writes.count("create_lead"), converts=writes.count("convert_lead"),
        others=sum(name not in ("create_lead", "convert_lead") for name in writes),
        reads=len(entries) - len(writes), least=_least(target, every, before), source_reads=asked,
        share=_share(target, [entry.at for entry in entries]),
        refused=sum(entry.status == 429 for entry in entries),
    )  # fmt: skip


def _least(target: str, entries: Sequence[Any], before: int) -> float:
    """Return the fewest calls in which the target could have become what it is, and have been read back once.

    By its own log: each convert is a call; of other records that were made, or that were changed in more than their
    times, as many go in one call as it takes. Read back are all records that were made, by the hundred, and notes by
    the record that they are on.
    """
    known: dict[tuple[str, int], Any] = {}
    written: Counter[str] = Counter()
    made: Counter[str] = Counter()
    with_notes: set[str] = set()
    converts = 0
    for place, entry in enumerate(entries):
        converting = entry.operation.endswith(".convert_lead")
        noun = entry.operation.partition("_")[2]
        converts += place >= before and converting and bool(entry.changes)
        for change in entry.changes or ():
            key, plain = (change.kind, change.id), _without_times(change.record)
            kind = change.kind.lower()
            if place >= before and not converting and kind[:4] == noun[:4] and known.get(key) != plain:
                written[entry.operation] += 1
            if place >= before and change.what == "created":
                made[kind] += kind.startswith(RECORDS)
                if kind.startswith(NOTES):
                    with_notes.add(str(change.record.get("parent") or change.record.get("resource_id")))
            known[key] = plain
    calls = sum(math.ceil(number / TOGETHER[target]) for number in written.values())
    return converts + calls + sum(math.ceil(number / PAGE) for number in made.values()) + len(with_notes)


def _without_times(record: Any) -> Any:
    return {name: value for name, value in (record or {}).items() if name not in TIMES}


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
    heads = (
        "leads", "converts", "other writes", "reads", "all calls", "least", "source", "processor", "of the rate",
    )  # fmt: skip
    return "\n".join(
        [
            f"One run on Python {python}, a call taking {LATENCY} s. Calls and processor time are per conversion.",
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
