"""What a migration reads from: an account, or the archive of one. Both answer the same few questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from leadlens.adapter import Adapter
from leadlens.catalogue import Catalogue, Choice, Definition
from leadlens.conversion import Conversion
from leadlens.model import Attachment, Note, Record

LEFT_BEHIND: Final = ("task", "call", "meeting", "activity", "project", "attachment")
"""What an account may have beside its records and notes, and what no migration carries: it is counted."""


class Source(Protocol):
    """Where the records of a migration come from; a :class:`~leadlens.client.Client` and an ``Archive`` are sources.

    Everything comes in the order in which the CRM lists it, and each thing once.
    """

    @property
    def adapter(self) -> Adapter:
        """The CRM that the records are from, at its version."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What there is: ``lead``, ``contact``, ``company``, ``deal``, ``conversion``, ``note``, ``task`` …."""

    def iter_all(self, kind: str) -> Iterator[Record]:
        """Yield all leads, contacts, companies or deals; converted leads too, where the CRM shows them."""

    def get(self, kind: str, identity: str) -> Record:
        """Return one lead, contact, company or deal; raises NotFoundError."""

    def iter_conversions(self) -> Iterator[Conversion]:
        """Yield all conversions, newest first where the CRM can sort them."""

    def iter_notes(self) -> Iterator[Note]:
        """Yield all notes, with the record that each is about."""

    def iter_attachments(self) -> Iterator[Attachment]:
        """Yield what is known of all files, without their contents."""

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """Return what the account has of one kind to point to; raises UsageError for a kind that it does not have."""

    def catalogue(self) -> Catalogue:
        """Return the fields of all records, and what they can point to."""

    def definitions(self, kind: str) -> tuple[Definition, ...]:
        """Return the fields of one kind of records."""

    def count(self, kind: str) -> int | None:
        """Return how many things of a kind there are; None where the CRM does not list them."""
