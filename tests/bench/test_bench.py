"""The benchmarks: every implementation on both jobs. They measure and never judge."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from tests.bench.implementations import Implementation, implementations
from tests.bench.jobs import JOB_NAMES, JOBS, JobName


@pytest.mark.parametrize("name", JOB_NAMES)
@pytest.mark.parametrize("implementation", implementations(), ids=lambda one: one.title)
@pytest.mark.benchmark(max_time=0.2, min_rounds=20, warmup=True, warmup_iterations=100)
def test_speed(benchmark: BenchmarkFixture, name: JobName, implementation: Implementation) -> None:
    """Bytes in, bytes out."""
    benchmark.group = name
    benchmark(implementation.job(name), JOBS[name].payload)
