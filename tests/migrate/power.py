"""Disks after a machine lost its power: any that the operating system allows, at any moment of a migration.

What was synchronised is there. Of what was written since, each part may be there or not, or a few sectors of it.
``python -m tests.migrate.power [--states N] [--conversions N]`` tries that many disks.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs
from tests.migrate.traced import LEDGER, Operation, ground, operations

from leadlens.errors import LeadlensError
from leadlens.migrate.book import Book

SECTOR = 512
WAYS = ("nothing", "everything", "some", "some", "sectors")
_WRITE = re.compile(rb"(?:POST|PUT|PATCH) /zoho/crm/")


@attrs.define
class File:
    """A file: what is surely on the disk, and what was done to it since."""

    sure: bytearray = attrs.field(factory=bytearray)
    since: list[Operation] = attrs.field(factory=list)
    named: bool = False
    """Whether the folder surely has its name."""
    removed: bool = False

    def sync(self) -> None:
        """Make everything sure."""
        for done in self.since:
            _do(self.sure, done)
        self.since.clear()

    def after(self, way: str, drawn: random.Random) -> bytearray | None:
        """Return what may be found after the power was lost; None where the file is not there."""
        if (not self.named or self.removed) and not _keeps(way, drawn):
            return None
        left = bytearray(self.sure)
        for done in self.since:
            if way == "sectors" and done.kind == "write":
                for part in _sectors(done):
                    _do(left, part) if drawn.random() < 0.5 else None
            elif _keeps(way, drawn):
                _do(left, done)
        return left


def _keeps(way: str, drawn: random.Random) -> bool:
    return way == "everything" or (way != "nothing" and drawn.random() < 0.5)


def _do(left: bytearray, done: Operation) -> None:
    if done.kind == "cut":
        del left[done.place :]
        return
    left.extend(bytes(max(done.place - len(left), 0)))
    left[done.place : done.place + len(done.data)] = done.data


def _sectors(done: Operation) -> Iterator[Operation]:
    """Part a write where sectors of the disk end."""
    at = 0
    while at < len(done.data):
        end = at + SECTOR - (done.place + at) % SECTOR
        yield Operation("write", done.name, done.place + at, done.data[at:end])
        at = end


@attrs.define
class Moment:
    """What the migration has done so far: its files, how many writes it sent, and the last event it had written."""

    files: dict[str, File] = attrs.field(factory=dict)
    sent: int = 0
    committed: tuple[int, str] = (0, "")

    def go(self, done: Operation) -> None:
        """Do one operation more."""
        if done.kind == "send":
            self.sent += _WRITE.match(done.data) is not None
        elif done.kind == "sync folder":
            for file in self.files.values():
                file.named = True
            self.files = {name: file for name, file in self.files.items() if not file.removed}
        elif done.kind == "make":
            self.files.setdefault(done.name, File()).removed = False
        elif done.kind == "remove":
            self.files[done.name].removed = True
        elif done.kind == "sync":
            self.files[done.name].sync()
        else:
            self.files[done.name].since.append(done)
            if done.name.endswith(".head"):
                number, chained = done.data.decode().split()
                self.committed = (int(number), chained)

    def disk(self, way: str, drawn: random.Random) -> dict[str, bytearray]:
        """Return the files that may be there after the power was lost now.

        The index of the log is in memory that processes share: it is gone with the power.
        """
        found = {name: file.after(way, drawn) for name, file in self.files.items() if not name.endswith("-shm")}
        return {name: data for name, data in found.items() if data is not None}


def wrong(moment: Moment, disk: dict[str, bytearray], folder: Path) -> str:
    """Tell what is wrong with what a disk says: nothing, if all is well.

    It can be opened and is whole; every event is there that was written before the power was lost; and there are at
    least as many announcements as writes that left.
    """
    for there in folder.iterdir():
        there.unlink()
    for name, data in disk.items():
        (folder / name).write_bytes(data)
    try:
        book = Book(folder / LEDGER)
    except LeadlensError as error:
        return f"it cannot be opened: {error}"
    try:
        book.store.check()
        events = {number: row for number, _, row in book.history()}
        chained = book.store.some("event", ["hash"], "number = ?", (moment.committed[0],), "number", 1)
    except LeadlensError as error:
        return str(error)
    finally:
        book.close()
    if moment.committed[0] and chained != [(moment.committed[1],)]:
        return f"event {moment.committed[0]} was written, and there are {len(events)}"
    announced = sum(map(_announces, events.values()))
    return f"{moment.sent} writes left, and {announced} are announced" if announced < moment.sent else ""


def _announces(row: dict[str, object]) -> bool:
    return row.get("state") in ("sending", "upserting", "converting")


def tried(done: Sequence[Operation], states: int, folder: Path) -> Iterator[str]:
    """Try so many disks, at all moments in turn, and yield what is wrong with each: mostly nothing."""
    began = next(place for place, one in enumerate(done) if one.kind == "make")
    there = (len(done) - began) * len(WAYS)
    ways, every = WAYS * -(-states // there), max(1, there // states)
    moment, drawn, turn = Moment(), random.Random(states), 0
    for place, one in enumerate(done):
        moment.go(one)
        for way in ways if place >= began else ():
            turn += 1
            if turn % every == 0:
                found = wrong(moment, moment.disk(way, drawn), folder)
                yield f"after operation {place} ({one.kind} {one.name}), {way} kept: {found}" if found else ""


def recorded(folder: Path, conversions: int, before: str = "") -> list[Operation]:
    """Migrate so many conversions, and return what was done."""
    with ground(folder) as made:
        return operations(made.command("--limit", str(conversions), before=before), folder)


def main() -> None:
    """Try disks, and say how many were wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=10_000)
    parser.add_argument("--conversions", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        done = recorded(Path(one), options.conversions)
        found = list(tried(done, options.states, Path(other)))
    bad = [line for line in found if line]
    print(*bad[:20], f"{len(found)} disks after {len(done)} operations: {len(bad)} wrong", sep="\n")


if __name__ == "__main__":
    main()
