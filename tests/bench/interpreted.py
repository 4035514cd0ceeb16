"""The jobs by the slow reference interpreter of the crosswalks, where the tests have one."""

from __future__ import annotations

import importlib
from typing import Any

from tests.bench.jobs import JOBS, JobName, Translate

from leadlens.decoding import dumps, loads


def interpreter() -> Any | None:
    """Return the module of the reference interpreter, or None without one."""
    try:
        return importlib.import_module("tests.interpreter")
    except ModuleNotFoundError:
        return None


def interpreted(name: JobName) -> Translate:
    """Return the job with rows that are read again for every record instead of compiled once."""
    module, job = interpreter(), JOBS[name]
    assert module is not None

    def translate(data: bytes) -> bytes:
        value, _ = module.decode(job.source, loads(data))
        wire, _ = module.encode(job.target, value)
        return dumps(wire)

    return translate
