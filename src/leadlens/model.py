"""The neutral records: what a lead, a contact, a company and a deal are, whatever the CRM calls them.

Everything is frozen. ``None`` and ``()`` mean *not given*; clearing a field is said explicitly
(:attr:`leadlens.conversion.UpsertRequest.clear`). Ids are strings and belong to one account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import attrs

JSON: TypeAlias = Any
"""A JSON value as :mod:`leadlens.decoding` gives it: dict, list, str, int, float or Decimal, bool, None."""

DealStatus = Literal["open", "won", "lost", "abandoned"]
Priority = Literal["none", "low", "medium", "high"]


def _aware(_: object, attribute: attrs.Attribute[dt.datetime | None], instant: dt.datetime | None) -> None:
    if instant is not None and instant.tzinfo is None:
        raise ValueError(f"{attribute.name} needs a time zone: a time without one means something else in every office")


def instant() -> Any:
    """Return a field for an aware point in time."""
    return attrs.field(default=None, validator=_aware)


_PLAIN = frozenset(("id", "lead_id", "category", "kind"))


def given_only(self: Any) -> str:
    """Return the class, its ids, and which attributes are given: their values may be personal data and stay out."""
    given = (
        (a.name, getattr(self, a.name)) for a in attrs.fields(self.__class__) if getattr(self, a.name) != a.default
    )
    return f"{self.__class__.__name__}({', '.join(f'{name}={_hidden(name, value)}' for name, value in given)})"


def _hidden(name: str, value: Any) -> str:
    if name in _PLAIN or attrs.has(value.__class__):
        return repr(value)
    return f"({len(value)})" if value.__class__ is tuple else "…"


@attrs.define(frozen=True, slots=True, weakref_slot=False, eq=False, repr=False)
class Ref:
    """A thing of the account that records point to: an owner, stage, pipeline, option, custom field definition.

    An id decides equality, and the name beside it is only a label; without any id the names decide.
    """

    __repr__ = given_only

    id: str | None = None
    name: str | None = None

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not Ref:
            return NotImplemented
        if self.id is None and other.id is None:
            return self.name == other.name
        return self.id == other.id

    def __hash__(self) -> int:
        return hash(self.name if self.id is None else self.id)


def _decimal(amount: Decimal | int | str) -> Decimal:
    """Return an exact amount; a float is refused, since it seldom is what it looks like."""
    if isinstance(amount, float):
        raise TypeError("an amount of money is a Decimal, an int or a text, never a float")
    return Decimal(amount)


@attrs.frozen(weakref_slot=False, repr=False)
class Money:
    """An amount in major units (Decimal, never float) and the ISO 4217 code of its currency, where that is known."""

    __repr__ = given_only

    amount: Decimal = attrs.field(converter=_decimal)
    currency: str | None = None


def joined_name(parts: tuple[str | None, ...]) -> str | None:
    """Return the display name that the given parts make, or None without any."""
    return " ".join(filter(None, parts)) or None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class PersonName:
    """A person's name in parts; ``full`` is kept only where it says something that the parts do not."""

    __repr__ = given_only

    full: str | None = None
    prefix: str | None = None
    first: str | None = None
    middle: str | None = None
    last: str | None = None
    suffix: str | None = None

    def __attrs_post_init__(self) -> None:
        """Drop a full name that only repeats the parts, so that equal names compare equal."""
        if self.full is not None and self.full == self.from_parts:
            object.__setattr__(self, "full", None)

    @property
    def from_parts(self) -> str | None:
        """The display name that the parts make: first, middle, last, suffix (a prefix is a form of address)."""
        return joined_name((self.first, self.middle, self.last, self.suffix))

    @property
    def display(self) -> str | None:
        """The name as people write it."""
        return self.full if self.full is not None else self.from_parts


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Email:
    """An e-mail address and what it is for (``work``, ``personal``, ``other``)."""

    __repr__ = given_only

    address: str | None = None
    category: str | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Phone:
    """A telephone number and what it is for (``work``, ``mobile``, ``home``, ``fax``, ``other`` …)."""

    __repr__ = given_only

    number: str | None = None
    category: str | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Website:
    """A web address and what it is for (``work``, ``personal``, ``other``)."""

    __repr__ = given_only

    url: str | None = None
    category: str | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Social:
    """An account in a social network: its address or handle, and the network (``twitter``, ``linkedin`` …)."""

    __repr__ = given_only

    url: str | None = None
    category: str | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Address:
    """A postal address; ``category`` tells several apart (``main``, ``billing``, ``shipping``, ``other``)."""

    __repr__ = given_only

    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    category: str | None = None


def _several(value: JSON) -> JSON:
    """Keep several values as a tuple, so that equal ones compare equal."""
    return tuple(value) if isinstance(value, list) else value


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class CustomField:
    """A value of one of the account's own fields.

    Without its definition, ``value`` is what the wire says: a scalar, a dict, or a tuple for a field of several values.
    By its definition (:mod:`leadlens.customfields.types`) it is a str, int, Decimal, date, aware datetime, bool,
    :class:`Address`, or :class:`Ref` for an option or a reference, and a tuple of them for several.
    """

    __repr__ = given_only

    definition: Ref = Ref()
    value: JSON = attrs.field(default=None, converter=_several)


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class ConvertedFrom:
    """Which lead a record came from, and when."""

    __repr__ = given_only

    lead_id: str | None = None
    converted_at: dt.datetime | None = instant()


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class ConvertedTo:
    """What a lead became: the ids (and names, where told) of its records, when and by whom."""

    __repr__ = given_only

    contact: Ref | None = None
    company: Ref | None = None
    deal: Ref | None = None
    converted_at: dt.datetime | None = instant()
    converted_by: Ref | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Lead:
    """Somebody who may become a customer."""

    __repr__ = given_only

    id: str | None = None
    name: PersonName | None = None
    title: str | None = None
    company_name: str | None = None
    description: str | None = None
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    websites: tuple[Website, ...] = ()
    socials: tuple[Social, ...] = ()
    address: Address | None = None
    industry: str | None = None
    employees: int | None = None
    annual_revenue: Money | None = None
    value: Money | None = None
    rating: str | None = None
    status: Ref | None = None
    unqualified_reason: Ref | None = None
    source: Ref | None = None
    owner: Ref | None = None
    tags: tuple[str, ...] = ()
    email_opt_out: bool | None = None
    custom_fields: tuple[CustomField, ...] = ()
    layout: Ref | None = None
    image: str | None = None
    converted_to: ConvertedTo | None = None
    interactions: int | None = None
    last_contacted_at: dt.datetime | None = instant()
    created_at: dt.datetime | None = instant()
    created_by: Ref | None = None
    modified_at: dt.datetime | None = instant()
    modified_by: Ref | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Contact:
    """A person the company deals with."""

    __repr__ = given_only

    id: str | None = None
    name: PersonName | None = None
    title: str | None = None
    department: str | None = None
    company: Ref | None = None
    description: str | None = None
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    websites: tuple[Website, ...] = ()
    socials: tuple[Social, ...] = ()
    addresses: tuple[Address, ...] = ()
    birthday: dt.date | None = None
    assistant: str | None = None
    reports_to: Ref | None = None
    vendor: Ref | None = None
    contact_type: Ref | None = None
    industry: str | None = None
    customer_status: str | None = None
    prospect_status: str | None = None
    source: Ref | None = None
    owner: Ref | None = None
    tags: tuple[str, ...] = ()
    email_opt_out: bool | None = None
    custom_fields: tuple[CustomField, ...] = ()
    layout: Ref | None = None
    image: str | None = None
    converted_from: tuple[ConvertedFrom, ...] = ()
    interactions: int | None = None
    last_contacted_at: dt.datetime | None = instant()
    created_at: dt.datetime | None = instant()
    created_by: Ref | None = None
    modified_at: dt.datetime | None = instant()
    modified_by: Ref | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Company:
    """An organization that contacts belong to and deals are made with."""

    __repr__ = given_only

    id: str | None = None
    name: str | None = None
    description: str | None = None
    email_domain: str | None = None
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    websites: tuple[Website, ...] = ()
    socials: tuple[Social, ...] = ()
    addresses: tuple[Address, ...] = ()
    primary_contact: Ref | None = None
    parent: Ref | None = None
    number: str | None = None
    site: str | None = None
    company_type: Ref | None = None
    ownership: str | None = None
    industry: str | None = None
    employees: int | None = None
    annual_revenue: Money | None = None
    rating: str | None = None
    ticker_symbol: str | None = None
    sic_code: str | None = None
    customer_status: str | None = None
    prospect_status: str | None = None
    source: Ref | None = None
    owner: Ref | None = None
    tags: tuple[str, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    layout: Ref | None = None
    image: str | None = None
    interactions: int | None = None
    last_contacted_at: dt.datetime | None = instant()
    created_at: dt.datetime | None = instant()
    created_by: Ref | None = None
    modified_at: dt.datetime | None = instant()
    modified_by: Ref | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Deal:
    """A sale in the making."""

    __repr__ = given_only

    id: str | None = None
    name: str | None = None
    company: Ref | None = None
    contact: Ref | None = None
    value: Money | None = None
    converted_value: Money | None = None
    expected_revenue: Money | None = None
    pipeline: Ref | None = None
    stage: Ref | None = None
    status: DealStatus | None = None
    loss_reason: Ref | None = None
    unqualified_reason: Ref | None = None
    priority: Priority | None = None
    hot: bool | None = None
    probability: Decimal | None = None
    close_date: dt.date | None = None
    deal_type: str | None = None
    next_step: str | None = None
    campaign: Ref | None = None
    contact_role: Ref | None = None
    description: str | None = None
    source: Ref | None = None
    owner: Ref | None = None
    tags: tuple[str, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    layout: Ref | None = None
    pipeline_type: str | None = None
    is_revenue: bool | None = None
    converted_from: tuple[ConvertedFrom, ...] = ()
    lead_created_at: dt.datetime | None = instant()
    stage_changed_at: dt.datetime | None = instant()
    added_at: dt.datetime | None = instant()
    lead_conversion_days: int | None = None
    sales_cycle_days: int | None = None
    overall_sales_days: int | None = None
    interactions: int | None = None
    last_contacted_at: dt.datetime | None = instant()
    created_at: dt.datetime | None = instant()
    created_by: Ref | None = None
    modified_at: dt.datetime | None = instant()
    modified_by: Ref | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class About:
    """The record that a note or a file belongs to: its kind (``lead``, ``contact``, ``company``, ``deal``) and id."""

    __repr__ = given_only

    kind: str | None = None
    id: str | None = None


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Note:
    """A text that somebody wrote about a record."""

    __repr__ = given_only

    id: str | None = None
    title: str | None = None
    text: str | None = None
    about: About | None = None
    author: Ref | None = None
    created_at: dt.datetime | None = instant()
    modified_at: dt.datetime | None = instant()


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Attachment:
    """A file that belongs to a record, without its content: its name, size in bytes, media type and who put it there.

    An address to fetch it from is none of its facts: such addresses carry secrets and expire.
    """

    __repr__ = given_only

    id: str | None = None
    name: str | None = None
    size: int | None = None
    media_type: str | None = None
    about: About | None = None
    author: Ref | None = None
    created_at: dt.datetime | None = instant()
    modified_at: dt.datetime | None = instant()


Record: TypeAlias = Lead | Contact | Company | Deal


def is_given(value: object) -> bool:
    """Tell whether a neutral attribute says anything: ``None`` and ``()`` mean *not given*."""
    return value is not None and value != ()


def as_mapping(value: object) -> Mapping[str, object]:
    """Return the attributes of a neutral value that say anything, by name."""
    cls: Any = value.__class__
    return {a.name: v for a in attrs.fields(cls) if is_given(v := getattr(value, a.name))}
