"""Zoho's stages and the pipelines that have them, from the sandbox and from replies as they are published."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.contracts import SPECS
from tests.operations.copper_account import fed
from tests.operations.zoho_account import VERSIONS, client

from leadlens.catalogue import Choice
from leadlens.errors import InvalidRequestError, NotPermittedError, OutcomeUnknownError
from leadlens.flow import Reply
from leadlens.model import Deal
from leadlens.sandbox import Sandbox
from leadlens_zoho.choosing import choices


def told(stages: tuple[Choice, ...]) -> list[tuple[str | None, str | None, bool]]:
    return [(one.within.name if one.within else None, one.ref.name, one.active) for one in stages]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stage_is_told_for_each_pipeline_that_has_it(version: str) -> None:
    """A deal says both, and each pair that one of the account says is among them; v2 has no call for pipelines."""
    zoho = client(Sandbox(vendors=["zoho"]), version)
    stages = zoho.choices("stage")
    if version == "v2":
        assert {one.within for one in stages} == {None}
        return
    pairs = {(one.within, one.ref) for one in stages}
    assert len(pairs) == len(stages)
    assert [one.within.name for one in stages if one.ref.name == "Closed Won" and one.within] == [
        "Standard (Standard)", "Renewals", "Partner Sales",
    ]  # fmt: skip
    assert {(one.pipeline, one.stage) for one in zoho.iter_records("deal") if isinstance(one, Deal)} <= pairs
    assert {one.within for one in stages} == {one.ref for one in zoho.choices("pipeline")}


PUBLISHED = json.loads((SPECS / "zoho" / "exchanges" / "list_pipelines.json").read_text(encoding="utf-8"))["reply"]
STAGES = Reply(200, {}, {"fields": [
    {"api_name": "Stage", "pick_list_values": [{"actual_value": name} for name in ("-None-", "Qualification", "Old")]},
]})  # fmt: skip
LAYOUTS = Reply(200, {}, {"layouts": [{"id": "3652397000000091023", "name": "Standard"}, {"id": "5", "name": "B"}]})


def test_the_published_pipelines_are_read() -> None:
    """By their actual values, as records have them; what two layouts share once; what no pipeline has is out of use."""
    pipelines = Reply(200, {}, PUBLISHED["body"])
    stages, calls = fed(choices("v7", "stage"), STAGES, LAYOUTS, pipelines, pipelines)
    assert [(call.path, call.query) for call in calls[1:]] == [
        ("/crm/v7/settings/layouts", {"module": "Deals"}),
        ("/crm/v7/settings/pipeline", {"layout_id": "3652397000000091023"}),
        ("/crm/v7/settings/pipeline", {"layout_id": "5"}),
    ]
    assert len(stages) == 9 + 8 + 1
    assert told(stages)[3] == ("Standard (Standard)", "Id. Decision Makers", True)
    assert ("Pipeline1", "Qualification", True) in told(stages)
    assert told(stages)[-1] == (None, "Old", False)


@pytest.mark.parametrize(
    "answer",
    [Reply(204), InvalidRequestError("zoho", status=400, code="INVALID_DATA"),
     NotPermittedError("zoho", status=400, code="FEATURE_NOT_SUPPORTED")],
)  # fmt: skip
def test_an_account_without_pipelines_has_stages_all_the_same(answer: Any) -> None:
    """They are the options of the field."""
    stages, _ = fed(choices("v8", "stage"), STAGES, LAYOUTS, answer, answer)
    assert told(stages) == [(None, "Qualification", True), (None, "Old", True)]


def test_who_may_not_see_the_pipelines_is_told() -> None:
    """Stages without their pipelines would look like those of an account that has none."""
    refused = NotPermittedError("zoho", status=403, code="NO_PERMISSION")
    with pytest.raises(NotPermittedError):
        fed(choices("v8", "stage"), STAGES, LAYOUTS, refused)


@pytest.mark.parametrize(
    "body", [{"pipeline": 1}, {"pipeline": [{}]}, {"pipeline": [{"actual_value": "A", "maps": [1]}]}]
)
def test_pipelines_that_are_not_as_promised(body: Any) -> None:
    """They are an unknown answer, and no traceback."""
    with pytest.raises(OutcomeUnknownError):
        fed(choices("v8", "stage"), STAGES, LAYOUTS, Reply(200, {}, body))
