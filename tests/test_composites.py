"""Codecs that several vendors need: names and addresses in parts, one owner for two, values of custom fields."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlens.codecs import EXACT, LOST, Codec, Unfit, Unsayable
from leadlens.composites import (
    address_parts,
    custom_value,
    display_name,
    named_parts,
    shared_owner,
    split_name,
)
from leadlens.model import Address, PersonName, Ref
from leadlens.references import integer_id, ref_by_id

FEW = max(100, settings().max_examples // 10)
EVERY = ("full", "prefix", "first", "middle", "last", "suffix")
WORDS = st.none() | st.sampled_from(["", "Ada", "Lovelace", "Ada Lovelace", "Dr"])
ALL = named_parts(*EVERY)
SHORT = named_parts("first", "last", detail="Acme keeps two parts")


def place_of(codec: Codec, *wires: Any) -> tuple[str, int]:
    """Return what was expected, and in which of the keys."""
    with pytest.raises(Unfit) as caught:
        codec.decode(*wires)
    return str(caught.value), caught.value.place


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Ada Lovelace", ("Ada", "Lovelace")),
        ("Ada King Lovelace", ("Ada King", "Lovelace")),
        ("Lovelace", (None, "Lovelace")),
        ("", (None, "")),
        ("Ada ", ("Ada", "")),
        (" Lovelace", (None, "Lovelace")),
    ],
)
def test_the_last_word_is_the_last_name(full: str, parts: tuple[str | None, str]) -> None:
    """A display name is split at its last space."""
    assert split_name(full) == parts


def test_a_name_in_all_parts_is_exact() -> None:
    """A wire with all parts loses nothing, and needs no loss."""
    wires = ("Ada Lovelace", "Dr", "Ada", None, "Lovelace", None)
    name = PersonName(prefix="Dr", first="Ada", last="Lovelace")
    assert ALL.decode(*wires) == name
    assert ALL.encode(name) == wires
    assert ALL.lossy is None


@settings(max_examples=FEW)
@given(st.tuples(*[WORDS] * 6))
def test_any_name_in_all_parts_comes_back(parts: tuple[str | None, ...]) -> None:
    """Any name that says something comes back from a wire with all parts."""
    name = PersonName(**dict(zip(EVERY, parts, strict=True)))
    try:
        wires = ALL.encode(name)
    except Unsayable:
        assert name == PersonName()
        return
    assert ALL.decode(*wires) == name
    assert wires[0] == name.display


@settings(max_examples=FEW)
@given(st.tuples(*[WORDS] * 6))
def test_the_quick_constructor_agrees(parts: tuple[str | None, ...]) -> None:
    """The constructor without checks makes the same names as the class."""
    assert callable(ALL.quick)
    assert ALL.quick(*parts) == PersonName(**dict(zip(EVERY, parts, strict=True)))


def test_a_name_known_as_a_whole_is_split() -> None:
    """Without a key for the whole name, one that is known only as a whole is split; the same display is a note."""
    assert SHORT.encode(PersonName(full="Ada King Lovelace")) == ("Ada King", "Lovelace")
    assert SHORT.lossy is not None
    assert SHORT.lossy.mild is not None
    left = SHORT.decode("Ada King", "Lovelace")
    assert SHORT.lossy.mild(PersonName(full="Ada King Lovelace"), left)
    assert not SHORT.lossy.mild(PersonName(prefix="Dr", full="Ada King Lovelace"), left)
    assert not SHORT.lossy.mild(PersonName(first="Ada"), None)


def test_parts_count_more_than_the_whole() -> None:
    """Where parts are known, they are written, not what the whole name would split into."""
    name = PersonName(full="Countess Lovelace", first="Ada", last="Lovelace")
    assert SHORT.encode(name) == ("Ada", "Lovelace")


def test_an_empty_name_says_nothing() -> None:
    """A name without any part of the wire's cannot be written; no keys are no name."""
    for name in (PersonName(), PersonName(prefix="Dr")):
        with pytest.raises(Unsayable, match="an empty name says nothing"):
            SHORT.encode(name)
    assert SHORT.decode(None, None) is None


@pytest.mark.parametrize(("wires", "place"), [((5, None), 0), ((None, True), 1), (("A", []), 1), (({}, "B"), 0)])
def test_a_part_that_is_no_text_is_refused(wires: tuple[Any, ...], place: int) -> None:
    """A part that is no text is refused, and the key that it stands in is told."""
    assert place_of(SHORT, *wires) == ("text", place)


def test_a_name_as_one_text() -> None:
    """A name may be one text on the wire."""
    codec = display_name("Acme keeps one text")
    assert codec.decode("Ada Lovelace") == PersonName(full="Ada Lovelace")
    assert codec.encode(PersonName(prefix="Dr", first="Ada", last="Lovelace")) == "Ada Lovelace"
    with pytest.raises(Unsayable, match="only a form of address"):
        codec.encode(PersonName(prefix="Dr"))
    with pytest.raises(Unfit):
        codec.decode(5)


# --- addresses -------------------------------------------------------------------------------------------------------

IN_ORDER = address_parts("street", "city", "state", "postal_code", "country", category="billing")
OTHERWISE = address_parts("city", "street", detail="Acme keeps two parts")


@pytest.mark.parametrize(
    ("codec", "wires", "address"),
    [
        (IN_ORDER, ("s", "c", None, "p", None), Address(street="s", city="c", postal_code="p", category="billing")),
        (OTHERWISE, ("c", "s"), Address(city="c", street="s")),
        (OTHERWISE, (None, ""), Address(street="")),
    ],
)
def test_an_address_in_parts(codec: Codec, wires: tuple[Any, ...], address: Address) -> None:
    """An address has a key for each part, in any order; its category is what the keys are for."""
    assert codec.decode(*wires) == address
    assert codec.encode(address) == wires


def test_an_empty_address_is_none() -> None:
    """No part is no address; an address of a category alone says nothing."""
    assert IN_ORDER.decode(None, None, None, None, None) is None
    with pytest.raises(Unsayable, match="an empty address says nothing"):
        IN_ORDER.encode(Address(category="billing"))


def test_a_part_of_an_address_that_is_no_text_is_refused() -> None:
    """A part that is no text is refused, and the key that it stands in is told."""
    assert place_of(IN_ORDER, "s", None, 5, None, None) == ("text", 2)
    assert place_of(OTHERWISE, None, []) == ("text", 1)


def test_another_category_is_a_note() -> None:
    """What an address is for may be lost: a note, in the codec's own words or the usual ones."""
    for codec, detail in ((IN_ORDER, "what the address is for is not kept"), (OTHERWISE, "Acme keeps two parts")):
        assert codec.lossy is not None
        assert (codec.lossy.detail, codec.lossy.level) == (detail, "note")
    assert IN_ORDER.weigh is not None
    said = ("s", None, None, None, None)
    assert IN_ORDER.weigh(Address(street="s", category="billing")) == (*said, EXACT)
    assert IN_ORDER.weigh(Address(street="s")) == (*said, LOST)
    assert IN_ORDER.weigh(Address(category="billing")) is None
    assert OTHERWISE.weigh is None


# --- owners and values -----------------------------------------------------------------------------------------------


def test_one_owner_for_two() -> None:
    """Where the CRM has one owner for contact and company, either gives it, the contact's first."""
    codec = shared_owner(ref_by_id(integer_id, "user"), "Acme has one owner")
    assert codec.decode(5) == (Ref("5"), Ref("5"))
    assert codec.encode(Ref("5"), Ref("6")) == 5
    assert codec.encode(None, Ref("6")) == 6
    assert codec.encode(Ref("5"), None) == 5
    assert codec.ids == "user"


@pytest.mark.parametrize("wire", ["a", 5, 0.5, True, [1, 2], [], {"a": [1]}, ["x", None]])
def test_any_value_comes_back(wire: Any) -> None:
    """A custom field's value may be anything; several values are a tuple for us."""
    value = custom_value.decode(wire)
    assert custom_value.encode(value) == wire
    assert isinstance(value, tuple) == isinstance(wire, list)


@pytest.mark.parametrize("value", [dt.date(2026, 1, 31), Ref("1"), (Ref("1"), Ref("2")), Address(city="Lyon")])
def test_typed_values_need_their_definition(value: Any) -> None:
    """A date, an option or an address has a form of its own on each wire: without the definition none is made up."""
    with pytest.raises(Unsayable, match="by its definition alone"):
        custom_value.encode(value)
