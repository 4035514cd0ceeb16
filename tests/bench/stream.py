"""Measures how memory grows when records are streamed through ``leadlens translate --lines``.

Usage: ``python -m tests.bench.stream [--records N] [--warm N]``. The command runs as a process of its own; its
resident memory is read from /proc when it has answered the warm-up and again from time to time until the end.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import attrs
from tests.bench.jobs import JOBS

COMMAND = [sys.executable, "-m", "leadlens", "translate", "lead", "--from", "copper", "--to", "zoho", "--ids", "keep"]
BLOCK = 1000
_PAGE = os.sysconf("SC_PAGE_SIZE")


@attrs.define
class Growth:
    """What was seen: memory after the warm-up, at its highest since, and at the end, in MiB; and the time it took."""

    records: int
    warm: float = 0.0
    highest: float = 0.0
    end: float = 0.0
    seconds: float = 0.0

    def note(self, memory: float) -> None:
        """Take a sample after the warm-up."""
        self.warm = self.warm or memory
        self.highest, self.end = max(self.highest, memory), memory

    def __str__(self) -> str:
        """Say it in one line."""
        grown = f"grew {self.end - self.warm:+.1f} MiB, at most {self.highest - self.warm:+.1f}, from {self.warm:.1f}"
        return f"{self.records:,} records in {self.seconds:.0f} s ({self.records / self.seconds:,.0f}/s): {grown}"


def resident(process: int) -> float:
    """Return the resident memory of a process, in MiB."""
    return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * _PAGE / 2**20


def lines(records: int) -> Iterator[bytes]:
    """Yield blocks of JSON lines; no two leads have the same id, phone number, company or times."""
    text = JOBS["lead"].payload.decode() + "\n"
    changing = (
        ("8894157", 8_894_157),
        ("415-555-1234", None),
        ("Analytical Engines Ltd", None),
        ("1489018784", 1_300_000_000),
    )
    for start in range(0, records, BLOCK):
        block = []
        for number in range(start, min(start + BLOCK, records)):
            line = text
            for old, base in changing:
                line = line.replace(old, f"{old} {number}" if base is None else str(base + 173 * number))
            block.append(line)
        yield "".join(block).encode()


def _feed(pipe: IO[bytes], records: int) -> None:
    with pipe:
        for block in lines(records):
            pipe.write(block)


def stream(records: int, warm: int) -> Growth:
    """Stream the records through the command and return how its memory grew."""
    growth = Growth(records)
    start = time.monotonic()
    with subprocess.Popen([*COMMAND, "--lines"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        threading.Thread(target=_feed, args=(process.stdin, records), daemon=True).start()
        for done, _ in enumerate(process.stdout, start=1):
            if done == warm or (done > warm and done % (10 * BLOCK) == 0):
                growth.note(resident(process.pid))
    growth.seconds = time.monotonic() - start
    if process.returncode != 0 or done != records:
        raise SystemExit(f"the command ended with {process.returncode} after {done:,} of {records:,} records")
    return growth


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--warm", type=int, default=10_000)
    options = parser.parse_args()
    print(stream(options.records, options.warm))


if __name__ == "__main__":
    main()
