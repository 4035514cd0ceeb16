"""An account is archived whole, whenever it is stopped, and what was changed since is refused."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from leadlens import Client, InputError, InvalidRequestError, NotFoundError, Sandbox, UsageError, connect
from leadlens.migrate import archive_files, archive_writing
from leadlens.migrate.archive import Archive
from leadlens.migrate.archive_files import SUMS, read_lines
from leadlens.migrate.archive_writing import IncompleteError, archive
from leadlens.migrate.source import Source
from leadlens.operations import Item, Page

VENDORS = ("base", "copper", "zoho")
RECORDS = ("lead", "contact", "company", "deal")
STORED: dict[str, dict[str, str]] = {
    "base": {
        "lead": "lead", "deal": "deal", "conversion": "conversion", "note": "note", "task": "task", "call": "call",
        "attachment": "document", "user": "user", "pipeline": "pipeline", "stage": "stage",
    },
    "copper": {
        "lead": "lead", "contact": "person", "company": "company", "deal": "opportunity", "note": "activity",
        "task": "task", "project": "project", "attachment": "file", "user": "user", "pipeline": "pipeline",
        "definition": "definition",
    },
    "zoho": {
        "lead": "Leads", "contact": "Contacts", "company": "Accounts", "deal": "Deals", "note": "Notes",
        "task": "Tasks", "call": "Calls", "meeting": "Events", "attachment": "attachment", "user": "user",
        "contact_role": "role",
    },
}  # fmt: skip
"""By kind, what the sandbox's store calls it."""


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as sandbox:
        yield sandbox


@pytest.fixture(scope="module", params=VENDORS)
def kept(request: pytest.FixtureRequest, box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Return the archive of a demo account."""
    place = tmp_path_factory.mktemp("archives") / request.param
    with connect(request.param, sandbox=box) as client:
        archive(client, place, account=request.param)
    return Archive(place)


def stored(box: Sandbox, vendor: str, kind: str) -> dict[str, dict[str, Any]]:
    """Return what the emulated account has of a kind, by id; files of leads that are gone are out of sight."""
    found = {str(number): record for number, record in box.store(vendor).iterate(STORED[vendor][kind])}
    if (vendor, kind) != ("copper", "attachment"):
        return found
    gone = {f"lead {number}" for number, lead in box.store(vendor).iterate("lead") if lead["converted_at"]}
    assert any(file["_parent"] in gone for file in found.values())
    return {number: file for number, file in found.items() if file["_parent"] not in gone}


# --- it is whole -----------------------------------------------------------------------------------------------------


def test_everything_of_the_account_is_there_once(kept: Archive, box: Sandbox) -> None:
    """Each kind has exactly the ids that the account's own store has; each converted lead has its conversion."""
    vendor = kept.adapter.name
    for kind in STORED[vendor]:
        ids = [item.id for item in kept.iter_items(kind)]
        assert sorted(ids) == sorted(stored(box, vendor, kind)), kind
        assert kept.count(kind) == len(ids)
    converted = {str(change.id) for change in box.truth.changes(vendor, what="converted")}
    assert {made.lead_id for made in kept.iter_conversions()} == converted


def test_every_key_that_the_crm_writes_is_kept(kept: Archive, box: Sandbox) -> None:
    """Raw records have every key of the store's, with its value; an address that opens a file lacks its query."""
    vendor = kept.adapter.name
    for kind in STORED[vendor]:
        truth = stored(box, vendor, kind)
        for item in kept.iter_items(kind):
            shown = {key: value for key, value in truth[item.id].items() if key not in UNSEEN and key[0] != "_"}
            if "download_url" in shown:
                assert "?" in shown["download_url"]
                shown["download_url"] = shown["download_url"].partition("?")[0]
            assert {key: item.raw[key] for key in shown} == shown, (kind, item.id)
            assert item.raw.keys() == shown.keys() | {key for key in UNSEEN if key in item.raw} or vendor == "zoho"


UNSEEN = ("overdue", "parent", "groups")
"""What replies say otherwise or not at all: it follows from the time of day, is spelled out, is no part of a list."""
READ_ALONE = {"lead": "Leads", "contact": "Contacts", "company": "Accounts", "deal": "Deals"}


@pytest.mark.parametrize("kept", ["zoho"], indirect=True)
def test_every_field_that_zoho_shows_of_one_record_is_kept(kept: Archive, box: Sandbox) -> None:
    """A record read alone shows no field and no value beyond those of the archive, but for the state of its screens."""
    with connect("zoho", sandbox=box) as client:
        for kind, module in READ_ALONE.items():
            for item in list(kept.iter_items(kind))[::25]:
                path, query = f"/crm/v8/{module}/{item.id}", {"converted": "true"} if kind == "lead" else {}
                reply = client.call("GET", path, query=query)
                if reply.body is None:
                    reply = client.call("GET", path)
                (shown,) = reply.body["data"]
                kept_keys = {key for key in shown if not key.startswith("$") or key in item.raw}
                assert item.raw == {key: shown[key] for key in kept_keys}
                assert {"$converted", "$converted_detail"} <= kept_keys or kind != "lead"


def test_an_archive_answers_as_the_account_does(kept: Archive, box: Sandbox) -> None:
    """Records, conversions, notes, files, choices and counts are the client's own, in the same order."""
    with connect(kept.adapter.name, sandbox=box) as client:
        sources: tuple[Source, Source] = (client, kept)
        live, read = sources
        for kind in RECORDS:
            assert list(read.iter_all(kind)) == list(live.iter_all(kind)), kind
        assert list(read.iter_conversions()) == list(live.iter_conversions())
        assert list(read.iter_notes()) == list(live.iter_notes())
        assert list(read.iter_attachments()) == list(live.iter_attachments())
        for kind in client._operations.choice_kinds:
            assert read.choices(kind) == live.choices(kind)
        for kind in (*live.kinds, "unheard-of"):
            assert read.count(kind) == live.count(kind)
        assert read.kinds == live.kinds
        assert read.catalogue().definitions == live.catalogue().definitions
        assert read.catalogue().choices == live.catalogue().choices
        for kind in RECORDS:
            assert read.definitions(kind) == live.definitions(kind)
        assert read.adapter.full_name == live.adapter.full_name


def test_only_its_owner_may_read_it(kept: Archive) -> None:
    """Files are 0600, the directory 0700, and nothing else is left in it."""
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o700
    for path in kept.path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    wanted = {SUMS, "archive.json", "catalogue.json", *(f"{kind}.jsonl.gz" for kind in kept.kinds)}
    assert {path.name for path in kept.path.iterdir()} == wanted


def test_other_tools_can_check_the_sums(kept: Archive) -> None:
    """``sha256sum --check`` takes the list of checksums."""
    done = subprocess.run(["sha256sum", "--check", SUMS], cwd=kept.path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


# --- it was stopped --------------------------------------------------------------------------------------------------


class StoppedError(Exception):
    """Stands for the end of a process."""


def contents(place: Path) -> dict[str, bytes]:
    """Return the files of records, by name."""
    return {path.name: path.read_bytes() for path in place.glob("*.jsonl.gz")}


@pytest.fixture
def small() -> Iterator[Client]:
    """Return a client of an account of which a few kinds are listed, in pages of a few."""
    with Sandbox(seed=3, vendors=["base"]) as sandbox, connect("base", sandbox=sandbox) as client:
        yield Few(client)  # type: ignore[misc]  # it has what archiving asks of a client


class Few:
    """A client that lists two kinds, in pages of 40."""

    kinds = ("user", "lead")
    unlisted: dict[str, str] = {}  # noqa: RUF012  # nobody changes it

    def __init__(self, client: Client) -> None:
        self.adapter = client.adapter
        self.every = {kind: list(client._items(kind, client.page(kind))) for kind in self.kinds}
        self.total: int | None = None
        self.catalogue = client.catalogue

    def page(self, kind: str, place: str | None = None) -> Page:
        start = int(place or 0)
        found = self.every[kind]
        following = str(start + 40) if start + 40 < len(found) else None
        return Page(tuple(found[start : start + 40]), following, self.total)


def test_wherever_it_is_stopped_it_goes_on_to_the_same_bytes(
    small: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped before or after each step that reaches the disk, the next run ends with the bytes of one that never was.

    No stop leaves what is taken for whole.
    """
    whole = tmp_path / "whole"
    archive(small, whole)
    stops = 0
    for after in (False, True):
        for step in range(1, 1000):
            place = tmp_path / f"{after}-{step}"
            if not stopped_at(step, after, place, small, monkeypatch):
                break
            stops += 1
            with pytest.raises(UsageError, match=r"holds (no archive|only the beginning)"):
                Archive(place)
            archive(small, place)
            assert contents(place) == contents(whole)
            assert Archive(place).count("lead") == 300
    assert stops > 60


def stopped_at(step: int, after: bool, place: Path, client: Client, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Archive until a step reaches the disk; tell whether it was stopped and the archive is not whole."""
    left = step

    def counted(work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0 and not after:
                raise StoppedError
            found = work(*given, **named)
            if left == 0:
                raise StoppedError
            return found

        return call

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", counted(os.fsync))
        patched.setattr(Path, "replace", counted(Path.replace))
        patched.setattr(Path, "unlink", counted(Path.unlink))
        try:
            archive(client, place)
        except StoppedError:
            return not (place / SUMS).exists()
    return False


KILLED = """
import os, signal, sys
from leadlens import Sandbox, connect
from leadlens.migrate.archive_writing import archive
left = int(sys.argv[3])
def told(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
with Sandbox(db=sys.argv[1]) as box, connect("base", sandbox=box) as client:
    archive(client, sys.argv[2], account="base", progress=told)
"""


def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    """Kill -9 in the middle of the leads: the next run fetches the rest, and the bytes are those of one run."""
    box, whole, place = tmp_path / "box.db", tmp_path / "whole", tmp_path / "killed"
    runs = [(whole, 0), (place, 25), (place, 0)]
    codes = [run_killed(box, directory, after) for directory, after in runs]
    assert codes == [0, -signal.SIGKILL, 0]
    assert contents(place) == contents(whole)
    assert len(contents(place)) == 21


def run_killed(box: Path, place: Path, after: int) -> int:
    command = [sys.executable, "-c", KILLED, str(box), str(place), str(after)]
    return subprocess.run(command, check=False, timeout=120).returncode


def test_a_finished_archive_is_not_written_over(small: Client, tmp_path: Path) -> None:
    """Neither a whole archive, nor another account's beginning, nor anything else is touched."""
    archive(small, tmp_path / "a")
    before = contents(tmp_path / "a")
    with pytest.raises(UsageError, match="whole archive"):
        archive(small, tmp_path / "a")
    assert contents(tmp_path / "a") == before
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="not empty"):
        archive(small, tmp_path / "b")
    (tmp_path / "a" / SUMS).rename(tmp_path / "a" / "away")
    (tmp_path / "a" / "archive.json").rename(tmp_path / "a" / "state.json")
    with pytest.raises(UsageError, match="another archive"):
        archive(small, tmp_path / "a", account="other")


def test_two_runs_do_not_share_a_directory(small: Client, tmp_path: Path) -> None:
    """A second run is refused while the first one is at work."""

    def again(*_: object) -> None:
        with pytest.raises(UsageError, match="another run"):
            archive(small, tmp_path / "a")

    archive(small, tmp_path / "a", progress=again)


def test_a_damaged_beginning_is_fetched_anew(small: Client, tmp_path: Path) -> None:
    """A part that was changed or cut while nobody was at work is not built upon."""
    whole = tmp_path / "whole"
    archive(small, whole)
    flipped: tuple[Callable[[bytes], bytes], ...] = (
        lambda data: data[:-1],
        lambda data: data[:900] + bytes([data[900] ^ 1]) + data[901:],
    )
    for place, spoil in zip((tmp_path / "a", tmp_path / "b"), flipped, strict=True):
        with pytest.raises(StoppedError):
            archive(small, place, progress=stop_at(("lead", 120)))
        part = place / "lead.jsonl.gz.part"
        part.write_bytes(spoil(part.read_bytes()))
        archive(small, place)
        assert contents(place) == contents(whole)


def test_a_place_that_the_crm_has_forgotten_is_reached_anew(small: Any, tmp_path: Path) -> None:
    """Where the CRM takes the place of the last page no more, the listing begins anew and nothing is doubled."""
    with pytest.raises(StoppedError):
        archive(small, tmp_path / "a", progress=stop_at(("lead", 120)))
    page, asked = small.page, []

    def forgetful(kind: str, place: str | None = None) -> Page:
        asked.append(place)
        if len(asked) == 1:
            raise InvalidRequestError("base", status=400, code="invalid_param")
        found: Page = page(kind, place)
        return found

    small.page = forgetful
    archive(small, tmp_path / "a")
    assert asked[:2] == ["120", None]
    assert [item.id for item in Archive(tmp_path / "a").iter_items("lead")] == [i.id for i in small.every["lead"]]


def test_a_refusal_is_no_forgotten_place(small: Any, tmp_path: Path) -> None:
    """What the CRM refuses at the first page is raised."""

    def refusing(kind: str, place: str | None = None) -> Page:
        raise InvalidRequestError("base", status=400)

    small.page = refusing
    with pytest.raises(InvalidRequestError):
        archive(small, tmp_path / "a")


def test_a_state_that_no_run_wrote_is_refused(small: Client, tmp_path: Path) -> None:
    """A state file that is something else is named with the path inside."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "state.json").write_text('{"format": 5}')
    with pytest.raises(InputError, match=r"state\.json, "):
        archive(small, tmp_path / "a")


def stop_at(wanted: tuple[str, int]) -> Callable[[str, int, int | None], None]:
    def told(kind: str, records: int, _: int | None) -> None:
        if (kind, records) == wanted:
            raise StoppedError

    return told


# --- it is complete --------------------------------------------------------------------------------------------------


def test_what_came_in_the_meantime_is_fetched(small: Any, tmp_path: Path) -> None:
    """A record that is made while the account is listed is in the archive; one that went is told."""
    first = small.every["lead"][0]

    def told(kind: str, records: int, _: int | None) -> None:
        if (kind, records) == ("lead", 300) and small.every["lead"][0] is first:
            small.every["lead"] = [*small.every["lead"][1:], Item("9000", {"id": 9000}, first.neutral)]

    made = archive(small, tmp_path / "a", progress=told)
    assert (made.kinds["lead"].records, made.kinds["lead"].gone) == (301, 1)
    assert [item.id for item in Archive(tmp_path / "a").iter_items("lead")][-1] == "9000"


def test_a_total_is_believed_where_it_is_met(small: Any, tmp_path: Path) -> None:
    """Where the CRM's total is what was fetched there is no second listing; a total that is missed leads to one."""
    small.total = 300
    made = archive(small, tmp_path / "a")
    assert {kind: kept.checked for kind, kept in made.kinds.items()} == {"user": "second listing", "lead": "total"}


def test_an_account_that_never_stands_still_is_told(small: Any, tmp_path: Path) -> None:
    """When every listing brings something new, nothing is called whole."""
    number = iter(range(10_000, 20_000))

    def told(kind: str, *_: object) -> None:
        if kind == "lead":
            small.every["lead"].append(Item(str(next(number)), {}, None))

    with pytest.raises(IncompleteError, match="lead"):
        archive(small, tmp_path / "a", progress=told)
    assert not (tmp_path / "a" / SUMS).exists()


def test_kinds_can_be_left_out(small: Client, tmp_path: Path) -> None:
    """What nobody wants is not fetched, and the archive says so; a kind that is none is refused."""
    made = archive(small, tmp_path / "a", without=["user"])
    assert (tuple(made.kinds), made.left_out) == (("lead",), ("user",))
    with pytest.raises(UsageError, match="'users'; there are user, lead"):
        archive(small, tmp_path / "b", without=["users"])


# --- it was changed --------------------------------------------------------------------------------------------------


@pytest.fixture
def two(small: Client, tmp_path: Path) -> Path:
    archive(small, tmp_path / "two")
    return tmp_path / "two"


def test_any_flipped_byte_is_refused(two: Path) -> None:
    """Whichever byte of whichever file is changed, the archive is refused by the name of the file."""
    for name in ("user.jsonl.gz", "archive.json", SUMS):
        path = two / name
        good = path.read_bytes()
        for place in range(0, len(good), 7):
            path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
            with pytest.raises((InputError, UsageError)) as refused:
                Archive(two)
            assert name in str(refused.value) or name == SUMS
        path.write_bytes(good)
    assert Archive(two).count("user") == 5


def test_a_changed_record_is_named_by_its_line(two: Path) -> None:
    """A changed value is refused with the file and the line, also where the compression is whole."""
    path = two / "lead.jsonl.gz"
    lines = [json.dumps(line) for _, line in read_lines(path)]
    assert len(lines) == 300
    raw = [archive_files.line_of(str(at), {}, None) for at in range(300)]
    raw[136] = raw[136].replace(b'"136"', b'"137"')
    path.write_bytes(archive_files.page_of(raw))
    with pytest.raises(InputError, match=r"^lead\.jsonl\.gz, line 137: expected the bytes that were archived"):
        Archive(two)


def test_a_byte_flipped_in_the_compression_is_named_by_a_line(two: Path) -> None:
    """The line is the first that does not read as it was written."""
    path = two / "lead.jsonl.gz"
    good = path.read_bytes()
    before = [line for _, line in read_lines(path)]
    for place in range(1000, len(good) - 8, 1777):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x10]) + good[place + 1 :])
        with pytest.raises(InputError) as refused:
            Archive(two)
        named = int(refused.value.path.removeprefix("lead.jsonl.gz, line "))
        read: list[Any] = []
        with pytest.raises(InputError):
            read.extend(line for _, line in read_lines(path))
        assert before[: named - 1][: len(read)] == read
        assert 1 <= named <= 300


def test_records_are_found_by_their_ids(kept: Archive) -> None:
    """Any record is had by its id, whichever page of the file it is on; one that is not there is not found."""
    for kind in RECORDS:
        every = list(kept.iter_all(kind))
        assert [kept.get(kind, one.id or "") for one in every[::7]] == every[::7]
        with pytest.raises(NotFoundError):
            kept.get(kind, "0")
    with pytest.raises(UsageError, match="no records"):
        kept.get("user", "1")


def test_a_missing_file_is_named(two: Path) -> None:
    """An archive that lacks a file is none."""
    (two / "user.jsonl.gz").unlink()
    with pytest.raises(InputError, match=r"user\.jsonl\.gz: expected a file"):
        Archive(two)


def test_an_archive_of_another_version_is_refused(two: Path) -> None:
    """A format that this leadlens does not know is said, not guessed at."""
    told = (two / "archive.json").read_bytes().replace(b"leadlens-archive-1", b"leadlens-archive-9")
    (two / "archive.json").write_bytes(told)
    names = [line.split("  ")[1] for line in (two / SUMS).read_text().splitlines()]
    (two / SUMS).write_bytes(archive_files.sums_of(two, names))
    with pytest.raises(InputError, match=r"archive\.json, \$\.format"):
        Archive(two)


def test_what_cannot_be_read_is_kept_and_told(small: Any, tmp_path: Path) -> None:
    """A record that the mapping cannot read stops no archive; reading it names the file and line."""
    small.every["lead"][2] = Item("odd", {"id": "odd", "first_name": 5}, None)
    made = archive(small, tmp_path / "a")
    assert made.kinds["lead"].unread == 1
    kept = Archive(tmp_path / "a")
    assert [item.raw for item in kept.iter_items("lead")][2] == {"id": "odd", "first_name": 5}
    with pytest.raises(InputError, match=r"lead\.jsonl\.gz, line 3: \$\.first_name"):
        list(kept.iter_all("lead"))
    with pytest.raises(InputError, match=r"lead\.jsonl\.gz, line 3: expected what leadlens could read"):
        kept.choices("lead")


def test_questions_that_have_no_answer_are_said(two: Path) -> None:
    """A kind that is not there, or that is no record or choice, is a wrong question."""
    kept = Archive(two)
    assert repr(kept).startswith("<leadlens archive of Base (Zendesk Sell), 20")
    with pytest.raises(UsageError, match="no 'deal'"):
        list(kept.iter_all("deal"))
    with pytest.raises(UsageError, match="no records of the kind 'user'"):
        list(kept.iter_all("user"))
    with pytest.raises(UsageError, match="do not point to a 'lead'"):
        kept.choices("lead")
    with pytest.raises(UsageError, match="no records of the kind 'user'"):
        kept.definitions("user")
    assert kept.unlisted == {}
    with pytest.raises(UsageError, match="holds no archive"):
        Archive(two.parent)


def test_the_listings_are_a_few() -> None:
    """The bound on listings is what the error says."""
    assert archive_writing._LISTINGS == 4
