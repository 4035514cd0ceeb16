"""One client for the account of any CRM: convert, upsert, look up. What cannot be undone is never done twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast, overload

import attrs

from leadlens import arguments
from leadlens.adapter import RECORDS, Adapter
from leadlens.catalogue import Catalogue, Choice, Definition
from leadlens.conversion import Conversion, ConversionOptions, ConvertRequest, UpsertRequest, UpsertResult
from leadlens.errors import InputError, NotFoundError, NotPermittedError, UsageError, VendorError
from leadlens.flow import Call, Flow, Reply, alone
from leadlens.http.driver import Driver
from leadlens.ledger import Ledger
from leadlens.loss import Loss, Mode
from leadlens.mapped import Carriage, Mapped
from leadlens.model import JSON, About, Attachment, Company, Contact, Deal, Lead, Note, Record
from leadlens.once import Once
from leadlens.operations import (
    ConversionQuery,
    Converted,
    Item,
    Operations,
    Page,
    PlannedNote,
    Query,
    of_items,
    one_by_one,
)
from leadlens.settle import Operation, quiet_period
from leadlens.translation import plan_convert

if TYPE_CHECKING:
    from leadlens.customfields.mapping import AccountMapping


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

    What a CRM cannot do is raised before anything is sent, unless ``on_loss`` or ``allow`` of the call says otherwise.
    """

    def __init__(
        self,
        adapter: Adapter,
        driver: Driver,
        *,
        quiet: float | None = None,
        ledger: Ledger | None = None,
        account: str = "",
        identity: str = "",
        converts_once: bool = False,
    ) -> None:
        if adapter.operations is None:
            raise UsageError(f"{adapter.title} cannot be asked anything yet")
        self.adapter, self._driver = adapter, driver
        self._operations: Operations = adapter.operations()
        self._ledger, self._account = ledger, account or adapter.name
        self._mapped = Mapped(adapter, self._operations, driver)
        self._once = Once(
            adapter=adapter,
            operations=self._operations,
            driver=driver,
            quiet=quiet_period(driver.deadline) if quiet is None else quiet,
            account=identity or account or adapter.name,
            converts_once=adapter.converts_once or converts_once,
            ledger=ledger,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<leadlens client of {self.adapter.title}>"

    def close(self) -> None:
        """Close the connections, and the ledger."""
        self._driver.link.close()
        if self._ledger is not None:
            self._ledger.close()

    @property
    def deadline(self) -> float:
        """How many seconds one call may take."""
        return self._driver.deadline

    @property
    def operations(self) -> Operations:
        """What the CRM can be asked, as flows: for those who run them step by step."""
        return self._operations

    @property
    def driver(self) -> Driver:
        """What carries flows out for this account."""
        return self._driver

    @property
    def composed(self) -> Mapping[str, str]:
        """By operation, what is composed of several calls because the CRM has none for it."""
        return self._operations.composed

    @property
    def converts_once(self) -> bool:
        """Whether this account refuses a second conversion of a lead: by its CRM, or as the doctor has found out."""
        return self._once.converts_once

    # --- conversions ---

    def plan(self, request: ConvertRequest, *, lead: Lead | None = None, mapping: AccountMapping | None = None) -> Plan:
        """Return what a conversion would send and lose, without sending anything.

        With a ``mapping`` the request speaks of another account's own fields, users and stages.
        """
        arguments.lead_of(request, lead)
        return self._planned(self._mapped.carried(request, mapping), lead)

    def _planned(self, carriage: Carriage, lead: Lead | None) -> Plan:
        calls, losses = plan_convert(self.adapter, carriage.request)
        if any(loss.path == "lead_id" for loss in losses):
            raise UsageError(f"lead_id: {self.adapter.title} has no such ids")
        losses = (*carriage.told(losses), *self.adapter.depends(carriage.request, lead))
        return Plan(calls, losses, sum(map(self._driver.cost, calls)))

    def convert(
        self,
        request: ConvertRequest,
        *,
        lead: Lead | None = None,
        on_loss: Mode = "raise",
        allow: Iterable[str] = (),
        mapping: AccountMapping | None = None,
        wait: bool = True,
        idempotency_key: str | None = None,
    ) -> Conversion:
        """Convert a lead, once, and return what came of it.

        Raises :class:`LossError` before anything is sent where the CRM cannot do what is asked (``allow`` names what
        may be lost), :class:`AlreadyConvertedError` with the conversion that was there, and
        :class:`OutcomeUnknownError` where nobody can know what happened. With ``wait`` an unknown outcome is waited
        out, probed and decided here; without, it is raised at once and :meth:`settle` goes on. With an
        ``idempotency_key`` the client's ledger is asked first: the same key gives the first outcome again, also after
        a crash. With a ``mapping`` the request speaks of another account's own fields, users and stages; what it uses
        of the mapping is looked up here first, and :class:`MappingError` tells what has changed since the draft.
        """
        lead_id, key = arguments.lead_of(request, lead), arguments.key(idempotency_key)
        policy = arguments.policy(on_loss, allow)
        there = self._mapped.carried(request, mapping)
        if lead is None and self.adapter.depends(there.request, None):
            found = self.get("lead", lead_id)
            lead = found if isinstance(found, Lead) else None
        plan = self._planned(there, lead)
        policy.apply(plan.losses)
        if not self._once.is_begun(key):
            self._mapped.check(there)
        done = self._once.do(self._once.operation(there.request, plan.calls, key), wait=wait)
        assert isinstance(done, Converted)
        return done.told

    @overload
    def settle(self, operation: str) -> Conversion: ...
    @overload
    def settle(self, operation: Operation) -> Conversion | UpsertResult: ...
    def settle(self, operation: Operation | str) -> Conversion | UpsertResult:
        """Go on with what is open, and return what came of it.

        An ``operation`` of an :class:`OutcomeUnknownError` is waited out, looked up and decided. A lead's id stands for
        the calls after its conversion that failed: only those are sent again. Raises :class:`OutcomeUnknownError` where
        nobody can know yet, and :class:`UsageError` where nothing is open.
        """
        if isinstance(operation, Operation):
            done = self._once.settle(operation)
            return done if isinstance(done, UpsertResult) else done.told
        arguments.text("operation", operation, "a lead's id, or the operation of an OutcomeUnknownError")
        finished = self._once.finish(operation)
        found = self.resolve(operation) if finished is None else finished.told
        if found is None:
            raise UsageError("nothing is open for this lead, and it has no conversion")
        return found

    def release(self, operation: Operation) -> None:
        """Say that you have looked, and that an operation of unknown outcome was not done: it may be sent anew."""
        self._once.release(arguments.one_of("operation", operation, Operation))

    def resolve(self, lead_id: str) -> Conversion | None:
        """Return what a lead became, or None if it was not converted, or is not there at all."""
        try:
            return self._driver.run(self._operations.find_conversion(lead_id))
        except NotFoundError:
            return None

    def preview(self, lead_id: str) -> ConversionOptions:
        """Return what the CRM finds to convert a lead into."""
        return self._driver.run(self._operations.preview(lead_id))

    def iter_conversions(self, query: ConversionQuery | None = None) -> Iterator[Conversion]:
        """Yield conversions, newest first; pages are fetched as they are needed."""
        asked = query or ConversionQuery()
        yield from self._paged(lambda place: self._operations.conversions(asked, place))

    # --- records ---

    def plan_upsert(self, request: UpsertRequest, *, mapping: AccountMapping | None = None) -> Plan:
        """Return what an upsert would send, as far as that is known before, and lose; nothing is sent."""
        there = self._mapped.carried(arguments.upsert(request), mapping)
        planned = self._operations.upsert(there.request)
        return Plan(planned.calls, there.told(planned.losses), sum(map(self._driver.cost, planned.calls)))

    def upsert(
        self,
        request: UpsertRequest,
        *,
        on_loss: Mode = "raise",
        allow: Iterable[str] = (),
        wait: bool = False,
        idempotency_key: str | None = None,
        mapping: AccountMapping | None = None,
    ) -> UpsertResult:
        """Update the one record that matches, or create it.

        An unknown outcome is raised at once, and :meth:`settle` goes on with it; with ``wait`` that is done here: it is
        waited out, what matches is looked up, and the upsert is sent once more, when it finds what the first one made.
        It is not for what cannot be looked up, nor for a lead that was converted meanwhile, which would be made a
        second time. ``idempotency_key`` and ``mapping`` are those of :meth:`convert`.
        """
        key = arguments.key(idempotency_key)
        there = self._mapped.carried(arguments.upsert(request), mapping)
        planned = self._operations.upsert(there.request)
        arguments.policy(on_loss, allow).apply(there.told(planned.losses))
        if not self._once.is_begun(key):
            self._mapped.check(there)
        done = self._once.do(self._once.operation(there.request, planned.calls, key), wait=wait)
        assert isinstance(done, UpsertResult)
        return done

    def upsert_many(
        self,
        requests: Iterable[UpsertRequest],
        *,
        on_loss: Mode = "raise",
        allow: Iterable[str] = (),
        mapping: AccountMapping | None = None,
    ) -> tuple[UpsertResult | VendorError, ...]:
        """Upsert several records, in as few calls as the CRM has for it; return a result or the error of each.

        Losses are refused before anything is sent. After an outcome that is unknown nothing more is sent: what is left
        is told to be tried later. ``mapping`` is that of :meth:`convert`.
        """
        there = tuple(self._mapped.carried(arguments.upsert(request), mapping) for request in requests)
        planned = (self._operations.batch or one_by_one(self._operations))([one.request for one in there])
        arguments.policy(on_loss, allow).apply(of_items(planned.losses, [one.told for one in there]))
        self._mapped.check(*there)
        return self._driver.run(planned.flow)

    def get(self, kind: str, identity: str) -> Record:
        """Return one lead, contact, company or deal. Raises :class:`NotFoundError`."""
        return self._driver.run(self._operations.get(kind, identity))

    def delete(self, kind: str, identity: str) -> None:
        """Take one lead, contact, company or deal away, for good. Raises :class:`NotFoundError`."""
        self._driver.run(self._operations.delete(kind, identity))

    def search(self, kind: str, query: Query, place: str | None = None) -> Page:
        """Return one page of the records that meet a query; ``place`` is the ``next`` of the page before."""
        return self._driver.run(self._operations.search(kind, arguments.one_of("query", query, Query), place))

    def iter_records(self, kind: str, query: Query | None = None) -> Iterator[Record]:
        """Yield the records that meet a query; pages are fetched as they are needed."""
        asked = query or Query()
        yield from self._paged(lambda place: self._operations.search(kind, asked, place))

    def get_lead(self, identity: str) -> Lead:
        """Return one lead. Raises :class:`NotFoundError`."""
        return cast("Lead", self.get("lead", identity))

    def iter_leads(self, query: Query | None = None) -> Iterator[Lead]:
        """Yield the leads that meet a query; pages are fetched as they are needed."""
        yield from cast("Iterator[Lead]", self.iter_records("lead", query))

    def get_contact(self, identity: str) -> Contact:
        """Return one contact. Raises :class:`NotFoundError`."""
        return cast("Contact", self.get("contact", identity))

    def iter_contacts(self, query: Query | None = None) -> Iterator[Contact]:
        """Yield the contacts that meet a query; pages are fetched as they are needed."""
        yield from cast("Iterator[Contact]", self.iter_records("contact", query))

    def get_company(self, identity: str) -> Company:
        """Return one company. Raises :class:`NotFoundError`."""
        return cast("Company", self.get("company", identity))

    def iter_companies(self, query: Query | None = None) -> Iterator[Company]:
        """Yield the companies that meet a query; pages are fetched as they are needed."""
        yield from cast("Iterator[Company]", self.iter_records("company", query))

    def get_deal(self, identity: str) -> Deal:
        """Return one deal. Raises :class:`NotFoundError`."""
        return cast("Deal", self.get("deal", identity))

    def iter_deals(self, query: Query | None = None) -> Iterator[Deal]:
        """Yield the deals that meet a query; pages are fetched as they are needed."""
        yield from cast("Iterator[Deal]", self.iter_records("deal", query))

    # --- everything ---

    @property
    def kinds(self) -> tuple[str, ...]:
        """What this CRM lists in full: records, conversions, notes, tasks, files, users, stages …, by kind."""
        return self._operations.kinds

    @property
    def unlisted(self) -> Mapping[str, str]:
        """What this CRM cannot list in full, by kind, and why."""
        return self._operations.unlisted

    def page(self, kind: str, place: str | None = None) -> Page:
        """Return one page of all that the account has of a kind; ``place`` is the ``next`` of the page before.

        Its :class:`~leadlens.operations.Item` hold each thing as the CRM writes it, with every field, and as leadlens
        reads it. Raises :class:`UsageError` for a kind that is none of :attr:`kinds`.
        """
        return self._driver.run(self._every(kind, place))

    def iter_all(self, kind: str) -> Iterator[Record]:
        """Yield all leads, contacts, companies or deals; converted leads too, where the CRM shows them."""
        yield from self._read(kind)

    def iter_notes(self) -> Iterator[Note]:
        """Yield all notes of the account."""
        yield from self._read("note")

    def iter_attachments(self) -> Iterator[Attachment]:
        """Yield what is known of all files of the account, without their contents."""
        yield from self._read("attachment")

    def count(self, kind: str) -> int | None:
        """Return how many things of a kind (``task``, ``call`` …) there are; None where the CRM does not list them.

        A CRM that tells no total is read to the end.
        """
        if kind not in self.kinds:
            return None
        first = self.page(kind)
        return first.total if first.total is not None else sum(1 for _ in self._items(kind, first))

    def _every(self, kind: str, place: str | None) -> Flow[Page]:
        every = self._operations.every
        if every is None or kind not in self.kinds:
            there = f"there are {', '.join(self.kinds)}" if self.kinds else "it lists nothing in full"
            raise UsageError(f"{self.adapter.title} does not list every {kind!r}; {there}")
        return every(kind, place)

    def _items(self, kind: str, page: Page) -> Iterator[Item]:
        """Yield what is on a page and those after it, once, though pages may overlap."""
        seen: set[str] = set()
        while True:
            yield from (item for item in page.items if item.id not in seen)
            seen.update(item.id for item in page.items)
            if page.next is None:
                return
            page = self.page(kind, page.next)

    def _read(self, kind: str) -> Iterator[Any]:
        for item in self._items(kind, self.page(kind)):
            if item.neutral is None:
                raise InputError(f"{kind} {item.id}", "what leadlens can read; an archive keeps it as it is")
            yield item.neutral

    # --- notes ---

    def plan_note(self, note: Note) -> Plan:
        """Return what writing a note would send and lose; nothing is sent."""
        planned = self._note(note)
        return Plan(planned.calls, planned.losses, sum(map(self._driver.cost, planned.calls)))

    def create_note(self, note: Note, *, on_loss: Mode = "raise", allow: Iterable[str] = ()) -> Note:
        """Write a note on the record that it is about, and return it as the CRM told it.

        Its id and its last change are those of where it comes from and are not written; its author and its time are
        lost where the CRM sets them itself, which ``allow=["author", "created_at"]`` allows. Nobody guards against a
        second one: after an unknown outcome, which is raised and never sent again, look at :meth:`iter_notes_of`.
        """
        planned = self._note(note)
        arguments.policy(on_loss, allow).apply(planned.losses)
        return self._driver.run(planned.flow)

    def iter_notes_of(self, kind: str, identity: str) -> Iterator[Note]:
        """Yield the notes of one record."""
        notes_of = self._operations.notes_of
        if notes_of is None:
            raise UsageError(f"{self.adapter.title} does not list the notes of a record")
        about = About(kind=kind, id=identity)
        yield from (item.neutral for item in self._paged(lambda place: notes_of(about, place)) if item.neutral)

    def _note(self, note: Note) -> PlannedNote:
        if self._operations.create_note is None:
            raise UsageError(f"no notes can be written in {self.adapter.title}")
        return self._operations.create_note(attrs.evolve(note, id=None, modified_at=None))

    # --- what the account has ---

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """Return what the account has of one kind to point to: users, pipelines, stages, statuses, sources."""
        return self._driver.run(self._operations.choices(kind))

    def definitions(self, kind: str) -> tuple[Definition, ...]:
        """Return the fields of one kind of records (``lead``, ``contact``, ``company``, ``deal``).

        The account's own fields, with their types and options, and those of the CRM (``custom`` is False). Raises
        :class:`UsageError` for a kind that does not exist.
        """
        return self._driver.run(self._operations.definitions(kind))

    def plan_define(self, definition: Definition) -> Plan:
        """Return what making a field would send; raises :class:`UsageError` where the CRM cannot make it."""
        if self._operations.define is None:
            told = "has no public call to make a field; make it in the CRM, then draft the mapping again"
            raise UsageError(f"{self.adapter.title} {told}")
        call = next(self._operations.define(definition))
        assert isinstance(call, Call)
        return Plan((call,), (), self._driver.cost(call))

    def define(self, definition: Definition) -> None:
        """Make a field of the account's own like this one. Raises :class:`UsageError` where the CRM cannot make it.

        An unknown outcome is raised and never sent again: look at :meth:`definitions` whether it is there.
        """
        self.plan_define(definition)
        assert self._operations.define is not None
        self._driver.run(self._operations.define(definition))

    def check_offer(self, definition: Definition) -> None:
        """Raise :class:`UsageError` where the CRM cannot add options to this field."""
        if self._operations.offer is None:
            told = f"{self.adapter.title} {self._operations.unoffered}"
            raise UsageError(f"{told}; add the options of {definition.name!r} in the CRM, then draft the mapping again")
        next(self._operations.offer(definition, ()))

    def offer(self, definition: Definition, names: Iterable[str]) -> None:
        """Add options to a picklist of the account's that is there; those that it has by now are passed over.

        Raises :class:`UsageError` where the CRM cannot. An unknown outcome is raised and never sent again: look at
        :meth:`definitions` whether they are there.
        """
        self.check_offer(definition)
        assert self._operations.offer is not None
        self._driver.run(self._operations.offer(definition, tuple(names)))

    def catalogue(self) -> Catalogue:
        """Return everything that the account has of its own: the fields of all records, and what they point to.

        What the account does not show to these credentials is named in ``unread``.
        """
        unread: list[str] = []
        choices = [choice for kind in self._operations.choice_kinds for choice in self._shown(kind, unread)]
        return Catalogue(
            vendor=self.adapter.full_name,
            account=self._account,
            read_at=dt.datetime.fromtimestamp(int(self._driver.clock.wall()), dt.UTC),
            definitions=tuple(one for kind in RECORDS for one in self.definitions(kind)),
            choices=tuple(choices),
            unread=tuple(unread),
        )

    def _shown(self, kind: str, unread: list[str]) -> tuple[Choice, ...]:
        try:
            return self.choices(kind)
        except (NotFoundError, NotPermittedError) as error:
            unread.append(f"{kind}: {error}")
            return ()

    def call(self, method: str, path: str, *, query: Mapping[str, JSON] | None = None, body: JSON = None) -> Reply:
        """Send one call of your own, signed and paced; only a GET is ever sent again."""
        arguments.text("method", method, "'GET'")
        arguments.text("path", path, "'/v2/leads'")
        step: Any = "read" if method.upper() == "GET" else "after"
        call = Call("call", step, method.upper(), path, query or {}, body)
        path, query, body = "", None, None  # tracebacks show what is still there
        return self._driver.run(alone(call))

    def _paged(self, page: Callable[[str | None], Flow[Page]]) -> Iterator[Any]:
        place: str | None = None
        while True:
            found = self._driver.run(page(place))
            yield from found.items
            place = found.next
            if place is None:
                return
