"""The neutral records: frozen, keyword-only, comparable, and never vague about time, money or identity."""

from __future__ import annotations

import datetime as dt
import inspect
import pickle
import typing
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadlens
from leadlens import conversion, model
from leadlens.conversion import ConvertRequest, Existing, Match
from leadlens.model import (
    Address,
    Company,
    Contact,
    CustomField,
    Deal,
    Email,
    Lead,
    Money,
    PersonName,
    Phone,
    Ref,
    as_mapping,
    is_given,
    joined_name,
)

RECORDS = (Lead, Contact, Company, Deal)
CLASSES = [
    found
    for module in (model, conversion)
    for _, found in inspect.getmembers(module, inspect.isclass)
    if attrs.has(found) and found.__module__ == module.__name__
]
BY_POSITION = {"Ref", "Money", "Existing", "Match"}
NOW = dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC)
NAMES = st.none() | st.sampled_from(["", "A", "B", "A B", "Dr"])

every_class = pytest.mark.parametrize("cls", CLASSES)


def required(cls: type) -> dict[str, Any]:
    """Return values for the attributes that a class cannot do without."""
    samples: dict[str, Any] = {"amount": 5, "record": Contact(id="1"), "id": "1", "name": "A", "vendor": "zoho"}
    return {a.name: samples[a.name] for a in attrs.fields(cls) if a.default is attrs.NOTHING}


# --- every class -----------------------------------------------------------------------------------------------------


@every_class
def test_objects_cannot_be_changed(cls: type) -> None:
    """Every neutral object is frozen, and has no place for anything that its class does not declare."""
    made = cls(**required(cls))
    for attribute in attrs.fields(cls):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(made, attribute.name, None)
    with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
        made.nonsense = 5
    assert not hasattr(made, "__dict__")


@every_class
def test_attributes_are_named(cls: type) -> None:
    """Only the obvious arguments may be given by position; all others are named."""
    if cls.__name__ in BY_POSITION:
        cls(*required(cls).values())
    elif attrs.fields(cls):
        with pytest.raises(TypeError):
            cls("x")


@every_class
def test_a_typo_is_an_error(cls: type) -> None:
    """An attribute that does not exist is refused, never kept."""
    with pytest.raises(TypeError):
        cls(**required(cls), emial="x")


@every_class
def test_equal_objects_are_equal(cls: type) -> None:
    """Objects are compared by what they say, can be changed into others, and survive pickling."""
    made = cls(**required(cls))
    assert made == cls(**required(cls))
    assert attrs.evolve(made) == made
    assert pickle.loads(pickle.dumps(made)) == made
    assert made != object()


@every_class
def test_nothing_is_given_by_default(cls: type) -> None:
    """What a caller does not give says nothing: None, an empty tuple, or what the class's name says."""
    made = cls(**required(cls))
    spoken = {
        "Match": {"exact"},
        "ConvertRequest": {"contact", "company", "deal"},
        "UpsertResult": {"outcome", "record"},
    }
    spoken |= {"Conversion": {"contact", "company", "deal"}, "UpsertRequest": {"record"}, "CustomField": {"definition"}}
    spoken |= {"VendorExtras": {"values"}}
    said = set(as_mapping(made)) - set(required(cls))
    assert said == spoken.get(cls.__name__, set())


@every_class
def test_every_class_is_public_and_explained(cls: type) -> None:
    """Every class has a docstring and can be imported from leadlens."""
    assert cls.__doc__
    assert getattr(leadlens, cls.__name__) is cls


@every_class
def test_every_attribute_has_a_type(cls: type) -> None:
    """Every attribute's type can be looked up, as the crosswalks do."""
    hints = typing.get_type_hints(cls)
    assert {a.name for a in attrs.fields(cls)} <= set(hints)


@pytest.mark.parametrize("record", RECORDS)
def test_every_record_has_what_all_have(record: type) -> None:
    """All four records have an id, an owner, tags, custom fields and who changed them when."""
    names = {a.name for a in attrs.fields(record)}
    common = {"id", "name", "owner", "tags", "custom_fields", "created_at", "created_by", "modified_at", "modified_by"}
    assert common <= names


# --- times -----------------------------------------------------------------------------------------------------------

TIMES = [(cls, a.name) for cls in CLASSES for a in attrs.fields(cls) if a.name.endswith("_at")]


@pytest.mark.parametrize(("cls", "name"), TIMES)
def test_a_time_has_its_zone(cls: type, name: str) -> None:
    """A time without a zone means something else in every office: it is refused, in every attribute that is a time."""
    assert getattr(cls(**required(cls), **{name: NOW}), name) == NOW
    assert getattr(cls(**required(cls), **{name: None}), name) is None
    with pytest.raises(ValueError, match=f"{name} needs a time zone"):
        cls(**required(cls), **{name: NOW.replace(tzinfo=None)})


def test_equal_times_in_other_zones_are_equal() -> None:
    """A point in time is the same wherever it is told."""
    there = NOW.astimezone(dt.timezone(dt.timedelta(hours=5)))
    assert Lead(created_at=NOW) == Lead(created_at=there)


# --- references ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (Ref("5"), Ref("5"), True),
        (Ref("5", "Ann"), Ref("5", "Bob"), True),
        (Ref("5", "Ann"), Ref("5"), True),
        (Ref("5", "Ann"), Ref("6", "Ann"), False),
        (Ref(None, "Ann"), Ref(None, "Ann"), True),
        (Ref(None, "Ann"), Ref(None, "Bob"), False),
        (Ref("5", "Ann"), Ref(None, "Ann"), False),
        (Ref(), Ref(), True),
        (Ref(), Ref("5"), False),
    ],
)
def test_ids_decide_and_names_are_labels(left: Ref, right: Ref, equal: bool) -> None:
    """With an id the id decides, and the name is a label; without any the names decide."""
    assert (left == right) is equal
    assert (right == left) is equal
    if equal:
        assert hash(left) == hash(right)


def test_a_reference_is_nothing_else() -> None:
    """A reference is not equal to its id."""
    assert Ref("5") != "5"
    assert Ref("5") != ("5", None)


@given(
    st.lists(
        st.builds(Ref, st.sampled_from([None, "1", "2"]), st.sampled_from([None, "a", "b"])), min_size=3, max_size=3
    )
)
def test_equality_of_references_is_an_equivalence(refs: list[Ref]) -> None:
    """Equality of references is symmetric and transitive, and equal ones have one hash: sets and maps can hold them."""
    one, two, three = refs
    assert (one == two) == (two == one)
    if one == two and two == three:
        assert one == three
    if one == two:
        assert hash(one) == hash(two)


# --- money -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [5, "5", "5.00", Decimal(5), "0.1", "1E+3", "-2.50", 10**30])
def test_money_is_exact(amount: Any) -> None:
    """An amount is a Decimal, made of an int, a text or a Decimal without any change."""
    assert Money(amount).amount == Decimal(amount)
    assert isinstance(Money(amount).amount, Decimal)


@pytest.mark.parametrize("amount", [0.1, 5.0, float("nan"), None, [], "ten"])
def test_money_is_no_float(amount: Any) -> None:
    """A float is refused as an amount, since it seldom is what it looks like; so is what is no number."""
    with pytest.raises((TypeError, ValueError, ArithmeticError)):
        Money(amount)


def test_amounts_are_equal_by_value() -> None:
    """5 and 5.00 of one currency are the same money, 5 of another or of none are not."""
    assert Money(5, "EUR") == Money("5.00", "EUR")
    assert Money(5, "EUR") != Money(5, "USD")
    assert Money(5, "EUR") != Money(5)


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "joined"),
    [(("Ada", None, "Lovelace"), "Ada Lovelace"), ((None, ""), None), ((), None), (("Ada",), "Ada"), (("", "B"), "B")],
)
def test_names_are_joined_by_spaces(parts: tuple[str | None, ...], joined: str | None) -> None:
    """Given parts are joined by single spaces; what is not given leaves no trace."""
    assert joined_name(parts) == joined


def test_a_full_name_that_repeats_the_parts_is_dropped() -> None:
    """A full name is kept only where it says something that the parts do not: equal names compare equal."""
    assert PersonName(full="Ada Lovelace", first="Ada", last="Lovelace") == PersonName(first="Ada", last="Lovelace")
    odd = PersonName(full="Lovelace, Ada", first="Ada", last="Lovelace")
    assert odd.full == odd.display == "Lovelace, Ada"
    assert PersonName(full="Ada").full == "Ada"


def test_a_prefix_is_a_form_of_address() -> None:
    """A prefix is no part of the display name; a suffix is."""
    name = PersonName(prefix="Dr", first="Ada", middle="King", last="Lovelace", suffix="II")
    assert name.display == name.from_parts == "Ada King Lovelace II"
    assert PersonName(prefix="Dr").display is None


@given(st.tuples(*[NAMES] * 6))
def test_a_name_displays_what_it_was_given(parts: tuple[str | None, ...]) -> None:
    """Whatever is given, the display name is the full one, or the parts joined; making it again changes nothing."""
    full, prefix, first, middle, last, suffix = parts
    name = PersonName(full=full, prefix=prefix, first=first, middle=middle, last=last, suffix=suffix)
    assert name.display == (full if full is not None else joined_name((first, middle, last, suffix)))
    assert attrs.evolve(name) == name


# --- other values ----------------------------------------------------------------------------------------------------


def test_several_values_of_a_custom_field_are_a_tuple() -> None:
    """A list of values is kept as a tuple, so that equal ones compare equal; scalars stay as they are."""
    assert CustomField(value=[1, 2]) == CustomField(value=(1, 2))
    assert CustomField(value="ab").value == "ab"
    assert CustomField().definition == Ref()


@pytest.mark.parametrize(
    ("value", "given_"),
    [
        (None, False),
        ((), False),
        ("", True),
        (0, True),
        (False, True),
        (Address(), True),
        (Decimal(0), True),
        ([], True),
    ],
)
def test_only_none_and_an_empty_tuple_say_nothing(value: Any, given_: bool) -> None:
    """None and () mean not given; an empty text, zero and no are said."""
    assert is_given(value) is given_


def test_a_mapping_has_what_is_said() -> None:
    """as_mapping has the attributes that say something, in the class's order."""
    lead = Lead(title="", tags=("a",), emails=(Email(address="a@x.test"),), phones=(Phone(number="1"),))
    assert list(as_mapping(lead)) == ["title", "emails", "phones", "tags"]
    assert as_mapping(Lead()) == {}


def test_a_repr_shows_ids_and_what_is_given_but_no_value() -> None:
    """Personal data never shows in a repr, however deep; which attributes are given does."""
    lead = Lead(id="5", name=PersonName(first="Ada"), emails=(Email(address="a@b.c"),), owner=Ref("3", "Bob"))
    assert repr(lead) == "Lead(id='5', name=PersonName(first=…), emails=(1), owner=Ref(id='3', name=…))"
    request = ConvertRequest(lead_id="5", company=Match("Acme"), contact=Existing("7"))
    assert repr(request) == "ConvertRequest(lead_id='5', contact=Existing(id='7'), company=Match(name=…))"
