"""What an account has of its own, read from each CRM's sandbox and from replies as they are published."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.operations.copper_account import COPPER, fed

from leadlens import Sandbox, registry
from leadlens.adapter import RECORDS
from leadlens.catalogue import Catalogue, Choice, Definition, Option
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.conversion import MatchKey, UpsertRequest
from leadlens.customfields.types import typed, untyped
from leadlens.emulation.faults import Fault
from leadlens.errors import NotFoundError, NotPermittedError, OutcomeUnknownError, UsageError
from leadlens.flow import Reply
from leadlens.model import Address, CustomField, Email, Lead, PersonName, Ref, is_given
from leadlens.plain import from_plain, to_plain
from leadlens.strategies import fitting
from leadlens_base.operations import OPERATIONS as BASE
from leadlens_zoho.operations import operations as zoho

VENDORS = ("copper", "zoho", "base")


@pytest.fixture(scope="module", params=VENDORS)
def client(request: pytest.FixtureRequest) -> Any:
    with Sandbox(vendors=[request.param]) as sandbox, connect(request.param, sandbox=sandbox) as made:
        yield made


@pytest.fixture(scope="module")
def catalogue(client: Client) -> Catalogue:
    return client.catalogue()


def own(found: tuple[Definition, ...], kind: str = "lead") -> dict[str, Definition]:
    """Return the account's own fields of a kind by name."""
    return {one.name: one for one in found if one.custom and one.kind == kind}


# --- on all CRMs -----------------------------------------------------------------------------------------------------


def test_a_catalogue_is_everything(client: Client, catalogue: Catalogue) -> None:
    """The fields of every kind of records and the choices of every kind that the CRM has, at one time."""
    assert catalogue.vendor == {"zoho": "zoho@v8"}.get(client.adapter.name, client.adapter.name)
    assert catalogue.account == client.adapter.name
    assert catalogue.read_at.tzinfo is dt.UTC
    assert catalogue.read_at.microsecond == 0
    assert list(dict.fromkeys(one.kind for one in catalogue.definitions)) == list(RECORDS)
    for kind in RECORDS:
        assert tuple(one for one in catalogue.definitions if one.kind == kind) == client.definitions(kind)
    assert {choice.kind for choice in catalogue.choices} >= {
        "user",
        "pipeline",
        "stage",
        "source",
        "loss_reason",
        "tag",
    }
    assert catalogue.unread == ()


def test_a_catalogue_is_plain_json_and_back(catalogue: Catalogue) -> None:
    """Nothing is lost on the way to a file, and no key is unknown."""
    assert from_plain(to_plain(catalogue), Catalogue) == catalogue


def test_users_have_their_addresses_and_show_them_nowhere(catalogue: Catalogue) -> None:
    """The e-mail address matches users of two accounts; it is personal data and in no repr."""
    users = [choice for choice in catalogue.choices if choice.kind == "user"]
    assert all("@" in (user.email or "") for user in users)
    assert not any((user.email or "") in repr(catalogue) for user in users)
    assert not any(choice.email for choice in catalogue.choices if choice.kind != "user")


def test_each_attribute_is_one_of_the_model(client: Client, catalogue: Catalogue) -> None:
    """A field of the CRM's own names the attribute whose row claims its key; a custom field names none."""
    for one in catalogue.definitions:
        if one.custom:
            assert one.attribute is None
        elif one.attribute is not None:
            rows: Any = client.adapter.crosswalk(one.kind).rows
            claiming = [row for row in rows if one.key in (getattr(row, "wire", None) or ())]
            assert any(one.attribute in row.neutral or one.attribute == row.neutral for row in claiming)


NEEDED = {
    "copper": {
        ("lead", "name", "name"), ("contact", "name", "name"), ("company", "name", "name"), ("deal", "name", "name"),
        ("deal", "primary_contact_id", "contact"),
    },
    "zoho": {
        ("lead", "Last_Name", "name"), ("contact", "Last_Name", "name"), ("company", "Account_Name", "name"),
        ("deal", "Deal_Name", "name"), ("deal", "Stage", "stage"),
    },
    "base": {
        ("contact", "last_name", "name"), ("company", "name", "name"), ("deal", "name", "name"),
        ("deal", "contact_id", "contact"),
    },
}  # fmt: skip


def test_what_is_required(client: Client, catalogue: Catalogue) -> None:
    """What a record cannot be without, by the account's own word or by the CRM's."""
    needed = {(one.kind, one.key, one.attribute) for one in catalogue.definitions if one.required}
    assert needed == NEEDED[client.adapter.name]


def test_values_of_the_demo_data_fit_their_definitions(client: Client, catalogue: Catalogue) -> None:
    """Every custom value of every record is read by its definition, and written as it was, or as the same."""
    assert client.adapter.custom_codec is not None
    seen: set[str] = set()
    for kind in RECORDS:
        fields = {(one.id if client.adapter.name == "copper" else one.key): one for one in catalogue.definitions
                  if one.custom and one.kind == kind}  # fmt: skip
        for record in list(client.iter_records(kind))[:80]:
            assert isinstance(record, Lead) or kind != "lead"
            for value in record.custom_fields:
                _check(client, fields[value.definition.id or value.definition.name], value)
                seen.add(fields[value.definition.id or value.definition.name].wire_type)
    assert len(seen) >= 10


def _check(client: Client, field: Definition, value: CustomField) -> None:
    assert client.adapter.custom_codec is not None
    codec = client.adapter.custom_codec(field)
    read, loss = typed(value.value, codec, field)
    assert loss is None, (field, value.value)
    written, loss = untyped(read, codec, field)
    assert loss is None, (field, value.value)
    assert typed(written, codec, field) == (read, None)


def test_a_kind_that_does_not_exist(client: Client) -> None:
    """It is named, with those that there are."""
    with pytest.raises(UsageError, match="there is no kind 'note'; there are lead, contact, company, deal"):
        client.definitions("note")


@pytest.mark.parametrize("error", [NotFoundError, NotPermittedError])
def test_what_the_account_does_not_show_is_named(error: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that these credentials may not see is missing, and the catalogue says so."""
    with Sandbox(vendors=["base"]) as sandbox, connect("base", sandbox=sandbox) as made:
        choices = made.choices

        def hidden(kind: str) -> tuple[Choice, ...]:
            if kind == "loss_reason":
                raise error("base", status=404, code="not_found")
            return choices(kind)

        monkeypatch.setattr(made, "choices", hidden)
        found = made.catalogue()
    assert [line.partition(":")[0] for line in found.unread] == ["loss_reason"]
    assert "loss_reason" not in {choice.kind for choice in found.choices}


# --- Copper ----------------------------------------------------------------------------------------------------------

PUBLISHED = [
    {
        "id": 126240, "name": "Color option", "data_type": "Dropdown", "available_on": ["opportunity", "project"],
        "is_filterable": False,
        "options": [{"id": 167776, "name": "Yellow", "rank": 4}, {"id": 167775, "name": "Orange", "rank": 3}],
    },
    {"id": 100764, "name": "A Text Field", "data_type": "String", "available_on": ["lead"], "is_filterable": True},
]  # fmt: skip


def layout(*required: str) -> Reply:
    """Return a layout with these keys required."""
    keys = ("name", "related_contact", "cf_126240", "deal_date")
    return Reply(200, {}, [{"field_key": key, "field_label": key.title(), "required": key in required} for key in keys])


def test_copper_definitions() -> None:
    """Options in their rank, filters, lengths; a definition belongs to the kinds that it names."""
    with Sandbox(vendors=["copper"]) as sandbox, connect("copper", sandbox=sandbox) as copper:
        found = own(copper.definitions("lead"))
        assert "Parent Company" not in found
        companies = own(copper.definitions("company"), "company")
    industry, campaign, notes = found["Industry"], found["Campaign"], found["Notes on Needs"]
    assert (industry.type, industry.wire_type, industry.searchable) == ("picklist", "Dropdown", True)
    assert [option.name for option in industry.options][:3] == ["Bakery", "Logistics", "Software"]
    assert all(option.id for option in industry.options)
    assert (campaign.type, campaign.max_length, campaign.id == campaign.key) == ("text", 255, True)
    assert (notes.type, notes.searchable, notes.max_length) == ("long_text", False, None)
    assert (companies["Parent Company"].type, companies["Parent Company"].refers_to) == ("reference", "company")


def test_copper_layouts_of_pipelines() -> None:
    """The layouts of all pipelines are asked for; what one of them requires is required, under the CRM's own key."""
    pipelines = Reply(200, {}, [{"id": 1}, {"id": 2}])
    replies = (pipelines, layout("name", "cf_126240"), layout("name", "deal_date"), Reply(200, {}, PUBLISHED))
    found, calls = fed(COPPER.definitions("deal"), *replies)
    assert [call.query for call in calls[1:3]] == [{"pipeline_id": 1}, {"pipeline_id": 2}]
    needed = {one.key: one.name for one in found if one.required}
    assert needed == {"name": "Name", "close_date": "Deal_Date", "126240": "Color option",
                      "primary_contact_id": "Related_Contact"}  # fmt: skip
    colour = own(found, "deal")["Color option"]
    assert colour.options == (Option(name="Orange", id="167775"), Option(name="Yellow", id="167776"))
    assert not colour.searchable


@pytest.mark.parametrize("error", [NotFoundError, NotPermittedError])
def test_copper_without_layouts(error: Any) -> None:
    """An account that does not show its layouts still tells its definitions; the CRM's own needs are known."""
    found, _ = fed(COPPER.definitions("lead"), error("copper", status=403), Reply(200, {}, PUBLISHED))
    assert [one.name for one in found if one.custom] == ["A Text Field"]
    assert [one.key for one in found if one.required] == ["name"]


@pytest.mark.parametrize("body", [None, {}, [{}], [{"id": 5, "available_on": ["lead"]}]])
def test_copper_replies_that_are_none(body: Any) -> None:
    """A list that is not what Copper promises is an unknown outcome, of layouts as of definitions."""
    with pytest.raises(OutcomeUnknownError):
        fed(COPPER.definitions("lead"), layout(), Reply(200, {}, body))
    if body != [{}]:
        with pytest.raises(OutcomeUnknownError):
            fed(COPPER.definitions("lead"), Reply(200, {}, {"fields": []}))


def test_copper_tags_and_reasons() -> None:
    """A tag is its name."""
    with Sandbox(vendors=["copper"]) as sandbox, connect("copper", sandbox=sandbox) as copper:
        tags = copper.choices("tag")
        assert Choice("tag", Ref(None, "newsletter")) in tags
        assert len({tag.ref.name for tag in tags}) == len(tags)
        assert [one.ref.name for one in copper.choices("loss_reason")][:2] == ["Price", "Features"]


# --- Zoho ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v2", "v8"])
def test_zoho_definitions(version: str) -> None:
    """Types, lengths, places, options, what is unique, read-only, searchable, and what a lookup leads to."""
    with Sandbox(vendors=["zoho"]) as sandbox, connect(f"zoho@{version}", sandbox=sandbox) as client:
        every = client.definitions("lead")
    found, standard = own(every), {one.key: one for one in every if not one.custom}
    assert (found["Customer Number"].unique, found["Customer Number"].max_length) == (True, 40)
    assert (found["Budget"].type, found["Budget"].decimals) == ("currency", 2)
    assert (found["Remarks"].type, found["Remarks"].searchable) == ("long_text", False)
    assert (found["Lead Number"].type, found["Lead Number"].read_only) == ("text", True)
    assert found["Referred By"].refers_to == "contact"
    assert found["Account Manager"].refers_to == standard["Owner"].refers_to == "user"
    assert found["Segment"].options[0] == Option(name="Small")
    assert {one.id for one in every} == {None}
    assert (standard["Last_Name"].required, standard["Last_Name"].attribute) == (True, "name")
    assert standard["Full_Name"].attribute == "name"
    assert standard["Exchange_Rate"].attribute is None


def zoho_fields(*wires: dict[str, Any]) -> tuple[Definition, ...]:
    """Return the definitions of a reply with these fields."""
    found, _ = fed(zoho("v8").definitions("lead"), Reply(200, {}, {"fields": list(wires)}))
    return tuple(found)


def test_zoho_computed_and_unknown_types() -> None:
    """A computed field is of the type that it returns and read-only; a type that leadlens does not know stays that."""
    formula = {"api_name": "Age", "data_type": "formula", "formula": {"return_type": "double"}, "custom_field": True}
    rollup = {"api_name": "Sum", "data_type": "rollup_summary", "rollup_summary": {"return_type": "currency"}}
    plain = {"api_name": "X", "data_type": "formula", "formula": None}
    subform = {"api_name": "Rows", "data_type": "subform", "length": 3}
    types = [(one.type, one.read_only) for one in zoho_fields(formula, rollup, plain, subform)]
    assert types == [("number", True), ("currency", True), ("unknown", True), ("unknown", False)]


def test_zoho_options_and_hidden_fields() -> None:
    """No option is none; one that is not used any more is marked; a field that nobody sees is left out."""
    values = [
        {"display_value": "-None-", "actual_value": "-None-"},
        {"display_value": "Neu", "actual_value": "New", "type": "used"},
        {"display_value": "Old", "actual_value": "Old", "type": "unused"},
    ]
    shown = {"api_name": "A", "data_type": "picklist", "pick_list_values": values, "field_label": "Ah"}
    hidden = {"api_name": "B", "data_type": "text", "visible": False}
    lookup = {"api_name": "C", "data_type": "lookup", "lookup": {"module": {"api_name": "Projects"}}}
    found = zoho_fields(shown, hidden, lookup)
    assert [one.key for one in found] == ["A", "C"]
    assert found[0].options == (Option(name="New"), Option(name="Old", active=False))
    assert (found[0].name, found[1].name, found[1].refers_to) == ("Ah", "C", "Projects")


def test_zoho_users_that_are_gone_are_not_active() -> None:
    """A deactivated user is there, and marked."""
    with Sandbox(vendors=["zoho"]) as sandbox, connect("zoho", sandbox=sandbox) as client:
        users = client.choices("user")
        stored = {user["id"]: user["status"] for _, user in sandbox.store("zoho").iterate("user")}
    assert {user.ref.id: user.active for user in users} == {key: value == "active" for key, value in stored.items()}
    assert len({user.active for user in users}) == 2


# --- Base ------------------------------------------------------------------------------------------------------------


def test_base_definitions() -> None:
    """Names are keys; people and organizations have what is for them; options have ids too."""
    with Sandbox(vendors=["base"]) as sandbox, connect("base", sandbox=sandbox) as client:
        found = {kind: own(client.definitions(kind), kind) for kind in RECORDS}
    assert set(found["contact"]) - set(found["company"]) == {"Birthday"}
    assert set(found["company"]) - set(found["contact"]) == {"Shop"}
    region = found["lead"]["Region"]
    assert (region.type, region.key, region.searchable) == ("picklist", "Region", True)
    assert region.options[0] == Option(name="North", id="1")
    assert found["lead"]["Ships to"].type == "address"
    assert (found["lead"]["Budget"].type, found["contact"]["Budget"].type) == ("number", "text")


def page(*wires: dict[str, Any], after: str | None = None) -> Reply:
    """Return one page of definitions."""
    links = {} if after is None else {"next_page": f"https://api.getbase.com/v2/x?{after}"}
    items = [{"data": wire, "meta": {"type": "custom_field"}} for wire in wires]
    return Reply(200, {}, {"items": items, "meta": {"type": "collection", "links": links}})


def test_base_pages_and_flags() -> None:
    """All pages are read; an older flag counts too; a choice without an id is known by its name."""
    first = {"id": 1, "name": "A", "type": "list", "choices": [{"name": "x"}], "for_organisation": False}
    second = {"id": 2, "name": "B", "type": "tarot", "choices": None, "for_company": True}
    found, calls = fed(BASE.definitions("company"), page(first, after="page=2"), page(second))
    assert [call.query for call in calls] == [{"per_page": 100}, {"page": "2"}]
    assert [(one.name, one.type, one.wire_type) for one in found if one.custom] == [("B", "unknown", "tarot")]
    found, _ = fed(BASE.definitions("contact"), page(first))
    assert own(found, "contact")["A"].options == (Option(name="x"),)


def test_base_choices() -> None:
    """Users that are gone are not active; tags are those of a kind of records."""
    with Sandbox(vendors=["base"]) as sandbox, connect("base", sandbox=sandbox) as client:
        assert [user.ref.name for user in client.choices("user") if not user.active] == ["Noor Haddad"]
        assert client.choices("user")[0].email == "sandra@example.com"
        assert {tag.ref.name for tag in client.choices("deal_tag")} >= {"vip"}
        assert all(choice.within for choice in client.choices("stage"))


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_reply_that_is_cut_short_is_asked_again(vendor: str) -> None:
    """Definitions are read only; a read that fails is sent again."""
    operation = {
        "copper": "list_custom_field_definitions",
        "zoho": "list_fields",
        "base": "list_custom_field_definitions",
    }
    fault = Fault(what="truncated", operation=f"{vendor}.{operation[vendor]}", nth=1)
    with Sandbox(vendors=[vendor], faults=[fault]) as sandbox, connect(vendor, sandbox=sandbox) as client:
        assert own(client.definitions("lead"))


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_name_says_the_variant(vendor: str) -> None:
    """The catalogue names the adapter as people do on the command line."""
    adapter = registry.get(vendor)
    assert registry.get(adapter.full_name).full_name == adapter.full_name
    assert registry.get("copper@day-first").full_name == "copper@day-first"


# --- typed values, there and back ------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", VENDORS)
@settings(max_examples=max(10, settings().max_examples // 50))
@given(data=st.data())
def test_typed_values_are_taken_and_given_back(vendor: str, data: st.DataObject) -> None:
    """Every type of custom field: what its codec writes, the account takes, and what it gives back reads the same."""
    with Sandbox(data="empty", vendors=[vendor]) as sandbox, connect(vendor, sandbox=sandbox) as client:
        fields = [one for one in client.definitions("lead") if one.custom and not one.read_only]
        user = client.choices("user")[0].ref
        made, given_values = client.adapter.custom_codec, {}
        assert made is not None
        for field in fields:
            if field.type == "reference":
                value: Any = user if field.refers_to == "user" else None
            else:
                value = made(field).decode(data.draw(fitting(made(field).schema)))
            if is_given(value) and value != Address():
                given_values[field.key] = (field, value)
        customs = tuple(
            CustomField(definition=Ref(one.id, one.name if vendor == "base" else one.key), value=held)
            for one, value in given_values.values()
            if (held := untyped(value, made(one), one)[0]) is not None
        )
        lead = Lead(name=PersonName(last="Daly"), company_name="Zylker", emails=(Email(address="ida@zylker.example"),))
        request = UpsertRequest(record=attrs.evolve(lead, custom_fields=customs), match=(MatchKey(field="email"),))
        written = client.upsert(request, on_loss="report")
        assert written.id is not None
        back = client.get("lead", written.id)
        assert isinstance(back, Lead)
        seen = {(one.definition.id or one.definition.name): one.value for one in back.custom_fields}
        for key, (field, value) in given_values.items():
            read, loss = typed(seen[key], made(field), field)
            assert loss is None
            assert untyped(read, made(field), field)[0] == untyped(value, made(field), field)[0], field
