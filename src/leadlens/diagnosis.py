"""What can be found out about an account by asking and by trying."""

from __future__ import annotations

from leadlens.access import Window
from leadlens.client import Client
from leadlens.conversion import Conversion, ConvertRequest
from leadlens.errors import AlreadyConvertedError, InvalidRequestError, VendorError
from leadlens.http.told import skew
from leadlens.operations import ConversionQuery, Query, convert
from leadlens.settle import SEARCH_LAG

_PAUSES = (0.0, 2.0, 8.0, 20.0, SEARCH_LAG / 2)
"""How many seconds to wait before each look, together no less than lists are behind."""


def identity(client: Client) -> str | None:
    """Return what tells an account from others, for what is remembered of it; None for a sandbox in this process."""
    account = client.driver.account
    return None if account is None or account.where is not None else account.name


def windows(client: Client) -> tuple[Window, ...]:
    """Return how many calls or credits an account takes in how many seconds."""
    return () if client.adapter.access is None else client.adapter.access().windows


def clock_skew(client: Client) -> float | None:
    """Return how many seconds the CRM's clock is ahead of ours, as its replies say; None where they do not."""
    reading = client.operations.search("lead", Query(), None)
    reply = client.driver.carry(next(reading))  # type: ignore[arg-type]  # a search begins with a call
    reading.close()
    return skew(reply, client.driver.clock.wall())


def second_convert(client: Client, lead_id: str) -> tuple[str, tuple[Conversion, ...]]:
    """Convert a throw-away lead twice; return how the account takes it, and the conversions that it made.

    ``refused`` is an answer of the CRM's own to the second convert, after which the lead has one conversion; ``done``
    that there are two. Anything else is ``unknown``: a limit, spent credentials, a reply that was lost. It bypasses
    every guard of this library: never for a lead that matters.
    """
    request = ConvertRequest(lead_id=lead_id)
    first = client.convert(request, on_loss="report")
    try:
        second = client.driver.run(convert(client.operations, client.plan(request).calls, lead_id))
    except VendorError as error:
        refused = _is_for_the_lead(error) and _has_one(client, lead_id)
        return "refused" if refused else "unknown", (first,)
    return "done", (first, second.conversion)


def conversions_of(client: Client, lead_id: str) -> tuple[Conversion, ...]:
    """Return the conversions of one lead, as far as the CRM shows them by now."""
    return tuple(client.iter_conversions(ConversionQuery(lead_id=lead_id)))


def _is_for_the_lead(error: VendorError) -> bool:
    """Tell whether the CRM itself refused the convert, for what was asked: not for who asks, or how often."""
    about = isinstance(error, AlreadyConvertedError | InvalidRequestError)
    return about and error.status > 0 and error.step == "convert"


def _has_one(client: Client, lead_id: str) -> bool:
    """Tell whether a lead has exactly one conversion; a list that shows none yet is given the time of its lag."""
    for pause in _PAUSES:
        client.driver.clock.sleep(pause)
        try:
            found = conversions_of(client, lead_id)
        except VendorError:
            return False
        if found:
            return len(found) == 1
    return False
