"""I9: neither a secret nor what people said of themselves is in logs, reprs, reports or errors of a migration."""

from __future__ import annotations

import html
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.migrate.accounts import Migration, migration, planned

from leadlens import Sandbox
from leadlens.connecting import connect
from leadlens.emulation.faults import Fault
from leadlens.migrate import report, review, runner
from leadlens.migrate.hand import Hand
from leadlens.migrate.report_page import page
from leadlens.model import Email, PersonName

LEADS = ["8", "16", "24", "32"]
SECRET = "canary-of-a-token"
FAULTS = [
    Fault(what="500", operation="zoho.create_lead", nth=1),
    Fault(what="reset", operation="zoho.convert_lead", nth=2),
    Fault(what="truncated", operation="zoho.update_*", nth=1),
]


def personal(moved: Migration) -> set[str]:
    """Return what the migrated records say of people: names, addresses, numbers, texts."""
    said: set[str] = set()
    for made in moved.origin.conversions():
        if made.lead_id in LEADS:
            bundle = moved.origin.bundle(made)
            for record in (bundle.lead, bundle.contact, bundle.company, *bundle.notes):
                said |= set(_texts(record))
    long = {text for text in said if len(text) > 5}
    return long | {html.escape(text) for text in long}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _texts(record: Any) -> Iterator[str]:
    for attribute in ("description", "company_name", "text"):
        yield getattr(record, attribute, None) or ""
    name = getattr(record, "name", None)
    yield (name.display if isinstance(name, PersonName) else name) or ""
    for mail in getattr(record, "emails", ()):
        yield mail.address or ""
    for phone in getattr(record, "phones", ()):
        yield phone.number or ""


def test_nobody_is_told_who_they_are(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever fails on the way: the page, the report, the logs and the reprs hold ids and counts."""
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    with (
        Sandbox(7, faults=FAULTS) as sandbox,
        connect("base", sandbox=sandbox) as here,
        connect("zoho", sandbox=sandbox, access_token=SECRET, hook=lambda sent: told.append(repr(sent))) as there,
    ):
        moved = planned(sandbox, Hand(here), Hand(there), tmp_path, only=LEADS)
        said = {*personal(moved), SECRET}
        assert len(said) > 10
        work = moved.open()
        told += [repr(runner.Runner(work, told=lambda at: told.append(repr(at))).run())]
        done = report.report(work.book, moved.plan)
        told += [
            repr(work),
            repr(moved.target),
            repr(work.maker),
            *map(repr, work.book.items()),
            _json(done),
            page(done),
        ]
        told += [_json(runner.verify(work))]
        told += [repr(work.bundle(item)) for item in work.book.items()]
        moved.book.close()
        struck = {entry.fault for entry in sandbox.truth.entries("zoho")}
    found = "\n".join([*told, *(record.getMessage() for record in caplog.records)])
    assert sorted(text for text in said if text in found) == []
    assert struck >= {fault.what for fault in FAULTS}


def test_a_refusal_does_not_say_what_was_refused(tmp_path: Path) -> None:
    """Its error and what the review lists beside the original hold no value."""
    with migration("base", "zoho", tmp_path, only=LEADS[:1]) as moved:
        said = {*personal(moved), "two words@at@once.example"}
        read = moved.origin.bundle

        class Broken:
            """A source whose lead the target refuses."""

            adapter = moved.origin.adapter
            expect = moved.origin.expect

            def bundle(self, made: Any) -> Any:
                bundle: Any = read(made)
                mails = (Email(address="two words@at@once.example"),)
                return attrs.evolve(bundle, lead=attrs.evolve(bundle.lead, emails=mails))

        origin: Any = Broken()
        moved.origin = origin
        assert moved.run().counts == {"rejected": 1}
        work = moved.open()
        (left,) = review.queue(work.book)
        moved.book.close()
        told = _json({name: value for name, value in left.items() if name != "original"})
        assert left["error"]["kind"]
        assert sorted(text for text in said if text in told) == []
