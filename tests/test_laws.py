"""No silent loss between any two of our adapters; each alone holds every law in tests/adapters/test_conformance.py."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadlens_base
import leadlens_copper
import leadlens_zoho
from leadlens.adapter import Adapter
from leadlens.crosswalk import Crosswalk
from leadlens.strategies import wires
from leadlens.testing import laws

ADAPTERS: tuple[Adapter, ...] = (leadlens_copper.ADAPTER, leadlens_zoho.ADAPTER, leadlens_base.ADAPTER)
_PER_PAIR = 0.15


def pairs() -> Iterator[Any]:
    """Yield each directed pair of CRMs, for each kind that both have."""
    for source, target in itertools.permutations(ADAPTERS, 2):
        for kind, crosswalk in source.crosswalks.items():
            if kind in target.crosswalks:
                yield pytest.param(crosswalk, target.crosswalks[kind], id=f"{source.name}-{target.name}-{kind}")


@pytest.mark.parametrize(("source", "target"), list(pairs()))
@settings(max_examples=int(settings().max_examples * _PER_PAIR))
@given(data=st.data())
def test_no_silent_loss_between(source: Crosswalk, target: Crosswalk, data: st.DataObject) -> None:
    """From one CRM's wire to another's, every difference is reported."""
    evidence = laws.no_silent_trip(source, target, data.draw(wires(source)))
    assert evidence.ok, str(evidence)
