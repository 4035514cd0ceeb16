"""The fault plan and the truth log: what the client sees, and what was really committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.contracts import check_reply

from leadlens.emulation.clock import VirtualClock
from leadlens.emulation.faults import KINDS, Fault, FaultPlan, Faults, read_plan
from leadlens.emulation.limits import Limit
from leadlens.errors import UsageError
from leadlens.sandbox import Sandbox

CONVERT = "base.convert_lead"
GONE = requests.exceptions.ConnectionError


def sandbox(*faults: Fault, **more: Any) -> Sandbox:
    return Sandbox(faults=list(faults), vendors=["base", "copper", "zoho"], **more)


def convert(made: Sandbox, **more: Any) -> requests.Response:
    body = {"data": {"lead_id": 1}}
    return made.session("base").post(made.url("base", "/lead_conversions"), json=body, **more)


def conversions(made: Sandbox) -> int:
    return created(made, "conversion")


def created(made: Sandbox, kind: str) -> int:
    """Count what calls made, not what was there from the beginning."""
    return sum(change.sequence > 0 for change in made.truth.changes("base", kind, "created"))


@pytest.mark.parametrize(
    ("what", "error", "committed"),
    [
        ("refused", GONE, 0),
        ("dns", GONE, 0),
        ("tls", requests.exceptions.SSLError, 0),
        ("lost", requests.exceptions.ReadTimeout, 0),
        ("timeout", requests.exceptions.ReadTimeout, 1),
        ("reset", GONE, 1),
        ("fin", requests.exceptions.ChunkedEncodingError, 1),
    ],
)
def test_a_broken_connection_raises_what_requests_raises(what: str, error: type[Exception], committed: int) -> None:
    """The truth log alone tells whether the call was carried out."""
    with sandbox(Fault(what=what, operation=CONVERT)) as made:
        with pytest.raises(error):
            convert(made, timeout=30)
        assert conversions(made) == committed
        entry = made.truth.entries()[-1]
        assert (entry.operation, entry.fault, entry.status) == (CONVERT, what, 200 if committed else None)


def test_a_timeout_takes_the_time_that_the_client_waits() -> None:
    """On a virtual clock, without waiting."""
    with sandbox(Fault(what="timeout", seconds=600)) as made:
        before = made.clock.now()
        with pytest.raises(requests.exceptions.ReadTimeout):
            convert(made, timeout=(3, 30))
        assert made.clock.now() == before + 31


@pytest.mark.parametrize(
    ("what", "status", "committed"),
    [
        ("401", 401, 0),
        ("429", 429, 0),
        ("503", 503, 0),
        ("500", 500, 1),
        ("502", 502, 1),
        ("redirect", 307, 1),
        ("202", 202, 1),
    ],
)
def test_another_reply_comes_before_or_after_the_commit(what: str, status: int, committed: int) -> None:
    """Each has its usual place, and the plan may say otherwise."""
    with sandbox(Fault(what=what, operation=CONVERT)) as made:
        assert convert(made, allow_redirects=False).status_code == status
        assert conversions(made) == committed
    if what != "202":
        with sandbox(Fault(what=what, when="before" if committed else "after")) as made:
            assert convert(made, allow_redirects=False).status_code == status
            assert conversions(made) == 1 - committed


def test_a_redirect_that_is_followed_reaches_nothing() -> None:
    """The transport knows one place only."""
    with sandbox(Fault(what="redirect")) as made, pytest.raises(GONE, match=r"reaches https://sandbox\.invalid only"):
        convert(made)


@pytest.mark.parametrize(
    ("retry_after", "header"),
    [(None, None), ("30", "30"), ("0", "0"), ("-5", "-5"), ("99999999999", "99999999999"), ("soon", "soon"),
     ("date", "Mon, 05 Jan 2026 09:00:31 GMT")],
)  # fmt: skip
def test_429_has_the_vendors_dress_and_the_plans_retry_after(retry_after: str | None, header: str | None) -> None:
    """Seconds, a date, and nonsense."""
    with sandbox(Fault(what="429", retry_after=retry_after, seconds=30)) as made:
        reply = convert(made)
        assert reply.headers.get("Retry-After") == header
        assert reply.json()["errors"][0]["error"]["code"] == "rate_limit_exceeded"
        zoho = made.session("zoho").get(made.url("zoho", "/Leads/1"))
        assert (zoho.status_code, zoho.json()["code"]) == (429, "TOO_MANY_REQUESTS")
        copper = made.session("copper").get(made.url("copper", "/leads/1"))
        assert (copper.status_code, copper.json()["success"]) == (429, False)


@pytest.mark.parametrize(
    ("what", "vendor", "path"),
    [
        *((what, "copper", "/leads/8894157") for what in ("401", "429")),
        *((what, "zoho", "/Leads/3652397000007566544") for what in ("401", "429", "500")),
        *((what, "base", "/leads/1") for what in ("401", "429", "500", "503")),
    ],
)
def test_a_refusal_in_the_vendors_name_fits_its_contract(what: str, vendor: str, path: str) -> None:
    """Where the contract documents the status."""
    with sandbox(Fault(what=what)) as made:
        reply = made.session(vendor).get(made.url(vendor, path))
        full = made.url(vendor, path).removeprefix(made.root(vendor))
        assert reply.status_code == int(what)
        assert check_reply(vendor, "GET", full, reply.status_code, reply.json()) == []


def test_bases_429_may_come_as_a_404() -> None:
    """About ``/429.json``, as clients have seen it."""
    with sandbox(Fault(what="429", dress="404")) as made:
        reply = convert(made)
        assert (reply.status_code, "/429.json" in reply.text) == (404, True)


def test_a_truncated_reply_is_whole_http_and_half_json() -> None:
    """The call was carried out."""
    with sandbox(Fault(what="truncated")) as made:
        reply = convert(made)
        assert reply.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            json.loads(reply.content)
        assert conversions(made) == 1


def test_invalid_utf8_cannot_be_decoded() -> None:
    """One byte that UTF-8 never has."""
    with sandbox(Fault(what="bad_utf8")) as made, pytest.raises(UnicodeDecodeError):
        convert(made).content.decode()


def test_an_object_is_missing_from_the_reply_but_not_from_the_account() -> None:
    """By its path; a path that is not there takes nothing away."""
    with sandbox(Fault(what="missing", key="data.individual_id", nth=1), Fault(what="missing", key="no.0.no")) as made:
        assert "individual_id" not in convert(made).json()["data"]
        assert "individual_id" in convert(made).json()["data"]
        assert created(made, "contact") == 4
    with sandbox(Fault(what="missing", key="data.0.details.Contacts")) as made:
        url = made.url("zoho", "/Leads/3652397000007566544/actions/convert")
        details = made.session("zoho").post(url, json={"data": [{}]}).json()["data"][0]["details"]
        assert set(details) == {"Accounts", "Deals"}


def test_a_bomb_is_small_on_the_way_and_large_when_unpacked() -> None:
    """A reader that counts while it unpacks can stop."""
    with sandbox(Fault(what="bomb", size=8 * 1024 * 1024)) as made:
        reply = convert(made, stream=True)
        assert int(reply.headers["Content-Length"]) < 20_000
        assert sum(map(len, reply.iter_content(65536))) == 8 * 1024 * 1024


def test_a_slow_drip_takes_its_time_byte_by_byte() -> None:
    """On the virtual clock: no read alone is late, the whole is."""
    with sandbox(Fault(what="drip", seconds=2)) as made:
        before = made.clock.now()
        reply = convert(made, timeout=5)
        assert made.clock.now() == before + 1 + 2 * len(reply.content)


def test_a_duplicate_reply_answers_the_next_request_of_the_connection() -> None:
    """The next call is carried out, and its client reads what was said before."""
    with sandbox(Fault(what="duplicate", operation=CONVERT, nth=1)) as made:
        session = made.session("base")
        first = session.post(made.url("base", "/lead_conversions"), json={"data": {"lead_id": 1}})
        stray = session.get(made.url("base", "/leads/2"))
        assert stray.json() == first.json()
        assert session.get(made.url("base", "/leads/2")).json()["data"]["id"] == 2
        assert [entry.operation for entry in made.truth] == [CONVERT, "base.get_lead", "base.get_lead"]


def test_a_late_reply_answers_the_next_request_when_nobody_waited_for_it() -> None:
    """Whoever has the patience gets it in time; the call was carried out either way."""
    with sandbox(Fault(what="late", operation=CONVERT, seconds=20, nth=1)) as made:
        session, before = made.session("base"), made.clock.now()
        with pytest.raises(requests.exceptions.ReadTimeout):
            session.post(made.url("base", "/lead_conversions"), json={"data": {"lead_id": 1}}, timeout=5)
        assert (made.clock.now(), conversions(made)) == (before + 6, 1)
        assert session.get(made.url("base", "/leads/2")).json()["data"]["lead_id"] == 1
        assert session.get(made.url("base", "/leads/2")).json()["data"]["id"] == 2
    with sandbox(Fault(what="late", seconds=20)) as made:
        assert convert(made, timeout=30).json()["data"]["lead_id"] == 1


def test_a_late_commit_is_seen_only_after_its_time() -> None:
    """The client sees a timeout, probes see nothing, and then it is there, at the time at which it was due."""
    with sandbox(Fault(what="late_commit", operation=CONVERT, seconds=120)) as made:
        with pytest.raises(requests.exceptions.ReadTimeout):
            convert(made, timeout=30)
        listed = made.url("base", "/lead_conversions?lead_id=1")
        assert made.session("base").get(listed).json()["items"] == []
        assert conversions(made) == 0
        assert made.truth.entries(operation=CONVERT)[0].status is None
        assert isinstance(made.clock, VirtualClock)
        due = made.truth.entries(operation=CONVERT)[0].at + 120
        made.clock.advance(300)
        assert conversions(made) == 1
        assert len(made.session("base").get(listed).json()["items"]) == 1
        entry = made.truth.entries(operation=CONVERT)[0]
        assert (entry.status, {change.at for change in entry.changes}) == (200, {due})


def test_a_late_commit_survives_a_restart(tmp_path: Path) -> None:
    """It is in the file like everything else."""
    file = tmp_path / "state.db"
    with (
        sandbox(Fault(what="late_commit", operation=CONVERT), db=file) as made,
        pytest.raises(requests.exceptions.ReadTimeout),
    ):
        convert(made)
    with sandbox(db=file, clock=VirtualClock(made.clock.now() + 61)) as again:
        assert conversions(again) == 1


def test_a_late_commit_that_the_vendor_refuses_changes_nothing() -> None:
    """Its lead may be gone by then."""
    with sandbox(Fault(what="late_commit", operation="zoho.*", nth=1)) as made:
        url = made.url("zoho", "/Leads/3652397000007566544/actions/convert")
        with pytest.raises(requests.exceptions.ReadTimeout):
            made.session("zoho").post(url, json={"data": [{}]}, timeout=1)
        assert made.session("zoho").post(url, json={"data": [{}]}).status_code == 200
        assert isinstance(made.clock, VirtualClock)
        made.clock.advance(100)
        assert [change.sequence for change in made.truth.changes("zoho", what="converted") if change.sequence] == [2]


def test_a_stale_search_lags_behind_and_a_read_by_id_does_not() -> None:
    """What was there from the beginning is always seen."""
    with sandbox(Fault(what="stale_search", seconds=60)) as made:
        done = convert(made).json()["data"]["id"]
        session, listed = made.session("base"), made.url("base", "/lead_conversions")
        assert session.get(f"{listed}/{done}").status_code == 200
        assert session.get(f"{listed}?lead_id=1").json()["items"] == []
        assert made.truth.entries()[-1].fault is None
        everything = {"include_converted_leads": True}
        search = made.session("copper").post(made.url("copper", "/leads/search"), json=everything)
        assert search.headers["X-PW-TOTAL"] == str(made.store("copper").count("lead"))
        assert isinstance(made.clock, VirtualClock)
        made.clock.advance(60)
        assert len(session.get(f"{listed}?lead_id=1").json()["items"]) == 1


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        (Fault(what="500", nth=2), [False, True, False, False, False, False]),
        (Fault(what="500", every=3), [False, False, True, False, False, True]),
        (Fault(what="500", count=2), [True, True, False, False, False, False]),
        (Fault(what="500", operation="base.*"), [True] * 6),
        (Fault(what="500", operation="copper.*"), [False] * 6),
    ],
)
def test_a_fault_strikes_where_the_plan_says(fault: Fault, struck: list[bool]) -> None:
    """By operation, number, period and count."""
    faults = Faults(FaultPlan([fault]))
    assert [bool(faults.pick(CONVERT, search=False)) for _ in range(6)] == struck


def test_chance_is_decided_by_the_seed() -> None:
    """The same seed strikes the same calls, another one others; half of them about half the time."""
    drawn = [
        [bool(faults.pick(CONVERT, search=False)) for _ in range(200)]
        for seed in (1, 1, 2)
        for faults in [Faults(FaultPlan([Fault(what="500", probability=0.5)], seed))]
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert 60 < sum(drawn[0]) < 140


def test_a_plan_may_be_changed_while_it_runs() -> None:
    """Faults are added and cleared between calls."""
    with sandbox() as made:
        made.faults.add(Fault(what="500"))
        assert convert(made).status_code == 500
        made.faults.clear()
        assert convert(made).status_code == 200


def test_a_plan_is_read_from_a_file(tmp_path: Path) -> None:
    """What is no plan is refused with what would be one."""
    file = tmp_path / "faults.json"
    file.write_text('{"seed": 3, "faults": [{"what": "429", "operation": "zoho.*", "retry_after": "5"}]}')
    assert read_plan(file) == FaultPlan([Fault(what="429", operation="zoho.*", retry_after="5")], 3)
    for text, said in (
        ("[]", "object"),
        ("{", "JSON"),
        ('{"faults": {}}', "keys"),
        ('{"faults": [{"whot": "429"}]}', "what"),
        ('{"faults": [{"what": "truncate"}]}', "did you mean 'truncated'"),
        ('{"faults": [{"what": "reset", "when": "before"}]}', "after the commit"),
        ('{"faults": [{"what": "missing"}]}', "key"),
    ):
        file.write_text(text)
        with pytest.raises(UsageError, match=said):
            read_plan(file)


def test_every_fault_has_a_test_here() -> None:
    """No kind is listed that nothing proves."""
    source = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f'"{kind}"' not in source] == []


def test_rate_limits_are_enforced_on_the_sandboxs_clock() -> None:
    """Off by default; a refused call commits nothing, and the window moves on."""
    with sandbox(limits={"base": [Limit(2, 60, each="token")]}) as made:
        assert [convert(made).status_code for _ in range(3)] == [200, 200, 429]
        assert conversions(made) == 2
        other = {"Authorization": "Bearer other"}
        assert made.session("base").get(made.url("base", "/leads/1"), headers=other).status_code == 200
        assert isinstance(made.clock, VirtualClock)
        made.clock.advance(60)
        assert convert(made).status_code == 200


def test_the_vendors_own_limits_are_switched_on_together() -> None:
    """Copper's 180 requests a minute; a virtual clock that stands still shows it."""
    with sandbox(limits=True, clock=VirtualClock(step=0)) as made:
        session, url = made.session("copper"), made.url("copper", "/leads/8894157")
        assert [session.get(url).status_code for _ in range(181)].count(429) == 1


def test_the_truth_log_says_what_each_call_committed() -> None:
    """Kinds, ids, what became of them, and the record; refused calls and reads are there with nothing."""
    with sandbox() as made:
        done = convert(made).json()["data"]
        made.session("base").post(made.url("base", "/leads"), json={"data": {}})
        converted, refused = made.truth.entries("base")
        assert (converted.sequence, converted.method, converted.path) == (1, "POST", "/v2/lead_conversions")
        assert [(change.kind, change.id, change.what) for change in converted.changes] == [
            ("contact", done["organization_id"], "created"),
            ("contact", done["individual_id"], "created"),
            ("deal", done["deal_id"], "created"),
            ("conversion", done["id"], "created"),
            ("lead", 1, "converted"),
        ]
        assert converted.changes[3].record == done
        assert (refused.status, refused.changes) == (422, ())
        assert made.truth.entries(after=1) == [refused]
        assert len(made.truth.changes("base", "lead", "created")) == made.store("base").count("lead")


def test_a_failing_handler_is_a_500_of_the_vendors_and_commits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a header names the error, for whoever mends the sandbox."""
    with sandbox() as made:
        monkeypatch.setattr("leadlens_base.sandbox.conversions._deal", lambda *_: 1 / 0)
        reply = convert(made)
        assert (reply.status_code, reply.headers["X-Sandbox-Error"]) == (500, "ZeroDivisionError")
        assert reply.json()["errors"][0]["error"]["code"] == "server_error"
        assert made.truth.entries()[0].changes == ()
