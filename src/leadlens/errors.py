"""Every error that leadlens raises, grouped by what the caller should do.

::

    LeadlensError
    ├── UsageError                  change the call: a wrong name, option or combination
    │   ├── DeclarationError        change the crosswalk: an omission, a typo, an overlap (raised at import)
    │   ├── MappingError            change the mapping file: it lists every line that does not fit
    │   └── UnknownAdapterError     no adapter has that name
    ├── InputError                  change the input: it is not what it claims to be; carries the path
    ├── LossError                   allow the losses it lists, or change the request
    └── VendorError                 the CRM answered; carries vendor, status, code, path and request id
        ├── RefusedError            definitely not done
        │   ├── InvalidRequestError     change the request
        │   │   └── NotFoundError       the record or route does not exist
        │   ├── DuplicateError          a record with that unique value is there: use it
        │   │   └── AmbiguousMatchError     several records match: choose one
        │   ├── AlreadyConvertedError   the work is done: look up the conversion
        │   ├── CredentialsError        renew the credentials
        │   ├── NotPermittedError       ask the account's administrator
        │   └── TryLaterError           wait, then send again
        │       └── RateLimitError          wait as long as it says
        ├── PendingError            accepted, not finished: poll the job that it names
        └── OutcomeUnknownError     may or may not be done: never send again blindly
            └── RedirectedError         check the base URL: the reply leads elsewhere
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadlens.conversion import Conversion
    from leadlens.loss import Loss
    from leadlens.settle import Operation


class LeadlensError(Exception):
    """The root: catch this to catch everything that leadlens raises on purpose."""


class UsageError(LeadlensError):
    """A call that cannot be meant: the message says which argument and what would be right."""


class DeclarationError(UsageError):
    """A crosswalk that does not account for everything exactly once; raised when it is declared."""


class MappingError(UsageError):
    """A mapping file that cannot be used; ``problems`` lists each with file, line and what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class UnknownAdapterError(UsageError):
    """No installed adapter has the name that was asked for."""


class InputError(LeadlensError):
    """Input that is not what it claims to be.

    ``path`` is where (``$.data[0].Deals.Stage``), ``expected`` what would fit. The value itself is never quoted:
    it may be personal data.
    """

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}")
        self.path = path
        self.expected = expected


class LossError(LeadlensError):
    """The policy does not allow these losses; ``losses`` lists all of them."""

    def __init__(self, losses: Sequence[Loss]) -> None:
        self.losses = tuple(losses)
        lines = "\n".join(f"  {loss}" for loss in self.losses)
        super().__init__(f"{len(self.losses)} loss(es) that were not allowed:\n{lines}")


class VendorError(LeadlensError):
    """The CRM's own answer, or that there was none (``status`` 0).

    ``message`` is the vendor's text; it may quote the caller's data and stays out of str(). ``step`` tells at which
    step of an operation it came: read, before, convert, upsert or after. ``sent_at`` is when its call last left, in
    seconds of the driver's clock. ``items`` holds one error for each record of a call about several, where all of them
    failed.
    """

    items: tuple[VendorError, ...] = ()
    sent_at: float | None = None

    def __init__(
        self,
        vendor: str,
        *,
        status: int,
        code: str | None = None,
        path: str | None = None,
        request_id: str | None = None,
        message: str | None = None,
        candidates: Sequence[str] = (),
        retry_after: float | None = None,
        job_id: str | None = None,
    ) -> None:
        where = f" at {path}" if path else ""
        answer = f"answered {status} {code or 'without a code'}" if status else f"did not answer ({code})"
        super().__init__(f"{vendor} {answer}{where}: {self.advice}")
        self.vendor = vendor
        self.status = status
        self.code = code
        self.path = path
        self.request_id = request_id
        self.message = message
        self.candidates = tuple(candidates)
        self.retry_after = retry_after
        self.job_id = job_id
        self.step: str | None = None

    advice = "see the vendor's code"


class RefusedError(VendorError):
    """Definitely not done; nothing was changed."""

    advice = "the request was refused and nothing was changed"


class InvalidRequestError(RefusedError):
    """The request does not fit what the CRM takes: change it."""

    advice = "change the request; nothing was changed"


class NotFoundError(InvalidRequestError):
    """The record or the route does not exist."""

    advice = "no such record or route; check the id and the base URL"


class DuplicateError(RefusedError):
    """A record with that unique value exists; ``candidates`` names it where the vendor does."""

    advice = "a record with that unique value exists; use it instead"


class AmbiguousMatchError(DuplicateError):
    """Several records match; ``candidates`` holds their ids, or is empty when there are too many to list."""

    advice = "several records match; choose one"


class AlreadyConvertedError(RefusedError):
    """The lead was converted before: look the conversion up instead of converting again."""

    advice = "the lead is converted already; look up its conversion"
    conversion: Conversion | None = None


class CredentialsError(RefusedError):
    """The credentials are missing, wrong or expired."""

    advice = "renew the credentials"


class NotPermittedError(RefusedError):
    """The credentials are right and do not permit this."""

    advice = "ask the account's administrator for the permission"


class TryLaterError(RefusedError):
    """Refused for now: the same request can succeed later."""

    advice = "wait, then send it again"


class RateLimitError(TryLaterError):
    """Too many requests; ``retry_after`` holds the seconds when the vendor tells."""

    advice = "too many requests; wait, then send it again"


class PendingError(VendorError):
    """Accepted and not finished: ``job_id`` names what to poll."""

    advice = "accepted, not finished; poll the job"


class OutcomeUnknownError(VendorError):
    """May or may not be done: probe before anything is sent again.

    ``operation`` is what ``client.settle`` takes to go on, ``probed`` what was looked at meanwhile and found.
    """

    advice = "the outcome is unknown; nothing was sent again; client.settle(error.operation) goes on"
    operation: Operation | None = None

    def __init__(self, vendor: str, *, probed: str = "", **facts: Any) -> None:
        super().__init__(vendor, **facts)
        self.probed = probed
        if probed:
            self.args = (f"{self.args[0]} ({probed})",)


class RedirectedError(OutcomeUnknownError):
    """The reply leads to another address, which is never followed: most likely the base URL is wrong."""

    advice = "the reply leads elsewhere and was not followed; most likely the base URL is wrong"
