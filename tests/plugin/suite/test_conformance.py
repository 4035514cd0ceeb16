"""Pipedrive's adapter passes what every adapter must."""

from hypothesis import settings
from leadlens_pipedrive import ADAPTER

from leadlens.testing import conformance

TestPipedrive = conformance(ADAPTER, examples=settings().max_examples // 20)
