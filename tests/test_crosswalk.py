"""What a crosswalk refuses when it is declared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from leadlens.codecs import each, one, text
from leadlens.conversion import ConvertRequest, Existing, Match, NewCompany, Nothing, UpsertRequest, VendorDefault
from leadlens.crosswalk import (
    EVERYTHING_ELSE,
    GONE,
    NULL,
    PRESENT,
    CallTemplate,
    Case,
    Crosswalk,
    Instead,
    Refuse,
    Row,
    Variant,
    absent,
    case,
    cleared,
    constant,
    field,
    members,
    parse_path,
    refuse,
    rest,
    variant,
)
from leadlens.errors import DeclarationError
from leadlens.model import Email, Lead, Money, Ref
from leadlens.references import integer_id

EMAIL = Crosswalk(Email, "made.email", field("address", "email", text), absent("category", "none here"))
_REST = absent(EVERYTHING_ELSE, "not here")
_ID = field("id", "id", integer_id)


def declare(*rows: Row, model: type = Email) -> Callable[[], Crosswalk]:
    """Return what declares a crosswalk of these rows."""
    return lambda: Crosswalk(model, "made.up", *rows)


def company(*arms: Case | Instead | Refuse) -> Callable[[], Crosswalk]:
    """Return what declares a convert request with these arms of the company."""
    return declare(variant("company", "company", *arms), _REST, model=ConvertRequest)


_ALL = (
    refuse(Match, "never"),
    refuse(NewCompany, "never"),
    refuse(Nothing, "never"),
    case(Existing, {"id": PRESENT}, _ID),
)
_DEFAULT = case(VendorDefault, {"id": GONE})
_MATCHLESS = case(VendorDefault, {"name": GONE})
_CALL = CallTemplate("convert", "convert", "POST", "/convert", "convert it")

REFUSED = {
    "a typo": (declare(field("adress", "email", text), _REST), r"Email has no 'adress'; did you mean 'address'\?"),
    "no such attribute": (declare(absent("zzz", "never")), "Email has no 'zzz'$"),
    "an omission": (declare(field("address", "email", text)), "nothing is said about category of Email"),
    "twice": (
        declare(field("address", "a", text), absent(("address", "category"), "x")), "'address' is accounted for twice",
    ),
    "no reason": (
        declare(field("address", "a", text), absent("category", "")), r"absent \('category',\) needs its reason",
    ),
    "nothing else": (
        declare(field(("address", "category"), "a", text), _REST), "EVERYTHING_ELSE is nothing; remove the row",
    ),
    "further items": (
        declare(field("emails", "email", one(EMAIL).but(shape="first")), _REST, model=Lead),
        "say what becomes of the further items",
    ),
    "too many keys": (
        declare(field("address", ("a", "b"), text), _REST), r"the codec is for 1 wire key\(s\), the row names 2",
    ),
    "a list on two attributes": (
        declare(field(("address", "category"), "a", each(EMAIL, key="email"))), "takes one attribute and one key",
    ),
    "beside nothing": (
        declare(field("address", "a", text, beside="categry"), _REST), "has no 'categry'; did you mean 'category'",
    ),
    "two claims": (
        declare(field("address", "email", text), field("category", "email", text)), "'email' is claimed by two rows",
    ),
    "no member": (company(*_ALL, _DEFAULT, refuse(Money, "no")), "Money is no member of the union"),
    "a member twice": (company(*_ALL, _DEFAULT, refuse(VendorDefault, "no")), "VendorDefault is handled twice"),
    "a member forgotten": (company(*_ALL), "nothing is said about VendorDefault"),
    "overlapping guards": (
        company(*_ALL, case(VendorDefault, {"name": GONE})), "guards of Existing and VendorDefault overlap",
    ),
    "an unreachable case": (
        company(*_ALL, case(VendorDefault, {"id": PRESENT})), "VendorDefault can never be reached; Existing takes all",
    ),
    "a case that says too little": (
        company(*_ALL[:3], case(Existing, {"id": PRESENT}), case(VendorDefault, {"id": GONE})),
        "case Existing: nothing is said about id of Existing",
    ),
    "a claim twice in a case": (
        company(*_ALL[:3], case(Existing, {"id": PRESENT}, _ID, constant(None, "id", 1)), _DEFAULT),
        "'company.id' is claimed by two rows",
    ),
    "no such call": (
        lambda: Crosswalk(ConvertRequest, "made.up", field("lead_id", "conver.path.id", text), _REST, calls=(_CALL,)),
        r"'conver.path.id' names no call; did you mean 'convert'\?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    """A mistake in a declaration is an error at import, and says what would be right."""
    make, message = REFUSED[name]
    with pytest.raises(DeclarationError, match=message):
        make()


def test_specific_first() -> None:
    """Guards may overlap when the specific case comes first: null is absent too, and a text is present too."""
    arms = (
        case(Nothing, {"id": NULL}),
        case(Existing, {"id": "x"}, absent("id", "always x")),
        case(Match, {"id": PRESENT}, field("name", "id", text), constant("exact", None, True, "exact only")),
        case(VendorDefault, {"id": GONE}),
        refuse(NewCompany, "never"),
    )
    assert company(*arms)().name == "made.up"


def test_literals_compare_by_type() -> None:
    """True and 1 are different literals, so their cases are disjoint."""
    arms = (
        case(Nothing, {"id": True}),
        case(VendorDefault, {"id": 1}),
        refuse(Existing, "no"), refuse(Match, "no"), refuse(NewCompany, "no"),
    )  # fmt: skip
    assert company(*arms)().rows


def test_everything_else() -> None:
    """EVERYTHING_ELSE stands for the attributes that no other row names."""
    row = declare(field("address", "email", text), _REST)().rows[1]
    assert getattr(row, "neutral", None) == ("category",)


def test_everything_else_of_a_case() -> None:
    """In a case, EVERYTHING_ELSE stands for the other attributes of the case's own class."""
    match = case(Match, {"name": PRESENT}, field("name", "name", text), absent(EVERYTHING_ELSE, "exact only"))
    row = company(refuse(NewCompany, "never"), refuse(Nothing, "never"), refuse(Existing, "never"), match, _MATCHLESS)
    (variant_row, _) = row().rows
    assert isinstance(variant_row, Variant)
    assert [getattr(inner, "neutral", None) for inner in variant_row.cases[0].rows] == [("name",), ("exact",)]


def test_cleared_keys() -> None:
    """What can be cleared is what can be written and stands in one place: no read-only, shared or nested keys."""
    record = Crosswalk(
        Lead, "made.lead", field("id", "id", integer_id, access="read"), field("title", "title", text),
        field(("industry", "rating"), "both", text), field("image", "in.side", text), _REST,
    )  # fmt: skip
    row = cleared("clear", "properties", record)
    assert row.keys == {Lead: {"title": ("title",)}}


def test_paths() -> None:
    """A wire path is its keys and list places."""
    assert parse_path("data[0].Deals") == ("data", 0, "Deals")
    assert parse_path("") == ()


def test_members() -> None:
    """The members of an attribute are its classes without None."""
    assert members(Lead, "owner") == (Ref,)
    assert members(ConvertRequest, "deal")[-1] is VendorDefault


def test_names() -> None:
    """Markers and crosswalks show by name, as tracebacks need it."""
    assert repr(PRESENT) == "PRESENT"
    assert repr(EMAIL) == "<Crosswalk made.email>"


def test_missing_flag_is_a_fact() -> None:
    """``lossy`` on a row replaces the sentence of its codec and keeps the rest."""
    row = field("address", "email", text, lossy="one only")
    assert row.codec.lossy is not None
    assert (row.codec.lossy.reason, row.codec.lossy.detail) == ("narrowed", "one only")


def test_rest_and_cleared_account_for_their_attributes() -> None:
    """A ``rest`` row accounts for its attribute; a ``cleared`` row for its own."""
    leads = Crosswalk(Lead, "made.lead", field("title", "title", text), rest("custom_fields", "", text), _REST)
    upsert = Crosswalk(UpsertRequest, "made.upsert", cleared("clear", "", leads), _REST)
    assert getattr(upsert.rows[1], "neutral", None) == ("record", "match", "automations")
