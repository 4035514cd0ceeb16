"""Notes: written on records, read back, and never written twice by leadlens itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from leadlens import (
    About,
    Client,
    InvalidRequestError,
    LossError,
    Note,
    OutcomeUnknownError,
    Ref,
    Sandbox,
    UsageError,
    connect,
)
from leadlens.emulation.faults import Fault

VENDORS = ("base", "copper", "zoho", "zoho@v5")
KINDS = ("lead", "contact", "company", "deal")
WRITES = {"base": "base.create_note", "copper": "copper.create_activity", "zoho": "zoho.create_notes"}
STORED = {"base": ("note", "content"), "copper": ("activity", "details"), "zoho": ("Notes", "Note_Content")}
TEXT = "Wants a demo.\n« après-midi » 来月 :-)"


def any_id(client: Client, kind: str) -> str:
    """Return the id of some record of a kind."""
    return next(client.iter_records(kind)).id or ""


def texts(sandbox: Sandbox, vendor: str) -> list[str]:
    kind, key = STORED[vendor]
    return [record[key] for _, record in sandbox.store(vendor).iterate(kind)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", VENDORS)
def test_a_note_is_written_on_its_record_and_read_back(name: str, kind: str) -> None:
    """The record's notes are one more, with the text and the record that were given; the account has it once."""
    vendor = name.partition("@")[0]
    with Sandbox(seed=7, vendors=[vendor]) as sandbox, connect(name, sandbox=sandbox) as client:
        about = About(kind=kind, id=any_id(client, kind))
        before = list(client.iter_notes_of(kind, about.id or ""))
        made = client.create_note(Note(id="5", text=TEXT, about=about), allow=["about.kind"])
        after = list(client.iter_notes_of(kind, about.id or ""))
        assert [note for note in after if note not in before] == [made]
        assert (made.text, made.about) == (TEXT, about)
        assert made.id not in {None, "5"}
        assert [note for note in client.iter_notes() if note.id == made.id] == [made]
        assert texts(sandbox, vendor).count(TEXT) == 1


def test_the_kind_of_a_note_is_told_where_base_does_not_tell_it() -> None:
    """A note on an organization of Base is one on a company: its contacts are looked up."""
    with Sandbox(seed=7, vendors=["base"]) as sandbox, connect("base", sandbox=sandbox) as client:
        for kind in ("contact", "company"):
            client.create_note(Note(text=kind, about=About(kind=kind, id=any_id(client, kind))))
        found = {note.text: note.about for note in client.iter_notes() if note.text in KINDS}
        assert {text: about and about.kind for text, about in found.items()} == {
            "contact": "contact",
            "company": "company",
        }


@pytest.mark.parametrize("vendor", ["base", "copper", "zoho"])
def test_author_and_time_are_lost_where_the_crm_sets_them(vendor: str) -> None:
    """Copper takes both; the others refuse before anything is sent, unless it is allowed."""
    when = dt.datetime(2024, 5, 1, 9, 30, tzinfo=dt.UTC)
    with Sandbox(seed=7, vendors=[vendor]) as sandbox, connect(vendor, sandbox=sandbox) as client:
        about = About(kind="lead", id=any_id(client, "lead"))
        author = client.choices("user")[1].ref
        note = Note(text=TEXT, about=about, author=Ref(author.id), created_at=when, modified_at=when)
        plan = client.plan_note(note)
        assert (plan.requests, plan.credits) == (1, 1)
        lost = {loss.path for loss in plan.losses}
        assert lost == (set() if vendor == "copper" else {"author", "created_at"})
        if lost:
            with pytest.raises(LossError):
                client.create_note(note)
        assert TEXT not in texts(sandbox, vendor)
        made = client.create_note(note, allow=lost)
        assert ((made.author, made.created_at) == (author, when)) is (vendor == "copper")


def test_a_title_is_kept_where_there_is_one() -> None:
    """Zoho's notes have titles; elsewhere one is a loss."""
    with Sandbox(seed=7) as sandbox:
        for vendor in WRITES:
            with connect(vendor, sandbox=sandbox) as client:
                note = Note(title="Call", text=TEXT, about=About(kind="lead", id=any_id(client, "lead")))
                paths = {loss.path for loss in client.plan_note(note).losses}
                assert paths == (set() if vendor == "zoho" else {"title"})
                if vendor == "zoho":
                    assert client.create_note(note).title == "Call"


@pytest.mark.parametrize("vendor", WRITES)
def test_a_note_whose_reply_is_lost_is_not_sent_again(vendor: str) -> None:
    """The outcome is unknown and raised; the account has the note once, where it can be found."""
    fault = Fault(what="reset", when="after", operation=WRITES[vendor])
    with Sandbox(seed=7, vendors=[vendor], faults=[fault]) as sandbox, connect(vendor, sandbox=sandbox) as client:
        about = About(kind="lead", id=any_id(client, "lead"))
        with pytest.raises(OutcomeUnknownError):
            client.create_note(Note(text=TEXT, about=about))
        assert texts(sandbox, vendor).count(TEXT) == 1
        assert [note.text for note in client.iter_notes_of("lead", about.id or "")].count(TEXT) == 1


@pytest.mark.parametrize("vendor", WRITES)
def test_a_note_on_nothing_is_refused(vendor: str) -> None:
    """Without a record it is a loss before anything is sent; on one that is not there the CRM refuses it."""
    with Sandbox(seed=7, vendors=[vendor]) as sandbox, connect(vendor, sandbox=sandbox) as client:
        with pytest.raises(LossError, match="about"):
            client.create_note(Note(text=TEXT))
        with pytest.raises(InvalidRequestError):
            client.create_note(Note(text=TEXT, about=About(kind="lead", id="987654321")))
        assert TEXT not in texts(sandbox, vendor)


def test_notes_of_a_kind_that_has_none_are_a_wrong_question() -> None:
    """A record of no known kind is refused with what there is."""
    with Sandbox(seed=7) as sandbox:
        for vendor in ("base", "zoho"):
            with connect(vendor, sandbox=sandbox) as client, pytest.raises(UsageError):
                list(client.iter_notes_of("project", "1"))
        with connect("zoho@v4", sandbox=sandbox) as client:
            with pytest.raises(UsageError, match="v5"):
                list(client.iter_notes_of("lead", "1"))
            with pytest.raises(UsageError, match="v5"):
                client.create_note(Note(text=TEXT, about=About(kind="lead", id="1")))


def test_what_a_reply_lacks_is_an_unknown_outcome() -> None:
    """A success without an id is none."""
    from leadlens import registry
    from leadlens.flow import Reply

    bodies: dict[str, Any] = {
        "base": {"data": {"content": "x"}},
        "copper": {"details": "x", "type": {"id": 0, "category": "user"}},
        "zoho": {"data": [{"details": {}}]},
    }
    for vendor, body in bodies.items():
        operations = registry.get(vendor).operations
        assert operations is not None
        create = operations().create_note
        assert create is not None
        flow = create(Note(text=TEXT, about=About(kind="lead", id="1"))).flow
        next(flow)
        with pytest.raises(OutcomeUnknownError):
            flow.send(Reply(200, {}, body))
