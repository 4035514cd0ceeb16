"""Plants faults in a copy of a good adapter, and shows that the conformance suite names the cause of each.

``python -m tests.conformance_faults`` judges all of ``tests/conformance_faults.toml`` and prints a line for each;
``--only NAME`` judges one, ``--list`` tells them. Each table replaces ``old``, which stands once in ``file``, by
``new``. ``only`` is the part of the suite that concerns it (pytest's ``-k``), and ``says`` what its message must say,
as a regular expression: a fault that is caught for another reason counts for nothing.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests import planted

SUITE = ("tests/adapters/test_conformance.py",)


class Cause(NamedTuple):
    """A fault, and what the suite must say of it."""

    fault: planted.Fault
    says: str


def causes() -> list[Cause]:
    """Return the table."""
    text = Path(planted.ROOT / "tests/conformance_faults.toml").read_text(encoding="utf-8")
    return [_cause(name, dict(facts)) for name, facts in tomllib.loads(text).items()]


def _cause(name: str, facts: dict[str, str]) -> Cause:
    says = facts.pop("says")
    return Cause(planted.Fault(name, **facts), says)  # type: ignore[arg-type]  # texts all


def judge(cause: Cause) -> planted.Verdict:
    """Plant one fault, run what of the suite concerns it, and see what that says."""
    try:
        report = report_with(cause.fault)
    except subprocess.TimeoutExpired:
        return planted.Verdict(cause.fault, caught=False, by=f"the suite was not done after {planted.SECONDS} seconds")
    said = report.get("told", "")
    shown = [line for line in said.splitlines() if not line.startswith((">", "    "))]  # not the suite's own source
    lines = [line.removeprefix("E").strip() for line in shown if re.search(cause.says, line)]
    if "failed" not in report:
        return planted.Verdict(
            cause.fault, caught=False, by=str({key: text[-300:] for key, text in report.items()} or "no test failed")
        )
    if not lines:
        return planted.Verdict(cause.fault, caught=False, by=f"another reason: {said[-600:]}")
    return planted.Verdict(cause.fault, caught=True, by=lines[0][:160])


def report_with(fault: planted.Fault | None, tests: str = "") -> dict[str, str]:
    """Return the report of the suite in a copy with this fault in it, or with none."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copy = Path(folder).resolve()
        planted.copy_to(copy)
        if fault is not None:
            planted.plant(fault, copy)
        return planted.run(tests or (fault.only if fault is not None else ""), copy, SUITE)


def main() -> int:
    """Judge every fault, print a line for each, and return 1 if any survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance_faults", description="Prove the suite.")
    parser.add_argument("--only", metavar="NAME", help="plant this one alone")
    parser.add_argument("--list", action="store_true", help="tell the faults, and plant none")
    options = parser.parse_args()
    chosen = [cause for cause in causes() if options.only in {None, cause.fault.name}]
    if old := [text for cause in chosen if (text := planted.obsolete(cause.fault))]:
        sys.exit("\n".join(old))
    if options.list or not chosen:
        print(*(f"{cause.fault.name:34}  {cause.fault.told}" for cause in chosen or causes()), sep="\n")
        return 0 if options.list else 2
    return tell(chosen)


def tell(chosen: list[Cause]) -> int:
    """Judge faults side by side, and print what became of each in order."""
    caught = 0
    with ThreadPoolExecutor(planted.AT_A_TIME) as pool:
        for found in pool.map(judge, chosen):
            print(found, flush=True)
            caught += found.caught
    print(f"{caught} of {len(chosen)} caught, each by a message that names its cause")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
