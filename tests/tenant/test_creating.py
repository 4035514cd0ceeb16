"""Making the fields that a mapping asks for: what is sent, what the file says then, and who cannot."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.tenants import COPPER, DECIDED, ZOHO, kept

import leadlens
import leadlens_copper
import leadlens_zoho
from leadlens import registry
from leadlens.catalogue import Catalogue, Definition, Option
from leadlens.cli import BAD_INPUT, REFUSED, run
from leadlens.customfields.checking import checked, findings, unmade
from leadlens.customfields.mapping import side
from leadlens.customfields.reading import read_mapping
from leadlens.customfields.scope import relevant
from leadlens.errors import OutcomeUnknownError, UsageError
from leadlens.flow import Call, Reply
from leadlens.tenant.creating import make, wanted
from leadlens.testing.accounts import definition, options

OFFER: Any = leadlens_zoho.ADAPTER.operations().offer  # type: ignore[misc]  # it has some
NEW = definition("lead", "A Dropdown", "picklist", options=options("Option1", "Option2"))


def asked(adapter: Any, new: Definition, status: int, body: Any) -> Call:
    """Return what a CRM is sent to make a field, when it answers so."""
    flow = adapter.operations().define(new)
    call: Call = next(flow)
    with pytest.raises(StopIteration):
        flow.send(Reply(status, body=body))
    return call


# --- what is sent ----------------------------------------------------------------------------------------------------


def test_copper_is_sent_what_its_page_shows() -> None:
    """The sample of custom-fields/general/create-a-new-custom-field-definition.html, for one kind of record."""
    call = asked(leadlens_copper.ADAPTER, NEW, 200, {"id": 3, "name": "A Dropdown"})
    assert (call.method, call.path) == ("POST", "/developer_api/v1/custom_field_definitions")
    assert call.body == {
        "name": "A Dropdown",
        "data_type": "Dropdown",
        "is_filterable": False,
        "available_on": ["lead"],
        "options": [{"name": "Option1"}, {"name": "Option2"}],
    }


def test_zoho_is_sent_what_its_page_shows() -> None:
    """The keys of docs/api/v8/create-custom-field.html."""
    done = {"fields": [{"code": "SUCCESS", "details": {"id": "1"}, "message": "field created", "status": "success"}]}
    call = asked(leadlens_zoho.ADAPTER, NEW, 200, done)
    assert (call.method, call.path, call.query) == ("POST", "/crm/v8/settings/fields", {"module": "Leads"})
    values = [{"display_value": name, "actual_value": name} for name in ("Option1", "Option2")]
    field = {"field_label": "A Dropdown", "data_type": "picklist", "pick_list_values": values}
    assert call.body == {"fields": [field]}


@pytest.mark.parametrize("adapter", [leadlens_copper.ADAPTER, leadlens_zoho.ADAPTER], ids=["copper", "zoho"])
def test_a_reply_that_promises_nothing_is_unknown(adapter: Any) -> None:
    """Nobody says that a field is there when the reply does not."""
    flow = adapter.operations().define(NEW)
    next(flow)
    with pytest.raises(OutcomeUnknownError):
        flow.send(Reply(200, body={"fields": [{"code": "ODD"}]}))


@pytest.mark.parametrize(
    ("adapter", "new", "told"),
    [
        (leadlens_copper.ADAPTER, definition("lead", "A", "datetime"), "Copper has no field of the type datetime"),
        (leadlens_copper.ADAPTER, definition("lead", "A", "multi_select", options=options("x")), "at least 2 options"),
        (leadlens_zoho.ADAPTER, definition("lead", "A", "address"), "Zoho has no field of the type address"),
        (leadlens_zoho.ADAPTER.at("v2"), definition("lead", "A", "text"), "Zoho makes fields from v6 on"),
    ],
)
def test_what_cannot_be_made_is_refused_before_a_call(adapter: Any, new: Definition, told: str) -> None:
    """A type that the CRM does not have, or too few options."""
    with pytest.raises(UsageError, match=told):
        next(adapter.operations().define(new))


def test_base_has_no_call_for_it() -> None:
    """It is said, with what to do."""
    told = pytest.raises(UsageError, match="has no public call to make a field; make it in the CRM")
    with leadlens.Sandbox(seed=7) as box, leadlens.connect("base", sandbox=box) as base, told:
        base.define(NEW)


def test_zoho_is_sent_options_as_its_page_shows() -> None:
    """The sample of docs/api/v7/update-custom-fields.html: the new ones alone, to the field by its id."""
    field = {"id": "111112000000067259", "api_name": "Zone", "data_type": "picklist"}
    there = [{"actual_value": "IN_EastZone", "display_value": "East"}]
    known = definition("lead", "Zone", "picklist", options=options("IN_EastZone"))
    flow: Any = OFFER(known, ("IN_North_East", "IN_EastZone"))
    assert next(flow).method == "GET"
    call = flow.send(Reply(200, body={"fields": [{**field, "pick_list_values": there}]}))
    assert (call.method, call.path, call.query) == (
        "PATCH", "/crm/v8/settings/fields/111112000000067259", {"module": "Leads"},
    )  # fmt: skip
    new = {"display_value": "IN_North_East", "actual_value": "IN_North_East"}
    assert call.body == {"fields": [{"pick_list_values": [new]}]}
    done = {"code": "SUCCESS", "details": {"id": field["id"]}, "message": "field updated", "status": "success"}
    with pytest.raises(StopIteration):
        flow.send(Reply(200, body={"fields": [done]}))


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([], "'Zone' is no picklist of this account any more"),
        ([{"id": "1", "api_name": "Zone", "data_type": "text"}], "'Zone' is no picklist of this account any more"),
        (
            [{"id": "1", "api_name": "Zone", "data_type": "picklist", "global_picklist": {"id": "2"}}],
            "a global picklist",
        ),
    ],
)
def test_options_go_to_a_picklist_of_its_own(found: Any, told: str) -> None:
    """One that is gone, another thing by now, or shared with other fields is left alone."""
    flow: Any = OFFER(definition("lead", "Zone", "picklist"), ("x",))
    next(flow)
    with pytest.raises(UsageError, match=told):
        flow.send(Reply(200, body={"fields": found}))


def test_options_that_are_there_are_not_sent() -> None:
    """Nothing is sent twice, and a reply that promises nothing is unknown."""
    field = {"id": "1", "api_name": "Zone", "data_type": "picklist", "pick_list_values": [{"actual_value": "x"}]}
    zone = definition("lead", "Zone", "picklist")
    flow: Any = OFFER(zone, ("x",))
    next(flow)
    with pytest.raises(StopIteration):
        flow.send(Reply(200, body={"fields": [field]}))
    flow = OFFER(zone, ("y",))
    next(flow)
    flow.send(Reply(200, body={"fields": [field]}))
    with pytest.raises(OutcomeUnknownError):
        flow.send(Reply(200, body={"fields": [{"code": "ODD"}]}))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("copper", "Copper replaces all options of a field when it is sent new ones, and does not promise"),
        (
            "base",
            r"Base \(Zendesk Sell\) has no public call to add options to a field; add the options of 'A Dropdown'",
        ),
        ("zoho@v5", "Zoho changes fields from v6 on"),
    ],
)
def test_who_cannot_add_options_says_why(name: str, told: str) -> None:
    """Before anything is asked."""
    with leadlens.Sandbox(seed=7) as box, leadlens.connect(name, sandbox=box) as client:
        before = len(box.truth.entries())
        with pytest.raises(UsageError, match=told):
            client.offer(NEW, ("x",))
        assert len(box.truth.entries()) == before


# --- the file --------------------------------------------------------------------------------------------------------


@attrs.define
class Account:
    """An account that makes fields as it is asked to, as far as a mapping sees it."""

    now: Catalogue
    refuses: bool = False
    unmade: str = ""
    adapter: Any = leadlens_zoho.ADAPTER

    def definitions(self, kind: str) -> tuple[Definition, ...]:
        """Return the fields of one kind."""
        return tuple(one for one in self.now.definitions if one.kind == kind)

    def plan_define(self, new: Definition) -> None:
        """Look whether a field can be made."""
        if new.name == self.unmade:
            raise UsageError("no such type")

    def define(self, new: Definition) -> None:
        """Make a field."""
        if self.refuses:
            raise UsageError("no")
        made = attrs.evolve(new, key=new.name.replace(" ", "_"))
        self.now = attrs.evolve(self.now, definitions=(*self.now.definitions, made))

    def check_offer(self, _: Definition) -> None:
        """Options can be added."""

    def offer(self, known: Definition, names: tuple[str, ...]) -> None:
        """Add options to a field."""
        if self.refuses:
            raise UsageError("no")
        more = tuple(Option(name=name) for name in names)
        changed = (attrs.evolve(d, options=(*d.options, *more)) if d == known else d for d in self.now.definitions)
        self.now = attrs.evolve(self.now, definitions=tuple(changed))

    def catalogue(self) -> Catalogue:
        """Return everything."""
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a decided mapping that asks for two new fields."""
    text = DECIDED.replace('{ leave_out = "nobody has a fax any more" }', '{ create = "Fax number" } # as Bob wants it')
    text = text.replace('"Branch" = { to = "Industry" }', '"Branch" = { create = "Branch of trade" }')
    sides = relevant(side(COPPER), side(ZOHO), registry.get("copper"), registry.get("zoho"))
    made = tmp_path / "m.toml"
    made.write_text(text + kept(*sides), encoding="utf-8")
    return made


def test_what_is_made_is_written_into_the_file(file: Path) -> None:
    """Each line then says where it goes, the file knows the new fields, and its options are those that were decided."""
    account: Any = Account(ZOHO)
    mapping = read_mapping(file)
    assert [one.definition.name for one in wanted(mapping)] == ["Fax number", "Branch of trade"]
    assert [one.definition.name for one in make(mapping, file, account)] == ["Fax number", "Branch of trade"]
    text = file.read_text(encoding="utf-8")
    assert '"Fax code" = { to = "Fax number" } # as Bob wants it\n' in text
    after = read_mapping(file)
    assert after.target.definitions["lead"]["Fax number"].key == "Fax_number"
    assert [rule.verdict for rule in after.kinds["lead"].options["Branch"]] == ["to", "to"]
    assert "Retail" in [option.name for option in after.target.definitions["lead"]["Branch of trade"].options]
    checked(after)


def test_a_refusal_leaves_what_was_made_before(file: Path) -> None:
    """The first field is there and in the file; the line of the second still asks for it."""
    account: Any = Account(ZOHO)
    mapping = read_mapping(file)
    flow = make(mapping, file, account)
    next(flow)
    account.refuses = True
    with pytest.raises(UsageError):
        next(flow)
    text = file.read_text(encoding="utf-8")
    assert '"Fax code" = { to = "Fax number" }' in text or '"Fax code" = { create = "Fax number" }' in text
    assert '"Branch" = { create = "Branch of trade" }' in text


def test_nothing_is_made_where_one_cannot_be(file: Path) -> None:
    """All are looked at first; the message has the line."""
    account: Any = Account(ZOHO)
    before = file.read_text(encoding="utf-8")

    account.unmade = "Branch of trade"
    with pytest.raises(UsageError, match=r"m\.toml:\d+: no such type"):
        list(make(read_mapping(file), file, account))
    assert (account.now, file.read_text(encoding="utf-8")) == (ZOHO, before)


def test_what_is_there_already_is_not_made_twice(file: Path) -> None:
    """A field of that name, made meanwhile by somebody, stops it."""
    twin = definition("lead", "fax Number", "text")
    account: Any = Account(attrs.evolve(ZOHO, definitions=(*ZOHO.definitions, twin)))
    with pytest.raises(UsageError, match=r"m\.toml:16: the target has a lead field 'Fax number' by now"):
        list(make(read_mapping(file), file, account))


def test_an_option_is_added_to_a_field_that_is_there(file: Path) -> None:
    """Its line then says where it goes; one that is there by now is told."""
    text = file.read_text(encoding="utf-8").replace(
        '"Bronze" = { leave_out = "no longer sold" }', '"Bronze" = { create = "Bronze plan" }'
    )
    file.write_text(text, encoding="utf-8")
    account: Any = Account(ZOHO)
    mapping = read_mapping(file)
    assert next(str(one) for one in wanted(mapping)) == "option 'Bronze plan' in 'Product Interest' of lead"
    assert list(findings(mapping)) == []
    assert any("'Bronze plan' is still to be made" in line for line in unmade(mapping))
    list(make(mapping, file, account))
    after = read_mapping(file)
    checked(after)
    assert '"Bronze" = { to = "Bronze plan" }' in file.read_text(encoding="utf-8")
    names = [option.name for option in after.target.definitions["lead"]["Product Interest"].options]
    assert names == ["Gold plan", "Silver", "Platinum", "Bronze plan"]
    file.write_text(text, encoding="utf-8")
    later: Any = Account(attrs.evolve(account.now, definitions=account.now.definitions[:-2]))
    with pytest.raises(UsageError, match=r"m\.toml:\d+: 'Product Interest' has the option 'Bronze plan' by now"):
        list(make(read_mapping(file), file, later))


@pytest.mark.parametrize(
    "now",
    [(), (definition("lead", "Product Interest", "text", key="Product_Interest"),)],
    ids=["gone", "retyped"],
)
def test_an_option_of_a_field_that_is_not_what_it_was_is_refused(file: Path, now: tuple[Definition, ...]) -> None:
    """The field is looked at before anything is made."""
    text = file.read_text(encoding="utf-8").replace(
        '"Bronze" = { leave_out = "no longer sold" }', '"Bronze" = { create = "B" }'
    )
    file.write_text(text, encoding="utf-8")
    others = tuple(d for d in ZOHO.definitions if d.name != "Product Interest")
    account: Any = Account(attrs.evolve(ZOHO, definitions=(*others, *now)))
    with pytest.raises(UsageError, match=r"m\.toml:\d+: the target's lead field 'Product Interest' is not what it was"):
        list(make(read_mapping(file), file, account))


def test_the_options_of_a_new_field_come_with_it(file: Path) -> None:
    """A line that asks for an option of a field that is made too says where it goes, once the field is there."""
    text = file.read_text(encoding="utf-8").replace('"Shops" = "Retail"', '"Shops" = { create = "Retail shops" }')
    file.write_text(text, encoding="utf-8")
    account: Any = Account(ZOHO)
    assert len(list(make(read_mapping(file), file, account))) == 2
    assert '"Shops" = { to = "Retail shops" }' in file.read_text(encoding="utf-8")
    checked(read_mapping(file))


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_asks_first(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Without an answer nothing is made; the wrong CRM is refused; and --create needs to know where."""
    before = file.read_text(encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run(["lint", str(file), "--create", "--target", "zoho", "--sandbox"]) == REFUSED
    assert "Branch of trade" in capsys.readouterr().err
    assert run(["lint", str(file), "--create", "--target", "base", "--sandbox", "--yes"]) == BAD_INPUT
    assert "m.toml leads to zoho@v8, and this account is Base" in capsys.readouterr().err
    assert run(["lint", str(file), "--create"]) == BAD_INPUT
    assert "--create needs --target ACCOUNT" in capsys.readouterr().err
    assert run(["lint", "--yes"]) == BAD_INPUT
    assert file.read_text(encoding="utf-8") == before
