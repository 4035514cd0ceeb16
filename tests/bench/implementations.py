"""Every way of doing the jobs, and what each of them does beside the translation."""

from __future__ import annotations

from collections.abc import Callable

import attrs
from tests.bench import by_hand, with_cattrs, with_pydantic
from tests.bench.interpreted import interpreted, interpreter
from tests.bench.jobs import JobName, Translate, floor_job, leadlens_job


@attrs.frozen
class Implementation:
    """One way of doing both jobs.

    ``checks``: values of the wrong type are refused. ``unknown``: keys that nobody knows are noticed, inside lists
    too. ``losses``: everything that does not arrive is reported. ``neutral``: the records pass through a model that
    belongs to neither vendor, so that a third one needs no further pair.
    """

    title: str
    job: Callable[[JobName], Translate]
    checks: bool = False
    unknown: bool = False
    losses: bool = False
    neutral: bool = False


FLOOR = Implementation("floor: orjson reads the input and writes a ready-made output", floor_job)
LEADLENS = Implementation("**leadlens**", leadlens_job, checks=True, unknown=True, losses=True, neutral=True)
OTHERS = (
    Implementation("dicts by hand, orjson", by_hand.with_orjson),
    Implementation("dicts by hand, json", by_hand.with_json),
    Implementation("pydantic v2 models", with_pydantic.with_pydantic, checks=True, unknown=True),
    # Plain cattrs calls str() and int() on scalars: it changes what does not fit, refusing only what it cannot change.
    Implementation("attrs and cattrs, orjson preset", with_cattrs.with_orjson, unknown=True),
    Implementation("attrs and cattrs, json", with_cattrs.with_json, unknown=True),
)
INTERPRETED = Implementation(
    "leadlens' rows, interpreted", interpreted, checks=True, unknown=True, losses=True, neutral=True
)


def implementations() -> tuple[Implementation, ...]:
    """Return every implementation that can run here, the floor first."""
    return (FLOOR, LEADLENS, *OTHERS, *((INTERPRETED,) if interpreter() is not None else ()))
