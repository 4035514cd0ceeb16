"""After an unknown outcome: wait, probe, decide.

Nothing is sent a second time unless a second conversion is impossible. The quiet period counts from the moment the
call was sent: its deadline, the time in which the CRM may still commit it, and the lag of its searches. Before that,
*not found* proves nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from leadlens.conversion import Conversion
from leadlens.errors import AmbiguousMatchError, OutcomeUnknownError, VendorError
from leadlens.flow import Flow

LATE_COMMIT = 120.0
"""How many seconds after its deadline a CRM may still commit a call."""
SEARCH_LAG = 60.0
"""How many seconds a CRM's search may be behind."""
SKEW = 300.0
"""How many seconds the clocks of a CRM and of this machine may differ."""


def quiet_period(deadline: float) -> float:
    """Return the seconds to wait before *not found* means anything."""
    return deadline + LATE_COMMIT + SEARCH_LAG


@attrs.frozen
class Sending:
    """One convert that was sent: which lead, and when, by our clock and by the calendar."""

    lead_id: str
    sent_at: float
    wall: float


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

    def settle(self, sending: Sending, cause: VendorError) -> Conversion | None:
        """Return the conversion that was made, or None when none was and it is safe to send once more.

        Raises :class:`OutcomeUnknownError` where a person has to look: with the reason in ``code``.
        """
        self.sleep(max(sending.sent_at + self.quiet - self.now(), 0.0))
        try:
            found = self.run(self.probe(sending.lead_id))
        except AmbiguousMatchError as several:
            raise _open(cause, "several_conversions") from several
        except VendorError as error:
            raise _open(cause, "probe_failed") from error
        if found is not None:
            if _was_before(found, sending):
                raise _open(cause, "foreign_conversion")
            return found
        if not self.again:
            raise _open(cause, "not_found")
        return None


def _was_before(found: Conversion, sending: Sending) -> bool:
    """Tell whether a conversion happened before ours was sent, by more than clocks differ: somebody else's."""
    if found.converted_at is None:
        return False
    return found.converted_at < dt.datetime.fromtimestamp(sending.wall - SKEW, dt.UTC)


def _open(cause: VendorError, code: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(cause.vendor, status=cause.status, code=code, request_id=cause.request_id)
