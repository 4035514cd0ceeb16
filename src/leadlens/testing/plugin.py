"""Tests a mapping file with every law: ``pytest --leadlens-mapping mapping.toml``. Loaded by ``pytest_leadlens``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leadlens.customfields.cells import mapping_cells
from leadlens.customfields.checking import findings, unmade
from leadlens.customfields.mapping import AccountMapping
from leadlens.customfields.reading import read_mapping
from leadlens.customfields.rows import own_fields
from leadlens.errors import MappingError
from leadlens.matrix import VERDICTS
from leadlens.strategies import values
from leadlens.testing import laws
from leadlens.testing.evidence import BrokenError, Evidence
from leadlens.testing.mapped import no_silent_field, placed
from leadlens.testing.simplest import simplest
from leadlens.translation import ends_of

_PAIR, _LAWS, _LAW, _FIDELITY = "leadlens_pair", "leadlens_laws", "leadlens_law", "leadlens_fidelity"
_HEALTH = tuple(HealthCheck)
Trial = Callable[[Any], None]


class Mappings:
    """The hooks: collects the mapping files that are named, and tells how they fared."""

    def __init__(self, config: pytest.Config) -> None:
        self._files = {_place(config, name) for name in config.getoption("leadlens_mapping")}
        if missing := [str(file) for file in self._files if not file.is_file()]:
            raise pytest.UsageError(f"--leadlens-mapping: there is no file {', '.join(missing)}")
        if odd := [str(file) for file in self._files if "::" in str(file) or "[" in str(file)]:
            told = f"pytest takes what stands behind :: or [ for the name of a test; rename {', '.join(odd)}"
            raise pytest.UsageError(f"--leadlens-mapping: {told}")
        if config.getoption("leadlens_budget") < 1:
            raise pytest.UsageError("--leadlens-budget: give a number of records, 1 or more")
        config.args += [str(file) for file in sorted(self._files) if str(file) not in config.args]

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect a mapping file."""
        if file_path.resolve() not in self._files:
            return None
        found: pytest.Collector = MappingFile.from_parent(parent, path=file_path)
        return found

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Tell, for each pair of accounts, how much arrives and whether all laws hold."""
        reports = [r for name in ("passed", "failed") for r in terminalreporter.stats.get(name, ()) if r.when == "call"]
        facts = [(dict(report.user_properties), report.passed) for report in reports]
        pairs = dict.fromkeys(told[_PAIR] for told, _ in facts if _PAIR in told)
        if pairs:
            terminalreporter.section("leadlens")
        for pair in pairs:
            terminalreporter.line(fidelity_line(pair, [fact for fact in facts if fact[0].get(_PAIR) == pair]))


def _place(config: pytest.Config, name: str) -> Path:
    """Return where a file is: one that the configuration names is found from its own folder, wherever pytest runs."""
    configured = any(said in (name, f"--leadlens-mapping={name}") for said in config.getini("addopts"))
    return ((config.rootpath if configured else config.invocation_params.dir) / name).resolve()


def fidelity_line(pair: str, facts: list[tuple[dict[str, Any], bool]]) -> str:
    """Return what is to be known of a pair on one line: how much arrives, which laws were run, and how many hold."""
    if all(_LAW in told for told, _ in facts):
        fidelity = "its decisions were not run"
    else:
        fidelity = next((told[_FIDELITY] for told, _ in facts if _FIDELITY in told), "it could not be judged")
    held = [passed for told, passed in facts if _LAW in told]
    return f"{pair}: {fidelity}; {_laws_told(len(held), held.count(False), int(facts[0][0][_LAWS]))}"


def _laws_told(run: int, broken: int, there: int) -> str:
    """Return how many laws hold; of how many, where some were not run."""
    left = f"; {there - run} laws were not run" if run < there else ""
    if broken:
        return f"{broken} of {run} laws are broken{left}"
    return f"{run} laws hold{left}" if run or not there else "no law was run"


class MappingFile(pytest.File):
    """A mapping file: one test of its decisions, and for each kind of record one of every law."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the tests; only that of the decisions, where the file cannot be used."""
        problems: list[str] = []
        mapping: AccountMapping | None = None
        try:
            mapping = read_mapping(self.path)
            ends_of(mapping)
            problems = [*findings(mapping), *unmade(mapping)] or list(_undecided(mapping))
        except MappingError as error:
            problems = list(error.problems)
        tried = [] if mapping is None or problems else list(_trials(mapping))
        yield Decisions.from_parent(self, name="decisions", mapping=mapping, problems=problems, laws=len(tried))
        for name, facts in tried:
            yield Law.from_parent(self, name=name, mapping=mapping, laws=len(tried), **facts)


def _trials(mapping: AccountMapping) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of every law of each kind of record that the file maps, and how it is tried."""
    for kind, rules in mapping.kinds.items():
        if rules.fields:
            trials = {name: _law(mapping, kind, name) for name in laws.LAWS}
            trials["no silent loss of a field"] = _field(mapping, kind)
            for name, trial in trials.items():
                yield f"{kind}: {name}", {"kind": kind, "line": rules.line, "trial": trial}


def _undecided(mapping: AccountMapping) -> Iterator[str]:
    """Yield what a file without a single decision leaves open: to test nothing is not to pass."""
    if any(mapping.rules()) or any(rules.always for rules in mapping.kinds.values()):
        return
    way = f"leadlens fields draft {mapping.source.account} {mapping.target.account} asks for each"
    yield f"{mapping.file}:1: this file decides nothing of any field, option or choice; {way}"


def _law(mapping: AccountMapping, kind: str, name: str) -> Trial:
    """Return how one law of the mapping's rows is tried."""
    crosswalk = own_fields(mapping, kind).crosswalk
    return lambda draw: laws.demand(name, crosswalk, laws.drawn(crosswalk, draw))


def _field(mapping: AccountMapping, kind: str) -> Trial:
    """Return how the whole way of a record is tried, from the source's account to the target's and back."""
    strategy = values(own_fields(mapping, kind).crosswalk)

    def trial(draw: Any) -> None:
        said = draw(strategy)
        evidence = no_silent_field(mapping, kind, said)
        if not evidence.ok:
            raise BrokenError(evidence, lambda: _smallest(mapping, kind, said))

    return trial


def _smallest(mapping: AccountMapping, kind: str, said: Any) -> Evidence:
    least = simplest(said, lambda value: not no_silent_field(mapping, kind, value).ok)
    return no_silent_field(mapping, kind, least)


class _Item(pytest.Item):
    """A test of a mapping: its pair stands in the report."""

    def __init__(self, *, mapping: AccountMapping | None, laws: int, line: int = 1, **rest: Any) -> None:
        super().__init__(**rest)
        self.line = line
        if mapping is not None:
            root = self.config.rootpath
            shown = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
            pair = f"{mapping.source.vendor} → {mapping.target.vendor} ({shown.as_posix()})"
            self.user_properties += [(_PAIR, pair), (_LAWS, laws)]

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where it stands."""
        return self.path, self.line - 1, f"{self.path.name}: {self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what is wrong, without a traceback of ours."""
        if isinstance(excinfo.value, MappingError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class Decisions(_Item):
    """Every line of the file is decided, and fits both accounts."""

    def __init__(self, *, problems: list[str], mapping: AccountMapping | None, **rest: Any) -> None:
        super().__init__(mapping=mapping, **rest)
        self.problems = problems
        if mapping is not None and not problems:
            self.user_properties.append((_FIDELITY, fidelity(mapping)))

    def runtest(self) -> None:
        """Fail with every line that is wrong."""
        if self.problems:
            raise MappingError(self.problems)


def fidelity(mapping: AccountMapping) -> str:
    """Return how many fields and lists of choices of a mapping arrive how well."""
    counts = Counter(cell.verdict for cell in mapping_cells(mapping))
    said = [f"{counts[verdict]} {verdict}" for verdict in reversed(VERDICTS) if counts[verdict]]
    return f"{', '.join(said) or 'nothing'} of {counts.total()} lines"


class Law(_Item):
    """One law, tried with as many records as the budget says."""

    def __init__(self, *, mapping: AccountMapping, kind: str, trial: Trial, **rest: Any) -> None:
        super().__init__(mapping=mapping, **rest)
        self.mapping, self.kind, self.trial = mapping, kind, trial
        self.user_properties.append((_LAW, self.name))

    def runtest(self) -> None:
        """Look for a record that breaks the law."""
        budget = self.config.getoption("leadlens_budget")
        self.user_properties.append(("leadlens_budget", budget))
        tried = settings(
            max_examples=budget, deadline=None, database=None, suppress_health_check=_HEALTH, print_blob=False,
            phases=(Phase.generate, Phase.shrink),
        )  # fmt: skip
        tried(given(st.data())(lambda data: self.trial(data.draw)))()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the smallest record, both wires and the lines of the file."""
        if isinstance(excinfo.value, BrokenError):
            return str(placed(self.mapping, self.kind, excinfo.value.simplest))
        return super().repr_failure(excinfo, style)
