"""All conversions of a Copper account, and what there is to convert a lead into."""

from __future__ import annotations

from typing import Any

from tests.operations.copper_account import (
    COPPER,
    client,
    conversions_made,
    convert,
    convert_raw,
    new_lead,
    operations_called,
    put,
    sandbox,
)

from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.operations import ConversionQuery
from leadlens.sandbox import Sandbox

__all__ = ["client", "sandbox"]


# --- all conversions -------------------------------------------------------------------------------------------------


def test_conversions_come_newest_first_in_pages(sandbox: Sandbox, client: Client) -> None:
    """Each as the account has it; a page costs three searches, however many conversions are on it."""
    leads = [new_lead(sandbox, email={"email": f"p{n}@x.example", "category": "work"}) for n in range(210)]
    order = [*leads[100:], *leads[:100]]
    made = {
        one: convert_raw(sandbox, one, **({"opportunity": {"name": "D"}} if n % 2 else {}))
        for n, one in enumerate(order)
    }
    new_lead(sandbox)
    before = len(operations_called(sandbox))
    pages = client.iter_conversions()
    first = next(pages)
    assert operations_called(sandbox)[before:] == [
        *["search_leads"] * 2,
        *["search_leads", "search_people", "search_opportunities"],
    ]
    found = [first, *pages]
    assert [each.lead_id for each in found] == order[::-1]
    for each in found:
        raw = made[each.lead_id or ""]
        assert each.contact.id == str(raw["person"]["id"])
        assert each.company.id == str(raw["company"]["id"])
        assert each.deal.id == (str(raw["opportunity"]["id"]) if raw["opportunity"] else None)


def test_conversions_are_found_by_what_they_made(sandbox: Sandbox, client: Client) -> None:
    """By lead, contact, company, deal and time, at once too; what is not there has none."""
    first = convert(client, new_lead(sandbox))
    sandbox.clock.sleep(1000)
    second = convert(client, new_lead(sandbox, email=None, company_name="Other"))

    def leads(**query: Any) -> list[str | None]:
        return [each.lead_id for each in client.iter_conversions(ConversionQuery(**query))]

    for one in (first, second):
        assert leads(lead_id=one.lead_id) == [one.lead_id]
        assert leads(contact_id=one.contact.id) == [one.lead_id]
        assert leads(company_id=one.company.id) == [one.lead_id]
        assert leads(deal_id=one.deal.id) == [one.lead_id]
    assert leads(since=second.converted_at) == [second.lead_id]
    assert leads(contact_id=first.contact.id, deal_id=second.deal.id) == []
    assert leads(contact_id="1") == leads(deal_id="1") == leads(company_id="1") == leads(lead_id="1") == []
    assert leads(lead_id=new_lead(sandbox)) == []


def test_conversions_of_the_demo_account_are_all_told() -> None:
    """As many as the account has converted."""
    with Sandbox(vendors=["copper"]) as sandbox:
        found = list(connect("copper", sandbox=sandbox).iter_conversions())
        assert {each.lead_id for each in found} == {str(change.id) for change in conversions_made(sandbox)}
        times = [each.converted_at for each in found]
        assert times == sorted(times, reverse=True)  # type: ignore[type-var]  # all of them have one


# --- preview ---------------------------------------------------------------------------------------------------------


def test_preview_finds_the_person_and_the_companies_of_that_name(sandbox: Sandbox, client: Client) -> None:
    """The e-mail address in any case; the company's name exactly, though the search is loose."""
    mail = [{"email": "ANA@padaria.example", "category": "work"}]
    known = put(sandbox, "/people", name="Somebody", emails=mail)["id"]
    same = [put(sandbox, "/companies", name="Padaria")["id"] for _ in range(2)]
    put(sandbox, "/companies", name="Padaria Ltd")
    found = client.preview(new_lead(sandbox))
    assert [contact.id for contact in found.contacts] == [str(known)]
    assert [company.id for company in found.companies] == [str(one) for one in same]
    assert found.deals == ()
    bare = client.preview(new_lead(sandbox, email=None, company_name=None))
    assert (bare.contacts, bare.companies) == ((), ())
    assert "preview" in COPPER.composed
