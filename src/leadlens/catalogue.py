"""What one account has of its own: definitions of fields with their options, and what records point to."""

from __future__ import annotations

import datetime as dt
from typing import Literal, TypeAlias

import attrs

from leadlens.model import Ref

FieldType: TypeAlias = Literal[
    "text", "long_text", "whole", "number", "percent", "currency", "date", "datetime", "boolean", "url", "email",
    "phone", "address", "picklist", "multi_select", "reference", "unknown",
]  # fmt: skip
"""What a field holds, in neutral words; ``unknown`` for a type of the vendor's that none of them is."""


@attrs.frozen
class Choice:
    """One thing of the account that records point to: its kind (``stage``), id, name, and what it belongs to.

    ``email`` is that of a user: personal data, which shows in no repr.
    """

    kind: str
    ref: Ref
    within: Ref | None = None
    email: str | None = attrs.field(default=None, repr=False)
    active: bool = True


@attrs.frozen(kw_only=True)
class Option:
    """One value that a picklist offers; ``id`` is None where the CRM knows it by its name alone."""

    name: str
    id: str | None = None
    active: bool = True


@attrs.frozen(kw_only=True)
class Definition:
    """One field of one kind of record (``lead``, ``contact``, ``company``, ``deal``) in one account.

    ``id`` is what :attr:`CustomField.definition` has as its id (None where the CRM knows the field by name alone),
    ``name`` what people see, ``key`` what the wire calls it. ``type`` is neutral, ``wire_type`` the vendor's word.
    ``custom`` is False for a field of the CRM's own; ``attribute`` then names the neutral attribute that holds it.
    ``max_length`` counts characters, ``decimals`` the places after the point. ``refers_to`` is the kind of record
    (or ``user``) that a reference points to. ``searchable`` tells whether records can be found by it.
    """

    kind: str
    id: str | None
    name: str
    key: str
    type: FieldType
    wire_type: str
    options: tuple[Option, ...] = ()
    custom: bool = True
    attribute: str | None = None
    required: bool = False
    unique: bool = False
    read_only: bool = False
    searchable: bool = False
    max_length: int | None = None
    decimals: int | None = None
    refers_to: str | None = None


@attrs.frozen(kw_only=True)
class Catalogue:
    """Everything of one account that a mapping can name, and when it was read.

    ``vendor`` is the adapter's name with its version (``zoho@v8``), ``account`` that of ``leadlens.toml``.
    ``choices`` are users, pipelines, stages, statuses, sources, contact types, contact roles and tags. ``unread`` tells
    what the account refused to show: lines such as ``loss_reason: not permitted``.
    """

    vendor: str
    account: str
    read_at: dt.datetime
    definitions: tuple[Definition, ...] = ()
    choices: tuple[Choice, ...] = ()
    unread: tuple[str, ...] = ()
