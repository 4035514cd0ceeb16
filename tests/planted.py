"""Plants faults in the mappings, one at a time, and shows that the suite catches each.

``python -m tests.planted [--only NAME] [--list]``. The faults are data: ``tests/planted.toml`` holds for each its name,
a a file, the text that stands there and the text that replaces it, and a sentence for people. ``declared`` marks those
that are refused when the crosswalk is declared; ``only`` narrows the tests (pytest's ``-k``), by default to the CRM;
``within`` names the tests that concern it, in place of all.

Each fault gets a copy of the project in a temporary folder, and a process of its own there (tests/planted_copy.py)
that proves that it imports the copy. A fault is caught if a test fails; that something cannot be imported counts for
nothing. First of all the tests must pass in a copy without any fault.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("src", "adapters", "specs", "tests", "pyproject.toml")
STAGES = (
    ("tests/adapters",),
    ("tests/test_totality.py", "tests/test_lint.py", "tests/test_contract_laws.py", "tests/test_laws.py"),
    ("tests/test_translation.py", "tests/test_translation_input.py", "tests/test_translation_policy.py"),
    ("tests/test_judges.py",),
    ("tests/customfields", "tests/tenant"),
)
"""The suite in parts, the quickest first: what one part catches need not be shown to the next."""
AT_A_TIME = 2
SECONDS = 300


class Fault(NamedTuple):
    """One substitution in one file, and what it does, in a sentence."""

    name: str
    file: str
    old: str
    new: str
    told: str
    only: str = ""
    declared: bool = False
    within: str = ""

    @property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The parts of the suite that concern it."""
        return (tuple(self.within.split()),) if self.within else STAGES

    @property
    def tests(self) -> str:
        """What of the suite concerns it: the tests of the CRM, unless the fault says which.

        Those that try any error whatever are slow, and see faults in errors.py alone.
        """
        vendor = next((name for name in ("copper", "zoho", "base") if f"_{name}/" in self.file), "")
        chosen = self.only or vendor
        spared = "" if self.file.endswith("errors.py") else "not judged"
        return " and ".join(f"({part})" for part in (chosen, spared) if part)


class Verdict(NamedTuple):
    """What became of a fault: whether it was caught, and by what."""

    fault: Fault
    caught: bool
    by: str

    def __str__(self) -> str:
        """Say it on one line."""
        return f"{'caught  ' if self.caught else 'SURVIVED'}  {self.fault.name:44}  {self.by}"


def faults() -> list[Fault]:
    """Return the table."""
    table = tomllib.loads((ROOT / "tests/planted.toml").read_text(encoding="utf-8"))
    return [Fault(name, **facts) for name, facts in table.items()]


def obsolete(fault: Fault) -> str | None:
    """Return why a fault cannot be planted: its text must stand in the file exactly once, and change."""
    times = (ROOT / fault.file).read_text(encoding="utf-8").count(fault.old)
    if times != 1:
        return f"{fault.name}: its text stands in {fault.file} {times} times, not once"
    return f"{fault.name}: nothing changes" if fault.old == fault.new else None


def copy_to(copy: Path) -> None:
    """Copy what the tests need of the project."""
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, copy / part)


def plant(fault: Fault, copy: Path) -> None:
    """Make the one substitution in a copy of the project."""
    place = copy / fault.file
    place.write_text(place.read_text(encoding="utf-8").replace(fault.old, fault.new), encoding="utf-8")


def environment(copy: Path) -> dict[str, str]:
    """Return the environment of a process that sees the copy before anything that is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    path = os.pathsep.join(map(str, (copy / "src", copy / "adapters", copy)))
    return kept | {"LEADLENS_PROFILE": "quick", "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def judge(fault: Fault) -> Verdict:
    """Plant one fault, run what concerns it until something catches it, and say what."""
    return verdict(fault, found_with(fault, fault.tests))


def found_with(fault: Fault | None, tests: str) -> dict[str, str]:
    """Return the first report that has something to tell, of a copy with this fault in it or with none."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copy = Path(folder).resolve()
        copy_to(copy)
        if fault is not None:
            plant(fault, copy)
        stages = STAGES if fault is None else fault.stages
        return next(filter(None, (run(tests, copy, stage) for stage in stages)), {})


def run(tests: str, copy: Path, stage: tuple[str, ...]) -> dict[str, str]:
    """Run one part of the suite in the copy, in a process of its own; return its report."""
    command = [sys.executable, "-m", "tests.planted_copy", *stage, "-k", tests]
    ran = subprocess.run(
        command, cwd=copy, env=environment(copy), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if ran.returncode:
        return {"broken": ran.stderr[-500:]}
    report: dict[str, str] = json.loads((copy / "report.json").read_text(encoding="utf-8"))
    return report


def verdict(fault: Fault, report: dict[str, str]) -> Verdict:
    """Read a report: what was refused, what is broken, or which test failed."""
    if "broken" in report:
        return Verdict(fault, caught=False, by=f"it cannot be imported or collected: {report['broken']}")
    if fault.declared:
        return Verdict(fault, "refused" in report, f"refused at declaration: {report.get('refused', 'no')}")
    if "refused" in report:
        return Verdict(fault, caught=False, by=f"refused at declaration, and not marked so: {report['refused']}")
    return Verdict(fault, "failed" in report, report.get("failed", "no test failed"))


def main() -> int:
    """Judge every fault, print a line for each, and return 1 if any survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description="Plant faults; see what catches them.")
    parser.add_argument("--only", metavar="NAME", help="plant this one alone")
    parser.add_argument("--list", action="store_true", help="tell the faults, and plant none")
    options = parser.parse_args()
    chosen = [fault for fault in faults() if options.only in {None, fault.name}]
    if not chosen:
        parser.error(f"there is no fault {options.only!r}")
    if old := [text for fault in chosen if (text := obsolete(fault))]:
        sys.exit("\n".join(old))
    if options.list:
        print(*(f"{fault.name:44}  {fault.told}" for fault in chosen), sep="\n")
        return 0
    return tell(chosen)


def tell(chosen: list[Fault]) -> int:
    """Judge faults side by side, after the tests have passed without any, and print what became of each in order."""
    if wrong := found_with(None, chosen[0].tests if len(chosen) == 1 else ""):
        sys.exit(f"without any fault the tests should pass: {wrong}")
    caught = 0
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for found in pool.map(judge, chosen):
            print(found, flush=True)
            caught += found.caught
    print(f"{caught} of {len(chosen)} caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
