"""Kills a migration at every one of its calls to the operating system, and lets it go on: nothing is doubled.

``python -m tests.migrate.every_call [--most N]`` kills it at so many points, spread over all that there are.
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs
from tests.migrate.traced import Ground, ground, strace

CALLS = "pwrite64,pread64,fsync,fdatasync,ftruncate,fcntl,flock,socket,connect,sendto,recvfrom,poll,unlink"
"""What a migration does to its ledger and to the target; what Python does to start is left out as far as it can be."""
LEAD = "8"
"""A lead of Base's demo account that became a contact, a company and a deal."""
_CALL = re.compile(r"(\d+) +(\w+)\(")


@attrs.frozen
class Point:
    """A call to the operating system: its name, and which of its kind it is."""

    call: str
    number: int


def points(made: Ground) -> list[Point]:
    """Return every call of a migration that nothing disturbs, from the one that makes the ledger on."""
    log = made.folder / "calls"
    assert strace(made.command(), log, CALLS) == 0
    seen: Counter[str] = Counter()
    found: list[Point] = []
    lines = [called for line in log.read_text("utf-8", "replace").splitlines() if (called := _CALL.match(line))]
    for line in lines:
        if line[1] == lines[0][1]:
            seen[line[2]] += 1
            found.append(Point(line[2], seen[line[2]]))
    return found


def killed(made: Ground, point: Point) -> bool:
    """Begin a migration, and kill it as it makes this call; tell whether it came so far."""
    inject = f"inject={point.call}:signal=SIGKILL:when={point.number}"
    return strace(made.command(), made.folder / "calls", CALLS, "-e", inject) in (-signal.SIGKILL, 128 + signal.SIGKILL)


def made_by(made: Ground) -> Counter[tuple[str, str]]:
    """Let a migration go on to its end, and return how often the target made or converted a record of each kind."""
    ended = subprocess.run(made.command(), capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()[-500:]
    changes = [change for change in made.sandbox.truth.changes("zoho") if change.sequence]
    return Counter((change.kind, change.what) for change in changes if change.what != "updated")


@attrs.frozen
class Trial:
    """A point, whether the migration was killed there, and what it had made once it had gone on."""

    point: Point
    killed: bool
    made: Counter[tuple[str, str]]


def undisturbed(folder: Path) -> tuple[list[Point], Counter[tuple[str, str]]]:
    """Return all points of a migration, and what it makes."""
    with ground(folder, leads=[LEAD]) as made:
        return points(made), made_by(made)


def tried(every: Sequence[Point], most: int) -> Iterator[Trial]:
    """Kill migrations at so many points, spread over all, and let them go on."""
    for point in every[:: max(1, len(every) // most)]:
        with tempfile.TemporaryDirectory() as place, ground(Path(place), leads=[LEAD]) as made:
            yield Trial(point, killed(made, point), made_by(made))


def main() -> None:
    """Kill, and say how often something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        every, wanted = undisturbed(Path(place))
    done = list(tried(every, options.most))
    bad = [trial for trial in done if trial.made != wanted]
    killed_there = sum(trial.killed for trial in done)
    print(*bad[:20], f"{len(every)} calls, {killed_there} kills at {len(done)} of them: {len(bad)} wrong", sep="\n")


if __name__ == "__main__":
    main()
