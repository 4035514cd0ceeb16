"""The governor: never above a window, whatever the latency; in order; slower when the CRM refuses all the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.http.simulation import Trip, World, most, world

from leadlens.access import Window
from leadlens.http.clock import SystemClock
from leadlens.http.link import LostError, NotSentError
from leadlens.http.pacing import DRIFT, EVEN_FOR, LONGEST_GAP, LONGEST_PAUSE, Governor, NoRoomError

TRIPS = st.builds(
    Trip,
    latency=st.floats(0.0, 40.0),
    fraction=st.floats(0.0, 1.0),
    cost=st.integers(1, 7),
    outcome=st.sampled_from(("reply", "reply", "reply", "lost", "unsent")),
)
WINDOWS = st.builds(Window, calls=st.integers(1, 12), seconds=st.floats(0.5, 60.0))


@given(
    windows=st.lists(WINDOWS, min_size=1, max_size=3),
    trips=st.lists(TRIPS, max_size=60),
    concurrent=st.integers(1, 8),
    idle=st.lists(st.floats(0.0, 20.0), max_size=60),
)
def test_no_rolling_window_is_ever_exceeded(
    windows: list[Window], trips: list[Trip], concurrent: int, idle: list[float]
) -> None:
    """For any latency, jitter, cost, pauses between calls, lost replies and calls that never left."""
    made = world(*windows, concurrent=concurrent)
    dearest = min(window.calls for window in windows)
    for index, trip in enumerate(trips):
        made.go(attrs.evolve(trip, cost=min(trip.cost, dearest)))
        made.events.sleep(idle[index] if index < len(idle) else 0.0)
    assert made.admitted == len(trips)
    for window in windows:
        assert most(made.counted, window.seconds) <= window.calls


@given(st.floats(0.9995, 1.0004), st.lists(st.floats(0.0, 5.0), min_size=30, max_size=60))
def test_a_clock_that_is_being_set_right_does_no_harm(rate: float, latencies: list[float]) -> None:
    """Ours may run up to 500 in a million fast or slow against the CRM's."""
    made = world(Window(5, 60.0))
    for latency in latencies:
        made.go(Trip(latency, 0.0))
    assert most([(at / rate, cost) for at, cost in made.counted], 60.0) <= 5


def running(made: World) -> int:
    return made.governor._running


def test_no_more_than_so_many_run_at_once() -> None:
    """The eleventh waits for a reply."""
    made = world(concurrent=10)
    for _ in range(30):
        made.go(Trip(5.0))
        assert running(made) <= 10
    assert made.events.now() == 10.0


def test_a_cost_above_the_window_takes_all_of_it() -> None:
    """It waits until the window is empty, rather than for ever."""
    made = world(Window(3, 10.0))
    made.go(Trip(1.0))
    made.go(Trip(1.0, cost=9))
    made.go(Trip(1.0))
    assert made.events.now() == pytest.approx(1.0 + 10 * DRIFT + 1.0 + 10 * DRIFT)


def test_a_call_that_never_left_uses_nothing() -> None:
    """Its place is free at once."""
    made = world(Window(1, 60.0))
    made.go(Trip(1.0, outcome="unsent"))
    made.go(Trip(1.0))
    assert made.events.now() == 1.0


def test_a_call_without_a_reply_counts_for_longer() -> None:
    """The CRM may count it two minutes later."""
    made = world(Window(2, 60.0))
    made.go(Trip(30.0, outcome="lost"))
    made.go(Trip(31.0))
    made.go(Trip(1.0))
    assert made.events.now() == pytest.approx(31.0 + 60 * DRIFT)
    made.events.sleep(1.0)
    made.go(Trip(1.0))
    made.go(Trip(1.0))
    assert made.events.now() == pytest.approx(30.0 + 120.0 + 60 * DRIFT)


def test_how_long_there_is_no_room_is_told_before() -> None:
    """Nothing is used by asking; a pause counts too."""
    made = world(Window(2, 60.0))
    assert made.governor.room_in() == 0.0
    for _ in range(2):
        made.go(Trip(1.0))
    made.events.sleep(1.0)
    assert made.governor.room_in() == pytest.approx(60.0 * DRIFT)
    made.events.sleep(60.0 * DRIFT)
    assert made.governor.room_in() == made.governor.room_in(2) == 0.0
    made.governor.pause(7.0)
    assert made.governor.room_in() == pytest.approx(7.0)


def test_no_room_before_the_deadline_is_said_at_once() -> None:
    """Neither slept for nor sent."""
    made = world(Window(1, 60.0))
    made.go(Trip(1.0))
    made.events.sleep(2.0)
    with pytest.raises(NoRoomError), made.governor.admitted(1, made.events.now() + 10.0):
        raise AssertionError
    assert made.events.now() == 2.0


def test_a_deadline_passes_while_a_reply_is_waited_for() -> None:
    """The only place is in use and its reply does not come."""
    made = world(Window(1, 60.0), concurrent=1)
    made.go(Trip(500.0))
    made.events.due.clear()
    with pytest.raises(NoRoomError), made.governor.admitted(1, 10.0):
        raise AssertionError


@pytest.mark.parametrize(("told", "waits"), [(5.0, 5.0), (0.0, 0.0), (-3.0, 0.0), (1e9, LONGEST_PAUSE)])
def test_a_pause_holds_all_calls_up_to_two_minutes(told: float, waits: float) -> None:
    """What the CRM asks for, within reason; a shorter one does not end a longer one."""
    made = world()
    made.governor.pause(told)
    made.governor.pause(min(told, 1.0))
    made.go(Trip(0.0))
    assert made.events.now() == waits


def test_a_refusal_spreads_calls_and_each_more_so() -> None:
    """After a 429 that tells no time: evenly; after the next at half the rate; up to a longest gap."""
    made = world(Window(60, 60.0))
    gaps, last = [], 0.0
    for turn in range(7):
        with made.governor.admitted(1, 1e9) as since:
            made.events.sleep(0.0)
        if turn:
            gaps.append(since - last)
        last = since
        made.events.instant += 1e-6
        made.governor.refused(since)
        made.governor.refused(since - 1.0)
    assert gaps == pytest.approx([1 * DRIFT, 2 * DRIFT, 4 * DRIFT, 8 * DRIFT, *[LONGEST_GAP] * 2])


def test_replies_speed_up_again() -> None:
    """Little by little to an even spread, and after some minutes without a refusal to none; later the next time."""
    made = world(Window(60, 60.0))
    for _ in range(3):
        made.events.sleep(1.0)
        made.governor.refused(made.events.now())
    assert made.governor._gap == pytest.approx(4 * made.governor._even)
    for _ in range(100):
        made.governor.answered()
    assert made.governor._gap == pytest.approx(made.governor._even)
    for quiet in (EVEN_FOR, EVEN_FOR * 2, EVEN_FOR * 4):
        made.events.sleep(quiet - 1)
        made.governor.answered()
        assert made.governor._gap
        made.events.sleep(2.0)
        made.governor.answered()
        assert made.governor._gap == 0.0
        made.governor.refused(made.events.now())


def test_an_account_without_windows_is_spread_too() -> None:
    """Where only the number of calls at once is limited."""
    made = world()
    made.governor.refused(0.0)
    for _ in range(2):
        with made.governor.admitted(1, 1e9):
            pass
    assert made.events.now() == pytest.approx(0.2 * DRIFT)


def in_any_second(calls: int) -> Callable[[float], bool]:
    """Return a CRM that lets so many calls through in any rolling second, and counts the ones it refuses too."""
    seen: list[float] = []

    def judge(at: float) -> bool:
        seen[:] = [one for one in seen if one > at - 1.0] + [at]
        return len(seen) <= calls

    return judge


def test_a_stricter_limit_than_documented_is_learnt() -> None:
    """36,000 an hour enforced as ten in any second: after the first refusals there are hardly any."""
    made = world(Window(36_000, 3600.0), judge=in_any_second(10))
    for _ in range(3_000):
        made.go(Trip(0.2, 0.5))
    assert made.refused <= 80
    early = made.refused
    for _ in range(3_000):
        made.go(Trip(0.2, 0.5))
    assert made.refused - early <= 15
    assert 6_000 / made.events.now() > 8.5


# --- threads ---------------------------------------------------------------------------------------------------------


def test_threads_are_served_in_the_order_in_which_they_came() -> None:
    """So that a call of high cost is not overtaken for ever."""
    governor, order = Governor((), 1, SystemClock()), list[int]()
    until = time.monotonic() + 30

    def call(number: int) -> None:
        with governor.admitted(1, until):
            order.append(number)

    with ThreadPoolExecutor(8) as pool, governor.admitted(1, until):
        for number in range(8):
            pool.submit(call, number)
            while len(governor._queue) <= number:
                time.sleep(0.001)
    assert order == list(range(8))


def test_threads_together_stay_within_the_window() -> None:
    """Sixteen threads, real time, windows of a fifth of a second; calls end as they like."""
    windows = (Window(8, 0.2), Window(20, 0.7))
    governor, seen, lock = Governor(windows, 6, SystemClock()), list[tuple[float, int]](), threading.Lock()
    until = time.monotonic() + 1.5

    def work(number: int) -> int:
        done = 0
        while True:
            try:
                with governor.admitted(1, until):
                    if number == 3:
                        raise NotSentError  # noqa: TRY301  # as a link does
                    time.sleep(0.001 * number)
                    with lock:
                        seen.append((time.monotonic(), 1))
                    time.sleep(0.002)
            except NotSentError:
                time.sleep(0.02)
            except NoRoomError:
                return done
            done += 1

    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(work, range(16)))
    assert sum(done) >= 30
    for window in windows:
        assert most(seen, window.seconds) <= window.calls
    assert not governor._queue
    assert governor._running == 0


class Crowd:
    """A virtual clock for many threads: when all of them wait, the time of the first that sleeps comes."""

    def __init__(self, threads: int) -> None:
        self.instant, self.busy, self.waiting = 0.0, threads, 0
        self.lock = threading.Condition()
        self.wakes: list[float] = []

    def now(self) -> float:
        return self.instant

    wall = now

    def sleep(self, seconds: float) -> None:
        with self.lock:
            until = self.instant + seconds
            self.wakes.append(until)
            self.busy -= 1
            self._advance()
            while self.instant < until:
                self.lock.wait(5)

    def leave(self) -> None:
        with self.lock:
            self.busy -= 1
            self._advance()

    def _advance(self) -> None:
        if self.busy == 0 and self.wakes:
            self.instant = max(self.instant, min(self.wakes))
            due = [one for one in self.wakes if one <= self.instant]
            self.wakes = [one for one in self.wakes if one > self.instant]
            self.busy += len(due)
            self.lock.notify_all()


class Counting(threading.Condition):
    """A condition that tells the crowd who waits in it."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__()
        self.crowd, self.inside = crowd, 0

    def wait(self, timeout: float | None = None) -> bool:
        with self.crowd.lock:
            self.inside += 1
            self.crowd.busy -= 1
            self.crowd._advance()
        return super().wait(5)

    def notify_all(self) -> None:
        with self.crowd.lock:
            self.crowd.busy += self.inside
            self.inside = 0
        super().notify_all()


@pytest.mark.parametrize("seed", range(10))
def test_a_crowd_on_a_virtual_clock_stays_within_the_window(seed: int) -> None:
    """Twelve threads over hours of virtual time, latencies by a rule of their own: Copper's minute holds."""
    crowd = Crowd(12)
    governor, seen = Governor((Window(18, 60.0),), 7, crowd), list[tuple[float, int]]()
    governor._changed = Counting(crowd)

    def work(number: int) -> None:
        for turn in range(25):
            latency = ((number * 7 + turn * 13 + seed * 5) % 29) / 3
            try:
                with governor.admitted(1, 1e9):
                    crowd.sleep(latency / 2)
                    seen.append((crowd.now(), 1))
                    crowd.sleep(latency / 2)
                    if (number + turn) % 11 == 0:
                        raise LostError  # noqa: TRY301  # as a link does
            except LostError:
                pass
        crowd.leave()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(seen) == 12 * 25
    assert most(seen, 60.0) <= 18
