"""Lists whose items have wire keys of their own, one per category."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlens.categories import addresses_by_category, by_category, placed
from leadlens.codecs import Codec, Unfit
from leadlens.model import Address, Email, Phone

FEW = max(100, settings().max_examples // 10)
PHONES = by_category(
    Phone,
    "number",
    {"Phone": "work", "Mobile": "mobile", "Fax": "fax"},
    "Acme keeps three numbers",
    open_to_all=("work", "mobile"),
)
EMAIL = by_category(Email, "address", {"Email": "work"}, "Acme keeps one e-mail address", open_to_all=("work",))
ADDRESSES = addresses_by_category(("street", "city"), (None, "billing"), "Acme keeps two addresses")
CATEGORIES = st.sampled_from(["work", "mobile", "fax", "home", None])
NUMBERS = st.lists(st.builds(Phone, number=st.sampled_from(["1", "2", "3"]), category=CATEGORIES), max_size=5)


def phone(number: str, category: str | None = None) -> Phone:
    return Phone(number=number, category=category)


def mild(codec: Codec, items: Any, left: Any) -> bool:
    assert codec.lossy is not None
    assert codec.lossy.mild is not None
    return codec.lossy.mild(items, left)


# --- one text per category -------------------------------------------------------------------------------------------


def test_each_key_is_a_category() -> None:
    """What stands under a key is of its category; keys that say nothing make no item."""
    assert PHONES.decode("1", None, "3") == (phone("1", "work"), phone("3", "fax"))
    assert PHONES.decode(None, None, None) is None
    assert EMAIL.decode("a@x.test") == (Email(address="a@x.test", category="work"),)


def test_an_item_takes_its_categorys_key() -> None:
    """An item is written under its category's key, whatever the order."""
    assert PHONES.encode((phone("3", "fax"), phone("1", "work"))) == ("1", None, "3")
    assert EMAIL.encode((Email(address="a", category="work"),)) == "a"


@pytest.mark.parametrize("category", [None, "home", ""])
def test_an_item_of_another_category_takes_a_free_place(category: str | None) -> None:
    """An item of no or an unknown category takes the first free place open to all, after those that have one."""
    assert PHONES.encode((phone("9", category),)) == ("9", None, None)
    assert PHONES.encode((phone("9", category), phone("1", "work"))) == ("1", "9", None)
    assert EMAIL.encode((Email(address="a", category=category),)) == "a"


def test_what_finds_no_place_is_lost() -> None:
    """A second item of one category, and one without a free place, are lost, and the codec says so."""
    assert PHONES.encode((phone("1", "work"), phone("2", "work"))) == ("1", None, None)
    full = (phone("1", "work"), phone("2", "mobile"), phone("9"))
    assert PHONES.encode(full) == ("1", "2", None)
    assert PHONES.lossy is not None
    assert (PHONES.lossy.reason, PHONES.lossy.detail) == ("narrowed", "Acme keeps three numbers")
    assert not mild(PHONES, full, PHONES.decode("1", "2", None))
    assert not mild(PHONES, full, None)


def test_only_another_label_is_a_note() -> None:
    """Where every text arrives and only what it is for changes, or the order, that is a note."""
    items = (phone("9", "home"), phone("3", "fax"))
    assert mild(PHONES, items, PHONES.decode(*PHONES.encode(items)))


@pytest.mark.parametrize(("wires", "place"), [((5, None, None), 0), ((None, None, True), 2), (("1", {}, None), 1)])
def test_what_is_no_text_is_refused(wires: tuple[Any, ...], place: int) -> None:
    """What is no text is refused, and the key that it stands in is told."""
    with pytest.raises(Unfit) as caught:
        PHONES.decode(*wires)
    assert (str(caught.value), caught.value.place) == ("text", place)


@settings(max_examples=FEW)
@given(NUMBERS.map(tuple))
def test_what_is_lost_is_no_mild_difference(items: tuple[Phone, ...]) -> None:
    """A number that finds no place is more than another label."""
    left = PHONES.decode(*PHONES.encode(items)) or ()
    if len(left) < len(items):
        assert not mild(PHONES, items, left)


@settings(max_examples=FEW)
@given(st.tuples(*[st.none() | st.sampled_from(["", "1", "2"])] * 3))
def test_whatever_is_read_is_written_again(wires: tuple[str | None, ...]) -> None:
    """The codec is exact on what it reads."""
    items = PHONES.decode(*wires)
    if items is not None:
        assert PHONES.encode(items) == wires


def test_places_are_given_in_order() -> None:
    """The first of a category takes its place; others wait until all categories are served."""
    items = (phone("1", "x"), phone("2", "a"), phone("3", "a"), phone("4", "b"))
    places = {"a": 0, "b": 1}
    assert placed(items, places, (0, 1)) == [items[1], items[3]]
    assert placed(items[:2], places, (0, 1)) == [items[1], items[0]]
    assert placed(items[:1], {"a": 0}, ()) == [None]
    assert placed(items[:1], {None: 0, "b": 1}, (0,)) == [items[0], None]


# --- addresses -------------------------------------------------------------------------------------------------------


def test_addresses_have_keys_per_category() -> None:
    """All keys of the first category come first, then those of the next."""
    wires = ("s1", None, None, "c2")
    addresses = (Address(street="s1"), Address(city="c2", category="billing"))
    assert ADDRESSES.decode(*wires) == addresses
    assert ADDRESSES.encode(addresses) == wires
    assert ADDRESSES.decode(None, None, None, None) is None


def test_an_address_of_another_category_takes_a_free_place() -> None:
    """An address of an unknown category takes the first free place; that only its label changes is a note."""
    home = (Address(street="s", category="home"),)
    assert ADDRESSES.encode(home) == ("s", None, None, None)
    assert mild(ADDRESSES, home, ADDRESSES.decode("s", None, None, None))


def test_too_many_addresses_are_lost() -> None:
    """A third address is lost, and that is no note."""
    three = tuple(Address(street=str(n), category="billing") for n in range(3))
    assert not mild(ADDRESSES, three, ADDRESSES.decode(*ADDRESSES.encode(three)))
    other = (Address(street="s", state="lost"),)
    assert not mild(ADDRESSES, other, ADDRESSES.decode(*ADDRESSES.encode(other)))


def test_a_part_that_is_no_text_is_told_with_its_key() -> None:
    """A part that is no text is refused, and the key that it stands in is told."""
    with pytest.raises(Unfit) as caught:
        ADDRESSES.decode("s", "c", "s", 5)
    assert caught.value.place == 3
