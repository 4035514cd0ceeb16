"""Runs tests in a copy of the project with a fault in it, and writes what happened to ``report.json`` there.

The report has one key: ``broken`` (something cannot be imported or collected), ``refused`` (a crosswalk is not
declared), ``failed`` (the first test that fails), or none, if every test passes; ``told`` is what a failed test says.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGES = ("leadlens_copper", "leadlens_zoho", "leadlens_base")
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0")
NOT_A_FINDING = ("NameError", "ImportError", "ModuleNotFoundError", "SyntaxError")
"""A fault that fails for one of these reasons is written wrongly; the suite has found nothing."""


class Watcher:
    """A plug-in that keeps the first failure, and lets Hypothesis stop at it instead of looking for a simpler one."""

    def __init__(self) -> None:
        self.report: dict[str, str] = {}

    def pytest_configure(self) -> None:
        """Go on from the profile that the conftest has chosen; pytest wants to see Hypothesis first."""
        from hypothesis import Phase, settings

        settings.register_profile("planted", settings(), phases=(Phase.explicit, Phase.generate))
        settings.load_profile("planted")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what cannot be collected."""
        if report.failed:
            self.report.setdefault("broken", f"{report.nodeid}: {report.longreprtext[-300:]}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what fails; a fixture's failure is no test's."""
        if report.failed and not self.report:
            wrong = [name for name in NOT_A_FINDING if name in report.longreprtext]
            found = report.when == "call" and not wrong
            self.report["failed" if found else "broken"] = report.nodeid if found else f"{report.nodeid}: {wrong}"
            self.report["told"] = report.longreprtext


def modules() -> list[ModuleType]:
    """Import every module of the adapters, and with them those of leadlens that they need."""
    for package in PACKAGES:
        path = importlib.import_module(package).__path__
        for found in pkgutil.iter_modules(path):
            importlib.import_module(f"{package}.{found.name}")
    return [module for name, module in sys.modules.items() if name.partition(".")[0] in ("leadlens", *PACKAGES)]


def prove(imported: list[ModuleType], copy: Path) -> None:
    """Raise ImportError unless every module is the copy's own: no installed one may win."""
    elsewhere = [name for module in imported if not Path(name := str(module.__file__)).is_relative_to(copy)]
    if elsewhere or not imported:
        raise ImportError(f"not of the copy: {', '.join(elsewhere)}")


def declare() -> None:
    """Declare every crosswalk of every adapter, in every variant."""
    for package in PACKAGES:
        adapter = sys.modules[package].ADAPTER
        for one in (adapter, *(adapter.at(name) for name in adapter.variants)):
            for kind in one.crosswalks:
                one.crosswalk(kind)


def run(arguments: list[str]) -> dict[str, str]:
    """Prove, declare, and run the tests; return the report."""
    copy = Path.cwd().resolve()
    try:
        prove(modules(), copy)
        declare()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told
        refused = type(error).__name__ == "DeclarationError"
        return {"refused" if refused else "broken": f"{type(error).__name__}: {error}"}
    watcher = Watcher()
    code = pytest.main([*OPTIONS, *arguments], plugins=[watcher])
    prove(modules(), copy)
    if not watcher.report and code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return {"broken": f"pytest ended with {code}"}
    return watcher.report


if __name__ == "__main__":
    found = run(sys.argv[1:])
    Path("report.json").write_text(json.dumps(found), encoding="utf-8")
