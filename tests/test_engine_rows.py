"""The compiled engine, on small made-up crosswalks: every other kind of row, in both directions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.made import ELSE, FREE, LEAD, TITLE, lead, refused, request, told

from leadlens._compile import decode, encode
from leadlens.codecs import Codec, text
from leadlens.conversion import (
    ConvertRequest,
    Existing,
    Match,
    NewCompany,
    NewDeal,
    Nothing,
    UpsertRequest,
    VendorDefault,
)
from leadlens.crosswalk import (
    GONE,
    NULL,
    PRESENT,
    READ,
    Crosswalk,
    absent,
    case,
    cleared,
    constant,
    derived,
    field,
    ignored,
    instead,
    model_fields,
    refuse,
    rest,
    variant,
)
from leadlens.errors import UsageError
from leadlens.loss import Loss
from leadlens.model import Company, Contact, CustomField, Deal, Lead, Money, PersonName, Ref
from leadlens.references import text_id

# --- other rows ------------------------------------------------------------------------------------------------------


def test_absent() -> None:
    """An attribute without a place is reported with its reason where it is given, and is at its default when read."""
    made = lead(absent("title", "no titles", level="note"))
    assert encode(made, Lead(title="CTO")).losses == (Loss("title", "absent", "no titles", "note"),)
    assert encode(made, Lead()).losses == ()
    assert decode(request(), {}).value == ConvertRequest()


def test_constant() -> None:
    """A constant is always written, checked when read by type and value, and reported where the value differs."""
    made = request(constant("rename_company", "kind", True, "always renamed"), constant(None, "version", 1))
    assert encode(made, ConvertRequest(rename_company=True)).wire == {"kind": True, "version": 1}
    assert told(encode(made, ConvertRequest()).losses) == [("rename_company", "narrowed")]
    assert decode(made, {}).value.rename_company is True
    assert refused(made, {"kind": 1, "version": 1}) == "$.kind: expected true"
    assert refused(made, {"version": True}) == "$.version: expected 1"


def test_derived() -> None:
    """A derived key is written and ignored when read; one that only the vendor writes is not written by clients."""
    codec = Codec("a repetition", str, lambda name: name.display, {"type": "string"})
    both = lead(derived("full", "name", codec), derived("label", "name", codec, access=READ))
    assert encode(both, Lead(name=PersonName(full="Ada"))).wire == {"full": "Ada"}
    assert decode(both, {"full": "Ada", "label": 7}) == decode(both, {})


def test_ignored() -> None:
    """A documented key without a place is noted where it says something, and never written."""
    made = lead(*ignored(("state", "flags"), "it is about the screen"))
    found = decode(made, {"state": "open", "flags": []})
    assert found.losses == (Loss("$.state", "left_out", "it is about the screen", "note", "wire_only"),)


def test_unknown_keys() -> None:
    """A key that nobody claims is reported by its wire path and kind, and makes no difference."""
    found = decode(TITLE, {"Title": "CTO", "Titel": "CTO", "x": None})
    assert sorted(told(found.losses)) == [("$.Titel", "unknown_key"), ("$.x", "unknown_key")]
    assert {loss.kind for loss in found.losses} == {"wire_only"}


def test_rest() -> None:
    """Keys that nobody claims become one attribute; names outside the pattern stay unknown."""
    made = lead(field("title", "Title", text), rest("custom_fields", "", FREE, pattern="^[A-Z]"))
    found = decode(made, {"Title": "CTO", "Size": 7, "$odd": 1})
    assert found.value.custom_fields == (CustomField(definition=Ref(None, "Size"), value=7),)
    assert told(found.losses) == [("$.$odd", "unknown_key")]
    assert decode(made, {"Title": "CTO"}).value.custom_fields == ()
    assert encode(made, found.value).wire == {"Title": "CTO", "Size": 7}
    assert refused(lead(rest("custom_fields", "", FREE)), {"bad": 1}) == "$.bad: expected no bad field"


def test_rest_of_another_case() -> None:
    """Where one case takes every further key of an object, another that does not reports what it does not know."""
    made = Crosswalk(
        UpsertRequest,
        "made.upsert",
        variant(
            "record",
            "",
            case(
                Lead,
                {"kind": "lead"},
                field("title", "body.Title", text),
                rest("custom_fields", "body", FREE, pattern="^[A-Z]"),
                ELSE,
            ),
            case(Contact, {"kind": "contact"}, field("title", "body.Title", text), ELSE),
            *(refuse(model, "not here") for model in (Company, Deal)),
        ),
        ELSE,
    )
    found = decode(made, {"kind": "contact", "body": {"Title": "CTO", "Size": 7}})
    assert found.value.record == Contact(title="CTO")
    assert told(found.losses) == [("$.body.Size", "unknown_key")]
    assert told(decode(made, {"kind": "lead", "body": {"Size": 7, "$odd": 1}}).losses) == [
        ("$.body.$odd", "unknown_key")
    ]


def test_rest_that_does_not_arrive() -> None:
    """A free key that is taken, doubled, unfit, empty or shorn of its id is reported at its item."""
    made = lead(field("title", "Title", text), rest("custom_fields", "", FREE, pattern="^[A-Z]"))
    refs = (
        Ref(None, "Title"),
        Ref(None, "Size"),
        Ref(None, "Size"),
        Ref(None, "odd"),
        Ref("1", "T"),
        Ref(None, "None"),
    )
    fields = tuple(CustomField(definition=ref, value=None if ref.name == "None" else 1) for ref in refs)
    done = encode(made, Lead(custom_fields=fields))
    assert done.wire == {"Size": 1, "T": 1}
    assert told(done.losses) == [
        ("custom_fields[0]", "ambiguous"),
        ("custom_fields[2]", "ambiguous"),
        ("custom_fields[3]", "unmapped_option"),
        ("custom_fields[4]", "narrowed"),
        ("custom_fields[5]", "left_out"),
    ]


def test_cleared() -> None:
    """Names to clear become nulls and back; what has no place to clear is reported."""
    made = Crosswalk(
        UpsertRequest, "made.upsert", variant("record", "item", case(Lead, {}, *LEAD.rows), *_others()),
        cleared("clear", "item", LEAD), ELSE,
    )  # fmt: skip
    done = encode(made, UpsertRequest(record=Lead(title="CTO"), clear=("value", "rating")))
    assert done.wire == {"item": {"title": "CTO", "amount": None, "unit": None}}
    assert told(done.losses) == [("clear", "absent")]
    assert decode(made, done.wire).value == UpsertRequest(record=Lead(title="CTO"), clear=("value",))


def _others() -> tuple[Any, ...]:
    return tuple(refuse(model, "leads only", to=Lead()) for model in (Contact, Company, Deal))


# --- variants --------------------------------------------------------------------------------------------------------

_ID, _NAME = field("id", "id", text_id), field("name", "name", text)
TARGET = request(
    variant(
        "company", "co",
        case(Nothing, {"id": NULL, "name": GONE}),
        case(Existing, {"id": PRESENT}, _ID),
        case(Match, {"id": GONE, "name": PRESENT}, _NAME, constant("exact", None, True, "exact only")),
        case(VendorDefault, {"id": GONE, "name": GONE}),
        instead(NewCompany, to=lambda new: Match(new.name) if new.name else VendorDefault(), reason="linked by name"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "wire"),
    [
        (Nothing(), {"co": {"id": None}}),
        (Existing("7"), {"co": {"id": "7"}}),
        (Match("Acme"), {"co": {"name": "Acme"}}),
        (VendorDefault(), {}),
    ],
)
def test_variant_both_ways(said: Any, wire: dict[str, Any]) -> None:
    """Each member is told by its guards, and writing it meets them."""
    assert encode(TARGET, ConvertRequest(company=said)).wire == wire
    assert decode(TARGET, wire).value.company == said


def test_variant_literals() -> None:
    """A literal is compared by type and value; where no case fits, the error names what would."""
    made = request(
        variant(
            "deal", "", case(Nothing, {"make": False}), case(VendorDefault, {"make": 1}),
            refuse(Existing, "no"), refuse(NewDeal, "no"),
        ),
    )  # fmt: skip
    assert decode(made, {"make": 1}).value.deal == VendorDefault()
    assert refused(made, {"make": True}) == "$.make: expected false or 1"
    assert refused(made, {"make": 0}) == "$.make: expected false or 1"


def test_variant_leftovers() -> None:
    """A given key of another case than the one told is reported, a null one is not."""
    found = decode(TARGET, {"co": {"id": "7", "name": "Acme"}})
    assert (found.value.company, told(found.losses)) == (Existing("7"), [("$.co.name", "unknown_key")])
    assert decode(TARGET, {"co": {"id": "7", "name": None}}).losses == ()


def test_variant_leaves_other_rows_alone() -> None:
    """An object that other rows reach into is no leftover of the case that does not."""
    made = request(
        variant("company", "", case(Existing, {"x.id": PRESENT}, field("id", "x.id", text_id)),
                case(Nothing, {"x.id": GONE}),
                refuse(NewCompany, "no"), refuse(Match, "no"), refuse(VendorDefault, "no")),
        field("lead_id", "x.lead", text_id),
    )  # fmt: skip
    assert decode(made, {"x": {"lead": "1"}}).losses == ()


def test_instead() -> None:
    """A member that is written as another one is reported, and each given attribute that is lost with it."""
    done = encode(TARGET, ConvertRequest(company=NewCompany(name="Acme")))
    assert (done.wire, told(done.losses)) == ({"co": {"name": "Acme"}}, [("company", "instead")])
    made = request(
        variant("deal", "", case(Nothing, {"deal": GONE}), refuse(Existing, "no"), refuse(VendorDefault, "no"),
                instead(NewDeal, to=lambda _: Nothing(), reason="no deals", level="note")),
    )  # fmt: skip
    lost = encode(made, ConvertRequest(deal=NewDeal(name="Pilot", tags=("a",)))).losses
    assert told(lost) == [("deal", "instead"), ("deal.name", "instead"), ("deal.tags", "instead")]


def test_refuse() -> None:
    """A member that cannot be done is reported; the call says what stands for it, or nothing."""
    made = request(
        variant("deal", "", case(Nothing, {"make": False}), case(VendorDefault, {"make": GONE}),
                refuse(Existing, "never", to=Nothing()), refuse(NewDeal, "never")),
    )  # fmt: skip
    done = encode(made, ConvertRequest(deal=Existing("1")))
    assert (done.wire, done.losses) == ({"make": False}, (Loss("deal", "absent", "never"),))
    assert encode(made, ConvertRequest(deal=NewDeal())).wire == {}


def test_no_member() -> None:
    """An object that is no member of the union cannot be meant."""
    with pytest.raises(UsageError, match=r"company must be one of .*, not a Money"):
        encode(TARGET, ConvertRequest(company=Money(Decimal(1))))  # type: ignore[arg-type]  # on purpose


def test_nothing_tells_the_case() -> None:
    """A member whose guards want a key that was not given is another one on this wire, and that is noted."""
    made = request(
        variant("company", "", case(NewCompany, {"name": PRESENT}, _NAME), case(VendorDefault, {"name": GONE}),
                refuse(Existing, "no"), refuse(Match, "no"), refuse(Nothing, "no")),
    )  # fmt: skip
    done = encode(made, ConvertRequest(company=NewCompany()))
    assert (done.wire, told(done.losses), done.losses[0].level) == ({}, [("company", "instead")], "note")


_OTHERS = tuple(name for name in model_fields(NewDeal) if name != "name")


def test_present_object() -> None:
    """An object whose presence tells the case is written even if it is empty."""
    made = request(
        variant("deal", "", case(NewDeal, {"deal": PRESENT}, field("name", "deal.name", text), absent(_OTHERS, "no")),
                case(Nothing, {"deal": GONE}), refuse(Existing, "no"), refuse(VendorDefault, "no")),
    )  # fmt: skip
    assert encode(made, ConvertRequest(deal=NewDeal())).wire == {"deal": {}}
    assert decode(made, {"deal": {}}).value.deal == NewDeal()
