"""A mapping held against its accounts as they are now, and tried on real records; nothing is sent."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest
from tests.tenants import COPPER, DECIDED, ZOHO, sample, settled

import leadlens
from leadlens import registry
from leadlens.catalogue import Catalogue, Choice, Definition
from leadlens.customfields.carrying import carry
from leadlens.customfields.changes import changes
from leadlens.customfields.mapping import AccountMapping
from leadlens.customfields.reading import parse_mapping
from leadlens.model import CustomField, Lead, Ref
from leadlens.tenant.draft import drafted
from leadlens.tenant.trial import tried
from leadlens.testing.accounts import definition, options


def told_of(mapping: AccountMapping, which: str, now: Catalogue) -> list[str]:
    """Return what has changed."""
    adapters = [registry.get(side.vendor) for side in (mapping.source, mapping.target)]
    return list(changes(mapping, which, now, *adapters))


def line_of(text: str) -> int:
    """Return the line of the decided mapping that holds a text."""
    return next(number for number, line in enumerate(DECIDED.split("\n"), 1) if text in line)


def changed(catalogue: Catalogue, label: str, **facts: Any) -> Catalogue:
    """Return a catalogue of which one definition has changed."""
    return attrs.evolve(
        catalogue,
        definitions=tuple(attrs.evolve(d, **facts) if d.name == label else d for d in catalogue.definitions),
    )


def without(catalogue: Catalogue, name: str, *more: Definition) -> Catalogue:
    """Return a catalogue without one definition, and with others."""
    return attrs.evolve(catalogue, definitions=(*(d for d in catalogue.definitions if d.name != name), *more))


def test_accounts_that_have_not_changed_say_nothing() -> None:
    """The decided mapping is still right."""
    assert told_of(sample(), "source", COPPER) == []
    assert told_of(sample(), "target", ZOHO) == []


SOURCE = [
    (without(COPPER, "Referral"), "the source's lead field 'Referral' is no longer there; draft", '"Referral"'),
    (without(COPPER, "Referral", definition("lead", "Referral", "text", id="9", key="9")),
     "there is another one of that name (id 9)", '"Referral"'),
    (changed(COPPER, "Referral", name="Recommended by"), "is called 'Recommended by' now", '"Referral"'),
    (changed(COPPER, "Referral", type="number"), "'Referral' was text, and is number now", '"Referral"'),
    (changed(COPPER, "Branch", options=options("Stores", "Media", first=700)),
     "option 'Shops' of 'Branch' is called 'Stores' now (source)", '"Branch"'),
    (changed(COPPER, "Branch", options=options("Shops", first=700)),
     "'Branch' has no option 'Media' any more", '"Branch"'),
    (changed(COPPER, "Branch", options=options("Shops", "Media", "Food", first=700)),
     "'Branch' has a new option 'Food'", '"Branch"'),
    (attrs.evolve(COPPER, definitions=(*COPPER.definitions, definition("lead", "Extra", "text", id="8", key="8"))),
     "the source has a new lead field 'Extra'", "[lead.fields]"),
    (attrs.evolve(COPPER, choices=COPPER.choices[1:]), "the source has no user 'Ann Lee' any more", '"Ann Lee"'),
    (attrs.evolve(COPPER, choices=(*COPPER.choices, Choice("user", Ref("7", "New One")))),
     "the source has a new user 'New One'", '"Ann Lee"'),
    (attrs.evolve(COPPER, choices=(Choice("user", Ref("137658", "Ann Smith")), *COPPER.choices[1:])),
     "the source's user 'Ann Lee' is called 'Ann Smith' now", '"Ann Lee"'),
]  # fmt: skip
TARGET = [
    (without(ZOHO, "Budget"), "the target's lead field 'Budget' is no longer there", '"Est. budget"'),
    (changed(ZOHO, "Budget", type="text"), "'Budget' was currency, and is text now", '"Est. budget"'),
    (changed(ZOHO, "Budget", required=True), "'Budget' is required now", '"Est. budget"'),
    (changed(ZOHO, "Product Interest", options=options("Silver", "Platinum")),
     "'Product Interest' has no option 'Gold plan' any more (target)", '"Product interest"'),
    (attrs.evolve(ZOHO, definitions=(*ZOHO.definitions, definition("lead", "Must", "text", required=True))),
     "the target now needs 'Must' of lead", "[lead.fields]"),
    (attrs.evolve(ZOHO, choices=ZOHO.choices[1:]), "the target has no user 'Ann Lee' any more", '"Ann Lee"'),
    (attrs.evolve(ZOHO, choices=(attrs.evolve(ZOHO.choices[0], active=False), *ZOHO.choices[1:])),
     "the target's user 'Ann Lee' is not active any more", '"Ann Lee"'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("which", "now", "told", "at"),
    [("source", *case) for case in SOURCE] + [("target", *case) for case in TARGET],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_has_changed_since_is_told_with_its_line(which: str, now: Catalogue, told: str, at: str) -> None:
    """A vanished or changed definition, a renamed option, a user who left: one clear line, before the first write."""
    (line,) = told_of(sample(), which, now)
    assert told in line
    assert line.startswith(f"mapping.toml:{line_of(at)}: ")


def test_another_crm_is_refused() -> None:
    """The account of the wrong CRM is not compared field by field."""
    (line,) = told_of(sample(), "source", ZOHO)
    assert line == "mapping.toml: the source is copper, not zoho@v8"


# --- with sandboxes --------------------------------------------------------------------------------------------------


def test_a_draft_of_real_accounts_fits_them() -> None:
    """What discovery reads, the draft keeps and the check compares: between all three CRMs, in every direction."""
    with leadlens.Sandbox(seed=7) as box:
        catalogues = [leadlens.connect(name, sandbox=box).catalogue() for name in ("copper", "zoho", "base")]
    for source in catalogues:
        for target in catalogues:
            if source is not target:
                mapping = drafted(source, target).mapping
                assert told_of(mapping, "source", source) == []
                assert told_of(mapping, "target", target) == []


def test_real_records_are_tried_and_their_losses_counted() -> None:
    """Every record of a sample is translated, each loss counted once a record, and the account is not written to."""
    with leadlens.Sandbox(seed=7) as box:
        copper, zoho = (leadlens.connect(name, sandbox=box) for name in ("copper", "zoho"))
        mapping = drafted(copper.catalogue(), zoho.catalogue()).mapping
        before = len(box.truth.entries())
        trials = {trial.kind: trial for trial in tried(mapping, copper, 10)}
        assert all(not entry.changes for entry in box.truth.entries()[before:])
    lead = trials["lead"]
    assert lead.records == 10
    assert all(0 < line.count <= 10 for line in lead.lines)
    assert any(line.field == "custom_fields[]" and "nobody has decided" in line.detail for line in lead.lines)
    assert lead.to_json()["kind"] == "lead"


def test_values_of_the_sandbox_are_of_their_types() -> None:
    """What the vendors' codecs read of real records is what the rows of a mapping take: nothing is coerced."""
    from leadlens.customfields.values import codec_of

    with leadlens.Sandbox(seed=7) as box:
        for name, other in (("copper", "base"), ("zoho", "base"), ("base", "zoho")):
            client, target = (leadlens.connect(n, sandbox=box) for n in (name, other))
            mapping = drafted(client.catalogue(), target.catalogue()).mapping
            for record in client.iter_records("lead"):
                made = carry(mapping, record, codec_of(registry.get(name)), codec_of(registry.get(other)))
                odd = [x for x in made.losses if "than its type" in x.detail or "is no value of" in x.detail]
                assert odd == []


def test_a_value_of_another_type_is_reported() -> None:
    """A text where the type says a number is told, and the rest goes on."""
    both = (CustomField(definition=Ref("178384"), value="many"), CustomField(definition=Ref("178388"), value=True))
    from leadlens.customfields.values import codec_of

    codecs = [codec_of(registry.get(name)) for name in ("copper", "zoho")]
    made = carry(sample(), Lead(custom_fields=both), *codecs)
    assert [item.definition.name for item in made.value.custom_fields] == ["Newsletter", "Region"]
    assert [loss.path for loss in made.losses] == ["custom_fields[0]"]


PLACED = (
    Choice("pipeline", Ref(None, "Standard")),
    Choice("pipeline", Ref(None, "Renewals")),
    Choice("stage", Ref(None, "Qualification"), Ref(None, "Standard")),
    Choice("stage", Ref(None, "Qualification"), Ref(None, "Renewals")),
)


def test_a_stage_that_left_its_pipeline_is_told() -> None:
    """A name in another pipeline is another stage; an id stays the same stage, elsewhere."""
    zoho = attrs.evolve(ZOHO, definitions=(), choices=PLACED)
    copper = attrs.evolve(COPPER, definitions=(), choices=COPPER.choices[4:6])
    text = settled(drafted(copper, zoho).text).replace(
        'leave_out = "nobody needs it there"', 'to = "Renewals: Qualification"'
    )
    mapping = parse_mapping(
        re.sub('"Sales: Qualified" = {[^}]*}', '"Sales: Qualified" = "Renewals: Qualification"', text, count=1)
    )
    assert told_of(mapping, "target", zoho) == []
    (told,) = told_of(mapping, "target", attrs.evolve(zoho, choices=PLACED[:3]))
    assert "the target has no stage 'Renewals: Qualification' any more" in told
    moved = (
        *COPPER.choices[4:5],
        Choice("pipeline", Ref("2", "Other")),
        Choice("stage", Ref("987790", "Qualified"), Ref("2")),
    )
    found = told_of(mapping, "source", attrs.evolve(copper, choices=moved))
    assert any("the source's stage 'Sales: Qualified' belongs to another pipeline now" in line for line in found)
