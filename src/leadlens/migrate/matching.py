"""Finds what the target has already: by e-mail and name together, by web domain, by name; never by e-mail alone."""

from __future__ import annotations

from typing import Any

import attrs

from leadlens.errors import UsageError
from leadlens.flow import Flow
from leadlens.migrate.hand import Hand
from leadlens.migrate.origin import Bundle
from leadlens.model import Company, Contact
from leadlens.operations import Page, Query

ORDER = ("e-mail and name", "domain and name", "name")
"""What counts, in this order."""


@attrs.frozen
class Found:
    """A record of the target that is one of the source's: its id, by what, and whether others are it as well."""

    kind: str
    id: str
    by: str
    several: bool = False


def find(hand: Hand, bundle: Bundle) -> tuple[Found, ...]:
    """Return the contact and the company of a conversion that the target has already."""
    found = []
    if bundle.contact is not None:
        found += _contact(hand, bundle.contact)
    if bundle.company is not None:
        found += _company(hand, bundle.company)
    return tuple(found)


def _contact(hand: Hand, contact: Contact) -> list[Found]:
    mail = next((one.address for one in contact.emails if one.address), None)
    if mail is None or contact.name is None:
        return []
    named = (contact.name.display or "").casefold()
    there = [
        one
        for one in _all(hand, "contact", Query(email=mail))
        if one.name and (one.name.display or "").casefold() == named
    ]
    return [Found("contact", there[0].id, ORDER[0], len(there) > 1)] if there else []


def _company(hand: Hand, company: Company) -> list[Found]:
    if not company.name:
        return []
    there = _all(hand, "company", Query(name=company.name))
    domain = _domain(company)
    same = [one for one in there if domain and _domain(one) == domain]
    if same:
        return [Found("company", same[0].id, ORDER[1], len(same) > 1)]
    return [Found("company", there[0].id, ORDER[2], len(there) > 1)] if there else []


def _domain(company: Company) -> str | None:
    if company.email_domain:
        return company.email_domain.casefold()
    urls = [site.url for site in company.websites if site.url]
    return urls[0].partition("://")[2].partition("/")[0].removeprefix("www.").casefold() if urls else None


def _all(hand: Hand, kind: str, query: Query) -> list[Any]:
    try:
        page: Page = hand.client.driver.run(_page(hand, kind, query))
    except UsageError:  # this CRM cannot search so
        return []
    return list(page.items)


def _page(hand: Hand, kind: str, query: Query) -> Flow[Page]:
    return (yield from hand.operations.search(kind, query, None))
