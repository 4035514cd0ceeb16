"""The compiled engine, on small made-up crosswalks: fields and nested records, in both directions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.made import ELSE, FIELDS, MONEY, PHONE, TITLE, lead, refused, request, told

from leadlens._compile import decode, encode
from leadlens.codecs import Codec, Doubt, Lossy, Unsayable, each, first_of, flag, iso_z, one, text, texts
from leadlens.conversion import (
    ConvertRequest,
)
from leadlens.crosswalk import (
    EVERYTHING_ELSE,
    READ,
    WRITE,
    Crosswalk,
    absent,
    field,
)
from leadlens.model import Address, CustomField, Email, Lead, Money, Phone, Ref
from leadlens.references import ref_by_both, ref_by_id, text_id

# --- field -----------------------------------------------------------------------------------------------------------


def test_field_both_ways() -> None:
    """A key becomes an attribute and back."""
    assert decode(TITLE, {"Title": "CTO"}).value == Lead(title="CTO")
    assert encode(TITLE, Lead(title="CTO")).wire == {"Title": "CTO"}


@pytest.mark.parametrize("wire", [{}, {"Title": None}])
def test_field_not_given(wire: dict[str, None]) -> None:
    """An absent key and a null both mean *not given*, and what is not given is not written."""
    assert decode(TITLE, wire).value == Lead()
    assert encode(TITLE, Lead()).wire == {}


def test_field_of_the_wrong_kind() -> None:
    """A value of the wrong kind is refused with its path and what would fit; the value itself is not quoted."""
    assert refused(TITLE, {"Title": 7}) == "$.Title: expected text"
    assert refused(TITLE, []) == "$: expected an object"


def test_nested_key() -> None:
    """A dotted key reaches into objects; an object that is none is refused at its own path."""
    made = lead(field("title", "job.now.title", text))
    assert decode(made, {"job": {"now": {"title": "CTO"}}}).value.title == "CTO"
    assert decode(made, {"job": {"now": None}}).value.title is None
    assert encode(made, Lead(title="CTO")).wire == {"job": {"now": {"title": "CTO"}}}
    assert refused(made, {"job": {"now": "CTO"}}) == "$.job.now: expected an object"


def test_indexed_key() -> None:
    """``data[0]`` is the one record of a list; further ones are reported, and a list that is none is refused."""
    made = lead(field("title", "data[0].title", text))
    found = decode(made, {"data": [{"title": "CTO"}, {"title": "CEO"}]})
    assert (found.value.title, told(found.losses)) == ("CTO", [("$.data[1]", "unknown_key")])
    assert decode(made, {"data": []}).value == Lead()
    assert encode(made, Lead(title="CTO")).wire == {"data": [{"title": "CTO"}]}
    assert refused(made, {"data": {}}) == "$.data: expected a list"
    assert refused(made, {"data": [7]}) == "$.data[0]: expected an object"


def test_several_wire_keys() -> None:
    """A codec over several keys sees null for the absent ones, and leaves out what it does not say."""
    made = lead(field("value", ("amount", "unit"), MONEY))
    assert decode(made, {"amount": 2.5}).value == Lead(value=Money(Decimal("2.5")))
    assert decode(made, {"unit": "EUR"}).value == Lead()
    assert encode(made, Lead(value=Money(Decimal(2), "EUR"))).wire == {"amount": 2, "unit": "EUR"}
    assert encode(made, Lead(value=Money(Decimal(2)))).wire == {"amount": 2}


BOTH_OWNERS = Codec(
    "an owner for both",
    lambda wire: (Ref(wire), Ref(wire)),
    lambda left, right: (left or right).id,
    {"type": "string"},
    lossy=Lossy("coerced", "one owner for both"),
)  # fmt: skip


def _never(*_: object) -> None:
    raise Unsayable("coerced", "never")


NEVER = Codec("never", _never, _never, {"type": "string"})


def test_several_neutral_attributes() -> None:
    """Several attributes share a key; each one that does not arrive as it was is reported at its own path."""
    made = request(field(("contact_owner", "company_owner"), "owner", BOTH_OWNERS))
    assert decode(made, {"owner": "1"}).value == ConvertRequest(contact_owner=Ref("1"), company_owner=Ref("1"))
    assert decode(made, {}).value == ConvertRequest()
    done = encode(made, ConvertRequest(contact_owner=Ref("1"), company_owner=Ref("2")))
    assert (done.wire, told(done.losses)) == ({"owner": "1"}, [("company_owner", "coerced")])


def test_several_neutral_attributes_that_cannot_be_said() -> None:
    """What the codec refuses is reported at each given attribute, and at no other."""
    made = request(field(("contact_owner", "company_owner"), "owner", NEVER))
    assert told(encode(made, ConvertRequest(company_owner=Ref("2"))).losses) == [("company_owner", "coerced")]


def test_unsayable() -> None:
    """What the wire cannot say is left out and reported with the codec's reason."""
    made = lead(field("status", "status", ref_by_id(text_id, "status")))
    done = encode(made, Lead(status=Ref(None, "New")))
    assert (done.wire, told(done.losses)) == ({}, [("status", "unmapped_option")])


def test_lossy_is_settled_at_once() -> None:
    """A lossy codec reports a difference where there is one, and only there."""
    made = lead(field("created_at", "at", iso_z))
    exact = decode(made, {"at": "2026-01-31T09:30:00Z"}).value.created_at
    assert encode(made, Lead(created_at=exact)).losses == ()
    done = encode(made, Lead(created_at=exact.replace(microsecond=5)))
    assert told(done.losses) == [("created_at", "truncated")]
    assert done.losses[0].level == "note"


ADDRESS_ONLY = Codec(
    "an address",
    lambda wire: (Email(address=wire),),
    lambda mails: mails[0].address,
    {"type": "string"},
    lossy=Lossy("narrowed", "one only", "loss", lambda left, right: len(left) == len(right), "the label is not kept"),
)


def test_a_mild_difference_is_a_note() -> None:
    """Where only a label changed the loss is a note in its own words."""
    made = lead(field("emails", "email", ADDRESS_ONLY))
    mild = encode(made, Lead(emails=(Email(address="a", category="work"),)))
    bad = encode(made, Lead(emails=(Email(address="a"),) * 2))
    assert (mild.losses[0].level, mild.losses[0].detail) == ("note", "the label is not kept")
    assert (bad.losses[0].level, bad.losses[0].detail) == ("loss", "one only")


def _doubt(_: object) -> None:
    raise Doubt("two ways")


DAY = Codec("a day", _doubt, str, {"type": "string"})


def test_ambiguous() -> None:
    """A value that can be read in two ways is not guessed: it is left out and reported."""
    found = decode(lead(field("title", "day", DAY)), {"day": "1/2/2026"})
    assert (found.value, told(found.losses)) == (Lead(), [("title", "ambiguous")])


def test_missing() -> None:
    """``missing`` is what an absent key means; it is not written, and its opposite is."""
    made = request(field("notify_owner", "notify", flag, missing=False))
    assert decode(made, {}).value.notify_owner is False
    assert encode(made, ConvertRequest(notify_owner=False)).wire == {}
    assert encode(made, ConvertRequest(notify_owner=True)).wire == {"notify": True}


def test_required_and_defaulted() -> None:
    """What the CRM needs, or chooses itself, is reported as a need where it was not written."""
    made = lead(field("title", "t", text, required="needed"), field("rating", "r", text, defaulted="chosen"))
    losses = encode(made, Lead()).losses
    assert [(x.path, x.reason, x.level, x.kind) for x in losses] == [
        ("title", "required", "loss", "needs"),
        ("rating", "defaulted", "note", "needs"),
    ]
    assert encode(made, Lead(title="a", rating="b")).losses == ()


def test_access_read() -> None:
    """What only the CRM writes is read; a client's is reported and left out, a vendor's is written."""
    rows = (field("id", "id", text_id, access=READ), ELSE)
    made, reply = Crosswalk(Lead, "made.lead", *rows), Crosswalk(Lead, "made.reply", *rows, author="vendor")
    assert decode(made, {"id": "1"}).value == Lead(id="1")
    done = encode(made, Lead(id="1"))
    assert (done.wire, told(done.losses)) == ({}, [("id", "read_only")])
    assert encode(reply, Lead(id="1")).wire == {"id": "1"}


def test_access_write() -> None:
    """What is only written is known when it is read, and says nothing."""
    made = lead(field("title", "title", text, access=WRITE))
    assert encode(made, Lead(title="a")).wire == {"title": "a"}
    assert decode(made, {"title": "a"}) == decode(made, {})


def test_vendor_writes_what_is_empty() -> None:
    """A reply holds every key: null, or what the CRM writes where there is nothing."""
    made = Crosswalk(
        Lead, "made.reply", field("title", "title", text), field("tags", "tags", texts().but(empty=[])), ELSE,
        author="vendor",
    )  # fmt: skip
    assert encode(made, Lead()).wire == {"title": None, "tags": []}


def test_echo() -> None:
    """A key that only repeats for people is read, and written by the vendor alone."""
    row = field("owner", ("owner_id", "owner_name"), ref_by_both(text_id, "user"), echo="owner_name")
    made, reply = lead(row), Crosswalk(Lead, "made.reply", row, ELSE, author="vendor")
    owner = Lead(owner=Ref("1", "Ada"))
    assert decode(made, {"owner_id": "1", "owner_name": "Ada"}).value == owner
    assert (encode(made, owner).wire, encode(made, owner).losses) == ({"owner_id": "1"}, ())
    assert encode(reply, owner).wire == {"owner_id": "1", "owner_name": "Ada"}


def test_beside() -> None:
    """A codec may look at another attribute, also when that one is declared later."""
    codec = Codec(
        "a name behind the title",
        lambda wire, title: f"{title} {wire}",
        lambda said, title: said.removeprefix(f"{title} "),
        {"type": "string"},
    )
    made = lead(field("description", "name", codec, beside="title"), field("title", "title", text))
    assert decode(made, {"name": "Ada", "title": "Dr"}).value == Lead(title="Dr", description="Dr Ada")
    assert encode(made, Lead(title="Dr", description="Dr Ada")).wire == {"name": "Ada", "title": "Dr"}


# --- nested records --------------------------------------------------------------------------------------------------

STREET = Crosswalk(Address, "made.address", field("street", "street", text), absent(EVERYTHING_ELSE, "street only"))


def test_one() -> None:
    """A nested record is an object; the paths of errors, unknown keys and losses lead into it."""
    made = lead(field("address", "address", one(STREET)))
    found = decode(made, {"address": {"street": "Main", "zip": "1"}})
    assert (found.value.address, told(found.losses)) == (Address(street="Main"), [("$.address.zip", "unknown_key")])
    assert told(encode(made, Lead(address=Address(city="Bonn"))).losses) == [("address.city", "absent")]
    assert refused(made, {"address": {"street": 1}}) == "$.address.street: expected text"
    assert refused(made, {"address": 1}) == "$.address: expected an object"


def test_each() -> None:
    """A list of records becomes a tuple; every path carries the item's place."""
    made = lead(field("phones", "phones", each(PHONE, key="number")))
    found = decode(made, {"phones": [{"number": "1"}, {"number": "2", "kind": "W", "new": 1}]})
    assert found.value.phones == (Phone(number="1"), Phone(number="2", category="work"))
    assert told(found.losses) == [("$.phones[1].new", "unknown_key")]
    done = encode(made, Lead(phones=(Phone(number="1"), Phone(category="fax"))))
    assert done.wire == {"phones": [{"number": "1"}, {}]}
    assert told(done.losses) == [("phones[1].category", "unmapped_option")]
    assert refused(made, {"phones": [{}, {"number": 2}]}) == "$.phones[1].number: expected text"
    assert refused(made, {"phones": [7]}) == "$.phones[0]: expected an object"
    assert refused(made, {"phones": {}}) == "$.phones: expected a list"


def test_first_of() -> None:
    """Of a list only the first item is kept; the others are reported with the row's sentence."""
    made = lead(field("phones", "phone", first_of(PHONE, "one phone only")))
    assert decode(made, {"phone": {"number": "1"}}).value.phones == (Phone(number="1"),)
    done = encode(made, Lead(phones=(Phone(number="1"), Phone(number="2"))))
    assert (done.wire, told(done.losses)) == ({"phone": {"number": "1"}}, [("phones", "narrowed")])


def test_skipped_items() -> None:
    """Items without a value say nothing: they are passed over when read, and reported when written."""
    made = lead(field("custom_fields", "fields", FIELDS))
    wire = {"fields": [{"id": "1", "value": None}, {"id": "2", "value": "x"}]}
    assert decode(made, wire).value.custom_fields == (CustomField(definition=Ref("2"), value="x"),)
    done = encode(made, Lead(custom_fields=(CustomField(definition=Ref("1")),)))
    assert (done.wire, told(done.losses)) == ({}, [("custom_fields[0]", "left_out")])
