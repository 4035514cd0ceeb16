"""What a person decides: retry, link, skip, accept, and corrected originals of what was rejected."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from tests.migrate.accounts import migration

from leadlens.conversion import Conversion
from leadlens.errors import UsageError
from leadlens.migrate import review, runner
from leadlens.migrate.advance import advance
from leadlens.migrate.items import RECORDS, Item
from leadlens.migrate.origin import Bundle, LiveOrigin
from leadlens.migrate.work import Work
from leadlens.model import Email


def brought_to(work: Work, state: str) -> Item:
    """Bring the one item of a run to a state, call by call."""
    for _ in range(50):
        (item,) = work.book.items()
        if item.state == state:
            return item
        advance(work, [item.op_id])
    raise AssertionError(f"it is {item.state}")


def test_a_conversion_of_somebody_else_is_linked(tmp_path: Path) -> None:
    """A lead that others convert meanwhile is never converted again; a person says what it became."""
    with migration("base", "zoho", tmp_path, only=["16"]) as moved:
        work = moved.open()
        item = brought_to(work, "upserted")
        made = work.hand.client.call("POST", f"/crm/v8/Leads/{item.target}/actions/convert", body={"data": [{}]})
        found = made.body["data"][0]["details"]
        going = runner.Runner(work).run()
        assert going.counts == {"review": 1}
        item = work.book.items()[0]
        assert item.reason == "foreign_conversion"
        assert "somebody else" in review.suggestion(item)
        with pytest.raises(UsageError, match="link a lead"):
            review.link_to(work, item.op_id, {"thing": "1"})
        ids = {"lead": item.target or "", "contact": found["Contacts"]["id"], "company": found["Accounts"]["id"]}
        review.link_to(work, item.op_id, ids)
        assert runner.Runner(work).run().counts == {"verified": 1}
        converted = [c for c in moved.sandbox.truth.changes("zoho", what="converted") if c.sequence]
        assert len(converted) == 1
        losses = {loss.path for loss in work.book.losses(item.op_id)}
        assert {"contact", "company"} <= losses
        work.book.close()


def test_what_was_rejected_is_corrected_and_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its original is exported, edited, taken back, and moved."""
    with migration("base", "zoho", tmp_path, only=["16"]) as moved:
        read = LiveOrigin.bundle

        def misspelled(self: LiveOrigin, made: Conversion) -> Bundle:
            bundle = read(self, made)
            assert bundle.lead is not None
            return attrs.evolve(bundle, lead=attrs.evolve(bundle.lead, emails=(Email(address="no address"),)))

        monkeypatch.setattr(LiveOrigin, "bundle", misspelled)
        work = moved.open()
        assert runner.Runner(work).run().counts == {"rejected": 1}
        queue = review.queue(work.book)
        assert "rejected.jsonl" in queue[0]["suggestion"]
        assert review.replay(work, [{**queue[0], "state": "review"}]) == 0
        original = queue[0]["original"]
        assert original["lead"]["emails"] == [{"address": "no address"}]
        original["lead"]["emails"] = [{"address": "right@example.test"}]
        assert review.replay(work, [{**queue[0], "original": original}]) == 1
        assert runner.Runner(work).run().counts == {"verified": 1}
        work.book.close()


def test_a_retry_writes_the_records_again(tmp_path: Path) -> None:
    """What somebody has changed in the target meanwhile is as in the source after it."""
    with migration("base", "zoho", tmp_path, only=["16"]) as moved:
        work = moved.open()
        item = brought_to(work, "completing")
        while not any(step.number == RECORDS + 1 and step.state == "done" for step in work.book.steps(item.op_id)):
            advance(work, [item.op_id])
        contact = next(row["target"] for row in work.book.links(item.op_id) if row["kind"] == "contact")
        work.hand.client.call("PUT", f"/crm/v8/Contacts/{contact}", body={"data": [{"Last_Name": "Wrong"}]})
        assert runner.Runner(work).run().counts == {"review": 1}
        assert [f["path"] for f in work.book.document(item.op_id, "error")["faults"]] == ["contact.name.last"]
        with pytest.raises(UsageError, match="--reason"):
            review.accept(work.book, item.op_id, " ")
        review.retry(work.book, item.op_id)
        assert runner.Runner(work).run().counts == {"verified": 1}
        with pytest.raises(UsageError, match="is verified"):
            review.retry(work.book, item.op_id)
        work.book.close()


def test_what_is_skipped_stays_out(tmp_path: Path) -> None:
    """With its reason in the report."""
    with migration("base", "copper", tmp_path) as moved:
        asks = [one for one in moved.plan["items"] if one["decision"] == "review"]
        work = moved.open()
        with pytest.raises(UsageError, match="cannot be done as it was planned"):
            review.retry(work.book, asks[0]["op_id"])
        review.skip(work.book, asks[0]["op_id"], "no longer wanted")
        assert work.book.item(asks[0]["op_id"]).state == "skipped"
        assert review.queue(work.book) == []
        work.book.close()
