"""What somebody who installs the distribution beside leadlens has."""

from __future__ import annotations

import hashlib
import html
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leadlens import Sandbox, connect
from leadlens.model import About, Note

Run = Callable[..., subprocess.CompletedProcess[str]]
LEAD = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "organization_name": "Analytical"}


def test_found_by_its_entry_point(run: Run) -> None:
    """Without the folder on the path, the installed entry point is how leadlens comes to know the adapter."""
    refused = run("translate", "lead", "--from", "base", "--to", "pipedriv", given="{}")
    assert refused.returncode == 2
    assert "did you mean 'pipedrive'?" in refused.stderr


def test_a_lead_of_base(run: Run) -> None:
    """A lead of Base's becomes a person, an organization and what points to them."""
    done = run("translate", "lead", "--from", "base", "--to", "pipedrive", given=json.dumps(LEAD))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["body"] == {
        "person": {"name": "Ada Lovelace", "emails": [{"value": "ada@example.com", "label": "work"}]},
        "organization": {"name": "Analytical"},
    }


def test_a_conversion_of_base(run: Run) -> None:
    """A conversion that Base makes without being asked for a deal is one with a deal on Pipedrive."""
    request = json.dumps({"data": {"lead_id": 2}})
    done = run("translate", "convert-request", "--from", "base", "--to", "pipedrive", "--lead-id", "a-1", given=request)
    assert done.returncode == 0, done.stderr
    calls = json.loads(done.stdout)["calls"]
    assert [(call["method"], call["path"]) for call in calls] == [("POST", "/api/v2/leads/a-1/convert/deal")]


def test_its_own_contracts() -> None:
    """The sandbox imports nothing of the mapping that it judges, and the adapter nothing above its level."""
    line = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent)
    assert done.returncode == 0, done.stdout


def test_a_migration(run: Run, tmp_path: Path) -> None:
    """All conversions of Base's demo account arrive in Pipedrive, each once, and agree; run again, it writes none."""
    box = ("--sandbox", "box.db")
    key = hashlib.blake2b(b"deal:External ID", digest_size=20).hexdigest()
    refused = run("migrate", "plan", "base", "pipedrive", *box, "-o", "plan.json", at=tmp_path)
    assert refused.returncode == 2
    assert "--key FIELD" in refused.stderr, "a Pipedrive lead has no tags to be known by"

    with Sandbox(db=tmp_path / "box.db", vendors=["base"]) as sandbox, connect("base", sandbox=sandbox) as base:
        said = [f"call {made.id} <back> & soon" for made in base.iter_conversions()]
        for text, one in zip(said, base.iter_conversions(), strict=True):
            base.create_note(Note(text=text, about=About(kind="contact", id=one.contact.id or one.company.id)))

    def told(*arguments: str) -> Any:
        done = run("migrate", *arguments, at=tmp_path)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    plan = told("plan", "base", "pipedrive", *box, "--key", key, "-o", "plan.json")
    assert plan["counts"] == {"replay": 25, "create": 15}
    assert told("apply", "plan.json", *box)["counts"] == {"verified": 40}
    assert told("apply", "plan.json", *box)["counts"] == {"verified": 40}
    assert told("verify", "plan.json", *box)["faults"] == []
    undone = told("undo", "plan.json", *box, "--yes")
    left = Counter((one["kind"], one["outcome"]) for one in undone)
    assert left["deal", "removed"] == 25, "a deal names the lead that it came from, and the run made that lead"
    assert {kind for kind, outcome in left if outcome == "kept"} >= {"contact", "company"}, (
        "without tags nothing else does"
    )
    assert {outcome for kind, outcome in left if kind == "lead"} == {"gone"}
    with Sandbox(db=tmp_path / "box.db", vendors=["base", "pipedrive"]) as sandbox:
        made = [c for c in sandbox.truth.changes("pipedrive", what="converted") if c.sequence]
        assert len(made) == len({change.id for change in made}) == 25
        deals = [record for _, record in sandbox.store("pipedrive").iterate("deal")]
        of_leads = [deal["is_deleted"] for deal in deals if deal["source_lead_id"]]
        assert sorted(of_leads) == [False] * 6 + [True] * 25, "those of the demo data are left"
        notes = [note for _, note in sandbox.store("pipedrive").iterate("note")]
        assert len(notes) == 40, "each conversion's own"
        assert {html.unescape(note["content"]) for note in notes} == set(said)
        assert len({note["content"] for note in notes}) == len(notes)
