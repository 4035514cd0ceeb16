"""What a mapping file need not say: options and choices of one name on both sides."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from tests.tenants import COPPER, DECIDED, ZOHO, sample

from leadlens import registry
from leadlens.catalogue import Choice
from leadlens.customfields.carrying import carry
from leadlens.customfields.checking import checked, findings, unmade
from leadlens.customfields.mapping import AccountMapping
from leadlens.customfields.values import codec_of
from leadlens.errors import MappingError
from leadlens.model import CustomField, Lead, Ref
from leadlens.tenant.draft import drafted

OPTIONS = """[lead.options."Product interest"]
"Gold" = { to = "Gold plan" }
"Silver" = { to = "Silver" }
"Bronze" = { leave_out = "no longer sold" }
"""
STATUSES = """[choices.status]
"New" = "New"
"Unqualified" = "Not Qualified"
"""


reads, writes = (codec_of(registry.get(name)) for name in ("copper", "zoho"))


def without(*parts: str) -> AccountMapping:
    """Return the decided mapping without parts of its text."""
    text = DECIDED
    for part in parts:
        assert part in text
        text = text.replace(part, "", 1)
    return sample(text)


def held(mapping: AccountMapping, field: str, value: Any) -> Any:
    """Return what a lead's own field holds in the target, and the reasons of what is lost."""
    lead = Lead(custom_fields=(CustomField(definition=Ref(field), value=value),))
    made = carry(mapping, lead, reads, writes)
    values = [item.value for item in made.value.custom_fields if item.definition.name != "Region"]
    return values, [loss.reason for loss in made.losses]


def test_options_of_one_name_need_no_line() -> None:
    """A section may name only what differs, or be left out where nothing does."""
    mapping = checked(
        without('"Silver" = { to = "Silver" }\n', '[lead.options."Trade shows"]\n"CeBIT" = "CeBIT"\n"IFA" = "IFA"\n')
    )
    assert held(mapping, "178385", 501) == (["Silver"], [])
    assert held(mapping, "178387", (600, 601)) == ([("CeBIT", "IFA")], [])


def test_options_without_namesake_are_told() -> None:
    """With the line of their field, and the section that is to say it."""
    line = DECIDED.split("\n").index('"Product interest" = { to = "Product Interest" }') + 1
    below = 'goes nowhere; say where it goes below [lead.options."Product interest"]'
    assert list(findings(without(OPTIONS))) == [
        f"mapping.toml:{line}: option {name!r} of 'Product interest' {below}" for name in ("Gold", "Bronze")
    ]


def test_what_is_said_goes_before_the_name() -> None:
    """An option with a line goes where that says, whatever has its name there."""
    mapping = sample(DECIDED.replace('"Silver" = { to = "Silver" }', '"Silver" = { to = "Platinum" }'))
    assert held(checked(mapping), "178385", 501) == (["Platinum"], [])


def test_a_line_that_goes_where_a_namesake_goes_is_told() -> None:
    """Two options would become one, which only a person may say."""
    text = DECIDED.replace('"Silver" = { to = "Silver" }\n', "").replace('"Gold plan" }', '"Silver" }')
    (told,) = findings(sample(text))
    assert "'Gold' goes to 'Silver', as 'Silver' does" in told


def test_choices_of_one_name_need_no_line() -> None:
    """The others are told, also where their whole section is missing."""
    (told,) = findings(without(STATUSES))
    line = DECIDED.split("\n").index("[choices.user]") + 1
    assert told == (
        f"mapping.toml:{line}: nothing is said about the status 'Unqualified'; "
        "add a line for it below [choices.status], or draft again"
    )
    mapping = checked(without('"New" = "New"\n'))
    made = carry(mapping, Lead(status=Ref("208231")), reads, writes)
    assert (made.value.status, made.losses) == (Ref(None, "New"), ())


def test_a_user_needs_a_line() -> None:
    """A namesake may be somebody else."""
    with pytest.raises(MappingError, match="nothing is said about the user 'Ann Lee'"):
        checked(without('"Ann Lee" = "Ann Lee"\n'))


def test_drafting_again_writes_what_was_implied() -> None:
    """A line with its reason, as for anything new; what was decided stays."""
    text = DECIDED.replace('"Silver" = { to = "Silver" }\n', "").replace(STATUSES, "")
    draft = drafted(COPPER, ZOHO, old=text)
    assert '"Silver" = { to = "Silver", why = "100 %: same name" }' in draft.text
    assert '"New"         = { to = "New", why = "100 %: same name" }' in draft.text
    assert '"Bronze" = { leave_out = "no longer sold" }' in draft.text
    assert drafted(COPPER, ZOHO, old=draft.text).text == draft.text


def test_what_no_longer_has_a_namesake_is_asked() -> None:
    """A new option of the source without a line, and a renamed one of the target, are for a person to see."""
    new = attrs.evolve(COPPER, choices=(*COPPER.choices, Choice("status", Ref("9", "Junk"))))
    assert '"Junk"        = { undecided = "nothing there is like it" }' in drafted(new, ZOHO, old=DECIDED).text


def test_a_list_of_which_nothing_is_said_is_told_once() -> None:
    """With some of its names, and the section that is missing; under another name, with the one that is meant."""
    users = '[choices.user]\n"Ann Lee" = "Ann Lee"\n"Bob Ray" = { leave_out = "he left the company" }\n'
    (told,) = findings(without(users))
    assert told == (
        "mapping.toml:1: nothing is said about 2 users ('Ann Lee', 'Bob Ray'); "
        "add a section [choices.user] with a line for each, or draft the mapping again"
    )
    typo = sample(DECIDED.replace("[choices.status]", "[choices.statuses]"))
    assert "the source has no list of statuses; did you mean 'status'?" in "\n".join(findings(typo))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            '"Qualified" = "Qualification"',
            "the source's list of stages has no 'Qualified'; did you mean 'Sales: Qualified'?",
        ),
        ('"Sales: Qualified" = { create = "Won" }', "make it in the CRM, then draft again"),
    ],
)
def test_a_stage_is_named_below_its_pipeline(line: str, told: str) -> None:
    """Its name alone is answered with the labels that it has; making one is for the CRM."""
    mapping = sample(DECIDED.replace('"Sales: Qualified" = "Qualification"', line))
    assert any(told in one for one in findings(mapping))
    assert list(unmade(mapping)) == []


def test_a_list_that_the_target_lacks_is_told() -> None:
    """In the words of people, whatever it is called."""
    there = attrs.evolve(sample().source, choices={"industry": {n: Choice("industry", Ref(None, n)) for n in "ab"}})
    (told,) = (line for line in findings(attrs.evolve(sample(), source=there)) if "nothing is said" in line)
    assert "nothing is said about 2 industries ('a', 'b'); add a section [choices.industry]" in told
