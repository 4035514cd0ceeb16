"""What an adapter must do with records: write, find and list each once, change only what is said, take it away."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import attrs

from leadlens.adapter import RECORDS
from leadlens.client import Client
from leadlens.conversion import MatchKey, UpsertRequest
from leadlens.errors import LeadlensError, NotFoundError
from leadlens.loss import Loss, covers
from leadlens.model import About, Note, as_mapping
from leadlens.operations import Item, Query
from leadlens.testing.compare import difference, read_only, within
from leadlens.testing.specimens import CHANGES, OTHERS, written
from leadlens.testing.subject import Scene, Subject

PAGES = 2
"""Lists are tried with more records than fit on so many pages."""
_MOST = 600


# --- one record ------------------------------------------------------------------------------------------------------


def records_arrive(subject: Subject) -> Iterator[str]:
    """What is written is there when it is read back, or was said to be lost before."""
    for kind in RECORDS:
        with subject.kept() as scene:
            record, made, losses = written(scene.client, kind)
            if made.id is None:
                yield f"writing a {kind} tells no id"
                continue
            found = scene.client.get(kind, made.id)
            yield from (f"a new {kind}: {told}" for told in missing(record, found, losses))
            if found.id != made.id:
                yield f"asked for {kind} {made.id}, get returns {kind} {found.id}"
            yield from scene.audit()


def missing(said: Any, found: Any, losses: tuple[Loss, ...]) -> Iterator[str]:
    """Yield what was said and is not found, and that no loss has told before."""
    if said.__class__ is not found.__class__:
        yield f"it is read back as a {found.__class__.__name__}"
        return
    given = as_mapping(said)
    bare = attrs.evolve(said, **{name: getattr(found, name) for name in given})
    for path in difference(said, bare):
        if not any(covers(loss.path.removeprefix("record."), path) for loss in losses):
            yield f"{path} was written and does not come back, and no loss says so"


def updates_change_what_they_say(subject: Subject) -> Iterator[str]:
    """An update changes what it says and nothing else."""
    for kind in RECORDS:
        with subject.kept() as scene:
            update = scene.client.operations.update
            if update is None:
                return
            _, made, _ = written(scene.client, kind)
            before = scene.client.get(kind, made.id or "")
            change = before.__class__(**CHANGES[kind])
            planned = update(made.id or "", change)
            try:
                scene.client.driver.run(planned.flow)
            except LeadlensError as error:
                yield f"an update of the {', '.join(CHANGES[kind])} of a {kind} is refused: {error}"
                continue
            after = scene.client.get(kind, made.id or "")
            yield from (f"an update of a {kind}: {told}" for told in missing(change, after, planned.losses))
            own = read_only(scene.client.adapter.crosswalk(kind)) | set(CHANGES[kind])
            own -= {"id", "created_at", "created_by"}
            for path in difference(before, after):
                if not within(path, own):
                    yield f"an update of the {', '.join(CHANGES[kind])} of a {kind} changed its {path}"
            yield from scene.audit()


def upserts_find_their_record(subject: Subject) -> Iterator[str]:
    """An upsert makes a record once, and then finds it."""
    for kind in ("lead", "contact"):
        with subject.kept() as scene:
            client = scene.client
            record, first, _ = written(client, kind)
            changed = attrs.evolve(record, **CHANGES[kind])
            request = UpsertRequest(record=changed, match=(MatchKey(field="email"),))
            losses = client.plan_upsert(request).losses
            second = client.upsert(request, on_loss="report")
            if second.id != first.id:
                yield f"an upsert of a {kind} by e-mail made another record ({second.outcome}) of one that was there"
                continue
            if second.outcome == "created":
                yield f"an upsert of a {kind} that was there says that it was created"
            found = client.get(kind, first.id or "")
            yield from (f"an upsert of a {kind}: {told}" for told in missing(changed, found, losses))
            fresh = UpsertRequest(record=attrs.evolve(record, **OTHERS[kind]), match=(MatchKey(field="email"),))
            third = client.upsert(fresh, on_loss="report")
            if third.id == first.id or third.outcome == "updated":
                yield f"an upsert of a {kind} with a new e-mail address says {third.outcome}, of {kind} {third.id}"
            yield from scene.audit()


def searches_are_exact(subject: Subject) -> Iterator[str]:
    """A search finds what meets its conditions, all of that, and nothing else."""
    for kind in ("lead", "contact"):
        with subject.kept() as scene:
            client = scene.client
            record, made, _ = written(client, kind)
            other = written(client, kind, **OTHERS[kind])[1]
            address = record.emails[0].address  # type: ignore[union-attr]  # leads and contacts have some
            asked = {
                "its id": Query(ids=(made.id or "",)),
                "its e-mail address": Query(email=address),
                "its e-mail address in capitals": Query(email=(address or "").upper()),
                "its name": Query(name="Ada Lovelace"),
            }
            for what, query in asked.items():
                found = [one.id for one in client.search(kind, query).items]
                if found != [made.id]:
                    told = "finds others as well" if made.id in found else "does not find it"
                    yield f"a search for a {kind} by {what} {told}: {len(found)} found, of 2 that are there"
            if not {made.id, other.id} <= {one.id for one in client.iter_records(kind)}:
                yield f"a search for every {kind} does not find all"
            if client.search(kind, Query(email="nobody@suite.example")).items:
                yield f"a search for a {kind} by an e-mail address that nobody has finds somebody"
            yield from scene.audit()


def removals_take_away(subject: Subject) -> Iterator[str]:
    """What was deleted is gone; what is not there is said to be not there, by every flow that names it."""
    for kind in RECORDS:
        with subject.kept() as scene:
            client = scene.client
            _, made, _ = written(client, kind)
            _, kept, _ = written(client, kind, **OTHERS[kind])
            client.delete(kind, made.id or "")
            for what, flow in (("get", client.get), ("delete", client.delete)):
                try:
                    flow(kind, made.id or "")
                except NotFoundError:
                    continue
                except LeadlensError as error:
                    yield f"{what} of a {kind} that was deleted raises {type(error).__name__}, not NotFoundError"
                    continue
                yield f"{what} of a {kind} that was deleted does not raise NotFoundError"
            if client.get(kind, kept.id or "").id != kept.id:
                yield f"deleting one {kind} took another away"
            yield from scene.audit()


# --- lists -----------------------------------------------------------------------------------------------------------


def lists_are_whole(subject: Subject) -> Iterator[str]:
    """Every list shows each record once, over all its pages."""
    for kind in RECORDS:
        with subject.kept() as scene:
            client = scene.client
            wanted = _many(scene, kind)
            yield from uneven(f"iter_records({kind!r})", wanted, _some(client.iter_records(kind), wanted))
            if kind in client.kinds:
                items, told = _pages(client, kind)
                found = [*told, *uneven(f"iter_all({kind!r})", wanted, [item.id for item in items])]
                yield from found
                if not found and client.count(kind) != len(wanted):
                    yield f"count({kind!r}) is {client.count(kind)}, and there are {len(wanted)}"
            yield from scene.audit()


def _many(scene: Scene, kind: str) -> list[str]:
    """Return the ids of more records of a kind than fit on a few pages: the first is written, the others are copies."""
    client = scene.client
    before = {one.id for one in client.iter_records(kind)}
    _, made, _ = written(client, kind)
    change = scene.last(made.id)
    ids = [*(one for one in before if one is not None), made.id or ""]
    while client.search(kind, Query()).next is None and len(ids) < _MOST:
        ids += copies(scene, change.kind, change.record or {}, 50)
    return ids + copies(scene, change.kind, change.record or {}, (PAGES - 1) * len(ids) + 1)


def _some(listed: Iterator[Any], wanted: list[str]) -> list[str | None]:
    """Return the ids that are listed; of a list that does not end, twice as many as there are."""
    return [one.id for one in itertools.islice(listed, 2 * len(wanted))]


def copies(scene: Scene, kind: str, record: dict[str, Any], count: int) -> list[str]:
    """Put copies of a record of the sandbox's into it, each with an id of its own; return the ids."""
    made = []
    with scene.sandbox.world(scene.name) as world:
        for _ in range(count):
            number = world.store.next_id(kind)
            own = {"id": type(record["id"])(number)} if "id" in record else {}
            world.store.create(kind, number, {**record, **own})
            made.append(str(number))
    return made


def uneven(what: str, wanted: list[str], found: list[str | None]) -> Iterator[str]:
    """Yield what a list leaves out, shows twice or makes up."""
    counts = Counter(found)
    left_out = [number for number, one in enumerate(sorted(wanted, key=_in_order), 1) if one not in counts]
    twice = [one for one, times in counts.items() if times > 1]
    if left_out:
        runs = sum(1 for a, b in itertools.pairwise(left_out) if b != a + 1) + 1
        yield (
            f"{what} leaves out {len(left_out)} of {len(wanted)} records, in {runs} run(s) from number {left_out[0]} "
            f"to {left_out[-1]}: a page is skipped, or the list ends too early"
        )
    if twice:
        yield f"{what} shows {len(twice)} of {len(wanted)} records more than once: pages overlap"
    if extra := counts.keys() - set(wanted):
        yield f"{what} shows {len(extra)} records that are not there or of another kind"


def _in_order(identity: str) -> tuple[int, str]:
    return len(identity), identity


# --- what the account has --------------------------------------------------------------------------------------------


def accounts_are_told(subject: Subject) -> Iterator[str]:
    """Choices and definitions are of the kind that was asked for, each once, and every kind that is named is there."""
    with subject.scene(data="demo") as scene:
        client = scene.client
        for kind in client.operations.choice_kinds:
            found = client.choices(kind)
            if any(choice.kind != kind for choice in found):
                yield f"choices({kind!r}) gives choices of another kind"
            if any(choice.ref.id is None and choice.ref.name is None for choice in found):
                yield f"choices({kind!r}) gives a choice without id and name"
            refs = Counter((choice.ref.id, choice.ref.name, choice.within) for choice in found)
            if refs and max(refs.values()) > 1:
                yield f"choices({kind!r}) gives one choice twice"
        for kind in RECORDS:
            definitions = client.definitions(kind)
            if any(one.kind != kind for one in definitions):
                yield f"definitions({kind!r}) gives fields of another kind"
            if len({one.key for one in definitions}) != len(definitions):
                yield f"definitions({kind!r}) gives one key twice"
        yield from (
            f"the kind {kind!r} is both listed and unlisted" for kind in client.kinds if kind in client.unlisted
        )
        yield from _listed(scene)
        yield from scene.audit()


def _pages(client: Client, kind: str) -> tuple[list[Item], list[str]]:
    """Return all of a kind, page by page, and what is wrong with the pages; a list that does not end is left."""
    items, places = list[Item](), list[str | None]([None])
    while True:
        page = client.page(kind, places[-1])
        items += page.items
        if page.next is None:
            return items, []
        if page.next in places:
            return items, [f"the list of every {kind!r} goes round in circles: a page names one before it as its next"]
        places.append(page.next)


def _listed(scene: Scene) -> Iterator[str]:
    client = scene.client
    for kind in client.kinds:
        items, told = _pages(client, kind)
        yield from told
        if twice := len(items) - len({item.id for item in items}):
            yield f"every {kind!r} is listed with ids that are not its own: {twice} are there twice"
        unread = [item.id for item in items if item.neutral is None and kind in RECORDS]
        yield from (f"{kind} {one} of the demo data cannot be read" for one in unread[:3])


def notes_arrive(subject: Subject) -> Iterator[str]:
    """A note is on the record that it is about, and on no other."""
    for kind in RECORDS:
        with subject.kept() as scene:
            client = scene.client
            if client.operations.create_note is None or client.operations.notes_of is None:
                return
            about, other = written(client, kind)[1], written(client, kind, **OTHERS[kind])[1]
            note = Note(text="she called back", about=About(kind=kind, id=about.id))
            made = client.create_note(note, on_loss="report")
            there = [one.text for one in client.iter_notes_of(kind, about.id or "")]
            if there != [note.text] or made.text != note.text:
                yield f"a note on a {kind} does not come back: {len(there)} notes are there"
            if list(client.iter_notes_of(kind, other.id or "")):
                yield f"a note on one {kind} is told of another too"
            yield from scene.audit()
