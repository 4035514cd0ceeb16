"""Whether an upsert of unknown outcome may be sent once more: only if it surely finds what its first sending made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from leadlens.conversion import UpsertRequest
from leadlens.errors import LeadlensError, OutcomeUnknownError, UsageError, VendorError
from leadlens.flow import Flow
from leadlens.model import Lead
from leadlens.operations import ConversionQuery, Operations, Query, match_queries
from leadlens.settle import SKEW, Operation, unknown

Run: TypeAlias = Callable[[Flow[Any]], Any]


def check_resending(operations: Operations, run: Run, operation: Operation, cause: VendorError) -> None:
    """Raise :class:`OutcomeUnknownError` unless an upsert can be sent once more without making a second record.

    What it matches by must be what its first sending wrote and what can be looked up, and a lead that matches must not
    have been converted meanwhile, since an upsert does not see converted leads.
    """
    request = operation.request
    assert isinstance(request, UpsertRequest)
    queries = match_queries(request)
    if not queries or len(queries) < len(request.match) or not _matches_itself(operations, request):
        raise unknown(cause, "not_probed", "it might not find by its keys what it made", operation)
    if not isinstance(request.record, Lead):
        return
    try:
        converted = any(_has_converted(operations, run, query, operation) for query in queries)
    except OutcomeUnknownError as error:
        raise unknown(cause, "probe_failed", "looking for what matches failed as well", operation) from error
    except LeadlensError as error:
        raise unknown(cause, "probe_failed", f"looking for what matches failed: {error}", operation) from None
    if converted:
        told = "a lead that matches may have been converted meanwhile, and another upsert would make a second one"
        raise unknown(cause, "converted_meanwhile", told, operation)


def _matches_itself(operations: Operations, request: UpsertRequest) -> bool:
    """Tell whether a record as it was written would be found by its own keys."""
    own = match_queries(attrs.evolve(request, match=tuple(attrs.evolve(key, value=None) for key in request.match)))
    lost = any(loss.path.startswith(("match", "record.custom_fields")) for loss in operations.upsert(request).losses)
    return own == match_queries(request) and not lost


def _has_converted(operations: Operations, run: Run, query: Query, operation: Operation) -> bool:
    """Tell whether a lead that matches is converted, or cannot be shown not to be."""
    try:
        return bool(run(operations.search("lead", attrs.evolve(query, converted=True), None)).items)
    except UsageError:  # this CRM does not search by it
        page = run(operations.search("lead", query, None))
    if page.items:
        return page.next is not None or any(run(operations.find_conversion(lead.id)) for lead in page.items)
    since = dt.datetime.fromtimestamp(operation.sent_wall - SKEW, dt.UTC)
    return bool(run(operations.conversions(ConversionQuery(since=since), None)).items)
