"""Measures a cold start: ``leadlens translate`` of one payload against a script by hand, as processes of their own.

Usage: ``python -m tests.bench.cold [--rounds N]``. The two run in turn; the medians and their ratio are printed, and
next to them a bare interpreter's. Both read the documented body of Copper's convert and print Zoho's calls.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import convert_by_hand
from tests.bench.jobs import SPECS

_KIND = ["convert-request", "--from", "copper", "--to", "zoho", "--lead-id", "1"]
COMMANDS = {
    "interpreter": [sys.executable, "-c", "pass"],
    "by hand": [sys.executable, convert_by_hand.__file__],
    "leadlens": [sys.executable, "-m", "leadlens", "translate", *_KIND],
}


def payload() -> bytes:
    """Return the documented body of Copper's convert request."""
    exchange = json.loads((SPECS / "copper/exchanges/convert_lead.json").read_bytes())
    return json.dumps(exchange["request"]["body"]).encode()


def once(command: list[str], file: str) -> tuple[float, bytes]:
    """Run a command on the file; return the seconds it took and what it printed."""
    start = time.perf_counter()
    done = subprocess.run([*command, file], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start, done.stdout


def calls(printed: bytes) -> list[tuple[str, str, object]]:
    """Return what would be sent: method, path and body of each call."""
    return [(call["method"], call["path"], call["body"]) for call in json.loads(printed)["calls"]]


def measure(rounds: int) -> dict[str, float]:
    """Return the median seconds of each command; each is run once before, so that compiled modules are in place."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        file = os.fspath(Path(folder) / "request.json")
        Path(file).write_bytes(payload())
        said = {name: once(command, file)[1] for name, command in COMMANDS.items()}
        if calls(said["by hand"]) != calls(said["leadlens"]):
            raise SystemExit("the two do not print the same calls")
        for _ in range(rounds):
            for name, command in COMMANDS.items():
                times[name].append(once(command, file)[0])
    return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    found = measure(parser.parse_args().rounds)
    for name, seconds in found.items():
        print(f"{name:12} {seconds * 1000:7.1f} ms  {seconds / found['by hand']:5.2f} × by hand")


if __name__ == "__main__":
    main()
