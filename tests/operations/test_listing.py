"""Everything of an account is listed: beyond what one search shows, and past what cannot be read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import leadlens_base.listing
import leadlens_zoho.listing
from leadlens import About, InputError, Note, NotFoundError, OutcomeUnknownError, Sandbox, UsageError, connect
from leadlens.errors import VendorError
from leadlens.flow import Reply
from leadlens_copper import listing


def test_copper_is_listed_beyond_what_one_search_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a search ends a further one goes on from the last date; each record comes, and once to the client."""
    with Sandbox(seed=7, vendors=["copper"]) as sandbox, connect("copper", sandbox=sandbox) as client:
        leads = list(client.iter_all("lead"))
        for day in range(1, 31):
            when = dt.datetime(2024, 6, day, tzinfo=dt.UTC)
            client.create_note(Note(text=f"day {day}", about=About(kind="lead", id=leads[0].id), created_at=when))
        notes = [note.id for note in client.iter_notes()]
        monkeypatch.setattr(listing, "PAGE", 20)
        monkeypatch.setattr(listing, "REACH", 60)
        found = [one.id or "" for one in client.iter_all("lead")]
        assert sorted(found) == sorted(one.id or "" for one in leads)
        assert client.count("lead") == len(leads) == 284
        with pytest.raises(UsageError, match="more than 60 contacts of this account are of one second"):
            list(client.iter_all("contact"))  # the demo makes them all at once
        assert [note.id for note in client.iter_notes()] == notes
        assert len(notes) == 70


def test_what_cannot_be_read_is_said_by_its_id() -> None:
    """A record that the mapping cannot read stops the reading with its kind and id; a page still has it."""
    with Sandbox(seed=7, vendors=["base"]) as sandbox, connect("base", sandbox=sandbox) as client:
        with sandbox.world("base") as world:
            lead = world.store.get("lead", 3)
            assert lead is not None
            world.store.replace("lead", 3, {**lead, "first_name": 5})
        page = client.page("lead")
        assert [(item.id, item.neutral) for item in page.items if item.neutral is None] == [("3", None)]
        with pytest.raises(InputError, match="lead 3"):
            list(client.iter_all("lead"))


def test_a_kind_that_is_not_listed_is_a_wrong_question() -> None:
    """It is said with what there is; its number is not known."""
    with Sandbox(seed=7, vendors=["base"]) as sandbox, connect("base", sandbox=sandbox) as client:
        with pytest.raises(UsageError, match="every 'mail'; there are user"):
            client.page("mail")
        assert client.count("mail") is None
        assert set(client.unlisted) == {"message"}


def flow_of(vendor: str, kind: str, place: str | None = None) -> Any:
    every = {
        "base": leadlens_base.listing.every,
        "copper": lambda *given: listing.every(None, *given),
        "zoho": lambda *given: leadlens_zoho.listing.every("v8", *given),
    }
    return every[vendor](kind, place)


def answered_with(flow: Any, body: Any) -> Any:
    """Return the items of the page that a flow makes when it gets this body each time, or the error it raises."""
    try:
        for _ in range(5):
            flow.send(Reply(200, {}, body))
    except StopIteration as done:
        return done.value.items
    except VendorError as error:
        return type(error)
    raise AssertionError("it asks again and again")


@pytest.mark.parametrize("kind", ["lead", "note", "definition", "user"])
@pytest.mark.parametrize("vendor", ["base", "copper", "zoho"])
@pytest.mark.parametrize("body", [{"data": 5}, [5], {"items": [{"data": {}}], "meta": {}}, {"fields": [{}]}, "x"])
def test_a_page_that_is_none_is_an_unknown_outcome(vendor: str, kind: str, body: Any) -> None:
    """Whatever comes in place of a page, no record is made of it."""
    flow = flow_of(vendor, kind)
    next(flow)
    assert answered_with(flow, body) in {(), OutcomeUnknownError}


def test_a_record_that_went_has_no_files() -> None:
    """Files are listed record by record; one that is gone meanwhile has none."""
    for vendor, records in (("copper", [{"id": 5}]), ("zoho", {"data": [{"id": "5"}], "info": {}})):
        flow = flow_of(vendor, "attachment")
        next(flow)
        call = flow.send(Reply(200, {}, records))
        assert call.name == "list_files"
        with pytest.raises(StopIteration) as ended:
            flow.throw(NotFoundError(vendor, status=404))
        assert ended.value.value.items == ()
        assert ended.value.value.next == "contact"


def test_the_kinds_are_those_that_are_listed() -> None:
    """Every kind of every CRM gives a page in the demo account; those that are not listed say why."""
    with Sandbox(seed=7) as sandbox:
        for name in ("base", "copper", "zoho", "zoho@v2", "zoho@v4"):
            with connect(name, sandbox=sandbox) as client:
                for kind in client.kinds:
                    assert client.page(kind).items or kind in ("activity", "company_tag", "deal_tag"), (name, kind)
                assert all(client.unlisted.values())
                assert not set(client.unlisted) & set(client.kinds)


def test_an_error_of_the_crm_is_passed_on() -> None:
    """What the CRM refuses while it is listed is raised as it is."""
    flow = flow_of("copper", "lead")
    next(flow)
    with pytest.raises(VendorError):
        flow.throw(VendorError("copper", status=500))
