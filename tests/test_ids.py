"""Ids belong to an account: what carries them over, and what an id map may be."""

from __future__ import annotations

from typing import Any

import pytest

from leadlens import registry
from leadlens.codecs import Codec
from leadlens.crosswalk import Field, Row, Variant
from leadlens.errors import InputError, UsageError
from leadlens.ids import SPACES, carrier, parse_ids
from leadlens.model import Contact, PersonName, Ref


def carry(ids: Any, space: str, value: Any, lead_id: str | None = None) -> Any:
    function = carrier(ids, lead_id=lead_id)
    assert function is not None
    return function(space, value)


def test_keep_needs_no_carrying() -> None:
    """``keep`` carries everything as it is: there is nothing to call."""
    assert carrier("keep") is None


@pytest.mark.parametrize("ids", [None, {}, {"user": {}}])
@pytest.mark.parametrize("value", ["5", Ref("5"), Ref(None, "Ann"), Ref("5", "Ann")])
def test_what_is_not_mapped_has_no_counterpart(ids: Any, value: Any) -> None:
    """Without an entry nothing is carried over."""
    assert carry(ids, "user", value) is None


@pytest.mark.parametrize(
    ("entries", "value", "found"),
    [
        ({"5": "9"}, "5", "9"),
        ({"5": {"id": "9", "name": "Ann"}}, "5", "9"),
        ({"5": "9"}, Ref("5", "Old"), Ref("9", "9")),
        ({"5": {"id": "9", "name": "Ann"}}, Ref("5"), Ref("9", "Ann")),
        ({"5": {"id": "9"}}, Ref("5", "Old"), Ref("9")),
        ({"Old": {"id": "9", "name": "Ann"}}, Ref(None, "Old"), Ref("9", "Ann")),
        ({"Old": "9"}, Ref("5", "Old"), Ref("9", "9")),
        ({"5": "1", "Old": "2"}, Ref("5", "Old"), Ref("1", "1")),
        ({"5": 9}, "5", "9"),
    ],
)
def test_an_entry_says_what_it_is_there(entries: dict[str, Any], value: Any, found: Any) -> None:
    """An entry is found by the source's id, else by its name; it gives an id, or an id and a name."""
    result = carry({"user": entries}, "user", value)
    assert result == found
    assert getattr(result, "name", None) == getattr(found, "name", None)


def test_a_whole_record_keeps_all_but_its_id() -> None:
    """Where a wire gives a record by its bare id, the record's id is exchanged and the rest stays."""
    contact = Contact(id="5", name=PersonName(last="Ann"), title="Dr")
    assert carry({"contact": {"5": "9"}}, "contact", contact) == Contact(
        id="9", name=PersonName(last="Ann"), title="Dr"
    )
    assert carry({"contact": {"9": "5"}}, "contact", contact) is None


def test_the_given_lead_is_the_targets_already() -> None:
    """The lead that was named for the target is carried as it is, and only as a lead."""
    assert carry({}, "lead", "7", lead_id="7") == "7"
    assert carry({"lead": {"7": "8"}}, "lead", "7", lead_id="7") == "7"
    assert carry({}, "contact", "7", lead_id="7") is None
    assert carry({}, "lead", "8", lead_id="7") is None


@pytest.mark.parametrize(
    ("space", "hint"), [("usr", "did you mean 'user'"), ("stages", "did you mean 'stage'"), ("q", "lead,")]
)
def test_an_unknown_space_is_refused(space: str, hint: str) -> None:
    """A space that does not exist would map nothing in silence: it is refused, with a suggestion or all there are."""
    with pytest.raises(UsageError, match=hint):
        carrier({space: {}})


@pytest.mark.parametrize("entries", [None, 5, "x", ["5"]])
def test_a_space_is_a_map(entries: Any) -> None:
    """What stands under a space is a map."""
    with pytest.raises(UsageError, match="ids: user must be a map"):
        carrier({"user": entries})


@pytest.mark.parametrize("ids", ["kept", "", "Keep"])
def test_only_one_word_means_keep(ids: Any) -> None:
    """Any other text than keep is a usage error."""
    with pytest.raises(UsageError, match="must be 'keep' or a map"):
        carrier(ids)


def spaces(rows: tuple[Row, ...]) -> set[str]:
    """Return every id space that rows name, in unions and nested records too."""
    found: set[str] = set()
    for row in rows:
        if isinstance(row, Variant):
            found |= {space for arm in row.cases for space in spaces(arm.rows)}
        elif isinstance(row, Field):
            found |= of_codec(row.codec)
    return found


def of_codec(codec: Codec) -> set[str]:
    inner = spaces(codec.record.rows) if codec.record is not None else set()
    return inner | ({codec.ids} if codec.ids is not None else set())


@pytest.mark.parametrize("name", ["copper", "zoho", "zoho@v2", "base"])
def test_every_space_of_the_rows_can_be_mapped(name: str) -> None:
    """Whatever space the adapters' rows name, an id map may name it too."""
    adapter = registry.get(name)
    used = {space for crosswalk in adapter.crosswalks.values() for space in spaces(crosswalk.rows)}
    assert used - set(SPACES) == set()
    carrier({space: {"1": "2"} for space in SPACES})


# --- an id map in a file ---------------------------------------------------------------------------------------------


def test_a_good_map_is_taken_as_it_is() -> None:
    """A map of texts, or of objects with an id and perhaps a name, is returned unchanged."""
    value = {
        "user": {"5": "9", "6": {"id": "8"}, "7": {"id": "8", "name": "Ann"}, "8": {"id": "1", "name": None}},
        "stage": {},
    }
    assert parse_ids(value) is value


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, "$"),
        ([], "$"),
        ("keep", "$"),
        (5, "$"),
        ({"user": []}, "$.user"),
        ({"user": None}, "$.user"),
        ({"user": "5"}, "$.user"),
        ({"user": {"5": 9}}, "$.user.5"),
        ({"user": {"5": None}}, "$.user.5"),
        ({"user": {"5": ["9"]}}, "$.user.5"),
        ({"user": {"5": {}}}, "$.user.5"),
        ({"user": {"5": {"id": 9}}}, "$.user.5"),
        ({"user": {"5": {"name": "Ann"}}}, "$.user.5"),
        ({"user": {"4": "1", "5": {"id": "9", "name": 7}}}, "$.user.5"),
    ],
)
def test_a_bad_map_is_refused_where_it_is_bad(value: Any, path: str) -> None:
    """What is no id map is refused with the path of what does not fit."""
    with pytest.raises(InputError) as caught:
        parse_ids(value)
    assert caught.value.path == path
