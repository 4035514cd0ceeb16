"""One account of a CRM in this process: its link, its credentials and its governor, however many clients use it.

Two clients that each counted calls would together go over the limit, and two that each renewed would spend each other's
refresh tokens. An account is known by what it is given; only a digest of that is kept.
"""

from __future__ import annotations

import hashlib
import threading
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

import attrs

from leadlens.access import Access, Given, Secret
from leadlens.errors import UsageError
from leadlens.http.auth import Credentials
from leadlens.http.clock import Clock
from leadlens.http.link import Link
from leadlens.http.pacing import Governor

Key: TypeAlias = tuple[str, bytes, int]
_open: WeakValueDictionary[Key, Account] = WeakValueDictionary()
_lock = threading.Lock()


@attrs.frozen(eq=False)
class Account:
    """What all clients of one account share. ``key`` tells it from others, ``where`` is the sandbox it is in."""

    link: Link
    credentials: Credentials
    governor: Governor
    key: Key
    where: object = None

    @property
    def name(self) -> str:
        """The account's vendor and digest, for what is remembered of it."""
        return f"{self.key[0]}-{self.key[1].hex()[:32]}"


def account(
    vendor: str,
    access: Access,
    given: Given,
    clock: Clock,
    over: Any = None,
    where: object = None,
) -> Account:
    """Return the account of what is given: the one that is in use, or a new one.

    ``over`` is the ``requests.Session`` to use instead of one of its own; ``where`` tells sandboxes apart.
    """
    key = (vendor, _digest(given), 0 if where is None else id(where))
    with _lock:
        found = _open.get(key)
        if found is None:
            _open[key] = found = attrs.evolve(_made(vendor, access, given, clock, over, key), where=where)
    return found


def _made(vendor: str, access: Access, given: Given, clock: Clock, over: Any, key: Key) -> Account:
    """Return a new account; raises :class:`UsageError` without the frames that show a URL with a password in it."""
    try:
        link = Link(access.base_url(given), clock, over)
        credentials = Credentials(access, given, link, clock, vendor)
        return Account(link, credentials, Governor(access.windows, access.concurrent, clock), key)
    except UsageError as error:
        problem = error
    raise problem.with_traceback(None)


def _digest(given: Given) -> bytes:
    seen = hashlib.sha256()
    for name in sorted(given):
        value = given[name]
        text = value.reveal() if isinstance(value, Secret) else str(value).rstrip("/")
        for part in (name, text):
            data = part.encode("utf-8", "surrogatepass")
            seen.update(len(data).to_bytes(8, "big") + data)
    return seen.digest()
