"""Writes files whole: whoever reads one, or stops in the middle, has the old one or the new one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def replace(path: Path, data: bytes | Iterable[bytes], *, mode: int = 0o600) -> None:
    """Write a file, whole or from parts, for its owner alone unless ``mode`` says otherwise; durable when this returns.

    Raises OSError where it cannot be written; what was there is there then.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")  # two processes may write it at once
    try:
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), "wb") as file:
            file.writelines((data,) if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException as error:  # also when somebody stops it
        fresh.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # the one that was asked for
        raise
    sync(path.parent)


def sync(directory: Path) -> None:
    """Make the names in a directory durable, where the system can."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
