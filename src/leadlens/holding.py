"""Holds names against other threads and other processes that use the same file: one at a time works on each.

A process that dies lets go of what it held. Without POSIX locks (Windows) only the threads of one process are kept
apart.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows
    fcntl = None  # type: ignore[assignment]  # a module's place

_PAUSE = 0.02
_files: dict[Path, Holds] = {}
_lock = threading.Lock()


class Holds:
    """The names of one file. It is open while one is held: closing it lets go of everything that the process holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = -1
        self._names: dict[str, tuple[threading.Lock, int]] = {}
        self._guard = threading.Lock()

    @contextmanager
    def held(self, *names: str) -> Iterator[None]:
        """Hold some names, in this order; wait for whoever has them."""
        with ExitStack() as stack:
            for name in names:
                stack.enter_context(self._one(name))
            yield

    @contextmanager
    def _one(self, name: str) -> Iterator[None]:
        with self._guard:
            if not self._names:
                self._handle = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
            lock, users = self._names.get(name, (threading.Lock(), 0))
            self._names[name] = (lock, users + 1)
        try:
            with lock, self._among_processes(name):
                yield
        finally:
            with self._guard:
                lock, users = self._names.pop(name)
                if users > 1:
                    self._names[name] = (lock, users - 1)
                if not self._names:
                    os.close(self._handle)

    @contextmanager
    def _among_processes(self, name: str) -> Iterator[None]:
        """Lock one byte of the file, which stands for the name. Polled: waiting in turn would look like a deadlock."""
        place = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:7], "big")
        while not self._taken(place):
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            if fcntl is not None:
                fcntl.lockf(self._handle, fcntl.LOCK_UN, 1, place)

    def _taken(self, place: int) -> bool:
        if fcntl is None:
            return True
        try:
            fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            return False
        return True


def holds(path: Path) -> Holds:
    """Return the names of a file, the same for everybody in this process."""
    place = path.absolute()
    with _lock:
        return _files.setdefault(place, Holds(place))
