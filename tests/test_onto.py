"""Exchanges of calls, ids of another account, readable source; writing onto an original, and the residue."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from tests.made import ELSE, FIELDS, FREE, PHONE, TITLE, lead, refused, told

from leadlens._compile import decode, encode, source
from leadlens._onto import encode_onto, residue
from leadlens.codecs import each, text, texts
from leadlens.conversion import (
    ConvertRequest,
)
from leadlens.crosswalk import (
    READ,
    CallTemplate,
    Crosswalk,
    Row,
    field,
    rest,
)
from leadlens.errors import InputError
from leadlens.model import CustomField, Lead, Phone, Ref
from leadlens.references import (
    of_space,
    option,
    ref_by_id,
    text_id,
)

# --- exchanges of calls, ids, source, onto ---------------------------------------------------------------------------


def test_calls() -> None:
    """An exchange writes named calls; the main call's body is shown bare, another call's paths with its name."""
    calls = (
        CallTemplate("convert", "convert", "POST", "/convert", "convert", always=("body.data",)),
        CallTemplate("deal", "after", "PUT", "/deal", "complete", when="there is one"),
    )
    made = Crosswalk(
        ConvertRequest, "made.exchange", field("lead_id", "convert.body.data.id", text_id),
        field("contact_tags", "deal.body.tags", texts()), ELSE, calls=calls,
    )  # fmt: skip
    assert encode(made, ConvertRequest()).wire == {"convert": {"body": {"data": {}}}}
    found = decode(made, {"convert": {"body": {"data": {"a": 1}}}, "deal": {"body": {"b": 1}}})
    assert sorted(told(found.losses)) == [("$(deal).body.b", "unknown_key"), ("$.data.a", "unknown_key")]
    assert refused(made, {"deal": {"body": {"tags": [1]}}}) == "$(deal).body.tags[0]: expected text"


def _only(known: str) -> Any:
    return lambda space, value: value if getattr(value, "id", value) == known else None


def test_foreign_ids() -> None:
    """Ids go through the map of the target account; what it does not know is left out and reported by its kind."""
    made = lead(
        field("id", "id", of_space(text_id, "lead")), field("owner", "owner", ref_by_id(text_id, "user")),
        field("industry", "industry", option("industry")), field("title", "title", text),
    )  # fmt: skip
    value = Lead(id="1", owner=Ref("2"), industry="IT", title="CTO")
    done = encode(made, value, ids=_only("1"))
    assert (done.wire, told(done.losses)) == (
        {"id": "1", "title": "CTO"},
        [("owner", "foreign_id"), ("industry", "unmapped_option")],
    )
    assert encode(made, value).wire == {"id": "1", "owner": "2", "industry": "IT", "title": "CTO"}


@pytest.mark.parametrize("row", [field("custom_fields", "fields", FIELDS), rest("custom_fields", "", FREE)])
def test_foreign_definitions(row: Row) -> None:
    """A custom field whose definition the target does not have is left out and reported at its place."""
    fields = tuple(CustomField(definition=Ref(i, i), value="x") for i in "12")
    done = encode(lead(row), Lead(custom_fields=fields), ids=_only("2"))
    assert ("custom_fields[0]", "foreign_id") in told(done.losses)
    assert str(done.wire).count("'x'") == 1


def test_source_is_readable() -> None:
    """The generated source can be read, and a traceback through it shows its lines, not those of a namesake."""
    assert source(lead(field("rating", "Rating", text))) != source(TITLE)
    assert source(TITLE).startswith("def decode(w, notices, at):")
    assert source(TITLE, "encode").startswith("def encode(y, losses, ids):")
    with pytest.raises(InputError) as caught:
        decode(TITLE, {"Title": 7})
    assert "raise InputError(" in "".join(traceback.format_exception(caught.value))


def test_onto_keeps_what_says_the_same() -> None:
    """Onto an original only what says something else changes: spellings, nulls, unknown and read-only keys stay."""
    made = lead(field("title", "title", text), field("owner", "owner", ref_by_id(text_id, "user")),
                field("id", "id", text_id, access=READ))  # fmt: skip
    wire = {"title": "CTO", "owner": 7, "id": 1, "new": [1], "x": None}
    assert encode_onto(made, decode(made, wire).value, wire)[0] == wire
    changed, losses = encode_onto(made, Lead(id="1", title="CEO", owner=Ref("7")), wire)
    assert changed == wire | {"title": "CEO"}
    assert told(losses) == [("id", "read_only")]
    assert encode_onto(made, Lead(id="2"), wire)[0] == {"new": [1], "x": None}


def test_onto_with_read_only_keys() -> None:
    """Of several read-only keys those that say the same stay, in their spelling; the others go."""
    made = lead(
        field("id", "id", text_id, access=READ), field("title", "title", text),
        field("modified_by", "by", ref_by_id(text_id, "user"), access=READ),
        field("owner", "owner", ref_by_id(text_id, "user")),
    )  # fmt: skip
    wire = {"id": 1, "title": "CTO", "by": 3, "owner": 7}
    value = Lead(id="1", title="CTO", modified_by=Ref("4"), owner=Ref("7"))
    assert encode_onto(made, value, wire)[0] == {"id": 1, "title": "CTO", "owner": 7}


def test_onto_lists_by_their_key() -> None:
    """List items are told apart by their key, so that what is unknown of an item stays with it."""
    made = lead(field("phones", "phones", each(PHONE, key="number")))
    wire = {"phones": [{"number": "1", "new": "a"}, {"number": "2", "new": "b"}]}
    merged, _ = encode_onto(made, Lead(phones=(Phone(number="2"), Phone(number="3"))), wire)
    assert merged == {"phones": [{"number": "2", "new": "b"}, {"number": "3"}]}


def test_residue() -> None:
    """The residue is what the neutral value does not take: unknown keys, nulls, other spellings."""
    made = lead(field("title", "title", text), field("owner", "owner", ref_by_id(text_id, "user")))
    assert residue(made, {"title": "CTO", "owner": 7, "new": 1}) == {"owner": 7, "new": 1}
    assert residue(made, {"title": "CTO"}) == {}
