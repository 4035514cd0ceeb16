"""From Pipedrive to each of the others and back, nothing is lost in silence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from leadlens_pipedrive import ADAPTER

import leadlens_base
import leadlens_copper
import leadlens_zoho
from leadlens.adapter import KINDS, Adapter
from leadlens.strategies import wires
from leadlens.testing import laws

OTHERS = (leadlens_base.ADAPTER, leadlens_copper.ADAPTER, leadlens_zoho.ADAPTER)
PAIRS = [pair for other in OTHERS for pair in ((ADAPTER, other), (other, ADAPTER))]
FEW = settings(max_examples=settings().max_examples // 50)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def test_no_silent_loss(pair: tuple[Adapter, Adapter]) -> None:
    """Every difference between what one says and what arrives at the other is reported, whatever is said."""

    @FEW
    @given(data=st.data())
    def holds(data: Any) -> None:
        for kind in KINDS:
            source, target = (adapter.crosswalk(kind) for adapter in pair)
            evidence = laws.no_silent_trip(source, target, data.draw(wires(source)))
            assert evidence.ok, str(evidence)

    holds()
