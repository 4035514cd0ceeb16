"""Every competitor does the same job: its output says the same JSON as leadlens' output."""

from __future__ import annotations

import orjson
import pytest
from tests.bench.implementations import FLOOR, LEADLENS, OTHERS, Implementation, implementations
from tests.bench.jobs import JOB_NAMES, JOBS, JobName, fields, renewed


@pytest.mark.parametrize("name", JOB_NAMES)
@pytest.mark.parametrize("competitor", implementations(), ids=lambda one: one.title)
def test_same_output(name: JobName, competitor: Implementation) -> None:
    """The same bytes in give the same JSON out."""
    payload = JOBS[name].payload
    assert orjson.loads(competitor.job(name)(payload)) == orjson.loads(LEADLENS.job(name)(payload))


@pytest.mark.parametrize("name", JOB_NAMES)
def test_the_work_is_done_anew(name: JobName) -> None:
    """All but the floor answer to another input with another output."""
    changed = JOBS[name].payload.replace(b"Lovelace", b"Byron").replace(b"Demo Project", b"Pilot")
    for competitor in implementations():
        same = competitor.job(name)(changed) == competitor.job(name)(JOBS[name].payload)
        assert same == (competitor is FLOOR)


@pytest.mark.parametrize("competitor", [one for one in (LEADLENS, *OTHERS) if one.unknown], ids=lambda one: one.title)
def test_unknown_keys_are_noticed(competitor: Implementation) -> None:
    """What is said to notice unknown keys inside lists does so: by refusing the input, or in its report."""
    payload = JOBS["lead"].payload.replace(b'"number":', b'"ext":"7","number":', 1)
    if competitor.losses:
        assert competitor.job("lead")(payload) == competitor.job("lead")(JOBS["lead"].payload)
    else:
        with pytest.raises(Exception, match=r"ext|structur"):
            competitor.job("lead")(payload)


@pytest.mark.parametrize("competitor", [one for one in (LEADLENS, *OTHERS) if one.checks], ids=lambda one: one.title)
def test_types_are_checked(competitor: Implementation) -> None:
    """What is said to check types refuses a number for a text."""
    with pytest.raises(Exception, match=r"city|City"):
        competitor.job("lead")(JOBS["lead"].payload.replace(b'"San Francisco"', b"94105"))


def test_the_payloads_are_as_large_as_the_table_says() -> None:
    """The documented reply has 69 fields, the lead more than 38."""
    assert fields(orjson.loads(JOBS["conversion"].payload)) == 69
    assert fields(orjson.loads(JOBS["lead"].payload)) >= 38


@pytest.mark.parametrize("name", JOB_NAMES)
def test_renewed_payloads_are_new(name: JobName) -> None:
    """Payloads with ids and times of their own are all different, and are translated as by hand."""
    payloads = renewed(name, 20)
    assert len(set(payloads)) == 20
    translate, by_hand = LEADLENS.job(name), OTHERS[0].job(name)
    for payload in payloads:
        assert orjson.loads(translate(payload)) == orjson.loads(by_hand(payload))
