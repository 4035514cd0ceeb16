"""The distribution as its users have it: built, and unpacked where Python finds it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent
sys.path.insert(0, str(HERE))

_BUILD = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"


def unpacked(source: Path, place: Path) -> Path:
    """Build the wheel of a distribution without a network, and unpack it; return what belongs on the path."""
    tree = shutil.copytree(source, place / "source", ignore=shutil.ignore_patterns("__pycache__", "suite"))
    built = subprocess.run(
        [sys.executable, "-c", _BUILD, str(place)], cwd=tree, check=True, capture_output=True, text=True
    )
    with zipfile.ZipFile(place / built.stdout.split()[-1]) as wheel:
        wheel.extractall(place / "installed")
    return place / "installed"


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
