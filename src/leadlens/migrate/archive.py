"""An account as it was archived, read without the account: the same questions as a client, the same answers.

Records are read anew from what the CRM wrote, so that what a later leadlens reads better is read better here too.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from leadlens import registry
from leadlens._compile import decode
from leadlens.adapter import RECORDS, Adapter
from leadlens.catalogue import Catalogue, Choice, Definition
from leadlens.catalogue_file import read_catalogue
from leadlens.conversion import Conversion
from leadlens.decoding import loads
from leadlens.errors import InputError, NotFoundError, UsageError
from leadlens.migrate.archive_files import (
    CATALOGUE,
    MANIFEST,
    STATE,
    SUMS,
    check_sums,
    file_of,
    member_at,
    members,
    read_lines,
)
from leadlens.migrate.archive_writing import Kept, Manifest, read_manifest
from leadlens.model import Attachment, Note, Record
from leadlens.operations import Item
from leadlens.plain import from_plain

_CLASSES: Final[Mapping[str, type]] = {"conversion": Conversion, "note": Note, "attachment": Attachment}


class Archive:
    """An archive in a directory. Opening it holds every file against its checksum.

    Raises :class:`InputError` with file and line for what was changed since it was written, and :class:`UsageError`
    for a directory that holds no archive, or the beginning of one.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not (self.path / SUMS).is_file():
            begun = (self.path / STATE).is_file()
            told = "only the beginning of an archive: run the same `leadlens archive` again" if begun else "no archive"
            raise UsageError(f"{self.path.name} holds {told}")
        check_sums(self.path)
        self.manifest: Manifest = read_manifest(self.path / MANIFEST)
        self._index: dict[str, dict[str, int]] = {}
        self._recent: tuple[str, int, list[dict[str, Any]]] = "", 0, []

    def __repr__(self) -> str:
        return f"<leadlens archive of {self.adapter.title}, {self.manifest.started_at:%Y-%m-%d}>"

    @functools.cached_property
    def adapter(self) -> Adapter:
        """The CRM that the records are from, at its version."""
        return registry.get(self.manifest.vendor)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What there is: ``lead``, ``contact``, ``company``, ``deal``, ``conversion``, ``note``, ``task`` …."""
        return tuple(self.manifest.kinds)

    @property
    def unlisted(self) -> Mapping[str, str]:
        """What the CRM did not list, by kind, and why."""
        return self.manifest.unlisted

    def kept(self, kind: str) -> Kept:
        """Return how a kind was kept; raises :class:`UsageError` for one that is not there."""
        if kind not in self.manifest.kinds:
            raise UsageError(f"the archive has no {kind!r}; there are {', '.join(self.kinds)}")
        return self.manifest.kinds[kind]

    def count(self, kind: str) -> int | None:
        """Return how many things of a kind there are; None where the archive has no such kind."""
        return self.manifest.kinds[kind].records if kind in self.manifest.kinds else None

    def iter_items(self, kind: str) -> Iterator[Item]:
        """Yield all things of a kind: each as the CRM wrote it, and as leadlens read it then (None: it did not)."""
        for number, line in self._lines(kind):
            yield Item(line["id"], line["raw"], self._neutral(kind, number, line))

    def iter_all(self, kind: str) -> Iterator[Record]:
        """Yield all leads, contacts, companies or deals, read anew; converted leads too, where the CRM showed them."""
        if kind not in RECORDS:
            raise UsageError(f"there are no records of the kind {kind!r}; there are {', '.join(RECORDS)}")
        crosswalk = self.adapter.crosswalk(kind)
        for number, line in self._lines(kind):
            try:
                found: Record = decode(crosswalk, line["raw"]).value
            except InputError as error:
                raise InputError(f"{file_of(kind)}, line {number}: {error.path}", error.expected) from None
            yield found

    def get(self, kind: str, identity: str) -> Record:
        """Return one lead, contact, company or deal, read anew. Raises :class:`NotFoundError`.

        The first question about a kind reads its file once, to learn on which page each record is.
        """
        place = self._places(kind).get(identity)
        for line in [] if place is None else self._page(kind, place):
            if line["id"] == identity:
                found: Record = decode(self.adapter.crosswalk(kind), line["raw"]).value
                return found
        raise NotFoundError(self.adapter.name, status=404, code="not in the archive")

    def iter_conversions(self) -> Iterator[Conversion]:
        """Yield all conversions, in the order in which the CRM listed them."""
        yield from self._read("conversion")

    def iter_notes(self) -> Iterator[Note]:
        """Yield all notes, with the record that each is about."""
        yield from self._read("note")

    def iter_attachments(self) -> Iterator[Attachment]:
        """Yield what is known of all files, without their contents."""
        yield from self._read("attachment")

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """Return what the account had of one kind to point to."""
        found = tuple(self._read(kind))
        if not all(isinstance(one, Choice) for one in found):
            raise UsageError(f"records do not point to a {kind!r}")
        return found

    def catalogue(self) -> Catalogue:
        """Return the fields of all records, and what they could point to."""
        return read_catalogue(self.path / CATALOGUE)

    def definitions(self, kind: str) -> tuple[Definition, ...]:
        """Return the fields of one kind of records; raises :class:`UsageError` for a kind that does not exist."""
        if kind not in RECORDS:
            raise UsageError(f"there are no records of the kind {kind!r}; there are {', '.join(RECORDS)}")
        return tuple(one for one in self.catalogue().definitions if one.kind == kind)

    def _places(self, kind: str) -> Mapping[str, int]:
        """Return where the page of each record begins in its file."""
        if kind not in RECORDS:
            raise UsageError(f"there are no records of the kind {kind!r}; there are {', '.join(RECORDS)}")
        self.kept(kind)
        if kind not in self._index:
            pages = members(self.path / file_of(kind))
            self._index[kind] = {line["id"]: start for start, page in pages for line in _parsed(page)}
        return self._index[kind]

    def _page(self, kind: str, start: int) -> list[dict[str, Any]]:
        if self._recent[:2] != (kind, start):
            self._recent = kind, start, _parsed(member_at(self.path / file_of(kind), start))
        return self._recent[2]

    def _lines(self, kind: str) -> Iterator[tuple[int, dict[str, Any]]]:
        self.kept(kind)
        return read_lines(self.path / file_of(kind))

    def _read(self, kind: str) -> Iterator[Any]:
        for number, line in self._lines(kind):
            neutral = self._neutral(kind, number, line)
            if neutral is None:
                raise InputError(f"{file_of(kind)}, line {number}", "what leadlens could read; it is kept in 'raw'")
            yield neutral

    def _neutral(self, kind: str, number: int, line: dict[str, Any]) -> Any:
        if line["neutral"] is None:
            return None
        cls = self.adapter.crosswalk(kind).model if kind in RECORDS else _CLASSES.get(kind, Choice)
        try:
            return from_plain(line["neutral"], cls)
        except InputError as error:
            raise InputError(f"{file_of(kind)}, line {number}: {error.path}", error.expected) from None


def _parsed(page: bytes) -> list[dict[str, Any]]:
    return [loads(line) for line in page.split(b"\n")[:-1]]
