"""The parts of the kit on their own: clock, store, truth log, limits, routes, checks, switches."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from leadlens.emulation.checking import flag, integer, many, maybe, number, problems, text
from leadlens.emulation.clock import START, RealClock, VirtualClock, iso_offset, iso_utc
from leadlens.emulation.database import Database
from leadlens.emulation.limits import Limit, Meter
from leadlens.emulation.messages import Reply
from leadlens.emulation.routing import Route, RouteTable
from leadlens.emulation.store import Ids, Layout, Store
from leadlens.errors import UnknownAdapterError, UsageError
from leadlens.sandbox import Sandbox, finding

LAYOUT = Layout(
    {"lead": Ids(100), "deal": Ids(5, 2, "shared"), "task": Ids(5, 2, "shared")},
    {"lead": {"mail": lambda r: [r["mail"]]}},
)


def store() -> Store:
    return Store(Database(), "acme", LAYOUT)


def test_a_virtual_clock_moves_by_steps_and_by_hand() -> None:
    """Each call takes one step; time never goes back."""
    clock = VirtualClock()
    assert (clock.now(), clock.tick()) == (START, START + 1)
    clock.advance(60)
    assert iso_utc(clock.now()) == "2026-01-05T09:01:01Z"
    assert iso_offset(clock.now()) == "2026-01-05T09:01:01+00:00"
    with pytest.raises(ValueError, match="go back"):
        clock.advance(-1)


def test_the_real_clock_is_the_machines() -> None:
    """It moves by itself, and lies after this was written."""
    assert RealClock().tick() > START - 1e9


def test_records_are_kept_by_kind_and_id() -> None:
    """A record that was read is a copy: changing it changes nothing until it is written."""
    db = store()
    number_ = db.next_id("lead")
    db.create("lead", number_, {"mail": "a"})
    read = db.get("lead", number_)
    assert read is not None
    read["mail"] = "b"
    assert db.get("lead", number_) == {"mail": "a"}
    db.replace("lead", number_, read)
    assert db.find("lead", "mail", "a") == []
    assert db.find("lead", "mail", "b") == [(100, {"mail": "b"})]


def test_ids_are_never_used_again() -> None:
    """Neither after a deletion, nor when a caller brings an id of its own."""
    db = store()
    db.create("lead", 105, {"mail": "a"})
    db.delete("lead", 105)
    assert db.get("lead", 105) is None
    assert db.was("lead", 105) == {"mail": "a"}
    assert db.next_id("lead") == 106
    with pytest.raises(KeyError, match="used before"):
        db.create("lead", 105, {"mail": "a"})
    with pytest.raises(KeyError, match="no lead 105"):
        db.replace("lead", 105, {"mail": "a"})
    with pytest.raises(KeyError, match="no lead 7"):
        db.delete("lead", 7)


def test_kinds_may_share_a_series() -> None:
    """Zoho numbers all records of an account from one series."""
    db = store()
    assert [db.next_id(kind) for kind in ("deal", "task", "deal")] == [5, 7, 9]


def test_records_come_in_the_order_of_their_ids() -> None:
    """Deleted ones are not among them."""
    db = store()
    for mail in "abc":
        db.create("lead", db.next_id("lead"), {"mail": mail})
    db.delete("lead", 101)
    assert [number_ for number_, _ in db.iterate("lead")] == [100, 102]
    assert [number_ for number_, _ in db.iterate("lead", newest_first=True)] == [102, 100]
    assert db.count("lead") == 2


def test_an_id_of_more_than_64_bits_is_nobodys() -> None:
    """It does not break the look-up."""
    assert store().get("lead", 10**30) is None


def test_a_transaction_commits_wholly_or_not_at_all() -> None:
    """What a failing call wrote is gone, its changes too; a failing attempt inside undoes itself only."""
    db = store()
    with contextlib.suppress(ZeroDivisionError), db.database.transaction(1, 1.0):
        db.create("lead", 100, {"mail": "a"})
        raise ZeroDivisionError
    assert db.count("lead") == 0
    assert db.database.all("SELECT * FROM changes") == []
    with db.database.transaction(2, 2.0):
        db.create("lead", 100, {"mail": "a"})
        with contextlib.suppress(ZeroDivisionError), db.attempt():
            db.create("lead", 101, {"mail": "b"})
            raise ZeroDivisionError
    assert [number_ for number_, _ in db.iterate("lead")] == [100]


def test_a_store_of_the_past_sees_what_was_there_then() -> None:
    """That is what a search sees that lags behind; it writes nothing."""
    db = store()
    with db.database.transaction(1, 10.0):
        db.create("lead", 100, {"mail": "a"})
    with db.database.transaction(2, 20.0):
        db.replace("lead", 100, {"mail": "b"})
    with db.database.transaction(3, 30.0):
        db.delete("lead", 100)
    past = [Store(db.database, "acme", LAYOUT, at) for at in (5.0, 15.0, 25.0, 35.0)]
    assert [then.get("lead", 100) for then in past] == [None, {"mail": "a"}, {"mail": "b"}, None]
    assert [then.count("lead") for then in past] == [0, 1, 1, 0]
    assert past[2].find("lead", "mail", "b") == [(100, {"mail": "b"})]
    assert [n for n, _ in past[2].iterate("lead", newest_first=True)] == [100]
    with pytest.raises(AssertionError, match="writes nothing"):
        past[1].delete("lead", 100)


def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """It is left as it is."""
    other = tmp_path / "notes.txt"
    other.write_text("not a database, but long enough to be taken for one" * 10)
    with pytest.raises(UsageError, match="no database of a sandbox"):
        Database(other)
    assert other.read_text().startswith("not a database")


def test_limits_are_rolling_windows() -> None:
    """A call is let through when the oldest one has left the window; a dear one counts as several."""
    meter = Meter(Limit(3, 60))
    assert [meter.wait("", 1, at, 1) for at in (0.0, 10.0, 20.0, 30.0, 60.0)] == [None, None, None, 30.0, None]
    assert meter.wait("", 2, 61.0, 1) == 9.0
    assert meter.wait("other", 3, 61.0, 1) is None


def test_a_limit_without_a_window_is_of_calls_at_the_same_time() -> None:
    """Zoho limits concurrency."""
    meter = Meter(Limit(2, 0))
    assert [meter.wait("", 1, 0.0, running) for running in (1, 2, 3)] == [None, None, 0.0]


def _nothing(*_: object) -> Reply:
    return Reply()


def test_the_more_literal_route_is_taken() -> None:
    """``/leads/upsert`` is no id; parts may say what they take."""
    table = RouteTable(
        [
            Route("GET", "/leads/{id}", "get", _nothing),
            Route("GET", "/leads/upsert", "upsert", _nothing),
            Route("PUT", "/{v:v2|v2\\.1}/{id:[0-9]{1,3}}", "put", _nothing),
        ]
    )
    found = [table.find("GET", "/leads/upsert"), table.find("GET", "/leads/7"), table.find("PUT", "/v2.1/12")]
    assert [(one[0].operation, one[1]) for one in found if isinstance(one, tuple)] == [
        ("upsert", {}),
        ("get", {"id": "7"}),
        ("put", {"v": "v2.1", "id": "12"}),
    ]
    assert table.find("POST", "/leads/7") == ["GET"]
    assert table.find("PUT", "/v2x1/1234") == []


def test_problems_name_each_key_that_does_not_fit() -> None:
    """Unknown, of another type, missing; a flag is no number, and a list may be where a text belongs."""
    fields = {"a": text, "b": maybe(integer), "c": many(number), "d": flag}
    found = problems({"a": ["x"], "b": None, "c": [1, 2.5, True], "d": 1, "e": 0}, fields, ("a", "f"))
    assert [(p.key, p.reason) for p in found] == [
        ("a", "type"),
        ("c", "type"),
        ("d", "type"),
        ("e", "unknown"),
        ("f", "missing"),
    ]


def test_tokens_differ_by_call_and_purpose_and_repeat_with_the_run() -> None:
    """They stand for everything that looks random in a reply."""
    with Sandbox(data="empty") as one, Sandbox(data="empty") as same, Sandbox(8, data="empty") as other:
        worlds = [box.engine.world(box.vendors["base"], at, 0.0) for box in (one, same, other) for at in (1, 2)]
        tokens = [world.token("a") for world in worlds]
        assert tokens[:2] == tokens[2:4]
        assert len({*tokens, worlds[0].token("b")}) == 5


def test_a_wrong_name_is_answered_with_the_right_one() -> None:
    """Vendors, switches, their options and versions all suggest what may be meant."""
    with pytest.raises(UnknownAdapterError, match="did you mean 'copper'"):
        finding.get("coper")
    for switches, said in (
        ({"copper.second_convrt": "404"}, "did you mean 'second_convert'"),
        ({"copper.second_convert": "405"}, "did you mean '404'"),
        ({"second_convert": "404"}, "VENDOR.SWITCH"),
    ):
        with pytest.raises(UsageError, match=said):
            Sandbox(switches=switches)
    with pytest.raises(UsageError, match="'demo' or 'empty'"):
        Sandbox(data="full")  # type: ignore[arg-type]  # the point of the test
    with Sandbox() as sandbox, pytest.raises(UsageError, match="no version 'v9'"):
        sandbox.url("zoho@v9")


@pytest.mark.parametrize("name", ["copper", "zoho", "base"])
def test_every_vendors_switches_default_to_one_of_their_options(name: str) -> None:
    """And every operation has a name of its own, for faults and the truth log."""
    vendor = finding.get(name)
    assert [s.name for s in vendor.switches if s.default not in s.options] == []
    operations = [route.operation for route in vendor.routes]
    assert len(operations) == len(set(operations))
