"""Checking a mapping: total, typed, complete, one-to-one where it is not said otherwise; each finding with its line."""

from __future__ import annotations

import re

import pytest
from tests.tenants import COPPER, DECIDED, ZOHO, sample

from leadlens.catalogue import FieldType
from leadlens.customfields.checking import checked, findings
from leadlens.customfields.pairs import fit
from leadlens.customfields.reading import parse_mapping
from leadlens.errors import MappingError
from leadlens.tenant.draft import drafted
from leadlens.testing.accounts import definition


def found(old: str, new: str) -> list[str]:
    """Return what is found after one change of the decided mapping."""
    assert old in DECIDED
    return list(findings(sample(DECIDED.replace(old, new))))


def line_of(text: str) -> int:
    """Return the line of the decided mapping that holds a text."""
    return next(number for number, line in enumerate(DECIDED.split("\n"), 1) if text in line)


def test_what_a_person_decided_is_sound() -> None:
    """The decided mapping stands in no one's way."""
    assert list(findings(sample())) == []
    assert checked(sample()).file == "mapping.toml"


def test_a_fresh_draft_is_not_decided() -> None:
    """Each doubtful and each open line of a draft is a finding, and nothing can be sent by it."""
    draft = drafted(COPPER, ZOHO)
    told = list(findings(draft.mapping))
    _, doubtful, undecided = draft.counts()
    guesses = [line for line in told if "is a guess" in line]
    assert (len(guesses), len([line for line in told if "is not decided" in line])) == (doubtful, undecided)
    with pytest.raises(MappingError):
        checked(draft.mapping)


FIELD = '"Est. budget" = { to = "Budget" }'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (FIELD, '"Est. buget" = "Budget"', "lead has no 'Est. buget'; did you mean 'Est. budget'?"),
        (FIELD, '"Est. budget" = "Budge"', "the target's lead has no 'Budge'; did you mean 'Budget'?"),
        (FIELD, '"Est. budget" = "Newsletter"', "does not fit 'Newsletter': a currency field does not go"),
        (FIELD, '"Est. budget" = { to = "Budget", doubtful = "61 %" }', "'Est. budget' is a guess (61 %)"),
        (FIELD, '"Est. budget" = { undecided = "hm" }', "'Est. budget' is not decided"),
        (FIELD, '"Est. budget" = { leave_out = "because …" }', "leave_out needs the reason, in your words"),
        (FIELD, '"Est. budget" = { leave_out = "" }', "leave_out needs the reason, in your words"),
        (FIELD, '"Est. budget" = { create = "" }', "create needs a name"),
        (FIELD, '"Est. budget" = { create = "Budget" }', "the target has 'Budget' already; say to instead of create"),
        ('"Fax code" = { leave_out = "nobody has a fax any more" }', '"Fax code" = "Referred by"',
         "'Fax code' goes to 'Referred by', as 'Referral' does (line 12); a field can be filled by one alone"),
        ('"Silver" = { to = "Silver" }', '"Silver" = "Gold plan"',
         "if that is meant say { to = 'Gold plan', merge = true }"),
        ('"Silver" = { to = "Silver" }', '"Silver" = "Sliver"',
         "'Product Interest' has no option 'Sliver'; did you mean 'Silver'?"),
        ('"Silver" = { to = "Silver" }', '"Silver" = "Wood"', "no option 'Wood'; draft the mapping again if it is new"),
        ('"Silver" = { to = "Silver" }', '"Silver" = { create = "Silver" }', "has the option 'Silver' already; say to"),
        ('"Silver" = { to = "Silver" }', '"Silver" = { create = "a\\nb" }', "a new name is one line of at most 255"),
        (FIELD, '"Est. budget" = { create = "' + "x" * 256 + '" }', "a new name is one line of at most 255"),
        ("[choices.user]", "[choices.usr]", "the source has no list of usrs; did you mean 'user'?"),
        ('"Region" = "EMEA"', '"Region" = "EMEA"\n"Score" = 1', "the target's lead has no 'Score'"),
        ('"Silver" = { to = "Silver" }', '"Tin" = "Silver"', "'Product interest' has no 'Tin'"),
        ('"Region" = "EMEA"', '"Region" = "Mars"', "'Region': expected one of its options: EMEA, APAC"),
        ('"Region" = "EMEA"', '"Regoin" = "EMEA"', "the target's lead has no 'Regoin'; did you mean 'Region'?"),
        ('"Region" = "EMEA"', '"Region" = "EMEA"\n"Budget" = 5',
         "'Budget' is filled by 'Est. budget' already (line 10)"),
        ('"Region" = "EMEA"', '"Region" = "EMEA"\n"Industry" = "Retail"', "'Industry' is filled by 'Branch' already"),
        ('"New" = "New"', '"New" = { create = "Brand new" }', "leadlens makes no users, stages, statuses or sources"),
        ('"New" = "New"', '"New" = "Old"', "the target's list of status"),
        ('"New" = "New"', '"Nw" = "New"', "the source's list of status"),
        ('"New" = "New"', '"New" = "Not Qualified"', "merge = true"),
        ('account = "new"', 'account = "new"\n', ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(old: str, new: str, told: str) -> None:
    """The line is that of the change, and the words say what to do."""
    lines = found(old, new)
    if not told:
        assert lines == []
        return
    about = [line for line in lines if told in line]
    assert about, lines
    assert any(re.match(rf"mapping\.toml:({line_of(old)}|{line_of(old) + 1}): ", line) for line in about), lines


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        (FIELD, "nothing is said about 'Est. budget' of lead"),
        ('"Bronze" = { leave_out = "no longer sold" }', "option 'Bronze' of 'Product interest' goes nowhere"),
        ('"Region" = "EMEA"', "the target needs 'Region', and nothing feeds it"),
        ('"Bob Ray" = { leave_out = "he left the company" }', "nothing is said about the user 'Bob Ray'"),
    ],
)
def test_what_is_missing_is_told(gone: str, told: str) -> None:
    """Total on both sides: every source field and option goes somewhere, every required target field is fed."""
    (line,) = found(gone, "")
    assert told in line


def test_two_options_may_become_one_if_a_person_says_so() -> None:
    """With merge = true the second line is meant."""
    assert found('"Silver" = { to = "Silver" }', '"Silver" = { to = "Gold plan", merge = true }') == []


def test_an_account_is_not_mapped_to_itself() -> None:
    """A mapping leads from one account to another."""
    text = DECIDED.replace("zoho@v8", "copper").replace('account = "new"', 'account = "old"')
    assert "source and target are the same account (old)" in next(findings(sample(text)))


def test_options_of_a_field_that_is_not_there_are_told() -> None:
    """A section of options stands under a field of that name."""
    (line,) = found('[lead.options."Branch"]', '[lead.options."Brunch"]\n"A" = "B"\n\n[lead.options."Branch"]')
    assert "lead has no field 'Brunch'; did you mean 'Branch'?" in line


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e400"])
def test_a_constant_is_a_number_that_a_crm_can_hold(value: str) -> None:
    """TOML has numbers that JSON has not."""
    text = DECIDED.replace(
        '"Contract length" = { to = "Contract months" }', '"Contract length" = { leave_out = "old" }'
    )
    text = text.replace("[choices.user]", f'[deal.always]\n"Contract months" = {value}\n\n[choices.user]')
    (line,) = findings(sample(text))
    assert "'Contract months': expected a number" in line


def test_a_file_that_lost_what_it_keeps_is_one_line() -> None:
    """Not one for each field."""
    (line,) = findings(parse_mapping(DECIDED[: DECIDED.index("[deal.fields]")]))
    assert line.endswith(
        "leadlens keeps of the source's lead fields is gone ([drafted.source.lead]); draft the mapping again"
    )


@pytest.mark.parametrize("other", ["reference", "text", "unknown"])
def test_a_reference_fits_nothing(other: FieldType) -> None:
    """Its id is a stranger's in another account."""
    link, field = definition("lead", "Parent", "reference"), definition("lead", "Other", other)
    assert not fit(link, field).fits
    assert not fit(field, link).fits
