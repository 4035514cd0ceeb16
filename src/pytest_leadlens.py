"""The door of leadlens' plug-in for pytest: options and fixtures; what they need is loaded when they are used.

It stands outside the package, so that a run of somebody else's tests imports nothing of leadlens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from leadlens import Client, Sandbox


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("leadlens", "leadlens: tests of mapping files")
    told = "test this mapping file (TOML) with every law, beside what else is tested; may be given several times"
    group.addoption("--leadlens-mapping", metavar="FILE", action="append", default=[], help=told)
    told = "how many records each law is tried with (100)"
    group.addoption("--leadlens-budget", metavar="N", type=int, default=100, help=told)


def pytest_configure(config: pytest.Config) -> None:
    """Load what tests mapping files, if there is one to test."""
    if config.getoption("leadlens_mapping"):
        try:
            from leadlens.testing.plugin import Mappings
        except ModuleNotFoundError as error:
            told = f"--leadlens-mapping needs {error.name}: pip install 'leadlens[cli,tenant,testing]'"
            raise pytest.UsageError(told) from None

        config.pluginmanager.register(Mappings(config), "leadlens-mappings")


def _sandbox(vendor: str) -> Iterator[Sandbox]:
    from leadlens import Sandbox

    with Sandbox(seed=7, vendors=[vendor]) as sandbox:
        yield sandbox


@pytest.fixture
def copper_sandbox() -> Iterator[Sandbox]:
    """Give an emulated Copper account with demo data, in this process, with no network."""
    yield from _sandbox("copper")


@pytest.fixture
def zoho_sandbox() -> Iterator[Sandbox]:
    """Give an emulated Zoho CRM account with demo data, in this process, with no network."""
    yield from _sandbox("zoho")


@pytest.fixture
def base_sandbox() -> Iterator[Sandbox]:
    """Give an emulated Base account with demo data, in this process, with no network."""
    yield from _sandbox("base")


@pytest.fixture
def leadlens_client(request: pytest.FixtureRequest) -> Iterator[Callable[..., Client]]:
    """Give ``leadlens_client("zoho")``: a client of the test's own ``zoho_sandbox``, or of the ``sandbox`` given."""
    from leadlens import connect

    with ExitStack() as opened:

        def client(name: str, *, sandbox: Sandbox | None = None, **options: Any) -> Client:
            there = sandbox or request.getfixturevalue(f"{name.partition('@')[0]}_sandbox")
            return opened.enter_context(connect(name, sandbox=there, **options))

        yield client
