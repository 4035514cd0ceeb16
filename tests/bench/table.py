"""Makes the README's table: every implementation, interleaved in one process, as multiples of the floor.

Usage: ``python -m tests.bench.table [--rounds N] [--write]``. A round runs every implementation in turn, so that
whatever else the machine does slows all of them; ratios are taken within a round, and the table shows their median.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import attrs
import orjson
from tests.bench.implementations import FLOOR, LEADLENS, Implementation, implementations
from tests.bench.jobs import JOB_NAMES, JOBS, JobName, Translate, fields, renewed

README = Path(__file__).resolve().parent.parent.parent / "README.md"
WARM = 10
"""Calls before each measurement, so that nobody pays for what the one before left in the caches."""
START, END = "<!-- bench:start -->", "<!-- bench:end -->"


@attrs.frozen
class Figures:
    """One implementation on one job: its processor time per call in seconds, by round, and as multiples of floor."""

    times: tuple[float, ...]
    ratios: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median multiple of the floor of the same round."""
        return statistics.median(self.ratios)

    @property
    def best(self) -> float:
        """The fastest round, in microseconds."""
        return min(self.times) * 1e6


def timed(translate: Translate, payload: bytes, calls: int) -> float:
    """Return the seconds of processor time that one call takes, over ``calls`` of them."""
    start = time.thread_time()
    for _ in range(calls):
        translate(payload)
    return (time.thread_time() - start) / calls


def measure(name: JobName, these: Sequence[Implementation], rounds: int, calls: int = 100) -> dict[str, Figures]:
    """Return the figures of every implementation on one job; the order rotates from round to round."""
    payload = JOBS[name].payload
    jobs = [(one.title, one.job(name)) for one in these]
    times: dict[str, list[float]] = {title: [] for title, _ in jobs}
    for _, translate in jobs:
        timed(translate, payload, 200)
    for turn in range(rounds):
        gc.collect()
        first = turn % len(jobs)
        for title, translate in jobs[first:] + jobs[:first]:
            timed(translate, payload, WARM)
            times[title].append(timed(translate, payload, calls))
    floor = times[FLOOR.title]
    return {
        title: Figures(tuple(taken), tuple(mine / least for mine, least in zip(taken, floor, strict=True)))
        for title, taken in times.items()
    }


def unremembered(name: JobName, rounds: int) -> float:
    """Return leadlens' median multiple of the floor where every payload has record ids and times of its own."""
    floor, leadlens, ratios = FLOOR.job(name), LEADLENS.job(name), []
    for turn in range(rounds):
        payloads = renewed(name, 200)
        first, second = (floor, leadlens) if turn % 2 else (leadlens, floor)
        taken = {work: _over(work, payloads) for work in (first, second)}
        ratios.append(taken[leadlens] / taken[floor])
    return statistics.median(ratios)


def _over(work: Translate, payloads: list[bytes]) -> float:
    start = time.thread_time()
    for payload in payloads:
        work(payload)
    return time.thread_time() - start


def table(rounds: int) -> str:
    """Return the table as Markdown."""
    these = implementations()
    found = {name: measure(name, these, rounds) for name in JOB_NAMES}
    heads = [f"{name} × floor | µs, best" for name in JOB_NAMES]
    lines = [
        f"| implementation | {' | '.join(heads)} | checks types | unknown keys | loss report | neutral model |",
        "|---|" + "--:|" * 2 * len(JOB_NAMES) + ":-:|" * 4,
    ]
    for one in these:
        cells = [cell for name in JOB_NAMES for cell in _cells(found[name][one.title])]
        lines.append(f"| {' | '.join([one.title, *cells, *map(_mark, _does(one))])} |")
    fresh = " and ".join(f"{unremembered(name, rounds):.2f}" for name in JOB_NAMES)
    told = (
        "The same payload is read again and again, so that what leadlens remembers (owners, options, definitions, a "
        f"few times) is always found. Where each payload has record ids and times of its own, it takes {fresh} × floor."
    )
    return "\n".join([_legend(rounds), "", *lines, "", told])


def _cells(figures: Figures) -> tuple[str, str]:
    return f"{figures.median:.2f}", f"{figures.best:.1f}"


def _does(one: Implementation) -> tuple[bool, ...]:
    return one.checks, one.unknown, one.losses, one.neutral


def _mark(done: bool) -> str:  # a cell of the table, not a switch
    return "✓" if done else "–"


def _legend(rounds: int) -> str:
    jobs = "; ".join(
        f"*{job.name}*: {job.title}, {fields(orjson.loads(job.payload))} fields, {len(job.payload)} bytes"
        for job in JOBS.values()
    )
    python = ".".join(map(str, sys.version_info[:3]))
    return f"Median of {rounds} interleaved rounds on Python {python}, one core, bytes in and bytes out. {jobs}."


def write(text: str, readme: Path = README) -> bool:
    """Put the table between its markers in the README; return False where there are none."""
    before, start, rest = readme.read_text("utf-8").partition(START) if readme.exists() else ("", "", "")
    _, end, after = rest.partition(END)
    if not (start and end):
        return False
    readme.write_text(f"{before}{start}\n{text}\n{end}{after}", "utf-8")
    return True


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--write", action="store_true", help="put the table into README.md, between its markers")
    options = parser.parse_args()
    text = table(options.rounds)
    print(text)  # its output
    if options.write and not write(text):
        print(f"README.md has no {START} … {END}; nothing written", file=sys.stderr)  # its output


if __name__ == "__main__":
    main()
