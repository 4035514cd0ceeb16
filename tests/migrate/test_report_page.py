"""The page of a migration's report: what nothing happened of is not coloured as if it had."""

from __future__ import annotations

import re
from pathlib import Path

from tests.migrate.accounts import migration

from leadlens.migrate import report
from leadlens.migrate.report_page import page


def test_nothing_refused_is_no_alarm(tmp_path: Path) -> None:
    """A zero stands in plain ink, and what was moved in its colour."""
    with migration("base", "zoho", tmp_path, only=["8", "16"]) as moved:
        work = moved.open()
        told = page(report.report(work.book, moved.plan))
        moved.book.close()
        before = re.findall(r'<li class="(\w+)"><b>(\d+)', told)
        moved.run()
        work = moved.open()
        told = page(report.report(work.book, moved.plan))
        moved.book.close()
    assert ("none", "0") in before
    assert ("verified", "2") in re.findall(r'<li class="(\w+)"><b>(\d+)', told)
    assert "rejected" not in {state for state, _ in re.findall(r'<li class="(\w+)"><b>(\d+)', told)}
