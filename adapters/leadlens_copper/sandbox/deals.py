"""What follows for an opportunity from where it is put: pipeline, stage, chance, contact, company."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadlens.emulation.clock import unix
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.dress import invalid


def stage_of(world: World, pipeline: int | None, stage: int | None, *, strict: bool = True) -> tuple[Record, Record]:
    """Return a pipeline and one of its stages; by default the first of each.

    ``strict`` refuses a stage that the pipeline lacks; else its first is taken.
    """
    pipelines = [made for _, made in world.store.iterate("pipeline") if made["type"] == "opportunity"]
    found = next((made for made in pipelines if pipeline in {None, made["id"]}), None)
    if found is None:
        raise invalid(f"pipeline_id {pipeline} is unknown")
    stages = {each["id"]: each for each in found["stages"]}
    if stage is not None and stage not in stages and strict:
        raise invalid(f"pipeline_stage_id {stage} is unknown")
    return found, stages.get(stage, found["stages"][0]) if stage is not None else found["stages"][0]


def placed(world: World, given: Mapping[str, Any], before: Record | None) -> Record:
    """Return what an opportunity takes from its pipeline, stage and contact."""
    more = {**(_moved(world, given, before) if _moves(given) or before is None else {})}
    if before is None and given.get("company_id") is None:
        more |= _contacts_company(world, given.get("primary_contact_id"))
    return more


def _moves(given: Mapping[str, Any]) -> bool:
    return "pipeline_id" in given or "pipeline_stage_id" in given


def _moved(world: World, given: Mapping[str, Any], before: Record | None) -> Record:
    pipeline = given.get("pipeline_id")
    if pipeline is None and before is not None:
        pipeline = before["pipeline_id"]
    found, stage = stage_of(world, pipeline, given.get("pipeline_stage_id"))
    more: Record = {
        "pipeline_id": found["id"],
        "pipeline_is_revenue": found["is_revenue"],
        "pipeline_stage_id": stage["id"],
        "pipeline_type": found["type"],
    }
    if before is None or before["pipeline_stage_id"] != stage["id"]:
        more["date_stage_changed"] = unix(world.now)
        if given.get("win_probability") is None:
            more["win_probability"] = stage["win_probability"] or 0
    return more


def _contacts_company(world: World, number: int | None) -> Record:
    contact = None if number is None else world.store.get("person", number)
    return {key: contact[key] for key in ("company_id", "company_name")} if contact else {}
