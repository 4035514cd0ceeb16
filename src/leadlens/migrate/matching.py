"""Finds what the target has already: by the source's id, e-mail and name, web domain, name; never by e-mail alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from leadlens.errors import UsageError
from leadlens.flow import Flow
from leadlens.migrate.hand import Hand
from leadlens.migrate.origin import KINDS, Bundle
from leadlens.migrate.steps import Key
from leadlens.model import Company, Contact, CustomField
from leadlens.operations import Page, Query

ORDER = ("external id", "e-mail and name", "domain and name", "name")
"""What counts, in this order."""


@attrs.frozen
class Found:
    """A record of the target that is one of the source's: its id, by what, and whether others are it as well."""

    kind: str
    id: str
    by: str
    several: bool = False


@attrs.frozen
class Matching:
    """Looks into the target. ``keys`` are, by kind, the fields of its records that hold the source's ids."""

    hand: Hand
    keys: Mapping[str, Key]

    @staticmethod
    def of(hand: Hand, external: Mapping[str, str]) -> Matching:
        """Read which field holds the ids of which kind; raises :class:`UsageError` for a kind that is none."""
        for kind in external:
            if kind not in KINDS[1:]:
                raise UsageError(f"--external {kind}: name a {', '.join(KINDS[1:])}")
        return Matching(hand, {kind: Key.of(field) for kind, field in external.items()})

    def find(self, bundle: Bundle) -> tuple[Found, ...]:
        """Return the contact, the company and the deal of a conversion that the target has already."""
        found: list[Found] = []
        for kind in KINDS[1:]:
            record: Any = bundle.record(kind)
            if record is not None:
                found += self._by_id(kind, record.id) or _OTHERWISE[kind](self.hand, record)
        return tuple(found)

    def _by_id(self, kind: str, identity: str) -> list[Found]:
        key = self.keys.get(kind)
        if key is None or (key.numeric and not identity.isdecimal()):
            return []
        value: Any = int(identity) if key.numeric else identity
        there = _all(self.hand, kind, Query(custom=CustomField(definition=key.definition, value=value)))
        return [Found(kind, there[0].id, ORDER[0], len(there) > 1)] if there else []


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
    return [Found("contact", there[0].id, ORDER[1], len(there) > 1)] if there else []


def _company(hand: Hand, company: Company) -> list[Found]:
    if not company.name:
        return []
    there = _all(hand, "company", Query(name=company.name))
    domain = _domain(company)
    same = [one for one in there if domain and _domain(one) == domain]
    if same:
        return [Found("company", same[0].id, ORDER[2], len(same) > 1)]
    return [Found("company", there[0].id, ORDER[3], len(there) > 1)] if there else []


_OTHERWISE: Mapping[str, Callable[[Hand, Any], list[Found]]] = {
    "contact": _contact,
    "company": _company,
    "deal": lambda *_: [],
}
"""How a record is found that has no id of the source's; a deal's name says too little."""


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
