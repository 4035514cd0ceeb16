"""Every law on every crosswalk of every adapter, and no silent loss between any two of them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import laws

import leadlens_base
import leadlens_copper
import leadlens_zoho
from leadlens.adapter import Adapter
from leadlens.codecs import Codec
from leadlens.crosswalk import Crosswalk
from leadlens.strategies import wires

ADAPTERS: tuple[Adapter, ...] = (leadlens_copper.ADAPTER, leadlens_zoho.ADAPTER, leadlens_base.ADAPTER)
_PER_PAIR = 0.15


def signature(part: Any) -> Any:
    """Return what tells the rows of one crosswalk from those of another; sentences for people count for nothing."""
    if isinstance(part, Crosswalk):
        return (part.model.__name__, part.author, signature(part.rows), [call.name for call in part.calls])
    if isinstance(part, Codec):
        return (part.name, json.dumps(part.schema), part.shape, part.key, part.ids, signature(part.record))
    if hasattr(part, "_asdict"):
        told = part._asdict().items()
        return (part.__class__.__name__, [bool(v) if k in _SENTENCES else signature(v) for k, v in told])
    if isinstance(part, tuple):
        return [signature(item) for item in part]
    if isinstance(part, type) or callable(part):
        return getattr(part, "__qualname__", "")
    return repr(part)


_SENTENCES = ("reason", "required", "defaulted")


def variants(adapter: Adapter) -> Iterator[Adapter]:
    """Yield an adapter, and it at each version or setting."""
    yield adapter
    yield from (adapter.at(name) for name in adapter.variants)


def distinct() -> Iterator[Any]:
    """Yield each crosswalk with rows of its own."""
    seen = set()
    for adapter in itertools.chain.from_iterable(map(variants, ADAPTERS)):
        for kind, crosswalk in adapter.crosswalks.items():
            told = repr(signature(crosswalk))
            if told not in seen:
                seen.add(told)
                name = adapter.name if adapter.variant is None else f"{adapter.name}@{adapter.variant}"
                yield pytest.param(crosswalk, id=f"{name}-{kind}")


def pairs() -> Iterator[Any]:
    """Yield each directed pair of CRMs, for each kind that both have."""
    for source, target in itertools.permutations(ADAPTERS, 2):
        for kind, crosswalk in source.crosswalks.items():
            if kind in target.crosswalks:
                yield pytest.param(crosswalk, target.crosswalks[kind], id=f"{source.name}-{target.name}-{kind}")


@pytest.mark.parametrize("crosswalk", list(distinct()))
@given(data=st.data())
def test_laws(crosswalk: Crosswalk, data: st.DataObject) -> None:
    """Every law holds for any value and any wire object."""
    broken = [evidence for evidence in laws.check_all(crosswalk, data.draw) if not evidence.ok]
    assert not broken, "\n".join(map(str, broken))


@pytest.mark.parametrize(("source", "target"), list(pairs()))
@settings(max_examples=int(settings().max_examples * _PER_PAIR))
@given(data=st.data())
def test_no_silent_loss_between(source: Crosswalk, target: Crosswalk, data: st.DataObject) -> None:
    """From one CRM's wire to another's, every difference is reported."""
    evidence = laws.no_silent_trip(source, target, data.draw(wires(source)))
    assert evidence.ok, str(evidence)
