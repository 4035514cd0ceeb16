"""Builds a distribution without a network, and unpacks it where Python can find it: installed, as its users have it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

_BUILD = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"


def unpacked(source: Path, place: Path) -> Path:
    """Build the wheel of a distribution and unpack it; return what belongs on the path."""
    tree = shutil.copytree(source, place / "source", ignore=shutil.ignore_patterns("__pycache__", "suite"))
    line = [sys.executable, "-c", _BUILD, str(place)]
    built = subprocess.run(line, cwd=tree, check=True, capture_output=True, text=True)
    with zipfile.ZipFile(place / built.stdout.split()[-1]) as wheel:
        wheel.extractall(place / "installed")
    return place / "installed"
