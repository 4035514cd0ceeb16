"""What goes along with a conversion, what is left behind and counted, and a source that is an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.migrate.accounts import KEPT, migration, planned

from leadlens import Sandbox
from leadlens.connecting import connect
from leadlens.migrate import runner
from leadlens.migrate.archive import Archive
from leadlens.migrate.archive_writing import archive
from leadlens.migrate.hand import Hand
from leadlens.migrate.origin import KeptOrigin, every_note
from leadlens.model import About


def _notes(hand: Hand, kind: str, identity: str) -> list[Any]:
    ask = hand.operations.notes_of
    assert ask is not None
    return hand.client.driver.run(every_note(ask, About(kind=kind, id=identity)))


@pytest.mark.parametrize(("source", "target"), [("copper", "zoho"), ("zoho", "base"), ("copper", "base")])
def test_notes_go_along_once(source: str, target: str, tmp_path: Path) -> None:
    """Every note of a conversion's records is on what they became, and running it again writes none."""
    with migration(source, target, tmp_path) as moved:
        moved.run()
        moved.run()
        work = moved.open()
        there = 0
        for item in work.book.items():
            bundle = work.bundle(item) if item.state == "verified" else None
            rows = {row["kind"]: row for row in work.book.links(item.op_id)}
            if bundle is None or not bundle.notes or rows["contact"]["how"] != "created":
                continue
            texts = [(note.text or "").split() for note in _notes(moved.target, "contact", rows["contact"]["target"])]
            for note in bundle.notes:
                if note.about is not None and note.about.kind in ("lead", "contact"):
                    assert texts.count((note.text or "").split()) == 1
                    there += 1
        moved.book.close()
        assert there


def test_what_is_left_behind_is_counted(tmp_path: Path) -> None:
    """Tasks, calls and files are in the plan in numbers, never forgotten."""
    with migration("base", "zoho", tmp_path, only=["40"]) as moved:
        assert moved.plan["left_behind"]["task"] == moved.sandbox.store("base").count("task") > 0
        assert set(moved.plan["left_behind"]) >= {"task", "call", "attachment"}


def test_an_archive_is_a_source(tmp_path: Path) -> None:
    """What is migrated from an archive is what is migrated from the account."""
    with Sandbox(7, switches=KEPT) as sandbox, connect("base", sandbox=sandbox) as here:
        archive(here, tmp_path / "archive", account="base")
        with connect("zoho", sandbox=sandbox) as there:
            live = planned(sandbox, Hand(here), Hand(there), tmp_path)
            origin: Any = KeptOrigin(Archive(tmp_path / "archive"))
            from leadlens.migrate import plan as plans

            plan = plans.make(origin, Hand(there), source="archive", goal="zoho", rules=plans.Rules())
            ignored = ("op_id", "digest")
            same = [{k: v for k, v in one.items() if k not in ignored} for one in plan["items"]]
            assert same == [{k: v for k, v in one.items() if k not in ignored} for one in live.plan["items"]]
            live.origin, live.plan = origin, plan
            assert live.run().counts == {"verified": 40}
            work = live.open()
            assert runner.verify(work)["faults"] == []
            live.book.close()
