"""Fetches all of an account into an archive, page by page, and goes on where an earlier run was stopped.

After each page the file and then the state are durable, so that a run that is killed loses one page at most and never
takes half of one for whole. A kind is complete when the CRM's own total says so, or else when a second listing brings
nothing new.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import attrs

from leadlens import __version__
from leadlens.client import Client
from leadlens.decoding import dumps, loads
from leadlens.errors import InputError, InvalidRequestError, LeadlensError, UsageError
from leadlens.files import replace, sync
from leadlens.migrate.archive_files import (
    CATALOGUE,
    MANIFEST,
    STATE,
    SUMS,
    damaged,
    file_of,
    line_of,
    page_of,
    read_lines,
    sums_of,
)
from leadlens.operations import Item, Page
from leadlens.plain import from_plain, to_plain

FORMAT: Final = "leadlens-archive-1"
_LISTINGS: Final = 4
"""How often a kind is listed at most, until nothing new comes."""

Progress = Callable[[str, int, int | None], None]
"""Is told the kind, how many there are by now, and how many there will be, where the CRM tells that."""


class IncompleteError(LeadlensError):
    """An account changes faster than it can be listed: what was fetched is kept, and the same call goes on."""


@attrs.frozen(kw_only=True)
class Kept:
    """How far one kind has come: where the next page is, the bytes and records that are durable, and what was checked.

    ``unread`` counts records that leadlens keeps and cannot read, ``gone`` those that a later listing did not show any
    more. ``checked`` says against what the number was held, ``by`` nothing before that.
    """

    place: str | None = None
    bytes: int = 0
    records: int = 0
    unread: int = 0
    gone: int = 0
    listed: bool = False
    done: bool = False
    checked: Literal["total", "second listing", ""] = ""


@attrs.frozen(kw_only=True)
class Manifest:
    """What an archive holds: of which CRM and account, since and until when, per kind how many records.

    ``unlisted`` are kinds that the CRM does not list, ``left_out`` those that nobody wanted.
    """

    format: str
    leadlens: str
    vendor: str
    account: str
    started_at: dt.datetime
    finished_at: dt.datetime | None = None
    kinds: Mapping[str, Kept] = attrs.field(factory=dict)
    unlisted: Mapping[str, str] = attrs.field(factory=dict)
    left_out: tuple[str, ...] = ()


def archive(
    client: Client,
    directory: str | Path,
    *,
    account: str = "",
    without: Iterable[str] = (),
    progress: Progress | None = None,
) -> Manifest:
    """Fetch all of an account into a directory; an interrupted run goes on at the page that it had reached.

    ``without`` names kinds to leave out, such as ``attachment``, which takes a call for each record on some CRMs.
    Raises :class:`UsageError` for a directory that holds anything else, or another account, and
    :class:`IncompleteError` where listings never agree.
    """
    place = Path(directory)
    left_out = tuple(sorted(set(without)))
    if unknown := [kind for kind in left_out if kind not in client.kinds]:
        raise UsageError(f"{client.adapter.title} lists no {unknown[0]!r}; there are {', '.join(client.kinds)}")
    with _held(place):
        run = _Run(client, place, _begun(place, client, account, left_out), progress or (lambda *_: None))
        return run.finish()


@contextlib.contextmanager
def _held(place: Path) -> Iterator[None]:
    """Make the directory, and keep a second run out of it."""
    import fcntl

    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"another run is archiving into {place.name}") from None
    else:
        yield
    finally:
        os.close(handle)


def _begun(place: Path, client: Client, account: str, left_out: tuple[str, ...]) -> Manifest:
    """Return how far an earlier run has come, or a new beginning."""
    if (place / SUMS).exists():
        raise UsageError(f"{place.name} holds a whole archive; give another directory")
    vendor = client.adapter.full_name
    if (place / STATE).exists():
        begun = read_manifest(place / STATE)
        if (begun.vendor, begun.account, begun.left_out) != (vendor, account, left_out):
            raise UsageError(f"{place.name} holds the beginning of another archive; give another directory")
        return begun
    if any(path.suffix != ".new" for path in place.iterdir()):  # a first state that was never named
        raise UsageError(f"{place.name} is not empty and holds no archive; give another directory")
    place.chmod(0o700)
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    return Manifest(
        format=FORMAT,
        leadlens=__version__,
        vendor=vendor,
        account=account,
        started_at=now,
        unlisted=dict(client.unlisted),
        left_out=left_out,
    )


def read_manifest(path: Path) -> Manifest:
    """Return what an archive says of itself; raises :class:`InputError` for what no run has written."""
    try:
        found = from_plain(loads(path.read_bytes()), Manifest)
    except InputError as error:
        raise InputError(f"{path.name}, {error.path}", error.expected) from None
    if found.format != FORMAT:
        raise InputError(f"{path.name}, $.format", f"{FORMAT!r}; this archive is of another version of leadlens")
    return found


@attrs.define
class _Run:
    client: Client
    place: Path
    manifest: Manifest
    progress: Progress

    def finish(self) -> Manifest:
        """Fetch what is missing, and seal the archive."""
        kinds = [kind for kind in self.client.kinds if kind not in self.manifest.left_out]
        self.keep()
        for kind in kinds:
            if not self.at(kind).done:
                _Kind(self, kind).fetch()
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        self.manifest = attrs.evolve(self.manifest, finished_at=now)
        replace(self.place / CATALOGUE, dumps(to_plain(self.client.catalogue()), indent=True) + b"\n")
        replace(self.place / MANIFEST, dumps(to_plain(self.manifest), indent=True) + b"\n")
        replace(self.place / SUMS, sums_of(self.place, [MANIFEST, CATALOGUE, *map(file_of, kinds)]))
        (self.place / STATE).unlink()
        return self.manifest

    def at(self, kind: str) -> Kept:
        """Return how far a kind has come."""
        return self.manifest.kinds.get(kind, Kept())

    def keep(self, **changed: Kept) -> None:
        """Make the state durable, after what it speaks of."""
        self.manifest = attrs.evolve(self.manifest, kinds={**self.manifest.kinds, **changed})
        replace(self.place / STATE, dumps(to_plain(self.manifest)))


class _Kind:
    """The fetching of one kind into its file."""

    def __init__(self, run: _Run, kind: str) -> None:
        self.run, self.kind = run, kind
        self.path = run.place / (file_of(kind) + ".part")
        self.seen: set[str] = set()

    @property
    def kept(self) -> Kept:
        return self.run.at(self.kind)

    def fetch(self) -> None:
        """List the kind until it is complete, then give its file its name."""
        whole = self.run.place / file_of(self.kind)
        if whole.exists():  # it was named, and the state did not learn of it
            whole.replace(self.path)
        with os.fdopen(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600), "r+b") as file:
            self._resume(file)
            total = self._first_listing(file)
            checked = "total" if total == len(self.seen) else self._listed_again(file)
            if not self.seen:
                file.write(page_of([]))
        self.path.replace(whole)
        sync(self.run.place)
        self._keep(place=None, listed=True, done=True, checked=checked)

    def _resume(self, file: BinaryIO) -> None:
        """Cut off what is not known to be durable, and learn which records are there; begin anew if one is damaged."""
        try:
            if self.path.stat().st_size < self.kept.bytes:
                raise damaged(self.path, None)
            file.truncate(self.kept.bytes)
            self.seen = {line["id"] for _, line in read_lines(self.path)}
        except InputError:
            self.run.keep(**{self.kind: Kept()})
            file.truncate(0)
        file.seek(self.kept.bytes)

    def _first_listing(self, file: BinaryIO) -> int | None:
        """Fetch the pages that are missing; return the total that the CRM told, if it did."""
        if self.kept.listed:
            return None
        place = self.kept.place
        try:
            page = self.run.client.page(self.kind, place)
        except InvalidRequestError:
            if place is None:
                raise
            page = self.run.client.page(self.kind, None)  # the CRM has forgotten the place: what is there is skipped
        while True:
            self._add(file, page, place=page.next, listed=page.next is None)
            if page.next is None:
                return page.total
            page = self.run.client.page(self.kind, page.next)

    def _listed_again(self, file: BinaryIO) -> Literal["second listing"]:
        """List the kind until nothing new comes; records that came in the meantime are added."""
        for _ in range(_LISTINGS - 1):
            before, now = len(self.seen), set[str]()
            place: str | None = None
            while True:
                page = self.run.client.page(self.kind, place)
                now.update(item.id for item in page.items)
                self._add(file, page, place=None, listed=True)
                place = page.next
                if place is None:
                    break
            if len(self.seen) == before:
                self._keep(gone=len(self.seen - now))
                return "second listing"
        raise IncompleteError(
            f"{self.kind}: {_LISTINGS} listings all differ; run it again when fewer people are at work"
        )

    def _add(self, file: BinaryIO, page: Page, *, place: str | None, listed: bool) -> None:
        """Write what is new on a page, then that it is there."""
        fresh = {item.id: item for item in page.items if item.id not in self.seen}
        if fresh:
            file.write(page_of([_line(item) for item in fresh.values()]))
            file.flush()
            os.fsync(file.fileno())
        self.seen.update(fresh)
        unread = sum(item.neutral is None for item in fresh.values())
        if fresh or place != self.kept.place or listed != self.kept.listed:
            self._keep(
                place=place, listed=listed, bytes=file.tell(), records=len(self.seen), unread=self.kept.unread + unread
            )
        self.run.progress(self.kind, len(self.seen), page.total)

    def _keep(self, **changed: Any) -> None:
        self.run.keep(**{self.kind: attrs.evolve(self.kept, **changed)})


def _line(item: Item) -> bytes:
    return line_of(item.id, item.raw, None if item.neutral is None else to_plain(item.neutral))
