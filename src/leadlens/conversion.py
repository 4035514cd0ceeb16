"""What a conversion is: the request, its targets, and what came of it; and the same for an upsert.

A target is what should become of one side of the lead. The CRMs disagree about what happens when nothing is said
(Base makes a deal, the others do not), so the neutral request always says it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeAlias

import attrs

from leadlens.model import (
    JSON,
    Company,
    Contact,
    CustomField,
    Deal,
    Lead,
    Money,
    PersonName,
    Priority,
    Record,
    Ref,
    given_only,
    instant,
    is_given,
)


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class NewContact:
    """Create a contact; what is left out comes from the lead."""

    __repr__ = given_only

    name: PersonName | None = None
    contact_type: Ref | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class NewCompany:
    """Create a company; without a name it takes the lead's."""

    __repr__ = given_only

    name: str | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class NewDeal:
    """Create a deal with these fields; what is left out is the CRM's to choose."""

    __repr__ = given_only

    name: str | None = None
    value: Money | None = None
    pipeline: Ref | None = None
    stage: Ref | None = None
    close_date: dt.date | None = None
    owner: Ref | None = None
    contact_role: Ref | None = None
    probability: Decimal | None = None
    priority: Priority | None = None
    hot: bool | None = None
    source: Ref | None = None
    description: str | None = None
    deal_type: str | None = None
    next_step: str | None = None
    campaign: Ref | None = None
    tags: tuple[str, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()


def _not_empty(_: object, attribute: attrs.Attribute[str], text: str) -> None:
    if not isinstance(text, str) or not text:
        raise ValueError(f"{attribute.name} must be a text that is not empty")


@attrs.frozen(weakref_slot=False, repr=False)
class Existing:
    """Use the record that has this id; nothing is created."""

    __repr__ = given_only

    id: str = attrs.field(validator=_not_empty)


@attrs.frozen(weakref_slot=False, repr=False)
class Match:
    """Use the record of exactly this name, or create it where none has it; several are an error, never a guess.

    ``exact=False`` leaves the comparison to the CRM, where it has a fuzzy one.
    """

    __repr__ = given_only

    name: str = attrs.field(validator=_not_empty)
    exact: bool = attrs.field(default=True, kw_only=True)


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Nothing:
    """Make none of these, whatever the CRM would do by itself."""

    __repr__ = given_only


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class VendorDefault:
    """Let the CRM do what it does when nothing is said; not the same on any two of them."""

    __repr__ = given_only


ContactTarget: TypeAlias = NewContact | Existing | Match | Nothing | VendorDefault
CompanyTarget: TypeAlias = NewCompany | Existing | Match | Nothing | VendorDefault
DealTarget: TypeAlias = NewDeal | Existing | Nothing | VendorDefault


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class VendorExtras:
    """Keys that only one vendor knows, under their own names. Not portable: any other vendor reports them as lost."""

    __repr__ = given_only

    vendor: str
    values: dict[str, JSON] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class ConvertRequest:
    """Turn a lead into a contact, and into a company and a deal if that is wanted."""

    __repr__ = given_only

    lead_id: str | None = None
    contact: ContactTarget = VendorDefault()
    company: CompanyTarget = VendorDefault()
    deal: DealTarget = Nothing()
    contact_owner: Ref | None = None
    company_owner: Ref | None = None
    rename_company: bool | None = None
    notify_lead_owner: bool | None = None
    notify_owner: bool | None = None
    contact_tags: tuple[str, ...] = ()
    company_tags: tuple[str, ...] = ()
    deal_tags: tuple[str, ...] = ()
    attachments_to: Literal["contact", "company", "deal"] | None = None
    not_portable: VendorExtras | None = None


def _record_id(made: Created | Linked | Present) -> str | None:
    """Return the record's id in this account."""
    return made.record.id


def _record_name(made: Created | Linked | Present) -> str | None:
    """Return the record's name as people write it, where the CRM told it."""
    name = made.record.name
    return name.display if isinstance(name, PersonName) else name


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Created:
    """The conversion made this record; ``record`` holds as much of it as the CRM told."""

    __repr__ = given_only

    record: Contact | Company | Deal
    outcome: ClassVar = "created"
    id = property(_record_id)
    name = property(_record_name)


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Linked:
    """The conversion tied the lead to this record, which was there before."""

    __repr__ = given_only

    record: Contact | Company | Deal
    outcome: ClassVar = "linked"
    id = property(_record_id)
    name = property(_record_name)


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Present:
    """The record is there; this CRM does not tell whether the conversion made it."""

    __repr__ = given_only

    record: Contact | Company | Deal
    outcome: ClassVar = "present"
    id = property(_record_id)
    name = property(_record_name)


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class NoRecord:
    """The conversion made none of these."""

    __repr__ = given_only

    outcome: ClassVar = "none"
    record: ClassVar = None
    id: ClassVar = None
    name: ClassVar = None


Outcome: TypeAlias = Created | Linked | Present | NoRecord


def _of_kind(_: object, attribute: attrs.Attribute[Any], outcome: Outcome) -> None:
    wanted = {"contact": Contact, "company": Company, "deal": Deal}[attribute.name]
    if outcome.record is not None and not isinstance(outcome.record, wanted):
        raise ValueError(f"{attribute.name}: a {wanted.__name__} belongs here, not a {type(outcome.record).__name__}")


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Conversion:
    """What came of a conversion, per target, and when and by whom as far as the CRM tells.

    ``open`` says which calls after it have not succeeded yet, each in a sentence; ``client.settle`` sends them again.
    """

    __repr__ = given_only

    id: str | None = None
    lead_id: str | None = None
    contact: Outcome = attrs.field(default=NoRecord(), validator=_of_kind)
    company: Outcome = attrs.field(default=NoRecord(), validator=_of_kind)
    deal: Outcome = attrs.field(default=NoRecord(), validator=_of_kind)
    converted_at: dt.datetime | None = instant()
    converted_by: Ref | None = None
    open: tuple[str, ...] = ()


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class ConversionOptions:
    """What a CRM finds when it is asked into which records a lead could be converted."""

    __repr__ = given_only

    contacts: tuple[Contact, ...] = ()
    companies: tuple[Company, ...] = ()
    deals: tuple[Deal, ...] = ()


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class ConversionPage:
    """One page of conversions, newest first; ``next_page`` is where the next one is, in the CRM's own form."""

    __repr__ = given_only

    conversions: tuple[Conversion, ...] = ()
    next_page: str | None = None
    count: int | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class MatchKey:
    """One key to find an existing record by: a neutral field (``email``, ``name``, ``phone`` …) or a custom field.

    ``value`` is given only where it differs from the record's own.
    """

    __repr__ = given_only

    field: str | None = None
    definition: Ref | None = None
    value: JSON = None


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _no_clash(request: UpsertRequest, _: object, clear: tuple[str, ...]) -> None:
    names = {a.name for a in attrs.fields(request.record.__class__)}
    for name in clear:
        if name not in names:
            raise ValueError(f"clear: a {request.record.__class__.__name__} has no field {name!r}")
        if is_given(getattr(request.record, name)):
            raise ValueError(f"clear: {name!r} is also given in the record; it cannot be both set and cleared")


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class UpsertRequest:
    """Update the one record that matches, or create it.

    ``match`` keys count in order. ``automations`` False asks the CRM to run none of its rules; None leaves it alone.
    """

    __repr__ = given_only

    record: Record = Lead()
    match: tuple[MatchKey, ...] = ()
    clear: tuple[str, ...] = attrs.field(default=(), converter=_each_once, validator=_no_clash)
    automations: bool | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class UpsertResult:
    """What came of an upsert. ``unknown``: it was done, and the CRM does not tell whether it created or updated."""

    __repr__ = given_only

    outcome: Literal["created", "updated", "unknown", "ambiguous"] = "unknown"
    record: Record = Lead()
    matched_by: str | None = None
    candidates: tuple[str, ...] = ()
    too_many: bool | None = None

    @property
    def id(self) -> str | None:
        """The record's id in this account."""
        return self.record.id

    @property
    def hint(self) -> str | None:
        """A guess where the outcome is unknown, never a proof: a new record was not changed since its creation."""
        if self.outcome != "unknown" or self.record.created_at is None:
            return None
        same = self.record.created_at == self.record.modified_at
        return (
            "looks created: it was never changed since" if same else "looks updated: it was changed after its creation"
        )
