"""What can be found out about an account by asking and by trying."""

from __future__ import annotations

from leadlens.access import Window
from leadlens.client import Client
from leadlens.conversion import Conversion, ConvertRequest
from leadlens.errors import RefusedError, VendorError
from leadlens.http.told import skew
from leadlens.operations import Query, convert


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

    ``refused`` and ``done`` are what the second call came to, ``unknown`` anything else. It bypasses every guard of
    this library: never for a lead that matters.
    """
    request = ConvertRequest(lead_id=lead_id)
    first = client.convert(request, on_loss="report")
    try:
        second = client.driver.run(convert(client.operations, client.plan(request).calls, lead_id))
    except RefusedError:
        return "refused", (first,)
    except VendorError:
        return "unknown", (first,)
    return "done", (first, second.conversion)
