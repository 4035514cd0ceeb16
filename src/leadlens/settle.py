"""After an unknown outcome: wait, probe, decide.

Nothing is sent a second time unless a second conversion is impossible. The quiet period counts from the moment the
call was sent: its deadline, the time in which the CRM may still commit it, and the lag of its searches. Before that,
*not found* proves nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Literal

import attrs

from leadlens.conversion import Conversion, ConvertRequest, Existing, NewDeal, NoRecord, Nothing, UpsertRequest
from leadlens.errors import AmbiguousMatchError, OutcomeUnknownError, VendorError
from leadlens.flow import Call, Flow

LATE_COMMIT = 120.0
"""How many seconds after its deadline a CRM may still commit a call."""
SEARCH_LAG = 60.0
"""How many seconds a CRM's search may be behind."""
SKEW = 300.0
"""How many seconds the clocks of a CRM and of this machine may differ."""


def quiet_period(deadline: float) -> float:
    """Return the seconds to wait before *not found* means anything."""
    return deadline + LATE_COMMIT + SEARCH_LAG


@attrs.frozen(kw_only=True)
class Operation:
    """A write that was sent and whose outcome is unknown: what ``client.settle`` needs to go on with it.

    ``sent_at`` is the driver's clock and ``sent_wall`` the calendar's when it was sent, in seconds. ``known`` are the
    ids that its calls have brought so far, ``key`` its idempotency key. ``step`` is how far it came: at ``before`` the
    conversion itself was not sent. ``token`` tells it from others of the same request. The request shows in no repr.
    """

    kind: Literal["convert", "upsert"]
    request: ConvertRequest | UpsertRequest = attrs.field(repr=False)
    sent_at: float
    sent_wall: float
    calls: tuple[Call, ...] = attrs.field(default=(), repr=False)
    known: Mapping[str, str] = attrs.field(factory=dict)
    key: str | None = None
    step: str = "convert"
    account: str = ""
    token: str = attrs.field(factory=lambda: uuid.uuid4().hex, repr=False)

    @property
    def lead_id(self) -> str | None:
        """The lead that a conversion is about."""
        return self.request.lead_id if isinstance(self.request, ConvertRequest) else None


@attrs.frozen(kw_only=True)
class Settler:
    """What settling needs: to run flows, to wait, and the CRM's probe.

    ``again`` tells that this CRM refuses a second conversion, so that sending once more is safe.
    """

    run: Callable[[Flow[Conversion | None]], Conversion | None]
    probe: Callable[[str], Flow[Conversion | None]]
    now: Callable[[], float]
    sleep: Callable[[float], None]
    quiet: float
    again: bool

    def wait(self, operation: Operation) -> None:
        """Wait until the quiet period since an operation was sent is over."""
        self.sleep(max(operation.sent_at + self.quiet - self.now(), 0.0))

    def settle(self, operation: Operation, cause: VendorError) -> Conversion | None:
        """Return the conversion that was made, or None when none was and it is safe to send once more.

        Raises :class:`OutcomeUnknownError` where a person has to look: with the reason in ``code``.
        """
        self.wait(operation)
        lead_id = operation.lead_id or ""
        try:
            found = self.run(self.probe(lead_id))
        except AmbiguousMatchError as several:
            told = f"lead {lead_id} has several conversions: {', '.join(several.candidates)}"
            raise unknown(cause, "several_conversions", told, operation) from several
        except VendorError as error:
            raise unknown(cause, "probe_failed", f"looking lead {lead_id} up failed as well", operation) from error
        if found is not None:
            if was_before(found, operation):
                told = f"lead {lead_id} has a conversion that was there before this one was sent"
                raise unknown(cause, "foreign_conversion", told, operation)
            if contradicts(found, operation.request):
                told = f"lead {lead_id} has a conversion that is not what was asked for"
                raise unknown(cause, "foreign_conversion", told, operation)
            return found
        if not self.again:
            told = f"lead {lead_id} had no conversion {self.quiet:.0f} seconds after the call was sent"
            raise unknown(cause, "not_found", told, operation)
        return None


def unknown(cause: VendorError, code: str, probed: str, operation: Operation) -> OutcomeUnknownError:
    """Return the error of an outcome that stays open: why, what was looked at, and the operation to go on with."""
    error = OutcomeUnknownError(
        cause.vendor, status=cause.status, code=code, request_id=cause.request_id, probed=probed
    )
    error.operation = operation
    error.step = operation.kind
    return error


def contradicts(found: Conversion, request: ConvertRequest | UpsertRequest) -> bool:
    """Tell whether a conversion cannot be the one that was asked for: with a deal, or without, or of other records."""
    if not isinstance(request, ConvertRequest):
        return False
    has_deal = not isinstance(found.deal, NoRecord)
    if isinstance(request.deal, NewDeal | Existing) and not has_deal:
        return True
    if isinstance(request.deal, Nothing) and has_deal:
        return True
    pairs = ((request.contact, found.contact), (request.company, found.company), (request.deal, found.deal))
    return any(
        isinstance(asked, Existing) and not isinstance(there, NoRecord) and there.id not in (None, asked.id)
        for asked, there in pairs
    )


def was_before(found: Conversion, operation: Operation) -> bool:
    """Tell whether a conversion happened before ours was sent, by more than clocks differ: somebody else's."""
    if found.converted_at is None:
        return False
    return found.converted_at < dt.datetime.fromtimestamp(operation.sent_wall - SKEW, dt.UTC)
