"""What a plan chooses and finds: which conversions are meant, and what of them the target has already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.migrate.accounts import Migration, migration, planned

from leadlens.catalogue import Choice
from leadlens.emulation.faults import Fault
from leadlens.errors import LeadlensError, UsageError
from leadlens.migrate import plan as plans
from leadlens.migrate.choosing import Condition, Only
from leadlens.migrate.crossing import marker, match_choices, number
from leadlens.migrate.matching import ORDER, Found, Matching
from leadlens.migrate.origin import Bundle, read_record
from leadlens.model import Company, Contact, CustomField, Deal, Email, PersonName, Ref, Website

EXTERNAL = {"contact": "External ID", "company": "External ID", "deal": "External ID"}


@contextmanager
def whole(folder: Path, source: str = "zoho", target: str = "base") -> Iterator[tuple[Migration, Bundle]]:
    """Give a migration of nothing, and a conversion of the source with all records."""
    with migration(source, target, folder, only=["none"]) as moved:
        every = (moved.origin.bundle(made) for made in moved.origin.conversions())
        yield moved, next(one for one in every if one.contact and one.company and one.deal and one.contact.emails)


def make(moved: Migration, record: Any) -> str:
    """Make a record in the target, and return its id."""
    create = moved.target.operations.create
    assert create is not None
    return str(moved.target.client.driver.run(create(record).flow).id)


def external(identity: str | None) -> tuple[CustomField, ...]:
    return (CustomField(definition=Ref("22", "External ID"), value=identity),)


def test_an_external_id_comes_first(tmp_path: Path) -> None:
    """Whatever a record is called now, and whoever else is called alike: the source's id decides."""
    with whole(tmp_path) as (moved, bundle):
        assert bundle.contact is not None
        assert bundle.company is not None
        alike = make(moved, Contact(name=bundle.contact.name, emails=bundle.contact.emails))
        keyed = make(moved, Contact(name=PersonName(last="Other"), custom_fields=external(bundle.contact.id)))
        firm = make(moved, Company(name="Renamed", custom_fields=external(bundle.company.id)))
        assert Found("contact", alike, ORDER[1]) in Matching.of(moved.target, {}).find(bundle)
        found = Matching.of(moved.target, EXTERNAL).find(bundle)
        assert found == (Found("contact", keyed, ORDER[0]), Found("company", firm, ORDER[0]))


def test_a_deal_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    """No conversion can take it: the records are linked and made, and the lead is remembered on them."""
    with whole(tmp_path) as (moved, bundle):
        assert bundle.contact is not None
        assert bundle.deal is not None
        contact = make(moved, Contact(name=PersonName(last="Other"), custom_fields=external(bundle.contact.id)))
        owned = CustomField(definition=Ref("25", "External ID"), value=bundle.deal.id)
        deal = make(moved, Deal(name="Sold", contact=Ref(contact), custom_fields=(owned,)))
        only, rules = [bundle.conversion.lead_id or ""], plans.Rules(external=EXTERNAL)
        again = planned(moved.sandbox, moved.origin.hand, moved.target, tmp_path, only=only, rules=rules)
        (item,) = again.plan["items"]
        assert (item["decision"], item["matches"]) == ("create", {"contact": contact, "deal": deal})
        assert again.run().counts == {"verified": 1}
        made = [c for c in moved.sandbox.truth.changes("base", "deal", "created") if c.sequence]
        assert [str(change.id) for change in made] == [deal]


def test_an_e_mail_address_alone_says_nothing(tmp_path: Path) -> None:
    """Families and offices share one: another name is another person."""
    with whole(tmp_path) as (moved, bundle):
        assert bundle.contact
        make(moved, Contact(name=PersonName(last="Somebody Else"), emails=bundle.contact.emails))
        assert not [one for one in Matching.of(moved.target, {}).find(bundle) if one.kind == "contact"]


def test_two_that_could_be_it_are_left_to_a_person(tmp_path: Path) -> None:
    """Whichever would be taken could be the wrong one."""
    with whole(tmp_path) as (moved, bundle):
        assert bundle.contact
        for _ in range(2):
            make(moved, Contact(name=bundle.contact.name, emails=bundle.contact.emails))
        again = planned(
            moved.sandbox, moved.origin.hand, moved.target, tmp_path, only=[bundle.conversion.lead_id or ""]
        )
        (item,) = again.plan["items"]
        assert item["decision"] == "review"
        assert "several records that could be the contact" in item["why"]


def test_a_domain_comes_before_a_name(tmp_path: Path) -> None:
    """Of companies that are called alike, the one with the same web domain is the same."""
    with whole(tmp_path, "base", "zoho") as (moved, _):
        name, site = "Alike Ltd", Website(url="https://www.alike.example/x")
        make(moved, Company(name=name))
        right = make(moved, Company(name=name, websites=(Website(url="https://alike.example"),)))
        company = Company(id="1", name=name, websites=(site,))
        bundle = Bundle(conversion=next(iter(moved.origin.conversions())), company=company)
        assert Matching.of(moved.target, {}).find(bundle) == (Found("company", right, ORDER[2]),)


def test_an_external_field_is_of_a_record_that_a_conversion_makes() -> None:
    """A lead's key is another option."""
    hand: Any = None
    with pytest.raises(UsageError, match="contact, company, deal"):
        Matching.of(hand, {"lead": "External ID"})


def test_an_id_that_is_no_number_is_in_no_field_of_numbers(tmp_path: Path) -> None:
    """Nothing is asked then."""
    with whole(tmp_path) as (moved, _):
        matched = Matching.of(moved.target, {"deal": "External ID:number"})
        bundle = Bundle(conversion=next(iter(moved.origin.conversions())), deal=Deal(id="none"))
        asked = len(moved.sandbox.truth.entries())
        assert matched.find(bundle) == ()
        assert len(moved.sandbox.truth.entries()) == asked


# --- only ------------------------------------------------------------------------------------------------------------


def test_only_what_is_asked_for_is_planned(tmp_path: Path) -> None:
    """By ids of leads, by what records say, or both: all conditions have to hold. Stages have names for people."""
    with whole(tmp_path, "base", "zoho") as (moved, bundle):
        assert bundle.deal is not None
        stage = bundle.deal.stage
        assert stage is not None
        every = [moved.origin.bundle(made) for made in moved.origin.conversions()]
        name = next(one.ref.name or "" for one in moved.origin.choices("stage") if one.ref.id == stage.id)
        there = {one.conversion.lead_id or "" for one in every if one.deal and one.deal.stage == stage}
        others = {one.conversion.lead_id or "" for one in every} - there
        assert there
        assert others

        def chosen(*only: str) -> set[str]:
            again = planned(moved.sandbox, moved.origin.hand, moved.target, tmp_path, only=only)
            assert [item["place"] for item in again.plan["items"]] == list(range(len(again.plan["items"])))
            return {item["lead"] for item in again.plan["items"]}

        assert chosen(f"deal.stage={name.upper()}") == there
        assert chosen(f"deal.stage={stage.id}", min(there), min(others)) == {min(there)}
        assert chosen(f"deal.stage={name}", "deal.stage=none such") == set()


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("contact.emails.address=ada@x.example", True),
        ("contact.emails.address=bo@x.example", True),
        ("contact.name=ADA LUND", True),
        ("contact.company=7", True),
        ("contact.company=Firm", True),
        ("contact.title=Baker", False),
        ("deal.name=Oven", False),
    ],
)
def test_a_condition_reads_records_as_people_do(text: str, holds: bool) -> None:
    """One of several values is enough, a reference has an id and a name, and what is not there says nothing."""
    mails = (Email(address="ada@x.example"), Email(address="bo@x.example"))
    name = PersonName(first="Ada", last="Lund")
    contact = Contact(id="1", name=name, emails=mails, company=Ref("7", "Firm"))
    conversion: Any = None
    assert Condition.of(text).holds(Bundle(conversion=conversion, contact=contact), lambda _: {}) is holds


@pytest.mark.parametrize("text", ["deal.stge=Won", "thing.name=x", "deal.stage=", "deal=x"])
def test_a_condition_that_no_record_has_is_refused(text: str) -> None:
    """A misspelled filter must not mean nothing at all."""
    with pytest.raises(UsageError, match=f"--only {text}"):
        Only.of([text])


# --- keys, mappings, costs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("target", "key"), [("base", "External ID"), ("copper", "100765:number")])
def test_a_key_marks_and_finds_the_lead(target: str, key: str, tmp_path: Path) -> None:
    """The lead has the operation's id in that field, and is found by it when the reply to its write is lost."""
    with whole(tmp_path, "zoho", target) as (moved, bundle):
        rules = plans.Rules(key=key)
        only = [bundle.conversion.lead_id or ""]
        again = planned(moved.sandbox, moved.origin.hand, moved.target, tmp_path, only=only, rules=rules)
        op_id = again.plan["items"][0]["op_id"]
        moved.sandbox.faults.add(Fault(what="reset", operation=f"{target}.upsert_lead", nth=1))
        assert again.run().counts == {"verified": 1}
        entries = moved.sandbox.truth.entries(target, f"{target}.upsert_lead")
        assert [entry.fault for entry in entries] == ["reset"], "it was found, and not written again"
        work = again.open()
        lead: Any = moved.target.run(read_record(moved.target, "lead", work.book.item(op_id).target or ""))
        again.book.close()
        held = {one.value for one in lead.custom_fields}
        assert (number(op_id) if ":number" in key else marker(op_id)) in held


def test_a_key_that_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    """Neither an unknown kind of value nor a field without a name."""
    with (
        pytest.raises(LeadlensError, match="--key Score:date"),
        migration("base", "copper", tmp_path, rules=plans.Rules(key="Score:date")),
    ):
        pass


def test_the_time_is_that_of_the_calls_where_no_rate_is_slower(tmp_path: Path) -> None:
    """Zoho has no window of calls; they still go one after another."""
    with migration("base", "zoho", tmp_path) as moved:
        assert moved.plan["seconds"] >= moved.plan["calls"] * 0.3 - 1 > 0
    with migration("base", "copper", tmp_path, only=["8"]) as moved:
        assert moved.plan["seconds"] >= moved.plan["calls"] * 60 / 180 - 1


# --- choices ---------------------------------------------------------------------------------------------------------


def account(*lines: tuple[Ref, tuple[Ref, ...]], named: bool = True) -> dict[str, tuple[Choice, ...]]:
    """Return pipelines with their stages; ``named`` tells whether a stage names its pipeline, as Base's does not."""
    pipelines = tuple(Choice("pipeline", line) for line, _ in lines)
    stages = (Choice("stage", one, line if named else Ref(line.id)) for line, found in lines for one in found)
    return {"pipeline": pipelines, "stage": tuple(stages)}


BASE = account(
    (Ref("1", "Sales"), (Ref("11", "Won"),)), (Ref("2", "Renewals"), (Ref("21", "Won"), Ref("22", "Due"))), named=False
)
COPPER = account((Ref("5", "sales"), (Ref("51", "Won"),)), (Ref("6", "Renewals"), (Ref("61", "Won"),)))
ZOHO = account((Ref(None, "Standard"), (Ref(None, "Won"),)), (Ref(None, "Renewals"), (Ref(None, "Won"),)))


def test_stages_of_one_name_are_matched_by_their_pipelines() -> None:
    """Where the target knows them by ids; Zoho's have one name, whatever pipeline they are in."""
    found = match_choices(BASE, COPPER)["stage"]
    assert found == {"11": {"id": "51", "name": "Won"}, "21": {"id": "61", "name": "Won"}}
    found = match_choices(BASE, ZOHO)["stage"]
    assert found == {"11": {"name": "Won"}, "21": {"name": "Won"}, "Won": {"name": "Won"}}


def test_a_name_that_leads_to_several_stages_leads_nowhere() -> None:
    """Zoho's stage is told by its name alone: nothing is guessed."""
    assert match_choices(ZOHO, BASE)["stage"] == {}
    assert match_choices(ZOHO, ZOHO)["stage"] == {"Won": {"name": "Won"}}
