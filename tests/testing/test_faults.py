"""The faults that prove the suite can all be planted, and some of them are, each in a copy and a process of its own."""

from __future__ import annotations

import pytest
from tests import conformance_faults, planted

CAUSES = {cause.fault.name: cause for cause in conformance_faults.causes()}


def test_every_fault_can_be_planted() -> None:
    """There are more than forty, and the text of each stands in the adapters as they are now."""
    assert len(CAUSES) > 40
    assert [text for cause in CAUSES.values() if (text := planted.obsolete(cause.fault))] == []
    assert all(cause.says for cause in CAUSES.values())


@pytest.mark.parametrize("name", ["token-is-no-secret", "limit-twice-as-high"])
def test_a_fault_is_named(name: str) -> None:
    """The suite fails in the copy, and its message names the cause."""
    verdict = conformance_faults.judge(CAUSES[name])
    assert verdict.caught, str(verdict)


def test_another_reason_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault is not caught by a message that does not name it, by a copy that does not run, or by no test at all."""
    cause = CAUSES["token-is-no-secret"]
    for report, told in (
        ({"failed": "x", "told": "E  something else"}, "another reason: E  something else"),
        ({"broken": "NameError"}, "NameError"),
        ({}, "no test failed"),
    ):
        monkeypatch.setattr(conformance_faults, "report_with", lambda _, report=report: report)
        verdict = conformance_faults.judge(cause)
        assert not verdict.caught
        assert told in str(verdict)
