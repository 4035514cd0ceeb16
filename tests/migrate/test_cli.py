"""``leadlens migrate`` as people run it, on a sandbox kept in a file."""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.migrate.accounts import migration

from leadlens import Sandbox
from leadlens.cli import BAD_INPUT, DONE, UNKNOWN, run
from leadlens.cli.migrate_screen import Screen
from leadlens.connecting import connect
from leadlens.migrate.runner import Progress
from leadlens.migrate.steps import Maker
from leadlens.model import Contact, Email, PersonName


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = DONE) -> Any:
    """Run a command and return its JSON; its exit code is as expected."""
    assert run(["migrate", *arguments]) == code, capsys.readouterr().err
    out = capsys.readouterr().out
    return json.loads(out) if out.strip() else None


class Place:
    """A folder with a sandbox, a plan and its ledger."""

    def __init__(self, folder: Path, source: str, target: str, *more: str) -> None:
        self.folder, self.accounts, self.more = folder, (source, target), more
        self.plan, self.box = str(folder / "plan.json"), str(folder / "box.db")

    def make(self, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
        return told(capsys, "plan", *self.accounts, "--sandbox", self.box, "-o", self.plan, *self.more, *more)

    def do(self, capsys: pytest.CaptureFixture[str], name: str, *more: str, code: int = DONE) -> Any:
        return told(capsys, name, self.plan, "--sandbox", self.box, *more, code=code)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, "base", "zoho")


def leads(place: Place, number: int) -> list[str]:
    """Return the leads of the last conversions of the source."""
    with Sandbox(db=place.box) as box, connect(place.accounts[0], sandbox=box) as client:
        made = [one.lead_id or "" for one in client.iter_conversions()]
        return [lead for lead in made if made.count(lead) == 1][:number]


def test_the_whole_way(capsys: pytest.CaptureFixture[str], place: Place) -> None:
    """Plan, a sample, the rest, verify, report: and running it again writes nothing."""
    planned = place.make(capsys)
    assert sum(planned["counts"].values()) == 40
    assert planned["calls"] > 40
    assert {loss["path"] for loss in planned["losses"]} >= {"conversion.converted_at", "lead.custom_fields"}
    assert place.do(capsys, "apply", "--dry-run", "--limit", "3")["would_move"] == 3
    assert place.do(capsys, "apply", "--limit", "2")["done"] == 2
    assert place.do(capsys, "apply")["counts"] == {"verified": 40}
    found = place.do(capsys, "verify", "--sample", "10")
    assert (found["agree"], found["faults"], found["open"]) == (40, [], {})
    report = place.do(capsys, "report")
    assert report["finished"]
    assert report["totals"]["verified"] == 40
    assert len(report["undo"]) <= len(report["crosswalk"])
    writes = sum(minute["writes"] for minute in report["timeline"])
    assert place.do(capsys, "apply")["counts"] == {"verified": 40}
    assert sum(minute["writes"] for minute in place.do(capsys, "report")["timeline"]) == writes


def test_the_page_and_the_crosswalk(capsys: pytest.CaptureFixture[str], place: Place) -> None:
    """The page needs nothing from elsewhere and tells how to reach nobody; the CSV has every record once."""
    place.make(capsys, *(option for lead in leads_of(place, capsys) for option in ("--only", lead)))
    place.do(capsys, "apply")
    page, table = place.folder / "report.html", place.folder / "ids.csv"
    assert place.do(capsys, "report", "--html", str(page), "--csv", str(table)) is None
    html = page.read_text(encoding="utf-8")
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "<script" not in html
    assert "default-src 'none'" in html
    some = leads(place, 2)
    with Sandbox(db=place.box) as box, connect("base", sandbox=box) as client:
        for lead_id in some:
            lead: Any = client.get("lead", lead_id)
            assert not [mail for mail in lead.emails if mail.address in html]
            assert not [phone for phone in lead.phones if phone.number in html]
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert len({(row["kind"], row["source"], row["op_id"]) for row in rows}) == len(rows)
    assert {row["kind"] for row in rows} >= {"lead", "contact"}


def leads_of(place: Place, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return two leads of the source, of a sandbox that is made for it."""
    Sandbox(db=place.box).close()
    return leads(place, 2)


def test_a_plan_that_was_changed_is_refused(capsys: pytest.CaptureFixture[str], place: Place) -> None:
    """Its hash stands for all of it; nothing is sent."""
    place.make(capsys)
    plan = json.loads(Path(place.plan).read_text(encoding="utf-8"))
    plan["items"][0]["decision"] = "skip"
    Path(place.plan).write_text(json.dumps(plan), encoding="utf-8")
    assert run(["migrate", "apply", place.plan, "--sandbox", place.box]) == BAD_INPUT
    assert "was changed after it was made" in capsys.readouterr().err
    Path(place.plan).write_text("{}", encoding="utf-8")
    assert run(["migrate", "apply", place.plan, "--sandbox", place.box]) == BAD_INPUT
    assert "no plan of a migration" in capsys.readouterr().err


def test_a_ledger_of_other_accounts_is_refused(capsys: pytest.CaptureFixture[str], place: Place) -> None:
    """What one pair of accounts has in its ledger says nothing about another pair."""
    place.make(capsys)
    place.do(capsys, "apply", "--limit", "1")
    other = str(place.folder / "other.json")
    told(capsys, "plan", "base", "copper", "--sandbox", place.box, "-o", other)
    assert run(["migrate", "apply", other, "--sandbox", place.box]) != DONE
    assert "belongs to a migration from base" in capsys.readouterr().err


def test_an_archive_with_a_flipped_byte_is_refused(capsys: pytest.CaptureFixture[str], place: Place) -> None:
    """Its file is named, and the target is not even asked."""
    folder = place.folder / "archive"
    assert run(["archive", "base", str(folder), "--sandbox", place.box]) == DONE
    spoilt = folder / "lead.jsonl.gz"
    data = bytearray(spoilt.read_bytes())
    data[len(data) // 2] ^= 1
    spoilt.write_bytes(data)
    capsys.readouterr()
    with Sandbox(db=place.box) as box:
        asked = len(box.truth.entries("zoho"))
    assert run(["migrate", "plan", str(folder), "zoho", "--sandbox", place.box, "-o", place.plan]) == BAD_INPUT
    assert "lead.jsonl.gz" in capsys.readouterr().err
    assert not Path(place.plan).exists()
    with Sandbox(db=place.box) as box:
        assert len(box.truth.entries("zoho")) == asked


def test_current_losses_stand_beside_the_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal: how many are done, at which rate, what is left, and what is lost so far."""
    seen: list[str] = []
    stream = SimpleNamespace(isatty=lambda: True, write=seen.append, flush=lambda: None)
    monkeypatch.setattr(sys, "stderr", stream)
    screen = Screen(quiet=False)
    lost = {"deal.owner": 2, "lead.status": 3, "lead.value": 1}
    screen(Progress({"verified": 3, "planned": 1}, 60.0, lost))
    screen(Progress({"verified": 4}, 60.0, lost))
    assert seen == [
        "\r\x1b[K3 of 4 (3 a minute, about 20 s left): 3 verified; lost: lead.status 3, deal.owner 2 and 1 more"
    ]
    screen.end()
    assert seen[-1] == "\n"


def test_losses_are_counted_over_all_attempts(tmp_path: Path) -> None:
    """What is lost so far is what the report says at the end, however often the run was stopped."""
    with migration("base", "zoho", tmp_path, only=["8", "16", "24"]) as moved:
        turns = iter(range(100))
        moved.run(stop=lambda: next(turns) > 4)
        told = dict(moved.run().lost)
        work = moved.open()
        said: dict[str, set[str]] = {}
        for item in work.book.items():
            for loss in work.book.losses(item.op_id):
                if loss.level == "loss":
                    said.setdefault(re.sub(r"\[\d+\]", "", loss.path), set()).add(item.op_id)
        moved.book.close()
        assert told == {path: len(ops) for path, ops in said.items()}


def test_only_what_changed_moves_again(capsys: pytest.CaptureFixture[str], place: Place) -> None:
    """A later plan skips what was migrated and is the same, and updates what has changed since."""
    some = [option for lead in leads_of(place, capsys) for option in ("--only", lead)]
    place.make(capsys, *some)
    place.do(capsys, "apply")
    assert place.make(capsys, *some)["counts"] == {"skip": 2}
    place.do(capsys, "apply")
    with Sandbox(db=place.box) as box, connect("base", sandbox=box) as client:
        made = next(one for one in client.iter_conversions() if one.lead_id == some[-1])
        changed = Contact(emails=(Email(address="new@example.test"),), name=PersonName(last="Changed"))
        assert client.operations.update is not None
        client.driver.run(client.operations.update(made.contact.id or "", changed).flow)
    assert place.make(capsys, *some)["counts"] == {"update": 1, "skip": 1}
    assert place.do(capsys, "apply")["counts"] == {"verified": 1}
    target = next(row["target"] for row in place.do(capsys, "report")["crosswalk"] if row["kind"] == "contact")
    with Sandbox(db=place.box) as box, connect("zoho", sandbox=box) as client:
        contact: Any = client.get("contact", target)
        assert (contact.name.last, contact.emails[0].address) == ("Changed", "new@example.test")


def test_undo_removes_what_the_run_created(capsys: pytest.CaptureFixture[str], place: Place) -> None:
    """And nothing else: what was there before is there after."""
    some = [option for lead in leads_of(place, capsys) for option in ("--only", lead)]

    def there() -> dict[str, set[str]]:
        with Sandbox(db=place.box) as box, connect("zoho", sandbox=box) as client:
            return {
                kind: {one.id or "" for one in client.iter_records(kind)} for kind in ("contact", "company", "deal")
            }

    before = there()
    place.make(capsys, *some)
    place.do(capsys, "apply")
    assert there() != before
    assert run(["migrate", "undo", place.plan, "--sandbox", place.box]) != DONE, "it asks, and nobody says yes"
    capsys.readouterr()
    done = place.do(capsys, "undo", "--yes")
    assert {one["outcome"] for one in done} == {"removed"}
    assert there() == before


def test_the_review_queue(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be done waits with its original and a suggestion, until it is skipped with a reason."""
    monkeypatch.setattr(Maker, "_unrecorded", lambda *_: [])
    place = Place(tmp_path, "base", "copper")
    place.make(capsys)
    place.do(capsys, "apply", code=UNKNOWN)
    place.do(capsys, "verify", code=UNKNOWN)
    left = place.do(capsys, "review", code=UNKNOWN)
    assert all(one["suggestion"] and one["original"] and one["error"] for one in left)
    kinds = {one["reason"] for one in left}
    assert kinds == {"planned", "differs"}, "Copper forgets the parts of names, and nobody has said so"
    planned = next(one["op_id"] for one in left if one["reason"] == "planned")
    assert run(["migrate", "review", place.plan, "--sandbox", place.box, "--skip", planned]) == BAD_INPUT
    capsys.readouterr()
    accepted = [option for one in left if one["reason"] == "differs" for option in ("--accept", one["op_id"])]
    rest = place.do(capsys, "review", "--skip", planned, *accepted, "--reason", "agreed with sales")
    assert rest == []
    assert place.do(capsys, "apply")["counts"] == {"verified": 39, "skipped": 1}
    assert place.do(capsys, "verify")["faults"] == []
