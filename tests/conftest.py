"""Hypothesis profiles: ``ci`` by default; LEADLENS_PROFILE names another: ``deep``, or ``quick`` while building."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)

for name, examples in {"quick": 100, "ci": 2_000, "deep": 50_000}.items():
    settings.register_profile(name, max_examples=examples, deadline=None, print_blob=True, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("LEADLENS_PROFILE", "ci"))


@pytest.fixture(autouse=True, scope="session")
def _own_folders() -> Iterator[None]:
    """Keep what commands remember of accounts out of the folders of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as place:
        patch.setenv("XDG_STATE_HOME", f"{place}/state")
        patch.setenv("XDG_CACHE_HOME", f"{place}/cache")
        yield
