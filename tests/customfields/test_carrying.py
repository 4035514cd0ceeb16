"""Neutral objects between two accounts: what a mapping says arrives, and what it does not is reported."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tenants import COPPER, DECIDED, ZOHO, kept, sample

import leadlens
from leadlens import registry, translate
from leadlens.catalogue import Definition
from leadlens.conversion import Conversion, ConvertRequest, MatchKey, NewDeal, UpsertRequest
from leadlens.customfields.carrying import Carried, carry, definition_of, governed
from leadlens.customfields.checking import checked
from leadlens.customfields.mapping import AccountMapping, side
from leadlens.customfields.reading import parse_mapping
from leadlens.customfields.rows import own_fields
from leadlens.customfields.scope import relevant
from leadlens.customfields.values import codec_of, read_attribute
from leadlens.errors import MappingError, UsageError
from leadlens.model import CustomField, Deal, Lead, Ref
from leadlens.strategies import values
from leadlens.tenant.draft import drafted
from leadlens.testing.accounts import definition, mappings, options
from leadlens.testing.mapped import no_silent_field

_SHARE = 0.1


def carried(mapping: AccountMapping, value: Any) -> Carried:
    """Carry a value with the codecs of the mapping's CRMs."""
    source, target = registry.get(mapping.source.vendor), registry.get(mapping.target.vendor)
    return carry(mapping, value, codec_of(source), codec_of(target))


# --- the law ---------------------------------------------------------------------------------------------------------


@settings(max_examples=int(settings().max_examples * _SHARE))
@given(mapping=mappings(create=False), data=st.data())
def test_no_own_field_is_lost_in_silence(mapping: AccountMapping, data: st.DataObject) -> None:
    """Between the records of two accounts, every field that does not read back as it was has a loss at its place."""
    said = data.draw(values(own_fields(mapping, "lead").crosswalk))
    evidence = no_silent_field(mapping, "lead", said)
    assert evidence.ok, str(evidence)


# --- examples --------------------------------------------------------------------------------------------------------

_RAW = (
    CustomField(definition=Ref("178384"), value=1234.5),
    CustomField(definition=Ref("178385"), value=500),
    CustomField(definition=Ref("178387"), value=(600, 601)),
    CustomField(definition=Ref("178389"), value=1515744000),
    CustomField(definition=Ref("178391"), value=701),
)


def test_what_the_copper_record_holds_arrives_as_zoho_has_it() -> None:
    """Ids of options become names, seconds a date, an own field the industry; what is always written is there."""
    made = carried(sample(), Lead(custom_fields=_RAW))
    assert made.losses == ()
    assert made.value.industry == "Media"
    assert [(item.definition, item.value) for item in made.value.custom_fields] == [
        (Ref(None, "Budget"), 1234.5),
        (Ref(None, "Product_Interest"), "Gold plan"),
        (Ref(None, "Trade_Shows"), ("CeBIT", "IFA")),
        (Ref(None, "First_Meeting"), "2018-01-12"),
        (Ref(None, "Region"), "EMEA"),
    ]


SOME = DECIDED.replace('"IFA" = "IFA"', '"IFA" = { leave_out = "nobody goes there" }')


@pytest.mark.parametrize(
    ("text", "value", "kept", "told"),
    [
        (SOME, (600, 601), ("CeBIT",), [("left_out", "note", "shows: some of its options are left out on")]),
        (SOME, (601,), None, [("left_out", "note", "Trade shows: left out on purpose: nobody goes there")]),
        (SOME, (600,), ("CeBIT",), []),
        (SOME, (600, 699), ("CeBIT",), [("narrowed", "loss", "options that the mapping does not carry")]),
        (SOME, (601, 699), None, [("unmapped_option", "loss", "Trade shows: the mapping does not say")]),
        (DECIDED.replace('"IFA" = "IFA"', '"IFA" = { to = "CeBIT", merge = true }'), (600, 601), ("CeBIT",),
         [("narrowed", "note", "Trade shows: several options become one, as the mapping says")]),
    ],
)  # fmt: skip
def test_options_of_several_are_each_what_was_decided(text: str, value: Any, kept: Any, told: Any) -> None:
    """What a person left out is a note, and apart from what nobody thought of; what is left out is never sent."""
    made = carried(sample(text), Lead(custom_fields=(CustomField(definition=Ref("178387"), value=value),)))
    found = [item.value for item in made.value.custom_fields if item.definition.name == "Trade_Shows"]
    assert found == ([] if kept is None else [kept])
    assert [(loss.reason, loss.level) for loss in made.losses] == [(reason, level) for reason, level, _ in told]
    assert all(one[2] in loss.detail for one, loss in zip(told, made.losses, strict=True))


def test_two_options_that_become_one_are_told() -> None:
    """Of one option too: a person said so, and the report says which field it is."""
    text = DECIDED.replace('"Silver" = { to = "Silver" }', '"Silver" = { to = "Gold plan", merge = true }')
    assert text != DECIDED
    made = carried(sample(text), Lead(custom_fields=(CustomField(definition=Ref("178385"), value=501),)))
    assert [item.value for item in made.value.custom_fields if item.definition.name == "Product_Interest"] == [
        "Gold plan"
    ]
    assert [(loss.reason, loss.level) for loss in made.losses] == [("narrowed", "note")]
    assert "several options become one" in made.losses[0].detail


@pytest.mark.parametrize(
    ("identity", "value", "reason", "told"),
    [
        ("178385", 502, "left_out", "no longer sold"),
        ("178390", "77", "left_out", "left out on purpose: nobody has a fax any more"),
        ("178386", "x" * 51, "truncated", "50 characters"),
        ("178385", 999, "unmapped_option", "does not say what becomes of this option"),
        ("999999", 1, "foreign_id", "does not know this custom field"),
        ("178384", "a lot", "coerced", "expected a number"),
        ("178388", None, "left_out", "has no value"),
    ],
)
def test_what_does_not_arrive_is_told_at_its_place(identity: str, value: Any, reason: str, told: str) -> None:
    """A reason left_out is a person's decision, in that person's words; all others are what nobody thought of."""
    before = CustomField(definition=Ref("178391"), value=700)
    made = carried(sample(), Lead(custom_fields=(before, CustomField(definition=Ref(identity), value=value))))
    (loss,) = made.losses
    assert (loss.path, loss.reason) == ("custom_fields[1]", reason)
    assert told in loss.detail
    assert loss.level == ("note" if reason == "left_out" else "loss")


def test_the_same_field_twice_is_ambiguous() -> None:
    """The first value is kept, and the second reported."""
    twice = tuple(CustomField(definition=Ref("178384"), value=n) for n in (1, 2))
    made = carried(sample(), Lead(custom_fields=twice))
    assert [(loss.path, loss.reason) for loss in made.losses] == [("custom_fields[1]", "ambiguous")]


def test_users_stages_and_statuses_become_the_targets() -> None:
    """They are named by the target's ids, or by names where it has no more; one left out says the person's words."""
    made = carried(sample(), Lead(status=Ref("208232"), owner=Ref("137658")))
    assert (made.value.status, made.value.owner) == (Ref(None, "Not Qualified"), Ref("365239700001"))
    assert made.losses == ()
    made = carried(sample(), Deal(stage=Ref("987790", "Qualified"), owner=Ref("137659")))
    assert made.value == Deal(stage=Ref(None, "Qualification"), custom_fields=())
    assert [(x.path, x.reason, x.detail) for x in made.losses] == [
        ("owner", "left_out", "left out on purpose: he left the company")
    ]


def test_an_unknown_user_is_no_ones() -> None:
    """An id that the mapping does not know is never sent: it may be a stranger's."""
    made = carried(sample(), Lead(owner=Ref("365239700002"), status=Ref("1", "New")))
    assert (made.value.owner, made.value.status) == (None, None)
    assert {(x.path, x.reason) for x in made.losses} == {("owner", "foreign_id"), ("status", "unmapped_option")}


def test_a_request_is_carried_inside_too() -> None:
    """The deal of a convert request, its owner and its own fields; and the owners of the other records."""
    deal = NewDeal(stage=Ref("987790"), owner=Ref("137658"), custom_fields=(_number(12),))
    made = carried(sample(), ConvertRequest(lead_id="1", deal=deal, contact_owner=Ref("137658")))
    assert made.value.contact_owner == Ref("365239700001")
    assert made.value.deal.custom_fields == (CustomField(definition=Ref(None, "Contract_months"), value=12),)
    assert made.value.deal.stage == Ref(None, "Qualification")
    assert made.losses == ()


def test_half_a_month_is_reported_where_it_stands() -> None:
    """A number that is not whole does not fit wholly; the loss names the field of the deal in the request."""
    made = carried(sample(), ConvertRequest(deal=NewDeal(custom_fields=(_number(12.5),))))
    assert [(x.path, x.reason) for x in made.losses] == [("deal.custom_fields[0]", "truncated")]


def _number(value: float) -> CustomField:
    return CustomField(definition=Ref("178392"), value=value)


def test_a_key_to_match_by_is_carried() -> None:
    """The own field that an upsert matches by is the target's, its value too."""
    key = MatchKey(definition=Ref("178385"), value=501)
    made = carried(sample(), UpsertRequest(record=Lead(custom_fields=_RAW[:1]), match=(key, MatchKey(field="email"))))
    assert made.value.match == (
        MatchKey(definition=Ref(None, "Product_Interest"), value="Silver"),
        MatchKey(field="email"),
    )


def test_a_key_without_counterpart_is_reported() -> None:
    """A key by a field that is left out cannot be honoured."""
    made = carried(sample(), UpsertRequest(match=(MatchKey(definition=Ref("178390"), value="1"),)))
    assert [(x.path, x.reason) for x in made.losses] == [("match[0]", "foreign_id")]


# --- translate -------------------------------------------------------------------------------------------------------


def test_a_translation_takes_a_mapping() -> None:
    """What the mapping says arrives in the body; losses of writing it stand where the source said it."""
    fields = [
        {"custom_field_definition_id": 178389, "value": None},
        {"custom_field_definition_id": 178391, "value": 700},
        {"custom_field_definition_id": 178385, "value": 500},
    ]
    lead = {"last_name": "Lee", "custom_fields": fields, "status_id": 208232}
    done = translate("lead", lead, source="copper", target="zoho", mapping=sample())
    assert done.body == {
        "Last_Name": "Lee",
        "Lead_Status": "Not Qualified",
        "Industry": "Retail",
        "Product_Interest": "Gold plan",
        "Region": "EMEA",
    }
    assert done.losses == ()


def test_ids_are_kept_or_mapped_beside_a_mapping() -> None:
    """What the mapping decides about is the target's whatever becomes of all other ids."""
    there = attrs.evolve(ZOHO, choices=tuple(one for one in ZOHO.choices if one.kind != "source"))
    sides = relevant(side(COPPER), side(there), registry.get("copper"), registry.get("zoho"))
    mapping = parse_mapping(DECIDED.partition("[choices.source]")[0] + kept(*sides))
    lead = {"last_name": "Lee", "status_id": 208232, "customer_source_id": 331240}
    same = translate("lead", lead, source="copper", target="zoho", mapping=mapping, ids="keep")
    assert same.body["Lead_Status"] == "Not Qualified"
    ids = {"source": {"331240": {"id": None, "name": "Web"}}}
    mapped = translate("lead", lead, source="copper", target="zoho", mapping=mapping, ids=ids)
    assert (mapped.body["Lead_Status"], mapped.body["Lead_Source"]) == ("Not Qualified", "Web")


def test_a_mapping_is_checked_before_it_is_used() -> None:
    """An open line stops a translation before the first byte, with file and line."""
    text = DECIDED.replace('"Est. budget" = { to = "Budget" }', '"Est. budget" = { undecided = "" }')
    with pytest.raises(MappingError, match=r"mapping\.toml:10: 'Est\. budget' is not decided"):
        translate("lead", {"name": "Ann"}, source="copper", target="zoho", mapping=sample(text))


@pytest.mark.parametrize(("source", "target"), [("base", "zoho"), ("copper", "base"), ("zoho", "copper")])
def test_a_mapping_is_for_its_own_pair(source: str, target: str) -> None:
    """A mapping from Copper to Zoho says nothing of other CRMs, nor of the way back."""
    with pytest.raises(UsageError, match=r"mapping\.toml maps (from copper|to zoho@v8), not"):
        translate("lead", {}, source=source, target=target, mapping=sample())


@pytest.mark.parametrize(
    ("sort", "written", "wanted"),
    [
        ("date", "2026-01-31", "2026-01-31"),
        ("datetime", "2026-01-31T09:30:00", "2026-01-31T09:30:00+00:00"),
        ("number", "1.5", 1.5),
        ("whole", "3", 3),
        ("boolean", "true", True),
        ("text", '"x"', "x"),
        ("multi_select", '["EMEA"]', ("EMEA",)),
    ],
)
def test_what_is_always_written_may_be_of_any_plain_type(sort: Any, written: str, wanted: Any) -> None:
    """A date, a number or a list of options stands in the file as TOML has them, and arrives as Zoho has them."""
    offered = options("EMEA", "APAC") if sort == "multi_select" else ()
    there = attrs.evolve(ZOHO, definitions=(definition("lead", "Region", sort, options=offered, required=True),))
    text = "\n".join(DECIDED.split("\n")[:8]) + f'\n[lead.fields]\n[lead.always]\n"Region" = {written}\n'
    mine = attrs.evolve(COPPER, definitions=(), choices=())
    sides = relevant(side(mine), side(there), registry.get("copper"), registry.get("zoho"))
    made = carried(checked(parse_mapping(text + kept(*sides))), Lead())
    assert [item.value for item in made.value.custom_fields] == [wanted]


@pytest.mark.parametrize(("sort", "written"), [("date", '"soon"'), ("number", '"x"'), ("multi_select", '"EMEA"')])
def test_what_is_always_written_must_fit(sort: Any, written: str) -> None:
    """A text is no date, no number and no list of options."""
    offered = options("EMEA", "APAC") if sort == "multi_select" else ()
    there = attrs.evolve(ZOHO, definitions=(definition("lead", "Region", sort, options=offered),))
    text = "\n".join(DECIDED.split("\n")[:8]) + f'\n[lead.always]\n"Region" = {written}\n'
    sides = relevant(
        side(attrs.evolve(COPPER, definitions=())), side(there), registry.get("copper"), registry.get("zoho")
    )
    with pytest.raises(MappingError, match=r"mapping\.toml:10: 'Region': expected"):
        checked(parse_mapping(text + kept(*sides)))


BACK = """\
[source]
vendor = "zoho"
account = "new"
[target]
vendor = "copper"
account = "old"
[lead.fields]
"Industry" = { to = "Branch" }
"Legacy" = { to = "Referral" }
[lead.options."Industry"]
"Retail" = "Shops"
"Media" = { leave_out = "no such customers" }
"""


def back(*more: Definition) -> AccountMapping:
    """Return a mapping of a field of Zoho's own into one of the Copper account's."""
    industry = next(one for one in ZOHO.definitions if one.name == "Industry")
    legacy = definition("lead", "Legacy", "text", max_length=400)
    theirs = [one for one in COPPER.definitions if one.name in ("Branch", "Referral")]
    source, target = (
        side(attrs.evolve(account, definitions=tuple(fields), choices=()))
        for account, fields in ((ZOHO, (industry, legacy, *more)), (COPPER, theirs))
    )
    sides = relevant(source, target, registry.get("zoho"), registry.get("copper"))
    return checked(parse_mapping(BACK + kept(*sides)))


def test_a_field_of_the_crms_own_can_go_into_one_of_the_accounts() -> None:
    """A Zoho lead's industry arrives in Copper as an option of the account's, by its id; nothing of it is lost."""
    done = translate("lead", {"Last_Name": "Lee", "Industry": "Retail"}, source="zoho", target="copper", mapping=back())
    assert done.body["custom_fields"] == [{"custom_field_definition_id": 178391, "value": 700}]
    assert [loss.path for loss in done.losses] == []


def test_its_losses_stand_at_the_attribute() -> None:
    """The path is that of the source: industry, wherever it would have gone."""
    lead = {"Last_Name": "Lee", "Industry": "Media", "Legacy": "x" * 300}
    done = translate("lead", lead, source="zoho", target="copper", mapping=back())
    assert [(loss.path, loss.reason) for loss in done.losses] == [
        ("industry", "left_out"),
        ("custom_fields[0]", "truncated"),
    ]


def test_a_reply_needs_nothing() -> None:
    """What the target requires of a record is asked of what is sent, not of what came back."""
    made = carried(sample(DECIDED.replace('"Region" = "EMEA"', "")), Conversion(lead_id="1"))
    assert made.losses == ()
    assert made.value == Conversion(lead_id="1")


def test_a_closed_list_of_a_deal_says_nothing_about_statuses_of_leads() -> None:
    """A deal's status can be filled by an own field; whether leads' statuses are mapped is another matter."""
    with leadlens.Sandbox(seed=7) as box:
        base, copper = (leadlens.connect(name, sandbox=box).catalogue() for name in ("base", "copper"))
    mapping = drafted(base, copper).mapping
    assert "Status" in mapping.target.definitions["deal"]
    assert "status" not in mapping.choices
    assert "status" not in governed(mapping)


def test_a_definition_with_an_id_is_found_by_nothing_else() -> None:
    """Another account's definition may have the same name, and be another thing."""
    known = {"a": definition("lead", "Newsletter", "boolean", id="5", key="5")}
    assert definition_of(known, Ref("5", "Letters")) is known["a"]
    assert definition_of(known, Ref(None, "Newsletter")) is known["a"]
    assert definition_of(known, Ref("6", "Newsletter")) is None


@pytest.mark.parametrize("hours", [None, 0, 2, -11])
def test_a_time_is_the_same_moment_in_utc(hours: int | None) -> None:
    """Whatever zone it is given in; without one it is taken for UTC."""
    zone = None if hours is None else dt.timezone(dt.timedelta(hours=hours))
    found = read_attribute(definition("lead", "Call", "datetime"), dt.datetime(2026, 1, 31, 12, 0, tzinfo=zone))
    assert found == dt.datetime(2026, 1, 31, 12, 0, tzinfo=dt.UTC) - dt.timedelta(hours=hours or 0)
    assert found.tzinfo is dt.UTC
