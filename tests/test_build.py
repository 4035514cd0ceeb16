"""Building fast: objects without their checks, functions that are compiled late, values that are remembered."""

from __future__ import annotations

from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError

from leadlens._build import Memory, Written, builder
from leadlens.model import Address, Lead, Money, Ref


def test_a_built_object_is_like_any_other() -> None:
    """A builder makes the same frozen object as the class."""
    made = builder(Address, "city", "street", category="'billing'")("Turin", "1 Main St")
    assert made == Address(street="1 Main St", city="Turin", category="billing")
    assert made.__class__ is Address
    with pytest.raises(FrozenInstanceError):
        made.city = "Rome"  # type: ignore[misc]  # that it cannot is what is shown


def test_a_builder_takes_every_attribute() -> None:
    """Without any arguments named, a builder takes all attributes in their order."""
    assert builder(Ref)("5", "New") == Ref("5", "New")
    assert builder(Ref) is builder(Ref)


def test_a_builder_may_compute() -> None:
    """An attribute may be an expression, with functions of ours; where a condition is met there is no object."""
    build = builder(Ref, "number", id="spelled(number)", using=(spelled,), unless="number is None")
    assert build(5) == Ref("five")
    assert build(None) is None


def spelled(number: int) -> str:
    return {5: "five"}[number]


def test_a_class_whose_attributes_are_checked() -> None:
    """A builder checks and converts nothing: what it is given is known to be right."""
    assert builder(Money)("5", "EUR").amount == "5"
    assert builder(Lead, "tags")(("a",)).tags == ("a",)


def test_what_is_written_is_compiled_once_and_late() -> None:
    """A function's source is compiled when it is first needed, and no sooner."""
    wrong = Written("def made(", {})
    with pytest.raises(SyntaxError):
        wrong(1)
    twice = Written("def made(x): return x * factor", {"factor": 2})
    assert twice(4) == 8
    assert twice.function is twice.function


def test_a_memory_makes_each_value_once() -> None:
    """A memory asks its function once for each value, and forgets all when it is full."""
    asked: list[Any] = []

    def make(key: int) -> str:
        asked.append(key)
        return str(key)

    memory = Memory(make, 2)
    assert [memory(key) for key in (1, 1, 2, 1)] == ["1", "1", "2", "1"]
    assert asked == [1, 2]
    assert memory(3) == "3"
    assert memory.known == {3: "3"}
