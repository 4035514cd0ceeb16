"""One client for the account of any CRM: convert, upsert, look up. What cannot be undone is never done twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import attrs

from leadlens import registry
from leadlens.access import Access, Secret, Veiled
from leadlens.adapter import Adapter
from leadlens.conversion import Conversion, ConversionOptions, ConvertRequest, UpsertRequest, UpsertResult
from leadlens.errors import AlreadyConvertedError, NotFoundError, OutcomeUnknownError, UsageError, VendorError
from leadlens.flow import Call, Flow, Reply
from leadlens.http.account import Account, account
from leadlens.http.clock import SystemClock
from leadlens.http.driver import Driver, Hook
from leadlens.loss import Loss, LossPolicy, Mode
from leadlens.model import JSON, Lead, Record
from leadlens.operations import (
    Choice,
    ConversionQuery,
    Converted,
    Operations,
    Page,
    Query,
    convert,
    finish,
)
from leadlens.settle import Sending, Settler, quiet_period
from leadlens.translation import plan_convert


@attrs.frozen
class Plan:
    """What a request would do: its calls, what would be lost, how many calls and credits it takes at most."""

    calls: tuple[Call, ...]
    losses: tuple[Loss, ...]
    credits: int

    @property
    def requests(self) -> int:
        """How many calls it takes at most."""
        return len(self.calls)


class Client:
    """The account of one CRM. Thread-safe, and a context manager that closes its connections.

    ``policy`` decides about losses before anything is sent: it raises them unless told otherwise.
    """

    def __init__(self, adapter: Adapter, driver: Driver, *, quiet: float | None = None) -> None:
        if adapter.operations is None:
            raise UsageError(f"{adapter.title} cannot be asked anything yet")
        self.adapter, self._driver = adapter, driver
        self._operations: Operations = adapter.operations()
        self._quiet = quiet_period(driver.deadline) if quiet is None else quiet
        self._open: dict[str, tuple[Converted, str]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<leadlens client of {self.adapter.title}>"

    def close(self) -> None:
        """Close the connections."""
        self._driver.link.close()

    # --- conversions ---

    def plan(self, request: ConvertRequest, *, lead: Lead | None = None) -> Plan:
        """Return what a conversion would send and lose, without sending anything."""
        _named(request)
        calls, losses = plan_convert(self.adapter, request)
        losses = (*losses, *self.adapter.depends(request, lead))
        return Plan(calls, losses, sum(map(self._driver.cost, calls)))

    def convert(
        self,
        request: ConvertRequest,
        *,
        lead: Lead | None = None,
        on_loss: Mode = "raise",
        allow: Iterable[str] = (),
        wait: bool = True,
    ) -> Conversion:
        """Convert a lead, once, and return what came of it.

        Raises :class:`LossError` before anything is sent where the CRM cannot do what is asked (``allow`` names what
        may be lost), :class:`AlreadyConvertedError` with the conversion that was there, and
        :class:`OutcomeUnknownError` where nobody can know what happened. With ``wait`` an unknown outcome is waited
        out, probed and decided here; without, it is raised at once and :meth:`settle` goes on.
        """
        lead_id = _named(request)
        if lead is None and self.adapter.depends(request, None):
            found = self.get("lead", lead_id)
            lead = found if isinstance(found, Lead) else None
        plan = self.plan(request, lead=lead)
        LossPolicy(on_loss, tuple(allow)).apply(plan.losses)
        return self._convert(plan.calls, lead_id, wait=wait, again=True)

    def _convert(self, calls: tuple[Call, ...], lead_id: str, *, wait: bool, again: bool) -> Conversion:
        sending = Sending(lead_id, self._driver.clock.now(), self._driver.clock.wall())
        try:
            done = self._driver.run(convert(self._operations, calls, lead_id))
        except OutcomeUnknownError as error:
            if not wait or error.step != "convert":
                raise
            found = self._settler(again=again and self.adapter.converts_once).settle(sending, error)
            return found if found is not None else self._convert(calls, lead_id, wait=wait, again=False)
        except (AlreadyConvertedError, NotFoundError) as error:
            if error.step != "convert":
                raise
            raise self._converted_before(lead_id, error) from None
        return self._kept(lead_id, done)

    def _settler(self, *, again: bool) -> Settler:
        return Settler(
            run=self._driver.run,
            probe=self._operations.find_conversion,
            now=self._driver.clock.now,
            sleep=self._driver.clock.sleep,
            quiet=self._quiet,
            again=again,
        )

    def _converted_before(self, lead_id: str, error: VendorError) -> VendorError:
        """Return the error with the conversion that is there; a 404 may hide one too."""
        found = self._driver.run(self._operations.find_conversion(lead_id))
        if found is None:
            return error
        known = AlreadyConvertedError(error.vendor, status=error.status, code=error.code, request_id=error.request_id)
        known.conversion = found
        return known

    def _kept(self, lead_id: str, done: Converted) -> Conversion:
        """Return the conversion, with the calls that are open named in it and kept for :meth:`settle`."""
        with self._lock:
            if done.open:
                self._open[lead_id] = (done, lead_id)
            else:
                self._open.pop(lead_id, None)
        return attrs.evolve(done.conversion, open=tuple(f"{call.name}: {why}" for call, why in done.open))

    def settle(self, lead_id: str) -> Conversion:
        """Send the calls after a lead's conversion that are still open, and return what is known of it."""
        with self._lock:
            kept = self._open.get(lead_id)
        if kept is None:
            found = self.resolve(lead_id)
            if found is None:
                raise UsageError("nothing is open for this lead, and it has no conversion")
            return found
        done, _ = kept
        left = [one for call, _ in done.open for one in self._driver.run(finish(call))]
        return self._kept(lead_id, Converted(done.conversion, tuple(left)))

    def resolve(self, lead_id: str) -> Conversion | None:
        """Return what a lead became, or None if it was not converted."""
        return self._driver.run(self._operations.find_conversion(lead_id))

    def preview(self, lead_id: str) -> ConversionOptions:
        """Return what the CRM finds to convert a lead into."""
        return self._driver.run(self._operations.preview(lead_id))

    def iter_conversions(self, query: ConversionQuery | None = None) -> Iterator[Conversion]:
        """Yield conversions, newest first; pages are fetched as they are needed."""
        asked = query or ConversionQuery()
        yield from self._paged(lambda place: self._operations.conversions(asked, place))

    # --- records ---

    def upsert(self, request: UpsertRequest, *, on_loss: Mode = "raise", allow: Iterable[str] = ()) -> UpsertResult:
        """Update the one record that matches, or create it. An unknown outcome is raised and never sent again."""
        planned = self._operations.upsert(request)
        LossPolicy(on_loss, tuple(allow)).apply(planned.losses)
        return self._driver.run(planned.flow)

    def get(self, kind: str, identity: str) -> Record:
        """Return one lead, contact, company or deal. Raises :class:`NotFoundError`."""
        return self._driver.run(self._operations.get(kind, identity))

    def search(self, kind: str, query: Query, place: str | None = None) -> Page:
        """Return one page of the records that meet a query; ``place`` is the ``next`` of the page before."""
        return self._driver.run(self._operations.search(kind, query, place))

    def iter_records(self, kind: str, query: Query | None = None) -> Iterator[Record]:
        """Yield the records that meet a query; pages are fetched as they are needed."""
        asked = query or Query()
        yield from self._paged(lambda place: self._operations.search(kind, asked, place))

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """Return what the account has of one kind to point to: users, pipelines, stages, statuses, sources."""
        return self._driver.run(self._operations.choices(kind))

    def call(self, method: str, path: str, *, query: Mapping[str, JSON] | None = None, body: JSON = None) -> Reply:
        """Send one call of your own, signed and paced; only a GET is ever sent again."""
        step: Any = "read" if method.upper() == "GET" else "after"
        call = Call("call", step, method.upper(), path, query or {}, body)
        path, query, body = "", None, None  # tracebacks show what is still there
        return self._driver.run(_alone(call))

    def _paged(self, page: Callable[[str | None], Flow[Page]]) -> Iterator[Any]:
        place: str | None = None
        while True:
            found = self._driver.run(page(place))
            yield from found.items
            place = found.next
            if place is None:
                return


def _alone(call: Call) -> Flow[Reply]:
    reply: Reply = yield call
    return reply


def _named(request: ConvertRequest) -> str:
    if request.lead_id is None:
        raise UsageError("say which lead to convert: ConvertRequest(lead_id=…)")
    return request.lead_id


def connect(
    vendor: str,
    *,
    sandbox: Any = None,
    deadline: float = 30.0,
    quiet: float | None = None,
    hook: Hook | None = None,
    **options: str | Secret | None,
) -> Client:
    """Return a client for an account of a CRM (``copper``, ``zoho``, ``zoho@v6``, ``base`` …).

    ``options`` are what the account needs (``token=…``, ``data_center="eu"``). ``sandbox`` is a :class:`Sandbox` to use
    instead of the real CRM. ``deadline`` is the seconds one call may take, ``quiet`` those that an unknown outcome is
    waited out. ``hook`` is told of every call, without its data. Raises :class:`UsageError` for what is missing.
    """
    veiled, options = Veiled(options), {}
    adapter = registry.get(vendor)
    if adapter.access is None:
        raise UsageError(f"{adapter.title} cannot be connected to yet")
    access = adapter.access()
    if sandbox is not None:
        return _in_sandbox(adapter, access, sandbox, deadline, quiet, hook)
    shared = account(adapter.name, access, access.check(veiled, vendor), _CLOCK)
    return Client(adapter, _driver(adapter, access, shared, deadline, hook), quiet=quiet)


_CLOCK = SystemClock()


def _driver(adapter: Adapter, access: Access, shared: Account, deadline: float, hook: Hook | None) -> Driver:
    return Driver(
        vendor=adapter.name,
        link=shared.link,
        credentials=shared.credentials,
        governor=shared.governor,
        classify=adapter.classify,
        cost=access.cost,
        clock=shared.link.clock,
        rest=access.rest,
        deadline=deadline,
        hook=hook,
        account=shared,
    )


@attrs.frozen
class _BoxClock:
    """The sandbox's clock as ours, so that nobody waits for real."""

    clock: Any

    def now(self) -> float:
        """Return the sandbox's time."""
        found: float = self.clock.now()
        return found

    wall = now

    def sleep(self, seconds: float) -> None:
        """Move the sandbox's time on."""
        self.clock.sleep(max(seconds, 0.0))


def _in_sandbox(
    adapter: Adapter, access: Access, sandbox: Any, deadline: float, quiet: float | None, hook: Hook | None
) -> Client:
    clock = _BoxClock(sandbox.clock)
    signs = {option.name: "sandbox" for option in access.options if option.secret and option.name != "refresh_token"}
    given = access.check({**signs, "base_url": sandbox.root(adapter.name)}, adapter.name)
    shared = account(adapter.name, access, given, clock, sandbox.session(), sandbox.app)
    return Client(adapter, _driver(adapter, access, shared, deadline, hook), quiet=quiet)
