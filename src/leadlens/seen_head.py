"""Remembers beside a ledger how far it had come, so that an older copy of it is noticed when somebody puts one back.

The file holds the number and the hash of the ledger's last event. It is written after each commit: so the ledger may be
further on than the file says, after a crash, and never less far.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_LINE = re.compile(rb"(\d{20}) ([0-9a-f]{64})\n")


class SeenHead:
    """The file beside one ledger, open as long as the ledger is. Raises OSError where it cannot be written."""

    def __init__(self, ledger: Path) -> None:
        self.path = ledger.with_name(f"{ledger.name}.head")
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)

    def read(self) -> tuple[int, str] | None:
        """Return the number and the hash of the last event that was seen; None where nothing is remembered."""
        found = _LINE.fullmatch(os.pread(self._file, 200, 0))
        return None if found is None else (int(found[1]), found[2].decode())

    def write(self, number: int, chained: str) -> None:
        """Remember an event; it survives the end of this process, and after :meth:`close` that of the machine."""
        os.pwrite(self._file, f"{number:020d} {chained}\n".encode(), 0)

    def close(self) -> None:
        """Let the file go, when it is on the disk."""
        os.fsync(self._file)
        os.close(self._file)
