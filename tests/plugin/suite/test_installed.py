"""What somebody who installs the distribution beside leadlens has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

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
    line = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent)
    assert done.returncode == 0, done.stdout
