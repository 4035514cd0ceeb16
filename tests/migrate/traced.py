"""A migration in a process of its own, and every call to the operating system that it makes, by strace."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import attrs
import pytest
from tests.migrate.accounts import KEPT

from leadlens import Sandbox
from leadlens.cli import DONE, run
from leadlens.emulation.clock import RealClock
from leadlens.sandbox.server import serving

LEDGER = "leadlens-migration.ledger"
QUIET = """
import leadlens.migrate.hand as h, leadlens.settle as s
s.LATE_COMMIT = s.SEARCH_LAG = 0.2
h.quiet_period = lambda _: 5.0
"""
"""The server commits before it answers, at once, and its searches are never behind: longer waits prove nothing."""
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

Kind: TypeAlias = Literal["make", "write", "cut", "remove", "sync", "sync folder", "send"]
_CALLS = "openat,pwrite64,write,ftruncate,unlink,fsync,fdatasync,sendto"


@attrs.frozen
class Operation:
    """One thing that was done to the ledger's files, or that left for the target: its request."""

    kind: Kind
    name: str = ""
    place: int = 0
    data: bytes = b""


@attrs.frozen
class Ground:
    """A plan from Base to Zoho on a served sandbox, in a folder of its own."""

    sandbox: Sandbox
    url: str
    folder: Path

    @property
    def plan(self) -> Path:
        """Where the plan is."""
        return self.folder / "plan.json"

    def command(self, *more: str, before: str = "") -> list[str]:
        """Return the command that carries the plan out; ``before`` is Python that is run first."""
        code = f"{QUIET}{before}\nimport sys; from leadlens.cli import run; sys.exit(run(sys.argv[1:]))"
        return [sys.executable, "-c", code, "migrate", "apply", str(self.plan), "--sandbox", self.url, *more]


@contextlib.contextmanager
def ground(folder: Path, *, leads: Sequence[str] = ()) -> Iterator[Ground]:
    """Plan a migration of these leads' conversions, or of all."""
    with Sandbox(7, switches=KEPT, clock=RealClock()) as sandbox, serving(sandbox) as url:
        made = Ground(sandbox, url, folder)
        only = ("--only", ",".join(leads)) if leads else ()
        asked = ["migrate", "plan", "base", "zoho", "--sandbox", url, "-o", str(made.plan), "--json", *only]
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
            assert run(asked) == DONE
        yield made


def strace(command: Sequence[str], log: Path, calls: str, *options: str) -> int:
    """Run a command, and write its calls into a log; return its exit code."""
    asked = ["strace", "-f", "-y", "-e", "signal=none", "-e", f"trace={calls}", *options, "-o", str(log), *command]
    return subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode


def operations(command: Sequence[str], folder: Path) -> list[Operation]:
    """Run a command to its end, and return what it did to the ledger in a folder, and what it sent, in order."""
    log = folder / "calls"
    assert strace(command, log, _CALLS, "-xx", "-s", "4000000") == 0
    lines = log.read_text("ascii").splitlines()
    log.unlink()
    return [found for line in lines if (found := _operation(line, folder)) is not None]


_HEX = re.compile(r"(?:\\x[0-9a-f]{2})+")
_BEGUN = re.compile(r"\d+ +(\w+)\((.*?)(?:\) += (?!-1).*| <unfinished \.\.\.>)?$")


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _operation(line: str, folder: Path) -> Operation | None:
    """Read a line of the log; None for what is about neither the ledger nor the target.

    What another thread's call interrupts in the log is taken to be done when it began.
    """
    begun = _BEGUN.match(line)
    if begun is None or ") = -1" in line:
        return None
    call, rest = begun[1], begun[2]
    texts = [_plain(found) for found in _HEX.findall(rest)]
    if call == "sendto":
        return Operation("send", data=texts[-1]) if texts else None
    place = next((Path(text.decode()) for text in texts if text.startswith(bytes(folder))), None)
    if call == "openat":
        place = Path(texts[1].decode()) if len(texts) > 1 else None
    if place == folder and call in ("fsync", "fdatasync"):
        return Operation("sync folder")
    if place is None or place.parent != folder or not place.name.startswith(LEDGER):
        return None
    return _of_file(call, place.name, rest, texts)


def _of_file(call: str, name: str, rest: str, texts: list[bytes]) -> Operation | None:
    numbers = [int(number) for number in re.findall(r"(?<=, )\d+", rest)]
    if call == "openat":
        return Operation("make", name) if "O_CREAT" in rest else None
    if call == "pwrite64":
        return Operation("write", name, numbers[-1], texts[-1])
    if call == "ftruncate":
        return Operation("cut", name, numbers[-1])
    if call == "unlink":
        return Operation("remove", name)
    assert call in ("fsync", "fdatasync"), f"{call} writes to the ledger, and is not understood"
    return Operation("sync", name)
