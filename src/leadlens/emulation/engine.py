"""Carries out one call at a time: time, route, credentials, limits, faults, transaction, truth log."""

from __future__ import annotations

import contextlib
import logging
import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from email.utils import formatdate
from math import ceil

import attrs

from leadlens.emulation.alter import altered
from leadlens.emulation.clock import Clock
from leadlens.emulation.database import Database
from leadlens.emulation.faults import Fault, Faults
from leadlens.emulation.limits import Limit, Meter
from leadlens.emulation.messages import Refusal, Reply, Request, restored, saved
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Store
from leadlens.emulation.truth import LOADED, Entry, log_call
from leadlens.emulation.vendor import Vendor, World
from leadlens.errors import InputError

_LOG = logging.getLogger("leadlens.sandbox")
_AT_ONCE = 0.0


@attrs.frozen
class Outcome:
    """The reply, and the fault that is left for whoever holds the connection."""

    reply: Reply
    fault: Fault | None = None


@attrs.frozen
class _Call:
    """One call on its way: ``route`` is None when there is none, and ``methods`` what the path would take."""

    vendor: Vendor
    request: Request
    world: World
    route: Route | None
    methods: Sequence[str] = ()

    @property
    def operation(self) -> str:
        return f"{self.vendor.name}.{self.route.operation if self.route else 'unknown'}"


class Engine:
    """All vendors of one sandbox on one database. ``origin`` is where clients reach it."""

    def __init__(
        self,
        vendors: Mapping[str, Vendor],
        database: Database,
        clock: Clock,
        faults: Faults,
        *,
        seed: int,
        origin: str,
        switches: Mapping[str, Mapping[str, str]],
        limits: Mapping[str, Sequence[Limit]],
    ) -> None:
        self.vendors, self.database, self.clock, self.faults = vendors, database, clock, faults
        self.seed, self.origin, self.switches, self.limits = seed, origin, switches, limits
        self._stores = {name: Store(database, name, vendor.layout) for name, vendor in vendors.items()}
        self._running: Counter[str] = Counter()
        self._gate = threading.Lock()
        self._restart_meters()

    def _restart_meters(self) -> None:
        self._meters = {name: [Meter(limit) for limit in self.limits.get(name, ())] for name in self.vendors}

    def restart(self) -> None:
        """Forget what was counted: faults and limits."""
        self.faults.restart()
        self._restart_meters()

    def load(self, *, demo: bool) -> None:
        """Make what the accounts have from the beginning, in an empty database."""
        with self.database.transaction(LOADED, _AT_ONCE):
            for name, vendor in self.vendors.items():
                drawn = random.Random(f"{self.seed}:{name}")  # noqa: S311  # to be repeatable, not secret
                world = self.world(vendor, LOADED, self.clock.now())
                vendor.setup(world, drawn)
                if demo:
                    vendor.demo(world, drawn)

    def call(self, vendor: Vendor, request: Request) -> Outcome:
        """Carry out one call."""
        with self._inside(vendor.name) as running, self.database.lock:
            call = self._prepared(vendor, request)
            self.settle()
            struck = self.faults.pick(call.operation, search=call.route is not None and call.route.search)
            for fault in struck:
                if fault.what == "stale_search":
                    call.world.store = attrs.evolve(call.world.store, as_of=call.world.now - fault.seconds)
            other = next((fault for fault in struck if fault.what != "stale_search"), None)
            outcome = self._faulted(call, other, running) if other else Outcome(self._answer(call, None, running))
            return attrs.evolve(outcome, reply=finished(outcome.reply, call.world.now))

    def settle(self) -> None:
        """Carry out the late commits that have come due, at the time at which they were."""
        with self.database.lock:
            sql = "SELECT sequence, due, vendor, request FROM pending WHERE due <= ? ORDER BY due, sequence"
            for sequence, due, name, request in self.database.all(sql, self.clock.now()):
                self._commit_late(sequence, due, self.vendors[name], restored(request))

    def _commit_late(self, sequence: int, due: float, vendor: Vendor, request: Request) -> None:
        self.database.execute("DELETE FROM pending WHERE sequence = ?", sequence)
        call = self._routed(vendor, request, self.world(vendor, sequence, due))
        with contextlib.suppress(Refusal, InputError), self.database.transaction(sequence, due):
            reply = self._handled(call)
            self.database.execute("UPDATE calls SET status = ? WHERE sequence = ?", reply.status, sequence)

    @contextlib.contextmanager
    def _inside(self, name: str) -> Iterator[int]:
        with self._gate:
            self._running[name] += 1
            running = self._running[name]
        try:
            yield running
        finally:
            with self._gate:
                self._running[name] -= 1

    def _prepared(self, vendor: Vendor, request: Request) -> _Call:
        self.database.sequence += 1
        return self._routed(vendor, request, self.world(vendor, self.database.sequence, self.clock.tick()))

    def world(self, vendor: Vendor, sequence: int, now: float) -> World:
        """Return what the handler of a call is given."""
        name = vendor.name
        return World(self._stores[name], now, f"{self.origin}/{name}", self.switches[name], self.seed, sequence)

    @staticmethod
    def _routed(vendor: Vendor, request: Request, world: World) -> _Call:
        found = vendor.table.find(request.method, request.path)
        if isinstance(found, list):
            return _Call(vendor, request, world, None, found)
        request.args = found[1]
        return _Call(vendor, request, world, found[0])

    def _faulted(self, call: _Call, fault: Fault, running: int) -> Outcome:
        if fault.what == "late_commit":
            self._postpone(call, fault)
            return Outcome(Reply(504), fault)
        if fault.when == "before":
            reply = altered(Reply(504), fault, call.vendor, call.world, call.request)
            self._log(call, None if fault.what in {"refused", "dns", "tls", "lost"} else reply.status, fault)
        else:
            given = self._answer(call, fault, running)
            reply = altered(given, fault, call.vendor, call.world, call.request)
        return Outcome(reply, fault)

    def _postpone(self, call: _Call, fault: Fault) -> None:
        due, sequence = call.world.now + fault.seconds, call.world.sequence
        with self.database.transaction(sequence, call.world.now):
            row = (sequence, due, call.vendor.name, saved(call.request))
            self.database.execute("INSERT INTO pending VALUES (?, ?, ?, ?)", *row)
            self._log(call, None, fault)

    def _answer(self, call: _Call, fault: Fault | None, running: int) -> Reply:
        """Return the vendor's reply; what the call wrote is committed with its line in the truth log, or not at all."""
        try:
            with self.database.transaction(call.world.sequence, call.world.now):
                self._admit(call, running)
                reply = self._handled(call)
                self._log(call, reply.status, fault)
                return reply
        except Refusal as refusal:
            reply = refusal.reply
        except InputError as error:
            reply = Refusal(call.vendor.dress.body(call.world, call.request, str(error)), str(error)).reply
        except Exception as error:  # noqa: BLE001  # whatever a handler does, the client gets a reply in the vendor's form
            _LOG.exception("the sandbox failed at %s", call.operation)
            reply = call.vendor.dress.failed(call.world, call.request, "500")
            reply = reply.with_headers(X_Sandbox_Error=type(error).__name__)
        self._log(call, reply.status, fault)
        return reply

    def _admit(self, call: _Call, running: int) -> None:
        token = call.request.headers.get("authorization", "")
        cost = call.route.cost if call.route else 1
        for meter in self._meters[call.vendor.name]:
            key = token if meter.limit.each == "token" else ""
            wait = meter.wait(key, cost, call.world.now, running)
            if wait is not None:
                reply = call.vendor.dress.too_many(call.world, call.request, "")
                raise Refusal(reply.with_headers(X_Sandbox_Wait=str(ceil(wait))))

    def _handled(self, call: _Call) -> Reply:
        vendor, world, request, route = call.vendor, call.world, call.request, call.route
        if route is None:
            dressed = vendor.dress.method if call.methods else vendor.dress.route
            unclear = f"{request.method} {request.path}"
            raise Refusal(dressed(world, request, unclear), unclear)
        if not route.open:
            vendor.authenticate(world, request)
        return route.handler(world, request)

    def _log(self, call: _Call, status: int | None, fault: Fault | None) -> None:
        world, request = call.world, call.request
        head = (world.sequence, world.now, call.vendor.name, call.operation, request.method, request.path)
        log_call(self.database, Entry(*head, status, fault.what if fault else None))


def finished(reply: Reply, now: float) -> Reply:
    """Return a reply with what every reply of the sandbox says: that it is one, and its clock's time."""
    return reply.with_headers(X_Sandbox="1", Date=formatdate(int(now), usegmt=True))
