"""Runs a command with some of its streams on a terminal, and the others in files."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from typing import IO, NamedTuple

import pytest

COMMAND = [sys.executable, "-m", "leadlens"]
WIDTH = 100
_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Seen(NamedTuple):
    """What was seen on the terminal, what went elsewhere, and the exit code."""

    screen: str
    out: bytes
    err: bytes
    code: int


def on_terminal(*arguments: str, streams: tuple[str, ...], given: bytes = b"", width: int = WIDTH) -> Seen:
    """Run the command line with these streams (``stdout``, ``stderr``) on a terminal of this width."""
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "LINES": "60", "TERM": "xterm", "NO_COLOR": "1"}
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        source.write(given)
        source.seek(0)
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=source,
            stdout=follower if "stdout" in streams else out,
            stderr=follower if "stderr" in streams else err,
            env=environment,
        )
        os.close(follower)
        screen = _read(leader)
        return Seen(screen, _whole(out), _whole(err), process.wait(timeout=60))


def _read(leader: int) -> str:
    """Return all that is written to the terminal until the command has closed it."""
    seen = b""
    with contextlib.suppress(OSError):
        while chunk := os.read(leader, 65536):
            seen += chunk
    os.close(leader)
    return _STYLE.sub("", seen.decode()).replace("\r\n", "\n")


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
