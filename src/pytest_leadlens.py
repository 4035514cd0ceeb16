"""The door of leadlens' plug-in for pytest: options and fixtures; what they need is loaded when they are used.

It stands outside the package, so that a run of somebody else's tests imports nothing of leadlens.
"""

from __future__ import annotations

import functools
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


@pytest.fixture
def leadlens_sandbox() -> Iterator[Callable[[str], Sandbox]]:
    """Give ``leadlens_sandbox("acme")``: the test's own emulated account of any installed CRM that has one.

    It has demo data, is in this process, and needs no network; asked for again, it is the same one.
    """
    from leadlens import Sandbox

    with ExitStack() as opened:
        yield functools.cache(lambda vendor: opened.enter_context(Sandbox(seed=7, vendors=[vendor])))


@pytest.fixture
def copper_sandbox(leadlens_sandbox: Callable[[str], Sandbox]) -> Sandbox:
    """Give an emulated Copper account with demo data, in this process, with no network."""
    return leadlens_sandbox("copper")


@pytest.fixture
def zoho_sandbox(leadlens_sandbox: Callable[[str], Sandbox]) -> Sandbox:
    """Give an emulated Zoho CRM account with demo data, in this process, with no network."""
    return leadlens_sandbox("zoho")


@pytest.fixture
def base_sandbox(leadlens_sandbox: Callable[[str], Sandbox]) -> Sandbox:
    """Give an emulated Base account with demo data, in this process, with no network."""
    return leadlens_sandbox("base")


@pytest.fixture
def leadlens_client(
    request: pytest.FixtureRequest, leadlens_sandbox: Callable[[str], Sandbox]
) -> Iterator[Callable[..., Client]]:
    """Give ``leadlens_client("zoho")``: a client of the test's own emulated account, or of the ``sandbox`` given.

    The account is the fixture ``zoho_sandbox`` where there is one of that name, yours before ours; else it is
    ``leadlens_sandbox("zoho")``. It works so with every installed CRM that has a sandbox.
    """
    from leadlens import connect

    def own(vendor: str) -> Sandbox:
        try:
            found: Sandbox = request.getfixturevalue(f"{vendor}_sandbox")
        except pytest.FixtureLookupError as error:
            if error.argname != f"{vendor}_sandbox":
                raise
            return leadlens_sandbox(vendor)
        return found

    with ExitStack() as opened:

        def client(name: str, *, sandbox: Sandbox | None = None, **options: Any) -> Client:
            return opened.enter_context(connect(name, sandbox=sandbox or own(name.partition("@")[0]), **options))

        yield client
