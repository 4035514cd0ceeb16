"""A deal's stage and its pipeline are one place: between two accounts, it goes where the line of that place says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tenants import COPPER, DECIDED, ZOHO, kept

from leadlens import registry, translate
from leadlens.catalogue import Catalogue, Choice
from leadlens.conversion import ConvertRequest, NewDeal
from leadlens.customfields.carrying import Carried, carry
from leadlens.customfields.mapping import AccountMapping, side
from leadlens.customfields.reading import parse_mapping
from leadlens.customfields.scope import relevant
from leadlens.customfields.values import codec_of
from leadlens.errors import MappingError
from leadlens.model import Deal, Ref
from leadlens.testing.accounts import mappings

WIRE: Mapping[str, Callable[[Ref, Ref], dict[str, Any]]] = {
    "copper": lambda line, stage: {"pipeline_id": int(line.id or 0), "pipeline_stage_id": int(stage.id or 0)},
    "zoho": lambda line, stage: {"Pipeline": line.name, "Stage": stage.name},
    "base": lambda _, stage: {"stage_id": int(stage.id or 0)},
}
"""How each CRM writes the place of a deal (specs/: Opportunity, Deal, deal)."""


@settings(max_examples=int(settings().max_examples * 0.1))
@given(mapping=mappings(create=False), data=st.data())
def test_every_deal_goes_where_its_place_is_said_to_go(mapping: AccountMapping, data: st.DataObject) -> None:
    """Stages of one name in several pipelines are several; the target gets the stage with the pipeline that has it."""
    source, target = mapping.source.vendor, mapping.target.vendor
    label = data.draw(st.sampled_from(sorted(mapping.source.choices["stage"])))
    at = mapping.source.choices["stage"][label]
    assert at.within is not None
    done = translate("deal", {**WIRE[source](at.within, at.ref)}, source=source, target=target, mapping=mapping)
    (rule,) = (rule for rule in mapping.choices["stage"] if rule.label == label)
    told = {loss.path: loss.reason for loss in done.losses if loss.kind == "differs"}
    if rule.verdict == "leave_out":
        assert told["stage"] == "left_out"
        assert not done.body.keys() & {"Stage", "pipeline_stage_id", "stage_id"}
        return
    goal = mapping.target.choices["stage"][rule.said]
    assert goal.within is not None
    assert done.body == WIRE[target](goal.within, goal.ref)
    assert told == ({"pipeline": "absent"} if target == "base" and source != "base" else {})


# --- examples --------------------------------------------------------------------------------------------------------


def stage(name: str, line: str, identity: str | None = None, within: str | None = None) -> Choice:
    return Choice("stage", Ref(identity, name), Ref(within, line))


def account(vendor: str, name: str, *choices: Choice) -> Catalogue:
    return Catalogue(vendor=vendor, account=name, read_at=COPPER.read_at, choices=choices)


BASE = account(
    "base", "old",
    Choice("pipeline", Ref("1", "Sales")), Choice("pipeline", Ref("2", "Renewals")),
    Choice("stage", Ref("11", "Won"), Ref("1")), Choice("stage", Ref("21", "Won"), Ref("2")),
)  # fmt: skip
TOLD = account(
    "zoho@v8", "new",
    Choice("pipeline", Ref(None, "Standard")), Choice("pipeline", Ref(None, "Renewals")),
    stage("Closed Won", "Standard"), stage("Closed Won", "Renewals"),
)  # fmt: skip


def between(one: Catalogue, other: Catalogue, *lines: str) -> AccountMapping:
    """Return the mapping of two accounts with these lines about stages."""
    head = "".join(
        f'[{name}]\nvendor = "{what.vendor}"\naccount = "{what.account}"\n'
        for name, what in (("source", one), ("target", other))
    )
    sides = relevant(side(one), side(other), registry.get(one.vendor), registry.get(other.vendor))
    return parse_mapping("\n".join([head, "[choices.stage]", *lines, ""]) + kept(*sides))


INTO = between(BASE, TOLD, '"Sales: Won" = "Standard: Closed Won"', '"Renewals: Won" = "Renewals: Closed Won"')
BACK = between(
    TOLD, BASE, '"Standard: Closed Won" = "Sales: Won"', '"Renewals: Closed Won" = "Renewals: Won"',
    "[choices.pipeline]", '"Standard" = "Sales"',
)  # fmt: skip


def carried(mapping: AccountMapping, value: Any) -> Carried:
    source, target = registry.get(mapping.source.vendor), registry.get(mapping.target.vendor)
    return carry(mapping, value, codec_of(source), codec_of(target))


def test_a_stage_brings_its_pipeline_along() -> None:
    """Base says the stage alone; Zoho gets both, in a record and in a conversion."""
    made = carried(INTO, Deal(stage=Ref("21")))
    assert (made.value.stage, made.value.pipeline) == (Ref(None, "Closed Won"), Ref(None, "Renewals"))
    assert (made.losses, made.along) == ((), {"pipeline": False})
    request = carried(INTO, ConvertRequest(lead_id="1", deal=NewDeal(stage=Ref("11"))))
    assert request.value.deal.pipeline == Ref(None, "Standard")
    assert request.along == {"deal.pipeline": False}


def test_a_pipeline_that_the_stage_tells_is_not_lost() -> None:
    """Base keeps it in the stage: a note says so, and nothing has to be allowed."""
    deal = {"Deal_Name": "Pilot", "Pipeline": "Renewals", "Stage": "Closed Won"}
    done = translate("deal", deal, source="zoho", target="base", mapping=BACK)
    assert [(loss.path, loss.level) for loss in done.losses if loss.kind == "differs"] == [("pipeline", "note")]
    alone = translate("deal", {**deal, "Stage": "Old"}, source="zoho", target="base", mapping=BACK)
    assert ("stage", "loss") in [(loss.path, loss.level) for loss in alone.losses]


@pytest.mark.parametrize(
    ("deal", "there", "losses"),
    [
        (Deal(pipeline=Ref(None, "Renewals"), stage=Ref(None, "Closed Won")), Ref("21"), []),
        (Deal(pipeline=Ref(None, "Standard"), stage=Ref(None, "Closed Won")), Ref("11"), []),
        (Deal(stage=Ref(None, "Closed Won")), None, [("stage", "ambiguous")]),
        (Deal(pipeline=Ref(None, "Old"), stage=Ref(None, "Closed Won")), None,
         [("stage", "unmapped_option"), ("pipeline", "unmapped_option")]),
    ],
)  # fmt: skip
def test_a_name_that_several_stages_have_is_told_by_the_pipeline(deal: Deal, there: Any, losses: Any) -> None:
    """Without it, or with one that has no such stage, nothing is guessed."""
    made = carried(BACK, deal)
    assert made.value.stage == there
    assert [(loss.path, loss.reason) for loss in made.losses] == losses


def test_a_name_that_one_stage_alone_has_needs_no_pipeline() -> None:
    """It is that one."""
    one = attrs.evolve(TOLD, choices=TOLD.choices[:3])
    made = carried(between(one, BASE, '"Standard: Closed Won" = "Renewals: Won"'), Deal(stage=Ref(None, "Closed Won")))
    assert (made.value.stage, made.value.pipeline, made.losses) == (Ref("21"), Ref("2"), ())


def test_the_line_of_the_stage_goes_before_the_line_of_the_pipeline() -> None:
    """One pipeline may become two; a deal without stage goes where its pipeline goes."""
    mapping = between(
        TOLD, BASE, '"Standard: Closed Won" = "Renewals: Won"', '"Renewals: Closed Won" = { leave_out = "x" }',
        "[choices.pipeline]", '"Standard" = "Sales"',
    )  # fmt: skip
    deal = Deal(pipeline=Ref(None, "Standard"), stage=Ref(None, "Closed Won"))
    assert carried(mapping, deal).value.pipeline == Ref("2")
    assert carried(mapping, attrs.evolve(deal, stage=None)).value.pipeline == Ref("1")


def test_an_account_without_pipelines_goes_on_as_before() -> None:
    """Its stages have names alone, on either side."""
    flat = account("zoho@v8", "new", Choice("stage", Ref(None, "Closed Won")))
    into = between(BASE, flat, '"Sales: Won" = "Closed Won"', '"Renewals: Won" = { to = "Closed Won", merge = true }')
    assert carried(into, Deal(stage=Ref("21"))).value == Deal(stage=Ref(None, "Closed Won"), custom_fields=())
    copper = account("copper", "new", *COPPER.choices)
    back = between(flat, copper, '"Closed Won" = "Sales: Qualified"')
    done = translate("deal", {"Stage": "Closed Won"}, source="zoho", target="copper", mapping=back)
    assert done.body == {"pipeline_id": 1, "pipeline_stage_id": 987790}
    assert {loss.kind for loss in done.losses} == {"needs"}, "a name and a contact"


def test_a_file_keeps_the_pipeline_of_each_stage() -> None:
    """By its id and name; a file from before that is read as it was."""
    assert INTO.source.choices["stage"]["Sales: Won"] == stage("Won", "Sales", "11", "1")
    assert INTO.target.choices["stage"]["Renewals: Closed Won"] == stage("Closed Won", "Renewals")
    assert (
        parse_mapping(DECIDED + kept(side(COPPER), side(ZOHO))).target.choices["stage"]["Qualification"].within is None
    )


def test_stages_that_nothing_tells_apart_are_counted() -> None:
    """A pipeline "A" with a stage "B: C" and a pipeline "A: B" with a stage "C" have the same label."""
    twins = side(account("zoho", "x", stage("B: C", "A"), stage("C", "A: B"))).choices["stage"]
    assert list(twins) == ["A: B: C (1)", "A: B: C (2)"]


@pytest.mark.parametrize("wrong", ['"Renewals"', "{ id = 3 }", '{ line = "Renewals" }'])
def test_a_pipeline_that_no_draft_wrote_is_refused(wrong: str) -> None:
    """With the line of the stage, as for all that is kept."""
    head = '[source]\nvendor = "base"\naccount = "a"\n[drafted.source.choices.stage]\n'
    text = f'{head}"Won" = {{ id = "1", within = {wrong} }}\n'
    with pytest.raises(MappingError, match=r"mapping\.toml:5: what was kept of a choice was changed"):
        parse_mapping(text)
