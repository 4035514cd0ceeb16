"""A draft: what is proposed and why, the file that says so, and that nothing of a person's work is lost."""

from __future__ import annotations

import re
import tomllib

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tenants import COPPER, ZOHO

import leadlens
from leadlens.catalogue import Choice
from leadlens.customfields.mapping import Rule
from leadlens.errors import UsageError
from leadlens.model import Ref
from leadlens.tenant.draft import Drafted, drafted
from leadlens.tenant.likeness import SURE, field_likeness, name_likeness, normalised
from leadlens.tenant.sampling import sampled
from leadlens.testing.accounts import definition, options

SEEN = {"lead": {"178386": ["Ann", 'the "boss"\n']}}


def rule(draft: Drafted, label: str, kind: str = "lead") -> Rule:
    """Return the line about a field."""
    return next(rule for rule in draft.mapping.kinds[kind].fields if rule.label == label)


# --- proposals -------------------------------------------------------------------------------------------------------


def test_names_are_compared_without_what_systems_add() -> None:
    """Case, accents, underscores and suffixes count for nothing."""
    assert normalised("Est_Budget__c") == normalised("estBudget") == normalised("ÉST  budget") == "est budget"
    assert name_likeness("Budget", "budget").score == 97
    assert name_likeness("Budget 2023", "Budget 2024").score < SURE, "alike is not the same"


@given(st.text(max_size=12), st.text(max_size=12))
def test_likeness_is_a_score(one: str, other: str) -> None:
    """From 0 to 100, the same in both directions, and 100 for the same."""
    there, back = name_likeness(one, other), name_likeness(other, one)
    assert 0 <= there.score <= 100
    assert there.score == back.score
    assert name_likeness(one, one).score == 100


def test_options_and_values_count() -> None:
    """The same options speak for a pair, other ones and values that nobody has there against it."""
    one = definition("lead", "Plan", "picklist", options=options("a", "b", "c"))
    same = definition("lead", "Plans", "picklist", options=options("a", "b", "c"))
    other = definition("lead", "Plans", "picklist", options=options("x", "y"))
    found = [field_likeness(one, two, {}, {}) for two in (same, other)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].score > found[1].score
    assert "3 of 3 options are the same" in found[0].why
    told = field_likeness(one, other, {"Plan": ["a"]}, {})
    assert told is not None
    assert told.score < found[1].score
    assert "none of the values seen is there" in told.why
    text = definition("lead", "Plan", "text")
    shared = field_likeness(text, text, {"Plan": ["a", "b"]}, {"Plan": ["b"]})
    assert shared is not None
    assert "1 of 2 values seen are there too" in shared.why


def test_types_that_do_not_fit_are_never_proposed() -> None:
    """A date is no percentage, whatever the two are called."""
    assert field_likeness(definition("lead", "A", "date"), definition("lead", "A", "percent"), {}, {}) is None


def test_what_is_sure_what_is_doubtful_and_what_is_open() -> None:
    """Each proposal has a score and a reason; what is only alike is marked, what is like nothing is asked."""
    draft = drafted(COPPER, ZOHO)
    assert rule(draft, "Newsletter").why == "100 %: same name, same type"
    assert rule(draft, "First meeting").why == "97 %: same name but for its spelling, same type"
    guess = rule(draft, "Est. budget")
    assert (guess.said, guess.doubtful[-9:], guess.why) == ("Budget", "same type", "")
    assert rule(draft, "Fax code").verdict == "undecided"


def test_users_are_told_by_their_addresses() -> None:
    """The same address is the same person; a namesake with another address is a guess."""
    namesake = Choice("user", Ref("9", "Bob Ray"), email="b.ray@other.example")
    draft = drafted(COPPER, attrs.evolve(ZOHO, choices=(*ZOHO.choices, namesake)))
    ann, bob = sorted(draft.mapping.choices["user"], key=lambda rule: rule.label)
    assert (ann.said, ann.why) == ("Ann Lee", "100 %: same e-mail address")
    assert bob.doubtful == "85 %: same name, other e-mail address"


def test_addresses_of_users_are_not_in_the_file() -> None:
    """They are looked at and not written down."""
    assert "@acme.example" not in drafted(COPPER, ZOHO).text


def test_a_field_of_the_crm_itself_is_proposed_where_it_would_else_be_lost() -> None:
    """A Zoho lead's industry has no place in Copper: a field of the account's own can take it, and the way back too."""
    back = drafted(ZOHO, COPPER)
    assert {r.label for r in back.mapping.kinds["lead"].fields} >= {"Industry", "Budget"}
    branch = attrs.evolve(COPPER, definitions=(definition("lead", "Industry", "picklist", options=options("Retail")),))
    assert rule(drafted(branch, ZOHO), "Industry").said == "Industry"


def test_what_the_target_needs_is_asked_for() -> None:
    """A required field that nothing feeds stands as a line to fill in, with what it can hold."""
    text = drafted(COPPER, ZOHO).text
    assert '# "Region" = "…"   # one of EMEA, APAC' in text
    assert tomllib.loads(text)["lead"]["always"] == {}


# --- the file --------------------------------------------------------------------------------------------------------


def test_doubtful_lines_stand_on_top_then_the_open_ones() -> None:
    """Whoever reads from the top sees first what needs a decision."""
    text = drafted(COPPER, ZOHO).text
    lines = text[text.index("[lead.fields]") :].splitlines()
    kinds = ["doubtful" if "doubtful =" in x else "undecided" if "undecided =" in x else "sure" for x in lines[1:12]
             if x.startswith('"')]  # fmt: skip
    assert kinds == sorted(kinds, key=["doubtful", "undecided", "sure"].index)
    assert kinds[0] == "doubtful"
    assert kinds[-1] == "sure"


def test_sample_values_are_shown_only_when_asked() -> None:
    """They are personal data; what is in them cannot break the file."""
    assert "boss" not in drafted(COPPER, ZOHO, seen=SEEN).text
    shown = drafted(COPPER, ZOHO, seen=SEEN, shown=True).text
    assert '# e.g. "Ann", "the \\"boss\\"\\n"' in shown
    assert tomllib.loads(shown)["lead"] == tomllib.loads(drafted(COPPER, ZOHO, seen=SEEN).text)["lead"]


def test_drafting_again_changes_nothing() -> None:
    """The same accounts and the file as it was give the very same file."""
    text = drafted(COPPER, ZOHO).text
    assert drafted(COPPER, ZOHO, old=text).text == text
    shown = drafted(COPPER, ZOHO, seen=SEEN, shown=True).text
    assert drafted(COPPER, ZOHO, old=shown).text == text, "values that were shown go, as nobody asked for them again"


def _edited(text: str) -> str:
    """Return a draft as a person left it: a decision, a doubt resolved, and remarks in all places."""
    lines = ["# Asked Ann about this one." if line[2:] == "MAPPED" else line for line in text.splitlines()]
    text = "# Agreed with sales on Monday.\n" + "\n".join(lines) + "\n"
    fax = next(line for line in text.splitlines() if line.startswith('"Fax code"'))
    budget = next(line for line in text.splitlines() if line.startswith('"Est. budget"'))
    text = text.replace(fax, '# no faxes!\n"Fax code" = { leave_out = "nobody has one" }  # Bob said so')
    return text.replace(budget, '"Est. budget" = "Budget"')


def test_drafting_again_keeps_every_decision_and_remark() -> None:
    """Decided lines stay as they were written, to the letter, with what stands above and behind them."""
    text = _edited(drafted(COPPER, ZOHO).text)
    more = definition("lead", "Partner code", "text", id="5", key="5")
    again = drafted(attrs.evolve(COPPER, definitions=(*COPPER.definitions, more)), ZOHO, old=text)
    assert '# no faxes!\n"Fax code" = { leave_out = "nobody has one" }  # Bob said so\n' in again.text
    assert '"Est. budget" = "Budget"\n' in again.text
    assert "# Agreed with sales on Monday.\n" in again.text
    assert "# Asked Ann about this one.\n" in again.text
    assert rule(again, "Partner code").verdict == "undecided", "what is new is asked"
    assert again.text.index('"Partner code"') < again.text.index('"Fax code"'), "above what is decided"


def test_a_decided_line_about_a_vanished_field_stays() -> None:
    """The check tells about it; drafting throws nothing of a person's away."""
    text = _edited(drafted(COPPER, ZOHO).text)
    fewer = tuple(one for one in COPPER.definitions if one.name != "Fax code")
    again = drafted(attrs.evolve(COPPER, definitions=fewer), ZOHO, old=text)
    assert '"Fax code" = { leave_out = "nobody has one" }  # Bob said so\n' in again.text


def test_decided_options_stay_under_their_field() -> None:
    """Also where the field now goes elsewhere than proposed."""
    text = drafted(COPPER, ZOHO).text
    gold = next(line for line in text.splitlines() if line.startswith('"Gold"'))
    text = text.replace(gold, '"Gold" = "Platinum" # the new name')
    again = drafted(COPPER, ZOHO, old=text)
    assert '"Gold" = "Platinum" # the new name\n' in again.text
    assert drafted(COPPER, ZOHO, old=again.text).text == again.text


def test_always_stays() -> None:
    """A value that a person wrote for all records is kept, and the question goes."""
    text = drafted(COPPER, ZOHO).text.replace(
        '# "Region" = "…"   # one of EMEA, APAC', '"Region" = "EMEA" # all of them'
    )
    again = drafted(COPPER, ZOHO, old=text)
    assert '"Region" = "EMEA" # all of them\n' in again.text
    assert "one of EMEA" not in again.text
    assert again.mapping.kinds["lead"].always["Region"][0] == "EMEA"


def test_the_file_of_other_accounts_is_not_drafted_over() -> None:
    """Nobody's work is lost by a slip of the file's name."""
    text = drafted(COPPER, ZOHO).text
    with pytest.raises(UsageError, match=r"is about old \(copper\), not third \(copper\)"):
        drafted(attrs.evolve(COPPER, account="third"), ZOHO, old=text)


def test_the_summary_counts() -> None:
    """What is settled, doubtful and open, and what to do next."""
    draft = drafted(COPPER, ZOHO)
    done, doubtful, undecided = draft.counts()
    assert done + doubtful + undecided == len(list(draft.mapping.rules()))
    assert draft.summary("m.toml").endswith("then check it with: leadlens lint m.toml")


_NAMES = st.sampled_from(["Budget", 'a "b"', "x\ny", "Größe", "a.b", "=", "# no", "[x]", "予算", "'", "\\"])


@settings(max_examples=settings().max_examples // 8)
@given(st.lists(_NAMES, unique=True, max_size=6), st.lists(_NAMES, unique=True, max_size=6))
def test_whatever_things_are_called_the_file_reads_back(mine: list[str], theirs: list[str]) -> None:
    """Labels are texts of other people; nothing in them breaks the file, and drafting again changes nothing."""
    source = attrs.evolve(COPPER, definitions=tuple(definition("lead", name, "text") for name in mine))
    target = attrs.evolve(ZOHO, definitions=tuple(definition("lead", name, "text") for name in theirs))
    draft = drafted(source, target)
    assert {r.label for r in draft.mapping.kinds["lead"].fields} == set(mine)
    assert drafted(source, target, old=draft.text).text == draft.text


def test_two_fields_of_one_name_are_told_apart() -> None:
    """Their labels carry their ids."""
    twins = tuple(definition("lead", "Code", "text", id=str(n), key=str(n)) for n in (1, 2))
    draft = drafted(attrs.evolve(COPPER, definitions=twins), ZOHO)
    assert [r.label for r in draft.mapping.kinds["lead"].fields] == ["Code (1)", "Code (2)"]


def test_a_stage_is_proposed_in_the_pipeline_that_its_own_becomes() -> None:
    """Stages of one name are told apart by their pipelines; one elsewhere is doubtful; a decided pipeline counts."""
    ids = {"Sales": "1", "Renewals": "2"}
    mine = [Choice("pipeline", Ref(number, name)) for name, number in ids.items()]
    mine += [Choice("stage", Ref(f"{number}1", "Won"), Ref(number)) for number in ids.values()]
    mine += [Choice("stage", Ref("22", "Lost"), Ref("2"))]
    lines = ("Standard", "Renewals")
    theirs = [Choice("pipeline", Ref(None, name)) for name in lines]
    theirs += [Choice("stage", Ref(None, "Won"), Ref(None, name)) for name in lines]
    theirs += [Choice("stage", Ref(None, "Lost"), Ref(None, "Standard"))]
    base = attrs.evolve(COPPER, vendor="base", definitions=(), choices=tuple(mine))
    zoho = attrs.evolve(ZOHO, definitions=(), choices=tuple(theirs))
    text = drafted(base, zoho).text
    renewals = '"Renewals: Won"  = { to = "Renewals: Won", why = "100 %: same name, in the pipeline that goes there" }'
    assert renewals in text
    assert '{ to = "Standard: Won", doubtful = "80 %: same name, but in another pipeline" }' in text
    assert '{ to = "Standard: Lost", doubtful = "80 %: same name, but in another pipeline" }' in text
    decided = re.sub(r'"Sales" .*', '"Sales" = "Standard"', text, count=1)
    again = drafted(base, zoho, old=decided).text
    assert (
        '"Sales: Won"     = { to = "Standard: Won", why = "100 %: same name, in the pipeline that goes there" }'
        in again
    )
    assert renewals in again


def test_one_pipeline_on_both_sides_is_the_same() -> None:
    """As far as a guess goes."""
    rules = drafted(COPPER, ZOHO).mapping.choices["pipeline"]
    assert [(rule.said, rule.doubtful) for rule in rules] == [("Standard", "60 %: the only one on both sides")]


def test_an_account_is_drafted_with_the_pipelines_of_its_stages() -> None:
    """Every stage of both emulated accounts stands below its pipeline, and drafting again changes nothing."""
    with leadlens.Sandbox(seed=7) as box:
        copper, zoho = (leadlens.connect(name, sandbox=box).catalogue() for name in ("copper", "zoho"))
    draft = drafted(copper, zoho)
    stages = draft.mapping.target.choices["stage"]
    assert [label for label in stages if label.endswith(": Closed Won")] == [
        "Standard (Standard): Closed Won", "Renewals: Closed Won", "Partner Sales: Closed Won",
    ]  # fmt: skip
    assert all(stage.within is not None for stage in stages.values())
    assert drafted(copper, zoho, old=draft.text).text == draft.text


def test_values_stay_behind_lines_that_are_settled() -> None:
    """As long as they are asked for; what a person wrote there stays instead."""
    seen = {"lead": {"178388": ["yes"], "178389": ["2026-01-31"]}}
    text = drafted(COPPER, ZOHO, seen=seen, shown=True).text
    assert text.count("# e.g. ") == 2
    assert drafted(COPPER, ZOHO, old=text, seen=seen, shown=True).text == text
    own = text.replace('# e.g. "yes"', "# ask Ann")
    assert drafted(COPPER, ZOHO, old=own, seen=seen, shown=True).text == own
    assert "# e.g. " not in drafted(COPPER, ZOHO, old=text, seen=seen).text


def test_values_are_shown_as_people_write_them() -> None:
    """An address is one line, and no list of its parts by their names in the program."""
    with leadlens.Sandbox(seed=7) as box, leadlens.connect("base", sandbox=box) as base:
        (seen,) = sampled(base, base.catalogue(), 1)["lead"]["Ships to"]
    assert re.fullmatch(r"[^=()]+, [^=()]+", seen)
