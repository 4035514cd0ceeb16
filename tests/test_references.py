"""References: ids, references by id or name, and options, each exact on its own domain and strict about all else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.made import unfit, unsayable

from leadlens.codecs import Codec, Lossy
from leadlens.errors import DeclarationError
from leadlens.model import Ref
from leadlens.references import (
    integer_id,
    of_space,
    open_picklist,
    option,
    picklist,
    ref_by_both,
    ref_by_id,
    ref_by_id_with_label,
    ref_by_name,
    text_id,
)

COLOURS = picklist({"Red": "r", "Green": "g"})


# --- ids -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", [integer_id, text_id])
@pytest.mark.parametrize(
    ("wire", "identity"), [(5, "5"), ("5", "5"), (2**53 + 1, "9007199254740993"), (2**63 - 1, str(2**63 - 1))]
)
def test_ids_are_read_from_numbers_and_texts(codec: Codec, wire: Any, identity: str) -> None:
    """An id is a text for us, whether the CRM writes a number or digits; no digit is lost."""
    assert codec.decode(wire) == identity
    assert str(codec.encode(identity)) == identity


@pytest.mark.parametrize("codec", [integer_id, text_id])
@pytest.mark.parametrize("wire", ["", True, False, 5.0, 1e3, Decimal(5), [], {}, b"5"])
def test_what_is_no_id_is_refused(codec: Codec, wire: Any) -> None:
    """A float, a truth value or an empty text is no id."""
    assert unfit(codec, wire) == "an id: a whole number or its digits as text"


@pytest.mark.parametrize(
    "identity", ["", "0", "-5", "05", "5.0", " 5", "abc", "٥", "²", str(2**63), "9" * 5000, "{deal_id}"]
)
def test_only_plain_whole_numbers_are_number_ids(identity: str) -> None:
    """What is no whole number of 64 bits cannot be an id where ids are numbers, however it is spelled or long."""
    assert unsayable(integer_id, identity) == ("id_not_exact", "only whole numbers are ids here")


def test_an_empty_id_names_nothing() -> None:
    """An empty text cannot be written as an id."""
    assert unsayable(text_id, "") == ("id_not_exact", "an empty id names nothing")


def test_a_space_is_a_fact_of_the_codec() -> None:
    """An id may belong to a space of the account; the functions stay the same."""
    made = of_space(integer_id, "lead")
    assert (made.ids, made.decode, made.encode) == ("lead", integer_id.decode, integer_id.encode)


# --- references ------------------------------------------------------------------------------------------------------


def test_a_reference_by_id() -> None:
    """A reference that the wire names by its id needs its id."""
    codec = ref_by_id(integer_id, "loss_reason")
    assert codec.decode(5) == Ref("5")
    assert codec.encode(Ref("5", "label")) == 5
    assert codec.ids == "loss_reason"
    reason, told = unsayable(codec, Ref(None, "Too dear"))
    assert (reason, told) == ("unmapped_option", "the loss reason is needed by its id, and only its name is known")
    assert unsayable(codec, Ref("x"))[0] == "id_not_exact"
    assert unfit(codec, True).startswith("an id")


def test_a_reference_by_name() -> None:
    """A reference that the wire names by its name needs its name; losing the id is a note."""
    codec = ref_by_name("stage")
    assert codec.decode("Won") == Ref(None, "Won")
    assert codec.encode(Ref("5", "Won")) == "Won"
    assert unsayable(codec, Ref("5"))[0] == "unmapped_option"
    assert codec.lossy is not None
    assert codec.lossy.level == "note"
    assert unfit(codec, 5) == "text"


def test_a_reference_by_both() -> None:
    """A reference over two keys has what either says."""
    codec = ref_by_both(integer_id, "status")
    for wires, ref in (((5, "New"), Ref("5", "New")), ((5, None), Ref("5")), ((None, "New"), Ref(None, "New"))):
        found = codec.decode(*wires)
        assert (found.id, found.name) == (ref.id, ref.name)
        assert codec.encode(ref) == wires
    assert codec.decode(None, None) is None
    assert unsayable(codec, Ref())[0] == "unmapped_option"
    unfit(codec, 5, 5)
    unfit(codec, True, "New")


def test_a_reference_with_a_label() -> None:
    """Where the name is only a label, the id is needed."""
    codec = ref_by_id_with_label(integer_id, "company")
    assert codec.encode(Ref("5", "Acme")) == (5, "Acme")
    assert unsayable(codec, Ref(None, "Acme"))[0] == "unmapped_option"


# --- picklists -------------------------------------------------------------------------------------------------------


def test_a_picklist_is_one_to_one() -> None:
    """A picklist maps option to value and back; two options of one value are an error when it is declared."""
    assert [COLOURS.decode(wire) for wire in ("Red", "Green")] == ["r", "g"]
    assert [COLOURS.encode(value) for value in ("r", "g")] == ["Red", "Green"]
    with pytest.raises(DeclarationError, match="a picklist must be one to one; Red, Rose is not"):
        picklist({"Red": "r", "Rose": "r"})


@pytest.mark.parametrize("wire", ["red", "Blue", "", 5, True, [], {}, ["Red"]])
def test_an_unknown_option_is_refused(wire: Any) -> None:
    """An option that is not in the list is refused with all that are."""
    assert unfit(COLOURS, wire) == "one of Red, Green"


def test_a_value_without_an_option_is_reported() -> None:
    """A value that has no option is reported, or written as the option that stands for all others."""
    assert unsayable(COLOURS, "b") == ("unmapped_option", "only these can be said here: r, g")
    assert picklist({"Red": "r", "Other": "o"}, instead="Other").encode("b") == "Other"


def test_an_open_picklist_reads_anything() -> None:
    """An open list reads any text, and writes what the CRM does not take as the option for others: a note."""
    codec = open_picklist(("work", "other"), "other", "Acme knows two kinds")
    assert [codec.decode(wire) for wire in ("work", "spare")] == ["work", "spare"]
    assert [codec.encode(value) for value in ("work", "spare")] == ["work", "other"]
    assert codec.lossy == Lossy("coerced", "Acme knows two kinds", "note")


def test_an_accounts_own_option() -> None:
    """An option of the account's own list is a text that belongs to the account."""
    codec = option("industry")
    assert (codec.ids, codec.unmapped, codec.same) == ("industry", "unmapped_option", None)
    assert codec.encode(codec.decode("Machines")) == "Machines"
