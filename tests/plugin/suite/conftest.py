"""The distribution as its users have it: built, and unpacked where Python finds it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.wheels import unpacked

HERE = Path(__file__).parent.parent
sys.path.insert(0, str(HERE))


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the distribution is installed."""
    return unpacked(HERE, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def run(installed: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return what runs a command of leadlens beside the installed distribution."""

    def command(*arguments: str, given: str = "", at: Path | None = None) -> subprocess.CompletedProcess[str]:
        paths = (str(installed), os.environ.get("PYTHONPATH", ""))
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        line = [sys.executable, "-m", "leadlens", *arguments]
        return subprocess.run(line, input=given, capture_output=True, text=True, check=False, env=env, cwd=at)

    return command
