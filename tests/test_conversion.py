"""What a conversion and an upsert are: requests that always say what is meant, and outcomes that never pretend."""

from __future__ import annotations

import datetime as dt
import typing
from typing import Any

import attrs
import pytest

from leadlens.conversion import (
    CompanyTarget,
    ContactTarget,
    Conversion,
    ConvertRequest,
    Created,
    DealTarget,
    Existing,
    Linked,
    Match,
    MatchKey,
    NewCompany,
    NewContact,
    NewDeal,
    NoRecord,
    Nothing,
    Outcome,
    Present,
    UpsertRequest,
    UpsertResult,
    VendorDefault,
    VendorExtras,
)
from leadlens.model import Company, Contact, Deal, Email, Lead, Money, PersonName

THEN = dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC)
LATER = THEN + dt.timedelta(seconds=1)


# --- the request -----------------------------------------------------------------------------------------------------


def test_what_is_left_out_is_said() -> None:
    """Left out, contact and company are what the CRM does by itself, and the deal is none."""
    request = ConvertRequest()
    assert (request.contact, request.company, request.deal) == (VendorDefault(), VendorDefault(), Nothing())
    assert request.lead_id is None


@pytest.mark.parametrize(
    ("union", "members"),
    [
        (ContactTarget, {NewContact, Existing, Match, Nothing, VendorDefault}),
        (CompanyTarget, {NewCompany, Existing, Match, Nothing, VendorDefault}),
        (DealTarget, {NewDeal, Existing, Nothing, VendorDefault}),
        (Outcome, {Created, Linked, Present, NoRecord}),
    ],
)
def test_the_targets_and_outcomes(union: Any, members: set[type]) -> None:
    """Each target and each outcome is one of these, and nothing else."""
    assert set(typing.get_args(union)) == members


@pytest.mark.parametrize("member", [Nothing, VendorDefault, NewDeal, NewContact, NewCompany])
def test_saying_nothing_is_not_the_same_as_wanting_nothing(member: type) -> None:
    """The members that carry nothing are different from each other."""
    others = {Nothing, VendorDefault, NewDeal, NewContact, NewCompany} - {member}
    assert all(member() != other() for other in others)
    assert member() == member()


@pytest.mark.parametrize("cls", [Existing, Match])
@pytest.mark.parametrize("wrong", ["", None, 5, b"x"])
def test_an_empty_id_or_name_is_refused(cls: type, wrong: Any) -> None:
    """A record cannot be named by nothing."""
    with pytest.raises(ValueError, match="must be a text that is not empty"):
        cls(wrong)


def test_a_match_is_exact_unless_said_otherwise() -> None:
    """A match by name is exact; leaving it to the CRM is said by name."""
    assert Match("Acme").exact is True
    assert Match("Acme", exact=False) != Match("Acme")
    with pytest.raises(TypeError):
        Match("Acme", False)  # type: ignore[call-arg]  # the fact tested


def test_the_face_of_the_library() -> None:
    """A request reads as the documentation writes it."""
    request = ConvertRequest(lead_id="5", company=Existing("7"), deal=NewDeal(name="Pilot", value=Money(1000, "EUR")))
    assert request.company == Existing("7")
    assert isinstance(request.deal, NewDeal)
    assert request.deal.value == Money("1000", "EUR")


def test_extras_are_visibly_not_portable() -> None:
    """Keys of one vendor alone stand under a name that says so, with the vendor."""
    request = ConvertRequest(not_portable=VendorExtras(vendor="zoho", values={"x": 1}))
    assert request.not_portable == VendorExtras(vendor="zoho", values={"x": 1})
    assert VendorExtras(vendor="zoho").values == {}


# --- the outcome -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cls", "outcome"), [(Created, "created"), (Linked, "linked"), (Present, "present")])
@pytest.mark.parametrize(
    ("record", "name"),
    [
        (Contact(id="1", name=PersonName(first="Ada", last="Lovelace")), "Ada Lovelace"),
        (Contact(id="1"), None),
        (Company(id="1", name="Acme"), "Acme"),
        (Deal(id="1", name="Pilot"), "Pilot"),
    ],
)
def test_an_outcome_names_its_record(cls: Any, outcome: str, record: Any, name: str | None) -> None:
    """Each outcome has its word, and the id, name and full record of what there is."""
    made = cls(record=record)
    assert (made.outcome, made.id, made.name, made.record) == (outcome, "1", name, record)


def test_no_record_has_no_record() -> None:
    """Where none was made, everything about it is None."""
    none = NoRecord()
    assert (none.outcome, none.id, none.name, none.record) == ("none", None, None, None)


def test_outcomes_are_told_apart() -> None:
    """Created, linked and present are different, even of the same record."""
    record = Contact(id="1")
    assert len({Created(record=record), Linked(record=record), Present(record=record)}) == 3


def test_an_outcome_needs_its_record() -> None:
    """What is there has a record; there is no outcome without one but none."""
    for cls in (Created, Linked, Present):
        with pytest.raises(TypeError):
            cls()  # type: ignore[call-arg]  # the fact tested


def test_a_conversion_made_nothing_unless_said() -> None:
    """A conversion of which nothing is told made nothing."""
    assert (Conversion().contact, Conversion().company, Conversion().deal) == (NoRecord(), NoRecord(), NoRecord())


# --- upserts ---------------------------------------------------------------------------------------------------------


def test_clearing_is_explicit() -> None:
    """What is to be cleared is named, each name once, in any order."""
    request = UpsertRequest(record=Lead(title="x"), clear=("tags", "emails", "tags"))
    assert set(request.clear) == {"tags", "emails"}
    assert len(request.clear) == 2
    assert request == UpsertRequest(record=Lead(title="x"), clear=("emails", "tags"))


@pytest.mark.parametrize("record", [Lead(), Contact(), Company(), Deal()])
def test_only_a_field_can_be_cleared(record: Any) -> None:
    """A name that is no field of the record is refused."""
    with pytest.raises(ValueError, match=f"clear: a {record.__class__.__name__} has no field 'emial'"):
        UpsertRequest(record=record, clear=("emial",))
    names = tuple(a.name for a in attrs.fields(record.__class__))
    assert set(UpsertRequest(record=record, clear=names).clear) == set(names)


@pytest.mark.parametrize("said", [{"title": "x"}, {"title": ""}, {"emails": (Email(address="a"),)}, {"employees": 0}])
def test_a_field_is_set_or_cleared(said: dict[str, Any]) -> None:
    """A field that is given cannot be cleared at the same time."""
    with pytest.raises(ValueError, match="cannot be both set and cleared"):
        UpsertRequest(record=Lead(**said), clear=tuple(said))


def test_match_keys_keep_their_order() -> None:
    """Keys to match by count in the order in which they are given."""
    keys = (MatchKey(field="email"), MatchKey(field="name"))
    assert UpsertRequest(match=keys).match == keys
    assert UpsertRequest(match=keys) != UpsertRequest(match=keys[::-1])


@pytest.mark.parametrize(
    ("result", "start"),
    [
        (UpsertResult(record=Lead(created_at=THEN, modified_at=THEN)), "looks created"),
        (UpsertResult(record=Lead(created_at=THEN, modified_at=LATER)), "looks updated"),
        (UpsertResult(record=Lead(created_at=THEN)), "looks updated"),
        (UpsertResult(record=Lead()), None),
        (UpsertResult(outcome="created", record=Lead(created_at=THEN, modified_at=THEN)), None),
        (UpsertResult(outcome="updated", record=Lead(created_at=THEN, modified_at=LATER)), None),
    ],
)
def test_a_hint_is_a_guess_for_the_unknown_alone(result: UpsertResult, start: str | None) -> None:
    """Only where the outcome is unknown and times are told is there a hint; it says that it is a look, not a proof."""
    assert (result.hint or "").startswith(start or "")
    assert (result.hint is None) == (start is None)


@pytest.mark.parametrize("target", ["contact", "company", "deal"])
def test_a_conversion_holds_records_of_their_kinds(target: str) -> None:
    """Where a contact belongs there is no deal, and so on."""
    kinds: dict[str, Any] = {"contact": Contact, "company": Company, "deal": Deal}
    for name, kind in kinds.items():
        outcome: Any = {target: Created(record=kind(id="5"))}
        if name == target:
            assert getattr(Conversion(**outcome), target) is outcome[target]
        else:
            with pytest.raises(ValueError, match=f"{target}: a {kinds[target].__name__} belongs here"):
                Conversion(**outcome)


def test_a_result_has_its_records_id() -> None:
    """The result's id is its record's."""
    assert UpsertResult(record=Lead(id="5")).id == "5"
    assert UpsertResult().id is None
